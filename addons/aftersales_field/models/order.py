from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesOrder(models.Model):
    """A work order whose work is done at the customer's, on one or more visits."""

    _inherit = "aftersales.order"

    # A column: orders of the workshop are told apart without asking for visits.
    is_onsite = fields.Boolean(
        "Done at the Customer's",
        copy=True,
        help="The work is done on visits, and not in the workshop.",
    )
    visit_ids = fields.One2many("aftersales.visit", "order_id", "Visits")
    visit_count = fields.Integer(compute="_compute_visit_count")

    def _compute_visit_count(self):
        counts = dict(
            self.env["aftersales.visit"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.visit_count = counts.get(order._origin, 0)

    def action_create_visit(self):
        """Make a visit for each of these orders, to be planned.

        An order that has one to be planned already keeps that.

        :return: the visits, as ``aftersales.visit``
        """
        self._check_decides()
        self._check_bookable_state()
        todo = self.filtered(
            lambda order: "draft" not in order.visit_ids.mapped("state")
        )
        self.env["aftersales.visit"].create(
            [each._prepare_visit_values() for each in todo]
        )
        return self.visit_ids.filtered(lambda visit: visit.state == "draft")

    def _prepare_visit_values(self):
        """Return the values of a new visit of this order. Files extend it."""
        self.ensure_one()
        return {"order_id": self.id}

    def action_open_create_visit(self):
        """Make a visit and open it."""
        self.ensure_one()
        return self.action_create_visit().get_formview_action()

    def action_view_visits(self):
        """Open the visits of these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_field.visit_action"
        )
        return {
            **action,
            "domain": [("order_id", "in", self.ids)],
            "context": {"default_order_id": self.id if len(self) == 1 else False},
        }

    def _check_bookable(self):
        result = super()._check_bookable()
        onsite = self.filtered("is_onsite")
        if onsite:
            raise UserError(
                self.env._(
                    "%(orders)s is done at the customer's. Plan its visit instead of "
                    "an appointment in the workshop.",
                    orders=", ".join(onsite.mapped("name")),
                )
            )
        return result

    def _mark_onsite(self):
        self.filtered(lambda order: not order.is_onsite).sudo().is_onsite = True

    def _sync_visit_dates(self):
        """The appointment of an order on site is its next visit."""
        for order in self.sudo():
            ahead = order.visit_ids.filtered(
                lambda visit: (
                    visit.start and visit.state not in ("draft", "done", "cancel")
                )
            ).sorted("start")[:1]
            if order.date_planned != ahead.start:
                order.date_planned = ahead.start

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        if state == "cancel":
            onsite = moved.filtered("is_onsite")
            if onsite:
                open_visits = onsite.visit_ids.filtered(
                    lambda visit: visit.state not in ("done", "cancel")
                )
                open_visits._cancel(values.get("cancel_reason"))
        return moved
