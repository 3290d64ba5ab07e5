from uuid import uuid4

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .common import ReturnCommon

MAIL = """Return-Path: <{email_from}>
To: {to}
Subject: {subject}
From: {email_from}
Message-ID: {msg_id}
Date: Fri, 20 Nov 2026 08:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="border"

--border
Content-Type: text/plain; charset=utf-8

{body}

--border
Content-Type: text/plain; name="receipt.txt"
Content-Disposition: attachment; filename="receipt.txt"

Paid on Monday
--border--
"""


@tagged("post_install", "-at_install")
class TestEmail(ReturnCommon, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "shop.example"})
        cls.company.alias_domain_id = cls.domain
        cls.company.aftersales_return_alias_name = "returns"
        cls.customer.email = "wang@returns-test.example"

    def _write(self, body, email_from="Wang <wang@returns-test.example>", **values):
        """Let a mail arrive, and return the returns that it made."""
        Return = self.env["aftersales.return"]
        before = Return.search([])
        values = {
            "to": "returns@shop.example",
            "subject": "Something broke",
            "msg_id": f"<{uuid4().hex}@returns-test.example>",
            **values,
        }
        with (
            mute_logger("odoo.addons.mail.models.mail_thread"),
            self.mock_mail_gateway(),
        ):
            self.env["mail.thread"].with_context(
                tracking_disable=False
            ).message_process(
                False, MAIL.format(body=body, email_from=email_from, **values)
            )
        return Return.search([]) - before

    def test_settings_make_the_address(self):
        alias = self.company.aftersales_return_alias_id
        self.assertEqual(alias.alias_full_name, "returns@shop.example")
        self.env["res.config.settings"].with_company(self.company).create(
            {"aftersales_return_alias_name": "rma"}
        ).execute()
        self.assertEqual(alias.alias_full_name, "rma@shop.example")
        self.assertEqual(self.company.aftersales_return_alias_id, alias)

    def test_mail_makes_a_request(self):
        rma = self._write("The pump leaks.")
        self.assertEqual((rma.state, rma.channel), ("draft", "email"))
        self.assertEqual(rma.partner_id, self.customer)
        self.assertEqual(rma.company_id, self.company)
        self.assertTrue(rma.name.startswith("RT/"), "the subject is no number")
        self.assertIn("Something broke", rma.description)
        self.assertIn("The pump leaks.", rma.description)
        self.assertIn("receipt.txt", rma.message_ids.attachment_ids.mapped("name"))
        self.assertEqual(rma.message_ids.attachment_ids.res_id, rma.id)
        self.assertFalse(rma.line_ids)
        self.assertTrue(rma.activity_ids, "somebody is reminded to answer")

    def test_serial_in_the_text(self):
        lots = self._stock_serial(["ABC-123", "ABC-124"])
        sold = self._sell(self.part_serial, 2, lots=lots)
        rma = self._write(f"Pump ABC-123. Order {sold.order_id.name}.")
        self.assertEqual(rma.line_ids.lot_id, lots[0], "the one that is named")
        self.assertEqual(rma.line_ids.move_id, sold.move_ids)
        self.assertIn("ABC-123", str(rma.message_ids.mapped("body")))

    def test_order_in_the_subject(self):
        self._stock(self.part_avco, 20)
        sold = self._sell(self.part_avco, 5)
        rma = self._write("It leaks.", subject=f"My order {sold.order_id.name}")
        self.assertEqual(
            (rma.line_ids.move_id, rma.line_ids.quantity), (sold.move_ids, 5)
        )
        again = self._write("As I wrote.", subject=f"My order {sold.order_id.name}!")
        self.assertTrue(again)

    def test_numbers_of_others_lead_nowhere(self):
        """Who knows a serial or a number of somebody else finds out nothing."""
        lots = self._stock_serial(["ABC-123"])
        sold = self._sell(self.part_serial, 1, lots=lots)
        rma = self._write(
            f"ABC-123 of {sold.order_id.name}", email_from="Eve <eve@evil.example>"
        )
        self.assertFalse(rma.line_ids)
        self.assertNotEqual(rma.partner_id, self.customer)

    def test_unknown_sender_becomes_a_contact(self):
        rma = self._write("Hello", email_from="Zhao Min <zhao@new.example>")
        self.assertEqual(rma.partner_id.email_normalized, "zhao@new.example")
        self.assertEqual(rma.partner_id.company_id, self.company)
        again = self._write("Hello again", email_from="zhao@new.example")
        self.assertEqual(again.partner_id, rma.partner_id)

    def test_answer_joins_the_return(self):
        rma = self._write("The pump leaks.")
        message = rma.message_ids.filtered(
            lambda message: message.message_type == "email"
        )
        new = self._write(
            "And it is loud.",
            subject=f"Re: Something broke\nIn-Reply-To: {message.message_id}",
        )
        self.assertFalse(new)
        self.assertIn("And it is loud.", str(rma.message_ids.mapped("body")))

    def test_machines_that_answer_each_other(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        made = [self._write(f"{number} I am on holiday.") for number in range(5)]
        self.assertEqual([len(rma) for rma in made], [1, 1, 1, 0, 0])

    def test_second_company_has_its_own_address(self):
        other = self.env["res.company"].create({"name": "Other Shop"})
        self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        other.alias_domain_id = self.domain
        other.aftersales_return_alias_name = "back"
        rma = self._write("The pump leaks.", to="back@shop.example")
        self.assertEqual(rma.company_id, other)
        self.assertEqual(rma.warehouse_id.company_id, other)
