from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
class TestSupplierViews(SupplierCommon):
    """The screens of what is at suppliers, and the price agreed before the repair."""

    def _start(self, names=("V1",), operation="repair"):
        lots = self._create_lots(names)
        self._buy(self.part_serial, len(lots), lots=lots)
        return self._come_back(
            self.part_serial, len(lots), operation=operation, lots=lots
        )

    def _open(self, action, user=None):
        env = self.env(user=user.id) if user else self.env
        return Form(env[action["res_model"]].with_context(**action["context"]))

    def test_what_its_supplier_repairs_is_not_settled(self):
        line = self._start()
        line.action_test(result="fail")
        rma = line.return_id
        self.assertTrue(line.to_settle)
        trip = self._send(line)
        self.env.invalidate_all()
        self.assertEqual((rma.settle_count, line.to_settle), (0, False))
        self.assertIn(trip.name, rma.next_step)
        trip.date_promised = fields.Date.add(fields.Date.today(), days=-3)
        self.env.invalidate_all()
        self.assertIn("overdue at its supplier", rma.next_step)
        trip.action_receive()
        line.action_test(result="fail")
        self.env.invalidate_all()
        self.assertTrue(line.to_settle)

    # Wizards

    def test_send_and_new_date(self):
        trips = self._start(("V1", "V2")).action_send_to_supplier()
        action = trips.with_user(self.storekeeper).action_open_send()
        with self._open(action, self.storekeeper) as form:
            form.date_promised = "2099-03-01"
            form.reference = "P-9"
        form.record.action_apply()
        self.assertEqual(set(trips.mapped("state")), {"sent"})
        self.assertEqual(set(trips.mapped("supplier_reference")), {"P-9"})
        form = self._open(trips.action_open_promise())
        self.assertEqual(str(form.date_promised), "2099-03-01")
        form.date_promised = "2099-04-01"
        form.save().action_apply()
        self.assertEqual(str(trips[0].date_promised), "2099-04-01")

    def test_serials_are_read(self):
        trips = self._send(self._start(("V1", "V2")))
        form = self._open(trips.action_open_receive())
        with form.line_ids.edit(1) as line:
            line.serial = "X7"
        wizard = form.save()
        other = wizard.line_ids[1].trip_id
        action = wizard.action_apply()
        self.assertEqual(action["res_model"], "aftersales.return.difference")
        self.assertEqual(other.difference_ids.found, "X7")
        self.assertEqual((trips - other).state, "back")

    def test_replaced_and_refused_and_lost(self):
        for step, state in (
            ("replace", "replaced"),
            ("refuse", "refused"),
            ("lose", "lost"),
        ):
            with self.subTest(step):
                trip = self._send(self._start((f"O-{step}",)))
                form = self._open(getattr(trip, f"action_open_{step}")())
                if step == "replace":
                    with form.line_ids.edit(0) as line:
                        line.serial = "N-1"
                else:
                    form.reason = "Burnt"
                form.save().action_apply()
                self.assertEqual(trip.state, state)

    # Lists and buttons

    def test_buttons_on_purchase_and_vendor(self):
        line = self._start()
        trip = self._send(line)
        purchase = trip.purchase_id
        self.assertEqual(purchase.aftersales_trip_count, 1)
        self.assertEqual(self.supplier.aftersales_trip_count, 1)
        Trip = self.env["aftersales.supplier.trip"]
        for record in (purchase, self.supplier):
            action = record.action_view_aftersales_trips()
            self.assertEqual(Trip.search(action["domain"]), trip)
        self.assertEqual(line.action_open_supplier()["res_id"], trip.id)
        self.assertEqual(trip.action_view_return()["res_id"], line.return_id.id)

    def test_forms_open_for_everybody(self):
        trip = self._send(self._start())
        for user in (self.advisor, self.storekeeper, self.technician, self.accountant):
            with self.subTest(user.login):
                Form(trip.with_user(user))
                views = trip.with_user(user).get_views(
                    [(False, "list"), (False, "search")]
                )
                self.assertTrue(views)

    def test_late_is_red_and_found(self):
        trip = self._send(self._start(), fields.Date.add(fields.Date.today(), days=-1))
        found = self.env["aftersales.supplier.trip"].search([("is_late", "=", True)])
        self.assertIn(trip, found)
        self.assertNotIn(
            trip,
            self.env["aftersales.supplier.trip"].search([("is_late", "=", False)]),
        )

    # The price needs consent first

    def test_customer_agrees_before_the_supplier_goes_on(self):
        line = self._start()
        trip = self._send(line)
        with self.assertRaisesRegex(UserError, "asks"):
            trip.action_go_on()
        form = self._open(trip.action_open_quote())
        form.amount = 60.0
        self.assertEqual(form.price, 60.0)
        form.price = 85.0
        form.reason = "Exchange the shaft seal"
        form.date_promised = "2099-05-01"
        form.save().action_apply()
        order = line.order_id
        self.assertEqual(trip.consent, "wait")
        self.assertEqual(str(trip.date_promised), "2099-05-01")
        job = trip.job_id
        self.assertEqual((job.order_id, job.state), (order, "proposed"))
        self.assertEqual((job.line_ids.kind, job.line_ids.price_unit), ("sublet", 85.0))
        with self.assertRaisesRegex(UserError, "agreed"):
            trip.action_go_on()
        order.action_approve(method="phone", signer="Wang Fang")
        self.assertEqual(trip.consent, "yes")
        purchase = job.line_ids.purchase_line_ids.order_id
        self.assertEqual(
            (purchase.partner_id, purchase.state), (self.supplier, "draft")
        )
        self.assertEqual(job.line_ids.purchase_line_ids.price_unit, 60.0)
        trip.action_go_on()
        self.assertEqual(purchase.state, "purchase")
        self.assertTrue(trip.date_go_on)
        trip.action_go_on()
        with self.assertRaisesRegex(UserError, "already"):
            trip.action_quote(amount=10.0)

    def test_another_price_and_a_no(self):
        line = self._start()
        trip = self._send(line)
        trip.action_quote(amount=60.0)
        first = trip.job_id
        trip.action_quote(amount=70.0, price=90.0)
        self.assertEqual(first.state, "declined")
        trip.job_id.order_id.action_decline(jobs=trip.job_id, reason="Too much")
        self.assertEqual(trip.consent, "no")
        with self.assertRaisesRegex(UserError, "agreed"):
            trip.action_go_on()
        trip.action_receive()
        self.assertEqual(trip.state, "back")

    def test_free_and_ours(self):
        trip = self._send(self._start(("F1",)))
        trip.action_quote(amount=0.0)
        self.assertEqual(trip.consent, "free")
        self.assertFalse(trip.job_id)
        trip.action_go_on()
        line = self._start(("F2",), operation="refund")
        own = self._send(line)
        own.action_quote(amount=12.0)
        self.assertEqual(own.consent, "ours")
        self.assertFalse(own.job_id)
        own.action_go_on()
        self.assertEqual(own.consent, "yes")
        self.assertEqual(own.go_on_user_id, self.env.user)
        with self.assertRaisesRegex(UserError, "0 if it is free"):
            self._send(self._start(("F3",))).action_quote()
