from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .claim_common import ClaimCommon


@tagged("post_install", "-at_install")
class TestClaimSupplier(ClaimCommon):
    def _complete(self, lines=None, payer=None, **job):
        order = self._create_order(
            {
                "lines": lines or [(self.part_avco, 1), (self.labour, 1)],
                "payer_id": (payer or self.payer_warranty).id,
                **job,
            }
        )
        self._approve(order)
        order.action_start()
        self._issue(order)
        order.action_complete()
        return order

    # Made when the work is completed

    def test_claim_equals_cost_for_every_way_of_costing(self):
        for part in (self.part_avco, self.part_fifo, self.part_standard):
            with self.subTest(part.name):
                self._stock(part, 3, 10.01)
                self._stock(part, 3, 13.37)
                before = self._get_value(part)
                claim = self._create_supplier_claim([(part, 4)])
                order = claim.order_ids
                cost = before - self._get_value(part)
                self.assertAlmostEqual(claim.amount_claimed, cost)
                self.assertAlmostEqual(
                    self._balance(self.account_recoverable, order), cost
                )
                claim.action_send()
                self.assertEqual(claim.state, "sent")
                refund = claim.move_id
                self.assertEqual(
                    (refund.move_type, refund.state), ("in_refund", "draft")
                )
                self.assertEqual(refund.partner_id, self.supplier)
                refund.action_post()
                self.assertEqual(self._balance(self.account_recoverable, order), 0)
                items = refund.line_ids.filtered("account_id")
                self.assertEqual(items.aftersales_order_id, order)
                claim.action_settle(reference="S1")
                self.assertEqual(claim.state, "paid")
                self._assert_tied(claim)
                self.assertAlmostEqual(before - self._get_value(part), cost)

    def test_completing_twice_claims_once(self):
        claim = self._create_supplier_claim()
        order = claim.order_ids
        order._create_recovery_claims()
        self.assertEqual(order.claim_ids, claim)
        self.assertEqual(len(claim.line_ids), 1)

    def test_causal_part_under_its_suppliers_warranty(self):
        self._set_vendor(self.part_avco)
        self._buy(self.part_avco)
        order = self._complete(causal_product_id=self.part_avco.id)
        claim = order.claim_ids
        self.assertEqual(claim.partner_id, self.supplier)
        self.assertEqual(claim.payer_id, self.payer_supplier)
        line = claim.line_ids
        self.assertEqual(line.product_id, self.part_avco)
        self.assertTrue(line.is_asserted)
        self.assertIn("until", line.note)
        self.assertEqual(line.amount_claimed, 10.0)
        claim.action_send()
        claim.move_id.action_post()
        # The cost went to our guarantee, and comes back there.
        self.assertEqual(self._balance(self.account_guarantee, order), 0)

    def test_labour_where_the_supplier_agreed(self):
        self._set_vendor(self.part_avco, labour=True)
        self._buy(self.part_avco)
        order = self._complete(causal_product_id=self.part_avco.id)
        self.assertEqual(order.claim_ids.amount_claimed, 40.0)

    def test_warranty_that_is_over(self):
        self._set_vendor(self.part_avco, months=6)
        with freeze_time(fields.Date.add(fields.Date.today(), months=-7)):
            self._buy(self.part_avco)
        order = self._complete(causal_product_id=self.part_avco.id)
        self.assertFalse(order.claim_ids)

    def test_receipt_of_the_serial_counts(self):
        self._set_vendor(self.part_serial, months=6)
        old, new = self.env["stock.lot"].create(
            [
                {
                    "name": name,
                    "product_id": self.part_serial.id,
                    "company_id": self.company.id,
                }
                for name in ("OLD", "NEW")
            ]
        )
        with freeze_time(fields.Date.add(fields.Date.today(), months=-7)):
            self._buy(self.part_serial, quantity=1, lots=old)
        self._buy(self.part_serial, quantity=1, lots=new)
        self._stock(self.part_avco, 5)
        for lot, count in ((old, 0), (new, 1)):
            order = self._complete(
                [(self.part_avco, 1)],
                causal_product_id=self.part_serial.id,
                causal_lot_id=lot.id,
            )
            self.assertEqual(len(order.claim_ids), count)

    def test_unknown_receipt_is_not_asserted(self):
        self._set_vendor(self.part_serial)
        self._stock(self.part_avco, 5)
        lot = self.env["stock.lot"].create(
            {
                "name": "FOREIGN",
                "product_id": self.part_serial.id,
                "company_id": self.company.id,
            }
        )
        order = self._complete(
            [(self.part_avco, 1)],
            causal_product_id=self.part_serial.id,
            causal_lot_id=lot.id,
        )
        claim = order.claim_ids
        self.assertFalse(claim.line_ids.is_asserted)
        self.assertIn("No receipt", claim.line_ids.note)
        with self.assertRaisesRegex(UserError, "No receipt"):
            claim.action_send()
        claim.line_ids.is_asserted = True
        claim.action_send()
        self.assertEqual(claim.state, "sent")

    def test_what_somebody_else_pays_is_not_recovered(self):
        self._set_vendor(self.part_avco)
        self._buy(self.part_avco)
        order = self._complete(
            payer=self.payer_customer, causal_product_id=self.part_avco.id
        )
        self.assertFalse(order.claim_ids)

    def test_two_orders_and_a_supplier_each(self):
        other = self.env["res.partner"].create({"name": "Belt Works"})
        for part, partner in (
            (self.part_avco, self.supplier),
            (self.part_fifo, other),
        ):
            self._set_vendor(part, partner=partner)
            self._buy(part, partner=partner)
        orders = self.env["aftersales.order"]
        for part in (self.part_avco, self.part_fifo):
            orders += self._create_order(
                {
                    "lines": [(part, 1)],
                    "payer_id": self.payer_supplier.id,
                    "causal_product_id": part.id,
                }
            )
        self._approve(orders)
        orders.action_start()
        self._issue(orders)
        orders.action_complete()
        self.assertEqual(orders.claim_ids.partner_id, self.supplier | other)

    def test_supplier_unknown(self):
        self._stock(self.part_avco, 5)
        order = self._complete([(self.part_avco, 1)], payer=self.payer_supplier)
        claim = order.claim_ids
        self.assertFalse(claim.partner_id)
        with self.assertRaisesRegex(UserError, "whom to claim"):
            claim.action_send()

    def test_draft_follows_what_comes_back(self):
        claim = self._create_supplier_claim()
        order = claim.order_ids
        order._return_moves({order.line_ids._get_issue_moves(): 1})
        claim.action_send()
        self.assertEqual(claim.amount_claimed, 10.0)
        self.assertEqual(claim.move_id.amount_total, 10.0)

    # Life

    def test_written_by_hand(self):
        claim = (
            self.env["aftersales.claim"]
            .with_user(self.advisor)
            .create(
                {
                    "payer_id": self.payer_supplier.id,
                    "partner_id": self.supplier.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "line_ids": [
                        Command.create({"name": "Freight", "amount_claimed": 12.0})
                    ],
                }
            )
        )
        claim.action_send()
        item = claim.sudo().move_id.invoice_line_ids
        self.assertEqual(item.account_id, self.account_recoverable)
        self.assertEqual(item.price_total, 12.0)

    def test_taxes_that_the_accountant_adds(self):
        claim = self._create_supplier_claim(send=True)
        tax = self._create_tax(10)
        tax.type_tax_use = "purchase"
        claim.move_id.invoice_line_ids.tax_ids = tax
        claim.move_id.action_post()
        self.assertEqual(claim.amount_claimed, 22.0)
        claim.action_settle(reference="S1")
        self.assertEqual(claim.state, "paid")
        self._assert_tied(claim)

    def test_money_kept_back_from_a_bill(self):
        claim = self._create_supplier_claim(send=True)
        claim.move_id.action_post()
        bill = self._create_bill(self.labour, 1, 50.0)
        bill.button_draft()
        bill.partner_id = self.supplier
        bill.action_post()
        items = (bill | claim.move_id).line_ids.filtered(
            lambda item: item.account_type == "liability_payable"
        )
        items.reconcile()
        self.assertEqual(claim.state, "paid")
        self.assertEqual(bill.amount_residual, 30.0)
        self._assert_tied(claim)

    def test_refund_must_be_posted_before_money(self):
        claim = self._create_supplier_claim(send=True)
        with self.assertRaisesRegex(UserError, "not posted"):
            claim.action_settle()

    def test_drafts_of_one_supplier_merge(self):
        claims = self._create_supplier_claim() + self._create_supplier_claim()
        target = claims.action_merge()
        target.action_send()
        self.assertEqual(target.amount_claimed, 40.0)
        self.assertEqual(len(target.move_id.invoice_line_ids), 2)
        self._post_drafts(target.move_id)
        self.assertEqual(self._balance(self.account_recoverable), 0)

    def test_refused_before_the_refund_is_posted(self):
        self._stock(self.part_avco, 5)
        claim = self._create_supplier_claim(
            [(self.part_avco, 1), (self.part_avco, 1)], send=True
        )
        order, (first, second) = claim.order_ids, claim.line_ids
        claim.action_refuse(reason="Wrong fitting", lines=first)
        claim.action_decide("rework", reason="Our mistake", lines=first)
        self.assertEqual(self._balance(self.account_rework, order), 10.0)
        self.assertEqual(claim.move_id.amount_total, 10.0)
        claim.move_id.action_post()
        self.assertEqual(self._balance(self.account_recoverable, order), 0)
        claim.action_settle({second: 10.0})
        self.assertEqual(claim.amount_open, 0)
        self.assertEqual(claim.state, "paid")

    def test_refused_after_the_refund_is_posted(self):
        claim = self._create_supplier_claim(send=True)
        claim.move_id.action_post()
        claim.action_refuse(reason="Too late")
        self.assertEqual(claim.state, "refused")
        claim.action_decide("goodwill", reason="We knew")
        self.assertEqual(self._balance(self.account_goodwill, claim.order_ids), 20.0)
        self.assertEqual(claim.amount_open, 0)
        self.assertEqual(claim.amount_undecided, 0)
        self.assertEqual(claim.state, "refused")
        self._assert_tied(claim)

    def test_written_off_as_a_draft_refund(self):
        claim = self._create_supplier_claim(send=True)
        claim.action_write_off(reason="Too small")
        self.assertEqual(claim.state, "written_off")
        self.assertEqual(claim.move_id.state, "cancel")
        self.assertEqual(self._balance(self.account_recoverable), 0)
        self.assertEqual(self._balance(self.account_adjustment), 20.0)

    def test_customer_does_not_pay_our_cost(self):
        claim = self._create_supplier_claim(send=True)
        claim.action_refuse(reason="No")
        with self.assertRaisesRegex(UserError, claim.name):
            claim.action_decide("customer", reason="No")

    def test_cancelled_refund_is_asked_again(self):
        claim = self._create_supplier_claim(send=True)
        claim.move_id.button_cancel()
        self.assertEqual(claim.state, "draft")
        claim.action_send()
        self.assertEqual(claim.move_id.state, "draft")

    def test_answered_refund_stays(self):
        claim = self._create_supplier_claim(send=True)
        claim.action_approve()
        move = claim.move_id
        for step in (move.button_cancel, move.unlink):
            with self.assertRaisesRegex(UserError, claim.name), self.env.cr.savepoint():
                step()
        claim.action_cancel()
        self.assertEqual(move.state, "cancel")

    def test_order_cancelled(self):
        self._stock(self.part_avco, 5)
        self.payer_supplier.partner_id = self.supplier
        order = self._complete([(self.part_avco, 2)], payer=self.payer_supplier)
        claim = order.claim_ids
        claim.action_send()
        with self.assertRaisesRegex(UserError, claim.name):
            order.action_cancel()
        claim.action_cancel()
        order.action_cancel()
        self.assertEqual(self._balance(self.account_recoverable), 0)

    def test_order_cancelled_with_a_draft(self):
        self._stock(self.part_avco, 5)
        self.payer_supplier.partner_id = self.supplier
        order = self._complete([(self.part_avco, 2)], payer=self.payer_supplier)
        claim = order.claim_ids
        order.action_cancel()
        self.assertEqual(claim.state, "cancel")
        self.assertFalse(claim.line_ids)
