from odoo import api, models
from odoo.tools import SQL


class AftersalesAnalysis(models.Model):
    """Labour that was clocked costs the technicians' time, entry by entry.

    The product's cost then steps back, so that no hour is counted twice. Jobs nobody
    clocked, or whose technicians have no hourly cost, keep the product's.
    """

    _inherit = "aftersales.analysis"

    _depends = {
        "aftersales.clock.entry": ["cost", "job_id", "kind", "order_id", "stop"],
        "aftersales.job": ["is_clocked", "payer_id"],
    }

    @api.model
    def _get_sources(self):
        # At the end: ids of the others count on their place.
        return [*super()._get_sources(), self._get_clocked()]

    @api.model
    def _get_services(self) -> SQL:
        columns = SQL(", ").join(map(SQL.identifier, self._get_source_columns()))
        kept = SQL(", ").join(
            SQL(
                """CASE WHEN service.kind = 'labour' AND clock.cost != 0
                    THEN 0 ELSE service.amount END"""
            )
            if column == "amount"
            else SQL.identifier("service", column)
            for column in self._get_source_columns()
        )
        return SQL(
            """
            SELECT service.source_id, %(kept)s
            FROM (%(services)s) service (source_id, %(columns)s)
            JOIN aftersales_job clocked_job ON clocked_job.id = service.job_id
            LEFT JOIN LATERAL (
                SELECT SUM(entry.cost) AS cost
                FROM aftersales_clock_entry entry
                WHERE clocked_job.is_clocked
                    AND entry.job_id = clocked_job.id
                    AND entry.kind = 'work'
            ) clock ON TRUE
            """,
            kept=kept,
            services=super()._get_services(),
            columns=columns,
        )

    @api.model
    def _get_clocked(self) -> SQL:
        values = {
            "order_id": SQL("entry.order_id"),
            "job_id": SQL("entry.job_id"),
            "payer_id": SQL("job.payer_id"),
            "kind": SQL("'labour'"),
            "figure": SQL("'cost_labour'"),
            "amount": SQL("entry.cost"),
            # The services say the hours; those of the clock would count twice.
            "hours": SQL("0"),
        }
        return SQL(
            """
            SELECT entry.id, %s
            FROM aftersales_clock_entry entry
            JOIN aftersales_job job ON job.id = entry.job_id
            WHERE entry.kind = 'work' AND entry.cost != 0
            """,
            SQL(", ").join(
                values.get(column, SQL("NULL::integer"))
                for column in self._get_source_columns()
            ),
        )
