from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestShare(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax_account = cls.env["account.account"].create(
            {"name": "Tax", "code": "251902", "account_type": "liability_current"}
        )
        cls.tax_goods = cls._create_tax("Goods 13%", 13)
        cls.tax_work = cls._create_tax("Work 6%", 6)

    @classmethod
    def _create_tax(cls, name, amount, included=False):
        repartition = [
            Command.create({"repartition_type": "base"}),
            Command.create(
                {"repartition_type": "tax", "account_id": cls.tax_account.id}
            ),
        ]
        return cls.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "type_tax_use": "sale",
                "price_include_override": "tax_included"
                if included
                else "tax_excluded",
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": repartition,
            }
        )

    def _create_shared(self, *shares, lines=None, **job):
        """Create an order with one job of 100.00 and its shares."""
        lines = lines or [(self.part_avco, 1), (self.labour, 1)]
        return self._create_order(
            {
                "lines": lines,
                "share_ids": [Command.create(share) for share in shares],
                **job,
            }
        )

    def _finish_and_post(self, order):
        self._stock(self.part_avco, 10)
        self._approve(order)
        self._finish_order(order)
        order.invalidate_recordset()
        return order.invoice_ids.grouped("aftersales_payer_id")

    def test_fixed_amounts_take_what_percentages_leave(self):
        order = self._create_order([(self.labour, 2)])
        order.job_ids.share_ids = [
            Command.create(
                {"payer_id": self.payer_maker.id, "kind": "fixed", "amount": 150}
            ),
            Command.create({"payer_id": self.payer_goodwill.id, "percentage": 50}),
        ]
        order.action_estimate()
        ours, makers = order.sale_order_ids.sorted(
            lambda sale: sale.aftersales_payer_id != self.payer_customer
        )
        self.assertEqual(ours.amount_total, 0.0)
        self.assertEqual(makers.amount_total, 80.0)

    def test_maker_bears_70_percent(self):
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "percentage": 70, "reason": "Goodwill"}
        )
        order.action_estimate()
        order.action_estimate()
        self.assertEqual(len(order.sale_order_ids), 2)
        invoices = self._finish_and_post(order)
        self.assertEqual(len(order.sale_order_ids), 2)
        self.assertEqual(invoices[self.payer_customer].amount_total, 30.0)
        self.assertEqual(invoices[self.payer_maker].amount_total, 70.0)
        self.assertEqual(invoices[self.payer_maker].partner_id, self.maker)
        self.assertEqual(self._balance(self.account_income, order), -100.0)
        # The cost is booked once, with the work.
        self.assertEqual(self._balance(self.account_expense, order), 10.0)
        self.assertEqual(self._balance(self.account_stock_valuation, order), -10.0)
        self.assertEqual(self._get_value(self.part_avco), 90.0)
        self.assertEqual(order.amount_untaxed, 100.0)
        self.assertIn("Goodwill", order.sale_order_ids.order_line.mapped("name")[-1])

    def test_fixed_deductible_of_the_customer(self):
        """An insurer pays the work, and the customer the first 25 of it."""
        insurer = self.env["res.partner"].create({"name": "Insurer"})
        payer = self.env["aftersales.payer"].search(
            [("company_id", "=", self.company.id), ("code", "=", "insurer")]
        )
        payer.partner_id = insurer
        self.part_avco.taxes_id = self.tax_goods
        self.labour.taxes_id = self.tax_work
        order = self._create_shared(
            {"payer_id": self.payer_customer.id, "kind": "fixed", "amount": 25.0},
            payer_id=payer.id,
        )
        invoices = self._finish_and_post(order)
        self.assertEqual(invoices[self.payer_customer].amount_total, 25.0)
        self.assertEqual(invoices[payer].amount_total, 107.4 - 25.0)
        self.assertEqual(self._balance(self.tax_account, order), -7.4)
        self.assertEqual(self._balance(self.account_income, order), -100.0)

    def test_deductible_is_never_more_than_the_work(self):
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "kind": "fixed", "amount": 500.0}
        )
        invoices = self._finish_and_post(order)
        self.assertEqual(invoices[self.payer_maker].amount_total, 100.0)
        self.assertEqual(invoices[self.payer_customer].amount_total, 0.0)

    def test_share_of_one_line(self):
        order = self._create_shared()
        part = order.line_ids.filtered(lambda line: line.kind == "part")
        order.job_ids.share_ids = [
            Command.create(
                {
                    "payer_id": self.payer_maker.id,
                    "percentage": 50,
                    "job_line_id": part.id,
                }
            )
        ]
        invoices = self._finish_and_post(order)
        self.assertEqual(invoices[self.payer_maker].amount_total, 10.0)
        self.assertEqual(invoices[self.payer_customer].amount_total, 90.0)

    def test_our_own_share_goes_to_its_account(self):
        self.part_avco.taxes_id = self.labour.taxes_id = self.tax_goods
        order = self._create_shared(
            {"payer_id": self.payer_goodwill.id, "percentage": 30}
        )
        order.action_estimate()
        self.assertEqual(len(order.sale_order_ids), 1)
        invoices = self._finish_and_post(order)
        self.assertEqual(order.invoice_ids, invoices[self.payer_customer])
        self.assertEqual(order.invoice_ids.amount_untaxed, 70.0)
        self.assertEqual(order.invoice_ids.amount_total, 79.1)
        self.assertEqual(self._balance(self.account_income, order), -100.0)
        self.assertEqual(self._balance(self.account_goodwill, order), 30.0)
        self.assertEqual(self._balance(self.tax_account, order), -9.1)
        self.assertEqual(order.amount_untaxed, 70.0)
        other = self.account_goodwill.copy({"code": "650901", "name": "Shares"})
        self.payer_goodwill.share_account_id = other
        order = self._create_shared(
            {"payer_id": self.payer_goodwill.id, "percentage": 30}
        )
        self._finish_and_post(order)
        self.assertEqual(self._balance(other, order), 30.0)

    def test_two_taxes_and_odd_amounts(self):
        """Bills of both payers add up to the work, tax by tax, to the cent."""
        self.part_avco.taxes_id = self.tax_goods
        self.labour.taxes_id = self.tax_work
        for percentage in (33.33, 66.67, 50.0, 17.5):
            with self.subTest(percentage):
                order = self._create_shared(
                    {"payer_id": self.payer_maker.id, "percentage": percentage},
                    lines=[
                        {
                            "product_id": self.part_avco.id,
                            "product_uom_qty": 3,
                            "price_unit": 33.37,
                        },
                        {
                            "product_id": self.labour.id,
                            "product_uom_qty": 1.15,
                            "price_unit": 79.99,
                        },
                    ],
                )
                # 100.11 + 13.01 and 91.99 + 5.52
                invoices = self._finish_and_post(order)
                maker, customer = (
                    invoices[self.payer_maker], invoices[self.payer_customer],
                )  # fmt: skip
                self.assertAlmostEqual(
                    maker.amount_total + customer.amount_total, 210.63
                )
                self.assertAlmostEqual(maker.amount_tax + customer.amount_tax, 18.53)
                self.assertAlmostEqual(
                    maker.amount_total,
                    self.company.currency_id.round(210.63 * percentage / 100),
                )
                for tax, amount in ((self.tax_goods, 13.01), (self.tax_work, 5.52)):
                    lines = order.invoice_ids.line_ids.filtered(
                        lambda line, tax=tax: line.tax_line_id == tax
                    )
                    self.assertAlmostEqual(sum(lines.mapped("balance")), -amount)
                self.assertEqual(self._balance(self.tax_account, order), -18.53)
                self.assertEqual(self._balance(self.account_income, order), -192.1)

    def test_taxes_in_the_price(self):
        included = self._create_tax("Included 13%", 13, included=True)
        self.part_avco.taxes_id = self.labour.taxes_id = included
        order = self._create_shared({"payer_id": self.payer_maker.id, "percentage": 70})
        invoices = self._finish_and_post(order)
        self.assertEqual(invoices[self.payer_maker].amount_total, 70.0)
        self.assertEqual(invoices[self.payer_customer].amount_total, 30.0)
        self.assertEqual(self._balance(self.tax_account, order), -11.5)

    def test_less_used_than_quoted(self):
        self._stock(self.part_avco, 1)
        self.part_avco.taxes_id = self.tax_goods
        self.labour.taxes_id = self.tax_work
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "percentage": 70},
            lines=[(self.part_avco, 3), (self.labour, 1)],
        )
        self._approve(order)
        order.action_start()
        order.action_complete(accept_differences=True, reason="One was enough")
        order.action_invoice()
        invoices = order.invoice_ids.grouped("aftersales_payer_id")
        # 20.00 + 2.60 and 80.00 + 4.80
        self.assertEqual(invoices[self.payer_maker].amount_total, 75.18)
        self.assertEqual(invoices[self.payer_customer].amount_total, 32.22)
        self.assertEqual(order.amount_total, 107.4)

    def test_parts_that_come_back_after_the_work(self):
        self._stock(self.part_avco, 4)
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "percentage": 50},
            lines=[(self.part_avco, 4)],
        )
        self._finish_order(self._approve(order), invoice=False)
        order._return_moves({order.line_ids.move_ids: 3})
        order.action_invoice()
        self.assertEqual(order.invoice_ids.mapped("amount_untaxed"), [10, 10])

    def test_hours_corrected_after_the_work(self):
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "percentage": 50},
            lines=[{"product_id": self.labour.id, "hours_basis": "clocked"}],
        )
        self._approve(order)
        order.action_start()
        order.line_ids.hours_clocked = 0.5
        order.action_complete()
        for hours in (3, 1):
            order.line_ids.hours_clocked = hours
            for sale in order.sale_order_ids:
                delivered = [
                    line.price_unit * line.qty_delivered for line in sale.order_line
                ]
                self.assertEqual(sum(delivered), 40 * hours)

    def test_less_used_than_quoted_on_locked_orders(self):
        self.env.ref("base.group_user").implied_ids += self.env.ref(
            "sale.group_auto_done_setting"
        )
        self._stock(self.part_avco, 1)
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "percentage": 50},
            lines=[(self.part_avco, 3)],
        )
        self._approve(order)
        self.assertEqual(order.sale_order_ids.mapped("locked"), [True, True])
        order.action_start()
        order.action_complete(accept_differences=True, reason="One was enough")
        self.assertEqual(order.sale_order_ids.mapped("locked"), [True, True])
        order.action_invoice()
        self.assertEqual(order.invoice_ids.mapped("amount_total"), [10.0, 10.0])

    def test_nothing_used_of_a_shared_line(self):
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "percentage": 70},
            lines=[(self.part_avco, 3)],
        )
        self._approve(order)
        order.action_start()
        order.action_complete(accept_differences=True, reason="It was not broken")
        order.action_invoice()
        self.assertEqual(sum(order.invoice_ids.mapped("amount_total")), 0)
        self.assertEqual(order.amount_total, 0)

    def test_payer_with_another_currency(self):
        self._use_multi_currencies(
            [(fields.Date.to_string(fields.Date.today().replace(month=1, day=1)), 2.0)]
        )
        self.payer_maker.pricelist_id = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.other_currency.id}
        )
        order = self._create_shared({"payer_id": self.payer_maker.id, "percentage": 70})
        self.assertEqual(order.amount_untaxed, 100.0)
        invoices = self._finish_and_post(order)
        self.assertEqual(invoices[self.payer_maker].currency_id, self.other_currency)
        self.assertEqual(invoices[self.payer_maker].amount_total, 140.0)
        self.assertEqual(invoices[self.payer_customer].amount_total, 30.0)
        self.assertEqual(self._balance(self.account_income, order), -100.0)
        self.assertEqual(order.amount_untaxed, 100.0)

    def test_payer_with_another_tax(self):
        export = self._create_tax("Export", 0)
        position = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "company_id": self.company.id}
        )
        export.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(self.tax_goods.id)],
            }
        )
        self.part_avco.taxes_id = self.labour.taxes_id = self.tax_goods
        self.payer_maker.fiscal_position_id = position
        order = self._create_shared({"payer_id": self.payer_maker.id, "percentage": 70})
        invoices = self._finish_and_post(order)
        self.assertEqual(invoices[self.payer_maker].amount_untaxed, 70.0)
        self.assertEqual(invoices[self.payer_maker].amount_tax, 0.0)
        self.assertEqual(invoices[self.payer_customer].amount_total, 33.9)

    def test_discount_and_two_shares(self):
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "percentage": 50},
            {"payer_id": self.payer_goodwill.id, "percentage": 20},
        )
        order.line_ids.discount = 10
        invoices = self._finish_and_post(order)
        self.assertEqual(invoices[self.payer_maker].amount_total, 45.0)
        self.assertEqual(invoices[self.payer_customer].amount_total, 27.0)
        self.assertEqual(self._balance(self.account_goodwill, order), 18.0)

    def test_share_follows_the_estimate(self):
        order = self._create_shared({"payer_id": self.payer_maker.id, "percentage": 50})
        order.action_estimate()
        maker = order.sale_order_ids.filtered(
            lambda sale: sale.aftersales_payer_id == self.payer_maker
        )
        self.assertEqual(maker.amount_untaxed, 50.0)
        order.line_ids[0].product_uom_qty = 3
        order.action_estimate()
        self.assertEqual(maker.amount_untaxed, 70.0)
        order.job_ids.share_ids.percentage = 10
        self.assertEqual(maker.amount_untaxed, 14.0)
        # A price typed last counts too: the shares are taken when it is approved.
        order.line_ids[0].price_unit = 40.0
        order.action_approve()
        self.assertEqual(maker.amount_untaxed, 20.0)
        self.assertEqual(maker.state, "sale")
        self.assertEqual(len(order.sale_order_ids), 2)

    def test_removed_share_leaves_no_quotation(self):
        order = self._create_shared({"payer_id": self.payer_maker.id, "percentage": 50})
        order.action_estimate()
        order.job_ids.share_ids.unlink()
        self.assertEqual(
            order.sale_order_ids.sorted("state").mapped("state"), ["cancel", "draft"]
        )
        self.assertEqual(order.amount_untaxed, 100.0)

    def test_shares_are_fixed_by_the_answer(self):
        order = self._create_shared({"payer_id": self.payer_maker.id, "percentage": 50})
        self._approve(order)
        with self.assertRaisesRegex(UserError, "answered"):
            order.job_ids.share_ids.percentage = 60
        with self.assertRaisesRegex(UserError, "answered"):
            order.job_ids.share_ids.unlink()

    def test_impossible_shares(self):
        with self.assertRaises(ValidationError):
            self._create_shared(
                {"payer_id": self.payer_maker.id, "percentage": 70},
                {"payer_id": self.payer_goodwill.id, "percentage": 40},
            )
        with self.assertRaises(ValidationError):
            self._create_shared({"payer_id": self.payer_customer.id, "percentage": 70})
        with self.assertRaises(ValidationError):
            self._create_shared(
                {"payer_id": self.payer_customer.id, "percentage": 70},
                payer_id=self.payer_goodwill.id,
            )

    def test_shares_of_the_job_and_of_a_line_add_up(self):
        order = self._create_shared({"payer_id": self.payer_maker.id, "percentage": 60})
        share = order.job_ids.share_ids.copy(
            {"payer_id": self.payer_goodwill.id, "percentage": 40}
        )
        with self.assertRaisesRegex(ValidationError, "more than 100"):
            share.write({"job_line_id": order.job_ids.line_ids[0].id, "percentage": 41})

    def test_payer_of_a_shared_job_is_invoiced(self):
        order = self._create_shared({"payer_id": self.payer_maker.id, "percentage": 60})
        with self.assertRaisesRegex(ValidationError, "no bill to share"):
            order.job_ids.payer_id = self.payer_goodwill

    def test_copy_has_no_share_of_a_line_of_the_original(self):
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "percentage": 60},
            {"payer_id": self.payer_goodwill.id, "percentage": 10},
        )
        job = order.job_ids
        job.share_ids[1].job_line_id = job.line_ids[0]
        self.assertEqual(order.copy().job_ids.share_ids.payer_id, self.payer_maker)

    def test_credit_of_both_bills(self):
        self.part_avco.taxes_id = self.tax_goods
        self.labour.taxes_id = self.tax_work
        order = self._create_shared(
            {"payer_id": self.payer_maker.id, "percentage": 33.33},
            {"payer_id": self.payer_goodwill.id, "percentage": 10},
        )
        self._finish_and_post(order)
        for invoice in order.invoice_ids:
            self._refund(invoice)
        order.invalidate_recordset()
        self.assertEqual(len(order.invoice_ids), 4)
        for account in (
            self.account_income, self.account_expense, self.account_goodwill,
            self.account_stock_valuation, self.tax_account,
        ):  # fmt: skip
            self.assertEqual(self._balance(account, order), 0)
