from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestOther(ReturnCommon):
    """Another product: dearer, cheaper, for the same; and what costs no exchange."""

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)
        self._stock(self.part_fifo, 20, 12.0)
        self.part_fifo.taxes_id = [Command.set(self.tax.ids)]
        self.part_fifo.invoice_policy = "order"
        self.sale_line = self._sell(self.part_avco, 5)
        # Paid: what is credited is owed to the customer.
        paid = self.sale_line.invoice_lines.move_id
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({})._create_payments()

    def _swap(self, price, quantity=1, count=1):
        self.part_fifo.list_price = price
        rma = self._create_return(
            *[
                {
                    **self._prepare_line((self.sale_line, quantity), "other"),
                    "replacement_product_id": self.part_fifo.id,
                }
            ]
            * count
        )
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        rma.line_ids.action_settle()
        return rma

    def _bill(self, rma):
        """Post both documents and let them answer for each other."""
        credit = rma.line_ids.refund_line_ids.move_id
        credit.action_post()
        invoice = rma.line_ids.replacement_sale_line_id.order_id._create_invoices()
        invoice.action_post()
        receivable = (credit | invoice).line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        )
        receivable.reconcile()
        return credit, invoice

    def test_dearer_is_charged(self):
        rma = self._swap(30.0)
        self.assertEqual(rma.line_ids.amount_difference, 11.0)
        credit, invoice = self._bill(rma)
        self.assertEqual((credit.amount_total, invoice.amount_total), (22.0, 33.0))
        self.assertEqual((credit.amount_residual, invoice.amount_residual), (0.0, 11.0))

    def test_cheaper_is_refunded(self):
        rma = self._swap(15.0)
        self.assertEqual(rma.line_ids.amount_difference, -5.5)
        credit, invoice = self._bill(rma)
        self.assertEqual((credit.amount_residual, invoice.amount_residual), (5.5, 0.0))

    def test_for_the_same(self):
        rma = self._swap(20.0, quantity=2)
        self.assertEqual(rma.line_ids.amount_difference, 0.0)
        credit, invoice = self._bill(rma)
        self.assertEqual((credit.amount_residual, invoice.amount_residual), (0.0, 0.0))

    def _get_gap(self):
        """Return what the stock is worth beyond the books, by account."""
        booked = self.company.stock_accounting_value()
        return {
            account.code: round(value - booked.get(account, 0.0), 2)
            for account, value in self.company.stock_value().items()
        }

    def test_goods_go_both_ways(self):
        gap = self._get_gap()
        rma = self._swap(30.0, count=2)
        sold = rma.line_ids.replacement_sale_line_id
        self.assertEqual(len(sold), 2)
        self.assertEqual(len(sold.order_id), 1, "one order per return")
        self.assertEqual(self.sale_line.qty_delivered, 3.0)
        delivery = sold.order_id.picking_ids
        delivery.move_ids.picked = True
        delivery.button_validate()
        self.assertEqual(sold.mapped("qty_delivered"), [1.0, 1.0])
        self._bill(rma)
        self._receive(rma)
        self.assertEqual(rma.state, "done")
        self.assertEqual(self._get_gap(), gap)

    def test_in_the_currency_of_the_sale(self):
        foreign = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("id", "!=", self.company.currency_id.id)], limit=1)
        )
        foreign.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": foreign.id,
                "company_id": self.company.id,
                "rate": 2.0,
                "name": "2000-01-01",
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": foreign.id, "company_id": False}
        )
        order = self.sale_line.order_id.copy()
        order.pricelist_id = pricelist
        order.action_confirm()
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        order._create_invoices().action_post()
        self.sale_line = order.order_line
        rma = self._swap(20.0)
        sold = rma.line_ids.replacement_sale_line_id
        self.assertEqual(sold.currency_id, foreign)
        self.assertEqual(rma.line_ids.refund_line_ids.currency_id, foreign)

    def test_which_one_has_to_be_said(self):
        rma = self._create_return((self.sale_line, 1), operation="other")
        with self.assertRaisesRegex(UserError, "instead"):
            rma.action_accept()

    # As is, and without return: states, and whose it is

    def test_as_is(self):
        rma = self._create_return((self.sale_line, 2), operation="as_is")
        line = rma.line_ids
        self.assertEqual((rma.progress, line.state), ("request", "draft"))
        rma.action_accept()
        self.assertEqual((rma.progress, line.state), ("awaited", "expected"))
        self._receive(rma)
        self.assertEqual((rma.progress, line.state), ("test", "received"))
        quants = self.env["stock.quant"].search(
            [
                ("product_id", "=", self.part_avco.id),
                ("location_id", "=", self.warehouse._get_return_location().id),
            ]
        )
        self.assertEqual(quants.owner_id, self.customer)
        self.assertEqual(quants.value, 0.0)
        line.action_test(result="none")
        self.assertEqual((rma.progress, line.state), ("settle", "tested"))
        line.action_settle()
        self.assertEqual((rma.progress, line.state), ("running", "settled"))
        self.assertEqual(line.may_leave, True)
        self._receive(rma)
        self.assertEqual((rma.progress, line.state), ("done", "done"))
        self.assertEqual(sum(quants.exists().mapped("quantity")), 0.0)
        self.assertFalse(line.refund_line_ids)
        self.assertEqual(self.sale_line.qty_delivered, 5.0)
        self.assertFalse(line.move_ids.account_move_id)

    def test_without_return(self):
        rma = self._create_return((self.sale_line, 2), operation="refund_keep")
        line = rma.line_ids
        rma.action_accept()
        self.assertEqual((rma.progress, line.state), ("running", "settled"))
        self.assertFalse(rma.picking_ids)
        refund = line.refund_line_ids.move_id
        self.assertEqual((refund.state, refund.amount_total), ("draft", 44.0))
        self.assertEqual(line.amount_refunded, 44.0)
        refund.action_post()
        self.assertEqual((rma.progress, line.state), ("done", "done"))
        self.assertEqual(self.sale_line.qty_delivered, 5.0, "the customer has them")
        # They don't come back a second time.
        with self.assertRaises(UserError):
            self._create_return((self.sale_line, 4)).action_accept()
