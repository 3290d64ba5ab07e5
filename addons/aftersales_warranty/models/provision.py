from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount

from .provision_curve import draw_curve

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
    """What our guarantees will still cost, reckoned from what they did cost.

    For each model and month of age: the cost that the guarantee bore, per unit and
    month that was under guarantee, times the months of cover that units of the model
    still have ahead at that age. A model without experience of an age borrows that of
    its product category, then of all units, and the line says so.

    Cover that was sold is left out: its revenue is deferred to pay for it.
    """

    _name = "aftersales.provision"
    _description = "Warranty Provision"
    _inherit = ["aftersales.period.entry"]

    history_months = fields.Integer(
        "Months of History",
        required=True,
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
    )
    mode = fields.Selection(
        [
            ("reversal", "In full, reversed the next day"),
            ("change", "Only the change since the month before"),
        ],
        "Booked",
        required=True,
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary("Provision Needed")
    amount_before = fields.Monetary(
        "Carried So Far",
        readonly=True,
        copy=False,
        help="What the last posted provision left on the account, where only changes "
        "are booked.",
    )
    amount_entry = fields.Monetary("To Book", compute="_compute_amount_entry")
    unit_count = fields.Integer("Units under Guarantee", readonly=True, copy=False)
    line_ids = fields.One2many(
        "aftersales.provision.line", "provision_id", "Lines", readonly=True, copy=False
    )
    line_count = fields.Integer("Number of Lines", compute="_compute_line_count")
    basis_note = fields.Char(compute="_compute_basis_note")
    curve = fields.Html(compute="_compute_curve", sanitize=False)

    @api.depends("company_id")
    def _compute_defaults(self):
        for provision in self:
            company = provision.company_id
            provision.history_months = company.aftersales_provision_months
            provision.mode = company.aftersales_provision_mode

    @api.depends("amount", "amount_before")
    def _compute_amount_entry(self):
        for provision in self:
            provision.amount_entry = provision.amount - provision.amount_before

    @api.depends("line_ids")
    def _compute_line_count(self):
        counts = dict(
            self.env["aftersales.provision.line"]._read_group(
                [("provision_id", "in", self.ids)], ["provision_id"], ["__count"]
            )
        )
        for provision in self:
            provision.line_count = counts.get(provision._origin, 0)

    @api.depends("line_ids.basis", "line_ids.units_covered")
    def _compute_basis_note(self):
        """Say how much of the estimate rests on the experience of other units."""
        groups = self.env["aftersales.provision.line"]._read_group(
            [("provision_id", "in", self.ids)],
            ["provision_id", "basis"],
            ["units_covered:sum"],
        )
        months = defaultdict(dict)
        for provision, basis, covered in groups:
            months[provision][basis] = covered
        for provision in self:
            by_basis = months.get(provision._origin, {})
            total = sum(by_basis.values())
            other = total - by_basis.get("model", 0.0)
            unknown = by_basis.get("none", 0.0)
            note = False
            if unknown:
                note = self.env._(
                    "No cost of any guarantee is known for %(months)s months of cover: "
                    "they are in with nothing.",
                    months=f"{unknown:.0f}",
                )
            elif other:
                note = self.env._(
                    "For %(share)s %% of the cover ahead the model has no experience "
                    "of its own; that of its category or of all units stands in.",
                    share=f"{100 * other / total:.0f}",
                )
            provision.basis_note = note

    @api.depends("line_ids.cost", "line_ids.units_exposed", "line_ids.units_covered")
    def _compute_curve(self):
        for provision in self:
            provision.curve = provision._get_curve()

    def action_view_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.provision_line_action"
        )
        return {**action, "domain": [("provision_id", "=", self.id)]}

    def _get_title(self, month):
        return self.env._("Warranty provision %(month)s", month=month)

    @api.model
    def _get_account_fields(self):
        return (
            "aftersales_provision_expense_account_id",
            "aftersales_provision_account_id",
        )

    def _get_entry_amount(self):
        return self.amount_entry

    def _is_reversed(self):
        return self.mode == "reversal"

    def _compute_figures(self):
        self.ensure_one()
        self.line_ids.unlink()
        values_list, unit_count = self._get_figures()
        self.write(
            {
                "line_ids": [Command.create(values) for values in values_list],
                "amount": sum(values["amount"] for values in values_list),
                "unit_count": unit_count,
                "amount_before": self._get_amount_before(),
            }
        )

    def _check_can_be_taken_back(self):
        """The change of a month is reckoned from the months before it."""
        result = super()._check_can_be_taken_back()
        for provision in self.filtered(lambda item: item.state == "posted"):
            later = self.search(
                [
                    ("company_id", "=", provision.company_id.id),
                    ("date", ">", provision.date),
                    ("state", "=", "posted"),
                    ("mode", "=", "change"),
                    ("id", "not in", self.ids),
                ],
                limit=1,
            )
            if provision.mode == "change" and later:
                raise UserError(
                    self.env._(
                        "%(document)s: %(later)s books the change since then. Cancel "
                        "that one first.",
                        document=provision.display_name,
                        later=later.display_name,
                    )
                )
        return result

    def _get_amount_before(self):
        """Return what stands on the account from earlier months.

        :raises UserError: if it was carried and this one would be reversed in full
        """
        self.ensure_one()
        last = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("date", "<", self.date),
                ("state", "=", "posted"),
            ],
            order="date desc",
            limit=1,
        )
        carried = last.amount if last.mode == "change" else 0.0
        if carried and self.mode == "reversal":
            raise UserError(
                self.env._(
                    "%(last)s left %(amount)s on the account, to be changed month by "
                    "month. Let %(document)s book the change too.",
                    last=last.display_name,
                    amount=format_amount(self.env, carried, self.currency_id),
                    document=self.display_name,
                )
            )
        return carried

    def _get_payers(self):
        """Return the payers whose cost our guarantees are: ``warranty``, or chosen."""
        company = self.company_id.sudo()
        return company.aftersales_provision_payer_ids or self.env[
            "aftersales.payer"
        ].sudo().search([("company_id", "=", company.id), ("code", "=", "warranty")])

    def _get_figures(self):
        """Return ``([values per model and age], units under guarantee)``.

        Only models and ages with cover ahead or with experience have a line.
        """
        self.ensure_one()
        exposed, covered, unit_count = self._get_unit_months()
        costs = self._get_costs()
        products = self.env["product.product"].browse(
            {product for product, _age in exposed | covered | costs if product}
        )
        categories = {product.id: product.categ_id for product in products}
        # Experience of each model, of each category, of all, and at any age.
        seen = defaultdict(float)
        spent = defaultdict(float)
        for source, target in ((exposed, seen), (costs, spent)):
            for (product, age), figure in source.items():
                target["model", product, age] += figure
                if product:
                    target["category", categories[product].id, age] += figure
                target["all", 0, age] += figure
                target["average", 0, 0] += figure
        values_list = []
        for product, age in sorted(
            exposed | covered, key=lambda key: (key[0] or 0, key[1])
        ):
            category = categories.get(product, self.env["product.category"])
            basis, rate = "none", 0.0
            for basis_key in (
                ("model", product, age),
                ("category", category.id, age),
                ("all", 0, age),
                ("average", 0, 0),
            ):
                if seen.get(basis_key):
                    basis = basis_key[0]
                    rate = spent.get(basis_key, 0.0) / seen[basis_key]
                    break
            ahead = covered.get((product, age), 0.0)
            values_list.append(
                {
                    "product_id": product,
                    "product_categ_id": category.id,
                    "age": age,
                    "units_exposed": exposed.get((product, age), 0.0),
                    "cost": costs.get((product, age), 0.0),
                    "basis": basis,
                    "rate": rate,
                    "units_covered": ahead,
                    # A month can give back more than it cost; that is no forecast.
                    "amount": self.currency_id.round(max(rate, 0.0) * ahead),
                }
            )
        return values_list, unit_count

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

    def _get_curve(self):
        """Return a drawing of cost per unit and month over the months of age.

        All units together, as columns, with what the forecast takes for each age.
        """
        self.ensure_one()
        groups = self.env["aftersales.provision.line"]._read_group(
            [("provision_id", "=", self._origin.id)],
            ["age"],
            ["cost:sum", "units_exposed:sum", "amount:sum", "units_covered:sum"],
            order="age",
        )
        points = [
            (
                age,
                cost / seen if seen else None,
                amount / ahead if ahead else None,
            )
            for age, cost, seen, amount, ahead in groups
        ]
        labels = {
            "title": self.env._("Cost per unit and month of age"),
            "seen": self.env._("Seen"),
            "ahead": self.env._("Expected"),
            "age": self.env._("Months since the guarantee began"),
        }
        return draw_curve(
            points,
            labels,
            lambda value: format_amount(self.env, value, self.currency_id),
        )


