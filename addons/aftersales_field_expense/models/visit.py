from odoo import api, fields, models


class AftersalesVisit(models.Model):
    """What was spent on a visit."""

    _inherit = "aftersales.visit"

    expense_ids = fields.One2many("hr.expense", "aftersales_visit_id", "Claims")
    expense_count = fields.Integer("Number of Claims", compute="_compute_expenses")
    expense_amount = fields.Monetary(
        "Expenses",
        compute="_compute_expenses",
        help="All claims that were not refused; engineers see their own.",
    )

    @api.depends_context("uid")
    def _compute_expenses(self):
        groups = self.env["hr.expense"]._sum_expenses("aftersales_visit_id", self)
        for visit in self:
            amounts = groups.get(visit._origin, (0, 0.0))
            visit.expense_count, visit.expense_amount = amounts

    def action_create_expense(self):
        """Open a new claim for this visit, of whoever asks."""
        self.ensure_one()
        action = self.action_view_expenses()
        return {**action, "views": [(False, "form")], "view_mode": "form"}

    def action_view_expenses(self):
        """Open the claims for these visits."""
        employee = self.env.user.with_company(self.company_id[:1]).employee_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Expenses"),
            "res_model": "hr.expense",
            "view_mode": "list,form",
            "domain": [("aftersales_visit_id", "in", self.ids)],
            "context": {
                "default_aftersales_visit_id": self.id if len(self) == 1 else False,
                "default_company_id": self.company_id[:1].id,
                "default_date": self._get_claim_date(),
                **({"default_employee_id": employee.id} if employee else {}),
            },
        }

    def _get_claim_date(self):
        """Return today, or the last day of a visit that is over."""
        today = fields.Date.context_today(self)
        _first, last = self[:1].sudo()._get_expense_days() if self else (None, None)
        return min(today, last) if last else today


class HrExpense(models.Model):
    _inherit = "hr.expense"

    def _sum_expenses(self, field, records):
        """Return ``{record: (number, amount)}`` of claims that were not refused.

        Advisors answer for what a visit costs: they see the sum of all claims, and
        not the claims of others.
        """
        answers = self.env.user.has_group("aftersales.aftersales_group_user")
        return {
            record: (count, amount)
            for record, count, amount in self.sudo(self.env.su or answers)._read_group(
                [(field, "in", records.ids), ("state", "!=", "refused")],
                [field],
                ["__count", "total_amount:sum"],
            )
        }
