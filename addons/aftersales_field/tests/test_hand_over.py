from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_visit_close import CloseCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestHandOver(CloseCommon):
    def test_planned_visit_goes_to_a_colleague_at_its_time(self):
        visit = self._create_visit(2, "2026-03-02 14:00").with_user(self.anna_user)
        with self.assertRaisesRegex(UserError, "say why"):
            visit.action_hand_over(self.employee_ben.id)
        visit.action_hand_over(self.employee_ben.id, note="Knows the machine")
        visit = visit.sudo()
        self.assertEqual(visit.technician_id, self.employee_ben)
        self.assertEqual(visit.start, self._local("2026-03-02 14:00"))
        self.assertEqual(visit.job_ids.technician_id, self.employee_ben)
        stamp = visit.stamp_ids
        self.assertEqual((stamp.kind, stamp.note), ("hand_over", "Knows the machine"))
        self.assertEqual(stamp.colleague_id, self.employee_ben)
        self.assertEqual(stamp.employee_id, self.employee_anna)
        visit.action_hand_over(self.employee_ben.id, note="Knows the machine")
        self.assertEqual(visit.stamp_ids, stamp, "a replay changes nothing")

    def test_nobody_hands_over_twice_or_from_somebody_else(self):
        visit = self._create_visit(2, "2026-03-02 14:00").with_user(self.anna_user)
        visit.action_hand_over(self.employee_ben.id, note="x")
        with self.assertRaises(AccessError):
            visit.action_hand_over(self.employee_carl.id, note="x")

    def test_colleague_who_is_taken_is_named(self):
        self._create_visit(2, "2026-03-02 14:00", self.employee_ben)
        visit = self._create_visit(2, "2026-03-02 14:00").with_user(self.anna_user)
        with self.assertRaisesRegex(UserError, "Ben is taken"):
            visit.action_hand_over(self.employee_ben, note="x")
        self.assertEqual(visit.technician_id, self.employee_anna)

    def test_begun_visit_is_planned_from_now(self):
        visit = self._arrive()
        job = visit.sudo().job_ids
        job.with_user(self.anna_user).action_clock_on()
        visit.action_hand_over(self.employee_ben.id, note="Cover is off")
        visit = visit.sudo()
        self.assertEqual(visit.state, "planned")
        self.assertEqual(visit.technician_id, self.employee_ben)
        self.assertFalse(job.clock_entry_ids.filtered(lambda each: not each.stop))
        own = visit.booking_ids.filtered(lambda each: each.resource_id == self.anna)
        self.assertEqual(own.state, "done")
        new = visit.booking_ids - own
        self.assertEqual(new.stop, self._local("2026-03-02 11:00"))
        visit.with_user(self.ben_user).action_arrive()
        self.assertEqual(visit.state, "onsite")

    def test_helper_on_site_goes_on(self):
        visit = self._create_visit(2)
        visit.action_plan(
            start=self._local("2026-03-02 09:00"),
            technician=self.employee_anna,
            helpers=self.employee_ben,
        )
        visit = visit.with_user(self.anna_user)
        visit.action_arrive()
        visit.action_hand_over(self.employee_ben.id, note="Next customer waits")
        visit = visit.sudo()
        self.assertEqual(visit.state, "onsite")
        self.assertEqual(visit.technician_id, self.employee_ben)
        self.assertFalse(visit.helper_ids)

    def test_back_to_the_dispatcher(self):
        planned = self._create_visit(2, "2026-03-02 14:00").with_user(self.anna_user)
        planned.action_hand_over(note="Car broke down")
        self.assertEqual(planned.sudo().state, "draft")
        self.assertFalse(planned.sudo().technician_id)
        self.assertIn("another engineer", planned.sudo().order_id.activity_ids.summary)
        begun = self._arrive("2026-03-02 09:00")
        begun.action_hand_over(note="Called away")
        self.assertEqual(begun.state, "paused")

    def test_only_engineers_of_the_company(self):
        visit = self._create_visit(2, "2026-03-02 14:00").with_user(self.anna_user)
        with self.assertRaisesRegex(UserError, "Choose one engineer"):
            visit.action_hand_over(self.employee.id, note="x")

    def test_portal_engineer_hands_over(self):
        visit = self._create_visit(2, "2026-03-02 14:00", self.employee_carl)
        visit = visit.with_user(self.portal_engineer_user)
        visit.action_hand_over(self.employee_ben.id, note="x")
        self.assertEqual(visit.sudo().technician_id, self.employee_ben)
        with self.assertRaises(AccessError):
            visit.action_travel()

    def test_block_is_reported_at_once(self):
        self.team.user_id = self.manager
        self.team.member_ids = [Command.link(self.manager.id)]
        visit = self._arrive()
        with self.assertRaisesRegex(UserError, "say why"):
            visit.action_report_block(" ")
        visit.action_report_block("Customer does not let me leave")
        visit.action_report_block("Customer does not let me leave")
        visit = visit.sudo()
        self.assertEqual(visit.activity_ids.user_id, self.manager)
        self.assertEqual(len(visit.activity_ids), 1)
        self.assertEqual(visit.stamp_ids[-1:].kind, "block")
        with self.assertRaises(AccessError):
            visit.with_user(self.anna_user).action_settle_block()
        visit.with_user(self.dispatcher).action_settle_block()
        self.assertFalse(visit.block_reason)
        self.assertFalse(visit.activity_ids)

    def _leave(self, employee):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": employee.resource_id.id,
                "calendar_id": employee.resource_calendar_id.id,
                "date_from": "2026-03-01 00:00:00",
                "date_to": "2026-03-04 00:00:00",
            }
        )

    def test_nobody_is_called_from_leave(self):
        self._leave(self.employee_ben)
        visit = self._arrive()
        with self.assertRaisesRegex(UserError, "away then"):
            visit.action_hand_over(self.employee_ben, note="Go on")
        self.assertEqual(visit.technician_id, self.employee_anna)
        visit.with_user(self.manager).action_hand_over(self.employee_ben, note="Go on")
        visit = visit.sudo()
        self.assertEqual(visit.technician_id, self.employee_ben)
        self.assertIn("Go on", visit.booking_ids.mapped("override_reason"))

    def test_helper_on_site_keeps_the_time_that_is_booked(self):
        visit = self._create_visit(2)
        visit.action_plan(
            start=self._local("2026-03-02 09:00"),
            technician=self.employee_anna,
            helpers=self.employee_ben,
        )
        his = visit.booking_ids.filtered(lambda each: each.resource_id == self.ben)
        visit.with_user(self.anna_user).action_arrive()
        visit.with_user(self.anna_user).action_hand_over(self.employee_ben, note="x")
        self.assertEqual(visit._get_active_bookings(), his)
        self.assertFalse(any(visit.booking_ids.mapped("override_reason")))

    def test_what_is_left_begins_after_the_break(self):
        visit = self._arrive("2026-03-02 10:00")
        with freeze_time("2026-03-02 11:10:00"):
            visit.action_hand_over(self.employee_ben, note="x")
        work = self.env["aftersales.booking"].search(
            [("visit_id", "=", visit.id), ("resource_id", "=", self.ben.id)]
        )
        self.assertEqual(work.start, self._local("2026-03-02 13:00"))
        self.assertEqual(visit.sudo().start, work.start)
