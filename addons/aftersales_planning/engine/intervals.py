"""Arithmetic of working times, in whole seconds since 1970 UTC.

An interval is a pair ``(start, stop)``; lists of them are sorted and don't touch.
Whole seconds in UTC have no daylight saving: local times are turned into them once,
where calendars are read.
"""

from bisect import bisect_right

FOREVER = 1 << 40


def merge(intervals):
    """Return the union of intervals that come in any order."""
    merged = []
    for start, stop in sorted(intervals):
        if merged and start <= merged[-1][1]:
            if stop > merged[-1][1]:
                merged[-1] = (merged[-1][0], stop)
        elif stop > start:
            merged.append((start, stop))
    return merged


def subtract(intervals, holes):
    """Return what is left of ``intervals`` outside ``holes``."""
    if not holes:
        return intervals
    left = []
    index = 0
    for start, stop in intervals:
        while index and holes[index - 1][1] > start:
            index -= 1
        while index < len(holes) and holes[index][0] < stop:
            hole_start, hole_stop = holes[index]
            index += 1
            if hole_stop <= start:
                continue
            if hole_start > start:
                left.append((start, hole_start))
            start = hole_stop
            if start >= stop:
                break
        if start < stop:
            left.append((start, stop))
    return left


def intersect(intervals, others):
    """Return what lies in both lists."""
    common = []
    left = right = 0
    while left < len(intervals) and right < len(others):
        start = max(intervals[left][0], others[right][0])
        stop = min(intervals[left][1], others[right][1])
        if start < stop:
            common.append((start, stop))
        if intervals[left][1] < others[right][1]:
            left += 1
        else:
            right += 1
    return common


def clip(intervals, start, stop):
    """Return the part of ``intervals`` between two moments."""
    return [
        (max(begin, start), min(end, stop))
        for begin, end in intervals
        if begin < stop and end > start
    ]


def covers(intervals, start, stop):
    """Whether one of the intervals holds the whole of ``start`` to ``stop``."""
    index = bisect_right(intervals, (start, FOREVER)) - 1
    return index >= 0 and intervals[index][1] >= stop


def overlaps(intervals, start, stop):
    """Whether any of the intervals has time in common with ``start`` to ``stop``."""
    index = bisect_right(intervals, (start, FOREVER)) - 1
    if index >= 0 and intervals[index][1] > start:
        return True
    index += 1
    return index < len(intervals) and intervals[index][0] < stop


def measure(intervals):
    """Return the seconds in all of the intervals."""
    return sum(stop - start for start, stop in intervals)
