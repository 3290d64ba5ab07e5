from datetime import UTC, datetime, timedelta

import pytz

from odoo import api, models, tools

from ..engine.intervals import merge

# Weeks are numbered from a Monday; 1970 began with a Thursday.
FIRST_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


class ResourceCalendar(models.Model):
    """Working time of a week, kept in memory until a calendar changes."""

    _inherit = "resource.calendar"

    @api.model
    @tools.ormcache("calendar_id", "tz", "week")
    def _get_aftersales_week(self, calendar_id, tz, week):
        """Return the working time of a week, holidays not taken out.

        Odoo works it out, which knows two-week and flexible calendars and the change
        of the clocks; once for all resources of a calendar in a time zone.

        :param int week: number of the week, see ``FIRST_MONDAY``
        :return: ``((start, stop), …)`` in seconds since 1970 UTC
        """
        start = FIRST_MONDAY + timedelta(weeks=week)
        intervals = self.browse(calendar_id)._attendance_intervals_batch(
            start, start + timedelta(weeks=1), tz=pytz.timezone(tz)
        )[False]
        return tuple(
            merge(
                (round(begin.timestamp()), round(end.timestamp()))
                for begin, end, _attendance in intervals
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        calendars = super().create(vals_list)
        self.env.registry.clear_cache()
        return calendars

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        self.env.registry.clear_cache()
        return attendances

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
