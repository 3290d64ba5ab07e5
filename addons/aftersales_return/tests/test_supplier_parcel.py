from odoo.exceptions import UserError
from odoo.tests import tagged

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
class TestSupplierParcel(SupplierCommon):
    """What goes to a supplier, and comes from him, is in the register of parcels."""

    def _start(self, *names):
        lots = self._create_lots(names)
        self._buy(self.part_serial, len(lots), lots=lots)
        return self._come_back(
            self.part_serial, len(lots), operation="repair", lots=lots
        )

    def _get_parcels(self, trips, direction):
        return self.env["aftersales.shipment"].search(
            [("trip_id", "in", trips.ids), ("direction", "=", direction)]
        )

    def test_one_parcel_out_and_one_in(self):
        lines = self._start("P1", "P2")
        customers = lines.return_id.shipment_ids
        trips = self._send(lines)
        parcel = self._get_parcels(trips, "out")
        self.assertEqual(len(parcel), 1, "what goes together is one parcel")
        self.assertEqual(
            (parcel.state, parcel.partner_id), ("announced", self.supplier)
        )
        self.assertEqual(parcel.picking_ids, trips.picking_ids)
        self.assertEqual(parcel.consignee_id, self.supplier)
        for serial in ("P1", "P2"):
            self.assertIn(serial, parcel.goods)
        self.assertEqual(
            lines.return_id.shipment_ids, customers, "the customer follows his own"
        )
        with self.assertRaisesRegex(UserError, "address of Pump Works"):
            parcel.action_ship(waybill="SF77", carrier=self.maker)
        self.supplier.write(
            {
                "street": "1 Pump Street",
                "city": "Wuxi",
                "zip": "214000",
                "country_id": self.env.ref("base.cn").id,
                "phone": "+86 510 1234 5678",
            }
        )
        parcel.action_ship(waybill="SF77", carrier=self.maker)
        self.assertEqual(parcel.state, "transit")
        self.assertTrue(parcel.proof_ids, "the packing list is kept")
        self.assertIn("1 Pump Street", parcel.consignee_address)
        self.assertFalse(parcel.date_told, "the customer is told nothing of it")
        trips.action_receive()
        back = self._get_parcels(trips, "in")
        self.assertEqual((len(back), back.state), (1, "arrived"))
        self.assertEqual(back.partner_id, self.supplier)
        self.assertNotEqual(back.picking_ids, parcel.picking_ids)

    def test_announced_before(self):
        line = self._start("P1")
        trip = line.action_send_to_supplier()
        parcel = self.env["aftersales.shipment"].create(
            {"trip_id": trip.id, "direction": "out", "waybill": "SF78"}
        )
        trip.action_send(date_promised="2099-01-01")
        self.assertEqual(self._get_parcels(trip, "out"), parcel)
        self.assertEqual(trip.picking_ids.aftersales_shipment_id, parcel)
        announced = self.env["aftersales.shipment"].create(
            {"trip_id": trip.id, "direction": "in", "waybill": "SF79"}
        )
        trip.action_receive()
        self.assertEqual(self._get_parcels(trip, "in"), announced)
        self.assertEqual(announced.state, "arrived")

    def test_storekeeper_sends(self):
        line = self._start("P1")
        trip = line.action_send_to_supplier()
        trip.with_user(self.storekeeper).action_send(date_promised="2099-01-01")
        self.assertEqual(self._get_parcels(trip, "out").state, "announced")
