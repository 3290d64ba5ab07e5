from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_booking_lead = fields.Float(
        "Lead Time (hours)",
        default=24.0,
        help="Appointments are offered this many hours ahead and later. The desk may "
        "look for an earlier time; customers who book by themselves may not.",
    )
    aftersales_booking_step = fields.Integer(
        "Step (minutes)",
        default=30,
        help="Appointments begin at midnight plus a multiple of this.",
    )
    aftersales_booking_preparation = fields.Integer(
        "Preparation (minutes)",
        default=0,
        help="Time between the reception of the asset and the work, in which the bay "
        "is kept free and the technician is not needed yet.",
    )
    aftersales_booking_slack = fields.Integer(
        "Slack (minutes)",
        default=30,
        help="Added to the end of the work when a time of hand-over is promised.",
    )
    aftersales_booking_hold = fields.Integer(
        "Hold (minutes)",
        default=30,
        help="How long a time is kept for somebody who has not confirmed it.",
    )
    aftersales_booking_hours = fields.Float(
        "Hours without Labour",
        default=1.0,
        help="How long an order takes whose jobs have no labour yet.",
    )
    aftersales_booking_horizon = fields.Integer(
        "Horizon (days)",
        default=60,
        help="How far ahead free times are looked for.",
    )

    _booking_positive = models.Constraint(
        "CHECK(aftersales_booking_lead >= 0 AND aftersales_booking_step BETWEEN 5 AND "
        "1440 AND aftersales_booking_preparation >= 0 AND aftersales_booking_slack >= "
        "0 AND aftersales_booking_hold > 0 AND aftersales_booking_hours > 0 AND "
        "aftersales_booking_horizon BETWEEN 1 AND 730)",
        "Times of appointments: the step is 5 to 1440 minutes, the horizon 1 to 730 "
        "days, the hold and the hours without labour more than zero, and nothing is "
        "negative.",
    )
