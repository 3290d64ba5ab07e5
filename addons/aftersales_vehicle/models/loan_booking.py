from odoo import api, models
from odoo.exceptions import UserError

# What a booking takes and when: said on the agreement.
AGREED = {"resource_id", "role", "kind", "order_id", "start", "stop", "company_id"}


class AftersalesBooking(models.Model):
    """The booking of a lent car follows its agreement, and is not changed apart."""

    _inherit = "aftersales.booking"

    def _get_loans(self):
        """Return the agreements that these bookings keep a car for."""
        Loan = self.env["aftersales.loan"].sudo()
        blocks = self.filtered(lambda each: each.role == "loaner" and not each.order_id)
        if not blocks:
            return Loan
        return Loan.search(
            [("booking_id", "in", blocks.ids), ("state", "!=", "cancel")]
        )

    def _check_not_lent(self):
        """Refuse to change what belongs to an agreement."""
        # The agreement's own steps run as superuser.
        loans = self.env["aftersales.loan"] if self.env.su else self._get_loans()
        if loans:
            raise UserError(
                self.env._(
                    "%(bookings)s belongs to the loaner agreement %(loans)s. Change "
                    "the car or the time there, or cancel the agreement.",
                    bookings=", ".join(loans.booking_id.mapped("display_name")),
                    loans=", ".join(loans.mapped("name")),
                )
            )

    def write(self, vals):
        if AGREED & vals.keys():
            self._check_not_lent()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_lent(self):
        self._check_not_lent()

    def action_cancel(self):
        self._check_not_lent()
        return super().action_cancel()

    def action_move(self, start=None, resource_id=None):
        """Move a lent car's booking with its agreement, which refuses once it is out.

        A move to another car changes the car of the agreement.
        """
        self.ensure_one()
        loan = self._get_loans()
        if not loan or self.state not in ("hold", "confirmed"):
            return super().action_move(start=start, resource_id=resource_id)
        self._lock()
        values = {}
        start = self.env["aftersales.availability"]._read_moment(start)
        if start and start != self.start:
            shift = start - self.start
            values["date_from"] = loan.date_from + shift
            values["date_due"] = loan.date_due + shift
        if resource_id and resource_id != self.resource_id.id:
            values["resource_id"] = resource_id
        if values:
            loan.with_env(self.env).write(values)
        return True
