from datetime import timedelta

import pytz
from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import babel_locale_parse, format_datetime, get_lang

# The shop must not be searched through for a page: more times than this a day and
# customer do not help to choose.
SLOTS_PER_DAY = 24

PORTAL_FIELDS = frozenset(
    {
        "booking_state",
        "date_planned_stop",
        "date_visit_confirmed",
        "online_state",
    }
)


class AftersalesOrder(models.Model):
    """The visit as the customer books, moves, confirms and cancels it.

    The portal pages call these methods and hold no rules of their own. What is free
    comes from the availability service that the desk uses too; customers are told
    times and plain reasons, and never who or what is busy.
    """

    _inherit = "aftersales.order"

    online_state = fields.Selection(
        [("begun", "Begun"), ("left", "Left unfinished"), ("booked", "Booked")],
        "Online Booking",
        readonly=True,
        copy=False,
    )
    meter_stated = fields.Float(
        "Meter as Told",
        digits=(16, 1),
        copy=False,
        help="What the customer said it reads when booking.",
    )
    date_visit_confirmed = fields.Datetime(
        "Confirmed by Customer",
        readonly=True,
        copy=False,
        help="When the customer said again that they come.",
    )

    _online_idx = models.Index(
        "(partner_id) WHERE online_state IS NOT NULL"
        " AND state NOT IN ('done', 'cancel')"
    )

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | PORTAL_FIELDS

    def write(self, vals):
        # Another time is another promise: it is confirmed and reminded of anew.
        if "date_planned" in vals:
            planned = fields.Datetime.to_datetime(vals["date_planned"]) or False
            if any(order.date_planned != planned for order in self):
                vals = {**self._prepare_new_time_values(), **vals}
        return super().write(vals)

    def _prepare_new_time_values(self):
        """Return what no longer holds when a visit gets another time."""
        return {"date_visit_confirmed": False}

    # What the pages show

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
            "loaner": self.env._("There is no replacement car."),
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

    def _can_change_visit(self):
        """Whether the customer may still move or cancel the visit without a call."""
        self.ensure_one()
        notice = timedelta(hours=self.company_id.aftersales_online_change_hours)
        return bool(
            self.booking_state == "confirmed"
            and self.state in ("draft", "quoted", "approved")
            and self.date_planned
            and fields.Datetime.now() + notice <= self.date_planned
        )

    def _can_choose_visit(self):
        """Whether the customer may choose a time, the first or another one."""
        self.ensure_one()
        return bool(
            self.company_id._has_online_booking()
            and self.state in ("draft", "quoted", "approved")
            and (
                self.booking_state in ("hold", "missed")
                # What was asked for at the desk is settled there until it is agreed.
                or (
                    self.booking_state == "none"
                    and (self.online_state or self.state == "approved")
                )
                or self._can_change_visit()
            )
        )

    # What the customer does

    def _check_can_choose_visit(self):
        self.ensure_one()
        if not self._can_choose_visit():
            raise UserError(self._get_call_us_message())

    def _get_call_us_message(self):
        self.ensure_one()
        phone = self.company_id.phone
        if phone:
            return self.env._(
                "%(order)s can't be changed here any more. Please call us: %(phone)s.",
                order=self.name,
                phone=phone,
            )
        return self.env._(
            "%(order)s can't be changed here any more. Please write to us.",
            order=self.name,
        )

    def _get_taken_message(self):
        self.ensure_one()
        return self.env._(
            "Somebody else took that time in the meantime. Please choose another one."
        )

    def _check_is_offered(self, start):
        """Refuse a time that customers are not offered now."""
        self.ensure_one()
        date_from, date_to = self._get_visit_window()
        if not start or not date_from <= start <= date_to:
            raise UserError(
                self.env._("This time can't be booked here. Please choose another one.")
            )
        slots = self.get_slots(
            date_from=start, date_to=start + timedelta(minutes=1), limit=1
        )
        if not slots or slots[0]["start"] != start:
            raise UserError(self._get_taken_message())

    def _hold_visit(self, start):
        """Keep a time for the customer who is about to confirm it.

        :param datetime start: in UTC, one of the times offered
        :raises UserError: if it was taken meanwhile, in words for the customer
        """
        self.ensure_one()
        self._lock()
        until = self._get_hold_end()
        if self.date_planned == start and until and until > fields.Datetime.now():
            return
        self._check_can_choose_visit()
        self._check_is_offered(start)
        self._book_on_portal(start, hold=True)

    def _confirm_visit(self, start, partner):
        """Make the time that was held the customer's own; again, it changes nothing.

        :param datetime start: the time the page showed
        :param partner: who confirms
        """
        self.ensure_one()
        self._lock()
        if self.booking_state == "confirmed" and self.date_planned == start:
            return
        self._check_can_choose_visit()
        if self.booking_state != "hold" or self.date_planned != start:
            # The page stood open for too long; the time may still be free.
            self._check_is_offered(start)
        self._book_on_portal(start)
        self._after_visit_booked(
            self.env._("Visit booked: %(time)s", time=self._format_visit_time(start)),
            partner,
        )

    def _move_visit(self, start, partner):
        """Give a confirmed visit another time; again, it changes nothing."""
        self.ensure_one()
        self._lock()
        if self.booking_state == "confirmed" and self.date_planned == start:
            return
        self._check_can_choose_visit()
        self._check_is_offered(start)
        before = self.date_planned
        self._book_on_portal(start)
        self._after_visit_booked(
            self.env._(
                "Visit moved: %(time)s instead of %(before)s",
                time=self._format_visit_time(start),
                before=self._format_visit_time(before),
            ),
            partner,
        )

    def _book_on_portal(self, start, hold=False):
        """Book a time; what the service refuses is told in the customer's words."""
        self.ensure_one()
        is_other = self.date_planned != start
        try:
            with self.env.cr.savepoint():
                if self.booking_state in ("hold", "confirmed") and is_other:
                    self.action_rebook(start=start)
                elif hold and self.booking_state == "hold":
                    # It ran out and nobody took it: it is kept once more.
                    self.action_unbook()
                self.action_book(start=start, hold=hold)
        except UserError as error:
            raise UserError(self._get_taken_message()) from error

    def _after_visit_booked(self, body, partner):
        self.ensure_one()
        self.online_state = "booked"
        self.activity_unlink(
            [
                "aftersales_planning.mail_activity_type_visit",
                "aftersales_planning.mail_activity_type_rebook",
            ]
        )
        self._post_as_customer(body, partner)
        self._send_visit("aftersales_planning.mail_template_visit_booked")

    def _say_visit_stands(self, partner):
        """Record that the customer says again that they come (R034)."""
        self.ensure_one()
        self._lock()
        if self.date_visit_confirmed:
            return
        if self.booking_state != "confirmed":
            raise UserError(self._get_call_us_message())
        self.date_visit_confirmed = fields.Datetime.now()
        self.activity_unlink(["aftersales_planning.mail_activity_type_visit"])
        self._post_as_customer(
            self.env._(
                "I come: %(time)s", time=self._format_visit_time(self.date_planned)
            ),
            partner,
        )

    def _cancel_visit(self, reason, partner):
        """Give the time back; a request that was not worked on is called off.

        :param str reason: the customer's words, may be empty
        """
        self.ensure_one()
        self._lock()
        is_unfinished = self.online_state in ("begun", "left")
        if self.state == "cancel" or (
            self.booking_state == "none" and not is_unfinished
        ):
            return
        if (
            self.state not in ("draft", "quoted", "approved")
            or self.booking_state == "arrived"
            or (self.booking_state == "confirmed" and not self._can_change_visit())
        ):
            raise UserError(self._get_call_us_message())
        reason = (reason or "").strip()[:200] or self.env._("Cancelled by the customer")
        before = self.date_planned
        if self.booking_state in ("hold", "confirmed"):
            self.action_unbook(reason=reason)
        self._post_as_customer(
            self.env._(
                "Visit of %(time)s cancelled: %(reason)s",
                time=self._format_visit_time(before),
                reason=reason,
            )
            if before
            else self.env._("Visit cancelled: %(reason)s", reason=reason),
            partner,
        )
        self.activity_unlink(
            [
                "aftersales_planning.mail_activity_type_visit",
                "aftersales_planning.mail_activity_type_rebook",
            ]
        )
        if self.state == "draft" and self.online_state:
            self.action_cancel(reason=reason)
        else:
            self._remind_advisor(
                self.env._(
                    "The customer cancelled the visit: agree on what comes next"
                ),
                note=reason,
                activity_type="aftersales_planning.mail_activity_type_visit",
            )
