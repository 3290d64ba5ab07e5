from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .claim_common import ClaimCommon
from .common_accounting import AccountingCommon


@tagged("post_install", "-at_install")
class TestAllowance(AccountingCommon, ClaimCommon):
    """Claims of 180.00 each, seen on 2026-06-30: 90 days earlier was 2026-04-01."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.date = date(2026, 6, 30)

    def _send_claim(self, day):
        with freeze_time(f"{day} 09:00:00"):
            return self._create_claim(send=True)

    def _create_allowance(self, **values):
        return self.env["aftersales.allowance"].create(
            {"company_id": self.company.id, "date": self.date, **values}
        )

    def test_claims_of_90_days_are_provided_for_in_full(self):
        old = self._send_claim("2026-03-31")
        just = self._send_claim("2026-04-01")
        young = self._send_claim("2026-04-02")
        allowance = self._create_allowance()
        allowance.action_make_entry()
        self.assertEqual(allowance.line_ids.claim_id, old + just)
        self.assertEqual(allowance.line_ids.mapped("days"), [91, 90])
        self.assertEqual(allowance.amount, 360.0)
        self.assertEqual(allowance.amount_open, 540.0)
        self.assertNotIn(young, allowance.line_ids.claim_id)
        self.assertEqual(allowance.move_id.state, "draft")
        self.assertEqual(
            self._get_items(allowance.move_id),
            {self.account_allowance_expense: 360.0, self.account_allowance: -360.0},
        )

    def test_posted_and_reversed_to_zero(self):
        self._send_claim("2026-01-10")
        allowance = self._create_allowance()
        allowance.with_user(self.accountant).action_post()
        self.assertEqual(allowance.move_id.date, self.date)
        self.assertEqual(allowance.reversal_move_id.date, date(2026, 7, 1))
        for account in (self.account_allowance, self.account_allowance_expense):
            self.assertEqual(self._balance(account), 0.0)
        self.assertEqual(self._get_trial_balance(), 0.0)

    def test_what_was_paid_by_then_is_left_out(self):
        claim = self._send_claim("2026-01-10")
        with freeze_time("2026-06-10"):
            claim.action_settle({claim.line_ids[1]: 100.0}, reference="R1")
        allowance = self._create_allowance()
        allowance.action_make_entry()
        self.assertEqual(allowance.amount, 80.0)
        may = self._create_allowance(date=date(2026, 5, 31))
        may.action_make_entry()
        self.assertEqual(may.amount, 180.0, "as it stood at the end of May")

    def test_draft_refund_is_no_asset_yet(self):
        self.payer_supplier.partner_id = self.supplier
        with freeze_time("2026-01-10 09:00:00"):
            claim = self._create_supplier_claim(send=True)
        allowance = self._create_allowance()
        allowance.action_make_entry()
        self.assertEqual(allowance.amount_open, 0.0)
        claim.move_id.action_post()
        allowance.action_make_entry()
        self.assertEqual(allowance.amount, 20.0)

    def test_company_may_wait_longer(self):
        self._send_claim("2026-03-31")
        self.company.aftersales_allowance_days = 120
        allowance = self._create_allowance()
        allowance.action_make_entry()
        self.assertFalse(allowance.move_id)
        self.assertEqual(allowance.amount_open, 180.0)

    def test_making_it_again_has_the_effect_of_once(self):
        self._send_claim("2026-01-10")
        with freeze_time("2026-07-02"):
            self._run_cron("aftersales.allowance", "_cron_make_entries")
            self._run_cron("aftersales.allowance", "_cron_make_entries")
        allowance = self.env["aftersales.allowance"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(len(allowance), 1)
        allowance.action_make_entry()
        allowance.action_post()
        allowance.action_post()
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.account_allowance.id)]
        )
        self.assertEqual(items.mapped("balance"), [180.0, -180.0])

    def test_closed_month_is_refused(self):
        self._send_claim("2026-01-10")
        allowance = self._create_allowance()
        allowance.action_make_entry()
        self.company.fiscalyear_lock_date = self.date
        with self.assertRaisesRegex(UserError, "June 2026"):
            allowance.action_post()

    def test_companies_are_apart(self):
        self._send_claim("2026-01-10")
        other = self.env["res.company"].create(
            {"name": "Other", "currency_id": self.company.currency_id.id}
        )
        self._configure(other, "B")
        allowances = self._create_allowance() + self._create_allowance(
            company_id=other.id
        )
        allowances.action_make_entry()
        self.assertEqual(allowances.mapped("amount"), [180.0, 0.0])
        visible = allowances.with_user(self.accountant).search([])
        self.assertEqual(visible, allowances[0])

    def test_rights(self):
        self._send_claim("2026-01-10")
        allowance = self._create_allowance()
        allowance.with_user(self.accountant).action_make_entry()
        self.assertEqual(allowance.with_user(self.manager).amount, 180.0)
        with self.assertRaises(UserError):
            allowance.with_user(self.manager).action_post()
        with self.assertRaises(UserError):
            allowance.with_user(self.advisor).read(["amount"])
