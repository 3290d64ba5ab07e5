from odoo import fields, models


class AftersalesAssetCategory(models.Model):
    """Which assets are vehicles, how far one goes in a year, and whether the gate
    asks for a pass."""

    _inherit = "aftersales.asset.category"

    is_vehicle = fields.Boolean(
        "Vehicles",
        help="Assets of this category have a plate, a VIN and a maintenance plan.",
    )
    yearly_meter = fields.Float(
        "Use in a Year",
        digits=(16, 0),
        default=15000.0,
        help="What the meter counts in a usual year. Forecasts of the next service "
        "go by it until enough readings of the vehicle itself are known.",
    )
    gate_pass_required = fields.Boolean(
        "Gate Pass",
        help="Leaves only when paid, or released by name with a reason.",
    )

    _yearly_meter_positive = models.Constraint(
        "CHECK(yearly_meter >= 0)", "The use in a year can't be negative."
    )
