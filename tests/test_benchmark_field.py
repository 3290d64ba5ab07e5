"""A few phones sync at once for some seconds: nothing is lost, nothing is twice."""

import json

from devkit import sandbox
from devkit.common import REPO

CODE = f"""
import dataclasses, json, sys
sys.path.append({str(REPO / "scripts")!r})
from benchmarks import field_sync as it
tally = it.measure(env, phones=8, seconds=5, workers=3)
print("TALLY" + json.dumps({{
    "sent": len(tally.sent), "acknowledged": len(tally.acknowledged),
    "missing": len(tally.sent - tally.acknowledged), "stored": tally.stored,
    "doubled": tally.doubled, "refused": tally.refused,
    "steps": tally.steps, "stamps": tally.stamps, "replayed": tally.replayed,
}}))
"""


def test_phones_at_once_lose_nothing():
    with sandbox.database() as name:
        printed = sandbox.odoo_shell(name, CODE)
    (line,) = [line for line in printed.splitlines() if "TALLY" in line]
    tally = json.loads(line.partition("TALLY")[2])
    assert tally["sent"] >= 80
    assert tally["missing"] == 0
    assert tally["stored"] == tally["sent"] == tally["acknowledged"]
    assert tally["doubled"] == 0
    assert tally["refused"] == []
    assert tally["stamps"] == tally["steps"]
    assert tally["replayed"]
