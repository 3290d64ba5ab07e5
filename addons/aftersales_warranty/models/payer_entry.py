from odoo import models


class StockMove(models.Model):
    """Each payer of ours gets an entry of its own for the parts it bears."""

    _inherit = "stock.move"

    def _create_account_move(self):
        entries = self.env["account.move"]
        # Whoever moves the parts need not have a right to work orders.
        by_payer = self.sudo().grouped(lambda move: move.job_line_id.payer_id)
        for payer, moves in by_payer.items():
            entry = super(StockMove, moves.with_env(self.env))._create_account_move()
            if entry and payer:
                entry.sudo().aftersales_payer_id = payer
            entries |= entry
        return entries
