from odoo import fields, models


class AftersalesAsset(models.Model):
    """When a vehicle is next due for service, as the nightly job reckons it."""

    _inherit = "aftersales.asset"

    next_service_date = fields.Date(
        "Next Service",
        readonly=True,
        copy=False,
        help="By the plan or by the forecast of the meter, whichever is first.",
    )
    next_service_meter = fields.Float(
        "Next Service at", digits=(16, 0), readonly=True, copy=False
    )
