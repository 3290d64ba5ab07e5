from odoo.tests import TransactionCase, tagged

from benchmarks import work_order


@tagged("post_install", "-at_install")
class TestBenchmark(TransactionCase):
    def test_a_work_order_costs_little_more_than_odoo_alone(self):
        costs = work_order.measure(self.env, documents=2, batch=20)
        for size, reach in ((1, 1.15), (20, 1.10)):
            floor, ours = (
                costs[name, size].per_document("statements")
                for name in ("Odoo alone", "work order")
            )
            self.assertLessEqual(
                ours / floor,
                reach,
                f"{ours:.1f} statements against {floor:.1f} with Odoo alone, "
                f"{size} at a time",
            )
