from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .loan_common import LoanCommon


@tagged("post_install", "-at_install")
class TestLoanBooking(LoanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.loaner.copy({"name": "Up (loaner)"})

    def _get_booking(self, loan, user=None):
        return loan.booking_id.with_user(user or self.advisor)

    def test_booking_is_not_changed_apart_from_its_agreement(self):
        first = self._lend(self._order(), price=0)
        second = self._lend(self._order(), price=0, resource_id=self.other.id)
        later = first.date_due + timedelta(days=1)
        for user in (self.advisor, self.manager):
            booking = self._get_booking(first, user)
            for values in (
                {"stop": later},
                {"start": self.start + timedelta(hours=1)},
                {"resource_id": self.other.id},
            ):
                with self.assertRaisesRegex(UserError, f"agreement {first.name}"):
                    booking.write(values)
        for step in ("action_cancel", "unlink"):
            bookings = self._get_booking(first | second, self.manager)
            with self.assertRaises(UserError) as error:
                getattr(bookings, step)()
            self.assertIn(first.name, str(error.exception))
            self.assertIn(second.name, str(error.exception))
        self.assertEqual(first.booking_id.state, "confirmed")
        # The agreement leads.
        first.with_user(self.advisor).date_due = later
        self.assertEqual(first.booking_id.stop, later)
        first.with_user(self.advisor).action_cancel()
        self.assertEqual(first.booking_id.state, "cancel")

    def test_agreement_follows_its_booking_on_the_board(self):
        loan = self._lend(self._order(), price=0)
        start = self.start + timedelta(days=1)
        self._get_booking(loan).action_move(start=start, resource_id=self.other.id)
        self.assertEqual(loan.resource_id, self.other)
        self.assertEqual(loan.date_from, start)
        self.assertEqual(loan.date_due, start + timedelta(days=2))
        booking = loan.booking_id
        self.assertEqual(booking.resource_id, self.other)
        self.assertEqual((booking.start, booking.stop), (start, loan.date_due))

    def test_car_that_is_out_is_not_moved(self):
        loan = self._lend(self._approve(self._order([(self.labour, 1)])), price=0)
        self._hand_out(loan)
        with self.assertRaisesRegex(UserError, f"{loan.name} is handed out"):
            self._get_booking(loan).action_move(resource_id=self.other.id)
        self.assertEqual(loan.booking_id.resource_id, self.loaner)
        loan.with_user(self.advisor).action_take_back(meter=5010, fuel="4")
        self.assertEqual(loan.state, "back")

    def test_other_blocks_of_a_loaner_stay_free_to_change(self):
        block = (
            self.env["aftersales.booking"]
            .with_user(self.advisor)
            .create(
                {
                    "resource_id": self.loaner.id,
                    "start": self.start,
                    "stop": self.start + timedelta(hours=2),
                }
            )
        )
        block.action_move(resource_id=self.other.id)
        self.assertEqual(block.resource_id, self.other)
        block.action_cancel()
        self.assertEqual(block.state, "cancel")
