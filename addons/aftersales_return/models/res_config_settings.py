from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_restocking_account_id = fields.Many2one(
        related="company_id.aftersales_restocking_account_id", readonly=False
    )
    aftersales_charge_advances = fields.Boolean(
        related="company_id.aftersales_charge_advances", readonly=False
    )
    aftersales_advance_reminder_days = fields.Integer(
        related="company_id.aftersales_advance_reminder_days", readonly=False
    )
