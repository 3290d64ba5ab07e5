from odoo import api, fields, models
from odoo.exceptions import UserError

# The claim was sent, and the answer or the money may still change.
SENT_STATES = (
    "sent",
    "resubmitted",
    "approved",
    "part_approved",
    "refused",
    "partial",
    "paid",
    "written_off",
)


class AftersalesClaim(models.Model):
    """Money asked from a maker or a supplier for work under their warranty.

    A maker is invoiced: the claim is made with the draft invoice, and sending it
    posts the invoice. A supplier is asked for a refund: sending makes the draft
    vendor refund. The answer is kept line by line, and so is every payment,
    difference and credit, whoever booked it. What was refused stays open until
    somebody decides who bears it, or it is sent again.
    """

    _name = "aftersales.claim"
    _description = "Warranty Claim"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_first_sent desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        "Number", default="/", readonly=True, copy=False, index="trigram"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    payer_id = fields.Many2one(
        "aftersales.payer",
        required=True,
        check_company=True,
        index=True,
        domain="[('claim_method', '!=', False)]",
    )
    method = fields.Selection(
        related="payer_id.claim_method", store=True, string="Kind"
    )
    partner_id = fields.Many2one(
        "res.partner", "Claimed From", check_company=True, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        check_company=True,
        index="btree_not_null",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    reference = fields.Char(
        "Their Reference",
        help="The number that the maker or supplier gave.",
        copy=False,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("resubmitted", "Sent Again"),
            ("approved", "Approved"),
            ("part_approved", "Partly Approved"),
            ("refused", "Refused"),
            ("partial", "Part-Paid"),
            ("paid", "Paid"),
            ("written_off", "Written Off"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    date_first_sent = fields.Date(
        "First Sent", readonly=True, copy=False, help="The age counts from here."
    )
    date_sent = fields.Date("Last Sent", readonly=True, copy=False)
    date_due = fields.Date("Answer Due", readonly=True, copy=False)
    round_count = fields.Integer("Times Sent", readonly=True, copy=False)
    line_ids = fields.One2many("aftersales.claim.line", "claim_id", "Lines")
    settlement_ids = fields.One2many("aftersales.claim.settlement", "claim_id")
    move_id = fields.Many2one(
        "account.move",
        "Invoice or Refund",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
    )
    move_state = fields.Selection(related="move_id.state", string="Booking")
    document_ids = fields.Many2many("ir.attachment", string="Documents", copy=False)
    # As superuser: the claims of the company are seen by advisors of every team.
    order_ids = fields.Many2many(
        "aftersales.order",
        compute="_compute_orders",
        compute_sudo=True,
        string="Work Orders",
    )
    order_count = fields.Integer(compute="_compute_orders", compute_sudo=True)
    old_part_ids = fields.Many2many(
        "aftersales.old.part", compute="_compute_old_parts", string="Old Parts"
    )
    line_count = fields.Integer(compute="_compute_amounts", store=True)
    amount_untaxed = fields.Monetary(compute="_compute_amounts", store=True)
    amount_claimed = fields.Monetary(
        "Claimed", compute="_compute_amounts", store=True, tracking=True
    )
    amount_approved = fields.Monetary(
        "Approved", compute="_compute_amounts", store=True
    )
    amount_refused = fields.Monetary("Refused", compute="_compute_amounts", store=True)
    amount_paid = fields.Monetary("Paid", compute="_compute_amounts", store=True)
    amount_adjusted = fields.Monetary(
        "Adjusted",
        compute="_compute_amounts",
        store=True,
        help="Differences within the tolerance, and what was written off.",
    )
    amount_credited = fields.Monetary(
        "Credited", compute="_compute_amounts", store=True
    )
    amount_open = fields.Monetary("Open", compute="_compute_amounts", store=True)
    amount_undecided = fields.Monetary(
        "To Decide",
        compute="_compute_amounts",
        store=True,
        help="Refused, and nobody has said yet who bears it.",
    )
    age_days = fields.Integer("Days Open", compute="_compute_age_days")
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    next_step = fields.Char(compute="_compute_next_step")

    _move_unique = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL",
        "An invoice or refund belongs to one claim.",
    )
    _open_idx = models.Index(
        "(company_id, date_first_sent) "
        "WHERE state NOT IN ('draft', 'paid', 'written_off', 'cancel')"
    )

    @api.depends("line_ids.order_id")
    def _compute_orders(self):
        for claim in self:
            claim.order_ids = claim.line_ids.order_id
            claim.order_count = len(claim.order_ids)

    @api.depends("line_ids.job_line_id", "line_ids.job_id")
    def _compute_old_parts(self):
        for claim in self:
            claim.old_part_ids = claim.line_ids._get_old_parts()

    @api.depends(
        "line_ids.amount_untaxed",
        "line_ids.amount_claimed",
        "line_ids.amount_approved",
        "line_ids.amount_refused",
        "line_ids.amount_paid",
        "line_ids.amount_adjusted",
        "line_ids.amount_credited",
        "line_ids.amount_open",
        "line_ids.amount_undecided",
    )
    def _compute_amounts(self):
        for claim in self:
            lines = claim.line_ids
            claim.line_count = len(lines)
            for field in (
                "amount_untaxed",
                "amount_claimed",
                "amount_approved",
                "amount_refused",
                "amount_paid",
                "amount_adjusted",
                "amount_credited",
                "amount_open",
                "amount_undecided",
            ):
                claim[field] = sum(lines.mapped(field))

    @api.depends("date_first_sent", "state")
    def _compute_age_days(self):
        today = fields.Date.context_today(self)
        for claim in self:
            is_open = claim.state not in ("draft", "paid", "written_off", "cancel")
            claim.age_days = (
                (today - claim.date_first_sent).days
                if is_open and claim.date_first_sent
                else 0
            )

    @api.depends("date_due", "state")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for claim in self:
            claim.is_late = bool(
                claim.state in ("sent", "resubmitted")
                and claim.date_due
                and claim.date_due < today
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain(
            [
                ("state", "in", ("sent", "resubmitted")),
                ("date_due", "<", fields.Date.context_today(self)),
            ]
        )
        return domain if True in value else ~domain

    @api.depends("state", "amount_undecided", "amount_open", "move_id.state")
    def _compute_next_step(self):
        """Say in words what somebody has to do now."""
        for claim in self:
            claim.next_step = claim._get_next_step()

    def _get_next_step(self):
        self.ensure_one()
        if self.state == "draft":
            return self.env._("Attach the documents and send the claim.")
        if not self.currency_id.is_zero(self.amount_undecided):
            return self.env._("Send what was refused again, or decide who bears it.")
        if self.move_id.sudo().state == "draft" and self.state != "cancel":
            return self.env._("The accountant posts the refund.")
        if self.state in ("sent", "resubmitted"):
            return self.env._("Record the answer.")
        if self.currency_id.is_zero(self.amount_open):
            return self.env._("Nothing more to do.")
        return self.env._("Record the payment.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_step_fields(vals)
        self._number(vals_list)
        claims = super().create(vals_list)
        claims.filtered("document_ids")._keep_documents()
        return claims

    @api.model
    def _number(self, vals_list):
        """Take the numbers of each company's claims in one go."""
        sequences = {}
        for vals in vals_list:
            if vals.get("name", "/") != "/":
                continue
            company_id = vals.get("company_id") or self.env.company.id
            if company_id not in sequences:
                sequences[company_id] = (
                    self.env["ir.sequence"]
                    .sudo()
                    .search(
                        [
                            ("code", "=", self._name),
                            ("company_id", "in", (company_id, False)),
                        ],
                        order="company_id",
                        limit=1,
                    )
                )
            vals["name"] = sequences[company_id].next_by_id()

    @api.model
    def _get_step_fields(self):
        """Return the fields that only the steps fill in."""
        return {"move_id", "date_first_sent", "date_sent", "date_due", "round_count"}

    def _check_step_fields(self, vals):
        """Refuse a document or a date of sending that no step gave."""
        if not self.env.su and self._get_step_fields() & vals.keys():
            raise UserError(
                self.env._(
                    "%(claims)s: the invoice or refund and the days of sending follow "
                    "from the steps and can't be written.",
                    claims=", ".join(self.mapped("name")) or self._description,
                )
            )

    def write(self, vals):
        self._check_step_fields(vals)
        fixed = {"company_id", "payer_id", "partner_id", "currency_id"}
        if fixed & vals.keys() and not self.env.su:
            self._check_draft()
        result = super().write(vals)
        if "document_ids" in vals:
            self._keep_documents()
        return result

    def _keep_documents(self):
        """Who may read a claim may read what was uploaded for it."""
        for claim in self:
            claim.document_ids.filtered(
                lambda document: (
                    not document.res_id and document.create_uid == self.env.user
                )
            ).write({"res_model": self._name, "res_id": claim.id})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        kept = self.filtered(
            lambda claim: claim.state not in ("draft", "cancel") or claim.move_id
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(claims)s can't be deleted: it was sent or has an invoice. "
                    "Cancel it instead.",
                    claims=", ".join(kept.mapped("name")),
                )
            )

    def action_view_orders(self):
        return self.order_ids._get_open_action()

    def action_view_move(self):
        self.ensure_one()
        return self.move_id.get_formview_action()
