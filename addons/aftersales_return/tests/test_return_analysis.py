from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .test_bad_input import BadInputCommon


@tagged("post_install", "-at_install")
class TestReturnAnalysis(BadInputCommon):
    """Sums of the analysis are those of deliveries, entries and claims."""

    MONEY = (
        "amount_refunded",
        "cost_goods",
        "cost_repair",
        "cost_freight",
        "amount_charged",
        "cost",
        "amount_recovered",
        "cost_net",
    )

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)
        self._stock(self.part_fifo, 20, 10.0)

    def _read(self, groupby, *measures, domain=()):
        """Return ``{group: measures}``, what is of other companies left out."""
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id), *domain]
        groups = self.env["aftersales.return.analysis"]._read_group(
            domain, [groupby], measures
        )
        return {key: tuple(values) for key, *values in groups}

    def _get_money(self, rma):
        sums = self._read(
            "return_id",
            *(f"{name}:sum" for name in self.MONEY),
            domain=[("return_id", "=", rma.id)],
        )
        amounts = (round(amount, 2) for amount in sums[rma])
        return dict(zip(self.MONEY, amounts, strict=True))

    def _assert_money(self, rma, **expected):
        self.assertEqual(
            self._get_money(rma), {**dict.fromkeys(self.MONEY, 0.0), **expected}
        )

    # Peer 30: rates by product, supplier and reason
    def test_return_rate(self):
        avco = self._sell(self.part_avco, 8)
        fifo = self._sell(self.part_fifo, 2)
        reason = self.env.ref("aftersales_return.reason_defective")
        other = self.env.ref("aftersales_return.reason_unwanted")
        first = self._take_back((avco, 2))
        first.line_ids.reason_id = reason
        second = self._take_back((fifo, 1))
        second.line_ids.reason_id = other
        awaited = self._create_return((avco, 3))
        awaited.action_accept()
        seller = self.env["product.supplierinfo"].create(
            {
                "partner_id": self.maker.id,
                "product_tmpl_id": self.part_avco.product_tmpl_id.id,
            }
        )
        measures = (
            "quantity_returned:sum",
            "quantity_delivered:sum",
            "return_rate:avg",
        )
        by_product = self._read("product_id", *measures)
        self.assertEqual(by_product[self.part_avco], (2.0, 8.0, 0.25))
        self.assertEqual(by_product[self.part_fifo], (1.0, 2.0, 0.5))
        by_supplier = self._read("supplier_id", *measures)
        self.assertEqual(by_supplier[seller.partner_id], (2.0, 8.0, 0.25))
        by_reason = self._read("reason_id", *measures)
        self.assertEqual(by_reason[reason], (2.0, 0.0, 0.2), "of all delivered")
        self.assertEqual(by_reason[other], (1.0, 0.0, 0.1))
        by_operation = self._read("operation_id", "line_count:sum")
        self.assertEqual(by_operation[self._get_operation("refund")], (3,))
        by_grade = self._read("grade_id", "quantity_returned:sum")
        self.assertEqual(by_grade[self.grade_a], (3.0,))

    def test_rate_is_in_the_unit_of_the_product(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        sale_line = self._sell(self.part_avco, 1, product_uom_id=dozen.id)
        self._take_back(
            {
                "product_id": self.part_avco.id,
                "quantity": 6,
                "move_id": sale_line.move_ids.id,
            }
        )
        rates = self._read("product_id", "return_rate:avg")
        self.assertEqual(rates[self.part_avco], (0.5,))

    def test_deliveries_of_returns_are_no_sales(self):
        sale_line = self._sell(self.part_avco, 4)
        rma = self._create_return((sale_line, 1), operation="as_is")
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(result="none")
        rma.line_ids.action_settle()
        self._receive(rma)
        delivered = self._read("product_id", "quantity_delivered:sum")
        self.assertEqual(delivered[self.part_avco], (4.0,))

    def test_days(self):
        with freeze_time("2026-03-02 08:00:00"):
            sale_line = self._sell(self.part_avco, 8)
            rma = self._create_return((sale_line, 1))
            rma.action_accept()
        with freeze_time("2026-03-12 08:00:00"):
            self._receive(rma)
            rma.line_ids.action_test(grade=self.grade_a)
            rma.line_ids.action_settle()
        days = self._read(
            "return_id", "days_to_settle:avg", domain=[("return_id", "=", rma.id)]
        )
        self.assertEqual(days[rma], (10.0,))

    # Peer 30: how long open cases have been running
    def test_ageing(self):
        sale_line = self._sell(self.part_avco, 8)
        returns = {}
        for age, days in (("a", 3), ("b", 10), ("c", 20), ("d", 40)):
            rma = self._create_return((sale_line, 1))
            rma.date_requested = self.env.cr.now().replace(tzinfo=None)
            rma.date_requested = rma.date_requested - timedelta(days=days)
            returns[age] = rma
        closed = self._create_return((sale_line, 1))
        closed.action_cancel(reason="Keeps it")
        ages = self._read("ageing", "line_count:sum", "days_open:avg")
        self.assertEqual(
            {age: ages[age] for age in returns},
            {"a": (1, 3.0), "b": (1, 10.0), "c": (1, 20.0), "d": (1, 40.0)},
        )

    def test_refund_costs_the_margin(self):
        rma = self._take_back((self._sell(self.part_avco, 4), 2))
        self._assert_money(
            rma, amount_refunded=40.0, cost_goods=-20.0, cost=20.0, cost_net=20.0
        )

    def test_refund_without_return_costs_all_of_it(self):
        rma = self._create_return(
            (self._sell(self.part_avco, 4), 2), operation="refund_keep"
        )
        rma.action_accept()
        rma.line_ids.refund_line_ids.move_id.action_post()
        self._assert_money(rma, amount_refunded=40.0, cost=40.0, cost_net=40.0)
        returned = self._read("product_id", "quantity_returned:sum")
        self.assertEqual(returned[self.part_avco], (2.0,))

    def test_exchange_costs_what_the_payer_bears(self):
        sale_line = self._sell(self.part_fifo, 4)
        before = self._balance(self.account_goodwill)
        rma = self._create_return((sale_line, 1), operation="exchange")
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.env.ref("aftersales_return.grade_d"))
        rma.line_ids.action_settle()
        self._receive(rma)
        self.assertEqual(rma.state, "done")
        # A new one for one that is scrapped.
        self._assert_money(rma, cost_goods=10.0, cost=10.0, cost_net=10.0)
        self.assertEqual(self._balance(self.account_goodwill) - before, 0.0)

    def test_carrier_pays(self):
        rma = self._create_return((self._sell(self.part_avco, 4), 2))
        rma.action_accept()
        parcel = rma.shipment_ids[:1] or self.env["aftersales.shipment"].create(
            {"return_id": rma.id}
        )
        parcel.carrier_id = self.maker
        parcel.action_ship(waybill="SF1")
        parcel.action_lose(reason="Never scanned again")
        parcel.action_settle_loss(amount=30.0, result="Paid but for the excess")
        self._assert_money(rma, amount_recovered=30.0, cost_net=-30.0)

    def test_who_reads_it(self):
        self._take_back((self._sell(self.part_avco, 4), 2))
        Analysis = self.env["aftersales.return.analysis"]
        for user in (self.advisor, self.manager, self.accountant):
            self.assertTrue(Analysis.with_user(user).search([], limit=1))
        for user in (self.technician, self.storekeeper):
            self.assertFalse(Analysis.with_user(user).has_access("read"))
        row = Analysis.search([("return_id", "!=", False)], limit=1)
        self.assertEqual(row.action_view_return()["res_id"], row.return_id.id)
