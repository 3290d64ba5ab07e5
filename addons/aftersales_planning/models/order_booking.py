from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.moments import to_datetime

# Work that is put on the plan as it begins.
JUST_NOW = timedelta(minutes=15)


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

    # Booking

    def _book(self, start, resources, hold, before=None, reason=None):
        """Book one order that has no bookings now."""
        self.ensure_one()
        hold = hold and self.booking_state != "arrived"  # nobody is waited for
        Availability = self.env["aftersales.availability"]
        if self.env.user.share and start:
            self._check_lead(start)
        elif start:
            self._check_not_past(start)
        if start:
            until = start + timedelta(seconds=1)
            plan = Availability._plan(self, None, start, until, 1, resources)
            if not plan.answers:
                self._refuse_slot(plan, start, resources)
        else:
            plan = Availability._plan(self, limit=1, resources=resources)
            if not plan.answers:
                reasons = Availability._get_late(plan)
                raise UserError(
                    self.env._(
                        "%(order)s: no time is free. %(reasons)s",
                        order=self.name,
                        reasons=" ".join(reason["reason"] for reason in reasons),
                    )
                )
        answer = plan.answers[0]
        bookings = self.env["aftersales.booking"].create(
            self._prepare_bookings(plan, answer, hold)
        )
        self._take_over(bookings, plan, answer, hold)
        self._log_booking(bookings, hold, before, reason)
        return bookings

    def _check_not_past(self, start):
        """Refuse times that are over, unless the asset is here: work may have begun."""
        here = self.booking_state == "arrived" or self.date_in
        now = fields.Datetime.now()
        if start < now - JUST_NOW and not here:
            raise UserError(
                self.env._(
                    "%(order)s can't be booked for %(time)s, which is past. Choose a "
                    "time from now on, or note that it has arrived.",
                    order=self.name,
                    time=self._format_moment(start),
                )
            )

    def _check_lead(self, start):
        Availability = self.env["aftersales.availability"]
        earliest = to_datetime(Availability._get_lead_moment(self.company_id))
        if start < earliest:
            raise UserError(
                self.env._(
                    "Appointments are made %(hours)s hours ahead. Choose a time after "
                    "%(time)s, or call us.",
                    hours=f"{self.company_id.aftersales_booking_lead:g}",
                    time=self._format_moment(earliest),
                )
            )

    def _refuse_slot(self, plan, start, resources):
        """Say why a time is not free, and which is the next."""
        Availability = self.env["aftersales.availability"]
        reasons = Availability._get_reasons_at(plan, int(plan.earliest))
        slots = Availability.get_slots(self, date_from=start, limit=1)
        values = {
            "order": self.name,
            "time": self._format_moment(start),
            "reasons": " ".join(reason["reason"] for reason in reasons),
        }
        if not slots:
            raise UserError(
                self.env._(
                    "%(order)s can't be booked for %(time)s. %(reasons)s No later time "
                    "is free either.",
                    **values,
                )
            )
        raise UserError(
            self.env._(
                "%(order)s can't be booked for %(time)s. %(reasons)s The next free "
                "time is %(next)s.",
                next=self._format_moment(slots[0]["start"]),
                **values,
            )
        )

    def _prepare_bookings(self, plan, answer, hold):
        """Return the values of the bookings for one answer of the search."""
        self.ensure_one()
        values = {
            "order_id": self.id,
            "company_id": self.company_id.id,
            "kind": "work",
            "state": "confirmed",
        }
        if hold:
            minutes = self.company_id.aftersales_booking_hold
            values["state"] = "hold"
            values["date_expire"] = fields.Datetime.now() + timedelta(minutes=minutes)
        bookings = []
        for number, worker, pieces in answer.work:
            job_ids = plan.needs["segments"][number]["job_ids"]
            bookings += [
                {
                    **values,
                    "resource_id": worker,
                    "job_id": job_ids[0] if len(job_ids) == 1 else False,
                    "start": to_datetime(start),
                    "stop": to_datetime(stop),
                }
                for start, stop in pieces
            ]
        bookings += [
            {
                **values,
                "resource_id": place,
                "start": to_datetime(answer.start),
                "stop": to_datetime(answer.stop),
            }
            for place in answer.places
        ]
        return bookings

    def _take_over(self, bookings, plan, answer, hold):
        """Write what was booked to the order and its jobs."""
        values = {
            "date_planned": to_datetime(answer.start),
            "date_planned_stop": to_datetime(answer.stop),
        }
        if self.booking_state != "arrived":
            values["booking_state"] = "hold" if hold else "confirmed"
        bay = bookings.resource_id.filtered("aftersales_location_id")[:1]
        if bay:
            values["bay_id"] = bay.aftersales_location_id.id
        self.write(values)
        people = bookings.filtered(lambda each: each.role == "technician").resource_id
        if len(people) == 1:
            employee = people.employee_id[:1]
            jobs = self.job_ids.filtered(
                lambda job: (
                    job.state not in ("declined", "cancel", "done")
                    and job.technician_id != employee
                )
            )
            jobs.technician_id = employee
            return
        for number, worker, _pieces in answer.work:
            employee = self.env["resource.resource"].browse(worker).employee_id[:1]
            jobs = self.job_ids.browse(plan.needs["segments"][number]["job_ids"])
            jobs.filtered(
                lambda job, employee=employee: job.technician_id != employee
            ).technician_id = employee

    def _log_booking(self, bookings, hold, before, reason):
        words = {
            "time": self.env["aftersales.availability"]._format_range(
                self.date_planned, self.date_planned_stop, self.company_id
            ),
            "resources": ", ".join(dict.fromkeys(bookings.resource_id.mapped("name"))),
            "before": before and self._format_moment(before),
        }
        if before:
            body = self.env._(
                "Appointment moved from %(before)s to %(time)s: %(resources)s", **words
            )
        elif hold:
            body = self.env._("Time held: %(time)s: %(resources)s", **words)
        else:
            body = self.env._("Booked: %(time)s: %(resources)s", **words)
        self._post_with_reason(body, reason)

    def _post_with_reason(self, body, reason):
        if reason:
            body = self.env._("%(text)s (%(reason)s)", text=body, reason=reason)
        self.message_post(body=body)

    def _format_moment(self, moment):
        """Return a time (UTC) of this order as its company's clock shows it."""
        if not moment:
            return ""
        return self.env["aftersales.availability"]._format_moment(
            moment, self.company_id
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
