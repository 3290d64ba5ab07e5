"""What the nightly due list costs: statements, wall time and memory of the job.

200,000 vehicles of ten models with ten meter readings each over two years, two thirds
of them serviced here before, three maintenance plans. Measured is the job as it runs
by night: the first time, when every vehicle gets its row; a night on which nothing
happened; and a night after a twentieth of the vehicles were read again.

    scripts/benchmark due [--vehicles 200000]
"""

import resource
import time
from dataclasses import dataclass

from odoo.fields import Command
from odoo.tools import SQL

READINGS = 10
MODELS = 10
METERS = (5000, 10000, 15000, 20000, 30000, 40000)


@dataclass
class Cost:
    """Of one night. CPU is Odoo's alone, without PostgreSQL."""

    statements: int
    cpu: float
    wall: float
    peak_mb: float


class Scene:
    """Vehicles with plans, readings and services done; written past the ORM."""

    def __init__(self, env, vehicles):
        self.env = env
        self.category = env["aftersales.asset.category"].create(
            {"name": "Benchmark", "meter_unit": "km", "is_vehicle": True}
        )
        brand = env["fleet.vehicle.model.brand"].create({"name": "Benchmark"})
        self.models = env["fleet.vehicle.model"].create(
            [
                {"name": f"Model {number}", "brand_id": brand.id}
                for number in range(MODELS)
            ]
        )
        self.plans = env["aftersales.maintenance.plan"].create(
            [
                {
                    "name": "Benchmark",
                    **values,
                    "line_ids": [
                        Command.create(
                            {"name": f"{meter}", "meter": meter, "months": 6}
                        )
                        for meter in METERS
                    ],
                }
                for values in (
                    {"category_ids": [Command.link(self.category.id)]},
                    {"fleet_brand_ids": [Command.link(brand.id)], "year_from": 2015},
                    {"fleet_model_ids": [Command.link(self.models[0].id)]},
                )
            ]
        )
        env.flush_all()
        self._insert(vehicles)
        for table in (
            "aftersales_asset",
            "aftersales_meter",
            "aftersales_meter_reading",
            "aftersales_due",
        ):
            env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        env.invalidate_all()

    def _insert(self, vehicles):
        env = self.env
        facts = {
            "count": vehicles,
            "readings": READINGS,
            "company": env.company.id,
            "category": self.category.id,
            "brand": self.models.brand_id.id,
            "models": self.models.ids,
        }
        env.cr.execute(
            SQL(
                """
                INSERT INTO aftersales_asset (
                       name, active, company_id, category_id, is_vehicle, plate,
                       plate_key, fleet_brand_id, fleet_model_id, model_year,
                       date_first_registration, code_nonce)
                SELECT 'B ' || n, TRUE, %(company)s, %(category)s, TRUE, 'B ' || n,
                       'B' || n, %(brand)s,
                       (%(models)s::int[])[1 + n %% array_length(%(models)s::int[], 1)],
                       2010 + n %% 16, current_date - (100 + n %% 4000), n::varchar
                  FROM generate_series(1, %(count)s) AS n
                """,
                **facts,
            )
        )
        env.cr.execute(
            SQL(
                """
                INSERT INTO aftersales_meter (
                       asset_id, company_id, sequence, unit, value, total, date)
                SELECT id, company_id, 10, 'km',
                       (10 + id %% 60) * 700 + id %% 5000,
                       (10 + id %% 60) * 700 + id %% 5000,
                       current_date - 10
                  FROM aftersales_asset WHERE category_id = %(category)s
                """,
                **facts,
            )
        )
        # As in life: the readings of one day lie together, those of one car don't.
        env.cr.execute(
            SQL(
                """
                INSERT INTO aftersales_meter_reading (
                       meter_id, asset_id, company_id, date, value, total)
                SELECT meter.id, asset_id, meter.company_id,
                       current_date - 10 - 70 * n,
                       meter.total - (10 + asset_id %% 60) * 70 * n,
                       meter.total - (10 + asset_id %% 60) * 70 * n
                  FROM generate_series(0, %(readings)s - 1) AS n,
                       aftersales_meter meter
                  JOIN aftersales_asset asset ON asset.id = meter.asset_id
                 WHERE asset.category_id = %(category)s
                 ORDER BY n DESC, meter.id
                """,
                **facts,
            )
        )
        env.cr.execute(
            SQL(
                """
                INSERT INTO aftersales_due (
                       asset_id, company_id, line_id, meter_planned, meter_due, state,
                       invite_count, date_done, meter_done)
                SELECT asset.id, asset.company_id, %(line)s, 10000, 10000, 'done', 0,
                       current_date - 200, 10100
                  FROM aftersales_asset asset
                 WHERE asset.category_id = %(category)s AND asset.id %% 3 > 0
                """,
                line=self.plans[0].line_ids[1].id,
                **facts,
            )
        )

    def read_again(self):
        """A twentieth of the vehicles is read today."""
        self.env.cr.execute(
            SQL(
                """
                WITH read AS (
                    UPDATE aftersales_meter meter
                       SET value = meter.value + 400, total = meter.total + 400,
                           date = current_date
                      FROM aftersales_asset asset
                     WHERE asset.id = meter.asset_id AND asset.category_id = %s
                       AND asset.id %% 20 = 0
                    RETURNING meter.id, meter.asset_id, meter.company_id, meter.total
                )
                INSERT INTO aftersales_meter_reading (
                       meter_id, asset_id, company_id, date, value, total)
                SELECT id, asset_id, company_id, current_date, total, total FROM read
                """,
                self.category.id,
            )
        )


def measure(env, vehicles=200_000):
    """Return ``{night: Cost}``; the job commits after each batch, as by night."""
    scene = Scene(env, vehicles)
    costs = {}
    for night, before in (
        ("first", None),
        ("quiet", None),
        ("after readings", scene.read_again),
    ):
        if before:
            before()
        env.flush_all()
        env.invalidate_all()
        statements, worked = env.cr.sql_log_count, time.process_time()
        begun = time.perf_counter()
        env["aftersales.asset"]._cron_update_due()
        costs[night] = Cost(
            env.cr.sql_log_count - statements,
            time.process_time() - worked,
            time.perf_counter() - begun,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )
    due = env["aftersales.due"].search_count(
        [("asset_id.category_id", "=", scene.category.id), ("state", "=", "open")]
    )
    assert due == vehicles, f"{due} rows for {vehicles} vehicles"
    return costs


def report(costs):
    print(f"{'night':16}{'statements':>12}{'CPU s':>10}{'wall s':>10}{'peak MB':>10}")
    for night, cost in costs.items():
        print(
            f"{night:16}{cost.statements:12d}{cost.cpu:10.1f}{cost.wall:10.1f}"
            f"{cost.peak_mb:10.0f}"
        )
