from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.aftersales.tests.demo_common import DemoCommon

# A weekday, late on a Saturday, a Sunday, and the night the clocks change in Europe.
MOMENTS = (
    "2026-03-02 08:00:00",
    "2026-03-07 23:30:00",
    "2026-03-08 10:00:00",
    "2026-03-28 23:30:00",
)


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """The demo workshop loads at any hour of any day, with work on its board."""

    story = {
        "aftersales": "order_new",
        "aftersales_planning": "board_shop",
    }

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
