from odoo import api, models
from odoo.exceptions import AccessError, UserError

# What is entered for a job of the workshop; all else belongs to visits.
SHOP_KINDS = {
    "set", "answers", "inspect_finish", "remove_photo", "clock_on", "clock_pause",
    "clock_off", "missing_part", "added_work", "old_part", "meter", "note", "job_done",
}  # fmt: skip
# What would rewrite work that is over; the other steps ask for themselves.
SHOP_ADDS = ("set", "added_work")
# What has no meaning on a visit, which is finished as a whole.
SHOP_ONLY = {"note", "job_done"}


class AftersalesFieldApp(models.AbstractModel):
    """Entries about jobs of the workshop, which name the order instead of a visit."""

    _inherit = "aftersales.field.app"

    @api.model
    def _get_kinds(self):
        return {
            **super()._get_kinds(),
            "note": self.env._("Note"),
            "job_done": self.env._("Job done"),
        }

    @api.model
    def _get_own_order(self, operation, values):
        """Return the order of an entry as superuser, if the user still works on it.

        :raises UserError: naming what became of a job that was the user's, or that it
            was finished before
        :raises AccessError: for every other one
        """
        order = operation.order_id
        if not order:
            raise AccessError(
                self.env._(
                    "Work order %(order)s is not yours. Ask the advisor.",
                    order=self._read_id((operation.payload or {}).get("order_id"))
                    or "?",
                )
            )
        job_id = self._read_id(values.get("job_id"))
        jobs = order._get_own_jobs() | self._get_told_jobs(order.job_ids)
        named = jobs.filtered(lambda job: job.id == job_id) or jobs
        job = named.sorted(lambda job: bool(self._get_lost_job_words(job)))[:1]
        lost = job and self._get_lost_job_words(job)
        if not lost:
            own = order.sudo(False)._check_is_own()
            if operation.kind in SHOP_ADDS:
                own._check_may_add(operation.moment)
            if operation.kind == "set":
                job._check_may_add(operation.moment)
            return own
        if operation.kind in ("clock_pause", "clock_off"):
            return order
        raise UserError(
            self.env._(
                "%(order)s, %(job)s: %(reason)s This is kept for the advisor.",
                order=order.name,
                job=job.name,
                reason=lost,
            )
        )

    @api.model
    def _check_kind(self, work, kind):
        """Refuse what can't be entered for this sort of work."""
        is_shop = work._name == "aftersales.order"
        if kind in SHOP_KINDS if is_shop else kind not in SHOP_ONLY:
            return
        raise UserError(
            self.env._(
                "%(work)s: “%(kind)s” can't be entered here. Update the app.",
                work=work.name,
                kind=self._get_kinds()[kind],
            )
        )

    @api.model
    def _get_order(self, work):
        return work if work._name == "aftersales.order" else work.order_id

    @api.model
    def _get_work_jobs(self, work, was=False):
        """Return the jobs of a visit, or the own ones of an order in the workshop.

        :param bool was: those that were the own ones as well
        """
        if work._name != "aftersales.order":
            return work.job_ids | work._get_own_jobs()
        jobs = work._get_own_jobs()
        return jobs | self._get_told_jobs(work.job_ids) if was else jobs

    @api.model
    def _apply_note(self, work, values, base, operation):
        """Tell the office something about a job."""
        job = self._get_job(work, values.get("job_id"))
        work.message_post(
            body=self.env._(
                "%(job)s: %(note)s",
                job=job.name,
                note=self._read_text(values, "text", required=True),
            )
        )

    @api.model
    def _apply_job_done(self, work, values, base, operation):
        job = self._get_job(work, values.get("job_id"))
        job._finish_at(
            operation.moment,
            operation.employee_id,
            use_parts=values.get("use_parts") is not False,
        )
