from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

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

    The portal pages call these methods and hold no rules of their own.
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

    # What the customer may do

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

    def _has_lost_hold(self):
        """Whether a time was kept for the customer and given up unconfirmed."""
        self.ensure_one()
        return self.booking_state == "none" and any(
            booking.date_expire and booking.date_expire <= fields.Datetime.now()
            for booking in self.booking_ids
        )

    @api.model
    def _find_coming_visit(self, asset):
        """Return the next visit ``asset`` is booked for besides these, or none.

        Whoever asks for more before then adds to that visit or moves it.
        """
        return self.search(
            [
                ("id", "not in", self.ids),
                ("asset_id", "=", asset.id),
                ("state", "in", ("draft", "quoted", "approved")),
                ("booking_state", "=", "confirmed"),
                ("date_planned", ">=", fields.Datetime.now()),
            ],
            order="date_planned, id",
            limit=1,
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

    def _get_taken_message(self, start):
        """Say that the time ``start`` is gone, and which is the next."""
        self.ensure_one()
        _now, date_to = self._get_visit_window()
        slots = self.get_slots(date_from=start, date_to=date_to, limit=1)
        if slots:
            return self.env._(
                "Somebody else took that time in the meantime. The next free time is "
                "%(time)s.",
                time=self._format_visit_time(slots[0]["start"]),
            )
        return self.env._(
            "Somebody else took that time in the meantime. Please choose another one."
        )

    def _get_not_offered_message(self):
        return self.env._("This time can't be booked here. Please choose another one.")

    def _check_is_offered(self, start):
        """Refuse a time that customers are not offered now."""
        self.ensure_one()
        date_from, date_to = self._get_visit_window()
        if not start or not date_from <= start <= date_to:
            raise UserError(self._get_not_offered_message())
        slots = self.get_slots(
            date_from=start, date_to=start + timedelta(minutes=1), limit=1
        )
        if not slots or slots[0]["start"] != start:
            raise UserError(self._get_taken_message(start))

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
            raise UserError(self._get_taken_message(start)) from error

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
