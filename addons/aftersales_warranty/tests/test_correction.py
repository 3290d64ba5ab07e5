from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .claim_common import ClaimCommon


@tagged("post_install", "-at_install")
class TestCorrection(ClaimCommon):
    def _create_billed(self, lines=None, **job):
        """Return an order whose customer was invoiced 100.00."""
        self._stock(self.part_avco, 5)
        order = self._create_order(
            {"lines": lines or [(self.part_avco, 1), (self.labour, 1)], **job}
        )
        self._approve(order)
        self._finish_order(order)
        order.invalidate_recordset()
        return order

    def _get_analysed(self, order):
        self.env.flush_all()
        return {
            payer: amount
            for payer, amount in self.env["aftersales.analysis"]._read_group(
                [("order_id", "=", order.id), ("amount_invoiced", "!=", 0)],
                ["payer_id"],
                ["amount_invoiced:sum"],
            )
            if amount
        }

    # To ourselves

    def test_goodwill_after_the_invoice(self):
        self.part_avco.taxes_id = self.labour.taxes_id = self._create_tax(13)
        order = self._create_billed()
        invoice = order.invoice_ids
        credit = order.action_correct_payer(
            payer=self.payer_goodwill, percentage=50, reason="Waited too long"
        )
        self.assertEqual((credit.move_type, credit.state), ("out_refund", "draft"))
        self.assertEqual(credit.reversed_entry_id, invoice)
        self.assertEqual(credit.aftersales_order_id, order)
        self.assertEqual(credit.partner_id, invoice.partner_id)
        self.assertAlmostEqual(credit.amount_total, 56.5)
        credit.action_post()
        self.assertEqual(self._balance(self.account_goodwill, order), 50.0)
        self.assertEqual(self._balance(self.account_income, order), -100.0)
        self.assertEqual(self._balance(self.tax_account, order), -6.5)
        self.assertEqual(self._balance(self.account_expense, order), 10.0)
        self.assertEqual(self._balance(self._receivable(self.customer), order), 56.5)
        self.assertEqual(invoice.amount_residual, 56.5)
        self.assertEqual(credit.amount_residual, 0)
        items = credit.line_ids.filtered("account_id")
        self.assertEqual(items.aftersales_order_id, order)
        self.assertFalse(items.filtered(lambda item: not item.aftersales_order_id))
        self.assertIn(credit, order.invoice_ids)
        self.assertEqual(order.amount_untaxed, 50.0)
        self.assertEqual(
            self._get_analysed(order),
            {self.payer_customer: 100.0, self.payer_goodwill: -50.0},
        )

    def test_lines_by_hand_to_the_cent(self):
        self.part_avco.taxes_id = self._create_tax(13)
        order = self._create_billed(
            [{"product_id": self.part_avco.id, "product_uom_qty": 3,
              "price_unit": 33.37}]
        )  # fmt: skip
        credit = order.action_correct_payer(
            order.line_ids.ids, self.payer_goodwill.id, amount=37.71, reason="Goodwill"
        )
        self.assertAlmostEqual(credit.amount_total, 37.71)
        rest = order.action_correct_payer(
            payer=self.payer_goodwill, reason="The rest as well"
        )
        (credit + rest).action_post()
        self.assertAlmostEqual(credit.amount_total + rest.amount_total, 113.12)
        for account in (self.tax_account, self._receivable(self.customer)):
            self.assertEqual(self._balance(account, order), 0)
        self.assertEqual(self._balance(self.account_goodwill, order), 100.11)

    def test_never_more_than_was_billed(self):
        order = self._create_billed()
        part, work = order.line_ids
        order.action_correct_payer(part, self.payer_goodwill, amount=15, reason="One")
        with self.assertRaisesRegex(UserError, order.name):
            order.action_correct_payer(
                part, self.payer_goodwill, amount=5.01, reason="Two"
            )
        order.action_correct_payer(part, self.payer_goodwill, amount=5, reason="Two")
        with self.assertRaisesRegex(UserError, order.name):
            order.action_correct_payer(part, self.payer_goodwill, reason="Three")
        last = order.action_correct_payer(payer=self.payer_goodwill, reason="Work")
        self.assertEqual(last.amount_total, 80.0)
        last.button_cancel()
        again = order.action_correct_payer(work, self.payer_goodwill, reason="Work")
        again.unlink()
        again = order.action_correct_payer(work, self.payer_goodwill, reason="Work")
        self.assertEqual(again.amount_total, 80.0)

    def test_what_was_credited_is_not_billed_any_more(self):
        order = self._create_billed()
        self._refund(order.invoice_ids)
        with self.assertRaisesRegex(UserError, order.name):
            order.action_correct_payer(payer=self.payer_goodwill, reason="No")

    def test_share_of_another_payer_is_not_billed_to_this_one(self):
        order = self._create_billed(
            share_ids=[
                Command.create({"payer_id": self.payer_maker.id, "percentage": 70})
            ]
        )
        with self.assertRaisesRegex(UserError, order.name):
            order.action_correct_payer(
                payer=self.payer_goodwill, amount=31, reason="No"
            )
        credit = order.action_correct_payer(
            payer=self.payer_goodwill, amount=30, reason="Yes"
        )
        self.assertEqual(credit.amount_total, 30.0)

    # To another payer

    def test_maker_pays_after_all(self):
        order = self._create_billed()
        moves = order.action_correct_payer(
            payer=self.payer_maker, reason="It was under warranty"
        )
        credit = moves.filtered(lambda move: move.move_type == "out_refund")
        bill = moves - credit
        self.assertEqual(bill.partner_id, self.maker)
        self.assertEqual(bill.aftersales_payer_id, self.payer_maker)
        claim = order.claim_ids
        self.assertEqual(claim.move_id, bill)
        self.assertEqual(claim.line_ids.mapped("amount_claimed"), [20.0, 80.0])
        self.assertEqual(claim.line_ids.job_line_id, order.line_ids)
        credit.action_post()
        claim.action_send()
        self.assertEqual(self._balance(self._receivable(self.customer), order), 100.0)
        order.invalidate_recordset()
        by_partner = order.invoice_ids.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        ).grouped("partner_id")
        self.assertEqual(sum(by_partner[self.customer].mapped("balance")), 0)
        self.assertEqual(sum(by_partner[self.maker].mapped("balance")), 100.0)
        # Revenue and cost are booked once.
        self.assertEqual(self._balance(self.account_income, order), -100.0)
        self.assertEqual(self._balance(self.account_expense, order), 10.0)
        self.assertEqual(self._get_value(self.part_avco), 40.0)
        self.assertEqual(order.amount_untaxed, 100.0)
        self.assertEqual(self._get_analysed(order), {self.payer_maker: 100.0})

    def test_back_to_the_customer(self):
        order = self._create_billed()
        self._post_drafts(
            order.action_correct_payer(payer=self.payer_maker, reason="Warranty")
        )
        back = order.action_correct_payer(
            payer=self.payer_customer,
            from_payer=self.payer_maker,
            amount=40,
            reason="The seal was not covered",
        )
        self._post_drafts(back)
        self.assertEqual(
            self._get_analysed(order),
            {self.payer_maker: 60.0, self.payer_customer: 40.0},
        )
        with self.assertRaisesRegex(UserError, order.name):
            order.action_correct_payer(
                payer=self.payer_goodwill,
                from_payer=self.payer_maker,
                amount=60.01,
                reason="No",
            )

    def test_taxes_and_accounts_of_the_other_payer(self):
        tax, own_tax = self._create_tax(13), self._create_tax(6)
        revenue = self._create_account("400902", "income")
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Maker",
                "company_id": self.company.id,
                "account_ids": [
                    Command.create(
                        {
                            "account_src_id": self.account_income.id,
                            "account_dest_id": revenue.id,
                        }
                    )
                ],
            }
        )
        own_tax.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(tax.id)],
            }
        )
        (self.part_avco | self.labour).taxes_id = tax
        self.payer_maker.fiscal_position_id = position
        order = self._create_billed()
        moves = order.action_correct_payer(
            payer=self.payer_maker, percentage=50, reason="Half"
        )
        self._post_drafts(moves)
        bill = moves.filtered(lambda move: move.move_type == "out_invoice")
        self.assertEqual(bill.amount_untaxed, 50.0)
        self.assertEqual(bill.amount_tax, 3.0)
        self.assertEqual(self._balance(revenue, order), -50.0)
        self.assertEqual(self._balance(self.account_income, order), -50.0)
        self.assertEqual(self._balance(self.tax_account, order), -9.5)

    def test_payer_in_another_currency(self):
        rate_date = fields.Date.today().replace(month=1, day=1)
        self._use_multi_currencies([(fields.Date.to_string(rate_date), 2.0)])
        self.payer_maker.pricelist_id = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.other_currency.id}
        )
        order = self._create_billed()
        moves = order.action_correct_payer(payer=self.payer_maker, reason="Warranty")
        self._post_drafts(moves)
        bill = moves.filtered(lambda move: move.move_type == "out_invoice")
        self.assertEqual(bill.currency_id, self.other_currency)
        self.assertEqual(bill.amount_total, 200.0)
        self.assertEqual(self._balance(self.account_income, order), -100.0)

    def test_one_amount_of_bills_in_two_currencies(self):
        currency = self.env.ref("base.EUR")
        currency.active = True
        orders = self._create_billed()
        orders += self._create_billed()
        bill = orders[1].invoice_ids
        bill.button_draft()
        bill.currency_id = currency
        bill.action_post()
        with self.assertRaisesRegex(UserError, "EUR"):
            orders.action_correct_payer(
                payer=self.payer_goodwill, amount=10, reason="Which"
            )
        moves = orders.action_correct_payer(
            payer=self.payer_goodwill, percentage=50, reason="Half of each"
        )
        self.assertEqual(moves.currency_id, orders.invoice_ids.currency_id)
        with Form(
            self.env["aftersales.correct.payer"].with_context(
                default_order_id=orders[1].id
            )
        ) as form:
            self.assertEqual(form.currency_id, currency)
            form.payer_id = self.payer_goodwill
            form.reason = "Which"

    def test_cancelled_credit_takes_the_bill_along(self):
        order = self._create_billed()
        moves = order.action_correct_payer(payer=self.payer_maker, reason="Warranty")
        moves.filtered(lambda move: move.move_type == "out_refund").button_cancel()
        self.assertEqual(moves.mapped("state"), ["cancel", "cancel"])
        self.assertEqual(order.claim_ids.state, "cancel")
        self.assertEqual(order.correction_ids.mapped("state"), ["cancel", "cancel"])
        self.assertEqual(order.amount_untaxed, 100.0)

    def test_credit_stays_while_its_bill_is_posted(self):
        order = self._create_billed()
        moves = order.action_correct_payer(payer=self.payer_maker, reason="Warranty")
        self._post_drafts(moves)
        credit = moves.filtered(lambda move: move.move_type == "out_refund")
        bill = moves - credit
        with self.assertRaisesRegex(UserError, bill.name):
            credit.button_cancel()
        moves.button_cancel()
        self.assertEqual(moves.mapped("state"), ["cancel", "cancel"])

    def test_two_orders_at_once(self):
        orders = self._create_billed() + self._create_billed()
        moves = orders.action_correct_payer(
            payer=self.payer_goodwill, percentage=10, reason="Campaign"
        )
        self.assertEqual(len(moves), 2)
        self.assertEqual(moves.aftersales_order_id, orders)
        self.assertEqual(moves.mapped("amount_total"), [10.0, 10.0])

    def test_reversed_to_zero(self):
        order = self._create_billed()
        invoice = order.invoice_ids
        moves = order.action_correct_payer(
            payer=self.payer_maker, percentage=40, reason="Warranty"
        )
        moves |= order.action_correct_payer(
            payer=self.payer_goodwill, amount=10, reason="Goodwill"
        )
        self._post_drafts(moves)
        for move in moves:
            self._refund(move)
        self._refund(invoice)
        for account in (
            self.account_income,
            self.account_expense,
            self.account_goodwill,
            self.account_stock_valuation,
            self._receivable(self.customer),
        ):
            self.assertEqual(self._balance(account, order), 0, account.name)

    # Refusals

    def test_draft_invoices_are_not_corrected(self):
        self._stock(self.part_avco, 5)
        order = self._bill(self._create_order())
        with self.assertRaisesRegex(UserError, order.name):
            order.action_correct_payer(payer=self.payer_goodwill, reason="No")

    def test_who_and_why_are_required(self):
        order = self._create_billed()
        for values in (
            {"payer": self.payer_goodwill},
            {"reason": "No"},
            {"payer": self.payer_customer, "reason": "No"},
            {"payer": self.payer_goodwill, "reason": "No", "percentage": 101},
            {"payer": self.payer_goodwill, "reason": "No", "amount": 0},
            {"payer": self.payer_goodwill, "reason": "No", "lines": [0]},
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, order.name):
                order.action_correct_payer(**values)

    def test_payer_of_another_company(self):
        order = self._create_billed()
        foreign = self.env["aftersales.payer"].search(
            [("company_id", "=", self.other_company.id), ("code", "=", "goodwill")]
        )
        with self.assertRaisesRegex(UserError, order.name):
            order.action_correct_payer(payer=foreign, reason="No")

    def test_who_may_correct(self):
        order = self._create_billed()
        with self.assertRaises(AccessError):
            order.with_user(self.advisor).action_correct_payer(
                payer=self.payer_goodwill, reason="No"
            )
        for user in (self.manager, self.accountant):
            moves = order.with_user(user).action_correct_payer(
                payer=self.payer_goodwill.id, percentage=10, reason="Goodwill"
            )
            self.assertEqual(moves.sudo().amount_total, 10.0)

    # What a maker refused

    def _create_refused(self, amount=60.0):
        claim = self._create_claim(send=True)
        part, work = claim.line_ids
        claim.action_approve({part: 20.0, work: 160.0 - amount}, reason="Too long")
        return claim

    def test_refused_goes_to_goodwill(self):
        claim = self._create_refused()
        order = claim.order_ids
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_decide("goodwill")
        credit = claim.action_decide("goodwill", reason="Loyal customer")
        self.assertEqual(claim.amount_undecided, 0)
        self.assertEqual(claim.amount_open, 180.0)
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_decide("goodwill", reason="Again")
        credit.action_post()
        self.assertEqual(claim.amount_open, 120.0)
        self.assertEqual(self._balance(self.account_goodwill, order), 60.0)
        work = claim.line_ids[1]
        self.assertEqual((work.amount_credited, work.amount_open), (60.0, 100.0))
        self.assertEqual(work.decision, "goodwill")
        claim.action_settle(reference="R1")
        self.assertEqual(claim.state, "paid")
        self._assert_tied(claim)
        self.assertEqual(order.amount_untaxed, 120.0)

    def test_refused_goes_to_rework(self):
        claim = self._create_refused(160.0)
        self._post_drafts(
            claim.action_decide(
                "rework", reason="Wrong diagnosis", lines=claim.line_ids[1].ids
            )
        )
        self.assertEqual(self._balance(self.account_rework, claim.order_ids), 160.0)

    def test_refused_goes_to_the_customer(self):
        self.part_avco.taxes_id = self.labour.taxes_id = self._create_tax(13)
        self._stock(self.part_avco, 5)
        order = self._bill(self._create_maker_order())
        claim = order.claim_ids
        claim.action_send()
        claim.action_refuse(reason="Wear part", lines=claim.line_ids[0])
        moves = claim.action_decide("customer", reason="Not covered")
        self._post_drafts(moves)
        bill = moves.filtered(lambda move: move.move_type == "out_invoice")
        self.assertEqual(bill.partner_id, self.customer)
        self.assertEqual(bill.amount_total, 22.6)
        self.assertEqual(self._balance(self.account_income, order), -180.0)
        self.assertEqual(self._balance(self.tax_account, order), -23.4)
        self.assertAlmostEqual(claim.amount_open, 180.8)
        self._assert_tied(claim)

    def test_all_refused_and_decided(self):
        claim = self._create_claim(send=True)
        claim.action_refuse(reason="Too late")
        self._post_drafts(claim.action_decide("goodwill", reason="Our fault"))
        self.assertEqual(claim.state, "refused")
        self.assertEqual((claim.amount_open, claim.amount_undecided), (0, 0))
        self.assertIn("Nothing more", claim.next_step)

    def test_share_that_was_refused(self):
        self._stock(self.part_avco, 5)
        order = self._create_order(
            {
                "lines": [(self.part_avco, 1), (self.labour, 1)],
                "share_ids": [
                    Command.create({"payer_id": self.payer_maker.id, "percentage": 70})
                ],
            }
        )
        self._bill(order)
        claim = order.claim_ids
        claim.action_send()
        claim.action_refuse(reason="No")
        self._post_drafts(claim.action_decide("goodwill", reason="Ours"))
        self.assertEqual(self._balance(self.account_goodwill, order), 70.0)
        self._assert_tied(claim)

    def test_decision_names_lines_that_nothing_bills(self):
        claim = self._create_claim(send=True)
        claim.action_refuse(reason="Too late")
        part = claim.line_ids[0]
        part.invoice_line_id = False
        with self.assertRaisesRegex(UserError, f"{claim.name}.*{part.name}"):
            claim.action_decide("goodwill", reason="Ours")

    def test_decided_is_not_approved_after_all(self):
        claim = self._create_refused()
        claim.action_decide("goodwill", reason="Loyal customer")
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_approve({claim.line_ids[1]: 160.0})

    def test_unknown_decision(self):
        claim = self._create_refused()
        with self.assertRaisesRegex(UserError, "no decision"):
            claim.action_decide("nobody", reason="No")

    def test_managers_decide(self):
        claim = self._create_refused()
        for user in (self.advisor, self.accountant):
            with self.assertRaises(AccessError):
                claim.with_user(user).action_decide("goodwill", reason="No")
        claim.with_user(self.manager).action_decide("goodwill", reason="Yes")
        self.assertEqual(claim.amount_undecided, 0)
