import logging
from datetime import timedelta
from unittest import SkipTest

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.aftersales.tests.demo_common import DemoCommon


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """The garage's day: each step is taken by its role, at any hour of any day."""

    story = {
        "aftersales": "order_new",
        "aftersales_warranty": "order_suv",
        "aftersales_inspection": "inspection_walkaround",
        "aftersales_planning": "board_shop",
        "aftersales_vehicle": "order_tomorrow",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls._has_demo("aftersales_vehicle"):
            raise SkipTest("the demo data is loaded already")
        # Half of the work, whatever the hour, and tested with their own modules.
        cls._load_demo("aftersales", "aftersales_warranty")

    def _check_orders(self):
        states = {
            "order_tomorrow": ("draft", "confirmed"),
            "order_walkaround": ("draft", "arrived"),
            "order_estimate": ("quoted", "arrived"),
            "order_running": ("progress", "arrived"),
            "order_sent_back": ("progress", "arrived"),
            "order_ready": ("ready", "arrived"),
            "order_comeback": ("draft", "confirmed"),
            "order_recall": ("done", "none"),
            "order_first_repair": ("done", "none"),
        }
        for name, expected in states.items():
            order = self._get(name)
            with self.subTest(order=name):
                self.assertEqual((order.state, order.booking_state), expected)

    def _check_today(self):
        visit = self._get("order_tomorrow")
        self.assertEqual(visit.preparation_state, "failed")
        self.assertIn("Cabin filter", visit.visit_problem)
        sheet = self._get("inspection_walkaround")
        self.assertEqual((sheet.state, sheet.signed_by), ("done", "张敏"))
        self.assertEqual(len(sheet.answer_ids.filtered("marks").marks), 3)
        paper, _format = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales_vehicle.action_report_reception", sheet.order_id.ids
        )
        self.assertIn('name="marks"', paper.decode(), "marks are told in words")
        self.assertEqual(sheet.belonging_ids.name, "雨伞 (umbrella)")
        findings = self._get("inspection_multipoint").finding_ids
        self.assertEqual(set(findings.mapped("rating")), {"yellow", "red"})
        self.assertEqual(set(findings.mapped("state")), {"proposed"})
        self.assertEqual(
            findings.filtered("warning_date").mapped("warned_name"), ["李伟"]
        )
        running = self._get("job_running")
        self.assertEqual(
            running.clock_employee_ids,
            self.env.ref("aftersales_planning.employee_zhang_qiang"),
        )
        self.assertEqual(self._get("job_running_added").state, "proposed")
        back = self._get("order_sent_back")
        self.assertEqual(back.rework_count, 1)
        self.assertEqual(back.loan_ids.mapped("state"), ["out"])
        self.assertTrue(self._get("order_comeback").has_comeback_offer)
        board = self.env.ref("aftersales_planning.board_lounge")
        labels = {car["label"] for car in board.get_payload()["cars"]}
        # 沪C·17V33 and 苏E·5K777: the tails of plates, not of VINs.
        self.assertLessEqual({"V33", "777"}, labels)

    def _check_gate(self):
        ready, recall = self._get("order_ready"), self._get("order_recall")
        self.assertFalse(ready.gate_pass_id)
        self.assertEqual(recall.gate_pass_id.basis, "nothing")
        self._check_dates(recall)
        if ready.invoice_ids:
            self.assertEqual(ready.invoice_ids.state, "posted")
            self.assertEqual(ready.invoice_ids.payment_state, "not_paid")
            core = self._get("order_sent_back").old_part_ids.core_ids
            self.assertEqual((core.state, core.amount), ("held", 40.0))
            first = self._get("order_first_repair")
            self.assertEqual(first.gate_pass_id.basis, "released")
            self.assertTrue(recall.claim_ids)

    def _check_dates(self, recall):
        """What follows a visit goes by the day it was, not by that of loading."""
        today = fields.Date.today()
        out = recall.date_out.date()
        self.assertEqual(recall.date_follow_up, today)
        gate_pass = recall.gate_pass_id
        self.assertEqual((gate_pass.state, gate_pass.date_out.date()), ("out", out))
        guarantee = self.env["aftersales.warranty.registration"].search(
            [("job_id", "in", recall.job_ids.ids)]
        )
        self.assertEqual(guarantee.mapped("date_start"), [out])
        taxis = [self._get(f"order_taxi_{number}") for number in (1, 2, 3)]
        self.assertEqual(
            [(taxi.date_follow_up, taxi.follow_up_result) for taxi in taxis],
            [
                (False, "hint"),
                (today, "not_reached"),
                (today + timedelta(days=1), False),
            ],
        )

    def _check_cars(self):
        recall = self._get("campaign_recall")
        self.assertEqual(
            sorted(recall.vehicle_ids.mapped("state")), ["booked", "done", "refused"]
        )
        winter = self._get("campaign_winter").vehicle_ids
        self.assertLessEqual(
            {"open", "invited", "refused"}, set(winter.mapped("state"))
        )
        cars = self.env["aftersales.asset"].search([("is_vehicle", "=", True)])
        self.assertGreaterEqual(len(cars), 10)
        self.assertFalse(cars.filtered(lambda car: car.vin_state == "warning"))
        self.assertEqual(self._get("asset_x3").vin_state, "kept")
        self.assertEqual(
            self._get("asset_golf").partner_id, self._get("partner_sun_hao")
        )
        wang = cars.filtered(
            lambda car: car.partner_id == self.env.ref("aftersales.partner_wang_fang")
        )
        self.assertEqual(len(wang), 2)
        self.assertTrue(all(cars.mapped("next_service_date")))

    def _check_figures(self):
        since = fields.Date.today() - timedelta(days=6)
        days = self.env["aftersales.clock.day"].search([("date", ">=", since)])
        good = days.filtered("efficiency").employee_id
        self.assertGreaterEqual(len(good), 3)

    def _check_story(self):
        self._check_orders()
        self._check_today()
        self._check_gate()
        self._check_cars()
        self._check_figures()

    def _load_at(self, weekday, hour, minute=0):
        """Load the story on a day of the coming week.

        :param int weekday: 0 is Monday
        """
        day = fields.Date.today() + timedelta(days=1)
        day += timedelta(days=(weekday - day.weekday()) % 7)
        frozen = freeze_time(f"{day} {hour:02}:{minute:02}:00")
        frozen.start()
        self.addCleanup(frozen.stop)
        with self.assertNoLogs(level=logging.WARNING):
            self._load_demo(*self.story)

    def test_monday_morning(self):
        self._load_at(0, 8)
        self._check_story()

    def test_late_on_a_saturday(self):
        self._load_at(5, 23, 30)
        self._check_story()

    def test_sunday_without_a_chart_of_accounts_nothing_is_billed(self):
        # As if there had never been any: those with drafts are not archived.
        self.env.cr.execute(
            "UPDATE account_journal SET active = FALSE "
            "WHERE type IN ('sale', 'purchase')"
        )
        self.env.invalidate_all()
        self._load_at(6, 10)
        self.assertFalse(self._get("order_ready").invoice_ids)
        self._check_story()
