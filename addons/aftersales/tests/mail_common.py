from uuid import uuid4

from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

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
Content-Type: text/plain; name="log.txt"
Content-Disposition: attachment; filename="log.txt"

E42
--border--
"""


class MailIntakeTests:
    """What holds for each document that is made of e-mails.

    For a test class with ``MailCommon``, the company and a customer with the address
    ``wang@intake-test.example``. ``_write`` lets a mail arrive.
    """

    intake_model = None
    intake_address = None

    def _write(self, body, email_from="Wang <wang@intake-test.example>", **values):
        """Let a mail arrive, and return the documents that it made."""
        Model = self.env[self.intake_model]
        before = Model.search([])
        values = {
            "to": self.intake_address,
            "subject": "Out of order",
            "msg_id": f"<{uuid4().hex}@intake-test.example>",
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
        return Model.search([]) - before

    def test_answer_joins_the_document(self):
        record = self._write("It does not start.")
        message = record.message_ids.filtered(
            lambda message: message.message_type == "email"
        )
        new = self._write(
            "Now it smells.",
            subject=f"Re: Out of order\nIn-Reply-To: {message.message_id}",
        )
        self.assertFalse(new)
        self.assertIn("Now it smells.", str(record.message_ids.mapped("body")))

    def test_machines_that_answer_each_other(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        made = [self._write(f"{number} I am on holiday.") for number in range(5)]
        self.assertEqual([len(record) for record in made], [1, 1, 1, 0, 0])

    def test_attachments_are_kept(self):
        record = self._write("It does not start.")
        attachments = record.message_ids.attachment_ids
        self.assertIn("log.txt", attachments.mapped("name"))
        self.assertEqual(attachments.res_id, record.id)

    def test_unknown_sender_becomes_a_contact(self):
        record = self._write("Hello", email_from="Zhao Min <zhao@new.example>")
        self.assertEqual(record.partner_id.email_normalized, "zhao@new.example")
        self.assertEqual(record.partner_id.company_id, self.company)
        again = self._write("Hello again", email_from="zhao@new.example")
        self.assertEqual(again.partner_id, record.partner_id)

    def test_who_may_not_create_leaves_nothing_behind(self):
        stranger = new_test_user(self.env, "mail_stranger", "base.group_portal")
        with self.assertRaises(AccessError):
            self.env[self.intake_model].with_user(stranger).message_new(
                {"email_from": "ghost@new.example", "subject": "x", "body": "y"}
            )
        ghosts = [("email_normalized", "=", "ghost@new.example")]
        self.assertFalse(self.env["res.partner"].search(ghosts))
