from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestShipment(ReturnCommon):
    def test_lost_on_the_way_in(self):
        self._stock(self.part_avco, 10, 10.0)
        sale_line = self._sell(self.part_avco, 2)
        rma = self._create_return((sale_line, 2))
        rma.action_accept()
        parcel = self.env["aftersales.shipment"].create({"return_id": rma.id})
        with self.assertRaisesRegex(UserError, "waybill"):
            parcel.action_ship()
        parcel.action_ship(waybill="SF123")
        parcel.action_hand_over(self.advisor, reason="On holiday")
        self.assertEqual(parcel.handover_ids.to_user_id, self.advisor)
        parcel.action_lose(reason="Never scanned again")
        self.assertEqual(parcel.amount_claimed, 44.0)
        self.assertEqual(rma.line_ids.state, "lost")
        self.assertEqual(rma.picking_ids.state, "cancel")
        self.assertEqual(rma.state, "done")
        parcel.action_settle_loss(amount=40.0, result="Paid but for the excess")
        self.assertEqual(parcel.state, "settled")
