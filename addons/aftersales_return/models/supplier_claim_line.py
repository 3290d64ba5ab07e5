from odoo import Command, api, fields, models

from .supplier_claim import IN_KIND_STATES


class AftersalesReturnLine(models.Model):
    """Claims that the supplier settles with goods: a new one, or a credit."""

    _inherit = "aftersales.return.line"

    is_settled_in_kind = fields.Boolean(readonly=True, copy=False)

    def _settle_in_kind(self):
        """End the claim for an exchange that the supplier replaced or credited.

        Where a new one cost more than the old, the difference is ours to bear.
        Freight and work are still asked for.
        """
        self.ensure_one()
        trip = self.trip_ids.filtered(lambda trip: trip.state in IN_KIND_STATES)[:1]
        waiting = self._get_moves("new").filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        if self.is_settled_in_kind or not trip or waiting:
            return
        self.is_settled_in_kind = True
        words = self.env._(
            "%(trip)s: %(state)s, so the exchange is not asked for any more",
            trip=trip.name,
            state=trip._get_state_label(trip.state),
        )
        amount = self._get_exchange_cost()[0]
        for item in self.claim_line_ids.filtered(
            lambda item: item.return_cost == "exchange" and item.state != "cancel"
        ):
            amount -= item._settle_in_kind(words)
        self._bear_rest(self.company_id.currency_id.round(amount), words)

    def _bear_rest(self, amount, words):
        """Move what is left on the supplier's account to a payer of ours."""
        self.ensure_one()
        payer = self.payer_id
        currency = self.company_id.currency_id
        if payer.claim_method != "refund" or currency.is_zero(amount):
            return
        bearer = self._get_own_bearer()
        journal = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.company_id),
                ("type", "=", "general"),
            ],
            limit=1,
        )
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "company_id": self.company_id.id,
                "ref": words,
                "aftersales_order_id": self.order_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "name": self.display_name,
                            "account_id": account.id,
                            "currency_id": currency.id,
                            "amount_currency": sign * amount,
                            "balance": sign * amount,
                        }
                    )
                    for account, sign in (
                        (bearer.account_id or bearer.share_account_id, 1),
                        (payer.account_id, -1),
                    )
                ],
            }
        ).action_post()

    def _get_own_bearer(self):
        """Return the payer of ours that bears what no supplier pays."""
        self.ensure_one()
        bearer = self.operation_id._get_payer(self.company_id)
        if bearer.claim_method:
            bearer = self.company_id._get_bearer("goodwill")
        bearer._check_can_bear()
        return bearer


class AftersalesClaimLine(models.Model):
    _inherit = "aftersales.claim.line"

    return_line_id = fields.Many2one(
        "aftersales.return.line",
        "Returned Goods",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    return_cost = fields.Selection(
        [
            ("exchange", "Exchange"),
            ("scrap", "Scrapped"),
            ("lost", "Lost"),
            ("freight", "Freight"),
        ],
        "Cost Of",
        readonly=True,
    )

    def _settle_in_kind(self, words):
        """Take off what is asked for: the supplier gave something else for it.

        :return: what of it was booked on a payer of ours here
        """
        self.ensure_one()
        claim = self.claim_id
        amount = self.amount_open
        claim.message_post(body=words)
        if claim.state == "draft":
            self._take_off()
            return 0.0
        if not self.currency_id.is_zero(amount):
            bearer = self.return_line_id._get_own_bearer()
            claim._book_adjustment(
                {self: amount},
                bearer.account_id or bearer.share_account_id,
                kind="credit",
                name=words,
                is_decided=True,
            )
            claim._update_state()
        # What is paid already stays paid.
        return self.amount_claimed

    def _prepare_refund_line_values(self):
        values = super()._prepare_refund_line_values()
        if self.return_line_id and not self.order_id:
            values["name"] = self.name
        return values


class AftersalesClaim(models.Model):
    _inherit = "aftersales.claim"

    # As superuser: who sees a claim sees what it is for.
    return_ids = fields.Many2many(
        "aftersales.return",
        compute="_compute_returns",
        compute_sudo=True,
        string="Returns",
    )
    return_count = fields.Integer(compute="_compute_returns", compute_sudo=True)

    @api.depends("line_ids.return_line_id")
    def _compute_returns(self):
        for claim in self:
            claim.return_ids = claim.line_ids.return_line_id.return_id
            claim.return_count = len(claim.return_ids)

    def action_view_returns(self):
        self.ensure_one()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Returns"),
            "res_model": "aftersales.return",
        }
        if len(self.return_ids) == 1:
            return {**action, "res_id": self.return_ids.id, "views": [(False, "form")]}
        return {
            **action,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self.return_ids.ids)],
        }


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_supplier_remind_days = fields.Integer(
        "Remind before the Promised Day",
        default=2,
        help="So many days before a supplier promised goods back. 0: only afterwards.",
    )
    aftersales_freight_account_id = fields.Many2one(
        "account.account",
        "Freight to Suppliers",
        check_company=True,
        domain="[('internal_group', '=', 'expense')]",
        help="Where the carrier's bills lie; claims for freight settle it. Empty: the "
        "expense account of the product.",
    )

    _aftersales_remind_days_in_range = models.Constraint(
        "CHECK(aftersales_supplier_remind_days BETWEEN 0 AND 30)",
        "A reminder comes 0 to 30 days before the promised day.",
    )

    def _get_recovery_payer(self):
        """Return the payer that asks suppliers for refunds; empty without one."""
        self.ensure_one()
        Payer = self.env["aftersales.payer"].sudo()
        return Payer.search(
            [("company_id", "=", self.id), ("claim_method", "=", "refund")], limit=1
        )


class AftersalesSupplierTrip(models.Model):
    _inherit = "aftersales.supplier.trip"

    def _doubt_claims(self, reason):
        """What the supplier refuses is refused on the claim; a draft isn't sent so."""
        items = self.line_id.claim_line_ids.filtered(
            lambda item: item.state != "cancel"
        )
        drafts = items.filtered(lambda item: item.state == "draft")
        drafts.write({"is_asserted": False, "note": reason})
        for claim, own in (items - drafts).grouped("claim_id").items():
            claim.action_refuse(
                reason=reason,
                lines=own.filtered(
                    lambda item: not item.currency_id.is_zero(item.amount_open)
                ),
            )
