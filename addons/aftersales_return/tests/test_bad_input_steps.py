from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_bad_input import BadInputCommon


@tagged("post_install", "-at_install")
class TestBadMoney(BadInputCommon):
    """Invoices in another currency, credited by hand, and closed periods."""

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)

    def _arrive(self, sale_line, quantity, operation="refund"):
        rma = self._create_return((sale_line, quantity), operation=operation)
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        return rma

    def _credit_by_hand(self, invoice):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": invoice.date})
        )
        wizard.refund_moves()
        note = wizard.new_move_ids
        note.action_post()
        return note

    # Peer 10: currency of the invoice
    def test_invoice_in_another_currency(self):
        currency = self._open_currency("EUR", 0.5)
        sale_line = self._sell(self.part_avco, 4)
        invoice = sale_line.invoice_lines.move_id
        invoice.button_draft()
        invoice.currency_id = currency
        invoice.action_post()
        total = invoice.amount_total
        gap = self._get_gap()
        # The rate of the day of the invoice is not that of the refund.
        self._set_rate(currency, 0.8)
        rma = self._arrive(sale_line, 2)
        rma.line_ids.action_settle()
        note = rma.line_ids.refund_line_ids.move_id
        self.assertEqual(note.currency_id, currency)
        self.assertEqual(note.amount_total, total / 2)
        note.action_post()
        self.assertEqual(rma.line_ids.amount_refunded, total / 2)
        self.assertEqual(rma.line_ids.currency_id, currency)
        self.assertEqual(self._get_gap(), gap)

    def _open_currency(self, name, rate):
        currency = self.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", name)])
        if currency == self.company.currency_id:
            currency = self.env.ref("base.CHF")
        currency.active = True
        self._set_rate(currency, rate)
        return currency

    def _set_rate(self, currency, rate):
        self.env["res.currency.rate"].search(
            [("currency_id", "=", currency.id), ("company_id", "=", self.company.id)]
        ).unlink()
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.id,
                "name": fields.Date.today(),
                "rate": rate,
            }
        )

    # Peer 10
    def test_credited_by_hand_already(self):
        sale_line = self._sell(self.part_avco, 5)
        invoice = sale_line.invoice_lines.move_id
        note = self._credit_by_hand(invoice)
        for operation in ("refund", "refund_keep"):
            rma = self._create_return((sale_line, 2), operation=operation)
            self._assert_refused(
                rma.action_accept,
                rma.name,
                f"{invoice.name} are credited already, except for 0 Units",
                "Choose another operation",
            )
            rma.action_cancel(reason="Test")
        note.button_draft()
        note.button_cancel()
        rma = self._create_return((sale_line, 2))
        rma.action_accept()
        self.assertEqual(rma.state, "open")

    def test_credited_by_hand_while_the_goods_are_on_their_way(self):
        sale_line = self._sell(self.part_avco, 5)
        rma = self._arrive(sale_line, 2)
        note = self._credit_by_hand(sale_line.invoice_lines.move_id)
        line = rma.line_ids
        self._assert_refused(line.action_settle, line.display_name, note.name)
        line.operation_id = self._get_operation("restock")
        line.action_settle()
        self.assertFalse(line.refund_line_ids, "no cent twice")
        self._put_away(rma)
        self.assertEqual(rma.state, "done")

    def test_partly_credited_by_hand(self):
        sale_line = self._sell(self.part_avco, 5)
        invoice = sale_line.invoice_lines.move_id
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        wizard.refund_moves()
        note = wizard.new_move_ids
        note.invoice_line_ids.filtered("product_id").quantity = 4
        note.action_post()
        rma = self._create_return((sale_line, 2))
        self._assert_refused(rma.action_accept, "except for 1 Units")

    def test_period_locked(self):
        """What was planned in a month that is closed arrives in one that is open."""
        with freeze_time("2026-03-10"):
            sale_line = self._sell(self.part_avco, 5)
        gap = self._get_gap()
        with freeze_time("2026-03-20"):
            rma = self._create_return((sale_line, 2))
            rma.action_accept()
            self.env.flush_all()
        with freeze_time("2026-04-15"):
            self.company.fiscalyear_lock_date = "2026-03-31"
            self._receive(rma)
            rma.line_ids.action_test(grade=self.grade_a)
            rma.line_ids.action_settle()
            self.env.flush_all()
        note = rma.line_ids.refund_line_ids.move_id
        note.invoice_date = "2026-04-15"
        with freeze_time("2026-05-15"):
            self.company.fiscalyear_lock_date = "2026-04-30"
            note.action_post()
            self.assertGreater(fields.Date.to_string(note.date), "2026-04-30")
            self._put_away(rma)
        self.assertEqual(rma.state, "done")
        self.assertEqual(self._get_gap(), gap)

    def test_today_locked(self):
        """What has to be booked today is refused, and nothing of it is left."""
        sale_line = self._sell(self.part_avco, 5)
        rma = self._arrive(sale_line, 2, operation="exchange")
        self.env.flush_all()
        self.company.fiscalyear_lock_date = fields.Date.today()

        def settle():
            rma.line_ids.action_settle()
            self.env.flush_all()

        self._assert_refused(settle, "locked")
        self.assertEqual(rma.line_ids.state, "tested")


