from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.call import get_phone_key
from .common import FieldCommon


@tagged("post_install", "-at_install")
class TestCall(FieldCommon):
    def _note(self, **values):
        return self.env["aftersales.call"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "words": "It drips",
                **values,
            }
        )

    def _age(self, calls, hours):
        self.env.flush_all()
        moment = self.env.cr.now() - timedelta(hours=hours)
        self.env.cr.execute(
            "UPDATE aftersales_call SET create_date = %s WHERE id IN %s",
            (moment, tuple(calls.ids)),
        )
        calls.invalidate_recordset()

    def test_spellings_of_a_number_are_one(self):
        for text in ("+86 138-0013 8000", "13800138000", "0086 (138) 0013.8000"):
            self.assertEqual(get_phone_key(text), "00138000", text)
        self.assertEqual(get_phone_key("030 55 51"), "305551")
        for text in ("AB-1234567", "12", "", None, "VIS/2026/00012"):
            self.assertEqual(get_phone_key(text), "", text)

    def test_register_is_numbered_and_found_by_number(self):
        calls = self._note(phone="+49 171 5551234") + self._note(channel="letter")
        self.assertEqual(len(set(calls.mapped("name"))), 2)
        self.assertTrue(calls[0].name.startswith("CALL/"))
        Call = self.env["aftersales.call"]
        found = Call.search(Call._get_phone_domain(get_phone_key("0171/5551234")))
        self.assertEqual(found, calls[0])

    def test_after_a_day_only_managers_correct(self):
        calls = self._note() + self._note()
        own = calls.with_user(self.advisor)
        own.answer = "We come tomorrow"
        self._age(calls[0], 25)
        with self.assertRaisesRegex(UserError, calls[0].name):
            own.answer = "We never said so"
        self.assertEqual(own.mapped("answer"), ["We come tomorrow"] * 2)
        calls.with_user(self.manager).answer = "We come on Tuesday"
        with self.assertRaises(AccessError):
            own[1].unlink()
        with self.assertRaises(AccessError):
            self.env["aftersales.call"].with_user(self.technician).search([])

    def test_managers_correction_leaves_what_stood_there(self):
        call = self._note().with_context(tracking_disable=False, mail_notrack=False)
        self._age(call, 25)
        self.cr.flush()  # what is new is not tracked until it is kept
        self.env.invalidate_all()
        call.with_user(self.manager).words = "It pours"
        self.env.flush_all()
        self.cr.flush()
        call.invalidate_recordset()
        self.assertEqual(
            call.message_ids.tracking_value_ids.mapped("old_value_text"), ["It drips"]
        )

    def test_operation_makes_one_call(self):
        self._note(operation="x1")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._note(operation="x1")

    def test_other_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._note()
        self.manager.write(
            {"company_ids": [Command.link(other.id)], "company_id": other.id}
        )
        Call = self.env["aftersales.call"].with_user(self.manager)
        self.assertFalse(Call.with_company(other).search([]))

    def test_call_about_an_order_takes_it_off_the_list(self):
        """What is handed to us is called about on the same day (R184)."""
        Order = self.env["aftersales.order"]
        handed = self._create_order(is_onsite=True, channel="partner")
        workshop = self._create_order(channel="partner")
        told = self._create_order(is_onsite=True, channel="phone")
        to_call = Order.search(Order._get_to_call_domain())
        self.assertIn(handed, to_call)
        self.assertFalse((workshop | told) & to_call)
        self.assertIn("Call the customer", handed.next_step)
        handed._remind_advisor("Call")
        self._note(order_id=handed.id, direction="out")
        self.assertFalse(handed.needs_call)
        self.assertFalse(handed.activity_ids)

    def test_transferred_to_another_team_is_called_again(self):
        order = self._create_order(is_onsite=True, channel="phone")
        workshop = self._create_order()
        team = self.team.copy({"name": "North"})
        (order | workshop).team_id = team
        self.assertTrue(order.needs_call)
        self.assertFalse(workshop.needs_call)
