from itertools import permutations

from odoo.tests import BaseCase, tagged

from ..engine import (
    Engineer,
    Plan,
    Stop,
    Weights,
    check,
    figures,
    get_distance,
    get_distances,
    get_travel,
    nearest_first,
    optimise,
)

HOUR = 3600
DAY = 24 * HOUR
SHIFTS = [(8 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)]


def make_travel(points, pace=60):
    """Return the seconds between points of a grid, ``pace`` for each step."""
    return [[pace * (abs(x - u) + abs(y - v)) for u, v in points] for x, y in points]


@tagged("post_install", "-at_install")
class TestDistance(BaseCase):
    def test_great_circle(self):
        berlin, munich = (52.5200, 13.4050), (48.1351, 11.5820)
        self.assertAlmostEqual(get_distance(berlin, munich), 504.4, delta=0.5)
        self.assertEqual(get_distance(berlin, berlin), 0)
        self.assertAlmostEqual(get_distance((0, 0), (0, 180)), 20015.1, delta=0.1)
        self.assertAlmostEqual(get_distance((0, 179.5), (0, -179.5)), 111.2, delta=0.1)

    def test_roads_are_longer_and_unknown_places_count(self):
        points = [(48.0, 11.0), (48.0, 11.1), None]
        rows = get_distances(points, factor=1.5, unknown=20)
        straight = get_distance(points[0], points[1])
        self.assertAlmostEqual(rows[0][1], 1.5 * straight)
        self.assertEqual((rows[0][2], rows[2][1], rows[2][2]), (20, 20, 0))
        travel = get_travel(rows, speed=40, fixed=60)
        self.assertEqual((travel[0][2], travel[2][2]), (1860, 0))


