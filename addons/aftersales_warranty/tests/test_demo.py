from odoo.tests import tagged

from odoo.addons.aftersales.tests.demo_common import DemoCommon


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """The demo story loads through the steps of the roles, by their rights."""

    story = {
        "aftersales": "order_new",
        "aftersales_warranty": "order_suv",
    }

    def test_story(self):
        self._load()
        order = self._get("order_suv")
        self.assertEqual((order.state, order.right_level), ("quoted", "reached"))
        for figure in ("number 5", "150,000", "9,000", "141,000"):
            self.assertIn(figure, order.rights_notice)
        results = order.job_ids.mapped(
            lambda job: (job.line_ids[0].verdict_result, job.payer_id.code)
        )
        self.assertEqual(
            results,
            [
                ("covered", "sunrise"),
                ("shared", "customer"),
                ("charged", "customer"),
                ("charged", "customer"),
            ],
        )
        overruled = self._get("job_suv_lamp").verdict_ids
        self.assertTrue(all(overruled.mapped("is_overridden")))
        [decision] = order.decision_ids
        self.assertEqual((decision.state, decision.amount), ("proposed", 141000.0))
        self.assertFalse(
            decision.with_user(self.env.ref("aftersales.user_manager")).can_decide
        )
        self.assertTrue(decision.with_user(self._get("user_head")).can_decide)
        events = self._get("asset_suv").repair_event_ids
        self.assertEqual(len(events), 4)
        self.assertEqual(sum(events.mapped("days")), 8)
        claims = [self._get(f"order_gearbox_{n}").claim_ids.state for n in range(1, 5)]
        self.assertEqual(claims, ["approved", "sent", "draft", "draft"])
        papers = self._get("order_fridge_papers")
        self.assertEqual(set(papers.line_ids.mapped("verdict_result")), {"refer"})
        self.assertEqual(self._get("registration_washer").state, "pending")
        self.assertEqual(self._get("order_goodwill").goodwill_ids.state, "approved")
        self.assertLess(self._get("budget_workshop").amount_left, 1000)
        self.assertEqual(
            self._get("order_battery").claim_ids.partner_id,
            self._get("partner_drive_systems"),
        )
        [deferral] = self._get("sale_care_plus").order_line.aftersales_deferral_ids
        self.assertEqual(deferral.asset_id, self._get("asset_suv"))

    def test_month_is_closed_with_the_accounts_of_the_demo(self):
        self._load()
        accountant = self.env.ref("aftersales.user_accountant")
        for model in ("aftersales.provision", "aftersales.allowance"):
            entry = self.env[model].with_user(accountant).create({})
            entry.action_make_entry()
            self.assertEqual(entry.state, "draft")

    def test_without_a_chart_of_accounts_nothing_is_claimed(self):
        self.env["account.journal"].search([("type", "=", "sale")]).active = False
        self._load()
        self.assertEqual(self._get("order_gearbox_1").state, "done")
        self.assertFalse(self._get("order_gearbox_1").claim_ids)
        self.assertFalse(self._get("sale_care_plus").invoice_ids)
