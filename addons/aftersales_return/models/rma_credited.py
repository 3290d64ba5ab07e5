from odoo import models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """What Invoicing billed or credited by hand while the goods were on their way."""

    _inherit = "aftersales.return.line"

    def _check_settleable(self):
        """Refuse to settle while Invoicing has something else in hand for the goods."""
        result = super()._check_settleable()
        for line in self:
            if obstacle := line._get_billing_obstacle():
                raise UserError(obstacle)
        return result

    def _get_billing_obstacle(self):
        """Say what has to be done in Invoicing before the goods are settled, if any."""
        self.ensure_one()
        if self.date_given or not self.sale_line_id:
            return None
        if self.remedy in ("refund", "other"):
            return self._get_credited_words() or self._get_draft_words()
        if self.remedy == "none" and self._was_taken_back():
            return self._get_billed_words()
        return None

    def _get_credited_words(self):
        """Say what was credited by hand since the return was accepted."""
        notes = (
            self._get_invoice_items()
            ._get_credits()
            .filtered(lambda item: not item.aftersales_return_line_id)
        )
        left = self._get_quantity_refundable() if notes else self.quantity
        if self.product_uom_id.compare(left, self.quantity) >= 0:
            return None
        return self.env._(
            "%(line)s: %(notes)s was made by hand meanwhile, and "
            "%(left)s %(unit)s are left to credit. Cancel that credit "
            "note, or choose an operation without a refund.",
            line=self.display_name,
            notes=", ".join(notes.move_id.mapped("display_name")),
            left=f"{left:g}",
            unit=self.product_uom_id.name,
        )

    def _get_draft_words(self):
        """Say which draft invoice would bill the goods after they were refunded."""
        drafts = self._get_invoice_items("draft")
        if (
            not drafts
            or self.product_uom_id.compare(
                self._get_quantity_to_credit(drafts=True),
                self._get_quantity_to_credit(),
            )
            <= 0
        ):
            return None
        return self.env._(
            "%(line)s is on %(invoices)s, which is not posted. Post it first, and the "
            "goods are credited; or take them off it.",
            line=self.display_name,
            invoices=", ".join(drafts.move_id.mapped("display_name")),
        )

    def _get_billed_words(self):
        """Say which invoice bills goods that were taken back because none did."""
        if not self._get_quantity_to_credit(drafts=True):
            return None
        items = self._get_invoice_items("draft") or self._get_invoice_items()
        return self.env._(
            "%(line)s came back unpaid and is on %(invoices)s now. Take it off that "
            "invoice, or choose an operation with a refund.",
            line=self.display_name,
            invoices=", ".join(items.move_id.mapped("display_name")),
        )

    def _was_taken_back(self):
        """Whether the goods count as not delivered, since they are here."""
        self.ensure_one()
        done = self.move_ids.filtered(lambda move: move.state == "done")
        return self.sale_line_id in done.filtered("to_refund").sale_line_id

    def _get_quantity_refundable(self):
        """Return how much of the sale may still be refunded, as if nothing had come."""
        self.ensure_one()
        sold = self.sale_line_id.sudo()
        billed, credited, _returned = self._get_invoiced_quantities()
        unbilled = 0.0
        if self.goods != "stay":
            delivered = self._get_quantity_delivered()
            done = self.move_ids.filtered(lambda move: move.state == "done")
            if sold in done.sale_line_id:
                delivered += self.quantity
            unbilled = max(delivered - billed, 0.0)
        return max(billed - credited, 0.0) + unbilled

    # What is not billed any more

    def _keep_unbilled(self):
        """Let what is settled without ever having been billed not be billed later."""
        for sold, lines in self.sudo().grouped("sale_line_id").items():
            if not sold or not lines.filtered(lambda line: line._is_billed_later()):
                continue
            quantity = sum(
                line._get_quantity_unbilled(sold.product_uom_id)
                for line in sold._get_settled_returns()
            )
            if sold.product_uom_id.compare(sold.aftersales_qty_unbilled, quantity):
                sold.aftersales_qty_unbilled = quantity

    def _is_billed_later(self):
        """Whether Odoo would bill the goods, although they came back or are given."""
        self.ensure_one()
        if self.goods == "stay":
            return self.remedy in ("refund", "other")
        # By delivery, what came back counts as not delivered already.
        by_order = self.product_id.invoice_policy == "order"
        return by_order and self._was_taken_back()

    def _get_quantity_unbilled(self, unit):
        """Return how much was settled without a credit, in ``unit``."""
        self.ensure_one()
        if not self._is_billed_later():
            return 0.0
        credits = self.refund_line_ids.filtered(
            lambda item: (
                item.product_id
                and item.move_type == "out_refund"
                and item.parent_state != "cancel"
            )
        )
        left = self.quantity - credits._sum_quantity(self.product_uom_id)
        return self.product_uom_id._compute_quantity(max(left, 0.0), unit)

    def _get_quantity_given_away(self):
        """Return how much of the sale the customer keeps that was never billed."""
        self.ensure_one()
        sold = self.sale_line_id.sudo()
        if not sold.aftersales_qty_unbilled:
            return 0.0
        return sum(
            line._get_quantity_unbilled(self.product_uom_id)
            for line in sold._get_settled_returns() - self
            if line.goods == "stay"
        )