class AftersalesProvisionLine(models.Model):
    """One model at one month of age: what it cost, and what it will still cost."""

    _name = "aftersales.provision.line"
    _description = "Warranty Provision Line"
    _order = "provision_id desc, product_id, age"

    provision_id = fields.Many2one(
        "aftersales.provision", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="provision_id.company_id", store=True, precompute=True
    )
    date = fields.Date(related="provision_id.date", store=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one("product.product", "Model", index="btree_not_null")
    product_categ_id = fields.Many2one("product.category", "Product Category")
    age = fields.Integer(
        aggregator=None,
        help="Full months since the guarantee began; 0 is the first month.",
    )
    units_exposed = fields.Float(
        "Months Seen",
        digits=(16, 2),
        help="Months that units of this model were under guarantee at this age, within "
        "the history.",
    )
    cost = fields.Monetary(help="What the guarantee bore for them, in the history.")
    basis = fields.Selection(
        [
            ("model", "Model"),
            ("category", "Category"),
            ("all", "All models"),
            ("average", "All, any age"),
            ("none", "None"),
        ],
        "Experience",
        help="Whose experience the expected cost rests on.",
    )
    rate = fields.Float(
        digits=(16, 4), aggregator="avg", help="Cost per unit and month."
    )
    units_covered = fields.Float(
        "Months Ahead",
        digits=(16, 2),
        help="Months of cover at this age that units of this model still have ahead.",
    )
    amount = fields.Monetary("Expected")

    @api.depends("product_id", "age")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "%(product)s, age %(age)s",
                product=line.product_id.display_name or self.env._("No model"),
                age=line.age,
            )
