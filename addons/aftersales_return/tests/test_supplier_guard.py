from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
class TestSupplierGuard(SupplierCommon):
    """Who decides about trips, from where goods come back, and how many may go."""

    def _start(self, product, quantity=1, operation=None):
        line = self._come_back(
            product, quantity, operation or self._get_supplier_operation()
        )
        line.action_test(result="fail")
        line.action_settle()
        trip = line.trip_ids
        trip.action_send(date_promised="2099-01-01")
        return trip

    # Who decides

    def test_consent_is_not_written_away(self):
        self._buy(self.part_avco, 3)
        line = self._come_back(self.part_avco, operation="repair")
        trip = self._send(line)
        trip.action_quote(amount=30.0)
        self.assertEqual(trip.consent, "wait")
        for user in (self.storekeeper, self.advisor):
            own = trip.with_user(user)
            for values in ({"job_id": False}, {"amount_quoted": 0.0}):
                with self.assertRaisesRegex(AccessError, "Call the step"):
                    own.write(values)
        trip.with_user(self.storekeeper).note = "Fragile"

    def test_storekeepers_do_not_speak_for_the_house(self):
        self._buy(self.part_avco, 3)
        trip = self._start(self.part_avco)
        own = trip.with_user(self.storekeeper)
        for step in (
            lambda: own.action_quote(amount=0.0),
            own.action_go_on,
            own.action_credit,
            lambda: own.action_lose(reason="Gone"),
        ):
            with self.assertRaisesRegex(AccessError, "Ask an advisor"):
                step()
        trip.with_user(self.advisor).action_quote(amount=0.0)
        own.action_receive()
        self.assertEqual(trip.state, "back")

    def test_what_was_found_stays(self):
        sale_line = self._sell_more()
        rma = self._create_return((sale_line, 1))
        rma.action_accept()
        rma.picking_ids.move_ids.quantity = 2
        self._receive(rma)
        case = rma.line_ids.difference_ids
        for values in ({"kind": "less"}, {"line_id": rma.line_ids[0].id}):
            with self.assertRaisesRegex(AccessError, "Call the step"):
                case.with_user(self.storekeeper).write(values)
        parcel = rma.shipment_ids[:1]
        with self.assertRaisesRegex(AccessError, "Call the step"):
            parcel.with_user(self.storekeeper).amount_recovered = 5.0

    def _sell_more(self):
        self._buy(self.part_avco, 5)
        return self._sell(self.part_avco, 3)

    # How many, and from where

    def test_two_trips_of_one_receipt(self):
        receipt = self._buy(self.part_avco, 1, 10.0, bill=True)
        self._stock(self.part_avco, 3)
        trips = self._start(self.part_avco) | self._start(self.part_avco)
        trips.receipt_id = receipt
        with self.assertRaisesRegex(UserError, "0 Units can still go back"):
            trips.action_credit()
        trips[0].action_credit()
        self.assertEqual(receipt.purchase_line_id.qty_received, 0.0)

    def test_supplier_becomes_part_of_a_group(self):
        """It comes back from where it was sent."""
        self._buy(self.part_avco, 9, 10.0, bill=True)
        steps = {
            "back": lambda trip: trip.action_receive(),
            "credited": lambda trip: trip.action_credit(),
            "lost": lambda trip: trip.action_lose(reason="Gone"),
        }
        holding = self.env["res.partner"].create(
            {"name": "Holding", "is_company": True}
        )
        for state, step in steps.items():
            with self.subTest(state):
                self.supplier.parent_id = False
                trip = self._start(self.part_avco)
                place = trip.line_id._get_place()
                self.supplier.write({"is_company": False, "parent_id": holding.id})
                self.assertEqual(self.supplier.commercial_partner_id, holding)
                step(trip)
                self.assertEqual(trip.state, state)
                self.env.flush_all()
                quants = self.env["stock.quant"].search(
                    [("location_id.aftersales_supplier_id", "!=", False)]
                )
                self.assertFalse([q for q in quants.mapped("quantity") if q])
                self.assertEqual(place.aftersales_supplier_id, self.supplier)

    def test_one_place_for_each_supplier(self):
        Location = self.env["stock.location"]
        place = Location._get_aftersales_supplier_location(self.supplier, self.company)
        again = Location._get_aftersales_supplier_location(self.supplier, self.company)
        self.assertEqual(place, again)
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception):  # noqa: B017
            with self.env.cr.savepoint():
                place.copy()

    def test_counted_for_several_at_once(self):
        self._buy(self.part_avco, 9, 10.0, bill=True)
        trips = self._start(self.part_avco) | self._start(self.part_avco)
        holding = self.env["res.partner"].create({"name": "Holding"})
        self.supplier.parent_id = holding
        partners = self.supplier | holding | self.customer
        self.assertEqual(partners.mapped("aftersales_trip_count"), [2, 2, 0])
        orders = trips.purchase_id
        self.assertEqual(sum(orders.mapped("aftersales_trip_count")), 2)
        self.env.flush_all()
        with self.assertQueryCount(3):
            partners._compute_aftersales_trip_count()

    # By night

    def test_one_bad_trip_does_not_stop_the_reminders(self):
        self._buy(self.part_avco, 3)
        bad, good = self._start(self.part_avco), self._start(self.part_avco)
        remind = type(bad)._remind

        def fail(trip, *args):
            if trip == bad:
                raise ValueError("No mail server")
            return remind(trip, *args)

        with (
            freeze_time("2099-02-01"),
            patch.object(type(bad), "_remind", fail),
            self.assertLogs("odoo.addons.aftersales_return", "ERROR"),
        ):
            self.env["aftersales.supplier.trip"]._cron_remind()
        self.assertFalse(bad.activity_ids)
        self.assertEqual(len(good.activity_ids), 1)

    # Papers

    def test_invoices_stay_with_those_who_may_read_them(self):
        sale_line = self._sell_more()
        rma = self._create_return((sale_line, 1))
        rma.action_accept()
        invoice = sale_line.invoice_lines.move_id
        paper = self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": b"%PDF-1.4",
                "res_model": invoice._name,
                "res_id": invoice.id,
            }
        )
        invoice.message_main_attachment_id = paper
        parcel = rma.shipment_ids
        parcel.action_lose(reason="Gone")
        self.assertIn(paper, parcel.proof_ids)
        self.env.invalidate_all()
        for user in (self.storekeeper, self.technician):
            own = parcel.with_user(user)
            self.assertFalse(own.proof_ids, user.name)
            own.web_read({"proof_ids": {"fields": {"name": {}}}})
            with self.assertRaises(AccessError):
                paper.with_user(user).read(["raw"])
        self.assertIn(paper, parcel.with_user(self.accountant).proof_ids)
        self.assertEqual(
            parcel.date_lost, fields.Date.context_today(parcel), "the claim began"
        )
