from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .test_bad_input import BadInputCommon


@tagged("post_install", "-at_install")
class TestBadGoods(BadInputCommon):
    """Kits, parts of a work order, dropships, and what nobody announced."""

    def test_kit(self):
        self._stock(self.part_avco, 5)
        sale_line = self._sell(self.part_avco, 1)
        rma = self._create_return((sale_line, 1))
        Line = self.registry["aftersales.return.line"]
        with patch.object(Line, "_is_kit", lambda line: True):
            self._assert_refused(
                rma.action_accept, rma.line_ids.display_name, "is a kit", "the parts"
            )

    def test_kit_of_manufacturing(self):
        if "mrp.bom" not in self.env:
            self.skipTest("kits come with Manufacturing, which is not installed")
        kit = self.env["product.product"].create({"name": "Kit", "is_storable": True})
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [Command.create({"product_id": self.part_avco.id})],
            }
        )
        rma = self._create_return({"product_id": kit.id})
        self._assert_refused(rma.action_accept, "is a kit")

    def test_part_of_a_kit(self):
        """It has no price: nobody refunds the whole kit for one screw."""
        self._stock(self.part_avco, 5)
        sale_line = self._sell(self.part_avco, 1)
        kit = self.env["product.product"].create({"name": "Brake kit"})
        self.env.cr.execute(
            "UPDATE sale_order_line SET product_id = %s WHERE id = %s",
            [kit.id, sale_line.id],
        )
        self.env.invalidate_all()
        values = {
            "product_id": self.part_avco.id,
            "move_id": sale_line.move_ids.id,
        }
        for operation in ("refund", "refund_keep", "other"):
            rma = self._create_return(values, operation=operation)
            self._assert_refused(
                rma.action_accept,
                "sold as part of Brake kit",
                f"the invoice of {sale_line.order_id.name}",
            )
            rma.action_cancel(reason="Test")
        rma = self._create_return(values, operation="restock")
        rma.action_accept()
        self._receive(rma)
        self.assertEqual(rma.line_ids.state, "received")

    def test_part_of_a_work_order(self):
        self._stock(self.part_avco, 5)
        order = self._finish_order(
            self._approve(self._create_order([(self.part_avco, 2)]))
        )
        move = order.line_ids.move_ids
        self._assert_refused(
            lambda: self._create_return(
                {"product_id": self.part_avco.id, "move_id": move.id}
            ),
            f"fitted on work order {order.name}",
            "under its guarantee",
        )
        rma = self._create_return({"product_id": self.part_avco.id})
        self.assertFalse(rma.line_ids.move_id, "it is not taken for a delivery")
        self._assert_refused(
            rma.action_accept, rma.name, f"fitted on work order {order.name}"
        )

    def _dropship(self, product, quantity):
        """Sell goods that go from the supplier straight to the customer."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": quantity}
                    )
                ],
            }
        )
        order.action_confirm()
        supplier = self.env.ref("stock.stock_location_suppliers")
        order.picking_ids.location_id = supplier
        order.picking_ids.move_ids.location_id = supplier
        # The transfer is the supplier's; its moves know who gets the goods.
        order.picking_ids.partner_id = self.maker
        order.picking_ids.move_ids.partner_id = self.customer
        order.picking_ids.move_ids.quantity = quantity
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        self.assertTrue(order.picking_ids.move_ids.is_dropship)
        order._create_invoices().action_post()
        return order.order_line

    def test_dropship(self):
        """It was never in stock; from its return on it is, at today's cost."""
        for product in (self.part_standard, self.part_avco, self.part_fifo):
            with self.subTest(product.name):
                sale_line = self._dropship(product, 2)
                self.assertEqual(sale_line.qty_delivered, 2.0)
                self._check_books(product)
                rma = self._take_back((sale_line, 1))
                self.assertEqual(rma.state, "done")
                self.assertEqual(sale_line.qty_delivered, 1.0)
                self.assertEqual(self._get_value(product), 10.0)
                self._check_books(product)

    # Peer 2 and C04
    def test_goods_nobody_announced(self):
        self._stock(self.part_avco, 5)
        self._sell(self.part_avco, 2)
        picking_type = self.warehouse.aftersales_return_type_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "location_id": self.customer.property_stock_customer.id,
                "location_dest_id": picking_type.default_location_dest_id.id,
                "company_id": self.company.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.part_avco.id,
                            "product_uom_qty": 1,
                            "quantity": 1,
                            "picked": True,
                            "location_id": self.customer.property_stock_customer.id,
                            "location_dest_id": (
                                picking_type.default_location_dest_id.id
                            ),
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        self._assert_refused(
            picking.button_validate, picking.name, "Choose the customer"
        )
        picking.partner_id = self.customer
        value = self._get_value(self.part_avco)
        picking.with_user(self.storekeeper).button_validate()
        rma = picking.aftersales_return_id
        self.assertEqual(rma.channel, "arrival")
        line = rma.line_ids
        self.assertEqual(line.difference_ids.kind, "product")
        self.assertEqual(self._get_value(self.part_avco), value, "the customer's")
        line.operation_id = self._get_operation("refund")
        self._assert_refused(line.action_test, line.display_name, "the customer")
        line.difference_ids.action_contact(note="He wants his money back")
        line.difference_ids.action_decide("accept")
        self.assertTrue(line.move_id, "its delivery is found now")
        line.action_test(grade=self.grade_a)
        line.action_settle()
        self.assertEqual(line.amount_refunded, 22.0)

    def test_operation_that_contradicts_itself(self):
        with self.assertRaisesRegex(ValidationError, "can't go"):
            self._get_operation("repair").goods = "restock"
