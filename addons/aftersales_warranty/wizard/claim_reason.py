from odoo import Command, api, fields, models


class AftersalesClaimReason(models.TransientModel):
    """Ask why, for the steps of a claim that keep a reason."""

    _name = "aftersales.claim.reason"
    _description = "Reason for a Step of a Claim"

    claim_ids = fields.Many2many("aftersales.claim", required=True, readonly=True)
    step = fields.Selection(
        [
            ("resubmit", "Send again"),
            ("decide", "Decide"),
            ("write_off", "Write off"),
            ("cancel", "Cancel"),
        ],
        required=True,
        readonly=True,
    )
    decision = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.claim.line"]
            ._fields["decision"]
            ._description_selection(self.env)
        ),
        default="goodwill",
    )
    line_ids = fields.Many2many(
        "aftersales.claim.line",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        domain="[('claim_id', 'in', claim_ids), ('amount_undecided', '>', 0)]",
        string="Lines",
    )
    reason = fields.Char(required=True)

    @api.depends("claim_ids")
    def _compute_line_ids(self):
        for wizard in self:
            lines = wizard.claim_ids.line_ids.filtered("amount_undecided")
            wizard.line_ids = [Command.set(lines.ids)]

    def action_apply(self):
        self.ensure_one()
        return getattr(self, f"_apply_{self.step}")()

    def _apply_resubmit(self):
        return self.claim_ids.action_resubmit(reason=self.reason)

    def _apply_write_off(self):
        return self.claim_ids.action_write_off(reason=self.reason)

    def _apply_cancel(self):
        return self.claim_ids.action_cancel(reason=self.reason)

    def _apply_decide(self):
        self.claim_ids.action_decide(
            self.decision, reason=self.reason, lines=self.line_ids
        )
        return True


class AftersalesClaim(models.Model):
    """Buttons that ask before they do."""

    _inherit = "aftersales.claim"

    def action_open_answer(self):
        self.ensure_one()
        return self._open_wizard(
            "aftersales.claim.answer",
            self.env._("Their Answer"),
            default_claim_id=self.id,
        )

    def action_open_settle(self):
        self._check_settles()
        return self._open_wizard(
            "aftersales.claim.settle",
            self.env._("Record Payment"),
            default_claim_ids=self.ids,
        )

    def action_open_resubmit(self):
        return self._open_reason("resubmit", self.env._("Send Again"))

    def action_open_decide(self):
        return self._open_reason("decide", self.env._("Who Bears It?"))

    def action_open_write_off(self):
        return self._open_reason("write_off", self.env._("Write Off"))

    def action_open_cancel(self):
        return self._open_reason("cancel", self.env._("Cancel Claim"))

    def action_open_merge(self):
        """Merge the selected drafts and open what became of them."""
        return self.action_merge().get_formview_action()

    def _open_reason(self, step, title):
        return self._open_wizard(
            "aftersales.claim.reason",
            title,
            default_claim_ids=self.ids,
            default_step=step,
        )

    def _open_wizard(self, model, title, **context):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }
