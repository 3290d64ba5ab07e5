from odoo import api, models
from odoo.tools import SQL


class AftersalesAnalysis(models.Model):
    """Corrections after invoicing count for the job and the payer they are about."""

    _inherit = "aftersales.analysis"

    @api.model
    def _get_invoiced(self) -> SQL:
        columns = self._get_source_columns()
        replaced = {
            "job_id": SQL("COALESCE(entry.job_id, correction.job_id)"),
            "job_line_id": SQL("COALESCE(entry.job_line_id, correction.job_line_id)"),
            # On a credit note, what we bear is our payer's minus, as with shares.
            "payer_id": SQL(
                "CASE WHEN bearer.kind = 'absorbed' THEN bearer.id "
                "ELSE entry.payer_id END"
            ),
            "kind": SQL(
                "CASE WHEN correction.id IS NULL THEN entry.kind "
                "ELSE COALESCE(line.kind, 'share') END"
            ),
            "product_id": SQL("COALESCE(entry.product_id, line.product_id)"),
        }
        return SQL(
            """
            SELECT entry.source_id, %s
            FROM (%s) entry (source_id, %s)
            JOIN account_move_line item ON item.id = entry.source_id
            LEFT JOIN aftersales_correction correction
                ON correction.id = item.aftersales_correction_id
            LEFT JOIN aftersales_payer bearer ON bearer.id = correction.payer_id
            LEFT JOIN aftersales_job_line line ON line.id = correction.job_line_id
            """,
            SQL(", ").join(
                replaced.get(column, SQL("entry.%s", SQL.identifier(column)))
                for column in columns
            ),
            super()._get_invoiced(),
            SQL(", ").join(map(SQL.identifier, columns)),
        )
