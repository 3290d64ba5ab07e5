from odoo import models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """What Invoicing credited by hand while the goods were on their way."""

    _inherit = "aftersales.return.line"

    def _check_settleable(self):
        """Refuse to refund what Invoicing credited since the return was accepted."""
        result = super()._check_settleable()
        for line in self.filtered(
            lambda line: line.remedy in ("refund", "other") and not line.date_given
        ):
            notes = (
                line._get_invoice_items()
                ._get_credits()
                .filtered(lambda item: not item.aftersales_return_line_id)
            )
            left = line._get_quantity_refundable() if notes else line.quantity
            if line.product_uom_id.compare(left, line.quantity) < 0:
                raise UserError(
                    self.env._(
                        "%(line)s: %(notes)s was made by hand meanwhile, and "
                        "%(left)s %(unit)s are left to credit. Cancel that credit "
                        "note, or choose an operation without a refund.",
                        line=line.display_name,
                        notes=", ".join(notes.move_id.mapped("display_name")),
                        left=f"{left:g}",
                        unit=line.product_uom_id.name,
                    )
                )
        return result

    def _get_quantity_refundable(self):
        """Return how much of the sale may still be refunded, as if nothing had come."""
        self.ensure_one()
        sold = self.sale_line_id.sudo()
        unit = self.product_uom_id
        billed, credited, _returned = self._get_invoiced_quantities()
        unbilled = 0.0
        if self.goods != "stay":
            delivered = sold.product_uom_id._compute_quantity(sold.qty_delivered, unit)
            done = self.move_ids.filtered(lambda move: move.state == "done")
            if sold in done.sale_line_id:
                delivered += self.quantity
            unbilled = max(delivered - billed, 0.0)
        return max(billed - credited, 0.0) + unbilled
