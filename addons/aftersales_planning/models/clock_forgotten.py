import logging
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

# Somebody may stay on after the shift.
GRACE = timedelta(hours=2)
# Work outside any shift has no end to close it at.
LONGEST = timedelta(hours=12)


class AftersalesClockEntry(models.Model):
    """Clocks that were forgotten: closed at the end of the shift, and looked at."""

    _inherit = "aftersales.clock.entry"

    @api.model
    def _cron_close_forgotten(self):
        """End what ran on after the shift, mark it and put it before the leader.

        Two hours of staying on are let be. Work that began outside every shift is
        ended after twelve hours with no time at all, since nobody knows how long it
        took: the leader enters it.
        """
        running = self.search([("stop", "=", False)], order="start")
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(running))
        for entry in running:
            try:
                with self.env.cr.savepoint():
                    entry._close_if_forgotten()
            except Exception:  # one bad clock must not keep the others running
                _logger.exception("Clock of %s was not closed", entry.display_name)
            if not Cron._commit_progress(1):
                return

    def _close_if_forgotten(self):
        self.ensure_one()
        now = fields.Datetime.now()
        shift_end = self._get_shift_end()
        if now < (shift_end + GRACE if shift_end else self.start + LONGEST):
            return
        self._begin_operation(self.employee_id)
        if self.stop:
            return
        self._stop(shift_end or self.start, to_check=True)
        self._remind_leader()

    def _get_shift_end(self):
        """Return when the shift this entry began in ends (UTC), else ``None``."""
        self.ensure_one()
        employee = self.employee_id.sudo()
        resource = employee.resource_id
        if resource._is_flexible():
            return None
        tz = pytz.timezone(employee._get_tz())
        start = pytz.utc.localize(self.start)
        midnight = tz.localize(
            datetime.combine(start.astimezone(tz).date() + timedelta(days=1), time.min)
        )
        # A night shift goes on after midnight, without a break.
        shifts, _calendars = resource._get_valid_work_intervals(
            start, midnight + timedelta(hours=12)
        )
        end = None
        for begin, stop, _attendance in shifts[resource.id]:
            if begin < midnight or (end and begin <= end):
                end = stop
        return end and end.astimezone(pytz.utc).replace(tzinfo=None)

    def _remind_leader(self):
        """Ask somebody who may correct the entry what is right."""
        for entry in self:
            user = entry._get_leader()
            if user:
                entry.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Clock was not stopped: check the time"),
                    user_id=user.id,
                )

    def _get_leader(self):
        """Return who looks after the technician: team leader, advisor or superior."""
        self.ensure_one()
        order = self.current_order_id
        employee = self.employee_id.sudo()
        candidates = (
            order.team_id.user_id
            | employee.resource_id.aftersales_team_id.user_id
            | order.user_id
            | employee.parent_id.user_id
        )
        return candidates.filtered(
            lambda user: (
                user.active
                and user.has_group("aftersales.aftersales_group_user")
                and self.company_id in user.company_ids
            )
        )[:1]
