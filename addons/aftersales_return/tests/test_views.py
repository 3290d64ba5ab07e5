from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.aftersales.tests.menu_common import MenuCommon

from .views_common import ViewsCommon


@tagged("post_install", "-at_install")
class TestViews(MenuCommon, ViewsCommon):
    def _get_views_of_ours(self):
        ours = self.env["ir.model.data"].search(
            [("module", "=", "aftersales_return"), ("model", "=", "ir.ui.view")]
        )
        return self.env["ir.ui.view"].browse(ours.mapped("res_id"))

    # Menus and actions

    def test_every_role_opens_what_its_menu_shows(self):
        self._received()
        users = self.people | self.hosts
        seen, _opened = self._open_menus("aftersales_return", users)

        def menu(name):
            return self.env.ref(f"aftersales_return.{name}")

        self.assertIn(menu("return_list_menu"), seen[self.advisor])
        self.assertIn(menu("return_line_test_menu"), seen[self.technician])
        self.assertNotIn(menu("return_line_settle_menu"), seen[self.technician])
        self.assertIn(menu("return_menu_stock"), seen[self.storekeeper])
        self.assertIn(menu("return_picking_menu"), seen[self.storekeeper])
        self.assertIn(menu("return_menu_account"), seen[self.accountant])
        self.assertIn(menu("operation_menu"), seen[self.manager])
        self.assertNotIn(menu("operation_menu"), seen[self.advisor])

    def test_parts_of_views_have_names(self):
        """Others anchor their views by name, and favourites refer to filters."""
        for view in self._get_views_of_ours().filtered(
            lambda view: view.type != "qweb"
        ):
            for node in etree.fromstring(view.arch).xpath(
                "//page[not(@name)] | //filter[not(@name)] | //button[not(@name)]"
                "[not(@special)] | //group[@string][not(@name)]"
            ):
                with self.subTest(view=view.name):
                    self.assertFalse(node.attrib)

    def test_filters_and_work_lists_answer_everybody(self):
        rma = self._received(count=2)
        self._received(operation="exchange").line_ids.action_test(grade=self.grade_a)
        for user in self.people | self.hosts:
            for model in (
                "aftersales.return",
                "aftersales.return.line",
                "aftersales.return.difference",
                "aftersales.return.approval",
            ):
                Model = self.env[model].with_user(user)
                arch = etree.fromstring(Model.get_view(view_type="search")["arch"])
                for node in arch.xpath("//filter[@domain]"):
                    with self.subTest(
                        user=user.login, model=model, name=node.get("name")
                    ):
                        Model.search(
                            fields.Domain(self._read_domain(node.get("domain"), user)),
                            limit=3,
                        )
        Line = self.env["aftersales.return.line"].with_user(self.technician)
        self.assertLessEqual(rma.line_ids, Line.search([("to_test", "=", True)]))
        late = self.env["aftersales.return"].search([("is_late", "=", True)])
        self.assertNotIn(rma, late)

    def _read_domain(self, text, user):
        return safe_eval(text, {"uid": user.id})

    # The return

    def test_everybody_opens_the_return_and_its_goods(self):
        rma = self._received(count=2)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        for user in self.people | self.hosts:
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                form = Form(rma.with_user(user))
                self.assertEqual(
                    form.progress
                    if "progress" in form._view["fields"]
                    else rma.progress,
                    rma.progress,
                )
                self.assertIn("Waits for", form.next_step)
                line = Form(rma.line_ids[0].with_user(user))
                self.assertIn(rma.picking_ids.sorted("id")[-1].name, line.pending)
                rows = rma.with_user(user).web_read({"next_step": {}, "days_open": {}})
                self.assertEqual(rows[0]["days_open"], 0)

    def test_advisor_writes_down_a_return(self):
        self._sell(self.part_avco, 3)
        form = Form(self.env["aftersales.return"].with_user(self.advisor))
        form.partner_id = self.customer
        with form.line_ids.new() as line:
            line.product_id = self.part_avco
            line.quantity = 2
        rma = form.save()
        self.assertTrue(rma.line_ids.move_id, "the delivery is found by itself")
        self.assertEqual(rma.line_ids.operation_id, self._get_operation("refund"))
        rma.line_ids.operation_id = False
        self.assertIn("operation", rma.next_step)
        with self.assertRaisesRegex(UserError, "operation"):
            rma.action_accept()
        rma.line_ids.operation_id = self._get_operation("refund")
        self.assertEqual(rma.next_step, "Accept or refuse the request.")
        rma.action_accept()
        rma.invalidate_recordset()
        self.assertIn("validated in Inventory", rma.next_step)
        self.assertEqual(rma.picking_count, 1)

    def test_next_step_says_what_somebody_has_to_do(self):
        rma = self._received()
        self.assertIn("Test", rma.next_step)
        self.assertEqual((rma.test_count, rma.settle_count), (1, 0))
        rma.line_ids.action_test(grade=self.grade_a)
        self.assertIn("Settle", rma.next_step)
        rma.line_ids.action_settle()
        self.assertIn(rma.picking_ids.sorted("id")[-1].name, rma.next_step)
        self._receive(rma)
        rma.line_ids._get_credit_notes().filtered(
            lambda move: move.state == "draft"
        ).action_post()
        self.assertEqual(rma.state, "done")
        self.assertFalse(rma.next_step)

    def test_refused_and_cancelled_with_a_reason(self):
        sale_line = self._sell(self.part_avco, 4)
        refused = self._create_return((sale_line, 1)) | self._create_return(
            (sale_line, 1)
        )
        self._why(refused, self.advisor, "refuse_return")
        self.assertEqual(refused.mapped("state"), ["refused"] * 2)
        self.assertEqual(refused[0].answer, "Out of time")
        refused.with_user(self.advisor).action_reopen()
        self.assertEqual(refused.mapped("state"), ["draft"] * 2)
        refused.action_accept()
        with self.assertRaises(AccessError):
            self._why(refused, self.storekeeper, "cancel_return")
        self._why(refused, self.advisor, "cancel_return")
        self.assertEqual(refused.mapped("state"), ["cancel"] * 2)
        self.assertEqual(set(refused.picking_ids.mapped("state")), {"cancel"})

    def test_goods_that_got_lost(self):
        sale_line = self._sell(self.part_avco, 4)
        rma = self._create_return((sale_line, 1), (sale_line, 1))
        rma.action_accept()
        with self.assertRaisesRegex(UserError, "say why"):
            rma.line_ids.action_lose(reason=" ")
        self._why(rma.line_ids, self.advisor, "lose_return", "Not at the carrier's")
        self.assertEqual(rma.line_ids.mapped("state"), ["lost"] * 2)
        self.assertEqual(rma.picking_ids.state, "cancel")
        self.assertEqual(rma.state, "done")
        rma.line_ids.action_lose(reason="Twice")

    def test_documents_are_counted_and_open(self):
        rma = self._received(operation="repair")
        rma.line_ids.action_test(result="fail")
        rma.line_ids.action_settle()
        self.assertEqual(rma.order_count, 1)
        action = rma.with_user(self.advisor).action_view_orders()
        self.assertEqual(action["res_id"], rma.line_ids.order_id.id)
        self.assertEqual(rma.action_view_pickings()["domain"][0][2], rma.ids)
        refunded = self._received(quantity=2)
        refunded.line_ids.action_test(grade=self.grade_a)
        refunded.line_ids.action_settle()
        self.assertEqual(refunded.refund_count, 1)
        action = refunded.with_user(self.accountant).action_view_refunds()
        self.assertEqual(
            self.env["account.move"].browse(action["res_id"]).move_type, "out_refund"
        )

    # Where people work

    def test_new_return_transfer_is_of_the_returns(self):
        """What nobody announced comes in where returns do, not into stock."""
        action = self.env.ref("aftersales_return.return_picking_action")
        context = safe_eval(action.context)
        Picking = self.env["stock.picking"].with_user(self.storekeeper)
        kind = Form(Picking.with_context(**context)).picking_type_id
        warehouse = self.storekeeper._get_default_warehouse_id()
        self.assertEqual(kind, warehouse.aftersales_return_type_id)
        self.assertTrue(kind.aftersales_is_return)

    def test_transfer_says_why_it_may_not_leave(self):
        rma = self._received(operation="repair")
        rma.line_ids.action_test(result="fail")
        rma.line_ids.action_settle()
        pickings = rma.picking_ids.with_user(self.storekeeper)
        back = pickings.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
        )
        self.assertIn(rma.line_ids.order_id.name, Form(back).aftersales_stop)
        self.assertFalse((pickings - back).aftersales_stop)

    def test_other_documents_lead_to_their_returns(self):
        sale_line = self._sell(self.part_avco, 3)
        first = self._create_return((sale_line, 1))
        second = self._create_return((sale_line, 1))
        order = sale_line.order_id
        delivery = order.picking_ids
        invoice = order.invoice_ids
        for record in (order, delivery, invoice, self.customer):
            with self.subTest(record._name):
                record.invalidate_recordset()
                self.assertEqual(record.aftersales_return_count, 2)
                action = record.action_view_aftersales_returns()
                self.assertEqual(set(action["domain"][0][2]), set((first | second).ids))
        first.action_accept()
        receipt = first.picking_ids.with_user(self.storekeeper)
        self.assertEqual(receipt.aftersales_return_count, 1)
        action = receipt.action_view_aftersales_returns()
        self.assertEqual(action["res_id"], first.id)
        Form(receipt)
        self.assertEqual(
            (self.customer | self.maker).mapped("aftersales_return_count"), [2, 0]
        )

    def test_a_credit_note_leads_to_its_own_return(self):
        sold = self._sell(self.part_avco, 4)
        returns = self._create_return((sold, 1)) | self._create_return((sold, 1))
        returns.action_accept()
        self._receive(returns)
        returns.line_ids.action_test(grade=self.grade_a)
        for line in returns.line_ids:
            line.action_settle()
        for rma in returns:
            note = rma.line_ids._get_credit_notes()
            self.assertEqual(note.aftersales_return_count, 1)
            self.assertEqual(note.action_view_aftersales_returns()["res_id"], rma.id)

    def test_lot_and_asset_lead_to_their_returns(self):
        (lot,) = self._stock_serial(["SN-1"])
        sale_line = self._sell(self.part_serial, 1, lots=lot)
        asset = self.env["aftersales.asset"].create(
            {"lot_id": lot.id, "partner_id": self.customer.id}
        )
        rma = self._create_return(
            {
                "product_id": self.part_serial.id,
                "lot_id": lot.id,
                "move_id": sale_line.move_ids.id,
            }
        )
        self.assertEqual(lot.aftersales_return_count, 1)
        self.assertEqual(asset.aftersales_return_count, 1)
        self.assertEqual(asset.action_view_aftersales_returns()["res_id"], rma.id)
