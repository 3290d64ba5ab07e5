from odoo import api, fields, models
from odoo.tools import SQL


class AftersalesClaimAgeing(models.Model):
    """What makers and suppliers owe for claims, by the days since it was first sent.

    One entry per claim line with something open, in the company's currency. Computed
    when it is read.
    """

    _name = "aftersales.claim.ageing"
    _description = "Claim Ageing"
    _auto = False
    _order = "age_days desc, id"
    _rec_name = "claim_id"

    claim_id = fields.Many2one("aftersales.claim", readonly=True)
    line_id = fields.Many2one("aftersales.claim.line", readonly=True)
    order_id = fields.Many2one("aftersales.order", "Work Order", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    partner_id = fields.Many2one("res.partner", "Claimed From", readonly=True)
    payer_id = fields.Many2one("aftersales.payer", readonly=True)
    method = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.payer"]
            ._fields["claim_method"]
            ._description_selection(self.env)
        ),
        string="Kind",
        readonly=True,
    )
    state = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.claim"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    user_id = fields.Many2one("res.users", "Responsible", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date_first_sent = fields.Date("First Sent", readonly=True)
    age_days = fields.Integer("Days", readonly=True, aggregator="max")
    age_bucket = fields.Selection(
        [
            ("0", "Up to 30 days"),
            ("1", "31 to 60 days"),
            ("2", "61 to 90 days"),
            ("3", "91 to 180 days"),
            ("4", "Over 180 days"),
        ],
        "Age",
        readonly=True,
    )
    amount_open = fields.Monetary("Open", readonly=True)
    amount_undecided = fields.Monetary("To Decide", readonly=True)

    _depends = {
        "account.move": ["amount_total", "amount_total_signed"],
        "aftersales.claim": [
            "company_id",
            "date_first_sent",
            "method",
            "move_id",
            "partner_id",
            "payer_id",
            "state",
            "user_id",
        ],
        "aftersales.claim.line": [
            "amount_open",
            "amount_undecided",
            "claim_id",
            "order_id",
            "product_id",
        ],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT
                aged.*,
                CASE
                    WHEN aged.age_days <= 30 THEN '0'
                    WHEN aged.age_days <= 60 THEN '1'
                    WHEN aged.age_days <= 90 THEN '2'
                    WHEN aged.age_days <= 180 THEN '3'
                    ELSE '4'
                END AS age_bucket
            FROM (%s) aged
            """,
            self._get_entries(),
        )

    @api.model
    def _get_entries(self) -> SQL:
        return SQL(
            """
            SELECT
                line.id,
                line.id AS line_id,
                claim.id AS claim_id,
                line.order_id,
                line.product_id,
                claim.partner_id,
                claim.payer_id,
                claim.method,
                claim.state,
                claim.user_id,
                claim.company_id,
                company.currency_id,
                claim.date_first_sent,
                %(today)s::date - claim.date_first_sent AS age_days,
                ROUND(line.amount_open * rate.value, currency.decimal_places)
                    AS amount_open,
                ROUND(line.amount_undecided * rate.value, currency.decimal_places)
                    AS amount_undecided
            FROM aftersales_claim_line line
            JOIN aftersales_claim claim ON claim.id = line.claim_id
            JOIN res_company company ON company.id = claim.company_id
            JOIN res_currency currency ON currency.id = company.currency_id
            LEFT JOIN account_move move ON move.id = claim.move_id
            -- At the rate it was booked, as the receivable is.
            CROSS JOIN LATERAL (
                SELECT COALESCE(
                    ABS(move.amount_total_signed / NULLIF(move.amount_total, 0)), 1
                ) AS value
            ) rate
            WHERE claim.date_first_sent IS NOT NULL
                AND claim.state NOT IN ('draft', 'cancel')
                AND line.amount_open != 0
            """,
            today=fields.Date.context_today(self),
        )

    def action_view_claim(self):
        self.ensure_one()
        return self.claim_id.get_formview_action()
