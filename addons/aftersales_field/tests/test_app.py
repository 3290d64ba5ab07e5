from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .app_common import AppCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestApp(AppCommon):
    def setUp(self):
        super().setUp()
        self.visit = self._create_visit(2, "2026-03-02 14:00", site=self.site_mitte)
        self.job = self.visit.job_ids

    # What the phone gets

    def test_pull_brings_own_visits_once(self):
        self._create_visit(2, "2026-03-02 14:00", technician=self.employee_ben)
        phone = self._phone()
        answer = phone.pull()
        (visit,) = answer["visits"]
        self.assertEqual(visit["id"], self.visit.id)
        self.assertEqual(visit["name"], self.visit.name)
        self.assertEqual(visit["jobs"][0]["id"], self.job.id)
        self.assertEqual(visit["site"]["latitude"], 52.5163)
        self.assertTrue(visit["is_lead"])
        self.assertEqual(answer["user"]["employee_id"], self.employee_anna.id)
        self.assertTrue(answer["reference"]["products"])
        again = phone.pull()
        self.assertFalse(again["visits"])
        self.assertFalse(again["gone"])
        self.assertFalse(again["reference"])

    def test_whatever_changes_is_sent_again(self):
        inspection = self._create_checklist(self.visit)
        changes = {
            "complaint": lambda: self.visit.order_id.write({"complaint": "Smells"}),
            "job": lambda: self.job.write({"cause": "Worn"}),
            "line": lambda: self.job.line_ids[0].write({"name": "Other words"}),
            "answer": lambda: inspection.save_answers(
                [{"item_id": self.words.id, "value_text": "Fine"}]
            ),
            "address": lambda: self.site_mitte.write({"street": "Unter den Linden"}),
            "customer": lambda: self.customer.write({"phone": "+49 30 1234"}),
            "time": lambda: self.visit.action_plan(
                start=self._local("2026-03-02 15:00")
            ),
            "step": lambda: self.visit.action_travel(),
        }
        phone = self._phone()
        phone.pull()
        for name, change in changes.items():
            with self.subTest(name):
                change()
                self.env.flush_all()
                self.assertEqual(len(phone.pull()["visits"]), 1)
                self.assertFalse(phone.pull()["visits"])

    def test_days_ahead(self):
        self.visit.action_plan(start=self._local("2026-03-12 09:00"))
        phone = self._phone()
        self.assertFalse(phone.pull()["visits"])
        self.company.aftersales_app_days = 14
        self.assertEqual(len(phone.pull()["visits"]), 1)

    def test_visits_leave_with_a_reason(self):
        second = self._create_visit(1, "2026-03-03 09:00")
        third = self._create_visit(1, "2026-03-03 11:00")
        fourth = self._create_visit(1, "2026-03-04 11:00")
        phone = self._phone()
        phone.pull()
        self.visit.action_cancel(reason="Sold the machine")
        second.action_plan(technician=self.employee_ben)
        third.action_unplan(reason="Storm")
        fourth.action_plan(start=self._local("2026-03-24 09:00"))
        phone.visits[10**8] = {"version": "x"}
        answer = phone.pull()
        self.assertFalse(answer["visits"])
        reasons = {gone["id"]: gone["reason"] for gone in answer["gone"]}
        self.assertIn("Sold the machine", reasons[self.visit.id])
        self.assertIn("Ben", reasons[second.id])
        self.assertIn("planned anew", reasons[third.id])
        self.assertIn("moved to", reasons[fourth.id])
        self.assertIn("not yours", reasons[10**8])
        self.assertFalse(phone.visits)

    def test_nothing_is_told_about_visits_of_others(self):
        foreign = self._create_visit(1, "2026-03-03 09:00", self.employee_ben)
        phone = self._phone()
        phone.visits[foreign.id] = {"version": "guessed"}
        (gone,) = phone.pull()["gone"]
        self.assertEqual(gone["name"], "")
        self.assertEqual(gone["reason"], "This visit is not yours.")

    def test_subcontractor_gets_own_visits(self):
        visit = self._create_visit(1, "2026-03-03 09:00", self.employee_carl)
        phone = self._phone(self.portal_engineer_user)
        self.assertEqual([each["id"] for each in phone.pull()["visits"]], [visit.id])
        result = phone.send("travel", visit)
        self.assertEqual(result["state"], "done", result)
        self.assertEqual(visit.state, "travel")

    # What the phone sends

    def test_a_visit_arrives_as_it_was(self):
        inspection = self._create_checklist(self.visit)
        phone = self._phone()
        phone.pull()
        phone.do("travel", self.visit, ago={"minutes": 200})
        phone.do("arrive", self.visit, ago={"minutes": 180})
        phone.do("clock_on", self.visit, ago={"minutes": 170}, job_id=self.job.id)
        phone.do(
            "answers",
            self.visit,
            inspection_id=inspection.id,
            answers=[{"item_id": self.earthed.id, "value_yes_no": "yes"}],
        )
        phone.do(
            "set",
            self.visit,
            job_id=self.job.id,
            cause="Worn",
            base={"cause": ""},
        )
        phone.do("clock_off", self.visit, ago={"minutes": 50}, job_id=self.job.id)
        batch = list(phone.outbox)
        results = phone.sync()
        self.assertEqual({result["state"] for result in results}, {"done"}, results)
        self.assertEqual(self.visit.state, "onsite")
        self.assertEqual(self.job.cause, "Worn")
        arrive = self.visit.stamp_ids.filtered(lambda stamp: stamp.kind == "arrive")
        self.assertEqual(arrive.date, fields.Datetime.now() - timedelta(minutes=180))
        self.assertEqual(arrive.latitude, 52.5)
        work = self.job.clock_entry_ids
        self.assertAlmostEqual(work.hours, 2.0)
        self.assertEqual(
            inspection.answer_ids.filtered("value_yes_no").value_yes_no, "yes"
        )
        # The same again, and again the other way round, and a part of it.
        count = self.env["aftersales.field.operation"].search_count([])
        for again in (batch, batch[::-1], batch[2:4]):
            results = phone.sync(again)
            self.assertEqual({result["state"] for result in results}, {"done"})
        self.assertEqual(len(self.visit.stamp_ids), 2)
        self.assertEqual(self.job.clock_entry_ids, work)
        self.assertEqual(self.env["aftersales.field.operation"].search_count([]), count)

    def test_one_bad_entry_leaves_the_others(self):
        phone = self._phone()
        phone.do("travel", self.visit, ago={"minutes": 20})
        phone.do("resume", self.visit, ago={"minutes": 15})
        phone.do("fly", self.visit)
        phone.do("arrive", self.visit, ago={"minutes": 10})
        states = [result["state"] for result in phone.sync()]
        self.assertEqual(states, ["done", "refused", "refused", "done"])
        self.assertEqual(self.visit.state, "onsite")

    def test_same_entry_twice_in_one_batch(self):
        phone = self._phone()
        operation = phone.do("travel", self.visit)
        phone.outbox.append(operation)
        self.assertEqual([each["state"] for each in phone.sync()], ["done", "done"])
        self.assertEqual(len(self.visit.stamp_ids), 1)

    def test_changed_after_its_answer_was_lost(self):
        """What was sent under a name and then changed is never told “done” unseen."""
        phone, job = self._phone(), self.visit.job_ids
        first = phone.do("set", self.visit, job_id=job.id, cause="Worn")
        first["base"] = {"cause": "", "correction": ""}
        phone.sync()
        told = {"job_id": job.id, "cause": "Worn", "correction": "New seal"}
        second = {**first, "values": told}
        (result,) = phone.sync([second])
        self.assertEqual(result["state"], "done")
        self.assertEqual((job.cause, job.correction), ("Worn", "New seal"))
        third = {**first, "values": {"job_id": job.id, "cause": "Worn, torn"}}
        result, again = phone.sync([third, third])
        self.assertEqual(result["state"], "conflict", "kept for the dispatcher")
        self.assertEqual(result["conflicts"][0]["mine"], "Worn, torn")
        self.assertEqual(result, again)
        # Each of them, sent again, is what it was.
        results = phone.sync([first, second, third])
        self.assertEqual(
            [each["state"] for each in results], ["done", "done", "conflict"]
        )
        operations = self.env["aftersales.field.operation"].search(
            [("visit_id", "=", self.visit.id)]
        )
        self.assertEqual(len(operations), 3)

    def test_same_name_for_two_things_in_one_batch(self):
        phone, job = self._phone(), self.visit.job_ids
        first = phone.do("set", self.visit, job_id=job.id, cause="Worn")
        second = {**first, "values": {"job_id": job.id, "correction": "New seal"}}
        results = phone.sync([first, second])
        self.assertEqual([each["state"] for each in results], ["done", "done"])
        self.assertEqual((job.cause, job.correction), ("Worn", "New seal"))

    def test_clock_of_the_phone_is_a_day_off(self):
        for skew in (timedelta(days=1), timedelta(days=-1, hours=-3)):
            with self.subTest(skew):
                visit = self._create_visit(1, f"2026-03-0{3 + (skew.days > 0)} 09:00")
                phone = self._phone(skew=skew)
                phone.do("travel", visit, ago={"minutes": 40})
                phone.do("arrive", visit, ago={"minutes": 10})
                phone.sync()
                travel, arrive = visit.stamp_ids
                now = fields.Datetime.now()
                self.assertEqual(travel.date, now - timedelta(minutes=40))
                self.assertEqual(arrive.date, now - timedelta(minutes=10))
                self.assertEqual(arrive.date_device, arrive.date + skew)

    def test_times_are_never_to_come_and_keep_their_order(self):
        phone = self._phone()
        # The phone's clock was put right between these.
        phone.do("travel", self.visit)["moment"] = "2026-03-02T11:00:00.000Z"
        phone.do("arrive", self.visit)["moment"] = "2026-03-05T11:30:00+02:00"
        phone.do("pause", self.visit, reason="Lunch")["moment"] = "2026-03-02T11:40:00"
        phone.do("resume", self.visit)["moment"] = "nonsense"
        results = phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertEqual(
            self.visit.stamp_ids.sorted("id").mapped("date"),
            [
                fields.Datetime.to_datetime(f"2026-03-02 {time}:00")
                for time in ("11:00", "11:40", "11:40", "12:00")
            ],
        )

    def test_unusable_input_is_refused_and_kept(self):
        phone = self._phone()
        bad = [
            {},
            {"id": 7, "kind": "travel", "visit_id": "x"},
            {"id": "a", "kind": ["travel"], "visit_id": {}},
            {"id": "b", "kind": "travel", "visit_id": True, "moment": {}},
            {"id": "c", "kind": "travel", "visit_id": 10**30},
            {"id": "d\x00", "kind": "set", "visit_id": self.visit.id, "values": []},
            {"id": "e" * 500, "kind": "travel", "values": {}},
            {"id": "f", "kind": "_get_kinds", "visit_id": self.visit.id, "values": {}},
            {
                "id": "g",
                "kind": "set",
                "visit_id": self.visit.id,
                "values": {"cause": "\ud800\x00", "note": float("nan")},
            },
            "text",
            None,
        ]
        answer = phone.app.sync(phone.device, "??", bad, {"x": 1, "²": 2}, 7)
        self.assertEqual({each["state"] for each in answer["results"]}, {"refused"})
        kept = self.env["aftersales.field.operation"].search(
            [("user_id", "=", self.anna_user.id)]
        )
        self.assertGreaterEqual(len(kept), len(bad) - 1)
