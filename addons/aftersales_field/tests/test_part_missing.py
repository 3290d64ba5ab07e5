from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .van_common import VanCommon

CRON = "aftersales_field.ir_cron_plan_waiting"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestPartMissing(VanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vendor = cls.env["res.partner"].create({"name": "Pumps Ltd."})
        cls.buy = cls.env.ref("purchase_stock.route_warehouse0_buy")
        cls.pump = cls.env["product.product"].create(
            {
                "name": "Pump",
                "is_storable": True,
                "list_price": 90.0,
                "standard_price": 40.0,
                "route_ids": [Command.set(cls.buy.ids)],
                "seller_ids": [
                    Command.create(
                        {"partner_id": cls.vendor.id, "price": 40.0, "delay": 3}
                    )
                ],
                "taxes_id": [Command.clear()],
                "categ_id": cls.category_avco_auto.id,
            }
        )
        cls.customer.email = "wang@customers.example"
        cls.cron = cls.env.ref(CRON)

    def _report(self, visit, product=None, quantity=1, **values):
        line = self._as_engineer(visit).action_report_missing(
            (product or self.pump).id, quantity, **values
        )
        return line.sudo()

    def _start_visit(self):
        return self._arrive(self._create_visit(2, "2026-03-02 09:00"))

    def _end(self, visit):
        """The engineer leaves, as after ``action_finish``."""
        visit._end_bookings()
        visit._set_state("done")

    def _agree(self, line):
        line.order_id.action_approve(jobs=line.job_id, method="phone")

    def _get_purchase(self, product=None):
        lines = self.env["purchase.order.line"].search(
            [("product_id", "=", (product or self.pump).id)]
        )
        return lines.order_id

    def _receive(self, purchase, quantity=None):
        picking = purchase.picking_ids.filtered(
            lambda each: each.state not in ("done", "cancel")
        )
        if quantity:
            picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()

    def _run_cron(self):
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=1.0
        ):
            self.env["aftersales.visit"]._cron_plan_waiting()

    def _get_mails(self, visit):
        return visit.message_ids.filtered(
            lambda message: self.customer in message.partner_ids
        ).sorted("id")

    # What is agreed

    def test_part_is_ordered_once_the_customer_agrees(self):
        visit = self._start_visit()
        line = self._report(visit, operation="m1")
        self.assertEqual(self._report(visit, operation="m1"), line, "replayed")
        self.assertEqual(line.job_id.state, "proposed")
        self.assertFalse(self._get_purchase(), "nothing is ordered before the yes")
        follow_up = visit.next_ids
        self.assertEqual(len(follow_up), 1)
        self.assertEqual(follow_up.state, "draft")
        self.assertTrue(follow_up.waits_for_parts)
        self.assertIn(line.job_id, follow_up.job_ids)
        self.assertFalse(self._get_mails(follow_up))
        self._agree(line)
        purchase = self._get_purchase()
        self.assertEqual(purchase.order_line.product_qty, 1)
        self.assertEqual(purchase.state, "draft")
        self.assertEqual(len(self._get_mails(follow_up)), 1, "told that it is asked")

    def test_part_is_ordered_where_parts_are_staged(self):
        self.warehouse.aftersales_steps = "two_steps"
        visit = self._start_visit()
        line = self._report(visit, quantity=2)
        self._agree(line)
        purchase = self._get_purchase()
        self.assertEqual(purchase.order_line.product_qty, 2)
        follow_up = visit.next_ids
        self.assertFalse(follow_up.awaited_ids.is_lost)
        purchase.button_confirm()
        self._run_cron()
        self.assertTrue(follow_up.date_parts, "told when it comes")
        self._end(visit)
        other = self._arrive(self._create_visit(2, "2026-03-02 14:00"))
        self._agree(self._report(other))
        quantity = sum(self._get_purchase().order_line.mapped("product_qty"))
        self.assertEqual(quantity, 3, "only what lacks is ordered")

    def test_two_parts_wait_on_one_visit(self):
        visit = self._start_visit()
        lines = self._report(visit) | self._report(visit, self.part_avco, 2)
        self.assertEqual(len(visit.next_ids), 1)
        self.assertEqual(len(lines.job_id), 1)
        self.assertEqual(visit.next_ids.awaited_ids.job_line_id, lines)

    def test_declined_part_ends_the_wait(self):
        visit = self._start_visit()
        line = self._report(visit)
        follow_up = visit.next_ids
        line.order_id.action_decline(jobs=line.job_id, reason="Too dear")
        self._end(visit)
        self._run_cron()
        self.assertFalse(follow_up.waits_for_parts)

    def test_van_has_it(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 2)
        visit = self._start_visit()
        with self.assertRaisesRegex(UserError, "has 2 .*Use it, or count"):
            self._report(visit, self.part_avco, 2)

    def test_other_engineers_are_refused(self):
        visit = self._start_visit()
        with self.assertRaises(AccessError):
            visit.with_user(self.ben_user).action_report_missing(self.pump.id)

    def test_planned_part_that_is_not_here(self):
        """Approved and planned, and the store had none of it."""
        visit = self._create_part_visit(self.pump, 1)
        self._arrive(visit)
        line = self._get_line(visit, self.pump)
        self.assertEqual(self._report(visit), line)
        follow_up = visit.next_ids
        move = line._get_issue_moves()
        self.assertEqual(move.aftersales_visit_id, follow_up)
        self.assertEqual(move.location_id, self.store)
        self.assertTrue(self._get_purchase(), "ordered at once, it was agreed to")

    # In stock

    def test_part_in_stock_is_kept_for_the_next_visit(self):
        self._stock(self.part_avco, 1)
        visit = self._start_visit()
        line = self._report(visit, self.part_avco)
        self._agree(line)
        follow_up = visit.next_ids
        self.assertEqual(self._get_reserved(self.part_avco, self.store), 1)
        self._run_cron()
        self.assertEqual(follow_up.state, "draft", "he is still there")
        self._end(visit)
        self._run_cron()
        self.assertEqual(follow_up.state, "planned")
        load = self._get_loads(follow_up)
        self.assertEqual(
            load.location_dest_id, follow_up.technician_id.aftersales_van_id
        )
        self.assertEqual(load.aftersales_visit_id, follow_up)

    # Until it arrives

    def _wait_for_pump(self):
        visit = self._start_visit()
        line = self._report(visit, quantity=2)
        self._agree(line)
        self._end(visit)
        purchase = self._get_purchase()
        purchase.button_confirm()
        self._run_cron()
        return visit.next_ids, line, purchase

    def test_customer_is_told_the_date(self):
        follow_up, _line, purchase = self._wait_for_pump()
        move = purchase.picking_ids.move_ids
        self.assertEqual(follow_up.date_parts, move.date)
        self.assertEqual(follow_up.date_earliest, move.date)
        self.assertEqual(follow_up.awaited_ids.date_expected, move.date)
        mails = self._get_mails(follow_up)
        self.assertIn("Pump", mails[-1].body)
        self.assertIn("March", mails[-1].body)
        self._run_cron()
        self.assertEqual(self._get_mails(follow_up), mails, "told once")

    def test_customer_is_told_in_the_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        template = self.env.ref("aftersales_field.mail_template_part_missing")
        template.with_context(lang="fr_FR").subject = "Une pièce"
        follow_up, _line, _purchase = self._wait_for_pump()
        mail = self._get_mails(follow_up)[-1]
        self.assertEqual(mail.subject, "Une pièce")
        self.assertIn("mars", mail.body)

    def test_late_part_is_told_again(self):
        follow_up, _line, purchase = self._wait_for_pump()
        count = len(self._get_mails(follow_up))
        later = purchase.picking_ids.move_ids.date + timedelta(days=5)
        purchase.picking_ids.move_ids.date = later
        self._run_cron()
        self.assertEqual(follow_up.date_parts, later)
        self.assertEqual(len(self._get_mails(follow_up)), count + 1)

    def test_last_part_plans_the_visit(self):
        follow_up, line, purchase = self._wait_for_pump()
        triggers = self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", self.cron.id)]
        )
        self._receive(purchase, 1)
        self.assertEqual(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]),
            triggers,
            "a piece is not enough",
        )
        self._run_cron()
        self.assertEqual(follow_up.state, "draft")
        self._receive(purchase)
        self.assertGreater(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]),
            triggers,
            "at once, not within the hour",
        )
        self._run_cron()
        self.assertEqual(follow_up.state, "planned")
        self.assertTrue(follow_up.technician_id)
        self.assertGreaterEqual(follow_up.start, fields.Datetime.now())
        self.assertFalse(follow_up.waits_for_parts)
        self.assertEqual(line._get_issue_moves().aftersales_visit_id, follow_up)
        self.assertIn("arrived", self._get_mails(follow_up)[-1].body)
        count = len(self._get_mails(follow_up))
        self._run_cron()
        self.assertEqual(len(self._get_mails(follow_up)), count, "planned once")

    def test_cancelled_purchase_goes_to_the_dispatcher(self):
        follow_up, line, purchase = self._wait_for_pump()
        purchase.button_cancel()
        self._run_cron()
        self.assertTrue(follow_up.awaited_ids.is_lost)
        activity = follow_up.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertIn("not coming", activity.summary)
        self._run_cron()
        self.assertEqual(len(follow_up.activity_ids), 1, "asked once")
        self.assertEqual(follow_up.state, "draft")
        self._stock(self.pump, 2, 40.0)
        line._get_issue_moves()._action_assign()
        self._run_cron()
        self.assertEqual(follow_up.state, "planned", "it came from elsewhere")

    def test_nobody_is_free(self):
        follow_up, _line, purchase = self._wait_for_pump()
        self._receive(purchase)
        with patch.object(type(follow_up), "_get_free_times", return_value=[]):
            self._run_cron()
        self.assertEqual(follow_up.state, "draft")
        self.assertIn("Plan the visit", follow_up.activity_ids.summary)
        self.assertEqual(follow_up.activity_ids.user_id, follow_up.order_id.user_id)

    def test_nobody_supplies_it(self):
        self.pump.write({"route_ids": [Command.clear()]})
        self.pump.seller_ids.unlink()
        visit = self._start_visit()
        line = self._report(visit)
        self._agree(line)
        self.assertIn(line.job_id.state, ("approved", "progress"))
        self.assertTrue(visit.next_ids.activity_ids | visit.activity_ids)

    def test_cancelled_order_ends_the_wait(self):
        follow_up, _line, purchase = self._wait_for_pump()
        follow_up.order_id.action_cancel(reason="Sold")
        self.assertEqual(follow_up.state, "cancel")
        self._receive(purchase)
        self._run_cron()
        self.assertEqual(follow_up.state, "cancel")
        self.assertEqual(self._get_reserved(self.pump, self.store), 0)

    def test_planned_by_hand_before_it_is_here(self):
        follow_up, _line, purchase = self._wait_for_pump()
        follow_up.action_plan(
            start=self._local("2026-03-03 09:00"), technician=self.employee_ben
        )
        self._run_cron()
        self.assertIn("after the visit", follow_up.activity_ids.summary)
        self._receive(purchase)
        load = self._get_loads(follow_up)
        self.assertEqual(
            (load.location_dest_id, load.state), (self.van_ben, "assigned")
        )

    def test_made_to_order_part(self):
        """The product's own routes order it, chained to the receipt."""
        mto = self.warehouse.mto_pull_id.route_id
        mto.active = True
        self.pump.route_ids |= mto
        follow_up, line, purchase = self._wait_for_pump()
        self.assertEqual(len(purchase), 1)
        self.assertEqual(purchase.order_line.product_qty, 2)
        self._receive(purchase)
        self._run_cron()
        self.assertEqual(follow_up.state, "planned")
        self._load(follow_up)
        self.assertEqual(
            self._get_quantity(self.pump, follow_up.technician_id.aftersales_van_id),
            2,
        )

    def test_one_bad_visit_does_not_stop_the_rest(self):
        follow_up, _line, purchase = self._wait_for_pump()
        self._receive(purchase)
        self._stock(self.part_avco, 1)
        order = self._create_order([(self.part_avco, 1), (self.labour, 1)])
        order.action_approve()
        bad = order.action_create_visit()
        bad.waits_for_parts = True
        origin = type(bad)._follow_parts

        def follow(visits):
            if visits == bad:
                raise ValueError("broken")
            return origin(visits)

        with (
            patch.object(type(bad), "_follow_parts", follow),
            self.assertLogs("odoo.addons.aftersales_field", "ERROR") as logs,
        ):
            self._run_cron()
        self.assertIn(bad.name, logs.output[0])
        self.assertEqual(follow_up.state, "planned")
