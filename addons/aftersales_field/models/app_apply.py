from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.aftersales_inspection.models.template import GATES

from .operation import KEPT_DAYS

# What ends the user's own time is taken also after the visit went to somebody else.
ENDS_CLOCK = ("clock_pause", "clock_off")
# What would change a visit that was signed, if it came after its end.
ADDS = (
    "set", "answers", "inspect_finish", "remove_photo", "clock_on", "added_work",
    "meter", "old_part", "person",
)  # fmt: skip
MAX_TEXT = 20000


class AftersalesFieldApp(models.AbstractModel):
    """What each kind of entry of a phone does: it calls the method the desk calls.

    ``_apply_<kind>(visit, values, base, operation)`` gets the user's own visit, or work
    order of the workshop, as superuser; jobs, lines, inspections and colleagues are
    only taken if they belong to it. It returns a dict of what it made, ``conflicts``
    and ``message``, or nothing.
    """

    _inherit = "aftersales.field.app"

    @api.model
    def _get_kinds(self):
        """Return what a phone may send: ``{kind: label}``."""
        return {
            "travel": self.env._("Set off"),
            "turn_back": self.env._("Turned back"),
            "arrive": self.env._("Arrived"),
            "pause": self.env._("Paused"),
            "resume": self.env._("Went on"),
            "block": self.env._("Blocked"),
            "hand_over": self.env._("Handed over"),
            "set": self.env._("Cause and remedy"),
            "answers": self.env._("Checklist"),
            "inspect_finish": self.env._("Checklist finished"),
            "remove_photo": self.env._("Photo removed"),
            "clock_on": self.env._("Clocked on"),
            "clock_pause": self.env._("Clock paused"),
            "clock_off": self.env._("Clocked off"),
            "use_part": self.env._("Part used"),
            "unuse_part": self.env._("Part not used"),
            "missing_part": self.env._("Part missing"),
            "added_work": self.env._("Added work"),
            "consent": self.env._("Customer agreed"),
            "refuse_paid": self.env._("Customer declined to pay"),
            "old_part": self.env._("Old part"),
            "opinion": self.env._("Opinion of the customer"),
            "sign": self.env._("Signature"),
            "payment": self.env._("Payment"),
            "person": self.env._("Person"),
            "meter": self.env._("Meter"),
            "count": self.env._("Count of the van"),
            "finish": self.env._("Finished"),
        }

    @api.model
    def _apply(self, operation, values, base):
        """Carry out one entry.

        :param operation: its record; whoever calls this acts, for its engineer
        :param values: what was sent with it
        :param dict base: what the phone saw before
        :raises UserError: why it can't be done
        """
        operation = operation.sudo()
        kind = operation.kind
        if kind not in self._get_kinds():
            raise UserError(
                self.env._(
                    "“%(kind)s” is not known here. Update the app on the phone.",
                    kind=kind,
                )
            )
        if not isinstance(values, dict):
            raise UserError(
                self.env._("The entry came without its values. Enter it again.")
            )
        if operation.moment < fields.Datetime.now() - timedelta(days=KEPT_DAYS):
            raise UserError(
                self.env._(
                    "This is more than %(days)s days old, so that nobody can tell "
                    "whether it was taken over before. The dispatcher decides.",
                    days=KEPT_DAYS,
                )
            )
        visit = None
        if kind != "count":
            visit = self._get_own_work(operation, values)
            self._check_kind(visit, kind)
            self = self.with_company(visit.company_id)
        return getattr(self, f"_apply_{kind}")(visit, dict(values), base, operation)

    # What an entry is about

    @api.model
    def _get_own_work(self, operation, values):
        """Return the visit or work order of an entry as superuser."""
        payload = operation.payload or {}
        if payload.get("order_id") and not payload.get("visit_id"):
            return self._get_own_order(operation, values)
        return self._get_own_visit(operation)

    @api.model
    def _get_own_visit(self, operation):
        """Return the visit of an entry as superuser, if it is still the user's.

        :raises UserError: naming what became of a visit that was the user's, or that
            it was finished before
        :raises AccessError: for every other one
        """
        visit_id = self._read_id((operation.payload or {}).get("visit_id"))
        visit = self.env["aftersales.visit"].browse(visit_id or ())
        lost = self._get_lost_words(operation.visit_id)
        if operation.visit_id and lost and operation.kind not in ENDS_CLOCK:
            raise UserError(
                self.env._(
                    "%(visit)s: %(reason)s This is kept for the dispatcher.",
                    visit=operation.visit_id.name,
                    reason=lost,
                )
            )
        if operation.visit_id and lost:
            return operation.visit_id
        if not visit or not operation.visit_id:
            raise AccessError(
                self.env._(
                    "Visit %(visit)s is not yours. Ask the dispatcher.",
                    visit=visit_id or "?",
                )
            )
        visit = visit._check_is_own()
        if operation.kind in ADDS:
            visit._check_may_add(operation.moment)
        return visit

    @api.model
    def _get_job(self, visit, job_id, was=False):
        """Return a job of the visit, as superuser."""
        jobs = self._get_work_jobs(visit, was=was)
        job = jobs.filtered(lambda job: job.id == self._read_id(job_id))
        if not job:
            raise self._get_foreign_error(visit, self.env._("job"), job_id)
        return job

    @api.model
    def _get_jobs(self, visit, job_ids):
        """Return jobs of the visit; None where none were named."""
        if job_ids is None:
            return None
        if not isinstance(job_ids, list):
            job_ids = [job_ids]
        jobs = visit.job_ids.browse()
        for job_id in job_ids:
            jobs |= self._get_job(visit, job_id)
        return jobs

    @api.model
    def _get_line(self, visit, line_id):
        jobs = self._get_work_jobs(visit)
        line = jobs.line_ids.filtered(lambda line: line.id == self._read_id(line_id))
        if not line:
            raise self._get_foreign_error(visit, self.env._("line"), line_id)
        return line

    @api.model
    def _get_inspection(self, visit, inspection_id):
        """Return a checklist of the visit's order that the user may fill in."""
        inspection = self._get_order(visit).inspection_ids.filtered(
            lambda each: each.id == self._read_id(inspection_id)
        )
        if not inspection:
            raise self._get_foreign_error(visit, self.env._("checklist"), inspection_id)
        if inspection.use in GATES:
            # Superuser from here on, who passes every gate.
            inspection.sudo(False)._check_gate_person()
        return inspection

    @api.model
    def _get_product(self, visit, product_id):
        product = (
            self.env["product.product"]
            .sudo()
            .browse(self._read_id(product_id) or ())
            .exists()
        )
        company = visit.company_id if visit else self.env.company
        if not product or product.company_id not in (company, company.browse()):
            raise UserError(
                self.env._("There is no product %(product)s here.", product=product_id)
            )
        return product

    @api.model
    def _get_colleague(self, visit, employee_id):
        """Return somebody of the visit's company who makes visits."""
        employee = (
            self.env["hr.employee"]
            .sudo()
            .browse(self._read_id(employee_id) or ())
            .exists()
        )
        if employee not in self._get_colleagues(visit.company_id):
            raise self._get_foreign_error(visit, self.env._("colleague"), employee_id)
        return employee

    @api.model
    def _get_clock_reason(self, visit, reason_id):
        if not reason_id:
            return None
        reason = self._get_clock_reasons(visit.company_id).filtered(
            lambda reason: reason.id == self._read_id(reason_id)
        )
        if not reason:
            raise self._get_foreign_error(visit, self.env._("reason"), reason_id)
        return reason

    @api.model
    def _get_foreign_error(self, visit, what, number):
        return AccessError(
            self.env._(
                "%(visit)s has no %(what)s %(number)s. Pull the visit again.",
                visit=visit.name,
                what=what,
                number=number if isinstance(number, int) else "?",
            )
        )

    @api.model
    def _read_text(self, values, field, required=False):
        """Return a text that was sent, stripped; None for none."""
        text = values.get(field)
        if text is not None and not isinstance(text, str | int | float):
            raise UserError(self.env._("“%(field)s” is no text.", field=field))
        text = "" if text in (None, False) else str(text)[:MAX_TEXT].strip()
        if required and not text:
            raise UserError(
                self.env._("“%(field)s” is missing. Enter it again.", field=field)
            )
        return text or None

    @api.model
    def _read_quantity(self, values, default=1.0):
        """Return how many were sent: a number above zero."""
        number = values.get("quantity", default)
        if isinstance(number, bool) or not isinstance(number, int | float):
            number = 0
        if not 0 < number < 1e6:
            raise UserError(self.env._("Enter how many, a number above zero."))
        return number

    @api.model
    def _get_place(self, operation):
        """Return where it was done, without what is no number."""
        place = operation.payload.get("place")
        place = place if isinstance(place, dict) else {}
        read = {
            field: place[field]
            for field, limit in (
                ("latitude", 90),
                ("longitude", 180),
                ("accuracy", 1e7),
            )
            if isinstance(place.get(field), int | float) and abs(place[field]) <= limit
        }
        if not {"latitude", "longitude"} <= read.keys():
            read = {}
        return {**read, "date_device": operation.moment_device}

    @api.model
    def _compare(self, record, base, mine, read=None):
        """Return ``(what to write, conflicts)`` of values somebody may have changed.

        :param dict base: what the phone saw; a field it does not name was not seen
        :param dict mine: what the phone wants
        :param read: callable, what the record has now in a field
        """
        values, conflicts = {}, []
        for field, value in mine.items():
            theirs = read(field) if read else (record[field] or "")
            if theirs == value:
                continue
            if theirs == base.get(field, ""):
                values[field] = value
            else:
                conflicts.append(
                    {
                        "field": field,
                        "label": record._fields[field]._description_string(self.env),
                        "base": base.get(field, ""),
                        "mine": value,
                        "theirs": theirs,
                        **record._get_change_words(field),
                    }
                )
        return values, conflicts
