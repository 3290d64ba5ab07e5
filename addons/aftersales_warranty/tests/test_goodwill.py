from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestGoodwill(WarrantyCommon):
    """What we bear out of goodwill: limits, budget, share before and credit after."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls._create_user("head", "aftersales_warranty.warranty_group_head")
        cls.reason = cls.env.ref("aftersales_warranty.goodwill_reason_repeat")
        cls.account_share = cls.env["account.account"].create(
            {"name": "Goodwill shares", "code": "650990", "account_type": "expense"}
        )
        cls.payer_goodwill.share_account_id = cls.account_share

    def _give(self, order, percentage=50, user=None, **values):
        return (
            order.with_user(user or self.advisor)
            .action_give_goodwill(percentage, self.reason, **values)
            .with_user(self.env.user)
        )

    def _create_budget(self, amount, **values):
        return self.env["aftersales.goodwill.budget"].create(
            {"company_id": self.company.id, "amount": amount, **values}
        )

    def test_goodwill_within_the_limit_is_a_share_at_once(self):
        orders = self._create_order([(self.labour, 2)]) | self._create_order(
            [(self.labour, 1)]
        )
        goodwill = self._give(orders, note="Third visit")
        self.assertEqual(goodwill.mapped("state"), ["approved", "approved"])
        self.assertEqual(goodwill.mapped("amount"), [80.0, 40.0])
        self.assertEqual(goodwill.decision_user_id, self.advisor)
        share = orders[0].job_ids.share_ids
        self.assertEqual(share, goodwill[0].share_id)
        self.assertEqual(share.payer_id, self.payer_goodwill)
        self.assertEqual(share.percentage, 50)
        self.assertIn("Third visit", share.reason)
        goodwill.with_user(self.advisor).action_approve()
        self.assertEqual(len(orders.job_ids.share_ids), 2, "a second yes gives nothing")
        self._approve(orders)
        self._finish_order(orders)
        self.assertEqual(orders[0].invoice_ids.amount_total, 80.0)
        self.assertEqual(self._balance(self.account_share, orders[0]), 80.0)
        self.assertEqual(goodwill.mapped("amount"), [80.0, 40.0])

    def test_goodwill_above_the_limit_waits_for_a_higher_one(self):
        order = self._create_order([(self.labour, 10)])
        goodwill = self._give(order)
        self.assertEqual(goodwill.amount, 400)
        self.assertEqual(goodwill.state, "proposed")
        self.assertFalse(order.job_ids.share_ids)
        with self.assertRaisesRegex(AccessError, "Manager"):
            goodwill.with_user(self.advisor).action_approve()
        goodwill.with_user(self.manager).action_approve()
        self.assertEqual(order.job_ids.share_ids.percentage, 50)

    def test_technicians_give_no_goodwill(self):
        order = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}
        )
        with self.assertRaises(AccessError):
            self._give(order, user=self.technician)

    def test_refused_goodwill_gives_nothing(self):
        order = self._create_order([(self.labour, 10)])
        goodwill = self._give(order)
        goodwill.with_user(self.manager).action_refuse(reason="Not ours")
        self.assertEqual(goodwill.state, "refused")
        self.assertFalse(order.job_ids.share_ids)

    def test_budget_is_used_and_refuses_more_by_name(self):
        budget = self._create_budget(100)
        first = self._create_order([(self.labour, 2)])
        goodwill = self._give(first)
        self.assertEqual(goodwill.budget_id, budget)
        self.assertEqual(budget.amount_used, 80)
        self.assertEqual(budget.amount_left, 20)
        second = self._create_order([(self.labour, 1)])
        with self.assertRaisesRegex(UserError, "20.00.*Head of After-Sales"):
            self._give(second)
        self.assertFalse(second.job_ids.share_ids)
        over = self._give(second, user=self.head)
        self.assertEqual(over.state, "approved")
        self.assertEqual(budget.amount_left, -20)
        over.with_user(self.head).action_cancel(reason="Customer pays")
        self.assertEqual(budget.amount_left, 20)
        self.assertFalse(second.job_ids.share_ids)

    def test_two_at_once_do_not_overspend(self):
        budget = self._create_budget(100)
        orders = self._create_order([(self.labour, 2)]) | self._create_order(
            [(self.labour, 2)]
        )
        with self.assertRaisesRegex(UserError, "20.00"), self.env.cr.savepoint():
            self._give(orders)
        budget.invalidate_recordset()
        self.assertEqual(budget.amount_used, 0, "none of the batch was given")

    def test_goodwill_past_its_budget_is_refused_by_hand_too(self):
        order = self._create_order([(self.labour, 1)], [(self.labour, 1)])
        shared, whole = order.with_user(self.advisor).job_ids
        share = [Command.create({"payer_id": self.payer_goodwill.id, "percentage": 90})]
        self._create_budget(100)
        with self.assertRaisesRegex(UserError, "Job 1.*Give Goodwill"):
            shared.share_ids = share
        with self.assertRaisesRegex(UserError, "Job 2.*Give Goodwill"):
            whole.payer_id = self.payer_goodwill
        whole.with_user(self.manager).payer_id = self.payer_goodwill
        self.assertEqual(whole.line_ids.payer_id, self.payer_goodwill)

    def test_team_has_its_own_budget(self):
        common = self._create_budget(100)
        own = self._create_budget(500, team_id=self.team.id)
        goodwill = self._give(self._create_order([(self.labour, 2)]))
        self.assertEqual(goodwill.budget_id, own)
        self.assertEqual(common.amount_used, 0)
        with self.assertRaises(ValidationError):
            self._create_budget(1, team_id=self.team.id)
        last_month = fields.Date.subtract(fields.Date.today(), months=2)
        self._create_budget(1, date_from=last_month, date_to=last_month)

    def test_budget_of_another_company_is_not_used(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        self.env["aftersales.goodwill.budget"].create(
            {"company_id": sister.id, "amount": 1}
        )
        goodwill = self._give(self._create_order([(self.labour, 2)]))
        self.assertFalse(goodwill.budget_id)
        self.assertEqual(goodwill.state, "approved")

    def test_goodwill_after_the_invoice_is_a_credit(self):
        order = self._create_order([(self.labour, 2)])
        self._approve(order)
        self._finish_order(order)
        goodwill = self._give(order, 25)
        self.assertEqual(goodwill.state, "approved")
        self.assertEqual(goodwill.correction_ids.amount, 40.0)
        credit = goodwill.correction_ids.credit_id
        self.assertEqual(credit.amount_total, 40.0)
        credit.action_post()
        self.assertEqual(goodwill.amount, 40.0)
        self.assertEqual(self._balance(self.account_share, order), 40.0)
        with self.assertRaisesRegex(UserError, "in writing"):
            goodwill.with_user(self.manager).action_cancel(reason="Mistake")

    def test_goodwill_between_answer_and_invoice_is_refused(self):
        order = self._create_order([(self.labour, 2)])
        self._approve(order)
        with self.assertRaisesRegex(UserError, order.name):
            self._give(order)

    def test_goodwill_of_one_line(self):
        order = self._create_order([(self.part_avco, 1), (self.labour, 2)])
        line = order.line_ids.filtered(lambda line: line.kind == "labour")
        goodwill = (
            self.env["aftersales.goodwill"]
            .with_user(self.advisor)
            .create(
                {
                    "job_id": order.job_ids.id,
                    "job_line_id": line.id,
                    "percentage": 100,
                    "reason_id": self.reason.id,
                }
            )
        )
        goodwill.action_give()
        self.assertEqual(goodwill.amount, 160)
        order.action_estimate()
        self.assertEqual(order.sale_order_ids.amount_total, 20)
        self.assertEqual(goodwill.amount, 160)

    def test_amount_is_without_taxes(self):
        tax = self.env["account.tax"].create(
            {
                "name": "Work 10%",
                "amount": 10,
                "type_tax_use": "sale",
                "price_include_override": "tax_excluded",
                "company_id": self.company.id,
            }
        )
        self.labour.taxes_id = [Command.set(tax.ids)]
        order = self._create_order([(self.labour, 2)])
        goodwill = self._give(order)
        self.assertEqual(goodwill.amount, 80)
        self.assertEqual(goodwill.amount_total, 88)
        order.action_estimate()
        self.assertEqual(goodwill.amount, 80)
        self.assertEqual(goodwill.amount_total, 88)

    def test_report_by_reason_advisor_team_and_model(self):
        self.asset.product_id = self.part_avco
        self._give(self._create_order([(self.labour, 2)]))
        rows = self.env["aftersales.goodwill"]._read_group(
            [("company_id", "=", self.company.id), ("state", "=", "approved")],
            ["reason_id", "advisor_id", "team_id", "product_id"],
            ["amount:sum"],
        )
        self.assertEqual(
            rows, [(self.reason, self.advisor, self.team, self.part_avco, 80.0)]
        )
