from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestMoneyDraft(MoneyCommon):
    """What came back is not billed afterwards, whatever Invoicing had in hand."""

    def setUp(self):
        super().setUp()
        self.product = self.part_avco
        self._stock(self.product, 10, 10.0)

    def _sell_unbilled(self, policy="delivery", quantity=5):
        self.product.invoice_policy = policy
        return self._sell(self.product, quantity, invoice=False)

    @contextmanager
    def _refuses(self, words):
        with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
            yield

    def _bill(self, sale_line):
        """Return the net amount of all invoices, after billing what is left."""
        order = sale_line.order_id
        if sale_line.qty_to_invoice > 0:
            order._create_invoices()
        drafts = order.invoice_ids.filtered(lambda move: move.state == "draft")
        drafts.action_post()
        self.assertEqual(sale_line.qty_to_invoice, 0.0)
        return -sum(
            move.direction_sign * move.amount_total
            for move in order.invoice_ids
            if move.state == "posted"
        )

    def test_draft_is_posted_first(self):
        """Named with what to do; posted, the goods are credited."""
        for policy in ("order", "delivery"):
            for operation in ("refund", "refund_keep"):
                with self._apart(policy, operation):
                    sale_line = self._sell_unbilled(policy)
                    draft = sale_line.order_id._create_invoices()
                    rma = self._create_return((sale_line, 2), operation=operation)
                    settle = rma.action_accept
                    if operation == "refund":
                        # What stays is refunded as soon as it is accepted.
                        rma.action_accept()
                        self._receive(rma)
                        rma.line_ids.action_test(grade=self.grade_a)
                        settle = rma.line_ids.action_settle
                    with self._refuses("Draft Invoice.*Post it"):
                        settle()
                    draft.action_post()
                    settle()
                    self._receive(rma)
                    self.assertEqual(rma.state, "done")
                    self.assertEqual(self._get_credit_notes(rma).amount_total, 44.0)
                    self.assertEqual(self._bill(sale_line), 66.0)

    def test_draft_without_the_goods(self):
        """Taken off the draft, they need no credit and are not billed later."""
        for policy in ("order", "delivery"):
            with self._apart(policy):
                sale_line = self._sell_unbilled(policy)
                draft = sale_line.order_id._create_invoices()
                rma = self._receive_return(sale_line, 2)
                draft.invoice_line_ids.quantity = 3
                self._finish(rma)
                self.assertEqual(rma.state, "done")
                self.assertFalse(self._get_credit_notes(rma))
                self.assertEqual(self._bill(sale_line), 66.0)

    def test_draft_for_others_of_the_delivery(self):
        """Four of ten are on a draft, two come back: nothing is in the way."""
        sale_line = self._sell_unbilled(quantity=10)
        draft = sale_line.order_id._create_invoices()
        draft.invoice_line_ids.quantity = 4
        rma = self._return(sale_line, 2)
        self.assertEqual(rma.state, "done")
        self.assertEqual(self._bill(sale_line), 176.0)

    def test_goods_arrive_while_the_draft_is_open(self):
        """Refunded at the arrival: the goods are taken in, the refund waits."""
        operation = self._get_operation("refund")
        operation.when = "received"
        sale_line = self._sell_unbilled()
        draft = sale_line.order_id._create_invoices()
        rma = self._receive_return(sale_line, 2)
        self.assertEqual(rma.line_ids.state, "received")
        draft.action_post()
        rma.line_ids.action_settle()
        self.assertEqual(self._bill(sale_line), 66.0)

    def test_never_billed(self):
        """Neither what came back nor what was given away is billed later."""
        for policy in ("order", "delivery"):
            for operation in ("refund", "refund_keep", "restock"):
                with self._apart(policy, operation):
                    sale_line = self._sell_unbilled(policy)
                    rma = self._return(sale_line, 2, operation)
                    self.assertEqual(rma.state, "done")
                    self.assertFalse(self._get_credit_notes(rma))
                    self.assertEqual(self._bill(sale_line), 66.0)
                    # Of the three he paid another comes back.
                    self._return(sale_line, 1)
                    self.assertEqual(self._bill(sale_line), 44.0)

    def test_taken_back_unpaid_and_billed_meanwhile(self):
        """A parcel that nobody had billed is refunded, or taken off the invoice."""
        sale_line = self._sell_unbilled("order")
        rma = self._receive_return(sale_line, 5, "restock")
        invoice = sale_line.order_id._create_invoices()
        for _draft_and_posted in range(2):
            with self._refuses("came back unpaid"):
                self._finish(rma)
            if invoice.state == "draft":
                invoice.action_post()
        line = rma.line_ids
        line.action_change_operation(self._get_operation("refund"), reason="Billed")
        self._finish(rma)
        self.assertEqual(rma.state, "done")
        self.assertEqual(self._bill(sale_line), 0.0)

    def test_settled_otherwise_after_all(self):
        """What is not settled any more is billed again."""
        sale_line = self._sell_unbilled("order")
        rma = self._receive_return(sale_line, 2, "restock")
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        self.assertEqual(sale_line.qty_to_invoice, 3.0)
        rma.line_ids.action_change_operation(self._get_operation("as_is"), reason="No")
        self.assertEqual(sale_line.qty_to_invoice, 5.0)

    def test_serials_of_two_invoices(self):
        """Each serial has a line of its own; together they credit what was billed."""
        serials = self._stock_serial(["A1", "A2", "A3"])
        self.part_serial.invoice_policy = "delivery"
        sale_line = self._sell(self.part_serial, 3, invoice=False, lots=serials)
        order = sale_line.order_id
        first = order._create_invoices()
        first.invoice_line_ids.quantity = 1
        first.action_post()
        second = order._create_invoices()
        second.invoice_line_ids.quantity = 1
        second.action_post()
        rma = self._create_return(
            *(
                {
                    "product_id": self.part_serial.id,
                    "quantity": 1,
                    "lot_id": serial.id,
                    "move_id": sale_line.move_ids.id,
                }
                for serial in serials
            )
        )
        rma.action_accept()
        self._receive(rma)
        self._finish(rma)
        # The third was never billed.
        self.assertEqual(
            {
                note.reversed_entry_id: note.amount_total
                for note in self._get_credit_notes(rma)
            },
            {first: 22.0, second: 22.0},
        )
        self.assertEqual(rma.state, "done")
        self.assertEqual(self._bill(sale_line), 0.0)
