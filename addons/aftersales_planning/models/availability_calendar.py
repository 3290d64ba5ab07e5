from collections import defaultdict
from datetime import UTC

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.intervals import clip, covers, intersect, merge, overlaps, subtract
from ..engine.moments import to_datetime, to_seconds
from .resource_calendar import FIRST_MONDAY

WEEK = 7 * 24 * 3600
MONDAY = int(FIRST_MONDAY.timestamp())


class AftersalesAvailability(models.AbstractModel):
    """When resources work, are away and are booked: a few queries for all of them."""

    _inherit = "aftersales.availability"

    @api.model
    def _get_calendar_work(self, calendar, tz, start, stop):
        """Return the working time of a calendar, in seconds, holidays included."""
        weeks = range((start - MONDAY) // WEEK, (stop - MONDAY - 1) // WEEK + 1)
        read = self.env["resource.calendar"]._get_aftersales_week
        return merge(
            interval for week in weeks for interval in read(calendar.id, tz, week)
        )

    @api.model
    def _get_validity(self, resources, start, stop):
        """Return ``{resource id: [(calendar, intervals or None)]}``.

        People change calendars with their contracts, see ``hr``; things do not. None
        stands for always.
        """
        people = resources.filtered(lambda each: each.resource_type == "user")
        validity = {
            resource.id: [
                (resource.calendar_id or resource.company_id.resource_calendar_id, None)
            ]
            for resource in resources - people
        }
        if people:
            periods = people._get_calendars_validity_within_period(
                to_datetime(start).replace(tzinfo=UTC),
                to_datetime(stop).replace(tzinfo=UTC),
            )
            for person in people:
                validity[person.id] = [
                    (
                        calendar or person.company_id.resource_calendar_id,
                        merge(
                            (round(begin.timestamp()), round(end.timestamp()))
                            for begin, end, _ in intervals
                        ),
                    )
                    for calendar, intervals in periods[person.id].items()
                ]
        return validity

    @api.model
    def _get_leaves(self, resources, start, stop):
        """Return what is off, per resource and for everybody.

        :return: ``({resource id: own leaves}, {(company id, calendar id): holidays})``;
            a holiday of all calendars stands under calendar id False
        """
        leaves = self.env["resource.calendar.leaves"].search_fetch(
            [
                ("time_type", "=", "leave"),
                ("resource_id", "in", [False, *resources.ids]),
                ("date_from", "<", to_datetime(stop)),
                ("date_to", ">", to_datetime(start)),
            ],
            ["resource_id", "calendar_id", "company_id", "date_from", "date_to"],
        )
        own, common = defaultdict(list), defaultdict(list)
        for leave in leaves:
            interval = (to_seconds(leave.date_from), to_seconds(leave.date_to))
            if leave.resource_id:
                own[leave.resource_id.id].append(interval)
            else:
                common[leave.company_id.id, leave.calendar_id.id].append(interval)
        return (
            {key: merge(intervals) for key, intervals in own.items()},
            {key: merge(intervals) for key, intervals in common.items()},
        )

    @api.model
    def _get_work(self, resources, start, stop, validity=None):
        """Return when resources work and when they are away.

        :param int start, stop: seconds since 1970
        :param dict validity: as of ``_get_validity``, if known for this time
        :return: ``({resource id: working time, leaves taken out},
            {resource id: own leaves})``
        """
        resources = resources.sudo()
        if validity is None:
            validity = self._get_validity(resources, start, stop)
        own, common = self._get_leaves(resources, start, stop)
        shared = {}
        work = {}
        for resource in resources:
            parts = []
            for calendar, period in validity[resource.id]:
                key = (calendar.id, resource.tz, resource.company_id.id)
                if key not in shared:
                    company = resource.company_id.id
                    holidays = merge(
                        common.get((company, False), [])
                        + common.get((company, calendar.id), [])
                    )
                    shared[key] = subtract(
                        clip(
                            self._get_calendar_work(calendar, resource.tz, start, stop),
                            start,
                            stop,
                        ),
                        holidays,
                    )
                hours = shared[key]
                if period is not None and not covers(period, start, stop):
                    hours = intersect(hours, period)
                parts.append(hours)
            hours = parts[0] if len(parts) == 1 else merge(sum(parts, []))
            work[resource.id] = subtract(hours, own.get(resource.id))
        return work, own

    @api.model
    def _get_busy(self, resources, start, stop, skip_order=None):
        """Return ``{resource id: [(start, stop)]}`` of what is booked.

        :param skip_order: a work order whose own bookings don't stand in its way
        """
        Booking = self.env["aftersales.booking"]
        Booking.flush_model(
            ["resource_id", "start", "stop", "state", "date_expire", "order_id"]
        )
        # Thousands of rows that become numbers at once: records would be made for
        # nothing.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT resource_id,
                       EXTRACT(EPOCH FROM start)::bigint,
                       EXTRACT(EPOCH FROM stop)::bigint
                  FROM aftersales_booking
                 WHERE state IN ('hold', 'confirmed')
                   AND resource_id = ANY(%(resources)s)
                   AND start < %(stop)s AND stop > %(start)s
                   AND (state = 'confirmed' OR date_expire IS NULL
                        OR date_expire > %(now)s)
                   AND order_id IS DISTINCT FROM %(order)s
                 ORDER BY start
                """,
                resources=resources.ids,
                start=to_datetime(start),
                stop=to_datetime(stop),
                now=fields.Datetime.now(),
                # No order is 0: nothing is distinct from NULL that has no order.
                order=skip_order.id if skip_order else 0,
            )
        )
        busy = defaultdict(list)
        for resource_id, begin, end in rows:
            busy[resource_id].append((begin, end))
        return {key: merge(intervals) for key, intervals in busy.items()}

    @api.model
    def _get_absences(self, bookings):
        """Return ``{booking: reason}`` of those their resource is not there for.

        Technicians must work all the time. Other resources must be open when it
        begins and when it ends: work that takes days stays in the bay at night. What
        makes a resource unavailable may lie at any time.
        """
        todo = bookings.sudo().filtered(lambda booking: booking.kind == "work")
        if not todo:
            return {}
        start = to_seconds(min(todo.mapped("start")))
        stop = to_seconds(max(todo.mapped("stop")))
        # Whoever plans need not read other people's time off; it counts all the same.
        work, own = self.sudo()._get_work(todo.resource_id, start, stop)
        absences = {}
        for booking in todo:
            begin, end = to_seconds(booking.start), to_seconds(booking.stop)
            resource = booking.resource_id
            hours = work[resource.id]
            if overlaps(own.get(resource.id, []), begin, end):
                reason = self.env._("away then (time off).")
            elif booking.role == "technician":
                reason = not covers(hours, begin, end) and self._get_calendar_words(
                    resource
                )
            else:
                there = overlaps(hours, begin, begin + 1) and overlaps(
                    hours, end - 1, end
                )
                reason = not there and self._get_calendar_words(resource)
            if reason:
                absences[booking.with_env(self.env)] = reason
        return absences

    @api.model
    def _get_calendar_words(self, resource):
        return self.env._(
            "outside the working time “%(calendar)s” (%(tz)s).",
            calendar=resource.calendar_id.name
            or resource.company_id.resource_calendar_id.name,
            tz=resource.tz,
        )
