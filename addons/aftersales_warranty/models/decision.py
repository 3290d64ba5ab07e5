from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .limit import DECISION_KINDS

# A rule may give the one, the other, or the choice. The rest may be offered instead
# of what a right gives.
REMEDIES = {
    "exchange": ("exchange", "exchange_return", "exchange_repair", "any"),
    "return": ("return", "exchange_return", "any", "price_cut"),
}


class AftersalesWarrantyDecision(models.Model):
    """What the house does for a customer beyond a repair: exchange, refund, damages.

    Whoever works on the order proposes it, with the right it rests on, why, and what
    proves it. The amount is reckoned at the proposal and stays with its working.
    Somebody whose limit reaches so far says yes or no; only then is the customer told
    and a document made.
    """

    _name = "aftersales.warranty.decision"
    _description = "Decision"
    _inherit = ["aftersales.decision.mixin", "aftersales.evidence.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "order_id.name", "asset_id.name"]

    name = fields.Char("Number", default="/", readonly=True, copy=False)
    kind = fields.Selection(DECISION_KINDS, required=True, default="exchange")
    state = fields.Selection(
        [
            ("proposed", "To Decide"),
            ("approved", "Approved"),
            ("settled", "Settled"),
            ("refused", "Refused"),
            ("cancel", "Withdrawn"),
        ],
        required=True,
        default="proposed",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    order_id = fields.Many2one(
        "aftersales.order", "Work Order", check_company=True, index="btree_not_null"
    )
    asset_id = fields.Many2one(
        "aftersales.asset",
        required=True,
        check_company=True,
        index=True,
        compute="_compute_asset_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    company_id = fields.Many2one(
        related="asset_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
    )
    team_id = fields.Many2one(related="order_id.team_id", store=True)
    available_rule_ids = fields.Many2many(
        "aftersales.warranty.rule",
        compute="_compute_available_rule_ids",
        compute_sudo=True,
    )
    rule_id = fields.Many2one(
        "aftersales.warranty.rule",
        "Right",
        domain="[('id', 'in', available_rule_ids)]",
        compute="_compute_rule_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        help="The rule that gives it to the customer. Empty: a special case.",
    )
    registration_id = fields.Many2one(
        "aftersales.warranty.registration",
        "Guarantee",
        domain="[('asset_id', '=', asset_id), ('state', '=', 'active')]",
        check_company=True,
        compute="_compute_registration_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    right_text = fields.Text("The Right in Words", readonly=True, copy=False)
    is_special = fields.Boolean(
        "Special Case",
        compute="_compute_is_special",
        store=True,
        help="No rule gives the customer a right to it, or not to so much.",
    )
    reason = fields.Text(required=True)
    evidence_ids = fields.Many2many("ir.attachment", copy=False)
    evidence_note = fields.Char("What Proves It")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, precompute=True
    )
    working = fields.Json(
        "Figures", compute="_compute_working", store=True, precompute=True, copy=False
    )
    working_text = fields.Text(
        "Working", compute="_compute_working", store=True, precompute=True, copy=False
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="What the customer gets, taxes included. Of an exchange or a longer "
        "guarantee, what it is worth.",
    )
    amount_company = fields.Monetary(
        "Amount in Company Currency",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    pack_id = fields.Many2one(
        "aftersales.warranty.pack",
        "Guarantee Given",
        domain="[('kind', '=', 'extended'), ('company_id', 'in', (company_id, False))]",
        check_company=True,
    )
    months = fields.Integer(help="How much longer.")

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "Say what it is worth: an amount above zero."
    )
    _months_given = models.Constraint(
        "CHECK(kind != 'extension' OR (months > 0 AND pack_id IS NOT NULL))",
        "Choose the guarantee and for how many months.",
    )
    _open_once = models.UniqueIndex(
        "(asset_id) WHERE kind IN ('exchange', 'return') "
        "AND state IN ('proposed', 'approved')",
        "An exchange or return of this asset is proposed already. Decide about that "
        "one, or withdraw it.",
    )

    @api.depends("order_id")
    def _compute_asset_id(self):
        for decision in self:
            decision.asset_id = decision.order_id.asset_id or decision.asset_id

    @api.depends("order_id", "asset_id")
    def _compute_partner_id(self):
        for decision in self:
            decision.partner_id = (
                decision.order_id.partner_id or decision.asset_id.partner_id
            )

    def _get_rights(self):
        """Return the rights of the order that allow this kind, as the engine says."""
        self.ensure_one()
        rights = [
            right for right in self.order_id.rights or () if right["level"] == "reached"
        ]
        Rule = self.env["aftersales.warranty.rule"].sudo()
        remedies = REMEDIES.get(self.kind)
        return [
            right
            for right in rights
            if not remedies or Rule.browse(right["rule"]).remedy in remedies
        ]

    def _get_right(self):
        """Return the right this rests on, or None."""
        self.ensure_one()
        for right in self._get_rights():
            if right["rule"] == self.rule_id._origin.id:
                return right
        return None

    @api.depends("order_id", "kind")
    def _compute_available_rule_ids(self):
        for decision in self:
            rights = decision._get_rights()
            decision.available_rule_ids = [right["rule"] for right in rights]

    @api.depends("order_id", "kind")
    def _compute_rule_id(self):
        for decision in self:
            rights = decision._get_rights()
            decision.rule_id = rights[0]["rule"] if rights else False

    @api.depends("order_id", "asset_id", "rule_id")
    def _compute_registration_id(self):
        for decision in self:
            if right := decision._get_right():
                decision.registration_id = right["registration"]
            elif decision.registration_id.asset_id != decision.asset_id:
                own = decision.asset_id.sudo().registration_ids.filtered(
                    lambda registration: (
                        registration.state == "active"
                        and registration.pack_kind in ("legal", "promise")
                    )
                )
                decision.registration_id = own.sorted(lambda item: not item.price)[:1]

    @api.depends("registration_id", "asset_id")
    def _compute_currency_id(self):
        for decision in self:
            decision.currency_id = (
                decision.registration_id.currency_id
                or decision.asset_id.company_id.currency_id
                or self.env.company.currency_id
            )

    # The facts are frozen with the proposal, so what is reckoned from them is too.
    @api.depends("kind", "rule_id", "registration_id", "order_id")
    def _compute_working(self):
        for decision in self:
            decision.working = decision.working_text = False
            registration = decision.registration_id.sudo()
            if decision.kind != "return" or not registration:
                continue
            right = decision._get_right()
            working = right["refund"] if right else decision._get_refund()
            if working:
                decision.working = working
                decision.working_text = registration._get_refund_text(working)

    def _get_refund(self):
        """Return the refund without a right: with the deduction, as of the report."""
        self.ensure_one()
        order = self.order_id
        return self.registration_id.sudo()._get_refund(
            date=order.date_reported or None,
            meter=order.meter_in or self.asset_id.meter,
        )

    @api.depends("kind", "working", "registration_id", "pack_id", "months")
    def _compute_amount(self):
        for decision in self:
            amount = decision._get_default_amount()
            if amount is not None:
                decision.amount = amount

    def _get_default_amount(self):
        """Return what it is worth as far as that is known, else None."""
        self.ensure_one()
        product = self.asset_id.sudo().product_id
        if self.kind == "return" and self.working:
            return self.working["refund"]
        if self.kind == "exchange":
            return self.registration_id.price or product.lst_price or None
        if self.kind == "extension" and self.pack_id and self.months:
            cover = self.env["product.template"].sudo()
            cover = cover.search(
                [
                    ("aftersales_pack_id", "=", self.pack_id._origin.id),
                    ("aftersales_cover_months", "=", self.months),
                ],
                limit=1,
            )
            return cover.list_price or None
        return None

    @api.depends("amount", "currency_id", "company_id")
    def _compute_amount_company(self):
        for decision in self:
            company = decision.company_id or self.env.company
            decision.amount_company = decision.currency_id._convert(
                decision.amount, company.currency_id, company
            )

    @api.depends("rule_id", "amount", "working", "kind")
    def _compute_is_special(self):
        for decision in self:
            more = (
                decision.kind == "return"
                and decision.working
                and decision.currency_id.compare_amounts(
                    decision.amount, decision.working["refund"]
                )
                > 0
            )
            decision.is_special = bool(not decision.rule_id or more)

    @api.depends("name", "kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for decision in self:
            parts = (decision.name, labels.get(decision.kind))
            decision.display_name = " · ".join(
                part for part in parts if part and part != "/"
            )

    @api.constrains("order_id", "asset_id", "registration_id")
    def _check_asset(self):
        for decision in self:
            order, registration = decision.order_id, decision.registration_id.sudo()
            if order and order.sudo().asset_id != decision.asset_id:
                raise ValidationError(
                    self.env._(
                        "%(order)s is about another asset than %(asset)s.",
                        order=order.name,
                        asset=decision.asset_id.display_name,
                    )
                )
            if registration and registration.asset_id != decision.asset_id:
                raise ValidationError(
                    self.env._(
                        "%(registration)s is a guarantee of another asset.",
                        registration=registration.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # As technician of a job on it anybody may see an order, and nobody else.
        orders = {vals.get("order_id") for vals in vals_list} - {None, False}
        self.env["aftersales.order"].browse(orders).check_access("read")
        Asset = self.env["aftersales.asset"]
        Order = self.env["aftersales.order"]
        Sequence = self.env["ir.sequence"]
        for vals in vals_list:
            asset = Asset.browse(vals.get("asset_id"))
            owner = asset or Order.browse(vals.get("order_id"))
            company = owner.sudo().company_id or self.env.company
            vals["name"] = Sequence.with_company(company).next_by_code(
                "aftersales.warranty.decision"
            )
        # The database allows one open exchange or return: what was withdrawn just
        # now is none.
        self.flush_model(["state"])
        decisions = super().create(vals_list)
        for decision in decisions:
            decision._freeze_right()
        return decisions

    def _freeze_right(self):
        """Keep the right in words; refuse one that the order does not give."""
        self.ensure_one()
        if not self.rule_id:
            return
        right = self._get_right()
        if not right:
            raise UserError(
                self.env._(
                    "%(order)s gives no right by %(rule)s. Choose one that is reached, "
                    "or none: then it is a special case.",
                    order=self.order_id.name or self.asset_id.display_name,
                    rule=self.rule_id.sudo().display_name,
                )
            )
        order = self.order_id
        self.sudo().right_text = "\n".join(
            [order._describe_right(right), *order._get_right_details(right)]
        )

    @api.model
    def _get_decided_fields(self):
        return [
            *super()._get_decided_fields(),
            "right_text", "working", "working_text", "is_special",
            "amount_company", "currency_id", "partner_id", "company_id",
        ]  # fmt: skip

    @api.model
    def _get_open_fields(self):
        return (*super()._get_open_fields(), "evidence_")

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "proposed": {"approved", "refused", "cancel"},
            "approved": {"settled", "cancel"},
            "settled": {"approved"},
        }

    @api.model
    def _get_view_action(self, domain, context):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.decision_action"
        )
        return {**action, "domain": domain, "context": context}

    def _get_limit_kind(self):
        return self.kind

    def _get_limit_amount(self):
        return self.amount_company

    def _has_right(self):
        return not self.is_special

    def _get_decided_states(self):
        return ("approved", "settled")
