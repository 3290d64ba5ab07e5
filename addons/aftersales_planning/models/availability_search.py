import itertools
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.intervals import FOREVER, clip, measure, merge
from ..engine.search import PAUSES, Place, Search, Segment, Worker, get_longest

DAY = 24 * 3600
# Free times are looked for in a week first: most are found there.
WINDOWS = (7, 14, 39)


class AftersalesAvailability(models.AbstractModel):
    """Who and what could serve a need, and when they are free together."""

    _inherit = "aftersales.availability"

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
