from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .views_common import ViewsCommon


@tagged("post_install", "-at_install")
class TestDialogs(ViewsCommon):
    def test_tester_records_a_table_of_results(self):
        rma = self._received(count=3)
        action = rma.with_user(self.technician).action_open_test()
        empty = self._wizard(action, self.technician, note="Opened").save()
        with self.assertRaisesRegex(UserError, "say what the test found"):
            empty.action_apply()
        ungraded = self._wizard(action, self.technician, result="pass").save()
        with self.assertRaisesRegex(UserError, "choose the grade"):
            ungraded.action_apply()
        dialog = self._wizard(action, self.technician, result="pass")
        dialog.grade_id = self.grade_a
        with dialog.line_ids.edit(2) as row:
            row.result = "fail"
            row.note = "Broken cover"
        dialog.save().action_apply()
        self.assertEqual(rma.line_ids.mapped("state"), ["tested"] * 3)
        self.assertEqual(rma.line_ids.mapped("test_result"), ["pass", "pass", "fail"])
        self.assertEqual(rma.line_ids.grade_id, self.grade_a)
        self.assertEqual(rma.line_ids[2].test_note, "Broken cover")
        self.assertEqual(rma.line_ids.test_user_id, self.technician)
        with self.assertRaisesRegex(UserError, "not here and clear, or tested already"):
            rma.line_ids.action_open_test()

    def test_dialogs_are_headed_by_what_their_button_says(self):
        for model in ("return", "return.line", "return.approval", "shipment"):
            arch = self.env[f"aftersales.{model}"].get_view(view_type="form")["arch"]
            buttons = [
                button
                for button in etree.fromstring(arch).iterfind(
                    ".//button[@type='action']"
                )
                if "default_step" in (button.get("context") or "")
            ]
            self.assertTrue(buttons, model)
            actions = self.env["ir.actions.act_window"].browse(
                int(button.get("name")) for button in buttons
            )
            self.assertFalse({"Reason", "Parcel"} & set(actions.mapped("name")), model)

    def test_test_after_the_repair(self):
        rma = self._received(operation="repair", count=2)
        lines = rma.line_ids
        lines.action_test(result="fail")
        lines.action_settle()
        with self.assertRaisesRegex(UserError, "not here"):
            lines.action_open_test()
        for order in lines.order_id:
            order.action_cancel(reason="Not wanted")
        self.assertFalse(lines.filtered("to_test"), "declined: nothing to test")

    def test_repaired_goods_wait_for_their_test(self):
        rma = self._received(operation="repair")
        line = rma.line_ids
        line.action_test(result="fail")
        line.action_settle()
        self._finish_repair(line.order_id)
        self.env.invalidate_all()
        self.assertTrue(line.to_test)
        Line = self.env["aftersales.return.line"].with_user(self.technician)
        self.assertIn(line, Line.search([("to_test", "=", True)]))
        dialog = self._wizard(
            rma.with_user(self.technician).action_open_test(), self.technician
        )
        self.assertTrue(dialog.is_gate)
        dialog.gate_result = "pass"
        dialog.save().action_apply()
        self.assertEqual(line.gate_result, "pass")
        self.assertEqual(line.gate_user_id, self.technician)
        self.assertFalse(line.to_test)

    def _finish_repair(self, order):
        self._add_job(order, [(self.labour, 1)])
        self._approve(order)
        order.action_start()
        order.action_complete()

    def test_operation_is_changed_with_a_reason(self):
        rma = self._received(operation="repair", count=2)
        context = {
            "active_model": rma.line_ids._name,
            "active_ids": rma.line_ids.ids,
        }
        model = self.env(user=self.advisor)["aftersales.return.change"]
        dialog = Form(model.with_context(**context))
        dialog.operation_id = self._get_operation("as_is")
        dialog.reason = "Spare part is not made any more"
        dialog.save().action_apply()
        self.assertEqual(rma.line_ids.operation_id, self._get_operation("as_is"))
        self.assertEqual(rma.line_ids.mapped("remedy"), ["none"] * 2)

    def test_settlement_is_said_before_it_is_done(self):
        rma = self._received(quantity=2)
        line = rma.line_ids
        line.fee_percent = 10
        line.action_test(grade=self.grade_a)
        line.fee_percent = 10
        dialog = self._wizard(
            rma.with_user(self.manager).action_open_settle(), self.manager
        )
        invoice = line._get_invoice_items().move_id
        self.assertIn(invoice.name, dialog.forecast)
        # 2 × 20, less 10 %, and 10 % tax
        self.assertIn("39.60", dialog.forecast)
        self.assertIn("put away", dialog.forecast)
        dialog.save().action_apply()
        self.assertEqual(line.state, "settled")
        self.assertAlmostEqual(line._get_credit_notes().amount_total, 39.6)
        with self.assertRaisesRegex(UserError, "clear and tested first"):
            line.action_open_settle()

    def test_every_fate_is_said_in_words(self):
        for code, words in (
            ("exchange", "free of charge"),
            ("repair", "work order"),
            ("as_is", "goes back to"),
            ("restock", "put away"),
            ("scrap", "scrapped"),
            ("supplier", "supplier"),
        ):
            with self.subTest(code):
                lines = self._received(operation=code).line_ids
                self.assertIn(words, " ".join(lines._get_forecast()))
        sale_line = self._sell(self.part_avco, 1)
        kept = self._create_return((sale_line, 1), operation="refund_keep").line_ids
        self.assertIn("stays with the customer", " ".join(kept._get_forecast()))
        other = self._received(operation="refund").line_ids
        other.operation_id = self._get_operation("other")
        other.replacement_product_id = self.part_fifo
        self.assertIn(self.part_fifo.name, " ".join(other._get_forecast()))

    def test_above_the_limit_the_dialog_asks(self):
        self.env["aftersales.warranty.limit"].search([]).unlink()
        self.env["aftersales.warranty.limit"].create(
            {
                "kind": "return",
                "group_id": self.env.ref("aftersales.aftersales_group_manager").id,
                "amount": 10000,
                "company_id": self.company.id,
            }
        )
        rma = self._received()
        rma.line_ids.granted_by_id = False
        rma.line_ids.action_test(grade=self.grade_a)
        dialog = self._wizard(
            rma.with_user(self.advisor).action_open_settle(), self.advisor
        )
        self.assertTrue(dialog.needs_approval)
        settle = dialog.save()
        with self.assertRaises(AccessError):
            settle.action_apply()
        with self.assertRaisesRegex(UserError, "say why"):
            settle.action_ask()
        settle.reason = "Third fault"
        settle.action_ask()
        approval = rma.line_ids.approval_ids
        self.assertEqual(approval.state, "proposed")
        for user in self.people | self.hosts:
            with self.subTest(user=user.login):
                Form(approval.with_user(user))
        self._why(approval, self.manager, "refuse_return_approval", "No favour")
        self.assertEqual((approval.state, approval.answer), ("refused", "No favour"))

    def test_differences_are_cleared_by_advisor_or_storekeeper(self):
        sale_line = self._sell(self.part_avco, 6)
        for user, decision in ((self.advisor, "wait"), (self.storekeeper, "accept")):
            with self.subTest(user=user.login):
                rma = self._create_return((sale_line, 3))
                rma.action_accept()
                move = rma.picking_ids.move_ids
                move.quantity = 2
                move.picked = True
                rma.picking_ids.with_context(cancel_backorder=True)._action_done()
                case = rma.line_ids.difference_ids
                self.assertEqual(case.kind, "less")
                self.assertEqual(rma.unclear_count, 1)
                action = rma.with_user(user).action_clear_differences()
                self.assertEqual(action["context"]["active_ids"], case.ids)
                self.assertEqual(action["res_model"], "aftersales.return.decide")
                Form(case.with_user(user))
                context = {"active_model": case._name, "active_ids": case.ids}
                model = self.env(user=user)["aftersales.return.decide"]
                dialog = Form(model.with_context(**context))
                self.assertTrue(dialog.is_less)
                dialog.contact_note = "Follows next week"
                decide = dialog.save()
                with self.assertRaisesRegex(UserError, "choose what is done"):
                    decide.action_decide()
                decide.decision_less = decision
                decide.action_decide()
                self.assertEqual((case.state, case.decision), ("decided", decision))
                self.assertEqual(case.contact_name, self.customer.name)
                self.assertEqual(rma.unclear_count, 0)
                with self.assertRaisesRegex(UserError, "decided already"):
                    Form(model.with_context(**context))
