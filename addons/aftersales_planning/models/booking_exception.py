from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesBooking(models.Model):
    """Bookings lie in working time; a manager makes exceptions, with a reason."""

    _inherit = "aftersales.booking"

    override_reason = fields.Char(
        "Reason for the Exception",
        copy=False,
        help="Why it lies outside the working time of the resource. For managers.",
    )
    date_override = fields.Datetime(
        "Exception Made",
        compute="_compute_date_override",
        store=True,
        precompute=True,
    )

    @api.depends("override_reason", "resource_id", "start", "stop")
    def _compute_date_override(self):
        now = fields.Datetime.now()
        for booking in self:
            booking.date_override = booking.override_reason and now

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        bookings.filtered("override_reason")._check_may_except()
        return bookings

    def write(self, vals):
        if "override_reason" in vals:
            self._check_may_except()
        return super().write(vals)

    def _check_working_time(self):
        """Refuse bookings when their resource is not there, unless a manager says so.

        :raises UserError: naming the resource, the time, and its reason
        :raises AccessError: if somebody else gives a reason for an exception
        """
        todo = self.filtered(lambda booking: booking.state in ("hold", "confirmed"))
        absences = self.env["aftersales.availability"]._get_absences(todo)
        for booking, reason in absences.items():
            if booking.override_reason:
                continue
            raise UserError(
                self.env._(
                    "%(resource)s can't be booked from %(time)s: %(reason)s Look for "
                    "another time, or ask a manager to book it with a reason.",
                    resource=booking.resource_id.name,
                    time=self.env["aftersales.availability"]._format_range(
                        booking.start, booking.stop, booking.company_id
                    ),
                    reason=reason,
                )
            )
        self.browse(booking.id for booking in absences)._check_may_except()

    def _check_may_except(self):
        """Refuse exceptions by anybody but a manager."""
        group = "aftersales.aftersales_group_manager"
        if self and not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "Only a manager books outside working time: %(bookings)s.",
                    bookings=", ".join(self.mapped("display_name")),
                )
            )
