"""Periods, meters and days in repair."""

import functools
import math
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

KM_PER_MILE = 1.609344
HOURS_PER_DAY = 24


@functools.lru_cache(maxsize=16384)  # thousands of lines share some days and periods
def add_period(start, value, unit):
    """Return the last day of a period of ``value`` days, months or years.

    The day it starts is not counted, so seven days from the 1st end with the 8th,
    and three years end on the same day three years later.
    """
    return start + relativedelta(**{f"{unit}s": value})


def get_last_day(rule, start, months_sold=0, days_out=0, extra_months=0):
    """Return the last day on which a rule holds.

    :param dict rule: ``period``, ``period_unit`` and ``is_paused``
    :param int months_sold: the term of a cover that was sold, day for day as paid
        for; it goes before the period of the rule
    :param int days_out: days in repair that are taken out
    :param int extra_months: added by a repair
    """
    if months_sold:
        end = add_period(start, months_sold, "month") - timedelta(days=1)
    else:
        end = add_period(start, rule["period"], rule["period_unit"])
    # “Within 15 days of the sale” goes on while the thing is in repair.
    if rule.get("is_paused", True):
        end += timedelta(days=days_out)
    return add_period(end, extra_months, "month") if extra_months else end


def count_repair_days(begin, end, pauses=()):
    """Return the days a repair took: each begun 24 hours is one.

    :param pauses: ``(begin, end)`` of times that the law does not count
    """
    if not begin or not end or end <= begin:
        return 0
    seconds = (end - begin).total_seconds()
    for first, last in _merge(pauses):
        overlap = min(last, end) - max(first, begin)
        seconds -= max(overlap.total_seconds(), 0)
    return math.ceil(round(seconds / 3600 / HOURS_PER_DAY, 6))


def _merge(pauses):
    """Join pauses that overlap, so that no hour is taken out twice."""
    merged = []
    for begin, end in sorted(pauses):
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    return merged


def check_time(rule, cover, today):
    """Return the condition on the time since the guarantee began."""
    start = date.fromisoformat(cover["start"])
    months = cover.get("months_sold")  # not in verdicts kept before it was read
    days_out = cover["days_out"] if rule.get("is_paused", True) else 0
    end = get_last_day(rule, start, months, days_out, cover["extra_months"])
    return {
        "kind": "time",
        "passed": start <= today <= end,
        "limit": months or rule["period"],
        "unit": "month" if months else rule["period_unit"],
        "start": cover["start"],
        "end": end.isoformat(),
        "days_out": days_out,
        "value": (today - start).days,
    }


def check_meter(rule, cover, meter, unit):
    """Return the condition on what the meter ran since the guarantee began."""
    condition = {
        "kind": "meter",
        "limit": rule["meter_limit"],
        "unit": rule["meter_unit"],
    }
    ran = None if meter is None else _convert(meter, unit, rule["meter_unit"])
    if ran is None:
        return {**condition, "passed": False, "problem": "unknown"}
    begun = _convert(cover["meter_start"], unit, rule["meter_unit"])
    ran = round(ran - begun, 1)
    condition["value"] = ran
    if ran < 0:
        return {**condition, "passed": False, "problem": "back"}
    return {**condition, "passed": ran <= rule["meter_limit"]}


def _convert(value, unit, target):
    """Return ``value`` in the unit ``target``, or None if that is another thing."""
    if unit == target:
        return value
    if (unit, target) == ("mi", "km"):
        return value * KM_PER_MILE
    if (unit, target) == ("km", "mi"):
        return value / KM_PER_MILE
    return None


def check_limits(rule, cover, facts, today):
    """Return ``(passed, conditions)`` of the period and the meter of a rule.

    ``limit_mode`` first: both have to hold, whichever ends first; last: one does;
    past: one of them is over. A thing that counts nothing has no limit by the meter.
    """
    conditions = []
    if rule["period"] or cover.get("months_sold"):
        conditions.append(check_time(rule, cover, today))
    if rule["meter_limit"] and facts.get("is_counting", True):
        conditions.append(check_meter(rule, cover, facts["meter"], facts["meter_unit"]))
    results = [condition["passed"] for condition in conditions]
    if rule["limit_mode"] == "past":
        return _check_past(conditions, cover, today)
    if rule["limit_mode"] == "last" and results:
        begun = not rule["period"] or today >= date.fromisoformat(cover["start"])
        return begun and any(results), conditions
    return all(results), conditions


def _check_past(conditions, cover, today):
    """Turn the limits round: what holds once one of them is over."""
    begun = today >= date.fromisoformat(cover["start"])
    for condition in conditions:
        known = condition.get("problem") is None
        condition["passed"] = begun and known and not condition["passed"]
        condition["is_past"] = True
    return any(condition["passed"] for condition in conditions), conditions
