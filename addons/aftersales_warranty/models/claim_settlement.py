from odoo import Command, fields, models
from odoo.exceptions import UserError

from .amounts import fill_amount
from .claim import SENT_STATES

# Claims whose money can be matched. What is called off may come back to life when a
# credit note is taken back.
SETTLED_STATES = (*SENT_STATES, "cancel")

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
    """Money that comes in for claims, and differences that are let go."""

    _inherit = "aftersales.claim"

    def action_settle(
        self, amounts=None, date=None, reference=None, journal_id=None, currency_id=None
    ):
        """Book a payment of these claims, line by line.

        One payment of one maker or supplier, matched with each claim's invoice or
        refund. A difference within the payer's tolerance goes to the adjustment
        account; a larger one stays open.

        :param dict amounts: ``{line or id: amount with taxes}``. Without it, all
            that is expected is paid.
        :param date date: of the payment; today without it
        :param str reference: of the payment. One reference is booked once per claim
        :param journal_id: record or id; the first bank journal without it
        :param currency_id: record or id of the currency that was paid, if the caller
            knows it
        :return: the payments
        :raises UserError: naming claims that are not sent or cancelled, and amounts
            that are negative, above the claim, in another currency or paid already
        """
        self._check_settles()
        claims = self._lock()
        claims._check_sent()
        claims._check_reference(reference)
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        if amounts is None:
            amounts = {line: line._get_amount_expected() for line in claims.line_ids}
        else:
            amounts = claims._get_line_amounts(amounts)
        currency_id = int(getattr(currency_id, "id", currency_id) or 0)
        journal = claims._get_payment_journal(journal_id)
        claims._check_payable(currency_id, journal)
        differences = {
            line: line._check_payment(amount) for line, amount in amounts.items()
        }
        paid = {
            line: amount
            for line, amount in amounts.items()
            if not line.currency_id.is_zero(amount)
        }
        if not paid:
            raise UserError(
                self.env._(
                    "%(claims)s: enter what was paid for each line.",
                    claims=", ".join(claims.mapped("name")),
                )
            )
        payments = claims.env["account.payment"]
        lines = claims.env["aftersales.claim.line"].concat(*paid)
        for batch in lines.claim_id.grouped(
            lambda claim: (
                claim.company_id,
                claim.partner_id,
                claim.currency_id,
                claim.method,
                claim._get_money_account(),
            )
        ).values():
            payments |= batch._book_payment(
                {
                    line: amount
                    for line, amount in paid.items()
                    if line.claim_id in batch
                },
                date,
                reference,
                journal,
            )
        for claim in lines.claim_id:
            claim._book_differences(
                {
                    line: difference
                    for line, difference in differences.items()
                    if line.claim_id == claim and difference
                },
                date,
                reference,
            )
        lines.claim_id._update_state()
        return payments.with_env(self.env)

    def _check_reference(self, reference):
        """Refuse a payment that was booked already."""
        if not reference:
            return
        known = self.settlement_ids.filtered(
            lambda row: row.kind == "payment" and row.reference == reference
        )
        if known:
            raise UserError(
                self.env._(
                    "%(claims)s: payment %(reference)s was booked on %(date)s already "
                    "(%(move)s). Nothing was booked again. If it is another payment, "
                    "give its own reference.",
                    claims=", ".join(known.claim_id.mapped("name")),
                    reference=reference,
                    date=fields.Date.to_string(known[0].date),
                    move=known[0].move_id.name or "",
                )
            )

    def _check_payable(self, currency_id, journal):
        """Refuse money for what is not booked, or in another currency."""
        for claim in self:
            if claim.move_id.state != "posted":
                raise UserError(
                    self.env._(
                        "%(claim)s: refund %(move)s is not posted yet. Have it posted "
                        "in Invoicing, then record the payment.",
                        claim=claim.name,
                        move=claim.move_id.display_name or "",
                    )
                )
            paid_in = self.env["res.currency"].browse(
                currency_id or claim.currency_id.id
            )
            own = journal.currency_id or claim.currency_id
            for currency in (paid_in, own):
                if currency != claim.currency_id:
                    raise UserError(
                        self.env._(
                            "%(claim)s is in %(currency)s and can't be paid in "
                            "%(other)s here. Register the payment on %(move)s in "
                            "Invoicing, where the rate is booked; the claim follows.",
                            claim=claim.name,
                            currency=claim.currency_id.name,
                            other=currency.name,
                            move=claim.move_id.name,
                        )
                    )

    def _get_payment_journal(self, journal_id):
        journal = self.env["account.journal"].browse(
            int(getattr(journal_id, "id", journal_id) or 0)
        )
        if journal and (
            journal.company_id != self.company_id
            or journal.type not in ("bank", "cash", "credit")
        ):
            raise UserError(
                self.env._(
                    "%(journal)s is no bank or cash journal of %(company)s.",
                    journal=journal.display_name,
                    company=", ".join(self.company_id.mapped("name")),
                )
            )
        journal = journal or self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.company_id),
                ("type", "in", ("bank", "cash")),
                ("inbound_payment_method_line_ids", "!=", False),
            ],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%(company)s has no bank journal to book the payment in.",
                    company=", ".join(self.company_id.mapped("name")),
                )
            )
        return journal

    # Bookings

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

    def _book_payment(self, amounts, date, reference, journal):
        """Make and match one payment for ``{line: amount}`` of these claims."""
        claim = self[:1]
        method = journal._get_available_payment_method_lines("inbound")[:1]
        label = reference or ", ".join(self.mapped("name"))
        # One item per claim and order: each knows the work it pays for.
        by_key = {}
        for line, amount in amounts.items():
            key = line.claim_id, line.order_id
            by_key[key] = by_key.get(key, 0.0) + amount
        items, liquidity = [], 0.0
        for (key_claim, order), amount in by_key.items():
            balance = key_claim._get_company_amount(amount, date)
            liquidity += balance
            items.append(
                {
                    "name": f"{key_claim.name} {label}",
                    "account_id": key_claim._get_money_account().id,
                    "amount_currency": -amount,
                    "balance": -balance,
                    "aftersales_order_id": order.id,
                    "date_maturity": date,
                }
            )
        orders = self.env["aftersales.order"].union(*(order for _c, order in by_key))
        total = claim.currency_id.round(sum(amounts.values()))
        payment_values = {
            "date": date,
            "amount": total,
            "payment_type": "inbound",
            "partner_type": "customer" if claim.method == "invoice" else "supplier",
            "memo": label,
            "journal_id": journal.id,
            "company_id": claim.company_id.id,
            "currency_id": claim.currency_id.id,
            "partner_id": claim.partner_id.id,
            "payment_method_line_id": method.id,
            "destination_account_id": claim._get_money_account().id,
        }
        outstanding = method.payment_account_id or self.env["account.payment"].new(
            payment_values
        )._get_outstanding_account("inbound")
        liquidity_item = {
            "name": label,
            "account_id": outstanding.id,
            "amount_currency": total,
            "balance": liquidity,
            "aftersales_order_id": orders.id if len(orders) == 1 else False,
            "date_maturity": date,
        }
        common = {
            "partner_id": claim.partner_id.id,
            "currency_id": claim.currency_id.id,
        }
        payment = (
            self.env["account.payment"]
            .with_context(force_payment_move=True)
            .create(
                {
                    **payment_values,
                    "line_ids": [
                        Command.create(common | values)
                        for values in [liquidity_item, *items]
                    ],
                }
            )
        )
        payment.action_post()
        move = payment.move_id
        self._create_settlements(amounts, "payment", move, date, reference)
        self._match(move)
        self.move_id.matched_payment_ids += payment
        return payment

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

    def _book_differences(self, differences, date, reference):
        """Post what a payment was short, where the tolerance allows it."""
        self.ensure_one()
        if not differences:
            return
        total = self.currency_id.round(sum(differences.values()))
        limit = self.payer_id._get_claim_tolerance(
            self.amount_claimed, self.currency_id, date
        )
        if self.currency_id.compare_amounts(total, limit) <= 0:
            self._book_adjustment(
                differences,
                self._get_adjustment_account(),
                date=date,
                reference=reference,
            )

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

    # What others match in Invoicing

    def _sync_settlements(self):
        """Bring the rows in line with what is matched, whoever matched it.

        Rows that steps made stay. What an accountant matched is poured into the
        lines: credit notes into the lines they credit, money into what was approved
        first and into the rest after that.
        """
        for claim in self.filtered(lambda claim: claim.state in SETTLED_STATES):
            matched = {}
            for partial in claim._get_money_items().matched_credit_ids:
                move = partial.credit_move_id.move_id
                matched.setdefault(move, 0.0)
                matched[move] += partial.debit_amount_currency
            rows_by_move = claim.settlement_ids.grouped("move_id")
            for move, rows in rows_by_move.items():
                # Cost that a decision took off a draft refund is matched with nothing.
                if move not in matched:
                    rows.filtered(lambda row: not row._is_booked_alone()).unlink()
            for move, amount in matched.items():
                rows = rows_by_move.get(move, claim.settlement_ids.browse())
                missing = claim.currency_id.round(amount - sum(rows.mapped("amount")))
                if claim.currency_id.compare_amounts(missing, 0) < 0:
                    rows.unlink()
                    missing = amount
                if not claim.currency_id.is_zero(missing):
                    claim._pour(move, missing)
        self._update_state()

    def _pour(self, move, amount):
        """Give the lines what ``move`` settles and no step explained."""
        self.ensure_one()
        kind = self._get_settlement_kind(move)
        shares = {}
        if kind == "credit":
            credited = self._get_credited_lines(move)
            values, amount = fill_amount(amount, credited.values(), self.currency_id)
            shares = dict(zip(credited, values, strict=True))
        for get_limit in (
            lambda line: line.amount_approved - line.amount_paid - line.amount_adjusted,
            lambda line: line._get_amount_expected(),
            lambda line: line.amount_open,
        ):
            limits = [
                min(get_limit(line), line.amount_open) - shares.get(line, 0.0)
                for line in self.line_ids
            ]
            values, amount = fill_amount(amount, limits, self.currency_id)
            for line, value in zip(self.line_ids, values, strict=True):
                shares[line] = shares.get(line, 0.0) + value
        if not self.currency_id.is_zero(amount) and self.line_ids:
            shares[self.line_ids[-1]] += amount
        self._create_settlements(
            {
                line: value
                for line, value in shares.items()
                if not self.currency_id.is_zero(value)
            },
            kind,
            move,
            move.date,
            move.ref or move.name,
        )

    def _get_settlement_kind(self, move):
        self.ensure_one()
        reverses = move.reversed_entry_id == self.move_id
        if reverses or move.move_type == "out_refund":
            return "credit"
        return "payment"

    def _get_credited_lines(self, move):
        """Return ``{line: amount}`` that a credit note takes off."""
        self.ensure_one()
        credited = {}
        for item in move.invoice_line_ids:
            correction = item.aftersales_correction_id
            lines = correction.claim_line_id or self.line_ids.filtered(
                lambda line, item=item: (
                    line.sale_line_id and line.sale_line_id in item.sale_line_ids
                )
            )
            for line in lines & self.line_ids:
                credited[line] = credited.get(line, 0.0) + item.price_total
        return credited

    # For the allowance

    def _get_open_amount_by_age(self, date=None):
        """Return what is open per line and for how long, as of ``date``.

        :param date date: today without it. Later payments are left out of account
        :return: ``{claim line: (days since first sent, amount)}``, the amounts in the
            company's currency; lines with nothing open are left out
        """
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        result = {}
        for claim in self.sudo():
            if (
                not claim.date_first_sent
                or claim.date_first_sent > date
                or claim.state in ("draft", "cancel")
            ):
                continue
            days = (date - claim.date_first_sent).days
            for line in claim.line_ids:
                settled = sum(
                    row.amount for row in line.settlement_ids if row.date <= date
                )
                amount = claim._get_company_amount(line.amount_claimed - settled)
                if not claim.company_id.currency_id.is_zero(amount):
                    result[line] = (days, amount)
        return result


class AftersalesClaimLine(models.Model):
    _inherit = "aftersales.claim.line"

    def _check_payment(self, amount):
        """Refuse an impossible amount; return what is missing of what is expected."""
        self.ensure_one()
        claim, currency = self.claim_id, self.currency_id
        if currency.compare_amounts(amount, 0) < 0:
            raise UserError(
                self.env._(
                    "%(claim)s, %(line)s: %(amount)s can't be paid. Money that goes "
                    "back is booked by reversing its payment in Invoicing.",
                    claim=claim.name,
                    line=self.name,
                    amount=currency.format(amount),
                )
            )
        if currency.compare_amounts(amount, self.amount_open) > 0:
            raise UserError(
                self.env._(
                    "%(claim)s, %(line)s: %(amount)s is more than the %(open)s that is "
                    "open. Enter what is for this line, and book the rest on the "
                    "account of %(partner)s.",
                    claim=claim.name,
                    line=self.name,
                    amount=currency.format(amount),
                    open=currency.format(self.amount_open),
                    partner=claim.partner_id.display_name,
                )
            )
        if currency.is_zero(amount):
            return 0.0
        return max(currency.round(self._get_amount_expected() - amount), 0.0)


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
