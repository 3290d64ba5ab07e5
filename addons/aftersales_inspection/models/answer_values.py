import math

from odoo import models
from odoo.exceptions import UserError

from .answer import VALUE_FIELDS
from .version import RATINGS


class AftersalesInspectionAnswer(models.Model):
    """Answers as they come from outside: of their kind, or refused."""

    _inherit = "aftersales.inspection.answer"

    def _prepare_values(self, values):
        """Return ``values`` in the form they are kept in, or refuse them.

        :raises UserError: naming the item, if a value is not of its kind
        """
        self.ensure_one()
        allowed = {"note", "not_applicable", VALUE_FIELDS[self.kind]} - {"photo_ids"}
        if self.kind == "mark":
            allowed |= {"is_clear", "rating"}
        elif self.kind in ("text", "photo"):
            allowed.add("rating")
        foreign = {
            field
            for field, value in values.items()
            if field not in allowed and value not in (None, False, "")
        }
        if foreign:
            raise UserError(
                self.env._(
                    "%(item)s asks for “%(kind)s” and can't take %(fields)s.",
                    item=self.item_id.name,
                    kind=self._get_kind_label(),
                    fields=", ".join(sorted(foreign)),
                )
            )
        values = {field: values[field] for field in allowed if field in values}
        for field in values:
            prepare = getattr(self, f"_prepare_{field}", None)
            if prepare:
                values[field] = prepare(values[field])
        if "value_number" in values:
            values["is_measured"] = values["value_number"] is not None
            values["value_number"] = values["value_number"] or 0.0
        if "marks" in values and "is_clear" not in values:
            # An empty list says that there is nothing to mark.
            values["is_clear"] = values["marks"] == []
        given = values.get(VALUE_FIELDS[self.kind])
        if "not_applicable" not in values and given not in (None, False):
            values["not_applicable"] = False
        return values

    def _get_kind_label(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _refuse_value(self, value):
        self.ensure_one()
        raise UserError(
            self.env._(
                "%(item)s asks for “%(kind)s”: %(value)s is no answer to that.",
                item=self.item_id.name,
                kind=self._get_kind_label(),
                value=str(value)[:40],
            )
        )

    def _prepare_value_yes_no(self, value):
        if value in (None, ""):
            return False
        # Programs say it with true and false.
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value if value in ("yes", "no") else self._refuse_value(value)

    def _prepare_rating(self, value):
        if not value:
            return False
        return value if value in dict(RATINGS) else self._refuse_value(value)

    def _prepare_value_number(self, value):
        if value is None or value is False or value == "":
            return None
        try:
            number = float(value)
        except (TypeError, ValueError):
            self._refuse_value(value)
        return number if math.isfinite(number) else self._refuse_value(value)

    def _prepare_choice_id(self, value):
        if not value:
            return False
        choice_id = getattr(value, "id", value)
        known = self.item_id.choice_ids.ids
        return choice_id if choice_id in known else self._refuse_value(value)

    def _prepare_marks(self, value):
        if value in (None, False):
            return False
        return value if self._are_marks(value) else self._refuse_value(value)

    def _prepare_signature(self, value):
        if not value:
            return False
        self.inspection_id._read_photo(self.item_id.name, value)
        return value

    def _prepare_copy_values(self):
        """Return what a second inspection takes over from this answer."""
        self.ensure_one()
        return {
            "value_yes_no": self.value_yes_no,
            "value_number": self.value_number,
            "is_measured": self.is_measured,
            "value_text": self.value_text,
            "choice_id": self.choice_id.id,
            "marks": self.marks,
            "is_clear": self.is_clear,
            "signature": self.signature,
            "not_applicable": self.not_applicable,
            "rating": self.rating,
            "note": self.note,
        }


class AftersalesInspection(models.Model):
    _inherit = "aftersales.inspection"

    def _write_answer(self, item, values):
        """Write down what is the case with ``item``.

        The colour of yes/no, measures and choices follows from the answer; what is
        yellow or red becomes a finding, what is no longer so takes it back. The first
        answer starts the inspection. Callers who write several answers, or follow an
        inspection that somebody else may finish at the same time, take the lock
        (``_lock``) once before.

        :param item: record or id of an item of this inspection's version
        :param dict values: the value field of its kind, and ``note``,
            ``not_applicable``; for marks an empty list says there is nothing to mark
        :return: the answer
        :raises UserError: naming the item, if it belongs to another version or the
            value is not of its kind; if the inspection is closed
        """
        self.ensure_one()
        self.check_access("write")
        self.sudo()._check_open()
        if self.state == "draft":
            self.action_start()
        item_id = getattr(item, "id", item)
        # The findings belong to the house: as superuser, after the right was checked.
        answer = self.sudo().answer_ids.filtered(
            lambda answer: answer.item_id.id == item_id
        )
        if not answer:
            raise UserError(
                self.env._(
                    "%(inspection)s is made with %(version)s, which has no item "
                    "%(item)s. Open the inspection again.",
                    inspection=self.name,
                    version=self.version_id.display_name,
                    item=item_id,
                )
            )
        answer.write({**answer._prepare_values(values), "is_copied": False})
        return answer.with_env(self.env)
