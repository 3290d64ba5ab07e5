import logging

from babel.dates import format_skeleton

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, get_lang
from odoo.tools.misc import babel_locale_parse

_logger = logging.getLogger(__name__)


class AftersalesPeriodEntry(models.AbstractModel):
    """An estimate at the end of a month, and the entry that books it.

    The figures are worked out, the entry waits as a draft for the accountant, and
    once it is posted its reversal is dated the next day. There is one document per
    company and month; making it again renews what is not posted yet.

    The host provides ``_compute_figures`` and ``_get_account_fields``, and a name.
    """

    _name = "aftersales.period.entry"
    _description = "Month-End Entry"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        "Month End",
        required=True,
        default=lambda self: self._get_last_month_end(),
        help="The last day of a month.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled")],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )
    is_cancelled = fields.Boolean(readonly=True, copy=False)
    move_id = fields.Many2one(
        "account.move",
        "Entry",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
    )
    reversal_move_id = fields.Many2one(
        "account.move",
        "Reversal",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
    )
    amount = fields.Monetary(readonly=True, copy=False)

    _month_end = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date + 1) = 1)",
        "Choose the last day of a month.",
    )
    _month_unique = models.UniqueIndex(
        "(company_id, date) WHERE is_cancelled IS NOT TRUE",
        "There is a document for that company and month already. Open it and make the "
        "entry again, or cancel it first.",
    )

    @api.depends("move_id", "is_cancelled")
    def _compute_state(self):
        for entry in self:
            if entry.is_cancelled:
                entry.state = "cancel"
            else:
                posted = entry.move_id.state == "posted"
                entry.state = "posted" if posted else "draft"

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        locale = babel_locale_parse(get_lang(self.env).code)
        for entry in self:
            month = entry.date and format_skeleton("yMMMM", entry.date, locale=locale)
            entry.display_name = entry._get_title(month or "")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        posted = self.filtered(lambda entry: entry.state == "posted")
        if posted:
            raise UserError(
                self.env._(
                    "%(documents)s is posted. Cancel it before deleting it.",
                    documents=", ".join(posted.mapped("display_name")),
                )
            )
        self.sudo().move_id.filtered(lambda move: move.state == "draft").unlink()

    def action_make_entry(self):
        """Work the figures out and make the draft entry, in place of an earlier one.

        :raises UserError: naming documents that are posted or cancelled
        """
        entries = self._lock_open()
        closed = entries.filtered(lambda entry: entry.state != "draft")
        if closed:
            raise UserError(
                self.env._(
                    "%(documents)s is posted or cancelled: its figures stay. Cancel a "
                    "posted one to work it out again.",
                    documents=", ".join(closed.mapped("display_name")),
                )
            )
        entries._remove_moves()
        for entry in entries:
            entry._compute_figures()
            entry._make_entry()
        return True

    def action_post(self):
        """Post the entries, and with each its reversal on the next day."""
        entries = self._lock_open()
        entries.filtered(
            lambda entry: entry.state == "draft" and not entry.move_id
        ).action_make_entry()
        todo = entries.filtered(lambda entry: entry.state == "draft" and entry.move_id)
        for entry in todo:
            entry._check_open()
        # Odoo asks for the right to post, of the user and not of the superuser.
        moves = todo.move_id.with_env(self.env)
        if moves:
            moves._post(soft=False)
        return True

    def action_cancel(self):
        """Take the documents back, with their entries."""
        entries = self._lock_open()
        entries._check_can_be_taken_back()
        entries._remove_moves()
        entries.is_cancelled = True
        # Its place is free for another one, also in the same transaction.
        entries.flush_recordset(["is_cancelled"])
        return True

    def action_draft(self):
        """Open cancelled documents again."""
        entries = self._lock_open()
        entries.is_cancelled = False
        return True

    def action_view_moves(self):
        moves = self.move_id | self.reversal_move_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_journal_line"
        )
        return {**action, "domain": [("id", "in", moves.ids)], "context": {}}

    @api.model
    def _get_last_month_end(self):
        today = fields.Date.context_today(self)
        return fields.Date.subtract(today.replace(day=1), days=1)

    def _lock_open(self):
        """Check the right to change these and let one caller in at a time."""
        self.check_access("write")
        entries = self.sudo()
        entries.lock_for_update()
        return entries

    def _get_title(self, month):
        """Return what the document of ``month`` is called."""
        raise NotImplementedError

    def _compute_figures(self):
        """Write the lines and the amount of this document as of its date."""
        raise NotImplementedError

    @api.model
    def _get_account_fields(self):
        """Return the fields of the company with the expense and the other account."""
        raise NotImplementedError

    def _get_entry_amount(self):
        """Return what the entry books as expense; less than zero releases it."""
        self.ensure_one()
        return self.amount

    def _is_reversed(self):
        """Whether the entry is taken back on the next day."""
        return True

    def _get_accounts(self):
        """Return the accounts ``(expense, other)``; refuse if one is not set."""
        self.ensure_one()
        return tuple(
            self.company_id._get_aftersales_account(field)
            for field in self._get_account_fields()
        )

    def _check_open(self):
        """Refuse to book into a closed month: the reversal would come before it."""
        for entry in self:
            company = entry.company_id
            locks = company._get_violated_lock_dates(
                entry.date, False, entry.move_id.journal_id
            )
            if locks:
                raise UserError(
                    self.env._(
                        "%(document)s: the books of %(company)s are closed for "
                        "%(date)s (%(locks)s). Open that month or make the document "
                        "of a later one.",
                        document=entry.display_name,
                        company=company.name,
                        date=format_date(self.env, entry.date),
                        locks=company._format_lock_dates(locks),
                    )
                )

    def _make_entry(self):
        """Make the draft entry of a document whose figures are there."""
        self.ensure_one()
        values = self._prepare_entry_values()
        if values:
            self.move_id = (
                self.env["account.move"].with_company(self.company_id).create(values)
            )

    def _prepare_entry_values(self):
        """Return the values of the entry, or nothing if there is nothing to book."""
        self.ensure_one()
        expense, other = self._get_accounts()
        amount = self.currency_id.round(self._get_entry_amount())
        if self.currency_id.is_zero(amount):
            return {}
        title = self.display_name
        return {
            "move_type": "entry",
            "aftersales_follower": f"{self._name},move_id",
            "company_id": self.company_id.id,
            "journal_id": self.company_id._get_aftersales_closing_journal().id,
            "date": self.date,
            "ref": title,
            "line_ids": [
                Command.create(
                    {
                        "name": title,
                        "account_id": account.id,
                        "balance": balance,
                        "currency_id": self.currency_id.id,
                        "amount_currency": balance,
                    }
                )
                for account, balance in ((expense, amount), (other, -amount))
            ],
        }

    def _make_reversal(self):
        """Date the reversal of posted entries to the next day; each gets one."""
        for entry in self:
            if not entry._is_reversed() or entry.reversal_move_id:
                continue
            next_day = fields.Date.add(entry.move_id.date, days=1)
            reversal = entry.move_id._reverse_moves(
                [
                    {
                        "date": next_day,
                        "ref": self.env._(
                            "Reversal of %(document)s", document=entry.display_name
                        ),
                    }
                ]
            )
            entry.reversal_move_id = reversal
            # What lies ahead is posted on its day.
            reversal._post(soft=True)

    def _remove_moves(self):
        """Delete draft entries; take posted ones out of the books."""
        moves = self.move_id | self.reversal_move_id
        self.write({"move_id": False, "reversal_move_id": False})
        fresh = moves.filtered(lambda move: not move.posted_before)
        fresh.unlink()
        rest = (moves - fresh).filtered(lambda move: move.state != "cancel")
        rest.button_cancel()

    def _check_can_be_taken_back(self):
        """Refuse to open or cancel what a later document rests on."""

    @api.model
    def _find_by_move(self, moves):
        """Return the documents of this kind whose entry is among ``moves``."""
        return self.sudo().search([("move_id", "in", moves.ids)])

    @api.model
    def _get_configured_companies(self):
        """Return the companies that have chosen the accounts of this entry."""
        domain = [(field, "!=", False) for field in self._get_account_fields()]
        return self.env["res.company"].sudo().search(domain)

    @api.model
    def _cron_make_entries(self):
        """Make the draft of last month for every company that has none."""
        date = self._get_last_month_end()
        done = self.search([("date", "=", date), ("is_cancelled", "!=", True)])
        companies = self._get_configured_companies() - done.company_id
        left = len(companies)
        self.env["ir.cron"]._commit_progress(remaining=left)
        for company in companies:
            try:
                with self.env.cr.savepoint():
                    entry = self.with_company(company).create(
                        {"company_id": company.id, "date": date}
                    )
                    entry.action_make_entry()
            except Exception:
                _logger.exception(
                    "%s of %s at %s was not made", self._description, company.name, date
                )
            left -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_aftersales_period_entries(self):
        """Return the month-end documents of these entries, a recordset per model."""
        followed = self.filtered("aftersales_follower")
        if not followed:
            return []
        kinds = self.env.registry.descendants(["aftersales.period.entry"], "_inherit")
        models_of_moves = {
            name.split(",")[0] for name in followed.mapped("aftersales_follower")
        }
        return [
            self.env[model]._find_by_move(followed)
            for model in sorted(models_of_moves & set(kinds))
        ]

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        for documents in posted._get_aftersales_period_entries():
            documents._make_reversal()
        return posted

    def button_draft(self):
        """An entry that is opened again takes its reversal along."""
        for documents in self._get_aftersales_period_entries():
            documents._check_can_be_taken_back()
        result = super().button_draft()
        for documents in self._get_aftersales_period_entries():
            reversals = documents.reversal_move_id - self
            documents.reversal_move_id = False
            reversals.filtered(lambda move: move.state != "cancel").button_cancel()
        return result
