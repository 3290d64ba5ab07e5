from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesPayer(models.Model):
    """Payers from whom money is asked by a claim, and on which terms."""

    _inherit = "aftersales.payer"

    claim_method = fields.Selection(
        [
            ("invoice", "Invoice with a claim"),
            ("refund", "Refund asked from the supplier"),
        ],
        help="Invoice: what is billed to this payer is a claim, and its invoice waits "
        "until the claim is sent. Refund: what this payer bears is asked back from "
        "the supplier of the part, at cost.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    receivable_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain="[('account_type', '=', 'asset_receivable')]",
        help="Takes what this payer owes. Empty: the account of who is billed.",
    )
    adjustment_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain="[('account_type', 'not in', ('asset_receivable', 'liability_payable', "
        "'off_balance'))]",
        help="Takes differences within the tolerance, and what is written off.",
    )
    claim_tolerance_amount = fields.Monetary(
        "Tolerance",
        currency_field="company_currency_id",
        help="A payment may differ by this much in the company's currency. With a "
        "percentage too, the smaller of both counts.",
    )
    claim_tolerance_percent = fields.Float("Tolerance (%)", digits="Discount")
    claim_days = fields.Integer(
        "Answer Within", default=30, help="Days until an answer to a claim is due."
    )
    claim_document_required = fields.Boolean(
        "Documents Required", help="A claim is not sent without a document attached."
    )
    claim_old_part_required = fields.Boolean(
        "Old Parts Required",
        help="A claim is not sent while old parts are not stored or sent in.",
    )

    _claim_tolerance_positive = models.Constraint(
        "CHECK(claim_tolerance_amount >= 0 AND claim_tolerance_percent >= 0 "
        "AND claim_days >= 0)",
        "A tolerance or a number of days cannot be negative.",
    )

    @api.constrains("kind", "claim_method")
    def _check_claim_method(self):
        expected = {"invoice": "invoiced", "refund": "absorbed"}
        for payer in self:
            if payer.kind != expected.get(payer.claim_method, payer.kind):
                raise ValidationError(
                    self.env._(
                        "%(payer)s: an invoice with a claim needs a payer who is "
                        "invoiced. A refund from the supplier needs one borne by us, "
                        "whose account the refund settles.",
                        payer=payer.name,
                    )
                )

    @api.constrains(
        "claim_tolerance_amount", "claim_tolerance_percent", "adjustment_account_id"
    )
    def _check_adjustment_account(self):
        for payer in self:
            tolerant = payer.claim_tolerance_amount or payer.claim_tolerance_percent
            if tolerant and not payer.adjustment_account_id:
                raise ValidationError(
                    self.env._(
                        "%(payer)s: choose the account that takes differences within "
                        "the tolerance.",
                        payer=payer.name,
                    )
                )

    def _get_claim_tolerance(self, amount, currency, date):
        """Return how much a payment of ``amount`` may differ, in ``currency``."""
        self.ensure_one()
        limits = []
        if self.claim_tolerance_amount:
            limits.append(
                self.company_currency_id._convert(
                    self.claim_tolerance_amount, currency, self.company_id, date
                )
            )
        if self.claim_tolerance_percent:
            limits.append(currency.round(amount * self.claim_tolerance_percent / 100))
        return min(limits, default=0.0)
