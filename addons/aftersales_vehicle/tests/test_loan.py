from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .loan_common import LoanCommon


@tagged("post_install", "-at_install")
class TestLoan(LoanCommon):
    def test_the_fee_is_on_the_estimate_and_the_car_is_booked(self):
        order = self._order()
        loan = self._lend(order)
        self.assertEqual(loan.booking_id.resource_id, self.loaner)
        self.assertEqual(loan.booking_id.stop, loan.date_due)
        order.action_estimate()
        self.assertEqual(loan.job_id.amount_untaxed, 60.0)
        self.assertIn(loan.job_id, order.job_ids)

    def test_the_same_car_is_not_lent_twice_at_a_time(self):
        self._lend(self._order())
        with self.assertRaisesRegex(UserError, "is taken"), self.env.cr.savepoint():
            self._lend(self._order())
        later = self.start + timedelta(days=2)
        self._lend(self._order(), date_from=later, date_due=later + timedelta(1))

    def test_not_handed_out_before_licence_reading_and_approval(self):
        order = self._order()
        loan = self._lend(order, licence_number=False)
        with self.assertRaises(UserError) as error:
            loan.action_hand_out()
        for words in ("licence", "odometer", "fuel", "signs", "approval of the fee"):
            self.assertIn(words, str(error.exception))
        loan.licence_number = "X1"
        loan.licence_valid_until = fields.Date.to_date(self.start)
        self._approve(order)
        with self.assertRaisesRegex(UserError, "valid until the car is due"):
            self._hand_out(loan)
        loan.licence_valid_until = fields.Date.to_date(self.start) + timedelta(30)
        self._hand_out(loan)
        self.assertEqual(loan.state, "out")
        self._hand_out(loan)

    def test_back_in_time_and_full_costs_the_days_alone(self):
        order = self._approve(self._order([(self.labour, 1)]))
        loan = self._lend(order, price=0)
        self.assertFalse(loan.job_id, "free of charge")
        self._hand_out(loan)
        loan.action_take_back(meter=5150, fuel="4")
        self.assertFalse(loan.sale_order_id)
        self.assertEqual(loan.state, "back")

    def test_what_goes_beyond_is_billed_once_and_holds_the_gate(self):
        order = self._order([(self.labour, 1)])
        loan = self._lend(order)
        self._approve(order)
        self._hand_out(loan)
        self._finish_order(order)
        self._pay(order)
        loan.action_take_back(meter=5300, fuel="2")
        sale = loan.sale_order_id
        # 300 km, of which 2 x 100 included; two quarters of fuel
        self.assertEqual(sale.amount_untaxed, 100 * 0.5 + 2 * 12)
        self.assertEqual(sale.aftersales_order_id, order)
        loan.action_take_back()
        self.assertEqual(loan.sale_order_id, sale)
        with self.assertRaisesRegex(UserError, "not invoiced yet"):
            order.action_deliver(meter_out=10010)
        order.action_invoice()
        order.invoice_ids.filtered(lambda move: move.state == "draft").action_post()
        self._pay(order)
        order.action_deliver(meter_out=10010)
        self.assertEqual(sum(order.invoice_ids.mapped("amount_residual")), 0.0)
        self.assertEqual(
            sum(
                -line.balance
                for line in order.invoice_ids.line_ids
                if line.account_id.internal_group == "income"
            ),
            80 + 60 + 74,
        )

    def test_late_days_are_billed(self):
        order = self._order([(self.labour, 1)])
        loan = self._lend(order)
        self._approve(order)
        self._hand_out(loan)
        # As if it had been lent four days ago.
        early = {
            "date_from": self.start - timedelta(days=4),
            "date_due": self.start - timedelta(days=2),
        }
        self.env.cr.execute(
            "UPDATE aftersales_loan SET date_from = %(date_from)s, "
            "date_due = %(date_due)s WHERE id = %(id)s",
            {**early, "id": loan.id},
        )
        loan.invalidate_recordset()
        self.assertTrue(loan.is_overdue)
        self.assertIn(loan, loan.search([("is_overdue", "=", True)]))
        loan.action_take_back(meter=5100, fuel="4")
        self.assertEqual(loan.sale_order_id.amount_untaxed, 2 * 30.0)

    def test_the_odometer_does_not_run_back(self):
        order = self._approve(self._order([(self.labour, 1)]))
        loan = self._lend(order, price=0)
        self._hand_out(loan)
        with self.assertRaisesRegex(ValidationError, "can't read 4900"):
            loan.action_take_back(meter=4900, fuel="4")

    def test_without_reading_it_does_not_come_back(self):
        order = self._approve(self._order([(self.labour, 1)]))
        loan = self._lend(order, price=0)
        self._hand_out(loan)
        with self.assertRaisesRegex(UserError, "odometer and fuel"):
            loan.action_take_back()

    def test_cancelled_with_its_order_the_car_is_free(self):
        order = self._order()
        loan = self._lend(order)
        order.action_cancel(reason="Not coming")
        self.assertEqual(loan.state, "cancel")
        self.assertEqual(loan.booking_id.state, "cancel")
        self._lend(self._order())

    def test_what_was_agreed_stays(self):
        order = self._approve(self._order([(self.labour, 1)]))
        loan = self._lend(order, price=0)
        self._hand_out(loan)
        with self.assertRaisesRegex(UserError, "what was agreed is fixed"):
            loan.price_day = 99
        with self.assertRaisesRegex(UserError, "stays on record"):
            loan.unlink()

    def test_a_loaner_that_is_away_is_not_lent(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Inspection due",
                "resource_id": self.loaner.id,
                "company_id": self.company.id,
                "date_from": self.start + timedelta(days=1),
                "date_to": self.start + timedelta(days=3),
            }
        )
        with self.assertRaisesRegex(ValidationError, "Inspection due"):
            self._lend(self._order())

    def test_only_a_loaner_is_lent(self):
        bay = self.loaner.copy({"aftersales_role": "bay"})
        with self.assertRaisesRegex(ValidationError, "is no loaner"):
            self._lend(self._order(), resource_id=bay.id)

    def test_a_car_that_is_still_out_is_not_handed_out(self):
        first = self._lend(self._approve(self._order([(self.labour, 1)])), price=0)
        self._hand_out(first)
        later = self.start + timedelta(days=2)
        second = self._lend(
            self._order([(self.labour, 1)]),
            price=0,
            date_from=later,
            date_due=later + timedelta(days=1),
        )
        with self.assertRaisesRegex(UserError, first.name):
            self._hand_out(second)
        first.action_take_back(meter=5010, fuel="4")
        with self.assertRaisesRegex(UserError, "what was agreed is fixed"):
            first.date_due = later + timedelta(days=9)
        self._hand_out(second)
        self.assertEqual(second.state, "out")

    def test_a_fee_that_was_approved_goes_with_the_loan(self):
        orders = [self._order([(self.labour, 1)]) for _number in range(2)]
        other = self.loaner.copy({"name": "Up (loaner)"})
        loans = self._lend(orders[0]) + self._lend(orders[1], resource_id=other.id)
        for order in orders:
            self._approve(order)
        fees = loans.job_id
        self.assertEqual(set(fees.mapped("state")), {"approved"})
        loans.with_user(self.advisor).action_cancel()
        loans.with_user(self.advisor).action_cancel()
        self.assertEqual(set(fees.mapped("state")), {"cancel"})
        for order in orders:
            self._finish_order(order)
            self.assertFalse(fees.sale_line_ids.invoice_lines)
            self.assertEqual(
                sum(order.invoice_ids.mapped("amount_untaxed")), 80, "the work alone"
            )

    def test_agreements_stay_on_record(self):
        order = self._order()
        loan = self._lend(order)
        with self.assertRaises(AccessError):
            loan.with_user(self.advisor).unlink()
        with self.assertRaisesRegex(UserError, loan.name):
            order.unlink()

    def test_take_back_asks_for_reading_and_fuel(self):
        loan = self._lend(self._approve(self._order()), price=0)
        with self.assertRaises(UserError):
            loan.action_open_take_back()
        self._hand_out(loan)
        action = loan.with_user(self.advisor).action_open_take_back()
        dialog = Form(loan.with_user(self.advisor), view=action["views"][0][0])
        with self.assertRaisesRegex(AssertionError, "required"):
            dialog.save()
        dialog.meter_back = 5050
        dialog.fuel_back = "4"
        dialog.save().action_take_back()
        self.assertEqual(loan.state, "back")
