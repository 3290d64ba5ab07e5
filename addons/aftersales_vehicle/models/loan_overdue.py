from datetime import timedelta

from odoo import api, fields, models

from .apart import run_apart

# An overdue car is kept taken for so long from now; the cron comes by more often.
LATE_HOURS = 4
REBOOK = "aftersales_planning.mail_activity_type_rebook"


class AftersalesLoan(models.Model):
    """A loaner that is not back in time: it stays taken, and who waits is told."""

    _inherit = "aftersales.loan"

    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for loan in self:
            loan.is_overdue = bool(
                loan.state == "out" and loan.date_due and loan.date_due < now
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain("state", "=", "out") & fields.Domain(
            "date_due", "<", fields.Datetime.now()
        )
        return domain if True in value else ~domain

    @api.model
    def _cron_extend_overdue(self):
        """Keep the cars taken that are late, and raise the bookings they spoil."""
        run_apart(
            self.search([("is_overdue", "=", True)]), lambda loans: loans._stay_taken()
        )

    def _stay_taken(self):
        """Book the cars on until shortly after now, or until the next one needs it."""
        until = fields.Datetime.now() + timedelta(hours=LATE_HOURS)
        for loan in self:
            spoilt = loan._get_next_bookings(until)
            loan._book_on(min([until, *spoilt.mapped("start")]))
            for order in spoilt.order_id:
                order.with_company(order.company_id)._prepare_visit()
            for other in self.search([("booking_id", "in", spoilt.ids)]):
                other._raise_problem(spoilt._get_lost()[other.booking_id])

    def _book_on(self, stop):
        """Keep the car until ``stop``; a booking that was deleted is made anew."""
        self.ensure_one()
        booking = self._get_live_booking()
        if booking:
            if stop > booking.stop:
                booking.stop = stop
        elif stop > self.date_due:
            values = {**self._prepare_booking(), "start": self.date_due, "stop": stop}
            self.sudo().booking_id = booking.create(values)

    def _get_live_booking(self):
        return self.booking_id.sudo().filtered(
            lambda booking: booking.state in ("hold", "confirmed")
        )

    def _get_next_bookings(self, until):
        """Return the bookings of the car that begin before ``until``."""
        self.ensure_one()
        return (
            self.env["aftersales.booking"]
            .sudo()
            .search(
                [
                    ("resource_id", "=", self.resource_id.id),
                    ("state", "in", ("hold", "confirmed")),
                    ("start", ">=", self._get_live_booking().stop or self.date_due),
                    ("start", "<", until),
                ]
            )
        )

    def _raise_problem(self, reason):
        """Ask the advisor once for another car or another time."""
        self.ensure_one()
        booking = self.booking_id.sudo()
        if booking.problem:
            return
        booking.problem = reason
        self.order_id._remind_advisor(
            self.env._("%(loan)s: choose another loaner or time", loan=self.name),
            note=self.env._(
                "%(car)s: %(reason)s", car=self.resource_id.name, reason=reason
            ),
            activity_type=REBOOK,
        )

    def _settle_problem(self):
        """The car is there again, or it is another one."""
        for loan in self.sudo().filtered("booking_id.problem"):
            loan.booking_id.problem = False
            if not loan.order_id.has_visit_problem:
                loan.order_id.activity_unlink([REBOOK])

    def _settle_next(self):
        """The car is back: look again at the bookings that waited for it."""
        self.ensure_one()
        spoilt = self._get_next_bookings(
            fields.Datetime.now() + timedelta(hours=LATE_HOURS)
        )
        self.search([("booking_id", "in", spoilt.ids)])._settle_problem()
        for order in spoilt.order_id:
            order.with_company(order.company_id)._prepare_visit()


class AftersalesBooking(models.Model):
    _inherit = "aftersales.booking"

    def _get_lost(self):
        lost = super()._get_lost()
        loaners = self.filtered(lambda booking: booking.role == "loaner")
        if not loaners:
            return lost
        late = (
            self.env["aftersales.loan"]
            .sudo()
            .search(
                [
                    ("is_overdue", "=", True),
                    ("resource_id", "in", loaners.resource_id.ids),
                ]
            )
        )
        until = fields.Datetime.now() + timedelta(hours=LATE_HOURS)
        words = self.env["aftersales.availability"]._format_moment
        for loan in late:
            for booking in loaners:
                if (
                    booking.resource_id == loan.resource_id
                    and booking.id != loan.booking_id.id
                    and booking.start < until
                ):
                    lost[booking] = self.env._(
                        "not back yet (%(loan)s), due since %(time)s.",
                        loan=loan.name,
                        time=words(loan.date_due, loan.company_id),
                    )
        return lost
