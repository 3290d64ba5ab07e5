from odoo import fields
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestMail(ReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "wang@customer.example"
        cls.company.aftersales_invoice_posting = "post"

    def _get_mails(self, returns):
        return returns.message_ids.filtered(
            lambda message: message.message_type == "auto_comment"
        ).sorted("id")

    def _sold(self, quantity=5, **values):
        self._stock(self.part_avco, 20)
        return self._sell(self.part_avco, quantity, **values)

    def test_each_step_is_told_once(self):
        rma = self._create_return((self._sold(), 2))
        self.assertFalse(self._get_mails(rma))
        rma.action_accept()
        rma.action_accept()
        accepted = self._get_mails(rma)
        self.assertEqual(len(accepted), 1)
        self.assertEqual(accepted.partner_ids, self.customer)
        for words in (rma.name, "Refund", f"/my/returns/{rma.id}?access_token="):
            self.assertIn(words, accepted.body)
        self._receive(rma)
        received = self._get_mails(rma) - accepted
        self.assertIn("have arrived", received.body)
        rma.line_ids.action_test("pass", self.grade_a)
        rma.line_ids.action_settle()
        refunded = self._get_mails(rma) - accepted - received
        credit_note = rma.line_ids.refund_line_ids.move_id
        self.assertIn(credit_note.name, refunded.body)
        self.assertIn("44.00", refunded.body)
        self._receive(rma)
        self.assertEqual(len(self._get_mails(rma)), 3)

    def test_goods_accepted_later_are_told(self):
        sold = self._sold()
        rma = self._create_return((sold, 2))
        rma.action_accept()
        before = self._get_mails(rma)
        rma.line_ids = [
            fields.Command.create(self._prepare_line((sold, 1), "exchange"))
        ]
        rma.action_accept()
        mail = self._get_mails(rma) - before
        self.assertEqual(len(mail), 1)
        self.assertIn("Exchange", mail.body)

    def test_how_the_goods_come(self):
        sold = self._sold()
        for channel, words in (
            ("phone", "stick our label"),
            ("desk", "at our desk"),
            ("arrival", "need not send"),
        ):
            with self.subTest(channel):
                rma = self._create_return((sold, 1), channel=channel)
                rma.action_accept()
                body = self._get_mails(rma).body
                self.assertIn(words, body)
                self.assertEqual("stick our label" in body, channel == "phone")

    def test_refusal_tells_the_reason(self):
        sold = self._sold()
        returns = self._create_return((sold, 2)) | self._create_return((sold, 1))
        returns.action_refuse("It was used.")
        mails = self._get_mails(returns)
        self.assertEqual(len(mails), 2, "each customer of a batch")
        self.assertIn("It was used.", mails[0].body)

    def test_draft_credit_note_is_told_when_posted(self):
        self.company.aftersales_invoice_posting = "draft"
        rma = self._create_return((self._sold(), 2))
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test("pass", self.grade_a)
        rma.line_ids.action_settle()
        before = self._get_mails(rma)
        rma.line_ids.refund_line_ids.move_id.action_post()
        self.assertEqual(len(self._get_mails(rma) - before), 1)

    def test_refund_at_once_is_one_message(self):
        """What the acceptance brings by itself is told with it."""
        rma = self._create_return((self._sold(), 2), operation="refund_keep")
        rma.action_accept()
        mail = self._get_mails(rma)
        self.assertEqual(len(mail), 1)
        self.assertIn("need not send anything", mail.body)
        self.assertIn(rma.line_ids.refund_line_ids.move_id.name, mail.body)

    def test_refund_on_arrival_is_one_message(self):
        operation = self._get_operation("refund")
        operation.when = "received"
        rma = self._create_return((self._sold(), 2))
        rma.action_accept()
        before = self._get_mails(rma)
        self._receive(rma)
        mail = self._get_mails(rma) - before
        self.assertEqual(len(mail), 1)
        self.assertIn("we refund you", mail.body)

    def test_switch(self):
        self.company.aftersales_return_mail = False
        rma = self._create_return((self._sold(), 2))
        rma.action_accept()
        self._receive(rma)
        self.assertFalse(self._get_mails(rma))
        self.assertFalse(rma.date_told)

    def test_without_an_address(self):
        self.customer.email = False
        rma = self._create_return((self._sold(), 2))
        rma.action_accept()
        self.assertFalse(self._get_mails(rma))
        self.assertEqual(rma.state, "open")

    def test_deleted_template_stops_nothing(self):
        self.env.ref("aftersales_return.mail_template_accepted").unlink()
        rma = self._create_return((self._sold(), 2))
        rma.action_accept()
        self.assertEqual(rma.state, "open")

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        template = self.env.ref("aftersales_return.mail_template_refused")
        template.with_context(lang="fr_FR").subject = "Retour {{ object.name }}"
        rma = self._create_return((self._sold(), 2))
        rma.action_refuse("Trop tard")
        self.assertEqual(self._get_mails(rma).subject, f"Retour {rma.name}")

    def test_storekeeper_tells_by_receiving(self):
        rma = self._create_return((self._sold(), 2))
        rma.action_accept()
        before = self._get_mails(rma)
        picking = rma.picking_ids.with_user(self.storekeeper)
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(len(self._get_mails(rma) - before), 1)
        self.assertEqual(rma.date_told.date(), fields.Date.today())
