from contextlib import closing

from odoo.tests import TransactionCase, tagged

from benchmarks import field_dispatch


@tagged("post_install", "-at_install")
class TestBenchmarkDispatch(TransactionCase):
    def _measure(self, engineers, visits):
        self.env.company.aftersales_optimise_seconds = 3
        with closing(self.env.cr.savepoint()):
            result = field_dispatch.measure(self.env, engineers, visits, rounds=2)
        self.env.invalidate_all(flush=False)
        return result

    def test_a_day_costs_no_statement_per_engineer_or_visit(self):
        small, _figures = self._measure(engineers=4, visits=12)
        large, figures = self._measure(engineers=10, visits=50)
        for step, budget in (("board", 40), ("candidates", 30), ("propose", 60)):
            self.assertLessEqual(large[step].statements, budget, step)
            more = large[step].statements - small[step].statements
            self.assertLessEqual(more, 3, step)
        # 200 ms for 40 engineers and 200 visits; the machine may be busy.
        self.assertLess(large["board"].cpu, 0.2)
        nearest, same = figures["nearest first"], figures["same visits"]
        self.assertEqual(same["served"], nearest["served"])
        self.assertLess(same["travel"], 0.85 * nearest["travel"])
        self.assertGreaterEqual(
            figures["proposal"]["served"], figures["before"]["served"]
        )
