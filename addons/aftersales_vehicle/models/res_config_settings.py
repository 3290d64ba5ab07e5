from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_comeback_days = fields.Integer(
        related="company_id.aftersales_comeback_days", readonly=False
    )
    aftersales_comeback_distance = fields.Float(
        related="company_id.aftersales_comeback_distance", readonly=False
    )
    aftersales_comeback_policy = fields.Selection(
        related="company_id.aftersales_comeback_policy", readonly=False
    )
    aftersales_follow_up_days = fields.Integer(
        related="company_id.aftersales_follow_up_days", readonly=False
    )
