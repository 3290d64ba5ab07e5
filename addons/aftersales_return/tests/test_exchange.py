from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestExchange(ReturnCommon):
    def test_exchange(self):
        for product in (self.part_standard, self.part_avco, self.part_fifo):
            with self.subTest(product.name):
                self._stock(product, 10, 10.0)
                sale_line = self._sell(product, 5)
                self._stock(product, 10, 16.0)
                before = self._balance(self.account_goodwill)
                gap = self._get_gap()
                rma = self._create_return((sale_line, 2), operation="exchange")
                rma.action_accept()
                self._receive(rma)
                line = rma.line_ids
                self.assertEqual(line.move_ids.value, 0.0)
                line.action_test(grade=self.grade_a)
                line.action_settle()
                self._receive(rma)
                self.assertEqual(rma.state, "done")
                print(product.name, self._balance(self.account_goodwill) - before)
                print([(m.aftersales_return_direction, m.location_id.name, m.location_dest_id.name, m.value, m.is_in, m.is_out) for m in line.move_ids.sorted("id")])
                self.assertEqual(self._get_gap(), gap)
                self.assertEqual(sale_line.qty_delivered, 5.0)

    def test_repair(self):
        self._stock(self.part_avco, 10, 10.0)
        sale_line = self._sell(self.part_avco, 1)
        rma = self._create_return((sale_line, 1), operation="repair")
        rma.action_accept()
        self._receive(rma)
        line = rma.line_ids
        line.action_test(result="fail")
        line.action_settle()
        print(line.order_id, line.move_ids.mapped(lambda m: (m.state, m.value)))
        from odoo.exceptions import UserError
        with self.assertRaisesRegex(UserError, "passed the test"):
            self._receive(rma)

    def test_advance(self):
        self._stock(self.part_avco, 10, 10.0)
        sale_line = self._sell(self.part_avco, 2)
        gap = self._get_gap()
        rma = self._create_return((sale_line, 1), operation="advance")
        rma.action_accept()
        self._receive(rma)
        print(rma.line_ids.state, rma.line_ids.move_ids.mapped(lambda m: (m.aftersales_return_direction, m.state, m.value)))

    def _get_gap(self):
        return {
            account.code: round(
                value - self.company.stock_accounting_value().get(account, 0.0), 2
            )
            for account, value in self.company.stock_value().items()
        }
