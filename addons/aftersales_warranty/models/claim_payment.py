from odoo import Command, fields, models
from odoo.exceptions import UserError


class AftersalesClaim(models.Model):
    """Record what the maker or supplier paid, line by line."""

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
