from odoo import Command, fields
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestMoneyRounding(MoneyCommon):
    """Fractions of cents, several invoices, rates and deductions at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_restocking_account_id = cls.account_fee
        cls.account_use = cls._create_account("450910", "Use", "income_other")
        cls.company.aftersales_use_deduction_account_id = cls.account_use
        cls.accounts[cls.account_use] = "use"
        cls.tax.price_include_override = "tax_included"

    def _invoice(self, sale_line, quantity, date=None):
        invoice = sale_line.order_id._create_invoices()
        invoice.invoice_line_ids.quantity = quantity
        invoice.invoice_date = date or fields.Date.today()
        invoice.action_post()
        return invoice

    def _return_with_fee(self, sale_line, quantity, percent=15.0):
        rma = self._create_return((sale_line, quantity))
        rma.line_ids.fee_percent = percent
        rma.action_accept()
        self._receive(rma)
        return self._finish(rma)

    def test_thirds_of_a_cent(self):
        """Three at 0.333, costing 1.00 together: in one go nothing is left.

        One by one each is rounded for itself, as on Odoo's own credit notes.
        """
        for method, product in self.products.items():
            product.with_company(self.company).standard_price = 0.333
            with self._apart(method):
                self._stock(product, 3, 0.333)
                with self._changes(product) as change:
                    sale_line = self._sell(product, 3, price=0.333)
                    self.assertEqual(sale_line.invoice_lines.move_id.amount_total, 1.0)
                    self._return(sale_line, 3)
                self._check(change, {}, {})
            with self._apart(method, "one by one"):
                self._stock(product, 3, 0.333)
                with self._changes(product) as change:
                    sale_line = self._sell(product, 3, price=0.333)
                    for _each in range(3):
                        rma = self._return(sale_line, 1)
                        note = self._get_credit_notes(rma)
                        self.assertEqual(note.amount_total, 0.33)
                        self.assertEqual(note.amount_tax, 0.03)
                self._check(
                    change,
                    {
                        "income": -0.01,
                        "receivable": 0.01,
                        "stock": -0.01,
                        "cost of sales": 0.01,
                    },
                    {},
                    # Three at a standard cost of 0.333 are not worth 0.99.
                    gap=0.01 if method == "standard" else 0.0,
                )

    def test_two_invoices_with_a_fee(self):
        """Four of six at 33.33 less 7 %: three of the first invoice, one of the other.

        92.99 less 13.95, and 31.00 less 4.65, taxes of 10 % included. They are rounded
        on the sum, and what that makes up lies on the greatest line, as on invoices.
        """
        for method, product in self.products.items():
            with self._apart(method):
                self._stock(product, 6, 0.333)
                product.invoice_policy = "delivery"
                sale_line = self._sell(
                    product, 6, price=33.33, invoice=False, discount=7.0
                )
                first = self._invoice(sale_line, 3)
                second = self._invoice(sale_line, 3)
                with self._changes(product) as change:
                    rma = self._return_with_fee(sale_line, 4)
                totals = {
                    note.reversed_entry_id: note.amount_total
                    for note in self._get_credit_notes(rma)
                }
                self.assertEqual(totals, {first: 79.04, second: 26.35})
                cost = 40.0 if method == "standard" else 1.33
                self._check(
                    change,
                    {
                        "income": 112.71,
                        "fees": -16.91,
                        "tax": 9.59,
                        "receivable": -105.39,
                        "stock": cost,
                        "cost of sales": -cost,
                    },
                    {"customer": -4.0, "stock": 4.0},
                )
                self.assertEqual(rma.line_ids.amount_refunded, 105.39)

    def test_foreign_currency_with_a_fee(self):
        """Invoiced at two rates, refunded at a third; the cost knows no currency."""
        today = fields.Date.today()
        days = [fields.Date.subtract(today, days=ago) for ago in (20, 10, 0)]
        dollar = self.setup_other_currency(
            "EUR",
            rates=[
                (fields.Date.to_string(day), rate)
                for day, rate in zip(days, (2.0, 2.5, 4.0), strict=True)
            ],
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": dollar.id, "company_id": self.company.id}
        )
        self.customer.with_company(self.company).property_product_pricelist = pricelist
        product = self.part_fifo
        product.invoice_policy = "delivery"
        self._stock(product, 6, 0.333)
        sale_line = self._sell(product, 6, price=33.33, invoice=False, discount=7.0)
        self.assertEqual(sale_line.currency_id, dollar)
        self._invoice(sale_line, 3, days[0])
        self._invoice(sale_line, 3, days[1])
        with self._changes(product) as change:
            rma = self._return_with_fee(sale_line, 4)
        self.assertEqual(
            sorted(self._get_credit_notes(rma).mapped("amount_total")), [26.35, 79.04]
        )
        exchange = self.company.income_currency_exchange_account_id
        exchange |= self.company.expense_currency_exchange_account_id
        lost = sum(change["books"].pop(code, 0.0) for code in exchange.mapped("code"))
        # 79.04 at 2 and 26.35 at 2.5 were 50.06; at 4 they are 26.35.
        self.assertEqual(round(lost, 2), 23.71)
        self._check(
            change,
            {
                "income": 28.18,
                "fees": -4.23,
                "tax": 2.40,
                "receivable": -50.06,
                "stock": 1.33,
                "cost of sales": -1.33,
            },
        )

    def test_fee_beside_use_deduction(self):
        """On one credit note: a fee for one line, for the other what its use is worth.

        Where a rule of the guarantee sets the deduction, no fee is kept with it.
        """
        serials = self._stock_serial(["U1"])
        self._stock(self.part_avco, 3, 10.0)
        order = self._sell(self.part_avco, 3, price=33.33, invoice=False).order_id
        order.order_line = [
            Command.create(
                {
                    "product_id": self.part_serial.id,
                    "product_uom_qty": 1,
                    "price_unit": 1099.99,
                    "tax_ids": [Command.set(self.tax.ids)],
                }
            )
        ]
        picking = order.picking_ids.filtered(lambda picking: picking.state != "done")
        picking.move_ids.picked = True
        picking.button_validate()
        order._create_invoices().action_post()
        plain, used = order.order_line
        with self._changes(self.part_avco) as change:
            rma = self._create_return((plain, 2), (used, 1))
            line, thing = rma.line_ids
            thing.lot_id = serials
            line.fee_percent = 15.0
            # 12.345 % by the rule.
            thing.write(
                {
                    "deduction_working": {"deduction": 135.79, "price": 1099.99},
                    "deduction_text": "100 days",
                }
            )
            self.assertAlmostEqual(thing.fee_percent, 12.344658, 6)
            rma.action_accept()
            self._receive(rma)
            self._finish(rma)
        note = self._get_credit_notes(rma)
        self.assertEqual(len(note), 1)
        # 66.66 less 10.00, and 1,099.99 less 135.79.
        self.assertEqual(note.amount_total, 1020.86)
        self._check(
            change,
            {
                "income": 1060.59,
                "fees": -9.09,
                "use": -123.45,
                "tax": 92.81,
                "receivable": -1020.86,
                "stock": 30.0,
                "cost of sales": -30.0,
            },
        )
