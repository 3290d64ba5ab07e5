from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class SaleOrderLine(models.Model):
    """What was refunded for a return is not billed again."""

    _inherit = "sale.order.line"

    aftersales_qty_refunded = fields.Float(
        "Refunded",
        digits="Product Unit",
        compute="_compute_aftersales_qty_refunded",
        store=True,
        help="Credited for returns although it counts as ordered or delivered.",
    )

    aftersales_qty_unbilled = fields.Float(
        "Not Billed",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="Settled with returns before it was billed, although it counts as ordered "
        "or delivered.",
    )

    def _auto_init(self):
        # Nothing that was sold before has been returned with a return of ours.
        if not column_exists(self.env.cr, self._table, "aftersales_qty_refunded"):
            create_column(
                self.env.cr, self._table, "aftersales_qty_refunded", "numeric"
            )
        return super()._auto_init()

    def _get_settled_returns(self):
        """Return what came back of these sales, or was refunded without coming back."""
        return (
            self.env["aftersales.return.line"]
            .sudo()
            .search(
                [
                    ("sale_line_id", "in", self.ids),
                    ("state", "in", ("settled", "done")),
                ]
            )
        )

    @api.depends(
        "invoice_lines.parent_state",
        "invoice_lines.quantity",
        "invoice_lines.aftersales_return_line_id",
    )
    def _compute_aftersales_qty_refunded(self):
        for line in self:
            refunded = 0.0
            for item in line.invoice_lines:
                goods = item.aftersales_return_line_id
                if not goods or item.parent_state == "cancel":
                    continue
                # By delivery, what came back counts as not delivered already.
                if goods.goods == "stay" or line.product_id.invoice_policy == "order":
                    sign = {"out_refund": 1, "out_invoice": -1}.get(item.move_type, 0)
                    refunded += sign * item._sum_quantity(line.product_uom_id)
            line.aftersales_qty_refunded = refunded

    @api.depends("aftersales_qty_refunded", "aftersales_qty_unbilled")
    def _compute_qty_to_invoice(self):
        result = super()._compute_qty_to_invoice()
        for line in self:
            settled = line.aftersales_qty_refunded + line.aftersales_qty_unbilled
            if settled and line.qty_to_invoice > 0:
                line.qty_to_invoice = max(line.qty_to_invoice - settled, 0.0)
        return result
