from odoo import fields, models


class AftersalesReason(models.TransientModel):
    _inherit = "aftersales.reason"

    step = fields.Selection(
        selection_add=[
            ("refuse_return", "Refuse the return"),
            ("cancel_return", "Cancel the return"),
            ("lose_return", "Lost on the way"),
            ("ask_return", "Request approval"),
            ("return_unrepaired", "Goes back unrepaired"),
            ("refuse_return_approval", "Refuse"),
            ("withdraw_return_approval", "Withdraw"),
        ],
        ondelete={
            "refuse_return": "cascade",
            "cancel_return": "cascade",
            "lose_return": "cascade",
            "ask_return": "cascade",
            "return_unrepaired": "cascade",
            "refuse_return_approval": "cascade",
            "withdraw_return_approval": "cascade",
        },
    )

    def _apply_refuse_return(self, returns):
        return returns.action_refuse(reason=self.reason)

    def _apply_cancel_return(self, returns):
        return returns.action_cancel(reason=self.reason)

    def _apply_lose_return(self, lines):
        return lines.action_lose(reason=self.reason)

    def _apply_ask_return(self, records):
        lines = records.line_ids if records._name == "aftersales.return" else records
        lines.action_request_approval(reason=self.reason)
        return True

    def _apply_return_unrepaired(self, lines):
        return lines.action_return_unrepaired(reason=self.reason)

    def _apply_refuse_return_approval(self, approvals):
        return approvals.action_refuse(reason=self.reason)

    def _apply_withdraw_return_approval(self, approvals):
        return approvals.action_cancel(reason=self.reason)
