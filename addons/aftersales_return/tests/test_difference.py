from odoo import Command
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
        self.assertTrue(case.activity_ids)
        with self.assertRaisesRegex(UserError, self.customer.name):
            case.action_decide("back")
        case.action_contact()
        with self.assertRaisesRegex(UserError, "what was agreed"):
            case.action_decide("back")
        case.action_contact(note="Sent the wrong one")
        case.action_decide("back")
        self.assertFalse(case.activity_ids)
        line.action_test()
        line.action_settle()
        self._receive(rma)
        self.assertEqual(rma.state, "done")
        self.assertEqual(line._get_place().usage, "customer")

    def test_unannounced_goods_are_somebodys(self):
        """Who served the customer last is called upon; nobody known: who took it in."""
        self._stock(self.part_avco, 5)
        before = self._create_return((self._sell(self.part_avco, 1), 1))
        for user, expected in (
            (self.advisor, self.advisor),
            (False, self.storekeeper),
        ):
            before.user_id = user
            if not user:
                teams = self.env["aftersales.order"]._get_company_teams(self.company)
                teams.active = False
                self.env["aftersales.return"].search(
                    [("partner_id", "=", self.customer.id)]
                ).user_id = False
            with self.subTest(expected.name):
                rma = self._receive_unannounced(self.part_avco, 1)
                case = rma.line_ids.difference_ids
                self.assertEqual(case.kind, "product")
                self.assertEqual(case.activity_ids.user_id, expected)
                self.assertIn("what to do with it", case.activity_ids.summary)
                self.assertIn(self.customer.name, case.activity_ids.summary)

    def _receive_unannounced(self, product, quantity):
        picking_type = self.warehouse.aftersales_return_type_id
        places = {
            "location_id": self.customer.property_stock_customer.id,
            "location_dest_id": picking_type.default_location_dest_id.id,
        }
        move = {"product_id": product.id, "product_uom_qty": quantity, **places}
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "move_ids": [Command.create({**move, "quantity": quantity})],
                **places,
            }
        )
        picking.action_confirm()
        picking.move_ids.picked = True
        picking.with_user(self.storekeeper).button_validate()
        return picking.aftersales_return_id

    def _sell_batches(self, *names):
        """Return the batches, of which five each were sold."""
        product = self.env["product.product"].create(
            {
                "name": "Oil",
                "is_storable": True,
                "tracking": "lot",
                "standard_price": 10.0,
                "categ_id": self.part_avco.categ_id.id,
            }
        )
        lots = self.env["stock.lot"].create(
            [
                {"name": name, "product_id": product.id, "company_id": self.company.id}
                for name in names
            ]
        )
        for lot in lots:
            self._make_in_move(product, 5, 10.0, lot_ids=lot)
            order = self._sell(product, 5)
            self.assertEqual(order.move_ids.move_line_ids.lot_id, lot)
        return lots

    def test_another_batch(self):
        one, two = self._sell_batches("B1", "B2")
        rma = self._create_return(
            {"product_id": one.product_id.id, "lot_id": one.id, "quantity": 3}
        )
        line = rma.line_ids
        rma.action_accept()
        rma.picking_ids.move_line_ids.lot_id = two
        self._receive(rma)
        case = line.difference_ids
        self.assertEqual(case.kind, "serial")
        self.assertIn("B1", case.expected)
        self.assertIn("B2", case.found)
        self.assertEqual(line.move_ids.value, 0.0, "the customer's")
        with self.assertRaisesRegex(UserError, "announced"):
            line.action_test()
        case.action_contact(note="Took the wrong can")
        case.action_decide("accept")
        self.assertEqual(line.lot_id, two)
        self.assertIn(two, line.move_id.move_line_ids.lot_id)
        line.action_test(grade=self.grade_a)
        line.action_settle()
        self.assertEqual(line.amount_refunded, 66.0)

    def test_a_part_of_another_batch(self):
        """What is as announced goes on; the rest waits for a word."""
        one, two = self._sell_batches("B1", "B2")
        rma = self._create_return(
            {"product_id": one.product_id.id, "lot_id": one.id, "quantity": 3}
        )
        line = rma.line_ids
        rma.action_accept()
        item = rma.picking_ids.move_line_ids
        item.quantity = 1
        item.copy({"lot_id": two.id, "quantity": 2, "picked": True})
        item.picked = True
        rma.picking_ids.button_validate()
        other = rma.line_ids - line
        self.assertEqual((line.quantity, line.state), (1.0, "received"))
        self.assertFalse(line.difference_ids)
        self.assertEqual((other.quantity, other.state), (2.0, "received"))
        self.assertEqual(other.difference_ids.kind, "serial")
        self.assertEqual(other.difference_ids.lot_id, two)
        self.assertEqual(sum(rma.picking_ids.move_ids.mapped("quantity")), 3.0)
        self.assertEqual(line.move_ids.move_line_ids.lot_id, one)
        self.assertEqual(other.move_ids.move_line_ids.lot_id, two)

    def test_another_batch_of_an_exchange_in_advance(self):
        """The new ones for all were sent: none is sent once more."""
        one, two = self._sell_batches("B1", "B2")
        self._make_in_move(one.product_id, 5, 10.0, lot_ids=one)
        rma = self._create_return(
            {"product_id": one.product_id.id, "lot_id": one.id, "quantity": 3},
            operation="advance",
        )
        rma.action_accept()
        receipt = rma.line_ids._get_moves("in").picking_id
        item = receipt.move_line_ids
        item.quantity = 2
        item.copy({"lot_id": two.id, "quantity": 1, "picked": True})
        item.picked = True
        receipt.button_validate()
        other = rma.line_ids.filtered("difference_ids")
        self.assertEqual(other.quantity, 1.0)
        self.assertEqual(other.date_given, (rma.line_ids - other).date_given)
        other.difference_ids.action_contact(note="Took the wrong can")
        other.difference_ids.action_decide("accept")
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        sent = rma.line_ids._get_moves("new")
        self.assertEqual(sum(sent.mapped("product_uom_qty")), 3.0)

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
