from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AftersalesGoodwillBudget(models.Model):
    """How much goodwill a company, or one team, may give in a time."""

    _name = "aftersales.goodwill.budget"
    _description = "Goodwill Budget"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    team_id = fields.Many2one(
        "aftersales.team",
        check_company=True,
        index="btree_not_null",
        help="Empty: for teams without a budget of their own.",
    )
    date_from = fields.Date(
        "From", required=True, default=lambda self: self._default_date("start")
    )
    date_to = fields.Date(
        "To", required=True, default=lambda self: self._default_date("end")
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(required=True)
    amount_used = fields.Monetary("Used", compute="_compute_amount_used")
    amount_left = fields.Monetary("Left", compute="_compute_amount_used")
    goodwill_ids = fields.One2many("aftersales.goodwill", "budget_id")

    _dates_ordered = models.Constraint(
        "CHECK(date_to >= date_from AND amount >= 0)",
        "A budget ends after it begins, and is not negative.",
    )

    @api.model
    def _default_date(self, which):
        today = fields.Date.context_today(self)
        get = fields.Date.start_of if which == "start" else fields.Date.end_of
        return get(today, "month")

    @api.depends("amount", "goodwill_ids.amount", "goodwill_ids.state")
    def _compute_amount_used(self):
        used = dict(
            self.env["aftersales.goodwill"]
            .sudo()
            ._read_group(
                [("budget_id", "in", self.ids), ("state", "=", "approved")],
                ["budget_id"],
                ["amount:sum"],
            )
        )
        for budget in self:
            budget.amount_used = used.get(budget._origin, 0.0)
            budget.amount_left = budget.amount - budget.amount_used

    @api.depends("team_id", "company_id", "date_from", "date_to")
    def _compute_display_name(self):
        for budget in self:
            budget.display_name = self.env._(
                "Goodwill budget of %(owner)s, %(start)s to %(end)s",
                owner=budget.team_id.name or budget.company_id.name,
                start=fields.Date.to_string(budget.date_from),
                end=fields.Date.to_string(budget.date_to),
            )

    @api.constrains("company_id", "team_id", "date_from", "date_to")
    def _check_overlap(self):
        for budget in self:
            other = self.search(
                [
                    ("id", "!=", budget.id),
                    ("company_id", "=", budget.company_id.id),
                    ("team_id", "=", budget.team_id.id),
                    ("date_from", "<=", budget.date_to),
                    ("date_to", ">=", budget.date_from),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "%(other)s is for a part of the same time. Change one of both.",
                        other=other.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.filtered("amount_used")
        if used:
            raise UserError(
                self.env._(
                    "%(budgets)s: something was given from it. Lower its amount "
                    "instead of deleting it.",
                    budgets=", ".join(used.mapped("display_name")),
                )
            )

    @api.model
    def _get_budget(self, company, team, day):
        """Return the budget of the day: of the team, else of the company."""
        budgets = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("team_id", "in", (team.id, False)),
                ("date_from", "<=", day),
                ("date_to", ">=", day),
            ]
        )
        return (budgets.filtered("team_id") or budgets)[:1]

    def _lock_for_use(self):
        """Let one taker in at a time, as ``aftersales.state.mixin._lock`` does."""
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE aftersales_goodwill_budget SET amount = amount WHERE id IN %s",
            [tuple(self.ids)],
            log_exceptions=False,
        )
        self.invalidate_recordset(["amount", "amount_used", "amount_left"])

    def action_view_goodwill(self):
        self.ensure_one()
        return self.env["aftersales.goodwill"]._get_view_action(
            [("budget_id", "=", self.id)], {}
        )


class AftersalesGoodwill(models.Model):
    _inherit = "aftersales.goodwill"

    def _take_from_budget(self):
        """Count this against the budget of today, unless that is used up."""
        self.ensure_one()
        budget = self.env["aftersales.goodwill.budget"]._get_budget(
            self.company_id, self.team_id, fields.Date.context_today(self)
        )
        if not budget:
            return
        budget._lock_for_use()
        currency = self.currency_id
        over = currency.compare_amounts(self.amount, budget.amount_left) > 0
        if over and not self._may_overspend():
            roles = self._get_unlimited().group_id.mapped("name")
            raise UserError(
                self.env._(
                    "%(goodwill)s costs %(amount)s; of %(budget)s %(left)s is left. "
                    "Give less, or ask somebody with a higher limit: %(roles)s.",
                    goodwill=self.display_name,
                    amount=currency.format(self.amount),
                    budget=budget.display_name,
                    left=currency.format(budget.amount_left),
                    roles=", ".join(roles) or "–",
                )
            )
        self.budget_id = budget

    def _get_unlimited(self):
        limits = self.env["aftersales.warranty.limit"]._get_limits(
            self.company_id, "goodwill"
        )
        return limits.filtered("is_unlimited")

    def _may_overspend(self):
        user = self.env.user
        return bool(self._get_unlimited().group_id & user.sudo().all_group_ids)
