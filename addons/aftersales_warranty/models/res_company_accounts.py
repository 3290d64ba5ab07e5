from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    """Accounts of covers sold, of the warranty provision and of doubtful claims."""

    _inherit = "res.company"

    aftersales_closing_journal_id = fields.Many2one(
        "account.journal",
        "Month-End Journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="Takes the revenue of covers month by month, the warranty provision and "
        "the allowance for claims. Empty: the journal of automatic entries.",
    )
    aftersales_deferred_revenue_account_id = fields.Many2one(
        "account.account",
        "Deferred Revenue of Covers",
        check_company=True,
        domain="[('internal_group', '=', 'liability'), "
        "('account_type', 'not in', ('liability_payable', 'liability_credit_card'))]",
        help="Holds what customers paid for cover that is still to be given.",
    )
    aftersales_deferral_posting = fields.Selection(
        [("post", "Post at once"), ("draft", "Leave as draft for the accountant")],
        "Monthly Revenue of Covers",
        default="post",
        required=True,
    )
    aftersales_provision_account_id = fields.Many2one(
        "account.account",
        "Warranty Provision",
        check_company=True,
        domain="[('internal_group', '=', 'liability'), "
        "('account_type', 'not in', ('liability_payable', 'liability_credit_card'))]",
    )
    aftersales_provision_expense_account_id = fields.Many2one(
        "account.account",
        "Warranty Expense",
        check_company=True,
        domain="[('internal_group', '=', 'expense')]",
    )
    aftersales_provision_months = fields.Integer(
        "Months of Claim History",
        default=36,
        required=True,
        help="How far back the cost of guarantees is looked at.",
    )
    aftersales_provision_payer_ids = fields.Many2many(
        "aftersales.payer",
        "aftersales_provision_payer_rel",
        string="Payers the Provision is for",
        check_company=True,
        domain="[('kind', '=', 'absorbed')]",
        help="Empty: our own guarantee. Add goodwill if it is given regularly.",
    )
    aftersales_provision_mode = fields.Selection(
        [
            ("reversal", "In full, reversed the next day"),
            ("change", "Only the change since the month before"),
        ],
        "Entry of the Provision",
        default="reversal",
        required=True,
    )
    aftersales_allowance_account_id = fields.Many2one(
        "account.account",
        "Allowance for Doubtful Claims",
        check_company=True,
        domain="[('internal_group', 'in', ('asset', 'liability')), "
        "('account_type', 'not in', "
        "('asset_receivable', 'asset_cash', 'liability_payable', "
        "'liability_credit_card'))]",
    )
    aftersales_allowance_expense_account_id = fields.Many2one(
        "account.account",
        "Expense of Doubtful Claims",
        check_company=True,
        domain="[('internal_group', '=', 'expense')]",
    )
    aftersales_allowance_days = fields.Integer(
        "Claims are Doubtful after (days)",
        default=90,
        required=True,
        help="Counted from the day the claim was first sent.",
    )

    _aftersales_closing_positive = models.Constraint(
        "CHECK(aftersales_provision_months > 0 AND aftersales_allowance_days > 0)",
        "Months of history and days until a claim is doubtful must be more than zero.",
    )

    def _get_aftersales_closing_journal(self):
        """Return the journal for month-end entries.

        :raises UserError: if the company has none
        """
        self.ensure_one()
        company = self.sudo()
        journal = (
            company.aftersales_closing_journal_id
            or company.automatic_entry_default_journal_id
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%(company)s has no journal for month-end entries. An "
                    "administrator chooses it under Work Orders / Configuration / "
                    "Settings / Warranty.",
                    company=self.name,
                )
            )
        return journal

    def _get_aftersales_account(self, field):
        """Return the account that is set in ``field``.

        :raises UserError: saying which one is missing and where to set it
        """
        self.ensure_one()
        account = self.sudo()[field]
        if not account:
            raise UserError(
                self.env._(
                    "%(company)s has no account for “%(account)s”. An administrator "
                    "chooses it under Work Orders / Configuration / Settings / "
                    "Warranty.",
                    company=self.name,
                    account=self._fields[field]._description_string(self.env),
                )
            )
        return account

    def _get_aftersales_open_day(self, day, journal):
        """Return ``day``, or the next one after the lock dates that forbid it."""
        self.ensure_one()
        locks = self._get_violated_lock_dates(day, False, journal)
        return fields.Date.add(locks[-1][0], days=1) if locks else day
