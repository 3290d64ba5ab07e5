from odoo import models


class AftersalesVisit(models.Model):
    """Times of a visit in words, where the company is."""

    _inherit = "aftersales.visit"

    def _format_time(self, moment, **options):
        """Return a time of this visit in words, or nothing."""
        self.ensure_one()
        if not moment:
            return ""
        tz = self.company_id.resource_calendar_id.tz or "UTC"
        return self.env["ir.qweb.field.datetime"].value_to_html(
            moment, {"hide_seconds": True, "tz_name": tz, **options}
        )

    def _format_start(self):
        """Return when the visit begins, or nothing."""
        return self._format_time(self.start)

    def _format_window(self):
        """Return between which times the customer was told that somebody comes."""
        self.ensure_one()
        if not self.window_start or not self.window_stop:
            return ""
        stop = self._format_time(self.window_stop, time_only=True)
        return f"{self._format_time(self.window_start)} – {stop}"
