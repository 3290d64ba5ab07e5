"""Making room for an urgent visit in a day that has begun."""

from dataclasses import dataclass, replace

from .day import Day, NoRoomError, retreat
from .route import Plan, Weights, check


@dataclass(frozen=True)
class Change:
    """A visit that an alternative moves: from ``engineer`` at ``start`` to another.

    ``to_engineer`` and ``to_start`` are None where nobody has time for it any more.
    """

    stop: object
    engineer: object
    start: int
    to_engineer: object
    to_start: int


@dataclass
class Alternative:
    """One way of serving an urgent visit.

    :param engineer: key of who goes, at ``start``
    :param list changes: the visits that move; their customers must be told
    :param int extra: travel that it costs, in seconds; may be negative
    :param float score: what it is worth; less is better
    """

    engineer: object
    start: int
    plan: Plan
    changes: list
    extra: int
    score: float


def insert_urgent(
    engineers, stops, travel, plan, urgent, now, *, limit=3, weights=None
):
    """Return the best ways of serving ``urgent``, at most one per engineer.

    Everybody goes on from ``now``. What is locked, has begun or somebody is on the way
    to stays; other visits may begin later than planned or go to somebody else, but
    never begin earlier. Whoever's plan does not hold any more keeps all visits.

    :param plan: of the stops, without the urgent one; any times that people chose
    :param int limit: how many alternatives
    """
    weights = weights or Weights()
    clipped = [
        replace(
            engineer,
            shifts=[
                (max(start, now), stop) for start, stop in engineer.shifts if stop > now
            ],
        )
        for engineer in engineers
    ]
    stops = _fix(engineers, clipped, stops, travel, plan, now)
    day = Day(clipped, [*stops, urgent], travel, weights)
    rows = {stop.key: row for row, stop in enumerate(day.stops)}
    routes = [
        day.get_route(
            number,
            tuple(rows[call.stop] for call in plan.routes.get(engineer.key, ())),
        )
        for number, engineer in enumerate(engineers)
    ]
    judge = _Judge(day, routes, rows[urgent.key], now)
    found = []
    for number in day.able[rows[urgent.key]]:
        ways = [
            (*judge.get_score(changed), changed)
            for changed in _get_ways(day, routes, number, rows[urgent.key])
        ]
        if ways:
            found.append((number, *min(ways, key=lambda way: way[0])))
    found.sort(key=lambda way: way[1])
    return [judge.get_alternative(*way) for way in found[:limit]]


def _fix(engineers, clipped, stops, travel, plan, now):
    """Return the stops as they bind from ``now`` on."""
    calls = {
        call.stop: (engineer, call)
        for engineer in engineers
        for call in plan.routes.get(engineer.key, ())
    }

    def bind(stop, broken=()):
        if stop.locked or stop.key not in calls:
            return stop
        engineer, call = calls[stop.key]
        leave = retreat(engineer.shifts, call.start, call.travel)
        if leave <= now or engineer.key in broken:
            return replace(stop, locked=(engineer.key, call.start))
        windows = [
            (max(start, call.start), end)
            for start, end in stop.windows
            if end >= call.start
        ]
        return replace(stop, windows=windows)

    bound = [bind(stop) for stop in stops]
    broken = {key for _code, key, _stop in check(clipped, bound, travel, plan)}
    return [bind(stop, broken) for stop in stops]


def _get_ways(day, routes, number, urgent):
    """Yield the routes after each way of putting the urgent stop into one of them.

    Nothing leaves the route, or one visit does, or two that follow each other: they go
    where they cost least, if anywhere.
    """
    row = routes[number].stops
    freed = [()]
    for position, stop in enumerate(row):
        if not day.stops[stop].locked:
            freed.append((stop,))
            following = row[position + 1 : position + 2]
            if following and not day.stops[following[0]].locked:
                freed.append((stop, *following))
    for out in freed:
        try:
            rest = day.get_route(number, tuple(s for s in row if s not in out))
        except NoRoomError:
            continue
        for position in range(len(rest.stops) + 1):
            if not day.get_room(number, rest, urgent, position, position):
                continue
            changed = routes[:]
            changed[number] = day.insert(number, rest, urgent, position)
            for stop in out:
                _place(day, changed, stop, number, position + 1)
            yield changed


def _place(day, routes, stop, urgent, after):
    """Put a stop where it costs least; leave it out if there is no room.

    In the route of the ``urgent`` visit it comes ``after`` that.
    """
    rooms = (
        (
            day.get_room(
                number, routes[number], stop, after if number == urgent else 0
            ),
            number,
        )
        for number in day.able[stop]
    )
    found = min(((*room, number) for room, number in rooms if room), default=None)
    if found:
        _cost, position, number = found
        routes[number] = day.insert(number, routes[number], stop, position)


class _Judge:
    """Tells what routes are worth beside those that were planned."""

    def __init__(self, day, before, urgent, now):
        self.day = day
        self.before = before
        self.urgent = urgent
        self.now = now
        self.keys = {stop.key: row for row, stop in enumerate(day.stops)}

    def _get_places(self, routes, numbers):
        """Return ``(engineer key, start)`` by stop key, of some of the routes."""
        return {
            call.stop: (self.day.engineers[number].key, call.start)
            for number in numbers
            for call in self.day.get_calls(number, routes[number])
        }

    def get_score(self, routes):
        """Return the score and the changes that routes with the urgent stop mean."""
        pairs = zip(routes, self.before, strict=True)
        numbers = [row for row, (new, old) in enumerate(pairs) if new is not old]
        was = self._get_places(self.before, numbers)
        becomes = self._get_places(routes, numbers)
        changes = [
            Change(key, *place, *becomes.get(key, (None, None)))
            for key, place in was.items()
            if becomes.get(key) != place
        ]
        _key, start = becomes[self.day.stops[self.urgent].key]
        score = sum(
            routes[number].cost - self.before[number].cost for number in numbers
        )
        score += sum(
            self.day.missed[self.keys[change.stop]]
            for change in changes
            if change.to_start is None
        )
        weights = self.day.weights
        score += weights.wait * (start - self.now) + weights.tell * len(changes)
        return score, changes

    def get_alternative(self, engineer, score, changes, routes):
        """Return what ``get_score`` judged, with its plan."""
        plan = self.day.get_plan(routes)
        key = self.day.engineers[engineer].key
        urgent = self.day.stops[self.urgent].key
        start = next(call.start for call in plan.routes[key] if call.stop == urgent)
        extra = sum(
            sum(new.legs) - sum(old.legs)
            for new, old in zip(routes, self.before, strict=True)
        )
        return Alternative(key, start, plan, changes, extra, score)
