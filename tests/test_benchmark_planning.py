from contextlib import closing

from odoo.tests import TransactionCase, tagged

from benchmarks import planning


@tagged("post_install", "-at_install")
class TestBenchmarkPlanning(TransactionCase):
    def _measure(self, bookings, bays, technicians):
        with closing(self.env.cr.savepoint()):
            costs = planning.measure(
                self.env,
                bookings,
                bays,
                technicians,
                orders=6,
                in_house=technicians,
                boards=6,
            )
        self.env.invalidate_all(flush=False)
        return costs

    def test_a_free_time_costs_no_statement_per_booking_or_resource(self):
        small = self._measure(bookings=600, bays=6, technicians=18)
        large = self._measure(bookings=4000, bays=12, technicians=40)
        for step in ("first slot", "five slots"):
            # Each further stretch of the diary is two statements.
            more = large[step].statements - small[step].statements
            self.assertLessEqual(more, 4, step)
            self.assertLessEqual(large[step].statements, 36, step)
        self.assertLessEqual(large["book"].statements, 70)
        # 150 ms for 40 bays and 120 technicians; the machine may be busy.
        self.assertLess(large["first slot"].cpu, 0.15)
        # The board: neither an order, a booking nor a row costs a statement.
        for step, budget in (("board", 14), ("lounge", 10)):
            self.assertEqual(large[step].statements, small[step].statements, step)
            self.assertLessEqual(large[step].statements, budget, step)
        self.assertLess(large["board"].cpu, 0.1)
