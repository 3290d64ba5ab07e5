from odoo import api, fields, models


class AftersalesVisitStamp(models.Model):
    """When and where an engineer took a step of a visit (D15).

    The time is the server's, or the phone's put right by the difference of the two
    clocks; what the phone showed is kept beside it. Nothing here is changed later.
    """

    _name = "aftersales.visit.stamp"
    _description = "Step of a Visit"
    _order = "date, id"

    visit_id = fields.Many2one(
        "aftersales.visit", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="visit_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("travel", "Set Off"),
            ("arrive", "Arrived"),
            ("pause", "Paused"),
            ("resume", "Went On"),
            ("finish", "Finished"),
            ("turn_back", "Turned Back"),
            ("hand_over", "Handed Over"),
        ],
        required=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    date_device = fields.Datetime("Phone's Clock")
    employee_id = fields.Many2one("hr.employee", "Engineer", index="btree_not_null")
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    accuracy = fields.Float("Accuracy (m)")
    distance = fields.Float(
        "Distance to Address (km)",
        help="Between the place of this step and the address of the visit.",
    )
    distance_text = fields.Char("Distance to Address", compute="_compute_distance_text")
    note = fields.Char()

    @api.depends("distance", "latitude", "longitude")
    @api.depends_context("lang")
    def _compute_distance_text(self):
        """Nothing, where the phone did not know its place or the address has none."""
        for stamp in self:
            is_known = stamp.latitude or stamp.longitude
            is_known = is_known and stamp.visit_id.sudo().site_id._get_place()
            stamp.distance_text = (
                self.env._("%(distance)s km", distance=f"{stamp.distance:.2f}")
                if is_known
                else False
            )
