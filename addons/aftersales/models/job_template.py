from odoo import Command, api, fields, models


class AftersalesJobTemplate(models.Model):
    """A canned job: one click adds its parts, labour time and prices."""

    _name = "aftersales.job.template"
    _description = "Job Template"
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char("Operation Code", index="trigram")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    description = fields.Text(
        "Customer Text",
        translate=True,
        help="What the customer reads on the estimate and on the portal.",
    )
    payer_id = fields.Many2one("aftersales.payer", check_company=True)
    category_ids = fields.Many2many(
        "aftersales.asset.category", string="Asset Categories"
    )
    line_ids = fields.One2many(
        "aftersales.job.template.line", "template_id", "Lines", copy=True
    )

    def _prepare_job_line_commands(self, asset):
        """Return commands that create the lines this template has for ``asset``."""
        self.ensure_one()
        return [
            Command.create(line._prepare_job_line_values())
            for line in self.line_ids
            if line._applies_to(asset)
        ]


class AftersalesJobTemplateLine(models.Model):
    """A part, a time or a fee of a template, for all assets or for some models."""

    _name = "aftersales.job.template.line"
    _description = "Job Template Line"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "aftersales.job.template", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.job.line"]
            ._fields["kind"]
            ._description_selection(self.env)
        ),
        required=True,
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
    )
    product_id = fields.Many2one("product.product", required=True)
    product_uom_qty = fields.Float(
        "Quantity", digits="Product Unit", default=1.0, required=True
    )
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    is_price_fixed = fields.Boolean("Fixed Price")
    price_fixed = fields.Float("Price", min_display_digits="Product Price")
    category_ids = fields.Many2many(
        "aftersales.asset.category", string="Only for Categories"
    )
    product_ids = fields.Many2many(
        "product.product",
        "aftersales_template_line_model_rel",
        string="Only for Models",
    )

    @api.depends("product_id")
    def _compute_kind(self):
        kinds = self.product_id._get_aftersales_kinds()
        for line in self:
            if line.product_id:
                line.kind = kinds[line.product_id]

    def _applies_to(self, asset):
        """Whether this line is for ``asset``; add-ons know more kinds of models."""
        self.ensure_one()
        return (not self.category_ids or asset.category_id in self.category_ids) and (
            not self.product_ids or asset.product_id in self.product_ids
        )

    def _prepare_job_line_values(self):
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "kind": self.kind,
            "product_id": self.product_id.id,
            "product_uom_qty": self.product_uom_qty,
            "is_price_agreed": self.is_price_fixed,
            "price_agreed": self.price_fixed,
        }
