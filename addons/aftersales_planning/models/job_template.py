from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

SPANS = [
    ("none", "In one piece"),
    ("break", "Over the break"),
    ("days", "Over several days"),
]


class AftersalesJobTemplate(models.Model):
    """Who can do a canned job, and with what."""

    _inherit = "aftersales.job.template"

    skill_ids = fields.Many2many(
        "hr.skill",
        "aftersales_template_skill_rel",
        "template_id",
        "skill_id",
        string="Skills",
        help="The technician must have all of them.",
    )
    skill_progress = fields.Integer(
        "Minimum Level (%)", help="At least this level in each of the skills."
    )
    resource_type_ids = fields.Many2many(
        "aftersales.resource.type",
        "aftersales_template_resource_rel",
        "template_id",
        "type_id",
        string="Bay and Tools",
        domain="[('role', 'in', ['bay', 'tool'])]",
        help="What the bay must offer, and one tool of each of these types.",
    )
    work_span = fields.Selection(
        SPANS,
        "May Pause",
        required=True,
        default="break",
        help="Whether the work may rest: not at all, over the break, or over nights "
        "and days off. Work longer than a day is spread over days by itself.",
    )

    _progress_percent = models.Constraint(
        "CHECK(skill_progress BETWEEN 0 AND 100)",
        "A skill level lies between 0 and 100 %.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        templates = super().create(vals_list)
        self._clear_needs()
        return templates

    def write(self, vals):
        result = super().write(vals)
        if {"skill_ids", "skill_progress", "resource_type_ids", "work_span"} & set(
            vals
        ):
            self._clear_needs()
        return result

    @api.constrains("resource_type_ids")
    def _check_resource_types(self):
        _check_needed_types(self)

    @api.model
    def _clear_needs(self):
        self.env.registry.clear_cache()

    @tools.ormcache("self.id")
    def _get_needs(self):
        """Return ``(skill ids, level, resource type ids, span)``.

        Asked for each job that is made, most of which need nothing special; so it is
        kept in memory.
        """
        template = self.sudo().with_context(active_test=False)
        return (
            tuple(template.skill_ids.ids),
            template.skill_progress,
            tuple(template.resource_type_ids.ids),
            template.work_span,
        )


def _check_needed_types(records):
    for record in records:
        wrong = record.resource_type_ids.filtered(
            lambda kind: kind.role not in ("bay", "tool")
        )
        if wrong:
            raise ValidationError(
                record.env._(
                    "%(record)s: %(types)s is neither a bay nor a tool. Say with "
                    "skills who can do it.",
                    record=record.display_name,
                    types=", ".join(wrong.mapped("name")),
                )
            )


class HrSkill(models.Model):
    _inherit = "hr.skill"

    @api.ondelete(at_uninstall=True)
    def _unlink_clears_needs(self):
        self.env["aftersales.job.template"]._clear_needs()
