"""When a vehicle is next due, by its maintenance plan. Arithmetic only.

The plan's steps stand at meter readings, from new: 5,000, 10,000, … After the last
one the cycle begins again, counted from there: with a cycle of 40,000 the step of
5,000 comes back at 45,000. Steps that are done only once, such as the first service,
are left out then.

* The first step is due so many months after the vehicle was registered; each later
  one so many months after the service before. Meter or time, whichever is first.
* Steps the meter has passed are not made up one by one: the last one passed is due.
* After a service that came late, the next is due at its place in the plan, but not
  before half of the way to it was driven.
"""

from bisect import bisect_right
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

# Forecasts farther away say nothing; also keeps dates in the calendar.
FAR_DAYS = 10 * 365


class Step(NamedTuple):
    """A column of the plan: its id, where it stands, and months since the last."""

    id: int
    meter: float
    months: int = 0
    is_once: bool = False


class Next(NamedTuple):
    """What is due: the step, its place in the plan, the reading and the day."""

    step_id: int
    planned: float
    meter: float
    day: date | None


class Cycle:
    """The steps of a plan, repeated for ever. Places are counted from 0."""

    def __init__(self, steps):
        self.first = sorted(steps, key=lambda step: step.meter)
        self.again = [step for step in self.first if not step.is_once]
        self.length = self.first[-1].meter if self.first else 0
        self.meters = [step.meter for step in self.first]
        self.meters_again = [step.meter for step in self.again]

    def get(self, place):
        """Return ``(step, reading)`` of a place; None beyond the end."""
        if place < len(self.first):
            step = self.first[place]
            return step, step.meter
        if not self.again or self.length <= 0:
            return None
        rounds, index = divmod(place - len(self.first), len(self.again))
        step = self.again[index]
        return step, (rounds + 1) * self.length + step.meter

    def find_passed(self, meter):
        """Return the last place at or below ``meter``; -1 before the first."""
        if meter < self.length or not self.again or self.length <= 0:
            return bisect_right(self.meters, meter) - 1
        rounds, rest = divmod(meter, self.length)
        before = len(self.first) + (int(rounds) - 1) * len(self.again)
        return before + bisect_right(self.meters_again, rest) - 1

    def find_done(self, step_id, meter):
        """Return the place of a step that was done at ``meter``: the nearest one."""
        index = next(
            (i for i, step in enumerate(self.first) if step.id == step_id), None
        )
        if index is None:
            # Of another plan: what the meter had passed counts as done.
            return self.find_passed(meter)
        step = self.first[index]
        if step.is_once or self.length <= 0:
            return index
        rounds = round((meter - step.meter) / self.length)
        if rounds <= 0:
            return index
        return len(self.first) + (rounds - 1) * len(self.again) + self.again.index(step)


def find_next(cycle, born, reading, per_day, done=None):
    """Return the :class:`Next` service, or None if nothing can be said.

    :param Cycle cycle: the plan
    :param date born: when the vehicle was registered or sold, if known
    :param reading: ``(date, meter)`` read last, if any
    :param float per_day: what the meter counts a day
    :param done: ``(step id, date, meter)`` of the last service, if any
    """
    if not cycle.first:
        return None
    if not reading and done:
        reading = done[1], done[2]
    elif not reading and born:
        reading = born, 0.0
    if not reading:
        return None
    read_on, meter = reading
    before = cycle.find_done(done[0], done[2]) if done else -1
    place = max(before + 1, cycle.find_passed(meter))
    found = cycle.get(place)
    if not found:
        return None
    step, planned = found
    due_meter = planned
    since = born if place == 0 else None
    if done:
        previous = cycle.get(before)
        way = planned - (previous[1] if previous else 0.0)
        due_meter = max(planned, done[2] + way / 2)
        since = done[1]
        # Time runs from the first step that is missing.
        step_of_time = cycle.get(before + 1)[0]
    else:
        step_of_time = step
    days = [_forecast(read_on, due_meter - meter, per_day)]
    if since and step_of_time.months:
        days.append(since + _months(step_of_time.months))
    return Next(step.id, planned, due_meter, min(filter(None, days), default=None))


@lru_cache
def _months(count):
    return relativedelta(months=count)


def _forecast(read_on, way, per_day):
    """Return the day on which ``way`` more is driven; None if it is far away."""
    if per_day <= 0:
        return read_on if way <= 0 else None
    days = way / per_day
    if abs(days) > FAR_DAYS:
        return None if days > 0 else read_on
    return read_on + timedelta(days=int(days))
