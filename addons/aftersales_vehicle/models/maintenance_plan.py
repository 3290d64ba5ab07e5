import re

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..engine import Cycle, Step


class AftersalesMaintenancePlan(models.Model):
    """What the maker wants done, and when: a matrix of items and meter readings.

    A vehicle follows one plan: the one for its model, else its brand, else its
    category. After the last step the cycle begins again (see ``engine/service.py``).
    """

    _name = "aftersales.maintenance.plan"
    _description = "Maintenance Plan"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    category_ids = fields.Many2many(
        "aftersales.asset.category",
        "aftersales_plan_category_rel",
        string="Asset Categories",
        domain=[("is_vehicle", "=", True)],
    )
    fleet_brand_ids = fields.Many2many(
        "fleet.vehicle.model.brand", "aftersales_plan_brand_rel", string="Brands"
    )
    fleet_model_ids = fields.Many2many(
        "fleet.vehicle.model", "aftersales_plan_model_rel", string="Models"
    )
    year_from = fields.Integer("From Model Year")
    year_to = fields.Integer("To Model Year")
    line_ids = fields.One2many(
        "aftersales.maintenance.plan.line", "plan_id", "Services", copy=True
    )
    line_count = fields.Integer("Number of Services", compute="_compute_line_count")

    _years_in_order = models.Constraint(
        "CHECK(year_from >= 0 AND (year_to = 0 OR year_to >= year_from))",
        "The last model year can't be before the first.",
    )

    @api.depends("line_ids")
    def _compute_line_count(self):
        for plan in self:
            plan.line_count = len(plan.line_ids)

    def _get_rank(self, company_id, category_id, brand_id, model_id, year):
        """Return how special this plan is for such a vehicle; None: not for it.

        Takes numbers, as the nightly job asks for thousands of vehicles.
        """
        self.ensure_one()
        wanted = (
            (self.company_id, company_id, 0),
            (self.category_ids, category_id, 1),
            (self.fleet_brand_ids, brand_id, 2),
            (self.fleet_model_ids, model_id, 4),
        )
        rank = 0
        for records, number, weight in wanted:
            if records and number not in records._ids:
                return None
            rank += weight if records else 0
        if self.year_from or self.year_to:
            if not year or not self.year_from <= year <= (self.year_to or year):
                return None
            rank += 0.5
        # None of them: for no vehicle, until somebody says for which.
        return rank or None

    @api.model
    def _get_plan(self, plans, key):
        """Return the most special of ``plans`` for ``key``, see ``_get_rank``."""
        ranks = [(plan._get_rank(*key), plan) for plan in plans]
        # Of equals the first in order; the company's own before the common one.
        fitting = [
            (rank, bool(plan.company_id), -index, plan)
            for index, (rank, plan) in enumerate(ranks)
            if rank is not None
        ]
        return max(fitting)[-1] if fitting else self.browse()

    def _get_cycle(self):
        self.ensure_one()
        return Cycle(
            [
                Step(line.id, line.meter, line.months, line.is_once)
                for line in self.line_ids
            ]
        )


class AftersalesMaintenancePlanLine(models.Model):
    """One service of a plan: when it is due and which items are done."""

    _name = "aftersales.maintenance.plan.line"
    _description = "Service of a Plan"
    _order = "plan_id, meter, id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "aftersales.maintenance.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="plan_id.company_id", store=True, precompute=True
    )
    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        translate=True,
    )
    meter = fields.Float(
        "At Meter", digits=(16, 0), required=True, help="Counted from new."
    )
    months = fields.Integer(
        "or after Months",
        help="Since the service before, or since registration for the first. "
        "Whichever comes first; 0: by the meter alone.",
    )
    is_once = fields.Boolean(
        "First Round Only", help="Left out when the cycle begins again."
    )
    item_ids = fields.Many2many(
        "aftersales.maintenance.item",
        "aftersales_plan_line_item_rel",
        "line_id",
        "item_id",
        string="Items",
    )
    job_template_id = fields.Many2one(
        "aftersales.job.template",
        "Package",
        check_company=True,
        help="A job at a package price, instead of the jobs of the single items.",
    )
    driving_note = fields.Text(
        "Driving Notes",
        translate=True,
        help="What the driver should mind until the next service. Printed at the "
        "hand-over.",
    )

    _meter_positive = models.Constraint(
        "CHECK(meter > 0 AND months >= 0)",
        "A service is due at a meter reading above 0; months can't be negative.",
    )
    _meter_unique = models.UniqueIndex(
        "(plan_id, meter)", "The plan has a service at that reading already."
    )

    @api.depends("meter")
    def _compute_name(self):
        for line in self:
            if not line.name and line.meter:
                unit = line.plan_id.category_ids[:1].meter_unit or ""
                line.name = self.env._(
                    "Service %(meter)s", meter=f"{line.meter:,.0f} {unit}".strip()
                )

    @api.depends("name", "plan_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.name

    def copy(self, default=None):
        """Copy to the next reading the plan has no service at."""
        if {"meter", "plan_id"} & (default or {}).keys():
            return super().copy(default)
        lines = self.browse()
        for line in self:
            services = line.plan_id.line_ids
            meter = services[-1:].meter + services[:1].meter
            values = {"name": line._get_name_at(meter), "meter": meter}
            lines |= super(AftersalesMaintenancePlanLine, line).copy(
                {**values, **(default or {})}
            )
        return lines

    def _get_name_at(self, meter, unit=""):
        """Return the name of this service when the plan has it at ``meter``.

        The cycle of a plan begins again after its last service: at 80,000 km the
        “Major service, 40,000 km” is a “Major service, 80,000 km”.
        """
        self.ensure_one()
        name = self.name or ""
        if round(meter) == round(self.meter):
            return name
        number = formatLang(self.env, meter, digits=0)
        # However it is written: 40,000, 40.000 or 40 000.
        written = r"[\s.,'’]?".join(f"{self.meter:.0f}")
        again, found = re.subn(rf"(?<!\d){written}(?!\d)", number, name, count=1)
        return again if found else f"{name}, {number} {unit}".strip()

    def _prepare_job_values(self, asset):
        """Return the values of the job that does this service on ``asset``."""
        self.ensure_one()
        line = self.with_context(lang=asset.partner_id.lang or self.env.lang)
        templates = line.job_template_id or line.item_ids.job_template_id
        commands = [
            command
            for template in templates
            for command in template._prepare_job_line_commands(asset)
        ]
        return {
            "name": line.name,
            "maintenance_line_id": line.id,
            "template_id": line.job_template_id.id,
            "description": line.job_template_id.description
            or "\n".join(line.item_ids.mapped("name")),
            "line_ids": commands,
        }
