from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestRefund(ReturnCommon):
    def _return(self, sale_line, quantity, operation="refund", grade=None):
        rma = self._create_return((sale_line, quantity), operation=operation)
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=grade or self.grade_a)
        rma.line_ids.action_settle()
        return rma

    def test_refund(self):
        for product in (self.part_standard, self.part_avco, self.part_fifo):
            with self.subTest(product.name):
                self._stock(product, 10, 10.0)
                sale_line = self._sell(product, 5, discount=10.0)
                self._stock(product, 10, 16.0)
                invoice = sale_line.invoice_lines.move_id
                rma = self._return(sale_line, 2)
                refund = rma.line_ids.refund_line_ids.move_id
                self.assertEqual(refund.reversed_entry_id, invoice)
                self.assertEqual(refund.amount_untaxed, 36.0)
                self.assertEqual(refund.amount_total, 39.6)
                refund.action_post()
                self._put_away(rma)
                self.assertEqual(rma.state, "done")
                print(product.name, self._get_items(refund), self._get_items(invoice))
                print(rma.line_ids.move_ids.mapped(lambda m: (m.reference, m.value, m.state)))
                print(self.company.stock_value(), self.company.stock_accounting_value())
