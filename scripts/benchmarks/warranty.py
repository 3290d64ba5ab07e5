"""What the verdicts of many lines cost: statements, CPU and wall time of one call.

As many assets as lines, with one to three guarantees each and a meter, a tenth of them
repaired before; 25 packs of 3 to 17 rules, 200 active rules in all, about component
groups in two levels. Measured is the weighing (``engine._evaluate``), keeping the
verdicts (``verdict._keep``), and a second look that finds nothing new.

    scripts/benchmark warranty [--lines 10000]
"""

import contextlib
import time
from dataclasses import dataclass

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

RULES_OF_PACKS = (
    *(17, 16, 14, 13, 12, 11, 10, 10, 9, 9, 8, 8, 7, 7, 6, 6),
    *(5, 5, 5, 4, 4, 4, 4, 3, 3),
)
GROUPS = 20
FAULTS = 10
STRIDE = 1_000_000  # more than any id of a database it is run on


@dataclass
class Cost:
    statements: int = 0
    cpu: float = 0.0
    wall: float = 0.0


@contextlib.contextmanager
def measured(env, costs, step):
    """Keep what happens inside as one request that begins with nothing read."""
    env.flush_all()
    env.invalidate_all()
    statements, cpu, wall = env.cr.sql_log_count, time.process_time(), time.monotonic()
    yield
    env.flush_all()
    costs[step] = Cost(
        env.cr.sql_log_count - statements,
        time.process_time() - cpu,
        time.monotonic() - wall,
    )


