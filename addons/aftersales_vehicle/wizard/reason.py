from odoo import fields, models


class AftersalesReason(models.TransientModel):
    _inherit = "aftersales.reason"

    step = fields.Selection(
        selection_add=[
            ("release", "Release"),
            ("ask_release", "Request release"),
            ("no_comeback", "No come-back"),
            ("lose_core", "Lost"),
        ],
        ondelete={
            "release": "cascade",
            "ask_release": "cascade",
            "no_comeback": "cascade",
            "lose_core": "cascade",
        },
    )

    def _apply_release(self, orders):
        return orders.action_release(reason=self.reason)

    def _apply_ask_release(self, orders):
        return orders.action_request_release(reason=self.reason)

    def _apply_no_comeback(self, jobs):
        return jobs.action_unlink_comeback(reason=self.reason)

    def _apply_lose_core(self, cores):
        return cores.action_lose(reason=self.reason)
