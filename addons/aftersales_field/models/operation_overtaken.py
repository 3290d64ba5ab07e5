from odoo import api, fields, models

from .visit_consent import WAITING

MAX_PROBLEMS = 200
# Where a visit has to be for a step to be taken, whoever took it.
TAKEN = {
    "travel": ("travel", "onsite", "paused", "done"),
    "arrive": ("onsite", "paused", "done"),
    "pause": ("done",),
    "resume": ("done",),
    "finish": ("done",),
}
ANSWERS = ("consent", "refuse_paid")
# What counts is what was said last.
SAID = ("set", "sign", "opinion", "payment", "meter")


class AftersalesFieldOperation(models.Model):
    """Entries that could not be taken over, and need nobody any more.

    The second attempt went through, or the office did it: then the entry leaves the
    list of the dispatcher and the engineer's phone by itself.
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
        self._find_open(list(visits))._settle_overtaken()
        return results

    @api.model
    def _find_open(self, visit_ids):
        """Return what waits for somebody on these visits, as superuser."""
        if not visit_ids:
            return self.sudo().browse()
        return self.sudo().search(
            [
                ("visit_id", "in", visit_ids),
                ("state", "!=", "done"),
                ("settled", "=", False),
            ]
        )

    def _settle_overtaken(self):
        for operation in self:
            if operation._is_overtaken():
                operation._settle("later")

    def _is_overtaken(self):
        """Whether nothing is left to do about this, as somebody has done it since."""
        self.ensure_one()
        kind, visit = self.kind, self.visit_id
        values = self._get_values()
        if not visit or not isinstance(values, dict):
            return False
        if kind in TAKEN:
            return visit.state in TAKEN[kind]
        if kind in ANSWERS:
            jobs = self._get_asked_jobs(values)
            return bool(jobs) and all(job.state not in WAITING for job in jobs)
        if kind == "inspect_finish":
            inspection = visit.order_id.inspection_ids.filtered(
                lambda each: each.id == values.get("inspection_id")
            )
            return inspection.state == "done"
        return kind in SAID and any(
            values.keys() <= (other._get_values() or {}).keys()
            and values.get("job_id") == other._get_values().get("job_id")
            for other in self._find_said_since()
        )

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
                "message": operation._get_settled_words()
                if operation.settled and operation.settled != "later"
                else "",
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
        Operation._find_open(self.ids)._settle_overtaken()
        return result
