from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .van_common import VanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestMoneyVan(VanCommon):
    """Cost, invoice and journal are the same whichever place a part came from."""

    def _prepare(self, product, payer, source):
        """Receive 2 at 10 and 4 at 16; plan 3 of them for a visit."""
        self._stock(product, 2, 10.0)
        self._stock(product, 4, 16.0)
        if source == "van":
            self._fill(self.van_anna, product, 3)
        self.day = getattr(self, "day", 2) + 1
        if self.day in (7, 8):
            self.day = 9
        visit = self._create_part_visit(
            product, 3, start=f"2026-03-{self.day:02} 09:00", payer_id=payer.id
        )
        if source == "loaded":
            self._load(visit)
        return visit

    def _use_all(self, visit, product):
        self._arrive(visit)
        self._as_engineer(visit).action_use_part(product.id, 2, operation="a")
        self._as_engineer(visit).action_use_part(product.id, 1, operation="b")
        return self._get_line(visit, product)

    def _end(self, visit):
        """Finish, as after the engineer's last step."""
        visit._end_bookings()
        visit._set_state("done")
        order = visit.order_id
        if order.state == "progress":
            order.action_complete()
        order.action_pass_quality()
        return order

    def _get_sums(self, order):
        """Return ``{account: balance}`` of what the order posted, without labour."""
        groups = self.env["account.move.line"]._read_group(
            [("aftersales_order_id", "=", order.id), ("parent_state", "=", "posted")],
            ["account_id"],
            ["balance:sum"],
        )
        return {account: round(balance, 2) for account, balance in groups}

    def _check(self, product, payer, source, cost):
        visit = self._prepare(product, payer, source)
        before = self._get_value(product)
        place = self._get_line(visit, product)._get_parts_location()
        there = self._get_quantity(product, place)
        line = self._use_all(visit, product)
        self.assertEqual(line.qty_used, 3)
        self.assertEqual(line.cost, cost)
        self.assertEqual(self._get_value(product), before - cost)
        self.assertEqual(self._get_quantity(product, place) - there, 3)
        self.assertEqual(
            self._get_quantity(product, self.warehouse.view_location_id), 3
        )
        order = self._end(visit)
        order.action_invoice()
        order.invoice_ids.filtered(lambda move: move.state == "draft").action_post()
        sums = self._get_sums(order)
        self.assertEqual(sums[self.account_stock_valuation], -cost)
        if payer.kind == "absorbed":
            self.assertEqual(sums[self.account_goodwill], cost)
            self.assertFalse(
                order.invoice_ids.invoice_line_ids.filtered(
                    lambda each: each.product_id == product
                )
            )
        else:
            self.assertEqual(sums[self.account_expense], cost)
            bill = order.invoice_ids.invoice_line_ids.filtered(
                lambda each: each.product_id == product
            )
            self.assertEqual(sum(bill.mapped("quantity")), 3)
            self.assertEqual(sum(bill.mapped("price_subtotal")), 60)
        self.assertEqual(round(sum(sums.values()), 2), 0)
        return order

    def test_standard(self):
        for source in ("van", "loaded", "late"):
            with self.subTest(source=source):
                self._check(self.part_standard, self.payer_customer, source, 30.0)
                self._empty(self.part_standard)

    def test_average(self):
        for source in ("van", "loaded", "late"):
            with self.subTest(source=source):
                self._check(self.part_avco, self.payer_customer, source, 42.0)
                self._empty(self.part_avco)

    def test_first_in_first_out(self):
        for source in ("van", "loaded", "late"):
            with self.subTest(source=source):
                self._check(self.part_fifo, self.payer_customer, source, 36.0)
                self._empty(self.part_fifo)

    def test_standard_absorbed(self):
        self._check(self.part_standard, self.payer_goodwill, "van", 30.0)

    def test_average_absorbed(self):
        self._check(self.part_avco, self.payer_goodwill, "loaded", 42.0)

    def test_first_in_first_out_absorbed(self):
        self._check(self.part_fifo, self.payer_goodwill, "van", 36.0)

    def _empty(self, product):
        """Take what is left out again, so that the next round begins anew."""
        for place in (self.van_anna, self.store):
            quantity = self._get_quantity(product, place)
            if quantity:
                self._make_out_move(product, quantity, location_id=place.id)

    # Back to nothing

    def _check_back(self, product, payer, value):
        for source in ("van", "loaded"):
            with self.subTest(source=source):
                visit = self._prepare(product, payer, source)
                line = self._use_all(visit, product)
                engineer = self._as_engineer(visit)
                engineer.action_unuse_part(line.id, 3)
                self.assertEqual((line.qty_used, line.cost), (0, 0))
                self.assertEqual(self._get_value(product), value)
                self.assertEqual(
                    self._get_quantity(product, self.warehouse.view_location_id), 6
                )
                visit._end_bookings()
                visit._set_state("done")
                order = visit.order_id
                order.action_cancel(reason="Sold")
                self.assertFalse(
                    [balance for balance in self._get_sums(order).values() if balance]
                )
                self.assertFalse(order._get_open_moves())
                self.assertEqual(
                    self._get_reserved(product, self.warehouse.view_location_id), 0
                )
                self._empty(product)

    def test_taken_back_and_cancelled(self):
        self._check_back(self.part_standard, self.payer_customer, 60.0)
        self._check_back(self.part_avco, self.payer_customer, 84.0)
        self._check_back(self.part_fifo, self.payer_customer, 84.0)

    def test_taken_back_and_cancelled_absorbed(self):
        self._check_back(self.part_standard, self.payer_goodwill, 60.0)
        self._check_back(self.part_avco, self.payer_goodwill, 84.0)
        self._check_back(self.part_fifo, self.payer_goodwill, 84.0)

    def test_cancelled_after_use(self):
        """The order is called off with parts used: all of it comes back."""
        for product in (self.part_standard, self.part_avco, self.part_fifo):
            visit = self._prepare(product, self.payer_goodwill, "loaded")
            value = self._get_value(product)
            self._use_all(visit, product)
            visit._end_bookings()
            visit._set_state("done")
            visit.order_id.action_cancel(reason="Wrong machine")
            self.assertEqual(self._get_value(product), value)
            self._assert_all_back(product, 6)
            self.assertFalse(
                [
                    balance
                    for balance in self._get_sums(visit.order_id).values()
                    if balance
                ]
            )

    def test_unused_comes_back_at_the_end(self):
        visit = self._prepare(self.part_avco, self.payer_customer, "loaded")
        self._arrive(visit)
        self._as_engineer(visit).action_use_part(self.part_avco.id, 1)
        visit._end_bookings()
        visit._set_state("done")
        order = visit.order_id
        self._get_line(visit, self.part_avco)._get_issue_moves().filtered(
            lambda move: move.state != "done"
        )._action_cancel()
        order.action_complete(accept_differences=True, reason="One was enough")
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 0)
        self.assertEqual(self._get_quantity(self.part_avco, self.store), 5)

    def test_top_up_and_loading_cost_nothing(self):
        for product in (self.part_standard, self.part_avco, self.part_fifo):
            self._stock(product, 5, 10.0)
            before = self._get_value(product)
            entries = self.env["account.move"].search_count([])
            self._fill(self.van_anna, product, 3)
            self.assertEqual(self._get_value(product), before)
            self.assertEqual(self.env["account.move"].search_count([]), entries)

    # Two companies

    def test_part_and_van_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids |= other
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", other.id)], limit=1
        )
        self.assertTrue(warehouse.aftersales_vans_loc_id)
        with self.assertRaises(UserError):
            self.employee_anna.aftersales_van_id = self.env["stock.location"].create(
                {
                    "name": "Foreign van",
                    "location_id": warehouse.aftersales_vans_loc_id.id,
                    "aftersales_is_van": True,
                    "company_id": other.id,
                }
            )
        visit = self._arrive(self._create_visit(1, "2026-03-02 09:00"))
        foreign = self.env["product.product"].create(
            {"name": "Foreign", "is_storable": True, "company_id": other.id}
        )
        with self.assertRaisesRegex(UserError, "is of Other"):
            self._as_engineer(visit).action_use_part(foreign.id)
        with self.assertRaisesRegex(UserError, "is of Other"):
            self._as_engineer(visit).action_report_missing(foreign.id)

    def test_same_lot_number_in_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["stock.lot"].create(
            {
                "name": "SN1",
                "product_id": self.part_serial.id,
                "company_id": other.id,
            }
        )
        visit = self._arrive(self._create_visit(1, "2026-03-02 09:00"))
        with self.assertRaisesRegex(UserError, "SN1 is not known"):
            self._as_engineer(visit).action_use_part(self.part_serial.id, lot="SN1")

    def test_batch_of_two_plans(self):
        self._stock(self.part_avco, 5)
        visits = self.env["aftersales.visit"]
        for _number in range(2):
            order = self._create_order([(self.part_avco, 1), (self.labour, 1)])
            order.action_approve()
            visits |= order.action_create_visit()
        for visit, hour in zip(visits, (9, 14), strict=True):
            visit.action_plan(
                start=self._local(f"2026-03-02 {hour:02}:00"),
                technician=self.employee_anna,
            )
        self.assertEqual(len(self._get_loads(visits[0])), 1)
        visits.action_cancel(reason="Strike")
        self.assertFalse(visits.order_id._get_open_moves().aftersales_visit_id)
        visits.order_id.action_cancel(reason="Strike")
        self._assert_all_back(self.part_avco, 5)
