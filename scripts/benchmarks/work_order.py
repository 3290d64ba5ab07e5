"""What a work order costs over the same job done with Odoo alone.

The job: three stocked parts (AVCO, perpetual valuation) issued in one step, two
services charged, one posted invoice. Odoo alone does it as sales order, delivery and
invoice. Both do it in turn, in one process, one by one and in batches; what is printed
is SQL statements, CPU and wall time per document, and the ratio. Statements are exact;
CPU is as steady as the machine, which the spread of the rounds tells.

    scripts/benchmark [--documents 10] [--batch 50] [--batches 4]
"""

import statistics
from dataclasses import dataclass, field

from odoo.fields import Command

from . import trade
from .trade import measured


@dataclass
class Cost(trade.Cost):
    documents: int = 0
    cpu_rounds: list = field(default_factory=list)

    def per_document(self, figure):
        return getattr(self, figure) / self.documents


class Scene(trade.TradingCompany):
    """A company that charges services too, and an asset."""

    def __init__(self, env):
        super().__init__(env, parts=3)
        env = self.env
        self.services = env["product.product"].create(
            [
                {
                    "name": f"Service {number}",
                    "type": "service",
                    "list_price": 80.0,
                    "invoice_policy": "order",
                }
                for number in range(2)
            ]
        )
        self.asset = env["aftersales.asset"].create(
            {"name": "Benchmark car", "partner_id": self.customer.id}
        )

    def with_odoo(self, count, cost):
        """Sales order, delivery, invoice."""
        env = self.env
        lines = [
            Command.create({"product_id": product.id, "product_uom_qty": 1})
            for product in self.parts | self.services
        ]
        with measured(env, cost, "create"):
            orders = env["sale.order"].create(
                [{"partner_id": self.customer.id, "order_line": lines}] * count
            )
        with measured(env, cost, "confirm"):
            orders.action_confirm()
        with measured(env, cost, "deliver"):
            orders.picking_ids.move_ids.picked = True
            orders.picking_ids.button_validate()
        with measured(env, cost, "invoice"):
            invoices = orders._create_invoices(grouped=True)
        with measured(env, cost, "post"):
            invoices.action_post()
        self._check(invoices, orders.picking_ids, count)
        cost.documents += count

    def with_work_order(self, count, cost):
        """The same as work orders, from the first word to the posted invoice."""
        env = self.env
        lines = [
            Command.create({"product_id": product.id, "product_uom_qty": 1})
            for product in self.parts | self.services
        ]
        values = {
            "partner_id": self.customer.id,
            "asset_id": self.asset.id,
            "complaint": "Squeals",
            "job_ids": [Command.create({"name": "Brakes", "line_ids": lines})],
        }
        with measured(env, cost, "create"):
            orders = env["aftersales.order"].create([values] * count)
        with measured(env, cost, "approve"):
            orders.action_approve(method="phone")
        with measured(env, cost, "start"):
            orders.action_start()
        with measured(env, cost, "issue"):
            orders.picking_ids.move_ids.picked = True
            orders.picking_ids.button_validate()
        with measured(env, cost, "complete"):
            orders.action_complete()
        with measured(env, cost, "invoice"):
            orders.action_pass_quality()
            orders.action_invoice()
        with measured(env, cost, "post"):
            orders.invoice_ids.action_post()
        self._check(orders.invoice_ids, orders.picking_ids, count)
        cost.documents += count

    def _check(self, invoices, pickings, count):
        assert len(invoices) == count, "one invoice per document"
        assert set(invoices.mapped("state")) == {"posted"}
        assert set(pickings.mapped("state")) == {"done"}
        assert all(len(invoice.line_ids.filtered("cogs_origin_id")) == 6
                   for invoice in invoices), "cost of sales of three parts"  # fmt: skip


def measure(env, documents, batch, batches=1):
    """Return ``{(way, size): Cost}`` for both ways, one by one and in batches.

    Nothing is kept: everything happens in a transaction that the caller rolls back.
    """
    scene = Scene(env)
    ways = {"Odoo alone": scene.with_odoo, "work order": scene.with_work_order}
    for way in ways.values():
        way(1, Cost())  # fill the registry's caches
    costs = {(name, size): Cost() for name in ways for size in (1, batch)}
    for size, rounds in ((1, documents), (batch, batches)):
        for number in range(rounds):
            # Neither always comes first: machine and tables change meanwhile.
            for name in list(ways)[:: -1 if number % 2 else 1]:
                cost = costs[name, size]
                # Foreign keys were planned when the tables were empty.
                env.cr.execute("DISCARD PLANS")
                before = cost.cpu
                ways[name](size, cost)
                cost.cpu_rounds.append((cost.cpu - before) / size)
    return costs


def report(costs):
    print(f"{'':24}{'statements':>12}{'CPU ms':>10}{'wall ms':>10}   per document")
    for size in sorted({size for _name, size in costs}):
        floor, ours = costs["Odoo alone", size], costs["work order", size]
        title = "one by one" if size == 1 else f"batch of {size}"
        for name, cost in (("Odoo alone", floor), ("work order", ours)):
            print(
                f"{title:12}{name:12}"
                f"{cost.per_document('statements'):12.1f}"
                f"{1000 * cost.per_document('cpu'):10.1f}"
                f"{1000 * cost.per_document('wall'):10.1f}"
            )
        ratios = [
            ours.per_document(figure) / floor.per_document(figure)
            for figure in ("statements", "cpu", "wall")
        ]
        print(f"{'':12}{'ratio':12}" + "{:12.2f}{:10.2f}{:10.2f}".format(*ratios))
        pairs = [o / f for o, f in zip(ours.cpu_rounds, floor.cpu_rounds, strict=True)]
        print(
            f"{'':12}CPU ratio of {len(pairs)} rounds: "
            f"{min(pairs):.2f}-{max(pairs):.2f}, median {statistics.median(pairs):.2f}"
        )
        for name, cost in (("Odoo alone", floor), ("work order", ours)):
            steps = ", ".join(
                f"{step} {count / cost.documents:.1f}"
                for step, count in cost.steps.items()
            )
            print(f"{'':12}{name}: {steps}")
