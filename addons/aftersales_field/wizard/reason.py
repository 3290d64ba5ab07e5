from odoo import fields, models


class AftersalesReason(models.TransientModel):
    """Why a turn of a recurring visit is left out."""

    _inherit = "aftersales.reason"

    step = fields.Selection(
        selection_add=[("skip_turn", "Skip")], ondelete={"skip_turn": "cascade"}
    )

    def _apply_skip_turn(self, turns):
        return turns.action_skip(reason=self.reason)
