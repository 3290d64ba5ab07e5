from odoo import Command

from odoo.addons.aftersales.tests.common import AftersalesCommon


class ReturnCommon(AftersalesCommon):
    """Sales that were delivered and invoiced, and the operations to take them back.

    * ``op_refund``, ``op_exchange``, ``op_repair`` … by code: ``_get_operation(code)``
    * ``_sell(product, quantity, price=20)`` returns the delivered, invoiced sales
      order line; ``_create_return((line, quantity), …)``; ``_receive(rma)`` validates
      its transfer; ``_get_items(move)``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "10 %",
                "amount": 10.0,
                "type_tax_use": "sale",
                "company_id": cls.company.id,
            }
        )
        cls.grade_a = cls.env.ref("aftersales_return.grade_a")
        # Without a full address nothing is sent to a customer.
        cls.customer.write(
            {
                "street": "12 Zhongshan Road",
                "city": "Nanjing",
                "zip": "210005",
                "country_id": cls.env.ref("base.cn").id,
                "phone": "+86 25 1234 5678",
            }
        )

    def _get_operation(self, code):
        return self.env.ref(f"aftersales_return.operation_{code}")

    def _sell(self, product, quantity, price=20.0, invoice=True, lots=None, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.set(self.tax.ids)],
                            **values,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        if lots:
            picking.move_line_ids.unlink()
            picking.move_ids.move_line_ids = [
                Command.create(
                    {
                        "product_id": product.id,
                        "lot_id": lot.id,
                        "quantity": 1.0,
                        "picking_id": picking.id,
                        "location_id": picking.location_id.id,
                        "location_dest_id": picking.location_dest_id.id,
                    }
                )
                for lot in lots
            ]
        picking.move_ids.picked = True
        picking.button_validate()
        if invoice:
            order._create_invoices().action_post()
        return order.order_line

    def _create_return(self, *lines, operation="refund", **values):
        """Create a return; each line is ``(sales order line, quantity)`` or values."""
        return self.env["aftersales.return"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "line_ids": [
                    Command.create(self._prepare_line(line, operation))
                    for line in lines
                ],
                **values,
            }
        )

    def _prepare_line(self, line, operation):
        if isinstance(line, dict):
            return {"operation_id": self._get_operation(operation).id, **line}
        sale_line, quantity = line
        return {
            "product_id": sale_line.product_id.id,
            "quantity": quantity,
            "product_uom_id": sale_line.product_uom_id.id,
            "move_id": sale_line.move_ids.filtered(
                lambda move: move.location_dest_id.usage == "customer"
            )[:1].id,
            "operation_id": self._get_operation(operation).id,
        }

    def _receive(self, returns):
        for picking in returns.picking_ids.filtered(
            lambda picking: picking.state == "assigned"
        ):
            picking.move_ids.picked = True
            picking.button_validate()

    def _put_away(self, returns):
        self._receive(returns)

    def _get_items(self, moves):
        """Return ``[(account code, balance)]`` of journal entries, merged."""
        totals = {}
        for item in moves.line_ids:
            code = item.account_id.with_company(self.company).code
            totals[code] = totals.get(code, 0.0) + item.balance
        return {code: round(total, 2) for code, total in totals.items() if total}

    def _check_books(self, products):
        """The stock account says what the stock is worth."""
        values = self.company.stock_value()
        booked = self.company.stock_accounting_value()
        account = products.categ_id.property_stock_valuation_account_id[:1]
        self.assertAlmostEqual(
            values.get(account, 0.0), booked.get(account, 0.0), places=2
        )
