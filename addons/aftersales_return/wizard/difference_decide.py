from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesReturnDecide(models.TransientModel):
    """Write down what was agreed about what came, and decide."""

    _name = "aftersales.return.decide"
    _description = "Clear a Receiving Difference"

    difference_ids = fields.Many2many(
        "aftersales.return.difference",
        string="Differences",
        required=True,
        readonly=True,
    )
    is_less = fields.Boolean(compute="_compute_is_less")
    contact_name = fields.Char("Spoken With")
    contact_method = fields.Selection(
        [("phone", "Phone"), ("email", "E-mail"), ("desk", "At the desk")],
        "By",
        default="phone",
        required=True,
    )
    contact_note = fields.Text("What Was Agreed")
    decision = fields.Selection(
        [("accept", "Keep what came"), ("back", "Send it back")],
    )
    decision_less = fields.Selection(
        [
            ("accept", "Keep what came"),
            ("wait", "The rest follows"),
            ("lost", "Lost on the way"),
        ],
        "Decision on the Rest",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        cases = self.env["aftersales.return.difference"].browse(
            self.env.context["active_ids"]
        )
        cases = cases.filtered(lambda case: case.state == "open")
        if not cases:
            raise UserError(self.env._("These differences are decided already."))
        if len(set(cases.mapped(lambda case: case.kind == "less"))) > 1:
            raise UserError(
                self.env._(
                    "Clear what is missing, and what came in its place, separately."
                )
            )
        first = cases[0]
        values |= {
            "difference_ids": [fields.Command.set(cases.ids)],
            "contact_name": first.contact_name or first._get_contact_name(),
            "contact_method": first.contact_method or "phone",
            "contact_note": first.contact_note,
        }
        return values

    @api.depends("difference_ids")
    def _compute_is_less(self):
        for wizard in self:
            wizard.is_less = "less" in wizard.difference_ids.mapped("kind")

    def action_contact(self):
        """Record the talk alone: the customer has to think about it."""
        self.ensure_one()
        self.difference_ids.action_contact(
            name=self.contact_name, method=self.contact_method, note=self.contact_note
        )
        return {"type": "ir.actions.act_window_close"}

    def action_decide(self):
        """Record the talk and what is done about it."""
        self.ensure_one()
        self.action_contact()
        decision = self.decision_less if self.is_less else self.decision
        self.difference_ids.action_decide(decision=decision)
        return {"type": "ir.actions.act_window_close"}
