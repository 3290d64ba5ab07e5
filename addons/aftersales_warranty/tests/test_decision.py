from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestDecision(WarrantyCommon):
    """Exchange, refund, damages: proposed by one, decided by another, then made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls._create_user("head", "aftersales_warranty.warranty_group_head")
        cls.account_share = cls.env["account.account"].create(
            {"name": "Goodwill shares", "code": "650990", "account_type": "expense"}
        )
        cls.payer_goodwill.share_account_id = cls.account_share
        cls.tax_account = cls.env["account.account"].create(
            {"name": "Tax", "code": "251990", "account_type": "liability_current"}
        )
        repartition = [
            Command.create({"repartition_type": "base"}),
            Command.create(
                {"repartition_type": "tax", "account_id": cls.tax_account.id}
            ),
        ]
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "Goods 13%",
                "amount": 13,
                "type_tax_use": "sale",
                "price_include_override": "tax_excluded",
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": repartition,
            }
        )
        cls.warehouse.out_type_id.aftersales_create_assets = True
        cls.car = cls.env["product.product"].create(
            {
                "name": "Sedan",
                "is_storable": True,
                "tracking": "serial",
                "standard_price": 100000.0,
                "list_price": 150000.0,
                "categ_id": cls.category_avco_auto.id,
                "taxes_id": [Command.set(cls.tax.ids)],
            }
        )

    def _create_entitled(self, **values):
        """Return an order whose fifth repair of a fault is due, price 150,000."""
        self._register(price=150000)
        self._repair(self.fault_noise, times=4)
        return self._create_order(
            {
                "lines": [(self.part_avco, 1)],
                "fault_id": self.fault_noise.id,
                "technician_id": self.employee.id,
            },
            meter_in=12000,
            **values,
        )

    def _sell_car(self, price=132743.36, serial="VIN-1", quantity=1):
        """Sell and invoice a car: 150,000.00 with 13 % tax; return its asset."""
        lots = self._stock_serial(
            [f"{serial}-{index}" for index in range(quantity)], self.car
        )
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.car.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                        }
                    )
                ],
            }
        )
        sale.action_confirm()
        picking = sale.picking_ids
        picking.move_ids.lot_ids = lots
        picking.move_ids.picked = True
        picking.button_validate()
        invoice = sale._create_invoices()
        invoice.invoice_date = fields.Date.subtract(fields.Date.today(), years=1)
        invoice.action_post()
        asset = self.env["aftersales.asset"].search([("lot_id", "in", lots.ids)])
        asset.category_id = self.category
        return asset, invoice

    def _create_entitled_buyer(self):
        """Sell the car, register it and bring it to its fifth repair."""
        self.asset, invoice = self._sell_car()
        self.asset.meter = 12000
        sale_line = invoice.invoice_line_ids.sale_line_ids
        self._register(price=sale_line._get_price_paid(), sale_line_id=sale_line.id)
        self._repair(self.fault_noise, times=4)
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id},
            meter_in=12000,
        )
        return order, invoice

    def _propose(self, order, kind, user=None, **values):
        return (
            order.with_user(user or self.advisor)
            .action_propose_decision(kind=kind, reason="Knocks again", **values)
            .with_user(self.env.user)
        )

    # Proposal

    def test_return_takes_the_right_and_its_working(self):
        order = self._create_entitled()
        decision = self._propose(order, "return")
        self.assertEqual(decision.rule_id.code, "T-4X")
        self.assertFalse(decision.is_special)
        # 150,000 × 12,000 km ÷ 1,000 × 0.5 %
        self.assertEqual(decision.working["deduction"], 9000)
        self.assertEqual(decision.amount, 141000)
        self.assertIn("9,000.00", decision.working_text)
        self.assertIn("number 5", decision.right_text)
        self.assertIn("9,000.00", decision.right_text)

    def test_proposal_keeps_its_figures(self):
        order = self._create_entitled()
        decision = self._propose(order, "return")
        order.meter_in = 20000
        decision.registration_id.price = 1
        self.env.invalidate_all()
        self.assertEqual(decision.amount, 141000)
        self.assertEqual(decision.working["km"], 12000)
        with self.assertRaisesRegex(UserError, "Withdraw"):
            decision.with_user(self.manager).amount = 1

    def test_form_shows_the_figure_before_the_proposal(self):
        order = self._create_entitled()
        form = Form(
            self.env["aftersales.warranty.decision"].with_context(
                default_order_id=order.id
            ),
            "aftersales_warranty.decision_view_form_propose",
        )
        form.kind = "return"
        self.assertEqual(form.amount, 141000)
        self.assertIn("9,000.00", form.working_text)
        self.assertEqual(form.rule_id.code, "T-4X")
        form.reason = "Wants the money back"
        self.assertEqual(form.save().amount, 141000)

    def test_working_can_not_be_made_up(self):
        order = self._create_entitled()
        decision = self._propose(
            order,
            "return",
            user=self.technician,
            working={"refund": 1},
            is_special=False,
            decision_user_id=self.manager.id,
            user_id=self.manager.id,
        )
        self.assertEqual(decision.working["refund"], 141000)
        self.assertEqual(decision.user_id, self.technician)
        self.assertFalse(decision.decision_user_id)

    def test_more_than_the_right_gives_is_a_special_case(self):
        decision = self._propose(self._create_entitled(), "return", amount=150000)
        self.assertTrue(decision.is_special)

    def test_right_that_is_not_reached_is_refused(self):
        order = self._create_order()
        rule = self.version_car.rule_ids.filtered(lambda rule: rule.code == "T-4X")
        with self.assertRaisesRegex(UserError, "special case"):
            self._propose(order, "exchange", rule_id=rule.id, amount=10)

    def test_proposal_needs_a_reason_and_an_amount(self):
        order = self._create_order()
        with self.assertRaisesRegex(UserError, order.name):
            order.action_propose_decision(kind="compensation", reason=" ")
        with (
            self.assertRaisesRegex(IntegrityError, "amount_positive"),
            mute_logger("odoo.sql_db"),
        ):
            self._propose(order, "compensation")

    def test_one_open_exchange_or_return_per_asset(self):
        order = self._create_entitled()
        self._propose(order, "return")
        with (
            self.assertRaisesRegex(IntegrityError, "open_once"),
            mute_logger("odoo.sql_db"),
        ):
            self._propose(order, "exchange")

    # Roles

    def test_technician_proposes_and_never_decides(self):
        order = self._create_entitled()
        decision = self._propose(order, "return", user=self.technician)
        self.env["aftersales.warranty.limit"].create(
            {
                "kind": "return",
                "group_id": self.env.ref("aftersales.aftersales_group_user").id,
                "is_unlimited": True,
            }
        )
        mine = decision.with_user(self.technician)
        self.assertFalse(mine.can_decide)
        with self.assertRaisesRegex(AccessError, decision.name):
            mine.action_approve()
        with self.assertRaisesRegex(AccessError, decision.name):
            mine.action_refuse(reason="No")
        with self.assertRaises(UserError):
            mine.write({"state": "approved"})

    def test_technician_proposes_on_own_orders_only(self):
        order = self._create_order()
        with self.assertRaises(AccessError):
            self._propose(order, "compensation", user=self.technician, amount=10)
        mine = self._create_entitled()
        decision = self._propose(mine, "return", user=self.technician)
        self.assertTrue(decision.with_user(self.technician).can_withdraw)
        decision.with_user(self.technician).action_cancel(reason="Mistake")
        decision.with_user(self.technician).action_cancel(reason="Mistake")
        self.assertEqual(decision.state, "cancel")
        again = self._propose(mine, "return", user=self.technician)
        again.with_user(self.head).action_approve()
        self.assertFalse(again.with_user(self.technician).can_withdraw)
        with self.assertRaisesRegex(AccessError, again.name):
            again.with_user(self.technician).action_cancel(reason="Mistake")

    def test_limits_reach_as_far_as_they_say(self):
        order = self._create_order()
        small = self._propose(order, "compensation", amount=2000)
        large = self._propose(order, "compensation", amount=2000.01)
        self.assertTrue(small.with_user(self.manager).can_decide)
        self.assertFalse(small.with_user(self.advisor).can_decide)
        self.assertFalse(large.with_user(self.manager).can_decide)
        with self.assertRaisesRegex(AccessError, "Head of After-Sales"):
            (small + large).with_user(self.manager).action_approve()
        self.assertEqual(small.state, "proposed", "none of the batch moved")
        (small + large).with_user(self.head).action_approve()
        self.assertEqual((small + large).mapped("state"), ["approved"] * 2)
        self.assertEqual((small + large).decision_user_id, self.head)

    def test_exchange_without_a_right_is_for_the_highest_role(self):
        order = self._create_order()
        decision = self._propose(order, "exchange", amount=100)
        self.assertTrue(decision.is_special)
        with self.assertRaisesRegex(AccessError, "Special cases.*Head of After-Sales"):
            decision.with_user(self.manager).action_approve()
        decision.with_user(self.head).action_approve()
        self.assertEqual(decision.state, "approved")

    def test_exchange_with_a_right_is_for_the_manager(self):
        order = self._create_entitled()
        decision = self._propose(order, "exchange", amount=15000)
        decision.with_user(self.manager).action_approve()
        self.assertEqual(decision.state, "approved")

    def test_limit_of_the_company_goes_before_the_common_one(self):
        order = self._create_order()
        decision = self._propose(order, "compensation", amount=1500)
        self.assertTrue(decision.with_user(self.manager).can_decide)
        self.env["aftersales.warranty.limit"].create(
            {
                "kind": "compensation",
                "group_id": self.manager.group_ids.filtered(
                    lambda group: group.privilege_id
                ).id,
                "company_id": self.company.id,
                "amount": 1000,
            }
        )
        decision.invalidate_recordset()
        self.assertFalse(decision.with_user(self.manager).can_decide)

    def test_technicians_get_no_limit(self):
        with self.assertRaisesRegex(ValidationError, "advisors"):
            self.env["aftersales.warranty.limit"].create(
                {
                    "kind": "return",
                    "group_id": self.env.ref(
                        "aftersales.aftersales_group_technician"
                    ).id,
                    "amount": 1,
                }
            )

    def test_two_companies_see_their_own(self):
        order = self._create_order()
        decision = self._propose(order, "compensation", amount=10)
        other = self.env["res.company"].create({"name": "Sister"})
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "stranger",
                "company_id": other.id,
                "company_ids": [Command.set(other.ids)],
                "group_ids": [
                    Command.link(
                        self.env.ref("aftersales_warranty.warranty_group_head").id
                    )
                ],
            }
        )
        with self.assertRaises(AccessError):
            decision.with_user(stranger).action_approve()
        self.assertNotIn(
            stranger, decision._get_sufficient_limits()._get_users(self.company)
        )

    # Who is told

    def test_who_may_decide_is_asked_and_the_proposer_told(self):
        self.team.member_ids |= self.manager
        order = self._create_entitled()
        decision = self._propose(order, "exchange", user=self.technician, amount=15000)
        self.assertEqual(decision.activity_ids.user_id, self.manager)
        before = order.message_ids
        decision.with_user(self.manager).action_refuse(reason="First repair it")
        self.assertEqual(decision.state, "refused")
        self.assertEqual(decision.answer, "First repair it")
        self.assertFalse(decision.activity_ids)
        message = decision.message_ids[0]
        self.assertIn("First repair it", message.body)
        self.assertIn(self.technician.partner_id, message.partner_ids)
        self.assertIn("First repair it", (order.message_ids - before).body)
        told = (decision.message_ids | order.message_ids).notified_partner_ids
        self.assertNotIn(self.customer, told)
        self.assertNotIn(self.customer, decision.message_partner_ids)

    def test_refusal_needs_a_reason(self):
        decision = self._propose(self._create_order(), "compensation", amount=10)
        with self.assertRaisesRegex(UserError, decision.name):
            decision.with_user(self.manager).action_refuse(reason="")

    # What follows

    def test_exchange_begins_the_guarantee_anew(self):
        self.pack_car.restart_on_exchange = True
        order = self._create_entitled()
        old = self.asset.registration_ids
        decision = self._propose(order, "exchange", amount=15000)
        decision.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(UserError, "serial number"):
            decision.with_user(self.manager).action_settle()
        decision.with_user(self.advisor).new_serial = "NEW-1"
        decision.with_user(self.advisor).action_settle()
        decision.with_user(self.advisor).action_settle()
        self.assertEqual(decision.state, "settled")
        new = decision.new_asset_id
        self.assertEqual(new.serial, "NEW-1")
        self.assertEqual(new.partner_id, self.customer)
        self.assertEqual(old.state, "ended")
        self.assertEqual(len(new.registration_ids), 1)
        self.assertEqual(new.registration_ids.previous_id, old)
        self.assertEqual(new.registration_ids.date_start, fields.Date.today())
        self.assertEqual(decision.new_registration_ids, new.registration_ids)

    def test_exchange_without_restart_goes_on(self):
        self.pack_car.restart_on_exchange = False
        order = self._create_entitled()
        old = self.asset.registration_ids
        decision = self._propose(order, "exchange", amount=15000, new_serial="NEW-2")
        decision.with_user(self.manager).action_approve()
        self.assertEqual(decision.state, "settled", "the serial was known")
        self.assertEqual(
            decision.new_asset_id.registration_ids.date_start, old.date_start
        )

    def test_serial_of_somebody_else_is_refused(self):
        order = self._create_entitled()
        self.env["aftersales.asset"].create(
            {
                "name": "Foreign",
                "serial": "TAKEN",
                "partner_id": self.fleet.id,
                "company_id": self.company.id,
            }
        )
        decision = self._propose(order, "exchange", amount=15000)
        decision.with_user(self.manager).action_approve()
        decision.new_serial = "TAKEN"
        with self.assertRaisesRegex(UserError, "TAKEN.*Blue Fleet"):
            decision.with_user(self.manager).action_settle()

    def test_delivering_the_exchange_is_no_new_sale(self):
        self.pack_car.restart_on_exchange = False
        self.pack_car.product_ids = self.car
        self.pack_car.start_basis = "delivery"
        asset, _invoice = self._sell_car()
        old = asset.registration_ids
        old_start = fields.Date.subtract(fields.Date.today(), months=6)
        old.date_start = old_start
        lot = self._stock_serial(["VIN-2"], self.car)
        decision = self.env["aftersales.warranty.decision"].create(
            {
                "asset_id": asset.id,
                "kind": "exchange",
                "amount": 150000,
                "reason": "Cannot be repaired",
                "lot_id": lot.id,
            }
        )
        decision.with_user(self.head).action_approve()
        new = decision.new_asset_id
        self.assertEqual(new.registration_ids.date_start, old_start)
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.customer.property_stock_customer.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.car.id,
                            "product_uom_qty": 1,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": (
                                self.customer.property_stock_customer.id
                            ),
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.lot_ids = lot
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(decision.date_handed_over, fields.Date.today())
        self.assertEqual(len(new.registration_ids), 1)
        self.assertEqual(new.registration_ids.state, "active")
        self.assertEqual(new.registration_ids.date_start, old_start)

    def test_longer_guarantee_follows_the_first(self):
        extended = self._create_pack(
            [
                {
                    "code": "T-LONG",
                    "name": "Free repair",
                    "period": 10,
                    "parts_charge": "free",
                    "bearer": "warranty",
                }
            ],
            name="Longer",
            code="T-LONGER",
            kind="extended",
        )
        registration = self._register()
        decision = self._propose(
            self._create_order(),
            "extension",
            pack_id=extended.id,
            months=12,
            amount=500,
        )
        decision.with_user(self.manager).action_approve()
        decision.with_user(self.manager).action_approve()
        self.assertEqual(decision.state, "settled")
        new = decision.new_registration_ids
        self.assertEqual(len(new), 1)
        self.assertEqual(new.pack_id, extended)
        self.assertEqual(new.previous_id, registration)
        self.assertEqual(new.date_start, fields.Date.add(registration.date_end, days=1))
        self.assertEqual(
            new.date_end,
            fields.Date.subtract(fields.Date.add(new.date_start, months=12), days=1),
        )

    # Money

    def test_refund_credits_the_sale_less_the_deduction(self):
        order, invoice = self._create_entitled_buyer()
        account_use = self.env["account.account"].create(
            {"name": "Use", "code": "400990", "account_type": "income"}
        )
        self.company.aftersales_use_deduction_account_id = account_use
        decision = self._propose(order, "return")
        self.assertEqual(decision.amount, 141000)
        decision.with_user(self.head).action_approve()
        decision.with_user(self.head).action_approve()
        decision.with_user(self.head).action_settle()
        credit = decision.move_ids
        self.assertEqual(len(credit), 1)
        self.assertEqual(credit.state, "draft")
        self.assertEqual(credit.amount_total, 141000)
        self.assertEqual(credit.reversed_entry_id, invoice)
        self.assertEqual(credit.line_ids.aftersales_order_id, order)
        sold = credit.invoice_line_ids.filtered("product_id")
        self.assertEqual(sold.price_total, 150000)
        self.assertEqual(sold.account_id, invoice.invoice_line_ids.account_id)
        self.assertEqual(decision.state, "approved")
        credit.action_post()
        self.assertEqual(decision.state, "settled")
        self.assertEqual(decision.amount_settled, 141000)
        self.assertEqual(set(self.asset.registration_ids.mapped("state")), {"ended"})
        # 132,743.36 less 7,964.60 net; 17,256.64 less 1,035.40 tax.
        self.assertEqual(self._balance(self.account_income, order), 132743.36)
        self.assertEqual(self._balance(account_use, order), -7964.60)
        self.assertEqual(self._balance(self.tax_account, order), 16221.24)
        receivable = self.customer.property_account_receivable_id
        self.assertEqual(self._balance(receivable, order), -141000)
        # The car goes back into stock at the cost it was sold at.
        self.assertEqual(
            self._balance(self.account_stock_valuation, order),
            -self._balance(self.account_expense, order),
        )

    def test_reversal_brings_the_refund_back_to_zero(self):
        order, _invoice = self._create_entitled_buyer()
        decision = self._propose(order, "return")
        decision.with_user(self.head).action_approve()
        credit = decision.move_ids
        credit.action_post()
        running = decision.ended_registration_ids
        self.assertTrue(running)
        credit._reverse_moves([{"invoice_date": fields.Date.today()}], cancel=True)
        self.assertEqual(decision.amount_settled, 0)
        self.assertEqual(decision.state, "approved")
        self.assertEqual(set(running.mapped("state")), {"active"})
        for account in (
            self.account_income,
            self.tax_account,
            self.account_expense,
            self.account_stock_valuation,
            self.customer.property_account_receivable_id,
        ):
            self.assertEqual(self._balance(account, order), 0, account.name)
        decision.with_user(self.head).action_settle()
        self.assertEqual(len(decision.move_ids), 2, "made anew")
        decision.move_ids.filtered(lambda move: move.state == "draft").action_post()
        self.assertEqual(decision.state, "settled")
        self.assertEqual(decision.amount_settled, 141000)

    def test_draft_that_is_reset_opens_the_decision(self):
        order, _invoice = self._create_entitled_buyer()
        decision = self._propose(order, "return")
        decision.with_user(self.head).action_approve()
        decision.move_ids.action_post()
        decision.move_ids.button_draft()
        self.assertEqual(decision.state, "approved")
        decision.with_user(self.head).action_cancel(reason="Customer keeps it")
        self.assertEqual(decision.state, "cancel")
        self.assertEqual(decision.move_ids.state, "cancel")

    def test_price_cut_is_a_part_of_the_sale(self):
        order, invoice = self._create_entitled_buyer()
        decision = self._propose(order, "price_cut", amount=1130)
        decision.with_user(self.manager).action_approve()
        credit = decision.move_ids
        self.assertEqual(credit.amount_total, 1130)
        self.assertEqual(credit.amount_tax, 130)
        self.assertEqual(
            credit.invoice_line_ids.account_id, invoice.invoice_line_ids.account_id
        )
        credit.action_post()
        self.assertEqual(decision.state, "settled")
        self.assertEqual(self._balance(self.account_income, order), 1000)
        self.assertEqual(self._balance(self.account_expense, order), 0, "no cost back")

    def test_no_more_is_credited_than_was_paid(self):
        order, invoice = self._create_entitled_buyer()
        cut = self._propose(order, "price_cut", amount=10000)
        cut.with_user(self.head).action_approve()
        cut.move_ids.action_post()
        decision = self._propose(order, "return")
        with self.assertRaisesRegex(UserError, f"{invoice.name}.*140,000.00"):
            decision.with_user(self.head).action_approve()
        decision.with_user(self.head).action_cancel(reason="Too much")
        less = self._propose(order, "return", amount=140000)
        less.with_user(self.head).action_approve()
        self.assertEqual(less.move_ids.amount_total, 140000)

    def test_one_of_two_cars_is_refunded(self):
        assets, _invoice = self._sell_car(quantity=2)
        decision = self.env["aftersales.warranty.decision"].create(
            {
                "asset_id": assets[0].id,
                "kind": "return",
                "amount": 150000,
                "reason": "Cannot be repaired",
            }
        )
        decision.with_user(self.head).action_approve()
        self.assertEqual(decision.move_ids.amount_total, 150000)
        self.assertEqual(decision.move_ids.invoice_line_ids.quantity, 1)

    def test_damages_are_ours_without_taxes(self):
        orders = self._create_order() | self._create_order()
        decisions = self._propose(orders, "compensation", amount=300.5)
        decisions.with_user(self.manager).action_approve()
        credits = decisions.move_ids
        self.assertEqual(credits.mapped("amount_total"), [300.5, 300.5])
        self.assertEqual(credits.partner_id, self.customer)
        self.assertFalse(credits.invoice_line_ids.tax_ids)
        credits.action_post()
        self.assertEqual(decisions.mapped("state"), ["settled"] * 2)
        self.assertEqual(self._balance(self.account_share, orders[0]), 300.5)
        credits._reverse_moves(
            [{"invoice_date": fields.Date.today()} for _credit in credits], cancel=True
        )
        self.assertEqual(decisions.mapped("state"), ["approved"] * 2)
        self.assertEqual(self._balance(self.account_share), 0)

    def test_refund_of_what_we_did_not_sell_is_on_our_account(self):
        order = self._create_entitled()
        decision = self._propose(order, "return")
        decision.with_user(self.head).action_approve()
        self.assertEqual(
            decision.move_ids.invoice_line_ids.account_id, self.account_share
        )
        self.assertEqual(decision.move_ids.amount_total, 141000)

    def test_second_owner_gets_no_credit_on_the_first_owners_invoice(self):
        order, _invoice = self._create_entitled_buyer()
        self.asset.partner_id = self.fleet
        other = self._create_order(partner_id=self.fleet.id)
        decision = self._propose(other, "price_cut", amount=100)
        decision.with_user(self.head).action_approve()
        self.assertFalse(decision.move_ids.reversed_entry_id)
        self.assertEqual(decision.move_ids.partner_id, self.fleet)
