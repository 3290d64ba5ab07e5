from odoo import Command, api, fields, models


class AftersalesClaimSettle(models.TransientModel):
    """Enter a payment of one or several claims, line by line."""

    _name = "aftersales.claim.settle"
    _description = "Payment of Claims"

    claim_ids = fields.Many2many("aftersales.claim", required=True, readonly=True)
    company_id = fields.Many2one("res.company", compute="_compute_line_ids", store=True)
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_line_ids", store=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    reference = fields.Char(
        "Payment Reference", help="One reference is booked once per claim."
    )
    journal_id = fields.Many2one(
        "account.journal",
        domain="[('company_id', 'parent_of', company_id), "
        "('type', 'in', ('bank', 'cash'))]",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        required=True,
    )
    line_ids = fields.One2many(
        "aftersales.claim.settle.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    amount = fields.Monetary("Paid in All", compute="_compute_amount")
    difference = fields.Monetary(
        compute="_compute_amount",
        help="Within the payer's tolerance it is booked as a difference; a larger one "
        "stays open.",
    )

    @api.depends("claim_ids")
    def _compute_line_ids(self):
        for wizard in self:
            claims = wizard.claim_ids
            wizard.company_id = claims.company_id[:1]
            wizard.currency_id = claims.currency_id[:1]
            wizard.journal_id = claims.sudo()._get_payment_journal(False)
            wizard.line_ids = [
                Command.create(
                    {"line_id": line.id, "amount": line._get_amount_expected()}
                )
                for line in claims.line_ids
                if not line.currency_id.is_zero(line.amount_open)
            ]

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.line_ids.mapped("amount"))
            wizard.difference = sum(
                max(line.amount_expected - line.amount, 0.0)
                for line in wizard.line_ids
                if line.amount
            )

    def action_save(self):
        self.ensure_one()
        self.claim_ids.action_settle(
            {line.line_id: line.amount for line in self.line_ids},
            date=self.date,
            reference=self.reference,
            journal_id=self.journal_id,
        )
        return True


class AftersalesClaimSettleLine(models.TransientModel):
    _name = "aftersales.claim.settle.line"
    _description = "Payment of a Claim Line"

    wizard_id = fields.Many2one("aftersales.claim.settle", ondelete="cascade")
    line_id = fields.Many2one("aftersales.claim.line", "Claimed For", readonly=True)
    claim_id = fields.Many2one(related="line_id.claim_id")
    order_id = fields.Many2one(related="line_id.order_id")
    currency_id = fields.Many2one(related="line_id.currency_id")
    amount_open = fields.Monetary(related="line_id.amount_open")
    amount_expected = fields.Monetary(
        "Expected", compute="_compute_amount_expected", help="Open and not refused."
    )
    amount = fields.Monetary("Paid")

    @api.depends("line_id")
    def _compute_amount_expected(self):
        for line in self:
            line.amount_expected = line.line_id._get_amount_expected()
