from odoo import api, fields, models
from odoo.exceptions import AccessError

KINDS = [
    ("people", "People"),
    ("parts", "Parts"),
    ("tools", "Bay and Tools"),
    ("data", "Technical Data"),
]
ROLES_BY_KIND = {"people": ("technician",), "tools": ("bay", "tool", "loaner")}


class AftersalesPreparation(models.Model):
    """One thing that has to be right before a booked visit: people, parts, tools, data.

    The nightly check writes it; only technical data is ticked by somebody.
    """

    _name = "aftersales.preparation"
    _description = "Preparation of a Visit"
    _order = "order_id, sequence, id"
    _check_company_auto = True
    _rec_name = "kind"

    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    date_planned = fields.Datetime(related="order_id.date_planned")
    kind = fields.Selection(KINDS, required=True)
    sequence = fields.Integer(default=10)
    state = fields.Selection(
        [("open", "To do"), ("ok", "All set"), ("failed", "Not possible")],
        required=True,
        default="open",
    )
    reason = fields.Text("Why")
    date_checked = fields.Datetime("Checked On")
    user_id = fields.Many2one("res.users", "Done By")

    _kind_unique = models.UniqueIndex(
        "(order_id, kind)", "This visit has that point of the checklist already."
    )

    def action_done(self, note=None):
        """Tick points that a person looks after, with the name of who says so.

        :param str note: what was found or decided
        """
        self._check_ticks()
        for row in self.sudo().filtered(lambda row: row.kind == "data"):
            row.write(
                {
                    "state": "ok",
                    "user_id": self.env.uid,
                    "date_checked": fields.Datetime.now(),
                    "reason": note or row.reason,
                }
            )
        return True

    def action_reopen(self):
        """Take a tick back."""
        self._check_ticks()
        self.sudo().filtered(lambda row: row.kind == "data").write(
            {"state": "open", "user_id": False}
        )
        return True

    def _check_ticks(self):
        """Whoever works on the order may tick its checklist."""
        self.check_access("read")
        group = "aftersales.aftersales_group_technician"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "%(orders)s: the checklist is ticked by those who work on the "
                    "visit. Ask the advisor.",
                    orders=", ".join(self.order_id.mapped("name")),
                )
            )


