from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestFollowUp(ReceptionCommon):
    def test_due_in_three_days_and_done_by_the_call(self):
        order = self._visit()
        today = fields.Date.context_today(order)
        self.assertEqual(order.date_follow_up, today + timedelta(3))
        order.with_user(self.advisor).action_follow_up(
            result="content", note="Brakes are fine"
        )
        self.assertFalse(order.date_follow_up)
        self.assertEqual(order.follow_up_user_id, self.advisor)
        self.assertEqual(order.follow_up_note, "Brakes are fine")

    def test_not_reached_is_due_again_tomorrow(self):
        order = self._visit()
        order.action_follow_up(result="not_reached")
        today = fields.Date.context_today(order)
        self.assertEqual(order.date_follow_up, today + timedelta(1))

    def test_put_off_nothing_is_recorded(self):
        orders = self._visit() | self._visit()
        today = fields.Date.context_today(self.env.user)
        orders.with_user(self.advisor).action_call_later(date=today + timedelta(4))
        self.assertEqual(orders.mapped("date_follow_up"), [today + timedelta(4)] * 2)
        self.assertFalse(any(orders.mapped("follow_up_result")))
        with self.assertRaisesRegex(UserError, "that day is over"):
            orders.action_call_later(date=today - timedelta(1))
        with self.assertRaisesRegex(UserError, "not handed over yet"):
            self._order().action_call_later()

    def test_the_list_shows_whom_to_ring(self):
        order = self._visit()
        self.customer.phone = "+86 10 5550 1000"
        self.assertEqual(order.follow_up_phone, "+86 10 5550 1000")
        order.contact_id = self.env["res.partner"].create(
            {"name": "Driver", "phone": "+86 10 5550 2000"}
        )
        self.assertEqual(order.follow_up_phone, "+86 10 5550 2000")

    def test_the_dialog_puts_calls_off_and_takes_a_day(self):
        orders = self._visit() | self._visit()
        day = fields.Date.context_today(self.env.user) + timedelta(5)
        for order, result in zip(orders, ("later", "not_reached"), strict=True):
            Call = self.env["aftersales.follow.up"].with_context(
                active_ids=order.ids, default_result=result
            )
            call = Form(Call)
            call.date = day
            call.save().action_apply()
            self.assertEqual(order.date_follow_up, day)
        self.assertEqual(orders.mapped("follow_up_result"), [False, "not_reached"])

    def test_a_complaint_needs_words_and_goes_to_the_advisor(self):
        order = self._visit()
        with self.assertRaisesRegex(UserError, "what the customer complains about"):
            order.action_follow_up(result="complaint")
        order.action_follow_up(result="complaint", note="Still squeals")
        self.assertEqual(order.activity_ids.user_id, self.advisor)
        self.assertIn("Still squeals", order.activity_ids.note)

    def test_who_wants_no_calls_gets_none(self):
        order = self._visit()
        order.action_follow_up(result="no_call")
        self.assertTrue(self.customer.aftersales_no_calls)
        self.assertFalse(self._visit().date_follow_up)

    def test_a_company_may_call_nobody_or_later(self):
        self.company.aftersales_follow_up_days = 0
        self.assertFalse(self._visit().date_follow_up)
        self.company.aftersales_follow_up_days = 7
        order = self._visit()
        today = fields.Date.context_today(order)
        self.assertEqual(order.date_follow_up, today + timedelta(7))

    def test_before_hand_over_there_is_nothing_to_ask(self):
        with self.assertRaisesRegex(UserError, "not handed over yet"):
            self._order().action_follow_up(result="content")

    def test_an_unknown_result_is_refused(self):
        with self.assertRaisesRegex(UserError, "choose what came of the call"):
            self._visit().action_follow_up(result="whatever")

    def test_two_in_one_dialog(self):
        orders = self._visit() | self._visit()
        call = Form(
            self.env["aftersales.follow.up"].with_context(active_ids=orders.ids)
        )
        call.result = "content"
        call.save().action_apply()
        self.assertEqual(orders.mapped("follow_up_result"), ["content", "content"])

    def test_technicians_do_not_call(self):
        order = self._visit()
        with self.assertRaises(AccessError):
            order.with_user(self.technician).action_follow_up(result="content")

    def test_nobody_is_called_again_in_the_past(self):
        order = self._visit()
        day = fields.Date.context_today(order)
        with self.assertRaisesRegex(UserError, "that day is over"):
            order.action_follow_up(result="not_reached", date=day - timedelta(1))
        self.assertFalse(order.follow_up_result)
        order.action_follow_up(result="not_reached", date=str(day))
        self.assertEqual(order.date_follow_up, day)

    def test_a_complaint_sent_twice_is_one_task(self):
        orders = self._visit() | self._visit()
        for _replay in range(2):
            orders.action_follow_up(result="complaint", note="Still squeals")
        self.assertEqual([len(order.activity_ids) for order in orders], [1, 1])
        orders[0].action_follow_up(result="complaint", note="Smells, too")
        self.assertEqual([len(order.activity_ids) for order in orders], [2, 1])
