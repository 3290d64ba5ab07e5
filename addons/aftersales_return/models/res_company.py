from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_restocking_account_id = fields.Many2one(
        "account.account",
        "Restocking Fees",
        check_company=True,
        domain="[('internal_group', '=', 'income')]",
        help="Takes what is kept back from refunds. Empty: the account of the sale.",
    )
