from odoo import Command, api, fields, models


class AftersalesAllowance(models.Model):
    """What may be lost of the claims to makers and suppliers that stay open too long.

    Only of what is booked: a refund that is still a draft is no asset, its cost is
    expense already.

    Claims open for 90 days or more since they were first sent (the company may say
    otherwise) are provided for in full. The entry is reversed on the next day and
    made anew each month, so what was paid in the meantime drops out by itself.
    """

    _name = "aftersales.allowance"
    _description = "Allowance for Doubtful Claims"
    _inherit = ["aftersales.period.entry"]

    days = fields.Integer(
        "Doubtful after (days)",
        required=True,
        compute="_compute_days",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary("Allowance")
    amount_open = fields.Monetary(
        "Open Claims", readonly=True, copy=False, help="Of any age, on that date."
    )
    line_ids = fields.One2many(
        "aftersales.allowance.line", "allowance_id", "Claims", readonly=True, copy=False
    )

    @api.depends("company_id")
    def _compute_days(self):
        for allowance in self:
            allowance.days = allowance.company_id.aftersales_allowance_days

    def _get_title(self, month):
        return self.env._("Allowance for claims %(month)s", month=month)

    @api.model
    def _get_account_fields(self):
        return (
            "aftersales_allowance_expense_account_id",
            "aftersales_allowance_account_id",
        )

    def _compute_figures(self):
        self.ensure_one()
        self.line_ids.unlink()
        values_list, total = [], 0.0
        for claim, (days, amount) in self._get_open_claims().items():
            total += amount
            if days >= self.days:
                values_list.append(
                    {
                        "claim_id": claim.id,
                        "date_first_sent": claim.date_first_sent,
                        "days": days,
                        "amount": amount,
                    }
                )
        self.write(
            {
                "line_ids": [Command.create(values) for values in values_list],
                "amount": sum(values["amount"] for values in values_list),
                "amount_open": total,
            }
        )

    def _get_open_claims(self):
        """Return ``{claim: (days since first sent, open amount)}``, the oldest first.

        A claim on which more was paid than asked for makes up for no other.
        """
        self.ensure_one()
        claims = self.env["aftersales.claim"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date_first_sent", "<=", self.date),
                ("move_id.state", "=", "posted"),
            ],
            order="date_first_sent, id",
        )
        amounts, ages = {}, {}
        for line, (days, amount) in claims._get_open_amount_by_age(self.date).items():
            claim = line.claim_id
            amounts[claim] = amounts.get(claim, 0.0) + amount
            ages[claim] = days
        return {
            claim: (ages[claim], amounts[claim])
            for claim in claims
            if self.currency_id.compare_amounts(amounts.get(claim, 0.0), 0.0) > 0
        }


class AftersalesAllowanceLine(models.Model):
    _name = "aftersales.allowance.line"
    _description = "Doubtful Claim"
    _order = "allowance_id desc, days desc, id"

    allowance_id = fields.Many2one(
        "aftersales.allowance", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="allowance_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    claim_id = fields.Many2one(
        "aftersales.claim", required=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        related="claim_id.partner_id", store=True, precompute=True
    )
    date_first_sent = fields.Date("First Sent")
    days = fields.Integer("Days Open", aggregator="max")
    amount = fields.Monetary()


class AftersalesClaim(models.Model):
    _inherit = "aftersales.claim"

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
