from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestCloseCheck(ReceptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Check = cls.env["aftersales.close.check"]
        cls.vendor = cls.env["res.partner"].create({"name": "Paint Shop"})

    def _check(self, code, step="invoice", **values):
        return self.Check.create({"name": code, "code": code, "step": step, **values})

    def _work(self, **job):
        self._stock(self.part_avco, 1)
        order = self._order({"lines": [(self.part_avco, 1), (self.labour, 1)], **job})
        self._approve(order)
        order.action_start()
        self._issue(order)
        order.action_complete()
        order.action_pass_quality()
        return order

    def test_without_technician_it_is_not_billed(self):
        self._check("technician")
        order = self._work()
        self.assertIn("technician of", order.missing)
        with self.assertRaisesRegex(UserError, "technician of “Job 1”"):
            order.action_invoice()
        self.assertFalse(order.invoice_ids)
        order.job_ids.technician_id = self.employee
        order.action_invoice()
        self.assertTrue(order.invoice_ids)

    def test_each_order_of_a_batch_is_named(self):
        self._check("technician")
        orders = self._work() | self._work()
        with self.assertRaises(UserError) as error:
            orders.action_invoice()
        for order in orders:
            self.assertIn(order.name, str(error.exception))

    def test_odometer_and_category(self):
        self._check("meter")
        order = self._work()
        self.assertFalse(order._get_gaps("invoice"))
        self._check("meter", "deliver")
        self.assertEqual(order._get_gaps("deliver"), ["meter at hand-over"])
        self._check("payment_way")
        self.assertEqual(order._get_gaps("invoice"), ["way of payment"])

    def test_work_done_elsewhere_needs_its_purchase(self):
        self._check("purchase")
        paint = self.env["product.product"].create(
            {
                "name": "Painting",
                "type": "service",
                "list_price": 300,
                "seller_ids": [Command.create({"partner_id": self.vendor.id})],
            }
        )
        order = self._order(
            {
                "lines": [
                    {
                        "product_id": paint.id,
                        "kind": "sublet",
                        "product_uom_qty": 1,
                    }
                ]
            }
        )
        self._approve(order)
        lines = order.job_ids.line_ids
        self.assertFalse(order._get_gaps("invoice"))
        lines.purchase_line_ids.order_id.button_cancel()
        self.assertEqual(order._get_gaps("invoice"), ["purchase order for “Painting”"])

    def test_fault_cause_and_root_cause_of_a_repair(self):
        self._check("fault")
        self._check("cause")
        order = self._work()
        self.assertFalse(order._get_gaps("invoice"), "maintenance has no fault")
        order.visit_kind = "repair"
        self.assertEqual(order._get_gaps("invoice"), ["fault code of “Job 1”"])
        order.job_ids.fault_id = self.fault_noise
        self.assertEqual(
            order._get_gaps("invoice"), ["cause and correction of “Job 1”"]
        )
        order.job_ids.write({"cause": "Worn", "correction": "Replaced"})
        self.assertFalse(order._get_gaps("invoice"))

    def test_a_check_speaks_of_its_categories_and_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._check("technician", company_id=other.id)
        order = self._work()
        self.assertFalse(order._get_gaps("invoice"))
        self._check("technician", category_ids=[Command.set(self.category.ids)])
        self.assertFalse(order._get_gaps("invoice"), "another category")
        check = self._check("technician")
        self.assertTrue(order._get_gaps("invoice"))
        check.active = False
        self.assertFalse(order._get_gaps("invoice"), "switched off at once")

    def test_other_assets_are_billed_as_before(self):
        self._check("technician")
        self._stock(self.part_avco, 1)
        order = self._approve(self._create_order())
        self._finish_order(order)
        self.assertTrue(order.invoice_ids)

    def test_hand_over_waits_for_the_second_reading(self):
        self._check("meter", "deliver")
        self.category_car.write({"meter_required": False, "gate_pass_required": False})
        order = self._work()
        order.action_invoice()
        with self.assertRaisesRegex(UserError, "meter at hand-over"):
            order.action_deliver()
        order.action_deliver(meter_out=10020)
        self.assertEqual(order.state, "done")
