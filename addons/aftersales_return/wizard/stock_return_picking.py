from odoo import models
from odoo.exceptions import UserError


class StockReturnPicking(models.TransientModel):
    _inherit = "stock.return.picking"

    def _create_return(self):
        """Refuse transfers of returns, which go on there, and what came back there."""
        moves = self.product_return_moves.filtered("quantity").move_id
        ours = moves.filtered(
            lambda move: move.aftersales_return_direction in ("in", "out", "supplier")
        )
        if ours:
            raise UserError(
                self.env._(
                    "%(transfer)s is of %(returns)s. Go on there.",
                    transfer=self.picking_id.name,
                    returns=", ".join(
                        ours.sudo().aftersales_return_line_id.return_id.mapped("name")
                    ),
                )
            )
        picking = super()._create_return()
        moves._check_native_returns()
        return picking
