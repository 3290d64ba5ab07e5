"""What the benchmarks of documents share: a company that trades, and a counter."""

import contextlib
import time
from dataclasses import dataclass, field

from odoo.fields import Command


@dataclass
class Cost:
    statements: int = 0
    cpu: float = 0.0
    wall: float = 0.0
    steps: dict = field(default_factory=dict)


@contextlib.contextmanager
def measured(env, cost, step):
    """Add what happens inside to ``cost``, as one request that ends with a flush."""
    env.flush_all()
    env.invalidate_all()
    statements, cpu, wall = env.cr.sql_log_count, time.process_time(), time.monotonic()
    yield
    env.flush_all()
    statements = env.cr.sql_log_count - statements
    cost.statements += statements
    cost.cpu += time.process_time() - cpu
    cost.wall += time.monotonic() - wall
    cost.steps[step] = cost.steps.get(step, 0) + statements


class TradingCompany:
    """A company with a chart of accounts, and parts (AVCO, perpetual) in stock."""

    def __init__(self, env, parts, **context):
        company = env["res.company"].create({"name": "Benchmark"})
        env["account.chart.template"]._load("generic_coa", company, install_demo=False)
        company.inventory_valuation = "real_time"
        env.user.write(
            {"company_ids": [Command.link(company.id)], "company_id": company.id}
        )
        context.update(allowed_company_ids=company.ids, lang="en_US")
        self.env = env = env(context={**env.context, **context})
        warehouses = env["stock.warehouse"]
        self.warehouse = warehouses.search(
            [("company_id", "=", company.id)], limit=1
        ) or warehouses.create({"name": "Benchmark", "company_id": company.id})
        category = env["product.category"].create(
            {
                "name": "Benchmark",
                "property_valuation": "real_time",
                "property_cost_method": "average",
            }
        )
        self.parts = env["product.product"].create(
            [
                {
                    "name": f"Benchmark part {number}",
                    "is_storable": True,
                    "categ_id": category.id,
                    "list_price": 20.0,
                    "standard_price": 10.0,
                    "invoice_policy": "delivery",
                }
                for number in range(parts)
            ]
        )
        for part in self.parts:
            env["stock.quant"]._update_available_quantity(
                part, self.warehouse.lot_stock_id, 1_000_000
            )
        self.customer = env["res.partner"].create({"name": "Benchmark customer"})
