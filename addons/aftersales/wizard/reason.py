from odoo import fields, models


class AftersalesReason(models.TransientModel):
    """Ask why, for the steps that keep a reason."""

    _name = "aftersales.reason"
    _description = "Reason"

    step = fields.Selection(
        [
            ("cancel", "Cancel"),
            ("rework", "Send back"),
            ("no_old_part", "No old part"),
            ("scrap", "Scrap"),
            ("give_up", "Given up"),
            ("decline", "Decline"),
            ("found", "Found"),
        ],
        required=True,
    )
    reason = fields.Char(required=True)

    def action_apply(self):
        """Do the step on the records the wizard was opened from."""
        self.ensure_one()
        records = self.env[self.env.context["active_model"]].browse(
            self.env.context["active_ids"]
        )
        return getattr(self, f"_apply_{self.step}")(records)

    def _apply_cancel(self, orders):
        return orders.action_cancel(reason=self.reason)

    def _apply_rework(self, orders):
        return orders.action_rework(reason=self.reason)

    def _apply_no_old_part(self, parts):
        return parts.action_none(reason=self.reason)

    def _apply_scrap(self, parts):
        return parts.action_scrap(reason=self.reason)

    def _apply_give_up(self, parts):
        return parts.action_give_up(signer=self.reason)

    def _apply_decline(self, jobs):
        return jobs.order_id.action_decline(jobs=jobs, reason=self.reason)

    def _apply_found(self, jobs):
        return jobs.action_report_found(reason=self.reason)
