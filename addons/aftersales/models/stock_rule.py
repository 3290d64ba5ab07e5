from odoo import models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _get_custom_move_fields(self):
        return super()._get_custom_move_fields() + ["job_line_id"]

    def _get_stock_move_values(
        self, product_id, product_qty, product_uom, location_dest_id, name, origin,
        company_id, values,
    ):  # fmt: skip
        move_values = super()._get_stock_move_values(
            product_id,
            product_qty,
            product_uom,
            location_dest_id,
            name,
            origin,
            company_id,
            values,
        )
        if values.get("job_line_id"):
            job_line = self.env["aftersales.job.line"].browse(values["job_line_id"])
            move_values.update(self._get_job_line_move_values(job_line))
        return move_values

    def _get_job_line_move_values(self, job_line):
        """Return what differs for parts of a work order: the bay."""
        # The route led here; kept on the move it would be searched for push rules.
        values = {"route_ids": []}
        warehouse = job_line.order_id.warehouse_id
        bay = job_line.order_id.bay_id
        if bay and self.location_src_id == warehouse.aftersales_workshop_loc_id:
            values["location_id"] = bay.id
        return values
