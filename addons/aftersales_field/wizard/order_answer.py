from odoo import fields, models

from ..models.order_answer import ANSWERS


class AftersalesOrderAnswer(models.TransientModel):
    """What the customer is answered, and what follows from it."""

    _name = "aftersales.order.answer"
    _description = "Answer to a Customer"

    order_ids = fields.Many2many("aftersales.order", required=True)
    kind = fields.Selection(ANSWERS, "We Propose", required=True, default="remote")
    text = fields.Text("What We Told", required=True)
    result = fields.Selection(
        [
            ("close", "Solved: close the order"),
            ("solved", "Solved: leave the order open"),
            ("visit", "Not solved: a visit is made"),
            ("wait", "Not solved yet: no visit for now"),
        ],
        required=True,
        default="visit",
    )

    def action_save(self):
        """Record the answer, and close the orders or make their visits."""
        for wizard in self:
            solved = wizard.result in ("close", "solved")
            wizard.order_ids.action_answer(
                wizard.kind, wizard.text, solved=solved, visit=wizard.result == "visit"
            )
            if wizard.result == "close":
                wizard.order_ids.action_close_remotely()
        return {"type": "ir.actions.act_window_close"}
