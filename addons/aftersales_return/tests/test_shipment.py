from datetime import date

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestShipment(ReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.env["res.partner"].create(
            {"name": "SF Express", "phone": "95338", "is_company": True}
        )

    def _create_accepted(self, operation="refund", quantity=2, **values):
        self._stock(self.part_avco, 10, 10.0)
        sale_line = self._sell(self.part_avco, quantity)
        rma = self._create_return((sale_line, quantity), operation=operation, **values)
        rma.action_accept()
        return rma

    def _get_parcels(self, rma, direction):
        return rma.shipment_ids.filtered(lambda parcel: parcel.direction == direction)

    def test_acceptance_announces_a_parcel(self):
        rmas = self._create_accepted() + self._create_accepted()
        for rma in rmas:
            parcel = rma.shipment_ids
            self.assertEqual(len(parcel), 1)
            self.assertEqual(parcel.direction, "in")
            self.assertEqual(parcel.state, "announced")
            self.assertEqual(parcel.picking_ids, rma.picking_ids)
            self.assertEqual(parcel.partner_id, self.customer)
            self.assertEqual(parcel.contact_phone, self.customer.phone)
            self.assertIn(self.part_avco.name, parcel.goods)
            self.assertEqual(parcel.consignee_id, self.warehouse.partner_id)

    def test_what_stays_with_the_customer_has_no_parcel(self):
        self._stock(self.part_avco, 10, 10.0)
        rma = self._create_return(
            (self._sell(self.part_avco, 1), 1), operation="refund_keep"
        )
        rma.action_accept()
        self.assertFalse(rma.shipment_ids)

    def test_what_was_said_on_the_phone_is_kept(self):
        """The parcel noted before the acceptance is the one of the transfer."""
        self._stock(self.part_avco, 10, 10.0)
        rma = self._create_return((self._sell(self.part_avco, 2), 2))
        parcel = self.env["aftersales.shipment"].create(
            {
                "return_id": rma.id,
                "carrier_id": self.carrier.id,
                "waybill": "SF123",
                "date_shipped": "2026-05-04",
                "carrier_place": "East station, counter 3",
                "date_pickup": "2026-05-06 08:00:00",
            }
        )
        self.assertEqual(parcel.carrier_phone, "95338")
        rma.action_accept()
        self.assertEqual(rma.shipment_ids, parcel)
        self.assertEqual(rma.picking_ids.aftersales_shipment_id, parcel)
        parcel.action_ship()
        self.assertEqual(parcel.state, "transit")
        self.assertEqual(parcel.date_shipped, date(2026, 5, 4))
        self._receive(rma)
        self.assertEqual(parcel.state, "arrived")
        self.assertTrue(parcel.date_arrived)

    def test_inbound_needs_the_waybill(self):
        parcel = self._create_accepted().shipment_ids
        with self.assertRaisesRegex(UserError, f"{parcel.name}.*waybill"):
            parcel.action_ship(waybill="  ")
        parcel.action_ship(waybill=" SF9 ")
        self.assertEqual(parcel.waybill, "SF9")
        parcel.action_ship(waybill="another")
        self.assertEqual(parcel.waybill, "SF9", "repeated, it changes nothing")

    def test_back_order_is_a_parcel_of_its_own(self):
        rma = self._create_accepted(quantity=4)
        first = rma.shipment_ids
        picking = rma.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        second = rma.shipment_ids - first
        self.assertEqual(first.state, "arrived")
        self.assertEqual(second.state, "announced")
        self.assertEqual(second.picking_ids.backorder_id, picking)

    def test_desk(self):
        rma = self._create_accepted(operation="as_is", channel="desk")
        parcel = rma.shipment_ids
        self.assertEqual(parcel.transport, "desk")
        self._receive(rma)
        self.assertEqual(parcel.state, "arrived")
        rma.line_ids.action_test()
        rma.line_ids.action_settle()
        self._receive(rma)
        out = self._get_parcels(rma, "out")
        with self.assertRaisesRegex(UserError, f"{out.name}.*who takes it"):
            out.action_ship()
        out.action_ship(receiver="Wang Fang")
        self.assertEqual(out.state, "arrived")
        self.assertEqual(out.told_method, "desk")
        self.assertTrue(out.proof_ids)

    def test_outbound_keeps_proof_and_tells_the_customer(self):
        self.customer.write({"email": "wang@example.com"})
        rma = self._create_accepted(operation="as_is")
        self._receive(rma)
        rma.line_ids.action_test()
        rma.line_ids.action_settle()
        parcel = self._get_parcels(rma, "out")
        self.assertEqual(parcel.consignee_id, rma.shipping_id)
        with self.assertRaisesRegex(UserError, "validate"):
            parcel.action_ship()
        self._receive(rma)
        self.assertEqual(parcel.state, "announced", "no waybill, not sent")
        with self.assertRaisesRegex(UserError, "waybill"):
            parcel.action_ship()
        with self.assertRaisesRegex(UserError, "carrier"):
            parcel.action_ship(waybill="SF77")
        parcel.action_ship(waybill="SF77", carrier=self.carrier, date="2026-05-20")
        self.assertEqual(parcel.state, "transit")
        self.assertIn("Packing list", parcel.proof_ids.name)
        self.assertIn("12 Zhongshan Road", parcel.consignee_address)
        self.assertIn("+86 25 1234 5678", parcel.consignee_address)
        message = parcel.message_ids.filtered(
            lambda message: message.partner_ids == self.customer
        )
        self.assertEqual(len(message), 1)
        self.assertIn("SF77", message.body)
        self.assertIn("05/20/2026", message.body)
        self.assertEqual(parcel.told_method, "email")
        parcel.action_ship(waybill="SF77")
        self.assertEqual(len(parcel.proof_ids), 1)

    def test_message_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.write({"email": "wang@example.com", "lang": "fr_FR"})
        template = self.env.ref("aftersales_return.mail_template_shipped")
        template.with_context(lang="fr_FR").subject = "Envoyé {{ object.waybill }}"
        rma = self._send_back(carrier=True)
        parcel = self._get_parcels(rma, "out")
        message = parcel.message_ids.filtered(
            lambda message: message.partner_ids == self.customer
        )
        self.assertEqual(message.subject, "Envoyé SF78")

    def _send_back(self, carrier=False):
        rma = self._create_accepted(operation="as_is")
        self._receive(rma)
        rma.line_ids.action_test()
        rma.line_ids.action_settle()
        if carrier:
            self._get_parcels(rma, "out").write(
                {"carrier_id": self.carrier.id, "waybill": "SF78"}
            )
        self._receive(rma)
        return rma

    def test_waybill_known_before_the_transfer(self):
        """The storekeeper's validation sends it."""
        rma = self._send_back(carrier=True)
        parcel = self._get_parcels(rma, "out")
        self.assertEqual(parcel.state, "transit")
        call = parcel.activity_ids
        self.assertIn("SF78", call.summary, "no e-mail: somebody phones")
        parcel.action_tell(name="Mr Wang")
        self.assertFalse(parcel.activity_ids)
        self.assertEqual((parcel.told_method, parcel.told_name), ("phone", "Mr Wang"))

    def test_waybill_missing_after_the_transfer(self):
        """The goods left the house; the parcel is on somebody's list until proven."""
        rma = self._send_back(carrier=False)
        self.assertEqual(rma.line_ids.state, "done")
        parcel = self._get_parcels(rma, "out")
        self.assertEqual(parcel.state, "announced")
        task = parcel.activity_ids
        self.assertIn("carrier and waybill", task.summary)
        self.assertEqual(task.user_id, parcel.user_id)
        self.assertEqual(rma.state, "done")
        self.assertIn(parcel.name, rma.next_step)
        with self.assertRaisesRegex(UserError, "waybill"):
            parcel.action_ship(carrier=self.carrier)
        self.assertTrue(task.exists())
        parcel.action_ship(waybill="SF79", carrier=self.carrier)
        self.assertFalse(task.exists())
        rma.invalidate_recordset(["next_step"])
        self.assertFalse(rma.next_step)
        self.assertEqual(parcel.state, "transit")

    def test_waybill_twice(self):
        one, two = (
            self._create_accepted().shipment_ids,
            self._create_accepted().shipment_ids,
        )
        (one + two).carrier_id = self.carrier
        one.waybill = "SF1"
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            two.waybill = "SF1"
            two.flush_recordset()

    def test_hand_over_of_two(self):
        parcels = (self._create_accepted() + self._create_accepted()).shipment_ids
        parcels.user_id = self.manager
        with self.assertRaisesRegex(UserError, parcels[0].name):
            parcels.action_hand_over()
        parcels.action_hand_over(self.advisor, reason="On holiday")
        self.assertEqual(parcels.user_id, self.advisor)
        for parcel in parcels:
            trace = parcel.handover_ids
            self.assertEqual(trace.from_user_id, self.manager)
            self.assertEqual(trace.to_user_id, self.advisor)
            self.assertEqual(trace.reason, "On holiday")
            self.assertEqual(parcel.activity_ids.user_id, self.advisor)
        parcels.action_hand_over(self.advisor)
        self.assertEqual(len(parcels.handover_ids), 2, "repeated, it is one")
        parcels.action_hand_over(self.storekeeper)
        self.assertEqual(
            parcels[0].handover_ids.sorted("id").to_user_id.ids,
            (self.advisor + self.storekeeper).ids,
        )
        self.assertEqual(parcels.activity_ids.user_id, self.storekeeper)
        with self.assertRaises(AccessError):
            parcels.handover_ids.with_user(self.advisor).write({"reason": "Other"})

    def test_unannounced_arrival_is_in_the_register(self):
        picking_type = self.warehouse.aftersales_return_type_id
        place = picking_type.default_location_dest_id
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": picking_type.id,
                "location_id": picking_type.default_location_src_id.id,
                "location_dest_id": place.id,
                "move_ids": [
                    fields.Command.create(
                        {
                            "product_id": self.part_avco.id,
                            "product_uom_qty": 1,
                            "quantity": 1,
                            "picked": True,
                            "location_id": picking_type.default_location_src_id.id,
                            "location_dest_id": place.id,
                        }
                    )
                ],
            }
        )
        picking.button_validate()
        parcel = picking.aftersales_shipment_id
        self.assertEqual(parcel.state, "arrived")
        self.assertEqual(parcel.return_id, picking.aftersales_return_id)

    def test_storekeeper_keeps_the_register(self):
        parcel = self._create_accepted().shipment_ids
        own = parcel.with_user(self.storekeeper)
        step = Form(
            self.env["aftersales.shipment.step"]
            .with_user(self.storekeeper)
            .with_context(active_ids=own.ids, default_step="ship")
        )
        step.waybill = "SF5"
        step.carrier_id = self.carrier
        step.save().action_apply()
        self.assertEqual(parcel.state, "transit")
        own.action_arrive()
        self.assertEqual(parcel.state, "arrived")
        with self.assertRaises(AccessError):
            own.unlink()
        with self.assertRaisesRegex(UserError, "register"):
            parcel.with_user(self.manager).unlink()
        with self.assertRaises(AccessError):
            parcel.with_user(self.accountant).action_arrive()

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        parcel = self._create_accepted().shipment_ids
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "stranger",
                "company_id": other.id,
                "company_ids": [fields.Command.set(other.ids)],
                "group_ids": [
                    fields.Command.link(
                        self.env.ref("aftersales.aftersales_group_manager").id
                    )
                ],
            }
        )
        self.assertFalse(
            self.env["aftersales.shipment"]
            .with_user(stranger)
            .search([("id", "=", parcel.id)])
        )

    def test_proof_uploaded_on_the_screen(self):
        """A file that was uploaded before the parcel was saved is read by all."""
        file = self.env["ir.attachment"].create(
            {"name": "waybill.png", "raw": b"x", "res_model": "aftersales.shipment"}
        )
        parcel = self._create_accepted().shipment_ids
        parcel.proof_ids = file
        self.assertEqual(file.res_id, parcel.id)


