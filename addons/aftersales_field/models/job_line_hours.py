from odoo import api, models

TIME_FIELDS = {"kind", "product_uom_qty", "product_uom_id", "job_id"}


class AftersalesJobLine(models.Model):
    """Labour on an order on site says how long its visit takes, until it is planned."""

    _inherit = "aftersales.job.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._tell_visit_hours()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if TIME_FIELDS & vals.keys():
            self._tell_visit_hours()
        return result

    def unlink(self):
        orders = self.order_id.filtered("is_onsite")
        result = super().unlink()
        orders._update_visit_hours()
        return result

    def _tell_visit_hours(self):
        # A column of the order, which is in the cache with it.
        self.order_id.filtered("is_onsite")._update_visit_hours()


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def _update_visit_hours(self):
        """Work out anew how long visits take that nobody has planned yet."""
        # Whoever adds work need not be a dispatcher.
        visits = self.sudo().visit_ids.filtered(lambda visit: visit.state == "draft")
        visits._compute_duration()
