from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .app_common import AppCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 15:00:00")
class TestAppClock(AppCommon):
    def setUp(self):
        super().setUp()
        self.visit = self._create_visit(2, "2026-03-03 09:00")
        self.job = self.visit.job_ids
        self.phone = self._phone()

    def _at(self, **ago):
        return fields.Datetime.now() - timedelta(**ago)

    def _get_entries(self):
        return self.env["aftersales.clock.entry"].search(
            [("employee_id", "=", self.employee_anna.id)], order="start"
        )

    def test_hours_without_a_network_are_the_right_hours(self):
        reason = self.env["aftersales.clock.reason"].create(
            {"name": "Lunch", "kind": "pause"}
        )
        for kind, minutes, values in (
            ("travel", 300, {}),
            ("arrive", 270, {}),
            ("clock_on", 260, {"job_id": self.job.id}),
            ("clock_pause", 200, {"job_id": self.job.id, "reason_id": reason.id}),
            ("clock_on", 170, {"job_id": self.job.id}),
            ("clock_off", 110, {"job_id": self.job.id}),
        ):
            self.phone.do(kind, self.visit, ago={"minutes": minutes}, **values)
        results = self.phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        entries = self._get_entries()
        self.assertEqual(
            [(each.kind, round(each.hours * 60)) for each in entries],
            [("indirect", 30), ("work", 60), ("pause", 30), ("work", 60)],
        )
        self.assertEqual(
            entries[0].reason_id,
            self.env.ref("aftersales_field.clock_reason_travel"),
        )
        self.assertEqual(self.job.clocked_hours, 2.0)

    def test_times_that_are_taken_or_to_come_are_refused(self):
        self.env["aftersales.clock.entry"].with_user(self.dispatcher).action_add(
            self.employee_anna.id,
            self._at(hours=3),
            self._at(hours=2),
            reason="Forgotten",
            job=self.job.id,
        )
        result = self.phone.send(
            "clock_on", self.visit, ago={"minutes": 150}, job_id=self.job.id
        )
        self.assertEqual(result["state"], "refused")
        self.assertIn("overlap", result["message"])
        with self.assertRaisesRegex(UserError, "has not come"):
            self.job.with_user(self.anna_user).action_clock_on(
                moment=self._at(hours=-1)
            )
        self.job.with_user(self.anna_user).action_clock_on(moment=self._at(hours=1))
        with self.assertRaisesRegex(UserError, "began later"):
            self.job.with_user(self.anna_user).action_clock_off(
                moment=self._at(minutes=90)
            )
        self.job.with_user(self.anna_user).action_clock_off(moment=self._at(minutes=30))
        self.assertEqual(self._get_entries()[-1].hours, 0.5)

    def test_travel_that_can_not_be_clocked_is_no_obstacle(self):
        entry = self.env["aftersales.clock.entry"].with_user(self.dispatcher)
        entry.action_add(
            self.employee_anna.id,
            self._at(hours=3),
            self._at(hours=1),
            reason="Forgotten",
            job=self.job.id,
        )
        result = self.phone.send("travel", self.visit, ago={"hours": 2})
        self.assertEqual(result["state"], "done")
        self.assertEqual(self.visit.state, "travel")
        self.assertIn("not recorded", str(self.visit.message_ids.mapped("body")))

    def test_reason_archived_no_time_on_the_road(self):
        self.env.ref("aftersales_field.clock_reason_travel").active = False
        self.phone.send("travel", self.visit, ago={"hours": 2})
        self.phone.send("arrive", self.visit, ago={"hours": 1})
        self.assertFalse(self._get_entries())

    def test_turn_back_ends_the_time_on_the_road(self):
        self.phone.do("travel", self.visit, ago={"hours": 2})
        self.phone.do("turn_back", self.visit, ago={"hours": 1}, note="Flat tyre")
        self.assertEqual({each["state"] for each in self.phone.sync()}, {"done"})
        self.assertEqual(self.visit.state, "planned")
        self.assertEqual(self._get_entries().hours, 1.0)

    def test_clock_ends_after_the_visit_went_to_somebody_else(self):
        self.phone.send("clock_on", self.visit, ago={"hours": 2}, job_id=self.job.id)
        self.visit.action_plan(technician=self.employee_ben)
        self.phone.do("clock_off", self.visit, ago={"hours": 1}, job_id=self.job.id)
        self.phone.do("clock_on", self.visit, job_id=self.job.id)
        self.assertEqual(
            [each["state"] for each in self.phone.sync()], ["done", "refused"]
        )
        self.assertEqual(self._get_entries().hours, 1.0)

    def test_advisor_without_an_employee_has_no_clock(self):
        phone = self._phone(self.dispatcher)
        result = phone.send("clock_on", self.visit, job_id=self.job.id)
        self.assertEqual(result["state"], "refused")
        self.assertIn("no employee", result["message"])
        self.assertEqual(phone.send("travel", self.visit)["state"], "done")

    def test_subcontractor_clocks(self):
        visit = self._create_visit(1, "2026-03-03 09:00", self.employee_carl)
        phone = self._phone(self.portal_engineer_user)
        phone.do("arrive", visit, ago={"hours": 3})
        phone.do("clock_on", visit, ago={"hours": 2}, job_id=visit.job_ids.id)
        phone.do("clock_off", visit, ago={"hours": 1}, job_id=visit.job_ids.id)
        results = phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertEqual(visit.job_ids.clocked_hours, 1.0)

    def _get_running(self):
        return self.env["aftersales.clock.entry"].search([("stop", "=", False)])

    def test_helper_arrives_on_a_way_of_his_own(self):
        self.visit.action_plan(helpers=self.employee_ben)
        ben = self._phone(self.ben_user)
        self.phone.do("travel", self.visit, ago={"minutes": 120})
        self.phone.do("arrive", self.visit, ago={"minutes": 90})
        self.phone.sync()
        ben.do("travel", self.visit, ago={"minutes": 110})
        ben.do("arrive", self.visit, ago={"minutes": 80})
        ben.do("arrive", self.visit, ago={"minutes": 70})
        self.assertEqual({each["state"] for each in ben.sync()}, {"done"})
        self.assertFalse(self._get_running())
        stamps = self.visit.stamp_ids.filtered(
            lambda stamp: stamp.employee_id == self.employee_ben
        )
        self.assertEqual(stamps.mapped("kind"), ["travel", "arrive"])
        entry = self.env["aftersales.clock.entry"].search(
            [("employee_id", "=", self.employee_ben.id)]
        )
        self.assertEqual(entry.hours, 0.5)

    def test_way_ends_with_the_visit(self):
        self.visit.action_plan(helpers=self.employee_ben)
        self.visit.with_user(self.anna_user).action_arrive()
        ben = self._phone(self.ben_user)
        ben.do("travel", self.visit, ago={"hours": 1})
        self.assertEqual(ben.sync()[0]["state"], "done")
        self.assertEqual(self._get_running().employee_id, self.employee_ben)
        self.visit.with_user(self.anna_user).action_finish("follow_up", note="More")
        self.assertFalse(self._get_running())

    def test_way_ends_when_the_visit_is_called_off(self):
        other = self._create_visit(2, "2026-03-04 09:00")
        other.with_user(self.anna_user).action_travel(moment=self._at(hours=1))
        self.visit.with_user(self.dispatcher).action_cancel(reason="Storm")
        self.assertTrue(self._get_running(), "who is on the way elsewhere goes on")
        other.with_user(self.dispatcher).action_cancel(reason="Storm")
        self.assertFalse(self._get_running())

    def test_way_of_a_helper_ends_when_the_visit_is_given_back(self):
        self.visit.action_plan(helpers=self.employee_ben)
        for user in (self.anna_user, self.ben_user):
            self.visit.with_user(user).action_travel(moment=self._at(hours=1))
        self.assertEqual(len(self._get_running()), 2)
        self.visit.with_user(self.anna_user).action_hand_over(note="Broke down")
        self.assertEqual(self.visit.state, "draft")
        self.assertFalse(self._get_running())

    def test_hand_over_was_when_it_was(self):
        with freeze_time("2026-03-03 08:00:00"):
            self.phone.send("arrive", self.visit)
            self.phone.send("clock_on", self.visit, job_id=self.job.id)
        with freeze_time("2026-03-03 12:30:00"):
            self.phone.do(
                "hand_over",
                self.visit,
                ago={"hours": 3, "minutes": 30},
                technician_id=self.employee_ben.id,
                note="The rest",
            )
            (result,) = self.phone.sync()
        self.assertEqual(result["state"], "done", result["message"])
        self.assertEqual(self.job.clocked_hours, 1.0)
        stamp = self.visit.stamp_ids[-1:]
        self.assertEqual(str(stamp.date), "2026-03-03 09:00:00")
        self.assertEqual(stamp.latitude, 52.5)
        mine = self.visit.booking_ids.filtered(
            lambda booking: booking.resource_id == self.anna
        )
        self.assertEqual(str(mine.stop), "2026-03-03 09:00:00")

    def test_entry_settled_at_the_desk_is_of_who_made_it(self):
        self.visit.action_plan(helpers=self.employee_ben)
        ben = self._phone(self.ben_user)
        Visit = type(self.env["aftersales.visit"])
        with patch.object(Visit, "action_travel", side_effect=UserError("Later")):
            result = ben.send("travel", self.visit)
        self.assertEqual(result["state"], "refused")
        entry = self.env["aftersales.field.operation"].search(
            [("name", "=", result["id"])]
        )
        entry.with_user(self.dispatcher).action_retry()
        self.assertEqual(self.visit.stamp_ids.employee_id, self.employee_ben)
