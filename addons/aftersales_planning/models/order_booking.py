from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesOrder(models.Model):
    """The appointment: bay, tools, technician and parts kept free together."""

    _inherit = "aftersales.order"

    booking_ids = fields.One2many(
        "aftersales.booking", "order_id", "Bookings", copy=False
    )
    booking_state = fields.Selection(
        [
            ("none", "No appointment"),
            ("hold", "Held"),
            ("confirmed", "Booked"),
            ("arrived", "Arrived"),
            ("missed", "Missed"),
        ],
        "Appointment State",
        default="none",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    # Written by the steps: what costs nothing for an order without appointment can't
    # be looked up in the bookings.
    date_planned_stop = fields.Datetime(
        "Appointment Ends", readonly=True, copy=False, help="When the work is done."
    )
    date_arrived = fields.Datetime("Arrived", readonly=True, copy=False)
    resource_words = fields.Char("Booked", compute="_compute_resource_words")
    bay_words = fields.Char("Booked Bay", compute="_compute_resource_words")

    @api.depends("booking_ids.state", "booking_ids.resource_id.name")
    def _compute_resource_words(self):
        for order in self:
            bookings = order._get_active_bookings()
            order.resource_words, order.bay_words = (
                ", ".join(dict.fromkeys(each.resource_id.mapped("name")))
                for each in (bookings, bookings.filtered(lambda b: b.role == "bay"))
            )

    def _get_active_bookings(self, *states):
        """Return the bookings that take time for these orders."""
        states = states or ("hold", "confirmed")
        return self.sudo().booking_ids.filtered(lambda each: each.state in states)

    # Asking

    def get_slots(self, date_from=None, date_to=None, limit=5):
        """Return the next free times of one order, see ``aftersales.availability``."""
        self.ensure_one()
        return self.env["aftersales.availability"].get_slots(
            order=self, date_from=date_from, date_to=date_to, limit=limit
        )

    def explain_slot(self, start=None):
        """Return why a time is not offered, see ``aftersales.availability``."""
        self.ensure_one()
        return self.env["aftersales.availability"].explain(order=self, start=start)

    # Steps

    def action_book(self, start=None, resources=None, hold=False):
        """Keep everything the work needs free, at ``start`` or as early as possible.

        An order that is booked for that time already is left alone; what was held is
        confirmed.

        :param start: beginning of a slot (UTC), see ``get_slots``
        :param dict resources: ``{role: [resource ids]}`` to choose from
        :param bool hold: keep it for a while only, until somebody confirms
        :raises UserError: why the time is not free, with the next one that is; or if
            the order has another appointment
        """
        self._check_decides()
        start = self.env["aftersales.availability"]._read_moment(start)
        for order in self._lock():
            order._check_bookable()
            # A car that came without appointment has no bookings either.
            if (
                order.booking_state in ("none", "missed")
                or not order._get_active_bookings()
            ):
                order._book(start, resources, hold)
                continue
            if start and order.date_planned != start:
                raise UserError(
                    self.env._(
                        "%(order)s has an appointment on %(time)s. Move it instead of "
                        "booking it again.",
                        order=order.name,
                        time=order._format_moment(order.date_planned),
                    )
                )
            if order.booking_state == "hold" and not hold:
                order._confirm_hold()
        return True

    def _confirm_hold(self):
        self.ensure_one()
        bookings = self._get_active_bookings("hold")
        if bookings.filtered(
            lambda each: each.date_expire and each.date_expire <= fields.Datetime.now()
        ):
            # Nobody else took it, or it would be gone.
            self._check_parts_still_there()
        bookings._set_state("confirmed", date_expire=False)
        self.booking_state = "confirmed"
        self.message_post(
            body=self.env._(
                "Appointment confirmed: %(time)s",
                time=self._format_moment(self.date_planned),
            )
        )

    def _check_parts_still_there(self):
        reasons = self.env["aftersales.availability"].explain(self, self.date_planned)
        if reasons:
            raise UserError(
                self.env._(
                    "The time held for %(order)s ran out: %(reasons)s Look for "
                    "another time.",
                    order=self.name,
                    reasons=" ".join(reason["reason"] for reason in reasons),
                )
            )

    def action_rebook(self, start=None, resources=None, reason=None):
        """Move the appointment to ``start``, or to the earliest time there is.

        :param str reason: why; kept on the order
        :raises UserError: like ``action_book``; the old appointment stays then
        """
        self._check_decides()
        start = self.env["aftersales.availability"]._read_moment(start)
        for order in self._lock():
            order._check_bookable()
            before = order.date_planned
            if start and before == start and not resources:
                if order.booking_state == "confirmed":
                    continue
            hold = order.booking_state == "hold"
            if order.state == "progress":
                order._end_bookings()
            else:
                order._get_active_bookings()._set_state("cancel")
            order._book(start, resources, hold, before, reason)
        return True

    def action_unbook(self, reason=None):
        """Cancel the appointment and give its times free.

        :param str reason: why; kept on the order
        """
        self._check_decides()
        for order in self._lock():
            if order.booking_state == "none":
                continue
            words = order._format_moment(order.date_planned)
            order._get_active_bookings()._set_state("cancel")
            order._forget_appointment(
                self.env._("Appointment on %(time)s cancelled.", time=words), reason
            )
        return True

    def action_arrive(self):
        """Say that the asset is here: with or without an appointment."""
        self._check_decides()
        orders = self._lock().filtered(lambda each: each.booking_state != "arrived")
        closed = orders.filtered(lambda each: each.state in ("done", "cancel"))
        if closed:
            raise UserError(
                self.env._(
                    "%(orders)s is closed. Make a new work order for this visit.",
                    orders=", ".join(closed.mapped("name")),
                )
            )
        for order in orders:
            if order.booking_state == "hold":
                order._confirm_hold()
        orders.write(
            {"booking_state": "arrived", "date_arrived": fields.Datetime.now()}
        )
        label = self.env._("Arrived")
        orders._message_log_batch(bodies={order.id: label for order in orders})
        return True

    def _check_bookable(self):
        """Refuse appointments for what is over, or is not done here."""
        self._check_bookable_state()

    def _check_bookable_state(self):
        """Refuse orders whose work is over."""
        closed = self.filtered(
            lambda order: order.state in ("quality", "ready", "done", "cancel")
        )
        if closed:
            raise UserError(
                self.env._(
                    "%(orders)s: the work is over. New work needs a new work order.",
                    orders=", ".join(closed.mapped("name")),
                )
            )

    def action_open_book(self):
        """Open the dialog with the next free times."""
        self.ensure_one()
        self._check_decides()
        self._check_bookable()
        dialog = self.env["aftersales.book"].create({"order_id": self.id})
        return dialog._open()

    def action_view_bookings(self):
        """Open the bookings of these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_planning.booking_action"
        )
        return {
            **action,
            "domain": [("order_id", "in", self.ids)],
            "context": {"create": False},
            "view_mode": "list,calendar,form",
            "views": [(False, "list"), (False, "calendar"), (False, "form")],
        }

    # What else happens to an order

    def write(self, vals):
        # Steps run as superuser: what comes here was typed.
        if not self.env.su:
            if {"booking_state", "date_arrived", "date_planned_stop"} & vals.keys():
                raise AccessError(
                    self.env._(
                        "%(orders)s: the appointment follows from booking, moving and "
                        "arriving. Take that step instead.",
                        orders=", ".join(self.mapped("name")),
                    )
                )
            if "date_planned" in vals:
                self._check_appointment_stays(vals["date_planned"])
        return super().write(vals)

    def _check_appointment_stays(self, date_planned):
        """Refuse a typed time that the bookings would not know of."""
        moment = fields.Datetime.to_datetime(date_planned) or False
        booked = self.filtered(
            lambda order: (
                order.booking_state in ("hold", "confirmed")
                and order.date_planned != moment
            )
        )
        if booked:
            raise UserError(
                self.env._(
                    "%(orders)s is booked. Move or cancel the appointment, so that its "
                    "bay and technician follow.",
                    orders=", ".join(booked.mapped("name")),
                )
            )

    def _forget_appointment(self, body, reason=None):
        """Take the appointment off orders whose bookings were given up."""
        appointed = self.filtered(lambda order: order.booking_state != "none")
        appointed.write(
            {
                "booking_state": "none",
                "date_planned": False,
                "date_planned_stop": False,
            }
        )
        for order in appointed:
            order._post_with_reason(body, reason)

    def _sync_planned_dates(self):
        """Follow bookings that were moved one by one."""
        for order in self.sudo():
            bookings = order._get_active_bookings()
            if bookings and order.booking_state in ("hold", "confirmed"):
                order.write(
                    {
                        "date_planned": min(bookings.mapped("start")),
                        "date_planned_stop": max(bookings.mapped("stop")),
                    }
                )

    def _set_state(self, state, **values):
        """Free what is left of an appointment when the work is over or off."""
        moved = super()._set_state(state, **values)
        if state in ("quality", "ready", "done", "cancel"):
            # Known from the order itself: most orders have no appointment.
            booked = moved.filtered(lambda order: order.booking_state != "none")
            if booked:
                booked._free_remaining_time(state)
        return moved

    def _free_remaining_time(self, state):
        if state == "cancel":
            self._get_active_bookings()._set_state("cancel")
            self.booking_state = "none"
        else:
            self._end_bookings()

    def _end_bookings(self):
        """Give up what is ahead; what has begun took its time up to now."""
        bookings = self._get_active_bookings()
        now = fields.Datetime.now().replace(microsecond=0)
        ahead = bookings.filtered(lambda each: each.start >= now)
        ahead._set_state("cancel")
        for booking in bookings - ahead:
            booking._set_state("done", stop=min(booking.stop, now))
