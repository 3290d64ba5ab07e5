from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestAnalysis(AftersalesCommon):
    MEASURES = (
        "amount_quoted",
        "amount_invoiced",
        "cost_parts",
        "cost_labour",
        "cost_sublet",
        "cost_fee",
        "margin",
    )

    def _get_figures(self, order, *groupby, user=None):
        """Return the sums of an order, by the groups asked for."""
        Analysis = self.env["aftersales.analysis"]
        groups = Analysis.with_user(user or self.env.user)._read_group(
            [("order_id", "=", order.id)],
            groupby,
            [f"{measure}:sum" for measure in self.MEASURES],
        )
        figures = {
            group[: len(groupby)]: dict(
                zip(self.MEASURES, group[len(groupby) :], strict=True)
            )
            for group in groups
        }
        return figures if groupby else figures[()]

    def _assert_figures(self, figures, **expected):
        self.assertEqual(
            {key: round(value, 6) for key, value in figures.items()},
            {**dict.fromkeys(self.MEASURES, 0.0), **expected},
        )

    def test_cost_methods_to_the_cent(self):
        for product, receipts, cost in (
            (self.part_avco, [(3, 10.0), (1, 11.33)], 20.67),
            (self.part_fifo, [(1, 10.0), (3, 11.33)], 21.33),
            (self.part_standard, [(4, 12.0)], 20.0),
        ):
            with self.subTest(product.name):
                for quantity, price in receipts:
                    self._stock(product, quantity, price)
                order = self._create_order([(product, 2), (self.labour, 2)])
                self._finish_order(self._approve(order))
                revenue = order.amount_untaxed
                self._assert_figures(
                    self._get_figures(order),
                    amount_quoted=revenue,
                    amount_invoiced=revenue,
                    cost_parts=cost,
                    cost_labour=60.0,
                    margin=round(revenue - cost - 60.0, 2),
                )
                self.assertAlmostEqual(
                    sum(order.line_ids.mapped("cost")), cost + 60.0, 2
                )

    def test_cost_is_real_and_revenue_is_what_is_posted(self):
        self._stock(self.part_avco, 5)
        order = self._create_order([(self.part_avco, 2), (self.labour, 2)])
        order.action_estimate()
        self._assert_figures(self._get_figures(order), amount_quoted=200.0)
        order.action_approve()
        order.action_start()
        self._issue(order)
        self._assert_figures(
            self._get_figures(order), amount_quoted=200.0, cost_parts=20.0, margin=-20.0
        )
        order.action_complete()
        order.action_pass_quality()
        order.action_invoice()
        done = {"amount_quoted": 200.0, "cost_parts": 20.0, "cost_labour": 60.0}
        self._assert_figures(self._get_figures(order), **done, margin=-80.0)
        order.invoice_ids.action_post()
        self._assert_figures(
            self._get_figures(order), **done, amount_invoiced=200.0, margin=120.0
        )
        order.invoice_ids._reverse_moves(cancel=True)
        self._assert_figures(self._get_figures(order), **done, margin=-80.0)

    def test_absorbed_payer_has_cost_and_no_revenue(self):
        self._stock(self.part_avco, 5)
        order = self._create_order(
            [(self.part_avco, 1)],
            {
                "lines": [(self.part_avco, 2), (self.labour, 1)],
                "payer_id": self.payer_goodwill.id,
            },
        )
        self._finish_order(self._approve(order))
        figures = self._get_figures(order, "payer_id", "job_id")
        paid, absorbed = order.job_ids
        self._assert_figures(
            figures[self.payer_customer, paid],
            amount_quoted=20.0,
            amount_invoiced=20.0,
            cost_parts=10.0,
            margin=10.0,
        )
        self._assert_figures(
            figures[self.payer_goodwill, absorbed],
            cost_parts=20.0,
            cost_labour=30.0,
            margin=-50.0,
        )

    def test_share_moves_revenue_between_payers(self):
        order = self._create_order(
            {
                "lines": [(self.labour, 2)],
                "share_ids": [
                    Command.create(
                        {"payer_id": self.payer_maker.id, "percentage": 25.0}
                    ),
                    Command.create(
                        {"payer_id": self.payer_goodwill.id, "percentage": 10.0}
                    ),
                ],
            }
        )
        self._finish_order(self._approve(order))
        figures = self._get_figures(order, "payer_id")
        self.assertEqual(figures[self.payer_customer,]["amount_invoiced"], 120.0)
        self.assertEqual(figures[self.payer_maker,]["amount_invoiced"], 40.0)
        self.assertEqual(figures[self.payer_goodwill,]["amount_invoiced"], -16.0)
        self.assertEqual(self._get_figures(order)["margin"], 144.0 - 60.0)

    def test_sublet(self):
        vendor = self.env["res.partner"].create({"name": "Paint shop"})
        paint = self.env["product.product"].create(
            {
                "name": "Painting",
                "type": "service",
                "list_price": 300.0,
                "taxes_id": [Command.clear()],
                "supplier_taxes_id": [Command.clear()],
                "seller_ids": [
                    Command.create({"partner_id": vendor.id, "price": 199.99})
                ],
            }
        )
        order = self._create_order(
            [{"product_id": paint.id, "kind": "sublet", "product_uom_qty": 1}]
        )
        self._finish_order(self._approve(order))
        self._assert_figures(
            self._get_figures(order),
            amount_quoted=300.0,
            amount_invoiced=300.0,
            cost_sublet=199.99,
            margin=100.01,
        )

    def test_less_is_used_than_approved(self):
        self._stock(self.part_avco, 1)
        order = self._approve(self._create_order([(self.part_avco, 3)]))
        order.action_start()
        order.action_complete(accept_differences=True, reason="One was enough")
        order.action_pass_quality()
        order.action_invoice()
        order.invoice_ids.action_post()
        self._assert_figures(
            self._get_figures(order),
            amount_quoted=60.0,
            amount_invoiced=20.0,
            cost_parts=10.0,
            margin=10.0,
        )

    def test_cancelled_order_leaves_nothing(self):
        self.warehouse.aftersales_steps = "two_steps"
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order())
        order.action_start()
        self._issue(order)
        order.action_cancel(reason="Sold the car")
        self._assert_figures(self._get_figures(order))

    def test_currency_and_clocked_hours(self):
        currency = self.env["res.currency"].create(
            {
                "name": "TST",
                "symbol": "T",
                "rate_ids": [
                    Command.create(
                        {
                            "rate": 3.0,
                            "name": "2020-01-01",
                            "company_id": self.company.id,
                        }
                    )
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Foreign",
                "currency_id": currency.id,
                "company_id": self.company.id,
            }
        )
        self.payer_customer.pricelist_id = pricelist
        order = self._create_order(
            [
                {
                    "product_id": self.labour.id,
                    "product_uom_qty": 2,
                    "hours_basis": "clocked",
                }
            ]
        )
        self._approve(order).action_start()
        order.line_ids.hours_clocked = 1.5
        order.action_complete()
        order.action_pass_quality()
        order.action_invoice()
        order.invoice_ids.action_post()
        self.assertEqual(order.invoice_ids.currency_id, currency)
        self._assert_figures(
            self._get_figures(order),
            amount_quoted=160.0,
            amount_invoiced=120.0,
            cost_labour=45.0,
            margin=75.0,
        )
        rows = self.env["aftersales.analysis"].search([("order_id", "=", order.id)])
        self.assertEqual(sum(rows.mapped("hours")), 1.5)
        self.assertEqual(len(rows), 3, "quoted, invoiced, worked")

    def test_margin_percent_of_a_group_is_that_of_its_sums(self):
        order = self._create_order([(self.labour, 1), (self.fee, 4)])
        self._finish_order(self._approve(order))
        [(percent,)] = self.env["aftersales.analysis"]._read_group(
            [("order_id", "=", order.id)], [], ["margin_percent:avg"]
        )
        self.assertAlmostEqual(percent, 110.0 / 140.0)

    def test_each_role_sees_its_part(self):
        order = self._create_order([(self.labour, 1)])
        other_team = self.env["aftersales.team"].create(
            {"name": "Body shop", "company_id": self.company.id}
        )
        foreign = self._create_order(
            [(self.labour, 1)], team_id=other_team.id, user_id=self.manager.id
        )
        orders = order + foreign
        self._finish_order(self._approve(orders))
        Analysis = self.env["aftersales.analysis"]
        readonly = new_test_user(
            self.env,
            "aftersales_auditor",
            groups="base.group_user,account.group_account_readonly",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for user, seen in (
            (self.advisor, order),
            (self.manager, orders),
            (self.accountant, orders),
            (readonly, orders),
        ):
            with self.subTest(user.login):
                rows = Analysis.with_user(user).search(
                    [("company_id", "=", self.company.id)]
                )
                self.assertEqual(rows.order_id, seen)
        for user in (self.technician, self.storekeeper):
            with self.subTest(user.login), self.assertRaises(AccessError):
                Analysis.with_user(user).search([])
        # What the pivot and the list ask for, grouped by what accountants don't own.
        for field in ("template_id", "technician_id", "asset_category_id", "job_id"):
            Analysis.with_user(self.accountant).formatted_read_group(
                [], [field], ["margin:sum"]
            )
        Analysis.with_user(self.accountant).web_search_read(
            [],
            {
                "template_id": {"fields": {"display_name": {}}},
                "technician_id": {"fields": {"display_name": {}}},
                "margin": {},
            },
        )

    def test_two_companies(self):
        other = self.env["res.company"].create(
            {"name": "Second Workshop", "currency_id": self.company.currency_id.id}
        )
        user = self.manager
        user.company_ids += other
        self.labour.with_company(other).standard_price = 50.0
        order = self._create_order([(self.labour, 1)])
        foreign = self._create_order(
            [(self.labour, 1)],
            company_id=other.id,
            asset_id=False,
            team_id=False,
            user_id=user.id,
        )
        for each in order + foreign:
            each.action_estimate()
        (order + foreign).job_ids._set_state("approved")
        (order + foreign).job_ids._set_state("done")
        self.assertEqual(self._get_figures(order)["cost_labour"], 30.0)
        self.assertEqual(self._get_figures(foreign)["cost_labour"], 50.0)
        rows = self.env["aftersales.analysis"].with_user(user).search([])
        self.assertIn(foreign, rows.order_id)
        rows = rows.with_context(allowed_company_ids=self.company.ids).search([])
        self.assertNotIn(foreign, rows.order_id)

    def test_one_query_whatever_the_number_of_orders(self):
        orders = self._create_order([(self.labour, 1)]) + self._create_order(
            [(self.labour, 1)]
        )
        self._finish_order(self._approve(orders))
        self.env.flush_all()
        self.env.invalidate_all()
        Analysis = self.env["aftersales.analysis"].with_user(self.manager)
        Analysis._read_group([], ["payer_id"], ["margin:sum"])
        self.env.invalidate_all()
        # The rows; the rules read the user once more.
        with self.assertQueryCount(3):
            Analysis._read_group([], ["payer_id"], ["margin:sum"])
