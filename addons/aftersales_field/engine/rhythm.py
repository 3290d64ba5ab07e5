"""When a recurring visit is next due: plain dates, no database.

A rhythm counts from one day on (the anchor), so that the 31st stays the 31st and a
visit that was moved does not move those after it. A season says in which months
visits are made; it may run over the end of the year.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

UNIT_DAYS = {"day": 1, "week": 7, "month": 30.4, "year": 365.2}


@dataclass(frozen=True)
class Rhythm:
    """Every ``interval`` units since ``anchor``, in the months first to last.

    ``first`` and ``last`` are months from 1 to 12; 0 for no season.
    """

    anchor: date
    interval: int
    unit: str
    first: int = 0
    last: int = 0

    def get_day(self, index):
        """Return the day number ``index``, whatever the season; 0 is the anchor."""
        return self.anchor + relativedelta(**{f"{self.unit}s": index * self.interval})

    def get_next(self, after=None, not_before=None):
        """Return ``(day of the rhythm, day of the visit)`` of the next visit.

        :param date after: the day of the rhythm of the visit before; None: none was
        :param date not_before: what would have been before it is left out
        """
        index = self._get_index(after)
        while True:
            planned = self.get_day(index)
            day = self.get_in_season(planned)
            late = not_before and day < not_before
            if not late and not (day != planned and self._skips_gaps()):
                return planned, day
            index += 1

    def _get_index(self, after):
        if after is None:
            return 0
        days = UNIT_DAYS[self.unit] * self.interval
        index = max(int((after - self.anchor).days / days) - 1, 0)
        while self.get_day(index) <= after:
            index += 1
        return index

    def is_in_season(self, day):
        """Whether visits are made in the month of ``day``."""
        if not self.first:
            return True
        if self.first <= self.last:
            return self.first <= day.month <= self.last
        return day.month >= self.first or day.month <= self.last

    def get_in_season(self, day):
        """Return ``day``, or the first day of the next season."""
        if self.is_in_season(day):
            return day
        year = day.year + (day.month > self.first)
        return date(year, self.first, 1)

    def _skips_gaps(self):
        """Whether a day falls into every season by itself: others are left out."""
        months = (self.last - self.first) % 12 + 1
        return self.interval * UNIT_DAYS[self.unit] <= months * 28


def forecast(target, total, read_on, per_day):
    """Return the day a meter reaches ``target``, or None if nobody can tell.

    :param float total: what it counts so far
    :param date read_on: when that was read
    :param float per_day: what it counts in a day
    """
    if total >= target:
        return read_on
    if not read_on or not per_day or per_day <= 0:
        return None
    days = (target - total) / per_day
    # Beyond that nobody plans; it also keeps within what a date can be.
    return read_on + timedelta(days=min(days, 36500))
