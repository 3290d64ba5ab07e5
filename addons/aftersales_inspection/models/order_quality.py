from odoo import fields, models


class AftersalesOrder(models.Model):
    """Three pairs of eyes before the customer is told, and who had to do it again."""

    _inherit = "aftersales.order"

    rework_ids = fields.One2many("aftersales.rework", "order_id", "Sent Back")

    def action_rework(self, reason=None):
        # Before: being sent back, the jobs are no longer done.
        before = {
            order: order.job_ids.filtered(lambda job: job.state == "done")
            for order in self.sudo()
        }
        result = super().action_rework(reason=reason)
        # They are a record of what happened; nobody has the right to write them.
        self.env["aftersales.rework"].sudo().create(
            [
                order._prepare_rework_values(job, reason)
                for order, jobs in before.items()
                for job in jobs or [jobs]
            ]
        )
        return result

    def _prepare_rework_values(self, job, reason):
        self.ensure_one()
        return {
            "order_id": self.id,
            "job_id": job.id,
            "technician_id": job.technician_id.id,
            "company_id": self.company_id.id,
            "user_id": self.env.uid,
            "reason": reason,
            "round": self.rework_count,
        }

    def _get_technicians(self):
        """Return who did the work on these orders."""
        jobs = self.job_ids.filtered(lambda job: job.state in ("progress", "done"))
        return jobs._get_technicians()

    def action_view_rework(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_inspection.rework_action"
        )
        return {**action, "domain": [("order_id", "in", self.ids)], "context": {}}
