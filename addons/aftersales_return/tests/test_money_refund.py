from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .money_common import MoneyCommon

# What was sold, and what comes back for two of five. Price 20, cost 10.
# name: (values of the sale, deduction in percent, journal items)
TERMS = {
    "discount": (
        {"discount": 10.0},
        0.0,
        {"income": 36.0, "tax": 3.6, "receivable": -39.6},
    ),
    "no tax": ({"tax_ids": []}, 0.0, {"income": 40.0, "receivable": -40.0}),
    "tax included": (
        {"tax_ids": "included", "price_unit": 22.0},
        0.0,
        {"income": 40.0, "tax": 4.0, "receivable": -44.0},
    ),
    "tax included, discount, fee": (
        {"tax_ids": "included", "price_unit": 22.0, "discount": 50.0},
        10.0,
        {"income": 20.0, "fees": -2.0, "tax": 1.8, "receivable": -19.8},
    ),
    "fee": (
        {},
        15.0,
        {"income": 40.0, "fees": -6.0, "tax": 3.4, "receivable": -37.4},
    ),
    "fee of an odd price": (
        {"price_unit": 33.33},
        10.0,
        # 66.66 less 6.67; taxes on the rest.
        {"income": 66.66, "fees": -6.67, "tax": 6.0, "receivable": -65.99},
    ),
    "everything kept back": ({}, 100.0, {"income": 40.0, "fees": -40.0}),
}
COST = {"stock": 20.0, "cost of sales": -20.0}


