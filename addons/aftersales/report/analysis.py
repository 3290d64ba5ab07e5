from odoo import api, fields, models
from odoo.tools import SQL


class AftersalesAnalysis(models.Model):
    """What work orders brought in and what they cost, entry by entry.

    Each row is one of Odoo's own records seen from its work order, so that sums are
    theirs to the cent: a quotation line, a posted invoice line, a stock move, a
    purchase line, or the labour and fees of a job that is done.
    """

    _name = "aftersales.analysis"
    _inherit = "aftersales.analysis.mixin"
    _description = "Work Order Analysis"
    _auto = False
    _rec_name = "order_id"
    _order = "date desc, job_line_id, id"

    order_id = fields.Many2one("aftersales.order", "Work Order", readonly=True)
    job_id = fields.Many2one("aftersales.job", readonly=True)
    job_line_id = fields.Many2one("aftersales.job.line", readonly=True)
    payer_id = fields.Many2one("aftersales.payer", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    kind = fields.Selection(
        [
            ("part", "Part"),
            ("labour", "Labour"),
            ("sublet", "Sublet"),
            ("fee", "Fee"),
            ("share", "Share"),
            ("other", "Other"),
        ],
        readonly=True,
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    asset_id = fields.Many2one("aftersales.asset", readonly=True)
    asset_category_id = fields.Many2one("aftersales.asset.category", readonly=True)
    team_id = fields.Many2one("aftersales.team", readonly=True)
    user_id = fields.Many2one("res.users", "Advisor", readonly=True)
    technician_id = fields.Many2one("hr.employee", readonly=True)
    template_id = fields.Many2one(
        "aftersales.job.template", "Job Template", readonly=True
    )
    date = fields.Datetime("Received", readonly=True)
    date_completed = fields.Datetime("Completed", readonly=True)
    state = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.order"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    amount_quoted = fields.Monetary(
        "Quoted", readonly=True, help="Without taxes, in the company's currency."
    )
    amount_invoiced = fields.Monetary(
        "Invoiced",
        readonly=True,
        help="Posted invoices less credit notes, without taxes and down payments.",
    )
    cost_parts = fields.Monetary(
        "Parts Cost",
        readonly=True,
        help="Value of the stock taken less what came back.",
    )
    cost_labour = fields.Monetary(
        "Labour Cost", readonly=True, help="Hours of done jobs at the product's cost."
    )
    cost_sublet = fields.Monetary("Sublet Cost", readonly=True, help="Purchase lines.")
    cost_fee = fields.Monetary(
        "Fees Cost", readonly=True, help="Fees of done jobs at the product's cost."
    )
    cost = fields.Monetary(readonly=True)
    margin = fields.Monetary(readonly=True, help="Invoiced less cost.")
    margin_percent = fields.Float("Margin %", readonly=True, aggregator="avg")
    hours = fields.Float(readonly=True, help="Labour of done jobs.")

    _depends = {
        "account.move": ["aftersales_payer_id", "move_type"],
        "account.move.line": [
            "aftersales_order_id",
            "balance",
            "display_type",
            "is_downpayment",
            "move_id",
            "parent_state",
            "product_id",
            "sale_line_ids",
        ],
        "aftersales.asset": ["category_id"],
        "aftersales.job": ["order_id", "state", "technician_id", "template_id"],
        "aftersales.job.line": [
            "hours_basis",
            "hours_clocked",
            "job_id",
            "kind",
            "order_id",
            "payer_id",
            "product_id",
            "product_uom_id",
            "product_uom_qty",
        ],
        "aftersales.job.share": ["payer_id"],
        "aftersales.payer": ["kind"],
        "aftersales.order": [
            "asset_id",
            "company_id",
            "date_completed",
            "partner_id",
            "state",
            "team_id",
            "user_id",
        ],
        "product.product": ["product_tmpl_id", "standard_price"],
        "product.template": ["uom_id"],
        "purchase.order": ["currency_rate", "state"],
        "purchase.order.line": ["job_line_id", "order_id", "price_subtotal"],
        "sale.order": [
            "aftersales_order_id",
            "aftersales_payer_id",
            "currency_rate",
            "state",
        ],
        "sale.order.line": [
            "aftersales_job_id",
            "display_type",
            "is_downpayment",
            "job_line_id",
            "job_share_id",
            "order_id",
            "price_subtotal",
            "product_id",
        ],
        "stock.location": ["usage"],
        "stock.move": [
            "job_line_id",
            "location_dest_id",
            "location_id",
            "state",
            "value",
        ],
        "uom.uom": ["factor", "parent_path"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT
                figures.*,
                figures.amount_invoiced - figures.cost AS margin,
                (figures.amount_invoiced - figures.cost)
                    / NULLIF(figures.amount_invoiced, 0) AS margin_percent
            FROM (
                SELECT %(select)s
                FROM (%(entries)s) entry
                JOIN aftersales_order work ON work.id = entry.order_id
                JOIN res_company company ON company.id = work.company_id
                JOIN res_currency currency ON currency.id = company.currency_id
                LEFT JOIN aftersales_asset asset ON asset.id = work.asset_id
                LEFT JOIN aftersales_job job ON job.id = entry.job_id
            ) figures
            """,
            select=self._select(),
            entries=self._get_entries(),
        )

    @api.model
    def _get_source_columns(self):
        return [
            "order_id",
            "job_id",
            "job_line_id",
            "payer_id",
            "product_id",
            "kind",
            "figure",
            "amount",
            "hours",
        ]

    @api.model
    def _get_figures(self):
        """Measures a source can feed: its ``figure`` says which."""
        return [
            "amount_quoted",
            "amount_invoiced",
            "cost_parts",
            "cost_labour",
            "cost_sublet",
            "cost_fee",
        ]

    @api.model
    def _select(self) -> SQL:
        amount = SQL("ROUND(entry.amount::numeric, currency.decimal_places)")
        return SQL(
            """
                entry.id,
                entry.order_id,
                entry.job_id,
                entry.job_line_id,
                entry.payer_id,
                entry.product_id,
                entry.kind,
                entry.hours,
                work.partner_id,
                work.asset_id,
                asset.category_id AS asset_category_id,
                work.team_id,
                work.user_id,
                job.technician_id,
                job.template_id,
                work.create_date AS date,
                work.date_completed,
                work.state,
                work.company_id,
                company.currency_id,
                CASE WHEN starts_with(entry.figure, 'cost') THEN %s ELSE 0 END AS cost,
                %s
            """,
            amount,
            self._select_figures(self._get_figures(), amount),
        )

    @api.model
    def _get_sources(self):
        return [
            self._get_quoted(),
            self._get_invoiced(),
            self._get_parts(),
            self._get_sublet(),
            self._get_services(),
        ]

    @api.model
    def _get_quoted(self) -> SQL:
        return SQL(
            """
            SELECT
                sale_line.id,
                sale.aftersales_order_id,
                sale_line.aftersales_job_id,
                sale_line.job_line_id,
                COALESCE(bearer.id, sale.aftersales_payer_id),
                sale_line.product_id,
                CASE WHEN sale_line.job_share_id IS NOT NULL THEN 'share'
                    ELSE COALESCE(line.kind, 'other') END,
                'amount_quoted',
                sale_line.price_subtotal / COALESCE(NULLIF(sale.currency_rate, 0), 1),
                0
            FROM sale_order_line sale_line
            JOIN sale_order sale ON sale.id = sale_line.order_id
            LEFT JOIN aftersales_job_line line ON line.id = sale_line.job_line_id
            %s
            WHERE sale.aftersales_order_id IS NOT NULL
                AND sale.state != 'cancel'
                AND sale_line.display_type IS NULL
                AND sale_line.is_downpayment IS NOT TRUE
            """,
            self._join_bearer(),
        )

    @api.model
    def _join_bearer(self) -> SQL:
        """What we bear of a bill is taken off it, and is our payer's minus."""
        return SQL(
            """
            LEFT JOIN aftersales_job_share share ON share.id = sale_line.job_share_id
            LEFT JOIN aftersales_payer bearer
                ON bearer.id = share.payer_id AND bearer.kind = 'absorbed'
            """
        )

    @api.model
    def _get_invoiced(self) -> SQL:
        return SQL(
            """
            SELECT
                item.id,
                item.aftersales_order_id,
                sale_line.aftersales_job_id,
                sale_line.job_line_id,
                COALESCE(bearer.id, sale.aftersales_payer_id, move.aftersales_payer_id),
                item.product_id,
                CASE WHEN sale_line.job_share_id IS NOT NULL THEN 'share'
                    ELSE COALESCE(line.kind, 'other') END,
                'amount_invoiced',
                -item.balance,
                0
            FROM account_move_line item
            JOIN account_move move ON move.id = item.move_id
            -- An item of several quotation lines is still one amount.
            LEFT JOIN LATERAL (
                SELECT MIN(rel.order_line_id) AS id
                FROM sale_order_line_invoice_rel rel
                WHERE rel.invoice_line_id = item.id
            ) origin ON TRUE
            LEFT JOIN sale_order_line sale_line ON sale_line.id = origin.id
            LEFT JOIN sale_order sale ON sale.id = sale_line.order_id
            LEFT JOIN aftersales_job_line line ON line.id = sale_line.job_line_id
            %s
            WHERE item.aftersales_order_id IS NOT NULL
                AND item.display_type = 'product'
                AND item.is_downpayment IS NOT TRUE
                AND item.parent_state = 'posted'
                AND move.move_type IN ('out_invoice', 'out_refund')
            """,
            self._join_bearer(),
        )

    @api.model
    def _get_parts(self) -> SQL:
        return SQL(
            """
            SELECT
                move.id,
                line.order_id,
                line.job_id,
                line.id,
                line.payer_id,
                move.product_id,
                line.kind,
                'cost_parts',
                CASE WHEN destination.usage = 'customer' THEN move.value
                    ELSE -move.value END,
                0
            FROM stock_move move
            JOIN aftersales_job_line line ON line.id = move.job_line_id
            JOIN stock_location source ON source.id = move.location_id
            JOIN stock_location destination ON destination.id = move.location_dest_id
            WHERE move.state = 'done'
                -- From store to bay nothing is used yet.
                AND (source.usage = 'customer') != (destination.usage = 'customer')
            """
        )

    @api.model
    def _get_sublet(self) -> SQL:
        return SQL(
            """
            SELECT
                purchase_line.id,
                line.order_id,
                line.job_id,
                line.id,
                line.payer_id,
                purchase_line.product_id,
                line.kind,
                'cost_sublet',
                purchase_line.price_subtotal
                    / COALESCE(NULLIF(purchase.currency_rate, 0), 1),
                0
            FROM purchase_order_line purchase_line
            JOIN purchase_order purchase ON purchase.id = purchase_line.order_id
            JOIN aftersales_job_line line ON line.id = purchase_line.job_line_id
            WHERE purchase.state != 'cancel'
            """
        )

    @api.model
    def _get_services(self) -> SQL:
        hour_id = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_hour")
        return SQL(
            """
            SELECT
                line.id,
                line.order_id,
                line.job_id,
                line.id,
                line.payer_id,
                line.product_id,
                line.kind,
                'cost_' || line.kind,
                used.quantity * unit.factor / product_unit.factor
                    * COALESCE(
                        (product.standard_price -> line.company_id::text)::float, 0
                    ),
                CASE WHEN line.kind = 'labour'
                    AND split_part(unit.parent_path, '/', 1)
                        = split_part(hour.parent_path, '/', 1)
                    THEN used.quantity * unit.factor / hour.factor ELSE 0 END
            FROM aftersales_job_line line
            JOIN aftersales_job job ON job.id = line.job_id AND job.state = 'done'
            JOIN product_product product ON product.id = line.product_id
            JOIN product_template template ON template.id = product.product_tmpl_id
            JOIN uom_uom unit ON unit.id = line.product_uom_id
            JOIN uom_uom product_unit ON product_unit.id = template.uom_id
            LEFT JOIN uom_uom hour ON hour.id = %(hour_id)s
            CROSS JOIN LATERAL (
                SELECT CASE WHEN line.hours_basis = 'clocked' THEN line.hours_clocked
                    ELSE line.product_uom_qty END AS quantity
            ) used
            WHERE line.kind IN ('labour', 'fee')
            """,
            hour_id=hour_id or None,
        )

    def _read_group_select(self, aggregate_spec, query):
        """The margin of a group is that of its sums, and not the mean of its rows."""
        if aggregate_spec != "margin_percent:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, "margin", query),
            self._field_to_sql(self._table, "amount_invoiced", query),
        )

    def action_view_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()
