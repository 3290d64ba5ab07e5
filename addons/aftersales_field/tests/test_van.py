from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged, users

from .van_common import VanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestVan(VanCommon):
    def test_van_is_on_hand_and_not_for_deliveries(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 4)
        product = self.part_avco.with_context(warehouse_id=self.warehouse.id)
        self.assertEqual(product.qty_available, 5)
        delivery = self.env["stock.move"].create(
            {
                "product_id": self.part_avco.id,
                "product_uom_qty": 5,
                "location_id": self.store.id,
                "location_dest_id": self.ref("stock.stock_location_customers"),
                "picking_type_id": self.warehouse.out_type_id.id,
                "company_id": self.company.id,
            }
        )
        delivery._action_confirm()
        delivery._action_assign()
        self.assertEqual(delivery.quantity, 1, "nothing is taken from the van")

    def test_new_warehouse_has_vans(self):
        warehouse = self.env["stock.warehouse"].create(
            {"name": "North", "code": "NTH", "company_id": self.company.id}
        )
        self.assertTrue(warehouse.aftersales_vans_loc_id)
        self.assertTrue(warehouse.aftersales_van_type_id.aftersales_is_van)
        rule = warehouse.aftersales_van_route_id.rule_ids
        self.assertEqual(rule.location_src_id, warehouse.lot_stock_id)
        self.assertEqual(rule.location_dest_id, warehouse.aftersales_vans_loc_id)
        self.assertIn(warehouse.aftersales_van_route_id, warehouse.route_ids)

    def test_van_elsewhere_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "below “Vans”"):
            self.van_anna.location_id = self.store
        with self.assertRaisesRegex(UserError, "is no van"):
            self.employee_anna.aftersales_van_id = self.store

    def test_van_from_the_screen(self):
        Location = self.env["stock.location"].with_context(
            default_aftersales_is_van=True
        )
        form = Form(
            Location.with_company(self.company),
            view="aftersales_field.van_view_form",
        )
        form.name = "Van 12"
        van = form.save()
        self.assertEqual(van.location_id, self.warehouse.aftersales_vans_loc_id)
        self.assertEqual(van.usage, "internal")
        self.assertEqual(van.cyclic_inventory_frequency, 30)

    def _create_minimum(self, van, product, least=2, most=4):
        return self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": product.id,
                "location_id": van.id,
                "warehouse_id": self.warehouse.id,
                "product_min_qty": least,
                "product_max_qty": most,
                "company_id": self.company.id,
            }
        )

    def _get_top_up(self, van):
        return self.env["stock.picking"].search(
            [
                ("location_dest_id", "=", van.id),
                ("picking_type_id", "=", self.warehouse.aftersales_van_type_id.id),
                ("state", "not in", ("done", "cancel")),
            ]
        )

    def test_top_up_is_one_transfer_for_each_van(self):
        self._stock(self.part_avco, 20)
        self._stock(self.part_fifo, 20)
        for van in (self.van_anna, self.van_ben):
            for product in (self.part_avco, self.part_fifo):
                self._create_minimum(van, product)
        with self.assertRaisesRegex(UserError, "no minimum levels"):
            self.bag_carl.action_top_up()
        (self.van_anna | self.van_ben).with_user(self.storekeeper).action_top_up()
        for van in (self.van_anna, self.van_ben):
            picking = self._get_top_up(van)
            self.assertEqual(len(picking), 1)
            self.assertEqual(picking.state, "assigned")
            self.assertEqual(picking.move_ids.mapped("product_uom_qty"), [4, 4])
            self.assertEqual(van.aftersales_load_count, 1)
        (self.van_anna | self.van_ben).action_top_up()
        self.assertEqual(
            sum(self._get_top_up(self.van_anna).move_ids.mapped("product_uom_qty")),
            8,
            "asked for once",
        )

    def test_scheduler_tops_up(self):
        self._stock(self.part_avco, 20)
        self._create_minimum(self.van_anna, self.part_avco)
        self.env["stock.rule"].run_scheduler(company_id=self.company.id)
        self.assertEqual(self._get_top_up(self.van_anna).move_ids.product_uom_qty, 4)

    def test_loading_more_than_there_is_is_refused(self):
        self._stock(self.part_avco, 2)
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.aftersales_van_type_id.id,
                "location_id": self.store.id,
                "location_dest_id": self.van_anna.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.part_avco.id,
                            "product_uom_qty": 3,
                            "location_id": self.store.id,
                            "location_dest_id": self.van_anna.id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.quantity = 3
        picking.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "where 2 are on hand"):
            picking.button_validate()

    # The phone

    def _get_products(self, user):
        app = self.env["aftersales.field.app"].with_user(user)
        return {row["id"]: row for row in app._prepare_products()}

    def test_contents_for_the_phone(self):
        self._stock(self.part_avco, 5)
        one, two = self._stock_serial(["SN1", "SN2"])
        self._fill(self.van_anna, self.part_avco, 3)
        self._fill(self.van_anna, self.part_serial, 1, one)
        rows = self._get_products(self.anna_user)
        self.assertEqual(rows[self.part_avco.id]["van_quantity"], 3)
        self.assertNotIn("price", rows[self.part_avco.id])
        self.assertEqual(
            rows[self.part_serial.id]["lots"], [{"name": "SN1", "quantity": 1}]
        )

    def test_portal_engineer_has_a_bag(self):
        self._stock(self.part_avco, 5)
        self._fill(self.bag_carl, self.part_avco, 3)
        Visit = self.env["aftersales.visit"].with_user(self.portal_engineer_user)
        rows = self._get_products(self.portal_engineer_user)
        self.assertEqual(rows[self.part_avco.id]["van_quantity"], 3)
        result = Visit.count_van(
            [{"product_id": self.part_avco.id, "quantity": 3}], operation="p1"
        )
        self.assertEqual(result, {"counted": 1, "booked": 0, "waiting": 0})

    def test_what_has_no_cost_waits_for_the_storekeeper(self):
        self.company.aftersales_van_tolerance = 1000.0
        part = self.part_standard.copy({"name": "Gift", "standard_price": 0})
        self._stock(part, 50)
        self._fill(self.van_anna, part, 40)
        result = (
            self.env["aftersales.visit"]
            .with_user(self.anna_user)
            .count_van([{"product_id": part.id, "quantity": 0}], operation="free")
        )
        self.assertEqual(result, {"counted": 1, "booked": 0, "waiting": 1})
        self.assertEqual(self._get_quantity(part, self.van_anna), 40)

    def test_small_differences_are_booked_and_large_ones_wait(self):
        self.company.aftersales_van_tolerance = 15.0
        self._stock(self.part_avco, 5)
        self._stock(self.part_fifo, 5)
        for product in (self.part_avco, self.part_fifo):
            self._fill(self.van_anna, product, 3)
        Visit = self.env["aftersales.visit"].with_user(self.anna_user)
        counts = [
            {"product_id": self.part_avco.id, "quantity": 2},
            {"product_id": self.part_fifo.id, "quantity": 0},
        ]
        result = Visit.count_van(counts, operation="c1")
        self.assertEqual(result, {"counted": 2, "booked": 1, "waiting": 1})
        self.assertEqual(Visit.count_van(counts, operation="c1"), result, "replayed")
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 2)
        self.assertEqual(self._get_quantity(self.part_fifo, self.van_anna), 3)
        quant = self.env["stock.quant"].search(
            [
                ("location_id", "=", self.van_anna.id),
                ("inventory_quantity_set", "=", True),
            ]
        )
        self.assertEqual(quant.product_id, self.part_fifo)
        quant.with_user(self.storekeeper).with_context(
            inventory_mode=True
        ).action_apply_inventory()
        self.assertEqual(self._get_quantity(self.part_fifo, self.van_anna), 0)
        count = self.env["aftersales.van.count"].search(
            [("location_id", "=", self.van_anna.id)]
        )
        self.assertEqual(len(count), 1)
        self.assertEqual(count.employee_id, self.employee_anna)

    def test_counted_serial_that_is_elsewhere_is_refused(self):
        self._stock_serial(["SN1"])
        Visit = self.env["aftersales.visit"].with_user(self.anna_user)
        with self.assertRaisesRegex(UserError, "SN1 was counted"):
            Visit.count_van(
                [
                    {
                        "product_id": self.part_serial.id,
                        "lot_name": "SN1",
                        "quantity": 1,
                    }
                ]
            )
        with self.assertRaisesRegex(UserError, "can't be counted"):
            Visit.count_van([{"product_id": self.part_avco.id, "quantity": -2}])

    @users("field_ben")
    def test_other_van_is_not_counted(self):
        with self.assertRaises(AccessError):
            self.env["aftersales.visit"].count_van([], employee=self.employee_anna.id)

    def test_count_is_due(self):
        Location = self.env["stock.location"]
        self.van_anna.cyclic_inventory_frequency = 1
        due = Location.search([("aftersales_is_count_due", "=", True)])
        self.assertIn(self.van_anna, due)
        self.assertNotIn(self.van_ben, due)
        self.assertTrue(self.van_anna.aftersales_is_count_due)

    # Peers 19: a unique name per serial crashes the second delivery

    def _deliver(self, lot, partner):
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": partner.id,
                "location_id": self.store.id,
                "location_dest_id": self.ref("stock.stock_location_customers"),
                "move_ids": [
                    Command.create(
                        {
                            "product_id": lot.product_id.id,
                            "product_uom_qty": 1,
                            "location_id": self.store.id,
                            "location_dest_id": self.ref(
                                "stock.stock_location_customers"
                            ),
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        self.assertEqual(picking.move_line_ids.lot_id, lot)
        self._validate(picking)
        return picking

    def test_serial_that_came_back_is_delivered_again(self):
        (lot,) = self._stock_serial(["SN1"])
        self.warehouse.out_type_id.aftersales_create_assets = True
        picking = self._deliver(lot, self.customer)
        asset = self.env["aftersales.asset"].search([("lot_id", "=", lot.id)])
        self.assertEqual(asset.partner_id, self.customer)
        self.env["aftersales.order"]._return_moves({picking.move_ids: 1})
        self._deliver(lot, self.fleet)
        again = self.env["aftersales.asset"].search([("lot_id", "=", lot.id)])
        self.assertEqual(again, asset, "the same thing, with its next owner")
        self.assertEqual(asset.partner_id, self.fleet)
