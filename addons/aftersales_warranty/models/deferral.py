import logging

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import date_utils

_logger = logging.getLogger(__name__)

BATCH = 100


class AftersalesDeferral(models.Model):
    """Revenue of a cover that was sold for one asset, taken in over its term.

    The invoice credits the deferred revenue account. From the day the cover begins,
    each month takes its days' share of the amount to the revenue account. A credit
    note lowers what is left; one of the whole amount ends the schedule and takes back
    what was recognised, so that both accounts come to what the customer paid.
    """

    _name = "aftersales.deferral"
    _description = "Deferred Revenue of a Cover"
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["invoice_id", "asset_id", "product_id"]

    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        "Invoice Line",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    invoice_id = fields.Many2one(
        related="move_line_id.move_id",
        string="Invoice",
        store=True,
        precompute=True,
        index=True,
    )
    partner_id = fields.Many2one(related="move_line_id.partner_id", string="Customer")
    product_id = fields.Many2one(
        related="move_line_id.product_id", string="Cover", store=True, precompute=True
    )
    sale_line_id = fields.Many2one(
        "sale.order.line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    sale_order_id = fields.Many2one(
        related="sale_line_id.order_id", string="Sales Order"
    )
    aftersales_order_id = fields.Many2one(
        related="move_line_id.aftersales_order_id", string="Work Order"
    )
    asset_id = fields.Many2one(
        "aftersales.asset",
        check_company=True,
        index="btree_not_null",
        help="Empty: the serial number is not delivered yet, or has no asset.",
    )
    registration_id = fields.Many2one(
        "aftersales.warranty.registration",
        "Guarantee",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    account_id = fields.Many2one(
        "account.account",
        "Deferred Revenue Account",
        required=True,
        readonly=True,
        check_company=True,
    )
    account_income_id = fields.Many2one(
        "account.account",
        "Revenue Account",
        required=True,
        readonly=True,
        check_company=True,
    )
    months = fields.Integer("Term (months)", readonly=True)
    date_start = fields.Date(
        "Cover Begins",
        help="Empty: not known yet. It follows the delivery or the guarantee that "
        "comes first; you can also set it here.",
    )
    date_end = fields.Date(
        "Cover Ends", compute="_compute_date_end", store=True, readonly=True
    )
    amount = fields.Monetary("Invoiced", readonly=True)
    amount_currency = fields.Monetary(
        "In Invoice Currency", readonly=True, currency_field="invoice_currency_id"
    )
    invoice_currency_id = fields.Many2one(
        related="move_line_id.currency_id", string="Invoice Currency"
    )
    credit_ids = fields.One2many(
        "aftersales.deferral.credit", "deferral_id", "Credit Notes", readonly=True
    )
    line_ids = fields.One2many(
        "aftersales.deferral.line", "deferral_id", "Schedule", readonly=True
    )
    amount_credited = fields.Monetary(
        "Credited", compute="_compute_amounts", store=True
    )
    amount_recognised = fields.Monetary(
        "Recognised", compute="_compute_amounts", store=True
    )
    amount_left = fields.Monetary(
        "Still Deferred", compute="_compute_amounts", store=True
    )
    date_stopped = fields.Date("Stopped On", readonly=True, copy=False)
    is_external = fields.Boolean(
        readonly=True, help="Another application defers the revenue of this invoice."
    )
    state = fields.Selection(
        [
            ("waiting", "Waits for its Start"),
            ("running", "Running"),
            ("done", "Recognised"),
            ("stopped", "Stopped"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
    )

    @api.depends("date_start", "months")
    def _compute_date_end(self):
        for deferral in self:
            deferral.date_end = deferral.date_start and fields.Date.subtract(
                fields.Date.add(deferral.date_start, months=deferral.months), days=1
            )

    @api.depends(
        "amount",
        "credit_ids.amount",
        "line_ids.amount",
        "line_ids.move_id",
        "is_external",
    )
    def _compute_amounts(self):
        for deferral in self:
            credited = sum(deferral.credit_ids.mapped("amount"))
            recognised = sum(deferral._get_posted_lines().mapped("amount"))
            deferral.amount_credited = credited
            deferral.amount_recognised = recognised
            deferral.amount_left = (
                deferral.amount - credited - recognised
                if not deferral.is_external
                else 0.0
            )

    @api.depends("date_start", "date_stopped", "amount_left")
    def _compute_state(self):
        for deferral in self:
            if deferral.date_stopped:
                deferral.state = "stopped"
            elif not deferral.date_start:
                deferral.state = "waiting"
            elif deferral.currency_id.is_zero(deferral.amount_left):
                deferral.state = "done"
            else:
                deferral.state = "running"

    @api.depends("invoice_id.name", "asset_id.name", "product_id.name")
    def _compute_display_name(self):
        for deferral in self:
            parts = (
                deferral.invoice_id.name,
                deferral.product_id.name,
                deferral.asset_id.name,
            )
            deferral.display_name = " · ".join(part for part in parts if part)

    def write(self, vals):
        """A start or an asset set by hand makes the schedule."""
        moved = {"date_start", "asset_id"} & vals.keys()
        if moved and not self.env.su:
            fixed = self.filtered(lambda deferral: deferral.state != "waiting")
            if fixed:
                raise UserError(
                    self.env._(
                        "%(deferrals)s: the cover has begun. Credit the invoice if it "
                        "was sold for another asset or day.",
                        deferrals=", ".join(fixed.mapped("display_name")),
                    )
                )
        result = super().write(vals)
        if moved and not self.env.su:
            self.sudo()._try_start()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        if self._get_posted_lines():
            raise UserError(
                self.env._(
                    "%(deferrals)s: revenue was recognised already. Credit the invoice "
                    "instead.",
                    deferrals=", ".join(self.mapped("display_name")),
                )
            )
        self.sudo().line_ids._remove()

    def action_stop(self):
        """Take in at once what is left: the cover ended early and nothing is paid back.

        The entry is dated today.
        """
        deferrals = self._lock_open().filtered(
            lambda deferral: deferral.state in ("waiting", "running")
        )
        deferrals.date_stopped = fields.Date.context_today(self)
        deferrals._schedule()
        deferrals._get_due_lines()._create_entries()
        return True

    def action_post_due(self):
        """Make the entries that are due, without waiting for the night."""
        deferrals = self._lock_open()
        deferrals._try_start()
        deferrals._get_due_lines()._create_entries()
        return True

    def action_view_moves(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_journal_line"
        )
        return {
            **action,
            "domain": [("id", "in", self.line_ids.move_id.ids)],
            "context": {},
        }

    def _lock_open(self):
        """Check the right to change these and let one caller in at a time."""
        self.check_access("write")
        deferrals = self.sudo()
        deferrals.lock_for_update()
        return deferrals

    def _get_posted_lines(self):
        return self.line_ids.filtered(lambda line: line.move_id.state == "posted")

    def _get_due_lines(self):
        today = fields.Date.context_today(self)
        return self.line_ids.filtered(
            lambda line: not line.move_id and line.date <= today
        )

    def _get_net_amount(self):
        """Return what the customer owes for the cover after credit notes."""
        self.ensure_one()
        return self.amount - sum(self.credit_ids.mapped("amount"))

    def _is_credited(self):
        """Whether credit notes took back all of it, in the invoice's currency."""
        self.ensure_one()
        left = self.amount_currency - sum(self.credit_ids.mapped("amount_currency"))
        return bool(self.credit_ids) and self.invoice_currency_id.is_zero(left)

    def _try_start(self):
        """Begin the covers whose asset and first day are known by now."""
        for deferral in self.filtered(
            lambda deferral: not deferral.date_stopped and not deferral.line_ids
        ):
            if not deferral.asset_id:
                deferral.asset_id = deferral._find_delivered_asset()
            if not deferral.date_start:
                deferral.date_start = deferral._get_start()
            if deferral.date_start and deferral.asset_id:
                deferral._schedule()
                deferral._create_cover_registrations()

    def _find_delivered_asset(self):
        """Return the asset of a serial delivered with this sale that has no cover."""
        self.ensure_one()
        assets = self.sale_line_id._get_delivered_assets()
        siblings = self.sale_line_id.aftersales_deferral_ids - self
        return (assets - siblings.asset_id)[:1]

    def _get_start(self):
        """Return the day the cover begins, or False while it can't be known."""
        self.ensure_one()
        return bool(self.asset_id) and self.move_line_id._get_cover_start(self.asset_id)

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

    def _credit(self, move_line):
        """Take the amount of a credit note line off these covers, in their order.

        What it takes back of the revenue that was recognised is booked at once.
        """
        external = self.filtered("is_external")
        external._void_registrations(move_line.move_id)
        values_list = (self - external)._get_credit_values(move_line)
        deferrals = (
            self.env["aftersales.deferral.credit"].create(values_list).deferral_id
        )
        deferrals._schedule()
        deferrals.filtered("date_stopped")._void_registrations(move_line.move_id)
        # On the day of the note, even if that lies ahead.
        deferrals.line_ids.filtered(
            lambda line: not line.days and not line.move_id
        )._create_entries()

    def _get_credit_values(self, move_line):
        """Return how ``move_line`` is spread over these; the last takes the rest."""
        left, left_currency = move_line.balance, move_line.amount_currency
        values_list = []
        for deferral in self:
            currency = deferral.invoice_currency_id
            if move_line.currency_id != currency:
                left_currency = move_line.company_currency_id._convert(
                    left, currency, deferral.company_id, move_line.date
                )
            part, part_currency = left, left_currency
            if deferral != self[-1]:
                open_currency = deferral.amount_currency - sum(
                    deferral.credit_ids.mapped("amount_currency")
                )
                part_currency = min(left_currency, open_currency)
                ratio = part_currency / left_currency if left_currency else 0.0
                part = deferral.currency_id.round(left * ratio)
            values_list.append(
                {
                    "deferral_id": deferral.id,
                    "move_line_id": move_line.id,
                    "amount": part,
                    "amount_currency": part_currency,
                }
            )
            left -= part
            left_currency -= part_currency
            if currency.is_zero(left_currency):
                break
        return values_list

    def _void_registrations(self, credit_note):
        """The cover that was paid back is not given."""
        registrations = self.registration_id.filtered(
            lambda registration: registration.state != "void"
        )
        if registrations:
            registrations.action_void(
                reason=self.env._("Credited by %(note)s", note=credit_note.name)
            )

    def _create_cover_registrations(self):
        """Register the covers that have begun, each once."""
        todo = self.filtered(
            lambda deferral: (
                not deferral.registration_id
                and deferral.asset_id
                and deferral.date_start
                and not deferral.date_stopped
            )
        )
        registrations = self.env["aftersales.warranty.registration"].create(
            [deferral._prepare_registration_values() for deferral in todo]
        )
        for deferral, registration in zip(todo, registrations, strict=True):
            deferral.registration_id = registration
        return registrations

    def _prepare_registration_values(self):
        self.ensure_one()
        return {
            **self.move_line_id._prepare_cover_registration_values(
                self.asset_id, self.date_start
            ),
            "cover_months": self.months,
            "price": max(self.amount_currency, 0.0),
        }

    @api.model
    def _cron_recognise(self):
        """Begin covers whose start is known by now, and book the months that are over.

        One bad record is logged by its name and does not stop the rest.
        """
        today = fields.Date.context_today(self)
        Cron = self.env["ir.cron"]
        waiting = self.search([("state", "=", "waiting")])
        due = self.env["aftersales.deferral.line"].search(
            [("move_id", "=", False), ("date", "<=", today)]
        )
        Cron._commit_progress(remaining=len(waiting) + len(due))
        for records, step in ((waiting, "_try_start"), (due, "_create_entries")):
            for start in range(0, len(records), BATCH):
                batch = records[start : start + BATCH]
                for record in batch.try_lock_for_update():
                    try:
                        with self.env.cr.savepoint():
                            getattr(record, step)()
                    except Exception:
                        _logger.exception("%s was not booked", record.display_name)
                if not Cron._commit_progress(len(batch)):
                    return


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


class AftersalesDeferralCredit(models.Model):
    """What a credit note took off a cover."""

    _name = "aftersales.deferral.credit"
    _description = "Credit of a Deferred Revenue"
    _order = "id"
    _check_company_auto = True

    deferral_id = fields.Many2one(
        "aftersales.deferral", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="deferral_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    invoice_currency_id = fields.Many2one(related="deferral_id.invoice_currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        "Credit Note Line",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Credit Note")
    amount = fields.Monetary()
    amount_currency = fields.Monetary(
        "In Invoice Currency", currency_field="invoice_currency_id"
    )

    def _undo(self):
        """Forget credits whose note is opened again, and spread the rest anew."""
        deferrals = self.deferral_id
        stopped = deferrals.filtered(lambda deferral: deferral._is_credited())
        taken_back = deferrals.line_ids.filtered(lambda line: line.credit_id in self)
        taken_back._remove()
        self.unlink()
        stopped.date_stopped = False
        void = stopped.registration_id.filtered(
            lambda registration: registration.state == "void"
        )
        void._set_state("active", end_reason=False)
        deferrals._schedule()
