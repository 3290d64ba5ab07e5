from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_place(self):
        """Return ``(latitude, longitude)`` of this address, or None if not known."""
        self.ensure_one()
        place = (self.partner_latitude, self.partner_longitude)
        return place if any(place) else None
