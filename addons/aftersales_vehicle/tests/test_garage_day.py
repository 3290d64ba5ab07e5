from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .garage_common import GarageCommon

TABLET = "800x1100"
PHONE = "390x844"
STORE = "/odoo/action-stock.action_picking_tree_all"


@tagged("post_install", "-at_install")
class TestGarageDay(GarageCommon):
    """From the booking at night to the car that leaves: each on their own screen."""

    def test_garage_day(self):
        self._stock(self.part_avco, 10)
        self._stock(self.part_standard, 10)
        order = self._book_and_receive()
        self._agree(order)
        self._work(order)
        self._check(order)
        self._pay_and_leave(order)
        self._assert_books(order)
        self._assert_stock(order)
        self._assert_records(order)

    # The steps of the day

    def _book_and_receive(self):
        self._walk("book", f"/my/assets/{self.vehicle.id}", self.portal_user, PHONE)
        order = self.vehicle.order_ids
        self.assertEqual(order.online_state, "booked")
        self.assertEqual(order.booking_state, "confirmed")
        self.assertEqual(order.partner_id, self.customer)
        bookings = order.booking_ids
        self.assertEqual(bookings.resource_id, self.bay | self.employee.resource_id)
        self.assertEqual(order.bay_id, self.bay_location)
        # Time passes: the appointment has begun.
        bookings.start = fields.Datetime.now() - timedelta(minutes=1)

        self._walk("receive", self._url(order), self.advisor, TABLET)
        self.assertEqual(order.booking_state, "arrived")
        self.assertEqual(order.meter_in, 15234)
        sheet = order.inspection_ids.filtered(lambda item: item.use == "walkaround")
        self.assertEqual((sheet.state, sheet.signed_by), ("done", "Wang Fang"))
        self.assertTrue(sheet.signature)
        [marks] = [marks for marks in sheet.answer_ids.mapped("marks") if marks]
        self.assertEqual([mark["kind"] for mark in marks], ["dent", "scratch"])
        self.assertEqual(len(sheet.answer_ids.photo_ids), 2)
        self.assertEqual(order.belonging_ids.mapped("name"), ["Umbrella"])
        self.assertEqual(
            order.finding_ids.sorted("rating").mapped("rating"), ["red", "yellow"]
        )
        return order

    def _agree(self, order):
        self._walk("estimate", self._url(order), self.advisor)
        self.assertEqual(order.state, "quoted")
        oil, pads, wipers = order.job_ids
        self.assertEqual(pads.finding_id.job_template_id, self.job_pads)
        self.assertEqual(pads.line_ids.product_id, self.part_standard | self.labour)
        self.assertEqual(order.amount_untaxed, 115 + 160 + 40)

        self._walk("answer", self._portal(order), self.portal_user, PHONE)
        self.assertEqual(order.state, "approved")
        self.assertEqual(
            order.job_ids.mapped("state"), ["approved", "approved", "declined"]
        )
        self.assertEqual(wipers.decline_reason, "Not now")
        self.assertEqual(
            (pads.finding_id.state, wipers.finding_id.state), ("approved", "declined")
        )
        answers = order.approval_ids
        self.assertEqual(set(answers.mapped("method")), {"portal"})
        self.assertTrue(all(answers.filtered("signature").mapped("signer")))

    def _work(self, order):
        self._walk("stage", STORE, self.storekeeper)
        self.assertEqual(order.parts_state, "staged")
        self.assertEqual(self._get_quantity(self.part_standard, self.bay_location), 2)

        self._walk("clock", "/odoo/my-clock", self.technician, TABLET)
        self.assertEqual(order.state, "progress")
        self._walk("quote", self._url(order), self.advisor)
        hose = order.job_ids[-1]
        self.assertEqual((hose.state, hose.amount_untaxed), ("proposed", 60))
        self._walk("answer_added", self._portal(order), self.portal_user, PHONE)
        self.assertEqual(hose.state, "progress")
        self.assertIn(hose, order.approval_ids.job_ids)
        self._walk("stage", STORE, self.storekeeper)

    def _check(self, order):
        self._walk("finish", "/odoo/my-clock", self.technician, TABLET)
        self.assertEqual(order.state, "quality")
        self._walk("mutual", "/odoo/inspections", self.colleague, TABLET)
        self._walk("final_failed", self._url(order), self.advisor, TABLET)
        self.assertEqual((order.state, order.rework_count), ("progress", 1))
        self._walk("finish_again", "/odoo/my-jobs", self.technician, TABLET)
        self._walk("mutual", "/odoo/inspections", self.colleague, TABLET)
        self._walk("final_passed", self._url(order), self.advisor, TABLET)
        self.assertEqual(order.state, "ready")

    def _pay_and_leave(self, order):
        self._walk("unpaid", self._url(order), self.advisor)
        self.assertFalse(order.gate_pass_ids)
        self._walk("pay", "/odoo/customer-invoices", self.accountant)
        self._walk("leave", self._url(order), self.advisor)
        self.assertEqual(order.state, "done")

    @staticmethod
    def _url(order):
        return f"/odoo/service-orders/{order.id}"

    @staticmethod
    def _portal(order):
        return f"/my/work-orders/{order.id}"

    # What the day left behind

    def _get_quantity(self, product, location):
        quants = self.env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id", "=", location.id)]
        )
        return sum(quants.mapped("quantity"))

    def _assert_books(self, order):
        invoice = order.invoice_ids
        # Oil 115, pads 160, hose 60; the wipers were declined.
        self.assertEqual(invoice.amount_untaxed, 335)
        self.assertEqual(invoice.state, "posted")
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(self._balance(self.account_income, order), -335)
        self.assertEqual(self._balance(self.account_expense, order), 40)
        receivable = self.customer.with_company(
            self.company
        ).property_account_receivable_id
        self.assertEqual(self._balance(receivable), 0)
        self.assertEqual(invoice.amount_residual, 0)

    def _assert_stock(self, order):
        stock = self.warehouse.lot_stock_id
        self.assertEqual(self._get_quantity(self.part_avco, stock), 8)
        self.assertEqual(self._get_quantity(self.part_standard, stock), 8)
        for part in (self.part_avco, self.part_standard):
            self.assertEqual(self._get_quantity(part, self.bay_location), 0)
            self.assertEqual(self._get_value(part), 80)
        self.assertEqual(set(order.picking_ids.mapped("state")), {"done"})

    def _assert_records(self, order):
        entries = self.env["aftersales.clock.entry"].search(
            [("order_id", "=", order.id)], order="start, id"
        )
        self.assertEqual(entries.employee_id, self.employee)
        self.assertTrue(all(entries.mapped("stop")))
        self.assertEqual(set(entries.mapped("kind")), {"work"})
        oil, pads, _wipers, hose = order.job_ids
        self.assertEqual(entries.job_id, oil | pads | hose)
        self.assertEqual(
            set(order.booking_ids.mapped("state")), {"done"}, "the bay is free again"
        )
        red, yellow = order.finding_ids.sorted("rating")
        self.assertEqual((red.state, yellow.state), ("fixed", "declined"))
        self.assertEqual(order.rework_ids.technician_id, self.employee)
        self.assertEqual(order.rework_ids.inspection_id.mapped("result"), ["fail"])
        gate_pass = order.gate_pass_id
        self.assertEqual((gate_pass.basis, gate_pass.state), ("paid", "open"))
        self.assertEqual(order.meter_out, 15240)
        self.assertEqual(self.vehicle.meter, 15240)
        self.assertEqual(order.belonging_ids.state, "returned")
        today = fields.Date.today()
        self.assertEqual(order.date_follow_up, today + timedelta(days=3))
