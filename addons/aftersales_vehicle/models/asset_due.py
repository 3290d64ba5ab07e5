from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import find_next
from .apart import run_apart

BATCH = 10000
# A trend needs readings over some weeks; two close together tell a weekend trip.
TREND_READINGS = 10
TREND_YEARS = 2
TREND_MIN_DAYS = 30
# Above it somebody mistyped: 500 km a day.
TREND_MAX_PER_DAY = 500.0


class AftersalesAsset(models.Model):
    """When a vehicle is next due for service, as the nightly job reckons it.

    Trends, histories and results go through the database set by set: 200,000
    vehicles with ten readings each are a nightly matter. Memory is that of a batch.
    """

    _inherit = "aftersales.asset"

    next_service_date = fields.Date(
        "Next Service",
        readonly=True,
        copy=False,
        help="By the plan or by the forecast of the meter, whichever is first.",
    )
    next_service_meter = fields.Float(
        "Next Service at", digits=(16, 0), readonly=True, copy=False
    )

    @api.model
    def _cron_update_due(self, batch=BATCH):
        """Forecast the next service of all vehicles; run by night.

        It goes on where it stopped if its time was over: at once, as Odoo is told
        how many vehicles remain. A vehicle that can't be reckoned is logged and left
        as it was.
        """
        params = self.env["ir.config_parameter"].sudo()
        position = int(params.get_param("aftersales_vehicle.due_position", 0))
        plans = self._get_due_plans()
        while ids := self._get_due_batch(position, batch):
            run_apart(
                self.browse(ids),
                lambda vehicles, plans=plans: vehicles._update_due(plans),
            )
            position = ids[-1]
            remaining = self._count_due_left(position)
            params.set_param(
                "aftersales_vehicle.due_position", position if remaining else 0
            )
            self.env.invalidate_all()
            # Plans are few and read again and again: one read per batch.
            plans = self._get_due_plans()
            if not self.env["ir.cron"]._commit_progress(len(ids), remaining=remaining):
                return
        params.set_param("aftersales_vehicle.due_position", 0)

    @api.model
    def _get_due_batch(self, after, limit):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM aftersales_asset WHERE is_vehicle AND id > %s "
                "ORDER BY id LIMIT %s",
                after,
                limit,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _count_due_left(self, after):
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM aftersales_asset WHERE is_vehicle AND id > %s",
                after,
            )
        )
        return count

    @api.model
    def _get_due_plans(self):
        """Return the plans there are, with everything a batch asks of them."""
        return (
            self.env["aftersales.maintenance.plan"]
            .sudo()
            .search([("line_ids", "!=", False)])
        )

    def _get_maintenance_plan(self):
        """Return the plan this vehicle follows, or none."""
        self.ensure_one()
        key = (
            self.company_id.id,
            self.category_id.id,
            self.fleet_brand_id.id,
            self.fleet_model_id.id,
            self.model_year,
        )
        plans = self._get_due_plans()
        return plans._get_plan(plans, key)

    def _update_due(self, plans=None):
        """Forecast the next service of these vehicles, and bring the due list up
        to date: one open row per vehicle; what was skipped has lapsed."""
        if not self:
            return
        Due = self.env["aftersales.due"].sudo()
        for model in ("aftersales.meter", "aftersales.meter.reading", "aftersales.due"):
            self.env[model].flush_model()
        self.flush_model()
        plans = self._get_due_plans() if plans is None else plans
        rows = self._forecast_due(plans)
        known = self._get_known_due()
        next_by_asset = {row[0]: row for row in rows}
        lapsed = [
            due_id
            for due_id, asset_id, state, *key_and_value in known
            if state in ("open", "invited")
            and key_and_value[:2] != list(next_by_asset.get(asset_id, ())[2:4])
        ]
        unchanged = {
            (asset_id, *key_and_value)
            for _id, asset_id, _state, *key_and_value in known
        }
        again = self._store_due(
            [row for row in rows if row[:1] + row[2:] not in unchanged]
        )
        self._store_next_service(next_by_asset)
        Due.invalidate_model()
        Due.browse(again)._set_state("open")
        Due.browse(lapsed)._set_state("lapsed")

    def _forecast_due(self, plans):
        """Return ``[(asset, company, line, planned, meter due, day)]``.

        ``planned`` counts over all meters ever fitted; ``meter due`` is what the
        odometer reads then.
        """
        today = fields.Date.today()
        cycles = {plan: plan._get_cycle() for plan in plans}
        plan_by_key = {}
        yearly = {
            category.id: category.yearly_meter
            for category in self.env["aftersales.asset.category"]
            .sudo()
            .search([("is_vehicle", "=", True)])
        }
        result = []
        for row in self.env.execute_query(self._get_due_facts(today)):
            asset_id, *key, born, total, value, read_on, slope, span = row[:12]
            done_line, done_on, done_meter = row[12:]
            key = tuple(key)
            if key not in plan_by_key:
                Plan = self.env["aftersales.maintenance.plan"]
                plan_by_key[key] = Plan._get_plan(plans, key)
            plan = plan_by_key[key]
            if not plan:
                continue
            company_id, category_id = key[:2]
            per_day = yearly.get(category_id, 0.0) / 365
            if slope and span >= TREND_MIN_DAYS and 0 < slope <= TREND_MAX_PER_DAY:
                per_day = slope
            found = find_next(
                cycles[plan],
                born,
                (read_on, total) if read_on else None,
                per_day,
                (done_line, done_on, done_meter) if done_line else None,
            )
            if not found:
                continue
            offset = total - value if read_on else 0.0
            result.append(
                (
                    asset_id,
                    company_id,
                    found.step_id,
                    round(found.planned),
                    round(found.meter - offset),
                    found.day,
                )
            )
        return result

    def _get_due_facts(self, today):
        """Return the query of what the forecast goes by, a row per vehicle.

        The trend is the slope of a straight line through the last readings. The ORM
        would read every one of them.
        """
        return SQL(
            """
            SELECT asset.id, asset.company_id, asset.category_id,
                   asset.fleet_brand_id, asset.fleet_model_id, asset.model_year,
                   COALESCE(asset.date_first_registration, asset.date_sold),
                   main.total::float8, main.value::float8, main.date::date,
                   trend.slope, trend.span::float8,
                   done.line_id, done.date_done, done.meter_done::float8
              FROM aftersales_asset asset
              LEFT JOIN LATERAL (
                    SELECT id, total, value, date
                      FROM aftersales_meter
                     WHERE asset_id = asset.id
                     ORDER BY sequence, id
                     LIMIT 1
              ) main ON TRUE
              LEFT JOIN LATERAL (
                    SELECT regr_slope(total, extract(epoch FROM date) / 86400) AS slope,
                           extract(epoch FROM max(date) - min(date)) / 86400 AS span
                      FROM (
                            SELECT COALESCE(total, 0)::float8 AS total, date
                              FROM aftersales_meter_reading
                             WHERE meter_id = main.id AND date >= %(since)s
                             ORDER BY date DESC
                             LIMIT %(readings)s
                      ) readings
              ) trend ON TRUE
              LEFT JOIN LATERAL (
                    SELECT line_id, date_done, meter_done
                      FROM aftersales_due
                     WHERE asset_id = asset.id AND date_done IS NOT NULL
                     ORDER BY date_done DESC, meter_done DESC
                     LIMIT 1
              ) done ON TRUE
             WHERE asset.id = ANY(%(ids)s) AND asset.is_vehicle AND asset.active
            """,
            since=today - timedelta(days=365 * TREND_YEARS),
            readings=TREND_READINGS,
            ids=list(self.ids),
        )

    def _get_known_due(self):
        """Return ``[(id, asset, state, line, planned, meter due, day)]`` of the rows
        that wait for an answer or have one."""
        return self.env.execute_query(
            SQL(
                """
                SELECT id, asset_id, state, line_id, meter_planned::float8,
                       COALESCE(meter_due, 0)::float8, date_due
                  FROM aftersales_due
                 WHERE asset_id = ANY(%s)
                   AND state IN ('open', 'invited', 'booked', 'refused')
                """,
                list(self.ids),
            )
        )

    def _store_due(self, rows):
        """Write the rows of the due list that are new or changed.

        :return: the ids of rows that had lapsed and are next again
        """
        if not rows:
            return []
        assets, companies, lines, planned, meters, days = map(
            list, zip(*rows, strict=True)
        )
        stored = self.env.execute_query(
            SQL(
                """
                INSERT INTO aftersales_due AS due (
                       asset_id, company_id, line_id, meter_planned, meter_due,
                       date_due, state, invite_count,
                       create_uid, create_date, write_uid, write_date)
                SELECT next.asset_id, next.company_id, next.line_id, next.planned,
                       next.meter, next.day, 'open', 0,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s,
                       now() AT TIME ZONE 'UTC'
                  FROM unnest(%(assets)s::int[], %(companies)s::int[],
                              %(lines)s::int[], %(planned)s::numeric[],
                              %(meters)s::numeric[], %(days)s::date[])
                    AS next (asset_id, company_id, line_id, planned, meter, day)
                ON CONFLICT (asset_id, line_id, meter_planned) DO UPDATE
                   SET date_due = EXCLUDED.date_due, meter_due = EXCLUDED.meter_due
                 WHERE due.state <> 'done'
                RETURNING due.id, due.state
                """,
                uid=self.env.uid,
                assets=assets,
                companies=companies,
                lines=lines,
                planned=planned,
                meters=meters,
                days=days,
            )
        )
        return [due_id for due_id, state in stored if state == "lapsed"]

    def _store_next_service(self, next_by_asset):
        """Write the next service of the vehicles where it changed."""
        wanted = {asset_id: (None, None) for asset_id in self.ids}
        for asset_id, (*_key, meter, day) in next_by_asset.items():
            wanted[asset_id] = (day, meter)
        known = self.env.execute_query(
            SQL(
                "SELECT id, next_service_date, next_service_meter::float8 "
                "FROM aftersales_asset WHERE id = ANY(%s)",
                list(self.ids),
            )
        )
        changed = [
            (asset_id, *wanted[asset_id])
            for asset_id, day, meter in known
            if (day, meter) != wanted[asset_id]
        ]
        if changed:
            self.env.execute_query(
                SQL(
                    """
                    UPDATE aftersales_asset asset
                       SET next_service_date = next.day,
                           next_service_meter = next.meter
                      FROM unnest(%s::int[], %s::date[], %s::numeric[])
                        AS next (id, day, meter)
                     WHERE asset.id = next.id
                    RETURNING asset.id
                    """,
                    *map(list, zip(*changed, strict=True)),
                )
            )
        self.invalidate_recordset(["next_service_date", "next_service_meter"])
