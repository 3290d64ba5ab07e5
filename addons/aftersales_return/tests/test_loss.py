from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestLoss(ReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.env["res.partner"].create({"name": "SF Express"})

    def _create_accepted(self, operation="refund", quantity=2):
        self._stock(self.part_avco, 10, 10.0)
        sale_line = self._sell(self.part_avco, quantity)
        rma = self._create_return((sale_line, quantity), operation=operation)
        rma.action_accept()
        return rma

    def _get_out(self, rma):
        return rma.shipment_ids.filtered(lambda parcel: parcel.direction == "out")

    def test_lost_on_the_way_in(self):
        rma = self._create_accepted()
        parcel = rma.shipment_ids
        parcel.action_ship(waybill="SF123")
        with self.assertRaisesRegex(UserError, parcel.name):
            parcel.action_lose(reason=" ")
        parcel.action_lose(reason="Never scanned again")
        self.assertEqual(parcel.amount_claimed, 44.0)
        self.assertEqual(rma.line_ids.state, "lost")
        self.assertEqual(rma.picking_ids.state, "cancel")
        self.assertEqual(rma.state, "done")
        self.assertIn("carrier", parcel.missing_proof)
        parcel.write({"carrier_id": self.carrier.id, "amount_claimed": 40.0})
        with self.assertRaisesRegex(UserError, "how the claim ended"):
            parcel.action_settle_loss(amount=40.0)
        parcel.action_settle_loss(amount=40.0, result="Paid but for the excess")
        self.assertEqual(parcel.state, "settled")
        parcel.action_settle_loss(amount=99.0, result="Again")
        self.assertEqual(parcel.amount_recovered, 40.0, "repeated, it is one")

    def test_two_lost_at_once(self):
        rmas = self._create_accepted() + self._create_accepted()
        parcels = rmas.shipment_ids
        parcels[0].insured_value = 500.0
        parcels.action_lose(reason="The van burnt down")
        self.assertEqual(parcels.mapped("amount_claimed"), [500.0, 44.0])
        self.assertEqual(set(rmas.line_ids.mapped("state")), {"lost"})
        parcels.action_lose(reason="Again", amount=1.0)
        self.assertEqual(parcels.mapped("amount_claimed"), [500.0, 44.0])

    def test_what_is_here_is_not_lost(self):
        rma = self._create_accepted()
        self._receive(rma)
        with self.assertRaisesRegex(UserError, "Arrived"):
            rma.shipment_ids.action_lose(reason="Where is it?")
        self.assertEqual(rma.line_ids.state, "received")

    def test_lost_back_order_only(self):
        """What came stays; what followed is lost."""
        rma = self._create_accepted(quantity=4)
        picking = rma.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        follow = rma.shipment_ids.filtered(lambda parcel: parcel.state == "announced")
        follow.action_lose(reason="Gone")
        self.assertEqual(
            {line.state: line.quantity for line in rma.line_ids},
            {"received": 1.0, "lost": 3.0},
        )
        self.assertEqual(rma.state, "open")

    def test_it_turns_up(self):
        rma = self._create_accepted()
        parcel = rma.shipment_ids
        parcel.action_lose(reason="Never scanned again")
        self.assertEqual(rma.state, "done")
        parcel.action_arrive()
        self.assertEqual(parcel.state, "arrived")
        self.assertEqual(rma.state, "open")
        self.assertEqual(rma.line_ids.state, "expected")
        self.assertEqual(rma.shipment_ids, parcel)
        self._receive(rma)
        self.assertEqual(rma.line_ids.state, "received")
        self.assertEqual(rma.line_ids.quantity_received, 2.0)

    def test_own_goods_lost_on_the_way_back(self):
        rma = self._create_accepted(operation="as_is")
        self._receive(rma)
        rma.line_ids.action_test()
        rma.line_ids.action_settle()
        self._receive(rma)
        parcel = self._get_out(rma)
        parcel.action_ship(waybill="SF9", carrier=self.carrier)
        parcel.action_lose(reason="Never delivered")
        self.assertEqual(parcel.state, "lost")
        self.assertEqual(parcel.amount_claimed, 44.0)
        self.assertFalse(parcel.missing_proof, "waybill and packing list are there")
        self.assertIn(self.customer.name, parcel.activity_ids[-1:].summary)
        self.assertFalse(parcel.can_send_again)
        with self.assertRaisesRegex(UserError, parcel.name):
            parcel.action_send_again()

    def test_replacement_lost_is_sent_again(self):
        rma = self._create_accepted(operation="exchange", quantity=1)
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        self._receive(rma)
        self.assertEqual(rma.state, "done")
        parcel = self._get_out(rma)
        parcel.action_ship(waybill="SF9", carrier=self.carrier)
        parcel.action_lose(reason="Never delivered")
        self.assertTrue(parcel.can_send_again)
        again = parcel.action_send_again()
        self.assertEqual(again.state, "announced")
        self.assertEqual(rma.state, "open")
        self.assertEqual(parcel.action_send_again(), again, "repeated, it is one")
        self._receive(rma)
        self.assertEqual(rma.state, "done")
        again.action_ship(waybill="SF10", carrier=self.carrier)
        self.assertEqual(again.state, "transit")
        # Two new ones at 10 less the old one that came back.
        self.assertEqual(self._balance(self.account_goodwill), 10.0)

    def test_wizard(self):
        parcel = self._create_accepted().shipment_ids
        Step = self.env["aftersales.shipment.step"].with_user(self.advisor)
        step = Form(Step.with_context(active_ids=parcel.ids, default_step="lose"))
        step.reason = "Last seen on Monday"
        step.amount = 60.0
        step.save().action_apply()
        self.assertEqual(parcel.amount_claimed, 60.0)
        self.assertEqual(parcel.loss_reason, "Last seen on Monday")
        step = Form(
            Step.with_context(active_ids=parcel.ids, default_step="settle_loss")
        )
        step.reason = "Paid"
        step.amount = 55.0
        step.save().action_apply()
        self.assertEqual(parcel.state, "settled")
