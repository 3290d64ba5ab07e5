from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestGatePass(ReceptionCommon):
    def _ready(self, **values):
        self._stock(self.part_avco, 1)
        order = self._approve(self._order(**values))
        return self._finish_order(order)

    def test_unpaid_stays_here_and_is_told_how_much(self):
        order = self._ready()
        self.assertIn("Payment of", order.missing)
        with self.assertRaisesRegex(UserError, r"180\.00.*is not paid"):
            order.with_user(self.advisor).action_deliver(meter_out=10010)
        self.assertEqual(order.state, "ready")
        self.assertFalse(order.gate_pass_ids)

    def test_not_invoiced_stays_here(self):
        self._stock(self.part_avco, 1)
        order = self._approve(self._order())
        self._finish_order(order, invoice=False)
        with self.assertRaisesRegex(UserError, "is not invoiced yet"):
            order.action_gate_pass()

    def test_paid_leaves_with_name_and_time(self):
        order = self._ready()
        self._pay(order)
        order.with_user(self.advisor).action_deliver(meter_out=10010, signer="Li Wei")
        gate_pass = order.gate_pass_id
        self.assertEqual(gate_pass.basis, "paid")
        self.assertEqual(gate_pass.plate, self.vehicle.plate)
        self.assertEqual(gate_pass.user_id, self.advisor)
        self.assertEqual(gate_pass.driver, "Li Wei")
        gate_pass.with_user(self.advisor).action_out()
        self.assertEqual(gate_pass.state, "out")
        left = gate_pass.date_out
        gate_pass.action_out(driver="Somebody else")
        self.assertEqual(gate_pass.date_out, left, "it left once")
        self.assertEqual(gate_pass.driver, "Li Wei")

    def test_released_by_name_with_a_reason(self):
        order = self._ready()
        with self.assertRaises(AccessError):
            order.with_user(self.advisor).action_release(reason="Good customer")
        with self.assertRaisesRegex(UserError, "say why"):
            order.with_user(self.manager).action_release(reason=" ")
        order.with_user(self.manager).action_release(reason="Pays tomorrow")
        gate_pass = order.gate_pass_id
        self.assertEqual(gate_pass.basis, "released")
        self.assertEqual(gate_pass.user_id, self.manager)
        self.assertEqual(gate_pass.reason, "Pays tomorrow")
        self.assertEqual(gate_pass.amount_due, 180.0)
        order.with_user(self.advisor).action_deliver(meter_out=10010)
        self.assertEqual(order.state, "done")
        self.assertEqual(order.gate_pass_ids, gate_pass, "one pass")

    def test_a_customer_with_credit_leaves_on_account(self):
        self.customer.aftersales_on_account = True
        order = self._ready()
        order.action_deliver(meter_out=10010)
        self.assertEqual(order.gate_pass_id.basis, "account")

    def test_what_the_maker_owes_does_not_hold_the_car(self):
        self._stock(self.part_avco, 1)
        order = self._order(
            {
                "lines": [(self.part_avco, 1)],
                "payer_id": self.payer_maker.id,
            }
        )
        self._finish_order(self._approve(order))
        order.action_deliver(meter_out=10010)
        self.assertEqual(order.gate_pass_id.basis, "nothing")

    def test_two_orders_in_one_go_and_again(self):
        orders = self._ready() | self._ready()
        for order in orders:
            self._pay(order)
        orders.action_gate_pass()
        orders.action_gate_pass()
        self.assertEqual(len(orders.gate_pass_ids), 2)

    def test_one_unpaid_holds_the_batch_and_nothing_is_half_done(self):
        paid, unpaid = self._ready(), self._ready()
        self._pay(paid)
        with self.assertRaisesRegex(UserError, unpaid.name), self.env.cr.savepoint():
            (paid | unpaid).action_gate_pass()
        self.assertFalse((paid | unpaid).gate_pass_ids)

    def test_withdrawn_makes_room_for_another(self):
        order = self._ready()
        self._pay(order)
        order.action_gate_pass()
        order.gate_pass_id.action_withdraw()
        with self.assertRaisesRegex(UserError, "cannot become"):
            order.gate_pass_ids.action_out()
        order.action_gate_pass()
        self.assertEqual(len(order.gate_pass_ids), 2)

    def test_a_pass_stays_on_record(self):
        order = self._ready()
        self._pay(order)
        order.action_gate_pass()
        with self.assertRaisesRegex(UserError, "stays on record"):
            order.gate_pass_id.unlink()

    def test_before_the_check_is_passed_there_is_none(self):
        self._stock(self.part_avco, 1)
        order = self._approve(self._order())
        with self.assertRaisesRegex(UserError, "has not passed its check"):
            order.action_gate_pass()

    def test_other_assets_leave_as_before(self):
        self._stock(self.part_avco, 1)
        order = self._approve(self._create_order())
        self._finish_order(order)
        order.action_deliver()
        self.assertFalse(order.gate_pass_ids)

    def test_a_payment_that_bounced_holds_the_car_again(self):
        order = self._ready()
        self._pay(order)
        order.action_gate_pass()
        for line in order.invoice_ids.line_ids:
            line.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, "is not paid"):
            order.gate_pass_id.with_user(self.advisor).action_out()
        with self.assertRaisesRegex(UserError, "is not paid"):
            order.action_deliver(meter_out=10010)
        order.with_user(self.manager).action_release(reason="Pays in cash tonight")
        self.assertEqual(order.gate_pass_id.basis, "released")
        order.gate_pass_id.action_out()
        self.assertEqual(order.gate_pass_id.state, "out")

    def test_who_released_it_is_not_rewritten(self):
        order = self._ready()
        order.with_user(self.manager).action_release(reason="Pays tomorrow")
        gate_pass = order.gate_pass_id.with_user(self.advisor)
        with self.assertRaisesRegex(AccessError, "can't be rewritten"):
            gate_pass.write({"reason": "Somebody else said so"})
        gate_pass.driver = "Li Wei"
        self.assertEqual(order.gate_pass_id.driver, "Li Wei")

    def test_unpaid_says_that_payment_is_next(self):
        order = self._ready()
        self.assertEqual(order.gate_hold, "payment")
        self.assertEqual(order.gate_due, 180.0)
        self.assertIn("Payment: take", order.next_step)
        self.assertIn("180.00", order.next_step)
        self._pay(order)
        order.invalidate_recordset()
        self.assertFalse(order.gate_hold)
        self.assertEqual(order.next_step, "Hand over.")

    def test_nothing_is_held_that_needs_no_pass_or_has_credit(self):
        self._stock(self.part_avco, 1)
        other = self._finish_order(self._approve(self._create_order()))
        self.assertFalse(other.gate_hold)
        self.customer.aftersales_on_account = True
        self.assertFalse(self._ready().gate_hold)

    def test_not_invoiced_says_so(self):
        self._stock(self.part_avco, 1)
        order = self._finish_order(self._approve(self._order()), invoice=False)
        self.assertEqual(order.gate_hold, "invoice")
        self.assertEqual(order.next_step, "Invoice and hand over.")

    def test_the_desk_takes_the_payment(self):
        order = self._ready()
        accountant = order.with_user(self.accountant)
        action = accountant.action_register_payment()
        self.assertEqual(action["res_model"], "account.payment.register")
        payment = Form(
            self.env["account.payment.register"]
            .with_user(self.accountant)
            .with_context(**action["context"])
        )
        self.assertEqual(payment.amount, 180.0)
        payment.save().action_create_payments()
        order.invalidate_recordset()
        self.assertFalse(order.gate_hold)
        with self.assertRaisesRegex(UserError, "nothing is to be paid"):
            accountant.action_register_payment()

    def test_an_invoice_not_posted_is_opened_first(self):
        order = self._ready()
        order.invoice_ids.button_draft()
        action = order.with_user(self.accountant).action_register_payment()
        self.assertEqual(action["res_model"], "account.move")
        self.assertEqual(action["res_id"], order.invoice_ids.id)

    def test_an_advisor_asks_a_manager_for_the_release(self):
        self.team.user_id = self.manager
        orders = self._ready() | self._ready()
        asked = orders.with_user(self.advisor)
        with self.assertRaisesRegex(UserError, "say why"):
            asked.action_request_release()
        asked.action_request_release(reason="Pays in cash tonight")
        asked.action_request_release(reason="Said again")
        self.assertEqual(len(orders.activity_ids), 2, "once each")
        self.assertEqual(orders.activity_ids.user_id, self.manager)
        self.assertIn("Pays in cash tonight", orders[0].activity_ids.note)
        self.assertIn("was asked to release", orders[0].next_step)
        orders[0].with_user(self.manager).action_release(reason="I know him")
        self.assertFalse(orders[0].activity_ids, "it is answered")
        self.assertTrue(orders[1].activity_ids)

    def test_whoever_has_the_right_is_asked_if_the_leader_has_it_not(self):
        self.team.user_id = self.advisor
        order = self._ready()
        order.with_user(self.advisor).action_request_release(reason="Pays tonight")
        self.assertTrue(
            order.activity_ids.user_id.has_group(
                "aftersales_vehicle.vehicle_group_release"
            )
        )
        self.assertIn(self.company, order.activity_ids.user_id.company_ids)

    def test_a_release_is_asked_for_what_is_held_alone(self):
        order = self._ready()
        self._pay(order)
        with self.assertRaisesRegex(UserError, "no payment holds"):
            order.with_user(self.advisor).action_request_release(reason="Please")
        order.invalidate_recordset()
        unpaid = self._ready()
        unpaid.job_ids.technician_id = self.employee
        with self.assertRaises(AccessError):
            unpaid.with_user(self.technician).action_request_release(reason="Please")

    def test_payment_is_for_who_takes_it(self):
        order = self._order()
        with self.assertRaises(AccessError):
            order.with_user(self.technician).action_register_payment()
        with self.assertRaisesRegex(UserError, "nothing is to be paid"):
            order.with_user(self.accountant).action_register_payment()

    def test_order_is_found_by_plate(self):
        order = self._order()
        Order = self.env["aftersales.order"].with_user(self.advisor)
        for words in (order.name, self.vehicle.plate, self.vehicle.serial):
            self.assertIn(order.id, dict(Order.name_search(words)), words)
