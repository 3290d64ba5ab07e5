from odoo import fields, models


class AftersalesReason(models.TransientModel):
    _inherit = "aftersales.reason"

    step = fields.Selection(
        selection_add=[
            ("refuse_decision", "Refuse"),
            ("withdraw_decision", "Withdraw"),
        ],
        ondelete={"refuse_decision": "cascade", "withdraw_decision": "cascade"},
    )

    def _apply_refuse_decision(self, decisions):
        return decisions.action_refuse(reason=self.reason)

    def _apply_withdraw_decision(self, decisions):
        return decisions.action_cancel(reason=self.reason)
