from odoo import Command, fields, models
from odoo.exceptions import UserError

SETTLEMENT_FOLLOWER = "aftersales.claim.settlement,move_id"


class AftersalesClaimSettlement(models.Model):
    """What a booking did to a claim line: paid, adjusted, written off or credited.

    Each row names the journal entry that is matched with the claim's invoice or
    refund, so the rows of a claim always add up to what is matched there.
    """

    _name = "aftersales.claim.settlement"
    _description = "Settlement of a Claim Line"
    _order = "date desc, id desc"
    _check_company_auto = True

    line_id = fields.Many2one(
        "aftersales.claim.line", required=True, index=True, ondelete="cascade"
    )
    # Not precomputed: that would leave unsaved twins among those of the claim.
    claim_id = fields.Many2one(related="line_id.claim_id", store=True, index=True)
    company_id = fields.Many2one(
        related="line_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="line_id.currency_id")
    kind = fields.Selection(
        [
            ("payment", "Paid"),
            ("adjustment", "Difference"),
            ("write_off", "Written off"),
            ("credit", "Credited"),
        ],
        required=True,
    )
    is_decided = fields.Boolean(
        "Borne By Us", help="A refused amount that a decision took over."
    )
    amount = fields.Monetary(required=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    reference = fields.Char(index="btree_not_null")
    move_id = fields.Many2one(
        "account.move", "Journal Entry", index=True, ondelete="cascade"
    )

    def _is_booked_alone(self):
        """Whether this was booked without a posted refund to match it with."""
        self.ensure_one()
        accounts = self.move_id.line_ids.account_id
        return self.kind != "payment" and (
            self.line_id.account_id in accounts
            and self.claim_id._get_money_account() not in accounts
        )


class AftersalesClaim(models.Model):
    """Accounts and amounts of a claim, and what is taken off it by an entry."""

    _inherit = "aftersales.claim"

    def _get_money_items(self):
        """Return the journal items that say what the maker or supplier owes."""
        return self.move_id.line_ids.filtered(
            lambda item: (
                item.account_type in ("asset_receivable", "liability_payable")
                and item.display_type == "payment_term"
            )
        )

    def _get_money_account(self):
        self.ensure_one()
        return self._get_money_items()[:1].account_id

    def _get_adjustment_account(self):
        self.ensure_one()
        account = self.payer_id.adjustment_account_id
        if not account:
            raise UserError(
                self.env._(
                    "%(claim)s: payer %(payer)s has no adjustment account. Choose one "
                    "under Work Orders / Configuration / Payers.",
                    claim=self.name,
                    payer=self.payer_id.name,
                )
            )
        return account

    def _get_company_amount(self, amount, date=None):
        """Return ``amount`` in the company's currency.

        :param date: of a payment; without it, at the rate of the claim's booking
        """
        self.ensure_one()
        items = self._get_money_items()
        booked = sum(items.mapped("amount_currency"))
        if date or not booked:
            return self.currency_id._convert(
                amount, self.company_id.currency_id, self.company_id, date
            )
        return self.company_id.currency_id.round(
            amount * sum(items.mapped("balance")) / booked
        )

    def _match(self, move):
        """Match the items of ``move`` with those of the claims they are for."""
        for claim in self:
            # In one go: the rows are compared with all that is matched.
            items = move.line_ids.filtered(
                lambda item, claim=claim: (
                    item.account_id == claim._get_money_account()
                    and (item.name or "").startswith(f"{claim.name} ")
                )
            )
            (items + claim._get_money_items()).filtered(
                lambda item: not item.reconciled
            ).reconcile()

    def _book_adjustment(
        self, amounts, account, kind="adjustment", date=None, reference=None,
        name=None, is_decided=False,
    ):  # fmt: skip
        """Take ``{line: amount}`` off what is owed and book it on ``account``.

        What waits in a draft refund has no receivable yet: there it is taken off the
        account the cost lies on.
        """
        self.ensure_one()
        date = date or fields.Date.context_today(self)
        posted = self.move_id.state == "posted"
        journal = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.company_id),
                ("type", "=", "general"),
            ],
            limit=1,
        )
        label = f"{self.name} {name or self.env._('difference')}"
        items = []
        for line, amount in amounts.items():
            contra = self._get_money_account() if posted else line.account_id
            for item_account, sign in ((account, 1), (contra, -1)):
                items.append(
                    {
                        "name": label,
                        "partner_id": self.partner_id.id,
                        "currency_id": self.currency_id.id,
                        "aftersales_order_id": line.order_id.id,
                        "account_id": item_account.id,
                        "amount_currency": sign * amount,
                        "balance": sign * self._get_company_amount(amount),
                    }
                )
        orders = self.env["aftersales.order"].union(
            *(line.order_id for line in amounts)
        )
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": date,
                "journal_id": journal.id,
                "company_id": self.company_id.id,
                "ref": reference or self.name,
                "aftersales_order_id": orders.id if len(orders) == 1 else False,
                "aftersales_follower": False if posted else SETTLEMENT_FOLLOWER,
                "line_ids": [Command.create(values) for values in items],
            }
        )
        move.action_post()
        self._create_settlements(amounts, kind, move, date, reference, is_decided)
        if posted:
            self._match(move)
        else:
            self._take_off_draft(amounts)
        return move

    def _create_settlements(
        self, amounts, kind, move, date, reference=None, is_decided=False
    ):
        return self.env["aftersales.claim.settlement"].create(
            [
                {
                    "line_id": line.id,
                    "kind": kind,
                    "amount": amount,
                    "date": date,
                    "reference": reference,
                    "move_id": move.id,
                    "is_decided": is_decided,
                }
                for line, amount in amounts.items()
            ]
        )


class AccountMove(models.Model):
    _inherit = "account.move"

    def button_draft(self):
        self._check_no_claim_counts_it()
        return super().button_draft()

    def button_cancel(self):
        self._check_no_claim_counts_it()
        return super().button_cancel()

    def _check_no_claim_counts_it(self):
        """Refuse to take back what was taken off a refund that is still a draft.

        No match in the books ties it to the claim, which would go on counting it.
        """
        kept = self.filtered(
            lambda move: move.aftersales_follower == SETTLEMENT_FOLLOWER
        )
        if kept:
            claims = (
                self.env["aftersales.claim.settlement"]
                .sudo()
                .search([("move_id", "in", kept.ids)])
                .claim_id
            )
            raise UserError(
                self.env._(
                    "%(moves)s was taken off the refund of %(claims)s. Make a "
                    "correcting entry instead.",
                    moves=", ".join(kept.mapped("display_name")),
                    claims=", ".join(claims.mapped("name")),
                )
            )
