from odoo import fields, models


class AftersalesTag(models.Model):
    _name = "aftersales.tag"
    _description = "Work Order Tag"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()

    _name_unique = models.UniqueIndex("(name)", "This tag exists already.")
