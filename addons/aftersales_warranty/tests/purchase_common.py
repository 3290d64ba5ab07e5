from odoo import Command

from odoo.addons.aftersales.tests.common import AftersalesCommon


class PurchaseCommon(AftersalesCommon):
    """Parts bought from ``supplier``, who may answer for them.

    * ``_buy(product, quantity, cost, …)`` returns the receipt
    * ``_set_vendor(product, months=12, labour=False)``: what the supplier promises
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create({"name": "Pump Works"})

    def _buy(self, product, quantity=5, cost=10.0, lots=None, bill=False, partner=None):
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": (partner or self.supplier).id,
                "company_id": self.company.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": quantity,
                            "price_unit": cost,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        purchase.button_confirm()
        picking = purchase.picking_ids
        move = picking.move_ids
        if lots:
            move.move_line_ids.unlink()
            move.move_line_ids = [
                Command.create(
                    {
                        "product_id": product.id,
                        "lot_id": lot.id,
                        "quantity": 1,
                        "location_id": move.location_id.id,
                        "location_dest_id": move.location_dest_id.id,
                    }
                )
                for lot in lots
            ]
        move.picked = True
        picking.button_validate()
        if bill:
            purchase.action_create_invoice()
            purchase.invoice_ids.invoice_date = "2026-01-15"
            purchase.invoice_ids.action_post()
        return move

    @classmethod
    def _set_vendor(cls, product, months=12, labour=False, partner=None):
        return cls.env["product.supplierinfo"].create(
            {
                "partner_id": (partner or cls.supplier).id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "aftersales_warranty_months": months,
                "aftersales_warranty_labour": labour,
                "company_id": cls.company.id,
            }
        )
