from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestApproval(ReturnCommon):
    """Who grants what a return gives, and how long a yes holds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = new_test_user(
            cls.env,
            "aftersales_head",
            groups="base.group_user,aftersales_warranty.warranty_group_head",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        limits = cls.env["aftersales.warranty.limit"]
        limits.search([("kind", "in", ("exchange", "return"))]).unlink()
        limits.create(
            [
                {
                    "kind": "return",
                    "group_id": cls.env.ref(group).id,
                    **values,
                }
                for group, values in (
                    (
                        "aftersales.aftersales_group_user",
                        {"amount": 50.0, "right_required": True},
                    ),
                    (
                        "aftersales.aftersales_group_manager",
                        {"amount": 500.0, "right_required": True},
                    ),
                    (
                        "aftersales_warranty.warranty_group_head",
                        {"is_unlimited": True},
                    ),
                )
            ]
        )
        cls.activity_type = cls.env.ref("aftersales_warranty.activity_decide")

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 100, 10.0)
        # 22 each with the tax
        self.sale_line = self._sell(self.part_avco, 50)

    def _get_tested(self, quantity, **values):
        rma = self._create_return((self.sale_line, quantity), **values)
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        return rma.line_ids

    def test_within_the_own_limit_nobody_is_asked(self):
        line = self._get_tested(2)
        own = line.with_user(self.advisor)
        self.assertEqual(own.approval_state, "free")
        own.action_settle()
        self.assertTrue(line.refund_line_ids)

    def test_not_offered_before_the_test_that_it_waits_for(self):
        rma = self._create_return((self.sale_line, 3))
        rma.action_accept()
        self._receive(rma)
        own = rma.with_user(self.advisor)
        self.assertFalse(own.needs_approval)
        rma.line_ids.action_test(grade=self.grade_a)
        self.assertTrue(own.needs_approval)

    def test_above_it_names_who_may(self):
        line = self._get_tested(3)
        own = line.with_user(self.advisor)
        self.assertEqual(own.approval_state, "needed")
        manager = self.env.ref("aftersales.aftersales_group_manager").name
        with self.assertRaisesRegex(AccessError, manager):
            own.action_settle()
        self.assertEqual(line.state, "tested")
        self.assertFalse(line.refund_line_ids)
        line.with_user(self.manager).action_settle()
        self.assertEqual(line.state, "settled")

    def test_many_small_lines_are_weighed_together(self):
        rma = self._create_return((self.sale_line, 2), (self.sale_line, 2))
        rma.action_accept()
        self._receive(rma)
        lines = rma.line_ids
        lines.action_test(grade=self.grade_a)
        for line in lines:
            with self.assertRaises(AccessError):
                line.with_user(self.advisor).action_settle()
        # What does not come any more is not weighed.
        other = self._create_return((self.sale_line, 2), (self.sale_line, 2))
        other.action_accept()
        other.line_ids[1].action_cancel()
        self.assertEqual(
            other.line_ids[0].with_user(self.advisor).approval_state, "free"
        )

    def test_technicians_promise_nothing(self):
        line = self._get_tested(1)
        with self.assertRaises(AccessError):
            line.with_user(self.technician).action_settle()
        approval = line.with_user(self.technician).action_request_approval(
            reason="It smokes"
        )
        self.assertEqual(approval.state, "proposed")
        with self.assertRaises(AccessError):
            approval.action_approve()
        approval.with_user(self.advisor).action_approve()
        line.with_user(self.technician).action_settle()
        self.assertEqual(line.state, "settled")

    def test_without_limits_every_advisor_settles_and_no_technician(self):
        self._get_operation("refund").limit_kind = False
        lines = self._get_tested(1) | self._get_tested(2)
        with self.assertRaisesRegex(AccessError, "Ask an advisor"):
            lines.with_user(self.technician).action_settle()
        self.env.invalidate_all()
        self.assertEqual(set(lines.mapped("state")), {"tested"})
        lines.with_user(self.advisor).action_settle()
        self.assertEqual(set(lines.mapped("state")), {"settled"})

    def test_request_reaches_those_who_may(self):
        line = self._get_tested(3)
        own = line.with_user(self.advisor)
        with self.assertRaises(UserError):
            own.action_request_approval(reason=" ")
        approval = own.action_request_approval(reason="Good customer")
        self.assertEqual(approval.user_id, self.advisor)
        self.assertEqual(approval.amount, 66.0)
        self.assertTrue(approval.has_right)
        self.assertEqual(own.approval_state, "asked")
        asked = approval.sudo().activity_ids.user_id
        self.assertIn(self.manager, asked)
        self.assertIn(self.head, asked)
        self.assertNotIn(self.advisor, asked)
        self.assertFalse(approval.can_decide)
        with self.assertRaises(AccessError):
            approval.action_approve()
        self.assertTrue(approval.with_user(self.manager).can_decide)
        approval.with_user(self.manager).action_approve()
        self.assertFalse(approval.sudo().activity_ids)
        own.invalidate_recordset()
        self.assertEqual(own.approval_state, "granted")
        own.action_settle()
        self.assertEqual(line.state, "settled")

    def test_asked_twice_is_asked_once(self):
        line = self._get_tested(3)
        first = line.with_user(self.advisor).action_request_approval(reason="A")
        again = line.with_user(self.advisor).action_request_approval(reason="B")
        self.assertEqual(first, again)
        self.assertEqual(len(line.approval_ids), 1)
        # Who may grant it himself has nobody to ask.
        first.sudo().action_cancel(reason="Asked by mistake")
        self.assertFalse(
            line.with_user(self.manager).action_request_approval(reason="C")
        )

    def test_batch_makes_one_request_per_return(self):
        lines = self._get_tested(3) | self._get_tested(4)
        approvals = lines.with_user(self.advisor).action_request_approval(reason="A")
        self.assertEqual(approvals.sorted("id").mapped("amount"), [66.0, 88.0])
        approvals.with_user(self.manager).action_approve()
        approvals.with_user(self.manager).action_approve()
        lines.with_user(self.advisor).action_settle()
        self.assertEqual(set(lines.mapped("state")), {"settled"})

    def test_refused_is_told_and_settles_nothing(self):
        line = self._get_tested(3)
        approval = line.with_user(self.advisor).action_request_approval(reason="A")
        with self.assertRaises(UserError):
            approval.with_user(self.manager).action_refuse(reason="")
        approval.with_user(self.manager).action_refuse(reason="It was dropped")
        own = line.with_user(self.advisor)
        own.invalidate_recordset()
        self.assertEqual(own.approval_state, "refused")
        self.assertIn("It was dropped", approval.sudo().message_ids[0].body)
        with self.assertRaises(AccessError):
            own.action_settle()
        # Another reason may be another request.
        self.assertNotEqual(own.action_request_approval(reason="B"), approval)

    def test_changed_goods_need_another_yes(self):
        changes = {
            "quantity": 4,
            "product_id": self.part_fifo.id,
            "operation_id": self._get_operation("exchange").id,
        }
        for field, value in changes.items():
            with self.subTest(field):
                rma = self._create_return((self.sale_line, 3))
                line = rma.line_ids
                approval = line.with_user(self.advisor).action_request_approval(
                    reason="A"
                )
                approval.with_user(self.manager).action_approve()
                values = {field: value}
                if field == "product_id":
                    values |= {"move_id": False}
                line.write(values)
                self.assertEqual(approval.sudo().state, "cancel")
                self.assertIn("changed", approval.sudo().answer)

    def test_a_request_about_changed_goods_is_withdrawn(self):
        rma = self._create_return((self.sale_line, 3))
        approval = rma.line_ids.with_user(self.advisor).action_request_approval(
            reason="A"
        )
        rma.line_ids.quantity = 10
        self.assertEqual(approval.sudo().state, "cancel")
        self.assertFalse(approval.sudo().activity_ids)
        with self.assertRaises(UserError):
            approval.with_user(self.manager).action_approve()

    def test_less_is_granted_too(self):
        rma = self._create_return((self.sale_line, 5))
        line = rma.line_ids
        approval = line.with_user(self.advisor).action_request_approval(reason="A")
        approval.with_user(self.manager).action_approve()
        rma.action_accept()
        move = rma.picking_ids.move_ids
        move.quantity = 3
        move.picked = True
        rma.picking_ids.with_context(cancel_backorder=False)._action_done()
        self.assertEqual(approval.sudo().state, "approved")
        rest = rma.line_ids - line
        self.assertEqual(rest.mapped("quantity"), [2.0])
        self.assertEqual(rest.approval_ids, approval.sudo())
        line.action_test(grade=self.grade_a)
        line.with_user(self.advisor).action_settle()
        self.assertEqual(line.state, "settled")

    def test_what_was_added_is_granted_anew(self):
        line = self._get_tested(3)
        approval = line.with_user(self.advisor).action_request_approval(reason="A")
        approval.with_user(self.manager).action_approve()
        line.return_id.line_ids = [
            Command.create(self._prepare_line((self.sale_line, 40), "refund"))
        ]
        with self.assertRaises(AccessError):
            line.with_user(self.advisor).action_settle()

    # Peer 14: what is long past is nobody's right any more
    def test_no_right_is_a_special_case(self):
        line = self._get_tested(1)
        line.operation_id.days = 30
        line.move_id.date = "2020-01-01"
        own = line.with_user(self.manager)
        self.assertEqual(own.approval_state, "needed")
        with self.assertRaises(AccessError):
            own.action_settle()
        line.with_user(self.head).action_settle()
        self.assertEqual(line.state, "settled")

    def test_granted_is_not_taken_back_once_given(self):
        line = self._get_tested(3)
        approval = line.with_user(self.advisor).action_request_approval(reason="A")
        approval.with_user(self.manager).action_approve()
        line.with_user(self.advisor).action_settle()
        with self.assertRaisesRegex(UserError, "has it already"):
            approval.with_user(self.manager).action_cancel(reason="Changed my mind")

    def test_withdrawn_yes_settles_nothing(self):
        line = self._get_tested(3)
        approval = line.with_user(self.advisor).action_request_approval(reason="A")
        approval.with_user(self.manager).action_approve()
        approval.with_user(self.manager).action_cancel(reason="Wrong customer")
        with self.assertRaises(AccessError):
            line.with_user(self.advisor).action_settle()

    def test_nobody_writes_requests_himself(self):
        line = self._get_tested(30)
        values = {
            "return_id": line.return_id.id,
            "operation_id": line.operation_id.id,
            "line_ids": [Command.set(line.ids)],
            "amount": 1.0,
            "has_right": True,
            "reason": "A",
        }
        for user in (self.technician, self.advisor, self.manager):
            with self.assertRaises(AccessError):
                self.env["aftersales.return.approval"].with_user(user).create(values)
        approval = line.with_user(self.advisor).action_request_approval(reason="A")
        with self.assertRaises(UserError):
            approval.write({"amount": 1.0})
        with self.assertRaises(UserError):
            approval.write({"state": "approved"})
        with self.assertRaises(AccessError):
            line.with_user(self.advisor).write({"granted_by_id": self.head.id})

    def test_without_return_is_granted_at_acceptance(self):
        rma = self._create_return((self.sale_line, 3), operation="refund_keep")
        with self.assertRaises(AccessError):
            rma.with_user(self.advisor).action_accept()
        self.assertEqual(rma.state, "draft")
        approval = rma.line_ids.with_user(self.advisor).action_request_approval(
            reason="Not worth the freight"
        )
        approval.with_user(self.manager).action_approve()
        rma.with_user(self.advisor).action_accept()
        self.assertEqual(rma.line_ids.state, "settled")

    def test_given_at_the_arrival_only_if_granted(self):
        operation = self._get_operation("refund").copy(
            {"code": "quick", "when": "received"}
        )
        values = {"operation_id": operation.id}
        # The advisor's limit reaches so far: the storekeeper's receipt settles it.
        small = self._create_return(
            {**self._prepare_line((self.sale_line, 2), "refund"), **values}
        )
        small.with_user(self.advisor).action_accept()
        self.assertEqual(small.line_ids.granted_by_id, self.advisor)
        # Here it does not: it waits for somebody.
        big = self._create_return(
            {**self._prepare_line((self.sale_line, 3), "refund"), **values}
        )
        big.with_user(self.advisor).action_accept()
        for rma in (small, big):
            picking = rma.picking_ids.with_user(self.storekeeper)
            picking.move_ids.picked = True
            picking.button_validate()
        self.assertEqual(small.line_ids.state, "settled")
        self.assertEqual(big.line_ids.state, "received")
        self.assertFalse(big.line_ids.refund_line_ids)
        approval = big.line_ids.with_user(self.advisor).action_request_approval(
            reason="A"
        )
        approval.with_user(self.manager).action_approve()
        self.assertEqual(big.line_ids.state, "settled")

    def test_other_companies_limits_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["aftersales.warranty.limit"].create(
            {
                "kind": "return",
                "group_id": self.env.ref("aftersales.aftersales_group_user").id,
                "company_id": other.id,
                "is_unlimited": True,
            }
        )
        line = self._get_tested(3)
        with self.assertRaises(AccessError):
            line.with_user(self.advisor).action_settle()
        self.env["aftersales.warranty.limit"].create(
            {
                "kind": "return",
                "group_id": self.env.ref("aftersales.aftersales_group_user").id,
                "company_id": self.company.id,
                "amount": 100.0,
            }
        )
        line.with_user(self.advisor).action_settle()
        self.assertEqual(line.state, "settled")

    def test_gone_goods_need_no_answer(self):
        rma = self._create_return((self.sale_line, 3))
        approval = rma.line_ids.with_user(self.advisor).action_request_approval(
            reason="A"
        )
        rma.action_cancel(reason="Customer keeps it")
        self.assertEqual(approval.sudo().state, "cancel")
