from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestAdvanceParcels(ReturnCommon):
    """Two sent in advance, and one comes: each has its own charge, deadline and end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_invoice_posting = "post"

    def _send_two(self):
        self._stock(self.part_avco, 20, 10.0)
        sale_line = self._sell(self.part_avco, 5)
        rma = self._create_return((sale_line, 2), operation="advance")
        rma.action_accept()
        line = rma.line_ids
        line._get_moves("new").picked = True
        line._get_moves("new").picking_id.button_validate()
        return line

    def _charge(self, line):
        days = line.operation_id.advance_days + 1
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=days)):
            line.action_charge()
        return line.charge_line_id

    def _come(self, line, quantity, follows=True):
        picking = (line._get_moves("in") & line._get_open_moves()).picking_id
        picking.move_ids.write({"quantity": quantity, "picked": True})
        left_out = {} if follows else {"picking_ids_not_to_backorder": picking.ids}
        picking.with_context(skip_backorder=True, **left_out).button_validate()
        return line.return_id.line_ids - line

    def _settle(self, line):
        line.action_test(grade=self.grade_a)
        line.action_settle()

    def test_one_of_two_that_were_charged(self):
        before = self._balance(self.account_goodwill)
        line = self._send_two()
        sold = self._charge(line)
        self.assertEqual(sold.qty_invoiced, 2.0)
        rest = self._come(line, 1)
        self._settle(line)
        self.assertEqual(line.amount_refunded, 22.0)
        self.assertEqual((sold.qty_delivered, sold.qty_invoiced), (1.0, 1.0))
        self.assertTrue(line.is_charge_refunded)
        self.assertFalse(rest.is_charge_refunded)
        self.assertNotIn(sold.order_id.name, " ".join(line._get_pending()))
        line.action_refund_charge()
        self.assertEqual(line.amount_refunded, 22.0, "nothing was refunded twice")
        # The other one comes too.
        self._come(rest, 1)
        self._settle(rest)
        self.assertEqual(rest.amount_refunded, 22.0)
        self.assertEqual((sold.qty_delivered, sold.qty_invoiced), (0.0, 0.0))
        self._put_away(line.return_id)
        self.assertEqual(line.return_id.state, "done")
        self.assertEqual(self._balance(self.account_goodwill), before)

    def test_the_other_one_is_given_up(self):
        line = self._send_two()
        sold = self._charge(line)
        rest = self._come(line, 1)
        self._settle(line)
        line._get_open_moves().picked = True
        line._get_open_moves().picking_id.button_validate()
        rest.action_cancel()
        rma = line.return_id
        self.assertEqual(rma.state, "done")
        # What was charged counts once.
        self.env.flush_all()
        entries = self.env["aftersales.return.analysis"].search(
            [("return_id", "=", rma.id)]
        )
        self.assertEqual(len(entries), len(set(entries.ids)))
        self.assertEqual(sum(entries.mapped("amount_charged")), 40.0)
        self.assertEqual((sold.qty_delivered, sold.qty_invoiced), (1.0, 1.0))

    def test_the_charge_is_not_posted_yet(self):
        for policy in ("delivery", "order"):
            with self.subTest(policy):
                self.part_avco.invoice_policy = policy
                self.company.aftersales_invoice_posting = "draft"
                line = self._send_two()
                sold = self._charge(line)
                invoice = sold.invoice_lines.move_id
                rest = self._come(line, 1)
                self._settle(line)
                self.assertEqual(invoice.invoice_line_ids.quantity, 1.0)
                self.assertEqual(sold.qty_to_invoice, 0.0)
                invoice.action_post()
                line.action_refund_charge()
                self.assertFalse(line.refund_line_ids)
                self._put_away(line.return_id)
                self.assertEqual(line.state, "done")
                # The other one comes after it was billed.
                self._come(rest, 1)
                self._settle(rest)
                self.assertEqual(rest.refund_line_ids.quantity, 1.0)
                rest.refund_line_ids.move_id.action_post()
                self.assertEqual(sold.qty_invoiced, 0.0)
                self.assertEqual(sold.qty_to_invoice, 0.0)

    def test_the_rest_follows(self):
        """Its new one was sent: it is awaited until the same day, or charged."""
        line = self._send_two()
        self.assertFalse(self._come(line, 1, follows=False))
        case = line.difference_ids
        case.action_contact(note="Forgot one")
        case.action_decide("wait")
        rest = line.return_id.line_ids - line
        self.assertEqual(rest.date_given, line.date_given)
        self.assertEqual(rest.date_deadline, line.date_deadline)
        self._settle(line)
        self._come(rest, 1)
        self._settle(rest)
        sent = line.return_id.line_ids._get_moves("new")
        self.assertEqual(sum(sent.mapped("product_uom_qty")), 2.0)

    def test_the_rest_is_lost(self):
        line = self._send_two()
        self._come(line, 1, follows=False)
        case = line.difference_ids
        case.action_contact(note="The box was open")
        case.action_decide("lost")
        rest = line.return_id.line_ids - line
        self.assertEqual((rest.state, rest.date_given), ("lost", line.date_given))
