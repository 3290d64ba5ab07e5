from odoo import fields, models


class AftersalesTeam(models.Model):
    _inherit = "aftersales.team"

    needs_bay = fields.Boolean(
        "Work Needs a Bay",
        default=True,
        help="Appointments of this team take a bay. Turn it off where the work is done "
        "elsewhere.",
    )
    bookable_user_ids = fields.Many2many(
        "res.users",
        "aftersales_team_bookable_user_rel",
        string="Advisors to Choose Online",
        domain="[('id', 'in', member_ids)]",
        help="Whom customers may ask for when they book a visit. Empty: they are not "
        "asked.",
    )
