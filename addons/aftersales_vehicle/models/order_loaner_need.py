from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesAvailability(models.AbstractModel):
    """A visit with a replacement car takes a free loaner, as it takes a bay."""

    _inherit = "aftersales.availability"

    @api.model
    def _get_places(self, order, jobs):
        places = super()._get_places(order, jobs)
        if order._needs_loaner():
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
        loans = super().create(vals_list)
        for order in orders.sudo().filtered("has_visit_problem"):
            order.with_company(order.company_id)._prepare_visit()
        return loans

    def action_cancel(self):
        loans = self.filtered(lambda loan: loan.state != "cancel")
        result = super().action_cancel()
        for order in loans.sudo().order_id:
            order.with_company(order.company_id)._book_loaner_again(loans.resource_id)
        return result


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def _needs_loaner(self):
        """Whether the visit takes a loaner: an agreement books its car itself."""
        self.ensure_one()
        return self.loaner and not self.loan_ids.filtered(
            lambda loan: loan.state != "cancel"
        )

    def _book_loaner_again(self, preferred):
        """Give a visit whose agreement was cancelled a loaner, or say it has none.

        :param preferred: the cars to try first
        """
        self.ensure_one()
        visit = self._get_active_bookings()
        if not visit or not self._needs_loaner() or self._get_booked_loaners():
            return
        start = max(self.date_planned, fields.Datetime.now().replace(microsecond=0))
        if start >= self.date_planned_stop:
            return
        values = {
            "order_id": self.id,
            "company_id": self.company_id.id,
            "kind": "work",
            "state": visit[0].state,
            "date_expire": visit[0].date_expire,
            "start": start,
            "stop": self.date_planned_stop,
        }
        cars = self.env["resource.resource"].search(
            [
                ("aftersales_role", "=", "loaner"),
                ("company_id", "in", (False, self.company_id.id)),
            ]
        )
        for car in (preferred & cars) | cars:
            try:
                with self.env.cr.savepoint():
                    booking = visit.create({**values, "resource_id": car.id})
                    # Free by the plan, and not back yet.
                    if lost := booking._get_lost():
                        raise UserError(lost[booking])
            except UserError:
                continue
            self._log_booking(booking, visit[0].state == "hold", None, None)
            break
        self._prepare_visit()

    def _get_preparation(self, kinds):
        results = super()._get_preparation(kinds)
        if (
            "tools" in results
            and self._needs_loaner()
            and self._get_coming_bookings()
            and not self._get_booked_loaners()
        ):
            reasons = [
                results["tools"][1],
                self.env._("No loaner is booked. Lend one, or book another time."),
            ]
            results["tools"] = ("failed", "\n".join(filter(None, reasons)))
        return results

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
