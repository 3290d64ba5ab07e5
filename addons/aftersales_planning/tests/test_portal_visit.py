from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .visit_common import NOW, VisitCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPortalVisit(VisitCommon):
    """A visit that is booked: moved, cancelled, confirmed, and what it tells."""

    def test_move(self):
        order = self._book_visit()
        start = self._local("2026-03-06 09:00")
        order._move_visit(start, self.customer)
        order._move_visit(start, self.customer)
        self.assertEqual(order.date_planned, start)
        self.assertEqual(order.booking_state, "confirmed")
        moved = order.website_message_ids.filtered(
            lambda message: "moved" in (message.body or "")
        )
        self.assertEqual(len(moved), 1)

    def test_move_to_a_taken_time_keeps_the_old_one(self):
        order = self._book_visit(template_ids=self.brake_job.ids)
        self._create_booking(self.anna, "2026-03-06 09:00", "2026-03-06 12:00")
        with self.assertRaisesRegex(UserError, "Somebody else took"):
            order._move_visit(self._local("2026-03-06 09:00"), self.customer)
        self.assertEqual(order.date_planned, self._local("2026-03-04 10:00"))
        self.assertTrue(order._get_active_bookings("confirmed"))

    def test_too_late_to_change(self):
        order = self._book_visit()
        with freeze_time("2026-03-03 10:00:00"):
            self.assertFalse(order._can_change_visit())
            with self.assertRaisesRegex(UserError, r"call us: \+49 30 1234"):
                order._move_visit(self._local("2026-03-06 09:00"), self.customer)
            with self.assertRaisesRegex(UserError, "call us"):
                order._cancel_visit("No time", self.customer)
        self.assertEqual(order.booking_state, "confirmed")

    def test_cancel(self):
        order = self._book_visit()
        order._cancel_visit("Sold the car", self.customer)
        order._cancel_visit("Sold the car", self.customer)
        self.assertEqual(order.state, "cancel")
        self.assertEqual(order.cancel_reason, "Sold the car")
        self.assertFalse(order._get_active_bookings())

    def test_cancel_is_refused_once_the_car_is_here(self):
        order = self._book_visit()
        order.action_arrive()
        with self.assertRaisesRegex(UserError, "call us"):
            order._cancel_visit("Sold the car", self.customer)
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.booking_state, "arrived")
        self.assertTrue(order._get_active_bookings())

    def test_cancel_is_refused_once_work_has_begun(self):
        order = self._request()
        self._approve(order)
        order.action_start()
        with self.assertRaisesRegex(UserError, "call us"):
            order._cancel_visit("Sold the car", self.customer)
        self.assertEqual(order.state, "progress")

    def test_cancelled_visit_of_an_agreed_order_is_called_about(self):
        order = self._book_visit()
        self._approve(order)
        order._cancel_visit("Not then", self.customer)
        self.assertEqual(order.state, "approved")
        self.assertEqual(order.booking_state, "none")
        self.assertEqual(len(self._get_activities(order, "visit")), 1)

    def test_customer_says_that_they_come(self):
        order = self._book_visit()
        order._say_visit_stands(self.customer)
        confirmed = order.date_visit_confirmed
        self.assertTrue(confirmed)
        messages = order.message_ids
        order._say_visit_stands(self.customer)
        self.assertEqual(order.message_ids, messages)
        order._move_visit(self._local("2026-03-06 09:00"), self.customer)
        self.assertFalse(order.date_visit_confirmed, "another time, another answer")

    def test_what_to_bring(self):
        Item = self.env["aftersales.visit.item"]
        Item.search([]).action_archive()
        other = self.env["aftersales.asset.category"].create({"name": "Fridge"})
        papers, code, paint = Item.create(
            [
                {"name": "Papers"},
                {
                    "name": "Alarm code",
                    "category_ids": [Command.set(self.category.ids)],
                },
                {"name": "Invoice of the fridge", "category_ids": other.ids},
            ]
        )
        order = self._book_visit()
        self.assertEqual(order._get_visit_items(), papers | code)
        self.assertNotIn(paint, order._get_visit_items())
        message = order.website_message_ids.filtered("attachment_ids")
        self.assertIn("Alarm code", message.body)
        self.assertIn("Alarm code", order._get_visit_ics().decode())

    def test_calendar_file_is_in_utc(self):
        order = self._book_visit()
        text = order._get_visit_ics().decode()
        self.assertIn("DTSTART:20260304T090000Z", text)
        self.assertIn("DTEND:20260304T100000Z", text)
        self.assertIn(f"UID:visit-{order.id}@", text)
