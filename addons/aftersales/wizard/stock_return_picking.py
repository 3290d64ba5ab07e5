from odoo import models


class StockReturnPicking(models.TransientModel):
    _inherit = "stock.return.picking"

    def _get_proc_values(self, line):
        values = super()._get_proc_values(line)
        if job_line := line.move_id.job_line_id:
            # The part sent in exchange is for the same work, by the same way.
            values["job_line_id"] = job_line.id
            values["sale_line_id"] = line.move_id.sale_line_id.id
            values["route_ids"] = (
                job_line.sudo().order_id.warehouse_id.aftersales_route_id
            )
        return values
