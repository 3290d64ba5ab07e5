from odoo import fields, models


class AftersalesRefusalWizard(models.TransientModel):
    """Asks why owners don't come, for rows of the due list or of a campaign."""

    _name = "aftersales.refusal.wizard"
    _description = "Refusal"

    reason_id = fields.Many2one("aftersales.refusal.reason", required=True)
    note_required = fields.Boolean(related="reason_id.note_required")
    note = fields.Char("Customer's Words")

    def action_confirm(self):
        self.ensure_one()
        context = self.env.context
        records = self.env[context["active_model"]].browse(context["active_ids"])
        records.action_refuse(reason=self.reason_id, note=self.note)
        return {"type": "ir.actions.act_window_close"}
