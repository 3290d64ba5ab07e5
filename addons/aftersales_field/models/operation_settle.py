from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesFieldOperation(models.Model):
    """What the dispatcher decides about entries that could not be taken over."""

    _inherit = "aftersales.field.operation"

    can_settle = fields.Boolean(compute="_compute_can_settle")

    @api.depends("state", "settled")
    @api.depends_context("uid")
    def _compute_can_settle(self):
        decides = self.env.user.has_group("aftersales.aftersales_group_user")
        for operation in self:
            operation.can_settle = (
                decides and operation.state != "done" and not operation.settled
            )

    def action_keep_phone(self):
        """Write what the phone wrote over what the desk wrote meanwhile.

        What was changed once more since then is a conflict again.

        :raises UserError: if it can't be written, and why
        """
        for operation in self._get_to_settle("conflict"):
            seen = {each["field"]: each["theirs"] for each in operation.conflicts}
            operation._do_again("phone", *operation._get_conflict_values(seen))
        return True

    def action_keep_desk(self):
        """Leave what the desk wrote; what the phone wrote stays here to be read."""
        for operation in self._get_to_settle("conflict"):
            operation._settle("desk")
        return True

    def action_retry(self):
        """Carry out again what could not be done before, as of when it was done.

        :raises UserError: if it still can't be done, and why
        """
        for operation in self._get_to_settle("refused"):
            operation._do_again("again", operation._get_values(), operation._get_base())
        return True

    def action_settle(self, note=None):
        """Say that these were dealt with by hand.

        :param str note: how
        """
        for operation in self._get_to_settle("conflict", "refused"):
            operation._settle("note", note)
        return True

    def _get_to_settle(self, *states):
        """Return those in these states that nobody settled, one caller at a time."""
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "aftersales.aftersales_group_user"
        ):
            raise AccessError(
                self.env._("Ask the dispatcher to settle what a phone could not do.")
            )
        if self.ids:
            self.env.cr.execute(
                "UPDATE aftersales_field_operation SET state = state WHERE id IN %s",
                [tuple(sorted(self.ids))],
                log_exceptions=False,
            )
        self.invalidate_recordset(["state", "settled"])
        return self.filtered(
            lambda operation: operation.state in states and not operation.settled
        )

    def _get_conflict_values(self, seen):
        """Return values and base to write what is in conflict, having seen theirs.

        :param dict seen: what the dispatcher saw of the other's, by field
        """
        self.ensure_one()
        values = dict(self._get_values() or {})
        if self.kind != "answers":
            kept = {"job_id"} | seen.keys()
            return {key: values[key] for key in values if key in kept}, seen
        base = {}
        for field, theirs in seen.items():
            item, _dot, name = field.partition(".")
            base.setdefault(item, {})[name] = theirs
        answers = values.get("answers")
        answers = answers if isinstance(answers, list) else [answers]
        values["answers"] = [
            {key: value for key, value in each.items() if key != "operation"}
            for each in answers
            if str(each.get("item_id")) in base
        ]
        return values, base

    def _do_again(self, settled, values, base):
        outcome = self._try(values, base)
        if outcome["state"] == "refused":
            raise UserError(outcome["message"])
        if outcome["state"] == "conflict":
            self.sudo().write(outcome)
            return
        self.sudo().values = outcome["values"] or self.values
        self._settle(settled)

    def _settle(self, settled, note=None):
        self.sudo().write(
            {
                "settled": settled,
                "settled_note": note,
                "settled_date": fields.Datetime.now(),
                "settled_user_id": self.env.uid,
            }
        )
