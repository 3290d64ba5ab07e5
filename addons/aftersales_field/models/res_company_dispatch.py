from odoo import fields, models


class ResCompany(models.Model):
    """How long engineers are on the road."""

    _inherit = "res.company"

    aftersales_travel_speed = fields.Float(
        "Speed on the Road (km/h)",
        default=45.0,
        help="With traffic lights, jams and motorways all together.",
    )
    aftersales_road_factor = fields.Float(
        "Road Factor",
        default=1.3,
        help="How much longer roads are than the straight line.",
    )
    aftersales_travel_fixed = fields.Integer(
        "Minutes per Journey",
        default=5,
        help="What each journey takes besides: parking, the gate, the stairs.",
    )
    aftersales_optimise_seconds = fields.Integer(
        "Seconds for a Proposal",
        default=20,
        help="A proposal for the day is looked for that long at most.",
    )
    aftersales_find_places = fields.Boolean(
        "Find Places at Night",
        help="Ask the provider of coordinates for addresses of visits whose place is "
        "not known. The addresses are sent to it.",
    )

    _aftersales_travel = models.Constraint(
        "CHECK(aftersales_travel_speed > 0 AND aftersales_road_factor >= 1 "
        "AND aftersales_travel_fixed >= 0 AND aftersales_optimise_seconds > 0)",
        "Speed and seconds are more than zero, the road factor is one or more, and no "
        "journey takes less than no time.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_travel_speed = fields.Float(
        related="company_id.aftersales_travel_speed", readonly=False
    )
    aftersales_road_factor = fields.Float(
        related="company_id.aftersales_road_factor", readonly=False
    )
    aftersales_travel_fixed = fields.Integer(
        related="company_id.aftersales_travel_fixed", readonly=False
    )
    aftersales_optimise_seconds = fields.Integer(
        related="company_id.aftersales_optimise_seconds", readonly=False
    )
    aftersales_find_places = fields.Boolean(
        related="company_id.aftersales_find_places", readonly=False
    )
