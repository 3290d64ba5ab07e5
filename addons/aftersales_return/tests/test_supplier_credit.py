from odoo.exceptions import UserError
from odoo.tests import tagged

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
class TestSupplierCredit(SupplierCommon):
    """Credited: Odoo's own purchase return, and a refund of what was billed."""

    def _start(self, product, quantity=2, cost=10.0, bill=True):
        receipt = self._buy(product, 3, cost, bill=bill)
        line = self._come_back(product, quantity, self._get_supplier_operation())
        line.action_test(result="fail")
        line.action_settle()
        trip = line.trip_ids
        trip.action_send(date_promised="2099-01-01")
        return trip, receipt

    def test_as_odoos_own_return(self):
        """Stock value, order and refund are those of a return made in Inventory."""
        for product in self.parts:
            with self.subTest(product.name):
                trip, receipt = self._start(product)
                purchase_line = receipt.purchase_line_id
                value = self._get_value(product)
                trip.action_credit(reference="CN-1")
                self.assertEqual((trip.state, trip.line_id.state), ("credited", "done"))
                back = receipt.returned_move_ids
                self.assertEqual(back.quantity, 2)
                self.assertTrue(back._is_purchase_return())
                self.assertEqual(purchase_line.qty_received, 1)
                self.assertEqual(value - self._get_value(product), 20.0)
                refund = trip.refund_ids
                self.assertEqual(
                    (refund.move_type, refund.state), ("in_refund", "draft")
                )
                self.assertEqual(refund.partner_id, self.supplier)
                self.assertEqual(refund.ref, "CN-1")
                self.assertEqual(refund.amount_untaxed, 20.0)
                self.assertEqual(refund.reversed_entry_id.move_type, "in_invoice")
                refund.action_post()
                self.assertEqual(purchase_line.qty_invoiced, 1)
                self._check_books(product)
                self.assertEqual(trip.return_id.state, "done")

    def test_not_billed_yet(self):
        trip, receipt = self._start(self.part_avco, bill=False)
        trip.action_credit()
        self.assertFalse(trip.refund_ids)
        purchase = receipt.purchase_line_id.order_id
        purchase.action_create_invoice()
        self.assertEqual(purchase.invoice_ids.invoice_line_ids.quantity, 1)

    def test_billed_in_part(self):
        trip, receipt = self._start(self.part_avco, bill=False)
        purchase = receipt.purchase_line_id.order_id
        purchase.action_create_invoice()
        purchase.invoice_ids.invoice_line_ids.quantity = 2
        purchase.invoice_ids.invoice_date = "2026-01-15"
        purchase.invoice_ids.action_post()
        trip.action_credit()
        self.assertEqual(trip.refund_line_ids.quantity, 1)

    def test_customers_is_not_credited(self):
        lots = self._create_lots(["C1"])
        self._buy(self.part_serial, 1, lots=lots, bill=True)
        line = self._come_back(self.part_serial, operation="repair", lots=lots)
        trip = self._send(line)
        with self.assertRaisesRegex(UserError, self.customer.name):
            trip.action_credit()

    def test_exchanged_then_credited(self):
        """The customer has a new one, the supplier keeps the old: nobody pays twice."""
        for product in self.parts:
            with self.subTest(product.name):
                self._buy(product, 5, 10.0, bill=True)
                line = self._come_back(
                    product, 1, self._get_supplier_operation("exchange")
                )
                line.action_test(result="fail")
                line.action_settle()
                self._receive(line.return_id)
                trip = line.trip_ids
                trip.action_send(date_promised="2099-01-01")
                trip.action_credit()
                trip.refund_ids.action_post()
                self.assertEqual(trip.refund_ids.amount_untaxed, 10.0)
                self.assertEqual(self._balance(self.account_recoverable), 0)
                self.assertFalse(
                    self._get_claims(line).filtered(lambda claim: claim.amount_open)
                )
                self._check_books(product)
                self.assertEqual(line.return_id.state, "done")

    def test_receipt_gone_back_already(self):
        trip, receipt = self._start(self.part_avco)
        self._return_natively(receipt, 2)
        with self.assertRaisesRegex(UserError, "can still go back"):
            trip.action_credit()

    def _return_natively(self, receipt, quantity):
        wizard = self.env["stock.return.picking"].create(
            {"picking_id": receipt.picking_id.id}
        )
        wizard.product_return_moves.quantity = quantity
        picking = wizard._create_return()
        self._stock(receipt.product_id, quantity)
        picking.move_ids.picked = True
        picking.move_ids.quantity = quantity
        picking.button_validate()

    def test_without_a_receipt(self):
        trip, _receipt = self._start(self.part_avco)
        trip.receipt_id = False
        with self.assertRaisesRegex(UserError, "receipt"):
            trip.action_credit()

    def test_two_at_once_one_refund(self):
        lots = self._create_lots(["D1", "D2"])
        receipt = self._buy(self.part_serial, 2, lots=lots, bill=True)
        lines = self._come_back(
            self.part_serial, 2, self._get_supplier_operation(), lots=lots
        )
        lines.action_test(result="fail")
        lines.action_settle()
        trips = lines.trip_ids
        trips.action_send(date_promised="2099-01-01")
        trips.action_credit()
        self.assertEqual(len(trips.refund_ids), 1)
        self.assertEqual(trips.refund_ids.amount_untaxed, 20.0)
        self.assertEqual(receipt.purchase_line_id.qty_received, 0)
        trips.action_credit()
        self.assertEqual(len(trips.refund_ids), 1, "replayed")

    def test_reversal(self):
        """A refund that is taken back leaves the books as they were."""
        trip, receipt = self._start(self.part_avco)
        trip.action_credit()
        refund = trip.refund_ids
        refund.action_post()
        invoiced = receipt.purchase_line_id.qty_invoiced
        reversal = refund._reverse_moves(
            [{"invoice_date": refund.invoice_date}], cancel=True
        )
        self.assertEqual(reversal.move_type, "in_invoice")
        items = (refund | reversal).line_ids
        for account in items.account_id:
            own = items.filtered(
                lambda item, account=account: item.account_id == account
            )
            self.assertAlmostEqual(sum(own.mapped("balance")), 0.0)
        self.assertGreater(receipt.purchase_line_id.qty_invoiced, invoiced)
