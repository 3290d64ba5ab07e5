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
    aftersales_online_booking = fields.Boolean(
        related="company_id.aftersales_online_booking", readonly=False
    )
    aftersales_online_days = fields.Integer(
        related="company_id.aftersales_online_days", readonly=False
    )
    aftersales_online_change_hours = fields.Float(
        related="company_id.aftersales_online_change_hours", readonly=False
    )
    aftersales_online_limit = fields.Integer(
        related="company_id.aftersales_online_limit", readonly=False
    )
    aftersales_diagnosis_template_id = fields.Many2one(
        related="company_id.aftersales_diagnosis_template_id", readonly=False
    )
    aftersales_reminder_hours = fields.Float(
        related="company_id.aftersales_reminder_hours", readonly=False
    )
    aftersales_quiet_from = fields.Float(
        related="company_id.aftersales_quiet_from", readonly=False
    )
    aftersales_quiet_to = fields.Float(
        related="company_id.aftersales_quiet_to", readonly=False
    )
    aftersales_missed_hours = fields.Float(
        related="company_id.aftersales_missed_hours", readonly=False
    )
    aftersales_preparation_days = fields.Integer(
        related="company_id.aftersales_preparation_days", readonly=False
    )
    aftersales_repeat_days = fields.Integer(
        related="company_id.aftersales_repeat_days", readonly=False
    )
    aftersales_high_value = fields.Monetary(
        related="company_id.aftersales_high_value",
        currency_field="aftersales_currency_id",
        readonly=False,
    )
    aftersales_currency_id = fields.Many2one(
        related="company_id.currency_id", string="After-Sales Currency"
    )
