from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestOrder(AftersalesCommon):
    def test_life_of_an_order(self):
        self._stock(self.part_avco, 5)
        order = self._create_order()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.amount_untaxed, 180.0)
        order.action_estimate()
        self.assertEqual(order.state, "quoted")
        self.assertEqual(order.sale_order_ids.state, "draft")
        self.assertEqual(order.amount_untaxed, 180.0)
        order.action_approve(method="phone", signer="Wang Fang", note="Yes, do it")
        self.assertEqual(order.state, "approved")
        self.assertEqual(order.sale_order_ids.state, "sale")
        self.assertEqual(order.approval_ids.note, "Yes, do it")
        self.assertEqual(order.picking_ids.mapped("state"), ["assigned"])
        self.assertEqual(order.parts_state, "available")
        order.action_start()
        self._issue(order)
        self.assertEqual(order.parts_state, "issued")
        part_line = order.line_ids.filtered(lambda line: line.kind == "part")
        self.assertEqual(part_line.qty_used, 1)
        order.action_complete()
        order.action_pass_quality()
        order.action_invoice()
        self.assertEqual(len(order.invoice_ids), 1)
        self.assertEqual(order.invoice_ids.amount_untaxed, 180.0)
        order.invoice_ids.action_post()
        order.action_deliver()
        self.assertEqual(order.state, "done")
        self.assertEqual(self._balance(self.account_income, order), -180.0)
        self.assertEqual(self._balance(self.account_expense, order), 10.0)
        self.assertEqual(self._balance(self.account_stock_valuation, order), -10.0)

    def test_refused_step_names_the_orders(self):
        order, started = self._create_order(), self._create_order()
        self._stock(self.part_avco, 5)
        self._approve(started)
        started.action_start()
        with self.assertRaisesRegex(UserError, order.name):
            (order + started).action_start()
        self.assertEqual(order.state, "draft")

    def test_two_orders_go_together(self):
        self._stock(self.part_avco, 5)
        orders = self._create_order() + self._create_order()
        self._finish_order(self._approve(orders))
        orders.action_deliver()
        self.assertEqual(orders.mapped("state"), ["done", "done"])
        self.assertEqual(len(orders.invoice_ids), 2)

    def test_two_steps(self):
        self.warehouse.aftersales_steps = "two_steps"
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order([(self.part_avco, 2)]))
        self.assertEqual(len(order.picking_ids), 2)
        self._finish_order(order)
        self.assertEqual(order.line_ids.qty_used, 2)
        self.assertEqual(self._balance(self.account_expense, order), 20.0)

    def test_cancel_in_progress_brings_the_parts_back(self):
        for steps in ("one_step", "two_steps"):
            with self.subTest(steps):
                self.warehouse.aftersales_steps = steps
                self._stock(self.part_avco, 5)
                value = self._get_value(self.part_avco)
                order = self._approve(self._create_order([(self.part_avco, 2)]))
                order.action_start()
                self._issue(order)
                order.action_cancel(reason="Sold the car")
                self.assertEqual(order.line_ids.qty_used, 0)
                self.assertEqual(self._get_value(self.part_avco), value)
                self.assertEqual(order.sale_order_ids.state, "cancel")

    def test_absorbed(self):
        self._stock(self.part_avco, 5)
        order = self._create_order(
            {"lines": [(self.part_avco, 2)], "payer_id": self.payer_goodwill.id}
        )
        self._finish_order(self._approve(order))
        self.assertFalse(order.invoice_ids)
        self.assertEqual(self._balance(self.account_goodwill, order), 20.0)
        self.assertEqual(self._balance(self.account_stock_valuation, order), -20.0)
        self.assertEqual(order.line_ids.cost, 20.0)
