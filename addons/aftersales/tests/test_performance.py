from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestPerformance(AftersalesCommon):
    """Budgets: what one more order in a batch may cost, in statements."""

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 100)

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _create_orders(self, count):
        orders = self.env["aftersales.order"]
        for _number in range(count):
            orders += self._create_order()
        return orders

    def test_one_more_order_in_a_batch(self):
        small, large = self._create_orders(2), self._create_orders(12)
        budgets = {
            "action_estimate": 6,
            "action_approve": 45,
            "action_start": 0.5,
            "action_complete": 22,
            "action_pass_quality": 0.5,
            "action_invoice": 15,
            "action_deliver": 0.5,
        }
        for step, budget in budgets.items():
            few = self._count(getattr(small, step))
            many = self._count(getattr(large, step))
            with self.subTest(step):
                self.assertLessEqual((many - few) / 10, budget)

    def test_lists_do_not_query_per_record(self):
        """A list of 40 orders costs what a list of 20 costs."""
        orders = self._create_orders(40)
        orders.action_estimate()
        fields = ["name", "partner_id", "parts_state", "amount_total", "next_step"]

        def read(records):
            records.with_user(self.manager).web_read({field: {} for field in fields})

        read(orders)
        few, many = self._count(read, orders[:20]), self._count(read, orders)
        self.assertLessEqual(many - few, 5)

    def test_counts_on_partners_in_bulk(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(40)]
        )
        few = self._count(partners[:10].mapped, "aftersales_order_count")
        many = self._count(partners.mapped, "aftersales_order_count")
        self.assertEqual(few, many)