class Scene:
    """Guarantees, parts and faults; and any number of work orders for their assets."""

    def __init__(self, env):
        self.env = env = env(context={**env.context, "tracking_disable": True})
        self.customer, maker = env["res.partner"].create(
            [{"name": "Benchmark customer"}, {"name": "Benchmark maker"}]
        )
        payers = env["aftersales.payer"].search(
            [("company_id", "=", env.company.id), ("code", "=", "maker")]
        )
        payers.partner_id = maker
        self.parts = env["product.product"].create(
            [
                {"name": f"Benchmark part {number}", "is_storable": True}
                for number in range(2 * GROUPS)
            ]
        )
        self.groups = self._create_groups()
        self.faults = env["aftersales.fault"].create(
            [
                {
                    "name": f"Fault {number}",
                    "code": f"BENCH-{number}",
                    "group_id": self.groups[number].id,
                }
                for number in range(FAULTS)
            ]
        )
        self.category = env["aftersales.asset.category"].create(
            {"name": "Benchmark", "meter_unit": "km"}
        )
        self.packs = env["aftersales.warranty.pack"].create(
            [
                {
                    "name": f"Benchmark {number}",
                    "code": f"BENCH-{number}",
                    "kind": "promise",
                    "pause_in_repair": number % 2 == 0,
                    "version_ids": [
                        Command.create(
                            {
                                "date_from": "2000-01-01",
                                "rule_ids": [
                                    Command.create(self._prepare_rule(number, rule))
                                    for rule in range(size)
                                ],
                            }
                        )
                    ],
                }
                for number, size in enumerate(RULES_OF_PACKS)
            ]
        )
        self.packs.version_ids.action_publish()

    def _create_groups(self):
        """Two levels: assemblies, each with a main part that holds some goods."""
        Group = self.env["aftersales.component.group"]
        assemblies = Group.create(
            [
                {
                    "name": f"Assembly {number}",
                    "code": f"BENCH-A{number}",
                    "kind": "assembly",
                }
                for number in range(GROUPS)
            ]
        )
        mains = Group.create(
            [
                {
                    "name": f"Main part {number}",
                    "code": f"BENCH-M{number}",
                    "kind": "main",
                    "parent_id": assembly.id,
                    "product_ids": [
                        Command.link(part.id)
                        for part in self.parts[2 * number : 2 * number + 2]
                    ],
                }
                for number, assembly in enumerate(assemblies)
            ]
        )
        return assemblies | mains

    def _prepare_rule(self, pack, number):
        """A cover with both limits about some components; every tenth is a right."""
        values = {
            "name": f"Rule {number}",
            "code": f"BENCH-{pack}-{number}",
            "period": 1 + number % 5,
            "meter_limit": 20000 * (1 + number % 5),
            "bearer": "maker",
        }
        if number % 10 == 9:
            return {
                **values,
                "purpose": "right",
                "counter": "same_fault",
                "counter_limit": 5,
            }
        scope = ("any", "only", "except")[number % 3]
        if scope != "any":
            group = self.groups[(7 * pack + number) % len(self.groups)]
            values["group_ids"] = [Command.link(group.id)]
        return {
            **values,
            "group_scope": scope,
            "parts_charge": "free",
            "labour_charge": ("free", False)[number % 2],
            "travel_charge": ("free", False)[number % 2],
        }

    def create_lines(self, count):
        """Return job lines, each on a work order for an asset of its own.

        A few are made by the ORM and the rest are copies of their rows: making ten
        thousand orders is not what is measured.

        :param int count: how many; rounded to whole copies
        """
        env = self.env
        today = fields.Date.today()
        assets = env["aftersales.asset"].create(
            [
                {
                    "name": f"Benchmark car {number}",
                    "partner_id": self.customer.id,
                    "category_id": self.category.id,
                }
                for number in range(len(self.parts))
            ]
        )
        for number, asset in enumerate(assets):
            asset.meter = 1000 * number
        registrations = env["aftersales.warranty.registration"].create(
            [
                {
                    "asset_id": asset.id,
                    "pack_id": self.packs[(number + turn) % len(self.packs)].id,
                    "date_start": fields.Date.subtract(today, days=40 * number),
                    "document_state": "checked",
                }
                for number, asset in enumerate(assets)
                for turn in range(1 + number % 3)
            ]
        )
        events = env["aftersales.repair.event"].create(
            [
                {
                    "asset_id": asset.id,
                    "date": fields.Date.subtract(today, days=1 + turn),
                    "fault_id": self.faults[number % FAULTS].id,
                    "days": 2,
                }
                for number, asset in enumerate(assets)
                if number % 10 == 0
                for turn in range(3)
            ]
        )
        orders = env["aftersales.order"].create(
            [
                self._prepare_order(asset, part, self.faults[number % FAULTS])
                for number, (asset, part) in enumerate(
                    zip(assets, self.parts, strict=True)
                )
            ]
        )
        jobs, lines = orders.job_ids, orders.job_ids.line_ids
        copies = range(1, max(count // len(lines), 1))
        for records, links in (
            (assets, ()),
            (assets.meter_ids, ["asset_id"]),
            (registrations, ["asset_id"]),
            (events, ["asset_id"]),
            (orders, ["asset_id"]),
            (jobs, ["order_id"]),
            (lines, ["order_id", "job_id"]),
        ):
            self._copy_rows(records, links, copies)
            env.cr.execute(SQL("ANALYZE %s", SQL.identifier(records._table)))
        # Sold on many days: no two hundred assets share the end of a period.
        env.cr.execute(
            "UPDATE aftersales_warranty_registration"
            " SET date_start = date_start - id / %s WHERE id > %s",
            [STRIDE, STRIDE],
        )
        return lines.browse(
            [line.id + copy * STRIDE for copy in [0, *copies] for line in lines]
        )

    def _prepare_order(self, asset, part, fault):
        line = Command.create({"product_id": part.id})
        job = {"name": "Repair", "fault_id": fault.id, "line_ids": [line]}
        return {
            "partner_id": self.customer.id,
            "asset_id": asset.id,
            "complaint": "Knocks",
            "job_ids": [Command.create(job)],
        }

    def _copy_rows(self, records, links, copies):
        """Copy rows, and let ``links`` lead to the copies of the same number.

        :param copies: their numbers; each lies ``STRIDE`` ids after the one before
        """
        records.flush_model()
        cr = self.env.cr
        cr.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped",
            [records._table],
        )
        columns = [name for (name,) in cr.fetchall()]
        cr.execute(
            SQL(
                "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s FROM %(table)s,"
                " unnest(%(copies)s::int[]) AS copy WHERE id IN %(ids)s"
                " ORDER BY copy, id",
                table=SQL.identifier(records._table),
                columns=SQL(", ").join(map(SQL.identifier, columns)),
                values=SQL(", ").join(
                    SQL("%s + copy * %s", SQL.identifier(name), STRIDE)
                    if name in ("id", *links)
                    else SQL.identifier(name)
                    for name in columns
                ),
                copies=list(copies),
                ids=tuple(records.ids),
            )
        )


def measure(env, lines):
    """Return ``{step: Cost}`` of weighing, keeping and looking again at ``lines``.

    Nothing is kept: everything happens in a transaction that the caller rolls back.
    """
    scene = Scene(env)
    lines = scene.create_lines(lines)
    engine, verdicts = env["aftersales.warranty.engine"], env["aftersales.verdict"]
    engine._evaluate(lines[:1])  # fill the registry's caches
    costs = {}
    with measured(env, costs, "weigh"):
        traces = engine._evaluate(lines)
    with measured(env, costs, "keep"):
        kept = verdicts._keep(traces)
    assert len(kept) == len(traces) == len(lines), "a verdict per line"
    assert {"covered", "charged"} <= set(kept.mapped("result")), "not all alike"
    with measured(env, costs, "again"):
        again = verdicts._keep(engine._evaluate(lines))
    assert not again, "the same facts give the same verdicts"
    return costs


def report(costs):
    print(f"{'':12}{'statements':>12}{'CPU s':>10}{'wall s':>10}")
    for step, cost in costs.items():
        print(f"{step:12}{cost.statements:12}{cost.cpu:10.2f}{cost.wall:10.2f}")
