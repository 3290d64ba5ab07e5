from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class AftersalesJob(models.Model):
    """The job in the technician's hands: begin, record, finish.

    Finishing a job says that its work is over. Parts that lie ready in the workshop
    are settled with it, the others when the order is completed.
    """

    _inherit = "aftersales.job"

    order_complaint = fields.Text(related="order_id.complaint", string="What Is Wrong")
    staged_parts = fields.Text(
        compute="_compute_staged_parts",
        compute_sudo=True,
        help="Parts that were brought to the workshop and not issued, one a line.",
    )

    @api.depends("line_ids.move_ids.state")
    def _compute_staged_parts(self):
        for job in self:
            moves = job.line_ids._get_staged_moves()
            job.staged_parts = "\n".join(
                f"{move.quantity:g} × {move.product_id.display_name}" for move in moves
            )

    def action_begin(self):
        """Start these jobs; the first one starts its work order."""
        self.order_id.filtered(lambda order: order.state == "approved").action_start()
        self.filtered(lambda job: job.state == "approved").action_start()
        return True

    def action_open_done(self):
        """Finish the job, or ask first: about parts that lie ready, and the cause."""
        self.ensure_one()
        if self.cause and self.correction and not self.staged_parts:
            return self.action_done()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Finish %(job)s", job=self.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("aftersales.job_view_form_finish").id, "form")],
            "target": "new",
        }

    def action_done(self, use_parts=True):
        """Finish these jobs; labour counts as done from now on.

        :param bool use_parts: whether the parts that lie ready in the workshop were
            used: then they are issued. Else they go back to the store when the order
            is completed, where the difference to what was approved is asked about
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
        todo = self.filtered(lambda job: job.state != "done")
        todo._check_transition("done")
        # Whoever does the work need not have Inventory rights.
        staged = todo.sudo().line_ids._get_staged_moves()
        if use_parts:
            staged._finish()
        else:
            staged._action_cancel()
        todo._set_state("done").line_ids._deliver_services()
        return True

    def action_done_unused(self):
        """Finish these jobs without the parts that lie ready; they go back."""
        return self.action_done(use_parts=False)

    def action_report_found(self, reason=None):
        """Tell the advisor what else is wrong: a job to be priced and asked about.

        :param str reason: what was found, in the technician's words; required
        :raises UserError: if it is missing, or the order is finished
        """
        self.check_access("write")
        if not reason:
            raise UserError(self.env._("Say what you found."))
        for job in self:
            # Technicians propose; adding work to an order is the advisor's right.
            order = job.sudo().order_id
            self.sudo().create(
                {
                    "order_id": order.id,
                    "name": reason.splitlines()[0][:64],
                    "complaint": reason,
                    "technician_id": job.technician_id.id,
                }
            )
            order._remind_advisor(
                self.env._("Found during the work: price it and ask the customer"),
                note=plaintext2html(reason),
            )
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
