from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestMailIntake(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Intake = cls.env["aftersales.mail.intake"]
        cls.other = cls.env["res.company"].create({"name": "Other Shop"})

    def test_sender_is_known_or_becomes_a_contact_of_the_company(self):
        self.customer.write({"email": "wang@home.example", "company_id": False})
        mail = {"email_from": "Wang <wang@home.example>"}
        self.assertEqual(self.Intake._find_sender(mail, self.company), self.customer)
        self.customer.company_id = self.company
        foreign = self.Intake._find_sender(mail, self.other)
        self.assertNotEqual(foreign, self.customer)
        self.assertEqual(foreign.company_id, self.other)
        self.assertEqual(foreign.email_normalized, "wang@home.example")
        nobody = self.Intake._find_sender({}, self.company)
        self.assertEqual(nobody.company_id, self.company)

    def test_words_are_subject_and_text(self):
        mail = {"subject": "Pump", "body": "<p>It <b>drips</b></p>"}
        self.assertEqual(self.Intake._get_mail_words(mail), "Pump\n\nIt *drips*")
        self.assertEqual(self.Intake._get_mail_words({}), "")

    def test_numbers_named_in_a_text(self):
        text = "Pump ABC-123. My order S/2026/7, pump ABC-123!"
        names = self.Intake._get_named_numbers(text)
        self.assertEqual(names, ["Pump", "ABC-123", "order", "S/2026/7", "pump"])

    def test_who_may_not_create_is_refused_first(self):
        stranger = new_test_user(self.env, "mail_stranger", "base.group_portal")
        with self.assertRaises(AccessError):
            self.Intake.with_user(stranger).message_new(
                {"email_from": "ghost@new.example"}
            )
        ghosts = [("email_normalized", "=", "ghost@new.example")]
        self.assertFalse(self.env["res.partner"].search(ghosts))
