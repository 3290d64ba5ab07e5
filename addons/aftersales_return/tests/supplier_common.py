from odoo import Command

from .common import ReturnCommon


class SupplierCommon(ReturnCommon):
    """Goods that were bought from ``supplier``, who answers for them 12 months.

    * ``supplier``, ``payer_supplier`` booking to ``account_recoverable``
    * ``_buy(product, quantity, cost, lots=None, bill=False)`` returns the receipt;
      ``_set_vendor(product, months=12, labour=False)``
    * ``_come_back(product, …)``: sold, delivered, returned and received, as a line;
      ``_send(line)`` sends it to the supplier
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payer_supplier = cls.env["aftersales.payer"].search(
            [("company_id", "=", cls.company.id), ("code", "=", "supplier")]
        )
        cls.account_recoverable = cls.env["account.account"].create(
            {
                "name": "Recoverable from suppliers",
                "code": "123900",
                "account_type": "asset_current",
            }
        )
        cls.payer_supplier.account_id = cls.account_recoverable
        cls.company.aftersales_invoice_posting = "post"
        cls.supplier = cls.env["res.partner"].create({"name": "Pump Works"})
        cls.fault = cls.env.ref("aftersales_return.reason_defective")
        cls.parts = cls.part_standard | cls.part_avco | cls.part_fifo
        for product in cls.parts | cls.part_serial:
            cls._set_vendor(product)

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

    def _create_lots(self, names, product=None):
        return self.env["stock.lot"].create(
            [
                {
                    "name": name,
                    "product_id": (product or self.part_serial).id,
                    "company_id": self.company.id,
                }
                for name in names
            ]
        )

    def _buy(self, product, quantity, cost=10.0, lots=None, bill=False, partner=None):
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

    def _come_back(self, product, quantity=1, operation="exchange", lots=None):
        """Return the line of goods that were sold, and came back faulty.

        :param operation: its code, or a record
        """
        sale_line = self._sell(product, quantity, lots=lots)
        if isinstance(operation, str):
            operation = self._get_operation(operation)
        if lots:
            lines = [
                {
                    "product_id": product.id,
                    "lot_id": lot.id,
                    "reason_id": self.fault.id,
                    "operation_id": operation.id,
                }
                for lot in lots
            ]
            rma = self._create_return(*lines)
        else:
            rma = self._create_return((sale_line, quantity))
            rma.line_ids.write(
                {"reason_id": self.fault.id, "operation_id": operation.id}
            )
        rma.action_accept()
        self._receive(rma)
        return rma.line_ids

    def _get_supplier_operation(self, remedy="refund"):
        """Return an operation by which the goods become ours and go to the supplier."""
        return self._get_operation(remedy).copy({"code": False, "goods": "supplier"})

    def _send(self, lines, date_promised="2099-01-01"):
        trips = lines.action_send_to_supplier()
        trips.action_send(date_promised=date_promised)
        return trips

    def _get_claims(self, lines):
        return lines.claim_line_ids.claim_id
