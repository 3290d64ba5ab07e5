import logging
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file

MARKERS = {
    "aftersales": "order_new",
    "aftersales_warranty": "order_suv",
    "aftersales_inspection": "inspection_walkaround",
    "aftersales_planning": "board_shop",
    "aftersales_vehicle": "order_tomorrow",
}


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The garage's day: each step is taken by its role, at any hour of any day."""

    def _load(self):
        if self._find("aftersales_vehicle", "order_tomorrow"):
            self.skipTest("the demo data is loaded already")
        env = self.env(su=True)
        with self.assertNoLogs(level=logging.WARNING):
            for module, marker in MARKERS.items():
                if self._find(module, marker):
                    continue
                for path in Manifest.for_addon(module)["demo"]:
                    convert_file(env, module, path, {}, mode="init", noupdate=True)
        self.env.invalidate_all()

    def _find(self, module, name):
        return self.env.ref(f"{module}.{name}", raise_if_not_found=False)

    def _get(self, name):
        return self.env.ref(f"aftersales_vehicle.{name}")

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
        self.assertEqual(recall.date_follow_up, fields.Date.today())
        if ready.invoice_ids:
            self.assertEqual(ready.invoice_ids.state, "posted")
            self.assertEqual(ready.invoice_ids.payment_state, "not_paid")
            core = self._get("order_sent_back").old_part_ids.core_ids
            self.assertEqual((core.state, core.amount), ("held", 40.0))
            first = self._get("order_first_repair")
            self.assertEqual(first.gate_pass_id.basis, "released")
            self.assertTrue(recall.claim_ids)

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

    def test_story(self):
        self._load()
        self._check_story()

    def test_loads_at_any_hour_of_any_day(self):
        # A Monday morning, late on a Saturday, a Sunday.
        for moment in (
            "2026-03-02 08:00:00",
            "2026-03-07 23:30:00",
            "2026-03-08 10:00:00",
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                point = self.env.cr.savepoint()
                with point:
                    self._load()
                    self._check_story()
                    self.env.flush_all()
                    point.rollback()
                self.env.invalidate_all()
                self.env.registry.clear_all_caches()

    def test_without_a_chart_of_accounts_nothing_is_billed(self):
        journals = self.env["account.journal"].search(
            [("type", "in", ("sale", "purchase"))]
        )
        journals.active = False
        self._load()
        self.assertFalse(self._get("order_ready").invoice_ids)
        self._check_orders()
