from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import MONDAY, PlanningCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{MONDAY} 06:00:00")
class TestContractPlanning(PlanningCommon):
    """What other programs may and may not write, whoever asks."""

    def _create_brake_job(self):
        return self._create_order(
            {
                "lines": [(self.labour, 1)],
                "skill_ids": [Command.link(self.brakes.id)],
                "skill_progress": 50,
                "resource_type_ids": [Command.link(self.alignment.id)],
            }
        )

    def test_dragged_to_somebody_without_the_skill(self):
        order = self._create_brake_job()
        order.with_user(self.advisor).action_book()
        worker = order.booking_ids.filtered(lambda each: each.role == "technician")
        self.assertEqual(worker.resource_id, self.anna)
        with self.assertRaisesRegex(UserError, r"Ben does not suit.*Brakes \(50 %\)"):
            worker.with_user(self.advisor).action_move(resource_id=self.ben.id)
        self.assertEqual(order.job_ids.technician_id, self.employee_anna)
        order.job_ids.skill_progress = 40
        worker.with_user(self.advisor).action_move(resource_id=self.ben.id)
        self.assertEqual(order.job_ids.technician_id, self.employee_ben)

    def test_dragged_to_a_bay_without_the_equipment(self):
        order = self._create_brake_job()
        order.action_book()
        place = order.booking_ids.filtered(lambda each: each.role == "bay")
        self.assertEqual(place.resource_id, self.bay_alignment)
        with self.assertRaisesRegex(UserError, "Bay 1 does not suit.*Alignment"):
            place.with_user(self.advisor).action_move(resource_id=self.bay.id)

    def test_steps_of_the_appointment_are_not_written(self):
        order = self._create_work(1)
        for values in (
            {"booking_state": "confirmed"},
            {"date_arrived": "2026-03-02 06:00:00"},
            {"date_planned_stop": "2026-03-02 06:00:00"},
        ):
            with self.assertRaisesRegex(AccessError, f"{order.name}.*Take that step"):
                order.with_user(self.manager).write(values)
        order.with_user(self.advisor).action_arrive()
        self.assertEqual(order.booking_state, "arrived")

    def test_time_of_another_team_is_read(self):
        order = self._create_work(1, technician_id=self.employee.id)
        order.action_approve()
        order.job_ids.with_user(self.technician).action_clock_on()
        stranger = self._create_user("stranger", "aftersales.aftersales_group_user")
        other_team = self.team.copy({"member_ids": [Command.set(stranger.ids)]})
        self.assertNotEqual(other_team, order.team_id)
        self.env.invalidate_all()
        self.assertFalse(order.with_user(stranger).has_access("read"))
        (row,) = (
            self.env["aftersales.clock.entry"]
            .with_user(stranger)
            .search_read(
                [("stop", "=", False)],
                ["display_name", "current_job_id", "current_order_id", "asset_id"],
            )
        )
        self.assertIn("Job 1", row["display_name"])
        self.assertEqual(row["current_order_id"][0], order.id)

    def test_corrected_over_another_entry(self):
        Entry = self.env["aftersales.clock.entry"].with_user(self.advisor)
        first, second = (
            Entry.action_add(
                self.employee, f"{MONDAY} {start}", f"{MONDAY} {stop}", "x"
            )
            for start, stop in (("04:00:00", "05:00:00"), ("05:00:00", "06:00:00"))
        )
        with self.assertRaisesRegex(UserError, "06:00 – 07:00"):
            first.action_correct(reason="Longer", stop=f"{MONDAY} 05:30:00")
        with self.assertRaisesRegex(UserError, "can't overlap"):
            Entry.action_add(
                self.employee, f"{MONDAY} 04:30:00", f"{MONDAY} 04:40:00", "x"
            )
        first.action_correct(reason="Shorter", stop=f"{MONDAY} 04:30:00")
        second.action_correct(reason="Longer", start=f"{MONDAY} 04:30:00")
        self.assertEqual((first.hours, second.hours), (0.5, 1.5))

    def test_duplicated(self):
        self.assertNotEqual(self.lift.copy().name, self.lift.name)
        reason = self.env["aftersales.clock.reason"].create(
            {"name": "Test", "code": "test_reason"}
        )
        self.assertFalse(reason.copy().code)
