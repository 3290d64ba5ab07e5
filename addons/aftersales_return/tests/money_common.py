from contextlib import contextmanager

from odoo import Command

from .common import ReturnCommon


class MoneyCommon(ReturnCommon):
    """What a return changes in the books and in the stock, to the cent.

    * ``_changes(sale_line)`` watches: ``books`` is ``{account: balance}`` and ``goods``
      ``{place: quantity}`` (``"place of customer"`` where it is the customer's) of what
      happens in its block; ``gap`` is by how much the stock is worth more than its
      account says
    * ``_sell_costly(product, …)`` sells five that cost 10 each and then takes in eight
      for 22.50 each, so that each costing method gives another figure
    * ``_return(sale_line, quantity, operation)`` takes a return to its end
    * ``_apart(name)`` is a case of its own, undone after it
    * ``products`` by costing method: ``standard``, ``average``, ``fifo``; those of
      ``periodic`` book no cost before the closing
    """

    @classmethod
    def _create_company(cls, **create_values):
        # Branches and sister companies of Odoo's own tests need no accounts here.
        return cls.env["res.company"].create({"name": "Company", **create_values})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_invoice_posting = "post"
        cls.products = {
            "standard": cls.part_standard,
            "average": cls.part_avco,
            "fifo": cls.part_fifo,
        }
        cls.periodic = {
            "standard": cls.product_standard,
            "average": cls.product_avco,
            "fifo": cls.product_fifo,
        }
        for product in cls.periodic.values():
            product.taxes_id = [Command.clear()]
            product.categ_id.with_company(cls.company).property_valuation = "periodic"
        cls.account_loss = cls._create_account("659000", "Scrap", "expense")
        cls.account_fee = cls._create_account("409000", "Restocking Fees", "income")
        cls.account_variation = cls.account_stock_variation or cls.account_expense
        tax_lines = cls.tax.invoice_repartition_line_ids
        tax_lines |= cls.tax.refund_repartition_line_ids
        cls.account_tax = cls._create_account(
            "251900", "Sales Tax", "liability_current"
        )
        tax_lines.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = cls.account_tax
        cls.accounts = {
            cls.account_stock_valuation: "stock",
            cls.account_expense: "cost of sales",
            cls.account_variation: "variation",
            cls.account_income: "income",
            cls.account_goodwill: "goodwill",
            cls.account_loss: "scrap",
            cls.account_fee: "fees",
            cls.account_tax: "tax",
            cls.customer.with_company(
                cls.company
            ).property_account_receivable_id: "receivable",
        }
        cls.returns_location = cls.warehouse._get_return_location()
        cls.scrap_location = cls.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", cls.company.id)]
        )
        cls.scrap_location.valuation_account_id = cls.account_loss
        cls.places = {
            cls.stock_location: "stock",
            cls.returns_location: "returns",
            cls.payer_goodwill.location_id: "goodwill",
            cls.customer_location: "customer",
            **{place: "scrap" for place in cls.scrap_location},
        }

    @classmethod
    def _create_account(cls, code, name, account_type):
        return cls.env["account.account"].create(
            {"code": code, "name": name, "account_type": account_type}
        )

    # What there is

    def _get_books(self):
        self.env.flush_all()
        groups = self.env["account.move.line"]._read_group(
            [
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
                ("account_id", "!=", False),
            ],
            ["account_id"],
            ["balance:sum"],
        )
        return {
            self.accounts.get(account, account.code): balance
            for account, balance in groups
        }

    def _get_goods(self, product):
        self.env.flush_all()
        groups = self.env["stock.quant"]._read_group(
            [
                ("product_id", "=", product.id),
                "|",
                ("company_id", "=", self.company.id),
                ("company_id", "=", False),
            ],
            ["location_id", "owner_id"],
            ["quantity:sum"],
        )
        goods = {}
        for place, owner, quantity in groups:
            name = self.places.get(place, place.complete_name)
            if owner == self.customer and place.usage == "internal":
                name = f"{name} of customer"
            goods[name] = goods.get(name, 0.0) + quantity
        return goods

    def _get_gap(self, product):
        """Return by how much all stock is worth more than the stock account says."""
        self.env.invalidate_all()
        product = product.with_company(self.company)
        accounts = self.company._get_accounts_by_product()
        value = sum(self.company.stock_value(accounts).values())
        return value - sum(self.company.stock_accounting_value(accounts).values())

    @contextmanager
    def _changes(self, product):
        """Watch what changes in the block; see the class."""
        before = (self._get_books(), self._get_goods(product), self._get_gap(product))
        change = {}
        yield change
        after = (self._get_books(), self._get_goods(product), self._get_gap(product))
        for name, old, new in zip(("books", "goods"), before, after, strict=False):
            change[name] = {
                key: round(new.get(key, 0.0) - old.get(key, 0.0), 2)
                for key in old | new
                if round(new.get(key, 0.0) - old.get(key, 0.0), 2)
            }
        change["gap"] = round(after[2] - before[2], 2) or 0.0

    def _check(self, change, books, goods=None, gap=0.0):
        def moved(values):
            return {key: value for key, value in values.items() if value}

        self.assertEqual(change["books"], moved(books))
        if goods is not None:
            self.assertEqual(change["goods"], moved(goods))
        self.assertEqual(change["gap"], gap, "what the stock is worth and its account")

    # What happens

    @contextmanager
    def _apart(self, *names):
        """One case of many: nothing of it is left for the next."""
        with self.subTest(", ".join(map(str, names))), self.env.cr.savepoint() as undo:
            yield
            undo.rollback()
            self.env.invalidate_all()

    def _sell_costly(self, product, quantity=5, **values):
        self._stock(product, quantity, 10.0)
        sale_line = self._sell(product, quantity, **values)
        self._stock(product, 8, 22.5)
        return sale_line

    def _receive_return(self, sale_line, quantity, operation="refund", **values):
        """Return the received return."""
        rma = self._create_return((sale_line, quantity), operation=operation, **values)
        rma.action_accept()
        self._receive(rma)
        return rma

    def _return(self, sale_line, quantity, operation="refund", grade=None, **values):
        """Return the return after all its steps, its credit notes posted."""
        rma = self._receive_return(sale_line, quantity, operation, **values)
        return self._finish(rma, grade)

    def _finish(self, rma, grade=None):
        lines = rma.line_ids.filtered(lambda line: line.state == "received")
        if not lines:
            return rma
        # A grade says what becomes of goods: who names none tests the others without.
        graded = lines.filtered(lambda line: line.goods == "restock")
        graded.action_test(grade=grade or self.grade_a)
        (lines - graded).action_test(grade=grade)
        # Nobody scraps or keeps what is the customer's without his word.
        for goods, agreement in (("scrap", "scrap"), ("restock", "keep")):
            lines.filtered(
                lambda line, goods=goods: (
                    line.goods == goods
                    and line.remedy == "none"
                    and line._is_customers()
                )
            ).action_agree(agreement, name="Wang Fang")
        lines.action_settle()
        self._receive(rma)
        return rma

    def _get_credit_notes(self, rma):
        return rma.line_ids.refund_line_ids.move_id
