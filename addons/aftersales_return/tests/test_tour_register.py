from odoo import Command
from odoo.tests import tagged

from .common import ReturnCommon
from .tour_common import TourCase


@tagged("post_install", "-at_install")
class TestTourRegister(ReturnCommon, TourCase):
    """The storekeeper keeps the register, with the rights of Inventory alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.env["res.partner"].create(
            {"name": "SF Express", "phone": "95338", "is_company": True}
        )

    def _create_accepted(self, serial):
        lots = self._stock_serial([serial])
        self._sell(self.part_serial, 1, lots=lots)
        rma = self._create_return(
            {"product_id": self.part_serial.id, "serial": serial},
            operation="repair",
            contact_name="Ms Wang",
        )
        rma.action_accept()
        return rma

    def _get_missing(self, rma):
        return {
            number: missing
            for number, (_label, missing) in enumerate(rma._get_points(), start=1)
            if missing
        }

    def test_seven_points(self):
        driver = self._create_user("driver", "stock.group_stock_user")
        rma = self._create_accepted("CASE-1")
        parcel = rma.shipment_ids
        self._walk("register_in", self.storekeeper)
        self.assertEqual((parcel.state, parcel.waybill), ("arrived", "SF100"))
        self.assertEqual(parcel.carrier_place, "East station")
        self.assertTrue(parcel.date_shipped and parcel.date_arrived)
        trace = parcel.handover_ids
        self.assertEqual(
            (trace.to_user_id, trace.author_id), (driver, self.storekeeper)
        )
        self.assertEqual(parcel.user_id, driver)
        # The workshop: the customer is asked, it is repaired and tested.
        line = rma.line_ids
        line.with_user(self.technician).action_test(result="fail")
        line.with_user(self.advisor).action_settle()
        order = line.order_id
        self.assertIn("the customer's yes to the repair", self._get_missing(rma)[4])
        self.env["aftersales.job"].create(
            {
                "order_id": order.id,
                "name": "Repair",
                "line_ids": [
                    Command.create({"product_id": self.labour.id, "product_uom_qty": 1})
                ],
            }
        )
        self._approve(order, method="phone")
        order.action_start()
        order.action_complete(accept_differences=True)
        order.action_pass_quality()
        self.assertIn("test after the repair", self._get_missing(rma)[5])
        line.with_user(self.technician).action_test_repair()
        self._walk("register_out", self.storekeeper)
        sent = rma.shipment_ids - parcel
        self.assertEqual((sent.state, sent.waybill), ("transit", "SF101"))
        self.assertEqual(sent.carrier_id, self.carrier)
        self.assertTrue(sent.proof_ids)
        self.assertEqual((sent.told_name, sent.told_method), ("Ms Wang", "phone"))
        self.assertFalse(self._get_missing(rma))
        self.assertEqual(rma.state, "done")

    def test_lost(self):
        rma = self._create_accepted("LOST-1")
        self._walk("register_lost", self.storekeeper)
        parcel = rma.shipment_ids
        self.assertEqual(parcel.state, "settled")
        self.assertEqual(parcel.loss_reference, "CLAIM-7")
        self.assertEqual(parcel.proof_ids.mapped("name"), ["waybill.txt"])
        self.assertEqual(
            (parcel.amount_recovered, parcel.loss_result), (20, "Paid in full")
        )
        self.assertEqual(rma.line_ids.state, "lost")