@tagged("post_install", "-at_install")
class TestSevenPoints(ReturnCommon):
    def _get_missing(self, rma):
        """Return the numbers of the points that are not met."""
        rma.invalidate_recordset(["points"])
        return [
            number
            for number, (_label, missing) in enumerate(rma._get_points(), start=1)
            if missing
        ]

    def test_one_by_one_on_a_real_case(self):
        carrier = self.env["res.partner"].create({"name": "SF", "phone": "95338"})
        lots = self._stock_serial(["S1"])
        self._sell(self.part_serial, 1, lots=lots)
        rma = self._create_return(
            {"product_id": self.part_serial.id, "serial": "S1"},
            operation="as_is",
            contact_name="Ms Wang",
        )
        self.assertFalse(rma.points)
        rma.action_accept()
        parcel = rma.shipment_ids
        self.assertEqual(self._get_missing(rma), [1, 2, 3, 5, 6, 7])
        # 1: the customer calls
        parcel.write({"carrier_id": carrier.id})
        parcel.action_ship(waybill="SF1", date="2026-05-04")
        self.assertEqual(self._get_missing(rma), [2, 3, 5, 6, 7])
        # 2: the carrier calls, a colleague goes
        parcel.write(
            {"carrier_place": "East station", "date_pickup": "2026-05-06 08:00:00"}
        )
        parcel.action_hand_over(self.storekeeper, reason="Busy")
        self.assertEqual(self._get_missing(rma), [3, 5, 6, 7])
        # 3: received, and as announced
        other = lots.copy({"name": "S9"})
        rma.picking_ids.move_line_ids.lot_id = other
        self._receive(rma)
        self.assertIn(3, self._get_missing(rma))
        case = rma.line_ids.difference_ids
        case.action_contact(note="Sent the wrong one")
        case.action_decide("back")
        # 4: nothing to ask the supplier; 5: tested
        self.assertEqual(self._get_missing(rma), [5, 6, 7])
        rma.line_ids.action_test()
        rma.line_ids.action_settle()
        self.assertIn(5, self._get_missing(rma), "it is still here")
        # 5 to 7: sent with its proof
        self._receive(rma)
        self.assertEqual(self._get_missing(rma), [6, 7])
        out = rma.shipment_ids - parcel
        out.action_ship(waybill="SF2", carrier=carrier)
        self.assertEqual(self._get_missing(rma), [6], "nobody told the customer")
        out.action_tell()
        self.assertEqual(self._get_missing(rma), [])
        self.assertNotIn("fa-square-o", rma.points)
        self.assertEqual(rma.points.count("fa-check"), 7)
