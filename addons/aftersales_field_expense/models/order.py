from odoo import api, fields, models


class AftersalesOrder(models.Model):
    """What was spent on the visits of a work order."""

    _inherit = "aftersales.order"

    expense_amount = fields.Monetary(
        "Expenses",
        compute="_compute_expense_amount",
        help="Of its visits: all claims that were not refused.",
    )

    @api.depends_context("uid")
    def _compute_expense_amount(self):
        onsite = self.filtered("is_onsite")
        groups = {}
        if onsite:
            Expense = self.env["hr.expense"]
            groups = Expense._sum_expenses("aftersales_order_id", onsite)
        for order in self:
            order.expense_amount = groups.get(order._origin, (0, 0.0))[1]

    def action_view_expenses(self):
        """Open the claims for the visits of these orders."""
        return {
            **self.visit_ids.action_view_expenses(),
            "domain": [("aftersales_order_id", "in", self.ids)],
        }
