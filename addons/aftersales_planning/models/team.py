from odoo import fields, models


class AftersalesTeam(models.Model):
    _inherit = "aftersales.team"

    needs_bay = fields.Boolean(
        "Work Needs a Bay",
        default=True,
        help="Appointments of this team take a bay. Turn it off where the work is done "
        "elsewhere.",
    )
