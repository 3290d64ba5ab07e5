from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.aftersales_planning.tests.common import PlanningCommon


@freeze_time("2026-03-02 06:00:00")  # Monday, seven o'clock in Berlin
@tagged("post_install", "-at_install")
class TestOrderLoanerNeed(PlanningCommon):
    def _create_wanted(self):
        order = self._create_work(2)
        order.loaner = True
        return order

    def _lend(self, order, car):
        return self.env["aftersales.loan"].create(
            {
                "order_id": order.id,
                "resource_id": car.id,
                "date_from": order.date_planned,
                "date_due": order.date_planned + timedelta(days=1),
            }
        )

    def _get_loaners(self, order):
        return order._get_active_bookings().filtered(lambda each: each.role == "loaner")

    def test_free_time_needs_a_free_loaner(self):
        self.env["resource.resource"].search(
            [("aftersales_role", "=", "loaner")]
        ).active = False
        order = self._create_wanted()
        self.assertFalse(order.get_slots())
        reasons = {each["role"]: each["reason"] for each in order.explain_slot()}
        self.assertIn("There is no loaner", reasons["loaner"])
        car = self._create_resource("Polo", "loaner")
        self._create_booking(car, "2026-03-02 08:00", "2026-03-03 08:00")
        order.action_book()
        self.assertEqual(order.date_planned, self._local("2026-03-03 08:00"))
        self.assertEqual(self._get_loaners(order).resource_id, car)
        order.loaner = False
        order.action_rebook()
        self.assertFalse(self._get_loaners(order))
        self.assertEqual(order.date_planned, self._local("2026-03-02 08:00"))

    def test_agreement_takes_the_place_of_the_booked_loaner(self):
        order = self._create_wanted()
        car = self._create_resource("Polo", "loaner")
        order.action_book(resources={"loaner": car.ids})
        booked = self._get_loaners(order)
        action = order.action_lend()
        self.assertEqual(action["context"]["default_resource_id"], car.id)
        loan = self._lend(order, car)
        self.assertEqual(booked.state, "cancel")
        self.assertEqual(loan.booking_id.state, "confirmed")
        self.assertEqual(order.booking_state, "confirmed")
        order.action_rebook(start=self._local("2026-03-03 09:00"))
        self.assertFalse(self._get_loaners(order), "it is lent already")

    def _book_and_lend(self):
        """Return a booked visit, its loaner and the agreement for it."""
        self.env["resource.resource"].search(
            [("aftersales_role", "=", "loaner")]
        ).active = False
        order = self._create_wanted()
        order.user_id = self.advisor
        car = self._create_resource("Polo", "loaner")
        order.action_book()
        loan = self._lend(order, car)
        self.assertFalse(self._get_loaners(order))
        return order, car, loan

    def test_cancelled_agreement_gives_the_visit_its_loaner_again(self):
        order, car, loan = self._book_and_lend()
        loan.with_user(self.advisor).action_cancel()
        booked = self._get_loaners(order)
        self.assertEqual(booked.resource_id, car)
        self.assertEqual(booked.start, order.date_planned)
        self.assertEqual(booked.stop, order.date_planned_stop)
        self.assertFalse(order.has_visit_problem)
        self.assertIn("Polo", order.message_ids[0].body)
        loan.with_user(self.advisor).action_cancel()
        self.assertEqual(self._get_loaners(order), booked, "once")

    def test_another_loaner_takes_the_place_of_one_that_is_gone(self):
        order, car, loan = self._book_and_lend()
        car.active = False
        other = self._create_resource("Up", "loaner")
        loan.with_user(self.advisor).action_cancel()
        self.assertEqual(self._get_loaners(order).resource_id, other)

    def test_a_loaner_that_is_not_back_yet_is_not_booked(self):
        order, car, loan = self._book_and_lend()
        car.active = False
        other = self._create_resource("Up", "loaner")
        now = fields.Datetime.now()
        late = self.env["aftersales.loan"].create(
            {
                "order_id": self._create_work(2).id,
                "resource_id": other.id,
                "date_from": now - timedelta(days=3, hours=1),
                "date_due": now - timedelta(days=2),
            }
        )
        late._set_state("out")
        loan.with_user(self.advisor).action_cancel()
        self.assertFalse(self._get_loaners(order))
        self.assertTrue(order.has_visit_problem)

    def test_visit_left_without_a_loaner_is_raised(self):
        order, car, loan = self._book_and_lend()
        car.active = False
        loan.with_user(self.advisor).action_cancel()
        self.assertFalse(self._get_loaners(order))
        self.assertTrue(order.has_visit_problem)
        self.assertIn("No loaner is booked", order.visit_problem)
        self.assertEqual(order.activity_ids.user_id, self.advisor)
        order._prepare_visit()
        self.assertEqual(len(order.activity_ids), 1, "it stays, once")
        car.active = True
        self._lend(order, car)
        self.assertFalse(order.has_visit_problem)
        self.assertFalse(order.activity_ids)

    def test_cancelled_visit_takes_no_loaner(self):
        order, _car, loan = self._book_and_lend()
        order.action_cancel(reason="Not coming")
        self.assertEqual(loan.state, "cancel")
        self.assertFalse(self._get_loaners(order))
        self.assertFalse(order.activity_ids)
