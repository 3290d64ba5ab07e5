from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class AftersalesLabourTime(models.Model):
    """How long a job takes on a certain car: brand, model, engine and years.

    The most special row wins; without one the job template's own time holds. Tables
    are in hours: labour that is sold by the day or the minute gets its own unit.
    """

    _name = "aftersales.labour.time"
    _description = "Labour Time"
    _inherit = ["aftersales.cached.mixin"]
    _order = "job_template_id, fleet_brand_id, fleet_model_id, engine_code, id"
    _rec_name = "job_template_id"
    _check_company_auto = True

    job_template_id = fields.Many2one(
        "aftersales.job.template",
        "Job",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    code = fields.Char(related="job_template_id.code", string="Operation Code")
    company_id = fields.Many2one("res.company", index=True)
    fleet_brand_id = fields.Many2one(
        "fleet.vehicle.model.brand",
        "Brand",
        compute="_compute_fleet_brand_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    fleet_model_id = fields.Many2one(
        "fleet.vehicle.model", "Model", domain="[('brand_id', '=?', fleet_brand_id)]"
    )
    engine_code = fields.Char("Engine Type")
    year_from = fields.Integer("From Model Year")
    year_to = fields.Integer("To Model Year")
    hours = fields.Float(required=True, digits=(16, 2))

    _hours_positive = models.Constraint(
        "CHECK(hours > 0)", "A labour time must be above zero."
    )
    _years_in_order = models.Constraint(
        "CHECK(year_from >= 0 AND (year_to = 0 OR year_to >= year_from))",
        "The last model year can't be before the first.",
    )
    _once = models.UniqueIndex(
        "(job_template_id, COALESCE(company_id, 0), COALESCE(fleet_brand_id, 0), "
        "COALESCE(fleet_model_id, 0), COALESCE(engine_code, ''), "
        "COALESCE(year_from, 0), COALESCE(year_to, 0))",
        "The table has a time for that job and those cars already.",
    )

    @api.depends("fleet_model_id")
    def _compute_fleet_brand_id(self):
        for row in self:
            row.fleet_brand_id = row.fleet_model_id.brand_id or row.fleet_brand_id

    @api.depends("job_template_id", "fleet_model_id", "fleet_brand_id", "hours")
    def _compute_display_name(self):
        for row in self:
            car = row.fleet_model_id.display_name or row.fleet_brand_id.name
            parts = (row.job_template_id.name, car, row.engine_code)
            row.display_name = " · ".join(part for part in parts if part)

    @api.constrains("fleet_brand_id", "fleet_model_id")
    def _check_brand(self):
        for row in self:
            model = row.fleet_model_id
            if model and model.brand_id != row.fleet_brand_id:
                raise ValidationError(
                    self.env._(
                        "%(job)s: %(model)s is not made by %(brand)s.",
                        job=row.job_template_id.name,
                        model=model.display_name,
                        brand=row.fleet_brand_id.name or "–",
                    )
                )

    @api.model
    def load(self, fields, data):
        """Import a table; headings may be ``code``, ``brand``, ``model``, ``engine``,
        ``from``, ``to`` and ``hours``.

        Jobs are found by operation code or name, a model among those of its brand.
        """
        names = {
            "code": "job_template_id",
            "brand": "fleet_brand_id",
            "model": "fleet_model_id",
            "engine": "engine_code",
            "from": "year_from",
            "to": "year_to",
        }
        fields = [names.get(field.strip().lower(), field) for field in fields]
        if {"fleet_brand_id", "fleet_model_id"} <= set(fields):
            fields, data = self._resolve_models(fields, data)
        return super().load(fields, data)

    @api.model
    def _resolve_models(self, fields, data):
        """Write models as ``Brand/Model``'s external id: names repeat among brands."""
        brand, model = (
            fields.index("fleet_brand_id"),
            fields.index("fleet_model_id"),
        )
        models = self.env["fleet.vehicle.model"].search_fetch(
            [("name", "in", list({row[model] for row in data if row[model]}))],
            ["name", "brand_id"],
        )
        ids = {(record.brand_id.name, record.name): record.id for record in models}
        if not all(not row[model] or (row[brand], row[model]) in ids for row in data):
            # Some are not known: the import says which, by line.
            return fields, data
        fields = [*fields]
        fields[model] = "fleet_model_id/.id"
        return fields, [
            [
                str(ids[row[brand], row[model]]) if index == model and value else value
                for index, value in enumerate(row)
            ]
            for row in data
        ]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalize(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._normalize(vals))

    @api.model
    def _normalize(self, vals):
        if "engine_code" in vals:
            vals = {**vals, "engine_code": (vals["engine_code"] or "").strip().upper()}
            vals["engine_code"] = vals["engine_code"] or False
        return vals

    @api.model
    @tools.ormcache()
    def _get_template_ids(self):
        """Return the templates with times in the table; others ask nothing."""
        groups = self.sudo()._read_group([], ["job_template_id"])
        return frozenset(template.id for (template,) in groups)

    @api.model
    def _get_hours(self, template, asset):
        """Return the hours of ``template`` on ``asset``, or None if none are set."""
        if template.id not in self._get_template_ids() or not asset.is_vehicle:
            return None
        rows = self.sudo().search(
            [
                ("job_template_id", "=", template.id),
                ("company_id", "in", [False, asset.company_id.id]),
            ]
        )
        ranks = [(row._get_rank(asset), -row.id, row) for row in rows]
        fitting = [rank for rank in ranks if rank[0] is not None]
        return max(fitting)[-1].hours if fitting else None

    def _get_rank(self, asset):
        """Return how special this row is for ``asset``; None: not for it."""
        self.ensure_one()
        year = asset.model_year
        engine = (asset.engine_code or "").strip().upper()
        if (
            (self.fleet_brand_id and self.fleet_brand_id != asset.fleet_brand_id)
            or (self.fleet_model_id and self.fleet_model_id != asset.fleet_model_id)
            or (self.engine_code and self.engine_code != engine)
            or (self.year_from and (not year or year < self.year_from))
            or (self.year_to and (not year or year > self.year_to))
        ):
            return None
        return (
            bool(self.fleet_model_id),
            bool(self.engine_code),
            bool(self.year_from or self.year_to),
            bool(self.fleet_brand_id),
            bool(self.company_id),
        )
