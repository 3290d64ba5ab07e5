from odoo import api, fields, models
from odoo.exceptions import UserError

MONEY_KINDS = ("return", "compensation", "price_cut")


class AftersalesWarrantyDecision(models.Model):
    """What follows an approved decision.

    * return: a draft credit note on the invoice of the thing, its line in full less
      the use deduction; a price cut: a part of that line. Where we did not sell it, or
      not to this customer, and for damages: on the account for goodwill.
    * exchange: the guarantees go on, or begin anew, on the new thing.
    * longer guarantee: another registered guarantee that follows the first.

    Posting the credit note settles the decision; taking it back opens it again.
    """

    _inherit = "aftersales.warranty.decision"

    move_ids = fields.One2many("account.move", "aftersales_decision_id", "Credit Notes")
    move_count = fields.Integer(compute="_compute_move_count", compute_sudo=True)
    has_draft = fields.Boolean(compute="_compute_move_count", compute_sudo=True)
    origin_line_id = fields.Many2one(
        "account.move.line",
        "Sold By",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    amount_settled = fields.Monetary(
        compute="_compute_amount_settled",
        compute_sudo=True,
        help="Credited by posted credit notes, less what was reversed.",
    )
    date_settled = fields.Datetime("Settled On", readonly=True, copy=False)
    lot_id = fields.Many2one(
        "stock.lot",
        "New Serial in Stock",
        check_company=True,
        help="The serial that the customer gets.",
    )
    new_serial = fields.Char("New Serial Number", help="If it is not in our stock.")
    new_asset_id = fields.Many2one(
        "aftersales.asset",
        check_company=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    date_handed_over = fields.Date("New One Delivered", readonly=True, copy=False)
    ended_registration_ids = fields.Many2many(
        "aftersales.warranty.registration",
        "aftersales_decision_ended_registration_rel",
        string="Guarantees Ended",
        readonly=True,
        copy=False,
    )
    new_registration_ids = fields.One2many(
        "aftersales.warranty.registration", "decision_id", "New Guarantees"
    )

    @api.depends("move_ids.state")
    def _compute_move_count(self):
        for decision in self:
            decision.move_count = len(decision.move_ids)
            decision.has_draft = "draft" in decision.move_ids.mapped("state")

    @api.depends("move_ids.state", "move_ids.reversal_move_ids.state")
    def _compute_amount_settled(self):
        for decision in self:
            posted = decision.move_ids.filtered(lambda move: move.state == "posted")
            back = posted.reversal_move_ids.filtered(
                lambda move: move.state == "posted"
            )
            amount = sum(
                move.currency_id._convert(
                    move.amount_total,
                    decision.currency_id,
                    decision.company_id,
                    move.invoice_date or move.date,
                )
                * (1 if move in posted else -1)
                for move in posted | back
            )
            decision.amount_settled = decision.currency_id.round(amount)

    @api.model
    def _get_decided_fields(self):
        return [
            *super()._get_decided_fields(),
            "move_ids", "origin_line_id", "date_settled", "new_asset_id",
            "date_handed_over", "ended_registration_ids", "new_registration_ids",
        ]  # fmt: skip

    @api.model
    def _get_open_fields(self):
        # Which serial it will be is chosen when it is there.
        return (*super()._get_open_fields(), "lot_id", "new_serial")

    def _check_may_write(self, vals):
        chosen = {"lot_id", "new_serial"} & vals.keys()
        if chosen and any(d.state not in ("proposed", "approved") for d in self):
            raise UserError(
                self.env._(
                    "%(decisions)s is settled or closed: another serial needs another "
                    "decision.",
                    decisions=", ".join(self.mapped("display_name")),
                )
            )
        return super()._check_may_write(vals)

    def action_settle(self):
        """Do what was approved: make the draft, the exchange, the longer guarantee.

        Repeated, it makes nothing twice. A credit note that was cancelled or reversed
        is made anew.
        """
        if not self.env.su:
            self.order_id._check_decides()
        decisions = self._lock()
        todo = decisions.filtered(lambda decision: decision.state != "settled")
        todo._check_transition("settled")
        todo._settle()
        return True

    def _follow_approval(self):
        result = super()._follow_approval()
        # An exchange waits until it is known for which one.
        self.filtered(
            lambda decision: (
                decision.kind != "exchange" or decision.lot_id or decision.new_serial
            )
        )._settle()
        return result

    def _settle(self):
        by_kind = self.grouped("kind")
        empty = self.browse()
        by_kind.get("exchange", empty)._exchange()
        by_kind.get("extension", empty)._extend()
        self.filtered(lambda decision: decision.kind in MONEY_KINDS)._credit()

    def _undo_approval(self):
        result = super()._undo_approval()
        self.move_ids.filtered(lambda move: move.state == "draft").button_cancel()
        return result

    # Longer guarantee

    def _extend(self):
        Registration = self.env["aftersales.warranty.registration"]
        for decision in self:
            Registration.create(decision._prepare_extension_values())
            decision._set_state("settled", date_settled=fields.Datetime.now())

    def _prepare_extension_values(self):
        """Return the guarantee that follows the one that is made longer."""
        self.ensure_one()
        before = self.registration_id
        today = fields.Date.context_today(self)
        last = before.date_end
        return {
            "asset_id": self.asset_id.id,
            "pack_id": self.pack_id.id,
            "partner_id": (before.partner_id or self.partner_id).id,
            "date_start": (
                fields.Date.add(last, days=1) if last and last >= today else today
            ),
            "cover_months": self.months,
            "source": "hand",
            "document_state": "looked_up",
            **({"use": before.use} if before else {}),
            "previous_id": before.id,
            "decision_id": self.id,
        }

    def _sync_settlement(self):
        """Follow the credit notes: posted is settled, taken back is open again."""
        money = self.filtered(lambda decision: decision.kind in MONEY_KINDS)
        for decision in money:
            credited = decision.currency_id.compare_amounts(
                decision.amount_settled, 0.0
            )
            if credited > 0 and decision.state == "approved":
                decision._set_state("settled", date_settled=fields.Datetime.now())
                if decision.kind == "return":
                    decision._end_guarantees()
            elif credited <= 0 and decision.state == "settled":
                decision._set_state("approved", date_settled=False)
                decision._restore_guarantees()

    def _end_guarantees(self):
        """What was given back is covered no more."""
        self.ensure_one()
        running = self.asset_id.registration_ids.filtered(
            lambda registration: registration.state == "active"
        )
        running.action_end(
            reason=self.env._("Returned: %(decision)s", decision=self.name)
        )
        self.ended_registration_ids = running

    def _restore_guarantees(self):
        ended = self.ended_registration_ids.filtered(
            lambda registration: registration.state == "ended"
        )
        ended._set_state("active", end_reason=False)
        self.ended_registration_ids = False

    def action_view_moves(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Notes"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("aftersales_decision_id", "in", self.ids)],
            "context": {"create": False},
        }


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_use_deduction_account_id = fields.Many2one(
        "account.account",
        "Use Deduction",
        check_company=True,
        domain="[('internal_group', '=', 'income')]",
        help="Takes what is kept for the use when a thing is returned. Empty: the "
        "account it was sold on.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_use_deduction_account_id = fields.Many2one(
        related="company_id.aftersales_use_deduction_account_id", readonly=False
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    aftersales_decision_id = fields.Many2one(
        "aftersales.warranty.decision",
        "Decision",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            decisions = (self | self.reversed_entry_id).aftersales_decision_id
            if decisions:
                # The step is the accountant's; what it means for us follows.
                decisions.sudo()._sync_settlement()
        return result
