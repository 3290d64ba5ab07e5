from odoo import api, fields, models
from odoo.exceptions import UserError

from .visit_consent import WAITING

OUTCOMES = [
    ("fixed", "Fixed"),
    ("part_missing", "Part missing"),
    ("no_access", "No access"),
    ("declined", "Declined, restored as found"),
    ("follow_up", "Has to be continued"),
]


class AftersalesVisit(models.Model):
    """How a visit ends, and what has to be known by then (D14).

    Whoever was there says it once and completely: what was wrong, what was done, which
    parts, what the customer thinks of it, and the signature. What is missing is named
    all at once, so that nobody has to come back for it.
    """

    _inherit = "aftersales.visit"

    outcome = fields.Selection(OUTCOMES, readonly=True, copy=False, tracking=True)
    outcome_note = fields.Text(readonly=True, copy=False)
    unused_reason = fields.Char(
        readonly=True, copy=False, help="Why parts that were planned were not used."
    )

    order_state = fields.Selection(related="order_id.state", string="Work Order State")
    call_phone = fields.Char("Phone", related="order_id.call_phone")
    waits_for_answer = fields.Boolean(
        "Waits for the Customer's Answer", compute="_compute_waits_for_answer"
    )

    @api.depends("order_id.job_ids.state")
    def _compute_waits_for_answer(self):
        for visit in self:
            visit.waits_for_answer = any(
                job.state in WAITING for job in visit.sudo()._get_own_jobs()
            )

    @api.model
    def get_outcomes(self):
        """Return how a visit can end: a list of ``(value, label)``."""
        return self._fields["outcome"]._description_selection(self.env)

    def action_finish(
        self, outcome, note=None, no_signature_reason=None, moment=None, place=None,
        unused_reason=None, done_jobs=None,
    ):  # fmt: skip
        """End these visits, with what came of them.

        Fixed: the jobs of the visit are done. Otherwise those in ``done_jobs`` are,
        and the others wait for the next visit, which is made. Called twice it has the
        effect of once.

        :param str outcome: fixed, part_missing, no_access, declined or follow_up
        :param str note: what the next one should know; required for no access and
            follow-up
        :param str no_signature_reason: why the customer did not sign
        :param moment: when the engineer left (UTC), if before now
        :param dict place: see ``AftersalesVisit`` of the steps
        :param str unused_reason: why parts that were planned were not used
        :param done_jobs: records or ids
        :raises UserError: naming everything that is missing
        """
        visits = self._check_is_own()._lock()
        visits._check_outcome(outcome)
        ended = visits.filtered(lambda visit: visit.state == "done")
        ended._check_same_outcome(outcome)
        todo = visits - ended
        todo._check_transition("done")
        moment = todo._read_moment(moment)
        values = {
            "outcome": outcome,
            "outcome_note": note or False,
            "no_signature_reason": no_signature_reason or False,
            "unused_reason": unused_reason or False,
        }
        done = self.env["aftersales.order"]._browse_jobs(done_jobs)
        done = (done or self.env["aftersales.job"]).sudo()
        todo._issue_consented()
        todo._check_finish(values, done)
        for visit in todo:
            visit._finish({**values, "date_left": moment}, moment, place, done)
        return True

    def _check_outcome(self, outcome):
        if outcome not in dict(OUTCOMES):
            raise UserError(
                self.env._(
                    "%(visits)s: say how it ended: %(outcomes)s.",
                    visits=", ".join(self.mapped("name")),
                    outcomes=", ".join(label for _value, label in self.get_outcomes()),
                )
            )

    def _check_same_outcome(self, outcome):
        """A replay says the same as before; anything else comes too late."""
        other = self.filtered(lambda visit: visit.outcome != outcome)
        if other:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(visit)s is finished already: %(outcome)s. Ask the "
                        "dispatcher to make another visit.",
                        visit=visit.name,
                        outcome=dict(self.get_outcomes())[visit.outcome],
                    )
                    for visit in other
                )
            )

    def action_view_order(self):
        """Open the work order of this visit."""
        self.ensure_one()
        return self.order_id.get_formview_action()

    # What must be known

    def _check_finish(self, values, done):
        """Refuse to finish with gaps, and list all of them."""
        problems = []
        for visit in self:
            jobs = visit._get_jobs_to_finish(values["outcome"], done)
            gaps = visit._get_finish_gaps(values, jobs)
            if gaps:
                problems.append(
                    self.env._(
                        "%(visit)s can't be finished:\n%(gaps)s",
                        visit=visit.name,
                        gaps="\n".join(f"- {gap}" for gap in gaps),
                    )
                )
        if problems:
            raise UserError("\n".join(problems))

    def get_finish_gaps(
        self, outcome, note=None, no_signature_reason=None, unused_reason=None,
        done_jobs=None,
    ):  # fmt: skip
        """Return sentences that say what is missing to end this visit like that."""
        self.ensure_one()
        visit = self._check_is_own()
        visit._check_outcome(outcome)
        done = self.env["aftersales.order"]._browse_jobs(done_jobs)
        done = (done or self.env["aftersales.job"]).sudo()
        values = {
            "outcome": outcome,
            "outcome_note": note,
            "no_signature_reason": no_signature_reason,
            "unused_reason": unused_reason,
        }
        jobs = visit._get_jobs_to_finish(outcome, done)
        return visit._get_finish_gaps(values, jobs)

    def _get_jobs_to_finish(self, outcome, done):
        """Return the jobs that are done with this visit."""
        self.ensure_one()
        jobs = self.job_ids.filtered(lambda job: job.state in ("approved", "progress"))
        if outcome == "fixed":
            return jobs
        awaited = self._get_missing_parts().job_id
        return jobs.filtered(
            lambda job: job in done or (job.found_for_id in done and job not in awaited)
        )

    def _get_finish_gaps(self, values, jobs):
        """Return what is missing; add-ons and files add theirs.

        :param dict values: what is said now: ``outcome``, ``outcome_note`` …
        :param jobs: that shall be done with it
        """
        self.ensure_one()
        gaps = getattr(self, f"_get_gaps_{values['outcome']}")(values)
        if values["outcome"] != "no_access" and self.state == "travel":
            gaps.insert(0, self.env._("the arrival: say that you are there"))
        return gaps + self._get_job_gaps(jobs, values)

    def _get_gaps_fixed(self, values):
        gaps = []
        waiting = self._get_own_jobs().filtered(
            lambda job: job.state in ("draft", "proposed")
        )
        if waiting:
            gaps.append(
                self.env._(
                    "the customer's yes or no to: %(jobs)s",
                    jobs=", ".join(waiting.mapped("name")),
                )
            )
        if not self.job_ids.filtered(
            lambda job: job.state in ("approved", "progress", "done")
        ):
            gaps.append(self.env._("a job that says what was done"))
        if not self.opinion:
            gaps.append(self.env._("the customer's opinion"))
        return gaps + self._get_signature_gaps(values)

    def _get_gaps_part_missing(self, values):
        if self._get_missing_parts():
            return []
        return [self.env._("the part that is missing: report it")]

    def _get_gaps_no_access(self, values):
        gaps = []
        if not (values["outcome_note"] or "").strip():
            gaps.append(self.env._("a note: whom you tried to reach, and how"))
        if not self._get_photos():
            gaps.append(self.env._("a photo of the closed door"))
        return gaps

    def _get_gaps_declined(self, values):
        refused = self.approval_ids.filtered(lambda each: each.decision == "declined")
        if not refused:
            return [self.env._("what the customer declined, and why")]
        loose = refused.filtered(lambda each: not each.is_restored)
        if loose:
            return [
                self.env._(
                    "%(jobs)s: put it back as it was found",
                    jobs=", ".join(loose.job_ids.mapped("name")),
                )
            ]
        return []

    def _get_gaps_follow_up(self, values):
        if (values["outcome_note"] or "").strip():
            return []
        return [self.env._("a note: what is left to do")]

    def _get_job_gaps(self, jobs, values):
        """Return what jobs lack that shall be done: cause, correction, parts."""
        self.ensure_one()
        gaps = self._get_order_gaps(values) if jobs else []
        for job in jobs:
            if job.found_for_id in jobs:
                # Named with the job that it belongs to.
                continue
            if not job._get_told("cause"):
                gaps.append(self.env._("%(job)s: the cause", job=job.name))
            if not job._get_told("correction"):
                gaps.append(self.env._("%(job)s: what was done", job=job.name))
        awaited = self._get_missing_parts().filtered(
            lambda record: record.job_id in jobs and record.state != "done"
        )
        if awaited:
            gaps.append(
                self.env._(
                    "%(parts)s was reported missing: choose “Part missing”, or take "
                    "the report back",
                    parts=", ".join(awaited.product_id.mapped("display_name")),
                )
            )
        stuck = self.order_id.visit_ids.part_ids.filtered(
            lambda record: record.job_id in jobs and record._is_consented()
        )
        gaps += [record.problem for record in stuck if record.problem]
        unsaid = self._get_unsaid_parts(jobs)
        if unsaid and not (values["unused_reason"] or "").strip():
            gaps.append(
                self.env._(
                    "parts: enter what was used of %(parts)s, or say why it was not",
                    parts=", ".join(
                        f"{line.product_uom_qty - line.qty_used:g} × {line.name}"
                        for line in unsaid
                    ),
                )
            )
        return gaps

    def _get_unsaid_parts(self, jobs):
        """Return planned parts that nobody said anything about: used, or not."""
        return jobs.line_ids.filtered(
            lambda line: line.kind == "part" and bool(line._get_usable_moves(self))
        )

    def _get_signature_gaps(self, values):
        self.ensure_one()
        if self.signature or (values["no_signature_reason"] or "").strip():
            return []
        return [self.env._("the customer's signature, or why there is none")]

    def _get_order_gaps(self, values):
        """Return what the work order waits for, to begin and to be completed."""
        self.ensure_one()
        order = self.order_id
        steps = ["complete"] if values["outcome"] == "fixed" else []
        gaps = []
        if order.state == "approved":
            steps.insert(0, "start")
            if order.asset_id.category_id.meter_required and not order.meter_in:
                gaps.append(self.env._("the meter reading"))
        return gaps + [
            self.env._("the checklist “%(name)s”", name=template.name)
            for step in steps
            for template in order._get_lacking_inspections(step).get(order, ())
        ]

    def _get_photos(self):
        """Return the photos taken on this visit."""
        self.ensure_one()
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("res_field", "=", False),
                ("mimetype", "=like", "image/%"),
            ]
        )

    # What follows

    def _finish(self, values, moment, place, done):
        """End one visit; ``self`` is superuser and nothing is missing."""
        self.ensure_one()
        jobs = self._get_jobs_to_finish(values["outcome"], done)
        self._stop_clocks(moment)
        self._end_bookings(moment)
        if jobs:
            self._finish_jobs(jobs)
        self._set_state("done", **values)
        self._stamp("finish", moment, place, values["outcome_note"])
        self._after_finish(jobs)

    def _stop_clocks(self, moment):
        """Stop the time that is clocked on the jobs of this visit."""
        self.env["aftersales.clock.entry"].search(
            [
                ("stop", "=", False),
                "|",
                ("job_id", "in", self.job_ids.ids),
                ("paused_job_id", "in", self.job_ids.ids),
                ("kind", "in", ("work", "pause")),
            ]
        )._stop(moment)

    def _finish_jobs(self, jobs):
        """Close jobs; parts that were planned and not used are given up."""
        self.ensure_one()
        self.order_id._start_onsite(required=True)
        self._give_up_parts(self._get_unsaid_parts(jobs))
        for job in jobs.filtered("found_for_id"):
            for field in ("cause", "correction"):
                job[field] = job._get_told(field)
        jobs.action_done()

    def _give_up_parts(self, lines):
        """Take planned parts that were not used off these lines."""
        moves = lines.move_ids.browse().union(
            *(line._get_usable_moves(self) for line in lines)
        )
        # What was brought to the van for it goes back to the store.
        moves._bring_to(self.env["stock.location"])
        moves._action_cancel()

    def _after_finish(self, jobs):
        """What follows from the end of one visit. Add-ons and files extend it.

        :param jobs: those that are done with it
        """
        self.ensure_one()
        order = self.order_id
        order.message_post(
            body=self.env._(
                "%(visit)s: %(outcome)s. %(note)s",
                visit=self.name,
                outcome=dict(self.get_outcomes())[self.outcome],
                note=self.outcome_note or "",
            )
        )
        order._sync_visit_dates()
        order._complete_onsite(self)
