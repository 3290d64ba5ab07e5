from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestSupplierTrip(ReturnCommon):
    def _start(self, operation="repair"):
        lots = self._stock_serial(["T1"])
        self._sell(self.part_serial, 1, lots=lots)
        rma = self._create_return(
            {"product_id": self.part_serial.id, "serial": "T1"}, operation=operation
        )
        rma.action_accept()
        self._receive(rma)
        return rma.line_ids

    def test_round_trip(self):
        line = self._start()
        trip = line._send_to_supplier()
        self.assertTrue(trip.receipt_id)
        trip.partner_id = self.maker
        with self.assertRaisesRegex(UserError, "date"):
            trip.action_send()
        trip.action_send(date_promised="2030-01-01")
        self.assertEqual(line._get_place().aftersales_supplier_id, self.maker)
        self.assertEqual(sum(line.move_ids.mapped("value")), 0.0)
        trip.action_receive()
        self.assertEqual(line.state, "received")
        self.assertEqual(line.lot_id.name, "T1")
        self.assertEqual(sum(line.move_ids.mapped("value")), 0.0)

    def test_replaced_ours(self):
        line = self._start("refund")
        self.assertEqual(line.move_ids.value, 10.0)
        value = self._get_value(self.part_serial)
        trip = line._send_to_supplier()
        trip.partner_id = self.maker
        trip.action_send(date_promised="2030-01-01")
        self.assertEqual(self._get_value(self.part_serial), value)
        trip.action_replace(serial="T2")
        self.assertEqual(self._get_value(self.part_serial), value)
        self.assertEqual(line.lot_id.name, "T2")
