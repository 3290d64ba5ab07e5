from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .loan_common import LoanCommon


@tagged("post_install", "-at_install")
class TestLoanOverdue(LoanCommon):
    def _make_late(self, loan, hours=1):
        """Let a loan that is out be due back some hours ago."""
        due = fields.Datetime.now() - timedelta(hours=hours)
        for table, record, first, last in (
            ("aftersales_loan", loan, "date_from", "date_due"),
            ("aftersales_booking", loan.booking_id, "start", "stop"),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET {first} = %s, {last} = %s WHERE id = %s",
                (due - timedelta(days=2), due, record.id),
            )
        self.env.invalidate_all()

    def test_a_late_car_stays_taken(self):
        loan = self._lend(self._approve(self._order([(self.labour, 1)])), price=0)
        self._hand_out(loan)
        self._make_late(loan)
        self.env["aftersales.loan"]._cron_extend_overdue()
        self.assertGreater(loan.booking_id.stop, fields.Datetime.now())
        with self.assertRaisesRegex(UserError, "is taken"), self.env.cr.savepoint():
            self._lend(self._order())
        loan.action_take_back(meter=5010, fuel="4")
        self.assertLessEqual(loan.booking_id.stop, fields.Datetime.now())
        self._lend(self._order(), date_from=fields.Datetime.now() + timedelta(hours=1))

    def test_who_waits_for_a_late_car_is_told(self):
        loan = self._lend(self._approve(self._order([(self.labour, 1)])), price=0)
        self._hand_out(loan)
        self._make_late(loan)
        soon = fields.Datetime.now() + timedelta(hours=2)
        order = self._order()
        order.user_id = self.advisor
        following = self._lend(order, price=0, date_from=soon)
        later = self._lend(
            self._order(),
            price=0,
            date_from=following.date_due,
            date_due=following.date_due + timedelta(days=1),
        )
        for _again in range(2):
            self.env["aftersales.loan"]._cron_extend_overdue()
        self.assertEqual(loan.booking_id.stop, soon, "until the next one")
        self.assertIn(loan.name, following.booking_id.problem)
        self.assertFalse(later.booking_id.problem)
        task = order.activity_ids
        self.assertEqual(len(task), 1)
        self.assertEqual(task.user_id, self.advisor)
        self.assertIn(following.name, task.summary)
        loan.action_take_back(meter=5010, fuel="4")
        self.assertFalse(following.booking_id.problem)
        self.assertFalse(order.activity_ids)

    def test_another_loaner_settles_it(self):
        loan = self._lend(self._approve(self._order([(self.labour, 1)])), price=0)
        self._hand_out(loan)
        self._make_late(loan)
        following = self._lend(self._order(), price=0, date_from=self.start)
        following.order_id.user_id = self.advisor
        following.date_from = fields.Datetime.now() + timedelta(hours=1)
        self.env["aftersales.loan"]._cron_extend_overdue()
        self.assertTrue(following.booking_id.problem)
        following.resource_id = self.loaner.copy({"name": "Up (loaner)"})
        self.assertFalse(following.booking_id.problem)
        self.assertFalse(following.order_id.activity_ids)

    def test_a_visit_booked_on_a_late_car_is_raised(self):
        loan = self._lend(self._approve(self._order([(self.labour, 1)])), price=0)
        self._hand_out(loan)
        self._make_late(loan)
        visit = self._order([(self.labour, 1)])
        visit.user_id = self.advisor
        soon = fields.Datetime.now() + timedelta(hours=1)
        booking = self.env["aftersales.booking"].create(
            {
                "resource_id": self.loaner.id,
                "order_id": visit.id,
                "start": soon,
                "stop": soon + timedelta(hours=5),
                "override_reason": "The loaner is there day and night",
            }
        )
        visit.write({"booking_state": "confirmed", "date_planned": soon})
        self.env["aftersales.loan"]._cron_extend_overdue()
        self.assertIn(loan.name, booking.problem)
        self.assertTrue(visit.has_visit_problem)
        loan.action_take_back(meter=5010, fuel="4")
        self.assertFalse(booking.problem)
        self.assertFalse(visit.has_visit_problem)

    def test_one_bad_loan_does_not_stop_the_others(self):
        cars = self.loaner | self.loaner.copy({"name": "Up (loaner)"})
        cars |= self.loaner.copy({"name": "Golf (loaner)"})
        loans = self.env["aftersales.loan"]
        for car in cars:
            order = self._approve(self._order([(self.labour, 1)]))
            loan = self._lend(order, price=0, resource_id=car.id)
            self._hand_out(loan)
            self._make_late(loan)
            loans |= loan
        bookings = loans.booking_id
        bookings[0].unlink()
        bookings[1].unlink()
        # Somebody else has the second car over the time it was due back.
        now = fields.Datetime.now()
        self.env["aftersales.booking"].create(
            {
                "resource_id": cars[1].id,
                "start": now - timedelta(hours=3),
                "stop": now + timedelta(hours=5),
            }
        )
        with mute_logger("odoo.addons.aftersales_vehicle.models.apart"):
            self.env["aftersales.loan"]._cron_extend_overdue()
        self.assertGreater(bookings[2].stop, now)
        self.assertEqual(loans[0].booking_id.start, loans[0].date_due)
        self.assertGreater(loans[0].booking_id.stop, now)
        self.assertFalse(loans[1].booking_id)
        for loan in loans:
            loan.action_take_back(meter=5010, fuel="4")

    def test_a_new_due_date_books_a_car_that_lost_its_booking(self):
        loan = self._lend(self._approve(self._order([(self.labour, 1)])), price=0)
        self._hand_out(loan)
        loan.booking_id.unlink()
        loan.with_user(self.advisor).date_due = self.start + timedelta(days=3)
        self.assertEqual(loan.booking_id.stop, loan.date_due)
