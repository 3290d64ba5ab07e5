from freezegun import freeze_time

from odoo.tests import tagged

from .app_common import AppCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestAppConflict(AppCommon):
    def setUp(self):
        super().setUp()
        self.visit = self._create_visit(2, "2026-03-02 14:00")
        self.job = self.visit.job_ids
        self.phone = self._phone()
        self.phone.pull()

    def _get_operation(self, result):
        return self.env["aftersales.field.operation"].search(
            [("name", "=", result["id"])]
        )

    def _conflict(self):
        """The desk writes the cause while the phone, offline, writes another one."""
        self.job.with_user(self.dispatcher).cause = "Pump broken"
        return self.phone.send(
            "set",
            self.visit,
            job_id=self.job.id,
            cause="Valve stuck",
            correction="Cleaned",
            base={"cause": "", "correction": ""},
        )

    # Texts

    def test_both_values_are_kept(self):
        result = self._conflict()
        self.assertEqual(result["state"], "conflict")
        (conflict,) = result["conflicts"]
        self.assertEqual(conflict["field"], "cause")
        self.assertEqual(conflict["mine"], "Valve stuck")
        self.assertEqual(conflict["theirs"], "Pump broken")
        self.assertEqual(conflict["base"], "")
        self.assertEqual(conflict["who"], self.dispatcher.name)
        self.assertTrue(conflict["when"])
        self.assertIn("Cause", result["message"])
        self.assertEqual(self.job.cause, "Pump broken", "the desk's value stands")
        self.assertEqual(self.job.correction, "Cleaned", "nobody else wrote this one")

    def test_same_value_is_no_conflict(self):
        self.job.cause = "Valve stuck"
        result = self.phone.send(
            "set", self.visit, job_id=self.job.id, cause="Valve stuck"
        )
        self.assertEqual(result["state"], "done")

    def test_value_that_was_not_seen_is_not_overwritten(self):
        self.job.cause = "Pump broken"
        result = self.phone.send(
            "set", self.visit, job_id=self.job.id, cause="Valve stuck"
        )
        self.assertEqual(result["state"], "conflict")

    def test_own_values_one_after_another(self):
        self.phone.do("set", self.visit, job_id=self.job.id, cause="A")
        self.phone.do(
            "set", self.visit, job_id=self.job.id, cause="AB", base={"cause": "A"}
        )
        self.assertEqual({each["state"] for each in self.phone.sync()}, {"done"})
        self.assertEqual(self.job.cause, "AB")

    def test_two_phones_on_one_visit(self):
        self.visit.action_plan(helpers=self.employee_ben)
        second = self._phone(self.ben_user)
        for phone, words in ((self.phone, "Anna's words"), (second, "Ben's words")):
            phone.do("arrive", self.visit)
            phone.do("set", self.visit, job_id=self.job.id, cause=words)
        first, other = self.phone.sync(), second.sync()
        self.assertEqual([each["state"] for each in first], ["done", "done"])
        self.assertEqual([each["state"] for each in other], ["done", "conflict"])
        self.assertEqual(other[1]["conflicts"][0]["who"], self.anna_user.name)
        self.assertEqual(self.visit.state, "onsite")

    def test_step_that_arrives_late_leaves_its_stamp(self):
        self.visit.action_plan(helpers=self.employee_ben)
        second = self._phone(self.ben_user)
        second.do("travel", self.visit, ago={"minutes": 30})
        self.phone.send("arrive", self.visit, ago={"minutes": 5})
        (result,) = second.sync()
        self.assertEqual(result["state"], "done", result)
        self.assertEqual(self.visit.state, "onsite")
        stamps = self.visit.stamp_ids.sorted("date")
        self.assertEqual(stamps.mapped("kind"), ["travel", "arrive"])

    def test_step_further_on_counts_whoever_set_off_later(self):
        """The desk says “on the way” after the engineer, offline, has arrived."""
        self.phone.do("arrive", self.visit, ago={"minutes": 30})
        self.phone.do("pause", self.visit, ago={"minutes": 20}, reason="Meal")
        self.visit.with_user(self.dispatcher).action_travel()
        results = self.phone.sync()
        self.assertEqual([each["state"] for each in results], ["done", "done"])
        self.assertEqual(self.visit.state, "paused")
        arrived = self.visit.stamp_ids.filtered(lambda stamp: stamp.kind == "arrive")
        self.assertEqual(self.visit.date_arrived, arrived.date)
        self.assertFalse(
            self.env["aftersales.clock.entry"].search(
                [
                    ("employee_id", "=", self.employee_anna.id),
                    ("stop", "=", False),
                    ("kind", "=", "indirect"),
                ]
            ),
            "nobody is on the way any more",
        )

    def test_helper_set_off_after_the_lead_had_arrived(self):
        self.visit.action_plan(helpers=self.employee_ben)
        self.phone.do("arrive", self.visit, ago={"minutes": 30})
        self._phone(self.ben_user).send("travel", self.visit, ago={"minutes": 5})
        self.assertEqual(self.visit.state, "travel")
        self.assertEqual(self.phone.sync()[0]["state"], "done")
        self.assertEqual(self.visit.state, "onsite")

    def test_pause_before_a_resume_of_the_other_phone(self):
        second = self._phone()
        self.phone.send("arrive", self.visit, ago={"minutes": 30})
        second.do("pause", self.visit, ago={"minutes": 25}, reason="Meal")
        self.phone.send("pause", self.visit, ago={"minutes": 20}, reason="Meal")
        self.phone.send("resume", self.visit, ago={"minutes": 10})
        self.assertEqual(second.sync()[0]["state"], "done")
        self.assertEqual(self.visit.state, "onsite")

    def test_note_of_the_visit(self):
        self.assertEqual(
            self.phone.send("set", self.visit, note="Ring twice")["state"], "done"
        )
        self.visit.with_user(self.dispatcher).note = "Use the back door"
        result = self.phone.send(
            "set", self.visit, note="Dog!", base={"note": "Ring twice"}
        )
        self.assertEqual(result["conflicts"][0]["theirs"], "Use the back door")

    def test_other_fields_are_refused(self):
        for values in (
            {"state": "done"},
            {"technician_id": self.employee_ben.id},
            {"job_id": self.job.id, "state": "done"},
            {"job_id": self.job.id, "payer_id": 1},
            {"job_id": self.job.id, "cause": {"a": 1}},
        ):
            with self.subTest(values):
                result = self.phone.send("set", self.visit, **values)
                self.assertEqual(result["state"], "refused")

    # Checklists

    def test_answers_of_two_phones(self):
        inspection = self._create_checklist(self.visit)
        answers = inspection.answer_ids.grouped("item_id")
        seen = {str(self.words.id): {"value_text": ""}}
        inspection.save_answers([{"item_id": self.words.id, "value_text": "Dry"}])
        result = self.phone.send(
            "answers",
            self.visit,
            inspection_id=inspection.id,
            answers=[
                {"item_id": self.words.id, "value_text": "Wet"},
                {"item_id": self.pressure.id, "value_number": 2.5},
            ],
            base=seen,
        )
        self.assertEqual(result["state"], "conflict")
        self.assertEqual(result["conflicts"][0]["theirs"], "Dry")
        self.assertEqual(answers[self.words].value_text, "Dry")
        self.assertEqual(answers[self.pressure].value_number, 2.5)
        operation = self._get_operation(result)
        operation.with_user(self.dispatcher).action_keep_phone()
        self.assertEqual(answers[self.words].value_text, "Wet")

    # Visits that went away

    def test_steps_of_a_visit_that_went_away(self):
        second = self._create_visit(1, "2026-03-03 09:00")
        self.phone.pull()
        self.phone.do("arrive", self.visit, ago={"minutes": 30})
        self.phone.do("set", self.visit, job_id=self.job.id, cause="Worn")
        self.phone.do("arrive", second)
        self.visit.action_cancel(reason="Sold the machine")
        second.action_plan(technician=self.employee_ben)
        results = self.phone.sync()
        self.assertEqual({each["state"] for each in results}, {"refused"})
        self.assertIn("Sold the machine", results[0]["message"])
        self.assertIn("Ben", results[2]["message"])
        self.assertEqual(set(self.phone.gone), {self.visit.id, second.id})
        kept = self._get_operation(results[0])
        self.assertEqual(kept.visit_id, self.visit)
        self.assertEqual(kept.employee_id, self.employee_anna)
        self.assertEqual(kept.payload["place"]["latitude"], 52.5)
        self.assertEqual(second.state, "planned")
