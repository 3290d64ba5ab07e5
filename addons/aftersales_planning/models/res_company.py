from odoo import api, fields, models


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

    # How customers book visits, are reminded of them, and how visits are prepared

    aftersales_online_booking = fields.Boolean("Customers Book Online", default=True)
    aftersales_online_days = fields.Integer(
        "Days Ahead",
        default=14,
        help="How many days ahead customers see free times.",
    )
    aftersales_online_change_hours = fields.Float(
        "Changes Until",
        default=24.0,
        help="Until how many hours ahead customers move or cancel a visit online. "
        "Afterwards they are asked to call.",
    )
    aftersales_online_limit = fields.Integer(
        "Open Visits",
        default=3,
        help="How many visits a customer may have booked online at a time. Zero: no "
        "limit.",
    )
    aftersales_diagnosis_template_id = fields.Many2one(
        "aftersales.job.template",
        "Diagnosis",
        help="The job that is booked when a customer only describes a problem.",
    )
    aftersales_reminder_hours = fields.Float(
        "Reminder",
        default=24.0,
        help="How many hours before the visit the customer is reminded. Zero: never.",
    )
    aftersales_quiet_from = fields.Float(
        "Quiet From", default=21.0, help="No reminder is sent from this time on …"
    )
    aftersales_quiet_to = fields.Float(
        "Quiet Until",
        default=8.0,
        help="… until this time. The same time twice: no quiet hours.",
    )
    aftersales_missed_hours = fields.Float(
        "Missed After",
        default=2.0,
        help="How many hours after its time a visit nobody came to counts as missed, "
        "and its bay and people are free again.",
    )
    aftersales_preparation_days = fields.Integer(
        "Preparation",
        default=1,
        help="How many working days ahead people, parts, tools and data are checked.",
    )
    aftersales_repeat_days = fields.Integer(
        "Repeat Repair",
        default=30,
        help="A visit so many days after the last one needs a technical plan.",
    )
    aftersales_high_value = fields.Monetary(
        "High-Value Part",
        default=500.0,
        help="Parts whose price reaches this are prepared first.",
    )

    aftersales_resource_ids = fields.One2many(
        "resource.resource", "company_id", "Resources"
    )
    aftersales_has_resources = fields.Boolean(
        "Has Resources to Book",
        compute="_compute_aftersales_has_resources",
        compute_sudo=True,
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
    _aftersales_quiet_hours = models.Constraint(
        "CHECK(aftersales_quiet_from >= 0 AND aftersales_quiet_from <= 24"
        " AND aftersales_quiet_to >= 0 AND aftersales_quiet_to <= 24)",
        "Quiet hours are times of the day, from 0:00 to 24:00.",
    )
    _aftersales_online_positive = models.Constraint(
        "CHECK(aftersales_online_days > 0 AND aftersales_online_change_hours >= 0"
        " AND aftersales_online_limit >= 0 AND aftersales_reminder_hours >= 0"
        " AND aftersales_missed_hours > 0 AND aftersales_preparation_days > 0)",
        "Days and hours of online booking, reminders and preparation are not negative, "
        "and days ahead, preparation and the time until a visit is missed are more "
        "than zero.",
    )

    def _has_online_booking(self):
        """Whether customers book online here: wanted, and there is what to book."""
        self.ensure_one()
        return self.aftersales_online_booking and self.aftersales_has_resources

    # Asked for each asset and visit of a list: kept, and one query for all companies.
    @api.depends(
        "aftersales_resource_ids.active", "aftersales_resource_ids.aftersales_role"
    )
    def _compute_aftersales_has_resources(self):
        groups = self.env["resource.resource"]._read_group(
            [("aftersales_role", "!=", False), ("company_id", "in", self.ids)],
            ["company_id"],
        )
        having = self.browse(company.id for (company,) in groups)
        having.aftersales_has_resources = True
        (self - having).aftersales_has_resources = False
