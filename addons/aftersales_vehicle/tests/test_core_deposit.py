from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestCoreDeposit(ReceptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account_deposits = cls.env["account.account"].create(
            {
                "name": "Core deposits",
                "code": "112200",
                "account_type": "asset_current",
            }
        )
        cls.charge = cls.env["product.product"].create(
            {
                "name": "Core charge, alternator",
                "type": "service",
                "standard_price": 40,
                "aftersales_is_core_charge": True,
                "property_account_expense_id": cls.account_deposits.id,
                "purchase_method": "purchase",
                "taxes_id": [Command.clear()],
                "supplier_taxes_id": [Command.clear()],
            }
        )
        cls.part_avco.write(
            {
                "aftersales_core_charge_id": cls.charge.id,
                "aftersales_core_days": 30,
                "aftersales_exchange": True,
                "supplier_taxes_id": [Command.clear()],
            }
        )
        cls.supplier = cls.env["res.partner"].create({"name": "Rebuilder"})
        cls.today = fields.Date.context_today(cls.charge)

    def _buy(self, quantity=1, day=None):
        """Order, receive and bill parts; returns the posted bill."""
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.part_avco.id,
                            "product_qty": quantity,
                            "price_unit": 10,
                        }
                    )
                ],
            }
        )
        purchase.button_confirm()
        charge = purchase.order_line.filtered(
            lambda line: line.product_id == self.charge
        )
        charge.price_unit = 40
        purchase.picking_ids.move_ids.picked = True
        purchase.picking_ids.button_validate()
        purchase.action_create_invoice()
        bill = purchase.invoice_ids
        bill.invoice_date = day or self.today
        bill.action_post()
        return bill

    def _credit(self, quantity=1, price=40):
        refund = self.env["account.move"].create(
            {
                "move_type": "in_refund",
                "partner_id": self.supplier.id,
                "invoice_date": self.today,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.charge.id,
                            "quantity": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        refund.action_post()
        return refund

    def _fit(self, choice="give_up"):
        """Fit one part; returns the order, ready, with its old part."""
        order = self._order([(self.part_avco, 1)], old_parts_choice=choice)
        self._approve(order)
        return self._finish_order(order)

    def _deposits(self, bill):
        return self.env["aftersales.core"].search(
            [("bill_line_id", "in", bill.invoice_line_ids.ids)]
        )

    def test_the_deposit_is_ordered_billed_sent_back_and_credited_to_zero(self):
        bill = self._buy(2)
        cores = self._deposits(bill)
        self.assertEqual(cores.mapped("amount"), [40.0, 40.0])
        self.assertEqual(cores.product_id, self.part_avco)
        self.assertEqual(cores[0].date_due, self.today + timedelta(30))
        self.assertEqual(self._balance(self.account_deposits), 80.0)
        order = self._fit()
        part = order.old_part_ids
        core = part.core_ids
        self.assertEqual(core.state, "held")
        self.assertEqual(core, cores[0], "the oldest first")
        part.action_store()
        part.action_give_up(signer="Wang Fang")
        core.with_user(self.advisor).action_send()
        self.assertEqual(part.state, "maker")
        self.assertEqual(core.state, "sent")
        refund = self._credit()
        self.assertEqual(core.state, "credited")
        self.assertEqual(core.credit_id, refund)
        self.assertEqual(core.difference, 0.0)
        self.assertEqual(self._balance(self.account_deposits), 40.0)
        self._credit()
        self.assertEqual(self._balance(self.account_deposits), 0.0)

    def test_a_credit_that_is_short_shows_the_difference(self):
        core = self._deposits(self._buy())
        order = self._fit()
        order.old_part_ids.action_give_up(signer="Wang Fang")
        core.action_send()
        self._credit(price=30)
        self.assertEqual(core.amount_credited, 30.0)
        self.assertEqual(core.difference, 10.0)

    def test_a_credit_note_reset_to_draft_takes_its_match_back(self):
        core = self._deposits(self._buy())
        order = self._fit()
        order.old_part_ids.action_give_up(signer="Wang Fang")
        core.action_send()
        refund = self._credit()
        refund.button_draft()
        self.assertEqual(core.state, "sent")
        refund.action_post()
        self.assertEqual(core.state, "credited")

    def test_a_bill_posted_again_opens_its_deposits_once(self):
        bill = self._buy(2)
        bill.button_draft()
        self.assertFalse(self._deposits(bill))
        bill.action_post()
        self.assertEqual(len(self._deposits(bill)), 2)

    def test_a_bill_whose_core_is_here_is_not_reset(self):
        bill = self._buy()
        self._fit()
        with self.assertRaisesRegex(UserError, "tied to old parts"):
            bill.button_draft()

    def test_a_customer_who_keeps_the_core_pays_the_deposit(self):
        self.category_car.gate_pass_required = False
        core = self._deposits(self._buy())
        order = self._fit("keep")
        order.old_part_ids.action_return()
        self.assertEqual(core.state, "kept")
        core.with_user(self.advisor).action_charge()
        core.action_charge()
        self.assertEqual(core.sale_order_id.amount_untaxed, 40.0)
        order.action_invoice()
        order.invoice_ids.filtered(lambda move: move.state == "draft").action_post()
        self.assertEqual(sum(order.invoice_ids.mapped("amount_untaxed")), 20.0 + 40.0)

    def test_scrapped_is_lost_and_says_why(self):
        core = self._deposits(self._buy())
        order = self._fit()
        order.old_part_ids.action_give_up(signer="Wang Fang")
        order.old_part_ids.action_scrap(reason="Broken housing")
        self.assertEqual(core.state, "lost")
        self.assertTrue(core.reason)
        other = self._deposits(self._buy())
        with self.assertRaisesRegex(UserError, "say why"):
            other.action_lose()

    def test_no_old_part_leaves_the_deposit_open(self):
        core = self._deposits(self._buy())
        order = self._fit()
        order.old_part_ids.action_none(reason="Had none")
        self.assertEqual(core.state, "open")
        self.assertFalse(core.old_part_id)

    def test_the_window_alarms_before_it_closes(self):
        core = self._deposits(self._buy(day=self.today - timedelta(25)))
        order = self._fit()
        self.team.user_id = self.manager
        core._cron_warn_late()
        core._cron_warn_late()
        self.assertEqual(len(core.activity_ids), 1)
        self.assertEqual(core.activity_ids.user_id, self.manager)
        core.date_due = self.today - timedelta(1)
        self.assertTrue(core.is_late)
        self.assertIn(core, core.search([("is_late", "=", True)]))
        self.assertEqual(order.old_part_ids.core_ids, core)

    def test_parts_without_core_and_other_bills_open_none(self):
        before = self.env["aftersales.core"].search_count([("id", "!=", 0)])
        self._stock(self.part_fifo, 1)
        self.assertEqual(
            self.env["aftersales.core"].search_count([("id", "!=", 0)]), before
        )

    def test_the_customer_is_charged_in_the_currency_of_the_quotation(self):
        self.category_car.gate_pass_required = False
        yuan = self.env["res.currency"].create(
            {
                "name": "CNT",
                "symbol": "¥",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 5.0})],
            }
        )
        self.payer_customer.pricelist_id = self.env["product.pricelist"].create(
            {"name": "In yuan", "currency_id": yuan.id}
        )
        core = self._deposits(self._buy())
        order = self._fit("keep")
        order.old_part_ids.action_return()
        core.action_charge()
        self.assertEqual(core.sale_order_id.currency_id, yuan)
        self.assertEqual(core.sale_order_id.amount_untaxed, 200.0)

    def test_the_store_does_not_bill_customers(self):
        self.category_car.gate_pass_required = False
        core = self._deposits(self._buy())
        order = self._fit("keep")
        order.old_part_ids.action_return()
        with self.assertRaises(AccessError):
            core.with_user(self.storekeeper).action_charge()
        with self.assertRaisesRegex(AccessError, "can't be rewritten"):
            core.with_user(self.storekeeper).amount = 1
        self.assertFalse(core.sale_order_id)

    def test_a_credit_for_a_core_never_sent_is_taken_back_to_open(self):
        core = self._deposits(self._buy())
        refund = self._credit()
        self.assertEqual(core.state, "credited")
        refund.button_draft()
        self.assertEqual(core.state, "open")

    def _send_core(self):
        """Buy a part, fit it, and send its core; returns the deposit."""
        core = self._deposits(self._buy())
        self._fit().old_part_ids.action_give_up(signer="Wang Fang")
        core.action_send()
        return core

    def test_a_negative_line_of_a_bill_is_a_credit(self):
        core = self._send_core()
        held = self._deposits(self._buy())
        self._fit()
        self.assertEqual(held.state, "held")
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "invoice_date": self.today,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.charge.id,
                            "quantity": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for quantity, price in ((2, 40), (-1, 40), (1, -40))
                ],
            }
        )
        bill.action_post()
        fresh = self._deposits(bill)
        self.assertEqual(fresh.mapped("amount"), [40.0, 40.0])
        self.assertEqual(core.state, "credited")
        self.assertEqual((core.credit_id, core.difference), (bill, 0.0))
        self.assertEqual(sorted(fresh.mapped("state")), ["credited", "open"])
        self.assertEqual(held.state, "held", "what is here is not paid back yet")
        bill.button_draft()
        self.assertEqual(core.state, "sent")
        self.assertFalse(fresh.exists())

    def test_a_reversed_bill_gives_its_own_deposits_back(self):
        other = self._send_core()
        bills = self._buy() | self._buy()
        cores = [self._deposits(bill) for bill in bills]
        self._fit()
        self.assertEqual([core.state for core in cores], ["held", "open"])
        refunds = bills._reverse_moves([{"invoice_date": self.today}] * 2)
        refunds.action_post()
        for bill, core in zip(bills, cores, strict=True):
            self.assertEqual(core.state, "credited")
            self.assertEqual(core.credit_id.reversed_entry_id, bill)
        self.assertEqual(other.state, "sent")
        refunds.button_draft()
        self.assertEqual([core.state for core in cores], ["held", "open"])

    def test_a_charge_the_buyer_deleted_is_not_ordered_again(self):
        purchases = self.env["purchase.order"].create(
            [
                {
                    "partner_id": self.supplier.id,
                    "order_line": [
                        Command.create(
                            {"product_id": self.part_avco.id, "product_qty": 1}
                        )
                    ],
                }
                for _purchase in range(2)
            ]
        )
        purchases[0].button_confirm()
        charge = purchases[0].order_line.filtered(
            lambda line: line.product_id == self.charge
        )
        # It waits for its second approval, where lines may still be deleted.
        purchases[0].state = "to approve"
        charge.unlink()
        purchases.button_confirm()
        self.assertEqual(purchases[0].order_line.product_id, self.part_avco)
        self.assertEqual(
            purchases[1].order_line.product_id, self.part_avco | self.charge
        )
