import logging
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file

# A weekday, late on a Saturday, a Sunday, and the night the clocks change in Europe.
MOMENTS = (
    "2026-03-02 08:00:00",
    "2026-03-07 23:30:00",
    "2026-03-08 10:00:00",
    "2026-03-28 23:30:00",
)


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The demo workshop loads at any hour of any day, with work on its board."""

    def _load(self):
        if self.env.ref("aftersales_planning.board_shop", raise_if_not_found=False):
            self.skipTest("the demo data is loaded already")
        env = self.env(su=True)
        modules = ["aftersales_planning"]
        if not self.env.ref("aftersales.order_new", raise_if_not_found=False):
            modules.insert(0, "aftersales")
        with self.assertNoLogs(level=logging.WARNING):
            for module in modules:
                for path in Manifest.for_addon(module)["demo"]:
                    convert_file(env, module, path, {}, mode="init", noupdate=True)
        self.env.invalidate_all()

    def _get(self, name):
        return self.env.ref(f"aftersales_planning.{name}")

    def _check_story(self):
        booked = self.env.ref("aftersales.order_quoted")
        self.assertEqual(booked.booking_state, "confirmed")
        now = fields.Datetime.now()
        self.assertGreaterEqual(booked.date_planned, now + timedelta(days=2))
        self.assertLess(booked.date_planned, now + timedelta(days=4))
        here = self.env.ref("aftersales.order_van_3")
        self.assertEqual(here.booking_state, "arrived")
        self.assertEqual(sorted(here.booking_ids.mapped("role")), ["bay", "technician"])
        running = self.env["aftersales.clock.entry"].search([("stop", "=", False)])
        self.assertEqual(running.job_id, self.env.ref("aftersales.job_van_3_service"))
        days = self.env["aftersales.clock.day"].search(
            [("employee_id", "=", self.env.ref("aftersales.employee_technician").id)]
        )
        self.assertTrue(days.filtered(lambda day: day.efficiency and day.productivity))
        board = self._get("board_shop").get_payload()
        names = {resource["name"] for resource in board["resources"]}
        self.assertLessEqual({"Bay 1", "Bay 4, paint", "张强", "Tom Baker"}, names)

    def test_story(self):
        self._load()
        self._check_story()

    def test_loads_at_any_hour_of_any_day(self):
        for moment in MOMENTS:
            with self.subTest(moment=moment), freeze_time(moment):
                point = self.env.cr.savepoint()
                with point:
                    self._load()
                    self._check_story()
                    self.env.flush_all()
                    point.rollback()
                self.env.invalidate_all()
                self.env.registry.clear_all_caches()
