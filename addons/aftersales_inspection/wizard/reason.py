from odoo import fields, models


class AftersalesReason(models.TransientModel):
    """Ask why a finding is dismissed, and what is known of a missing thing."""

    _inherit = "aftersales.reason"

    step = fields.Selection(
        selection_add=[("dismiss", "Dismissed"), ("missing", "Missing")],
        ondelete={"dismiss": "cascade", "missing": "cascade"},
    )

    def _apply_dismiss(self, findings):
        return findings.action_dismiss(reason=self.reason)

    def _apply_missing(self, belongings):
        return belongings.action_missing(note=self.reason)
