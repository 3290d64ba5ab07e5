from unittest.mock import patch

from odoo.addons.aftersales_warranty.tests.purchase_common import PurchaseCommon

from .common import ReturnCommon


class SupplierCommon(PurchaseCommon, ReturnCommon):
    """Goods that were bought from ``supplier``, who answers for them 12 months.

    * ``payer_supplier`` booking to ``account_recoverable``
    * ``_come_back(product, …)``: sold, delivered, returned and received, as a line;
      ``_send(line)`` sends it to the supplier
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Reminders commit after each trip.
        cls.startClassPatcher(
            patch.object(
                cls.registry["ir.cron"], "_commit_progress", lambda *_a, **_k: 1.0
            )
        )
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
        cls.fault = cls.env.ref("aftersales_return.reason_defective")
        cls.parts = cls.part_standard | cls.part_avco | cls.part_fifo
        for product in cls.parts | cls.part_serial:
            cls._set_vendor(product)

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
