from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_invoice_posting = fields.Selection(
        related="company_id.aftersales_invoice_posting", readonly=False
    )
    aftersales_old_parts_location_id = fields.Many2one(
        related="company_id.aftersales_old_parts_location_id", readonly=False
    )
