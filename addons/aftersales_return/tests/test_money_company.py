from odoo import Command
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestMoneyCompany(MoneyCommon):
    """Two companies with different currencies keep their books apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.company
        cls.env.user.write({"company_ids": [Command.link(cls.home.id)]})
        cls.abroad = cls.env["res.company"].create(
            {"name": "Abroad", "currency_id": cls.env.ref("base.CNY").id}
        )
        cls.env["account.chart.template"]._load(
            "generic_coa", cls.abroad, install_demo=False
        )
        cls.abroad.currency_id = cls.env.ref("base.CNY")
        cls.abroad.inventory_valuation = "real_time"
        cls.abroad.aftersales_invoice_posting = "post"
        cls.env.user.company_ids = [Command.link(cls.abroad.id)]
        cls.both = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": (cls.home | cls.abroad).ids,
            }
        )
        # The same product, costing 10 here and 70 there.
        category = cls.part_avco.categ_id.with_company(cls.abroad)
        category.property_cost_method = "average"
        category.property_valuation = "real_time"
        cls.part_avco.with_company(cls.abroad).standard_price = 70.0

    def _set_company(self, company):
        """Let the helpers of the tests work in the other company."""
        self.company = company
        self.warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )
        self.stock_location = self.warehouse.lot_stock_id
        self.picking_type_in = self.warehouse.in_type_id
        self.account_stock_valuation = company.account_stock_valuation_id
        self.account_goodwill = self.env["account.account"].create(
            {
                "name": "Goodwill Abroad",
                "code": "650901",
                "account_type": "expense",
                "company_ids": [Command.set(company.ids)],
            }
        )
        payer = company._get_bearer("goodwill")
        payer.account_id = self.account_goodwill
        customer = self.customer.with_company(company)
        self.accounts = {
            company.account_stock_valuation_id: "stock",
            company.expense_account_id: "cost of sales",
            company.income_account_id: "income",
            self.account_goodwill: "goodwill",
            customer.property_account_receivable_id: "receivable",
        }

    def test_settled_from_the_other_company(self):
        """Whoever works for both settles both; each books its own, in its currency."""
        self._stock(self.part_avco, 10, 10.0)
        here = self._sell(self.part_avco, 5)
        rma_here = self._receive_return(here, 2)
        exchanged_here = self._receive_return(here, 1, "exchange")
        home_books = self._get_books()
        home_env = self.env
        env = self.abroad.with_company(self.abroad).env
        self.env = env
        self._set_company(self.abroad)
        self.customer = self.customer.with_env(env)
        part = self.part_avco.with_env(env)
        self._stock(part, 10, 70.0)
        there = self._sell(part, 5, price=200.0, tax_ids=[])
        rma_there = self._receive_return(there, 2)
        exchanged_there = self._receive_return(there, 1, "exchange")
        abroad_books = self._get_books()
        lines = (
            rma_here.with_env(self.both).line_ids
            | exchanged_here.with_env(self.both).line_ids
            | rma_there.with_env(self.both).line_ids
            | exchanged_there.with_env(self.both).line_ids
        )
        lines.action_test(grade=self.grade_a)
        lines.action_settle()
        # Refund of two at 200; two at 70 came back, one more for the new one to come.
        self._check_books_since(
            abroad_books,
            {
                "income": 400.0,
                "receivable": -400.0,
                "cost of sales": -140.0,
                "stock": 140.0 + 70.0,
                "goodwill": -70.0,
            },
        )
        note = rma_there.line_ids.refund_line_ids.move_id
        self.assertEqual(note.company_id, self.abroad)
        self.assertEqual(note.currency_id, self.env.ref("base.CNY"))
        self.env = home_env
        self._restore_home()
        self._check_books_since(
            home_books,
            {
                "income": 40.0,
                "tax": 4.0,
                "receivable": -44.0,
                "cost of sales": -20.0,
                "stock": 20.0 + 10.0,
                "goodwill": -10.0,
            },
        )

    def _check_books_since(self, before, expected):
        changes = {
            key: round(balance - before.get(key, 0.0), 2)
            for key, balance in self._get_books().items()
        }
        self.assertEqual({key: val for key, val in changes.items() if val}, expected)

    def _restore_home(self):
        for name in ("company", "accounts"):
            self.__dict__.pop(name, None)
