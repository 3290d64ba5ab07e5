from odoo import fields, models
from odoo.tools import format_datetime

TEXTS = {"cause", "correction"}


class AftersalesJob(models.Model):
    """Who wrote cause and correction last: a phone that was offline is told."""

    _inherit = "aftersales.job"

    texts_user_id = fields.Many2one("res.users", readonly=True, copy=False)
    texts_date = fields.Datetime(readonly=True, copy=False)

    def write(self, vals):
        if TEXTS & vals.keys():
            # In the same statement, as the phones of a visit ask for it.
            vals = {
                **vals,
                "texts_user_id": self.env.uid,
                "texts_date": fields.Datetime.now(),
            }
        return super().write(vals)

    def _get_change_words(self, field):
        """Return who changed a text last and when, as ``who`` and ``when``."""
        self.ensure_one()
        return {
            "who": self.texts_user_id.name or self.create_uid.name,
            "when": format_datetime(
                self.env, self.texts_date or self.create_date, dt_format="short"
            ),
        }


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def _get_change_words(self, field):
        """Return who changed this visit last and when, as ``who`` and ``when``."""
        self.ensure_one()
        return {
            "who": self.write_uid.name,
            "when": format_datetime(self.env, self.write_date, dt_format="short"),
        }


class AftersalesInspectionAnswer(models.Model):
    _inherit = "aftersales.inspection.answer"

    def _get_conflicts(self, seen, answer):
        """Return what differs from what a phone saw, and from what it answers.

        :param dict seen: values of the screen before, as ``_prepare_runner_values``
        :param dict answer: what is to be written, see ``save_answers``
        """
        self.ensure_one()
        theirs = self._prepare_runner_values()
        changed = [
            field
            for field in answer.keys() & theirs.keys()
            if isinstance(seen, dict)
            and field in seen
            and theirs[field] != seen[field]
            and theirs[field] != answer[field]
        ]
        return [
            {
                "field": f"{self.item_id.id}.{field}",
                "label": self.item_id.name,
                "base": seen[field],
                "mine": answer[field],
                "theirs": theirs[field],
                "who": self.write_uid.name,
                "when": format_datetime(self.env, self.write_date, dt_format="short"),
            }
            for field in sorted(changed)
        ]
