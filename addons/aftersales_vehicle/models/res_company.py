from odoo import fields, models


class ResCompany(models.Model):
    """What a garage decides about come-backs and the calls after a visit."""

    _inherit = "res.company"

    aftersales_comeback_days = fields.Integer(
        "Come-back Within (Days)",
        default=30,
        help="Days after hand-over in which the same group of faults is a come-back. "
        "0: days do not matter.",
    )
    aftersales_comeback_distance = fields.Float(
        "Come-back Within (Distance)",
        default=1000,
        digits=(16, 0),
        help="Distance since hand-over in which it is one, however long ago. 0: the "
        "distance does not matter.",
    )
    aftersales_comeback_policy = fields.Selection(
        [("offer", "Offer it to the advisor"), ("link", "Link it by itself")],
        "Come-backs",
        default="offer",
        required=True,
    )
    aftersales_follow_up_days = fields.Integer(
        "Follow-up After (Days)",
        default=3,
        help="Days after hand-over until the customer is called. 0: no calls.",
    )
