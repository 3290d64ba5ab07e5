from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context


class Step(str):
    """A state on its way through ``_set_state``. From outside come plain strings."""


class AftersalesStateMixin(models.AbstractModel):
    """A document that walks through declared steps.

    The host has a selection field ``state`` and declares its graph in
    ``_get_transitions``; add-ons extend both. Every change goes through
    ``_set_state``, so that no screen, import or call can skip a step.
    """

    _name = "aftersales.state.mixin"
    _description = "Declared Steps"

    @api.model
    def _get_transitions(self):
        """Return ``{state: {states that may follow}}``."""
        return {}

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if any("state" in vals for vals in vals_list):
            first = self._get_first_states()
            records.filtered(lambda record: record.state not in first)._refuse_state()
        return records

    @api.model
    def _get_first_states(self):
        """Return the states that a record may be created in."""
        return {self.default_get(["state"])["state"]}

    def write(self, vals):
        if not isinstance(vals.get("state", Step()), Step):
            self._refuse_state()
        return super().write(vals)

    def _refuse_state(self):
        """Refuse a state that was written, and so skipped what the step does."""
        if self:
            raise UserError(
                self.env._(
                    "%(records)s: the state follows from the steps and can't be "
                    "written. Call the step instead.",
                    records=", ".join(self.mapped("display_name")),
                )
            )

    def _get_state_label(self, state):
        return dict(self._fields["state"]._description_selection(self.env))[state]

    def _check_transition(self, state):
        """Refuse, naming the records, unless all of them may go to ``state``."""
        transitions = self._get_transitions()
        stuck = self.filtered(
            lambda record: state not in transitions.get(record.state, ())
        )
        if stuck:
            raise UserError(
                self.env._(
                    "%(records)s cannot become “%(target)s” from “%(current)s”. "
                    "Take the steps in between first.",
                    records=", ".join(stuck.mapped("display_name")),
                    target=self._get_state_label(state),
                    current=", ".join(
                        self._get_state_label(current)
                        for current in dict.fromkeys(stuck.mapped("state"))
                    ),
                )
            )

    def _set_state(self, state, **values):
        """Move the records to ``state`` and write ``values`` with it.

        Records that are there already are left alone: a repeated call has the
        effect of one. If one record may not go, none does.

        :return: the records that moved
        """
        movable = self.filtered(lambda record: record.state != state)
        movable._check_transition(state)
        if movable:
            movable.write({"state": Step(state), **values})
        return movable

    def _check_reason(self, reason):
        """Refuse a step that keeps why it was done, if nothing was said."""
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(records)s: say why.",
                    records=", ".join(self.mapped("display_name")),
                )
            )

    def _lock(self):
        """Begin a step: check the right to it, and let one caller in at a time.

        The rows are rewritten and not only locked: Odoo runs in repeatable
        read, where the second of two calls would go on with the state it saw
        before it had to wait. A rewritten row makes it fail with a
        serialization error, which Odoo's dispatcher answers by running it
        again.

        :return: these records as superuser: a step reaches every job, part and
            bill of the document, also those its caller may not see
        :raises AccessError: if the user may not change one of them
        """
        self.check_access("write")
        # Defaults of the screen it was called from are not for the records it makes.
        context = clean_context(self.env.context)
        records = self.with_env(self.env(su=True, context=context))
        if self.ids:
            self.flush_recordset(["state"])
            self.env.cr.execute(
                f'UPDATE "{self._table}" SET state = state WHERE id IN %s',  # noqa: S608
                [tuple(sorted(self.ids))],
                log_exceptions=False,
            )
            stale = ["state"]
            if not self.env.su:
                # Lists read before hold what this user may see, and the cache is
                # shared with the superuser.
                stale += [
                    name
                    for name, field in self._fields.items()
                    if field.store and field.type in ("one2many", "many2many")
                ]
            records.invalidate_recordset(stale)
        return records
