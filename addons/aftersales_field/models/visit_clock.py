from odoo import models
from odoo.exceptions import UserError

# Steps that end the way to a customer.
ENDS_TRAVEL = ("arrive", "turn_back", "hand_over", "finish")


class AftersalesVisit(models.Model):
    """The time on the road, clocked by the steps of a visit.

    It counts as indirect work for the reason “Travel”. Archive that reason where the
    time on the road is not recorded.
    """

    _inherit = "aftersales.visit"

    def _stamp(self, kind, moment=None, place=None, note=None):
        stamps = super()._stamp(kind, moment, place, note)
        if kind == "travel":
            for stamp in stamps:
                stamp._clock_travel()
        elif kind in ENDS_TRAVEL:
            stamps._end_travel()
        return stamps


class AftersalesVisitStamp(models.Model):
    _inherit = "aftersales.visit.stamp"

    def _get_travel_reason(self):
        """Return the reason that time on the road is recorded for, if it is."""
        reason = self.env.ref(
            "aftersales_field.clock_reason_travel", raise_if_not_found=False
        )
        return reason and reason.sudo().filtered("active")

    def _clock_travel(self):
        """Begin the time on the road; the step counts also where the clock can't."""
        self.ensure_one()
        reason = self._get_travel_reason()
        if reason and self.employee_id.user_id:
            self._turn_clock(
                self.env["aftersales.clock.entry"].sudo().clock_start,
                reason=reason,
                employee=self.employee_id,
                moment=self.date,
            )

    def _end_travel(self):
        """End the time on the road of those who took these steps."""
        reason = self._get_travel_reason()
        if not reason:
            return
        Entry = self.env["aftersales.clock.entry"].sudo()
        for stamp in self:
            running = Entry._get_running(stamp.employee_id)
            if running.reason_id == reason:
                stamp._turn_clock(
                    Entry.clock_stop, employee=stamp.employee_id, moment=stamp.date
                )

    def _turn_clock(self, turn, **arguments):
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                turn(**arguments)
        except UserError as error:
            self.visit_id.message_post(
                body=self.env._(
                    "The time on the road of %(employee)s was not recorded: %(reason)s",
                    employee=self.employee_id.name,
                    reason=str(error),
                )
            )
