from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .claim_common import ClaimCommon


@tagged("post_install", "-at_install")
class TestClaim(ClaimCommon):
    # Made with the invoice

    def test_billing_the_maker_makes_a_claim(self):
        claim = self._create_claim()
        self.assertEqual(claim.state, "draft")
        self.assertEqual(claim.partner_id, self.maker)
        self.assertEqual(claim.method, "invoice")
        self.assertEqual(claim.move_id.state, "draft")
        self.assertEqual(claim.amount_claimed, 180.0)
        self.assertEqual(claim.line_ids.mapped("amount_claimed"), [20.0, 160.0])
        self.assertEqual(claim.line_ids.product_id, self.part_avco | self.labour)
        self.assertEqual(claim.order_ids.claim_ids, claim)
        self.assertEqual(claim.line_ids.order_id, claim.order_ids)
        self.assertTrue(claim.name.startswith("WC/"))

    def test_customer_is_billed_without_a_claim(self):
        self._stock(self.part_avco, 5)
        order = self._bill(self._create_order())
        self.assertFalse(order.claim_ids)

    def test_claim_waits_though_invoices_are_posted_at_once(self):
        self.company.aftersales_invoice_posting = "post"
        self._stock(self.part_avco, 5)
        order = self._create_order(
            [(self.part_avco, 1)],
            {"lines": [(self.labour, 1)], "payer_id": self.payer_maker.id},
        )
        self._bill(order)
        by_payer = order.invoice_ids.grouped("aftersales_payer_id")
        self.assertEqual(by_payer[self.payer_customer].state, "posted")
        self.assertEqual(by_payer[self.payer_maker].state, "draft")
        order.claim_ids.action_send()
        self.assertEqual(by_payer[self.payer_maker].state, "posted")

    def test_billing_twice_makes_one_claim(self):
        claim = self._create_claim()
        claim.order_ids.action_invoice()
        self.assertEqual(claim.order_ids.claim_ids, claim)

    def test_collective_invoice_is_one_claim(self):
        self.maker.aftersales_collective_invoice = True
        self._stock(self.part_avco, 5)
        orders = self._create_maker_order() + self._create_maker_order()
        self._bill(orders)
        claim = orders.claim_ids
        self.assertEqual(len(claim), 1)
        self.assertEqual(claim.order_ids, orders)
        self.assertEqual(claim.amount_claimed, 360.0)

    def test_share_of_the_maker_is_claimed(self):
        self._stock(self.part_avco, 5)
        order = self._create_order([(self.part_avco, 1), (self.labour, 1)])
        order.job_ids.share_ids = [
            Command.create({"payer_id": self.payer_maker.id, "percentage": 70})
        ]
        self._bill(order)
        line = order.claim_ids.line_ids
        self.assertEqual(line.amount_claimed, 70.0)
        self.assertEqual(line.job_share_id, order.job_ids.share_ids)
        self.assertEqual(line.job_id, order.job_ids)

    def test_share_of_the_customer_is_taken_off_the_lines(self):
        self._stock(self.part_avco, 5)
        order = self._create_maker_order()
        order.job_ids.share_ids = [
            Command.create(
                {"payer_id": self.payer_customer.id, "kind": "fixed", "amount": 25}
            )
        ]
        self._bill(order)
        claim = order.claim_ids
        self.assertEqual(len(claim.line_ids), 2)
        self.assertAlmostEqual(claim.amount_claimed, 155.0)
        self.assertAlmostEqual(claim.move_id.amount_total, 155.0)

    def test_taxes_in_and_on_top_of_the_price(self):
        for included, total, untaxed in ((False, 203.4, 180.0), (True, 180.0, 159.29)):
            with self.subTest(included=included):
                tax = self._create_tax(13, included=included)
                (self.part_avco | self.labour).taxes_id = tax
                claim = self._create_claim(send=True)
                self.assertAlmostEqual(claim.amount_claimed, total)
                self.assertAlmostEqual(claim.amount_untaxed, untaxed)
                claim.action_settle()
                self.assertEqual(claim.state, "paid")
                self._assert_tied(claim)

    def test_bills_of_sales_are_claims_too(self):
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_maker_order())
        self._finish_order(order, invoice=False)
        order.sale_order_ids._create_invoices()
        self.assertEqual(order.claim_ids.amount_claimed, 180.0)

    def test_many_claims_cost_little_each(self):
        self._stock(self.part_avco, 50)
        orders = self.env["aftersales.order"]
        for _index in range(24):
            orders += self._create_maker_order()
        self._approve(orders)
        self._finish_order(orders, invoice=False)
        self.payer_maker.claim_method = False
        orders.action_invoice()
        self.payer_maker.claim_method = "invoice"
        invoices = orders.invoice_ids
        self.env.flush_all()
        counts = []
        for batch in (invoices[:4], invoices[4:24]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            claims = batch._create_aftersales_claims()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(claims), len(batch))
        # Sixteen more claims: their numbers, one statement each.
        self.assertLess(counts[1] - counts[0], 2 * 16)

    # Sending

    def test_sending_posts_the_invoice(self):
        claim = self._create_claim()
        claim.action_send()
        self.assertEqual(claim.state, "sent")
        self.assertEqual(claim.move_id.state, "posted")
        self.assertEqual(claim.date_first_sent, fields.Date.today())
        self.assertEqual(claim.round_count, 1)
        items = claim.move_id.line_ids.filtered("account_id")
        self.assertEqual(items.aftersales_order_id, claim.order_ids)
        self.assertFalse(items.filtered(lambda item: not item.aftersales_order_id))

    def test_sending_twice_has_the_effect_of_once(self):
        claim = self._create_claim(send=True)
        with freeze_time(fields.Date.add(fields.Date.today(), days=3)):
            claim.action_send()
        self.assertEqual(claim.date_first_sent, fields.Date.today())
        self.assertEqual(claim.round_count, 1)

    def test_posting_in_invoicing_sends(self):
        claims = self._create_claim() + self._create_claim()
        claims.move_id.action_post()
        self.assertEqual(claims.mapped("state"), ["sent", "sent"])

    def test_a_changed_draft_invoice_is_what_is_claimed(self):
        claim = self._create_claim()
        claim.move_id.invoice_line_ids.filtered(
            lambda item: item.product_id == self.labour
        ).quantity = 1
        claim.action_send()
        self.assertEqual(claim.amount_claimed, 100.0)
        self._assert_tied(claim)

    def test_missing_documents_and_old_parts_are_named(self):
        self.payer_maker.claim_document_required = True
        self.payer_maker.claim_old_part_required = True
        self.part_avco.aftersales_exchange = True
        claim = self._create_claim()
        part = claim.old_part_ids
        self.assertEqual(len(part), 1)
        for send in (claim.action_send, claim.move_id.action_post):
            with self.assertRaises(UserError) as caught:
                send()
            self.assertIn("supporting documents", str(caught.exception))
            self.assertIn(part.name, str(caught.exception))
        self.assertEqual(claim.move_id.state, "draft")
        claim.document_ids = self.env["ir.attachment"].create({"name": "photo.jpg"})
        part.action_store()
        claim.action_send()
        self.assertEqual(claim.state, "sent")

    def test_reset_to_draft_before_an_answer(self):
        claim = self._create_claim(send=True)
        claim.move_id.button_draft()
        self.assertEqual(claim.state, "draft")
        claim.action_send()
        claim.action_approve()
        with self.assertRaisesRegex(UserError, claim.name):
            claim.move_id.button_draft()

    def test_what_the_steps_fill_in_is_not_written(self):
        claim = self._create_claim()
        other = self.env["account.move"].create({"move_type": "out_invoice"})
        own = claim.with_user(self.advisor)
        for vals in (
            {"move_id": other.id},
            {"date_first_sent": "2020-01-01"},
            {"round_count": 3},
        ):
            with self.assertRaisesRegex(UserError, claim.name):
                own.write(vals)
        for vals in (
            {"invoice_line_id": False},
            {"amount_approved": 1.0},
            {"decision": "goodwill"},
        ):
            with self.assertRaisesRegex(UserError, "follow from the steps"):
                own.line_ids[0].write(vals)
        with self.assertRaisesRegex(UserError, "follow from the steps"):
            self.env["aftersales.claim"].with_user(self.advisor).create(
                {"payer_id": self.payer_supplier.id, "move_id": other.id}
            )

    def test_deleted_or_cancelled_draft_invoice_ends_the_claim(self):
        claim, other = self._create_claim(), self._create_claim()
        order = claim.order_ids
        claim.move_id.button_cancel()
        other.move_id.unlink()
        self.assertEqual((claim + other).mapped("state"), ["cancel", "cancel"])
        order.action_invoice()
        order.invalidate_recordset()
        again = order.claim_ids - claim
        self.assertEqual(again.amount_claimed, 180.0)

    # Merging

    def test_drafts_of_many_orders_become_one(self):
        claims = self._create_claim() + self._create_claim() + self._create_claim()
        orders = claims.order_ids
        target = claims.action_merge()
        others = claims - target
        self.assertEqual(others.mapped("state"), ["cancel", "cancel"])
        self.assertEqual(target.order_ids, orders)
        self.assertEqual(target.amount_claimed, 540.0)
        self.assertEqual(target.move_id.amount_total, 540.0)
        self.assertEqual(
            orders.sale_order_ids.mapped("invoice_status"), ["invoiced"] * 3
        )
        target.action_send()
        for order in orders:
            self.assertEqual(order.invoice_ids, target.move_id)
            self.assertEqual(self._balance(self.account_income, order), -180.0)
            self.assertEqual(self._balance(self.account_expense, order), 10.0)
        owed = target.move_id.line_ids.filtered(
            lambda item: item.display_type == "payment_term"
        )
        self.assertFalse(owed.aftersales_order_id)
        self._assert_tied(target)
        target.action_settle()
        self.assertEqual(target.state, "paid")
        paid = target.settlement_ids.move_id.line_ids.filtered(
            lambda item: item.account_id == self._receivable(self.maker)
        )
        self.assertEqual(paid.aftersales_order_id, orders)

    def test_only_drafts_of_the_same_kind_merge(self):
        claim, other = self._create_claim(), self._create_claim()
        other.partner_id = self.customer
        with self.assertRaisesRegex(UserError, "must be the same"):
            (claim + other).action_merge()
        other.partner_id = self.maker
        other.action_send()
        with self.assertRaisesRegex(UserError, other.name):
            (claim + other).action_merge()

    # Answers

    def test_approved_in_full(self):
        claim = self._create_claim(send=True)
        claim.action_approve()
        claim.action_approve()
        self.assertEqual(claim.state, "approved")
        self.assertEqual(claim.amount_approved, 180.0)

    def test_partly_approved(self):
        claim = self._create_claim(send=True)
        part, work = claim.line_ids
        claim.action_approve({str(work.id): 100.0, part.id: 20.0}, reason="Too long")
        self.assertEqual(claim.state, "part_approved")
        self.assertEqual(work.amount_refused, 60.0)
        self.assertEqual(work.reason, "Too long")
        self.assertEqual(claim.amount_undecided, 60.0)

    def test_one_line_answered(self):
        claim = self._create_claim(send=True)
        claim.action_approve({claim.line_ids[0]: 20.0})
        self.assertEqual(claim.state, "part_approved")
        self.assertEqual(claim.amount_refused, 0)

    def test_impossible_answers(self):
        claim = self._create_claim(send=True)
        line = claim.line_ids[0]
        for amount in (-1, 20.01):
            with self.assertRaisesRegex(UserError, claim.name):
                claim.action_approve({line: amount})
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_refuse()
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_approve({self._create_claim().line_ids[0].id: 1})
        with self.assertRaisesRegex(UserError, "not sent"):
            self._create_claim().action_approve()

    def test_refused_and_sent_again(self):
        claim = self._create_claim(send=True)
        first = claim.date_first_sent
        claim.action_refuse(reason="Old part missing")
        self.assertEqual(claim.state, "refused")
        self.assertEqual(claim.amount_undecided, 180.0)
        later = fields.Date.add(first, days=40)
        with freeze_time(later):
            claim.action_resubmit(reason="Old part sent")
            claim.action_resubmit(reason="Old part sent")
            claim.invalidate_recordset(["age_days"])
            self.assertEqual(claim.age_days, 40)
        self.assertEqual(claim.state, "resubmitted")
        self.assertEqual(claim.round_count, 2)
        self.assertEqual(claim.date_first_sent, first)
        self.assertEqual(claim.date_sent, later)
        self.assertEqual(claim.amount_refused, 0)
        claim.action_approve()
        self.assertEqual(claim.state, "approved")

    def test_nothing_to_send_again(self):
        claim = self._create_claim(send=True)
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_resubmit()

    # Payments

    def test_paid_in_full(self):
        claim = self._create_claim(send=True)
        claim.action_approve()
        payment = claim.action_settle(reference="R1")
        self.assertEqual(claim.state, "paid")
        self.assertEqual(payment.amount, 180.0)
        self.assertEqual(payment.partner_id, self.maker)
        self.assertIn(claim.move_id.payment_state, ("paid", "in_payment"))
        self.assertEqual(claim.line_ids.mapped("amount_paid"), [20.0, 160.0])
        self.assertEqual(payment.move_id.line_ids.aftersales_order_id, claim.order_ids)
        self._assert_tied(claim)

    def test_paid_line_by_line(self):
        claim = self._create_claim(send=True)
        part, work = claim.line_ids
        claim.action_settle({part: 20.0}, reference="R1")
        self.assertEqual(claim.state, "partial")
        self.assertEqual(work.amount_open, 160.0)
        self._assert_tied(claim)
        claim.action_settle({work: 100.0}, reference="R2")
        self.assertEqual(work.amount_open, 60.0)
        self._assert_tied(claim)
        claim.action_settle({work: 60.0}, reference="R3")
        self.assertEqual(claim.state, "paid")
        self._assert_tied(claim)

    def test_difference_within_the_tolerance(self):
        self.payer_maker.claim_tolerance_amount = 1.0
        claim = self._create_claim(send=True)
        part, work = claim.line_ids
        claim.action_settle({part: 19.8, work: 159.5}, reference="R1")
        self.assertEqual(claim.state, "paid")
        self.assertAlmostEqual(claim.amount_adjusted, 0.7)
        self.assertAlmostEqual(self._balance(self.account_adjustment), 0.7)
        self.assertAlmostEqual(
            self._balance(self.account_adjustment, claim.order_ids), 0.7
        )
        self._assert_tied(claim)

    def test_difference_beyond_the_tolerance_stays_open(self):
        self.payer_maker.claim_tolerance_amount = 5.0
        self.payer_maker.claim_tolerance_percent = 1.0
        claim = self._create_claim(send=True)
        part, work = claim.line_ids
        claim.action_settle({part: 20.0, work: 158.0}, reference="R1")
        self.assertEqual(claim.state, "partial")
        self.assertEqual(claim.amount_open, 2.0)
        self.assertEqual(self._balance(self.account_adjustment), 0)
        self._assert_tied(claim)

    def test_refused_part_is_no_difference(self):
        self.payer_maker.claim_tolerance_amount = 1.0
        claim = self._create_claim(send=True)
        part, work = claim.line_ids
        claim.action_approve({part: 20.0, work: 100.0}, reason="Too long")
        claim.action_settle({part: 20.0, work: 99.5}, reference="R1")
        self.assertEqual(claim.state, "partial")
        self.assertAlmostEqual(claim.amount_open, 60.0)
        self.assertAlmostEqual(claim.amount_undecided, 60.0)
        self.assertAlmostEqual(claim.amount_adjusted, 0.5)

    def test_paid_twice(self):
        claim = self._create_claim(send=True)
        part, work = claim.line_ids
        claim.action_settle({part: 20.0}, reference="R1")
        with self.assertRaisesRegex(UserError, f"{claim.name}.*R1"):
            claim.action_settle({work: 20.0}, reference="R1")
        self.assertEqual(claim.amount_paid, 20.0)
        claim.action_settle({work: 160.0}, reference="R2")
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_settle(reference="R3")

    def test_paid_above_the_claim(self):
        claim = self._create_claim(send=True)
        with self.assertRaisesRegex(UserError, f"{claim.name}.*more than"):
            claim.action_settle({claim.line_ids[0]: 20.01})
        self.assertFalse(claim.settlement_ids)

    def test_negative_payment(self):
        claim = self._create_claim(send=True)
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_settle({claim.line_ids[0]: -5})

    def test_paid_in_another_currency(self):
        claim = self._create_claim(send=True)
        self._use_multi_currencies()
        with self.assertRaisesRegex(UserError, f"{claim.name}.*EUR"):
            claim.action_settle(currency_id=self.other_currency)
        journal = self.bank.copy({"currency_id": self.other_currency.id, "code": "EU"})
        with self.assertRaisesRegex(UserError, f"{claim.name}.*EUR"):
            claim.action_settle(journal_id=journal.id)

    def test_payment_of_a_cancelled_or_draft_claim(self):
        claim = self._create_claim()
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_settle()
        claim.action_cancel()
        with self.assertRaisesRegex(UserError, f"{claim.name} is cancelled"):
            claim.action_settle()

    def test_one_payment_of_two_claims(self):
        claims = self._create_claim(send=True) + self._create_claim(send=True)
        part = claims[0].line_ids[0]
        payment = claims.action_settle(
            {part: 15.0, **{line: line.amount_open for line in claims[1].line_ids}},
            reference="R1",
        )
        self.assertEqual(len(payment), 1)
        self.assertEqual(payment.amount, 195.0)
        self.assertEqual(claims.mapped("state"), ["partial", "paid"])
        self._assert_tied(claims)

    def test_claim_in_foreign_currency(self):
        rate_date = fields.Date.today().replace(month=1, day=1)
        self._use_multi_currencies([(fields.Date.to_string(rate_date), 2.0)])
        self.payer_maker.pricelist_id = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.other_currency.id}
        )
        self.payer_maker.claim_tolerance_amount = 1.0
        claim = self._create_claim(send=True)
        self.assertEqual(claim.currency_id, self.other_currency)
        self.assertEqual(claim.amount_claimed, 360.0)
        part, work = claim.line_ids
        # 2.00 in euro are 1.00 in the company's currency.
        claim.action_settle({part: 38.0, work: 320.0}, reference="R1")
        self.assertEqual(claim.state, "paid")
        self.assertEqual(self._balance(self.account_adjustment), 1.0)
        self.assertEqual(self._balance(self._receivable(self.maker)), 0)
        self._assert_tied(claim)

    def test_native_payment_shows_on_the_claim(self):
        claim = self._create_claim(send=True)
        part, work = claim.line_ids
        claim.action_approve({work: 160.0})
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=claim.move_id.ids)
            .create({"amount": 170.0})
        )
        payment = wizard._create_payments()
        self.assertEqual(claim.state, "partial")
        self.assertEqual((part.amount_paid, work.amount_paid), (10.0, 160.0))
        self._assert_tied(claim)
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(claim.amount_paid, 0)
        self.assertEqual(claim.state, "part_approved")
        self._assert_tied(claim)

    def test_native_credit_note_cancels_the_claim(self):
        claim = self._create_claim(send=True)
        credit = self._refund(claim.move_id)
        self.assertEqual(claim.amount_credited, 180.0)
        self.assertEqual(claim.state, "cancel")
        self.assertEqual(credit.aftersales_order_id, claim.order_ids)
        self._assert_tied(claim)

    def test_duplicate_of_a_claims_invoice_is_no_claim(self):
        claim = self._create_claim(send=True)
        order = claim.order_ids
        copy = claim.move_id.copy()
        self.assertFalse(copy.aftersales_payer_id)
        self.assertFalse(copy.line_ids.aftersales_order_id)
        copy.action_post()
        order.invalidate_recordset()
        self.assertNotIn(copy, order.invoice_ids)
        self.assertEqual(order.claim_ids, claim)
        self.assertEqual(claim.state, "sent")

    def test_invoice_that_replaces_a_claims_invoice_is_a_claim(self):
        claim = self._create_claim(send=True)
        order = claim.order_ids
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=claim.move_id.ids)
            .create(
                {"reason": "Wrong model", "journal_id": claim.move_id.journal_id.id}
            )
        )
        wizard.modify_moves()
        order.invalidate_recordset()
        again = order.claim_ids - claim
        self.assertEqual(claim.state, "cancel")
        self.assertEqual(again.move_id, wizard.new_move_ids)
        self.assertEqual((again.state, again.amount_claimed), ("draft", 180.0))
        self.assertEqual(again.line_ids.job_line_id, order.line_ids)

    def test_native_credit_of_one_line(self):
        claim = self._create_claim(send=True)
        part, work = claim.line_ids
        credit = self._refund(claim.move_id, post=False)
        credit.invoice_line_ids.filtered(
            lambda item: item.product_id == self.part_avco
        ).unlink()
        credit.action_post()
        self.assertEqual((part.amount_open, work.amount_open), (20.0, 0.0))
        self._assert_tied(claim)

    # Written off, cancelled

    def test_write_off(self):
        claim = self._create_claim(send=True)
        claim.action_settle({claim.line_ids[0]: 20.0}, reference="R1")
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_write_off()
        claim.action_write_off(reason="Too old")
        claim.action_write_off(reason="Too old")
        self.assertEqual(claim.state, "written_off")
        self.assertEqual(self._balance(self.account_adjustment, claim.order_ids), 160.0)
        self.assertEqual(claim.amount_open, 0)
        self._assert_tied(claim)

    def test_write_off_taken_back(self):
        claim = self._create_claim(send=True)
        claim.action_write_off(reason="Too old")
        claim.settlement_ids.move_id._reverse_moves(cancel=True)
        self.assertEqual(claim.state, "sent")
        self.assertEqual(claim.amount_open, 180.0)
        self._assert_tied(claim)

    def test_write_off_needs_an_account(self):
        claim = self._create_claim(send=True)
        self.payer_maker.adjustment_account_id = False
        with self.assertRaisesRegex(UserError, "adjustment account"):
            claim.action_write_off(reason="Too old")

    def test_cancel(self):
        claim, sent = self._create_claim(), self._create_claim(send=True)
        claim.action_cancel(reason="Mistake")
        claim.action_cancel(reason="Mistake")
        self.assertEqual(claim.state, "cancel")
        self.assertEqual(claim.move_id.state, "cancel")
        with self.assertRaisesRegex(UserError, sent.move_id.name):
            sent.action_cancel()

    def test_order_of_a_sent_claim_is_not_cancelled(self):
        order = self._create_claims_in_progress(1)
        claim = order.claim_ids
        claim.action_send()
        with self.assertRaisesRegex(UserError, f"{claim.name}.*{claim.move_id.name}"):
            order.action_cancel()
        self.assertEqual(order.state, "quality")
        self._refund(claim.move_id)
        order.action_cancel(reason="Credited")
        self.assertEqual(claim.state, "cancel")
        self.assertEqual(self._balance(self.account_income, order), 0)
        self.assertEqual(self._get_value(self.part_avco), 50.0)

    def _create_claims_in_progress(self, count):
        self._stock(self.part_avco, 5)
        orders = self.env["aftersales.order"]
        for _index in range(count):
            orders += self._create_maker_order()
        self._approve(orders)
        orders.action_start()
        self._issue(orders)
        orders.action_complete()
        orders.action_invoice()
        orders.invalidate_recordset()
        return orders

    def test_order_cancelled_takes_its_lines_off_the_draft(self):
        orders = self._create_claims_in_progress(2)
        target = orders.claim_ids.action_merge()
        gone, stays = orders
        gone.action_cancel(reason="Called off")
        self.assertEqual(target.order_ids, stays)
        self.assertEqual(target.amount_claimed, 180.0)
        self.assertEqual(target.move_id.amount_total, 180.0)
        stays.action_cancel(reason="Called off")
        self.assertEqual(target.state, "cancel")
        self.assertEqual(target.move_id.state, "cancel")
        self.assertEqual(self._get_value(self.part_avco), 50.0)

    # State and rights

    def test_state_is_not_written(self):
        claim = self._create_claim()
        with self.assertRaises(UserError):
            claim.state = "paid"

    def test_invoiced_amounts_are_changed_on_the_invoice(self):
        claim = self._create_claim()
        line = claim.line_ids[:1].with_user(self.advisor)
        with self.assertRaisesRegex(UserError, "draft invoice"):
            line.amount_claimed = 1
        claim.action_send()
        with self.assertRaisesRegex(UserError, claim.name):
            claim.with_user(self.advisor).partner_id = self.customer
        with self.assertRaisesRegex(UserError, claim.name):
            line.unlink()
        claim.with_user(self.advisor).reference = "MK-77"

    def test_who_may_do_what(self):
        claim = self._create_claim()
        with self.assertRaises(AccessError):
            claim.with_user(self.technician).read(["name"])
        claim.with_user(self.advisor).action_send()
        claim.with_user(self.advisor).action_approve()
        with self.assertRaises(AccessError):
            claim.with_user(self.advisor).action_settle()
        with self.assertRaises(AccessError):
            claim.with_user(self.advisor).action_write_off(reason="No")
        with self.assertRaises(AccessError):
            claim.with_user(self.accountant).action_write_off(reason="No")
        part, work = claim.line_ids
        payment = claim.with_user(self.accountant).action_settle({part.id: 20.0})
        self.assertEqual(payment.with_user(self.accountant).amount, 20.0)
        claim.with_user(self.manager).action_write_off(reason="Enough")
        self.assertEqual(claim.state, "written_off")

    def test_other_companies_see_nothing(self):
        claim = self._create_claim()
        user = self._create_user("other", "aftersales.aftersales_group_manager")
        user.write(
            {
                "company_ids": [Command.set(self.other_company.ids)],
                "company_id": self.other_company.id,
            }
        )
        Claim = self.env["aftersales.claim"].with_user(user)
        self.assertFalse(Claim.search([("id", "=", claim.id)]))
        with self.assertRaises(AccessError):
            claim.with_user(user).action_send()

    def test_every_company_has_the_payers(self):
        payers = self.env["aftersales.payer"].search(
            [("company_id", "=", self.other_company.id)]
        )
        by_code = payers.grouped("code")
        self.assertEqual(by_code["maker"].claim_method, "invoice")
        self.assertEqual(by_code["supplier"].claim_method, "refund")
        for code in ("supplier", "warranty", "contract"):
            self.assertEqual(by_code[code].kind, "absorbed")
            self.assertEqual(
                by_code[code].account_id, self.other_company.expense_account_id
            )
        by_code["maker"].claim_method = False
        self.env["res.company"]._init_aftersales_warranty_payers()
        self.assertFalse(by_code["maker"].claim_method)

    def test_payer_is_set_up_right(self):
        with self.assertRaises(ValidationError):
            self.payer_goodwill.claim_method = "invoice"
        with self.assertRaises(ValidationError):
            self.payer_maker.write(
                {"claim_tolerance_amount": 1, "adjustment_account_id": False}
            )

    # Receivable and age

    def test_receivable_of_its_own(self):
        account = self._create_account("121900", "asset_receivable", reconcile=True)
        self.payer_maker.receivable_account_id = account
        claim = self._create_claim(send=True)
        self.assertEqual(self._balance(account, claim.order_ids), 180.0)
        self.assertEqual(self._balance(self._receivable(self.maker)), 0)
        claim.action_settle()
        self.assertEqual(self._balance(account), 0)
        self.assertEqual(claim.state, "paid")

    def test_ageing(self):
        today = fields.Date.today()
        with freeze_time(fields.Date.add(today, days=-100)):
            old = self._create_claim(send=True)
        fresh = self._create_claim(send=True)
        with freeze_time(fields.Date.add(today, days=-20)):
            old.action_settle({old.line_ids[0]: 20.0}, reference="R1")
        self.env.flush_all()
        groups = self.env["aftersales.claim.ageing"]._read_group(
            [("claim_id", "in", (old + fresh).ids)],
            ["age_bucket"],
            ["amount_open:sum"],
        )
        self.assertEqual(groups, [("0", 180.0), ("3", 160.0)])
        ages = (old + fresh)._get_open_amount_by_age()
        self.assertEqual(ages[old.line_ids[1]], (100, 160.0))
        self.assertNotIn(old.line_ids[0], ages)
        self.assertEqual(sum(amount for _days, amount in ages.values()), 340.0)
        before = (old + fresh)._get_open_amount_by_age(fields.Date.add(today, days=-50))
        self.assertEqual(before[old.line_ids[0]], (50, 20.0))
        self.assertEqual(len(before), 2)