@tagged("post_install", "-at_install")
class TestBadWay(BadInputCommon):
    """Receipts that are cancelled half-way, parcels that get lost."""

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)
        self.sale_line = self._sell(self.part_avco, 5)
        self._stock(self.part_fifo, 20, 10.0)
        self.other_line = self._sell(self.part_fifo, 5)

    def test_receipt_cancelled(self):
        rma = self._create_return((self.sale_line, 2))
        rma.user_id = self.advisor
        rma.action_accept()
        rma.picking_ids.with_user(self.storekeeper).action_cancel()
        line = rma.line_ids
        self.assertEqual((line.state, rma.state), ("cancel", "cancel"))
        self.assertEqual(rma.activity_ids.user_id, self.advisor)
        self.assertIn("no longer awaited", rma.activity_ids.summary)
        self.assertTrue(self._create_return((self.sale_line, 5)), "they may come")

    def test_receipt_cancelled_half_way(self):
        rma = self._create_return((self.sale_line, 2), (self.other_line, 3))
        rma.action_accept()
        here, away = rma.line_ids
        picking = rma.picking_ids
        here.move_ids.picked = True
        away.move_ids.quantity = 0
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual((here.state, away.state), ("received", "expected"))
        backorder = rma.picking_ids - picking
        self.assertEqual(backorder.aftersales_return_id, rma)
        backorder.action_cancel()
        self.assertEqual((here.state, away.state), ("received", "cancel"))
        self.assertEqual(rma.state, "open")
        # What came is settled, and the return is closed with it.
        here.action_test(grade=self.grade_a)
        here.action_settle()
        here.refund_line_ids.move_id.action_post()
        self._put_away(rma)
        self.assertEqual(rma.state, "done")
        # It comes after all.
        away.action_await()
        self.assertEqual((away.state, rma.state), ("expected", "open"))
        self._receive(rma)
        self.assertEqual(away.state, "received")
        self.assertEqual(self.other_line.qty_delivered, 2.0)

    def test_part_of_a_line_came_and_no_rest_is_awaited(self):
        rma = self._create_return((self.sale_line, 3))
        rma.action_accept()
        picking = rma.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=picking.ids
        ).button_validate()
        line = rma.line_ids
        self.assertEqual((line.state, line.quantity), ("received", 1.0))
        case = line.difference_ids
        self.assertEqual((case.kind, case.quantity_missing), ("less", 2.0))
        self._assert_refused(line.action_settle, line.display_name)
        case.action_contact(note="Found the rest under the sofa")
        case.action_decide("wait")
        rest = rma.line_ids - line
        self.assertEqual((rest.state, rest.quantity), ("expected", 2.0))

    def test_receipt_cancelled_after_a_replacement_was_sent(self):
        rma = self._create_return((self.sale_line, 1), operation="advance")
        rma.action_accept()
        shipment = rma.line_ids._get_moves("new").picking_id
        shipment.move_ids.picked = True
        shipment.button_validate()
        receipt = rma.line_ids._get_moves("in").picking_id
        for call in (
            receipt.action_cancel,
            rma.line_ids.action_cancel,
            lambda: rma.action_cancel(reason="Changed his mind"),
        ):
            self._assert_refused(call, rma.name, "in advance")

    def test_step_before_the_goods_are_here(self):
        rma = self._create_return((self.sale_line, 1))
        line = rma.line_ids
        self._assert_refused(line.action_test, line.display_name)
        rma.action_accept()
        for step in (line.action_test, line.action_settle):
            self._assert_refused(step, line.display_name, "is not here yet")
        self._receive(rma)
        self._assert_refused(line.action_settle, line.display_name, "tested first")

    def test_state_is_not_written(self):
        rma = self._create_return((self.sale_line, 1))
        self._assert_refused(lambda: rma.write({"state": "done"}), rma.name)
        self._assert_refused(
            lambda: rma.line_ids.write({"state": "tested"}), "Call the step"
        )

    def test_accepted_goods_stay_on_record(self):
        rma = self._create_return((self.sale_line, 1))
        rma.action_accept()
        self._assert_refused(rma.unlink, rma.name, "Cancel it instead")
        self._assert_refused(rma.line_ids.unlink, rma.name, "Cancel it instead")

    def test_cancelling_what_is_here(self):
        rma = self._create_return((self.sale_line, 1))
        rma.action_accept()
        self._receive(rma)
        self._assert_refused(
            lambda: rma.action_cancel(reason="Changed his mind"), rma.name
        )

    def test_no_reason(self):
        rma = self._create_return((self.sale_line, 1))
        for step in (rma.action_refuse, rma.action_cancel):
            for reason in (None, "", "  "):
                with self.subTest(step=step.__name__, reason=reason):
                    self._assert_refused(
                        lambda step=step, reason=reason: step(reason=reason),
                        rma.name,
                        "say why",
                    )

    # R148-R157: lost on the way to us
    def test_parcel_lost_on_the_way_in(self):
        rma = self._create_return((self.sale_line, 2))
        rma.action_accept()
        parcel = rma.shipment_ids.filtered(lambda parcel: parcel.direction == "in")
        parcel = parcel or self.env["aftersales.shipment"].create(
            {"return_id": rma.id, "direction": "in"}
        )
        self._assert_refused(
            lambda: parcel.action_ship(), parcel.display_name, "waybill"
        )
        parcel.action_ship(waybill="SF100")
        self._assert_refused(lambda: parcel.action_lose(), parcel.name)
        parcel.action_lose(reason="Never scanned again")
        self.assertEqual(rma.line_ids.state, "lost")
        self.assertEqual(rma.picking_ids.state, "cancel")
        self.assertEqual(rma.state, "done")
        self.assertFalse(rma.line_ids.refund_line_ids)
        # Its customer has neither goods nor money: that is given without a return.
        again = self._create_return((self.sale_line, 2), operation="refund_keep")
        again.action_accept()
        self.assertEqual(again.line_ids.amount_refunded, 44.0)

    def test_parcel_lost_on_the_way_out(self):
        rma = self._create_return((self.sale_line, 1), operation="as_is")
        rma.action_accept()
        self._receive(rma)
        line = rma.line_ids
        line.action_test(result="none")
        line.action_settle()
        self._receive(rma)
        parcel = rma.shipment_ids.filtered(lambda parcel: parcel.direction == "out")
        parcel.carrier_id = self.maker
        parcel.action_ship(waybill="SF200")
        parcel.action_lose(reason="Van burnt out")
        self.assertEqual(parcel.state, "lost")
        self.assertEqual(parcel.amount_claimed, 22.0)
        self.assertTrue(parcel.activity_ids, "somebody has to speak with the customer")
        with self.assertRaises(UserError):
            parcel.action_settle_loss(amount=22.0)
        parcel.action_settle_loss(amount=22.0, result="Paid in full")
        self.assertEqual(parcel.state, "settled")


