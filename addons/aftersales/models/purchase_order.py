from odoo import fields, models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    job_line_id = fields.Many2one(
        "aftersales.job.line",
        "Work Order Line",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )

    def _prepare_account_move_line(self, move=False):
        values = super()._prepare_account_move_line(move=move)
        if self.job_line_id:
            values["aftersales_order_id"] = self.job_line_id.order_id.id
        return values
