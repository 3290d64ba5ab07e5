from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestMoney(ReceptionCommon):
    """To the cent, in two companies of different currencies.

    A rebuilt part is bought with a deposit for its core, fitted and billed with a
    loaner's fee; the core goes back and is credited. Then all of it is reversed.
    """

    PRICE, LABOUR, FEE, DEPOSIT = 20.0, 80.0, 60.0, 40.0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category_car.gate_pass_required = False
        cls.supplier = cls.env["res.partner"].create({"name": "Rebuilder"})
        cls.charge = cls.env["product.product"].create(
            {
                "name": "Core charge",
                "type": "service",
                "aftersales_is_core_charge": True,
                "purchase_method": "purchase",
                "taxes_id": [Command.clear()],
                "supplier_taxes_id": [Command.clear()],
            }
        )
        cls.costs = {cls.part_standard: 10.0, cls.part_avco: 13.0, cls.part_fifo: 10.0}
        for part in cls.costs:
            part.write(
                {
                    "aftersales_core_charge_id": cls.charge.id,
                    "aftersales_exchange": True,
                    "supplier_taxes_id": [Command.clear()],
                }
            )
        cls.other_company.currency_id = cls.setup_other_currency(
            "EUR", rates=[("2020-01-01", 0.8)]
        )

    def _work_in(self, company):
        """Let everything of this test happen in ``company``, and nowhere else."""
        self.env = self.env(
            context={**self.env.context, "allowed_company_ids": company.ids}
        )
        self.env.user.company_id = company
        for name in ("supplier", "charge", "customer", "labour", "category_car"):
            setattr(self, name, getattr(self, name).with_env(self.env))
        self.company = company.with_env(self.env)
        self.costs = {
            part.with_env(self.env): cost for part, cost in self.costs.items()
        }
        company.inventory_valuation = "real_time"
        for part, method in zip(
            self.costs, ("standard", "average", "fifo"), strict=True
        ):
            part.categ_id.write(
                {
                    "property_valuation": "real_time",
                    "property_cost_method": method,
                }
            )
            part.standard_price = 10.0
        self.account_deposits = self.env["account.account"].create(
            {
                "name": "Core deposits",
                "code": "112200",
                "account_type": "asset_current",
                "company_ids": [Command.set(company.ids)],
            }
        )
        self.charge.property_account_expense_id = self.account_deposits
        self.warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )
        self.picking_type_in = self.warehouse.in_type_id
        self.stock_location = self.warehouse.lot_stock_id
        self.team = self.env["aftersales.team"].create(
            {
                "name": "Shop",
                "company_id": company.id,
                "warehouse_id": self.warehouse.id,
            }
        )
        self.vehicle = self._create_vehicle(
            company_id=company.id, plate="沪A·77777", serial=self.VIN_EUROPE
        )
        self.loaner = self.env["resource.resource"].create(
            {
                "name": "Polo",
                "resource_type": "material",
                "aftersales_role": "loaner",
                "company_id": company.id,
                "calendar_id": False,
            }
        )

    def _buy(self, part):
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "order_line": [
                    Command.create({"product_id": part.id, "price_unit": 16})
                ],
            }
        )
        purchase.button_confirm()
        charge = purchase.order_line.filtered(
            lambda line: line.product_id == self.charge
        )
        charge.price_unit = self.DEPOSIT
        purchase.picking_ids.move_ids.picked = True
        purchase.picking_ids.button_validate()
        purchase.action_create_invoice()
        bill = purchase.invoice_ids
        bill.invoice_date = fields.Date.context_today(bill)
        bill.action_post()
        return bill

    def _credit(self):
        refund = self.env["account.move"].create(
            {
                "move_type": "in_refund",
                "company_id": self.company.id,
                "partner_id": self.supplier.id,
                "invoice_date": fields.Date.context_today(self.company),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.charge.id,
                            "price_unit": self.DEPOSIT,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        refund.action_post()
        return refund

    def _visit_with_loaner(self, part):
        order = self._order([(part, 1), (self.labour, 1)], user_id=self.env.uid)
        start = fields.Datetime.now().replace(microsecond=0)
        loan = self.env["aftersales.loan"].create(
            {
                "order_id": order.id,
                "resource_id": self.loaner.id,
                "date_from": start,
                "date_due": start + timedelta(days=2),
                "price_day": self.FEE / 2,
            }
        )
        loan.job_id.line_ids.product_id.taxes_id = [Command.clear()]
        self._finish_order(self._approve(order))
        loan.booking_id.action_cancel()
        return order

    def _get_partner_balance(self, partner):
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", partner.id),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company.id),
                (
                    "account_type",
                    "in",
                    ("asset_receivable", "liability_payable"),
                ),
            ]
        )
        return self.company.currency_id.round(sum(lines.mapped("balance")))

    def _get_quantity(self, part, location):
        quants = self.env["stock.quant"].search(
            [("product_id", "=", part.id), ("location_id", "child_of", location.id)]
        )
        return sum(quants.mapped("quantity"))

    def _assert_flow(self, part, cost):
        self._stock(part, 1, 10.0)
        bill = self._buy(part)
        core = self.env["aftersales.core"].search(
            [("bill_line_id", "in", bill.line_ids.ids)]
        )
        self.assertEqual(core.currency_id, self.company.currency_id)
        self.assertEqual(self._balance(self.account_deposits), self.DEPOSIT)
        self.assertEqual(self._get_partner_balance(self.supplier), -56.0)
        value = self._get_value(part)
        order = self._visit_with_loaner(part)
        earned = self.PRICE + self.LABOUR + self.FEE
        self.assertEqual(self._balance(self.company.income_account_id, order), -earned)
        self.assertEqual(self._balance(self.company.expense_account_id, order), cost)
        stock_account = self.company.account_stock_valuation_id
        self.assertEqual(self._balance(stock_account, order), -cost)
        self.assertEqual(self._get_partner_balance(self.customer), earned)
        self.assertEqual(self._get_value(part), value - cost)
        self.assertEqual(self._get_quantity(part, self.stock_location), 1)
        self.assertEqual(core.state, "held")
        order.old_part_ids.action_give_up(signer="Wang Fang")
        core.action_send()
        credit = self._credit()
        self.assertEqual((core.state, core.difference), ("credited", 0.0))
        self.assertEqual(self._balance(self.account_deposits), 0.0)
        self.assertEqual(self._get_partner_balance(self.supplier), -16.0)
        self._assert_reversal(order, bill, credit, core)

    def _assert_reversal(self, order, bill, credit, core):
        self._refund(order.invoice_ids)
        for account in (
            self.company.income_account_id,
            self.company.expense_account_id,
            self.company.account_stock_valuation_id,
        ):
            self.assertEqual(self._balance(account, order), 0.0)
        self.assertEqual(self._get_partner_balance(self.customer), 0.0)
        credit.button_draft()
        credit.button_cancel()
        self.assertEqual(core.state, "sent")
        self.assertEqual(self._balance(self.account_deposits), self.DEPOSIT)
        reversal = self._refund(bill, post=False)
        reversal.invoice_date = fields.Date.context_today(bill)
        reversal.action_post()
        self.assertEqual(core.state, "credited", "the reversal gives it back")
        self.assertEqual(self._balance(self.account_deposits), 0.0)
        self.assertEqual(self._get_partner_balance(self.supplier), 0.0)

    def _assert_flows(self):
        for part, cost in self.costs.items():
            with self.subTest(company=self.company.name, part=part.name):
                self._assert_flow(part, cost)

    def test_to_the_cent_and_back_to_nothing(self):
        self._work_in(self.company)
        self._assert_flows()

    def test_in_another_company_with_another_currency(self):
        self.assertNotEqual(self.other_company.currency_id, self.company.currency_id)
        self._work_in(self.other_company)
        self._assert_flows()

    def test_a_credit_settles_no_deposit_of_another_company(self):
        first = self.company
        self._work_in(first)
        bill = self._buy(next(iter(self.costs)))
        core = self.env["aftersales.core"].search(
            [("bill_line_id", "in", bill.line_ids.ids)]
        )
        self._work_in(self.other_company)
        self._credit()
        self.assertEqual(core.state, "open")
        self.assertEqual(self._balance(self.account_deposits), -self.DEPOSIT)
