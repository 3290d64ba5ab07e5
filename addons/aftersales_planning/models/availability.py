from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.moments import to_datetime, to_seconds

DAY = 24 * 3600
MOST_DAYS = 366


@dataclass
class Plan:
    """What a search found, and what is needed to say why not earlier."""

    needs: dict
    company: object
    earliest: int  # from when on it was asked for
    latest: int
    parts_from: int | None  # when the parts are there; None: never
    candidates: list = field(default_factory=list)  # resources per kind of need
    segments: list = field(default_factory=list)
    order: object = None
    opens: dict = field(default_factory=dict)  # first working moment of each kind
    firsts: dict = field(default_factory=dict)  # first free moment of each kind
    answers: list = field(default_factory=list)
    pins: dict = field(default_factory=dict)  # resources to choose from, by role
    skills: dict = field(default_factory=dict)  # skills of each technician
    presence: dict = field(default_factory=dict)  # working time of advisors, by day


class AftersalesAvailability(models.AbstractModel):
    """When can this order be done?

    One service for the desk, the portal and the nightly check. A time is offered when
    a bay, the tools, a technician with the skills and every part are free together.

    A *need* is a dict, so that callers without a work order can ask as well:

    * ``segments``: list of ``{"hours", "skills": {skill id: level in %},
      "technician_ids": [preferred employees], "job_ids", "span"}``: who works how
      long, one after the other; ``span`` is none, break or days, see
      ``aftersales.job.work_span``
    * ``places``: list of ``{"role": bay/tool/loaner, "type_ids": [all of these]}``,
      each taken from the beginning to the end
    * ``preparation``: minutes at the beginning in which nobody works yet
    * ``parts``: ``{"date": when the last part is there, "missing": [words], "late":
      [words]}``
    * ``company_id``, ``warehouse_id``, ``team_id``: whose resources
    """

    _name = "aftersales.availability"
    _description = "Availability"

    @api.model
    def get_slots(
        self, order=None, needs=None, date_from=None, date_to=None, limit=5,
        resources=None,
    ):  # fmt: skip
        """Return the next times at which everything is free, earliest first.

        :param order: a work order or its id
        :param dict needs: instead of an order, see the class; for employees
        :param date_from: not before (UTC); without it, from the lead time on.
            Customers are never offered anything before the lead time.
        :param date_to: not after; the company's horizon by default
        :param dict resources: ``{role: [resource ids]}`` to choose from
        :return: list of dicts: ``start``, ``stop`` (UTC), ``resources`` as ``{role:
            [ids]}``, ``late`` as list of ``{"role", "reason"}``: why nothing earlier
            is offered, and ``notices``: list of words
        :raises UserError: without an order and needs
        """
        self._check_tells_who()
        plan = self._plan(order, needs, date_from, date_to, limit, resources)
        late = self._get_late(plan)
        return [self._prepare_slot(plan, answer, late) for answer in plan.answers]

    @api.model
    def get_first_slot(self, order=None, needs=None, date_from=None, date_to=None):
        """Return the earliest slot as of ``get_slots``, or False."""
        slots = self.get_slots(order, needs, date_from, date_to, limit=1)
        return slots[0] if slots else False

    @api.model
    def explain(self, order=None, start=None, needs=None, resources=None):
        """Return why a time is not offered, as list of ``{"role", "reason"}``.

        Roles are bay, tool, technician, loaner, part, and company for what concerns
        all of them (lead time, opening hours). Empty: the time can be booked. Without
        ``start``: why nothing is offered from the lead time on.
        """
        self._check_tells_who()
        if start is None:
            return self.get_late_reasons(order, needs, resources=resources)
        moment = self._read_moment(start)
        plan = self._plan(
            order, needs, moment, moment + timedelta(seconds=1), 1, resources
        )
        return self._get_reasons_at(plan, to_seconds(moment))

    @api.model
    def get_late_reasons(self, order=None, needs=None, date_from=None, resources=None):
        """Return why nothing before the first free time is offered.

        Like ``late`` of ``get_slots``, also if nothing is free at all.
        """
        self._check_tells_who()
        return self._get_late(self._plan(order, needs, date_from, None, 1, resources))

    @api.model
    def _check_tells_who(self):
        """Refuse customers: the answers name people, places and parts.

        The pages of the portal ask as superuser and show times alone.
        """
        if self.env.user.share and not self.env.su:
            raise AccessError(
                self.env._("Free times for customers are on the page of the visit.")
            )

    @api.model
    def _get_order(self, order):
        """Return the work order as superuser, after the check that it may be read."""
        if not isinstance(order, models.BaseModel):
            order = self.env["aftersales.order"].browse(order)
        order.ensure_one()
        order.check_access("read")
        return order.sudo()

    @api.model
    def _plan(
        self, order=None, needs=None, date_from=None, date_to=None, limit=5,
        resources=None,
    ):  # fmt: skip
        """Search, and return a ``Plan`` with up to ``limit`` answers.

        An interval of a second asks for that very moment, on the grid or not.
        """
        if order:
            order = self._get_order(order)
        elif not needs:
            raise UserError(self.env._("Say which work order, or what is needed."))
        elif not self.env.su:
            self.env["aftersales.booking"].check_access("read")
        # Free or not is all that is told about other people's bookings.
        service = self.sudo()
        if order:
            service = service.with_company(order.company_id)
        needs = service._complete_needs(needs or service.get_needs(order))
        company = service.env["res.company"].browse(needs["company_id"])
        earliest, latest, exact = service._get_period(company, date_from, date_to)
        parts = needs["parts"]
        plan = Plan(
            needs=needs,
            order=order,
            company=company,
            earliest=earliest,
            latest=latest,
            parts_from=service._get_parts_moment(parts),
            pins={role: set(ids) for role, ids in (resources or {}).items() if ids},
        )
        service._load_candidates(plan)
        service._search(plan, limit, exact, order)
        return plan

    @api.model
    def _get_period(self, company, date_from, date_to):
        """Return ``(earliest, latest, whether one moment is asked for)``."""
        now = to_seconds(fields.Datetime.now())
        lead = self._get_lead_moment(company)
        if date_from:
            date_from = to_seconds(self._read_moment(date_from))
        if date_to:
            date_to = to_seconds(self._read_moment(date_to))
        exact = bool(date_from and date_to and date_to - date_from == 1)
        if date_to and date_to - (date_from or now) > MOST_DAYS * DAY:
            raise UserError(
                self.env._(
                    "Free times are looked for in %(days)s days at most. Choose an "
                    "earlier end.",
                    days=MOST_DAYS,
                )
            )
        if not date_from:
            date_from = lead
        elif not exact:
            date_from = max(date_from, lead if self.env.user.share else now)
        horizon = company.aftersales_booking_horizon * DAY
        return date_from, date_to or max(date_from, now) + horizon, exact

    @api.model
    def _read_moment(self, value, read=fields.Datetime.to_datetime):
        """Return the time that somebody gave, or None.

        :param read: ``fields.Date.to_date`` if a day is meant
        :raises UserError: if it is none
        """
        try:
            return read(value)
        except (TypeError, ValueError):
            raise UserError(
                self.env._(
                    "“%(value)s” is no date. Write it like %(example)s.",
                    value=value,
                    example=read("2026-03-31 14:30:00"),
                )
            ) from None

    @api.model
    def _get_lead_moment(self, company):
        """Return the first moment that is offered to customers, in seconds."""
        now = to_seconds(fields.Datetime.now())
        return now + round(company.aftersales_booking_lead * 3600)

    @api.model
    def _get_grid(self, company):
        """Return a function that rounds seconds up to a time that is offered.

        Counted from midnight where the company is, so that nine o'clock is nine
        o'clock before and after the change of the clocks.
        """
        tz = pytz.timezone(self._get_tz(company))
        step = company.aftersales_booking_step * 60

        def grid(moment):
            offset = datetime.fromtimestamp(moment, tz).utcoffset()
            local = moment + int(offset.total_seconds())
            midnight = local - local % DAY
            rounded = midnight + -((midnight - local) // step) * step
            return moment + min(rounded, midnight + DAY) - local

        return grid

    @api.model
    def _get_tz(self, company):
        """Return the name of the time zone that the company's opening hours are in."""
        return company.resource_calendar_id.tz or self.env.user.tz or "UTC"

    @api.model
    def _prepare_slot(self, plan, answer, late):
        """Return an answer as ``get_slots`` does."""
        resources = {}
        for _number, worker, _pieces in answer.work:
            members = resources.setdefault("technician", [])
            if worker not in members:
                members.append(worker)
        for place, thing in zip(plan.needs["places"], answer.places, strict=True):
            resources.setdefault(place["role"], []).append(thing)
        return {
            "start": to_datetime(answer.start),
            "stop": to_datetime(answer.stop),
            "resources": resources,
            "late": late,
            "notices": self.sudo()._get_notices(plan, answer, resources),
        }
