from odoo.exceptions import UserError
from odoo.tests import tagged

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
class TestSupplierClaim(SupplierCommon):
    """What faulty goods cost us is claimed from their supplier, to the cent, once."""

    def _exchange(self, product, goods="restock", cost=10.01, later=13.37):
        """Return a settled exchange of two faulty ones; the new ones cost ``later``."""
        self._buy(product, 2, cost)
        operation = self._get_operation("exchange").copy(
            {"code": False, "goods": goods}
        )
        line = self._come_back(product, 2)
        line.operation_id = operation
        self._buy(product, 4, later)
        line.action_test(result="fail")
        return line

    def _settle(self, line):
        line.action_settle()
        self._receive(line.return_id)

    def _settle_claim(self, claim):
        claim.action_send()
        claim.move_id.action_post()
        claim.action_settle(reference=f"S{claim.id}")
        self.assertEqual(claim.state, "paid")

    def test_exchange_and_scrap_equal_the_cost(self):
        for product in self.parts:
            with self.subTest(product.name):
                line = self._exchange(product, "scrap")
                recoverable = self._balance(self.account_recoverable)
                value = self._get_value(product)
                self._settle(line)
                self.assertEqual(line.state, "done")
                self.assertEqual(line.payer_id, self.payer_supplier)
                claim = self._get_claims(line)
                self.assertEqual(len(claim), 1)
                self.assertEqual(claim.partner_id, self.supplier)
                self.assertEqual(claim.payer_id, self.payer_supplier)
                cost = value - self._get_value(product)
                self.assertAlmostEqual(claim.amount_claimed, cost)
                self.assertTrue(all(claim.line_ids.mapped("is_asserted")))
                self._settle_claim(claim)
                self.assertEqual(self._balance(self.account_recoverable), recoverable)

    def test_exchange_by_our_own_payer_comes_back_there(self):
        for product in self.parts:
            with self.subTest(product.name):
                line = self._exchange(product, "scrap")
                line.payer_id = self.payer_goodwill
                before = self._balance(self.account_goodwill)
                value = self._get_value(product)
                self._settle(line)
                claim = self._get_claims(line)
                cost = value - self._get_value(product)
                self.assertAlmostEqual(claim.amount_claimed, cost)
                self._settle_claim(claim)
                self.assertEqual(self._balance(self.account_goodwill), before)

    def test_no_claim_without_a_fault(self):
        self._buy(self.part_avco, 5)
        for result in ("pass", "none"):
            line = self._come_back(self.part_avco)
            line.action_test(result=result, grade=self.grade_a)
            self._settle(line)
            self.assertFalse(self._get_claims(line))
            self.assertEqual(line.payer_id, self.payer_goodwill)

    def test_no_claim_after_the_warranty(self):
        self.part_avco.seller_ids.aftersales_warranty_months = 0
        line = self._exchange(self.part_avco, "scrap")
        self._settle(line)
        self.assertFalse(self._get_claims(line))
        self.assertEqual(line.payer_id, self.payer_goodwill)

    def test_unproven_is_not_sent(self):
        # They came by a count, which no supplier's receipt stands for.
        lots = self._create_lots(["U1", "U2"])
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                self.part_serial, self.warehouse.lot_stock_id, 1.0, lot_id=lot
            )
        line = self._come_back(self.part_serial, lots=lots[0])
        line.operation_id = line.operation_id.copy({"goods": "scrap", "code": False})
        line.action_test(result="fail")
        self._settle(line)
        claim = self._get_claims(line)
        self.assertEqual(
            claim.line_ids.mapped("is_asserted"), [False] * len(claim.line_ids)
        )
        with self.assertRaisesRegex(UserError, "No receipt"):
            claim.action_send()

    # The supplier gives goods instead

    def test_replaced_settles_the_claim(self):
        for product in self.parts:
            for step in ("draft", "sent", "posted"):
                with self.subTest(f"{product.name} {step}"):
                    recoverable = self._balance(self.account_recoverable)
                    goodwill = self._balance(self.account_goodwill)
                    line = self._exchange(product, "supplier")
                    self._settle(line)
                    trip = line.trip_ids
                    self.assertTrue(trip.is_ours)
                    trip.action_send(date_promised="2099-01-01")
                    new = sum(line._get_moves("new").mapped("value"))
                    old = sum(line._get_moves("own").filtered("is_in").mapped("value"))
                    claim = self._get_claims(line)
                    self.assertAlmostEqual(claim.amount_claimed, max(new - old, 0))
                    if claim and step != "draft":
                        claim.action_send()
                    if claim and step == "posted":
                        claim.move_id.action_post()
                    trip.action_replace()
                    self.assertEqual(
                        self._balance(self.account_recoverable)
                        + claim.move_id.filtered(
                            lambda move: move.state == "draft"
                        ).amount_total,
                        recoverable,
                    )
                    self.assertAlmostEqual(
                        self._balance(self.account_goodwill) - goodwill, new - old
                    )
                    self.assertAlmostEqual(sum(claim.mapped("amount_open")), 0)
                    line._claim_from_supplier()
                    self.assertAlmostEqual(
                        self._balance(self.account_goodwill) - goodwill, new - old
                    )

    def test_freight_is_asked_all_the_same(self):
        line = self._exchange(self.part_avco, "supplier")
        self._settle(line)
        trip = line.trip_ids
        trip.freight_amount = 8.5
        trip.action_send(date_promised="2099-01-01")
        trip.action_replace()
        claim = self._get_claims(line)
        self.assertEqual(claim.line_ids.return_cost, "freight")
        self.assertEqual(claim.amount_claimed, 8.5)
        account = claim.line_ids.account_id
        before = self._balance(account)
        self._settle_claim(claim)
        self.assertEqual(self._balance(account) - before, -8.5)

    def test_refused_is_not_sent_by_itself(self):
        line = self._exchange(self.part_avco, "supplier")
        self._settle(line)
        line.trip_ids.action_send(date_promised="2099-01-01")
        claim = self._get_claims(line)
        line.trip_ids.action_refuse(reason="Worn out")
        self.assertFalse(claim.line_ids.is_asserted)
        with self.assertRaisesRegex(UserError, "Worn out"):
            claim.action_send()

    def test_refused_after_it_was_sent(self):
        line = self._exchange(self.part_avco, "supplier")
        self._settle(line)
        line.trip_ids.action_send(date_promised="2099-01-01")
        claim = self._get_claims(line)
        claim.action_send()
        line.trip_ids.action_refuse(reason="Worn out")
        self.assertEqual(claim.state, "refused")
        claim.action_decide("goodwill", reason="Ours then")
        self.assertEqual(self._balance(self.account_recoverable), 0)

    # The work

    def _repair(self, labour=True):
        self.part_serial.seller_ids.aftersales_warranty_labour = labour
        self._stock(self.part_avco, 5)
        self.payer_goodwill.price_basis = "zero"
        lots = self._create_lots(["W1"])
        self._buy(self.part_serial, 1, lots=lots)
        line = self._come_back(self.part_serial, operation="repair", lots=lots)
        line.action_test(result="fail")
        line.action_settle()
        order = line.order_id
        self._add_job(
            order,
            [(self.part_avco, 1), (self.labour, 2)],
            payer_id=self.payer_goodwill.id,
        )
        order.team_id = self.team
        self._approve(order)
        order.action_start()
        self._issue(order)
        order.action_complete()
        return line

    def test_work_on_the_thing_is_claimed_once(self):
        line = self._repair()
        claim = line.order_id.claim_ids
        self.assertEqual(claim.partner_id, self.supplier)
        self.assertEqual(claim.amount_claimed, 70.0)
        line.order_id._create_recovery_claims()
        line._claim_from_supplier()
        self.assertEqual(line.order_id.claim_ids.amount_claimed, 70.0)
        self.assertEqual(len(line.return_id.line_ids.claim_line_ids), 0)

    def test_work_without_labour(self):
        self.assertEqual(
            self._repair(labour=False).order_id.claim_ids.amount_claimed, 10
        )

    def test_freight_joins_the_draft_of_the_work(self):
        line = self._repair()
        trip = self._send(line)
        trip.freight_amount = 5.0
        trip.action_receive()
        line._claim_from_supplier()
        self.assertEqual(line.order_id.claim_ids.amount_claimed, 75.0)

    # Again, and back

    def test_claimed_once(self):
        line = self._exchange(self.part_avco, "scrap")
        self._settle(line)
        claim = self._get_claims(line)
        count = len(claim.line_ids)
        line._claim_from_supplier()
        self.assertEqual(len(claim.line_ids), count)
        claim.action_send()
        line._claim_from_supplier()
        self.assertEqual(self._get_claims(line), claim)

    def test_reversed_refund_calls_the_claim_off(self):
        line = self._exchange(self.part_avco, "scrap")
        self._settle(line)
        claim = self._get_claims(line)
        booked = self._balance(self.account_recoverable)
        claim.action_send()
        claim.move_id.action_post()
        reversal = claim.move_id._reverse_moves(
            [{"invoice_date": claim.move_id.invoice_date}], cancel=True
        )
        self.assertEqual(reversal.state, "posted")
        self.assertEqual(claim.state, "cancel")
        self.assertEqual(self._balance(self.account_recoverable), booked)

    def test_two_lines_one_claim(self):
        self._buy(self.part_avco, 4)
        sale_line = self._sell(self.part_avco, 2)
        operation = self._get_operation("exchange").copy(
            {"code": False, "goods": "scrap"}
        )
        rma = self._create_return((sale_line, 1), (sale_line, 1), operation="exchange")
        rma.line_ids.write({"reason_id": self.fault.id, "operation_id": operation.id})
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(result="fail")
        rma.line_ids.action_settle()
        self._receive(rma)
        self.assertEqual(rma.state, "done")
        claim = self._get_claims(rma.line_ids)
        self.assertEqual(len(claim), 1)
        self.assertEqual(claim.return_ids, rma)
        self.assertEqual(claim.action_view_returns()["res_id"], rma.id)

    def test_advisor_without_right_to_claims_settles(self):
        line = self._exchange(self.part_avco, "scrap")
        line.with_user(self.manager).action_settle()
        line.return_id.picking_ids.move_ids.picked = True
        line.return_id.picking_ids.filtered(
            lambda picking: picking.state == "assigned"
        ).with_user(self.storekeeper).button_validate()
        self.assertEqual(line.state, "done")
        self.assertTrue(self._get_claims(line))
