from lxml import etree

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestHostViews(AftersalesCommon):
    """People see our links where they work, with the host's own group alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls._create_user(
            "salesman", "sales_team.group_sale_salesman_all_leads"
        )
        cls.purchaser = cls._create_user("purchaser", "purchase.group_purchase_user")
        cls.stock_manager = cls._create_user(
            "stock_manager", "stock.group_stock_manager"
        )
        cls.sublet = cls.env["product.product"].create(
            {
                "name": "Machine shop",
                "type": "service",
                "taxes_id": [Command.clear()],
                "seller_ids": [
                    Command.create({"partner_id": cls.maker.id, "price": 5})
                ],
            }
        )
        cls.part_avco.aftersales_exchange = True
        cls.lot = cls.env["stock.lot"].create(
            {"name": "SN1", "product_id": cls.part_serial.id}
        )
        cls.asset.write({"product_id": cls.part_serial.id, "lot_id": cls.lot.id})

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 5)
        self.order = self._create_order(
            [
                (self.part_avco, 1),
                (self.labour, 1),
                {"product_id": self.sublet.id, "kind": "sublet"},
            ],
            old_parts_choice="keep",
        )
        self._finish_order(self._approve(self.order))

    def _get_specification(self, node, fields):
        """Return what the web client asks for to show a view."""
        specification = {}
        for child in node.xpath(
            "descendant::field[not(ancestor::groupby or ancestor::field)]"
        ):
            name = child.get("name")
            specification[name] = {}
            if child.xpath("list|kanban"):
                related = self.env[fields[name]["relation"]].fields_get()
                subview = etree.fromstring(
                    etree.tostring(child.xpath("list|kanban")[0])
                )
                nested = self._get_specification(subview, related)
                specification[name] = {"fields": nested}
            elif fields[name]["type"] in ("many2one", "one2many", "many2many"):
                specification[name] = {"fields": {"display_name": {}}}
        return specification

    def _render(self, user, record, view_type="form", view=None):
        """Get a view and its data as the web client does; return the field names."""
        record = self.env[record._name].with_user(user).browse(record.ids)
        view_id = self.env.ref(view).id if view else False
        result = record.get_view(view_id=view_id, view_type=view_type)
        arch = etree.fromstring(result["arch"])
        specification = self._get_specification(arch, record.fields_get())
        self.assertTrue(record.web_read(specification))
        return set(specification)

    def _open(self, user, action):
        """Open a window action as ``user``; return the records it lists."""
        self.env.invalidate_all()
        action = self.env["ir.actions.actions"].with_user(user)._for_xml_id(action)
        Model = self.env[action["res_model"]].with_user(user)
        views = [(view_id, mode) for view_id, mode in action["views"]]
        Model.get_views(views, {"load_filters": True, "toolbar": True})
        context = safe_eval(action["context"], {"uid": user.id})
        records = Model.with_context(**context).search(
            safe_eval(action["domain"] or "[]")
        )
        for view_id, view_type in views:
            if view_type in ("list", "form", "kanban") and records:
                arch = etree.fromstring(Model.get_view(view_id, view_type)["arch"])
                records[:1].web_read(self._get_specification(arch, Model.fields_get()))
        return records

    def test_storekeeper(self):
        picking = self.order.picking_ids[:1]
        for view_type in ("form", "list", "kanban"):
            shown = self._render(self.storekeeper, picking, view_type)
            self.assertLessEqual(
                {"aftersales_order_id", "aftersales_asset_id", "aftersales_bay_id"},
                shown,
            )
        self.assertIn("aftersales_date_promised", shown)
        action = picking.with_user(self.storekeeper).action_view_aftersales_order()
        self.assertEqual(action["res_id"], self.order.id)
        self._render(self.storekeeper, self.order)
        self._render(self.storekeeper, self.asset)
        self._render(self.storekeeper, self.lot)
        self._render(self.storekeeper, self.order.old_part_ids)
        self.assertEqual(
            self._open(self.storekeeper, "aftersales.old_part_action"),
            self.env["aftersales.old.part"].search([]),
        )
        found = self.env["stock.picking"].with_user(self.storekeeper)
        for value in (self.order.name, self.asset.name):
            self.assertIn(
                picking,
                found.search(
                    [
                        "|",
                        ("aftersales_order_id", "ilike", value),
                        ("aftersales_order_id.asset_id", "ilike", value),
                    ]
                ),
            )

    def test_stock_manager_sets_up_warehouse_and_operation_types(self):
        shown = self._render(self.stock_manager, self.warehouse)
        self.assertIn("aftersales_steps", shown, "without the multi-location group")
        shown = self._render(self.stock_manager, self.warehouse.out_type_id)
        self.assertIn("aftersales_create_assets", shown)
        self.warehouse.with_user(self.stock_manager).aftersales_steps = "two_steps"
        types = self.env["stock.picking.type"].with_user(self.stock_manager)
        shown = types.search([("warehouse_id", "=", self.warehouse.id)])
        self.assertLessEqual(
            {"Parts Staging", "Parts Issue"}, set(shown.mapped("name"))
        )

    def test_accountant(self):
        """Both menu entries open with the invoicing group and nothing else."""
        invoice = self.order.invoice_ids
        shown = self._render(self.accountant, invoice, view="account.view_move_form")
        self.assertLessEqual(
            {"aftersales_order_id", "aftersales_payer_id", "aftersales_order_count"},
            shown,
        )
        action = invoice.with_user(self.accountant).action_view_aftersales_orders()
        self.assertEqual(action["res_id"], self.order.id)
        self._render(self.accountant, self.order)
        waiting = self._approve(self._create_order([(self.fee, 1)]))
        waiting.action_start()
        waiting.action_complete()
        to_invoice = self._open(self.accountant, "aftersales.orders_to_invoice_action")
        self.assertIn(waiting, to_invoice)
        self.assertNotIn(self.order, to_invoice)
        view = self.env.ref("aftersales.orders_to_invoice_view_list")
        columns = self._render(self.accountant, waiting, view=view.xml_id)
        self.assertLessEqual({"asset_id", "amount_total", "invoice_summary"}, columns)
        waiting.with_user(self.accountant).action_invoice()
        self.assertNotIn(
            waiting, self._open(self.accountant, "aftersales.orders_to_invoice_action")
        )

    def test_collective_invoice_names_order_and_asset_of_each_job(self):
        orders = self._approve(
            self._create_order([(self.fee, 1)], partner_id=self.fleet.id)
            + self._create_order([(self.fee, 1)], partner_id=self.fleet.id)
        )
        self._finish_order(orders)
        sections = orders.invoice_ids.invoice_line_ids.filtered(
            lambda line: line.display_type == "line_section"
        )
        self.assertEqual(
            set(sections.mapped("name")),
            {f"Job 1 · Sedan 1.6 · {order.name}" for order in orders},
        )
        apart = self.order.invoice_ids.invoice_line_ids[:1]
        self.assertEqual(apart.name, "Job 1", "one order: it stands in the head")

    def test_service_journal_items_are_ours_only(self):
        foreign = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.fee.id, "price_unit": 7})
                ],
            }
        )
        foreign.action_post()
        items = self._open(self.accountant, "aftersales.service_journal_items_action")
        self.assertFalse(items & foreign.line_ids)
        ours = self.order.invoice_ids.line_ids.filtered("account_id")
        self.assertLessEqual(ours, items, "revenue, receivable and cost of sales")
        groups = items.formatted_read_group(
            [("id", "in", items.ids)], ["aftersales_order_id"], ["balance:sum"]
        )
        self.assertIn(
            self.order.id, [group["aftersales_order_id"][0] for group in groups]
        )

    def test_menus_carry_the_groups_of_invoicing(self):
        for user, seen in ((self.accountant, True), (self.storekeeper, False)):
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            for name in ("orders_to_invoice_menu", "service_journal_items_menu"):
                menu = self.env.ref(f"aftersales.{name}")
                self.assertEqual(menu.id in visible, seen, (user.login, name))

    def test_salesman(self):
        sale_order = self.order.sale_order_ids
        shown = self._render(self.salesman, sale_order)
        self.assertLessEqual({"aftersales_order_id", "aftersales_payer_id"}, shown)
        self._render(self.salesman, sale_order, "list", view="sale.sale_order_tree")
        self._render(self.salesman, self.customer)
        self._render(self.salesman, self.part_avco.product_tmpl_id)
        action = sale_order.with_user(self.salesman).action_view_aftersales_order()
        self.assertEqual(action["res_id"], self.order.id)
        self._render(self.salesman, self.order)

    def test_purchaser(self):
        purchase = self.order.purchase_order_ids
        self.assertEqual(purchase.aftersales_order_count, 1)
        self._render(self.purchaser, purchase)
        self.assertEqual(
            purchase.order_line.with_user(self.purchaser).aftersales_order_id,
            self.order,
        )
        action = purchase.with_user(self.purchaser).action_view_aftersales_orders()
        self.assertEqual(action["res_id"], self.order.id)
        self._render(self.purchaser, self.order)

    def test_plain_documents_show_nothing_of_ours(self):
        purchase = self.env["purchase.order"].create({"partner_id": self.maker.id})
        self.assertEqual(purchase.aftersales_order_count, 0)
        self.assertEqual(self.env["account.move"].new({}).aftersales_order_count, 0)

    def test_partner_counts_its_family(self):
        """Two partners at once; a company counts what its contacts have."""
        contact = self.env["res.partner"].create(
            {"name": "Driver", "parent_id": self.fleet.id}
        )
        fleet_asset, contact_asset = self.env["aftersales.asset"].create(
            [
                {"name": "Truck", "partner_id": self.fleet.id},
                {"name": "Car", "partner_id": contact.id},
            ]
        )
        self._create_order(partner_id=self.fleet.id, asset_id=fleet_asset.id)
        self._create_order(partner_id=contact.id, asset_id=contact_asset.id)
        partners = (self.customer + self.fleet + contact).with_user(self.advisor)
        self.assertEqual(partners.mapped("aftersales_asset_count"), [1, 2, 1])
        self.assertEqual(partners.mapped("aftersales_order_count"), [1, 2, 1])
        for partner, count in zip(partners, (1, 2, 1), strict=True):
            for action in (
                partner.action_view_aftersales_assets(),
                partner.action_view_aftersales_orders(),
            ):
                found = self.env[action["res_model"]].search(action["domain"])
                self.assertEqual(len(found), count)

    def test_partner_without_our_rights(self):
        nobody = new_test_user(self.env, "aftersales_nobody", groups="base.group_user")
        self.assertEqual(self.customer.with_user(nobody).aftersales_asset_count, 0)
        self._render(nobody, self.customer)

    def test_roles_open_the_screens_of_the_application(self):
        for action in (
            "asset_action",
            "meter_reading_action",
            "old_part_action",
            "job_template_action",
            "payer_action",
            "team_action",
            "asset_category_action",
            "tag_action",
        ):
            for user in (self.technician, self.advisor, self.manager):
                with self.subTest(action=action, user=user.login):
                    self._open(user, f"aftersales.{action}")
        for record in (self.asset, self.payer_goodwill, self.team):
            self._render(self.manager, record)

    def test_manager_sets_the_account_of_a_payer(self):
        """It is kept on a location, which the manager has no right to write."""
        payer = self.payer_internal.with_user(self.manager)
        payer.account_id = self.account_goodwill
        self.assertEqual(payer.location_id.valuation_account_id, self.account_goodwill)