@tagged("post_install", "-at_install")
class TestRules(BaseCase):
    """One engineer or two on a line; a step of it takes a minute."""

    def setUp(self):
        super().setUp()
        self.travel = make_travel([(x, 0) for x in range(121)])

    def _plan(self, engineers, stops, planner=optimise, **options):
        plan = planner(engineers, stops, self.travel, **options)
        self.assertEqual(check(engineers, stops, self.travel, plan), [])
        return plan

    def _starts(self, plan):
        return {
            call.stop: (key, call.start)
            for key, calls in plan.routes.items()
            for call in calls
        }

    def _both(self, engineers, stops):
        """Return the plan of either planner."""
        return [
            self._plan(engineers, stops, planner)
            for planner in (nearest_first, optimise)
        ]

    def test_nothing_to_do(self):
        for plan in self._both([], []):
            self.assertEqual(plan, Plan({}, {}))
        for plan in self._both([Engineer("ann", 0)], []):
            self.assertEqual(plan, Plan({"ann": []}, {}))
        for plan in self._both([], [Stop("a", 1, 60)]):
            self.assertEqual(plan.unserved, {"a": "nobody"})

    def test_the_best_row_of_ten_is_found(self):
        points = [(0, 0), *((7 * n % 31, 11 * n % 29) for n in range(1, 11))]
        travel = make_travel(points)
        stops = [Stop(n, n, 600) for n in range(1, 11)]
        engineers = [Engineer("ann", 0, 0, [(0, DAY)])]
        # The best of all rows: by dynamic programming over sets (Held and Karp).
        costs = {(1 << n, n): travel[0][n] for n in range(1, 11)}
        for _visits in range(9):
            grown = {}
            for (done, last), cost in costs.items():
                for n in range(1, 11):
                    if not done >> n & 1:
                        key = (done | 1 << n, n)
                        total = cost + travel[last][n]
                        grown[key] = min(total, grown.get(key, total))
            costs = grown
        best = min(cost + travel[last][0] for (_done, last), cost in costs.items())
        plan = optimise(engineers, stops, travel)
        self.assertEqual(figures(engineers, stops, travel, plan)["travel"], best)

    def test_two_engineers_share_six_visits_as_well_as_can_be(self):
        points = [(0, 0), (20, 0), *((x, 5 * (x % 3)) for x in (1, 4, 8, 12, 17, 19))]
        travel = make_travel(points)
        stops = [Stop(n, n, 600) for n in range(2, 8)]
        engineers = [Engineer(n, n, n, [(0, DAY)]) for n in (0, 1)]

        def shortest(home, row):
            return min(
                sum(
                    travel[place][other]
                    for place, other in zip((home, *way), (*way, home), strict=True)
                )
                for way in permutations(row)
            )

        numbers = range(2, 8)
        best = min(
            shortest(0, [n for n in numbers if chosen >> n & 1])
            + shortest(1, [n for n in numbers if not chosen >> n & 1])
            for chosen in range(0, 1 << 8, 4)
        )
        plan = optimise(engineers, stops, travel, weights=Weights(balance=0))
        self.assertEqual(figures(engineers, stops, travel, plan)["travel"], best)

    def test_skill_and_level(self):
        able = Engineer("ann", 50, skills={"gas": 2})
        near = Engineer("bob", 0, skills={"gas": 1, "cooling": 3})
        stops = [
            Stop("any", 1, 600),
            Stop("gas", 1, 600, skills={"gas": 2}),
            Stop("master", 1, 600, skills={"gas": 3}),
            Stop("both", 1, 600, skills={"gas": 2, "cooling": 1}),
            Stop("unknown", 1, 600, skills={"laser": 1}),
        ]
        for plan in self._both([able, near], stops):
            self.assertEqual(self._starts(plan)["gas"][0], "ann")
            self.assertEqual(
                plan.unserved,
                {"master": "level", "both": "level", "unknown": "skill"},
            )

    def test_parts_and_allowed_engineers(self):
        ann = Engineer("ann", 0, parts=frozenset({"pump"}))
        bob = Engineer("bob", 9)
        stops = [
            Stop("pump", 9, 600, parts=frozenset({"pump"})),
            Stop("seal", 9, 600, parts=frozenset({"pump", "seal"})),
            Stop("bob", 0, 600, engineers=frozenset({"bob"})),
            Stop("eve", 0, 600, engineers=frozenset({"eve"})),
        ]
        for plan in self._both([ann, bob], stops):
            starts = self._starts(plan)
            self.assertEqual((starts["pump"][0], starts["bob"][0]), ("ann", "bob"))
            self.assertEqual(plan.unserved, {"seal": "part", "eve": "engineer"})

    def test_no_work_in_the_break_and_the_way_rests(self):
        ann = Engineer("ann", 0, None, SHIFTS)
        long = Stop("long", 30, 3 * HOUR + 2400)
        for plan in self._both([ann], [long]):
            # Begun at 8:30 it would reach into the break.
            self.assertEqual(self._starts(plan)["long"], ("ann", 13 * HOUR))
            self.assertEqual(plan.routes["ann"][0].arrive, 8 * HOUR + 1800)
        far = Stop("far", 120, 1800, [(12 * HOUR, DAY)])
        first = Stop("first", 0, 3 * HOUR, [(8 * HOUR, 8 * HOUR)])
        for plan in self._both([ann], [first, far]):
            # An hour of the way before the break, an hour after it.
            self.assertEqual(self._starts(plan)["far"], ("ann", 14 * HOUR))
        for plan in self._both([ann], [Stop("day", 0, 5 * HOUR)]):
            self.assertEqual(plan.unserved, {"day": "window"})

    def test_back_home_before_work_ends(self):
        late = Stop("late", 60, HOUR, [(15.5 * HOUR, DAY)])
        for plan in self._both([Engineer("ann", 0, 0)], [late]):
            self.assertEqual(plan.unserved, {"late": "travel"})
        for plan in self._both([Engineer("ann", 0, None)], [late]):
            self.assertEqual(plan.unserved, {})

    def test_several_windows(self):
        stop = Stop("a", 60, HOUR, [(7 * HOUR, 8 * HOUR), (15 * HOUR, 15 * HOUR)])
        for plan in self._both([Engineer("ann", 0)], [stop]):
            self.assertEqual(self._starts(plan)["a"], ("ann", 15 * HOUR))
        stop.windows = stop.windows[:1]
        for plan in self._both([Engineer("ann", 0)], [stop]):
            self.assertEqual(plan.unserved, {"a": "travel"})

    def test_what_matters_more_is_served(self):
        stops = [Stop(n, 10, 3 * HOUR, priority=n) for n in range(5)]
        plan = self._plan([Engineer("ann", 0, 0)], stops)
        self.assertEqual(plan.unserved, {0: "full", 1: "full", 2: "full"})

    def test_deadline_before_travel(self):
        stops = [
            Stop("near", 5, 2 * HOUR),
            Stop("urgent", 60, 600, deadline=9 * HOUR + 600),
        ]
        plan = self._plan([Engineer("ann", 0)], stops)
        self.assertEqual([call.stop for call in plan.routes["ann"]][0], "urgent")
        result = figures([Engineer("ann", 0)], stops, self.travel, plan)
        self.assertEqual((result["late"], result["lateness"]), (0, 0))

    def test_preferred_engineer_for_a_short_detour(self):
        ann, bob = Engineer("ann", 0), Engineer("bob", 10)
        stop = Stop("a", 8, HOUR, preferred=frozenset({"ann"}))
        self.assertEqual(self._starts(self._plan([ann, bob], [stop]))["a"][0], "ann")
        stop.place = 40
        ann.cost = bob.cost = 3
        self.assertEqual(self._starts(self._plan([ann, bob], [stop]))["a"][0], "bob")

    def test_work_is_shared_out(self):
        people = [Engineer("ann", 0, 0), Engineer("bob", 1, 1)]
        stops = [Stop(n, 3, HOUR) for n in range(6)]
        plan = self._plan(people, stops)
        self.assertEqual([len(calls) for calls in plan.routes.values()], [3, 3])

    def test_locked_visits_stay(self):
        ann, bob = Engineer("ann", 0, 0, SHIFTS), Engineer("bob", 100, 100, SHIFTS)
        stops = [
            Stop("a", 100, HOUR, locked=("ann", 10 * HOUR)),
            Stop("over lunch", 100, HOUR, [(0, 0)], {"x": 1}, locked=("bob", 43000)),
            Stop("absent", 100, HOUR, locked=("eve", 10 * HOUR)),
            *(Stop(n, 5 * n, HOUR) for n in range(12)),
        ]
        for plan in self._both([ann, bob], stops):
            starts = self._starts(plan)
            self.assertEqual(starts["a"], ("ann", 10 * HOUR))
            self.assertEqual(starts["over lunch"], ("bob", 43000))
            self.assertEqual(plan.unserved["absent"], "nobody")

    def test_locked_visits_that_cannot_be_are_kept_as_they_are(self):
        stops = [
            Stop("a", 100, HOUR, locked=("ann", 10 * HOUR)),
            Stop("b", 0, HOUR, locked=("ann", 10 * HOUR)),
            Stop("night", 0, HOUR, locked=("ann", 22 * HOUR)),
            Stop("c", 50, HOUR),
        ]
        for plan in self._both([Engineer("ann", 0, 0)], stops):
            self.assertEqual(len(plan.routes["ann"]), 4)

    def test_the_check_finds_what_is_wrong(self):
        ann = Engineer("ann", 0, 0, SHIFTS, {"gas": 1})
        stops = [
            Stop("a", 60, HOUR, [(9 * HOUR, 12 * HOUR)]),
            Stop("b", 0, HOUR, skills={"gas": 2}),
            Stop("c", 0, HOUR, locked=("ann", 16 * HOUR)),
        ]
        plan = optimise([ann], stops[:1], self.travel)
        self.assertEqual(
            set(check([ann], stops, self.travel, plan)),
            {("lost", None, "b"), ("lost", None, "c")},
        )
        (call,) = plan.routes["ann"]
        for change, code in (
            ({"start": 8 * HOUR, "finish": 9 * HOUR}, {"window", "travel"}),
            ({"start": 41400, "finish": 45000}, {"shift"}),
            ({"finish": call.finish + 1}, {"travel"}),
            ({"stop": "b"}, {"level", "lost"}),
            ({"stop": "c"}, {"locked", "lost"}),
        ):
            bad = Plan({"ann": [type(call)(**{**vars(call), **change})]}, {})
            known = stops if change.get("stop") else stops[:1]
            found = {code for code, *_rest in check([ann], known, self.travel, bad)}
            self.assertEqual(found, code, change)
        twice = Plan({"ann": [call]}, {"a": "full"})
        self.assertEqual(
            check([ann], stops[:1], self.travel, twice), [("twice", None, "a")]
        )

    def test_figures(self):
        ann, bob = Engineer("ann", 0, 0), Engineer("bob", 0, None)
        stops = [
            Stop("a", 60, HOUR, [(12 * HOUR, DAY)], deadline=10 * HOUR),
            Stop("b", 30, HOUR, engineers=frozenset({"eve"})),
        ]
        plan = self._plan([ann, bob], stops, nearest_first)
        km = [[seconds / 60 for seconds in row] for row in self.travel]
        result = figures([ann, bob], stops, self.travel, plan, km)
        self.assertEqual(
            result,
            {
                "travel": 2 * HOUR,
                "km": 120,
                "served": 1,
                "unserved": 1,
                "late": 1,
                "lateness": 2 * HOUR,
                "overtime": 0,
                "preferred": 0,
                "load": {"ann": 3 * HOUR, "bob": 0},
            },
        )
