from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    aftersales_no_reminder = fields.Boolean(
        "No Visit Reminders",
        help="This customer does not want to be reminded of visits.",
    )
