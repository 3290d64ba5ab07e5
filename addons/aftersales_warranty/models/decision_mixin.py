from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesDecisionMixin(models.AbstractModel):
    """Something that one person proposes and another decides, within limits.

    The host has ``company_id``, ``order_id``, a selection ``state`` with proposed,
    approved, refused and cancel, and says in ``_get_limit_kind``,
    ``_get_limit_amount`` and ``_has_right`` what is weighed against the limits. What
    comes after a yes is its ``_follow_approval``.
    """

    _name = "aftersales.decision.mixin"
    _description = "Decided within Limits"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"

    user_id = fields.Many2one(
        "res.users",
        "Proposed By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        copy=False,
    )
    date_proposed = fields.Datetime(
        "Proposed On", readonly=True, default=fields.Datetime.now, copy=False
    )
    decision_user_id = fields.Many2one(
        "res.users", "Decided By", readonly=True, copy=False
    )
    date_decided = fields.Datetime("Decided On", readonly=True, copy=False)
    answer = fields.Char(readonly=True, copy=False, help="Why it was refused.")
    can_decide = fields.Boolean(compute="_compute_can_decide")
    can_withdraw = fields.Boolean(compute="_compute_can_decide")

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        for record in self:
            record.can_decide = record.state == "proposed" and record._may_decide()
            record.can_withdraw = record._may_withdraw()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                for field in self._get_decided_fields():
                    vals.pop(field, None)
        records = super().create(vals_list)
        records._ask_for_decision()
        return records

    def write(self, vals):
        if not self.env.su:
            self._check_may_write(vals)
        return super().write(vals)

    @api.model
    def _get_decided_fields(self):
        """Return the fields that only the steps fill in."""
        return [
            "user_id",
            "date_proposed",
            "decision_user_id",
            "date_decided",
            "answer",
        ]

    @api.model
    def _get_open_fields(self):
        """Return the fields, or their beginnings, that stay open after the proposal."""
        return ("message_", "activity_", "website_message_")

    def _check_may_write(self, vals):
        """Refuse to alter what is being, or was, decided about."""
        if all(field.startswith(self._get_open_fields()) for field in vals):
            return
        raise UserError(
            self.env._(
                "%(records)s: what was proposed stays as it is. Withdraw it and make "
                "another proposal.",
                records=", ".join(self.mapped("display_name")),
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_withdrawn(self):
        kept = self.filtered(lambda record: record.state != "cancel")
        if kept:
            raise UserError(
                self.env._(
                    "%(records)s: withdraw it before deleting it.",
                    records=", ".join(kept.mapped("display_name")),
                )
            )

    # What the host says

    def _get_limit_kind(self):
        """Return the kind whose limits hold for this record."""
        raise NotImplementedError

    def _get_limit_amount(self):
        """Return what is at stake, in the currency of the company."""
        raise NotImplementedError

    def _has_right(self):
        """Whether a rule gives the customer what is proposed."""
        return True

    def _get_decided_states(self):
        """Return the states in which a yes was given, so that another is none."""
        return ("approved",)

    def _follow_approval(self):
        """Do what a yes causes."""

    # Who decides

    def _get_sufficient_limits(self):
        self.ensure_one()
        limits = self.env["aftersales.warranty.limit"]._get_limits(
            self.company_id, self._get_limit_kind()
        )
        return limits._filter_sufficient(self._get_limit_amount(), self._has_right())

    def _may_decide(self):
        """Whether the user's limits reach as far as this record."""
        self.ensure_one()
        if self.env.su:
            return True
        user = self.env.user
        # Whatever other groups a technician is given.
        if not user.has_group("aftersales.aftersales_group_user"):
            return False
        return bool(self._get_sufficient_limits().group_id & user.sudo().all_group_ids)

    def _may_withdraw(self):
        """Whether the user may take this back, as far as it can be taken back."""
        self.ensure_one()
        if "cancel" not in self._get_transitions().get(self.state, ()):
            return False
        own = self.state == "proposed" and self.user_id == self.env.user
        return own or self._may_decide()

    def _check_may_decide(self):
        """Refuse, saying who may decide."""
        for record in self:
            if record._may_decide():
                continue
            values = {
                "user": self.env.user.name,
                "record": record.display_name,
                "amount": record.company_id.currency_id.format(
                    record._get_limit_amount()
                ),
            }
            roles = record.sudo()._get_sufficient_limits().group_id.mapped("name")
            if not roles:
                raise AccessError(
                    self.env._(
                        "%(record)s (%(amount)s) is above every limit. Add one for a "
                        "role under Work Orders / Configuration / Warranty / Limits.",
                        **values,
                    )
                )
            if not record._has_right():
                raise AccessError(
                    self.env._(
                        "%(user)s may not decide about %(record)s (%(amount)s): no "
                        "rule gives the customer a right to it. Special cases are "
                        "decided by: %(roles)s.",
                        roles=", ".join(roles),
                        **values,
                    )
                )
            raise AccessError(
                self.env._(
                    "%(user)s may not decide about %(record)s (%(amount)s). Ask "
                    "somebody with a higher limit: %(roles)s.",
                    roles=", ".join(roles),
                    **values,
                )
            )

    def _ask_for_decision(self):
        """Give those who may decide an activity: of the team, else all of them."""
        for record in self.sudo():
            users = record._get_sufficient_limits()._get_users(record.company_id)
            if record.user_id in users:
                continue
            own = users & record.order_id.team_id.member_ids
            for user in own or users:
                record.activity_schedule(
                    "aftersales_warranty.activity_decide", user_id=user.id
                )

    def _tell(self, body):
        """Tell the proposer and the followers; they are all ours."""
        for record in self:
            partners = record.user_id.partner_id - self.env.user.partner_id
            record.message_post(
                body=body, partner_ids=partners.ids, subtype_xmlid="mail.mt_comment"
            )
            if record.order_id:
                record.order_id.message_post(
                    body=self.env._(
                        "%(record)s: %(text)s", record=record.display_name, text=body
                    )
                )

    def _mail_get_partner_fields(self, introspect_fields=False):
        # The customer is told on the work order, once it is decided.
        return []

    # Steps

    def action_approve(self):
        """Say yes, within the limits of the own role.

        A repeated yes has the effect of one.

        :raises AccessError: naming the roles whose limits reach so far
        """
        records = self._lock()
        todo = records.filtered(
            lambda record: record.state not in record._get_decided_states()
        )
        todo._check_transition("approved")
        todo.with_env(self.env)._check_may_decide()
        todo._set_state(
            "approved",
            decision_user_id=self.env.uid,
            date_decided=fields.Datetime.now(),
        )
        todo.activity_unlink(["aftersales_warranty.activity_decide"])
        todo._tell(self.env._("Approved by %(user)s", user=self.env.user.name))
        todo._follow_approval()
        return True

    def action_refuse(self, reason=None):
        """Say no.

        :param str reason: why; required, and told to who proposed it
        """
        self._check_reason(reason)
        todo = self._lock().filtered(lambda record: record.state != "refused")
        todo._check_transition("refused")
        todo.with_env(self.env)._check_may_decide()
        todo._set_state(
            "refused",
            answer=reason,
            decision_user_id=self.env.uid,
            date_decided=fields.Datetime.now(),
        )
        todo.activity_unlink(["aftersales_warranty.activity_decide"])
        todo._tell(
            self.env._(
                "Refused by %(user)s: %(reason)s",
                user=self.env.user.name,
                reason=reason,
            )
        )
        return True

    def action_cancel(self, reason=None):
        """Take it back: the proposer before the decision, who decides also later.

        :param str reason: why; required
        """
        self._check_reason(reason)
        todo = self._lock().filtered(lambda record: record.state != "cancel")
        todo._check_transition("cancel")
        todo.with_env(self.env).filtered(
            lambda record: not record._may_withdraw()
        )._check_may_decide()
        todo._undo_approval()
        todo._set_state("cancel", answer=reason)
        todo.activity_unlink(["aftersales_warranty.activity_decide"])
        todo._tell(
            self.env._(
                "Withdrawn by %(user)s: %(reason)s",
                user=self.env.user.name,
                reason=reason,
            )
        )
        return True

    def _undo_approval(self):
        """Take back what a yes caused, or refuse where that is not possible."""
