from odoo import fields, models
from odoo.exceptions import UserError

OPEN_JOBS = ("draft", "proposed", "approved", "progress")


class AftersalesTeam(models.Model):
    _inherit = "aftersales.team"

    signature_passes = fields.Boolean(
        "Signature on Site Passes the Work",
        help="A work order whose last visit the customer signed needs no quality step "
        "of its own. Checklists that quality waits for are still needed.",
    )
    payment_user_id = fields.Many2one(
        "res.users",
        "Payments on Site",
        domain="[('share', '=', False)]",
        help="Who is told what customers paid on site. Empty: the advisor.",
    )


class AftersalesOrder(models.Model):
    """The work order follows its visits: it starts with them and ends with them."""

    _inherit = "aftersales.order"

    def _start_onsite(self, required=False):
        """Start approved orders whose engineer is there.

        :param bool required: refuse, and say why, where one can't start yet; else
            it starts with the work
        """
        for order in self.filtered(lambda order: order.state == "approved"):
            if required:
                order.action_start()
            else:
                order._try_step(order.action_start)

    def _try_step(self, step, **arguments):
        """Take a step of an order if it can be taken.

        :return: an empty text, or why it was refused
        """
        try:
            with self.env.cr.savepoint():
                step(**arguments)
        except UserError as error:
            return str(error)
        return ""

    def _complete_onsite(self, visit):
        """Complete orders when no work and no visit is left.

        What can't be completed goes before the advisor with the reason; the visit is
        over all the same.

        :param visit: the last visit
        """
        self.ensure_one()
        if self.state in ("quality", "ready", "done", "cancel"):
            return
        if any(each.state not in ("done", "cancel") for each in self.visit_ids):
            return
        jobs = self.job_ids.filtered(
            lambda job: job.state not in ("cancel", "declined")
        )
        # An agreed fee keeps nobody busy: it is done with the order.
        left = jobs.filtered(
            lambda job: job.state in OPEN_JOBS and not job._is_agreed_fee()
        )
        if left:
            self._remind_advisor(
                self.env._("Work is left and no visit is planned"),
                note=", ".join(left.mapped("name")),
                activity_type="mail.mail_activity_data_todo",
            )
            return
        if not jobs:
            self._remind_advisor(
                self.env._("Everything was declined on site: bill the visit or cancel"),
                note=visit.outcome_note,
                activity_type="mail.mail_activity_data_todo",
            )
            return
        self._start_onsite()
        # Whoever was there said of each planned part whether it was used.
        reasons = [text for text in self.visit_ids.mapped("unused_reason") if text]
        refused = self._try_step(
            self.action_complete,
            accept_differences=True,
            reason=", ".join(reasons) or self.env._("Said on site: not used"),
        )
        if not refused and self.team_id.signature_passes and visit.signature:
            refused = self._try_step(self.action_pass_quality)
        if refused:
            self._remind_advisor(
                self.env._("The visits are over; the order waits"),
                note=refused,
                activity_type="mail.mail_activity_data_todo",
            )
