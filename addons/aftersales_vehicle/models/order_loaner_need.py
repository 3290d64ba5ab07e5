from odoo import api, models


class AftersalesAvailability(models.AbstractModel):
    """A visit with a replacement car takes a free loaner, as it takes a bay."""

    _inherit = "aftersales.availability"

    @api.model
    def _get_places(self, order, jobs):
        places = super()._get_places(order, jobs)
        # The agreement books the car itself, for as long as it is lent.
        if order.loaner and not order.loan_ids.filtered(
            lambda loan: loan.state != "cancel"
        ):
            places.append({"role": "loaner", "type_ids": []})
        return places


class AftersalesLoan(models.Model):
    _inherit = "aftersales.loan"

    @api.model_create_multi
    def create(self, vals_list):
        orders = self.env["aftersales.order"].browse(
            [vals["order_id"] for vals in vals_list if vals.get("order_id")]
        )
        orders._release_loaners()
        return super().create(vals_list)


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def _get_booked_loaners(self):
        """Return the bookings of loaners that were made with the appointment."""
        return self._get_active_bookings().filtered(
            lambda booking: booking.role == "loaner"
        )

    def _release_loaners(self):
        """Give up the loaner of the appointment: an agreement takes its place."""
        booked = self._get_booked_loaners()
        if booked:
            booked._set_state("cancel")

    def action_lend(self):
        action = super().action_lend()
        loaner = self._get_booked_loaners().resource_id[:1]
        if loaner and "context" in action:
            action["context"]["default_resource_id"] = loaner.id
        return action
