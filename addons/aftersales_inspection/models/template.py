from odoo import Command, api, fields, models, tools
from odoo.exceptions import UserError

USES = [
    ("reception", "Reception"),
    ("walkaround", "Walk-around"),
    ("multipoint", "Multi-point check"),
    ("gate_self", "Quality: self-check"),
    ("gate_mutual", "Quality: mutual check"),
    ("gate_final", "Quality: final inspection"),
    ("delivery", "Internal delivery check"),
    ("handover", "Hand-over of a property"),
    ("return_test", "Test of a return"),
    ("other", "Other"),
]
# In the order in which they are passed.
GATES = ("gate_self", "gate_mutual", "gate_final")
# These look at our work and not at the asset: red means not yet, and nothing to sell.
WORK_USES = (*GATES, "delivery")


class AftersalesInspectionTemplate(models.Model):
    """What is looked at on one occasion: reception, walk-around, final inspection.

    The questions stand in its versions. A step of the work order may wait for it.
    """

    _name = "aftersales.inspection.template"
    _description = "Inspection Template"
    _inherit = ["aftersales.cached.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="A short name that you and other programs know it by.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies."
    )
    use = fields.Selection(USES, required=True, default="multipoint")
    step = fields.Selection(
        [
            ("none", "Nothing waits for it"),
            ("start", "Start of the work"),
            ("complete", "Completion"),
            ("quality", "Quality passed"),
            ("deliver", "Hand-over"),
        ],
        "Needed For",
        required=True,
        default="none",
        help="The step of the work order that is refused until this inspection is "
        "done. Quality and delivery checks must be passed as well.",
    )
    is_automatic = fields.Boolean(
        "Made by Itself",
        help="Made when the work order gets to the state before that step.",
    )
    makes_findings = fields.Boolean(
        compute="_compute_makes_findings",
        store=True,
        readonly=False,
        precompute=True,
        help="What is yellow or red is kept as a finding on the asset until it is "
        "fixed or dismissed.",
    )
    category_ids = fields.Many2many(
        "aftersales.asset.category", string="Asset Categories", help="Empty: all."
    )
    product_ids = fields.Many2many(
        "product.product",
        string="Models",
        check_company=True,
        help="Empty: all models of these categories.",
    )
    version_ids = fields.One2many(
        "aftersales.inspection.version", "template_id", "Versions"
    )
    version_id = fields.Many2one(
        "aftersales.inspection.version",
        "Current Version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="New inspections are made with it.",
    )
    item_count = fields.Integer("Items", compute="_compute_item_count")
    inspection_count = fields.Integer(
        "Inspections", compute="_compute_inspection_count"
    )

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE code IS NOT NULL",
        "Another inspection template of this company has this code.",
    )

    @api.depends("use")
    def _compute_makes_findings(self):
        for template in self:
            template.makes_findings = template.use not in WORK_USES

    @api.depends("version_id.item_ids")
    def _compute_item_count(self):
        for template in self:
            template.item_count = len(template.version_id.item_ids)

    def _compute_inspection_count(self):
        counts = dict(
            self.env["aftersales.inspection"]._read_group(
                [("template_id", "in", self.ids)], ["template_id"], ["__count"]
            )
        )
        for template in self:
            template.inspection_count = counts.get(template._origin, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.filtered(lambda template: template.sudo().inspection_count)
        if used:
            raise UserError(
                self.env._(
                    "%(templates)s: inspections were made with it. Archive it instead.",
                    templates=", ".join(used.mapped("name")),
                )
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for template, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=template.name)
            vals["code"] = False
            source = template.version_id or template.version_ids[:1]
            if source:
                values = source.copy_data()[0]
                values.pop("template_id")
                vals["version_ids"] = [Command.create(values)]
        return vals_list

    @api.model
    @tools.ormcache("company_id")
    def _get_step_ids(self, company_id):
        """Return ``{step: ids}`` of the templates that steps of orders wait for.

        Asked for at every step of every order, and so worth remembering.
        """
        templates = self.sudo().search(
            [
                ("step", "!=", "none"),
                ("version_id", "!=", False),
                ("company_id", "in", (company_id, False)),
            ]
        )
        return {
            step: tuple(group.ids) for step, group in templates.grouped("step").items()
        }

    def _applies_to(self, asset):
        """Whether this inspection is for ``asset``; add-ons know more conditions."""
        self.ensure_one()
        return (not self.category_ids or asset.category_id in self.category_ids) and (
            not self.product_ids or asset.product_id in self.product_ids
        )

    def _must_pass(self):
        """Whether it is not enough to have it done, nothing may be red either."""
        self.ensure_one()
        return self.use in WORK_USES

    def action_edit(self):
        """Open the draft that is being written; the first, or one after the current."""
        self.ensure_one()
        draft = self.version_ids.filtered(lambda version: version.state == "draft")
        if not draft and self.version_id:
            return self.version_id.action_new_version()
        draft = draft or self.env["aftersales.inspection.version"].create(
            {"template_id": self.id}
        )
        return draft.get_formview_action()

    def action_view_inspections(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_inspection.inspection_action"
        )
        return {
            **action,
            "domain": [("template_id", "=", self.id)],
            "context": {"default_template_id": self.id},
        }
