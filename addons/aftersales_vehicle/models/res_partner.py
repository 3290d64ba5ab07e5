from odoo import fields, models


class ResPartner(models.Model):
    """Who doesn't want to be invited to services and campaigns."""

    _inherit = "res.partner"

    aftersales_no_invitation = fields.Boolean(
        "No Invitations by E-mail",
        help="Services that are due and campaigns are not announced by e-mail. "
        "Recalls are a matter of safety: call.",
    )
