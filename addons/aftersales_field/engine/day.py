"""What can be put where: the arithmetic below the planners.

A ``Route`` is the row of visits of one engineer and never changes: putting a visit in
makes a new one. So what was once found out about it stays true, and is kept.
"""

from .route import Call, Plan, Weights, advance, get_fault

NEVER = 1 << 40
# Routes remembered at once.
KEPT = 20_000


class NoRoomError(Exception):
    """Visits do not fit one after the other."""


class Route:
    """One engineer's visits in their order, with what asking for room needs.

    :ivar list ready: when the engineer can leave: the start, then each visit
    :ivar list latest: until when each visit, and the end, must be reached
    :ivar float cost: travel, lateness, wishes and load, in seconds of travel
    """

    __slots__ = ("best", "cost", "dues", "latest", "legs", "load", "ready", "stops")

    def __init__(self, day, engineer, stops):
        """Raise ``NoRoomError`` if the stops cannot follow each other so."""
        self.stops = stops
        self.best = {}
        self.legs = day.get_legs(engineer, stops)
        self.ready = ready = [0]
        self.dues = False
        late = wishes = work = 0
        shifts = day.engineers[engineer].shifts
        for leg, stop in zip(self.legs, stops, strict=False):
            start = day.get_start(engineer, stop, advance(shifts, ready[-1], leg))
            if start is None:
                raise NoRoomError
            due = day.stops[stop].deadline
            if due is not None:
                self.dues = True
                if start > due:
                    late += (start - due) * day.haste[stop]
            ready.append(start + day.stops[stop].duration)
            work += day.stops[stop].duration
            wishes += day.wishes[engineer].get(stop, 0)
        travel = sum(self.legs) if stops else 0
        self.load = work + travel
        self.latest = day.get_latest(engineer, stops, self.legs)
        self.cost = (
            travel * day.engineers[engineer].cost
            + late
            + wishes
            + day.balance[engineer] * self.load**2
        )


