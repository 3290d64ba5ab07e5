from contextlib import closing

from odoo.tests import TransactionCase, tagged

from benchmarks import warranty


@tagged("post_install", "-at_install")
class TestBenchmarkWarranty(TransactionCase):
    def _measure(self, lines):
        with closing(self.env.cr.savepoint()):
            costs = warranty.measure(self.env, lines)
        self.env.invalidate_all(flush=False)
        return costs

    def test_verdicts_cost_no_statement_per_line(self):
        few, many = self._measure(40), self._measure(800)
        for step in ("weigh", "again"):
            self.assertEqual(many[step].statements, few[step].statements, step)
            self.assertLess(many[step].statements, 60)
        # Odoo inserts a hundred rows at a time.
        more = many["keep"].statements - few["keep"].statements
        self.assertLessEqual(more, 8)
        # 10 s for 10,000 lines would be 0.8 s; the machine may be busy.
        self.assertLess(many["weigh"].cpu, 3)