class AftersalesOrder(models.Model):
    """What a visit needs before the customer comes, and whether it is there."""

    _inherit = "aftersales.order"

    preparation_ids = fields.One2many("aftersales.preparation", "order_id", copy=False)
    preparation_state = fields.Selection(
        [("open", "To do"), ("ok", "All set"), ("failed", "Not possible")],
        "Prepared",
        compute="_compute_preparation_state",
        compute_sudo=True,
    )
    date_prepared = fields.Datetime("Preparation Checked", readonly=True, copy=False)
    has_visit_problem = fields.Boolean(
        "Visit at Risk",
        readonly=True,
        copy=False,
        help="Something the visit needs fell away: it has to be booked again.",
    )
    visit_problem = fields.Text(
        "What Is Missing", compute="_compute_visit_problem", compute_sudo=True
    )
    is_outside = fields.Boolean(
        "At the Customer's Place",
        help="The work is done where the asset stands: address, access and what the "
        "car must carry are prepared.",
    )
    parts_to_stage = fields.Text(
        compute="_compute_parts_to_stage",
        compute_sudo=True,
        help="What the store prepares for the visit, the most valuable first.",
    )
    has_high_value_parts = fields.Boolean(
        "High-Value Parts", compute="_compute_parts_to_stage", compute_sudo=True
    )

    @api.depends("preparation_ids.state")
    def _compute_preparation_state(self):
        for order in self:
            states = set(order.preparation_ids.mapped("state"))
            order.preparation_state = next(
                (state for state in ("failed", "open", "ok") if state in states), False
            )

    @api.depends("preparation_ids.state", "preparation_ids.reason")
    def _compute_visit_problem(self):
        for order in self:
            failed = order.preparation_ids.filtered(lambda row: row.state == "failed")
            order.visit_problem = "\n".join(
                reason for reason in failed.mapped("reason") if reason
            )

    def _compute_parts_to_stage(self):
        for order in self:
            lines = order._get_parts_to_stage()
            threshold = order.company_id.aftersales_high_value
            values = {line: line._get_part_value() for line in lines}
            order.parts_to_stage = "\n".join(
                self.env._("%(part)s (high value)", part=label)
                if values[line] >= threshold
                else label
                for line in lines
                for label in (f"{line.product_uom_qty:g} × {line.name}",)
            )
            order.has_high_value_parts = any(
                value >= threshold for value in values.values()
            )

    def _get_parts_to_stage(self):
        """Return the part lines the store has to prepare, the most valuable first."""
        self.ensure_one()
        lines = self.job_ids.line_ids.filtered(
            lambda line: (
                line.kind == "part"
                and line.job_id.state not in ("declined", "cancel")
                and line.availability_state not in ("none", "staged", "issued")
            )
        )
        return lines.sorted(lambda line: -line._get_part_value())

    # The check

    def action_prepare(self):
        """Check now what the visits need."""
        self.check_access("write")
        for order in self.sudo():
            order._prepare_visit()
        return True

    def _is_preparation_due(self):
        """Whether the visit is near enough for the whole checklist."""
        self.ensure_one()
        now = fields.Datetime.now()
        return now < self.date_planned <= self.company_id._get_preparation_limit()

    def _get_coming_bookings(self):
        """Return the bookings that are not over: of begun work, what is left of it."""
        now = fields.Datetime.now()
        return self._get_active_bookings("confirmed").filtered(
            lambda booking: booking.stop > now
        )

    def _get_parts_deadline(self):
        """Return when the parts have to be here: when the work begins or goes on."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.date_planned > now:
            return self.date_planned
        starts = self._get_coming_bookings().mapped("start")
        return min((start for start in starts if start > now), default=now)

    def _prepare_visit(self):
        """Work out the checklist of a booked visit, and raise what went wrong.

        Long before the visit, and for the rest of work that has begun, only a resource
        or part that fell away counts; one working day ahead (a setting) everything has
        to be there.
        """
        self.ensure_one()
        if self.booking_state not in ("confirmed", "arrived") or not self.date_planned:
            return
        is_due = self._is_preparation_due()
        results = self._get_preparation(
            [kind for kind, _label in KINDS if is_due or kind != "data"]
        )
        rows = {row.kind: row for row in self.preparation_ids}
        now = fields.Datetime.now()
        for sequence, (kind, (state, reason)) in enumerate(results.items(), 1):
            row = rows.get(kind)
            if row and kind == "data" and row.user_id:
                continue
            values = {"state": state, "reason": reason, "date_checked": now}
            if row:
                row.write(values)
            elif is_due or state == "failed":
                self.preparation_ids.create(
                    {"order_id": self.id, "kind": kind, "sequence": sequence, **values}
                )
        failures = [reason for state, reason in results.values() if state == "failed"]
        self._settle_problem(failures)
        if is_due or failures:
            self.date_prepared = now

    def _get_preparation(self, kinds):
        """Return ``{kind: (state, reason)}`` for the checklist as things stand now."""
        self.ensure_one()
        bookings = self._get_coming_bookings()
        absences = bookings._get_lost()
        parts = self._get_part_problems() if "parts" in kinds else []
        for booking in bookings:
            problem = absences.get(booking) or "\n".join(parts) or False
            if booking.problem != problem:
                booking.problem = problem
        results = {}
        for kind in kinds:
            if kind in ROLES_BY_KIND:
                problems = [
                    self.env._(
                        "%(resource)s: %(reason)s",
                        resource=booking.resource_id.name,
                        reason=reason,
                    )
                    for booking, reason in absences.items()
                    if booking.role in ROLES_BY_KIND[kind]
                ]
            elif kind == "parts":
                problems = parts
            else:
                needed = self._get_data_needs()
                results[kind] = ("open" if needed else "ok", "\n".join(needed) or False)
                continue
            results[kind] = (
                "failed" if problems else "ok",
                "\n".join(problems) or False,
            )
        return results

    def _get_part_problems(self):
        """Return in words which parts won't be there when the visit begins."""
        self.ensure_one()
        problems = []
        deadline = self._get_parts_deadline()
        Availability = self.env["aftersales.availability"]
        jobs = Availability._get_open_jobs(self)
        for product, date in Availability._get_part_dates(self, jobs).items():
            if date is None:
                problems.append(
                    self.env._(
                        "%(part)s: not in stock and not on order",
                        part=product.display_name,
                    )
                )
            elif date and date > deadline:
                problems.append(
                    self.env._(
                        "%(part)s: expected only on %(date)s",
                        part=product.display_name,
                        date=self._format_visit_time(date),
                    )
                )
        return problems

    def _get_data_needs(self):
        """Return what somebody has to think through before the visit, if anything.

        Add-ons that know more about faults that come back add theirs.
        """
        self.ensure_one()
        needs = [
            self.env._("Technical plan: %(job)s", job=job.name)
            for job in self.job_ids
            if job.template_id.needs_plan and job.state not in ("declined", "cancel")
        ]
        last = self.date_last_visit
        if last and (fields.Datetime.now() - last).days <= (
            self.company_id.aftersales_repeat_days
        ):
            needs.append(
                self.env._(
                    "Technical plan: was here on %(date)s, it may be the same fault",
                    date=fields.Date.to_string(last),
                )
            )
        if self.is_outside:
            needs.append(
                self.env._("Outside service: address, access, parts and tools to load")
            )
        return needs

    # What follows

    def _settle_problem(self, failures):
        """Ask the advisor once to book again, or say that all is right again."""
        self.ensure_one()
        rebook = "aftersales_planning.mail_activity_type_rebook"
        if failures:
            if not self.has_visit_problem:
                self.has_visit_problem = True
            if not self.activity_search([rebook]):
                self._remind_advisor(
                    self.env._("The visit can't be held as booked"),
                    note=self._get_rebooking_note(failures),
                    activity_type=rebook,
                )
        elif self.has_visit_problem:
            self.has_visit_problem = False
            self.activity_unlink([rebook])
            self.message_post(body=self.env._("What the visit needs is there again."))

    def _book(self, *args, **kwargs):
        bookings = super()._book(*args, **kwargs)
        # Somebody else at the same time: it may be right again.
        if self.has_visit_problem:
            self._prepare_visit()
        return bookings

    def _free_remaining_time(self, state):
        self._forget_problem()
        return super()._free_remaining_time(state)

    def _forget_problem(self):
        """The visit is over or off: nothing has to be booked again for it."""
        at_risk = self.filtered("has_visit_problem")
        if at_risk:
            at_risk.has_visit_problem = False
            at_risk.activity_unlink(["aftersales_planning.mail_activity_type_rebook"])

    def _prepare_new_time_values(self):
        return {**super()._prepare_new_time_values(), "has_visit_problem": False}

    def write(self, vals):
        before = (
            {order: order.date_planned for order in self if order.date_prepared}
            if "date_planned" in vals
            else {}
        )
        result = super().write(vals)
        for order, date in before.items():
            if order.date_planned != date:
                order.sudo()._forget_preparation()
        return result

    def _forget_preparation(self):
        """What was checked was checked for another time."""
        self.ensure_one()
        self.preparation_ids.unlink()
        self.date_prepared = False
        self.activity_unlink(["aftersales_planning.mail_activity_type_rebook"])

    def _get_rebooking_note(self, failures):
        """Return the text of the activity: what fell away, and what is free next."""
        self.ensure_one()
        slots = self.get_slots(limit=3)
        return self.env["ir.qweb"]._render(
            "aftersales_planning.rebooking_note",
            {
                "order": self,
                "failures": failures,
                "times": [self._format_visit_time(slot["start"]) for slot in slots],
            },
            minimal_qcontext=True,
        )


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    def _get_part_value(self):
        """Return what this part is worth: its sales price in full."""
        self.ensure_one()
        product = self.product_id.with_company(self.company_id)
        price = max(product.lst_price, product.standard_price)
        return price * self.product_uom_id._compute_quantity(
            self.product_uom_qty, product.uom_id, round=False
        )
