from odoo import fields, models


class AftersalesInspectionOutline(models.Model):
    """A drawing of an asset on which marks are set."""

    _name = "aftersales.inspection.outline"
    _description = "Drawing for Marks"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    width = fields.Integer(default=400)
    height = fields.Integer(default=300)
