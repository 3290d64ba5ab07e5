from odoo import api, models
from odoo.exceptions import UserError

TEXTS = {"aftersales.job": ("cause", "correction"), "aftersales.visit": ("note",)}
STEP_STATES = {
    "travel": "travel",
    "arrive": "onsite",
    "pause": "paused",
    "resume": "onsite",
    "turn_back": "planned",
}
# How far a visit is, and what is said of it where it has come.
RANKS = {"planned": 0, "travel": 1, "onsite": 2, "paused": 2, "done": 3}
ON_SITE = ("arrive", "pause", "resume")


class AftersalesFieldApp(models.AbstractModel):
    """Entries about the way through a visit, its texts, checklists and time."""

    _inherit = "aftersales.field.app"

    # Steps

    @api.model
    def _apply_travel(self, visit, values, base, operation):
        return self._take_step(visit, operation)

    @api.model
    def _apply_turn_back(self, visit, values, base, operation):
        return self._take_step(visit, operation, note=self._read_text(values, "note"))

    @api.model
    def _apply_arrive(self, visit, values, base, operation):
        return self._take_step(visit, operation)

    @api.model
    def _apply_pause(self, visit, values, base, operation):
        return self._take_step(
            visit, operation, reason=self._read_text(values, "reason")
        )

    @api.model
    def _apply_resume(self, visit, values, base, operation):
        return self._take_step(visit, operation)

    @api.model
    def _take_step(self, visit, operation, **arguments):
        """Take a step at the time it was taken on the phone.

        One that the visit has gone beyond since only leaves its stamp. That happens
        when two phones are on one visit.
        """
        kind, moment = operation.kind, operation.moment
        place = self._get_place(operation)
        visit._lock()
        visit.invalidate_recordset(["stamp_ids"])
        if self._is_step_past(visit, kind, moment):
            note = arguments.get("reason") or arguments.get("note")
            visit._stamp(kind, moment, place, note)
            return None
        step = getattr(visit.sudo(False), f"action_{kind}")
        step(moment=moment, place=place, **arguments)
        return None

    @api.model
    def _is_step_past(self, visit, kind, moment):
        """Whether a visit has gone beyond a step that was taken at a moment.

        A step further on is taken whatever others said later of one before it.
        """
        state = STEP_STATES[kind]
        here, there = RANKS.get(visit.state, RANKS["done"]), RANKS[state]
        if visit.state == state or here < there:
            return False
        # Who is there has set off before, whatever the other phone says.
        if kind == "travel" and here > there:
            return True
        later = visit.stamp_ids.filtered(lambda stamp: stamp.date > moment)
        if here == there:
            later = later.filtered(lambda stamp: stamp.kind in ON_SITE)
        return bool(later)

    @api.model
    def _apply_block(self, visit, values, base, operation):
        visit.sudo(False).action_report_block(
            reason=self._read_text(values, "reason"),
            moment=operation.moment,
            place=self._get_place(operation),
        )

    @api.model
    def _apply_hand_over(self, visit, values, base, operation):
        colleague = values.get("technician_id")
        visit.sudo(False).action_hand_over(
            technician=colleague and self._get_colleague(visit, colleague),
            note=self._read_text(values, "note"),
            moment=operation.moment,
            place=self._get_place(operation),
        )

    # Texts

    @api.model
    def _apply_set(self, visit, values, base, operation):
        """Write texts that nobody else changed since the phone read them."""
        job_id = values.pop("job_id", None)
        record = self._get_job(visit, job_id) if job_id else visit
        allowed = TEXTS.get(record._name, ())
        if refused := values.keys() - set(allowed):
            raise UserError(
                self.env._(
                    "%(visit)s: %(fields)s can't be written from the phone.",
                    visit=visit.name,
                    fields=", ".join(sorted(refused)),
                )
            )
        visit._lock()
        record.invalidate_recordset(values.keys())
        mine = {field: self._read_text(values, field) or "" for field in values}
        base = {field: self._read_text(base, field) or "" for field in base}
        new, conflicts = self._compare(record, base, mine)
        if new:
            record.write(new)
        return {"conflicts": conflicts}

    # Checklists

    @api.model
    def _apply_answers(self, visit, values, base, operation):
        """Write down answers; those somebody else gave meanwhile are conflicts."""
        inspection = self._get_inspection(visit, values.get("inspection_id"))
        answers = values.get("answers")
        if not isinstance(answers, list):
            answers = [answers]
        if not all(isinstance(answer, dict) for answer in answers):
            raise UserError(
                self.env._("%(inspection)s: send a list of answers.",
                           inspection=inspection.name)
            )  # fmt: skip
        inspection._lock()
        clean, conflicts = [], []
        by_item = inspection.answer_ids.grouped(lambda answer: answer.item_id.id)
        for answer in answers:
            known = by_item.get(self._read_id(answer.get("item_id")))
            seen = base.get(str(answer.get("item_id")))
            found = known._get_conflicts(seen, answer) if known and seen else []
            conflicts += found
            if not found:
                clean.append(answer)
        if clean:
            inspection.save_answers(clean)
        return {"conflicts": conflicts}

    @api.model
    def _apply_inspect_finish(self, visit, values, base, operation):
        inspection = self._get_inspection(visit, values.get("inspection_id"))
        inspection.action_finish(
            signer=self._read_text(values, "signer"),
            signature=self._read_signature(values),
        )

    @api.model
    def _apply_remove_photo(self, visit, values, base, operation):
        inspection = self._get_inspection(visit, values.get("inspection_id"))
        inspection.remove_photo(
            self._read_id(values.get("photo_id")), operation=operation.name
        )

    @api.model
    def _read_signature(self, values):
        """Return a signature as base64, with or without the head of a data address."""
        signature = values.get("signature")
        if signature and not isinstance(signature, str):
            raise UserError(self.env._("The signature is no picture. Sign again."))
        return signature.rpartition(",")[2] if signature else None

    # Time

    @api.model
    def _apply_clock_on(self, visit, values, base, operation):
        job = self._get_job(visit, values.get("job_id"))
        job.action_clock_on(
            employee=self._get_engineer(visit, operation),
            operation=operation.name,
            moment=operation.moment,
        )

    @api.model
    def _apply_clock_pause(self, visit, values, base, operation):
        job = self._get_job(visit, values.get("job_id"), was=True)
        job.action_clock_pause(
            reason=self._get_clock_reason(visit, values.get("reason_id")),
            employee=self._get_engineer(visit, operation),
            operation=operation.name,
            moment=operation.moment,
        )

    @api.model
    def _apply_clock_off(self, visit, values, base, operation):
        job = self._get_job(visit, values.get("job_id"), was=True)
        job.action_clock_off(
            employee=self._get_engineer(visit, operation),
            operation=operation.name,
            moment=operation.moment,
        )

    @api.model
    def _get_engineer(self, visit, operation):
        """Return whose clock an entry turns."""
        employee = operation.employee_id
        if not employee:
            raise UserError(
                self.env._(
                    "%(user)s is no employee of %(company)s and has no clock. Link the "
                    "user to an employee first.",
                    user=operation.user_id.name,
                    company=visit.company_id.name,
                )
            )
        return employee
