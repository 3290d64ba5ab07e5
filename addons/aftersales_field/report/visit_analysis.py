from odoo import api, fields, models
from odoo.tools import SQL

# Who comes that much after the planned time, and promised no window, is punctual.
GRACE = "15 minutes"


class AftersalesVisitAnalysis(models.Model):
    """How visits went: a row per visit, from its steps and how it ended.

    Nothing is typed in for it: times come from the stamps, the rest from the close.
    """

    _name = "aftersales.visit.analysis"
    _inherit = "aftersales.analysis.mixin"
    _description = "Visit Analysis"
    _auto = False
    _rec_name = "visit_id"
    _order = "date desc, id desc"

    visit_id = fields.Many2one("aftersales.visit", readonly=True)
    order_id = fields.Many2one("aftersales.order", "Work Order", readonly=True)
    technician_id = fields.Many2one("hr.employee", "Engineer", readonly=True)
    territory_id = fields.Many2one("aftersales.territory", readonly=True)
    team_id = fields.Many2one("aftersales.team", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    category_id = fields.Many2one(
        "aftersales.asset.category", "Asset Category", readonly=True
    )
    recurring_id = fields.Many2one(
        "aftersales.recurring.visit", "Recurring Visit", readonly=True
    )
    state = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.visit"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    outcome = fields.Selection(
        selection=lambda self: self.env["aftersales.visit"].get_outcomes(),
        readonly=True,
    )
    date = fields.Datetime(readonly=True, help="When the visit began, or was planned.")
    visit_count = fields.Integer("Visits", readonly=True)
    hours_travel = fields.Float(
        "Travel Hours", readonly=True, help="From setting off to arriving."
    )
    hours_onsite = fields.Float(
        "Hours on Site", readonly=True, help="Without the pauses."
    )
    hours_planned = fields.Float("Planned Hours", readonly=True)
    arrival = fields.Selection(
        [("punctual", "Punctual"), ("late", "Late")], readonly=True
    )
    fix = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.order"]
            ._fields["first_time_fix"]
            ._description_selection(self.env)
        ),
        string="Fixed",
        readonly=True,
    )
    is_punctual = fields.Float(
        "Punctual",
        readonly=True,
        aggregator="avg",
        help="Of the visits where somebody arrived: within what the customer was told, "
        "or else up to 15 minutes after the planned time.",
    )
    first_time_fix = fields.Float(
        "Fixed at the First Visit",
        readonly=True,
        aggregator="avg",
        help="Of the completed work orders, counted at their last visit. An order "
        "whose problem came back was not fixed.",
    )
    opinion = fields.Float(
        "Customer's Opinion",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="From 1 to 5, of those who gave one.",
    )
    part_missing = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Of the visits that are done: those where a part was missing.",
    )

    _depends = {
        "aftersales.asset": ["category_id"],
        "aftersales.order": ["asset_id", "first_time_fix"],
        "aftersales.recurring.turn": ["order_id", "recurring_id"],
        "aftersales.visit": [
            "company_id",
            "date_arrived",
            "duration",
            "opinion",
            "order_id",
            "outcome",
            "partner_id",
            "start",
            "state",
            "team_id",
            "technician_id",
            "territory_id",
            "window_start",
            "window_stop",
        ],
        "aftersales.visit.part": ["kind", "visit_id"],
        "aftersales.visit.stamp": ["date", "kind", "visit_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT %(select)s
            FROM aftersales_visit visit
            JOIN aftersales_order work ON work.id = visit.order_id
            JOIN res_company company ON company.id = visit.company_id
            LEFT JOIN aftersales_asset asset ON asset.id = work.asset_id
            LEFT JOIN aftersales_recurring_turn turn ON turn.order_id = work.id
            -- A row at a time, so that a filter on the visits keeps it short.
            LEFT JOIN LATERAL (%(steps)s) steps ON TRUE
            WHERE visit.state NOT IN ('draft', 'cancel')
            """,
            select=self._select(),
            steps=self._get_steps(),
        )

    @api.model
    def _get_steps(self) -> SQL:
        """Return the query of the hours between the steps of one visit."""
        return SQL(
            """
            SELECT SUM(step.hours) FILTER (WHERE step.kind = 'travel') AS hours_travel,
                SUM(step.hours) FILTER (
                    WHERE step.kind IN ('arrive', 'resume')
                ) AS hours_onsite
            FROM (
                SELECT stamp.kind, extract(
                    epoch FROM LEAD(stamp.date) OVER (ORDER BY stamp.date, stamp.id)
                        - stamp.date
                ) / 3600 AS hours
                FROM aftersales_visit_stamp stamp
                WHERE stamp.visit_id = visit.id
            ) step
            """
        )

    @api.model
    def _select(self) -> SQL:
        return SQL(
            """
                visit.id,
                visit.id AS visit_id,
                visit.order_id,
                visit.technician_id,
                visit.territory_id,
                visit.team_id,
                visit.partner_id,
                asset.category_id,
                turn.recurring_id,
                visit.state,
                visit.outcome,
                COALESCE(visit.date_arrived, visit.start) AS date,
                visit.company_id,
                company.currency_id,
                1 AS visit_count,
                steps.hours_travel::float8 AS hours_travel,
                steps.hours_onsite::float8 AS hours_onsite,
                visit.duration AS hours_planned,
                CASE WHEN %(punctual)s THEN 'punctual' WHEN NOT %(punctual)s THEN 'late'
                END AS arrival,
                %(punctual)s::int::float8 AS is_punctual,
                CASE WHEN %(is_last)s THEN work.first_time_fix END AS fix,
                CASE WHEN %(is_last)s THEN (work.first_time_fix = 'yes')::int::float8
                END AS first_time_fix,
                CASE WHEN visit.opinion IN ('1', '2', '3', '4', '5')
                    THEN visit.opinion::float8 END AS opinion,
                CASE WHEN visit.state = 'done' THEN (
                    visit.outcome = 'part_missing' OR EXISTS (
                        SELECT FROM aftersales_visit_part part
                        WHERE part.visit_id = visit.id AND part.kind = 'missing'
                    )
                )::int::float8 END AS part_missing
            """,
            # Not known before somebody arrived.
            punctual=SQL(
                "(visit.date_arrived <="
                " COALESCE(visit.window_stop, visit.start + %s::interval))",
                GRACE,
            ),
            is_last=SQL(
                "(visit.id = (SELECT MAX(last.id) FROM aftersales_visit last"
                " WHERE last.order_id = work.id AND last.state = 'done'))"
            ),
        )

    def action_view_visit(self):
        """Open the visit of this row."""
        self.ensure_one()
        return self.visit_id.get_formview_action()
