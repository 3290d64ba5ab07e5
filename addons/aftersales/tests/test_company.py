from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestCompany(AftersalesCommon):
    """Two companies in one database: each has its own, and nothing mixes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["res.company"].create({"name": "Second Workshop"})
        cls.both = cls.company + cls.second
        cls.clerk = cls._create_clerk("clerk", cls.both)
        cls.first_clerk = cls._create_clerk("first", cls.company)
        cls.second_clerk = cls._create_clerk("second", cls.second)
        cls.plain_part = cls.env["product.product"].create(
            {"name": "Wiper", "is_storable": True, "taxes_id": [Command.clear()]}
        )

    @classmethod
    def _create_clerk(cls, name, companies):
        """Create a manager who may work in these companies, the first by default."""
        return new_test_user(
            cls.env,
            f"aftersales_company_{name}",
            groups="base.group_user,aftersales.aftersales_group_manager",
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def _create_second_order(self, user=None, **values):
        """Create an order of the second company."""
        Order = self.env["aftersales.order"]
        Asset = self.env["aftersales.asset"]
        if user:
            Order, Asset = Order.with_user(user), Asset.with_user(user)
        asset = Asset.create(
            {
                "name": "Truck",
                "partner_id": self.customer.id,
                "company_id": self.second.id,
            }
        )
        return Order.create(
            {
                "partner_id": self.customer.id,
                "asset_id": asset.id,
                "company_id": self.second.id,
                "job_ids": [
                    Command.create(
                        self._prepare_job([(self.plain_part, 1), (self.labour, 1)])
                    )
                ],
                **values,
            }
        )

    def _stock_second(self, quantity):
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.second.id)], limit=1
        )
        self.env["stock.quant"].with_company(self.second)._update_available_quantity(
            self.plain_part, warehouse.lot_stock_id, quantity
        )
        return warehouse

    def test_a_new_company_has_what_it_needs(self):
        payers = self.env["aftersales.payer"].search(
            [("company_id", "=", self.second.id)]
        )
        # Other add-ons have payers of their own to add.
        self.assertEqual(
            payers.mapped("code")[:6],
            ["customer", "maker", "insurer", "goodwill", "internal", "rework"],
        )
        locations = payers.location_id | self.second.aftersales_old_parts_location_id
        self.assertEqual(locations.company_id, self.second)
        self.assertEqual(
            len(locations),
            len(payers.filtered(lambda payer: payer.kind == "absorbed")) + 1,
            "one for each cost of our own, and one for the old parts",
        )
        self.second._create_aftersales_payers()
        self.assertEqual(
            self.env["aftersales.payer"].search_count(
                [("company_id", "=", self.second.id)]
            ),
            len(payers),
            "asked again, it makes nothing twice",
        )

    def test_a_new_warehouse_is_ready_for_work_orders(self):
        warehouse = self.env["stock.warehouse"].create(
            {"name": "Annexe", "code": "ANX", "company_id": self.second.id}
        )
        for record in (
            warehouse.aftersales_route_id,
            warehouse.aftersales_issue_type_id,
            warehouse.aftersales_staging_type_id,
            warehouse.aftersales_workshop_loc_id,
        ):
            with self.subTest(record._name):
                self.assertTrue(record)
                self.assertEqual(record.company_id, self.second)
        self.assertTrue(warehouse.aftersales_issue_type_id.active)
        self.assertFalse(warehouse.aftersales_staging_type_id.active)
        warehouse.aftersales_steps = "two_steps"
        self.assertTrue(warehouse.aftersales_staging_type_id.active)
        self.assertTrue(warehouse.aftersales_workshop_loc_id.active)

    def test_records_do_not_mix(self):
        first = self._create_order()
        second = self._create_second_order()
        self._approve(first)
        second.action_estimate()
        by_user = {
            self.first_clerk: self.company,
            self.second_clerk: self.second,
            self.clerk: self.both,
        }
        names = [
            name
            for name, model in self.registry.items()
            if name.startswith("aftersales.")
            and "company_id" in model._fields
            and model._auto
            and not model._transient
        ]
        for name in names:
            for user, companies in by_user.items():
                Model = self.env[name].with_user(user)
                Model = Model.with_context(allowed_company_ids=companies.ids)
                with self.subTest(name, user=user.login):
                    seen = Model.search([]).sudo().company_id
                    self.assertLessEqual(seen, companies)
        orders = self.env["aftersales.order"]
        self.assertNotIn(second, orders.with_user(self.first_clerk).search([]))
        with self.assertRaises(AccessError):
            second.with_user(self.first_clerk).read(["name"])
        with self.assertRaises(AccessError):
            second.with_user(self.first_clerk).action_approve()

    def test_the_other_company_is_worked_from_here(self):
        """The clerk stands in the first company and serves an order of the second."""
        warehouse = self._stock_second(5)
        order = self._create_second_order(self.clerk.with_company(self.company))
        self.assertEqual(order.env.company, self.company)
        order = order.with_context(allowed_company_ids=self.both.ids)
        self.assertEqual(order.warehouse_id, warehouse)
        self.assertEqual(order.job_ids.payer_id.company_id, self.second)
        self.assertEqual(order.job_ids.payer_id.code, "customer")
        order.action_estimate()
        order.action_approve()
        order.action_start()
        order.action_complete()
        order.action_pass_quality()
        order.action_deliver()
        order = order.sudo()
        for records in (
            order.job_ids,
            order.line_ids,
            order.sale_order_ids,
            order.sale_order_ids.order_line,
            order.picking_ids,
            order.line_ids.move_ids,
            order.approval_ids,
        ):
            with self.subTest(records._name):
                self.assertTrue(records)
                self.assertEqual(records.company_id, self.second)
        self.assertEqual(order.picking_ids.picking_type_id.warehouse_id, warehouse)
        self.assertEqual(
            self.plain_part.with_company(self.second)
            .with_context(warehouse_id=warehouse.id)
            .qty_available,
            4,
        )

    def test_absorbed_parts_go_to_the_own_company_location(self):
        self._stock_second(5)
        goodwill = self.env["aftersales.payer"].search(
            [("company_id", "=", self.second.id), ("code", "=", "goodwill")]
        )
        order = self._create_second_order()
        order.job_ids.payer_id = goodwill
        self._approve(order)
        order.action_start()
        order.action_complete()
        destination = order.line_ids.move_ids.location_dest_id
        self.assertEqual(destination, goodwill.location_id)
        self.assertEqual(destination.company_id, self.second)

    def test_parts_for_a_sister_company_are_used_up(self):
        transit = self.env.ref("stock.stock_location_inter_company")
        sister = self.second.partner_id
        sister.with_company(self.company).property_stock_customer = transit
        self._stock(self.part_avco, 1)
        order = self._create_order(partner_id=sister.id, asset_id=False)
        self._finish_order(self._approve(order))
        self.assertEqual(order.line_ids[0].qty_used, 1)
        self.assertEqual(order.invoice_ids.amount_untaxed, 180)

    def test_what_belongs_to_the_other_company_is_refused(self):
        order = self._create_order()
        second = self._create_second_order()
        with self.assertRaisesRegex((UserError, ValidationError), "compan"):
            order.job_ids.payer_id = second.job_ids.payer_id
        with self.assertRaisesRegex((UserError, ValidationError), "compan"):
            order.asset_id = second.asset_id
        with self.assertRaisesRegex((UserError, ValidationError), "compan"):
            order.warehouse_id = second.warehouse_id
        team = self.env["aftersales.team"].create(
            {"name": "Second team", "company_id": self.second.id}
        )
        with self.assertRaisesRegex((UserError, ValidationError), "compan"):
            order.team_id = team

    def test_each_company_may_number_its_own_orders(self):
        sequence = self.env.ref("aftersales.sequence_order").sudo()
        sequence.copy({"company_id": self.second.id, "prefix": "B/", "padding": 3})
        self.assertRegex(self._create_order().name, r"^WO/")
        self.assertRegex(self._create_second_order().name, r"^B/")
        names = self._create_second_order().name, self._create_second_order().name
        self.assertEqual(len(set(names)), 2)

    def test_one_batch_of_two_companies(self):
        self._stock(self.part_avco, 2)
        self._stock_second(2)
        orders = self._create_order() + self._create_second_order()
        self._approve(orders)
        orders.action_start()
        orders.action_complete()
        self.assertEqual(orders.mapped("state"), ["quality", "quality"])
        for order in orders:
            self.assertEqual(order.picking_ids.company_id, order.company_id)
