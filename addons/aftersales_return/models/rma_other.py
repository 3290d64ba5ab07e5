from odoo import Command, fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """Another product: the old one is credited, the new one sold; the rest is owed."""

    _inherit = "aftersales.return.line"

    replacement_sale_line_id = fields.Many2one(
        "sale.order.line",
        "Replaced With",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    def _settle_other(self):
        self._settle_refund()
        by_return = self.filtered(
            lambda line: not line.replacement_sale_line_id
        ).grouped("return_id")
        orders = (
            self.env["sale.order"]
            .sudo()
            .create(
                [
                    {
                        "partner_id": rma.partner_id.id,
                        "partner_shipping_id": rma.shipping_id.id,
                        "company_id": rma.company_id.id,
                        "warehouse_id": rma.warehouse_id.id,
                        "origin": rma.name,
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": line.replacement_product_id.id,
                                    "product_uom_qty": line.quantity,
                                }
                            )
                            for line in lines
                        ],
                    }
                    for rma, lines in by_return.items()
                ]
            )
        )
        for order, lines in zip(orders, by_return.values(), strict=True):
            for line, sold in zip(lines, order.order_line, strict=True):
                line.replacement_sale_line_id = sold
        orders.action_confirm()

    def _check_ready(self):
        super()._check_ready()
        bare = self.filtered(
            lambda line: line.remedy == "other" and not line.replacement_product_id
        )
        if bare:
            raise UserError(
                self.env._(
                    "%(lines)s: choose the product the customer gets instead.",
                    lines=", ".join(bare.mapped("display_name")),
                )
            )
