from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .claim import SENT_STATES


class AftersalesClaim(models.Model):
    """The state of a claim, and who may do what in it."""

    _inherit = "aftersales.claim"

    @api.model
    def _get_transitions(self):
        sent = set(SENT_STATES)
        return {
            **super()._get_transitions(),
            "draft": {"sent", "cancel"},
            # What follows from the answer and the money may go either way: a payment
            # bounces, a refusal is withdrawn.
            **{state: sent - {state} | {"cancel"} for state in sent},
            "sent": sent - {"sent"} | {"draft", "cancel"},
            # A credit note that is taken back.
            "cancel": {"sent", "resubmitted", "approved", "part_approved", "refused"},
        }

    def _check_prepares(self):
        self._check_group(
            "aftersales.aftersales_group_user", "account.group_account_invoice"
        )

    def _check_settles(self):
        self._check_group("account.group_account_invoice")

    def _check_decides(self):
        self._check_group("aftersales.aftersales_group_manager")

    def _check_group(self, *groups):
        """Refuse a step to those who are in none of the groups."""
        if self.env.su:
            return
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in groups):
            names = [self.env.ref(group).sudo().display_name for group in groups]
            raise AccessError(
                self.env._(
                    "%(user)s may not do this on %(claims)s. Ask one of: %(groups)s.",
                    user=self.env.user.name,
                    claims=", ".join(self.sudo().mapped("name")),
                    groups=", ".join(names),
                )
            )

    def _check_draft(self):
        sent = self.filtered(lambda claim: claim.state != "draft")
        if sent:
            raise UserError(
                self.env._(
                    "%(claims)s is no draft any more, so it can't be changed.",
                    claims=", ".join(sent.mapped("name")),
                )
            )

    def _check_sent(self):
        """Refuse an answer or money for what was not sent, or was called off."""
        for claim in self:
            if claim.state == "draft":
                raise UserError(
                    self.env._(
                        "%(claim)s was not sent yet. Send it first.", claim=claim.name
                    )
                )
            if claim.state == "cancel":
                raise UserError(
                    self.env._(
                        "%(claim)s is cancelled: nothing is asked by it any more. If "
                        "money came in for it, book it on the partner's account.",
                        claim=claim.name,
                    )
                )

    def _update_state(self):
        for claim in self:
            if claim.state in SENT_STATES or (
                claim.state == "cancel" and claim.move_id.state == "posted"
            ):
                claim._set_state(claim._get_state())

    def _get_state(self):
        """Return the state of a claim that was sent."""
        self.ensure_one()
        is_zero = self.currency_id.is_zero
        kinds = set(self.settlement_ids.mapped("kind"))
        if is_zero(self.amount_open) and not is_zero(self.amount_claimed):
            if "write_off" in kinds:
                return "written_off"
            if not is_zero(self.amount_paid):
                return "paid"
            # Credited line by line after a refusal, or called off as a whole.
            return "refused" if not is_zero(self.amount_refused) else "cancel"
        if not is_zero(self.amount_paid):
            return "partial"
        if is_zero(self.amount_approved) and is_zero(self.amount_refused):
            return "resubmitted" if self.round_count > 1 else "sent"
        if is_zero(self.amount_refused - self.amount_claimed):
            return "refused"
        if is_zero(self.amount_approved - self.amount_claimed):
            return "approved"
        return "part_approved"
