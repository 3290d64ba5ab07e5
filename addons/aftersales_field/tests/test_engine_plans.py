from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine import (
    Engineer,
    Plan,
    Stop,
    check,
    figures,
    get_distances,
    get_travel,
    insert_urgent,
    nearest_first,
    optimise,
)
from .test_engine_route import DAY, HOUR, SHIFTS, make_travel

CODES = {"nobody", "engineer", "skill", "level", "part", "window", "travel", "full"}

quick = settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)


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
class TestPlans(BaseCase):
    @quick
    @given(days())
    def test_no_plan_breaks_a_rule(self, day):
        engineers, stops, travel = day
        for planner, options in ((nearest_first, {}), (optimise, {"iterations": 60})):
            plan = planner(engineers, stops, travel, **options)
            self.assertEqual(check(engineers, stops, travel, plan), [])
            self.assertLessEqual(set(plan.unserved.values()), CODES)

    def _lock(self, stops, plan):
        """Return the stops of a plan, each where it is."""
        by_key = {stop.key: stop for stop in stops}
        return [
            replace(by_key[call.stop], locked=(key, call.start))
            for key, calls in plan.routes.items()
            for call in calls
        ]

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
            added = optimise(
                engineers, [*self._lock(stops, plan), stop], travel, iterations=10
            )
            self.assertIn(stop.key, added.unserved, "not between the others either")

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
