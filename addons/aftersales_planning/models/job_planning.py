from odoo import api, fields, models

from .job_template import SPANS, _check_needed_types


class AftersalesJob(models.Model):
    """What a job needs of people, bays and tools, and for how long."""

    _inherit = "aftersales.job"

    skill_ids = fields.Many2many(
        "hr.skill",
        "aftersales_job_skill_rel",
        "job_id",
        "skill_id",
        string="Skills",
        compute="_compute_needs",
        store=True,
        readonly=False,
        precompute=True,
        help="The technician must have all of them.",
    )
    skill_progress = fields.Integer(
        "Minimum Level (%)",
        compute="_compute_needs",
        store=True,
        readonly=False,
        precompute=True,
        help="At least this level in each of the skills.",
    )
    resource_type_ids = fields.Many2many(
        "aftersales.resource.type",
        "aftersales_job_resource_rel",
        "job_id",
        "type_id",
        string="Bay and Tools",
        compute="_compute_needs",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('role', 'in', ['bay', 'tool'])]",
        help="What the bay must offer, and one tool of each of these types.",
    )
    work_span = fields.Selection(
        SPANS,
        "May Pause",
        compute="_compute_needs",
        store=True,
        readonly=False,
        precompute=True,
        help="Whether the work may rest: not at all, over the break, or over nights "
        "and days off. Work longer than a day is spread over days by itself.",
    )
    hours_planned = fields.Float(
        "Planned Hours",
        compute="_compute_hours_planned",
        help="Standard hours of the labour on this job.",
    )

    _progress_percent = models.Constraint(
        "CHECK(skill_progress BETWEEN 0 AND 100)",
        "A skill level lies between 0 and 100 %.",
    )

    @api.depends("template_id")
    def _compute_needs(self):
        for job in self:
            if job.template_id:
                skills, progress, types, span = job.template_id._get_needs()
            else:
                # What was chosen by hand stays when no template says otherwise.
                skills, progress = job.skill_ids.ids, job.skill_progress
                types, span = job.resource_type_ids.ids, job.work_span or "break"
            job.skill_ids = list(skills)
            job.skill_progress = progress
            job.resource_type_ids = list(types)
            job.work_span = span

    @api.depends("line_ids.kind", "line_ids.product_uom_qty", "line_ids.product_uom_id")
    def _compute_hours_planned(self):
        hour = self.env.ref("uom.product_uom_hour")
        for job in self:
            job.hours_planned = sum(
                line.product_uom_id._compute_quantity(
                    line.product_uom_qty, hour, round=False
                )
                for line in job.line_ids
                if line.kind == "labour"
                and line.product_uom_id._has_common_reference(hour)
            )

    @api.constrains("resource_type_ids")
    def _check_resource_types(self):
        _check_needed_types(self)
