from odoo import fields, models
from odoo.tools.sql import column_exists, create_column


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        credited = posted.filtered(lambda move: move.move_type == "out_refund")
        lines = credited.sudo().line_ids.aftersales_return_line_id
        lines.filtered(lambda line: line.state == "settled")._finish()
        return posted


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    aftersales_return_line_id = fields.Many2one(
        "aftersales.return.line",
        "Return",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
    )

    def _auto_init(self):
        # Of the millions of items there may be already, none is ours to compute.
        if not column_exists(self.env.cr, self._table, "aftersales_return_line_id"):
            create_column(self.env.cr, self._table, "aftersales_return_line_id", "int4")
        return super()._auto_init()

    def _get_creditable_quantity(self):
        """Return how much of this invoice line is not credited yet, in its unit.

        Counted are all credit notes of its sales order line, and reversals of the
        invoice made by hand, unless they are cancelled.
        """
        self.ensure_one()
        sale_lines = self.sale_line_ids
        items = sale_lines.invoice_lines | self
        billed = items.filtered(
            lambda item: (
                item.move_type == "out_invoice" and item.parent_state == "posted"
            )
        )
        credits = items.filtered(
            lambda item: (
                item.move_type == "out_refund" and item.parent_state != "cancel"
            )
        ) | self.move_id.reversal_move_ids.invoice_line_ids.filtered(
            lambda item: (
                item.parent_state != "cancel"
                and item.product_id == self.product_id
                and not item.sale_line_ids
            )
        )
        own = credits.filtered(
            lambda item: item.move_id.reversed_entry_id == self.move_id
        )
        unit = self.product_uom_id

        def total(lines):
            return sum(
                line.product_uom_id._compute_quantity(line.quantity, unit)
                for line in lines
            )

        rest = total(billed) - total(credits)
        return max(min(self.quantity - total(own), rest), 0.0)

    def _eligible_for_stock_account(self):
        """What stays with the customer brings no cost back.

        What comes back does, also what a supplier had sent straight to the customer:
        from its receipt on it is in stock.
        """
        line = self.aftersales_return_line_id
        if line and self.product_id.is_storable:
            return line.goods != "stay"
        return super()._eligible_for_stock_account()

    def _get_cogs_value(self):
        """Cost comes back as the goods did: at the value of their receipt."""
        line = self.aftersales_return_line_id.sudo()
        moves = line.move_ids.filtered(
            lambda move: move.state == "done" and move.is_in and move.to_refund
        )
        if self.move_type == "out_refund" and moves:
            return abs(moves._get_price_unit())
        return super()._get_cogs_value()