@tagged("post_install", "-at_install")
class TestBadSupplier(BadInputCommon):
    """The supplier sends another serial, or the same goods go twice."""

    def _send(self, operation="repair"):
        self._sell_serials("S1", "S2")
        rma = self._create_return(self._serial_line("S1"), operation=operation)
        rma.action_accept()
        self._receive(rma)
        trip = rma.line_ids._send_to_supplier()
        trip.partner_id = self.maker
        trip.action_send(date_promised="2030-01-01")
        self._receive(rma)
        return trip

    def test_supplier_returns_another_serial(self):
        trip = self._send()
        line = trip.line_id
        trip.action_receive(serials={trip.id: "S9"})
        self.assertEqual(trip.state, "sent", "its own is still there")
        self.assertEqual(line.lot_id.name, "S1")
        [case] = line.difference_ids
        self.assertIn("S9", case.found)
        self.assertIn("S1", case.expected)
        self._assert_refused(trip.action_receive, trip.name)
        self._assert_refused(line.action_test, line.display_name)

    def test_supplier_replaces_it(self):
        trip = self._send()
        trip.action_replace(serial="S9")
        self.assertEqual((trip.state, trip.new_lot_id.name), ("replaced", "S9"))
        self.assertEqual(trip.line_id.lot_id.name, "S9")

    def test_supplier_returns_a_serial_that_is_elsewhere(self):
        trip = self._send()
        self._assert_refused(lambda: trip.action_replace(serial="S2"), "S2")
        self._assert_refused(lambda: trip.action_replace(serial=""), trip.name)

    def test_at_two_suppliers_at_once(self):
        trip = self._send()
        self.assertEqual(trip.line_id._send_to_supplier(), trip, "there is one already")

    def test_goods_at_the_supplier_do_not_leave(self):
        trip = self._send("as_is")
        line = trip.line_id
        self._assert_refused(
            lambda: line.action_test(result="none"),
            line.display_name,
            f"is with {self.maker.name}",
            trip.name,
        )
