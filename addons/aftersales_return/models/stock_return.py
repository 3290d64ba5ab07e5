from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class StockMove(models.Model):
    _inherit = "stock.move"

    # Plain, so that Inventory's own returns need not look for ours.
    aftersales_has_return = fields.Boolean(
        readonly=True, copy=False, help="Goods of it came back with a return, or may."
    )

    def _hold_for_return(self):
        """Lock these deliveries: of two who take back at once one has to wait."""
        self.env.cr.execute(
            SQL(
                "UPDATE stock_move SET aftersales_has_return = TRUE WHERE id IN %s",
                tuple(self.ids),
            )
        )
        self.invalidate_recordset(["aftersales_has_return"])

    def _check_native_returns(self):
        """Refuse that Inventory takes back once more what came with a return."""
        held = self.filtered("aftersales_has_return")
        if not held:
            return
        held._hold_for_return()
        for move, left in held._get_returnable().items():
            if move.product_id.uom_id.compare(left, 0) >= 0:
                continue
            lines = self.env["aftersales.return.line"].sudo()
            lines = lines.search(
                lines._get_holding_domain() & fields.Domain("move_id", "=", move.id)
            )
            raise UserError(
                self.env._(
                    "%(delivery)s: %(product)s comes back with %(returns)s already. Go "
                    "on there.",
                    delivery=move.reference,
                    product=move.product_id.display_name,
                    returns=", ".join(lines.return_id.mapped("name")),
                )
            )

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        # More may have come than was planned.
        moves.filtered(
            lambda move: not move.aftersales_return_line_id
        ).origin_returned_move_id._check_native_returns()
        return moves
