from datetime import timedelta

from freezegun import freeze_time

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
