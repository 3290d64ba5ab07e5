from collections import Counter, defaultdict
from dataclasses import dataclass, field

from odoo import api, models

from odoo.addons.aftersales_planning.engine.intervals import clip, subtract
from odoo.addons.aftersales_planning.engine.moments import to_seconds

from .. import engine
from .dispatch_travel import STEP

DAY = 24 * 3600
# Whoever was told that somebody comes goes before those who still wait.
PLANNED, DUE, URGENT = 8, 2, 2


@dataclass
class Sheet:
    """A day as the solver takes it; moments are seconds from ``begin``.

    Stops have the id of their visit as key; the time of helpers, and of visits in
    several pieces, has a tuple.
    """

    company: object
    begin: int
    now: int
    people: dict = field(default_factory=dict)  # by employee id
    engineers: list = field(default_factory=list)
    stops: list = field(default_factory=list)
    visits: dict = field(default_factory=dict)  # by id, those with a stop
    travel: list = field(default_factory=list)
    distances: list = field(default_factory=list)
    before: object = None

    def get_figures(self, plan, stops=None):
        """Return what a plan comes to, see ``engine.figures``."""
        return engine.figures(
            self.engineers, stops or self.stops, self.travel, plan, self.distances
        )


class _Places:
    """Rows of the matrix; unknown places are each their own."""

    def __init__(self):
        self.places = []
        self.rows = {}

    def get_row(self, place, key):
        key = place or ("unknown", key)
        if key not in self.rows:
            self.rows[key] = len(self.places)
            self.places.append(place)
        return self.rows[key]


