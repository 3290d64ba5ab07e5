"""Planning a day: the nearest visit first, and a search that does better.

The search takes visits that lie close together out of the routes and puts each back
where it costs least, thousands of times. What is a little worse is kept for a while, so
that it does not stay in the first dead end (Christiaens and Vanden Berghe, 2020:
Slack Induction by String Removals; Kirkpatrick et al., 1983: Simulated Annealing).
"""

from math import log
from random import Random
from time import monotonic

from .day import Day, NoRoomError

# Seconds of travel that may be lost by a step at the beginning and at the end.
HOT, COLD = 1200.0, 10.0
# Visits taken out in one step, on average, and from one route at most.
TAKEN, STRING = 10, 8
# Of a hundred places to put a visit, so many are overlooked on purpose.
BLINK = 0.02


def nearest_first(engineers, stops, travel):
    """Return the plan of somebody who sends everybody on to the nearest visit.

    Whoever is free first takes the nearest visit that the hard rules allow.
    """
    day = Day(engineers, stops, travel)
    routes = day.get_locked_routes()
    open_stops = [stop for stop in range(len(stops)) if day.able[stop]]
    # How far each has come in the route: what is locked stands at the end of it.
    ends = dict.fromkeys(range(len(engineers)), 0)
    while ends and open_stops:
        number = min(ends, key=lambda engineer: routes[engineer].ready[ends[engineer]])
        route, position = routes[number], ends[number]
        reached = [
            stop
            for stop in open_stops
            if day.get_room(number, route, stop, position, position)
        ]
        if reached:
            row = day.first[number]
            if position:
                row = day.between[route.stops[position - 1]]
            stop = min(reached, key=lambda stop: (row[stop], stop))
            routes[number] = day.insert(number, route, stop, position)
            open_stops.remove(stop)
        elif position == len(route.stops):
            del ends[number]
            continue
        ends[number] += 1
    return day.get_plan(routes)


def optimise(
    engineers, stops, travel, *, seconds=25, iterations=None, seed=0, weights=None
):
    """Return a good plan.

    :param int iterations: steps of the search, by default as many as pay for the size;
        they alone end it on a machine that is not too slow, so that the same input
        gives the same plan
    :param float seconds: after so long it ends in any case
    :param int seed: another one gives another plan of about the same worth
    """
    day = Day(engineers, stops, travel, weights)
    if iterations is None:
        iterations = max(1000, min(20_000, 100 * len(stops)))
    return day.get_plan(Search(day, seed).run(iterations, seconds))


class Search:
    """The search described above, on one day.

    :ivar list routes: a route per engineer
    :ivar dict owner: who serves a visit: the engineer's number, or None
    """

    def __init__(self, day, seed=0):
        self.day = day
        self.random = Random(seed)
        self.routes = day.get_locked_routes()
        self.owner = {stop: None for stop, able in enumerate(day.able) if able}
        self.steps = 0
        self.near = {
            stop: sorted(
                self.owner,
                key=lambda other, row=day.between[stop]: (row[other], other),
            )[:100]
            for stop in self.owner
        }

    def run(self, iterations, seconds):
        """Return the best routes found."""
        stops = list(self.owner)
        if not stops:
            return self.routes
        began = monotonic()
        self._put_back(self.routes, stops, 0)
        self._own(range(len(self.routes)))
        best, best_cost = self.routes[:], 0.0
        cost = done = 0.0
        while self.steps < iterations:
            if not self.steps % 16:
                # On a slow machine it cools down in the time there is.
                elapsed = monotonic() - began
                if elapsed >= seconds:
                    break
                done = max(self.steps / iterations, elapsed / seconds)
            self.steps += 1
            heat = HOT * (COLD / HOT) ** done
            routes = self.routes[:]
            gain = self._change(routes)
            if gain is None or gain > -heat * log(1 - self.random.random()):
                continue
            changed = [
                number
                for number, route in enumerate(routes)
                if route is not self.routes[number]
            ]
            self.routes = routes
            self._own(changed)
            cost += gain
            if cost < best_cost - 1e-6:
                best, best_cost = routes[:], cost
        served = {stop for route in best for stop in route.stops}
        # Nothing that still has room is left out.
        self._put_back(best, [stop for stop in stops if stop not in served], 0)
        return best

    def _own(self, changed):
        for stop, owner in self.owner.items():
            if owner in changed:
                self.owner[stop] = None
        for number in changed:
            for stop in self.routes[number].stops:
                if stop in self.owner:
                    self.owner[stop] = number

    def _change(self, routes):
        """Take visits out of ``routes`` and put them back; return what it costs."""
        missing = [stop for stop, owner in self.owner.items() if owner is None]
        taken = self._take_out(routes)
        if len(missing) > 2 * TAKEN:
            missing = self.random.sample(missing, 2 * TAKEN)
        if not taken and not missing:
            return None
        before = sum(self.day.missed[stop] for stop in missing)
        left = self._put_back(routes, taken + missing, BLINK)
        after = sum(self.day.missed[stop] for stop in left)
        return (
            after
            - before
            + sum(
                route.cost - old.cost
                for route, old in zip(routes, self.routes, strict=True)
                if route is not old
            )
        )

    def _take_out(self, routes):
        """Take out rows of visits that lie near each other; return them."""
        random = self.random
        served = [route for route in routes if route.stops]
        if not served:
            return []
        mean = sum(len(route.stops) for route in served) / len(served)
        string = min(STRING, mean)
        count = int(random.uniform(1, max(4 * TAKEN / (1 + string), 2)))
        taken = []
        ruined = set()
        for stop in self.near[random.choice(list(self.near))]:
            number = self.owner[stop]
            if number is None or number in ruined:
                continue
            ruined.add(number)
            row = routes[number].stops
            length = int(random.uniform(1, min(string, len(row)) + 1))
            place = row.index(stop)
            begin = random.randint(
                max(0, place - length + 1), min(place, len(row) - length)
            )
            out = [
                other for other in row[begin : begin + length] if other in self.owner
            ]
            try:
                routes[number] = self.day.get_route(
                    number, tuple(other for other in row if other not in out)
                )
            except NoRoomError:  # the way past a stop is longer than the way by it
                continue
            taken.extend(out)
            if len(ruined) == count:
                break
        return taken

    def _put_back(self, routes, stops, blink):
        """Put each stop where it costs least; return those without room."""
        random, day = self.random, self.day
        order = random.random()
        random.shuffle(stops)
        if order < 0.4:
            # Those with the fewest ways to be served come first.
            stops.sort(key=lambda stop: (-day.missed[stop], len(day.able[stop])))
        elif order < 0.6:
            stops.sort(key=lambda stop: -day.far[stop])
        left = []
        for stop in stops:
            best, chosen = None, None
            for number in day.able[stop]:
                if blink and random.random() < blink:
                    continue
                route = routes[number]
                try:
                    room = route.best[stop]
                except KeyError:
                    room = route.best[stop] = day.get_room(number, route, stop)
                if room and (best is None or room[0] < best[0]):
                    best, chosen = room, number
            if best is None:
                left.append(stop)
            else:
                routes[chosen] = day.insert(chosen, routes[chosen], stop, best[1])
        return left
