from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesJob(models.Model):
    """The job in the technician's hands: begin, record, finish.

    Finishing a job says that its work is over. Parts are settled for the whole
    order, when that is completed.
    """

    _inherit = "aftersales.job"

    order_complaint = fields.Text(related="order_id.complaint", string="What Is Wrong")

    def action_begin(self):
        """Start these jobs; the first one starts its work order."""
        self.order_id.filtered(lambda order: order.state == "approved").action_start()
        self.filtered(lambda job: job.state == "approved").action_start()
        return True

    def action_done(self):
        """Finish these jobs; labour counts as done from now on.

        :raises UserError: naming jobs whose work order is not in progress
        """
        self.order_id._lock()
        early = self.filtered(lambda job: job.order_id.state != "progress")
        if early:
            raise UserError(
                self.env._(
                    "%(jobs)s can be finished while %(orders)s is in progress.",
                    jobs=", ".join(early.mapped("name")),
                    orders=", ".join(early.order_id.mapped("name")),
                )
            )
        self._set_state("done").line_ids._deliver_services()
        return True

    def action_open_technician(self):
        """Open the screen with cause, correction and hours."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("aftersales.job_view_form_technician").id, "form")],
        }
