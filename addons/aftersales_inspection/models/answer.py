import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .version import RATINGS

# What is written down for each kind of item.
VALUE_FIELDS = {
    "yes_no": "value_yes_no",
    "rating": "rating",
    "measure": "value_number",
    "text": "value_text",
    "choice": "choice_id",
    "photo": "photo_ids",
    "signature": "signature",
    "mark": "marks",
}
# The colour of these follows from the answer; nobody chooses it.
COMPUTED_KINDS = ("yes_no", "measure", "choice")
# What an answer belongs to, and what a second inspection took over.
FIXED_FIELDS = {
    "inspection_id", "company_id", "item_id", "sequence", "kind", "is_copied",
    "earlier_finding_id",
}  # fmt: skip
MARK_KINDS = ("scratch", "dent", "crack", "missing", "other")


class AftersalesInspectionAnswer(models.Model):
    """What is the case with one item. Its colour decides whether it is a finding."""

    _name = "aftersales.inspection.answer"
    _description = "Answer of an Inspection"
    _order = "inspection_id, sequence, id"
    _rec_name = "item_id"

    inspection_id = fields.Many2one(
        "aftersales.inspection", required=True, index=True, ondelete="cascade"
    )
    inspection_state = fields.Selection(
        related="inspection_id.state", string="Inspection State"
    )
    company_id = fields.Many2one(
        related="inspection_id.company_id", store=True, precompute=True, index=True
    )
    item_id = fields.Many2one(
        "aftersales.inspection.item",
        required=True,
        index=True,
        ondelete="restrict",
    )
    # The item of a published version never changes, so neither do these.
    sequence = fields.Integer(related="item_id.sequence", store=True, precompute=True)
    kind = fields.Selection(related="item_id.kind", store=True, precompute=True)
    section = fields.Char(related="item_id.section")
    unit = fields.Char(related="item_id.unit")
    is_required = fields.Boolean(related="item_id.is_required")
    value_yes_no = fields.Selection([("yes", "Yes"), ("no", "No")], "Yes or No")
    value_number = fields.Float("Measured", digits=(16, 3))
    is_measured = fields.Boolean(help="A number was written down; it may be 0.")
    value_text = fields.Text("Text")
    choice_id = fields.Many2one(
        "aftersales.inspection.choice",
        domain="[('item_id', '=', item_id)]",
        ondelete="restrict",
    )
    marks = fields.Json(
        help="List of {x, y, kind, note, path}: x and y from 0 to 1 of the drawing."
    )
    is_clear = fields.Boolean("Nothing to Mark")
    signature = fields.Binary(attachment=True)
    not_applicable = fields.Boolean(
        help="The asset has no such thing, or it can't be looked at. Say why."
    )
    rating = fields.Selection(
        RATINGS,
        compute="_compute_rating",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    note = fields.Text()
    photo_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        "Photos",
        domain=[
            ("res_model", "=", "aftersales.inspection.answer"),
            ("res_field", "=", False),
        ],
    )
    photo_count = fields.Integer("Number of Photos", compute="_compute_photo_count")
    is_answered = fields.Boolean("Answered", compute="_compute_is_answered")
    is_copied = fields.Boolean(
        "From the First Inspection",
        readonly=True,
        help="It was right then and was not looked at again.",
    )
    finding_ids = fields.One2many("aftersales.finding", "answer_id", "Findings")
    earlier_finding_id = fields.Many2one(
        "aftersales.finding",
        readonly=True,
        index="btree_not_null",
        help="What was found here by the inspection before.",
    )
    display_value = fields.Char("Answer", compute="_compute_display_value")

    _item_unique = models.UniqueIndex(
        "(inspection_id, item_id)", "This item has its answer already."
    )

    @api.depends(
        "kind", "value_yes_no", "value_number", "is_measured", "choice_id",
        "not_applicable",
    )  # fmt: skip
    def _compute_rating(self):
        for answer in self:
            item = answer.item_id
            if answer.not_applicable:
                answer.rating = False
            elif answer.kind == "yes_no":
                answer.rating = answer._get_yes_no_rating()
            elif answer.kind == "measure":
                answer.rating = answer.is_measured and item._get_measure_rating(
                    answer.value_number
                )
            elif answer.kind == "choice":
                answer.rating = answer.choice_id.rating
            else:
                answer.rating = answer.rating

    def _get_yes_no_rating(self):
        self.ensure_one()
        expected = self.item_id.expected
        if not self.value_yes_no or not expected:
            return False
        return "green" if self.value_yes_no == expected else "red"

    @api.depends("photo_ids")
    def _compute_photo_count(self):
        for answer in self:
            answer.photo_count = len(answer.photo_ids)

    @api.depends(
        "value_yes_no", "is_measured", "value_text", "choice_id", "marks", "is_clear",
        "signature", "not_applicable", "rating", "photo_ids",
    )  # fmt: skip
    def _compute_is_answered(self):
        for answer in self:
            if answer.not_applicable:
                answer.is_answered = True
            elif answer.kind == "measure":
                answer.is_answered = answer.is_measured
            elif answer.kind == "mark":
                answer.is_answered = bool(answer.marks) or answer.is_clear
            else:
                field = VALUE_FIELDS.get(answer.kind)
                answer.is_answered = bool(field and answer[field])

    @api.depends(
        "value_yes_no", "value_number", "is_measured", "value_text", "choice_id",
        "marks", "is_clear", "rating", "not_applicable", "photo_ids", "signature",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_display_value(self):
        for answer in self:
            answer.display_value = answer._get_display_value()

    def _get_display_value(self):
        """Return the answer in words, as lists and papers show it."""
        self.ensure_one()
        if self.not_applicable:
            return self.env._("Not applicable")
        if not self.is_answered:
            return ""
        if self.kind in ("yes_no", "rating"):
            field = self._fields[VALUE_FIELDS[self.kind]]
            return dict(field._description_selection(self.env))[self[field.name]]
        if self.kind == "measure":
            return f"{self.value_number:g} {self.unit or ''}".strip()
        if self.kind == "choice":
            return self.choice_id.name
        if self.kind == "text":
            return self.value_text
        if self.kind == "mark":
            return self.env._("%(count)s marks", count=len(self.marks or []))
        if self.kind == "photo":
            return self.env._("%(count)s photos", count=len(self.photo_ids))
        return self.env._("Signed")

    @api.depends("item_id.name")
    def _compute_display_name(self):
        for answer in self:
            answer.display_name = answer.item_id.name

    @api.constrains("item_id", "inspection_id")
    def _check_version(self):
        for answer in self:
            if answer.item_id.version_id != answer.inspection_id.version_id:
                raise ValidationError(
                    self.env._(
                        "%(inspection)s is made with %(version)s, which has no item "
                        "%(item)s.",
                        inspection=answer.inspection_id.name,
                        version=answer.inspection_id.version_id.display_name,
                        item=answer.item_id.name,
                    )
                )

    @api.constrains("choice_id", "item_id")
    def _check_choice(self):
        for answer in self:
            if answer.choice_id and answer.choice_id.item_id != answer.item_id:
                raise ValidationError(
                    self.env._(
                        "%(choice)s is not a choice of %(item)s.",
                        choice=answer.choice_id.name,
                        item=answer.item_id.name,
                    )
                )

    @api.constrains("value_number", "marks")
    def _check_numbers(self):
        for answer in self:
            if not math.isfinite(answer.value_number):
                raise ValidationError(
                    self.env._("%(item)s: give a number.", item=answer.item_id.name)
                )
            if answer.marks and not answer._are_marks(answer.marks):
                raise ValidationError(
                    self.env._(
                        "%(item)s: a mark has x and y between 0 and 1 and one of the "
                        "kinds %(kinds)s.",
                        item=answer.item_id.name,
                        kinds=", ".join(MARK_KINDS),
                    )
                )

    @api.model
    def _are_marks(self, marks):
        """Whether ``marks`` is a list of what the drawing can show."""
        if not isinstance(marks, list) or len(marks) > 500:
            return False
        return all(
            isinstance(mark, dict)
            and all(
                isinstance(mark.get(axis), (int, float)) and 0 <= mark[axis] <= 1
                for axis in ("x", "y")
            )
            and mark.get("kind", "other") in MARK_KINDS
            for mark in marks
        )

    @api.model_create_multi
    def create(self, vals_list):
        answers = super().create(vals_list)
        answers.inspection_id._check_open()
        answers._sync_findings()
        return answers

    def write(self, vals):
        if not self.env.su:
            self._check_own_values(vals)
            # What arrives while the inspection is being finished comes too late.
            self.inspection_id._lock()
        self.inspection_id._check_open()
        if "value_number" in vals and "is_measured" not in vals:
            vals = {**vals, "is_measured": True}
        result = super().write(vals)
        if vals.keys() & {"rating", "note", "not_applicable", *VALUE_FIELDS.values()}:
            self._sync_findings()
        return result

    def _check_own_values(self, vals):
        """Refuse what follows from the checklist, the answer or the one before."""
        refused = FIXED_FIELDS.intersection(vals)
        if "rating" in vals and set(self.mapped("kind")).intersection(COMPUTED_KINDS):
            refused.add("rating")
        if refused:
            raise AccessError(
                self.env._(
                    "%(items)s: %(fields)s follows from the checklist and the answer "
                    "and can't be written. Open the inspection and answer the item.",
                    items=", ".join(self.mapped("display_name")),
                    fields=", ".join(sorted(refused)),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self.inspection_id._check_open()

    # What is missing

    def _get_gap(self):
        """Return what this answer still lacks, in words, or nothing."""
        self.ensure_one()
        item = self.item_id
        if self.is_copied:
            return ""
        if self.not_applicable:
            if item.is_required and not self.note:
                return self.env._(
                    "%(item)s: a note why it does not apply", item=item._get_label()
                )
            return ""
        if item.is_required and not self.is_answered:
            return (
                self.env._("%(item)s: a photo", item=item._get_label())
                if item.kind == "photo"
                else self.env._("%(item)s: an answer", item=item._get_label())
            )
        photo_due = item.photo_rule == "always" or (
            item.photo_rule == "bad" and self.rating in ("yellow", "red")
        )
        if photo_due and not self.photo_ids and (self.is_answered or item.is_required):
            return self.env._("%(item)s: a photo", item=item._get_label())
        return ""

    def _get_summary(self):
        """Return the item with its answer and note on one line."""
        self.ensure_one()
        parts = (self.item_id.name, self.display_value, self.note)
        return ", ".join(part for part in parts if part)
