"""What a rule is about: kinds of lines, goods, components, faults and causes."""

CHARGE_BY_KIND = {
    "part": "parts_charge",
    "labour": "labour_charge",
    "sublet": "labour_charge",
    "travel": "travel_charge",
}
# From light to grave: a rule on main functions holds for what is dangerous too.
SEVERITIES = ("normal", "major", "safety")


def get_charge(rule, kind):
    """Return what the rule charges for a line of ``kind``; empty: it is silent."""
    return rule.get(CHARGE_BY_KIND.get(kind, ""), "") or ""


def check_scope(rule, facts):
    """Return the conditions of ``rule`` on what is broken and how it broke."""
    conditions = []
    if rule["categories"]:
        conditions.append(_among("category", facts["category"], rule["categories"]))
    if rule["group_scope"] == "only":
        conditions.append(_group(facts["groups"], rule["groups"], wanted=True))
    elif rule["group_scope"] == "except":
        conditions.append(_group(facts["groups"], rule["groups"], wanted=False))
    if rule["severity"]:
        grave = SEVERITIES[SEVERITIES.index(rule["severity"]) :]
        conditions.append(_among("severity", facts["severity"], grave))
    if rule["faults"]:
        conditions.append(_among("fault", facts["fault"], rule["faults"]))
    if rule["templates"]:
        conditions.append(_among("template", facts["template"], rule["templates"]))
    return conditions


def check_cause(rule, cover, facts):
    """Return the condition on the cause: normal use, or one that is excluded."""
    if not rule["cause"]:
        return []
    found = {*facts["exclusions"], *cover["found"]} & set(cover["exclusions"])
    return [
        {
            "kind": "cause",
            "passed": bool(found) == (rule["cause"] == "abnormal"),
            "limit": rule["cause"],
            "value": sorted(found),
        }
    ]


def _among(kind, value, allowed):
    return {
        "kind": kind,
        "passed": value in allowed,
        "limit": list(allowed),
        "value": value,
    }


def _group(groups, listed, wanted):
    found = sorted(set(groups) & set(listed))
    return {
        "kind": "group" if wanted else "not_group",
        "passed": bool(found) == wanted,
        "limit": list(listed),
        "value": found or list(groups),
    }
