from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_expense_check = fields.Selection(
        [("flag", "Shown to the approver"), ("refuse", "Refused")],
        "Claims That Don't Match the Visit",
        required=True,
        default="flag",
        help="Another day, another place, or somebody who was not there.",
    )
    aftersales_expense_receipt = fields.Boolean(
        "Receipt Required",
        default=True,
        help="A claim for a visit is submitted with a photo of its receipt.",
    )
