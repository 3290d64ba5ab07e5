from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestDifferenceDecided(ReturnCommon):
    """What came is what counts, once somebody has decided about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_invoice_posting = "post"

    def _decide(self, lines, decision):
        cases = lines.difference_ids.filtered(lambda case: case.state == "open")
        cases.action_contact(note="As agreed")
        cases.action_decide(decision)

    def _receive_unannounced(self, product, quantity=1, lot_name=None):
        picking_type = self.warehouse.aftersales_return_type_id
        places = {
            "location_id": self.customer.property_stock_customer.id,
            "location_dest_id": picking_type.default_location_dest_id.id,
        }
        item = {"product_id": product.id, "quantity": quantity, "lot_name": lot_name}
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "picked": True,
                            "move_line_ids": [
                                Command.create({**item, **places, "picked": True})
                            ],
                            **places,
                        }
                    )
                ],
                **places,
            }
        )
        picking.action_confirm()
        picking.with_user(self.storekeeper).button_validate()
        self.assertEqual(picking.state, "done")
        return picking.aftersales_return_id.line_ids

    def _receive_serial(self, typed, operation):
        """Announce S1 and return its line: another serial was typed on arrival."""
        lots = self._stock_serial(["S1", "S2"])
        self._sell(self.part_serial, 2, lots=lots)
        asset = self.env["aftersales.asset"].create(
            {
                "lot_id": lots[0].id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        rma = self._create_return(
            {"product_id": self.part_serial.id, "serial": "S1", "asset_id": asset.id},
            operation=operation,
        )
        rma.action_accept()
        receipt = rma.picking_ids
        receipt.move_line_ids.write({"lot_id": False, "lot_name": typed})
        receipt.move_ids.picked = True
        receipt.button_validate()
        return rma.line_ids, asset

    def test_a_foreign_serial_is_not_refunded_as_the_one_announced(self):
        line, asset = self._receive_serial("FOREIGN", "refund")
        self.assertEqual(line.difference_ids.lot_id.name, "FOREIGN")
        self._decide(line, "accept")
        self.assertEqual((line.serial, line.lot_id.name), ("FOREIGN", "FOREIGN"))
        self.assertFalse(line.move_id | line.sale_line_id.move_ids)
        self.assertFalse(line.asset_id)
        line.action_test(grade=self.grade_a)
        with self.assertRaisesRegex(UserError, "FOREIGN was not sold"):
            line.action_settle()
        self.assertFalse(line.refund_line_ids)
        self.assertEqual(asset.partner_id, self.customer)
        # It may go back, and the one that was announced may still come.
        line.operation_id = self._get_operation("as_is")
        line.action_settle()
        self._put_away(line.return_id)
        self.assertEqual(line.state, "done")
        again = self._create_return({"product_id": self.part_serial.id, "serial": "S1"})
        self.assertTrue(again.line_ids.move_id)

    def test_another_one_that_was_sold_too(self):
        line, _asset = self._receive_serial("S2", "refund")
        self._decide(line, "accept")
        self.assertEqual(line.serial, "S2")
        self.assertIn(line.lot_id, line.move_id.move_line_ids.lot_id)
        line.action_test(grade=self.grade_a)
        line.action_settle()
        self.assertEqual(line.amount_refunded, 22.0)

    def test_less_than_announced_is_not_settled_by_itself(self):
        """Refunded at the arrival: not before it is clear what follows."""
        operation = self.env["aftersales.return.operation"].create(
            {
                "name": "At the door",
                "remedy": "refund",
                "goods": "restock",
                "when": "received",
            }
        )
        self._stock(self.part_avco, 5)
        sale_line = self._sell(self.part_avco, 3)
        rma = self._create_return(
            {
                **self._prepare_line((sale_line, 3), "refund"),
                "operation_id": operation.id,
            }
        )
        rma.action_accept()
        receipt = rma.picking_ids
        receipt.move_ids.write({"quantity": 1, "picked": True})
        receipt.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=receipt.ids
        ).button_validate()
        line = rma.line_ids
        self.assertEqual((line.state, rma.state), ("received", "open"))
        self.assertFalse(line.refund_line_ids)
        self._decide(line, "wait")
        self.assertEqual(line.state, "settled")
        self.assertEqual(line.amount_refunded, 22.0)
        rest = rma.line_ids - line
        self.assertEqual(
            (rest.state, rest.quantity, rma.state), ("expected", 2, "open")
        )
        (rest._get_moves("in")).picked = True
        rest._get_moves("in").picking_id.button_validate()
        self.assertEqual((rest.state, rest.amount_refunded), ("settled", 44.0))
        self._put_away(rma)
        self.assertEqual(rma.state, "done")

    def test_a_foreign_serial_is_not_settled_by_itself(self):
        operation = self._get_operation("refund").copy(
            {"name": "At the door", "code": False, "when": "received"}
        )
        lots = self._stock_serial(["S1"])
        sale_line = self._sell(self.part_serial, 1, lots=lots)
        rma = self._create_return(
            {
                **self._prepare_line((sale_line, 1), "refund"),
                "serial": "S1",
                "operation_id": operation.id,
            }
        )
        rma.action_accept()
        rma.picking_ids.move_line_ids.write({"lot_id": False, "lot_name": "FOREIGN"})
        self._receive(rma)
        line = rma.line_ids
        self.assertEqual(line.state, "received")
        self._decide(line, "accept")
        self.assertEqual((line.state, line.serial), ("received", "FOREIGN"))
        self.assertFalse(line.date_given)

    def test_the_rest_follows_on_a_closed_return(self):
        self._stock(self.part_avco, 5)
        rma = self._create_return((self._sell(self.part_avco, 3), 3))
        rma.action_accept()
        receipt = rma.picking_ids
        receipt.move_ids.write({"quantity": 1, "picked": True})
        receipt.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=receipt.ids
        ).button_validate()
        line = rma.line_ids
        line._set_state("settled")
        line._set_state("done")
        rma._close_finished()
        self.assertEqual(rma.state, "done")
        self._decide(line, "wait")
        self.assertEqual(rma.state, "open")

    def test_what_nobody_announced_needs_an_operation(self):
        self._stock(self.part_avco, 5)
        self._sell(self.part_avco, 2)
        line = self._receive_unannounced(self.part_avco)
        self._decide(line, "accept")
        line.action_test(grade=self.grade_a)
        for step in (line._get_forecast, line.action_settle):
            with self.assertRaisesRegex(UserError, "the operation"):
                step()
        line.operation_id = self._get_operation("refund")
        line.action_settle()
        self.assertEqual(line.amount_refunded, 22.0)

    def test_what_was_never_sold_is_not_refunded(self):
        self._stock(self.part_fifo, 5)
        line = self._receive_unannounced(self.part_fifo)
        self._decide(line, "accept")
        with self.assertRaisesRegex(UserError, "no sale"), self.env.cr.savepoint():
            line.operation_id = self._get_operation("refund")
        line.invalidate_recordset()
        line.operation_id = self._get_operation("as_is")
        line.action_test()
        line.action_settle()
        self._put_away(line.return_id)
        self.assertEqual(line.return_id.state, "done")

    def test_more_than_was_sold_can_be_received(self):
        """At the dock nobody sends a parcel away: it waits for a word."""
        self._stock(self.part_avco, 5)
        sale_line = self._sell(self.part_avco, 2)
        rma = self._create_return((sale_line, 2))
        rma.action_accept()
        self._receive(rma)
        line = self._receive_unannounced(self.part_avco)
        self.assertFalse(line.move_id)
        self.assertEqual(line.difference_ids.kind, "product")
        lots = self._stock_serial(["S1"])
        sold = self._sell(self.part_serial, 1, lots=lots)
        rma = self._create_return({**self._prepare_line((sold, 1), "refund")})
        rma.line_ids.lot_id = lots
        rma.action_accept()
        line = self._receive_unannounced(self.part_serial, lot_name="S2")
        self.assertEqual(line.difference_ids.lot_id.name, "S2")
