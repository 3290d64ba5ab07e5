from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL

# How far ahead a guarantee without an end is looked at.
LONGEST_COVER_MONTHS = 120


class AftersalesWarrantyRegistration(models.Model):
    _inherit = "aftersales.warranty.registration"

    date_closed = fields.Date(
        readonly=True, copy=False, help="The day it was ended or declared void."
    )

    def _set_state(self, state, **values):
        """Keep the day on which a guarantee ends before its time."""
        if state in ("ended", "void"):
            values.setdefault("date_closed", fields.Date.context_today(self))
        elif state == "active":
            values.setdefault("date_closed", False)
        return super()._set_state(state, **values)


class AftersalesProvision(models.Model):
    """Read from the database what guarantees covered, and what they did cost."""

    _inherit = "aftersales.provision"

    def _get_payers(self):
        """Return the payers whose cost our guarantees are: ``warranty``, or chosen."""
        company = self.company_id.sudo()
        return company.aftersales_provision_payer_ids or self.env[
            "aftersales.payer"
        ].sudo().search([("company_id", "=", company.id), ("code", "=", "warranty")])

    def _get_since(self):
        """Return the first day of the history that is looked at."""
        next_day = fields.Date.add(self.date, days=1)
        return fields.Date.subtract(next_day, months=self.history_months)

    def _get_units_sql(self):
        """Return the units of this company and the time they are under guarantee.

        Law and promise together cover a unit from the first start to the last end.
        """
        return SQL(
            """
            SELECT asset.id AS asset_id,
                   asset.product_id AS product_id,
                   MIN(registration.date_start) AS date_start,
                   MAX(LEAST(
                       COALESCE(
                           registration.date_end,
                           registration.date_start
                           + MAKE_INTERVAL(months => %(longest)s)
                       )::date,
                       CASE WHEN registration.state = 'ended'
                            THEN registration.date_closed END
                   )) AS date_end
              FROM aftersales_warranty_registration registration
              JOIN aftersales_asset asset ON asset.id = registration.asset_id
             WHERE registration.company_id = %(company)s
               AND registration.pack_kind IN ('legal', 'promise')
               AND registration.state IN ('active', 'ended')
               AND registration.date_start <= %(date)s
          GROUP BY asset.id, asset.product_id
            """,
            company=self.company_id.id,
            date=self.date,
            longest=LONGEST_COVER_MONTHS,
        )

    def _get_unit_months(self):
        """Return months under guarantee per ``(product id, age)``: seen, and ahead.

        A month of a unit that lies partly in the history, or partly ahead, counts by
        its days.

        :return: ``({key: months seen}, {key: months ahead}, units with cover ahead)``
        """
        self.env["aftersales.warranty.registration"].flush_model()
        self.env["aftersales.asset"].flush_model(["product_id", "company_id"])
        units = self._get_units_sql()
        next_day = fields.Date.add(self.date, days=1)
        # By unit and month of age; read as records this would be millions of rows.
        rows = self.env.execute_query(
            SQL(
                """
                WITH units AS (%(units)s),
                months AS (
                    SELECT unit.product_id,
                           age,
                           (unit.date_start + MAKE_INTERVAL(months => age))::date
                               AS month_start,
                           (unit.date_start + MAKE_INTERVAL(months => age + 1))::date
                               AS month_end,
                           unit.date_end + 1 AS cover_end
                      FROM units unit
                CROSS JOIN LATERAL GENERATE_SERIES(
                               0,
                               (12 * EXTRACT(YEAR FROM AGE(
                                    unit.date_end + 1, unit.date_start))
                                + EXTRACT(MONTH FROM AGE(
                                    unit.date_end + 1, unit.date_start)))::int
                           ) AS age
                     WHERE unit.date_end >= unit.date_start
                ),
                shares AS (
                    SELECT product_id,
                           age,
                           GREATEST(
                               LEAST(month_end, cover_end, %(next_day)s::date)
                               - GREATEST(month_start, %(since)s::date), 0
                           )::numeric / (month_end - month_start) AS seen,
                           GREATEST(
                               LEAST(month_end, cover_end)
                               - GREATEST(month_start, %(next_day)s::date), 0
                           )::numeric / (month_end - month_start) AS ahead
                      FROM months
                )
                SELECT product_id, age, SUM(seen), SUM(ahead)
                  FROM shares
                 WHERE seen > 0 OR ahead > 0
              GROUP BY product_id, age
                """,
                units=units,
                next_day=next_day,
                since=self._get_since(),
            )
        )
        exposed, covered = {}, {}
        for product, age, seen, ahead in rows:
            if seen:
                exposed[product or False, age] = float(seen)
            if ahead:
                covered[product or False, age] = float(ahead)
        [(unit_count,)] = self.env.execute_query(
            SQL(
                "WITH units AS (%s) SELECT COUNT(*) FROM units WHERE date_end > %s",
                units,
                self.date,
            )
        )
        return exposed, covered, unit_count

    def _get_costs(self):
        """Return ``{(product id, age): cost}`` that the guarantee bore in the history.

        Parts by the value that left the stock, sublet work by its purchase, our share
        of a customer's bill by what was booked, labour and fees by the hours done at
        the cost of their product. Only what fell into the guarantee of its unit.
        """
        payers = self._get_payers()
        if not payers:
            return {}
        self.env.flush_all()
        # Five tables by unit and age: grouped in the database, they are a few rows.
        rows = self.env.execute_query(
            SQL(
                """
                WITH units AS (%(units)s),
                costs AS (%(costs)s)
                SELECT unit.product_id,
                       age,
                       cost.service_id,
                       SUM(cost.amount),
                       SUM(cost.quantity)
                  FROM costs cost
                  JOIN units unit ON unit.asset_id = cost.asset_id
            CROSS JOIN LATERAL GENERATE_SERIES(
                           0,
                           12 * (EXTRACT(YEAR FROM AGE(
                               unit.date_end + 1, unit.date_start))::int + 1)
                       ) AS age
                 WHERE cost.date BETWEEN %(since)s AND %(date)s
                   AND cost.date BETWEEN unit.date_start AND unit.date_end
                   AND cost.date >= unit.date_start + MAKE_INTERVAL(months => age)
                   AND cost.date < unit.date_start + MAKE_INTERVAL(months => age + 1)
              GROUP BY unit.product_id, age, cost.service_id
                """,
                units=self._get_units_sql(),
                costs=SQL(" UNION ALL ").join(self._get_cost_queries(payers)),
                since=self._get_since(),
                date=self.date,
            )
        )
        services = self.env["product.product"].browse(
            {service for _product, _age, service, *_sums in rows if service}
        )
        prices = {
            service.id: service.with_company(self.company_id).standard_price
            for service in services
        }
        costs = defaultdict(float)
        for product, age, service, amount, quantity in rows:
            costs[product or False, age] += float(amount or 0.0)
            costs[product or False, age] += float(quantity or 0.0) * prices.get(
                service, 0.0
            )
        return dict(costs)

    def _get_cost_queries(self, payers):
        """Return queries of what ``payers`` bore.

        Each gives asset_id, date, service_id, amount in company currency, and
        quantity of the service in its own unit where its cost is by quantity.
        """
        values = {"payers": tuple(payers.ids), "company": self.company_id.id}
        return [
            SQL(
                """
                SELECT work.asset_id, move.date::date AS date,
                       NULL::int AS service_id,
                       CASE WHEN target.usage = 'customer'
                            THEN move.value ELSE -move.value END::numeric AS amount,
                       NULL::numeric AS quantity
                  FROM stock_move move
                  JOIN aftersales_job_line line ON line.id = move.job_line_id
                  JOIN aftersales_order work ON work.id = line.order_id
                  JOIN stock_location source ON source.id = move.location_id
                  JOIN stock_location target ON target.id = move.location_dest_id
                 WHERE line.payer_id IN %(payers)s
                   AND work.company_id = %(company)s
                   AND move.state = 'done'
                   AND (source.usage = 'customer') != (target.usage = 'customer')
                """,
                **values,
            ),
            SQL(
                """
                SELECT work.asset_id,
                       COALESCE(work.date_completed, work.date_in,
                                work.create_date)::date,
                       line.product_id,
                       NULL::numeric,
                       (CASE WHEN line.hours_basis = 'clocked'
                             THEN line.hours_clocked
                             ELSE line.product_uom_qty END
                        * line_uom.factor / product_uom.factor)::numeric
                  FROM aftersales_job_line line
                  JOIN aftersales_job job ON job.id = line.job_id
                  JOIN aftersales_order work ON work.id = line.order_id
                  JOIN product_product product ON product.id = line.product_id
                  JOIN product_template template
                    ON template.id = product.product_tmpl_id
                  JOIN uom_uom line_uom ON line_uom.id = line.product_uom_id
                  JOIN uom_uom product_uom ON product_uom.id = template.uom_id
                 WHERE line.payer_id IN %(payers)s
                   AND work.company_id = %(company)s
                   AND line.kind IN ('labour', 'fee')
                   AND job.state = 'done'
                """,
                **values,
            ),
            SQL(
                """
                SELECT work.asset_id,
                       COALESCE(work.date_completed, work.date_in,
                                work.create_date)::date,
                       NULL::int,
                       (bought.price_subtotal
                        / COALESCE(NULLIF(purchase.currency_rate, 0), 1))::numeric,
                       NULL::numeric
                  FROM purchase_order_line bought
                  JOIN purchase_order purchase ON purchase.id = bought.order_id
                  JOIN aftersales_job_line line ON line.id = bought.job_line_id
                  JOIN aftersales_job job ON job.id = line.job_id
                  JOIN aftersales_order work ON work.id = line.order_id
                 WHERE line.payer_id IN %(payers)s
                   AND work.company_id = %(company)s
                   AND line.kind = 'sublet'
                   AND job.state = 'done'
                   AND purchase.state != 'cancel'
                """,
                **values,
            ),
            SQL(
                """
                SELECT work.asset_id, item.date, NULL::int, item.balance,
                       NULL::numeric
                  FROM aftersales_job_share share
                  JOIN sale_order_line sold ON sold.job_share_id = share.id
                  JOIN sale_order_line_invoice_rel link
                    ON link.order_line_id = sold.id
                  JOIN account_move_line item ON item.id = link.invoice_line_id
                  JOIN aftersales_job job ON job.id = share.job_id
                  JOIN aftersales_order work ON work.id = job.order_id
                 WHERE share.payer_id IN %(payers)s
                   AND work.company_id = %(company)s
                   AND item.parent_state = 'posted'
                """,
                **values,
            ),
        ]
