from odoo import api, fields, models
from odoo.tools import SQL


class AftersalesReturnAnalysis(models.Model):
    """What comes back, how soon it is settled, what it costs and who pays for it.

    Each row is one of Odoo's own records seen from its return, so that sums are theirs
    to the cent: a line of a return, a delivery, a valued move, an item of a posted
    invoice or credit note, a work order, a claim or a lost parcel.
    """

    _name = "aftersales.return.analysis"
    _inherit = "aftersales.analysis.mixin"
    _description = "Return Analysis"
    _auto = False
    _rec_name = "return_id"
    _order = "date desc, line_id, id"

    return_id = fields.Many2one("aftersales.return", readonly=True)
    line_id = fields.Many2one("aftersales.return.line", "Goods", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    product_categ_id = fields.Many2one(
        "product.category", "Product Category", readonly=True
    )
    supplier_id = fields.Many2one(
        "res.partner", readonly=True, help="The product's first supplier."
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    reason_id = fields.Many2one("aftersales.return.reason", readonly=True)
    grade_id = fields.Many2one("aftersales.return.grade", readonly=True)
    operation_id = fields.Many2one("aftersales.return.operation", readonly=True)
    user_id = fields.Many2one("res.users", "Responsible", readonly=True)
    state = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.return.line"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    ageing = fields.Selection(
        [
            ("a", "Up to 7 days"),
            ("b", "8 to 14 days"),
            ("c", "15 to 30 days"),
            ("d", "More than 30 days"),
        ],
        readonly=True,
        help="How long an open one has been running. Empty: nothing is open.",
    )
    date = fields.Datetime(
        readonly=True, help="Of returns when it was asked for, of deliveries their own."
    )
    line_count = fields.Integer("Lines", readonly=True)
    quantity_returned = fields.Float(
        "Returned",
        readonly=True,
        digits="Product Unit",
        help="What arrived, or was refunded without, in the unit of the product.",
    )
    quantity_delivered = fields.Float("Delivered", readonly=True, digits="Product Unit")
    return_rate = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Returned of delivered. Where a group says nothing of deliveries, such as "
        "a reason: of all that was delivered.",
    )
    days_open = fields.Float(readonly=True, aggregator="avg")
    days_to_settle = fields.Float(
        "Days to Settle",
        readonly=True,
        aggregator="avg",
        help="From the request until the customer had what was agreed.",
    )
    amount_refunded = fields.Monetary(
        "Refunded", readonly=True, help="Posted credit notes, without taxes."
    )
    cost_goods = fields.Monetary(
        "Value of Goods",
        readonly=True,
        help="Value of what was given or scrapped, less what came back.",
    )
    cost_repair = fields.Monetary(
        "Repair Cost",
        readonly=True,
        help="Cost of the work orders less what they billed.",
    )
    cost_freight = fields.Monetary(
        "Freight", readonly=True, help="Of goods that were sent to their suppliers."
    )
    amount_charged = fields.Monetary(
        "Charged", readonly=True, help="Replacements whose old one was not sent back."
    )
    cost = fields.Monetary(
        readonly=True,
        help="Refunded, goods, repair and freight, less what was charged. Goods count "
        "when they come, refunds when their credit notes are posted: until then it is "
        "below zero.",
    )
    amount_recovered = fields.Monetary(
        "Recovered",
        readonly=True,
        help="What suppliers and carriers paid for it, and credits of suppliers.",
    )
    cost_net = fields.Monetary(
        "Left with Us", readonly=True, help="Cost less what was recovered."
    )

    _depends = {
        "account.move": ["amount_untaxed", "move_type", "reversed_entry_id", "state"],
        "account.move.line": [
            "aftersales_return_line_id",
            "aftersales_trip_id",
            "balance",
            "display_type",
            "move_id",
            "parent_state",
        ],
        "aftersales.claim": ["currency_id", "date_sent"],
        "aftersales.claim.line": ["amount_paid", "claim_id", "return_line_id"],
        "aftersales.order": ["state"],
        "aftersales.return": ["date_requested", "partner_id", "state", "user_id"],
        "aftersales.return.line": [
            "charge_line_id",
            "date_given",
            "goods",
            "grade_id",
            "operation_id",
            "order_id",
            "product_id",
            "product_uom_id",
            "quantity",
            "reason_id",
            "return_id",
            "state",
        ],
        "aftersales.shipment": ["amount_recovered", "return_id", "state", "trip_id"],
        "aftersales.supplier.trip": ["freight_amount", "line_id", "return_id", "state"],
        "product.supplierinfo": ["company_id", "partner_id", "product_tmpl_id"],
        "product.template": ["categ_id", "uom_id"],
        "sale.order.line": ["product_id"],
        "stock.move": [
            "aftersales_return_line_id",
            "is_in",
            "is_out",
            "location_dest_id",
            "location_id",
            "quantity",
            "state",
            "value",
        ],
        "stock.picking": ["partner_id"],
        "uom.uom": ["factor"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT
                figures.*,
                figures.amount_refunded + figures.cost_goods + figures.cost_repair
                    + figures.cost_freight - figures.amount_charged AS cost,
                figures.amount_refunded + figures.cost_goods + figures.cost_repair
                    + figures.cost_freight - figures.amount_charged
                    - figures.amount_recovered AS cost_net
            FROM (
                SELECT %(select)s
                FROM (%(entries)s) entry
                LEFT JOIN aftersales_return_line line ON line.id = entry.line_id
                LEFT JOIN aftersales_return rma
                    ON rma.id = COALESCE(line.return_id, entry.return_id)
                LEFT JOIN product_product product
                    ON product.id = COALESCE(entry.product_id, line.product_id)
                LEFT JOIN product_template template
                    ON template.id = product.product_tmpl_id
                JOIN res_company company
                    ON company.id = COALESCE(entry.company_id, rma.company_id)
                JOIN res_currency currency ON currency.id = company.currency_id
                LEFT JOIN LATERAL (
                    SELECT info.partner_id FROM product_supplierinfo info
                    WHERE info.product_tmpl_id = template.id
                        AND COALESCE(info.company_id, company.id) = company.id
                    ORDER BY info.sequence, info.id LIMIT 1
                ) supplier ON TRUE
            ) figures
            """,
            select=self._select(),
            entries=self._get_entries(),
        )

    @api.model
    def _get_source_columns(self):
        return [
            "return_id",
            "line_id",
            "product_id",
            "partner_id",
            "company_id",
            "date",
            "figure",
            "amount",
        ]

    @api.model
    def _get_quantities(self):
        return ["quantity_returned", "quantity_delivered"]

    @api.model
    def _get_amounts(self):
        return [
            "amount_refunded",
            "cost_goods",
            "cost_repair",
            "cost_freight",
            "amount_charged",
            "amount_recovered",
        ]

    @api.model
    def _select(self) -> SQL:
        # What a line itself says stands in one row only.
        own = SQL("entry.figure = 'quantity_returned'")
        age = SQL("(now() AT TIME ZONE 'UTC')::date - rma.date_requested::date")
        is_open = SQL(
            "%s AND rma.state IN ('draft', 'open')"
            " AND line.state NOT IN ('done', 'cancel', 'lost')",
            own,
        )
        return SQL(
            """
                entry.id,
                rma.id AS return_id,
                line.id AS line_id,
                product.id AS product_id,
                template.categ_id AS product_categ_id,
                supplier.partner_id AS supplier_id,
                COALESCE(rma.partner_id, entry.partner_id) AS partner_id,
                line.reason_id,
                line.grade_id,
                line.operation_id,
                rma.user_id,
                line.state,
                COALESCE(rma.date_requested, entry.date) AS date,
                company.id AS company_id,
                company.currency_id,
                CASE WHEN %(own)s THEN 1 ELSE 0 END AS line_count,
                CASE WHEN NOT (%(is_open)s) THEN NULL
                    WHEN %(age)s <= 7 THEN 'a'
                    WHEN %(age)s <= 14 THEN 'b'
                    WHEN %(age)s <= 30 THEN 'c'
                    ELSE 'd' END AS ageing,
                CASE WHEN %(is_open)s THEN %(age)s END AS days_open,
                CASE WHEN %(own)s
                    THEN line.date_given::date - rma.date_requested::date
                    END AS days_to_settle,
                NULL::float AS return_rate,
                %(quantities)s,
                %(amounts)s
            """,
            own=own,
            is_open=is_open,
            age=age,
            quantities=self._select_figures(
                self._get_quantities(), SQL("entry.amount")
            ),
            amounts=self._select_figures(
                self._get_amounts(),
                SQL("ROUND(entry.amount::numeric, currency.decimal_places)"),
            ),
        )

    def _read_group_select(self, aggregate_spec, query):
        """The rate of a group is that of its sums, and not the mean of its rows."""
        if aggregate_spec != "return_rate:avg":
            return super()._read_group_select(aggregate_spec, query)
        returned, delivered = (
            self._field_to_sql(self._table, name, query)
            for name in self._get_quantities()
        )
        everything = SQL(
            "(SELECT SUM(%s) FROM %s WHERE %s)",
            delivered,
            query.from_clause,
            query.where_clause or SQL("TRUE"),
        )
        return SQL(
            "SUM(%(returned)s) / COALESCE(NULLIF(SUM(%(delivered)s), 0),"
            " NULLIF(%(everything)s, 0))",
            returned=returned,
            delivered=delivered,
            everything=everything,
        )

    def action_view_return(self):
        self.ensure_one()
        return self.return_id.get_formview_action()
