from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_van_tolerance = fields.Monetary(
        "Tolerance of Van Counts",
        default=20.0,
        help="Differences that are worth more, at cost, wait for the storekeeper.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_van_tolerance = fields.Monetary(
        related="company_id.aftersales_van_tolerance",
        readonly=False,
        currency_field="company_currency_id",
    )
