from odoo import models


class AftersalesAsset(models.Model):
    """The service that is due, booked by the owner on the portal."""

    _inherit = "aftersales.asset"

    def _request_visit(self, partner, request_key, values):
        order = super()._request_visit(partner, request_key, values)
        if self.is_vehicle:
            # As superuser: owners don't see the due list.
            self.sudo()._plan_due_service(order.sudo())
        return order

    def _plan_due_service(self, order):
        """Take the package the owner chose for the service that is due."""
        self.ensure_one()
        due = self._get_next_due()[:1]
        package = due.line_id.job_template_id
        job = order.job_ids.filtered(
            lambda job: package and job.template_id == package and not job.due_id
        )[:1]
        if job and due.state != "booked":
            job.write({"due_id": due.id, "maintenance_line_id": due.line_id.id})
            due._set_state("booked", order_id=order.id)
