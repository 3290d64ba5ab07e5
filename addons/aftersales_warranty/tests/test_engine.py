import json
from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine import (
    count_repair_days,
    decide,
    get_refund,
    get_rights,
)
from ..engine.scope import check_cause, check_scope, get_charge
from ..engine.terms import add_period, check_limits, check_meter, check_time

# Repeatable on every machine, without a folder of what was found before.
settings.register_profile(
    "engine", max_examples=60, deadline=None, derandomize=True, database=None
)
settings.load_profile("engine")

GROUPS = ["ENGINE", "PISTON", "FILTER"]
CAUSES = ["MISUSE", "FLOOD"]
FAULTS = ["KNOCK", "LEAK"]
COUNTERS = [
    "same_fault", "safety_repairs", "repairs", "assembly_swaps", "part_swaps",
    "repair_days", "longest_repair", "waiting_days", "delay_days",
]  # fmt: skip
DAY = date(2024, 6, 1)


def subsets(values):
    return st.lists(st.sampled_from(values), unique=True).map(sorted)


days = st.dates(date(2019, 1, 1), date(2029, 12, 31))
charges = st.sampled_from(["", "free", "cost", "list"])
kinds = st.sampled_from(["part", "labour", "sublet", "travel", "fee"])


@st.composite
def rules(draw, **fixed):
    """A rule as it can be stored: its constraints hold."""
    rule = {
        "id": draw(st.integers(1, 10**6)),
        "name": "Rule",
        "sequence": draw(st.integers(0, 20)),
        "purpose": draw(st.sampled_from(["cover", "cover", "cover", "right", "info"])),
        "period": draw(st.sampled_from([0, 0, 3, 12, 40])),
        "period_unit": draw(st.sampled_from(["day", "month", "year", "year"])),
        "meter_limit": float(draw(st.sampled_from([0, 0, 3000, 60000]))),
        "meter_unit": draw(st.sampled_from(["km", "mi", "h"])),
        "limit_mode": draw(st.sampled_from(["first", "last"])),
        "categories": draw(st.sampled_from([[], [], [1], [1, 2]])),
        "group_scope": draw(st.sampled_from(["any", "any", "only", "except"])),
        "groups": draw(subsets(GROUPS)),
        "severity": draw(st.sampled_from(["", "", "normal", "major", "safety"])),
        "faults": draw(st.sampled_from([[], [], [], ["KNOCK"]])),
        "templates": draw(st.sampled_from([[], [], [], [7]])),
        "cause": draw(st.sampled_from(["", "normal", "abnormal"])),
        "counter": draw(st.sampled_from(["", *COUNTERS])),
        "counter_limit": float(draw(st.integers(1, 40))),
        "parts_charge": draw(charges),
        "labour_charge": draw(charges),
        "travel_charge": draw(charges),
        "bearer": draw(st.sampled_from(["", "maker", "supplier", "warranty"])),
        "share_percent": float(draw(st.sampled_from([0, 30, 50, 100, 100]))),
        "share_amount": float(draw(st.sampled_from([0, 0, 0, 250]))),
        "remedy": "repair",
        "is_deducted": draw(st.booleans()),
        "is_paused": True,
        "source": "Article",
        **fixed,
    }
    # A code is once in a version, and so is what is told apart by it.
    return {**rule, "code": f"R-{rule['id']}"}


@st.composite
def covers(draw, registration, version, **fixed):
    exclusions = draw(subsets(CAUSES))
    repaired = {"order": "WO1", "fault": "KNOCK", "products": [1]}
    return {
        "registration": registration,
        "pack": f"P{version}",
        "kind": draw(
            st.sampled_from(["legal", "repair", "campaign", "promise", "extended"])
        ),
        "version": version,
        "version_number": 1,
        "state": draw(st.sampled_from(["active", "active", "active", "pending"])),
        "start": draw(days).isoformat(),
        "meter_start": float(draw(st.integers(0, 5000))),
        "days_out": draw(st.integers(0, 60)),
        "months_sold": 0,
        "extra_months": draw(st.sampled_from([0, 0, 12])),
        "use": "household",
        "document_required": draw(st.booleans()),
        "document": draw(st.sampled_from(["missing", "shown", "checked", "looked_up"])),
        "exclusions": exclusions,
        "found": draw(st.sampled_from([[], [], exclusions[:1]])),
        "repaired": draw(st.sampled_from([None, None, repaired])),
        **fixed,
    }


