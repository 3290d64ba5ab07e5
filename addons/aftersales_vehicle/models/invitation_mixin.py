from odoo import api, fields, models
from odoo.exceptions import UserError

from .apart import run_apart


class AftersalesInvitationMixin(models.AbstractModel):
    """A reason to ask an owner to come: invite, or note the refusal.

    The host says with ``_prepare_job_values`` which job is to be done, and jobs point
    back to it by the Many2one named in ``_job_field``. A row is planned once its job
    is on a work order; the order's appointment says when.
    """

    _name = "aftersales.invitation.mixin"
    _description = "Invitation"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _job_field = None
    _invitation_template = None
    _check_company_auto = True
    _mail_post_access = "read"

    asset_id = fields.Many2one(
        "aftersales.asset",
        "Vehicle",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="asset_id.company_id", store=True, precompute=True, index=True
    )
    state = fields.Selection(
        [
            ("open", "To Be Invited"),
            ("invited", "Invited"),
            ("booked", "Planned"),
            ("refused", "Refused"),
            ("done", "Done"),
            ("lapsed", "Lapsed"),
        ],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
    )
    partner_id = fields.Many2one(related="asset_id.partner_id", string="Owner")
    phone = fields.Char(related="asset_id.partner_id.phone")
    email = fields.Char(related="asset_id.partner_id.email")
    is_mail_allowed = fields.Boolean(
        "May Be Written To", compute="_compute_is_mail_allowed"
    )
    user_id = fields.Many2one(
        "res.users", "Caller", index="btree_not_null", domain="[('share', '=', False)]"
    )
    date_invited = fields.Datetime("Invited On", readonly=True, copy=False)
    invite_count = fields.Integer("Invitations", readonly=True, copy=False)
    refusal_reason_id = fields.Many2one(
        "aftersales.refusal.reason", readonly=True, copy=False, index="btree_not_null"
    )
    refusal_note = fields.Char(readonly=True, copy=False)
    date_refused = fields.Datetime("Refused On", readonly=True, copy=False)
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.depends("asset_id.partner_id")
    def _compute_is_mail_allowed(self):
        for record in self:
            partner = record.asset_id.partner_id.sudo()
            record.is_mail_allowed = bool(
                partner.email
                and not partner.is_blacklisted
                and not partner.aftersales_no_invitation
            )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "open": {"invited", "booked", "refused", "done", "lapsed"},
            "invited": {"open", "booked", "refused", "done", "lapsed"},
            "refused": {"open", "invited", "booked", "done", "lapsed"},
            "booked": {"open", "done", "lapsed"},
            "done": {"booked", "open"},
            "lapsed": {"open", "booked", "done"},
        }

    def copy_data(self, default=None):
        """Refuse copies: a vehicle is asked once."""
        raise UserError(
            self.env._(
                "%(records)s can't be duplicated: each vehicle stands in the list "
                "once. Add another vehicle instead.",
                records=", ".join(self.mapped("display_name")),
            )
        )

    def _check_ongoing(self):
        """Refuse to ask for what is done or over."""
        over = self.filtered(lambda record: record.state in ("done", "lapsed"))
        if over:
            raise UserError(
                self.env._(
                    "%(records)s: nothing is left to be asked for.",
                    records=", ".join(over.mapped("display_name")),
                )
            )

    def _check_unplanned(self):
        """Refuse to close what a work order is about to do."""
        planned = self.filtered(
            lambda record: record.state == "booked" and record.order_id
        )
        if planned:
            raise UserError(
                self.env._(
                    "%(records)s is planned on %(orders)s. Cancel the job there, or "
                    "note that the customer declines it.",
                    records=", ".join(planned.mapped("display_name")),
                    orders=", ".join(planned.order_id.mapped("name")),
                )
            )

    def action_invite(self):
        """Write to the owners who may be written to; name those who must be called.

        :return: a notification that says how many were written to
        """
        written, failed = self._invite()
        rest = (self - written - failed).filtered(
            lambda record: record.state in ("open", "invited", "refused")
        )
        message = self.env._("%(count)s invited by e-mail.", count=len(written))
        if rest:
            message += " " + self.env._(
                "No e-mail to %(owners)s: no address, or none wished. Call them.",
                owners=", ".join(
                    record.partner_id.name or record.asset_id.display_name
                    for record in rest[:10]
                ),
            )
        if failed:
            message += " " + self.env._(
                "The e-mail could not be made for %(records)s. Correct what is wrong "
                "there, or call them.",
                records=", ".join(failed[:10].mapped("display_name")),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "warning" if rest or failed else "success",
                "sticky": bool(rest or failed),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _invite(self):
        """Send the invitations; return those that were sent and those that failed."""
        self._check_ongoing()
        records = self._lock().filtered(
            lambda record: (
                record.state in ("open", "invited", "refused")
                and record.is_mail_allowed
                # Two clicks make one letter.
                and not (
                    record.state == "invited"
                    and record.date_invited
                    and record.date_invited.date() == fields.Date.today()
                )
            )
        )
        failed = records.browse()
        if records:
            failed = run_apart(records, lambda batch: batch._send_invitations())
        return self.browse((records - failed).ids), self.browse(failed.ids)

    def _send_invitations(self):
        template = self.env.ref(self._invitation_template).sudo()
        template.send_mail_batch(self.ids)
        self._note_invitation()

    def action_called(self):
        """Note that the owners were called and asked to come."""
        self._check_ongoing()
        records = self._lock().filtered(
            lambda record: record.state in ("open", "invited", "refused")
        )
        records._note_invitation()
        records._message_log_batch(
            bodies={record.id: self.env._("Called and invited.") for record in records},
            author_id=self.env.user.partner_id.id,
        )
        return True

    def _note_invitation(self):
        now = fields.Datetime.now()
        self._set_state("invited")
        for record in self:
            record.write({"date_invited": now, "invite_count": record.invite_count + 1})

    def action_refuse(self, reason=None, note=None):
        """Note why the owners don't want to come.

        :param reason: ``aftersales.refusal.reason``; required
        :param str note: the owner's words; required by some reasons
        """
        if not reason:
            raise UserError(
                self.env._(
                    "%(records)s: choose why the customer refuses.",
                    records=", ".join(self.mapped("display_name")),
                )
            )
        reason = self.env["aftersales.refusal.reason"].browse(
            reason if isinstance(reason, int) else reason.ids
        )
        reason.ensure_one()
        if reason.note_required and not (note or "").strip():
            raise UserError(
                self.env._(
                    "%(reason)s: note what the customer said.", reason=reason.name
                )
            )
        self._lock()._set_state(
            "refused",
            refusal_reason_id=reason.id,
            refusal_note=note,
            date_refused=fields.Datetime.now(),
        )
        return True

    def action_refuse_dialog(self):
        """Open the question why the owners refuse."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refused"),
            "res_model": "aftersales.refusal.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"active_model": self._name, "active_ids": self.ids},
        }

    def action_reopen(self):
        """Ask again: the customer thought better of it."""
        self._lock().filtered(lambda record: record.state == "refused")._set_state(
            "open", refusal_reason_id=False, refusal_note=False, date_refused=False
        )
        return True

    def _follow_jobs(self, state):
        """The jobs made for these reached ``state``: done, or called off."""
        if state == "done":
            self._set_state("done")
        elif state in ("declined", "cancel"):
            self.filtered(lambda record: record.state in ("booked", "done"))._set_state(
                "open", order_id=False
            )
        else:
            self.filtered(lambda record: record.state == "done")._set_state("booked")
