import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..engine.intervals import FOREVER, clip, measure, merge
from ..engine.moments import to_datetime, to_seconds
from ..engine.search import PAUSES, Place, Search, Segment, Worker, get_longest

DAY = 24 * 3600
# Free times are looked for in a week first: most are found there.
WINDOWS = (7, 14, 39)
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

    # What is needed

    @api.model
    def get_needs(self, order):
        """Return what the open jobs of a work order need, see the class.

        :param order: a work order or its id
        """
        self._check_tells_who()
        order = self._get_order(order)
        company = order.company_id
        jobs = self._get_open_jobs(order)
        segments = self._get_segments(jobs)
        if not any(segment["hours"] for segment in segments):
            segments = [
                {
                    **(segments[0] if segments else self._prepare_segment(jobs)),
                    "hours": company.aftersales_booking_hours,
                }
            ]
        return {
            "order_id": order.id,
            "company_id": company.id,
            "warehouse_id": order.warehouse_id.id,
            "team_id": order.team_id.id,
            "segments": [segment for segment in segments if segment["hours"]],
            "places": self._get_places(order, jobs),
            "preparation": company.aftersales_booking_preparation,
            "parts": self._get_parts(order, jobs),
        }

    @api.model
    def _get_order(self, order):
        """Return the work order as superuser, after the check that it may be read."""
        if not isinstance(order, models.BaseModel):
            order = self.env["aftersales.order"].browse(order)
        order.ensure_one()
        order.check_access("read")
        return order.sudo()

    @api.model
    def _get_open_jobs(self, order):
        """Return what is still to be done on a work order."""
        return order.job_ids.filtered(
            lambda job: job.state not in ("declined", "cancel", "done")
        )

    @api.model
    def _get_segments(self, jobs):
        """Return one segment, or one per technician if the jobs name several."""
        if len(jobs.technician_id) <= 1:
            return [self._prepare_segment(jobs)] if jobs else []
        return [
            self._prepare_segment(group)
            for group in jobs.grouped("technician_id").values()
        ]

    @api.model
    def _prepare_segment(self, jobs):
        skills = {}
        for job in jobs:
            for skill in job.skill_ids:
                skills[skill.id] = max(skills.get(skill.id, 0), job.skill_progress)
        spans = [job.work_span or "break" for job in jobs] or ["break"]
        return {
            "hours": sum(jobs.mapped("hours_planned")),
            "skills": skills,
            "technician_ids": jobs.technician_id.ids,
            "job_ids": jobs.ids,
            # Paint does not dry better because the next job may rest.
            "span": min(spans, key=PAUSES.get),
        }

    @api.model
    def _get_places(self, order, jobs):
        types = jobs.resource_type_ids
        bays = types.filtered(lambda kind: kind.role == "bay")
        places = []
        if bays or not order.team_id or order.team_id.needs_bay:
            places.append({"role": "bay", "type_ids": bays.ids})
        places += [
            {"role": "tool", "type_ids": tool.ids}
            for tool in types
            if tool.role == "tool"
        ]
        return places

    # Asking

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
        moment = fields.Datetime.to_datetime(start)
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
    def _complete_needs(self, needs):
        """Return a need with everything that may be left out."""
        company_id = needs.get("company_id") or self.env.company.id
        return {
            "order_id": False,
            "warehouse_id": False,
            "team_id": False,
            "places": [],
            "preparation": 0,
            **needs,
            "company_id": company_id,
            "parts": {
                "date": False,
                "missing": [],
                "late": [],
                **needs.get("parts", {}),
            },
            "segments": [
                {
                    "technician_ids": [],
                    "job_ids": [],
                    "span": "break",
                    **segment,
                    # Keys of a dict are texts once they came over the network.
                    "skills": {
                        int(skill): level
                        for skill, level in (segment.get("skills") or {}).items()
                    },
                }
                for segment in needs.get("segments", [])
            ],
        }

    @api.model
    def _get_period(self, company, date_from, date_to):
        """Return ``(earliest, latest, whether one moment is asked for)``."""
        now = to_seconds(fields.Datetime.now())
        lead = self._get_lead_moment(company)
        if date_from:
            date_from = to_seconds(fields.Datetime.to_datetime(date_from))
        if date_to:
            date_to = to_seconds(fields.Datetime.to_datetime(date_to))
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
    def _get_lead_moment(self, company):
        """Return the first moment that is offered to customers, in seconds."""
        now = to_seconds(fields.Datetime.now())
        return now + round(company.aftersales_booking_lead * 3600)

    # Candidates

    @api.model
    def _load_candidates(self, plan):
        """Fill in who and what could serve each need, whether free or not."""
        needs = plan.needs
        roles = {place["role"] for place in needs["places"]}
        if needs["segments"]:
            roles.add("technician")
        resources = self.env["resource.resource"].search_fetch(
            [
                ("aftersales_role", "in", sorted(roles)),
                ("company_id", "=", plan.company.id),
                ("aftersales_warehouse_id", "in", [False, needs["warehouse_id"]]),
                ("aftersales_team_id", "in", [False, needs["team_id"]]),
            ],
            ["aftersales_role", "resource_type", "calendar_id", "company_id", "tz"],
            order="id",
        )
        by_role = {
            role: members.filtered(
                lambda each, role=role: (
                    role not in plan.pins or each.id in plan.pins[role]
                )
            )
            for role, members in resources.grouped("aftersales_role").items()
        }
        nobody = resources.browse()
        skills = self._get_skills(by_role.get("technician", nobody))
        for person, skill in skills:
            plan.skills.setdefault(person, set()).add(skill)
        plan.segments = [
            [
                person
                for person in by_role.get("technician", nobody)
                if all(
                    skills.get((person.id, skill), -1) >= level
                    for skill, level in segment["skills"].items()
                )
            ]
            for segment in needs["segments"]
        ]
        plan.candidates = [
            [
                thing
                for thing in by_role.get(place["role"], nobody)
                if set(place["type_ids"]) <= set(thing.aftersales_type_ids.ids)
            ]
            for place in needs["places"]
        ]

    @api.model
    def _get_skills(self, technicians):
        """Return ``{(resource id, skill id): level in %}`` of what holds today."""
        if not technicians:
            return {}
        self.env["hr.employee.skill"].flush_model()
        # Employees hide their skills from whoever has no rights in Employees, and
        # three models lie between a resource and a level.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT employee.resource_id, own.skill_id, MAX(level.level_progress)
                  FROM hr_employee_skill own
                  JOIN hr_employee employee ON employee.id = own.employee_id
                  JOIN hr_skill_level level ON level.id = own.skill_level_id
                 WHERE employee.resource_id = ANY(%(resources)s)
                   AND (own.valid_from IS NULL OR own.valid_from <= %(today)s)
                   AND (own.valid_to IS NULL OR own.valid_to >= %(today)s)
                 GROUP BY employee.resource_id, own.skill_id
                """,
                resources=technicians.ids,
                today=fields.Date.context_today(self),
            )
        )
        return {(resource, skill): level for resource, skill, level in rows}

    @api.model
    def _get_preferred(self, needs):
        """Return per segment the set of resource ids of those the jobs name."""
        Employee = self.env["hr.employee"]
        return [
            set(Employee.browse(segment["technician_ids"]).resource_id.ids)
            for segment in needs["segments"]
        ]

    # Search

    @api.model
    def _search(self, plan, limit, exact, order):
        """Look for answers in windows that grow, and note when each kind is free."""
        start = plan.earliest
        if plan.parts_from is not None:
            start = max(start, plan.parts_from)
        hours = sum(segment["hours"] for segment in plan.needs["segments"])
        # What begins in a window may end after it: an hour of work a day at least.
        tail = round((4 + hours / 4) * DAY) if hours > 4 else 4 * DAY
        first = plan.earliest
        involved = {each for group in plan.segments for each in group}
        involved |= {each for group in plan.candidates for each in group}
        involved = self.env["resource.resource"].union(*involved).sorted("id")
        validity = self._get_validity(involved, first, plan.latest + tail)
        preferred = self._get_preferred(plan.needs)
        grid = self._get_grid(plan.company) if not exact else None
        windows = list(WINDOWS)
        while first < plan.latest:
            days = windows.pop(0) if windows else WINDOWS[-1]
            last = min(first + days * DAY, plan.latest)
            work, own = self._get_work(involved, first, last + tail, validity)
            busy = self._get_busy(involved, first, last + tail, order)
            search = self._prepare_search(plan, work, own, busy, preferred, grid)
            self._note_firsts(plan, search, first, last)
            if plan.parts_from is not None and last > start:
                left = limit - len(plan.answers)
                plan.answers += search.find(max(first, start), last, left)
            if len(plan.answers) >= limit or plan.parts_from is None:
                return
            first = last

    @api.model
    def _prepare_search(self, plan, work, own, busy, preferred, grid):
        load = {key: measure(intervals) for key, intervals in busy.items()}
        segments = []
        for segment, people, named in zip(
            plan.needs["segments"], plan.segments, preferred, strict=True
        ):
            seconds = round(segment["hours"] * 3600)
            known = {person.id: plan.skills.get(person.id, set()) for person in people}
            spared = self._get_spared(known, set(segment["skills"]))
            ranks = {
                person.id: (
                    person.id not in named,
                    spared[person.id],
                    load.get(person.id, 0),
                    person.id,
                )
                for person in people
            }
            workers = [
                Worker(person.id, work[person.id], busy.get(person.id, []))
                for person in sorted(people, key=lambda each: ranks[each.id])
            ]
            segments.append(
                Segment(seconds, workers, self._get_pause(segment, seconds, workers))
            )
        needs = []
        for place, things in zip(plan.needs["places"], plan.candidates, strict=True):
            offered = {thing.id: set(thing.aftersales_type_ids.ids) for thing in things}
            spared = self._get_spared(offered, set(place["type_ids"]))
            ranks = {
                thing.id: (spared[thing.id], load.get(thing.id, 0), thing.id)
                for thing in things
            }
            needs.append(
                [
                    Place(
                        thing.id,
                        work[thing.id],
                        # Away is away, also at night between two days of work.
                        merge(busy.get(thing.id, []) + own.get(thing.id, [])),
                    )
                    for thing in sorted(things, key=lambda each: ranks[each.id])
                ]
            )
        preparation = round(plan.needs["preparation"] * 60)
        return Search(segments, needs, preparation, grid)

    @api.model
    def _get_spared(self, own, wanted):
        """Return how much each candidate is to be kept for other work.

        What is asked for does not count. Of what else somebody or something can do,
        the rarest counts most: a plain bay goes before the only one with a paint
        booth.

        :param dict own: ``{resource id: set of skills or types}``
        :return: ``{resource id: number}``, the lowest goes first
        """
        holders = Counter(itertools.chain.from_iterable(own.values()))
        return {
            resource: sum(sorted(1 / holders[each] for each in each_own - wanted))
            for resource, each_own in own.items()
        }

    @api.model
    def _get_pause(self, segment, seconds, workers):
        """Return how long this work may rest: over nights if a day is too short."""
        pause = PAUSES[segment["span"]]
        if segment["span"] == "break" and all(
            get_longest(worker.work, pause) < seconds for worker in workers
        ):
            return PAUSES["days"]
        return pause

    @api.model
    def _note_firsts(self, plan, search, start, stop):
        """Note when each kind is there first, and free first, if not known yet."""
        for key, moment in search.get_first_of_each(start).items():
            if plan.firsts.get(key) is None and moment is not None and moment < stop:
                plan.firsts[key] = moment
        kinds = {
            ("worker", number): segment.workers
            for number, segment in enumerate(search.segments)
        } | {("place", number): places for number, places in enumerate(search.needs)}
        for key, resources in kinds.items():
            if key not in plan.opens:
                opening = min(
                    (clip(each.work, start, stop) or [(FOREVER,)])[0][0]
                    for each in resources
                ) if resources else FOREVER  # fmt: skip
                if opening < FOREVER:
                    plan.opens[key] = opening

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