class Day:
    """Engineers, stops and travel by number, with the times each may begin.

    :ivar dict starts: ``(engineer, stop)`` to the ranges of possible starts, for those
        who may go there
    """

    def __init__(self, engineers, stops, travel, weights=None):
        self.engineers = engineers
        self.stops = stops
        self.weights = weights or Weights()
        self.numbers = {engineer.key: row for row, engineer in enumerate(engineers)}
        self._routes = {}
        places = [stop.place for stop in stops]
        self.between = [[travel[place][other] for other in places] for place in places]
        self.first = [
            [travel[engineer.start][place] for place in places]
            for engineer in engineers
        ]
        self.home = [
            [
                0 if engineer.end is None else travel[place][engineer.end]
                for place in places
            ]
            for engineer in engineers
        ]
        self.haste = [self.weights.late * (stop.priority + 1) for stop in stops]
        self.missed = [self.weights.missed * (stop.priority + 1) for stop in stops]
        self.balance = []
        for engineer in engineers:
            full = sum(stop - start for start, stop in engineer.shifts)
            self.balance.append(self.weights.balance / full**2 if full else 0)
        self.wishes = [
            {
                row: self.weights.stranger
                for row, stop in enumerate(stops)
                if stop.preferred and engineer.key not in stop.preferred
            }
            for engineer in engineers
        ]
        self.far = [
            min((row[stop] for row in self.first), default=0)
            for stop in range(len(stops))
        ]
        self.starts = {}
        for row, stop in enumerate(stops):
            for number, engineer in enumerate(engineers):
                starts = self._get_starts(engineer, stop)
                if starts:
                    self.starts[number, row] = starts
        self.able = [
            [
                number
                for number in range(len(engineers))
                if not stop.locked and (number, row) in self.starts
            ]
            for row, stop in enumerate(stops)
        ]

    def _get_starts(self, engineer, stop):
        """Return ``(first, last, end of the work)`` of the possible starts."""
        if stop.locked:
            key, start = stop.locked
            finish = start + stop.duration
            return [(start, start, finish)] if key == engineer.key else []
        if get_fault(engineer, stop):
            return []
        starts = [
            (max(begin, opens), min(end - stop.duration, closes), end)
            for begin, end in engineer.shifts
            for opens, closes in stop.windows
        ]
        return sorted(start for start in starts if start[0] <= start[1])

    def get_legs(self, engineer, stops):
        """Return the travel to each of the stops, and from the last one home."""
        if not stops:
            return [0]
        legs = [self.first[engineer][stops[0]]]
        legs.extend(
            self.between[stop][other]
            for stop, other in zip(stops, stops[1:], strict=False)
        )
        legs.append(self.home[engineer][stops[-1]])
        return legs

    def get_start(self, engineer, stop, arrive):
        """Return the first possible start for somebody who comes then, else None."""
        locked = self.stops[stop].locked
        if locked:
            return locked[1]
        if arrive is not None:
            for first, last, _end in self.starts[engineer, stop]:
                if arrive <= last:
                    return max(arrive, first)
        return None

    def get_latest(self, engineer, stops, legs):
        """Return until when each stop must be reached so that the rest still fits."""
        shifts = self.engineers[engineer].shifts
        latest = [shifts[-1][1] if shifts else 0]
        for position in range(len(stops) - 1, -1, -1):
            stop = stops[position]
            locked = self.stops[stop].locked
            if locked:
                latest.append(locked[1])
                continue
            leave = retreat(shifts, latest[-1], legs[position + 1])
            limit = leave - self.stops[stop].duration
            moments = [
                min(last, limit)
                for first, last, _end in self.starts[engineer, stop]
                if first <= limit
            ]
            if not moments:
                raise NoRoomError
            latest.append(max(moments))
        return latest[::-1]

    def get_room(self, engineer, route, stop, begin=0, end=None):
        """Return ``(cost, position)`` of the cheapest place for a stop in a route.

        :param int begin: the first position asked for
        :param int end: the last one
        :return: None if there is no room
        """
        starts = self.starts.get((engineer, stop))
        if not starts:
            return None
        shifts = self.engineers[engineer].shifts
        into, between = self.first[engineer], self.between
        ready, latest, legs, stops = route.ready, route.latest, route.legs, route.stops
        duration = self.stops[stop].duration
        due = self.stops[stop].deadline
        price = self.engineers[engineer].cost
        balance = self.balance[engineer]
        fixed = self.wishes[engineer].get(stop, 0)
        last_start = starts[-1][1]
        count = len(stops)
        best = None
        for position in range(begin, count + 1 if end is None else end + 1):
            leave = ready[position]
            if leave > last_start:
                break
            if position:
                there = between[stops[position - 1]][stop]
            else:
                there = into[stop]
            if leave + there > latest[position]:
                continue
            onward = stops[position] if position < count else None
            back = (
                self.home[engineer][stop] if onward is None else between[stop][onward]
            )
            arrive = advance(shifts, leave, there)
            if arrive is None:
                continue
            for possible in starts:
                if arrive <= possible[1]:
                    break
            else:
                continue
            start = arrive if arrive > possible[0] else possible[0]
            moment = start + duration + back
            if moment > latest[position]:
                continue
            if moment > possible[2]:
                moment = advance(shifts, start + duration, back)
                if moment is None or moment > latest[position]:
                    continue
            detour = there + back - legs[position]
            cost = detour * price + fixed
            cost += balance * (detour + duration) * (2 * route.load + detour + duration)
            if due is not None and start > due:
                cost += (start - due) * self.haste[stop]
            if best is None or cost < best[0]:
                best = (cost, position)
        if best and route.dues:
            # What comes later may miss its deadline: ask the whole row.
            made = self.insert(engineer, route, stop, best[1])
            best = (made.cost - route.cost, best[1])
        return best

    def insert(self, engineer, route, stop, position):
        """Return the route with a stop put in."""
        stops = route.stops
        return self.get_route(engineer, (*stops[:position], stop, *stops[position:]))

    def get_route(self, engineer, stops):
        """Return the route of stops in that order; the same one when asked again.

        :raise NoRoomError: if they do not fit
        """
        key = (engineer, stops)
        if key not in self._routes:
            if len(self._routes) > KEPT:
                self._routes.clear()
            self._routes[key] = Route(self, engineer, stops)
        return self._routes[key]

    def get_locked_routes(self):
        """Return a route per engineer with nothing but the locked stops."""
        rows = [[] for _engineer in self.engineers]
        for stop, data in enumerate(self.stops):
            if data.locked and data.locked[0] in self.numbers:
                rows[self.numbers[data.locked[0]]].append(stop)
        for row in rows:
            row.sort(key=lambda stop: (self.stops[stop].locked[1], stop))
        return [self.get_route(number, tuple(row)) for number, row in enumerate(rows)]

    def get_plan(self, routes):
        """Return the plan of routes, with the reasons for what is missing."""
        calls = {
            engineer.key: self.get_calls(number, routes[number])
            for number, engineer in enumerate(self.engineers)
        }
        done = {stop for route in routes for stop in route.stops}
        alone = self.get_locked_routes()
        unserved = {
            data.key: self._get_reason(stop, alone)
            for stop, data in enumerate(self.stops)
            if stop not in done
        }
        return Plan(calls, unserved)

    def get_calls(self, engineer, route):
        """Return the calls of a route, each as early as can be."""
        shifts = self.engineers[engineer].shifts
        calls = []
        leave = 0
        for leg, stop in zip(route.legs, route.stops, strict=False):
            arrive = advance(shifts, leave, leg)
            start = self.get_start(engineer, stop, arrive)
            # A locked visit begins on time whatever the way there would take.
            arrive = start if arrive is None else min(arrive, start)
            leave = start + self.stops[stop].duration
            calls.append(Call(self.stops[stop].key, arrive, start, leave, leg))
        return calls

    def _get_reason(self, stop, alone):
        data = self.stops[stop]
        if data.locked or not any(engineer.shifts for engineer in self.engineers):
            return "nobody"
        if self.able[stop]:
            fits = any(
                self.get_room(number, alone[number], stop) for number in self.able[stop]
            )
            return "full" if fits else "travel"
        ranks = ("engineer", "skill", "level", "part")
        faults = {get_fault(engineer, data) for engineer in self.engineers}
        return "window" if None in faults else max(faults, key=ranks.index)


def retreat(shifts, moment, seconds):
    """Return when to leave at the latest to be there then; see ``advance``.

    It is long ago where the day is too short for the way.
    """
    for start, stop in reversed(shifts):
        moment = min(moment, stop)
        if moment >= start:
            if moment - seconds >= start:
                return moment - seconds
            seconds -= moment - start
            moment = start
    return -NEVER
