from odoo import api, fields, models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    aftersales_order_count = fields.Integer(
        "Work Orders", compute="_compute_aftersales_order_count"
    )

    @api.depends("order_line.job_line_id")
    def _compute_aftersales_order_count(self):
        for purchase in self:
            purchase.aftersales_order_count = len(
                purchase.sudo().order_line.aftersales_order_id
            )

    def action_view_aftersales_orders(self):
        return self.order_line.aftersales_order_id._get_open_action()


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    job_line_id = fields.Many2one(
        "aftersales.job.line",
        "Work Order Line",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    aftersales_order_id = fields.Many2one(
        related="job_line_id.order_id", string="Work Order"
    )

    def _prepare_account_move_line(self, move=False):
        values = super()._prepare_account_move_line(move=move)
        if self.job_line_id:
            values["aftersales_order_id"] = self.job_line_id.order_id.id
        return values
