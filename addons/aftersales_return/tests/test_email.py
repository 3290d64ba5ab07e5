from odoo.tests import tagged

from odoo.addons.aftersales.tests.mail_common import MailIntakeTests
from odoo.addons.mail.tests.common import MailCommon

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestEmail(MailIntakeTests, ReturnCommon, MailCommon):
    intake_model = "aftersales.return"
    intake_address = "returns@shop.example"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "shop.example"})
        cls.company.alias_domain_id = cls.domain
        cls.company.aftersales_return_alias_name = "returns"
        cls.customer.email = "wang@intake-test.example"

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
        self.assertIn("Out of order", rma.description)
        self.assertIn("The pump leaks.", rma.description)
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

    def test_second_company_has_its_own_address(self):
        other = self.env["res.company"].create({"name": "Other Shop"})
        self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        other.alias_domain_id = self.domain
        other.aftersales_return_alias_name = "back"
        rma = self._write("The pump leaks.", to="back@shop.example")
        self.assertEqual(rma.company_id, other)
        self.assertEqual(rma.warehouse_id.company_id, other)
