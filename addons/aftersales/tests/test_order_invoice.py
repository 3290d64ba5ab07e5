from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestOrderInvoice(AftersalesCommon):
    def _items(self, moves):
        """Return the journal items as ``{account name: balance}``, all of one order."""
        lines = moves.line_ids.filtered("account_id")
        result = {}
        for line in lines:
            result[line.account_id] = round(
                result.get(line.account_id, 0) + line.balance, 2
            )
        return {account: balance for account, balance in result.items() if balance}

    def _post(self, orders):
        orders.invalidate_recordset()
        invoices = orders.invoice_ids.filtered(lambda move: move.state == "draft")
        invoices.action_post()
        return invoices

    def _receivable(self, partner=None):
        partner = (partner or self.customer).with_company(self.company)
        return partner.property_account_receivable_id

    def _finish_and_post(self, order):
        self._approve(order)
        return self._finish_order(order).invoice_ids

    # Payers (A20)

    def test_who_hands_over_sees_what_was_billed_and_paid(self):
        self._stock(self.part_avco, 5)
        order = self._create_order()
        self._finish_order(self._approve(order), invoice=False)
        told = order.with_user(self.advisor).action_invoice()["params"]["message"]
        self.assertIn("Draft invoice made", told, "it waits for the accountant")
        seen = order.with_user(self.advisor).invoice_summary
        self.assertIn("Draft", seen)
        self.assertNotIn("Not Paid", seen, "nobody owes a draft")
        order.invoice_ids.action_post()
        seen = order.with_user(self.advisor).invoice_summary
        self.assertIn(order.invoice_ids.name, seen)
        self.assertIn("Not Paid", seen)
        told = order.with_user(self.advisor).action_invoice()["params"]["message"]
        self.assertIn("Invoiced.", told)

    def test_cancelling_one_order_keeps_the_bill_of_the_other(self):
        self._stock(self.part_avco, 5)
        orders = self._create_order(partner_id=self.fleet.id) + self._create_order(
            partner_id=self.fleet.id
        )
        self._approve(orders)
        orders.action_start()
        self._issue(orders)
        orders.action_complete()
        orders.action_invoice()
        invoice = orders.invoice_ids
        self.assertEqual(len(invoice), 1)
        with self.assertRaisesRegex(UserError, orders[0].name):
            orders[0].action_cancel(reason="Mistake")
        self.assertEqual(invoice.state, "draft")
        self.assertEqual(orders.mapped("state"), ["quality", "quality"])

    def test_orders_are_found_by_their_invoices(self):
        self._stock(self.part_avco, 5)
        billed, open_order = self._create_order(), self._create_order()
        self._finish_order(self._approve(billed))
        Order = self.env["aftersales.order"]
        invoice = billed.invoice_ids
        both = [("id", "in", (billed + open_order).ids)]
        self.assertEqual(Order.search([("invoice_ids", "in", invoice.ids)]), billed)
        self.assertEqual(
            Order.search(both + [("invoice_ids", "not in", invoice.ids)]), open_order
        )
        self.assertEqual(Order.search(both + [("invoice_ids", "=", False)]), open_order)

    def test_one_invoice_per_payer(self):
        self._stock(self.part_avco, 10)
        order = self._create_order(
            [(self.part_avco, 1), (self.labour, 1)],
            {
                "lines": [(self.part_avco, 2), (self.labour, 2)],
                "payer_id": self.payer_maker.id,
            },
            {"lines": [(self.part_avco, 3)], "payer_id": self.payer_goodwill.id},
        )
        self._finish_and_post(order)
        self.assertEqual(len(order.invoice_ids), 2)
        by_payer = order.invoice_ids.grouped("aftersales_payer_id")
        self.assertEqual(
            self._items(by_payer[self.payer_customer]),
            {
                self.account_income: -100.0,
                self._receivable(): 100.0,
                self.account_expense: 10.0,
                self.account_stock_valuation: -10.0,
            },
        )
        maker_invoice = by_payer[self.payer_maker]
        self.assertEqual(maker_invoice.partner_id, self.maker)
        self.assertEqual(
            self._items(maker_invoice),
            {
                self.account_income: -200.0,
                self._receivable(self.maker): 200.0,
                self.account_expense: 20.0,
                self.account_stock_valuation: -20.0,
            },
        )
        self.assertEqual(self._balance(self.account_goodwill, order), 30.0)
        self.assertEqual(self._balance(self.account_stock_valuation, order), -60.0)
        self.assertEqual(self._get_value(self.part_avco), 40.0)
        items = order.invoice_ids.line_ids.filtered("account_id")
        self.assertEqual(items.aftersales_order_id, order)
        self.assertFalse(items.filtered(lambda line: not line.aftersales_order_id))

    def test_supplementary_quotations_are_billed_together(self):
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order([(self.part_avco, 1)]))
        order.action_start()
        self._add_job(order, [(self.part_avco, 2)])
        order.action_approve()
        self.assertEqual(len(order.sale_order_ids), 2)
        self._finish_order(order)
        self.assertEqual(len(order.invoice_ids), 1)
        self.assertEqual(order.invoice_ids.amount_untaxed, 60.0)

    def test_collective_invoice_of_a_fleet(self):
        self._stock(self.part_avco, 10)
        driver = self.env["res.partner"].create(
            {"name": "Driver", "parent_id": self.fleet.id}
        )
        assets = self.env["aftersales.asset"].create(
            [
                {
                    "name": name,
                    "partner_id": self.fleet.id,
                    "company_id": self.company.id,
                }
                for name in ("Van 1", "Van 2")
            ]
        )
        orders = self.env["aftersales.order"]
        for asset, partner, qty in zip(
            assets, self.fleet + driver, (1, 2), strict=True
        ):
            orders += self._create_order(
                [(self.part_avco, qty)], asset_id=asset.id, partner_id=partner.id
            )
        self._approve(orders)
        self._finish_order(orders)
        invoice = orders.invoice_ids
        self.assertEqual(len(invoice), 1)
        self.assertEqual(invoice.amount_untaxed, 60.0)
        self.assertFalse(invoice.aftersales_order_id)
        products = invoice.line_ids.filtered(
            lambda line: line.display_type in ("product", "cogs")
        )
        self.assertEqual(products.aftersales_order_id, orders)
        for order, qty in zip(orders, (1, 2), strict=True):
            self.assertEqual(order.invoice_ids, invoice)
            self.assertEqual(self._balance(self.account_income, order), -20.0 * qty)
            self.assertEqual(self._balance(self.account_expense, order), 10.0 * qty)

    def test_collective_invoice_on_request(self):
        orders = self._create_order([(self.labour, 1)]) + self._create_order(
            [(self.labour, 2)]
        )
        self._finish_order(self._approve(orders), invoice=False)
        orders.action_invoice(collective=True)
        self.assertEqual(len(orders.invoice_ids), 1)
        self.assertEqual(orders.invoice_ids.amount_untaxed, 240.0)

    def test_one_invoice_per_order_on_request(self):
        orders = self._create_order(
            [(self.labour, 1)], partner_id=self.fleet.id, asset_id=False
        ) + self._create_order(
            [(self.labour, 2)], partner_id=self.fleet.id, asset_id=False
        )
        self._finish_order(self._approve(orders), invoice=False)
        orders.action_invoice(collective=False)
        self.assertEqual(len(orders.invoice_ids), 2)
        invoices = self._post(orders)
        for order in orders:
            invoice = order.invoice_ids
            self.assertEqual(invoice.aftersales_order_id, order)
            items = invoice.line_ids.filtered("account_id")
            self.assertEqual(items.mapped("aftersales_order_id"), order)
        self.assertEqual(sum(invoices.mapped("amount_untaxed")), 240.0)

    def test_collective_claim_of_many_customers(self):
        self.maker.aftersales_collective_invoice = True
        other = self.env["res.partner"].create({"name": "Li Na"})
        orders = self._create_order(
            {"lines": [(self.labour, 1)], "payer_id": self.payer_maker.id}
        ) + self._create_order(
            {"lines": [(self.labour, 2)], "payer_id": self.payer_maker.id},
            partner_id=other.id,
            asset_id=False,
        )
        self._finish_order(self._approve(orders), invoice=False)
        orders.action_invoice()
        self.assertEqual(len(orders.invoice_ids), 1)
        self.assertEqual(orders.invoice_ids.partner_id, self.maker)

    # Parts of a bill, and bills undone

    def test_partial_invoice_during_progress(self):
        self._stock(self.part_avco, 5)
        order = self._approve(
            self._create_order([(self.part_avco, 2), (self.labour, 1)])
        )
        order.action_start()
        self._issue(order)
        order.action_invoice()
        first = self._post(order)
        self.assertEqual(first.amount_untaxed, 40.0)
        order.action_invoice()
        order.invalidate_recordset()
        self.assertEqual(order.invoice_ids, first)
        self._finish_order(order)
        order.invalidate_recordset()
        self.assertEqual(len(order.invoice_ids), 2)
        self.assertEqual((order.invoice_ids - first).amount_untaxed, 80.0)
        self.assertEqual(self._balance(self.account_income, order), -120.0)
        self.assertEqual(self._balance(self.account_expense, order), 20.0)

    def test_same_part_on_two_jobs_at_two_costs(self):
        """Each job's cost of sales is what its own parts cost, on bill and credit."""
        self._stock(self.part_fifo, 1, 10.0)
        self._stock(self.part_fifo, 1, 30.0)
        order = self._create_order([(self.part_fifo, 1)])
        self._approve(order)
        order.action_start()
        self._issue(order)
        self._add_job(order, [(self.part_fifo, 1)])
        order.action_approve()
        self._issue(order)
        self._finish_order(order)
        cogs = order.invoice_ids.line_ids.filtered(
            lambda line: line.account_id == self.account_expense
        )
        self.assertEqual(sorted(cogs.mapped("balance")), [10.0, 30.0])
        self._refund(order.invoice_ids)
        self.assertEqual(self._balance(self.account_expense, order), 0)
        self.assertEqual(self._balance(self.account_stock_valuation, order), 0)

    def test_same_part_billed_at_two_times(self):
        self._stock(self.part_fifo, 1, 10.0)
        self._stock(self.part_fifo, 1, 30.0)
        order = self._approve(self._create_order([(self.part_fifo, 1)]))
        order.action_start()
        self._issue(order)
        order.action_invoice()
        self._post(order)
        self.assertEqual(self._balance(self.account_expense, order), 10.0)
        self._add_job(order, [(self.part_fifo, 1)])
        order.action_approve()
        self._issue(order)
        order.action_invoice()
        self._post(order)
        self.assertEqual(self._balance(self.account_expense, order), 40.0)
        self.assertEqual(self._get_value(self.part_fifo), 0)

    def test_cost_of_sales_is_what_left_the_stock(self):
        """A receipt at another price between issue and bill changes nothing."""
        self._stock(self.part_avco, 4, 10.0)
        order = self._approve(self._create_order([(self.part_avco, 2)]))
        order.action_start()
        self._issue(order)
        self._stock(self.part_avco, 2, 30.0)
        self._finish_order(order)
        self.assertEqual(self._get_value(self.part_avco), 80.0)
        self.assertEqual(order.line_ids.cost, 20.0)
        self.assertEqual(self._balance(self.account_expense, order), 20.0)
        self.assertEqual(self._balance(self.account_stock_valuation, order), -20.0)

    def test_packs_billed_at_two_times(self):
        self._stock(self.part_avco, 12)
        self.part_avco.uom_ids = self.uom_pack_of_6
        order = self._approve(
            self._create_order(
                [
                    {
                        "product_id": self.part_avco.id,
                        "product_uom_qty": 2,
                        "product_uom_id": self.uom_pack_of_6.id,
                    }
                ]
            )
        )
        order.action_start()
        move = order.picking_ids.move_ids
        move.write({"quantity": 6, "picked": True})
        move.picking_id.with_context(skip_backorder=True).button_validate()
        self.assertEqual(order.line_ids.qty_used, 1)
        order.action_invoice()
        self._post(order)
        self.assertEqual(self._balance(self.account_expense, order), 60.0)
        self._finish_order(order)
        self.assertEqual(self._balance(self.account_expense, order), 120.0)
        self.assertEqual(self._balance(self.account_income, order), -240.0)

    def test_down_payment_is_deducted(self):
        self._stock(self.part_avco, 5)
        order = self._approve(
            self._create_order([(self.part_avco, 2), (self.labour, 2)])
        )
        wizard = Form.from_action(self.env, order.action_down_payment())
        wizard.advance_payment_method = "percentage"
        wizard.amount = 50
        wizard.save().create_invoices()
        down_payment = self._post(order)
        self.assertEqual(down_payment.amount_untaxed, 100.0)
        self.assertEqual(
            down_payment.line_ids.filtered("account_id").aftersales_order_id, order
        )
        self._finish_order(order)
        order.invalidate_recordset()
        final = order.invoice_ids - down_payment
        self.assertEqual(final.amount_untaxed, 100.0)
        self.assertEqual(sum(order.invoice_ids.mapped("amount_untaxed")), 200.0)
        self.assertEqual(self._balance(self._receivable(), order), 200.0)
        self.assertEqual(self._balance(self.account_expense, order), 20.0)

    def test_refund_of_one_part(self):
        self._stock(self.part_avco, 5)
        order = self._create_order([(self.part_avco, 2), (self.labour, 1)])
        order.line_ids[:1].discount = 25
        self._finish_and_post(order)
        invoice = order.invoice_ids
        self.assertEqual(invoice.amount_untaxed, 110.0)
        credit = self._refund(invoice, post=False)
        credit.invoice_line_ids.filtered(
            lambda line: line.product_id == self.labour
        ).unlink()
        credit.invoice_line_ids.filtered("product_id").quantity = 1
        credit.action_post()
        order.invalidate_recordset()
        self.assertIn(credit, order.invoice_ids)
        self.assertEqual(credit.aftersales_order_id, order)
        self.assertEqual(credit.amount_untaxed, 15.0)
        items = credit.line_ids.filtered("account_id")
        self.assertFalse(items.filtered(lambda line: not line.aftersales_order_id))
        self.assertEqual(self._balance(self.account_expense, order), 10.0)

    def test_what_came_back_is_credited_by_the_next_bill(self):
        self._stock(self.part_avco, 5)
        order = self._create_order([(self.part_avco, 2), (self.labour, 1)])
        self._finish_and_post(order)
        order._return_moves({order.line_ids._get_issue_moves(): 1})
        order.action_invoice()
        credit = self._post(order)
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.amount_untaxed, 20.0)
        self.assertEqual(order.amount_untaxed, 100.0)
        self.assertEqual(self._balance(self.account_income, order), -100.0)
        self.assertEqual(self._balance(self.account_expense, order), 10.0)
        self.assertEqual(self._get_value(self.part_avco), 40.0)

    def test_cancel_refuses_what_is_billed(self):
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order([(self.part_avco, 2)]))
        order.action_start()
        self._issue(order)
        order.action_invoice()
        invoice = self._post(order)
        with self.assertRaisesRegex(UserError, invoice.name):
            order.action_cancel()
        self._refund(invoice)
        order.action_cancel(reason="Credited")
        self.assertEqual(order.state, "cancel")
        self.assertEqual(self._get_value(self.part_avco), 50.0)
        for account in (
            self.account_income, self.account_expense, self.account_stock_valuation,
        ):  # fmt: skip
            self.assertEqual(self._balance(account, order), 0)

    def test_cancel_refuses_a_free_bill_that_has_a_cost(self):
        self._stock(self.part_avco, 5)
        self.payer_customer.price_basis = "zero"
        order = self._approve(self._create_order([(self.part_avco, 2)]))
        order.action_start()
        self._issue(order)
        order.action_invoice()
        self._post(order)
        with self.assertRaises(UserError):
            order.action_cancel()

    def test_cancel_takes_draft_invoices_along(self):
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order([(self.part_avco, 2)]))
        order.action_start()
        self._issue(order)
        order.action_invoice()
        order.action_cancel()
        order.invalidate_recordset()
        self.assertEqual(order.invoice_ids.mapped("state"), ["cancel"])
        self.assertEqual(self._get_value(self.part_avco), 50.0)

    def test_nothing_approved_is_nothing_to_bill(self):
        order = self._create_order()
        with self.assertRaisesRegex(UserError, order.name):
            order.action_invoice()

    def test_posted_by_setting(self):
        self.company.aftersales_invoice_posting = "post"
        order = self._approve(self._create_order([(self.labour, 1)]))
        self._finish_order(order, invoice=False)
        order.action_invoice()
        self.assertEqual(order.invoice_ids.state, "posted")

    # Prices: zero, cost, currency, taxes, fiscal position

    def test_free_part_still_has_its_cost(self):
        self._stock(self.part_avco, 5)
        self.payer_customer.price_basis = "zero"
        order = self._create_order([(self.part_avco, 2)])
        self._finish_and_post(order)
        line = order.invoice_ids.invoice_line_ids.filtered("product_id")
        self.assertEqual((line.price_unit, line.discount), (20.0, 100.0))
        self.assertIn("Free", line.name)
        self.assertEqual(
            self._items(order.invoice_ids),
            {self.account_expense: 20.0, self.account_stock_valuation: -20.0},
        )
        self.assertEqual(self._balance(self.account_expense, order), 20.0)

    def test_foreign_currency(self):
        self._use_multi_currencies(
            [(fields.Date.to_string(fields.Date.today().replace(month=1, day=1)), 2.0)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.other_currency.id}
        )
        self.customer.with_company(self.company).property_product_pricelist = pricelist
        self._stock(self.part_avco, 5)
        order = self._create_order([(self.part_avco, 2), (self.labour, 1)])
        self.assertEqual(order.line_ids.mapped("price_unit"), [40.0, 160.0])
        self.assertEqual(order.line_ids.currency_id, self.other_currency)
        self.assertEqual(order.amount_untaxed, 120.0)
        self._finish_and_post(order)
        invoice = order.invoice_ids
        self.assertEqual(invoice.currency_id, self.other_currency)
        self.assertEqual(invoice.amount_untaxed, 240.0)
        self.assertEqual(
            self._items(invoice),
            {
                self.account_income: -120.0,
                self._receivable(): 120.0,
                self.account_expense: 20.0,
                self.account_stock_valuation: -20.0,
            },
        )
        self._refund(invoice)
        for account in (self.account_income, self.account_expense, self._receivable()):
            self.assertEqual(self._balance(account, order), 0)

    def _create_tax(self, amount, included=False):
        account = self.env["account.account"].search(
            [("code", "=", "251901")]
        ) or self.env["account.account"].create(
            {"name": "Tax", "code": "251901", "account_type": "liability_current"}
        )
        repartition = [
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": account.id}),
        ]
        return self.env["account.tax"].create(
            {
                "name": f"Tax {amount} {included}",
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": repartition,
                "amount": amount,
                "type_tax_use": "sale",
                "price_include_override": "tax_included"
                if included
                else "tax_excluded",
                "company_id": self.company.id,
                "country_id": self.company.account_fiscal_country_id.id,
            }
        )

    def test_tax_excluded(self):
        self._stock(self.part_avco, 5)
        self.part_avco.taxes_id = self._create_tax(13)
        order = self._create_order([(self.part_avco, 3)])
        self.assertEqual((order.amount_untaxed, order.amount_total), (60.0, 67.8))
        self._finish_and_post(order)
        self.assertEqual(order.invoice_ids.amount_total, 67.8)
        self.assertEqual(self._balance(self._receivable(), order), 67.8)
        items = order.invoice_ids.line_ids.filtered("account_id")
        self.assertFalse(items.filtered(lambda line: not line.aftersales_order_id))
        self.assertEqual(sum(items.mapped("balance")), 0)

    def test_tax_included(self):
        self._stock(self.part_avco, 5)
        self.part_avco.taxes_id = self._create_tax(13, included=True)
        order = self._create_order([(self.part_avco, 3)])
        self.assertEqual((order.amount_untaxed, order.amount_total), (53.1, 60.0))
        self._finish_and_post(order)
        self.assertEqual(order.invoice_ids.amount_total, 60.0)
        self.assertEqual(self._balance(self.account_income, order), -53.1)
        self.assertEqual((order.amount_untaxed, order.amount_total), (53.1, 60.0))

    def test_fiscal_position_of_a_payer(self):
        """Revenue and cost of sales of the maker go to accounts of their own."""
        tax, own_tax = self._create_tax(13), self._create_tax(6)
        revenue = self.env["account.account"].create(
            {"name": "Claims", "code": "400901", "account_type": "income"}
        )
        cost = self.env["account.account"].create(
            {"name": "Claim cost", "code": "600901", "account_type": "expense"}
        )
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Maker",
                "company_id": self.company.id,
                "account_ids": [
                    Command.create(
                        {
                            "account_src_id": self.account_income.id,
                            "account_dest_id": revenue.id,
                        }
                    ),
                    Command.create(
                        {
                            "account_src_id": self.account_expense.id,
                            "account_dest_id": cost.id,
                        }
                    ),
                ],
            }
        )
        own_tax.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(tax.id)],
            }
        )
        self.part_avco.taxes_id = tax
        self.payer_maker.fiscal_position_id = position
        self._stock(self.part_avco, 5)
        order = self._create_order(
            {"lines": [(self.part_avco, 2)], "payer_id": self.payer_maker.id}
        )
        self.assertEqual(order.amount_total, 42.4)
        self._finish_and_post(order)
        invoice = order.invoice_ids
        self.assertEqual(invoice.amount_total, 42.4)
        self.assertEqual(self._balance(revenue, order), -40.0)
        self.assertEqual(self._balance(cost, order), 20.0)
        self.assertEqual(self._balance(self.account_income, order), 0)
        self.assertEqual(self._balance(self.account_expense, order), 0)
        self._refund(invoice)
        self.assertEqual(self._balance(revenue, order), 0)
        self.assertEqual(self._balance(cost, order), 0)

    # Peers 8 and 11

    def test_change_of_payer_after_the_answer_is_refused(self):
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order([(self.part_avco, 2)]))
        for record in (order.job_ids, order.line_ids):
            with self.assertRaisesRegex(UserError, "correction"):
                record.payer_id = self.payer_goodwill
        self._finish_order(order)
        with self.assertRaisesRegex(UserError, "correction"):
            order.job_ids.payer_id = self.payer_maker
        self.assertEqual(order.invoice_ids.amount_untaxed, 40.0)

    def test_service_and_part_lines_know_their_order(self):
        self._stock(self.part_avco, 5)
        order = self._create_order(
            [(self.part_avco, 1), (self.labour, 1), (self.fee, 1)]
        )
        self._finish_and_post(order)
        lines = order.invoice_ids.invoice_line_ids.filtered("product_id")
        self.assertEqual(len(lines), 3)
        self.assertEqual(lines.mapped("aftersales_order_id"), order)
        found = self.env["aftersales.order"].search(
            [("invoice_ids", "in", order.invoice_ids.ids)]
        )
        self.assertEqual(found, order)

    def test_labour_is_billed_by_the_hours_recorded(self):
        order = self._create_order(
            [
                {
                    "product_id": self.labour.id,
                    "product_uom_qty": 2,
                    "hours_basis": "clocked",
                }
            ]
        )
        self._approve(order)
        order.action_start()
        order.line_ids.hours_clocked = 2.75
        order.action_complete()
        order.action_invoice()
        self.assertEqual(order.invoice_ids.amount_untaxed, 220.0)
        self.assertEqual(order.amount_untaxed, 220.0)
        self.assertEqual(order.line_ids.cost, 82.5)
        self.assertEqual(order.job_ids.margin, 137.5)

    def test_to_invoice_is_found(self):
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order([(self.part_avco, 1)]))
        self.assertFalse(order.to_invoice)
        self._finish_order(order, invoice=False)
        self.assertTrue(order.to_invoice)
        Order = self.env["aftersales.order"]
        self.assertIn(order, Order.search([("to_invoice", "=", True)]))
        order.action_invoice()
        order.invalidate_recordset()
        self.assertFalse(order.to_invoice)
        self.assertNotIn(order, Order.search([("to_invoice", "=", True)]))

    def test_other_invoices_stay_as_they_are(self):
        self._stock(self.part_avco, 5)
        invoice = self._create_invoice(self.part_avco, 2, 20.0)
        self.assertFalse(invoice.aftersales_order_id)
        self.assertFalse(invoice.line_ids.aftersales_order_id)
        self.assertEqual(self._balance(self.account_expense), 20.0)
