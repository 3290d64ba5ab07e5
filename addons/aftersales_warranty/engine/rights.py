"""Rights to exchange or return, and how near they are."""

from datetime import date

from .scope import check_cause, check_scope
from .terms import check_limits

# Counted in days: the right comes when there are more. The others are counted in
# times: the right comes with the time that reaches the limit.
DAY_COUNTERS = {"repair_days", "longest_repair", "waiting_days", "delay_days"}
WARN_FROM = 0.8


def get_rights(facts, covers, versions, counters):
    """Return the rights that ``facts`` give, the reached ones first.

    :param dict facts: one fault on the asset on the day, as for ``decide``;
        ``is_present``: it is there now; else the rights that its next repair
        would give are wanted
    :param dict counters: ``{counter: number}`` of what happened before
    :return: a list of dicts with ``level``: ``reached`` or ``next``
    """
    today = date.fromisoformat(facts["date"])
    rights = []
    for cover in covers:
        if cover["state"] != "active":
            continue
        for rule in versions[cover["version"]]:
            if rule["purpose"] != "right":
                continue
            conditions = check_scope(rule, facts) + check_cause(rule, cover, facts)
            in_limits, limits = check_limits(rule, cover, facts, today)
            if not in_limits or not all(
                condition["passed"] for condition in conditions
            ):
                continue
            level, counted = _count(rule, facts, counters)
            if rule.get("needs_exchange"):
                level, replaced = _check_exchange(rule, facts, level)
                counted = [*counted, replaced]
            if level:
                rights.append(
                    {
                        "level": level,
                        "rule": rule["id"],
                        "code": rule["code"],
                        "name": rule["name"],
                        "pack": cover["pack"],
                        "version": cover["version"],
                        "registration": cover["registration"],
                        "remedy": rule["remedy"],
                        "is_deducted": rule["is_deducted"],
                        "source": rule["source"],
                        "fault": facts["fault"],
                        "conditions": [*conditions, *limits, *counted],
                    }
                )
    order = {"reached": 0, "next": 1}
    rights.sort(key=lambda right: (order[right["level"]], right["code"]))
    return rights


def _count(rule, facts, counters):
    """Return ``(level, conditions)`` of the counter of a rule."""
    counter = rule["counter"]
    present = facts["is_present"]
    if not counter:
        return ("reached" if present else None), []
    before = counters.get(counter, 0)
    limit = rule["counter_limit"]
    condition = {"kind": "counter", "counter": counter, "limit": limit}
    if counter in DAY_COUNTERS:
        reached = before > limit
        near = before >= limit * WARN_FROM
        condition["value"] = before
    else:
        # This time counts: with four repairs done, the fifth is due.
        condition["value"] = before + 1
        reached = present and before + 1 >= limit
        near = before > 0 and before + 1 + present >= limit
    level = "reached" if reached else "next" if near else None
    return level, [{**condition, "passed": reached}]


def _check_exchange(rule, facts, level):
    """Return ``(level, condition)``: the right needs that such a part is replaced."""
    replaced = sorted(set(facts.get("replaced", ())) & set(rule["groups"]))
    condition = {
        "kind": "exchange",
        "passed": bool(replaced),
        "limit": list(rule["groups"]),
        "value": replaced,
    }
    return (level if replaced or not level else "next"), condition
