from contextlib import closing
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from benchmarks import due


@tagged("post_install", "-at_install")
class TestBenchmarkDue(TransactionCase):
    def _measure(self, vehicles):
        Cron = self.env.registry["ir.cron"]
        with (
            closing(self.env.cr.savepoint()),
            patch.object(Cron, "_commit_progress", return_value=60),
        ):
            costs = due.measure(self.env, vehicles)
        self.env.invalidate_all(flush=False)
        return costs

    def test_a_night_costs_no_statement_per_vehicle(self):
        few, many = self._measure(60), self._measure(3000)
        for night in few:
            self.assertLessEqual(
                many[night].statements - few[night].statements, 6, night
            )
            self.assertLess(many[night].statements, 70, night)
        # 20 s for 200,000 would be 0.3 s; the machine may be busy.
        self.assertLess(many["quiet"].cpu, 2)
