from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools.intervals import Intervals


class AftersalesClockDay(models.Model):
    """How a day is worked out: shift, clocked time, gaps and billed hours."""

    _inherit = "aftersales.clock.day"

    def action_compute(self):
        """Work these days out again now."""
        self._check_may_compute()
        self.sudo()._compute_figures()
        return True

    def _compute_figures(self):
        """Work out these days; each date costs the same for one day as for many."""
        for days in self.grouped("date").values():
            spans = {day: day._get_span() for day in days}
            shifts = days._get_shifts(spans)
            entries = days._get_entries(spans)
            billed = days._get_billed(spans)
            for day in days:
                day.write(
                    {
                        **day._prepare_figures(spans[day], shifts[day], entries[day]),
                        "hours_billed": billed[day],
                        "is_stale": False,
                    }
                )

    def _get_span(self):
        """Return begin and end of this day where the technician works, in UTC."""
        self.ensure_one()
        tz = pytz.timezone(self.employee_id.sudo()._get_tz())
        return tuple(
            tz.localize(datetime.combine(date, time.min)).astimezone(pytz.utc)
            for date in (self.date, self.date + timedelta(days=1))
        )

    def _get_shifts(self, spans):
        """Return ``{day: (hours, intervals)}`` from the calendars, less leaves.

        Who works by flexible hours has hours and no intervals: nobody can say when
        they were idle.
        """
        start = min(span[0] for span in spans.values())
        stop = max(span[1] for span in spans.values())
        resources = self.employee_id.sudo().resource_id
        flexible = resources.filtered(lambda resource: resource._is_flexible())
        _intervals, hours, _weeks = (
            flexible._get_flexible_resource_valid_work_intervals(start, stop)
        )
        fixed, _calendars = (resources - flexible)._get_valid_work_intervals(
            start, stop
        )
        shifts = {}
        for day in self:
            resource = day.employee_id.sudo().resource_id
            if resource in flexible:
                own_hours = hours.get(resource.id, {}) if resource.calendar_id else {}
                shifts[day] = (max(own_hours.get(day.date, 0.0), 0.0), Intervals([]))
            else:
                intervals = fixed[resource.id] & Intervals([(*spans[day], self)])
                shifts[day] = (self._sum_hours(intervals), intervals)
        return shifts

    def _get_entries(self, spans):
        """Return ``{day: {kind: intervals}}`` of what was clocked."""
        start = min(span[0] for span in spans.values()).replace(tzinfo=None)
        stop = max(span[1] for span in spans.values()).replace(tzinfo=None)
        entries = (
            self.env["aftersales.clock.entry"]
            .sudo()
            .search_fetch(
                [
                    ("employee_id", "in", self.employee_id.ids),
                    ("start", "<", stop),
                    "|",
                    ("stop", "=", False),
                    ("stop", ">", start),
                ],
                ["employee_id", "kind", "start", "stop"],
            )
        )
        now = fields.Datetime.now()
        by_employee = defaultdict(lambda: defaultdict(list))
        for entry in entries:
            interval = (
                pytz.utc.localize(entry.start),
                pytz.utc.localize(max(entry.stop or now, entry.start)),
                self,
            )
            by_employee[entry.employee_id][entry.kind].append(interval)
        return {
            day: {
                kind: Intervals(intervals) & Intervals([(*spans[day], self)])
                for kind, intervals in by_employee[day.employee_id].items()
            }
            for day in self
        }

    def _prepare_figures(self, span, shift, entries):
        self.ensure_one()
        hours = {kind: self._sum_hours(entries[kind]) for kind in entries}
        gaps = self._sum_hours(self._get_gaps(shift[1], entries))
        # Of today what is over: a day that has just begun is nobody's bad day.
        so_far = self._sum_hours(self._until_now(shift[1])) if shift[1] else shift[0]
        return {
            "hours_shift": so_far,
            "hours_clocked": hours.get("work", 0.0),
            "hours_indirect": hours.get("indirect", 0.0),
            "hours_pause": hours.get("pause", 0.0),
            "hours_idle": hours.get("idle", 0.0) + gaps,
            "hours_unclassed": gaps,
        }

    @api.model
    def _get_gaps(self, shift, entries):
        """Return the time of a shift until now that no entry accounts for."""
        gaps = shift - Intervals(
            [interval for intervals in entries.values() for interval in intervals]
        )
        return self._until_now(gaps)

    @api.model
    def _until_now(self, intervals):
        now = pytz.utc.localize(fields.Datetime.now())
        past = pytz.utc.localize(datetime(1970, 1, 1))
        return intervals & Intervals([(past, max(past, now), self)])

    @api.model
    def _sum_hours(self, intervals):
        return (
            sum((stop - start).total_seconds() for start, stop, _x in intervals) / 3600
        )

    def _get_billed(self, spans):
        """Return ``{day: hours}`` of jobs finished that day, by clocked share.

        A job nobody clocked counts for the technician it was given to.
        """
        start = min(span[0] for span in spans.values()).replace(tzinfo=None)
        stop = max(span[1] for span in spans.values()).replace(tzinfo=None)
        jobs = (
            self.env["aftersales.job"]
            .sudo()
            .search(
                [
                    ("date_done", ">=", start),
                    ("date_done", "<", stop),
                    ("state", "=", "done"),
                    ("company_id", "in", self.company_id.ids),
                    "|",
                    ("is_clocked", "=", True),
                    ("technician_id", "in", self.employee_id.ids),
                ]
            )
        )
        clocked = defaultdict(dict)
        groups = (
            self.env["aftersales.clock.entry"]
            .sudo()
            ._read_group(
                [
                    ("job_id", "in", jobs.filtered("is_clocked").ids),
                    ("kind", "=", "work"),
                    ("hours", ">", 0),
                ],
                ["job_id", "employee_id"],
                ["hours:sum"],
            )
        )
        for job, employee, hours in groups:
            clocked[job][employee] = hours
        day_by_employee = {day.employee_id: day for day in self}
        billed = dict.fromkeys(self, 0.0)
        for job in jobs:
            shares = clocked[job] or {job.technician_id: 1.0}
            mine = [employee for employee in shares if employee in day_by_employee]
            if not mine:
                continue
            hours = job._get_billed_hours()
            for employee in mine:
                day = day_by_employee[employee]
                begin, end = spans[day]
                if begin <= pytz.utc.localize(job.date_done) < end:
                    billed[day] += hours * shares[employee] / sum(shares.values())
        return billed
