from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestDifference(ReturnCommon):
    def test_another_serial(self):
        lots = self._stock_serial(["S1", "S2"])
        sale_line = self._sell(self.part_serial, 1, lots=lots[0])
        rma = self._create_return({"product_id": self.part_serial.id, "serial": "S1"})
        line = rma.line_ids
        self.assertEqual(line.lot_id, lots[0])
        self.assertEqual(line.sale_line_id, sale_line)
        rma.action_accept()
        self.assertEqual(rma.picking_ids.move_line_ids.lot_id, lots[0])
        other = self.env["stock.lot"].create(
            {
                "name": "S9",
                "product_id": self.part_serial.id,
                "company_id": self.company.id,
            }
        )
        rma.picking_ids.move_line_ids.lot_id = other
        self._receive(rma)
        self.assertEqual(line.difference_ids.kind, "serial")
        self.assertEqual(line.move_ids.value, 0.0)
        self.assertEqual(sale_line.qty_delivered, 1.0)
        with self.assertRaisesRegex(UserError, "announced"):
            line.action_test()
        case = line.difference_ids
        with self.assertRaisesRegex(UserError, "ask the customer"):
            case.action_decide("back")
        case.action_contact(note="Sent the wrong one")
        case.action_decide("back")
        line.action_test()
        line.action_settle()
        self._receive(rma)
        self.assertEqual(rma.state, "done")
        self.assertEqual(line._get_place().usage, "customer")

    def test_parts_that_follow_are_lines_of_their_own(self):
        self._stock(self.part_avco, 20, 10.0)
        sale_line = self._sell(self.part_avco, 10)
        rma = self._create_return((sale_line, 4))
        rma.action_accept()
        rma.picking_ids.move_ids.write({"quantity": 1, "picked": True})
        rma.picking_ids.with_context(skip_backorder=True).button_validate()
        self.assertEqual(
            [(line.state, line.quantity) for line in rma.line_ids.sorted("quantity")],
            [("received", 1.0), ("expected", 3.0)],
        )
        self.assertEqual(rma.progress, "test")
        self._receive(rma)
        self.assertEqual(set(rma.line_ids.mapped("state")), {"received"})
        self.assertFalse(rma.line_ids.difference_ids)
        self.assertEqual(sale_line.qty_delivered, 6.0)
