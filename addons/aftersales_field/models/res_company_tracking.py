from odoo import fields, models


class ResCompany(models.Model):
    """What customers see of a visit, and until when they change it."""

    _inherit = "res.company"

    aftersales_window_hours = fields.Float(
        "Window (hours)",
        default=2.0,
        help="Customers are told that the engineer comes between the planned time and "
        "so many hours later.",
    )
    aftersales_tracking_days = fields.Integer(
        "Link Ends After (days)",
        default=3,
        help="So many days after the visit the customer's link shows nothing more.",
    )
    aftersales_tracking_hours = fields.Float(
        "Changes Until (hours)",
        default=4.0,
        help="Until so many hours before the visit customers move it or call it off "
        "themselves. Never once the engineer is on the way.",
    )
    aftersales_tracking_ahead = fields.Integer(
        "Days to Choose From",
        default=7,
        help="How many days ahead customers see other times.",
    )

    _aftersales_tracking_positive = models.Constraint(
        "CHECK(aftersales_window_hours > 0 AND aftersales_tracking_days >= 0"
        " AND aftersales_tracking_hours >= 0"
        " AND aftersales_tracking_ahead BETWEEN 1 AND 60)",
        "The window is longer than nothing, customers choose among 1 to 60 days, and "
        "nothing is negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_window_hours = fields.Float(
        related="company_id.aftersales_window_hours", readonly=False
    )
    aftersales_tracking_days = fields.Integer(
        related="company_id.aftersales_tracking_days", readonly=False
    )
    aftersales_tracking_hours = fields.Float(
        related="company_id.aftersales_tracking_hours", readonly=False
    )
    aftersales_tracking_ahead = fields.Integer(
        related="company_id.aftersales_tracking_ahead", readonly=False
    )


class AftersalesTeam(models.Model):
    _inherit = "aftersales.team"

    tells_customers = fields.Boolean(
        "Write to Customers about Visits",
        help="When a visit is planned, moved, and when the engineer sets off, with a "
        "link to follow it. Nothing but the last is sent in quiet hours.",
    )
    calls_ahead = fields.Boolean(
        "Call Before Each Visit",
        help="A task for the advisor to confirm the time with the customer, due on the "
        "day before.",
    )