def _up(seconds):
    return -(-seconds // STEP) * STEP


class AftersalesDispatch(models.AbstractModel):
    """Between the records and the solver, see ``engine``."""

    _inherit = "aftersales.dispatch"

    @api.model
    def _read_sheet(self, company, engineers, visits, start, stop, now, urgent=None):
        """Return the ``Sheet`` of a day.

        What has begun or is over, fixed, made by several people, in pieces, planned
        against the rules by a manager, or not among ``visits``, stays.

        :param engineers: who works that day, ``hr.employee`` as superuser
        :param visits: what may be moved or is to be planned
        :param start: begin of the day (UTC), ``stop`` its end
        :param now: moment (UTC) before which nothing is changed
        :param urgent: a visit to be put into the day, wherever it is planned now
        """
        begin = to_seconds(start)
        sheet = Sheet(company, begin, to_seconds(now) - begin)
        people = self._read_people(engineers, start, stop, skip=urgent)
        sheet.people = {person.id: person for person in people}
        visits = visits.sudo() - urgent if urgent else visits.sudo()
        places = _Places()
        calls = self._add_planned_stops(sheet, visits, places)
        for visit in visits:
            if visit.state == "draft":
                sheet.stops.append(self._prepare_stop(sheet, visit, places))
        if urgent:
            sheet.stops.append(self._prepare_stop(sheet, urgent, places))
        # The way somebody is on begins before now: the solver asks for it then.
        first = 0 if urgent else _up(max(0, sheet.now))
        self._add_engineers(sheet, places, first, to_seconds(stop) - begin)
        self._ask_for_parts(sheet)
        self._restrict(sheet)
        sheet.travel, sheet.distances = self._get_matrix(places.places, company)
        sheet.before = self._get_plan_before(sheet, calls)
        return sheet

    @api.model
    def _add_planned_stops(self, sheet, visits, places):
        """Add what is in the engineers' day; return ``{engineer id: [stop, …]}``."""
        pieces = Counter(
            call.visit.id for person in sheet.people.values() for call in person.calls
        )
        rows = defaultdict(list)
        for person in sheet.people.values():
            seen = set()
            for number, call in enumerate(person.calls):
                visit = call.visit
                movable = (
                    visit in visits
                    and visit.state == "planned"
                    and not visit.is_locked
                    and not visit.helper_ids
                    and not call.is_excepted
                    and pieces[visit.id] == 1
                    and call.start - sheet.begin > sheet.now
                )
                stop = self._prepare_stop(sheet, visit, places)
                start = call.start - sheet.begin
                if not movable:
                    finish = call.stop - sheet.begin
                    if visit.state in ("travel", "onsite", "paused"):
                        finish = max(finish, sheet.now)
                    stop.duration = _up(finish) - start
                    stop.locked = (person.id, start)
                    stop.parts = frozenset()
                    if visit.technician_id.id != person.id or visit.id in seen:
                        stop.key = (visit.id, person.id, number)
                    seen.add(visit.id)
                sheet.stops.append(stop)
                rows[person.id].append((stop, start))
        return rows

    @api.model
    def _prepare_stop(self, sheet, visit, places):
        """Return a visit as the solver takes it."""
        sheet.visits[visit.id] = visit

        def tell(moment):
            return to_seconds(moment) - sheet.begin

        opens, closes, deadline = 0, DAY, None
        window = self._get_promise(visit)
        for moment in (visit.date_earliest, window[0]):
            if moment:
                opens = max(opens, _up(tell(moment)))
        if window[1]:
            closes = min(closes, tell(window[1]))
        priority = URGENT * int(visit.priority or 0)
        if visit.date_deadline and tell(visit.date_deadline) < DAY:
            deadline = tell(visit.date_deadline)
            priority += DUE
        if visit.state != "draft":
            priority += PLANNED
        return engine.Stop(
            visit.id,
            places.get_row(visit._get_place(), visit.id),
            _up(round((visit.duration or 1.0) * 3600)),
            windows=[(opens, closes)] if opens <= closes else [],
            skills=self._get_visit_skills(visit),
            priority=priority,
            preferred=frozenset(visit.preferred_id.ids),
            deadline=deadline,
        )

    @api.model
    def _add_engineers(self, sheet, places, first, length):
        for person in sheet.people.values():
            row = places.get_row(person.place, ("engineer", person.id))
            hours = subtract(person.work, person.get_blocked())
            hours = clip(hours, sheet.begin, sheet.begin + length)
            shifts = [
                (
                    max(_up(start - sheet.begin), first),
                    (stop - sheet.begin) // STEP * STEP,
                )
                for start, stop in hours
            ]
            sheet.engineers.append(
                engine.Engineer(
                    person.id,
                    row,
                    row,
                    shifts=[each for each in shifts if each[0] < each[1]],
                    skills=person.skills,
                )
            )

    @api.model
    def _ask_for_parts(self, sheet):
        """Give visits to those whose van has the parts.

        What no van has comes from the store and binds nobody.
        """
        vans = self._get_van_parts(self.env["hr.employee"].sudo().browse(sheet.people))
        if not vans:
            return
        stops = {stop.key: stop for stop in sheet.stops if not stop.locked}
        visits = self.env["aftersales.visit"].browse(
            key for key in stops if isinstance(key, int)
        )
        held = defaultdict(set)
        loaded = self._get_loaded_parts(visits)
        for key, parts in self._get_needed_parts(visits).items():
            for part in parts.items():
                product, quantity = part
                holders = [
                    employee
                    for employee, van in vans.items()
                    if employee in sheet.people
                    and van.get(product, 0) + loaded.get((key, employee, product), 0)
                    >= quantity
                ]
                for employee in holders:
                    held[employee].add(part)
                if holders:
                    stops[key].parts |= {part}
        for each in sheet.engineers:
            each.parts = frozenset(held[each.key])

    @api.model
    def _restrict(self, sheet):
        """Keep engineers for the work orders of their team and warehouse."""
        owned = {
            person.id: (
                person.resource.aftersales_team_id,
                person.resource.aftersales_warehouse_id,
            )
            for person in sheet.people.values()
        }
        if not any(team or warehouse for team, warehouse in owned.values()):
            return
        for stop in sheet.stops:
            if stop.locked:
                continue
            order = sheet.visits[stop.key].order_id
            stop.engineers = frozenset(
                key
                for key, (team, warehouse) in owned.items()
                if team in (team.browse(), order.team_id)
                and warehouse in (warehouse.browse(), order.warehouse_id)
            )

    @api.model
    def _get_plan_before(self, sheet, calls):
        """Return how the day is planned now."""
        routes = {}
        served = set()
        for each in sheet.engineers:
            place, routes[each.key] = each.start, []
            for stop, start in calls.get(each.key, ()):
                routes[each.key].append(
                    engine.Call(
                        stop.key,
                        start,
                        start,
                        start + stop.duration,
                        sheet.travel[place][stop.place],
                    )
                )
                place = stop.place
                served.add(stop.key)
        unserved = {stop.key: "" for stop in sheet.stops if stop.key not in served}
        return engine.Plan(routes, unserved)

    @api.model
    def _say_unserved(self, code):
        """Return why nobody makes a visit, see ``engine.Plan``."""
        return {
            "nobody": self.env._("Nobody works that day."),
            "engineer": self.env._("Nobody of its team works in this region."),
            "skill": self.env._("Nobody here has the skills."),
            "level": self.env._("Nobody here has the skills at the level asked for."),
            "part": self.env._("Nobody with the skills has the parts in the van."),
            "window": self.env._(
                "Nobody who suits works that long in the customer's window."
            ),
            "travel": self.env._(
                "It is too far to get there and back in the time there is."
            ),
            "full": self.env._("There is no room between the other visits."),
        }.get(code, self.env._("Nobody has time."))
