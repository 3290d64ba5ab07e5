from odoo import api, fields, models
from odoo.tools import SQL


class AftersalesAnalysisMixin(models.AbstractModel):
    """An analysis whose rows are other records seen as entries of one kind.

    Its sources are queries that select the id of their record and then the same
    columns; one of these, ``figure``, names the measure that ``amount`` feeds.
    """

    _name = "aftersales.analysis.mixin"
    _description = "Analysis of Entries"
    _auto = False

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @api.model
    def _get_sources(self):
        """Return the queries whose rows are the entries."""
        return []

    @api.model
    def _get_source_columns(self):
        """Columns that each source selects after its id, in this order."""
        return []

    @api.model
    def _get_entries(self) -> SQL:
        """Return the query of all entries: an id of their own, and the columns."""
        sources = self._get_sources()
        columns = SQL(", ").join(map(SQL.identifier, self._get_source_columns()))
        return SQL(" UNION ALL ").join(
            SQL(
                # Sources count their own records: keep their ids apart.
                "SELECT %s * source_id + %s AS id, %s FROM (%s) source (source_id, %s)",
                len(sources),
                index,
                columns,
                source,
                columns,
            )
            for index, source in enumerate(sources)
        )

    @api.model
    def _select_figures(self, names, amount) -> SQL:
        """Return a column per measure: ``amount`` in the rows of its own entries."""
        return SQL(", ").join(
            SQL(
                "CASE WHEN entry.figure = %s THEN %s ELSE 0 END AS %s",
                name,
                amount,
                SQL.identifier(name),
            )
            for name in names
        )
