from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.aftersales_warranty.tests.common import WarrantyCommon

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestAdvance(ReturnCommon, WarrantyCommon):
    """The new one before the old one: deadline, reminder, charge, and what is late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_advance_reminder_days = 3
        cls.customer.email = "wang@example.com"
        cls.Line = cls.env["aftersales.return.line"]
        cls.startClassPatcher(
            patch.object(
                cls.registry["ir.cron"], "_commit_progress", lambda *_a, **_k: 1.0
            )
        )

    def _create_advance(self, quantity=1, price=20.0, **values):
        self._stock(self.part_avco, 20, 10.0)
        sale_line = self._sell(self.part_avco, 5, price=price, discount=10.0)
        rma = self._create_return((sale_line, quantity), operation="advance", **values)
        rma.action_accept()
        return rma.line_ids

    def _send(self, *args, **kwargs):
        """Return a line whose new ones are with the customer."""
        line = self._create_advance(*args, **kwargs)
        self._send_new(line)
        return line

    def _send_new(self, line):
        new = line._get_moves("new").picking_id
        new.move_ids.picked = True
        new.button_validate()

    def _come_back(self, line, quantity=None):
        picking = (line._get_moves("in") & line._get_open_moves()).picking_id
        if quantity:
            picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.with_context(cancel_backorder=False)._action_done()

    def _settle(self, line):
        line.action_test(result="fail", grade=self.grade_a)
        line.action_settle()
        line._get_open_moves().picking_id.move_ids.picked = True
        line._get_open_moves().picking_id.button_validate()

    def _later(self, days):
        return freeze_time(fields.Datetime.add(fields.Datetime.now(), days=days))

    # In time

    def test_sent_before_and_back_in_time(self):
        before = self._balance(self.account_goodwill)
        line = self._create_advance()
        self.assertEqual(line.state, "expected")
        self.assertTrue(line.date_given)
        self._send_new(line)
        today = fields.Date.today()
        self.assertEqual(line.date_deadline, fields.Date.add(today, days=14))
        self.assertFalse(line.is_overdue)
        self.assertEqual(self._balance(self.account_goodwill) - before, 10.0)
        self._come_back(line)
        self._settle(line)
        self.assertEqual(line.state, "done")
        self.assertEqual(line.return_id.state, "done")
        self.assertEqual(self._balance(self.account_goodwill), before)
        self.assertFalse(line.charge_line_id)
        self.assertEqual(len(line._get_moves("new")), 1, "given once")

    def test_days_run_from_the_shipment(self):
        line = self._create_advance()
        with self._later(5):
            self._send_new(line)
            self.assertEqual(
                line.date_deadline, fields.Date.add(fields.Date.today(), days=14)
            )

    def test_not_sent_is_neither_late_nor_charged(self):
        line = self._create_advance()
        with self._later(30):
            self.Line._cron_advances()
            self.assertFalse(line.charge_line_id)
            self.assertFalse(line.return_id.activity_ids)
            with self.assertRaisesRegex(UserError, "was sent"):
                line.action_charge()

    def test_one_bad_return_does_not_stop_the_others(self):
        self.company.aftersales_charge_advances = True
        bad, good = self._send(), self._send()
        charge = type(bad).action_charge

        def fail(lines):
            if lines == bad:
                raise ValueError("No chart of accounts")
            return charge(lines)

        with (
            self._later(30),
            patch.object(type(bad), "action_charge", fail),
            self.assertLogs("odoo.addons.aftersales_return", "ERROR"),
        ):
            self.Line._cron_advances()
        self.assertFalse(bad.charge_line_id)
        self.assertTrue(good.charge_line_id)

    def test_came_in_time_is_not_charged(self):
        line = self._send()
        self._come_back(line)
        with self._later(30):
            self.assertFalse(line.is_overdue)
            with self.assertRaises(UserError):
                line.action_charge()
            self.company.aftersales_charge_advances = True
            self.Line._cron_advances()
        self.assertFalse(line.charge_line_id)

    # Reminder

    def test_reminded_once_before(self):
        line = self._send()
        rma = line.return_id
        with self._later(10):
            self.Line._cron_advances()
        self.assertFalse(line.date_reminded, "there is time")
        with self._later(12):
            before = rma.message_ids
            self.Line._cron_advances()
            message = rma.message_ids - before
            self.assertIn(rma.name, message.body)
            self.assertEqual(message.partner_ids, self.customer)
            self.assertTrue(line.date_reminded)
            self.Line._cron_advances()
            self.assertEqual(rma.message_ids - before, message)

    def test_without_address_somebody_calls(self):
        self.customer.email = False
        line = self._send()
        with self._later(12):
            self.Line._cron_advances()
        activity = line.return_id.activity_ids
        self.assertIn(self.customer.name, activity.summary)

    def test_no_reminder_wanted(self):
        self.company.aftersales_advance_reminder_days = 0
        line = self._send()
        with self._later(12):
            self.Line._cron_advances()
        self.assertFalse(line.date_reminded)

    # The charge

    def test_overdue_is_found(self):
        line = self._send()
        self.assertNotIn(line, self.Line.search([("is_overdue", "=", True)]))
        with self._later(14):
            self.assertNotIn(line, self.Line.search([("is_overdue", "=", True)]))
        with self._later(15):
            line.invalidate_recordset()
            self.assertTrue(line.is_overdue)
            self.assertIn(line, self.Line.search([("is_overdue", "=", True)]))
            self.assertNotIn(line, self.Line.search([("is_overdue", "=", False)]))

    def test_by_night_somebody_is_asked(self):
        line = self._send()
        rma = line.return_id
        rma.user_id = self.advisor
        with self._later(15):
            self.Line._cron_advances()
            self.assertFalse(line.charge_line_id)
            self.assertEqual(rma.activity_ids.user_id, self.advisor)
            self.Line._cron_advances()
            self.assertEqual(len(rma.activity_ids), 1)
            line.with_user(self.advisor).action_charge()
        self.assertTrue(line.charge_line_id)

    def test_by_night_it_is_charged_if_the_company_says_so(self):
        self.company.write(
            {"aftersales_charge_advances": True, "aftersales_invoice_posting": "post"}
        )
        lines = self._send() | self._send()
        with self._later(15):
            self.Line._cron_advances()
            self.Line._cron_advances()
        self.assertEqual(len(lines.charge_line_id), 2)
        invoices = lines.charge_line_id.invoice_lines.move_id
        self.assertEqual(len(invoices), 2)
        self.assertEqual(set(invoices.mapped("state")), {"posted"})

    def test_one_that_fails_stops_no_other(self):
        self.company.aftersales_charge_advances = True
        bad, good = self._send(), self._send()
        Line = type(self.Line)
        check = Line._check_chargeable

        def check_but_one(line):
            if line == bad:
                raise UserError(line.env._("The period is locked"))
            return check(line)

        self.patch(Line, "_check_chargeable", check_but_one)
        with self._later(15):
            self.Line._cron_advances()
        self.assertTrue(good.charge_line_id)
        self.assertFalse(bad.charge_line_id)
        self.assertIn("locked", bad.return_id.activity_ids.summary)

    def test_charged_at_the_price_of_the_sale(self):
        before = self._balance(self.account_goodwill)
        line = self._send()
        with self._later(15):
            line.action_charge()
            line.action_charge()
        sold = line.charge_line_id
        self.assertEqual(
            (sold.price_unit, sold.discount, sold.tax_ids), (20.0, 10.0, self.tax)
        )
        self.assertEqual(sold.qty_delivered, 1.0)
        self.assertFalse(sold.order_id.picking_ids, "it is with the customer")
        invoice = sold.invoice_lines.move_id
        self.assertEqual(invoice.amount_untaxed, 18.0)
        invoice.action_post()
        # The payer bears nothing any more, the cost is cost of sales.
        self.assertEqual(self._balance(self.account_goodwill), before)
        self.assertEqual(sold.qty_invoiced, 1.0)
        self.assertFalse(line.is_overdue)

    def test_only_advisors_charge_and_not_before_the_day(self):
        line = self._send()
        with self.assertRaisesRegex(UserError, "has until"):
            line.with_user(self.advisor).action_charge()
        with self._later(15), self.assertRaises(AccessError):
            line.with_user(self.technician).action_charge()

    def test_charged_and_given_up(self):
        line = self._send()
        with self.assertRaises(UserError):
            line.action_cancel()
        with self._later(15):
            line.action_charge()
        line.action_cancel()
        self.assertEqual(line.state, "cancel")
        self.assertFalse(line._get_open_moves())

    # Late

    def _check_late(self, post):
        before = self._balance(self.account_goodwill)
        line = self._send()
        with self._later(15):
            line.action_charge()
        invoice = line.charge_line_id.invoice_lines.move_id
        if post:
            invoice.action_post()
        self._come_back(line)
        line.action_test(result="fail", grade=self.grade_a)
        line.action_settle()
        line.action_settle()
        refund = line.refund_line_ids.move_id
        if post:
            self.assertEqual(refund.reversed_entry_id, invoice)
            self.assertEqual(refund.amount_total, invoice.amount_total)
            refund.action_post()
            self.assertEqual(line.amount_refunded, invoice.amount_total)
        else:
            self.assertFalse(refund)
            self.assertEqual(invoice.state, "cancel")
        self.assertEqual(line.charge_line_id.qty_delivered, 0.0)
        self.assertEqual(line.charge_line_id.qty_to_invoice, 0.0)
        line._get_open_moves().picking_id.move_ids.picked = True
        line._get_open_moves().picking_id.button_validate()
        self.assertEqual(line.return_id.state, "done")
        # As if it had come in time: like for like.
        self.assertEqual(self._balance(self.account_goodwill), before)
        return line

    def test_late_is_refunded(self):
        self._check_late(post=True)

    def test_late_before_the_invoice_was_posted(self):
        self._check_late(post=False)

    def test_a_refund_that_was_cancelled_is_made_anew(self):
        line = self._send()
        with self._later(15):
            line.action_charge()
        line.charge_line_id.invoice_lines.move_id.action_post()
        self._come_back(line)
        line.action_test(result="fail", grade=self.grade_a)
        line.action_settle()
        first = line.refund_line_ids.move_id
        first.button_cancel()
        self.assertEqual(line.state, "settled")
        self.assertTrue(line._get_pending())
        line.action_refund_charge()
        again = line.refund_line_ids.move_id - first
        self.assertEqual(again.amount_total, first.amount_total)
        self.assertEqual(len(line._get_moves("new")), 5, "nothing was given twice")

    # In several parcels

    def test_half_comes_back_and_half_is_charged(self):
        before = self._balance(self.account_goodwill)
        line = self._send(quantity=3)
        self._come_back(line, quantity=2)
        rest = line.return_id.line_ids - line
        self.assertEqual((line.quantity, rest.quantity), (2.0, 1.0))
        self.assertEqual(rest.date_deadline, line.date_deadline)
        self.assertTrue(rest.date_given)
        with self._later(15):
            self.assertEqual(self.Line.search([("is_overdue", "=", True)]) & rest, rest)
            rest.action_charge()
        self.assertEqual(rest.charge_line_id.product_uom_qty, 1.0)
        rest.charge_line_id.invoice_lines.move_id.action_post()
        self._settle(line)
        self.assertEqual(self._balance(self.account_goodwill), before)
        self.assertEqual(line.return_id.state, "open")
        rest.action_cancel()
        self.assertEqual(line.return_id.state, "done")

    # Serials

    def _send_serial(self):
        pack = self._create_pack(
            [{"code": "T-1Y", "name": "One year", "period": 1, "bearer": "maker"}],
            name="Camera",
            code="T-CAM",
            kind="legal",
            product_ids=[Command.link(self.part_serial.id)],
        )
        old = self._stock_serial(["OLD"])
        sale_line = self._sell(self.part_serial, 1, lots=old)
        asset = self.env["aftersales.asset"].create(
            {
                "lot_id": old.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        self._register(pack=pack, asset=asset)
        self._stock_serial(["NEW"])
        rma = self._create_return(
            {**self._prepare_line((sale_line, 1), "advance"), "lot_id": old.id}
        )
        rma.action_accept()
        self._send_new(rma.line_ids)
        return asset, rma.line_ids

    def test_the_guarantee_goes_with_the_new_one_at_once(self):
        asset, line = self._send_serial()
        self.assertEqual(line.new_asset_id.registration_ids.state, "active")
        self.assertEqual(asset.registration_ids.state, "ended")
        self.assertEqual(asset.replaced_by_id, line.new_asset_id)
        self.assertTrue(asset.active, "the customer still has it")
        self._come_back(line)
        self._settle(line)
        self.assertFalse(asset.active)
        self.assertEqual(line.state, "done")

    def test_charged_both_are_the_customers(self):
        asset, line = self._send_serial()
        with self._later(15):
            line.action_charge()
        self.assertEqual(asset.registration_ids.state, "active")
        self.assertFalse(asset.replaced_by_id)
        self.assertEqual(asset.partner_id, self.customer)
        new = line.new_asset_id
        active = new.registration_ids.filtered(lambda item: item.state == "active")
        self.assertEqual(active.source, "delivery")
        self.assertEqual(active.sale_line_id, line.charge_line_id)
        # The old one comes late all the same.
        line.charge_line_id.invoice_lines.move_id.action_post()
        self._come_back(line)
        line.action_test(result="fail", grade=self.grade_a)
        line.action_settle()
        active = new.registration_ids.filtered(lambda item: item.state == "active")
        self.assertEqual(active.previous_id.asset_id, asset)
        self.assertFalse(
            asset.registration_ids.filtered(lambda item: item.state == "active")
        )
        self.assertFalse(asset.active)
