from odoo.tests import tagged

from .supplier_common import SupplierCommon
from .tour_common import TourCase


@tagged("post_install", "-at_install")
class TestTourAccountant(SupplierCommon, TourCase):
    """The accountant, with the rights of Invoicing alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.part_avco.name = "Circulation pump"
        cls.company.aftersales_invoice_posting = "draft"
        journal = cls.env["account.journal"].create(
            {
                "name": "Bank",
                "code": "BNKT",
                "type": "bank",
                "company_id": cls.company.id,
            }
        )
        outstanding = cls.env["account.account"].create(
            {
                "name": "Payments under way",
                "code": "101999",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        methods = (
            journal.inbound_payment_method_line_ids
            | journal.outbound_payment_method_line_ids
        )
        methods.payment_account_id = outstanding

    def _pay(self, invoices):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoices.ids
        ).create({})._create_payments()

    def test_credit_note(self):
        self._buy(self.part_avco, 5, bill=True)
        sale_line = self._sell(self.part_avco, 5)
        self._pay(sale_line.invoice_lines.move_id)
        rma = self._create_return((sale_line, 2))
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        self._receive(rma)
        credit = rma.line_ids.refund_line_ids.move_id
        self.assertEqual((credit.state, rma.state), ("draft", "open"))
        self._walk("accountant", self.accountant)
        self.assertEqual((credit.state, rma.state), ("posted", "done"))
        self.assertEqual(credit.amount_total, 44.0)
        self.assertEqual(credit.amount_residual, 0.0)
        self.assertEqual(credit.matched_payment_ids.amount, 44.0)
        account = self.customer.with_company(
            self.company
        ).property_account_receivable_id
        self.assertEqual(self._balance(account), 0.0)
        # Nothing between stock and books is left open.
        self._check_books(self.part_avco)
        reader = self._create_user("auditor", "account.group_account_readonly")
        self._walk("auditor", reader)

    def test_supplier(self):
        receipt = self._buy(self.part_avco, 3, bill=True)
        line = self._come_back(self.part_avco, 2, self._get_supplier_operation())
        line.action_test(result="fail")
        line.action_settle()
        line.refund_line_ids.move_id.action_post()
        trip = line.trip_ids
        trip.action_send(date_promised="2099-01-01")
        trip.action_credit(reference="CN-1")
        refund = trip.refund_ids
        self.assertEqual((refund.state, trip.return_id.state), ("draft", "done"))
        exchanged = self._come_back(self.part_avco, 1)
        # What is given for it costs more than what came back.
        self._buy(self.part_avco, 4, 16.0, bill=True)
        exchanged.action_test(result="fail", grade=self.grade_a)
        exchanged.action_settle()
        self._receive(exchanged.return_id)
        claim = self._get_claims(exchanged)
        self.assertAlmostEqual(claim.amount_claimed, 4.8)
        claim.action_send()
        self._walk("accountant_supplier", self.accountant)
        self.assertEqual(refund.state, "posted")
        self.assertEqual(receipt.purchase_line_id.qty_invoiced, 1)
        self.assertEqual(claim.return_ids, exchanged.return_id)
        self._check_books(self.part_avco)
