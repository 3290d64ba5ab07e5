from odoo import Command
from odoo.tests import tagged

from .money_common import MoneyCommon

# Two of five, sold at 20 plus 10 % and delivered at a cost of 10, come back after eight
# were taken in for 22.50. What leaves the stock next costs 10 at standard, 20 on
# average (two at 10 and eight at 22.50), and 22.50 first in, first out.
NEXT = {"standard": 10.0, "average": 20.0, "fifo": 22.5}
REFUND = {"income": 40.0, "tax": 4.0, "receivable": -44.0}
COST_BACK = {"stock": 20.0, "cost of sales": -20.0}
TAKEN_BACK = {"customer": -2.0, "stock": 2.0}


def replace(cost):
    """Two new ones at the payer's cost, who is given the value of the old."""
    return {"goodwill": 2 * cost - 20.0, "stock": 20.0 - 2 * cost}


def scrap(cost):
    return {"scrap": 2 * cost, "stock": -2 * cost}


def add(*parts):
    books = {}
    for part in parts:
        for account, balance in part.items():
            books[account] = books.get(account, 0.0) + balance
    return books


# Fate: operation, grade, journal items under perpetual valuation as a function of what
# the next one costs, of these the ones under periodic valuation, and the goods.
FATES = {
    "refund": (
        "refund",
        "a",
        lambda cost: add(REFUND, COST_BACK),
        REFUND,
        TAKEN_BACK,
    ),
    "refund without return": ("refund_keep", None, lambda cost: REFUND, REFUND, {}),
    "refund, beyond use": (
        "refund",
        "d",
        lambda cost: add(REFUND, COST_BACK, scrap(cost)),
        REFUND,
        {"customer": -2.0, "scrap": 2.0},
    ),
    "exchange": (
        "exchange",
        "a",
        replace,
        {},
        {"customer": -2.0, "goodwill": 2.0},
    ),
    "exchange, beyond use": (
        "exchange",
        "d",
        lambda cost: add(replace(cost), scrap(cost)),
        {},
        {"customer": -2.0, "goodwill": 2.0, "stock": -2.0, "scrap": 2.0},
    ),
    "as is": ("as_is", None, lambda cost: {}, {}, {}),
    "to the supplier, still the customer's": (
        "supplier",
        None,
        lambda cost: {},
        {},
        {"customer": -2.0, "returns of customer": 2.0},
    ),
    "restock, paid and given up": (
        "restock",
        "b",
        lambda cost: {"stock": 20.0, "goodwill": -20.0},
        {},
        TAKEN_BACK,
    ),
    "scrap, paid and given up": (
        "scrap",
        None,
        lambda cost: add({"stock": 20.0, "goodwill": -20.0}, scrap(cost)),
        {},
        {"customer": -2.0, "scrap": 2.0},
    ),
}
# Fates whose cost depends on the costing method.
VALUED_DIFFERENTLY = (
    "refund",
    "refund, beyond use",
    "exchange",
    "exchange, beyond use",
    "to the supplier, still the customer's",
)


