from datetime import UTC, datetime, timedelta

import pytz

from odoo import api, models, tools

from ..engine.intervals import merge

# Weeks are numbered from a Monday; 1970 began with a Thursday.
FIRST_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


class ResourceCalendar(models.Model):
    """Working time of a week, kept in memory until a calendar changes."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "aftersales.cached.mixin"]

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


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "aftersales.cached.mixin"]
