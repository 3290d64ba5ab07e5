from odoo import api, models
from odoo.exceptions import AccessError
from odoo.models import MAGIC_COLUMNS


class AftersalesReturnLine(models.Model):
    """What the steps write, nobody writes past them: tests, approvals, charges."""

    _inherit = "aftersales.return.line"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_no_step({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_no_step(vals.keys())
        return super().write(vals)

    def _check_no_step(self, names):
        """Refuse fields that are read-only on every screen: a step fills them in."""
        refused = [
            name
            for name in names
            if (field := self._fields.get(name))
            and field.readonly
            and field.store
            and not field.compute
            # Has its own refusal, by the steps.
            and name not in ("state", *MAGIC_COLUMNS)
        ]
        if refused:
            labels = self.fields_get(refused, ["string"])
            raise AccessError(
                self.env._(
                    "%(lines)s: %(fields)s follows from the steps and can't be "
                    "written. Call the step instead.",
                    lines=", ".join(self.mapped("display_name")) or self._description,
                    fields=", ".join(
                        labels.get(name, {}).get("string", name) for name in refused
                    ),
                )
            )
