"""A day of visits: who goes where and when, and which rules hold.

Times are whole seconds from the beginning of the day, places are row numbers of the
matrix ``travel`` (seconds from place to place). Rules that are never broken:

* The engineer has every skill at the level asked for, and the parts in the van, and is
  one of those allowed.
* A visit begins in one of its windows (both ends included) and lies within one of the
  engineer's intervals of work. The way there and back lies in working time too, but
  may pause over a break.
* A locked visit stays with its engineer at its start, even where that breaks one of the
  rules above: a person decided so.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from .distance import get_length

DAY = 24 * 3600


@dataclass(eq=False)
class Engineer:
    """Somebody who drives to customers.

    :param int start: the place the day begins at
    :param int end: the place to be back at when work ends; None: the last visit's
    :param list shifts: intervals of work ``(from, to)``; gaps between them are breaks
    :param dict skills: level by skill
    :param frozenset parts: what the van has
    :param float cost: how much a second of travel counts
    """

    key: object
    start: int
    end: int = None
    shifts: list = field(default_factory=lambda: [(8 * 3600, 17 * 3600)])
    skills: dict = field(default_factory=dict)
    parts: frozenset = frozenset()
    cost: float = 1.0


@dataclass(eq=False)
class Stop:
    """A visit to be planned.

    :param list windows: intervals in which it may begin
    :param dict skills: least level by skill
    :param frozenset parts: what the van must have
    :param int priority: 0 and up; a visit weighs ``priority + 1`` when not all fit
    :param frozenset engineers: keys of those who may go; None: everybody
    :param preferred: keys of the engineers the customer would like
    :param tuple locked: ``(engineer key, start)`` of a visit that stays where it is
    :param int deadline: begins before, if it can be
    """

    key: object
    place: int
    duration: int
    windows: list = field(default_factory=lambda: [(0, DAY)])
    skills: dict = field(default_factory=dict)
    parts: frozenset = frozenset()
    priority: int = 0
    engineers: frozenset = None
    preferred: frozenset = frozenset()
    locked: tuple = None
    deadline: int = None


@dataclass(frozen=True)
class Call:
    """A visit in a plan; ``travel`` is the way to it, in seconds."""

    stop: object
    arrive: int
    start: int
    finish: int
    travel: int


@dataclass
class Plan:
    """Who goes where, and what nobody does.

    :param dict routes: list of calls by engineer key, in order
    :param dict unserved: why not, by stop key; the code of the rule at which the last
        candidates fell out, in this order: ``nobody`` works that day, ``engineer``
        (nobody allowed), ``skill``, ``level``, ``part``, ``window`` (no working time
        in the windows), ``travel`` (not to be reached in time), ``full`` (no room
        between the other visits)
    """

    routes: dict
    unserved: dict


@dataclass(frozen=True)
class Weights:
    """What the goals are worth, in seconds of travel.

    :param int missed: a visit not served, times ``priority + 1``
    :param float late: a second after the deadline, times ``priority + 1``
    :param int stranger: a visit by somebody else than the preferred engineer
    :param int balance: a full day against an empty one
    :param float wait: a second until an urgent visit begins
    :param int tell: a customer to be called because an urgent visit moves theirs
    """

    missed: int = DAY
    late: float = 2.0
    stranger: int = 900
    balance: int = 1800
    wait: float = 0.5
    tell: int = 1200


def advance(shifts, moment, seconds):
    """Return when so much travel from ``moment`` ends; None if not that day.

    It rests outside of the shifts.
    """
    for start, stop in shifts:
        if moment < start:
            moment = start
        if moment <= stop:
            if moment + seconds <= stop:
                return moment + seconds
            seconds -= stop - moment
            moment = stop
    return None


def get_fault(engineer, stop):
    """Return the code of the rule that keeps somebody from a visit, None if none does.

    Times are not looked at.
    """
    if stop.engineers is not None and engineer.key not in stop.engineers:
        return "engineer"
    if any(skill not in engineer.skills for skill in stop.skills):
        return "skill"
    if any(engineer.skills[skill] < level for skill, level in stop.skills.items()):
        return "level"
    if not stop.parts <= engineer.parts:
        return "part"
    return None


def check(engineers, stops, travel, plan):
    """Return the hard rules that a plan breaks, as ``(code, engineer key, stop key)``.

    Codes are those of ``get_fault``, and ``window``, ``shift`` (not within one interval
    of work), ``travel`` (not there in time), ``home`` (not back in time), ``locked``,
    ``twice`` and ``lost`` (neither planned nor among the unserved). What follows one
    locked visit after another is not judged: it was decided by a person.
    """
    broken = []
    by_key = {stop.key: stop for stop in stops}
    seen = Counter(list(plan.unserved))
    for stop in stops:
        if stop.locked and stop.key in plan.unserved:
            known = any(engineer.key == stop.locked[0] for engineer in engineers)
            if known:
                broken.append(("locked", stop.locked[0], stop.key))
    for engineer in engineers:
        broken.extend(_check_route(engineer, by_key, travel, plan, seen))
    for key in by_key:
        if seen[key] != 1:
            broken.append(("twice" if seen[key] else "lost", None, key))
    return broken


def _check_route(engineer, by_key, travel, plan, seen):
    place, moment, last = engineer.start, 0, None
    for call in plan.routes.get(engineer.key, ()):
        stop = by_key[call.stop]
        seen[stop.key] += 1
        arrive = advance(engineer.shifts, moment, travel[place][stop.place])
        late = arrive is None or arrive > call.start
        if stop.locked:
            if stop.locked != (engineer.key, call.start):
                yield "locked", engineer.key, stop.key
            late = late and last is not None and not last.locked
        else:
            fault = get_fault(engineer, stop)
            if fault:
                yield fault, engineer.key, stop.key
            if not any(start <= call.start <= end for start, end in stop.windows):
                yield "window", engineer.key, stop.key
            if not any(
                start <= call.start and call.finish <= end
                for start, end in engineer.shifts
            ):
                yield "shift", engineer.key, stop.key
        if late or call.finish != call.start + stop.duration:
            yield "travel", engineer.key, stop.key
        place, moment, last = stop.place, call.finish, stop
    if last is not None and not last.locked and engineer.end is not None:
        if advance(engineer.shifts, moment, travel[place][engineer.end]) is None:
            yield "home", engineer.key, None


def figures(engineers, stops, travel, plan, distances=None):
    """Return what a plan comes to, to be shown beside another plan's.

    :param list distances: kilometres from place to place, for ``km``
    :return: dict with ``travel`` (seconds, the way home included), ``km``, ``served``,
        ``unserved``, ``late`` (visits that begin after their deadline), ``lateness``
        (seconds), ``overtime`` (seconds after the last shift), ``preferred`` (visits by
        a preferred engineer) and ``load`` (visits and travel by engineer, seconds)
    """
    by_key = {stop.key: stop for stop in stops}
    result = dict.fromkeys(
        ("travel", "served", "late", "lateness", "overtime", "preferred"), 0
    )
    result |= {"km": 0.0, "unserved": len(plan.unserved), "load": {}}
    for engineer in engineers:
        calls = plan.routes.get(engineer.key, ())
        places = [engineer.start] + [by_key[call.stop].place for call in calls]
        if calls and engineer.end is not None:
            places.append(engineer.end)
        seconds = sum(travel[place][other] for place, other in pairwise(places))
        if distances:
            result["km"] += get_length(distances, places)
        result["travel"] += seconds
        result["served"] += len(calls)
        for call in calls:
            stop = by_key[call.stop]
            seconds += stop.duration
            late = 0
            if stop.deadline is not None:
                late = max(0, call.start - stop.deadline)
            result["late"] += late > 0
            result["lateness"] += late
            result["preferred"] += engineer.key in stop.preferred
        result["load"][engineer.key] = seconds
        if calls and engineer.shifts:
            end = engineer.shifts[-1][1]
            result["overtime"] += max(0, calls[-1].finish - end)
    return result
