from odoo.exceptions import UserError
from odoo.tests import tagged

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
class TestCalledOff(SupplierCommon):
    """What a cancelled transfer should have done is still to do; the rest goes on."""

    def _start(self, quantity=1, operation="exchange"):
        self._buy(self.part_avco, 10, 10.0, bill=True)
        sale_line = self._sell(self.part_avco, quantity)
        rma = self._create_return((sale_line, quantity), operation=operation)
        rma.action_accept()
        return rma.line_ids

    def _settle(self, line, grade=None):
        if line.state == "expected":
            self._receive(line.return_id)
        if line.state == "received":
            line.action_test(result="fail", grade=grade or self.grade_a)
        line.action_settle()

    def _get_open(self, line, direction):
        return line._get_moves(direction) & line._get_open_moves()

    def _validate(self, moves):
        moves.picked = True
        moves.picking_id.button_validate()

    # By a step

    def test_the_new_one_leaves_while_the_old_one_goes_to_its_supplier(self):
        self._buy(self.part_avco, 10, 10.0, bill=True)
        operation = self._get_supplier_operation("exchange")
        line = self._come_back(self.part_avco, operation=operation)
        line.action_test(result="fail")
        line.action_settle()
        new = self._get_open(line, "new")
        self.assertTrue(new)
        trip = self._send(line)
        self.assertNotEqual(new.state, "cancel")
        self._validate(new)
        trip.action_receive()
        line.action_test(result="pass")
        line.action_settle()
        self.assertEqual(line._get_moves("new"), new, "one new one for one old one")

    def test_the_new_one_leaves_when_the_old_one_got_lost(self):
        line = self._start(operation="advance")
        rma = line.return_id
        new = self._get_open(line, "new")
        rma.shipment_ids.filtered(lambda parcel: parcel.direction == "in").action_lose(
            reason="Gone"
        )
        self.assertEqual(line.state, "lost")
        self.assertEqual(rma.state, "open")
        self._validate(new)
        self.assertEqual((new.state, rma.state), ("done", "done"))

    def test_lost_goods_that_turn_up_come_in_their_own_parcel(self):
        line = self._start(operation="advance")
        rma = line.return_id
        new = self._get_open(line, "new")
        parcel = rma.shipment_ids.filtered(lambda parcel: parcel.direction == "in")
        parcel.action_lose(reason="Gone")
        parcel.action_arrive()
        self.assertEqual(line.state, "expected")
        self.assertIn(self._get_open(line, "in").picking_id, parcel.picking_ids)
        self.assertNotIn(new.picking_id, parcel.picking_ids)

    def test_goods_are_lost_and_the_new_one_is_sent(self):
        line = self._start(operation="advance")
        new = self._get_open(line, "new")
        line.action_lose(reason="Gone")
        self.assertEqual((line.state, line.return_id.state), ("lost", "open"))
        self._validate(new)
        self.assertEqual(line.return_id.state, "done")

    def test_an_advance_that_was_not_sent_is_called_off(self):
        line = self._start(operation="advance")
        line.return_id.action_cancel(reason="By mistake")
        self.assertEqual(line.state, "cancel")
        self.assertEqual(set(line.move_ids.mapped("state")), {"cancel"})
        self.assertFalse(line.date_given)
        line.action_await()
        self._settle(line)
        self.assertTrue(self._get_open(line, "new"), "given when the old one is here")

    # In Inventory

    def test_a_replacement_cancelled_in_inventory_is_settled_again(self):
        line = self._start()
        self._settle(line)
        rma = line.return_id
        new = self._get_open(line, "new")
        new.picking_id.with_user(self.storekeeper).action_cancel()
        self._validate(self._get_open(line, "place"))
        self.assertEqual((line.state, rma.state), ("tested", "open"))
        self.assertIn("cancelled", rma.activity_ids.summary)
        line.action_settle()
        again = self._get_open(line, "new")
        self.assertEqual(again.product_uom_qty, 1.0)
        self._validate(again)
        self.assertEqual((line.state, rma.state), ("done", "done"))
        self.assertEqual(sum(line._get_moves("place").mapped("quantity")), 1.0)

    def test_the_rest_of_replacements_is_sent_later(self):
        line = self._start(quantity=3)
        self._settle(line)
        self._validate(self._get_open(line, "place"))
        picking = self._get_open(line, "new").picking_id
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=picking.ids
        ).button_validate()
        self.assertEqual((line.state, line.return_id.state), ("tested", "open"))
        line.action_settle()
        again = self._get_open(line, "new")
        self.assertEqual(again.product_uom_qty, 2.0)
        self._validate(again)
        self.assertEqual((line.state, line.return_id.state), ("done", "done"))

    def test_an_advance_cancelled_in_inventory(self):
        line = self._start(operation="advance")
        self._get_open(line, "new").picking_id.action_cancel()
        self.assertEqual(line.state, "expected")
        self.assertFalse(line.date_given or line.date_deadline)
        self._settle(line)
        self.assertEqual(self._get_open(line, "new").product_uom_qty, 1.0)

    def test_goods_to_send_back_cancelled_in_inventory(self):
        line = self._start(operation="as_is")
        self._settle(line)
        self._get_open(line, "out").picking_id.action_cancel()
        self.assertEqual((line.state, line.return_id.state), ("tested", "open"))
        self.assertTrue(line.return_id.activity_ids)
        line.action_settle()
        self._validate(self._get_open(line, "out"))
        self.assertEqual((line.state, line.return_id.state), ("done", "done"))

    def test_goods_to_put_away_cancelled_in_inventory(self):
        line = self._start(operation="refund")
        self._settle(line)
        note = line.refund_line_ids
        self._get_open(line, "place").picking_id.action_cancel()
        self.assertEqual(line.state, "tested")
        line.action_settle()
        self._validate(self._get_open(line, "place"))
        self.assertEqual((line.state, line.refund_line_ids), ("done", note))

    def test_the_rest_of_goods_to_put_away_is_not_left_behind(self):
        line = self._start(quantity=2, operation="refund")
        self._settle(line)
        picking = self._get_open(line, "place").picking_id
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        with self.assertRaisesRegex(UserError, "follow"):
            self._get_open(line, "place").picking_id.action_cancel()

    # What changes hands on paper

    def test_our_serial_becomes_the_customers_again(self):
        lots = self._create_lots(["C1", "C2"])
        self._buy(self.part_serial, 2, lots=lots)
        one, two = self._come_back(self.part_serial, 2, operation="refund", lots=lots)
        one.action_change_operation(self._get_operation("as_is"), reason="Not ours")
        two.action_change_operation(self._get_operation("repair"), reason="Can be")
        for line in one | two:
            self.assertTrue(line._is_customers())
            self.assertEqual(
                line.lot_id.quant_ids.filtered(
                    lambda quant: quant.quantity > 0
                ).owner_id,
                self.customer,
            )
