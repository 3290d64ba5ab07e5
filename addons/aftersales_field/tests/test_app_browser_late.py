from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .app_browser_common import AppBrowserCommon

TOLD = "document.querySelector('.o_app_next .o_app_told')"


@tagged("post_install", "-at_install")
class TestAppBrowserLate(AppBrowserCommon):
    """What the engineer's own phone says of the time the customer was told."""

    def _tell(self, hours):
        """Let the visit be so many hours from now."""
        now = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        start = now + timedelta(hours=hours)
        # As it was planned then: nobody plans into the past.
        self.visit.booking_ids.write(
            {"start": start, "stop": start + timedelta(hours=1)}
        )
        self.visit.write({"start": start, "stop": start + timedelta(hours=1)})
        self.visit.window_start = start
        self.visit.window_stop = start + timedelta(hours=2)

    def test_late_until_somebody_is_there(self):
        self._tell(-5)
        with self._open("field_anna") as (phone,):
            phone.wait(f"{TOLD}?.classList.contains('o_app_bad')")
            self.assertIn("Late. Customer was told", phone.run(f"{TOLD}.innerText"))
            phone.go_offline()
            self._arrive_on(phone)
            phone.wait("document.querySelector('.o_app_told')")
            self.assertFalse(
                phone.run("document.querySelector('.o_app_told.o_app_bad')")
            )

    def test_day_stands_above_the_time(self):
        self._tell(48)
        with self._open("field_anna") as (phone,):
            phone.see("Customer was told")
            self.assertFalse(phone.run(f"{TOLD}.classList.contains('o_app_bad')"))
            first = (
                "document.querySelector('.o_app_next .o_app_open').firstElementChild"
            )
            self.assertTrue(phone.run(f"{first}.classList.contains('o_app_muted')"))
            self.assertTrue(
                phone.run(
                    f"Boolean({first}.nextElementSibling.querySelector('.o_app_time'))"
                )
            )
