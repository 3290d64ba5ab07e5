from odoo import Command
from odoo.tests import tagged

from odoo.addons.aftersales.tests.mail_common import MailIntakeTests
from odoo.addons.mail.tests.common import MailCommon

from .common import FieldCommon


@tagged("post_install", "-at_install")
class TestEmail(MailIntakeTests, FieldCommon, MailCommon):
    intake_model = "aftersales.order"
    intake_address = "service@field.example"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "field.example"})
        cls.company.alias_domain_id = cls.domain
        cls.team.alias_name = "service"
        cls.customer.email = "wang@intake-test.example"
        cls.asset.serial = "SN-4711"

    def test_team_has_an_address(self):
        self.assertEqual(self.team.alias_email, "service@field.example")
        self.team.alias_name = "help"
        self.assertEqual(self.team.alias_email, "help@field.example")

    def test_mail_makes_an_order_on_site(self):
        order = self._write("It does not start.")
        self.assertEqual((order.state, order.channel), ("draft", "email"))
        self.assertTrue(order.is_onsite)
        self.assertTrue(order.needs_call)
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual((order.company_id, order.team_id), (self.company, self.team))
        self.assertTrue(order.name.startswith("WO/"), "the subject is no number")
        self.assertIn("Out of order", order.complaint)
        self.assertIn("It does not start.", order.complaint)
        self.assertEqual(order.activity_ids.user_id, self.advisor)
        self.assertFalse(order.asset_id)

    def test_serial_names_the_own_machine(self):
        order = self._write("Boiler SN-4711. Please come.")
        self.assertEqual(order.asset_id, self.asset)
        foreign = self._write("SN-4711", email_from="Eve <eve@evil.example>")
        self.assertFalse(foreign.asset_id)
        self.assertNotEqual(foreign.partner_id, self.customer)
        self.assertEqual(foreign.partner_id.company_id, self.company)

    def test_contact_writes_for_the_company(self):
        self.env["res.partner"].create(
            {
                "name": "Janitor",
                "email": "janitor@fleet.example",
                "parent_id": self.fleet.id,
            }
        )
        order = self._write("Too warm", email_from="janitor@fleet.example")
        self.assertEqual(order.partner_id, self.fleet)
        self.assertEqual(order.contact_id.name, "Janitor")

    def test_second_company_has_its_own_address(self):
        other = self.env["res.company"].create({"name": "Other Service"})
        other.alias_domain_id = self.domain
        team = self.env["aftersales.team"].create(
            {
                "name": "Their Team",
                "company_id": other.id,
                "alias_name": "theirs",
                "member_ids": [Command.link(self.env.ref("base.user_admin").id)],
            }
        )
        self.assertEqual(team.alias_email, "theirs@field.example")
        order = self._write("It does not start.", to="theirs@field.example")
        self.assertEqual((order.company_id, order.team_id), (other, team))
        self.assertEqual(order.warehouse_id.company_id, other)

    def test_addresses_are_given_up(self):
        alias = self.team.alias_id
        self.team._retire_addresses()
        self.assertFalse(alias.exists())
        self.assertFalse(self.team.alias_email)
