from itertools import permutations
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    insert_urgent,
    nearest_first,
    optimise,
)

HOUR = 3600
DAY = 24 * HOUR
SHIFTS = [(8 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)]
CODES = {"nobody", "engineer", "skill", "level", "part", "window", "travel", "full"}

quick = settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)


def make_travel(points, pace=60):
    """Return the seconds between points of a grid, ``pace`` for each step."""
    return [[pace * (abs(x - u) + abs(y - v)) for u, v in points] for x, y in points]


def make_day(people, visits, seed):
    """Return a day as they are: four skills, breaks, windows, parts, priorities."""
    random = Random(seed)
    skills, parts = ["cooling", "electric", "gas", "hydraulic"], "abcdef"
    points = [
        (48 + random.uniform(0, 0.45), 11 + random.uniform(0, 0.65))
        for _place in range(people + visits)
    ]
    engineers = [
        Engineer(
            f"e{number}",
            number,
            number,
            SHIFTS,
            {skill: random.randint(1, 3) for skill in random.sample(skills, 3)},
            frozenset(random.sample(parts, 5)),
        )
        for number in range(people)
    ]
    windows = [
        [(0, DAY)],
        [(0, DAY)],
        [(8 * HOUR, 12 * HOUR)],
        [(9 * HOUR, 10 * HOUR), (14 * HOUR, 16 * HOUR)],
    ]
    stops = [
        Stop(
            f"s{number}",
            people + number,
            random.choice([1800, 3600, 5400]),
            random.choice(windows),
            {random.choice(skills): random.choice([1, 1, 2])},
            frozenset(random.sample(parts, random.choice([0, 0, 1]))),
            priority=random.choice([0, 0, 1, 2]),
        )
        for number in range(visits)
    ]
    return engineers, stops, get_travel(get_distances(points))


