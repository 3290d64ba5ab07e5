from odoo import Command

from odoo.addons.aftersales.tests.common import AftersalesCommon


class AccountingCommon(AftersalesCommon):
    """A company whose month-end entries of guarantees are set up.

    * accounts ``account_deferred``, ``account_revenue`` (of covers),
      ``account_provision``, ``account_provision_expense``, ``account_allowance``,
      ``account_allowance_expense``; ``closing_journal``
    * ``pack_promise`` and ``pack_extended``, in force since 2020, without effect on
      who pays; ``cover``: 12 months of the latter for 1,200, begins at sale
    * ``_create_pack(kind)``, ``_register(asset, start, months)``,
      ``_create_asset(name)``, ``_sell_cover(...)``, ``_get_items(move)``,
      ``_run_cron(model, method)``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, account in cls._configure(cls.company, "A").items():
            setattr(cls, name, account)
        cls.pack_promise = cls._create_pack("promise")
        cls.pack_extended = cls._create_pack("extended")
        cls.cover = cls.env["product.product"].create(
            {
                "name": "Cover Plus",
                "type": "service",
                "list_price": 1200.0,
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
                "property_account_income_id": cls.account_revenue.id,
                "aftersales_pack_id": cls.pack_extended.id,
                "aftersales_cover_months": 12,
                "aftersales_cover_start": "sale",
            }
        )

    @classmethod
    def _configure(cls, company, prefix):
        """Give ``company`` its accounts and journal; return them by name."""
        Account = cls.env["account.account"].with_company(company)
        accounts = {}
        for number, (name, label, account_type) in enumerate(
            (
                ("account_deferred", "Deferred covers", "liability_current"),
                ("account_revenue", "Covers sold", "income"),
                ("account_provision", "Warranty provision", "liability_current"),
                ("account_provision_expense", "Warranty expense", "expense"),
                ("account_allowance", "Allowance for claims", "asset_current"),
                ("account_allowance_expense", "Doubtful claims", "expense"),
            )
        ):
            accounts[name] = Account.create(
                {
                    "name": label,
                    "code": f"99{prefix}00{number}",
                    "account_type": account_type,
                    "company_ids": [Command.set(company.ids)],
                }
            )
        journal = cls.env["account.journal"].create(
            {
                "name": "Closing",
                "code": f"CLS{prefix}",
                "type": "general",
                "company_id": company.id,
            }
        )
        settings = {
            "deferred_revenue_account_id": "account_deferred",
            "provision_account_id": "account_provision",
            "provision_expense_account_id": "account_provision_expense",
            "allowance_account_id": "account_allowance",
            "allowance_expense_account_id": "account_allowance_expense",
        }
        company.write(
            {
                "aftersales_closing_journal_id": journal.id,
                "aftersales_provision_months": 12,
                **{
                    f"aftersales_{field}": accounts[name].id
                    for field, name in settings.items()
                },
            }
        )
        return {**accounts, "closing_journal": journal}

    @classmethod
    def _create_pack(cls, kind):
        pack = cls.env["aftersales.warranty.pack"].create(
            {
                "name": f"Guarantee {kind}",
                "code": f"T-ACC-{kind}",
                "kind": kind,
                "version_ids": [
                    Command.create(
                        {
                            "date_from": "2020-01-01",
                            "rule_ids": [
                                Command.create(
                                    {
                                        "code": "T-INFO",
                                        "name": "Note",
                                        "purpose": "info",
                                    }
                                )
                            ],
                        }
                    )
                ],
            }
        )
        pack.version_ids.action_publish()
        return pack

    def _run_cron(self, model, method):
        """Run a cron's method as the server does, all in the test's transaction."""
        self.patch(
            self.registry["ir.cron"],
            "_commit_progress",
            lambda *_args, **_kwargs: 1.0,
        )
        getattr(self.env[model], method)()

    def _create_asset(self, name, product=None, company=None):
        return self.env["aftersales.asset"].create(
            {
                "name": name,
                "partner_id": self.customer.id,
                "product_id": product.id if product else False,
                "company_id": (company or self.company).id,
            }
        )

    def _register(self, asset, start, months, pack=None):
        return self.env["aftersales.warranty.registration"].create(
            {
                "asset_id": asset.id,
                "pack_id": (pack or self.pack_promise).id,
                "date_start": start,
                "cover_months": months,
            }
        )

    def _sell_cover(self, asset=None, **line_values):
        """Confirm a sale of ``cover`` for ``asset`` and return its draft invoice."""
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.cover.id,
                            "aftersales_cover_asset_id": (asset or self.asset).id,
                            **line_values,
                        }
                    )
                ],
            }
        )
        sale.action_confirm()
        return sale._create_invoices()

    def _get_items(self, move):
        """Return ``{account: balance}`` of an entry."""
        items = {}
        for line in move.line_ids:
            items[line.account_id] = items.get(line.account_id, 0.0) + line.balance
        return items

    def _get_trial_balance(self, company=None):
        """Return the sum of all posted journal items: zero, if the books are right."""
        company = company or self.company
        lines = self.env["account.move.line"].search(
            [("company_id", "=", company.id), ("parent_state", "=", "posted")]
        )
        return company.currency_id.round(sum(lines.mapped("balance")))
