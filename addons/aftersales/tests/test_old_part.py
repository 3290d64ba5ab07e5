from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestOldPart(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.part_avco.aftersales_exchange = True
        cls.part_serial.aftersales_exchange = True
        cls.shelf = cls.company.aftersales_old_parts_location_id

    def _complete(self, lines=None, **values):
        order = self._create_order(lines or [(self.part_avco, 2)], **values)
        self._approve(order)
        self._finish_order(order)
        return order

    def _get_quants(self, product, location=None):
        return self.env["stock.quant"].search(
            [
                ("product_id", "=", product.id),
                ("location_id", "=", (location or self.shelf).id),
                ("quantity", "!=", 0),
            ]
        )

    def test_one_record_per_piece(self):
        self._stock(self.part_avco, 5)
        self._stock(self.part_fifo, 5)
        order = self._complete([(self.part_avco, 3), (self.part_fifo, 2)])
        parts = order.old_part_ids
        self.assertEqual(parts.product_id, self.part_avco)
        self.assertEqual(parts.mapped("quantity"), [1, 1, 1])
        self.assertEqual(len(set(parts.mapped("name"))), 3)
        self.assertEqual(set(parts.mapped("state")), {"expected"})
        self.assertEqual(order.old_part_count, 3)
        self.assertEqual(parts.asset_id, self.asset)
        self.assertEqual(parts.partner_id, self.customer)

    def test_one_record_for_what_is_measured(self):
        self.part_avco.uom_id = self.env.ref("uom.product_uom_litre")
        self.env["stock.quant"].with_context(inventory_mode=True).create(
            {
                "product_id": self.part_avco.id,
                "location_id": self.stock_location.id,
                "inventory_quantity": 5,
            }
        ).action_apply_inventory()
        order = self._complete([(self.part_avco, 4.5)])
        self.assertEqual(order.old_part_ids.quantity, 4.5)

    def test_rework_makes_no_second_record(self):
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order([(self.part_avco, 2)]))
        order.action_start()
        order.action_complete()
        self.assertEqual(len(order.old_part_ids), 2)
        order.action_rework(reason="Noise")
        order.action_complete()
        self.assertEqual(len(order.old_part_ids), 2)

    def test_order_with_a_gap_is_not_closed(self):
        self._stock(self.part_avco, 5)
        order = self._complete()
        with self.assertRaisesRegex(UserError, order.old_part_ids[0].name):
            order.action_deliver()
        self.assertEqual(order.state, "ready")
        first, second = order.old_part_ids
        first.action_give_up(signer="Wang Fang")
        with self.assertRaisesRegex(UserError, second.name):
            order.action_deliver()
        with self.assertRaises(UserError):
            second.action_none()
        second.action_none(reason="There was none")
        order.action_deliver()
        self.assertEqual(order.state, "done")
        self.assertEqual(first.signed_by, "Wang Fang")
        self.assertEqual(second.reason, "There was none")

    def test_kept_parts_are_handed_over_at_delivery(self):
        self._stock(self.part_avco, 5)
        order = self._complete(old_parts_choice="keep")
        first, second = order.old_part_ids
        self.assertEqual(first.choice, "keep")
        first.action_store()
        self.assertEqual(sum(self._get_quants(self.part_avco).mapped("quantity")), 1)
        order.action_deliver()
        self.assertEqual((first.state, second.state), ("returned", "returned"))
        self.assertFalse(self._get_quants(self.part_avco))

    def test_giving_up_needs_a_name(self):
        self._stock(self.part_avco, 5)
        order = self._complete(old_parts_choice="give_up")
        parts = order.old_part_ids
        with self.assertRaisesRegex(UserError, parts[0].name):
            order.action_deliver()
        with self.assertRaisesRegex(UserError, parts[0].name):
            parts.action_give_up()
        parts.action_give_up(signer="Wang Fang")
        order.action_deliver()
        self.assertEqual(set(parts.mapped("state")), {"given_up"})

    def test_stored_parts_have_an_owner_and_no_value(self):
        """Peers 9: the customer's old part adds nothing to our own stock."""
        self._stock(self.part_avco, 5)
        order = self._complete()
        value = self._get_value(self.part_avco)
        product = self.part_avco.with_company(self.company)
        on_hand, free = product.qty_available, product.free_qty
        entries = self.env["account.move"].search_count([])
        order.old_part_ids.action_store()
        quants = self._get_quants(self.part_avco)
        self.assertEqual(quants.owner_id, self.customer)
        self.assertEqual(sum(quants.mapped("quantity")), 2)
        self.assertEqual(sum(order.old_part_ids.move_ids.mapped("value")), 0)
        self.env.invalidate_all()
        self.assertEqual(self._get_value(self.part_avco), value)
        self.assertEqual((product.qty_available, product.free_qty), (on_hand, free))
        warehouse = product.with_context(warehouse_id=self.warehouse.id)
        self.assertEqual((warehouse.qty_available, warehouse.free_qty), (on_hand, free))
        self.assertEqual(product.standard_price, 10.0)
        self.assertEqual(self.env["account.move"].search_count([]), entries)
        # Nor is it reserved for anybody.
        other = self._approve(self._create_order([(self.part_avco, 5)]))
        self.assertEqual(other.picking_ids.move_ids.quantity, 3)

    def test_old_part_of_our_own_asset_has_no_value(self):
        self._stock(self.part_avco, 5)
        self.asset.partner_id = self.company.partner_id
        order = self._create_order(
            {"lines": [(self.part_avco, 2)], "payer_id": self.payer_internal.id},
            partner_id=self.company.partner_id.id,
        )
        self._approve(order)
        self._finish_order(order)
        value = self._get_value(self.part_avco)
        order.old_part_ids.action_store()
        self.assertEqual(set(order.old_part_ids.mapped("state")), {"stored"})
        self.env.invalidate_all()
        self.assertEqual(self._get_value(self.part_avco), value)
        order.old_part_ids.action_return()
        order.action_deliver()

    def test_serial_of_the_old_part(self):
        self._stock_serial(["NEW1"])
        order = self._complete([(self.part_serial, 1)])
        part = order.old_part_ids
        value = self._get_value(self.part_serial)
        with self.assertRaisesRegex(UserError, part.name):
            part.action_store()
        part.serial = "OLD1"
        part.action_store()
        lot = self._get_quants(self.part_serial).lot_id
        self.assertEqual(lot.name, "OLD1")
        self.assertEqual(self._get_value(self.part_serial), value)
        part.action_return()
        self.assertFalse(self._get_quants(self.part_serial))

    def test_what_is_stored_stays_what_it_is(self):
        self._stock(self.part_avco, 1)
        part = self._complete([(self.part_avco, 1)]).old_part_ids
        part.action_store()
        for values in ({"quantity": 7}, {"product_id": self.part_fifo.id}):
            with self.assertRaisesRegex(UserError, part.name):
                part.write(values)
        part.action_return()
        self.assertFalse(self._get_quants(self.part_avco))

    def test_same_serial_in_another_company(self):
        other = self.env["res.company"].create({"name": "Other Workshop"})
        self.env["stock.lot"].create(
            {
                "name": "OLD1",
                "product_id": self.part_serial.id,
                "company_id": other.id,
            }
        )
        self._stock_serial(["NEW1"])
        part = self._complete([(self.part_serial, 1)]).old_part_ids
        part.serial = "OLD1"
        part.action_store()
        lot = self._get_quants(self.part_serial).lot_id
        self.assertEqual(lot.company_id, self.company)

    def test_serials_are_kept_apart_by_piece(self):
        self._stock_serial(["NEW1", "NEW2"])
        order = self._complete([(self.part_serial, 2)])
        for part, serial in zip(order.old_part_ids, ("OLD1", "OLD2"), strict=True):
            part.serial = serial
        order.old_part_ids.action_store()
        self.assertEqual(len(self._get_quants(self.part_serial).lot_id), 2)

    def test_parts_for_the_maker(self):
        self._stock(self.part_avco, 5)
        order = self._complete()
        parts = order.old_part_ids
        parts.choice = "maker"
        with self.assertRaises(UserError):
            order.action_deliver()
        parts.action_store()
        # They wait here for the maker, who asks for them weeks later.
        order.action_deliver()
        parts.action_send_to_maker()
        self.assertEqual(set(parts.mapped("state")), {"maker"})
        self.assertFalse(self._get_quants(self.part_avco))
        self.assertEqual(self._get_value(self.part_avco), 30.0)

    def test_scrap_what_was_given_up(self):
        self._stock(self.part_avco, 5)
        order = self._complete()
        parts = order.old_part_ids
        parts.action_store()
        with self.assertRaises(UserError):
            parts.action_scrap(reason="Worn")
        parts.action_give_up(signer="Wang Fang")
        parts.action_scrap(reason="Worn")
        self.assertFalse(self._get_quants(self.part_avco))
        self.assertEqual(self._get_value(self.part_avco), 30.0)
        self.assertEqual(parts.mapped("reason"), ["Worn", "Worn"])

    def test_twice_is_once(self):
        self._stock(self.part_avco, 5)
        order = self._complete()
        parts = order.old_part_ids
        parts.action_store()
        parts.action_store()
        self.assertEqual(sum(self._get_quants(self.part_avco).mapped("quantity")), 2)
        parts.action_return()
        parts.action_return()
        self.assertFalse(self._get_quants(self.part_avco))
        self.assertEqual(len(parts.move_ids), 4)

    def test_cancel_puts_back(self):
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order([(self.part_avco, 2)]))
        order.action_start()
        order.action_complete()
        first, second = order.old_part_ids
        first.action_store()
        order.action_cancel(reason="Wrong part")
        self.assertEqual((first.state, second.state), ("returned", "none"))
        self.assertFalse(self._get_quants(self.part_avco))
        self.assertEqual(self._get_value(self.part_avco), 50.0)
        self.assertFalse(
            self._get_quants(self.part_avco, self.customer_location)
            .filtered("owner_id")
            .filtered(lambda quant: quant.quantity < 0)
        )

    def test_shelf_lies_outside_the_warehouses(self):
        self.assertFalse(self.shelf.warehouse_id)
        self.assertEqual(self.shelf.usage, "internal")
        self.assertEqual(self.shelf.company_id, self.company)

    def test_technician_stores_without_stock_rights(self):
        self._stock(self.part_avco, 5)
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "technician_id": self.employee.id}
        )
        self._approve(order)
        self._finish_order(order)
        self.env.invalidate_all()
        order.old_part_ids.with_user(self.technician).action_store()
        self.assertEqual(order.old_part_ids.state, "stored")

    def test_two_orders_at_once(self):
        self._stock(self.part_avco, 5)
        orders = self._create_order([(self.part_avco, 1)]) + self._create_order(
            [(self.part_avco, 1)]
        )
        self._finish_order(self._approve(orders))
        orders.old_part_ids.action_store()
        orders.old_part_ids.action_return()
        orders.action_deliver()
        self.assertEqual(orders.mapped("state"), ["done", "done"])

    def test_customers_parts_have_no_value(self):
        """First in, first out, they don't count as ours, nor does the next one out.

        What others own and never came off a work order is valued as Odoo does it.
        """
        part = self.part_fifo
        part.aftersales_exchange = True
        self._stock(part, 5, 8.0)
        self._complete([(part, 5)], old_parts_choice="keep")
        other = part.copy()
        for product in (part, other):
            self._stock(product, 5, 8.0)
            self._make_out_move(product, 5)
            self._stock(product, 2, 30.0)
        self.assertEqual(self._get_value(part), 60.0)
        self.env["aftersales.old.part"].search([]).filtered(
            lambda old: old.product_id == part
        ).action_store()
        self.env.invalidate_all()
        self.assertEqual(sum(self._get_quants(part).mapped("quantity")), 5)
        self.assertEqual(self._get_value(part), 60.0)
        self.assertEqual(self._make_out_move(part, 1).value, 30.0)
        # A consignment of Odoo's own.
        self._make_in_move(other, 3, 30.0, owner_id=self.customer.id)
        self.env.invalidate_all()
        self.assertFalse(other.aftersales_is_held)
        self.assertEqual(self._get_value(other), 84.0)
