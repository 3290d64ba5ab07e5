from odoo import fields, models


class AftersalesReason(models.TransientModel):
    _inherit = "aftersales.reason"

    step = fields.Selection(
        selection_add=[
            ("void_guarantee", "Void"),
            ("end_guarantee", "End"),
        ],
        ondelete={"void_guarantee": "cascade", "end_guarantee": "cascade"},
    )

    def _apply_void_guarantee(self, registrations):
        return registrations.action_void(reason=self.reason)

    def _apply_end_guarantee(self, registrations):
        return registrations.action_end(reason=self.reason)
