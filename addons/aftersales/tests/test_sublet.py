from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestSublet(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.painter = cls.env["res.partner"].create({"name": "Painter"})
        cls.glazier = cls.env["res.partner"].create({"name": "Glazier"})
        cls.painting = cls._create_service("Painting", cls.painter, 60.0, 100.0)
        cls.glass = cls._create_service("Windscreen", cls.glazier, 90.0, 150.0)

    @classmethod
    def _create_service(cls, name, vendor, cost, price):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": price,
                "taxes_id": [Command.clear()],
                "supplier_taxes_id": [Command.clear()],
                "seller_ids": [
                    Command.create({"partner_id": vendor.id, "price": cost})
                ],
            }
        )

    def _sublet(self, product, quantity=1, **values):
        return {
            "product_id": product.id,
            "kind": "sublet",
            "product_uom_qty": quantity,
            **values,
        }

    def test_purchase_per_vendor(self):
        order = self._create_order(
            [
                self._sublet(self.painting, 2),
                self._sublet(self.glass),
                self._sublet(self.painting),
            ],
        )
        order.action_estimate()
        self.assertFalse(order.purchase_order_ids)
        order.action_approve()
        purchases = order.purchase_order_ids.sorted("amount_untaxed")
        self.assertRecordValues(
            purchases,
            [
                {"partner_id": self.glazier.id, "amount_untaxed": 90.0},
                {"partner_id": self.painter.id, "amount_untaxed": 180.0},
            ],
        )
        self.assertEqual(purchases.mapped("origin"), [order.name] * 2)
        self.assertEqual(order.line_ids.mapped("cost"), [120.0, 90.0, 60.0])
        order.action_approve()
        self.assertEqual(order.purchase_order_ids, purchases)

    def test_cost_and_margin_of_the_purchase(self):
        order = self._approve(self._create_order([self._sublet(self.painting)]))
        order.purchase_order_ids.order_line.price_unit = 70.0
        self.assertEqual(order.line_ids.cost, 70.0)
        self.assertEqual(order.job_ids.margin, 30.0)
        self._finish_order(order)
        self.assertEqual(order.invoice_ids.amount_untaxed, 100.0)
        self.assertEqual(order.line_ids.cost, 70.0)

    def test_cost_in_the_vendor_s_currency(self):
        self._use_multi_currencies(
            [(fields.Date.to_string(fields.Date.today().replace(month=1, day=1)), 2.0)]
        )
        self.painting.seller_ids.currency_id = self.other_currency
        self.painter.with_company(
            self.company
        ).property_purchase_currency_id = self.other_currency
        order = self._approve(self._create_order([self._sublet(self.painting)]))
        self.assertEqual(order.purchase_order_ids.amount_untaxed, 60.0)
        self.assertEqual(order.line_ids.cost, 30.0)

    def test_vendor_bill_knows_the_order(self):
        order = self._approve(
            self._create_order([self._sublet(self.painting), (self.labour, 1)])
        )
        purchase = order.purchase_order_ids
        purchase.button_confirm()
        purchase.order_line.qty_received = 1
        purchase.action_create_invoice()
        bill = purchase.invoice_ids
        bill.invoice_date = fields.Date.today()
        bill.action_post()
        line = bill.invoice_line_ids.filtered("product_id")
        self.assertEqual(line.aftersales_order_id, order)
        self.assertEqual(self._balance(line.account_id, order), 60.0)
        order.invalidate_recordset()
        self.assertFalse(order.invoice_ids)

    def test_vendor_chosen_on_the_line(self):
        order = self._create_order(
            [self._sublet(self.painting, vendor_id=self.glazier.id)]
        )
        self._approve(order)
        self.assertEqual(order.purchase_order_ids.partner_id, self.glazier)

    def test_no_vendor_is_refused(self):
        self.painting.seller_ids.unlink()
        order = self._create_order([self._sublet(self.painting)])
        order.action_estimate()
        with self.assertRaisesRegex(UserError, "Painting"):
            order.action_approve()

    def test_work_we_bear_is_bought_too(self):
        order = self._create_order(
            {
                "lines": [self._sublet(self.painting)],
                "payer_id": self.payer_goodwill.id,
            }
        )
        self._approve(order)
        self.assertEqual(order.purchase_order_ids.amount_untaxed, 60.0)
        self.assertFalse(order.sale_order_ids)
        self.assertEqual(order.line_ids.cost, 60.0)
        self.assertEqual(order.job_ids.margin, -60.0)

    def test_service_that_buys_itself_is_bought_once(self):
        if "service_to_purchase" not in self.env["product.template"]._fields:
            self.skipTest("needs sale_purchase")
        self.painting.with_company(self.company).service_to_purchase = True
        order = self._approve(self._create_order([self._sublet(self.painting)]))
        purchases = self.env["purchase.order.line"].search(
            [("product_id", "=", self.painting.id)]
        )
        self.assertEqual(len(purchases), 1)
        self.assertEqual(purchases.job_line_id, order.line_ids)

    def test_cancel(self):
        order = self._approve(self._create_order([self._sublet(self.painting)]))
        order.action_cancel()
        self.assertEqual(order.purchase_order_ids.state, "cancel")
        self.assertEqual(order.line_ids.cost, 0)
        order = self._approve(self._create_order([self._sublet(self.painting)]))
        purchase = order.purchase_order_ids
        purchase.button_confirm()
        with self.assertRaisesRegex(UserError, purchase.name):
            order.action_cancel()
        purchase.button_cancel()
        order.action_cancel()

    def test_cancel_leaves_what_others_need(self):
        order = self._approve(self._create_order([self._sublet(self.painting)]))
        purchase = order.purchase_order_ids
        purchase.order_line = [
            Command.create({"product_id": self.painting.id, "product_qty": 3})
        ]
        order.action_cancel()
        self.assertEqual(purchase.state, "draft")
        self.assertEqual(purchase.order_line.product_qty, 3)

    def test_two_orders_at_once(self):
        orders = self._create_order([self._sublet(self.painting)]) + self._create_order(
            [self._sublet(self.painting)]
        )
        self._approve(orders)
        self.assertEqual(len(orders.purchase_order_ids), 2)

    def test_other_purchases_stay_as_they_are(self):
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.painter.id,
                "order_line": [
                    Command.create({"product_id": self.painting.id, "product_qty": 1})
                ],
            }
        )
        purchase.button_confirm()
        purchase.order_line.qty_received = 1
        purchase.action_create_invoice()
        self.assertFalse(purchase.invoice_ids.line_ids.aftersales_order_id)
