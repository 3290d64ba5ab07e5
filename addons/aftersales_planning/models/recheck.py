import logging
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

BATCH = 50
# The night and the last visit that was checked, while some are left.
POSITION = "aftersales_planning.visit_check_position"


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_preparation_limit(self):
        """Return until when visits are prepared now, in UTC.

        It is the end of the next working day, or of a later one by the setting: before
        a week-end Monday's visits count too.
        """
        self.ensure_one()
        calendar = self.resource_calendar_id
        tz = pytz.timezone(calendar.tz or "UTC")
        now = pytz.utc.localize(fields.Datetime.now())
        tomorrow = tz.localize(
            datetime.combine(now.astimezone(tz).date() + timedelta(days=1), time.min)
        )
        days = self.aftersales_preparation_days
        limit = calendar and calendar.plan_days(days, tomorrow, compute_leaves=True)
        limit = limit or tomorrow + timedelta(days=days)
        # The whole day: who comes in the evening is prepared for as well.
        limit = tz.localize(
            datetime.combine(
                limit.astimezone(tz).date(), time.max.replace(microsecond=0)
            )
        )
        return limit.astimezone(pytz.utc).replace(tzinfo=None)


class AftersalesOrder(models.Model):
    """Booked visits looked at again: every night, and when a resource falls away."""

    _inherit = "aftersales.order"

    @api.model
    def _cron_prepare_visits(self):
        """Check every booking to come; visits that are near in full.

        It goes on where it stopped if its time was over. One bad visit is logged by
        its name and does not stop the rest.
        """
        now = fields.Datetime.now()
        today = str(now.date())
        params = self.env["ir.config_parameter"].sudo()
        night, _sep, last = params.get_param(POSITION, "").partition(" ")
        left = self.search(
            [
                ("id", ">", int(last) if night == today else 0),
                ("booking_state", "in", ("confirmed", "arrived")),
                ("state", "not in", ("quality", "ready", "done", "cancel")),
                ("date_planned", "!=", False),
                # Work that takes days goes on after it began.
                "|",
                ("date_planned", ">", now),
                ("date_planned_stop", ">", now),
            ],
            order="id",
        )
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(left))
        limits = {
            company: company._get_preparation_limit() for company in left.company_id
        }
        while left:
            visits, left = left[:BATCH], left[BATCH:]
            near = visits.filtered(
                lambda order: now < order.date_planned <= limits[order.company_id]
            )
            doubtful = (visits - near)._get_doubtful_visits()
            (near | doubtful)._try_visit_step("_prepare_visit")
            if not Cron._commit_progress(len(visits), remaining=len(left)) and left:
                params.set_param(POSITION, f"{today} {visits[-1].id}")
                return
        params.set_param(POSITION, False)

    def _get_doubtful_visits(self):
        """Return the visits of which something fell away, or had fallen away."""
        try:
            with self.env.cr.savepoint():
                lost = self._get_coming_bookings()._get_lost()
                short = self.env["aftersales.availability"]._get_short(self)
        except Exception:
            # Looked at one by one, the bad one is found and named.
            _logger.exception("%s are checked one by one", self.mapped("name"))
            return self
        doubtful = short.union(*(booking.order_id for booking in lost))
        return self & (doubtful | self.filtered("has_visit_problem"))

    @api.model
    def _recheck_resources(self, resources, date_from=None, date_to=None):
        """Look again at the visits that use resources, for example after a leave.

        :param date_from: in UTC; only visits in this time
        """
        now = fields.Datetime.now()
        domain = [
            ("resource_id", "in", resources.ids),
            ("state", "=", "confirmed"),
            ("order_id", "!=", False),
            ("stop", ">", max(date_from or now, now)),
        ]
        if date_to:
            domain.append(("start", "<", date_to))
        # Whoever is on leave need not see the orders, nor the one who writes it down.
        bookings = self.env["aftersales.booking"].sudo().search(domain)
        for order in bookings.order_id:
            order.with_company(order.company_id)._prepare_visit()


class AftersalesBooking(models.Model):
    _inherit = "aftersales.booking"

    def _get_lost(self):
        """Return ``{booking: reason}`` of those whose resource fell away.

        What a manager booked outside working time stays as it was meant, unless
        somebody went on leave since.
        """
        lost = self.env["aftersales.availability"]._get_absences(self)
        for booking in self:
            if not booking.resource_id.active:
                lost[booking] = self.env._("it is archived.")
        return {
            booking: reason
            for booking, reason in lost.items()
            if not booking.override_reason
            or not booking.resource_id.active
            or booking._has_later_leave()
        }

    def _has_later_leave(self):
        """Whether a leave was entered or moved here after the exception was made."""
        self.ensure_one()
        resource = self.resource_id.sudo()
        company = resource.company_id
        calendar = resource.calendar_id or company.resource_calendar_id
        return bool(
            self.env["resource.calendar.leaves"]
            .sudo()
            .search_count(
                [
                    ("time_type", "=", "leave"),
                    ("resource_id", "in", [False, resource.id]),
                    ("company_id", "in", [False, company.id]),
                    ("calendar_id", "in", [False, calendar.id]),
                    ("date_from", "<", self.stop),
                    ("date_to", ">", self.start),
                    ("write_date", ">", self.date_override),
                ],
                limit=1,
            )
        )


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._recheck_visits()
        return leaves

    def write(self, vals):
        times = {"resource_id", "date_from", "date_to", "time_type"} & vals.keys()
        before = self._get_aftersales_times() if times else []
        result = super().write(vals)
        if times:
            self._recheck_visits(before)
        return result

    def unlink(self):
        before = self._get_aftersales_times()
        result = super().unlink()
        self.browse()._recheck_visits(before)
        return result

    def _get_aftersales_times(self):
        """Return ``[(resource, from, until)]`` of the workshop's resources."""
        # The resource was read for its calendar; other people's cost nothing.
        return [
            (leave.resource_id, leave.date_from, leave.date_to)
            for leave in self
            if leave.resource_id.sudo().aftersales_role
        ]

    def _recheck_visits(self, before=()):
        """Look at the visits in these leaves at once, and in those they had before."""
        for resource, start, stop in [*before, *self._get_aftersales_times()]:
            self.env["aftersales.order"]._recheck_resources(resource, start, stop)


class ResourceResource(models.Model):
    _inherit = "resource.resource"

    def write(self, vals):
        result = super().write(vals)
        if {"active", "calendar_id"} & vals.keys():
            ours = self.filtered("aftersales_role")
            if ours:
                self.env["aftersales.order"]._recheck_resources(ours)
        return result
