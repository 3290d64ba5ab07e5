from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_expense_check = fields.Selection(
        related="company_id.aftersales_expense_check", readonly=False, required=True
    )
    aftersales_expense_receipt = fields.Boolean(
        related="company_id.aftersales_expense_receipt", readonly=False
    )
