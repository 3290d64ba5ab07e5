from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        """What replaces a claim's invoice is a claim too."""
        action = super().reverse_moves(is_modify=is_modify)
        if is_modify:
            self.new_move_ids._create_aftersales_claims()
        return action
