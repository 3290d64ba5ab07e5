from odoo import Command, api, fields, models
from odoo.tools import date_utils


class AftersalesDeferral(models.Model):
    """The months over which the revenue of a cover is taken in."""

    _inherit = "aftersales.deferral"

    def _schedule(self):
        """Spread what is not recognised yet over the days of cover still ahead.

        What was recognised stays. Each month gets the days it has, reckoned from the
        start of the spread so that cents don't add up; the last one takes the rest.
        """
        for deferral in self.filtered(lambda deferral: not deferral.is_external):
            posted = deferral._get_posted_lines()
            (deferral.line_ids - posted)._remove()
            left = deferral._get_net_amount() - sum(posted.mapped("amount"))
            if deferral._is_credited() and not deferral.date_stopped:
                deferral.date_stopped = max(
                    deferral.credit_ids.move_line_id.mapped("date")
                )
            if deferral.currency_id.is_zero(left):
                continue
            if deferral.date_stopped or left < 0:
                values_list = [deferral._prepare_rest_values(left)]
            elif deferral.date_start:
                values_list = deferral._prepare_month_values(left)
            else:
                continue
            deferral.line_ids = [Command.create(values) for values in values_list]

    def _prepare_rest_values(self, amount):
        """Return the line that takes in, or back, all that is left."""
        self.ensure_one()
        credit = self.credit_ids[-1:]
        date = (
            self.date_stopped
            or credit.move_line_id.date
            or fields.Date.context_today(self)
        )
        return {
            "date_from": date,
            "date": date,
            "amount": amount,
            "credit_id": credit.id,
        }

    def _prepare_month_values(self, amount):
        """Return the lines of the months of cover that are not recognised."""
        self.ensure_one()
        spread_before = self._get_posted_lines().filtered("days")
        start = self.date_start
        if spread_before:
            start = fields.Date.add(max(spread_before.mapped("date")), days=1)
        if start > self.date_end:
            date = fields.Date.context_today(self)
            return [{"date_from": date, "date": date, "amount": amount}]
        total_days = (self.date_end - start).days + 1
        values_list, first, taken = [], start, 0.0
        while first <= self.date_end:
            last = min(date_utils.end_of(first, "month"), self.date_end)
            days_so_far = (last - start).days + 1
            so_far = self.currency_id.round(amount * days_so_far / total_days)
            values_list.append(
                {
                    "date_from": first,
                    "date": last,
                    "days": (last - first).days + 1,
                    "amount": self.currency_id.round(so_far - taken),
                }
            )
            first, taken = fields.Date.add(last, days=1), so_far
        return values_list


class AftersalesDeferralLine(models.Model):
    """The revenue of one month of a cover, and the entry that books it."""

    _name = "aftersales.deferral.line"
    _description = "Month of a Deferred Revenue"
    _order = "deferral_id, date, id"
    _check_company_auto = True

    deferral_id = fields.Many2one(
        "aftersales.deferral", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="deferral_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date("From", required=True)
    date = fields.Date("Until", required=True)
    days = fields.Integer(help="None: what a credit note or an early end left over.")
    amount = fields.Monetary()
    move_id = fields.Many2one(
        "account.move",
        "Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )
    state = fields.Selection(related="move_id.state", string="Status")
    credit_id = fields.Many2one(
        "aftersales.deferral.credit", readonly=True, index="btree_not_null"
    )

    _due_idx = models.Index("(date) WHERE move_id IS NULL")

    @api.depends("deferral_id.display_name", "date")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (
                f"{line.deferral_id.display_name} · {fields.Date.to_string(line.date)}"
            )

    def _create_entries(self):
        """Book these months, each once; closed days move to the next open one."""
        todo = self.filtered(lambda line: not line.move_id)
        by_company = todo.grouped("company_id")
        for company, lines in by_company.items():
            journal = company._get_aftersales_closing_journal()
            moves = (
                self.env["account.move"]
                .with_company(company)
                .create([line._prepare_entry_values(journal) for line in lines])
            )
            for line, move in zip(lines, moves, strict=True):
                line.move_id = move
            if company.aftersales_deferral_posting == "post":
                moves._post(soft=False)

    def _prepare_entry_values(self, journal):
        self.ensure_one()
        deferral = self.deferral_id
        source = deferral.move_line_id
        name = self.env._(
            "%(cover)s, %(start)s to %(end)s",
            cover=deferral.display_name,
            start=fields.Date.to_string(self.date_from),
            end=fields.Date.to_string(self.date),
        )
        return {
            "move_type": "entry",
            "aftersales_follower": "aftersales.deferral.line,move_id",
            "company_id": self.company_id.id,
            "journal_id": journal.id,
            "date": self.company_id._get_aftersales_open_day(self.date, journal),
            "ref": name,
            "line_ids": [
                Command.create(
                    {
                        "name": name,
                        "account_id": account.id,
                        "partner_id": source.partner_id.id,
                        "balance": balance,
                        "currency_id": self.currency_id.id,
                        "amount_currency": balance,
                        # On both, as on the invoice: projects see the same total.
                        "analytic_distribution": source.analytic_distribution,
                        "aftersales_order_id": source.aftersales_order_id.id,
                    }
                )
                for account, balance in (
                    (deferral.account_id, self.amount),
                    (deferral.account_income_id, -self.amount),
                )
            ],
        }

    def _remove(self):
        """Delete months that are not posted, with their drafts."""
        moves = self.move_id
        self.unlink()
        moves._unlink_or_reverse()
