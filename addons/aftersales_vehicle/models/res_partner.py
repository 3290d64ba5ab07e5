from odoo import fields, models


class ResPartner(models.Model):
    """What was agreed with a customer: invitations, calls, credit at the gate."""

    _inherit = "res.partner"

    aftersales_no_invitation = fields.Boolean(
        "No Invitations by E-mail",
        help="Services that are due and campaigns are not announced by e-mail. "
        "Recalls are a matter of safety: call.",
    )
    aftersales_no_calls = fields.Boolean(
        "No Follow-up Calls", help="This customer wants no calls after a visit."
    )
    aftersales_on_account = fields.Boolean(
        "Vehicles Leave on Account",
        help="A customer with credit: vehicles are handed over before the payment.",
    )
