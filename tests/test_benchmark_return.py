from odoo.tests import TransactionCase, tagged

from benchmarks import returns


@tagged("post_install", "-at_install")
class TestBenchmarkReturn(TransactionCase):
    def test_a_batch_costs_little_more_than_odoo_alone(self):
        costs = returns.measure(self.env, lines=40)
        (floor,), (ours,) = costs["Odoo alone"], costs["return"]
        self.assertLessEqual(
            ours.statements / floor.statements,
            1.25,
            f"{ours.statements} statements {ours.steps} against {floor.statements} "
            f"{floor.steps} with Odoo alone",
        )