@st.composite
def days(draw):
    """Small days with everything in them, also what cannot be."""
    moment = st.integers(0, 20 * 4).map(lambda quarter: quarter * 900)
    grid = st.tuples(st.integers(0, 60), st.integers(0, 60))
    points = draw(st.lists(grid, min_size=12, max_size=12))
    place = st.integers(0, len(points) - 1)
    skills = st.dictionaries(st.sampled_from("ab"), st.integers(1, 3), max_size=2)
    parts = st.frozensets(st.sampled_from("xy"))
    shifts = st.sampled_from(
        [[], [(8 * HOUR, 12 * HOUR)], SHIFTS, [(10 * HOUR, 19 * HOUR)]]
    )
    engineers = [
        Engineer(
            number,
            draw(place),
            draw(st.none() | place),
            draw(shifts),
            draw(skills),
            draw(parts),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    stops = []
    for number in range(draw(st.integers(0, 9))):
        begins = draw(st.lists(moment, min_size=1, max_size=2))
        stop = Stop(
            f"s{number}",
            draw(place),
            draw(st.integers(1, 12)) * 900,
            draw(
                st.just([(0, DAY)])
                | st.just([(begin, begin + 2 * HOUR) for begin in begins])
            ),
            draw(skills | st.just({})),
            draw(parts | st.just(frozenset())),
            draw(st.integers(0, 3)),
            deadline=draw(st.none() | moment),
        )
        if engineers and draw(st.integers(0, 5)) == 0:
            who = draw(st.sampled_from(engineers))
            stop.locked = (who.key, draw(moment))
        elif engineers:
            keys = st.frozensets(st.sampled_from([who.key for who in engineers]))
            stop.engineers = draw(st.none() | keys)
            stop.preferred = draw(st.just(frozenset()) | keys)
        stops.append(stop)
    pace = draw(st.sampled_from([0, 30, 120]))
    return engineers, stops, make_travel(points, pace)


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


@tagged("post_install", "-at_install")
class TestPlans(BaseCase):
    @quick
    @given(days())
    def test_no_plan_breaks_a_rule(self, day):
        engineers, stops, travel = day
        for planner, options in ((nearest_first, {}), (optimise, {"iterations": 60})):
            plan = planner(engineers, stops, travel, **options)
            self.assertEqual(check(engineers, stops, travel, plan), [])
            self.assertLessEqual(set(plan.unserved.values()), CODES)

    @quick
    @given(days())
    def test_reasons_are_true(self, day):
        engineers, stops, travel = day
        plan = optimise(engineers, stops, travel, iterations=60)
        locked = [stop for stop in stops if stop.locked]
        for stop in stops:
            reason = plan.unserved.get(stop.key)
            if reason is None or stop.locked:
                continue
            alone = optimise(engineers, [*locked, stop], travel, iterations=10)
            self.assertEqual(stop.key not in alone.unserved, reason == "full")

    @quick
    @given(days(), st.integers(0, 40))
    def test_an_urgent_visit_breaks_no_rule_either(self, day, quarter):
        engineers, stops, travel = day
        now = quarter * 1800
        urgent = Stop("urgent", 0, HOUR, priority=5)
        plan = optimise(engineers, stops, travel, iterations=60)
        for way in insert_urgent(engineers, stops, travel, plan, urgent, now):
            self.assertEqual(check(engineers, [*stops, urgent], travel, way.plan), [])
            self.assertGreaterEqual(way.start, now)
            moved = {change.stop for change in way.changes}
            after = {
                call.stop: (key, call.start)
                for key, calls in way.plan.routes.items()
                for call in calls
            }
            for key, calls in plan.routes.items():
                for call in calls:
                    if call.start <= now or call.stop not in moved:
                        self.assertEqual(after[call.stop], (key, call.start))

    def test_the_same_input_gives_the_same_plan(self):
        engineers, stops, travel = make_day(6, 25, 3)
        plans = [optimise(engineers, stops, travel, seed=7) for _time in range(2)]
        self.assertEqual(*plans)

    def test_the_time_given_is_kept(self):
        engineers, stops, travel = make_day(10, 40, 3)
        plan = optimise(engineers, stops, travel, seconds=0)
        self.assertEqual(check(engineers, stops, travel, plan), [])

    def test_a_way_by_a_place_may_be_shorter_than_the_way_past_it(self):
        # Places without coordinates are always the same distance away.
        points = [(48 + n * 0.1, 11.0) if n % 3 else None for n in range(20)]
        travel = get_travel(get_distances(points, unknown=1))
        stops = [Stop(n, n, 1200) for n in range(1, 20)]
        engineers = [Engineer(n, n, n, SHIFTS) for n in (0, 1)]
        plan = optimise(engineers, stops, travel)
        self.assertEqual(check(engineers, stops, travel, plan), [])

    def test_less_travel_than_nearest_first(self):
        for seed in (1, 2, 3):
            engineers, stops, travel = make_day(10, 40, seed)
            plan = nearest_first(engineers, stops, travel)
            nearest = figures(engineers, stops, travel, plan)
            better = figures(
                engineers, stops, travel, optimise(engineers, stops, travel)
            )
            self.assertGreaterEqual(better["served"], nearest["served"])
            # What the nearest visit first leaves out costs travel too: compare the
            # same visits.
            stops = [stop for stop in stops if stop.key not in plan.unserved]
            found = optimise(engineers, stops, travel)
            self.assertEqual(check(engineers, stops, travel, found), [])
            self.assertFalse(found.unserved)
            found = figures(engineers, stops, travel, found)
            self.assertLess(found["travel"], 0.85 * nearest["travel"])


@tagged("post_install", "-at_install")
class TestUrgent(BaseCase):
    def setUp(self):
        super().setUp()
        self.travel = make_travel([(x, 0) for x in range(121)])
        self.people = [Engineer("ann", 0, 0, SHIFTS), Engineer("bob", 60, 60, SHIFTS)]
        self.urgent = Stop("urgent", 30, HOUR, priority=5)

    def _ask(self, stops, now, **options):
        plan = nearest_first(self.people, stops, self.travel)
        self.assertFalse(plan.unserved)
        ways = insert_urgent(
            self.people, stops, self.travel, plan, self.urgent, now, **options
        )
        for way in ways:
            broken = check(self.people, [*stops, self.urgent], self.travel, way.plan)
            self.assertEqual(broken, [])
        return ways

    def test_whoever_is_free_goes(self):
        only = frozenset({"ann"})
        ways = self._ask([Stop("a", 0, 3 * HOUR, engineers=only)], 9 * HOUR)
        self.assertEqual([way.engineer for way in ways], ["bob", "ann"])
        self.assertEqual(ways[0].start, 9 * HOUR + 1800)
        self.assertEqual((ways[0].changes, ways[0].extra), ([], HOUR))
        self.assertEqual(len(self._ask([], 9 * HOUR, limit=1)), 1)

    def test_a_visit_gives_way_to_a_colleague(self):
        self.urgent.engineers = frozenset({"ann"})
        stops = [
            Stop("begun", 0, HOUR, [(28800, 28800)], engineers=frozenset({"ann"})),
            Stop("next", 30, 2 * HOUR, [(9.5 * HOUR, 9.75 * HOUR)]),
        ]
        stops[1].engineers = frozenset({"ann"})
        plan = nearest_first(self.people, stops, self.travel)
        stops[1].engineers = None
        (way,) = insert_urgent(
            self.people, stops, self.travel, plan, self.urgent, 8.5 * HOUR
        )
        self.assertEqual((way.engineer, way.start), ("ann", 9.5 * HOUR))
        (change,) = way.changes
        self.assertEqual((change.stop, change.engineer), ("next", "ann"))
        self.assertEqual((change.to_engineer, change.to_start), ("bob", 9.5 * HOUR))

    def test_begun_under_way_and_locked_stay(self):
        self.people = self.people[:1]
        stops = [
            Stop("begun", 0, HOUR, [(28800, 28800)]),
            Stop("way", 20, HOUR, [(0, 34800)]),
            Stop("later", 25, HOUR),
            Stop("locked", 0, 2 * HOUR, locked=("ann", 14 * HOUR)),
        ]
        (way,) = self._ask(stops, 9 * HOUR + 600)
        self.assertEqual(way.start, 10 * HOUR + 1800)
        self.assertEqual([change.stop for change in way.changes], ["later"])

    def test_nobody_can(self):
        self.assertEqual(self._ask([], 17 * HOUR), [])
        self.urgent.skills = {"laser": 1}
        self.assertEqual(self._ask([], 8 * HOUR), [])

    def test_times_that_people_chose_are_kept(self):
        stop = Stop("a", 0, HOUR)
        self.people = self.people[:1]
        plan = optimise(self.people, [stop], self.travel)
        (call,) = plan.routes["ann"]
        chosen = type(call)("a", 36000, 36000, 39600, 0)
        plan = Plan({"ann": [chosen]}, {})
        self.urgent.place, self.urgent.duration = 0, 1800
        (way,) = insert_urgent(
            self.people, [stop], self.travel, plan, self.urgent, 8 * HOUR
        )
        self.assertEqual((way.start, way.changes), (8 * HOUR, []))
