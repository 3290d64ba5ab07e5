from odoo.tests import HttpCase, tagged

from .clock_common import ClockCommon


@tagged("post_install", "-at_install")
class TestClockTour(ClockCommon, HttpCase):
    """The technician's screens in a browser, as wide as a tablet."""

    browser_size = "800x1100"
    touch_enabled = True

    def setUp(self):
        super().setUp()
        self.order = self._create_approved(
            {"name": "Brakes", "lines": [(self.labour, 2)]},
            {"name": "Wipers", "lines": [(self.labour, 0.5)]},
        )
        self.brakes, self.wipers = self.order.job_ids

    def test_clock(self):
        self.start_tour(
            "/odoo/my-clock", "aftersales_clock", login=self.technician.login
        )
        entries = self.Entry.search(
            [("employee_id", "=", self.employee.id)], order="start, id"
        )
        self.assertEqual(entries.mapped("kind"), ["work", "idle", "work", "work"])
        self.assertEqual(
            entries.job_id, self.brakes | self.wipers, "both jobs have time"
        )
        self.assertTrue(all(entries.mapped("stop")))
        self.assertTrue(all(entries.mapped("operation")))
        self.assertEqual(self.order.state, "progress")

    def test_clock_on_the_job(self):
        self.start_tour(
            "/odoo/my-jobs", "aftersales_clock_job", login=self.technician.login
        )
        self.assertEqual(self.brakes.state, "done")
        entry = self.Entry.search([("employee_id", "=", self.employee.id)])
        self.assertEqual(entry.job_id, self.brakes)
        self.assertTrue(entry.stop)
