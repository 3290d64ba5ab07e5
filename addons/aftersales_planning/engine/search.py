"""Finding times at which people and places are free together.

A *worker* is taken for the time of the work alone and may pause; a *place* (bay, tool,
loaner) stays taken from the first minute to the last, and has to be open while
somebody works in it. Times are seconds, as in ``intervals``.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from .intervals import (
    FOREVER,
    covers,
    intersect,
    overlaps,
    subtract,
)

# How long work may rest before the same technician goes on with it: not at all, over
# the break of a day, or over nights and a long week-end.
PAUSES = {"none": 0, "break": 3 * 3600, "days": 96 * 3600}


@dataclass(eq=False)
class Worker:
    """Somebody who works.

    :param list work: the working time, leaves taken out
    :param list busy: what is booked
    """

    id: int
    work: list
    busy: list
    starts: dict = field(default_factory=dict)

    def __post_init__(self):
        self.free = subtract(self.work, self.busy)
        self._begins = [start for start, _stop in self.free]

    def _linked(self, index, pause):
        """Whether work may go on from one free interval to the next."""
        if index + 1 >= len(self.free):
            return False
        start, stop = self.free[index][1], self.free[index + 1][0]
        return stop - start <= pause and not overlaps(self.busy, start, stop)

    def get_starts(self, seconds, pause):
        """Return the intervals of moments at which so much work can be begun.

        Both ends are included.
        """
        key = (seconds, pause)
        if key not in self.starts:
            ranges = []
            after = 0  # free time in the same chain, after the interval
            for index in range(len(self.free) - 1, -1, -1):
                start, stop = self.free[index]
                if not self._linked(index, pause):
                    after = 0
                # Nobody comes in for the last minutes before a break.
                first = min(seconds, 900)
                last = min(stop - first, stop + after - seconds)
                if last >= start:
                    ranges.append((start, last))
                after += stop - start
            self.starts[key] = ranges[::-1]
        return self.starts[key]

    def get_pieces(self, start, seconds, pause):
        """Return the intervals worked if begun at ``start``; None if not possible."""
        index = bisect_right(self._begins, start) - 1
        if index < 0 or self.free[index][1] <= start:
            return None
        pieces = []
        left = seconds
        while True:
            begin, stop = max(start, self.free[index][0]), self.free[index][1]
            worked = min(left, stop - begin)
            pieces.append((begin, begin + worked))
            left -= worked
            if not left:
                return tuple(pieces)
            if not self._linked(index, pause):
                return None
            index += 1


@dataclass(eq=False)
class Place:
    """Something that is taken in one go: a bay, a tool, a loaner.

    :param list work: when it can be worked with
    :param list busy: what is booked, and its own absences
    """

    id: int
    work: list
    busy: list
    starts: dict = field(default_factory=dict)

    def get_starts(self, seconds):
        """Return intervals of moments from which it is free for so long.

        Whether it is open all the time that somebody works is not asked here.
        """
        if seconds not in self.starts:
            gaps = subtract([(-FOREVER, FOREVER)], self.busy)
            gaps = [
                (start, stop - seconds + 1)
                for start, stop in gaps
                if stop - start >= seconds
            ]
            self.starts[seconds] = [
                (start, stop - 1) for start, stop in intersect(gaps, self.work)
            ]
        return self.starts[seconds]

    def holds(self, start, stop, pieces):
        """Whether it is free from start to stop, and open during the pieces."""
        return not overlaps(self.busy, start, stop) and all(
            covers(self.work, *piece) for piece in pieces
        )


def get_longest(work, pause):
    """Return the most seconds that can be worked with rests of ``pause`` at most."""
    longest = chain = 0
    last = None
    for start, stop in work:
        if last is None or start - last > pause:
            chain = 0
        chain += stop - start
        longest = max(longest, chain)
        last = stop
    return longest


def get_next(ranges, moment):
    """Return the first moment in ``ranges``, not before ``moment``; None if none is."""
    index = bisect_left(ranges, moment, key=lambda interval: interval[1])
    if index == len(ranges):
        return None
    return max(ranges[index][0], moment)


def get_earliest(choices, moment):
    """Return the first moment in any of several lists of ranges."""
    found = [get_next(ranges, moment) for ranges in choices]
    return min((start for start in found if start is not None), default=None)


@dataclass
class Segment:
    """Work of one person: so many seconds by one of ``workers``, best first.

    :param int pause: seconds the work may rest, see ``PAUSES``
    """

    seconds: int
    workers: list
    pause: int = PAUSES["break"]


@dataclass
class Answer:
    """A time that is free: who works when, and which place serves each need."""

    start: int
    stop: int
    work: list  # [(segment number, worker id, pieces)]
    places: list  # [place id], one per need


class Search:
    """Looks for times at which one worker per segment and one place per need are free.

    :param list segments: who works how long, one after the other
    :param list needs: a list of candidate places per need, best first
    :param int preparation: seconds at the beginning that take the places alone
    :param grid: function that rounds a moment up to one that may be offered
    """

    def __init__(self, segments, needs, preparation=0, grid=None):
        self.segments = segments
        self.needs = needs
        self.preparation = preparation
        self.grid = grid or (lambda moment: moment)
        self.seconds = preparation + sum(segment.seconds for segment in segments)

    def _get_kinds(self):
        """Yield ``(key, ranges per candidate, delay)`` of everything needed."""
        if self.segments:
            first = self.segments[0]
            yield (
                ("worker", 0),
                [
                    worker.get_starts(first.seconds, first.pause)
                    for worker in first.workers
                ],
                self.preparation,
            )
        for number, places in enumerate(self.needs):
            yield (
                ("place", number),
                [place.get_starts(self.seconds) for place in places],
                0,
            )

    def get_first_of_each(self, moment):
        """Return ``{key: first moment}`` at which each kind alone is free, or None.

        ``("worker", n)`` for segment n, ``("place", n)`` for need n.
        """
        firsts = {}
        for key, choices, delay in self._get_kinds():
            start = get_earliest(choices, moment + delay)
            firsts[key] = None if start is None else start - delay
        for number, segment in enumerate(self.segments[1:], 1):
            choices = [
                worker.get_starts(segment.seconds, segment.pause)
                for worker in segment.workers
            ]
            firsts["worker", number] = get_earliest(choices, moment)
        return firsts

    def find(self, start, stop, limit=1):
        """Return up to ``limit`` answers that begin in ``start`` <= … < ``stop``."""
        kinds = list(self._get_kinds())
        answers = []
        moment = self.grid(start)
        while moment < stop and len(answers) < limit:
            later = moment
            for _key, choices, delay in kinds:
                first = get_earliest(choices, later + delay)
                if first is None:
                    return answers
                later = first - delay
            later = self.grid(later)
            if later > moment:
                moment = later
                continue
            answer = self.try_at(moment)
            if answer:
                answers.append(answer)
            moment = self.grid(moment + 1)
        return answers

    def try_at(self, moment):
        """Return an answer that begins exactly then, or None."""
        return self._add_segment(moment, 0, moment + self.preparation, [])

    def _add_segment(self, moment, number, start, work):
        if number == len(self.segments):
            return self._add_places(moment, start, work)
        segment = self.segments[number]
        tried = set()
        for worker in segment.workers:
            begin = start
            if number:
                ranges = worker.get_starts(segment.seconds, segment.pause)
                begin = get_next(ranges, start)
                if begin is None or begin - start > segment.pause:
                    continue
            pieces = worker.get_pieces(begin, segment.seconds, segment.pause)
            # Others who would work at the same times meet the same places.
            if pieces is None or pieces in tried:
                continue
            tried.add(pieces)
            answer = self._add_segment(
                moment, number + 1, pieces[-1][1], [*work, (number, worker.id, pieces)]
            )
            if answer:
                return answer
        return None

    def _add_places(self, moment, stop, work):
        pieces = [piece for _number, _worker, parts in work for piece in parts]
        if self.preparation:
            pieces.append((moment, moment + self.preparation))
        chosen = []
        for places in self.needs:
            place = next(
                (
                    place.id
                    for place in places
                    if place.id not in chosen and place.holds(moment, stop, pieces)
                ),
                None,
            )
            if place is None:
                return None
            chosen.append(place)
        return Answer(moment, stop, work, chosen)


def get_moment_of(free, seconds):
    """Return when so much work is done if everybody works on it in their free time.

    :param free: list of free intervals per worker
    :return: the moment; None if their time is too short
    """
    changes = {}
    for intervals in free:
        for start, stop in intervals:
            changes[start] = changes.get(start, 0) + 1
            changes[stop] = changes.get(stop, 0) - 1
    people = done = 0
    last = None
    for moment in sorted(changes):
        if people:
            gained = people * (moment - last)
            if done + gained >= seconds:
                return last + -(-(seconds - done) // people)
            done += gained
        people += changes[moment]
        last = moment
    return None
