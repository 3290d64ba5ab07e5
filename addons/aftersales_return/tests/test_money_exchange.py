from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged

from .money_common import MoneyCommon

# Two of five, sold at 20 plus 10 % and delivered at a cost of 10, are exchanged after
# eight were taken in for 22.50. Exchanged in advance, the new ones leave before the old
# are ours; afterwards the value of the old ones is given to the payer.
#
# costing: cost of two new ones after the old are here, and of two in advance
COSTS = {"standard": (20.0, 20.0), "average": (40.0, 45.0), "fifo": (45.0, 45.0)}
EXCHANGED = {"customer": -2.0, "goodwill": 2.0}


@tagged("post_install", "-at_install")
class TestMoneyExchange(MoneyCommon):
    """The payer bears what the new one costs more than the old one was worth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["product.product"].create(
            {
                "name": "Other Part",
                "is_storable": True,
                "categ_id": cls.part_avco.categ_id.id,
                "list_price": 20.0,
                "invoice_policy": "delivery",
                "taxes_id": [Command.set(cls.tax.ids)],
            }
        )

    def _give_in_advance(self, product):
        """Return the return of two whose new ones are with the customer."""
        rma = self._create_return((self._sell_costly(product), 2), operation="advance")
        rma.action_accept()
        self._send(rma)
        return rma

    def _send(self, rma):
        sent = rma.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
        )
        sent.move_ids.picked = True
        sent.button_validate()

    def _get_late(self, rma):
        """Return the day after the deadline."""
        return fields.Date.add(rma.line_ids.date_deadline, days=1)

    # Peer 3: a new one given for nothing is borne by a payer, with an entry
    def test_advance(self):
        for method, product in self.products.items():
            cost = COSTS[method][1]
            with self._apart(method):
                with self._changes(product) as change:
                    rma = self._give_in_advance(product)
                sent = change["books"]
                self.assertEqual(sent["goodwill"], cost)
                with self._changes(product) as change:
                    self._receive(rma)
                    self._finish(rma)
                self._check(
                    change,
                    {"goodwill": -20.0, "stock": 20.0},
                    {"customer": -2.0, "stock": 2.0},
                )
                self.assertEqual(rma.state, "done")
                self.assertEqual(rma.line_ids.sale_line_id.qty_delivered, 5.0)

    def test_advance_charged(self):
        """Not sent back: sold to the customer, and the payer bears nothing."""
        for method, product in self.products.items():
            cost = COSTS[method][1]
            with self._apart(method):
                rma = self._give_in_advance(product)
                late = freeze_time(self._get_late(rma))
                with self._changes(product) as change, late:
                    rma.line_ids.action_charge()
                self.assertEqual(change["goods"], {"customer": 2.0, "goodwill": -2.0})
                self.assertEqual(change["gap"], 0.0)
                books = change["books"]
                self.assertEqual(books["goodwill"], -cost)
                # What leaves the stock a second time has the cost of the day.
                self.assertEqual(
                    round(books["cost of sales"] + books.get("stock", 0.0), 2), cost
                )
                self.assertEqual(
                    (books["income"], books["tax"], books["receivable"]),
                    (-40.0, -4.0, 44.0),
                )

    def test_advance_charged_and_sent_back_late(self):
        """The charge is credited, and in the end it is an exchange like any other."""
        for method, product in self.products.items():
            with self._apart(method):
                sale_line = self._sell_costly(product)
                with self._changes(product) as change:
                    rma = self._create_return((sale_line, 2), operation="advance")
                    rma.action_accept()
                    self._send(rma)
                    with freeze_time(self._get_late(rma)):
                        rma.line_ids.action_charge()
                        self._receive(rma)
                        self._finish(rma)
                self.assertEqual(rma.state, "done")
                self.assertEqual(change["goods"], EXCHANGED)
                self.assertEqual(change["gap"], 0.0)
                books = change["books"]
                self.assertEqual(
                    set(books) - {"goodwill", "stock", "cost of sales"}, set()
                )
                self.assertEqual(
                    round(books.get("cost of sales", 0.0), 2), 0.0, "nothing was sold"
                )
                note = self._get_credit_notes(rma)
                self.assertEqual(note.amount_total, 44.0)

    def test_payer_of_the_operation(self):
        account = self._create_account("650960", "Rework", "expense")
        self.payer_internal.account_id = account
        operation = self._get_operation("exchange").with_company(self.company)
        operation.payer_id = self.payer_internal
        sale_line = self._sell_costly(self.part_fifo)
        with self._changes(self.part_fifo) as change:
            self._return(sale_line, 2, "exchange")
        self._check(change, {account.code: 25.0, "stock": -25.0})

    def test_exchange_of_what_was_sold_elsewhere(self):
        """Without a delivery of ours, the old one is worth what one costs today."""
        self._stock(self.part_avco, 5, 10.0)
        with self._changes(self.part_avco) as change:
            rma = self._create_return(
                {"product_id": self.part_avco.id, "quantity": 1}, operation="exchange"
            )
            rma.action_accept()
            self._receive(rma)
            self._finish(rma)
        self.assertEqual(rma.state, "done")
        self._check(change, {}, {"customer": -1.0, "goodwill": 1.0})

    def test_other_product(self):
        """Dearer, equal, cheaper: one is credited, the other sold, the rest is owed.

        Paid before, what is credited meets the new invoice.
        """
        self._stock(self.other, 20, 12.0)
        for price, owed in ((30.0, 22.0), (20.0, 0.0), (15.0, -11.0)):
            with self._apart(price):
                self.other.list_price = price
                sale_line = self._sell_costly(self.part_fifo)
                with self._changes(self.part_fifo) as change:
                    rma = self._receive_return_of_other(sale_line)
                    order = rma.line_ids.replacement_sale_line_id.order_id
                    order.picking_ids.move_ids.picked = True
                    order.picking_ids.button_validate()
                    order._create_invoices().action_post()
                self._check(
                    change,
                    {
                        "income": 40.0 - 2 * price,
                        "tax": round(4.0 - 0.2 * price, 2),
                        "receivable": owed,
                        # Two at 10 came, two at 12 went.
                        "stock": 20.0 - 24.0,
                        "cost of sales": 24.0 - 20.0,
                    },
                    {"customer": -2.0, "stock": 2.0},
                )
                self.assertEqual(rma.state, "done")

    def _receive_return_of_other(self, sale_line):
        rma = self._create_return((sale_line, 2), operation="other")
        rma.line_ids.replacement_product_id = self.other
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        self._receive(rma)
        return rma
