from odoo import Command
from odoo.tests import tagged

from .claim_common import ClaimCommon


@tagged("post_install", "-at_install")
class TestPayers(ClaimCommon):
    """What an accountant checks: one order, many payers, and the books to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account_internal = cls._create_account("650940", "expense")
        cls.account_contract = cls._create_account("650950", "expense")
        cls.payer_internal.account_id = cls.account_internal
        cls.payer_contract.account_id = cls.account_contract
        cls.insurer = cls.env["res.partner"].create({"name": "Insurer Ltd."})
        cls.payer_insurer.partner_id = cls.insurer
        cls.payer_supplier.partner_id = cls.supplier
        # Each invoiced payer has its own revenue, cost and receivable.
        cls.own = {
            payer: cls._set_own_accounts(payer, number)
            for number, payer in enumerate((cls.payer_maker, cls.payer_insurer), 1)
        }

    @classmethod
    def _set_own_accounts(cls, payer, number):
        accounts = {
            "revenue": cls._create_account(f"40091{number}", "income"),
            "cost": cls._create_account(f"60091{number}", "expense_direct_cost"),
            "receivable": cls._create_account(
                f"12191{number}", "asset_receivable", reconcile=True
            ),
        }
        receivable = payer.partner_id.with_company(
            cls.company
        ).property_account_receivable_id
        payer.fiscal_position_id = cls.env["account.fiscal.position"].create(
            {
                "name": payer.name,
                "company_id": cls.company.id,
                "account_ids": [
                    Command.create(
                        {"account_src_id": source.id, "account_dest_id": target.id}
                    )
                    for source, target in (
                        (cls.account_income, accounts["revenue"]),
                        (cls.account_expense, accounts["cost"]),
                        (receivable, accounts["receivable"]),
                    )
                ],
            }
        )
        return accounts

    def _get_trial_balance(self, order):
        """Return ``{account: balance}`` of everything the order booked."""
        self.env.flush_all()
        groups = self.env["account.move.line"]._read_group(
            [
                ("aftersales_order_id", "=", order.id),
                ("parent_state", "=", "posted"),
                ("account_id", "!=", False),
            ],
            ["account_id"],
            ["balance:sum"],
        )
        return {
            account: round(balance, 2)
            for account, balance in groups
            if round(balance, 2)
        }

    def _set_tax(self, products):
        tax = self._create_tax(13)
        products.taxes_id = tax
        # A fiscal position that knows no tax takes all of them away.
        tax.fiscal_position_ids = (
            self.payer_maker | self.payer_insurer
        ).fiscal_position_id

    def _create_many(self, part, payers):
        return self._create_order(
            *(
                {
                    "lines": [(part, quantity), (self.labour, 1)],
                    "payer_id": payer.id,
                }
                for quantity, payer in enumerate(payers, 1)
            )
        )

    def _finish(self, order):
        self._approve(order)
        order.action_start()
        self._issue(order)
        order.action_complete()
        order.action_invoice()
        order.claim_ids.filtered(lambda claim: claim.method == "invoice").action_send()
        self._post_drafts(order.invoice_ids)
        order.invalidate_recordset()

    def _test_five_payers(self, part):
        self._stock(part, 20, 10.0)
        self._set_tax(part | self.labour)
        payers = (
            self.payer_customer,
            self.payer_maker,
            self.payer_insurer,
            self.payer_goodwill,
            self.payer_internal,
        )
        order = self._create_many(part, payers)
        before = self._get_value(part)
        self._finish(order)
        # 20 a part and 80 an hour: 100, 120 and 140 before taxes of 13 %.
        by_payer = order.invoice_ids.grouped("aftersales_payer_id")
        self.assertEqual(set(by_payer), set(payers[:3]))
        self.assertEqual(
            [by_payer[payer].amount_total for payer in payers[:3]],
            [113.0, 135.6, 158.2],
        )
        self.assertEqual(by_payer[self.payer_maker].partner_id, self.maker)
        self.assertEqual(by_payer[self.payer_insurer].partner_id, self.insurer)
        consumed = self.env["account.move.line"].search(
            [
                ("aftersales_order_id", "=", order.id),
                (
                    "account_id",
                    "in",
                    (self.account_goodwill | self.account_internal).ids,
                ),
            ]
        )
        # Three invoices and two consumption entries.
        self.assertEqual(len(order.invoice_ids | consumed.move_id), 5)
        maker, insurer = self.own[self.payer_maker], self.own[self.payer_insurer]
        self.assertEqual(
            self._get_trial_balance(order),
            {
                self.account_income: -100.0,
                self.account_expense: 10.0,
                self._receivable(self.customer): 113.0,
                maker["revenue"]: -120.0,
                maker["cost"]: 20.0,
                maker["receivable"]: 135.6,
                insurer["revenue"]: -140.0,
                insurer["cost"]: 30.0,
                insurer["receivable"]: 158.2,
                self.account_goodwill: 40.0,
                self.account_internal: 50.0,
                self.tax_account: -46.8,
                self.account_stock_valuation: -150.0,
            },
        )
        self.assertEqual(self._get_value(part), before - 150.0)
        for move in order.invoice_ids | consumed.move_id:
            self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0)
        # Credit notes, then what was used comes back.
        for invoice in order.invoice_ids:
            self._refund(invoice)
        self.assertEqual(order.claim_ids.state, "cancel")
        order.action_cancel(reason="Wrong asset")
        self.assertEqual(self._get_trial_balance(order), {})
        self.assertEqual(self._get_value(part), before)

    def test_five_payers_with_average_cost(self):
        self._test_five_payers(self.part_avco)

    def test_five_payers_with_fifo(self):
        self._test_five_payers(self.part_fifo)

    def test_five_payers_with_standard_cost(self):
        self._test_five_payers(self.part_standard)

    def test_supplier_and_contract(self):
        self._stock(self.part_avco, 20, 10.0)
        before = self._get_value(self.part_avco)
        order = self._create_many(
            self.part_avco,
            (self.payer_customer, self.payer_supplier, self.payer_contract),
        )
        self._finish(order)
        self.assertEqual(order.invoice_ids.aftersales_payer_id, self.payer_customer)
        booked = {
            self.account_income: -100.0,
            self.account_expense: 10.0,
            self._receivable(self.customer): 100.0,
            self.account_recoverable: 20.0,
            self.account_contract: 30.0,
            self.account_stock_valuation: -60.0,
        }
        self.assertEqual(self._get_trial_balance(order), booked)
        claim = order.claim_ids
        # Parts at cost; work is the supplier's where it was agreed, or asked by hand.
        claim.line_ids.filtered(lambda line: line.product_id == self.labour).unlink()
        claim.action_send()
        claim.move_id.action_post()
        payable = self.supplier.with_company(self.company).property_account_payable_id
        booked.pop(self.account_recoverable)
        self.assertEqual(self._get_trial_balance(order), booked | {payable: 20.0})
        self._refund(claim.move_id)
        self.assertEqual(claim.state, "cancel")
        self._refund(order.invoice_ids)
        order.action_cancel(reason="Wrong asset")
        self.assertEqual(self._get_trial_balance(order), {})
        self.assertEqual(self._get_value(self.part_avco), before)

    def test_shares_by_percent_and_amount(self):
        """Customer, insurer, maker and goodwill share one job; the sum is the work."""
        self._stock(self.part_avco, 5)
        self._set_tax(self.part_avco | self.labour)
        order = self._create_order(
            {
                "lines": [(self.part_avco, 1), (self.labour, 1)],
                "share_ids": [
                    Command.create({"payer_id": self.payer_maker.id, "percentage": 30}),
                    Command.create(
                        {"payer_id": self.payer_goodwill.id, "percentage": 10}
                    ),
                    Command.create(
                        {
                            "payer_id": self.payer_insurer.id,
                            "kind": "fixed",
                            "amount": 22.6,
                        }
                    ),
                ],
            }
        )
        self._finish(order)
        maker, insurer = self.own[self.payer_maker], self.own[self.payer_insurer]
        balance = self._get_trial_balance(order)
        self.assertEqual(
            balance,
            {
                # 100 in full, less 30 and 20 that others ask in their own name.
                self.account_income: -50.0,
                maker["revenue"]: -30.0,
                insurer["revenue"]: -20.0,
                self.account_goodwill: 10.0,
                self.tax_account: -11.7,
                self._receivable(self.customer): 45.2,
                maker["receivable"]: 33.9,
                insurer["receivable"]: 22.6,
                self.account_expense: 10.0,
                self.account_stock_valuation: -10.0,
            },
        )
