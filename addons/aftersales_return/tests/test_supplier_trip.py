from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
class TestSupplierTrip(SupplierCommon):
    def _start(self, operation="repair", names=("T1",)):
        lots = self._create_lots(names)
        self._buy(self.part_serial, len(lots), lots=lots)
        return self._come_back(
            self.part_serial, len(lots), operation=operation, lots=lots
        )

    def _get_quant(self, lot):
        return lot.quant_ids.filtered(
            lambda quant: quant.quantity > 0 and quant.location_id.usage == "internal"
        )

    def _get_gap(self, product):
        """What the stock account is short of the stock's value."""
        account = product.categ_id.property_stock_valuation_account_id
        values = self.company.stock_value()
        booked = self.company.stock_accounting_value()
        return round(values.get(account, 0.0) - booked.get(account, 0.0), 2)

    # Whose it is, and what it is worth

    def test_customers_serial_goes_and_comes_without_value(self):
        line = self._start()
        value = self._get_value(self.part_serial)
        trip = line.action_send_to_supplier()
        self.assertEqual(trip.partner_id, self.supplier)
        self.assertTrue(trip.receipt_id.purchase_line_id)
        self.assertEqual(trip.purchase_id, trip.receipt_id.purchase_line_id.order_id)
        with self.assertRaisesRegex(UserError, "date"):
            trip.action_send()
        trip.action_send(date_promised="2099-01-01", reference="P-77")
        self.assertEqual(trip.supplier_reference, "P-77")
        self.assertEqual(line._get_place().aftersales_supplier_id, self.supplier)
        quant = self._get_quant(trip.lot_id)
        self.assertEqual(quant.location_id, line._get_place())
        self.assertEqual(quant.owner_id, self.customer)
        trip.action_receive()
        self.assertEqual(trip.state, "back")
        self.assertEqual(line.state, "received")
        self.assertEqual(line.lot_id.name, "T1")
        self.assertEqual(self._get_quant(trip.lot_id).owner_id, self.customer)
        self.assertEqual(sum(line.move_ids.mapped("value")), 0.0)
        self.assertEqual(self._get_value(self.part_serial), value)

    def test_ours_keeps_its_value(self):
        for product in self.parts:
            with self.subTest(product.name):
                self._buy(product, 3, 10.0, bill=True)
                line = self._come_back(product, 2, operation="refund")
                self._buy(product, 3, 17.0, bill=True)
                value = self._get_value(product)
                gap = self._get_gap(product)
                trip = self._send(line)
                self.assertEqual(self._get_value(product), value)
                trip.action_receive()
                self.assertEqual(self._get_value(product), value)
                self.assertEqual(self._get_gap(product), gap)

    def test_refund_posted_at_once_waits_for_the_trip(self):
        """The credit note is posted before there is a trip: the line is not done."""
        self.assertEqual(self.company.aftersales_invoice_posting, "post")
        self._buy(self.part_avco, 3, 10.0, bill=True)
        line = self._come_back(self.part_avco, operation=self._get_supplier_operation())
        line.action_test()
        line.action_settle()
        self.assertEqual(line.refund_line_ids.parent_state, "posted")
        self.assertEqual((line.state, line.return_id.state), ("settled", "open"))
        self.assertEqual(line.pending, line.trip_ids.display_name)

    def test_warranty_in_words(self):
        line = self._start()
        trip = line.action_send_to_supplier()
        self.assertEqual(trip.warranty_state, "valid")
        self.assertIn("until", trip.warranty_note)
        with freeze_time(fields.Date.add(fields.Date.today(), months=13)):
            warranty = self.part_serial._get_supplier_warranty(
                self.company, lot=trip.lot_id
            )
            self.assertEqual(warranty.state, "over")
            self.assertIn("ended", warranty.note)
        self.assertEqual(trip.lot_id._get_supplier_warranty().state, "valid")

    # Before and after the promised day

    def test_reminded_once_before_and_once_after(self):
        Trip = self.env["aftersales.supplier.trip"]
        line = self._start()
        day = fields.Date.add(fields.Date.today(), days=10)
        trip = self._send(line, day)
        Trip._cron_remind()
        self.assertFalse(trip.activity_ids)
        self.assertFalse(trip.is_late)
        with freeze_time(fields.Date.add(day, days=-1)):
            Trip._cron_remind()
            Trip._cron_remind()
            self.assertEqual(len(trip.activity_ids), 1)
            self.assertIn("due back", trip.activity_ids.summary)
            trip.activity_ids.action_done()
            Trip._cron_remind()
            self.assertFalse(trip.activity_ids.filtered("active"))
        with freeze_time(fields.Date.add(day, days=1)):
            trip.invalidate_recordset(["is_late"])
            self.assertIn(trip, Trip.search([("is_late", "=", True)]))
            Trip._cron_remind()
            Trip._cron_remind()
            self.assertEqual(len(trip.activity_ids), 1)
            self.assertIn("promised", trip.activity_ids.summary)
            later = fields.Date.add(day, days=30)
            trip.action_promise(date_promised=later)
            self.assertFalse(trip.activity_ids)
            self.assertFalse(trip.reminder)

    # What comes of it

    def test_back_is_tested_again(self):
        line = self._start()
        line.action_test(result="fail", note="Leaks")
        line.action_settle()
        out = line._get_open_moves()
        trip = self._send(line)
        self.assertEqual(out.state, "cancel")
        trip.action_receive()
        self.assertEqual(line.state, "settled")
        self.assertEqual(line._get_open_moves().state, "assigned")
        with self.assertRaisesRegex(UserError, "test"):
            self._receive(line.return_id)

    def test_away_is_not_settled(self):
        line = self._start("exchange")
        trip = self._send(line)
        with self.assertRaisesRegex(UserError, trip.name):
            line.action_test()
        trip.action_receive()
        with self.assertRaisesRegex(UserError, "tested"):
            line.action_settle()
        line.action_test(result="fail", grade=self.grade_a)
        line.action_settle()
        self.assertEqual(line.state, "settled")

    def test_away_is_no_work_and_says_so(self):
        line = self._start("exchange")
        line.action_test(result="fail", grade=self.grade_a)
        rma = line.return_id
        trip = self._send(line, "2099-02-03")
        self.assertEqual((line.state, rma.progress), ("tested", "running"))
        self.assertFalse(line.to_settle)
        self.assertEqual((rma.test_count, rma.settle_count), (0, 0))
        for words in (rma.next_step, line.pending):
            self.assertIn(trip.display_name, words)
            self.assertIn("2099", words)
        with self.assertRaisesRegex(UserError, "first"):
            line.action_open_settle()
        trip.action_receive()
        self.assertTrue(line.to_test)
        self.assertEqual(rma.progress, "test")

    def test_goods_to_supplier_go_on_when_back(self):
        line = self._start(self._get_supplier_operation())
        line.action_test(result="fail")
        line.action_settle()
        trip = line.trip_ids
        self.assertEqual((trip.state, line.state), ("draft", "settled"))
        trip.action_send(date_promised="2099-01-01")
        trip.action_receive()
        line.action_test()
        line.action_settle()
        self.assertEqual(line.trip_ids, trip, "not there again")
        self._receive(line.return_id)
        self.assertEqual(line.state, "done")
        self.assertEqual(line._get_place(), self.warehouse.lot_stock_id)

    def test_refused_needs_a_decision(self):
        line = self._start()
        trip = self._send(line)
        with self.assertRaisesRegex(UserError, "why"):
            trip.action_refuse()
        trip.action_refuse(reason="Water damage")
        self.assertEqual(trip.state, "refused")
        self.assertEqual(line.state, "received")
        self.assertIn("Water damage", trip.activity_ids.summary)

    def test_replaced_customers(self):
        line = self._start()
        asset = line.asset_id or self.env["aftersales.asset"].search(
            [("lot_id", "=", line.lot_id.id)]
        )
        if not asset:
            asset = line._get_asset()
        trip = self._send(line)
        with self.assertRaisesRegex(UserError, "serial"):
            trip.action_replace()
        with self.assertRaisesRegex(UserError, "came back"):
            trip.action_replace(serial="T1")
        trip.action_replace(serial="T2")
        self.assertEqual(line.lot_id.name, "T2")
        self.assertEqual((asset.lot_id.name, asset.serial), ("T2", "T2"))
        self.assertEqual(asset.partner_id, self.customer)
        quant = self._get_quant(line.lot_id)
        self.assertEqual(quant.owner_id, self.customer)
        self.assertEqual(trip.lot_id.name, "T1", "what was sent stays on record")
        self.assertEqual(sum(line.move_ids.mapped("value")), 0.0)
        warranty = trip.new_lot_id._get_supplier_warranty()
        self.assertEqual(warranty.receipt, trip.receipt_id, "the first purchase counts")

    def test_replaced_ours(self):
        for product in self.parts:
            with self.subTest(product.name):
                self._buy(product, 3, 10.0, bill=True)
                line = self._come_back(product, 2, operation="refund")
                self._buy(product, 3, 17.0, bill=True)
                value = self._get_value(product)
                gap = self._get_gap(product)
                trip = self._send(line)
                trip.action_replace()
                self.assertEqual(self._get_value(product), value)
                self.assertEqual(self._get_gap(product), gap)

    def test_replaced_by_what_is_in_stock(self):
        line = self._start()
        self._buy(self.part_serial, 1, lots=self._create_lots(["S9"]))
        trip = self._send(line)
        with self.assertRaisesRegex(UserError, "already"):
            trip.action_replace(serial="S9")

    def test_lost_ours_is_claimed_at_its_value(self):
        for product in self.parts:
            with self.subTest(product.name):
                self._buy(product, 3, 10.0, bill=True)
                line = self._come_back(product, 2, self._get_supplier_operation())
                line.action_test(result="fail")
                line.action_settle()
                before = self._balance(self.account_recoverable)
                trip = line.trip_ids
                trip.action_send(date_promised="2099-01-01")
                trip.action_lose(reason="Not found")
                self.assertEqual(line.state, "done")
                self.assertEqual(self._balance(self.account_recoverable) - before, 20)
                claim = self._get_claims(line)
                self.assertEqual(claim.amount_claimed, 20.0)
                claim.action_send()
                claim.move_id.action_post()
                self.assertEqual(self._balance(self.account_recoverable), before)

    def test_lost_customers_is_decided(self):
        line = self._start()
        trip = self._send(line)
        trip.action_lose(reason="Not found")
        self.assertEqual(line.state, "received")
        self.assertIn("Not found", trip.activity_ids.summary)
        with self.assertRaisesRegex(UserError, "lost"):
            line.action_change_operation(self._get_operation("refund"), reason="Lost")
        line.action_change_operation(self._get_operation("refund_keep"), reason="Lost")
        line.action_settle()
        self.assertEqual(line.amount_refunded, 22.0)
        claim = self._get_claims(line)
        self.assertEqual(claim.amount_claimed, 10.0, "what it cost when it was sold")

    # Another serial

    def test_another_serial_is_a_difference(self):
        line = self._start()
        trip = self._send(line)
        trip.action_receive(serials={trip.id: "X9"})
        self.assertEqual(trip.state, "sent")
        case = trip.difference_ids
        self.assertEqual(
            (case.kind, case.expected, case.found), ("supplier", "T1", "X9")
        )
        trip.action_receive(serials={trip: "X9"})
        self.assertEqual(trip.difference_ids, case, "opened once")
        with self.assertRaisesRegex(UserError, "difference"):
            trip.action_receive()
        with self.assertRaisesRegex(UserError, f"ask {self.supplier.name}"):
            case.action_decide("accept")
        self.supplier.phone = "+86 755 1000"
        self.assertEqual(case.phone, self.supplier.phone)
        self.assertEqual(case.supplier_id, self.supplier)
        self.assertIn(self.supplier.name, line.return_id.next_step)
        self.assertNotIn("the customer", line.return_id.next_step)
        model = self.env["aftersales.return.decide"].with_context(active_ids=case.ids)
        self.assertEqual(Form(model).contact_name, self.supplier.name)
        self.assertTrue(trip.activity_ids)
        case.action_contact(note="Sent in exchange")
        self.assertEqual(case.contact_name, self.supplier.name)
        case.action_decide("accept")
        self.assertEqual(trip.state, "replaced")
        self.assertFalse(trip.activity_ids)
        self.assertEqual(line.lot_id.name, "X9")

    def test_another_serial_goes_back(self):
        line = self._start()
        trip = self._send(line)
        trip.action_receive(serials={trip: "X9"})
        trip.difference_ids.action_contact(note="Mixed up")
        trip.difference_ids.action_decide("back")
        self.assertEqual(trip.state, "sent")
        trip.action_receive(serials={trip: "T1"})
        self.assertEqual(trip.state, "back")

    # Many, again, by whom

    def test_twenty_in_one_transfer(self):
        lines = self._start("supplier", [f"B{number}" for number in range(20)])
        trips = self._send(lines)
        self.assertEqual(len(trips), 20)
        self.assertEqual(len(trips.picking_ids), 1)
        self.assertEqual(trips.picking_ids.state, "done")
        self.assertEqual(trips.picking_ids.partner_id, self.supplier)
        trips.action_receive()
        self.assertEqual(len(trips.picking_ids), 2)
        self.assertEqual(set(lines.mapped("state")), {"received"})

    def test_replay(self):
        lines = self._start("exchange", ("R1", "R2"))
        trips = self._send(lines)
        trips.action_send(date_promised="2099-01-01")
        self.assertEqual(lines.action_send_to_supplier(), trips)
        moves = trips.move_ids
        trips.action_receive()
        trips.action_receive()
        self.assertEqual(len(trips.move_ids - moves), 2)
        with self.assertRaisesRegex(UserError, trips[0].name):
            trips.action_replace(serial="R3")

    def test_cancelled_before_it_left(self):
        line = self._start("supplier")
        line.action_test(result="fail")
        line.action_settle()
        line.trip_ids.action_cancel()
        self.assertEqual(line.state, "received")
        trip = line.trip_ids
        trip.action_cancel()
        self.assertEqual(trip.state, "cancel", "replayed")
        again = self._send(line)
        self.assertNotEqual(again, trip)
        with self.assertRaisesRegex(UserError, "stays on record"):
            again.unlink()

    def test_not_here_yet(self):
        lots = self._create_lots(["N1"])
        self._buy(self.part_serial, 1, lots=lots)
        self._sell(self.part_serial, 1, lots=lots)
        rma = self._create_return(
            {"product_id": self.part_serial.id, "lot_id": lots.id}, operation="repair"
        )
        rma.action_accept()
        with self.assertRaisesRegex(UserError, "not here"):
            rma.line_ids.action_send_to_supplier()

    def test_two_companies(self):
        line = self._start()
        trip = self._send(line)
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_user("stranger", "aftersales.aftersales_group_user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            trip.with_user(stranger).action_receive()
        place = self.env["stock.location"]._get_aftersales_supplier_location(
            self.supplier, other
        )
        self.assertNotEqual(place, trip._get_supplier_location())

    def test_storekeeper_and_technician(self):
        line = self._start()
        trip = line.action_send_to_supplier().with_user(self.storekeeper)
        trip.action_send(date_promised="2099-01-01")
        with self.assertRaises(AccessError):
            trip.with_user(self.technician).action_receive()
        trip.action_receive()
        self.assertEqual(trip.state, "back")
