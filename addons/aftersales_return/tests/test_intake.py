from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestIntake(ReturnCommon):
    def _open(self, action):
        return self.env["aftersales.return"].search(action["domain"])

    def test_delivery(self):
        self._stock(self.part_avco, 20)
        sold = self._sell(self.part_avco, 5)
        self._create_return((sold, 2)).action_accept()
        picking = sold.move_ids.filtered(
            lambda move: move.location_dest_id.usage == "customer"
        ).picking_id
        self.advisor.group_ids += self.env.ref("stock.group_stock_user")
        action = picking.with_user(self.advisor).action_create_return()
        rma = self._open(action)
        self.assertEqual(action["res_id"], rma.id, "one opens as a form")
        self.assertEqual((rma.state, rma.channel), ("draft", "delivery"))
        self.assertEqual(rma.line_ids.move_id.picking_id, picking)
        self.assertEqual(rma.line_ids.quantity, 3, "what is left")
        with self.assertRaisesRegex(UserError, "nothing can come back"):
            picking.action_create_return()

    def test_back_to_the_warehouse_it_was_sent_from(self):
        other = self.env["stock.warehouse"].create(
            {"name": "North", "code": "NTH", "company_id": self.company.id}
        )
        first, self.warehouse = self.warehouse, other
        self.env["stock.quant"]._update_available_quantity(
            self.part_avco, other.lot_stock_id, 5
        )
        picking = self._sell(self.part_avco, 2).move_ids.picking_id
        self.warehouse = first
        rma = self._open(picking.action_create_return())
        self.assertEqual(rma.warehouse_id, other)
        # What is written down by hand is for the user's own.
        self.advisor.with_company(self.company).property_warehouse_id = other
        rma = (
            self.env["aftersales.return"]
            .with_user(self.advisor)
            .create({"partner_id": self.customer.id, "company_id": self.company.id})
        )
        self.assertEqual(rma.warehouse_id, other)

    # Peer 28: several documents in one call
    def test_deliveries_in_one_go(self):
        """Two customers, one of them twice: two returns."""
        self._stock(self.part_avco, 20)
        first, second = self._sell(self.part_avco, 2), self._sell(self.part_avco, 3)
        customer, self.customer = self.customer, self.fleet
        third = self._sell(self.part_avco, 4)
        self.customer = customer
        pickings = (first | second | third).move_ids.picking_id
        returns = self._open(pickings.action_create_return())
        self.assertEqual(len(returns), 2)
        by_partner = returns.grouped("partner_id")
        self.assertEqual(
            sorted(by_partner[customer].line_ids.mapped("quantity")), [2, 3]
        )
        self.assertEqual(by_partner[self.fleet].line_ids.quantity, 4)

    def test_serials(self):
        lots = self._stock_serial(["S-1", "S-2", "S-3"])
        sold = self._sell(self.part_serial, 3, lots=lots)
        self._create_return(
            {
                "product_id": self.part_serial.id,
                "lot_id": lots[1].id,
                "move_id": sold.move_ids.id,
            }
        ).action_accept()
        rma = self._open(sold.order_id.action_create_return())
        self.assertEqual(rma.line_ids.lot_id, lots[0] | lots[2])
        self.assertEqual(set(rma.line_ids.mapped("quantity")), {1})

    def test_sale_orders(self):
        self._stock(self.part_avco, 20)
        self._stock(self.part_fifo, 20)
        lines = self._sell(self.part_avco, 2) | self._sell(self.part_fifo, 3)
        rma = self._open(lines.order_id.action_create_return())
        self.assertEqual(len(rma), 1)
        self.assertEqual(rma.line_ids.sale_line_id, lines)
        rma.line_ids.operation_id = self._get_operation("refund")
        rma.action_accept()

    def test_invoice_takes_no_more_than_it_billed(self):
        self._stock(self.part_avco, 20)
        sold = self._sell(self.part_avco, 5, invoice=False)
        invoice = sold.order_id._create_invoices()
        invoice.invoice_line_ids.quantity = 2
        with self.assertRaisesRegex(UserError, "nothing can come back"):
            invoice.action_create_return()
        invoice.action_post()
        rma = self._open(invoice.action_create_return())
        self.assertEqual((rma.channel, rma.line_ids.quantity), ("invoice", 2))

    def test_credit_note_brings_nothing(self):
        self._stock(self.part_avco, 20)
        sold = self._sell(self.part_avco, 5)
        credit_note = sold.invoice_lines.move_id._reverse_moves()
        with self.assertRaisesRegex(UserError, "nothing can come back"):
            credit_note.action_create_return()

    def test_receipt_is_no_delivery(self):
        move = self._stock(self.part_avco, 20)
        with self.assertRaisesRegex(UserError, "nothing can come back"):
            (
                move.picking_id
                or self.env["stock.picking"].create(
                    {"picking_type_id": self.warehouse.in_type_id.id}
                )
            ).action_create_return()

    def test_work_order(self):
        lots = self._stock_serial(["S-1", "S-2"])
        sold = self._sell(self.part_serial, 1, lots=lots[:1])
        Asset = self.env["aftersales.asset"]
        assets = Asset.search([("lot_id", "=", lots[0].id)]) or Asset.create(
            {
                "lot_id": lots[0].id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        assets |= Asset.create(
            {
                "product_id": self.part_avco.id,
                "serial": "BARE",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        orders = self._create_order(asset_id=assets[0].id) | self._create_order(
            asset_id=assets[1].id
        )
        returns = self._open(orders.with_user(self.advisor).action_create_return())
        self.assertEqual(len(returns), 2)
        mine = returns.filtered(lambda rma: rma.source_order_id == orders[0])
        self.assertEqual(mine.channel, "order")
        self.assertEqual(mine.line_ids.lot_id, lots[0])
        self.assertEqual(mine.line_ids.move_id, sold.move_ids, "found by itself")
        self.assertEqual(mine.line_ids.asset_id, assets[0])
        again = self._open(orders.action_create_return())
        self.assertEqual(again, returns, "asked for again, it is the same one")

    def test_work_order_without_a_product(self):
        order = self._create_order()
        with self.assertRaisesRegex(UserError, f"{order.name}: choose the product"):
            order.action_create_return()

    def test_rights(self):
        self._stock(self.part_avco, 20)
        picking = self._sell(self.part_avco, 5).move_ids.picking_id
        for user in (self.storekeeper, self.accountant, self.technician):
            with self.subTest(user.login), self.assertRaises(AccessError):
                picking.with_user(user).action_create_return()
