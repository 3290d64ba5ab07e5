from odoo import api, fields, models


class AftersalesReturnChange(models.TransientModel):
    """Something else is done with the goods than was decided, and why."""

    _name = "aftersales.return.change"
    _description = "Change the Operation"

    line_ids = fields.Many2many(
        "aftersales.return.line", string="Goods", required=True, readonly=True
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    operation_id = fields.Many2one(
        "aftersales.return.operation",
        "Instead",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    reason = fields.Char()

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        values["line_ids"] = [fields.Command.set(self.env.context["active_ids"])]
        return values

    @api.depends("line_ids")
    def _compute_company_id(self):
        for change in self:
            change.company_id = change.line_ids.company_id[:1]

    def action_apply(self):
        """Change the operation of all of them; what was begun is called off."""
        self.ensure_one()
        self.line_ids.action_change_operation(
            operation=self.operation_id, reason=self.reason
        )
        return {"type": "ir.actions.act_window_close"}
