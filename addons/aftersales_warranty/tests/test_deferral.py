from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_accounting import AccountingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10")
class TestDeferral(AccountingCommon):
    """Cover for 1,200.00 over 12 months from 2026-01-10 to 2027-01-09: 365 days.

    January 22 days: 1200 × 22 / 365 = 72.33; until the end of February 50 days:
    164.38, so February takes 92.05; until the end of March 81 days: 266.30, so March
    takes 101.92.
    """

    def _sell(self, asset=None, **line_values):
        """Sell and bill the cover; return its deferral."""
        invoice = self._sell_cover(asset, **line_values)
        invoice.action_post()
        return invoice.invoice_line_ids.aftersales_deferral_ids

    def _recognise(self, day):
        with freeze_time(day):
            self._run_cron("aftersales.deferral", "_cron_recognise")

    def _credit(self, invoice, day, amount=None):
        """Credit an invoice, in part if an ``amount`` is given."""
        with freeze_time(day):
            note = invoice._reverse_moves([{"invoice_date": day, "date": day}])
            if amount is not None:
                note.invoice_line_ids.price_unit = amount
            note.action_post()
        return note

    def _check_zero(self):
        """Both accounts, and the books, come to exactly zero."""
        self.assertEqual(self._balance(self.account_deferred), 0.0)
        self.assertEqual(self._balance(self.account_revenue), 0.0)
        self.assertEqual(self._get_trial_balance(), 0.0)

    def test_invoice_goes_to_the_deferred_account_and_makes_the_schedule(self):
        deferral = self._sell()
        self.assertEqual(self._balance(self.account_deferred), -1200.0)
        self.assertEqual(self._balance(self.account_revenue), 0.0)
        self.assertEqual(deferral.state, "running")
        self.assertEqual(deferral.date_start, date(2026, 1, 10))
        self.assertEqual(deferral.date_end, date(2027, 1, 9))
        lines = deferral.line_ids
        self.assertEqual(len(lines), 13)
        self.assertEqual(lines[:3].mapped("amount"), [72.33, 92.05, 101.92])
        self.assertEqual(lines[:2].mapped("days"), [22, 28])
        self.assertEqual(lines[-1].date, date(2027, 1, 9))
        self.assertAlmostEqual(sum(lines.mapped("amount")), 1200.0)
        self.assertEqual(deferral.asset_id, self.asset)

    def test_months_are_booked_once_and_end_at_zero(self):
        deferral = self._sell()
        self._recognise("2026-03-05")
        self._recognise("2026-03-06")
        self.assertEqual(self._balance(self.account_revenue), -164.38)
        self.assertEqual(self._balance(self.account_deferred), -1035.62)
        moves = deferral.line_ids.move_id
        self.assertEqual(moves.mapped("date"), [date(2026, 1, 31), date(2026, 2, 28)])
        self.assertEqual(moves.line_ids.partner_id, self.customer)
        self.assertAlmostEqual(deferral.amount_left, 1035.62)
        self._recognise("2027-01-10")
        self.assertEqual(deferral.state, "done")
        self.assertEqual(self._balance(self.account_revenue), -1200.0)
        self.assertEqual(self._balance(self.account_deferred), 0.0)
        self.assertEqual(self._get_trial_balance(), 0.0)

    def test_drafts_wait_for_the_accountant_by_setting(self):
        self.company.aftersales_deferral_posting = "draft"
        deferral = self._sell()
        self._recognise("2026-02-01")
        self._recognise("2026-02-02")
        move = deferral.line_ids.move_id
        self.assertEqual(move.state, "draft")
        self.assertEqual(deferral.amount_recognised, 0.0)
        move.with_user(self.accountant).action_post()
        self.assertEqual(deferral.amount_recognised, 72.33)

    def test_guarantee_is_registered_once(self):
        deferral = self._sell()
        registration = deferral.registration_id
        self.assertEqual(registration.asset_id, self.asset)
        self.assertEqual(registration.pack_id, self.pack_extended)
        self.assertEqual(registration.source, "sale")
        self.assertEqual(registration.state, "active")
        self.assertEqual(registration.date_end, date(2027, 1, 9))
        self.assertEqual(registration.invoice_id, deferral.invoice_id)
        self.assertEqual(registration.price, 1200.0)
        deferral._create_cover_registrations()
        self.assertEqual(len(self.asset.registration_ids), 1)

    def test_cover_begins_after_the_base_guarantee(self):
        self.cover.aftersales_cover_start = "after"
        self._register(self.asset, "2025-06-01", 24)
        deferral = self._sell()
        self.assertEqual(deferral.date_start, date(2027, 6, 1))
        self.assertEqual(deferral.registration_id.date_start, date(2027, 6, 1))
        self._recognise("2027-06-01")
        self.assertFalse(deferral.line_ids.move_id)
        self.assertEqual(self._balance(self.account_deferred), -1200.0)

    def test_base_guarantee_that_is_over_does_not_count(self):
        self.cover.aftersales_cover_start = "after"
        self._register(self.asset, "2023-06-01", 24)
        self.assertEqual(self._sell().date_start, date(2026, 1, 10))

    def test_without_a_base_guarantee_it_waits_until_somebody_says(self):
        self.cover.aftersales_cover_start = "after"
        deferral = self._sell()
        self.assertEqual(deferral.state, "waiting")
        self.assertFalse(deferral.registration_id)
        self._recognise("2026-05-01")
        self.assertEqual(self._balance(self.account_revenue), 0.0)
        deferral.with_user(self.accountant).date_start = "2026-02-01"
        self.assertEqual(deferral.state, "running")
        self.assertEqual(deferral.registration_id.date_start, date(2026, 2, 1))
        with self.assertRaisesRegex(UserError, deferral.invoice_id.name):
            deferral.with_user(self.accountant).date_start = "2026-03-01"

    def test_full_credit_takes_back_what_was_recognised(self):
        deferral = self._sell()
        self._recognise("2026-03-05")
        note = self._credit(deferral.invoice_id, "2026-03-20")
        self.assertEqual(deferral.state, "stopped")
        self.assertEqual(deferral.amount_left, 0.0)
        last = deferral.line_ids[-1]
        self.assertEqual(last.amount, -164.38)
        self.assertEqual(last.move_id.date, date(2026, 3, 20))
        self._check_zero()
        self.assertEqual(deferral.registration_id.state, "void")
        self._recognise("2027-02-01")
        self._check_zero()
        self.assertEqual(len(note.line_ids), 2)

    def test_full_credit_before_the_first_month(self):
        deferral = self._sell()
        self._credit(deferral.invoice_id, "2026-01-11")
        self.assertFalse(deferral.line_ids)
        self.assertEqual(deferral.state, "stopped")
        self._check_zero()

    def test_credit_of_the_rest_ends_it(self):
        deferral = self._sell()
        self._recognise("2026-03-05")
        self._credit(deferral.invoice_id, "2026-03-20", amount=1035.62)
        self.assertEqual(deferral.state, "done")
        self.assertEqual(self._balance(self.account_deferred), 0.0)
        self.assertEqual(self._balance(self.account_revenue), -164.38)
        self.assertEqual(len(deferral.line_ids), 2, "nothing is left to recognise")

    def test_part_credit_lowers_the_months_ahead(self):
        deferral = self._sell()
        self._recognise("2026-03-05")
        self._credit(deferral.invoice_id, "2026-03-20", amount=200.0)
        self.assertEqual(deferral.state, "running")
        # 1200 − 200 − 164.38 = 835.62 over the 315 days that are left; March has 31.
        self.assertEqual(deferral.line_ids[2].amount, 82.24)
        self._recognise("2027-02-01")
        self.assertEqual(self._balance(self.account_deferred), 0.0)
        self.assertEqual(self._balance(self.account_revenue), -1000.0)
        # And the rest is credited in the end: to zero.
        self._credit(deferral.invoice_id, "2027-02-02", amount=1000.0)
        self._check_zero()

    def test_credit_above_what_is_left_takes_revenue_back(self):
        deferral = self._sell()
        self._recognise("2026-12-05")
        self._credit(deferral.invoice_id, "2026-12-10", amount=1100.0)
        self.assertEqual(self._balance(self.account_deferred), 0.0)
        self.assertEqual(self._balance(self.account_revenue), -100.0)
        self.assertEqual(deferral.state, "done")

    def test_credit_note_that_is_opened_again_brings_the_cover_back(self):
        deferral = self._sell()
        self._recognise("2026-03-05")
        note = self._credit(deferral.invoice_id, "2026-03-20")
        note.button_draft()
        self.assertEqual(deferral.state, "running")
        self.assertEqual(self._balance(self.account_revenue), -164.38)
        self.assertEqual(self._balance(self.account_deferred), -1035.62)
        self.assertEqual(deferral.registration_id.state, "active")
        note.action_post()
        self._check_zero()

    def test_invoice_that_is_opened_again_forgets_the_cover(self):
        deferral = self._sell()
        invoice = deferral.invoice_id
        invoice.button_draft()
        self.assertFalse(deferral.exists())
        self.assertFalse(self.asset.registration_ids)
        self.assertEqual(invoice.invoice_line_ids.account_id, self.account_revenue)
        invoice.action_post()
        self.assertEqual(self._balance(self.account_deferred), -1200.0)
        self._recognise("2026-02-05")
        with self.assertRaisesRegex(UserError, invoice.name):
            invoice.button_draft()

    def test_copy_of_an_invoice_keeps_its_revenue_account(self):
        copy = self._sell().invoice_id.copy({"invoice_date": "2026-01-10"})
        copy.action_post()
        deferral = copy.invoice_line_ids.aftersales_deferral_ids
        self.assertEqual(deferral.account_income_id, self.account_revenue)
        self.assertEqual(self._balance(self.account_deferred), -2400.0)

    def test_two_covers_in_two_records(self):
        second = self._create_asset("Second")
        invoices = self._sell_cover() + self._sell_cover(second)
        invoices.action_post()
        deferrals = invoices.invoice_line_ids.aftersales_deferral_ids
        self.assertEqual(deferrals.asset_id, self.asset + second)
        self._recognise("2026-02-01")
        self.assertEqual(self._balance(self.account_revenue), -144.66)
        notes = invoices._reverse_moves(
            [{"invoice_date": "2026-02-02"}, {"invoice_date": "2026-02-02"}]
        )
        with freeze_time("2026-02-02"):
            notes.action_post()
        self._check_zero()

    def test_stop_takes_the_rest_in_at_once(self):
        deferral = self._sell()
        self._recognise("2026-03-05")
        with freeze_time("2026-03-09"):
            deferral.with_user(self.accountant).action_stop()
        self.assertEqual(deferral.state, "stopped")
        self.assertEqual(self._balance(self.account_revenue), -1200.0)
        self.assertEqual(self._balance(self.account_deferred), 0.0)

    def test_closed_months_move_to_the_next_open_day(self):
        deferral = self._sell()
        self.company.fiscalyear_lock_date = "2026-02-15"
        self._recognise("2026-03-05")
        self.assertEqual(
            deferral.line_ids.move_id.mapped("date"),
            [date(2026, 2, 16), date(2026, 2, 28)],
        )
        self.assertEqual(set(deferral.line_ids.move_id.mapped("state")), {"posted"})
        self._credit(deferral.invoice_id, "2026-03-20")
        self._check_zero()

    def test_one_bad_cover_does_not_stop_the_rest(self):
        bad, good = self._sell(), self._sell(self._create_asset("Good"))
        bad.account_income_id.active = False
        other = self.account_revenue.copy({"code": "99A100", "active": True})
        good.account_income_id = other
        with self.assertLogs(
            "odoo.addons.aftersales_warranty.models.deferral", "ERROR"
        ) as log:
            self._recognise("2026-02-01")
        self.assertEqual(len(log.output), 1)
        self.assertIn(bad.invoice_id.name, log.output[0])
        self.assertEqual(self._balance(other), -72.33)
        self.assertFalse(bad.line_ids.move_id)

    def test_invoice_in_another_currency(self):
        # 1,200 foreign at 2 to 1 are 600; the note at 2.5 to 1 takes back 480. The
        # difference of 120 is revenue that stays, as without a deferral.
        foreign = self.env["res.currency"].create(
            {"name": "FOR", "symbol": "F", "rounding": 0.01}
        )
        for day, rate in (("2026-01-01", 2.0), ("2026-03-01", 2.5)):
            self.env["res.currency.rate"].create(
                {
                    "name": day,
                    "rate": rate,
                    "currency_id": foreign.id,
                    "company_id": self.company.id,
                }
            )
        invoice = self._sell_cover()
        invoice.currency_id = foreign
        invoice.invoice_line_ids.price_unit = 1200.0
        invoice.action_post()
        deferral = invoice.invoice_line_ids.aftersales_deferral_ids
        self.assertEqual(deferral.amount, 600.0)
        self.assertEqual(deferral.amount_currency, 1200.0)
        self.assertEqual(deferral.line_ids[0].amount, 36.16)
        self._recognise("2026-03-05")
        self.assertEqual(self._balance(self.account_deferred), -517.81)
        self._credit(invoice, "2026-03-20")
        self.assertEqual(deferral.state, "stopped")
        self.assertEqual(self._balance(self.account_deferred), 0.0)
        net = 600.0 - deferral.amount_credited
        self.assertAlmostEqual(self._balance(self.account_revenue), -net)
        self.assertEqual(self._get_trial_balance(), 0.0)

    def test_cents_that_do_not_divide_end_at_zero(self):
        deferral = self._sell(price_unit=0.10)
        self.assertAlmostEqual(sum(deferral.line_ids.mapped("amount")), 0.10)
        self.assertTrue(all(line.amount >= 0 for line in deferral.line_ids))
        self._recognise("2027-02-01")
        self.assertEqual(self._balance(self.account_revenue), -0.10)
        self.assertEqual(self._balance(self.account_deferred), 0.0)

    def test_free_cover_is_registered_without_money(self):
        self.company.aftersales_deferred_revenue_account_id = False
        deferral = self._sell(discount=100.0)
        self.assertEqual(deferral.state, "done")
        self.assertTrue(deferral.registration_id)

    def test_cover_on_a_work_order_knows_its_asset(self):
        order = self._create_order([(self.cover, 1)])
        self._approve(order)
        line = order.sale_order_ids.order_line
        self.assertEqual(line.aftersales_cover_asset_id, self.asset)
        self._finish_order(order)
        deferral = line.aftersales_deferral_ids
        self.assertEqual(deferral.aftersales_order_id, order)
        self._recognise("2026-02-01")
        self.assertEqual(self._balance(self.account_revenue, order), -72.33)
        self.assertEqual(self._balance(self.account_deferred, order), -1127.67)

    def test_cover_sold_with_serial_goods_waits_for_the_delivery(self):
        self.warehouse.out_type_id.aftersales_create_assets = True
        with freeze_time("2026-01-09"):
            self._stock_serial(["S1", "S2"])
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.part_serial.id, "product_uom_qty": 2}
                    ),
                    # 100.01 for two: 50.01 and 50.00.
                    Command.create(
                        {
                            "product_id": self.cover.id,
                            "product_uom_qty": 2,
                            "price_unit": 50.005,
                        }
                    ),
                ],
            }
        )
        sale.action_confirm()
        self.part_serial.invoice_policy = "order"
        invoice = sale._create_invoices()
        invoice.action_post()
        deferrals = invoice.invoice_line_ids.aftersales_deferral_ids
        self.assertEqual(deferrals.mapped("state"), ["waiting", "waiting"])
        total = -invoice.invoice_line_ids.filtered("is_aftersales_cover").balance
        self.assertAlmostEqual(sum(deferrals.mapped("amount")), total)
        with freeze_time("2026-01-20"):
            picking = sale.picking_ids
            picking.move_ids.picked = True
            picking.with_user(self.storekeeper).button_validate()
        self.assertEqual(set(deferrals.mapped("state")), {"running"})
        self.assertEqual(set(deferrals.asset_id.mapped("serial")), {"S1", "S2"})
        self.assertEqual(set(deferrals.mapped("date_start")), {date(2026, 1, 20)})
        self.assertEqual(len(deferrals.registration_id), 2)
        # One of two is given back.
        note = invoice._reverse_moves([{"invoice_date": "2026-01-25"}])
        note.invoice_line_ids.filtered(
            lambda line: line.product_id == self.part_serial
        ).unlink()
        note.invoice_line_ids.quantity = 1
        with freeze_time("2026-01-25"):
            note.action_post()
        self.assertEqual(sorted(deferrals.mapped("state")), ["running", "stopped"])
        stopped = deferrals.filtered("date_stopped")
        self.assertEqual(stopped.registration_id.state, "void")

    def test_cover_without_a_thing_is_refused(self):
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [Command.create({"product_id": self.cover.id})],
            }
        )
        with self.assertRaisesRegex(UserError, "choose the asset"):
            sale.action_confirm()
        sale.order_line.write(
            {"aftersales_cover_asset_id": self.asset.id, "product_uom_qty": 2}
        )
        with self.assertRaisesRegex(UserError, "per asset"):
            sale.action_confirm()
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "invoice_line_ids": [Command.create({"product_id": self.cover.id})],
            }
        )
        with self.assertRaisesRegex(UserError, "choose the asset"):
            invoice.action_post()
        invoice.invoice_line_ids.aftersales_cover_asset_id = self.asset
        invoice.action_post()
        self.assertEqual(self._balance(self.account_deferred), -1200.0)

    def test_missing_account_is_named(self):
        invoice = self._sell_cover()
        self.company.aftersales_deferred_revenue_account_id = False
        with self.assertRaisesRegex(UserError, "Deferred Revenue of Covers"):
            invoice.action_post()
        self.company.aftersales_deferred_revenue_account_id = self.account_revenue
        with self.assertRaisesRegex(UserError, "revenue account"):
            invoice.action_post()

    def test_cover_needs_a_term_and_is_a_service(self):
        with self.assertRaisesRegex(ValidationError, "how many months"):
            self.cover.aftersales_cover_months = 0
        with self.assertRaisesRegex(ValidationError, "service"):
            self.part_avco.write(
                {
                    "aftersales_pack_id": self.pack_extended.id,
                    "aftersales_cover_months": 12,
                }
            )
        self.fee.aftersales_pack_id = self.pack_extended
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.fee.id,
                            "aftersales_cover_asset_id": self.asset.id,
                        }
                    )
                ],
            }
        )
        with self.assertRaisesRegex(UserError, "no term"):
            sale.action_confirm()

    def test_companies_are_apart(self):
        other = self.env["res.company"].create(
            {"name": "Other", "currency_id": self.company.currency_id.id}
        )
        accounts = self._configure(other, "B")
        self.env["account.chart.template"].with_company(other)
        receivable = self.env["account.account"].create(
            {
                "name": "Receivable",
                "code": "99B200",
                "account_type": "asset_receivable",
                "company_ids": [Command.set(other.ids)],
            }
        )
        self.customer.with_company(other).property_account_receivable_id = receivable
        self.cover.with_company(other).property_account_income_id = accounts[
            "account_revenue"
        ]
        self.env["account.journal"].create(
            {"name": "Sales", "code": "SALB", "type": "sale", "company_id": other.id}
        )
        asset = self._create_asset("Foreign", company=other)
        invoice = (
            self.env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "company_id": other.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": self.cover.id,
                                "price_unit": 365.0,
                                "aftersales_cover_asset_id": asset.id,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        )
        invoice.action_post()
        mine = self._sell()
        self._recognise("2026-02-01")
        foreign = invoice.invoice_line_ids.aftersales_deferral_ids
        move = foreign.line_ids.move_id
        self.assertEqual(move.company_id, other)
        self.assertEqual(
            self._get_items(move),
            {accounts["account_deferred"]: 22.0, accounts["account_revenue"]: -22.0},
        )
        self.assertEqual(mine.line_ids.move_id.company_id, self.company)
        self.assertEqual(self._get_trial_balance(other), 0.0)
        visible = self.env["aftersales.deferral"].with_user(self.accountant).search([])
        self.assertIn(mine, visible)
        self.assertNotIn(foreign, visible)

    def test_what_odoo_defers_itself_is_left_to_it(self):
        AccountMoveLine = self.registry["account.move.line"]
        given = []
        self.patch(AccountMoveLine, "_has_odoo_deferral", lambda line: True)
        self.patch(AccountMoveLine, "_defer_by_odoo", lambda line: given.extend(line))
        deferral = self._sell()
        self.assertEqual(given, [deferral.move_line_id])
        self.assertTrue(deferral.is_external)
        self.assertFalse(deferral.line_ids)
        self.assertEqual(deferral.amount_left, 0.0, "nothing for us to recognise")
        self.assertEqual(deferral.registration_id.state, "active")
        self._recognise("2026-03-05")
        self.assertEqual(self._balance(self.account_revenue), -1200.0)
        self._credit(deferral.invoice_id, "2026-03-20")
        self.assertEqual(deferral.registration_id.state, "void")
        self._check_zero()

    def test_rights(self):
        invoice = self._sell_cover()
        invoice.with_user(self.accountant).action_post()
        deferral = invoice.invoice_line_ids.sudo().aftersales_deferral_ids
        self.assertEqual(deferral.with_user(self.manager).amount, 1200.0)
        for user in (self.manager, self.advisor):
            with self.assertRaises(UserError):
                deferral.with_user(user).action_stop()
        with self.assertRaises(UserError):
            deferral.with_user(self.accountant).unlink()
        with freeze_time("2026-02-01"):
            deferral.with_user(self.accountant).action_post_due()
        self.assertEqual(deferral.amount_recognised, 72.33)
