from odoo.tests import BaseCase, tagged

from ..engine.intervals import clip, covers, intersect, merge, overlaps, subtract
from ..engine.search import (
    PAUSES,
    Place,
    Search,
    Segment,
    Worker,
    get_longest,
    get_moment_of,
)

HOUR = 3600


def hours(*pairs):
    return [(start * HOUR, stop * HOUR) for start, stop in pairs]


@tagged("post_install", "-at_install")
class TestIntervals(BaseCase):
    def test_union_difference_and_common_part(self):
        self.assertEqual(merge([(5, 7), (1, 3), (3, 4), (6, 8)]), [(1, 4), (5, 8)])
        self.assertEqual(merge([(2, 2)]), [])
        self.assertEqual(
            subtract([(0, 10), (12, 20)], [(2, 3), (5, 13), (19, 30)]),
            [(0, 2), (3, 5), (13, 19)],
        )
        self.assertEqual(subtract([(0, 5)], None), [(0, 5)])
        self.assertEqual(intersect([(0, 5), (7, 9)], [(3, 8)]), [(3, 5), (7, 8)])
        self.assertEqual(clip([(0, 5), (7, 9)], 4, 8), [(4, 5), (7, 8)])

    def test_ends_that_touch_do_not_overlap(self):
        busy = [(2, 4), (6, 8)]
        self.assertFalse(overlaps(busy, 4, 6))
        self.assertTrue(overlaps(busy, 3, 5))
        self.assertTrue(overlaps(busy, 5, 7))
        self.assertTrue(overlaps(busy, 0, 9))
        self.assertTrue(covers(busy, 2, 4))
        self.assertFalse(covers(busy, 2, 5))


@tagged("post_install", "-at_install")
class TestSearch(BaseCase):
    def setUp(self):
        super().setUp()
        # Two days, 8 to 12 and 13 to 17.
        self.work = hours((8, 12), (13, 17), (32, 36), (37, 41))

    def _find(self, length, busy=(), span="break", places=None, limit=1, start=0):
        worker = Worker(1, self.work, hours(*busy))
        segment = Segment(length * HOUR, [worker], PAUSES[span])
        needs = [[Place(9, self.work, [])]] if places is None else places
        return Search([segment], needs).find(start * HOUR, 60 * HOUR, limit)

    def test_one_piece_does_not_span_the_break(self):
        (answer,) = self._find(2, busy=[(8, 11)], span="none")
        self.assertEqual(answer.start, 13 * HOUR)
        self.assertFalse(self._find(5, span="none"))

    def test_work_rests_over_the_break_and_goes_on(self):
        (answer,) = self._find(2, busy=[(8, 11)])
        self.assertEqual(answer.work[0][2], tuple(hours((11, 12), (13, 14))))
        self.assertEqual((answer.start, answer.stop), (11 * HOUR, 14 * HOUR))

    def test_a_booking_in_the_break_ends_the_chain(self):
        (answer,) = self._find(2, busy=[(8, 11), (12, 13)])
        self.assertEqual(answer.start, 13 * HOUR)

    def test_days_are_chained_and_the_place_stays_taken(self):
        (answer,) = self._find(10, span="days")
        self.assertEqual(len(answer.work[0][2]), 3)
        self.assertEqual(answer.stop, 34 * HOUR)
        at_night = [[Place(9, self.work, hours((20, 21)))]]
        self.assertFalse(self._find(10, span="days", places=at_night))
        self.assertFalse(self._find(9, span="break"))

    def test_first_of_each_kind_and_all_together(self):
        places = [[Place(9, self.work, hours((8, 10)))]]
        worker = Worker(1, self.work, hours((10, 13)))
        search = Search([Segment(2 * HOUR, [worker])], places)
        firsts = search.get_first_of_each(0)
        self.assertEqual(firsts["worker", 0], 8 * HOUR)
        self.assertEqual(firsts["place", 0], 10 * HOUR)
        (answer,) = search.find(0, 60 * HOUR)
        self.assertEqual(answer.start, 13 * HOUR)

    def test_order_decides_between_equals(self):
        workers = [Worker(number, self.work, []) for number in (3, 1, 2)]
        places = [Place(number, self.work, []) for number in (6, 5)]
        (answer,) = Search([Segment(HOUR, workers)], [places]).find(0, 60 * HOUR)
        self.assertEqual(answer.work[0][1], 3)
        self.assertEqual(answer.places, [6])

    def test_two_needs_take_two_places(self):
        tools = [Place(5, self.work, []), Place(6, self.work, [])]
        segment = Segment(HOUR, [Worker(1, self.work, [])])
        (answer,) = Search([segment], [tools, tools]).find(0, 60 * HOUR)
        self.assertEqual(answer.places, [5, 6])
        self.assertFalse(Search([segment], [tools[:1]] * 2).find(0, 60 * HOUR))

    def test_people_work_one_after_the_other(self):
        first, second = Worker(1, self.work, []), Worker(2, self.work, hours((8, 9)))
        segments = [Segment(HOUR, [first]), Segment(HOUR, [second])]
        (answer,) = Search(segments, []).find(0, 60 * HOUR)
        self.assertEqual(
            [pieces for _number, _worker, pieces in answer.work],
            [tuple(hours((8, 9))), tuple(hours((9, 10)))],
        )

    def test_preparation_takes_the_place_and_not_the_worker(self):
        worker = Worker(1, self.work, hours((8, 9)))
        place = Place(9, self.work, [])
        search = Search([Segment(HOUR, [worker])], [[place]], preparation=HOUR)
        (answer,) = search.find(0, 60 * HOUR)
        self.assertEqual((answer.start, answer.stop), (8 * HOUR, 10 * HOUR))

    def test_longest_chain_and_common_end(self):
        self.assertEqual(get_longest(self.work, 0), 4 * HOUR)
        self.assertEqual(get_longest(self.work, PAUSES["break"]), 8 * HOUR)
        self.assertEqual(get_longest(self.work, PAUSES["days"]), 16 * HOUR)
        self.assertEqual(get_moment_of([self.work, self.work], 10 * HOUR), 14 * HOUR)
        self.assertIsNone(get_moment_of([self.work], 17 * HOUR))
