import itertools
from contextlib import contextmanager

import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.fields import Domain

from .resource_type import ROLES


class AftersalesBooking(models.Model):
    """A resource taken for a time, by a work order or for a reason of its own.

    PostgreSQL refuses two bookings of a resource that overlap. Whoever comes second
    is told who has the time; two who come at once are put in a row by repeating the
    second request, see ``_refuse_overlaps``.
    """

    _name = "aftersales.booking"
    _description = "Booking"
    _inherit = ["aftersales.state.mixin"]
    _order = "start, id"
    _check_company_auto = True

    name = fields.Char(
        compute="_compute_name", store=True, readonly=False, precompute=True
    )
    resource_id = fields.Many2one(
        "resource.resource",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('aftersales_role', '!=', False)]",
    )
    role = fields.Selection(
        ROLES, compute="_compute_role", store=True, precompute=True, index=True
    )
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        check_company=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    job_id = fields.Many2one(
        "aftersales.job",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        domain="[('order_id', '=', order_id)]",
    )
    partner_id = fields.Many2one(related="order_id.partner_id")
    asset_id = fields.Many2one(related="order_id.asset_id")
    start = fields.Datetime(required=True, index=True)
    stop = fields.Datetime(required=True)
    hours = fields.Float(compute="_compute_hours", store=True, precompute=True)
    state = fields.Selection(
        [
            ("hold", "Held"),
            ("confirmed", "Confirmed"),
            ("done", "Done"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="confirmed",
        readonly=True,
        copy=False,
        index=True,
    )
    kind = fields.Selection(
        [("work", "Work"), ("block", "Not available")],
        required=True,
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_expire = fields.Datetime(
        "Held Until",
        copy=False,
        index="btree_not_null",
        help="A hold that nobody confirms is given up then.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    problem = fields.Text(
        readonly=True,
        copy=False,
        help="Why this booking can't be kept: the resource or a part fell away.",
    )

    _lasts = models.Constraint("CHECK(start < stop)", "A booking ends after it begins.")
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (resource_id WITH =, tsrange(start, stop) WITH &&) "
        "WHERE (state IN ('hold', 'confirmed'))",
        "This resource is booked at that time. Look for another time.",
    )
    _taken_idx = models.Index(
        "(resource_id, stop) WHERE state IN ('hold', 'confirmed')"
    )
    # The boards: a month or longer, LONGEST_HOURS.
    _long_idx = models.Index("(stop) WHERE hours >= 744")

    @api.depends("order_id", "kind")
    def _compute_name(self):
        for booking in self:
            order = booking.order_id
            if order:
                words = (order.name, order.partner_id.name, order.asset_id.name)
                booking.name = " · ".join(word for word in words if word)
            elif not booking.name:
                booking.name = self.env._("Not available")

    @api.depends("resource_id.aftersales_role")
    def _compute_role(self):
        for booking in self:
            # What was booked stays what it was.
            booking.role = booking.role or booking.resource_id.aftersales_role

    @api.depends("start", "stop")
    def _compute_hours(self):
        for booking in self:
            length = booking.start and booking.stop and booking.stop - booking.start
            booking.hours = length.total_seconds() / 3600 if length else 0.0

    @api.depends("order_id")
    def _compute_kind(self):
        for booking in self:
            booking.kind = booking.kind or ("work" if booking.order_id else "block")

    @api.depends("order_id", "resource_id")
    def _compute_company_id(self):
        for booking in self:
            booking.company_id = (
                booking.order_id.company_id
                or booking.resource_id.company_id
                or self.env.company
            )

    @api.depends("name", "resource_id.name")
    def _compute_display_name(self):
        for booking in self:
            booking.display_name = f"{booking.resource_id.name}: {booking.name}"

    @api.constrains("resource_id", "role")
    def _check_resource(self):
        for booking in self:
            role = booking.resource_id.aftersales_role
            if not role:
                raise ValidationError(
                    self.env._(
                        "%(resource)s is not a resource of the workshop. Give it a "
                        "role first: bay, tool, technician or loaner.",
                        resource=booking.resource_id.name,
                    )
                )
            if role != booking.role:
                raise ValidationError(
                    self.env._(
                        "%(resource)s is not a %(role)s. Choose another resource.",
                        resource=booking.resource_id.name,
                        role=self.env["aftersales.availability"]
                        ._get_role_label(booking.role)
                        .lower(),
                    )
                )

    @api.constrains("kind", "order_id")
    def _check_kind(self):
        for booking in self:
            if (booking.kind == "work") != bool(booking.order_id):
                raise ValidationError(
                    self.env._(
                        "%(booking)s: work belongs to a work order, and what makes a "
                        "resource unavailable belongs to none.",
                        booking=booking.display_name,
                    )
                )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "hold": {"confirmed", "done", "cancel"},
            "confirmed": {"done", "cancel"},
        }

    @api.model
    def _get_first_states(self):
        return {"hold", "confirmed"}

    @api.model_create_multi
    def create(self, vals_list):
        resource_ids = {vals.get("resource_id") for vals in vals_list} - {None, False}
        self._release_holds(resource_ids)
        self._check_free(vals_list)
        with self._refuse_overlaps():
            bookings = super().create(vals_list)
        bookings._check_working_time()
        return bookings

    def write(self, vals):
        moved = {"start", "stop", "resource_id"} & vals.keys()
        state = vals.get("state")
        taking = self.filtered(
            lambda booking: (state or booking.state) in ("hold", "confirmed")
        )
        if not moved or not taking:
            return super().write(vals)
        if "resource_id" in vals:
            taking._check_suits(self.resource_id.browse(vals["resource_id"]))
        resource_ids = {*self.resource_id.ids, vals.get("resource_id")}
        self._release_holds(resource_ids - {None, False})
        taking._check_free([{**self._get_times(each), **vals} for each in taking])
        with self._refuse_overlaps():
            result = super().write(vals)
            self.flush_recordset()
        self._check_working_time()
        self.order_id._sync_planned_dates()
        return result

    @api.model
    def _get_times(self, booking):
        return {
            "resource_id": booking.resource_id.id,
            "start": booking.start,
            "stop": booking.stop,
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_work(self):
        kept = self.filtered(
            lambda booking: booking.kind == "work" and booking.state != "cancel"
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(bookings)s: cancel the appointment on the work order instead "
                    "of deleting its bookings.",
                    bookings=", ".join(kept.mapped("display_name")),
                )
            )

    # Overlaps

    @api.model
    def _get_active_domain(self):
        """Return the domain of bookings that take their resource's time."""
        return Domain("state", "=", "confirmed") | (
            Domain("state", "=", "hold")
            & (
                Domain("date_expire", "=", False)
                | Domain("date_expire", ">", fields.Datetime.now())
            )
        )

    @api.model
    def _find_overlap(self, times):
        """Return a booking that takes one of the times.

        :param times: dicts with ``resource_id``, ``start`` and ``stop``
        """
        if not times:
            return self.browse()
        # Whoever books is told who has the time, also if it is another team.
        return self.sudo().search(
            Domain("id", "not in", self.ids)
            & Domain("state", "in", ("hold", "confirmed"))
            & Domain.OR(
                Domain("resource_id", "=", time["resource_id"])
                & Domain("start", "<", time["stop"])
                & Domain("stop", ">", time["start"])
                for time in times
            ),
            limit=1,
        )

    def _check_free(self, vals_list):
        """Refuse times that are taken, naming resource, time and who has it.

        :param vals_list: values of bookings; ``self`` are the ones that move there
        """
        times = [
            {
                "resource_id": vals["resource_id"],
                "start": fields.Datetime.to_datetime(vals["start"]),
                "stop": fields.Datetime.to_datetime(vals["stop"]),
            }
            for vals in vals_list
            if vals.get("resource_id") and vals.get("start") and vals.get("stop")
        ]
        times.sort(key=lambda time: (time["resource_id"], time["start"]))
        for one, two in itertools.pairwise(times):
            if one["resource_id"] == two["resource_id"] and two["start"] < one["stop"]:
                resource = self.env["resource.resource"].browse(one["resource_id"])
                raise UserError(
                    self.env._(
                        "%(resource)s can't be booked twice for %(time)s.",
                        resource=resource.name,
                        time=self.env["aftersales.availability"]._format_range(
                            two["start"], two["stop"], resource.company_id
                        ),
                    )
                )
        other = self._find_overlap(times)
        if other:
            raise UserError(other._get_taken_message())

    def _get_taken_message(self, free=None):
        """Return in words that this booking has the time.

        :param free: the next free time, if somebody looked for it
        """
        self.ensure_one()
        Availability = self.env["aftersales.availability"]
        values = {
            "resource": self.resource_id.name,
            "time": Availability._format_range(self.start, self.stop, self.company_id),
            "other": self.name,
        }
        if free:
            return self.env._(
                "%(resource)s is taken from %(time)s by %(other)s. The next free time "
                "is %(next)s.",
                next=Availability._format_moment(free, self.company_id),
                **values,
            )
        return self.env._(
            "%(resource)s is taken from %(time)s by %(other)s. Look for another time.",
            **values,
        )

    @contextmanager
    def _refuse_overlaps(self):
        """Say who has the time if PostgreSQL refuses what is written inside.

        A booking of a request that runs at the same time can't be seen from here:
        the request is run again, and then meets it as any other.
        """
        try:
            with self.env.cr.savepoint():
                yield
        except psycopg2.errors.ExclusionViolation as error:
            if "no_overlap" not in (error.diag.constraint_name or ""):
                raise
            raise ConcurrencyError(
                "The time was booked by somebody else in this moment"
            ) from error

    # Steps

    def action_confirm(self):
        """Confirm what was held. An order's appointment is confirmed as a whole."""
        if self.order_id:
            self.order_id.action_book()
        blocks = self.filtered(lambda booking: booking.kind == "block")
        blocks._lock()._set_state("confirmed", date_expire=False)
        return True

    def action_cancel(self):
        """Give these times free. An order's appointment is cancelled as a whole."""
        if self.order_id:
            self.order_id.action_unbook()
        blocks = self.filtered(lambda booking: booking.kind == "block")
        blocks._lock()._set_state("cancel")
        return True

    def action_open_order(self):
        """Open the work order of the booking."""
        self.ensure_one()
        return self.order_id.get_formview_action()

    @api.model
    def _release_holds(self, resource_ids=None):
        """Give up holds that ran out, with their appointments.

        :param resource_ids: only where one of these resources is held
        """
        domain = Domain("state", "=", "hold") & Domain(
            "date_expire", "<=", fields.Datetime.now()
        )
        if resource_ids is not None:
            domain &= Domain("resource_id", "in", list(resource_ids))
        # Anybody who needs the time frees it, whoever held it.
        expired = self.sudo().search(domain)
        if not expired:
            return
        orders = expired.order_id
        (expired | orders._get_active_bookings("hold"))._set_state("cancel")
        orders._forget_appointment(self.env._("The time held was not confirmed."))

    @api.model
    def _cron_release_holds(self):
        """Give up holds that ran out, a hundred orders at a time."""
        domain = [("state", "=", "hold"), ("date_expire", "<=", fields.Datetime.now())]
        while expired := self.search(domain, limit=400):
            self._release_holds(expired.resource_id.ids)
            left = self.search_count(domain)
            if not self.env["ir.cron"]._commit_progress(len(expired), remaining=left):
                return
