from odoo import api, fields, models
from odoo.exceptions import ValidationError

DECISION_KINDS = [
    ("exchange", "Exchange"),
    ("return", "Return and refund"),
    ("compensation", "Compensation or damages"),
    ("extension", "Longer guarantee"),
    ("price_cut", "Price cut"),
]


class AftersalesWarrantyLimit(models.Model):
    """Up to which amount a role may decide about one kind of favour or remedy.

    What a company sets for a role goes before what is common to all companies.
    Without a limit a role decides nothing, and technicians never decide.
    """

    _name = "aftersales.warranty.limit"
    _description = "Limit of Decision"
    _order = "kind, is_unlimited, amount, id"

    kind = fields.Selection([*DECISION_KINDS, ("goodwill", "Goodwill")], required=True)
    group_id = fields.Many2one("res.groups", "Role", required=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty: every company without a limit of its own.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount = fields.Monetary("Up To", help="In the currency of the company.")
    is_unlimited = fields.Boolean(
        "Unlimited", help="Any amount. For goodwill, also above the budget."
    )
    right_required = fields.Boolean(
        "Only with a Right",
        help="The customer has a right by a rule of the guarantee. Without one it is a "
        "special case, for a role that decides about those.",
    )

    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "A limit can't be negative."
    )
    _once = models.UniqueIndex(
        "(COALESCE(company_id, 0), group_id, kind)",
        "That role has a limit for this already.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for limit in self:
            limit.currency_id = (limit.company_id or self.env.company).currency_id

    @api.depends("kind", "group_id.name")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for limit in self:
            kind = labels.get(limit.kind, "")
            limit.display_name = f"{limit.group_id.name} · {kind}"

    @api.constrains("group_id")
    def _check_group_decides(self):
        advisors = self.env.ref("aftersales.aftersales_group_user")
        for limit in self:
            if advisors not in limit.group_id.sudo().all_implied_ids:
                raise ValidationError(
                    self.env._(
                        "%(group)s: only advisors, and roles above them, decide. "
                        "Choose another role, or make it one of theirs.",
                        group=limit.group_id.display_name,
                    )
                )

    @api.model
    def _get_limits(self, company, kind):
        """Return the limits that hold in ``company``, its own before common ones."""
        limits = self.sudo().search(
            [("kind", "=", kind), ("company_id", "in", (company.id, False))]
        )
        own = limits.filtered("company_id")
        return own | limits.filtered(lambda limit: limit.group_id not in own.group_id)

    def _filter_sufficient(self, amount, has_right):
        """Return the limits among these that allow ``amount``.

        :param float amount: in the currency of the company
        :param bool has_right: a rule gives it to the customer
        """
        return self.filtered(
            lambda limit: (
                (has_right or not limit.right_required)
                and (limit.is_unlimited or amount <= limit.amount)
            )
        )

    def _get_users(self, company):
        """Return who has one of these limits in ``company``."""
        return self.sudo().group_id.all_user_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )
