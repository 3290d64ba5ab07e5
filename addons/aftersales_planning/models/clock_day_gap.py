import pytz

from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesClockDay(models.Model):
    """Time of a shift that nobody accounted for, and what it was."""

    _inherit = "aftersales.clock.day"

    def _get_gap_intervals(self):
        """Return the gaps of this day as ``[(start, stop), …]`` in UTC."""
        self.ensure_one()
        day = self.sudo()
        spans = {day: day._get_span()}
        gaps = self._get_gaps(
            day._get_shifts(spans)[day][1], day._get_entries(spans)[day]
        )
        return [
            tuple(
                moment.astimezone(pytz.utc).replace(tzinfo=None)
                for moment in (start, stop)
            )
            for start, stop, _day in gaps
        ]

    def action_class_gap(self, start, reason):
        """Say what a gap of the shift was: waiting, a meeting, a break …

        The technician may do so, since begin and end follow from the shift and from
        what was clocked.

        :param start: when the gap begins (UTC)
        :param reason: ``aftersales.clock.reason``, as record or id
        :raises UserError: if there is no such gap (any more)
        """
        self.ensure_one()
        Entry = self.env["aftersales.clock.entry"]
        employee = Entry._get_employee(self.employee_id)
        reason = self.env["aftersales.clock.reason"].browse(
            getattr(reason, "id", reason)
        )
        reason.check_access("read")
        Entry._begin_operation(employee)
        gaps = dict(self._get_gap_intervals())
        start = fields.Datetime.to_datetime(start)
        if start not in gaps:
            raise UserError(
                self.env._(
                    "%(employee)s, %(date)s: this gap is filled by now. Open the day "
                    "again.",
                    employee=self.employee_id.name,
                    date=self.date,
                )
            )
        Entry._add(employee, start, gaps[start], clock_reason=reason.sudo())
        self.sudo()._compute_figures()
        return True

    def action_open_gaps(self):
        """Show the gaps of this day and ask what they were."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Was This Time?"),
            "res_model": "aftersales.clock.gaps",
            "view_mode": "form",
            "target": "new",
            "context": {"default_day_id": self.id},
        }

    def action_view_entries(self):
        """Open what was clocked on these days."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_planning.clock_entry_action"
        )
        action["domain"] = [
            ("employee_id", "in", self.employee_id.ids),
            ("date", "in", self.mapped("date")),
        ]
        action["context"] = {}
        return action
