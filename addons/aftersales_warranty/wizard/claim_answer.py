from odoo import Command, api, fields, models


class AftersalesClaimAnswer(models.TransientModel):
    """Take down what the maker or supplier answered, line by line."""

    _name = "aftersales.claim.answer"
    _description = "Answer to a Claim"

    claim_id = fields.Many2one("aftersales.claim", required=True, readonly=True)
    currency_id = fields.Many2one(related="claim_id.currency_id")
    reference = fields.Char(
        "Their Reference",
        compute="_compute_reference",
        store=True,
        readonly=False,
    )
    reason = fields.Char(help="Why less was approved.")
    line_ids = fields.One2many(
        "aftersales.claim.answer.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    amount_refused = fields.Monetary("Refused", compute="_compute_amount_refused")

    @api.depends("claim_id")
    def _compute_reference(self):
        for wizard in self:
            wizard.reference = wizard.claim_id.reference

    @api.depends("claim_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                Command.create(
                    {
                        "line_id": line.id,
                        "amount_approved": line.amount_claimed - line.amount_refused,
                        "reason": line.reason,
                        "reason_code": line.reason_code,
                    }
                )
                for line in wizard.claim_id.line_ids
            ]

    @api.depends("line_ids.amount_approved")
    def _compute_amount_refused(self):
        for wizard in self:
            wizard.amount_refused = sum(
                line.amount_claimed - line.amount_approved for line in wizard.line_ids
            )

    def action_save(self):
        self.ensure_one()
        amounts = {line.line_id: line.amount_approved for line in self.line_ids}
        self._keep_reference()
        result = self.claim_id.action_approve(amounts, reason=self.reason)
        for line in self.line_ids:
            values = {
                field: line[field]
                for field in ("reason", "reason_code")
                if line[field] and line[field] != line.line_id[field]
            }
            if values:
                line.line_id.write(values)
        return result

    def action_refuse(self):
        """All of it was refused."""
        self.ensure_one()
        self._keep_reference()
        return self.claim_id.action_refuse(reason=self.reason)

    def _keep_reference(self):
        if self.reference != self.claim_id.reference:
            self.claim_id.reference = self.reference


class AftersalesClaimAnswerLine(models.TransientModel):
    _name = "aftersales.claim.answer.line"
    _description = "Answer to a Claim Line"

    wizard_id = fields.Many2one("aftersales.claim.answer", ondelete="cascade")
    line_id = fields.Many2one("aftersales.claim.line", "Claimed For", readonly=True)
    currency_id = fields.Many2one(related="line_id.currency_id")
    order_id = fields.Many2one(related="line_id.order_id")
    amount_claimed = fields.Monetary(related="line_id.amount_claimed")
    amount_approved = fields.Monetary("Approved")
    reason_code = fields.Char("Code")
    reason = fields.Char()
