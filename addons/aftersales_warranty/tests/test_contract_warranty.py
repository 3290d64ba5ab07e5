from odoo import Command
from odoo.tests import Form, tagged

from .claim_common import ClaimCommon
from .common_accounting import AccountingCommon


@tagged("post_install", "-at_install")
class TestContractWarranty(ClaimCommon):
    """Screens open for each role, also without the rights of its neighbours."""

    def test_claim_of_another_team_opens(self):
        claim = self._create_claim()
        stranger = self._create_user("stranger", "aftersales.aftersales_group_user")
        self.team.copy({"member_ids": [Command.set(stranger.ids)]})
        order = claim.line_ids.order_id
        self.env.invalidate_all()
        self.assertFalse(order.with_user(stranger).has_access("read"))
        (row,) = claim.with_user(stranger).web_read({"name": {}, "order_count": {}})
        self.assertEqual(row["order_count"], 1)

    def test_component_group_opens_without_the_store(self):
        group = self.env["aftersales.component.group"].create(
            {
                "name": "Group",
                "code": "test_group",
                "product_ids": [Command.set(self.part_avco.ids)],
            }
        )
        form = Form(group.with_user(self.manager))
        self.assertEqual(len(form.product_ids), 1)
        arch = group.with_user(self.manager).get_view(view_type="form")["arch"]
        self.assertNotIn("qty_available", arch)

    def test_new_decision_begins_empty(self):
        form = Form(
            self.env["aftersales.warranty.decision"].with_user(self.manager),
            "aftersales_warranty.decision_view_form",
        )
        self.assertEqual(form.currency_id, self.company.currency_id)

    def test_accountant_opens_decisions(self):
        for model in ("pack", "version", "rule", "registration"):
            records = self.env[f"aftersales.warranty.{model}"]
            self.assertTrue(records.with_user(self.accountant).has_access("read"))
            self.assertFalse(records.with_user(self.accountant).has_access("write"))


@tagged("post_install", "-at_install")
class TestContractDeferral(AccountingCommon):
    def test_named_for_managers_without_invoicing(self):
        invoice = self._sell_cover()
        invoice.action_post()
        deferral = invoice.invoice_line_ids.aftersales_deferral_ids
        self.env.invalidate_all()
        deferral = deferral.with_user(self.manager)
        self.assertIn(self.asset.name, deferral.display_name)
        self.assertIn(self.asset.name, deferral.line_ids[:1].display_name)
