from odoo import Command, fields
from odoo.tests import tagged

from .claim_common import ClaimCommon
from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestDay(WarrantyCommon, ClaimCommon):
    """From the sale of a car to the maker's payment, by the people who do it."""

    def test_sold_registered_repaired_claimed_and_paid(self):
        (lot,) = self._stock_serial(["VIN-1"])
        car = lot.product_id
        self.warehouse.out_type_id.aftersales_create_assets = True
        self.pack_car.product_ids = [Command.link(car.id)]
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create({"product_id": car.id, "price_unit": 150000.0})
                ],
            }
        )
        sale.action_confirm()
        sale.picking_ids.move_ids.lot_ids = lot
        sale.picking_ids.move_ids.picked = True
        sale.picking_ids.button_validate()
        asset = self.env["aftersales.asset"].search([("lot_id", "=", lot.id)])
        registration = asset.registration_ids
        self.assertEqual(registration.pack_id, self.pack_car)
        self.assertEqual(registration.date_start, fields.Date.today())
        self.assertEqual(registration.price, 150000.0)
        self.assertEqual(registration.document_state, "looked_up")
        invoice = sale._create_invoices()
        invoice.action_post()
        before = {
            account: self._balance(account)
            for account in (
                self._receivable(self.maker),
                self.account_stock_valuation,
            )
        }

        self._stock(self.part_avco, 2, 10.0)
        self._stock(self.part_standard, 2, 10.0)
        registration.asset_id.meter = 100
        order = (
            self.env["aftersales.order"]
            .with_user(self.advisor)
            .create(
                {
                    "asset_id": asset.id,
                    "team_id": self.team.id,
                    "meter_in": 5600,
                    "complaint": "Knocks when cold",
                    "job_ids": [
                        Command.create(
                            {
                                "name": "Knocking",
                                "fault_id": self.fault_noise.id,
                                "technician_id": self.employee.id,
                                "line_ids": [
                                    Command.create({"product_id": product.id})
                                    for product in (
                                        self.part_avco,
                                        self.labour,
                                        self.part_standard,
                                    )
                                ],
                            }
                        )
                    ],
                }
            )
        )
        order.action_estimate()
        part, labour, filter_line = order.job_ids.line_ids
        self.assertEqual((part | labour).payer_id, self.payer_maker)
        self.assertEqual(filter_line.payer_id, self.payer_customer)
        self.assertIn("5,600", filter_line.verdict_id.explanation)
        order.action_approve(method="phone", signer="Wang Fang")
        order.with_user(self.technician).action_start()
        self._issue(order.sudo())
        order.with_user(self.technician).action_complete()
        order.action_pass_quality()
        order.with_user(self.accountant).action_invoice()
        event = asset.repair_event_ids
        self.assertEqual((event.fault_id, event.is_counted), (self.fault_noise, True))

        order = order.sudo()
        customer_invoice = order.invoice_ids.filtered(
            lambda move: move.partner_id == self.customer
        )
        customer_invoice.action_post()
        self.assertEqual(customer_invoice.amount_untaxed, 20.0)
        claim = order.claim_ids
        self.assertEqual(claim.state, "draft")
        self.assertEqual(claim.move_id.state, "draft")
        claim.with_user(self.advisor).action_send()
        self.assertEqual(claim.move_id.state, "posted")
        self.assertEqual(claim.amount_claimed, 100.0)
        self.assertEqual(
            self._balance(self._receivable(self.maker))
            - before[self._receivable(self.maker)],
            120.0,
            "the maker owes 100, the customer 20",
        )
        claim.with_user(self.accountant).action_settle(reference="PAY-1")
        self.assertEqual(claim.state, "paid")
        order.with_user(self.advisor).action_deliver(meter_out=5601)
        self.assertEqual(order.state, "done")
        self.assertEqual(
            self._balance(self.account_stock_valuation),
            before[self.account_stock_valuation] - 20,
            "two parts at 10.00 left the stock",
        )

    def test_repair_carries_a_guarantee_of_its_own(self):
        """R133, B16: the same fault again within the days and km is ours."""
        repair = self._create_pack(
            [
                {
                    "code": "T-REP",
                    "name": "Our repair",
                    "period": 3,
                    "period_unit": "month",
                    "meter_limit": 5000,
                    "parts_charge": "free",
                    "labour_charge": "free",
                    "bearer": "warranty",
                }
            ],
            code="T-REP",
            kind="repair",
        )
        self.company.aftersales_repair_pack_id = repair
        self._stock(self.part_avco, 9)
        values = {"lines": [(self.part_avco, 1), (self.labour, 1)]}
        orders = self._create_order(
            {**values, "fault_id": self.fault_noise.id}, meter_in=12000
        ) | self._create_order(
            {"lines": [(self.fee, 1)], "fault_id": self.fault_brake.id}, meter_in=12000
        )
        self._approve(orders)
        self._finish_order(orders, invoice=False)
        orders.action_deliver(meter_out=12010)
        self.assertEqual(len(self.asset.registration_ids), 2)
        self.assertEqual(orders.job_ids.payer_id, self.payer_customer)

        again = self._create_order(
            {**values, "fault_id": self.fault_noise.id}, meter_in=13000
        )
        other = self._create_order([(self.part_fifo, 1)], meter_in=13000)
        (again | other).action_check_warranty()
        self.assertEqual(again.job_ids.payer_id, self.payer_warranty)
        self.assertEqual(other.job_ids.payer_id, self.payer_customer)
        self._approve(again)
        self._finish_order(again)
        self.assertEqual(self._balance(self.account_warranty, again), 10.0)
        self.assertFalse(again.invoice_ids)
        orders.action_deliver()
        self.assertEqual(
            len(orders.job_ids.registration_ids), 2, "handed over again, none is added"
        )
