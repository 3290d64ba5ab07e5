from odoo import api, models
from odoo.exceptions import UserError


class AftersalesClaim(models.Model):
    _inherit = "aftersales.claim"

    def _sync_refund_lines(self):
        """A posted refund says what is asked: the accountant may have added taxes."""
        for line in self.filtered(lambda claim: claim.method == "refund").line_ids:
            item = line.invoice_line_id
            if item and line.currency_id.compare_amounts(
                item.price_total, line.amount_open
            ):
                settled = line.amount_claimed - line.amount_open
                line.amount_claimed = settled + item.price_total

    def _lose_draft(self):
        """Follow a draft invoice or refund that is cancelled or deleted.

        A refund can be asked again. An invoice is made anew, and its claim with it.

        :raises UserError: for a refund that was answered and still asks for money
        """
        answered = self.filtered(
            lambda claim: (
                claim.method == "refund"
                and claim.state not in ("draft", "sent", "written_off", "cancel")
                and not claim.currency_id.is_zero(claim.amount_open)
            )
        )
        if answered:
            raise UserError(
                self.env._(
                    "%(claims)s was answered, so its refund stays. Decide or write off "
                    "what is open, or cancel the claim: the refund goes with it.",
                    claims=", ".join(answered.mapped("name")),
                )
            )
        for claim in self.filtered(lambda claim: claim.state in ("draft", "sent")):
            if claim.method == "invoice":
                claim._set_state("cancel")
            elif not claim.currency_id.is_zero(claim.amount_open):
                claim._set_state("draft", move_id=False)


class AccountMove(models.Model):
    """What is done with the invoice or refund of a claim, the claim follows."""

    _inherit = "account.move"

    def _post(self, soft=True):
        """Posting a claim's invoice sends the claim."""
        drafts = self._get_aftersales_claims().filtered(
            lambda claim: claim.state == "draft"
        )
        drafts._check_ready_to_send()
        posted = super()._post(soft=soft)
        drafts.filtered(lambda claim: claim.move_id in posted)._set_sent()
        posted._get_aftersales_claims()._sync_refund_lines()
        return posted

    def button_draft(self):
        claims = self._get_aftersales_claims()
        answered = claims.filtered(
            lambda claim: (
                claim.move_id.state == "posted"
                and (
                    claim.settlement_ids
                    or claim.state not in ("draft", "sent", "cancel")
                )
            )
        )
        if answered:
            raise UserError(
                self.env._(
                    "%(claims)s was answered or paid, so %(moves)s can't be changed "
                    "any more. Make a credit note instead.",
                    claims=", ".join(answered.mapped("name")),
                    moves=", ".join(answered.move_id.mapped("name")),
                )
            )
        result = super().button_draft()
        claims.filtered(
            lambda claim: claim.method == "invoice" and claim.state == "sent"
        )._set_state("draft")
        return result

    def button_cancel(self):
        claims = self._get_aftersales_claims()
        # Nobody else pays for what is not credited.
        bills = self._get_aftersales_corrections().invoice_id - self
        if posted := bills.filtered(lambda move: move.state == "posted"):
            raise UserError(
                self.env._(
                    "%(credits)s moved to another payer what %(bills)s asks for. "
                    "Credit or cancel that first, or both would pay.",
                    credits=", ".join(self.mapped("display_name")),
                    bills=", ".join(posted.mapped("name")),
                )
            )
        result = super().button_cancel()
        claims._lose_draft()
        if bills := bills.filtered(lambda move: move.state == "draft"):
            bills.button_cancel()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_with_claims(self):
        self._get_aftersales_claims()._lose_draft()
        self._get_aftersales_corrections().unlink()

    def _get_aftersales_corrections(self):
        """Return the changes of payer that these credit notes carry out."""
        credits = self.sudo().filtered(
            lambda move: move.aftersales_payer_id and move.move_type == "out_refund"
        )
        if not credits:
            return self.env["aftersales.correction"].sudo()
        return (
            self.env["aftersales.correction"]
            .sudo()
            .search([("credit_id", "in", credits.ids)])
        )