@st.composite
def facts(draw, **fixed):
    return {
        "date": draw(days).isoformat(),
        "kind": draw(kinds),
        "product": draw(st.integers(1, 2)),
        "job_products": draw(subsets([1, 2])),
        "groups": draw(subsets(GROUPS)),
        "category": draw(st.sampled_from([None, 1, 2])),
        "model": None,
        "template": draw(st.sampled_from([None, 7, 8])),
        "fault": draw(st.sampled_from([None, *FAULTS])),
        "severity": draw(st.sampled_from(["normal", "major", "safety"])),
        "exclusions": draw(subsets(CAUSES)),
        "meter": draw(st.sampled_from([None, 0.0, 2500.0, 30000.0, 65000.0])),
        "meter_unit": draw(st.sampled_from(["km", "mi", None])),
        "is_counting": True,
        **fixed,
    }


@st.composite
def cases(draw, **rule_values):
    """``(facts, covers, versions)``: up to three guarantees on one asset."""
    number = draw(st.integers(0, 3))
    versions = {
        version: draw(
            st.lists(
                rules(**rule_values), max_size=4, unique_by=lambda rule: rule["id"]
            )
        )
        for version in range(1, number + 1)
    }
    return (
        draw(facts()),
        [draw(covers(10 + version, version)) for version in versions],
        versions,
    )


def rank(result):
    """How bad a result is for the customer; who bears the rest is not the question."""
    order = {"free": 0, "cost": 2, "list": 3}
    if result["result"] == "refer":
        return (2.5, 0, 0)
    burden = order[result["charge"]]
    if burden == 0 and result["share_amount"]:
        return (1, 1, -result["share_amount"])
    if burden == 0 and result["share_percent"] < 100:
        return (1, 0, -result["share_percent"])
    return (burden, 0, 0)


