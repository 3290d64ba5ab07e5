"""When a reminder may go out: hours before a visit, and never in the quiet hours.

Moments are naive and in UTC, as the database has them; hours of the day are those of
the reader's clock, which daylight saving moves.
"""

from datetime import datetime, time, timedelta

import pytz

# Those who are not woken at night hear of it so long before the night begins.
EVENING = timedelta(minutes=30)


def get_quiet_window(moment, quiet_from, quiet_to, tz):
    """Return ``(begin, end)`` of the quiet hours ``moment`` lies in, or None.

    :param float quiet_from: hour of the day from which it is quiet
    :param float quiet_to: hour of the day until which; before ``quiet_from`` it is the
        next day's; the same hour means that it is never quiet
    :param tz: pytz time zone of the clock
    """
    if quiet_from == quiet_to:
        return None
    today = pytz.utc.localize(moment).astimezone(tz).date()
    overnight = timedelta(days=1 if quiet_to < quiet_from else 0)
    for day in (today - timedelta(days=1), today):
        begin = _to_utc(day, quiet_from, tz)
        end = _to_utc(day + overnight, quiet_to, tz)
        if begin <= moment < end:
            return begin, end
    return None


def get_reminder_time(start, hours, quiet_from, quiet_to, tz):
    """Return when to remind of a visit at ``start``.

    A reminder due in the quiet hours waits for their end, if that leaves at least half
    of the time meant; otherwise it goes out before they begin.
    """
    due = start - timedelta(hours=hours)
    window = get_quiet_window(due, quiet_from, quiet_to, tz)
    if not window:
        return due
    begin, end = window
    if start - end >= (start - due) / 2:
        return end
    return begin - EVENING


def _to_utc(day, hours, tz):
    local = datetime.combine(day, time.min) + timedelta(hours=hours)
    # In the hour that is there twice the later one counts; one that a clock skips is
    # read as if it did not.
    return tz.localize(local, is_dst=False).astimezone(pytz.utc).replace(tzinfo=None)
