from odoo import models
from odoo.exceptions import UserError


class AftersalesInspection(models.Model):
    """The second inspection: what was not right is looked at again."""

    _inherit = "aftersales.inspection"

    def action_repeat(self):
        """Look again at what was not right.

        The second inspection has the same version. Items that were right are taken
        over with their answers, the others are asked again.

        :return: the new inspections
        :raises UserError: naming inspections that are not finished, or have nothing
            to look at again
        """
        inspections = self._lock()
        unfinished = inspections.filtered(lambda each: each.state != "done")
        if unfinished:
            raise UserError(
                self.env._(
                    "%(inspections)s is not finished. Finish it, then look again.",
                    inspections=", ".join(unfinished.mapped("display_name")),
                )
            )
        perfect = inspections.filtered(lambda each: not each._get_failed_answers())
        if perfect:
            raise UserError(
                self.env._(
                    "%(inspections)s: everything was right, there is nothing to look "
                    "at again.",
                    inspections=", ".join(perfect.mapped("display_name")),
                )
            )
        # Pressed twice, it is one second inspection.
        known = {
            each: each.next_ids.filtered(lambda further: further.state != "cancel")[:1]
            for each in inspections
        }
        todo = inspections.filtered(lambda each: not known[each])
        repeats = self.sudo().create([each._prepare_repeat_values() for each in todo])
        self.env["aftersales.inspection.answer"].sudo().create(
            [
                values
                for each, repeat in zip(todo, repeats, strict=True)
                for values in each._prepare_repeat_answers(repeat)
            ]
        )
        result = repeats.browse()
        for each in inspections:
            result |= known[each] or repeats.filtered(
                lambda repeat, each=each: repeat.previous_id == each
            )
        return result.with_env(self.env)

    def action_open_repeat(self):
        """Make the second inspection and open it on the screen."""
        self.ensure_one()
        return self.action_repeat().action_open_runner()

    def _get_failed_answers(self):
        return self.answer_ids.filtered(
            lambda answer: answer.rating in ("yellow", "red")
        )

    def _prepare_repeat_values(self):
        self.ensure_one()
        return {
            "template_id": self.template_id.id,
            "version_id": self.version_id.id,
            "order_id": self.order_id.id,
            "asset_id": self.asset_id.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "previous_id": self.id,
            "round": self.round + 1,
        }

    def _prepare_repeat_answers(self, repeat):
        """Return the answers of ``repeat``: empty where this one had failed."""
        self.ensure_one()
        failed = self._get_failed_answers()
        return [
            {
                "inspection_id": repeat.id,
                "item_id": answer.item_id.id,
                **(
                    {"earlier_finding_id": answer._get_finding().id}
                    if answer in failed
                    else {**answer._prepare_copy_values(), "is_copied": True}
                ),
            }
            for answer in self.answer_ids
        ]