@tagged("post_install", "-at_install")
class TestEngine(BaseCase):
    """What holds for any rules and any facts."""

    @given(cases())
    def test_same_facts_give_the_same_trace(self, case):
        trace = decide(*case)
        self.assertEqual(decide(*case), trace)
        self.assertEqual(json.loads(json.dumps(trace)), trace, "it can be stored")
        again = decide(trace["inputs"]["facts"], trace["inputs"]["covers"], case[2])
        self.assertEqual(again, trace, "and weighed again from what is stored")

    @given(cases(), facts())
    def test_a_batch_is_weighed_as_its_lines_are(self, case, other):
        scopes = {}
        decide(other, *case[1:], scopes)
        self.assertEqual(decide(*case, scopes), decide(*case))

    @given(cases(), st.randoms(use_true_random=False))
    def test_order_of_guarantees_and_rules_does_not_matter(self, case, random):
        line, own_covers, versions = case
        mixed_covers = random.sample(own_covers, len(own_covers))
        mixed_versions = {
            version: random.sample(own_rules, len(own_rules))
            for version, own_rules in versions.items()
        }
        self.assertEqual(
            decide(line, mixed_covers, mixed_versions)["result"],
            decide(*case)["result"],
        )

    @given(cases().filter(lambda case: case[1]))
    def test_another_guarantee_never_makes_it_worse(self, case):
        line, own_covers, versions = case
        fewer = decide(line, own_covers[1:], versions)["result"]
        more = decide(line, own_covers, versions)["result"]
        self.assertLessEqual(rank(more), rank(fewer))

    @given(cases(), days, st.integers(1, 4000))
    def test_a_later_day_never_brings_an_ended_rule_back(self, case, day, later):
        line, own_covers, versions = case
        begun = [
            {**cover, "start": min(cover["start"], day.isoformat())}
            for cover in own_covers
        ]
        before = self._get_passed({**line, "date": day.isoformat()}, begun, versions)
        end = day + timedelta(days=later)
        after = self._get_passed({**line, "date": end.isoformat()}, begun, versions)
        self.assertLessEqual(after, before)

    @given(cases(), st.floats(0, 10**5), st.floats(0, 10**5))
    def test_more_on_the_meter_never_helps(self, case, reading, more):
        line, own_covers, versions = case
        new = [{**cover, "meter_start": 0.0} for cover in own_covers]
        before = self._get_passed({**line, "meter": reading}, new, versions)
        after = self._get_passed({**line, "meter": reading + more}, new, versions)
        self.assertLessEqual(after, before)

    def _get_passed(self, *case):
        return {
            (cover["registration"], rule["id"])
            for cover in decide(*case)["covers"]
            for rule in cover["rules"]
            if rule["passed"]
        }

    @given(cases())
    def test_who_has_to_pay_is_told_why(self, case):
        trace = decide(*case)
        result = trace["result"]
        if result["result"] not in ("charged", "refer") or "rule" in result:
            return
        for cover in trace["covers"]:
            for rule in cover["rules"]:
                conditions = [*cover["conditions"], *rule["conditions"]]
                self.assertFalse(all(item["passed"] for item in conditions), rule)

    @given(cases())
    def test_the_result_is_one_of_the_rules(self, case):
        trace = decide(*case)
        result = trace["result"]
        if "rule" not in result:
            self.assertEqual(result["charge"], "list")
            return
        self.assertTrue(0 <= result["share_percent"] <= 100)
        self.assertTrue(result["share_amount"] >= 0)
        (rule,) = [
            rule for rule in case[2][result["version"]] if rule["id"] == result["rule"]
        ]
        self.assertEqual(rule["purpose"], "cover")
        self.assertEqual(get_charge(rule, case[0]["kind"]), result["charge"])
        self.assertIn((result["registration"], result["rule"]), self._get_passed(*case))

    @given(
        rules(purpose="cover").filter(
            lambda rule: rule["period"] and rule["meter_limit"]
        ),
        covers(1, 1),
        facts(kind="part"),
    )
    def test_whichever_first_is_both_and_whichever_last_is_one(self, rule, cover, line):
        today = date.fromisoformat(line["date"])
        time = check_time(rule, cover, today)["passed"]
        meter = check_meter(rule, cover, line["meter"], line["meter_unit"])["passed"]
        begun = line["date"] >= cover["start"]

        def check(mode):
            return check_limits({**rule, "limit_mode": mode}, cover, line, today)[0]

        self.assertEqual(check("first"), time and meter)
        self.assertEqual(check("last"), begun and (time or meter))
        self.assertEqual(check("past"), begun and self._is_past(rule, cover, line))

    def _is_past(self, rule, cover, line):
        today = date.fromisoformat(line["date"])
        meter = check_meter(rule, cover, line["meter"], line["meter_unit"])
        return not check_time(rule, cover, today)["passed"] or (
            "problem" not in meter and not meter["passed"]
        )

    @given(days, st.integers(0, 60), st.sampled_from(["day", "month", "year"]))
    def test_longer_periods_end_later(self, start, value, unit):
        self.assertLessEqual(start, add_period(start, value, unit))
        self.assertLess(
            add_period(start, value, unit), add_period(start, value + 1, unit)
        )

    @given(
        st.floats(0, 10**7),
        st.floats(0, 3),
        st.floats(0, 1),
        st.floats(-100, 10**6),
    )
    def test_refund_by_kilometres(self, price, rate, rate_max, km):
        """price × km ÷ 1,000 × n, n not above what the law allows."""
        refund = get_refund("mileage", price, rate, rate_max=rate_max, km=km)
        applied = min(rate, rate_max) if rate_max else rate
        self.assertEqual(refund["rate"], applied)
        exact = Decimal(price) * Decimal(max(km, 0)) / 1000 * Decimal(applied) / 100
        self._check_refund(refund, price, exact)

    @given(st.floats(0, 10**7), st.floats(0, 3), days, days, st.integers(0, 400))
    def test_refund_by_days(self, price, rate, start, end, days_out):
        refund = get_refund(
            "daily", price, rate, start=start, end=end.isoformat(), days_out=days_out
        )
        counted = max((end - start).days - days_out, 0)
        self.assertEqual(refund["days"], counted)
        exact = Decimal(price) * Decimal(rate) / 100 * counted
        self._check_refund(refund, price, exact)

    def _check_refund(self, refund, price, exact):
        exact = float(min(exact, Decimal(price)))
        self.assertAlmostEqual(refund["deduction"], exact, delta=1e-9 * (1 + exact))
        self.assertTrue(0 <= refund["deduction"] <= price)
        self.assertTrue(0 <= refund["refund"] <= price)

    @given(
        rules(purpose="right", counter="same_fault"),
        covers(1, 1, state="active"),
        facts(),
        st.dictionaries(st.sampled_from(COUNTERS), st.integers(0, 50)),
        st.sampled_from(COUNTERS),
        st.integers(0, 10),
        st.booleans(),
    )
    def test_what_happened_more_often_gives_no_lesser_right(
        self, rule, cover, line, counters, counter, more, is_present
    ):
        rule = {**rule, "counter": counter}
        line = {**line, "is_present": is_present}
        case = line, [cover], {1: [rule]}
        levels = {"next": 1, "reached": 2}

        def get_level(counters):
            found = get_rights(*case, counters)
            return levels[found[0]["level"]] if found else 0

        fewer = get_level(counters)
        many = get_level({**counters, counter: counters.get(counter, 0) + more})
        self.assertGreaterEqual(many, fewer)

    @given(st.data())
    def test_days_in_repair(self, data):
        """Each begun 24 hours, once: pauses that overlap are taken out once."""
        hours = st.integers(0, 500)
        begin = datetime(2024, 1, 1)
        length = data.draw(hours)
        end = begin + timedelta(hours=length)
        pairs = data.draw(st.lists(st.tuples(hours, hours).map(sorted), max_size=5))
        pauses = [
            (begin + timedelta(hours=first), begin + timedelta(hours=last))
            for first, last in pairs
        ]
        paused = {hour for first, last in pairs for hour in range(first, last)}
        counted = len(set(range(length)) - paused)
        found = count_repair_days(begin, end, pauses)
        self.assertEqual(found, -(-counted // 24))
        self.assertEqual(count_repair_days(begin, end, pauses[::-1]), found)
        self.assertLessEqual(found, count_repair_days(begin, end, pauses[1:]))
        later = end + timedelta(hours=data.draw(hours))
        self.assertLessEqual(found, count_repair_days(begin, later, pauses))


@tagged("post_install", "-at_install")
class TestEngineExamples(BaseCase):
    """Edges, with figures."""

    rule = {
        "id": 1, "code": "R", "name": "Rule", "sequence": 1, "purpose": "cover",
        "period": 3, "period_unit": "year", "meter_limit": 60000.0,
        "meter_unit": "km", "limit_mode": "first", "categories": [],
        "group_scope": "any", "groups": [], "severity": "", "faults": [],
        "templates": [], "cause": "normal", "counter": "", "counter_limit": 0.0,
        "parts_charge": "free", "labour_charge": "free", "travel_charge": "",
        "bearer": "maker", "share_percent": 100.0, "share_amount": 0.0,
        "remedy": "repair", "is_deducted": False, "is_paused": True, "source": "",
    }  # fmt: skip
    cover = {
        "registration": 1, "pack": "P", "kind": "legal", "version": 1,
        "version_number": 1, "state": "active", "start": "2022-03-01",
        "meter_start": 0.0, "days_out": 0, "months_sold": 0, "extra_months": 0,
        "use": "household",
        "document_required": False, "document": "checked",
        "exclusions": ["MISUSE"], "found": [], "repaired": None,
    }  # fmt: skip
    facts = {
        "date": "2024-06-01", "kind": "part", "product": 1, "job_products": [1],
        "groups": ["ENGINE"], "category": 1, "model": None, "template": None,
        "fault": "KNOCK", "severity": "normal", "exclusions": [],
        "meter": 30000.0, "meter_unit": "km", "is_counting": True,
    }  # fmt: skip

    def _decide(self, rule=None, cover=None, **values):
        return decide(
            {**self.facts, **values},
            [{**self.cover, **(cover or {})}],
            {1: [{**self.rule, **(rule or {})}]},
        )

    def _result(self, *args, **values):
        return self._decide(*args, **values)["result"]["result"]

    def test_last_day_and_last_kilometre(self):
        self.assertEqual(self._result(date="2025-03-01"), "covered")
        self.assertEqual(self._result(date="2025-03-02"), "charged")
        self.assertEqual(self._result(date="2022-02-28"), "charged")
        self.assertEqual(self._result(meter=60000.0), "covered")
        self.assertEqual(self._result(meter=60000.1), "charged")

    def test_periods_end_on_the_same_day(self):
        self.assertEqual(add_period(date(2024, 2, 29), 1, "year"), date(2025, 2, 28))
        self.assertEqual(add_period(date(2024, 1, 31), 1, "month"), date(2024, 2, 29))
        self.assertEqual(add_period(date(2024, 6, 1), 7, "day"), date(2024, 6, 8))

    def test_sold_cover_runs_for_what_was_paid(self):
        """Two years paid for are 24 months of revenue: the last day is the 30th."""
        sold = {"cover": {"months_sold": 24, "start": "2024-07-01"}}
        for rule in ({"period": 1, "period_unit": "year"}, {"period": 0}):
            last = self._decide(rule, **sold, date="2026-06-30")
            late = self._decide(rule, **sold, date="2026-07-01")
            self.assertEqual(last["result"]["result"], "covered")
            self.assertEqual(late["result"]["result"], "charged")

    def test_days_in_repair_lengthen(self):
        self.assertEqual(
            self._result(None, {"days_out": 10}, date="2025-03-11"), "covered"
        )
        self.assertEqual(
            self._result(None, {"days_out": 10}, date="2025-03-12"), "charged"
        )
        self.assertEqual(
            self._result({"is_paused": False}, {"days_out": 10}, date="2025-03-11"),
            "charged",
            "this rule goes on",
        )

    def test_miles_and_kilometres(self):
        self.assertEqual(self._result(meter=37282.0, meter_unit="mi"), "covered")
        self.assertEqual(self._result(meter=37283.0, meter_unit="mi"), "charged")

    def test_meter_of_another_kind_is_not_known(self):
        for values in ({"meter_unit": "h"}, {"meter": None}):
            result = self._decide(**values)["result"]
            self.assertEqual(result["result"], "refer")
            self.assertEqual(result["problems"], ["meter_unknown"])

    def test_what_has_no_meter_has_no_limit_by_it(self):
        self.assertEqual(
            self._result(meter=None, meter_unit=None, is_counting=False), "covered"
        )

    def test_meter_that_ran_back_is_referred(self):
        result = self._decide(None, {"meter_start": 40000.0})["result"]
        self.assertEqual(result["problems"], ["meter_back"])

    def test_what_is_past_is_not_referred(self):
        """A paper that is missing is not asked for where the period is over."""
        cover = {"document_required": True, "document": "missing"}
        self.assertEqual(self._result(None, cover), "refer")
        self.assertEqual(self._result(None, cover, date="2026-01-01"), "charged")

    def test_price_list_of_one_guarantee_does_not_end_the_question(self):
        """A rule that charges does not hide that another may give."""
        pending = {**self.cover, "registration": 2, "version": 2, "state": "pending"}
        priced = {**self.rule, "id": 2, "code": "L", "parts_charge": "list"}
        trace = decide(self.facts, [self.cover, pending], {1: [priced], 2: [self.rule]})
        self.assertEqual(trace["result"]["result"], "refer")

    def test_silent_on_travel(self):
        trace = self._decide(kind="travel")
        self.assertEqual(trace["result"]["result"], "charged")
        self.assertEqual(trace["covers"][0]["silent"], ["R"])

    # Peer 15: covered is the line, and not the whole order
    def test_kinds_of_lines(self):
        rule = {**self.rule, "travel_charge": "cost"}
        wanted = {
            "part": "free",
            "labour": "free",
            "sublet": "free",
            "travel": "cost",
            "fee": "",
        }
        for kind, charge in wanted.items():
            self.assertEqual(get_charge(rule, kind), charge)

    def test_scope(self):
        for values, passed in (
            ({}, True),
            ({"categories": [1, 3]}, True),
            ({"categories": [2]}, False),
            ({"group_scope": "only", "groups": ["ENGINE"]}, True),
            ({"group_scope": "only", "groups": ["FILTER"]}, False),
            ({"group_scope": "except", "groups": ["FILTER"]}, True),
            ({"group_scope": "except", "groups": ["ENGINE"]}, False),
            ({"severity": "normal"}, True),
            ({"severity": "safety"}, False),
            ({"faults": ["KNOCK"]}, True),
            ({"faults": ["LEAK"]}, False),
            ({"templates": [7]}, False),
        ):
            conditions = check_scope({**self.rule, **values}, self.facts)
            self.assertEqual(all(item["passed"] for item in conditions), passed, values)

    def test_causes(self):
        for cause, exclusions, passed in (
            ("normal", [], True),
            ("normal", ["MISUSE"], False),
            ("normal", ["FLOOD"], True),
            ("abnormal", ["MISUSE"], True),
            ("abnormal", [], False),
        ):
            (condition,) = check_cause(
                {**self.rule, "cause": cause},
                self.cover,
                {**self.facts, "exclusions": exclusions},
            )
            self.assertEqual(condition["passed"], passed, (cause, exclusions))

    def test_law_before_promise_where_both_give_the_same(self):
        promise = {**self.cover, "registration": 2, "version": 2, "kind": "promise"}
        other = {**self.rule, "id": 2, "code": "A", "sequence": 0}
        trace = decide(self.facts, [promise, self.cover], {1: [self.rule], 2: [other]})
        self.assertEqual(trace["result"]["code"], "R")
        self.assertEqual(trace["result"]["beaten"], ["A"])

    def test_repair_under_guarantee_means_the_same_fault(self):
        repaired = {"order": "WO7", "fault": "KNOCK", "products": [5]}
        cover = {"repaired": repaired, "kind": "repair"}
        self.assertEqual(self._result(None, cover), "covered")
        self.assertEqual(self._result(None, cover, fault="LEAK"), "charged")
        self.assertEqual(self._result(None, cover, fault=None), "charged")
        self.assertEqual(
            self._result(None, cover, fault=None, job_products=[5]), "covered"
        )

    def test_refund_of_the_worked_example(self):
        refund = get_refund("mileage", 150000, 0.8, rate_max=0.5, km=12000)
        self.assertEqual(refund["deduction"], 9000)
        self.assertEqual(refund["refund"], 141000)
        self.assertEqual(refund["rate_stated"], 0.8)
        self.assertEqual(get_refund("none", 150000, 0.5)["refund"], 150000)

    def _rights(self, before, present=True, **rule):
        rule = {
            **self.rule,
            "purpose": "right",
            "counter": "same_fault",
            "counter_limit": 5,
            **rule,
        }
        line = {**self.facts, "is_present": present}
        counters = {rule["counter"]: before}
        found = get_rights(line, [self.cover], {1: [rule]}, counters)
        return found[0]["level"] if found else None

    def test_the_fifth_repair(self):
        self.assertEqual(self._rights(4), "reached")
        self.assertEqual(self._rights(3), "next")
        self.assertIsNone(self._rights(2))
        self.assertEqual(self._rights(4, present=False), "next")
        self.assertIsNone(self._rights(3, present=False))

    def test_more_than_thirty_days(self):
        values = {"counter": "repair_days", "counter_limit": 30}
        self.assertEqual(self._rights(31, **values), "reached")
        self.assertEqual(self._rights(30, **values), "next")
        self.assertEqual(self._rights(24, **values), "next")
        self.assertIsNone(self._rights(23, **values))

    def test_a_right_without_counter_is_for_what_is_there(self):
        values = {"counter": "", "counter_limit": 0}
        self.assertEqual(self._rights(0, **values), "reached")
        self.assertIsNone(self._rights(0, present=False, **values))

    def test_a_begun_day_is_a_day(self):
        begin = datetime(2024, 6, 1, 8)
        for hours, found in ((0, 0), (1, 1), (24, 1), (25, 2)):
            end = begin + timedelta(hours=hours)
            self.assertEqual(count_repair_days(begin, end), found)
        self.assertEqual(count_repair_days(begin, None), 0)
