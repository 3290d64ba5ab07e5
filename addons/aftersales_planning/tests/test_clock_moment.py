from datetime import datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from .clock_common import ClockCommon


@tagged("post_install", "-at_install")
class TestClockMoment(ClockCommon):
    """A clock that is told later when it was turned, as by a phone without a net."""

    def setUp(self):
        super().setUp()
        self.job = self._create_approved().job_ids.with_user(self.technician)
        self.entries = self.env["aftersales.clock.entry"].with_user(self.technician)

    def _get_rows(self):
        entries = self.entries.sudo().search(
            [("employee_id", "=", self.employee.id)], order="start"
        )
        return [(each.kind, each.start.hour, each.hours) for each in entries]

    def test_hours_are_those_of_the_moments(self):
        with self._at("2026-03-02 18:00:00"):
            self.job.action_clock_on(moment="2026-03-02 08:00:00")
            self.job.action_clock_pause(
                reason=self.reason_break, moment="2026-03-02 10:00:00"
            )
            self.job.action_clock_on(moment="2026-03-02 11:00:00", operation="a")
            self.job.action_clock_on(moment="2026-03-02 11:00:00", operation="a")
            self.entries.clock_start(self.reason_meeting, moment="2026-03-02 12:00:00")
            self.entries.clock_stop(moment=datetime(2026, 3, 2, 15))
        self.assertEqual(
            self._get_rows(),
            [
                ("work", 8, 2.0),
                ("pause", 10, 1.0),
                ("work", 11, 1.0),
                ("indirect", 12, 3.0),
            ],
        )
        self.assertEqual(self.job.clocked_hours, 3.0)

    def test_off_at_a_moment(self):
        with self._at("2026-03-02 18:00:00"):
            self.job.action_clock_on(moment="2026-03-02 08:00:00")
            self.job.action_clock_off(moment="2026-03-02 09:30:00", operation="off")
            self.job.action_clock_off(moment="2026-03-02 10:30:00", operation="off")
        self.assertEqual(self._get_rows(), [("work", 8, 1.5)])

    def test_time_to_come_or_taken_is_refused(self):
        with self._at("2026-03-02 18:00:00"):
            with self.assertRaisesRegex(UserError, "has not come"):
                self.job.action_clock_on(moment="2026-03-02 19:00:00")
            self.job.action_clock_on(moment="2026-03-02 08:00:00")
            with self.assertRaisesRegex(UserError, "began later"):
                self.job.action_clock_off(moment="2026-03-02 07:00:00")
            self.job.action_clock_off(moment="2026-03-02 12:00:00")
            with self.assertRaisesRegex(UserError, "overlap"):
                self.job.action_clock_on(moment="2026-03-02 11:00:00")
            with self.assertRaisesRegex(UserError, "is no date"):
                self.job.action_clock_on(moment="yesterday")
            self.job.action_clock_on(moment="2026-03-02 12:00:00")
