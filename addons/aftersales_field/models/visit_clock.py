from odoo import fields, models
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

    def _stop_clocks(self, moment):
        result = super()._stop_clocks(moment)
        self._end_travel(moment)
        return result

    def action_unplan(self, reason=None):
        self._check_dispatches()
        self.sudo()._end_travel()
        return super().action_unplan(reason=reason)

    def _cancel(self, reason=None):
        self._end_travel()
        return super()._cancel(reason)

    def _end_travel(self, moment=None):
        """End the way to these visits of everybody who is still on it.

        :param moment: when it ended (UTC), if before now
        """
        moment = moment or fields.Datetime.now()
        Entry = self.env["aftersales.clock.entry"].sudo()
        for visit in self.sudo():
            ways = visit.stamp_ids.filtered(lambda stamp: stamp.kind == "travel")
            for employee, stamps in ways.grouped("employee_id").items():
                reason = stamps._get_travel_reason()
                running = Entry._get_running(employee)
                # Who is on the way to somebody else by now goes on.
                if (
                    reason
                    and running.reason_id == reason
                    and running.start in stamps.mapped("date")
                ):
                    stamps[-1]._turn_clock(
                        Entry.clock_stop,
                        employee=employee,
                        moment=max(moment, running.start),
                    )


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
                way = stamp.visit_id.stamp_ids.filtered(
                    lambda each, stamp=stamp: (
                        each.kind == "travel" and each.employee_id == stamp.employee_id
                    )
                )
                moment = stamp.date
                if running.start in way.mapped("date"):
                    # The desk said later that somebody set off who was there by then.
                    moment = max(moment, running.start)
                stamp._turn_clock(
                    Entry.clock_stop, employee=stamp.employee_id, moment=moment
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