@tagged("post_install", "-at_install")
class TestMoneyRefund(MoneyCommon):
    """The credit note is the posted invoice line again, and the books go back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_restocking_account_id = cls.account_fee
        cls.tax_included = cls.tax.copy(
            {"name": "10 % included", "price_include_override": "tax_included"}
        )
        (
            cls.tax_included.invoice_repartition_line_ids
            | cls.tax_included.refund_repartition_line_ids
        ).filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = cls.account_tax

    def _get_taxes(self, taxes):
        return [Command.set(self.tax_included.ids if taxes == "included" else [])]

    # Peers 10 and 11: discount and taxes of the posted invoice line; the note knows it
    def test_terms_of_the_sale(self):
        product = self.part_avco
        self._stock(product, 50, 10.0)
        for name, (terms, fee, books) in TERMS.items():
            with self.subTest(name):
                values = dict(terms)
                if "tax_ids" in values:
                    values["tax_ids"] = self._get_taxes(values["tax_ids"])
                price = values.pop("price_unit", 20.0)
                sale_line = self._sell(product, 5, price=price, **values)
                # Prices of today are nobody's business.
                product.list_price += 7.0
                with self._changes(product) as change:
                    rma = self._create_return((sale_line, 2))
                    rma.line_ids.fee_percent = fee
                    rma.action_accept()
                    self._receive(rma)
                    self._finish(rma)
                self._check(change, books | COST)
                self.assertEqual(
                    round(rma.line_ids.amount_refunded, 2),
                    -books.get("receivable", 0.0) or 0.0,
                )

    def test_fee_without_an_account_lowers_the_refund(self):
        self.company.aftersales_restocking_account_id = False
        self._stock(self.part_avco, 5, 10.0)
        sale_line = self._sell(self.part_avco, 5)
        with self._changes(self.part_avco) as change:
            rma = self._create_return((sale_line, 2))
            rma.line_ids.fee_percent = 25.0
            rma.action_accept()
            self._receive(rma)
            self._finish(rma)
        self._check(change, {"income": 30.0, "tax": 3.0, "receivable": -33.0} | COST)

    def test_account_analytic_and_partner_are_those_of_the_invoice(self):
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        shop = self.env["account.analytic.account"].create(
            {"name": "Shop", "plan_id": plan.id, "company_id": self.company.id}
        )
        account = self._create_account("409100", "Sales of Shop", "income")
        self._stock(self.part_avco, 5, 10.0)
        sale_line = self._sell(
            self.part_avco, 5, invoice=False, analytic_distribution={shop.id: 100}
        )
        invoice = sale_line.order_id._create_invoices()
        invoice.invoice_line_ids.account_id = account
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Quarters",
                "rounding": 0.25,
                "strategy": "add_invoice_line",
                "profit_account_id": self.account_fee.id,
                "loss_account_id": self.account_fee.id,
            }
        )
        invoice.invoice_cash_rounding_id = rounding
        invoice.action_post()
        rma = self._return(sale_line, 1)
        note = self._get_credit_notes(rma)
        item = note.invoice_line_ids.filtered("aftersales_return_line_id")
        self.assertEqual(item.account_id, account)
        self.assertEqual(item.analytic_distribution, {str(shop.id): 100})
        self.assertEqual(item.sale_line_ids, sale_line)
        self.assertEqual(note.reversed_entry_id, invoice)
        self.assertEqual(note.partner_id, invoice.partner_id)
        self.assertEqual(note.journal_id, invoice.journal_id)
        self.assertEqual(note.invoice_cash_rounding_id, rounding)
        # Cost of sales goes back where it came from too.
        cost = note.line_ids.filtered(
            lambda line: line.account_id == self.account_expense
        )
        self.assertEqual(cost.balance, -10.0)
        self.assertEqual(cost.analytic_distribution, {str(shop.id): 100})

    def test_packs(self):
        """Sold by six, returned by the piece."""
        self._stock(self.part_avco, 12, 10.0)
        sale_line = self._sell(
            self.part_avco, 2, price=120.0, product_uom_id=self.uom_pack_of_6.id
        )
        with self._changes(self.part_avco) as change:
            rma = self._create_return(
                {
                    "product_id": self.part_avco.id,
                    "quantity": 3,
                    "product_uom_id": self.uom.id,
                    "move_id": sale_line.move_ids.id,
                }
            )
            rma.action_accept()
            self._receive(rma)
            self._finish(rma)
        self._check(
            change,
            {
                "income": 60.0,
                "tax": 6.0,
                "receivable": -66.0,
                "stock": 30.0,
                "cost of sales": -30.0,
            },
            {"customer": -3.0, "stock": 3.0},
        )

    def test_bit_by_bit_and_not_more(self):
        """Five come back in three returns: the last leaves nothing behind."""
        for method, product in self.products.items():
            with self.subTest(method):
                self._stock(product, 5, 10.0)
                in_before = self._get_gap(product)
                with self._changes(product) as change:
                    sale_line = self._sell(product, 5, price=33.33, discount=7.0)
                    for quantity in (1, 2, 2):
                        self._return(sale_line, quantity)
                self._check(change, {}, {})
                self.assertEqual(round(self._get_gap(product) - in_before, 2), 0.0)
                self.assertEqual(sale_line.qty_delivered, 0.0)
                with self.assertRaisesRegex(UserError, "can still come back"):
                    self._create_return((sale_line, 1))

    def test_cancelled_credit_note_and_return(self):
        """Reset and cancel the credit note, send the goods back: as before."""
        for method, product in self.products.items():
            with self.subTest(method):
                self._stock(product, 10, 10.0)
                sale_line = self._sell(product, 5)
                with self._changes(product) as change:
                    rma = self._return(sale_line, 2)
                    line = rma.line_ids
                    note = self._get_credit_notes(rma)
                    note.button_draft()
                    self.assertEqual((rma.state, line.state), ("open", "settled"))
                    note.button_cancel()
                    self.assertEqual(line.state, "tested")
                    self.assertEqual(line.amount_refunded, 0.0)
                    line.operation_id = self._get_operation("as_is")
                    line.action_settle()
                    self._receive(rma)
                self._check(change, {}, {})
                self.assertEqual(rma.state, "done")
                self.assertEqual(sale_line.qty_delivered, 5.0)

    def test_cancelled_credit_note_is_made_again(self):
        self._stock(self.part_avco, 5, 10.0)
        sale_line = self._sell(self.part_avco, 5)
        with self._changes(self.part_avco) as change:
            rma = self._return(sale_line, 2)
            first = self._get_credit_notes(rma)
            first.button_draft()
            first.button_cancel()
            rma.line_ids.action_settle()
        self._check(
            change,
            {"income": 40.0, "tax": 4.0, "receivable": -44.0} | COST,
            {"customer": -2.0, "stock": 2.0},
        )
        self.assertEqual(rma.state, "done")
        self.assertEqual(rma.line_ids.amount_refunded, 44.0)

    def test_reversed_credit_note(self):
        """Reversed by an invoice, nothing was refunded, and it may be once more."""
        self._stock(self.part_avco, 5, 10.0)
        sale_line = self._sell(self.part_avco, 5)
        rma = self._return(sale_line, 2)
        with self._changes(self.part_avco) as change:
            self._refund(self._get_credit_notes(rma))
        self._check(
            change,
            {
                "income": -40.0,
                "tax": -4.0,
                "receivable": 44.0,
                "stock": -20.0,
                "cost of sales": 20.0,
            },
            {},
            gap=20.0,
        )
        self.assertEqual(rma.line_ids.amount_refunded, 0.0)

    def test_cancelled_before_the_goods_came(self):
        self._stock(self.part_avco, 5, 10.0)
        sale_line = self._sell(self.part_avco, 5)
        with self._changes(self.part_avco) as change:
            rma = self._create_return((sale_line, 2))
            rma.action_accept()
            rma.action_cancel(reason="Changed his mind")
        self._check(change, {}, {})
        self.assertEqual(sale_line.qty_delivered, 5.0)
        # Five may come back again.
        self._create_return((sale_line, 5))

    def test_what_is_refunded_is_not_billed_again(self):
        for policy in ("order", "delivery"):
            for operation in ("refund", "refund_keep"):
                with self.subTest(f"{policy}, {operation}"):
                    product = self.part_avco
                    product.invoice_policy = policy
                    self._stock(product, 5, 10.0)
                    sale_line = self._sell(product, 5)
                    self._return(sale_line, 2, operation)
                    self.assertEqual(sale_line.qty_to_invoice, 0.0)
                    self.assertNotEqual(sale_line.order_id.invoice_status, "to invoice")
