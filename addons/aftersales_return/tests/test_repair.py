from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestRepair(ReturnCommon):
    """Repair: consent before work, and the test before it leaves, whatever the way."""

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)
        self._stock(self.part_fifo, 20, 10.0)
        self.sale_line = self._sell(self.part_avco, 5)
        self.gap = self._get_gap()

    def _get_gap(self):
        """Return what the stock is worth beyond the books, by account."""
        booked = self.company.stock_accounting_value()
        return {
            account.code: round(value - booked.get(account, 0.0), 2)
            for account, value in self.company.stock_value().items()
        }

    def _bring(self, quantity=1, count=1, operation="repair"):
        """Receive, test and settle things; return their lines."""
        rma = self._create_return(
            *[(self.sale_line, quantity)] * count, operation=operation
        )
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(result="fail", grade=self.grade_a)
        rma.line_ids.action_settle()
        return rma.line_ids

    def _add_job(self, order, payer=None):
        return self.env["aftersales.job"].create(
            {
                "order_id": order.id,
                "name": "Repair",
                **({"payer_id": payer.id} if payer else {}),
                "line_ids": [
                    Command.create(
                        {"product_id": self.labour.id, "product_uom_qty": 1.0}
                    ),
                ],
            }
        )

    def _repair(self, lines):
        """Do the work as far as the quality check."""
        for order in lines.order_id:
            self._add_job(order)
            order.action_estimate()
            order.action_approve(method="phone")
            order.action_start()
            order.action_complete(accept_differences=True)
        return lines.order_id

    def _get_out(self, lines):
        return (lines._get_moves("out") & lines._get_open_moves()).picking_id

    def _ship(self, lines):
        """Validate in Inventory, as the storekeeper does."""
        picking = self._get_out(lines).with_user(self.storekeeper)
        picking.move_ids.picked = True
        picking.button_validate()

    def _check_stays(self, lines, words="passed the test"):
        with self.assertRaisesRegex(UserError, words):
            self._ship(lines)
        self.assertNotIn("done", lines._get_moves("out").mapped("state"))

    # The work order

    def test_estimate_without_an_answer_says_so(self):
        line = self._bring()
        order = line.order_id
        self._add_job(order)
        order.action_estimate()
        self.assertEqual(order.state, "quoted")
        words = f"the customer's answer on {order.name}"
        self.assertIn(words, line.pending)
        self.assertIn(words, line.return_id.next_step)
        step = self.env["aftersales.return.dock"].scan(line.return_id.name)["step"]
        self.assertEqual(step["name"], "open")
        self.assertIn(words, step["text"])
        order.action_cancel(reason="Too dear")
        step = self.env["aftersales.return.dock"].scan(line.return_id.name)["step"]
        self.assertIn("send it back unrepaired", step["text"])

    def test_work_order_on_the_thing(self):
        line = self._bring()
        order = line.order_id
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.asset_id, line.asset_id)
        self.assertEqual(order.asset_id.product_id, self.part_avco)
        self.assertEqual(order.warehouse_id, self.warehouse)
        self.assertEqual(order.return_line_id, line)
        self.assertEqual(line._get_moves("in").value, 0.0)
        self.assertTrue(line._is_customers())
        self.assertFalse(line.may_leave)
        line.action_settle()
        self.assertEqual(line.order_id, order)

    def test_nothing_paid_is_begun_without_a_yes(self):
        line = self._bring()
        order = line.order_id
        job = self._add_job(order)
        with self.assertRaises(UserError):
            order.action_start()
        order.action_estimate()
        with self.assertRaises(UserError):
            order.action_start()
        with self.assertRaises(UserError):
            job.state = "approved"
        order.action_approve(method="phone", signer="Wang Fang", note="Go ahead")
        order.action_start()
        # More work that turns up waits for an answer of its own.
        added = self._add_job(order)
        order.action_estimate()
        with self.assertRaisesRegex(UserError, "has not answered"):
            order.action_complete(accept_differences=True)
        order.action_approve(jobs=added, method="phone")
        order.action_complete(accept_differences=True)
        order.action_pass_quality()
        line.action_test_repair()
        self.assertFalse(line._get_unasked_jobs())
        self.assertEqual(order.approval_ids.mapped("method"), ["phone", "phone"])
        self._ship(line)
        self.assertEqual(line.state, "done")

    def test_a_yes_that_is_not_on_record_stops_it(self):
        line = self._bring()
        order = self._repair(line)
        order.action_pass_quality()
        line.action_test_repair()
        order.approval_ids.sudo().unlink()
        self._check_stays(line, "not on record")

    # The gate

    def test_what_stays_does_not_hold_what_may_leave(self):
        """Two in one transfer: only the one that passed its test is ticked."""
        one, two = self._bring(count=2)
        self._repair(one).action_pass_quality()
        one.action_test_repair()
        two.action_agree("later", name="Wang Fang")
        picking = self._get_out(one).with_user(self.storekeeper)
        self.assertEqual(picking, self._get_out(two))
        one._get_moves("out").picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(one._get_moves("out").state, "done")
        self.assertNotEqual(two._get_moves("out").state, "done")

    def test_nothing_leaves_before_the_test(self):
        line = self._bring()
        self._check_stays(line)
        order = self._repair(line)
        self._check_stays(line)
        order.action_pass_quality()
        self._check_stays(line)
        with self.assertRaisesRegex(UserError, "passed the test"):
            order.action_deliver()
        line.with_user(self.technician).action_test_repair()
        self.assertEqual(line.gate_user_id, self.technician)
        self.assertTrue(line.may_leave)
        self._ship(line)
        self.assertEqual(line.state, "done")
        self.assertEqual(line.return_id.state, "done")
        order.action_deliver()
        self.assertEqual(order.state, "done")

    def test_not_before_the_work_is_finished(self):
        line = self._bring()
        for _step in range(2):
            with self.assertRaisesRegex(UserError, "not finished"):
                line.action_test_repair()
            self._add_job(line.order_id)
            line.order_id.action_approve()
        with self.assertRaises(UserError):
            line.action_test_repair(result="maybe")

    def test_not_passed_goes_back_to_work(self):
        line = self._bring()
        order = self._repair(line)
        with self.assertRaisesRegex(UserError, "what the test found"):
            line.action_test_repair(result="fail")
        line.action_test_repair(result="fail", note="Still noisy")
        self.assertEqual(order.state, "progress")
        self._check_stays(line)
        order.action_complete(accept_differences=True)
        order.action_pass_quality()
        self._check_stays(line)
        line.action_test_repair()
        self._ship(line)
        self.assertEqual(line.state, "done")

    def test_work_done_again_asks_for_the_test_again(self):
        line = self._bring()
        order = self._repair(line)
        line.action_test_repair()
        order.action_rework(reason="A screw is left over")
        order.action_complete(accept_differences=True)
        order.action_pass_quality()
        self.assertEqual(line.gate_result, "pass")
        self.assertFalse(line.may_leave)
        self._check_stays(line)
        line.action_test_repair()
        line.action_test_repair()
        self._ship(line)

    def test_the_result_is_not_written_past_the_test(self):
        line = self._bring()
        order = self._repair(line)
        order.action_pass_quality()
        for user in (self.technician, self.advisor, self.manager):
            with self.assertRaises(AccessError):
                line.with_user(user).write(
                    {"gate_result": "pass", "gate_round": line._get_gate_round()}
                )

    def test_one_of_two_stops_the_transfer(self):
        lines = self._bring(count=2)
        orders = self._repair(lines)
        orders.action_pass_quality()
        lines[0].action_test_repair()
        picking = self._get_out(lines)
        self.assertEqual(len(picking), 1)
        self._check_stays(lines, lines[1].order_id.name)
        # The one that passed may leave alone.
        picking.move_ids.filtered(
            lambda move: move.aftersales_return_line_id == lines[1]
        ).quantity = 0
        picking.move_ids.filtered("quantity").picked = True
        lines[1].action_agree(agreement="later", name="Wang Fang")
        picking.with_context(cancel_backorder=False)._action_done()
        self.assertEqual(lines.mapped("state"), ["done", "settled"])
        lines.action_test_repair()
        self._ship(lines[1])
        self.assertEqual(set(lines.mapped("state")), {"done"})

    def test_batch_of_tests_is_one_or_nothing(self):
        lines = self._bring(count=2)
        self._repair(lines[0])
        with self.assertRaises(UserError):
            lines.action_test_repair()
        self.assertFalse(lines[0].gate_result)

    # Called off

    def test_a_cancelled_work_order_is_no_way_round(self):
        line = self._bring()
        line.order_id.action_cancel(reason="Mistake")
        self._check_stays(line, "send it back unrepaired")
        line.action_return_unrepaired(reason="Customer changed his mind")
        self._ship(line)
        self.assertEqual(line.state, "done")

    def test_begun_and_cancelled_is_tested_all_the_same(self):
        line = self._bring()
        order = line.order_id
        self._add_job(order)
        order.action_approve()
        order.action_start()
        line.action_return_unrepaired(reason="No spare parts")
        self.assertEqual(order.state, "cancel")
        self._check_stays(line)
        line.action_test_repair(note="Complete and safe")
        self._ship(line)
        self.assertEqual(line.state, "done")

    def test_passed_before_it_was_called_off_does_not_count(self):
        line = self._bring()
        order = self._repair(line)
        line.action_test_repair()
        order.action_cancel(reason="Refund instead")
        self._check_stays(line)

    # Declined

    def test_declined_goes_back_as_it_is_for_the_fee(self):
        self._get_operation("repair").unrepaired_product_id = self.fee
        lines = self._bring(count=2)
        order = lines[0].order_id
        self._add_job(order)
        order.action_estimate()
        order.action_decline(reason="Too dear", method="phone")
        self._check_stays(lines[0])
        with self.assertRaises(UserError):
            lines.action_return_unrepaired(reason="")
        with self.assertRaises(AccessError):
            lines.with_user(self.technician).action_return_unrepaired(reason="No")
        lines.with_user(self.advisor).action_return_unrepaired(reason="Declined")
        lines.action_return_unrepaired(reason="Declined")
        sale = lines.fee_line_id.order_id
        self.assertEqual(len(sale), 1)
        self.assertEqual(len(lines.fee_line_id), 2)
        invoice = sale.invoice_ids
        self.assertEqual(invoice.amount_untaxed, 30.0)
        self.assertEqual(invoice.state, "draft")
        self._ship(lines)
        self.assertEqual(set(lines.mapped("state")), {"done"})
        self.assertEqual(set(lines.order_id.mapped("state")), {"cancel"})

    def test_fee_may_be_waived(self):
        self._get_operation("repair").unrepaired_product_id = self.fee
        line = self._bring()
        line.action_return_unrepaired(reason="Our mistake", charge_fee=False)
        self.assertFalse(line.fee_line_id)

    def test_only_what_is_in_repair_goes_back_unrepaired(self):
        line = self._bring(operation="as_is")
        with self.assertRaisesRegex(UserError, "not in repair"):
            line.action_return_unrepaired(reason="A")

    # It can't be repaired

    def test_refund_instead(self):
        line = self._bring()
        order = line.order_id
        out = self._get_out(line)
        with self.assertRaises(UserError):
            line.action_change_operation(self._get_operation("refund"))
        line.action_change_operation(
            self._get_operation("refund"), reason="Beyond repair"
        )
        self.assertEqual((line.state, line.remedy), ("tested", "refund"))
        self.assertEqual(out.state, "cancel")
        self.assertEqual(order.state, "cancel")
        self.assertTrue(line._is_customers())
        line.grade_id = self.grade_a
        line.action_settle()
        self.assertFalse(line._is_customers())
        refund = line.refund_line_ids.move_id
        self.assertEqual(refund.amount_total, 22.0)
        refund.action_post()
        self._receive(line.return_id)
        self.assertEqual(line.state, "done")
        self.assertEqual(self.sale_line.qty_delivered, 4.0)
        self.assertFalse(line._get_moves("out").filtered(lambda m: m.state == "done"))

    def test_exchange_instead(self):
        lines = self._bring(count=2)
        self._repair(lines[0])
        lines.action_change_operation(
            self._get_operation("exchange"), reason="Beyond repair"
        )
        lines.action_change_operation(
            self._get_operation("exchange"), reason="Beyond repair"
        )
        lines.action_settle()
        self.assertEqual(len(lines._get_moves("new")), 2)
        self.assertFalse(any(line._is_customers() for line in lines))
        self._receive(lines.return_id)
        self.assertEqual(lines.return_id.state, "done")
        self.assertEqual(self.sale_line.qty_delivered, 5.0)

    def test_as_is_instead_is_no_way_round(self):
        line = self._bring()
        order = line.order_id
        self._add_job(order)
        order.action_approve()
        order.action_start()
        line.action_change_operation(self._get_operation("as_is"), reason="Hopeless")
        line.action_settle()
        self._check_stays(line)
        line.action_test_repair()
        self._ship(line)
        self.assertEqual(line.state, "done")

    def test_given_is_not_changed(self):
        line = self._bring(operation="exchange")
        with self.assertRaisesRegex(UserError, "is settled"):
            line.action_change_operation(self._get_operation("refund"), reason="A")
        line = self._bring()
        with self.assertRaisesRegex(UserError, "by the button"):
            line.operation_id = self._get_operation("refund")
        with self.assertRaises(AccessError):
            line.with_user(self.technician).action_change_operation(
                self._get_operation("refund"), reason="A"
            )

    # Nothing is wrong with it: what was to be refunded goes back

    def _get_tested(self, operation):
        rma = self._create_return((self.sale_line, 1), operation=operation)
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(result="none", grade=self.grade_a)
        return rma.line_ids

    def test_refund_becomes_return_as_is(self):
        line = self._get_tested("refund")
        self.assertFalse(line._is_customers())
        self.assertEqual(self.sale_line.qty_delivered, 4.0)
        line.action_change_operation(
            self._get_operation("as_is"), reason="No fault found"
        )
        self.assertTrue(line._is_customers())
        self.assertEqual(self.sale_line.qty_delivered, 5.0)
        line.action_settle()
        self._ship(line)
        self.assertEqual(line.state, "done")
        self.assertEqual(self.sale_line.qty_delivered, 5.0)
        self.assertFalse(line.refund_line_ids)
        self.assertEqual(self._get_gap(), self.gap)

    def test_refund_becomes_exchange(self):
        line = self._get_tested("refund")
        line.operation_id = self._get_operation("exchange")
        self.assertTrue(line._is_customers())
        line.action_settle()
        self._receive(line.return_id)
        self.assertEqual(line.return_id.state, "done")
        self.assertEqual(self.sale_line.qty_delivered, 5.0)
        self.assertEqual(self._get_gap(), self.gap)

    def test_exchange_becomes_refund(self):
        line = self._get_tested("exchange")
        line.operation_id = self._get_operation("refund")
        line.action_settle()
        line.refund_line_ids.move_id.action_post()
        self._receive(line.return_id)
        self.assertEqual(line.return_id.state, "done")
        self.assertEqual(self.sale_line.qty_delivered, 4.0)
        self.assertEqual(self._get_gap(), self.gap)

    def test_changed_before_it_came(self):
        for first, then, is_ours in (
            ("repair", "refund", True),
            ("refund", "repair", False),
        ):
            with self.subTest(then):
                rma = self._create_return((self.sale_line, 1), operation=first)
                rma.action_accept()
                rma.line_ids.operation_id = self._get_operation(then)
                self.assertEqual(rma.line_ids.state, "expected")
                self._receive(rma)
                self.assertEqual(rma.line_ids.state, "received")
                self.assertEqual(not rma.line_ids._is_customers(), is_ours)

    def test_what_is_here_does_not_stay_with_the_customer(self):
        line = self._get_tested("refund")
        with self.assertRaisesRegex(UserError, "is here"):
            line.operation_id = self._get_operation("refund_keep")
