from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesOrder(models.Model):
    """What the customer says yes and no to, job by job."""

    _inherit = "aftersales.order"

    approval_ids = fields.One2many("aftersales.approval", "order_id", "Answers")

    @api.model
    def _browse_jobs(self, jobs):
        """Accept records or ids, as callers from outside only have ids."""
        if jobs is None or isinstance(jobs, models.BaseModel):
            return jobs if jobs is None else jobs.with_env(self.env)
        return self.env["aftersales.job"].browse(jobs)

    def _get_jobs_to_answer(self, jobs, states):
        """Return the jobs of these orders an answer is about.

        :param jobs: records, ids, or None for all that wait for an answer
        :param states: the states in which a job can take this answer
        :raises UserError: if one belongs to another order or can't be answered
        """
        jobs = self._browse_jobs(jobs)
        if jobs is None:
            return self.job_ids.filtered(lambda job: job.state in states)
        existing = jobs.exists()
        foreign = jobs - existing.filtered(lambda job: job.order_id in self)
        if foreign:
            raise UserError(
                self.env._(
                    "%(jobs)s does not belong to %(orders)s.",
                    jobs=", ".join(str(job.id) for job in foreign),
                    orders=", ".join(self.mapped("name")),
                )
            )
        return jobs

    def action_approve(
        self, jobs=None, method="desk", signer=None, note=None, signature=None,
        device=None,
    ):  # fmt: skip
        """Record the customer's yes, confirm the quotations and ask for the parts.

        Called twice, or again after a time-out, it has the effect of once.

        :param jobs: records or ids; without them, every job that waits
        :param str method: how the answer came: desk, phone, portal, email, sale
        :param str signer: who said yes
        :param str note: the caller's words
        :param bytes signature: base64 image
        :param str device: browser and address, for answers from the portal
        :raises UserError: naming jobs that can't be approved
        """
        self._check_decides()
        answered = self._lock()._get_jobs_to_answer(jobs, ("draft", "proposed"))
        todo = answered.filtered(
            lambda job: job.state not in ("approved", "progress", "done")
        )
        if not todo:
            if jobs is None:
                # A replay finds its work done; an order without work is a mistake.
                self.filtered(lambda order: order.state == "draft")._action_estimate()
                self._check_approved_before()
            return True
        orders = todo.order_id
        orders.filtered(
            lambda order: order.state in ("ready", "done", "cancel")
        )._check_transition("approved")
        drafts = todo.filtered(lambda job: job.state == "draft")
        drafts.order_id._action_estimate()
        todo._check_transition("approved")
        todo._check_ready_for_approval()
        # Lines that were deleted from the quotation in Sales are offered all the same.
        todo.filtered(
            lambda job: job._get_lines_to_quote()._get_unquoted()
        )._sync_quotations()
        self.env["aftersales.approval"]._record(
            todo,
            "approved",
            method=method,
            signer=signer,
            note=note,
            signature=signature,
            device=device,
        )
        todo._set_state("approved")
        todo._confirm_quotations()
        todo._request_parts()
        todo._order_sublet()
        orders.filtered(lambda order: order.state in ("draft", "quoted"))._set_state(
            "approved"
        )
        started = todo.filtered(lambda job: job.order_id.state == "progress")
        started._action_start()
        return True

    def _check_approved_before(self):
        undecided = self.filtered(lambda order: order.state in ("draft", "quoted"))
        if undecided:
            raise UserError(
                self.env._(
                    "%(orders)s: every job was declined. Add other work, or cancel the "
                    "order.",
                    orders=", ".join(undecided.mapped("name")),
                )
            )

    def action_decline(
        self, jobs=None, reason=None, method="desk", signer=None, device=None
    ):
        """Record the customer's no; the jobs leave the quotation and are kept.

        :param jobs: records or ids; without them, every job that waits
        :param str reason: why, for the follow-up of declined work
        :raises UserError: naming jobs that are approved already
        """
        self._check_decides()
        answered = self._lock()._get_jobs_to_answer(jobs, ("draft", "proposed"))
        todo = answered.filtered(lambda job: job.state != "declined")
        todo._check_transition("declined")
        if not todo:
            return True
        self.env["aftersales.approval"]._record(
            todo, "declined", method=method, signer=signer, note=reason, device=device
        )
        todo._set_state("declined", decline_reason=reason)
        todo._remove_from_quotations()
        return True
