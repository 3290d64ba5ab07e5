from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

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
