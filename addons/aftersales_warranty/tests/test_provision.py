from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_accounting import AccountingCommon


@tagged("post_install", "-at_install")
class TestProvision(AccountingCommon):
    """The known data set, all of one model, as of 2026-06-30 over 12 months.

    ====  =======================  ==================  ======================
    unit  guarantee                cost borne          months of age seen
    ====  =======================  ==================  ======================
    A     2026-01-01 – 2027-12-31  10 at age 1         0–5
    B     2026-03-01 – 2028-02-29  60 at age 1         0–3
    C     2024-07-01 – 2026-06-30  40 at age 14        12–23
    ====  =======================  ==================  ======================

    Rates: age 1 (10 + 60) / 2 = 35; age 14 40 / 1 = 40; other ages seen 0; ages 6–11
    were never seen, so the average 110 / (6 + 4 + 12) = 5.

    Ahead: A ages 6–23: 6 × 5 + 40 = 70. B ages 4–23: 2 × 0 + 6 × 5 + 40 = 70. C
    ended. Provision: 140.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.part_serial
        cls.company.aftersales_provision_payer_ids = cls.payer_goodwill
        cls.date = date(2026, 6, 30)

    def _set_up_history(self):
        self.unit_a = self._create_asset("Unit A", self.model)
        self.unit_b = self._create_asset("Unit B", self.model)
        self.unit_c = self._create_asset("Unit C", self.model)
        self._register(self.unit_a, "2026-01-01", 24)
        self._register(self.unit_b, "2026-03-01", 24)
        self._register(self.unit_c, "2024-07-01", 24)
        with freeze_time("2025-07-01"):
            self._stock(self.part_standard, 10)
        self._repair(self.unit_a, "2026-02-10", [(self.part_standard, 1)])
        self._repair(self.unit_b, "2026-04-15", [(self.labour, 2)])
        self._repair(self.unit_c, "2025-09-10", [(self.part_standard, 4)])

    def _repair(self, asset, day, lines, payer=None):
        """Mend ``asset`` on ``day`` at our cost."""
        with freeze_time(f"{day} 10:00:00"):
            order = self._create_order(
                {"lines": lines, "payer_id": (payer or self.payer_goodwill).id},
                asset_id=asset.id,
            )
            self._approve(order)
            self._finish_order(order)
        return order

    def _create_provision(self, **values):
        return self.env["aftersales.provision"].create(
            {"company_id": self.company.id, "date": self.date, **values}
        )

    def test_known_history_gives_the_known_amount(self):
        self._set_up_history()
        provision = self._create_provision()
        provision.action_make_entry()
        self.assertEqual(provision.unit_count, 2, "C has ended")
        self.assertAlmostEqual(provision.amount, 140.0)
        by_age = {line.age: line for line in provision.line_ids}
        self.assertEqual(by_age[1].units_exposed, 2.0)
        self.assertEqual(by_age[1].cost, 70.0)
        self.assertEqual(by_age[1].rate, 35.0)
        self.assertEqual(by_age[1].units_covered, 0.0)
        self.assertEqual(by_age[14].basis, "model")
        self.assertEqual(by_age[14].amount, 80.0, "A and B reach it")
        self.assertEqual(by_age[6].basis, "average")
        self.assertEqual(by_age[6].rate, 5.0)
        self.assertEqual(by_age[4].amount, 0.0, "seen, and it cost nothing")
        self.assertTrue(provision.basis_note)
        self.assertIn("<svg", provision.curve)
        self.assertEqual(
            self._get_items(provision.move_id),
            {
                self.account_provision_expense: 140.0,
                self.account_provision: -140.0,
            },
        )
        self.assertEqual(provision.move_id.state, "draft")
        self.assertEqual(provision.move_id.date, self.date)

    def test_posting_brings_the_reversal_on_the_next_day(self):
        self._set_up_history()
        provision = self._create_provision()
        provision.action_make_entry()
        provision.with_user(self.accountant).action_post()
        self.assertEqual(provision.state, "posted")
        self.assertEqual(provision.reversal_move_id.date, date(2026, 7, 1))
        self.assertEqual(provision.reversal_move_id.state, "posted")
        self.assertEqual(self._balance(self.account_provision), 0.0)
        self.assertEqual(self._balance(self.account_provision_expense), 0.0)
        self.assertEqual(self._get_trial_balance(), 0.0)
        provision.with_user(self.accountant).action_post()
        self.assertEqual(len(self._find_moves(self.account_provision)), 2)

    def _find_moves(self, account):
        lines = self.env["account.move.line"].search([("account_id", "=", account.id)])
        return lines.move_id

    def test_entry_posted_from_the_journal_is_reversed_too(self):
        self._set_up_history()
        provision = self._create_provision()
        provision.action_make_entry()
        provision.move_id.action_post()
        self.assertEqual(provision.state, "posted")
        self.assertEqual(provision.reversal_move_id.state, "posted")
        provision.move_id.button_draft()
        self.assertEqual(provision.state, "draft")
        self.assertFalse(provision.reversal_move_id)
        provision.move_id.action_post()
        self.assertEqual(self._balance(self.account_provision), 0.0)

    @freeze_time("2026-06-30")
    def test_reversal_that_lies_ahead_waits_for_its_day(self):
        self._set_up_history()
        provision = self._create_provision()
        provision.action_post()
        self.assertEqual(self._balance(self.account_provision), -140.0)
        self.assertEqual(provision.reversal_move_id.state, "draft")
        self.assertEqual(provision.reversal_move_id.auto_post, "at_date")
        with freeze_time("2026-07-01"):
            self._run_cron("account.move", "_autopost_draft_entries")
        self.assertEqual(provision.reversal_move_id.state, "posted")
        self.assertEqual(self._balance(self.account_provision), 0.0)

    def test_making_it_again_renews_the_draft(self):
        self._set_up_history()
        provision = self._create_provision()
        provision.action_make_entry()
        first = provision.move_id
        # One more repair of B, at age 1, of 40 of labour and parts: rate 55, and the
        # average (110 + 40) / 22.
        self._repair(self.unit_b, "2026-04-20", [(self.part_standard, 4)])
        provision.action_make_entry()
        self.assertFalse(first.exists())
        # 2 units × (6 ages × 150 / 22 + 40), each line rounded: 13.64 × 6 + 80.
        self.assertAlmostEqual(provision.amount, 161.84)
        self.assertEqual(len(provision.line_ids.filtered("units_exposed")), 18)
        self.assertEqual(len(self._find_moves(self.account_provision)), 1)
        provision.action_post()
        with self.assertRaisesRegex(UserError, "June 2026"):
            provision.action_make_entry()

    def test_model_without_history_borrows_and_says_so(self):
        self._set_up_history()
        sibling = self.env["product.product"].create(
            {"name": "Sibling", "categ_id": self.model.categ_id.id}
        )
        stranger = self.env["product.product"].create(
            {"name": "Stranger", "categ_id": self.category_fifo.id}
        )
        self._register(self._create_asset("D", sibling), "2026-06-01", 2)
        self._register(self._create_asset("E", stranger), "2026-06-01", 2)
        self._register(self._create_asset("F"), "2026-06-01", 2)
        provision = self._create_provision()
        provision.action_make_entry()
        lines = provision.line_ids.filtered(lambda line: line.age == 1)
        by_product = lines.grouped("product_id")
        self.assertEqual(by_product[sibling].basis, "category")
        self.assertEqual(by_product[stranger].basis, "all")
        self.assertEqual(by_product[self.env["product.product"]].basis, "all")
        for product in (sibling, stranger, self.env["product.product"]):
            self.assertEqual(by_product[product].amount, 35.0)

    def test_month_that_is_cut_counts_by_its_days(self):
        # 2026-06-16 to 2026-07-15: 15 of 30 days are seen, and 15 ahead. The cost of
        # 10 on half a unit month is 20 a month, of which half is ahead.
        unit = self._create_asset("Unit", self.model)
        self._register(unit, "2026-06-16", 1)
        with freeze_time("2026-06-01"):
            self._stock(self.part_standard, 1)
        self._repair(unit, "2026-06-20", [(self.part_standard, 1)])
        provision = self._create_provision()
        provision.action_make_entry()
        self.assertEqual(provision.line_ids.units_exposed, 0.5)
        self.assertEqual(provision.line_ids.units_covered, 0.5)
        self.assertEqual(provision.amount, 10.0)

    def test_what_the_guarantee_did_not_bear_is_left_out(self):
        self._set_up_history()
        # After the guarantee, before the history, paid by others, sold cover.
        self._repair(self.unit_c, "2026-07-02", [(self.part_standard, 1)])
        self._repair(
            self.unit_a, "2026-02-11", [(self.labour, 1)], payer=self.payer_internal
        )
        self._register(self.unit_a, "2028-01-01", 24, self.pack_extended)
        void = self._register(self._create_asset("G", self.model), "2026-06-01", 24)
        void.action_void(reason="Forged paper")
        provision = self._create_provision()
        provision.action_make_entry()
        self.assertAlmostEqual(provision.amount, 140.0)
        self.assertEqual(provision.unit_count, 2)

    def test_ended_guarantee_has_no_cover_ahead(self):
        self._set_up_history()
        with freeze_time("2026-06-15"):
            self.unit_b.registration_ids.action_end(reason="Exchanged")
        provision = self._create_provision()
        provision.action_make_entry()
        self.assertEqual(provision.unit_count, 1)
        # B was seen at age 3 for 15 of 30 days: the average is 110 / 21.5, six times
        # 5.12 and the 40 of age 14 for A alone.
        self.assertAlmostEqual(provision.amount, 70.72)

    def test_our_share_of_a_bill_is_cost_too(self):
        unit = self._create_asset("Unit", self.model)
        self._register(unit, "2026-06-01", 2)
        with freeze_time("2026-06-10"):
            order = self._create_order([(self.labour, 1)], asset_id=unit.id)
            order.job_ids.share_ids = [
                Command.create({"payer_id": self.payer_goodwill.id, "percentage": 30})
            ]
            self._approve(order)
            self._finish_order(order)
        provision = self._create_provision()
        provision.action_make_entry()
        # 30 % of 80, seen in the one month, expected in the other.
        self.assertEqual(sum(provision.line_ids.mapped("cost")), 24.0)
        self.assertEqual(provision.amount, 24.0)

    def test_change_books_the_difference_and_stays(self):
        self._set_up_history()
        self.company.aftersales_provision_mode = "change"
        may = self._create_provision(date=date(2026, 5, 31))
        may.action_post()
        self.assertFalse(may.reversal_move_id)
        self.assertEqual(self._balance(self.account_provision), -may.amount)
        june = self._create_provision()
        june.action_post()
        self.assertEqual(june.amount_before, may.amount)
        self.assertAlmostEqual(june.amount_entry, 140.0 - may.amount)
        self.assertEqual(self._balance(self.account_provision), -140.0)
        july = self._create_provision(date=date(2026, 7, 31), mode="reversal")
        with self.assertRaisesRegex(UserError, "June 2026"):
            july.action_make_entry()

    def test_one_per_month_and_only_at_its_end(self):
        provision = self._create_provision()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_provision()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_provision(date=date(2026, 5, 29))
        provision.action_cancel()
        self._create_provision()

    def test_cancelling_takes_the_entries_back(self):
        self._set_up_history()
        posted = self._create_provision()
        draft = self._create_provision(date=date(2026, 5, 31))
        draft.action_make_entry()
        posted.action_post()
        moves = posted.move_id + posted.reversal_move_id
        draft_move = draft.move_id
        (posted + draft).action_cancel()
        self.assertEqual(set((posted + draft).mapped("state")), {"cancel"})
        self.assertEqual(set(moves.mapped("state")), {"cancel"})
        self.assertFalse(draft_move.exists())
        self.assertEqual(self._balance(self.account_provision), 0.0)
        draft.action_draft()
        draft.action_make_entry()
        self.assertTrue(draft.move_id)

    def test_closed_month_is_refused(self):
        self._set_up_history()
        provision = self._create_provision()
        provision.action_make_entry()
        self.company.fiscalyear_lock_date = self.date
        with self.assertRaisesRegex(UserError, "closed"):
            provision.action_post()

    def test_missing_accounts_are_named(self):
        self._set_up_history()
        self.company.aftersales_provision_account_id = False
        with self.assertRaisesRegex(UserError, "Warranty Provision"):
            self._create_provision().action_make_entry()

    def test_nothing_known_is_nothing_booked_and_said(self):
        self._register(self._create_asset("Unit", self.model), "2026-06-01", 24)
        self.company.aftersales_provision_months = 1
        provision = self._create_provision(date=date(2026, 6, 30))
        provision.action_make_entry()
        self.assertFalse(provision.move_id)
        self.assertEqual(provision.amount, 0.0)
        empty = self._create_provision(date=date(2026, 5, 31))
        empty.action_make_entry()
        self.assertFalse(empty.line_ids)

    def test_companies_are_apart(self):
        self._set_up_history()
        other = self.env["res.company"].create(
            {"name": "Other", "currency_id": self.company.currency_id.id}
        )
        self._configure(other, "B")
        unit = self._create_asset("Foreign", self.model, company=other)
        self._register(unit, "2026-01-01", 24)
        with freeze_time("2026-07-05"):
            self._run_cron("aftersales.provision", "_cron_make_entries")
            self._run_cron("aftersales.provision", "_cron_make_entries")
        provisions = self.env["aftersales.provision"].search(
            [("date", "=", self.date), ("company_id", "in", (self.company + other).ids)]
        )
        self.assertEqual(len(provisions), 2, "the second run found them made")
        by_company = provisions.grouped("company_id")
        self.assertAlmostEqual(by_company[self.company].amount, 140.0)
        self.assertEqual(by_company[other].amount, 0.0)
        self.assertEqual(by_company[other].unit_count, 1)
        self.assertEqual(
            by_company[self.company].move_id.line_ids.account_id,
            self.account_provision_expense + self.account_provision,
        )
        self.assertEqual(by_company[self.company].state, "draft")
        self.assertFalse(
            self.env["aftersales.provision"]
            .with_user(self.accountant)
            .search([("company_id", "=", other.id)])
        )

    def test_one_bad_company_does_not_stop_the_rest(self):
        self._set_up_history()
        other = self.env["res.company"].create({"name": "Without Journal"})
        self._configure(other, "C")
        other.aftersales_closing_journal_id = False
        other.automatic_entry_default_journal_id = False
        unit = self._create_asset("Foreign", self.model, company=other)
        self._register(unit, "2026-01-01", 24)
        with (
            freeze_time("2026-07-05"),
            self.assertLogs(
                "odoo.addons.aftersales_warranty.models.period_entry", "ERROR"
            ) as log,
        ):
            self.patch(
                type(self.env["aftersales.provision"]),
                "_get_entry_amount",
                lambda provision: provision.amount or 1.0,
            )
            self._run_cron("aftersales.provision", "_cron_make_entries")
        self.assertIn("Without Journal", log.output[0])
        self.assertEqual(len(self._find_moves(self.account_provision)), 1)

    def test_rights(self):
        self._set_up_history()
        provision = self._create_provision()
        provision.with_user(self.accountant).action_make_entry()
        self.assertEqual(provision.with_user(self.manager).amount, 140.0)
        for user in (self.manager, self.advisor, self.technician):
            with self.assertRaises(UserError):
                provision.with_user(user).action_post()
        with self.assertRaises(UserError):
            provision.with_user(self.advisor).read(["amount"])
