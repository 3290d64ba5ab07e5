from datetime import timedelta

import pytz
from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.tools import babel_locale_parse, format_datetime, get_lang

# The shop must not be searched through for a page: more times than this a day and
# customer do not help to choose.
SLOTS_PER_DAY = 24


class AftersalesOrder(models.Model):
    """What the pages of a visit show: times and places in words, days to choose from.

    What is free comes from the availability service that the desk uses too; customers
    are told times and plain reasons, and never who or what is busy.
    """

    _inherit = "aftersales.order"

    def _get_visit_tz(self):
        """Return the name of the time zone of the workshop, where the visit is."""
        self.ensure_one()
        return self.company_id.resource_calendar_id.tz or "UTC"

    def _get_local_time(self, moment):
        """Return a UTC time as aware time of the workshop."""
        self.ensure_one()
        return pytz.utc.localize(moment).astimezone(pytz.timezone(self._get_visit_tz()))

    def _format_visit_time(self, moment):
        """Return a time in words of the reader's language, with weekday."""
        self.ensure_one()
        return format_datetime(
            self.env,
            moment,
            tz=self._get_visit_tz(),
            dt_format=self.env._("EEEE, d MMMM y, HH:mm"),
        )

    def _format_visit_day(self, day, skeleton="MMMEd"):
        """Return a day in the order of words of the reader's language."""
        locale = babel_locale_parse(get_lang(self.env).code)
        return format_skeleton(skeleton, day, locale=locale)

    def _get_visit_tz_label(self):
        """Return the time zone as customers read it: “Europe/Berlin (UTC+02:00)”."""
        self.ensure_one()
        moment = self._get_local_time(self.date_planned or fields.Datetime.now())
        offset = moment.strftime("%z")
        return f"{self._get_visit_tz()} (UTC{offset[:3]}:{offset[3:]})"

    def _get_visit_items(self):
        """Return what the customer should bring."""
        self.ensure_one()
        items = self.env["aftersales.visit.item"].search(
            [("company_id", "in", (self.company_id.id, False))]
        )
        return items.filtered(lambda item: item._is_for(self))

    def _get_visit_address(self):
        """Return the address the customer comes to, on one line."""
        self.ensure_one()
        partner = self.warehouse_id.partner_id or self.company_id.partner_id
        lines = partner._display_address(without_company=True).splitlines()
        return ", ".join(line.strip() for line in lines if line.strip())

    def _get_visit_window(self):
        """Return from and until when customers may book a visit, in UTC."""
        self.ensure_one()
        company = self.company_id
        now = fields.Datetime.now()
        until = self._get_local_time(
            now + timedelta(days=company.aftersales_online_days)
        ).replace(hour=23, minute=59, second=59, microsecond=0, tzinfo=None)
        return (
            now + timedelta(hours=company.aftersales_booking_lead),
            pytz.timezone(self._get_visit_tz())
            .localize(until)
            .astimezone(pytz.utc)
            .replace(tzinfo=None),
        )

    def _get_visit_days(self, day=None):
        """Return the days a customer may choose from, one of them with its times.

        :param date day: the day to open; else the first one with a free time
        :return: dict ``days``; ``day``, None if nothing is free on any of them;
            ``slots`` of that day, dicts ``start``, ``stop``, ``local`` (workshop time);
            and ``reasons`` why nothing earlier is free, in words for customers
        """
        self.ensure_one()
        date_from, date_to = self._get_visit_window()
        first = self._get_local_time(date_from).date()
        last = self._get_local_time(date_to).date()
        dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        earliest = self.get_slots(date_from=date_from, date_to=date_to, limit=1)
        if earliest:
            late = earliest[0]["late"]
            if day not in dates:
                day = self._get_local_time(earliest[0]["start"]).date()
        else:
            late = self.env["aftersales.availability"].explain(self)
            day = None
        return {
            "days": dates,
            "day": day,
            "slots": self._get_day_slots(day, date_from, date_to) if day else [],
            "reasons": self._get_customer_reasons(late),
        }

    def _get_day_slots(self, day, date_from, date_to):
        """Return the free times of one day of the workshop, within a window."""
        self.ensure_one()
        tz = pytz.timezone(self._get_visit_tz())
        start, stop = (
            tz.localize(fields.Datetime.to_datetime(date))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for date in (day, day + timedelta(days=1))
        )
        slots = self.get_slots(
            date_from=max(start, date_from),
            date_to=min(stop, date_to),
            limit=SLOTS_PER_DAY,
        )
        return [
            {**slot, "local": self._get_local_time(slot["start"])}
            for slot in slots
            if start <= slot["start"] < stop
        ]

    @api.model
    def _get_customer_reasons(self, late):
        """Return why a time is not free, in words that tell nothing of the house.

        :param late: reasons of the availability service, of which only the role counts
        """
        words = {
            "bay": self.env._("All our work places are taken."),
            "technician": self.env._("Everybody who can do this work is busy."),
            "tool": self.env._("The equipment for this work is in use."),
            "loaner": self.env._("There is no loaner to take."),
            "part": self.env._("The parts have to arrive first."),
        }
        other = self.env._("We book some time ahead, and for our opening hours.")
        return list(dict.fromkeys(words.get(reason["role"], other) for reason in late))

    def _get_hold_minutes(self):
        """Return for how many minutes more the time is kept for the customer."""
        self.ensure_one()
        until = self._get_hold_end()
        left = until and (until - fields.Datetime.now()).total_seconds()
        return max(int(left / 60), 0) if left else 0

    def _get_hold_end(self):
        """Return until when the time is kept for the customer, in UTC."""
        self.ensure_one()
        ends = self._get_active_bookings("hold").mapped("date_expire")
        return min((end for end in ends if end), default=False)
