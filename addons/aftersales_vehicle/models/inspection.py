from odoo import models


class AftersalesInspection(models.Model):
    _inherit = "aftersales.inspection"

    def _prepare_runner_asset(self):
        """A vehicle is recognized by its plate; without one, by its VIN."""
        values = super()._prepare_runner_asset()
        if self.asset_id.plate:
            values["number"] = self.asset_id.plate
        return values
