from odoo import api, fields, models

MAX_PROBLEMS = 200
# Where a visit has to be for a step to be taken, whoever took it.
TAKEN = {
    "travel": ("travel", "onsite", "paused", "done"),
    "arrive": ("onsite", "paused", "done"),
    "pause": ("done",),
    "resume": ("done",),
    "finish": ("done",),
}
# Where a job is after this was said, whoever said it.
ANSWERS = {
    "consent": ("approved", "progress", "done"),
    "refuse_paid": ("declined",),
}
# What counts is what the same person said last.
SAID = ("set", "sign", "opinion", "payment", "meter")


class AftersalesFieldOperation(models.Model):
    """Entries that could not be taken over, and need nobody any more.

    The second attempt went through, or the office did the same: then the entry leaves
    the list of the dispatcher by itself, and the engineer is told so. What says
    something else than what came later is a conflict, and stays.
    """

    _inherit = "aftersales.field.operation"

    settled = fields.Selection(
        selection_add=[("later", "Overtaken by what came later")],
        ondelete={"later": "set null"},
    )

    @api.model
    def _receive(self, device, skew, operations):
        results = super()._receive(device, skew, operations)
        App = self.env["aftersales.field.app"]
        visits = App._get_met_visits(each.get("visit_id") for each in operations)
        orders = App._get_met_orders(each.get("order_id") for each in operations)
        self._find_open("visit_id", visits)._settle_overtaken()
        self._find_open("order_id", orders)._settle_overtaken()
        return results

    @api.model
    def _find_open(self, field, ids):
        """Return what waits for somebody on these visits or orders, as superuser."""
        if not ids:
            return self.sudo().browse()
        return self.sudo().search(
            [
                (field, "in", list(ids)),
                ("state", "!=", "done"),
                ("settled", "=", False),
            ]
        )

    def _settle_overtaken(self):
        for operation in self:
            if operation._is_overtaken():
                operation._settle("later")

    def _is_overtaken(self):
        """Whether nothing is left to do about this, as the same was done since."""
        self.ensure_one()
        kind, visit = self.kind, self.visit_id
        values = self._get_values()
        if not self._get_work() or not isinstance(values, dict):
            return False
        if kind in TAKEN:
            return visit.state in TAKEN[kind] and (
                kind != "finish" or self._is_end_of_visit(values)
            )
        if kind in ANSWERS:
            jobs = self._get_asked_jobs(values)
            return bool(jobs) and all(job.state in ANSWERS[kind] for job in jobs)
        if kind == "job_done":
            job = self.order_id.job_ids.filtered(
                lambda job: job.id == values.get("job_id")
            )
            return job.state == "done"
        if kind == "inspect_finish":
            inspection = self._get_order().inspection_ids.filtered(
                lambda each: each.id == values.get("inspection_id")
            )
            signer = values.get("signer")
            return inspection.state == "done" and (
                not signer or signer == inspection.signed_by
            )
        return kind in SAID and any(
            values.keys() <= (other._get_values() or {}).keys()
            and values.get("job_id") == other._get_values().get("job_id")
            for other in self._find_said_since()
        )

    def _is_end_of_visit(self, values):
        """Whether the visit ended as this says, and nothing of it is unheard."""
        visit = self.visit_id
        note = str(values.get("note") or "").strip()
        return values.get("outcome") == visit.outcome and (
            not note or note in (visit.outcome_note or "")
        )

    def _get_order(self):
        return self.order_id or self.visit_id.order_id

    def _get_asked_jobs(self, values):
        """Return the jobs that an answer of the customer names."""
        numbers, names = values.get("job_ids"), values.get("operations")
        numbers = numbers if isinstance(numbers, list) else []
        jobs = self.visit_id.order_id.job_ids.filtered(lambda job: job.id in numbers)
        if isinstance(names, list) and names:
            records = self.visit_id.part_ids.filtered(
                lambda record: record.operation in names
            )
            if set(names) - set(records.mapped("operation")):
                # Some of it was never taken over.
                return jobs.browse()
            jobs |= records.job_id
        return jobs

    def _find_said_since(self):
        return self.search(
            [
                ("visit_id", "=", self.visit_id.id),
                ("order_id", "=", self.order_id.id),
                ("user_id", "=", self.user_id.id),
                ("kind", "=", self.kind),
                ("state", "=", "done"),
                ("moment", ">=", self.moment),
                ("id", ">", self.id),
            ]
        )

    @api.model
    def _tell_settled(self, names):
        """Return which of the user's own entries nobody has to deal with any more.

        :param list names: of entries that the phone still shows as not taken over
        """
        if not isinstance(names, list):
            return []
        names = [name for name in names[:MAX_PROBLEMS] if isinstance(name, str)]
        known = self.sudo().union(*self._get_known(names).values()) if names else self
        known.filtered(
            lambda each: each.state != "done" and not each.settled
        )._settle_overtaken()
        return [
            {
                "id": operation.name,
                "message": operation._get_settled_words() if operation.settled else "",
            }
            for operation in known
            if operation.settled or operation.state == "done"
        ]

    def _get_settled_words(self):
        if self.settled == "later":
            return dict(self._fields["settled"]._description_selection(self.env))[
                "later"
            ]
        return super()._get_settled_words()


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def _after_finish(self, jobs):
        result = super()._after_finish(jobs)
        Operation = self.env["aftersales.field.operation"]
        Operation._find_open("visit_id", self.ids)._settle_overtaken()
        return result
