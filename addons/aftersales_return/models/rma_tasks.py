from odoo import models

# What somebody was asked to do about a return.
ANSWER_TASKS = ("mail.mail_activity_data_todo", "mail.mail_activity_data_call")
ADVANCE_TASK = "aftersales_return.activity_advance"
SUPPLIER_TASK = "aftersales_return.activity_supplier"


class AftersalesReturn(models.Model):
    """Who was asked to do something is not asked any more when it is done."""

    _inherit = "aftersales.return"

    def _set_state(self, state, **values):
        answered = self.filtered(lambda rma: rma.state == "draft")
        moved = super()._set_state(state, **values)
        if asked := answered & moved:
            asked.activity_unlink(ANSWER_TASKS)
        if state in ("cancel", "done"):
            moved.activity_unlink([ADVANCE_TASK])
        return moved


class AftersalesReturnLine(models.Model):
    _inherit = "aftersales.return.line"

    def action_charge(self):
        result = super().action_charge()
        self._end_asking()
        return result

    def _follow_moves(self):
        result = super()._follow_moves()
        self.filtered("date_deadline")._end_asking()
        return result

    def _end_asking(self):
        """Nobody has to ask for old ones of which none is missing any more."""
        asked = self.sudo().return_id.filtered(
            lambda rma: (
                not any(
                    line.state == "expected"
                    and line.date_deadline
                    and not line.charge_line_id
                    for line in rma.line_ids
                )
            )
        )
        if asked:
            asked.activity_unlink([ADVANCE_TASK])


class AftersalesReturnDifference(models.Model):
    _inherit = "aftersales.return.difference"

    def action_decide(self, decision=None):
        result = super().action_decide(decision=decision)
        decided = self.sudo()
        decided.activity_unlink(["mail.mail_activity_data_call"])
        if trips := decided.trip_id:
            trips.activity_unlink([SUPPLIER_TASK])
        return result
