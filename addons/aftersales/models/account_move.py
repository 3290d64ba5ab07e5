from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    aftersales_order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        index="btree_not_null",
        readonly=True,
        copy=True,
        help="Empty on a collective invoice: see the lines.",
    )
    aftersales_payer_id = fields.Many2one(
        "aftersales.payer", "Payer", readonly=True, copy=True
    )

    def _stock_account_prepare_realtime_out_lines_vals(self):
        """Cost of sales belongs to the work order of the line that caused it."""
        values_list = super()._stock_account_prepare_realtime_out_lines_vals()
        lines = self.env["account.move.line"]
        for values in values_list:
            order = lines.browse(values.get("cogs_origin_id")).aftersales_order_id
            if order:
                values["aftersales_order_id"] = order.id
        return values_list

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        for move in posted.filtered("aftersales_order_id"):
            # Receivable and taxes too, where the invoice is of one order.
            rest = move.line_ids.filtered(lambda line: not line.aftersales_order_id)
            rest.with_context(check_move_validity=False).aftersales_order_id = (
                move.aftersales_order_id
            )
        return posted


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    aftersales_order_id = fields.Many2one(
        "aftersales.order", "Work Order", index="btree_not_null", readonly=True
    )
