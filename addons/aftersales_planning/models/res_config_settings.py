from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_booking_lead = fields.Float(
        related="company_id.aftersales_booking_lead", readonly=False
    )
    aftersales_booking_step = fields.Integer(
        related="company_id.aftersales_booking_step", readonly=False
    )
    aftersales_booking_preparation = fields.Integer(
        related="company_id.aftersales_booking_preparation", readonly=False
    )
    aftersales_booking_slack = fields.Integer(
        related="company_id.aftersales_booking_slack", readonly=False
    )
    aftersales_booking_hold = fields.Integer(
        related="company_id.aftersales_booking_hold", readonly=False
    )
    aftersales_booking_hours = fields.Float(
        related="company_id.aftersales_booking_hours", readonly=False
    )
    aftersales_booking_horizon = fields.Integer(
        related="company_id.aftersales_booking_horizon", readonly=False
    )
