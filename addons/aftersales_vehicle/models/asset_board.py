from odoo import api, models


class AftersalesAsset(models.Model):
    """Cars on the boards: the shop knows them by plate, their owners by its tail."""

    _inherit = "aftersales.asset"

    @api.model
    def _get_label_fields(self):
        return [*super()._get_label_fields(), "plate"]

    def _get_board_label(self):
        """Return the plate, then what else the car is called."""
        if not self.plate:
            return super()._get_board_label()
        return f"{self.plate} {self._get_name_beside_plate()}".strip()

    def _get_lounge_label(self):
        """Return the tail of the plate; a car without one goes by that of its VIN."""
        return self._get_tail(self.plate) or super()._get_lounge_label()
