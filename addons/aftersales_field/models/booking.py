from odoo import fields, models


class AftersalesBooking(models.Model):
    """An engineer's time that a visit takes."""

    _inherit = "aftersales.booking"

    visit_id = fields.Many2one(
        "aftersales.visit",
        check_company=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    def _get_served_jobs(self):
        jobs = super()._get_served_jobs()
        return (jobs & self.sudo().visit_id.job_ids) or jobs

    def write(self, vals):
        result = super().write(vals)
        # The visit's own steps write the state with it, or run on its own bookings.
        if {"start", "stop", "resource_id"} & vals.keys() and "state" not in vals:
            self.visit_id._follow_bookings()
        return result
