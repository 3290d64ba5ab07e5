"""Who bears one line of work, and why."""

from datetime import date

from .scope import check_cause, check_scope, get_charge
from .terms import check_limits

TRACE_FORMAT = 1
# What the law gives comes before what somebody promised, where both give the same.
KINDS = ("legal", "repair", "campaign", "promise", "extended")
CHARGES = ("free", "cost", "list")
# A person can mend these: they refer the case and don't refuse it.
MENDABLE = {"document", "meter_unknown", "meter_back", "pending"}
PROOFS = ("checked", "looked_up", "produced")


def decide(facts, covers, versions, scopes=None):
    """Weigh one line and return the trace: inputs, conditions, result.

    :param dict facts: the line, its fault and its asset on the day; see
        ``aftersales.warranty.engine``
    :param list covers: the guarantees registered for the asset
    :param dict versions: ``{version id: [rule]}``
    :param dict scopes: kept between calls of a batch: lines of one kind on one model
        share the conditions that don't depend on the day
    :return: a dict of plain values. ``result`` says ``covered``, ``shared``,
        ``reduced`` (at cost or waived), ``charged`` or ``refer``
    """
    scopes = {} if scopes is None else scopes
    weighed = [_weigh_cover(facts, cover, versions, scopes) for cover in covers]
    passed = [
        (rule, cover) for cover in weighed for rule in cover["rules"] if rule["passed"]
    ]
    passed.sort(key=lambda pair: _rank(*pair))
    trace = {
        "format": TRACE_FORMAT,
        "inputs": {"facts": facts, "covers": covers},
        "covers": weighed,
    }
    problems = sorted({problem for cover in weighed for problem in cover["mendable"]})
    # That one guarantee charges does not hide what another one may give.
    if problems and (not passed or passed[0][0]["charge"] == "list"):
        trace["result"] = {"result": "refer", "charge": "list", "problems": problems}
    elif passed:
        rule, cover = passed[0]
        trace["result"] = {
            "result": _get_result(rule),
            "rule": rule["id"],
            "code": rule["code"],
            "pack": cover["pack"],
            "version": cover["version"],
            "registration": cover["registration"],
            "charge": rule["charge"],
            "share_percent": rule["share_percent"],
            "share_amount": rule["share_amount"],
            "bearer": rule["bearer"],
            "remedy": rule["remedy"],
            "source": rule["source"],
            "beaten": [other["code"] for other, _cover in passed[1:]],
        }
    else:
        trace["result"] = {"result": "charged", "charge": "list", "problems": []}
    return trace


def _weigh_cover(facts, cover, versions, scopes):
    """Weigh the rules of one guarantee; those with nothing to say are only named."""
    today = date.fromisoformat(facts["date"])
    general = _check_cover(facts, cover)
    general_passed = all(condition["passed"] for condition in general)
    speaking, silent = _get_speaking(facts, cover["version"], versions, scopes)
    weighed, mendable = [], set()
    # Most rules of a guarantee have one of a few limits: each is worked out once.
    causes, limits_of = {}, {}
    for rule, head, scope, in_scope, limits_key in speaking:
        if (key := rule["cause"]) not in causes:
            causes[key] = check_cause(rule, cover, facts)
        cause = causes[key]
        if limits_key not in limits_of:
            limits_of[limits_key] = check_limits(rule, cover, facts, today)
        in_limits, limits = limits_of[limits_key]
        about = in_scope and all(condition["passed"] for condition in cause)
        passed = general_passed and about and in_limits
        weighed.append(
            {**head, "passed": passed, "conditions": [*scope, *cause, *limits]}
        )
        if about and not passed and head["charge"] != "list":
            mendable |= _get_mendable(general, limits, in_limits)
    return {
        "registration": cover["registration"],
        "pack": cover["pack"],
        "pack_kind": cover["kind"],
        "version": cover["version"],
        "version_number": cover["version_number"],
        "conditions": general,
        "rules": weighed,
        "silent": silent,
        "mendable": sorted(mendable),
    }


def _get_speaking(facts, version, versions, scopes):
    """Return the rules that have something to say about such a line.

    :return: ``([(rule, head of its trace, scope conditions, in scope, what its
        limits depend on)], [codes of the others])``
    """
    key = (version, *(_freeze(facts[name]) for name in SCOPE_FACTS))
    if key not in scopes:
        speaking, silent = [], []
        for rule in versions[version]:
            charge = get_charge(rule, facts["kind"])
            if rule["purpose"] != "cover" or not charge:
                silent.append(rule["code"])
                continue
            head = {**{name: rule[name] for name in RULE_KEYS}, "charge": charge}
            conditions = check_scope(rule, facts)
            in_scope = all(condition["passed"] for condition in conditions)
            limits_key = tuple(rule.get(name) for name in LIMITS)
            speaking.append((rule, head, conditions, in_scope, limits_key))
        scopes[key] = speaking, silent
    return scopes[key]


def _freeze(value):
    return tuple(value) if isinstance(value, list) else value


LIMITS = (
    "period",
    "period_unit",
    "is_paused",
    "meter_limit",
    "meter_unit",
    "limit_mode",
)
SCOPE_FACTS = ("kind", "category", "groups", "severity", "fault", "template")
RULE_KEYS = (
    "id",
    "code",
    "sequence",
    "share_percent",
    "share_amount",
    "bearer",
    "remedy",
    "source",
)


def _check_cover(facts, cover):
    """Return what must hold for any rule of this guarantee."""
    conditions = [
        {
            "kind": "state",
            "passed": cover["state"] == "active",
            "value": cover["state"],
        }
    ]
    if cover["document_required"]:
        conditions.append(
            {
                "kind": "document",
                "passed": cover["document"] in PROOFS,
                "value": cover["document"],
            }
        )
    if (scope := cover["repaired"]) is not None:
        conditions.append(
            {
                "kind": "repaired",
                "passed": _is_same_repair(facts, scope),
                "value": scope["order"],
            }
        )
    return conditions


def _is_same_repair(facts, scope):
    """Whether this line mends again what a repair under guarantee mended."""
    if scope["fault"] and facts["fault"]:
        return scope["fault"] == facts["fault"]
    return facts["product"] in scope["products"] or bool(
        facts["job_products"] and set(facts["job_products"]) & set(scope["products"])
    )


def _get_mendable(general, limits, in_limits):
    """Return what a person would have to bring for the rule to hold, or nothing."""
    problems = set()
    for condition in general:
        if condition["passed"]:
            continue
        problem = condition["kind"]
        if problem == "state":
            problem = condition["value"]
        problems.add(problem)
    for condition in limits if not in_limits else ():
        if not condition["passed"]:
            problems.add(f"{condition['kind']}_{condition.get('problem', 'past')}")
    return problems if problems <= MENDABLE else set()


def _rank(rule, cover):
    """Sort key: what costs the customer least, then law before promise."""
    share = 100 if rule["share_amount"] else rule["share_percent"]
    is_part = rule["share_amount"] or rule["share_percent"] < 100
    charge = CHARGES.index(rule["charge"])
    return (
        charge,
        bool(is_part) if charge == 0 else False,
        bool(rule["share_amount"]),
        -share,
        -rule["share_amount"],
        KINDS.index(cover["pack_kind"]),
        rule["sequence"],
        rule["code"],
        cover["registration"],
    )


def _get_result(rule):
    if rule["charge"] == "list":
        return "charged"
    if rule["charge"] == "cost" or not rule["bearer"]:
        return "reduced"
    if rule["share_amount"] or rule["share_percent"] < 100:
        return "shared"
    return "covered"
