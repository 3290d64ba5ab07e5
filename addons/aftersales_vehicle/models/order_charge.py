from odoo import Command, fields, models


class AftersalesOrder(models.Model):
    """What the customer owes beyond the jobs, by an agreement that was signed."""

    _inherit = "aftersales.order"

    def _charge_customer(self, origin, rows):
        """Confirm a sales order of this work order for what goes beyond its jobs.

        It is billed with the order's other sales orders, and holds the gate pass.

        :param str origin: the document that says why
        :param rows: list of ``(product, text, quantity, price)``, the price in the
            company's currency
        :return: the sales order
        """
        self.ensure_one()
        payer = self.company_id._get_customer_payers()[self.company_id]
        sale = (
            self.env["sale.order"]
            .sudo()
            .with_context(mail_create_nosubscribe=True)
            .create({**self._prepare_quotation_values(payer), "origin": origin})
        )
        day = fields.Date.context_today(self)
        sale.order_line = [
            Command.create(
                {
                    "product_id": product.id,
                    "name": text,
                    "product_uom_qty": quantity,
                    "price_unit": self.currency_id._convert(
                        price, sale.currency_id, self.company_id, day
                    ),
                    # Signed as it is: the price list takes nothing off.
                    "discount": 0.0,
                }
            )
            for product, text, quantity, price in rows
        ]
        sale.action_confirm()
        for line in sale.order_line:
            line.qty_delivered = line.product_uom_qty
        return sale
