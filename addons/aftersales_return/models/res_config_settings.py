from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_restocking_account_id = fields.Many2one(
        related="company_id.aftersales_restocking_account_id", readonly=False
    )
