from odoo import models
from odoo.exceptions import AccessError


class AftersalesRecordMixin(models.AbstractModel):
    """A record of what happened: its steps write it, people only a few fields."""

    _name = "aftersales.record.mixin"
    _description = "Record of What Happened"

    def _check_own_fields(self, vals, allowed):
        """Refuse what was not made by a step.

        :param set allowed: fields that people may write
        :raises AccessError: naming the records
        """
        kept = ("message_", "activity_", "website_message_")
        if any(
            field not in allowed and not field.startswith(kept) and field != "state"
            for field in vals
        ):
            raise AccessError(
                self.env._(
                    "%(records)s records what happened and can't be rewritten. Take "
                    "the step that changes it.",
                    records=", ".join(self.mapped("display_name")),
                )
            )