@tagged("post_install", "-at_install")
class TestMoneyStock(MoneyCommon):
    """Every fate under every costing method: journal items, quants, stock account."""

    def _settle_fate(self, product, operation, grade):
        """Return the return and what it changed, with nothing left of it afterwards."""
        sale_line = self._sell_costly(product)
        with self._changes(product) as change:
            rma = self._receive_return(sale_line, 2, operation)
            self._finish(rma, self._get_grade(grade))
        # A trip to the supplier ends with another decision.
        self.assertEqual(rma.state, "open" if operation == "supplier" else "done")
        return change

    def _get_grade(self, code):
        return self.env.ref(f"aftersales_return.grade_{code}") if code else None

    def _check_fates(self, products, check):
        for method, product in products.items():
            for fate, (operation, grade, *expected) in FATES.items():
                with self._apart(fate, method):
                    change = self._settle_fate(product, operation, grade)
                    check(method, change, *expected)

    # Peers 3 and 9: no value moves without an entry; the customer's own has none
    def test_perpetual(self):
        def check(method, change, books, _periodic, goods):
            self._check(change, books(NEXT[method]), goods)

        self._check_fates(self.products, check)

    def test_periodic(self):
        """Nothing but the credit note is booked; the closing books the rest, as due.

        What perpetual valuation takes off the cost of sales is a stock variation.
        """
        for method, product in self.periodic.items():
            for fate, (operation, grade, books, periodic, goods) in FATES.items():
                if method != "average" and fate not in VALUED_DIFFERENTLY:
                    continue
                with self._apart(fate, method):
                    sale_line = self._sell_costly(product)
                    self._close()
                    with self._changes(product) as change:
                        rma = self._receive_return(sale_line, 2, operation)
                        self._finish(rma, self._get_grade(grade))
                    self.assertEqual(change["books"], periodic)
                    self.assertEqual(change["goods"], goods)
                    due = dict(books(NEXT[method]))
                    for account in REFUND:
                        due.pop(account, None)
                    due["variation"] = due.pop("cost of sales", 0.0)
                    with self._changes(product) as closing:
                        if any(due.values()):
                            self._close()
                    self._check(closing, due, {}, gap=-change["gap"])
                    self.assertEqual(round(self._get_gap(product), 2), 0.0)

    def test_repair_moves_no_value(self):
        """Twice through the customer's hands, and never ours."""
        sale_line = self._sell_costly(self.part_avco)
        with self._changes(self.part_avco) as change:
            rma = self._receive_return(sale_line, 1, "repair")
            line = rma.line_ids
            line.action_test(result="fail", grade=self.grade_a)
            line.action_settle()
        self._check(change, {}, {"customer": -1.0, "returns of customer": 1.0})
        # Declined by the customer, it leaves as it came.
        with self._changes(self.part_avco) as change:
            line.action_return_unrepaired(reason="Too dear")
            self._receive(rma)
        self._check(change, {}, {"customer": 1.0, "returns of customer": -1.0})
        self.assertEqual(rma.state, "done")
        self.assertEqual(sale_line.qty_delivered, 5.0)

    def test_customers_own_valued_by_lot(self):
        """A serial with a value of its own has none while it is the customer's."""
        product = self.part_serial
        for category in self.products.values():
            with self._apart(category.name):
                product.categ_id = category.categ_id
                product.lot_valuated = True
                serials = self._stock_serial(["L1", "L2"])
                sale_line = self._sell(product, 1, lots=serials[0])
                with self._changes(product) as change:
                    line = {
                        **self._prepare_line((sale_line, 1), "repair"),
                        "lot_id": serials[0].id,
                    }
                    rma = self._create_return(line)
                    rma.action_accept()
                    self._receive(rma)
                self._check(change, {}, {"customer": -1.0, "returns of customer": 1.0})

    def test_beyond_repair_is_refunded(self):
        """Received as the customer's, refunded as ours: the same books as a refund."""
        for method, product in self.products.items():
            with self.subTest(method):
                sale_line = self._sell_costly(product)
                with self._changes(product) as change:
                    rma = self._receive_return(sale_line, 2, "repair")
                    rma.line_ids.operation_id = self._get_operation("refund")
                    self._finish(rma)
                self._check(change, add(REFUND, COST_BACK), TAKEN_BACK)
                self.assertEqual(sale_line.qty_delivered, 3.0)

    def test_grade_decides_the_shelf(self):
        shelf = self.env["stock.location"].create(
            {
                "name": "Shelf B",
                "location_id": self.warehouse.view_location_id.id,
                "company_id": self.company.id,
            }
        )
        grade = self._get_grade("b")
        grade.with_company(self.company).location_id = shelf
        sale_line = self._sell_costly(self.part_fifo)
        with self._changes(self.part_fifo) as change:
            self._return(sale_line, 2, grade=grade)
        self._check(
            change,
            add(REFUND, COST_BACK),
            {"customer": -2.0, shelf.complete_name: 2.0},
        )

    def test_scrap_location_without_account(self):
        """The loss goes where the closing of the stock would book it."""
        self.scrap_location.valuation_account_id = False
        sale_line = self._sell_costly(self.part_avco)
        with self._changes(self.part_avco) as change:
            self._return(sale_line, 2, grade=self._get_grade("d"))
        self._check(change, add(REFUND, COST_BACK, {"variation": 40.0, "stock": -40.0}))

    def test_parcel_that_was_never_billed(self):
        """Nothing was booked for it, and nothing is."""
        for operation in ("refund", "restock"):
            with self.subTest(operation):
                self._stock(self.part_avco, 5, 10.0)
                with self._changes(self.part_avco) as change:
                    sale_line = self._sell(self.part_avco, 5, invoice=False)
                    rma = self._return(sale_line, 5, operation)
                self._check(change, {}, {})
                self.assertEqual(rma.state, "done")
                self.assertEqual(sale_line.qty_delivered, 0.0)
                self.assertFalse(self._get_credit_notes(rma))

    def test_refused_refund_goes_back(self):
        """Ours since it arrived, and found abused: it counts as delivered again."""
        self._stock(self.part_avco, 10, 10.0)
        sale_line = self._sell(self.part_avco, 5)
        with self._changes(self.part_avco) as change:
            rma = self._receive_return(sale_line, 2)
            self.assertEqual(sale_line.qty_delivered, 3.0)
            rma.line_ids.operation_id = self._get_operation("as_is")
            self._finish(rma)
        self._check(change, {}, {})
        self.assertEqual(sale_line.qty_delivered, 5.0)

    def test_cost_price_changed_since_the_sale(self):
        """What left comes back: the sale keeps no cost of goods that it lost.

        At standard cost the goods are worth more than they left with; that is a
        change of cost price and not of the sale.
        """
        books = {
            "standard": add(REFUND, COST_BACK, {"stock": 6.0, "variation": -6.0}),
            "average": add(REFUND, COST_BACK),
            "fifo": add(REFUND, COST_BACK),
        }
        for method, product in self.products.items():
            with self.subTest(method):
                sale_line = self._sell_costly(product)
                if method == "standard":
                    product.with_company(self.company).standard_price = 13.0
                with self._changes(product) as change:
                    self._return(sale_line, 2)
                self._check(change, books[method], TAKEN_BACK)

    def test_cost_changed_between_delivery_and_invoice(self):
        """Odoo books the average cost of the day of the invoice: so much comes back."""
        product = self.part_avco
        self._stock(product, 10, 10.0)
        with self._changes(product) as change:
            sale_line = self._sell(product, 5, invoice=False)
            in_move = self._stock(product, 5, 20.0)
            sale_line.order_id._create_invoices().action_post()
            self.assertEqual(self._balance(self.account_expense), 75.0)
            self._return(sale_line, 5)
        # Of the receipt no bill was booked.
        self.assertEqual(change["books"], {})
        self.assertEqual(change["gap"], in_move.value)

    def test_more_than_announced(self):
        """What is too much is the customer's, until it is clear what it is."""
        sale_line = self._sell_costly(self.part_fifo)
        with self._changes(self.part_fifo) as change:
            rma = self._create_return((sale_line, 2))
            rma.action_accept()
            rma.picking_ids.move_ids.quantity = 3
            self._receive(rma)
        self._check(
            change,
            {},
            {"customer": -3.0, "returns": 2.0, "returns of customer": 1.0},
            gap=20.0,
        )
        with self._changes(self.part_fifo) as change:
            case = rma.line_ids.difference_ids
            case.action_contact(note="Sent one more")
            case.action_decide("accept")
            self._finish(rma)
        self._check(
            change,
            {
                "income": 60.0,
                "tax": 6.0,
                "receivable": -66.0,
                "stock": 30.0,
                "cost of sales": -30.0,
            },
            {"returns": -2.0, "returns of customer": -1.0, "stock": 3.0},
            gap=-20.0,
        )
        self.assertEqual(sale_line.qty_delivered, 2.0)

    def test_less_than_announced(self):
        sale_line = self._sell_costly(self.part_fifo)
        with self._changes(self.part_fifo) as change:
            rma = self._create_return((sale_line, 2))
            rma.action_accept()
            rma.picking_ids.move_ids.quantity = 1
            rma.picking_ids.move_ids.picked = True
            rma.picking_ids.with_context(
                skip_backorder=True, picking_ids_not_to_backorder=rma.picking_ids.ids
            ).button_validate()
            case = rma.line_ids.difference_ids
            case.action_contact(note="Only one")
            case.action_decide("accept")
            self._finish(rma)
        self._check(
            change,
            {
                "income": 20.0,
                "tax": 2.0,
                "receivable": -22.0,
                "stock": 10.0,
                "cost of sales": -10.0,
            },
            {"customer": -1.0, "stock": 1.0},
        )

    def test_another_product_goes_back(self):
        """Not what was sold: no value, no refund, and back it goes."""
        foreign = self.part_standard
        sale_line = self._sell_costly(self.part_avco)
        with self._changes(foreign) as change:
            rma = self._create_return((sale_line, 2))
            rma.action_accept()
            picking = rma.picking_ids
            picking.move_ids.product_uom_qty = 2
            picking.move_ids = [
                (
                    Command.create(
                        {
                            "product_id": foreign.id,
                            "product_uom_qty": 1,
                            "quantity": 1,
                            "location_id": picking.location_id.id,
                            "location_dest_id": picking.location_dest_id.id,
                        }
                    )
                )
            ]
            self._receive(rma)
            line = rma.line_ids.filtered(lambda line: line.product_id == foreign)
            case = line.difference_ids
            case.action_contact(note="By mistake")
            case.action_decide("back")
            self._finish(rma)
        self._check(change, add(REFUND, COST_BACK), {})

    def test_warehouse_with_several_steps(self):
        self.warehouse.write({"delivery_steps": "pick_pack_ship"})
        self.warehouse.write({"reception_steps": "three_steps"})
        product = self.part_fifo
        self._stock(product, 5, 10.0)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 5,
                            "price_unit": 20.0,
                            "tax_ids": [Command.set(self.tax.ids)],
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        while ready := order.picking_ids.filtered(lambda p: p.state == "assigned"):
            ready.move_ids.picked = True
            ready.button_validate()
        order._create_invoices().action_post()
        self._stock(product, 8, 22.5)
        for operation, books, goods in (
            ("refund", add(REFUND, COST_BACK), TAKEN_BACK),
            ("exchange", replace(22.5), {"customer": -2.0, "goodwill": 2.0}),
        ):
            with self.subTest(operation):
                with self._changes(product) as change:
                    rma = self._return(order.order_line, 2, operation)
                self.assertEqual(rma.state, "done")
                self._check(change, books, goods)
