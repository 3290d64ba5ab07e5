from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestEstimate(AftersalesCommon):
    def _create_pricelist(self, *rules, **values):
        return self.env["product.pricelist"].create(
            {
                "name": "Workshop prices",
                "item_ids": [Command.create(rule) for rule in rules],
                **values,
            }
        )

    def _line(self, **values):
        return {"product_id": self.part_avco.id, "product_uom_qty": 2, **values}

    # Where prices come from

    def test_a_quoted_order_keeps_its_customer(self):
        order = self._create_order()
        order.partner_id = self.fleet
        order.action_estimate()
        with self.assertRaisesRegex(UserError, order.name):
            order.partner_id = self.customer
        order.action_cancel(reason="Wrong customer")
        copy = order.copy({"partner_id": self.customer.id})
        copy.action_estimate()
        self.assertEqual(copy.sale_order_ids.partner_id, self.customer)

    def test_a_job_stays_on_its_order(self):
        order, other = self._create_order(), self._create_order()
        order.action_estimate()
        with self.assertRaisesRegex(UserError, order.name):
            order.job_ids.order_id = other
        self.assertEqual(order.sale_order_ids.order_line.job_line_id.order_id, order)

    def test_a_line_does_not_join_work_that_is_agreed(self):
        order = self._create_order([(self.part_avco, 1)], [(self.labour, 1)])
        order.action_estimate()
        agreed, open_job = order.job_ids
        order.action_approve(jobs=agreed)
        with self.assertRaisesRegex(UserError, "answered"):
            open_job.line_ids.job_id = agreed

    def test_one_quotation_per_payer(self):
        order = self._create_order(
            [(self.part_avco, 1)],
            {"lines": [(self.labour, 2)], "payer_id": self.payer_maker.id},
            {"lines": [(self.labour, 1)], "payer_id": self.payer_goodwill.id},
        )
        order.action_estimate()
        self.assertEqual(order.state, "quoted")
        self.assertEqual(set(order.job_ids.mapped("state")), {"proposed"})
        sales = order.sale_order_ids.sorted("aftersales_payer_id")
        self.assertRecordValues(
            order.sale_order_ids.sorted("amount_untaxed"),
            [
                {
                    "partner_id": self.customer.id,
                    "aftersales_payer_id": self.payer_customer.id,
                    "amount_untaxed": 20.0,
                    "origin": order.name,
                },
                {
                    "partner_id": self.maker.id,
                    "aftersales_payer_id": self.payer_maker.id,
                    "amount_untaxed": 160.0,
                    "origin": order.name,
                },
            ],
        )
        self.assertEqual(sales.warehouse_id, self.warehouse)
        order.action_estimate()
        self.assertEqual(order.sale_order_ids.sorted("aftersales_payer_id"), sales)

    # Peer 12: labour at the price list, discount and currency of the customer
    def test_pricelist_of_the_customer(self):
        """Parts and labour follow the customer's price list, before and after."""
        pricelist = self._create_pricelist(
            {
                "applied_on": "1_product",
                "product_tmpl_id": self.labour.product_tmpl_id.id,
                "compute_price": "fixed",
                "fixed_price": 60.0,
            },
            {"compute_price": "percentage", "percent_price": 10},
        )
        self.customer.with_company(self.company).property_product_pricelist = pricelist
        order = self._create_order([(self.part_avco, 2), (self.labour, 1)])
        self.assertEqual(order.amount_untaxed, 96.0)
        order.action_estimate()
        self.assertEqual(order.sale_order_ids.pricelist_id, pricelist)
        self.assertEqual(order.amount_untaxed, 96.0)
        self.assertEqual(order.sale_order_ids.amount_untaxed, 96.0)

    def test_pricelist_that_shows_its_discount(self):
        self.env.ref("base.group_user").implied_ids += self.env.ref(
            "sale.group_discount_per_so_line"
        )
        pricelist = self._create_pricelist(
            {"compute_price": "percentage", "percent_price": 10}
        )
        self.customer.with_company(self.company).property_product_pricelist = pricelist
        order = self._create_order([(self.part_avco, 2)])
        line = order.line_ids
        self.assertEqual((line.price_unit, line.discount), (20.0, 10.0))
        self.assertEqual(line.price_subtotal, 36.0)
        order.action_estimate()
        self.assertEqual((line.price_unit, line.discount), (20.0, 10.0))
        line.discount = 25
        line.product_uom_qty = 4
        self.assertEqual((line.price_unit, line.discount), (20.0, 25.0))
        self.assertEqual(order.sale_order_ids.amount_untaxed, 60.0)

    def test_free_stays_free_when_the_quantity_changes(self):
        self.env.ref("base.group_user").implied_ids += self.env.ref(
            "sale.group_discount_per_so_line"
        )
        self.customer.with_company(
            self.company
        ).property_product_pricelist = self._create_pricelist()
        self.payer_customer.price_basis = "zero"
        order = self._create_order([(self.part_avco, 2)])
        self.assertEqual(order.amount_untaxed, 0)
        order.action_estimate()
        order.line_ids.product_uom_qty = 5
        self.assertEqual(order.sale_order_ids.order_line[-1:].discount, 100)
        self.assertEqual(order.amount_untaxed, 0)
        self.assertEqual(order.line_ids.price_unit, 20.0)

    def test_claim_price_list_of_the_maker(self):
        self.payer_maker.pricelist_id = self._create_pricelist(
            {"compute_price": "percentage", "percent_price": 50}
        )
        order = self._create_order(
            {"lines": [(self.part_avco, 2)], "payer_id": self.payer_maker.id}
        )
        self.assertEqual(order.amount_untaxed, 20.0)
        order.action_estimate()
        self.assertEqual(order.sale_order_ids.amount_untaxed, 20.0)

    def test_price_at_cost(self):
        self._stock(self.part_avco, 2, 12.0)
        self.payer_maker.price_basis = "cost"
        order = self._create_order(
            {"lines": [(self.part_avco, 2)], "payer_id": self.payer_maker.id}
        )
        self.assertEqual(order.amount_untaxed, 24.0)
        order.action_estimate()
        order.line_ids.product_uom_qty = 3
        self.assertEqual(order.sale_order_ids.amount_untaxed, 36.0)

    def test_price_at_cost_in_another_currency(self):
        self._use_multi_currencies(
            [(fields.Date.to_string(fields.Date.today().replace(month=1, day=1)), 2.0)]
        )
        self.payer_maker.write(
            {
                "price_basis": "cost",
                "pricelist_id": self._create_pricelist(
                    currency_id=self.other_currency.id
                ).id,
            }
        )
        order = self._create_order(
            {"lines": [(self.part_avco, 2)], "payer_id": self.payer_maker.id}
        )
        order.action_estimate()
        self.assertEqual(order.line_ids.price_unit, 20.0)
        self.assertEqual(order.sale_order_ids.amount_untaxed, 40.0)
        self.assertEqual(order.amount_untaxed, 20.0)

    def test_price_at_cost_with_included_tax(self):
        """At cost means that the cost comes back, and the tax on top of it."""
        self.part_avco.taxes_id = self.env["account.tax"].create(
            {
                "name": "Included",
                "amount": 25,
                "price_include_override": "tax_included",
                "company_id": self.company.id,
                "country_id": self.company.account_fiscal_country_id.id,
            }
        )
        self.payer_maker.price_basis = "cost"
        order = self._create_order(
            {"lines": [(self.part_avco, 2)], "payer_id": self.payer_maker.id}
        )
        self.assertEqual((order.amount_untaxed, order.amount_total), (20.0, 25.0))

    def test_price_typed_before_the_estimate(self):
        order = self._create_order([self._line(price_unit=15.0, discount=10.0)])
        line = order.line_ids
        self.assertEqual((line.price_unit, line.discount), (15.0, 10.0))
        self.assertEqual(order.amount_untaxed, 27.0)
        order.action_estimate()
        self.assertEqual((line.price_unit, line.discount), (15.0, 10.0))
        line.product_uom_qty = 4
        self.assertEqual((line.price_unit, line.discount), (15.0, 10.0))
        self.assertEqual(order.sale_order_ids.amount_untaxed, 54.0)

    def test_price_typed_after_the_estimate(self):
        order = self._create_order([self._line()])
        order.action_estimate()
        line = order.line_ids
        line.price_unit = 15.0
        line.discount = 10.0
        self.assertEqual(order.sale_order_ids.amount_untaxed, 27.0)
        line.product_uom_qty = 4
        self.assertEqual((line.price_unit, line.discount), (15.0, 10.0))
        self.assertEqual(order.amount_untaxed, 54.0)

    def test_free_of_charge_typed(self):
        order = self._create_order([self._line(price_unit=0.0)])
        order.action_estimate()
        self.assertEqual(order.amount_untaxed, 0)
        order.line_ids.product_uom_qty = 3
        self.assertEqual(order.amount_untaxed, 0)

    def test_price_changed_in_sales_shows_on_the_order(self):
        order = self._create_order([self._line()])
        order.action_estimate()
        sale_line = order.line_ids.sale_line_id
        sale_line.price_unit = 18.0
        self.assertEqual(order.line_ids.price_unit, 18.0)
        self.assertEqual(order.amount_untaxed, 36.0)

    def test_prices_are_fixed_by_the_answer(self):
        order = self._approve(self._create_order([self._line()]))
        with self.assertRaisesRegex(UserError, "answered"):
            order.line_ids.price_unit = 1.0
        with self.assertRaisesRegex(UserError, "answered"):
            order.line_ids.discount = 50
        with self.assertRaisesRegex(UserError, "answered"):
            order.line_ids.product_uom_qty = 5

    # Changes of an open estimate

    def test_estimate_follows_the_jobs(self):
        order = self._create_order([self._line(), (self.labour, 1)])
        order.action_estimate()
        sale = order.sale_order_ids
        self.assertEqual(sale.amount_untaxed, 120.0)
        order.line_ids[1].unlink()
        self.assertEqual(sale.amount_untaxed, 40.0)
        order.job_ids.line_ids = [
            Command.create({"product_id": self.fee.id, "product_uom_qty": 2})
        ]
        self.assertEqual(sale.amount_untaxed, 70.0)
        order.line_ids[0].product_id = self.part_fifo
        order.line_ids[0].price_unit = 5.0
        self.assertEqual(sale.amount_untaxed, 40.0)
        self.assertEqual(order.sale_order_ids, sale)
        order.job_ids.unlink()
        self.assertEqual(sale.state, "cancel")

    def test_payer_of_an_open_job_moves_its_lines(self):
        order = self._create_order([self._line(), (self.labour, 1)])
        order.action_estimate()
        order.line_ids[0].payer_id = self.payer_maker
        by_payer = order.sale_order_ids.grouped("aftersales_payer_id")
        self.assertEqual(by_payer[self.payer_maker].amount_untaxed, 40.0)
        self.assertEqual(by_payer[self.payer_customer].amount_untaxed, 80.0)
        order.job_ids.payer_id = self.payer_goodwill
        self.assertEqual(set(order.sale_order_ids.mapped("state")), {"cancel"})
        self.assertEqual(order.amount_untaxed, 0)

    def test_quantity_and_product_are_changed_on_the_order(self):
        order = self._create_order([self._line()])
        order.action_estimate()
        sale = order.sale_order_ids
        with self.assertRaisesRegex(UserError, order.name):
            sale.order_line.filtered("job_line_id").product_uom_qty = 7
        with self.assertRaisesRegex(UserError, order.name):
            sale.order_line.filtered("job_line_id").product_uom_id = self.uom_pack_of_6
        with self.assertRaisesRegex(UserError, order.name):
            sale.order_line = [
                Command.create({"product_id": self.part_fifo.id, "product_uom_qty": 1})
            ]
        # A service, such as a delivery charge, may be added in Sales.
        sale.order_line = [
            Command.create({"product_id": self.fee.id, "product_uom_qty": 1})
        ]
        order.action_approve()
        with self.assertRaisesRegex(UserError, order.name):
            sale.order_line = [
                Command.create({"product_id": self.part_fifo.id, "product_uom_qty": 1})
            ]

    def test_replacing_the_only_line_is_no_answer(self):
        order = self._create_order([(self.part_avco, 1)])
        order.action_estimate()
        line = order.job_ids.line_ids
        line.product_id = self.part_fifo
        self.assertEqual(order.job_ids.state, "proposed")
        self.assertEqual(line.sale_line_id.product_id, self.part_fifo)
        line.unlink()
        self.assertEqual(order.job_ids.state, "proposed")
        self.assertFalse(order.approval_ids)

    def test_line_deleted_in_sales_is_offered_all_the_same(self):
        self._stock(self.part_avco, 5)
        order = self._create_order([self._line(), (self.labour, 1)])
        order.action_estimate()
        order.line_ids[0].sale_line_id.unlink()
        order.action_approve()
        self.assertEqual(order.line_ids[0].sale_line_id.state, "sale")
        self.assertEqual(order.sale_order_ids.amount_untaxed, 120.0)
        self._finish_order(order)
        self.assertEqual(order.invoice_ids.amount_untaxed, 120.0)

    def test_nothing_to_quote(self):
        order = self._create_order(job_ids=False)
        with self.assertRaisesRegex(UserError, order.name):
            order.action_estimate()

    # What the work order shows

    def test_amounts_are_of_what_was_used(self):
        self._stock(self.part_avco, 1)
        order = self._approve(self._create_order([self._line(discount=10.0)]))
        self.assertEqual(order.amount_untaxed, 36.0)
        order.action_start()
        order.action_complete(accept_differences=True, reason="One was enough")
        self.assertEqual(order.amount_untaxed, 18.0)
        self.assertEqual(order.job_ids.margin, 8.0)
        order.action_invoice()
        self.assertEqual(order.invoice_ids.amount_untaxed, 18.0)

    def test_declined_work_does_not_count(self):
        order = self._create_order([self._line()], [(self.labour, 1)])
        order.action_estimate()
        self.assertEqual(order.amount_untaxed, 120.0)
        order.action_decline(order.job_ids[1], reason="Too dear")
        self.assertEqual(order.amount_untaxed, 40.0)

    # Peer 28: two in one call
    def test_two_orders_are_quoted_at_once(self):
        orders = self._create_order([self._line()]) + self._create_order([self._line()])
        orders.action_estimate()
        self.assertEqual(len(orders.sale_order_ids), 2)
        self.assertEqual(orders.mapped("amount_untaxed"), [40.0, 40.0])

    def test_form_previews_the_price(self):
        with Form(self.env["aftersales.order"]) as form:
            form.partner_id = self.customer
            form.team_id = self.team
        order = form.save()
        order.job_ids = [Command.create(self._prepare_job([self._line()]))]
        self.assertEqual(order.amount_untaxed, 40.0)

    def test_other_quotations_stay_as_they_are(self):
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create(self._line())],
            }
        )
        sale.order_line.product_uom_qty = 5
        sale.order_line.product_id = self.part_fifo
        sale.action_confirm()
        sale.order_line = [Command.create(self._line())]
        self.assertFalse(sale.aftersales_order_id)
        sale._action_cancel()
        self.assertEqual(sale.state, "cancel")
