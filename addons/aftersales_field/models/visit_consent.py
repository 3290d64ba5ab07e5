from odoo import Command, fields, models
from odoo.exceptions import UserError

WAITING = ("draft", "proposed")


class AftersalesApproval(models.Model):
    _inherit = "aftersales.approval"

    method = fields.Selection(
        selection_add=[("site", "At the customer's")],
        ondelete={"site": lambda answers: answers.write({"method": "desk"})},
    )
    visit_id = fields.Many2one(
        "aftersales.visit", readonly=True, index="btree_not_null", ondelete="set null"
    )
    is_restored = fields.Boolean(
        "Restored as Found",
        readonly=True,
        help="The engineer put the asset back as it was before the work.",
    )


class AftersalesVisit(models.Model):
    """Yes or no on the spot: what is free, what costs how much, who agreed (D11).

    Engineers do not decide about work and prices. On their own visit, while they are
    there, they show the price that the office made and write down the answer.
    """

    _inherit = "aftersales.visit"

    approval_ids = fields.One2many("aftersales.approval", "visit_id", "Answers")

    def _get_own_jobs(self):
        """Return the jobs of this visit, and added work that no other visit does."""
        self.ensure_one()
        own = self.job_ids | self.fee_job_ids
        if self.state in ("done", "cancel"):
            return own
        others = (self.order_id.visit_ids - self).filtered(
            lambda visit: visit.state not in ("done", "cancel")
        )
        waiting = self.order_id.job_ids.filtered(lambda job: job.state in WAITING)
        return own | (waiting - others.job_ids - others.fee_job_ids)

    def _get_visit_jobs(self, jobs, moment=None):
        """Return the jobs that an answer is about.

        :param jobs: records, ids, or None for all that wait for an answer
        :param moment: when the customer answered: work added later is not meant
        :raises UserError: naming jobs that are not of this visit
        """
        self.ensure_one()
        own = self._get_own_jobs()
        if jobs is None:
            return own.filtered(
                lambda job: (
                    job.state in WAITING
                    and not (moment and job.create_date.replace(microsecond=0) > moment)
                )
            )
        jobs = self.order_id._browse_jobs(jobs).sudo()
        foreign = jobs - own
        if foreign:
            raise UserError(
                self.env._(
                    "%(jobs)s is not work of %(visit)s. Load the visit again.",
                    jobs=", ".join(str(job.id) for job in foreign),
                    visit=self.name,
                )
            )
        return jobs

    def action_consent(
        self, jobs=None, signer=None, signature=None, note=None, moment=None,
        offers=None, device=None,
    ):  # fmt: skip
        """Write down that the customer agrees to work, on site, and let it begin.

        Jobs that are agreed to already are left alone.

        :param jobs: records or ids; without them, all that wait for an answer
        :param str signer: who said yes; required
        :param bytes signature: base64 PNG; required, unless ``note`` has the words
        :param moment: when it was said (UTC), if before now
        :param dict offers: ``{job id: offer}`` as ``get_cover`` gave them: refuses what
            was changed since the customer saw it
        :param str device: what it was signed on
        :raises UserError: naming jobs without a price, or changed ones; before the
            engineer is there
        """
        visits = self._check_is_own()._lock()
        said, moment = moment, visits._read_moment(moment)
        todo = [
            (visit, visit._get_visit_jobs(jobs, said and moment)) for visit in visits
        ]
        for visit, own in todo:
            waiting = own.filtered(
                lambda job: job.state not in ("approved", "progress", "done")
            )
            if waiting:
                visit._check_consent(waiting, signer, signature, note, offers or {})
                visit._consent(waiting, moment, signer, signature, note, device)
        return True

    def _check_consent(self, jobs, signer, signature, note, offers):
        """Refuse an answer that would not hold later."""
        self.ensure_one()
        self._check_on_site()
        self._check_signer(signer, signature, note)
        unpriced = jobs.filtered(lambda job: not job.line_ids)
        if unpriced:
            raise UserError(
                self.env._(
                    "%(jobs)s of %(visit)s has no price yet. Call the office, which "
                    "puts parts and labour on it; then show the price and ask again.",
                    jobs=", ".join(unpriced.mapped("name")),
                    visit=self.name,
                )
            )
        seen = {int(job_id): offer for job_id, offer in offers.items()}
        changed = jobs.filtered(
            lambda job: job.id in seen and seen[job.id] != job._get_offer_code()
        )
        if changed:
            raise UserError(
                self.env._(
                    "%(visit)s: %(jobs)s was changed since the customer saw it. Show "
                    "the new price and ask again.",
                    visit=self.name,
                    jobs=", ".join(changed.mapped("name")),
                )
            )

    def _check_on_site(self):
        """Refuse what only somebody at the customer's can say."""
        elsewhere = self.filtered(lambda visit: visit.state not in ("onsite", "paused"))
        if elsewhere:
            raise UserError(
                self.env._(
                    "%(visits)s: the customer answers on site. Say that you arrived "
                    "first, or ask the office to record the answer.",
                    visits=", ".join(elsewhere.mapped("name")),
                )
            )

    def _check_signer(self, signer, signature, note=None):
        """Refuse an answer without a name, or without a signature and any words."""
        self.ensure_one()
        if not (signer or "").strip():
            raise UserError(
                self.env._("%(visit)s: write down who answered.", visit=self.name)
            )
        if signature:
            self.order_id._check_signature(signer, signature)
        elif not (note or "").strip():
            raise UserError(
                self.env._(
                    "%(visit)s: have %(signer)s sign, or write down what was said.",
                    visit=self.name,
                    signer=signer,
                )
            )

    def _consent(self, jobs, moment, signer, signature, note, device):
        """Approve jobs of one visit; ``self`` is superuser."""
        self.ensure_one()
        order = self.order_id
        before = order.approval_ids
        # Approving takes an advisor; who may record it here was checked.
        order.action_approve(
            jobs=jobs,
            method="site",
            signer=signer,
            note=note,
            signature=signature,
            device=device,
        )
        self._keep_answers(order.approval_ids - before, jobs, moment)
        order._start_onsite()
        self.message_post(
            body=self.env._(
                "%(signer)s agreed on site: %(jobs)s",
                signer=signer,
                jobs=", ".join(jobs.mapped("name")),
            )
        )

    def _keep_answers(self, answers, jobs, moment, **values):
        """Tie answers to this visit; the work is its own from now on."""
        self.ensure_one()
        answers.write({"visit_id": self.id, "date": moment, **values})
        added = (jobs - self.job_ids).filtered(lambda job: not job.fee_id)
        if added:
            self.job_ids = [Command.link(job.id) for job in added]
        if self.technician_id:
            self._give_jobs_to(self.technician_id, self.helper_ids)

    def action_refuse_paid(
        self, reason, jobs=None, signer=None, signature=None, moment=None,
        restored=True, device=None,
    ):  # fmt: skip
        """Write down that the customer does not want work at this price (R127).

        :param str reason: in the customer's words; required
        :param jobs: records or ids; without them, all that wait for an answer
        :param str signer: who said no; the customer, if not given
        :param bytes signature: base64 PNG, if there is one
        :param moment: when it was said (UTC), if before now
        :param bool restored: whether the asset is put back as it was found
        :raises UserError: naming jobs that are approved already; before the engineer
            is there
        """
        self._check_reason(reason)
        visits = self._check_is_own()._lock()
        said, moment = moment, visits._read_moment(moment)
        todo = [
            (visit, visit._get_visit_jobs(jobs, said and moment)) for visit in visits
        ]
        for visit, own in todo:
            refused = own.filtered(lambda job: job.state != "declined")
            if restored:
                visit._mark_restored(own - refused)
            if refused:
                visit._check_on_site()
                if signature:
                    visit.order_id._check_signature(signer, signature)
                visit._refuse_paid(
                    refused, moment, reason, signer, signature, restored, device
                )
        return True

    def _mark_restored(self, jobs):
        """Say of jobs declined on this visit that the asset is as it was found."""
        self.ensure_one()
        self.approval_ids.filtered(
            lambda answer: (
                answer.decision == "declined"
                and not answer.is_restored
                and answer.job_ids <= jobs
            )
        ).is_restored = True

    def _refuse_paid(
        self, jobs, moment, reason, signer, signature, restored, device
    ):  # fmt: skip
        """Decline jobs of one visit; ``self`` is superuser."""
        self.ensure_one()
        order = self.order_id
        before = order.approval_ids
        order.action_decline(
            jobs=jobs, reason=reason, method="site", signer=signer, device=device
        )
        self._keep_answers(
            order.approval_ids - before,
            jobs,
            moment,
            signature=signature,
            is_restored=restored,
        )
        words = self.env._(
            "%(signer)s declined on site: %(jobs)s. %(reason)s",
            signer=signer or order.partner_id.name,
            jobs=", ".join(jobs.mapped("name")),
            reason=reason,
        )
        if restored:
            words = f"{words} {self.env._('Put back as it was found.')}"
        self.message_post(body=words)
