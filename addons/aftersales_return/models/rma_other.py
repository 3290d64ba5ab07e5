from odoo import Command, api, fields, models
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

    amount_difference = fields.Monetary(
        "Difference",
        compute="_compute_amount_difference",
        compute_sudo=True,
        help="What the new one costs more than was refunded: the customer pays it. "
        "Below zero: he gets it.",
    )

    @api.depends("replacement_sale_line_id.price_total", "amount_refunded")
    def _compute_amount_difference(self):
        for line in self:
            sold = line.replacement_sale_line_id
            line.amount_difference = (
                sold
                and sold.currency_id._convert(
                    sold.price_total,
                    line.currency_id,
                    line.company_id,
                    sold.order_id.date_order,
                )
                - line.amount_refunded
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
                    rma._prepare_replacement_order_values(lines)
                    for rma, lines in by_return.items()
                ]
            )
        )
        for order, lines in zip(orders, by_return.values(), strict=True):
            for line, sold in zip(lines, order.order_line, strict=True):
                line.replacement_sale_line_id = sold
        orders.action_confirm()

    def _prepare_replacement_line_values(self):
        """Return the line that sells the new one: its quantity, at today's price."""
        self.ensure_one()
        product = self.replacement_product_id
        return {
            "product_id": product.id,
            "product_uom_qty": self._get_quantity_given(product),
            "product_uom_id": product.uom_id.id,
        }

    def _check_ready(self):
        result = super()._check_ready()
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
        return result


class AftersalesReturn(models.Model):
    _inherit = "aftersales.return"

    def _prepare_replacement_order_values(self, lines):
        """Return the sales order of the new ones, as the old ones were sold."""
        self.ensure_one()
        sold = lines.sale_line_id.order_id.sudo()
        values = {
            "partner_id": self.partner_id.id,
            "partner_shipping_id": self.shipping_id.id,
            "company_id": self.company_id.id,
            "warehouse_id": self.warehouse_id.id,
            "origin": self.name,
            "order_line": [
                Command.create(line._prepare_replacement_line_values())
                for line in lines
            ],
        }
        # The difference is reckoned in one currency.
        if len(sold.pricelist_id) == 1:
            values["pricelist_id"] = sold.pricelist_id.id
        return values
