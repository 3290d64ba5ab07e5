from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ReturnCommon


class BadInputCommon(ReturnCommon):
    """``_assert_refused(call, words)``: it is refused so, and nothing has changed."""

    def _assert_refused(self, call, *words):
        before = self._count()
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            call()
        self.env.invalidate_all()
        message = str(caught.exception)
        for word in words:
            self.assertIn(word, message)
        self.assertEqual(self._count(), before, "nothing is left half-done")

    def _count(self):
        """Count what a refused call might leave behind."""
        self.env.flush_all()
        models = (
            "aftersales.return",
            "aftersales.return.line",
            "stock.picking",
            "stock.move",
            "account.move",
            "sale.order",
            "aftersales.order",
        )
        counts = {model: self.env[model].search_count([]) for model in models}
        groups = self.env["aftersales.return.line"]._read_group(
            [], ["state"], ["__count"]
        )
        return counts, dict(groups)

    def _get_gap(self):
        """Return how far stock and its account are apart, by account."""
        booked = self.company.stock_accounting_value()
        return {
            account.code: round(value - booked.get(account, 0.0), 2)
            for account, value in self.company.stock_value().items()
        }

    def _sell_serials(self, *names):
        lots = self._stock_serial(names)
        sale_lines = [self._sell(self.part_serial, 1, lots=lot) for lot in lots]
        return lots, sale_lines

    def _serial_line(self, serial):
        return {"product_id": self.part_serial.id, "serial": serial}

    def _take_back(self, *lines, operation="refund"):
        """Return goods to the end, with a posted credit note."""
        rma = self._create_return(*lines, operation=operation)
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        rma.line_ids.refund_line_ids.move_id.action_post()
        self._put_away(rma)
        return rma


@tagged("post_install", "-at_install")
class TestBadQuantity(BadInputCommon):
    """More than was sold, and twice the same."""

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)
        self.sale_line = self._sell(self.part_avco, 5)
        self.delivery = self.sale_line.move_ids.picking_id.name

    # Peer 1: two returns of 5 on a delivery of 5, or 7 of 5
    def test_more_than_was_sold(self):
        self._assert_refused(
            lambda: self._create_return((self.sale_line, 7)),
            self.part_avco.name,
            f"of 5 Units delivered with {self.delivery}, 5 can still come back",
            "choose another delivery",
        )
        rma = self._create_return((self.sale_line, 5))
        self._assert_refused(
            lambda: rma.line_ids.write({"quantity": 6}), rma.name, "5 can still"
        )

    # Peer 1
    def test_twice_the_same(self):
        first = self._create_return((self.sale_line, 3))
        self._assert_refused(
            lambda: self._create_return((self.sale_line, 3)),
            "2 can still come back",
        )
        second = self._create_return((self.sale_line, 2))
        self.assertEqual(second.line_ids.move_id, first.line_ids.move_id)

    # Peer 1
    def test_twice_the_same_in_one_return(self):
        self._assert_refused(
            lambda: self._create_return((self.sale_line, 3), (self.sale_line, 3)),
            "5 can still come back",
        )

    # Peer 1: over done returns too
    def test_closed_returns_count(self):
        rma = self._take_back((self.sale_line, 4))
        self.assertEqual(rma.state, "done")
        self._assert_refused(
            lambda: self._create_return((self.sale_line, 2)), "1 can still come back"
        )

    # Peer 1: over return transfers of Inventory
    def test_transfers_of_inventory_count(self):
        picking = self.sale_line.move_ids.picking_id
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 4
        back = wizard._create_return()
        self._assert_refused(
            lambda: self._create_return((self.sale_line, 2)), "1 can still come back"
        )
        back.action_cancel()
        self.assertTrue(self._create_return((self.sale_line, 5)))

    def test_called_off_and_refused_returns_do_not_count(self):
        for step in ("action_cancel", "action_refuse"):
            rma = self._create_return((self.sale_line, 5))
            getattr(rma, step)(reason="Keeps it")
        rma = self._create_return((self.sale_line, 5))
        self._assert_refused(
            lambda: rma.search([("state", "=", "refused")], limit=1).action_reopen(),
            "can still come back",
        )

    def test_what_went_back_may_come_again(self):
        self._stock_serial(["AGAIN"])
        lot = self.env["stock.lot"].search([("name", "=", "AGAIN")])
        self._sell(self.part_serial, 1, lots=lot)
        for _round in range(2):
            rma = self._create_return(self._serial_line("AGAIN"), operation="as_is")
            rma.action_accept()
            self._receive(rma)
            rma.line_ids.action_test(result="none")
            rma.line_ids.action_settle()
            self._receive(rma)
            self.assertEqual(rma.state, "done")
        self.assertTrue(self._create_return(self._serial_line("AGAIN")))

    def test_nothing_and_less_than_nothing(self):
        for quantity in (0, -1):
            with (
                self.subTest(quantity),
                self.assertRaisesRegex(Exception, "above zero|quantity_positive"),
                self.env.cr.savepoint(),
            ):
                self._create_return((self.sale_line, quantity))
                self.env.flush_all()

    def test_other_unit(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        values = {
            "product_id": self.part_avco.id,
            "product_uom_id": dozen.id,
            "quantity": 1,
            "move_id": self.sale_line.move_ids.id,
        }
        self._assert_refused(lambda: self._create_return(values), "of 5 Units")

    def test_delivery_of_somebody_else(self):
        """Peer 25: an id that was sent along is not trusted."""
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self._assert_refused(
            lambda: self._create_return((self.sale_line, 1), partner_id=stranger.id),
            self.delivery,
            "to Stranger",
            "Choose a delivery of this product to this customer",
        )

    def test_batch_is_refused_as_a_whole(self):
        good = self._create_return((self.sale_line, 1))
        bad = self._create_return({"product_id": self.part_fifo.id})
        self._assert_refused((good | bad).action_accept, bad.name, "no sale")
        self.assertEqual(good.state, "draft")

    def test_nothing_to_accept(self):
        rma = self._create_return()
        self._assert_refused(rma.action_accept, rma.name, "what comes back")
        line = self._create_return({"product_id": self.part_avco.id}).line_ids
        line.operation_id = False
        self._assert_refused(
            line.return_id.action_accept, line.display_name, "the operation"
        )


@tagged("post_install", "-at_install")
class TestBadSerial(BadInputCommon):
    """Wrong and returned serial numbers."""

    # Peer 2: another serial than the one sold is refunded in full
    def test_serial_nobody_knows(self):
        self._sell_serials("S1")
        rma = self._create_return(self._serial_line("NEVER"))
        self.assertFalse(rma.line_ids.move_id)
        self._assert_refused(
            rma.action_accept,
            "NEVER was not sold to Wang Fang",
            "Compare the number with the label",
        )

    # Peer 2
    def test_serial_of_another_customer(self):
        lots, _sale_lines = self._sell_serials("S1", "S2")
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        rma = self._create_return(self._serial_line("S1"), partner_id=stranger.id)
        self._assert_refused(rma.action_accept, "S1 was not sold to Stranger")
        # A mere request does not stop the one who has it.
        own = self._create_return(self._serial_line("S1"))
        own.action_accept()
        self.assertEqual(own.line_ids.lot_id, lots[0])

    # Peer 2
    def test_serial_of_another_delivery(self):
        lots, sale_lines = self._sell_serials("S1", "S2")
        self._assert_refused(
            lambda: self._create_return(
                {
                    "product_id": self.part_serial.id,
                    "lot_id": lots[0].id,
                    "move_id": sale_lines[1].move_ids.id,
                }
            ),
            "S1 was not delivered with",
        )

    def test_serial_of_another_product(self):
        lots, _sale_lines = self._sell_serials("S1")
        self._assert_refused(
            lambda: self._create_return(
                {"product_id": self.part_avco.id, "lot_id": lots.id}
            ),
            "serial S1 is of Serial Part",
        )

    def test_serial_not_written_down(self):
        self._sell_serials("S1")
        rma = self._create_return({"product_id": self.part_serial.id})
        self._assert_refused(rma.action_accept, rma.name, "write down the serial")

    def test_two_of_one_serial(self):
        self._sell_serials("S1")
        self._assert_refused(
            lambda: self._create_return({**self._serial_line("S1"), "quantity": 2}),
            "each serial number has a line of its own",
        )

    def test_serial_already_returned(self):
        self._sell_serials("S1")
        rma = self._take_back(self._serial_line("S1"))
        self.assertEqual(rma.state, "done")
        self._assert_refused(
            lambda: self._create_return(self._serial_line("S1")),
            f"S1 comes back with {rma.name} already",
        )

    def test_serial_that_is_awaited(self):
        self._sell_serials("S1")
        rma = self._create_return(self._serial_line("S1"))
        self._assert_refused(
            lambda: self._create_return(self._serial_line("S1"), operation="repair"),
            f"S1 comes back with {rma.name} already",
            "Go on there",
        )

    def test_serial_sold_again_comes_back_again(self):
        lots, _sale_lines = self._sell_serials("S1")
        self._take_back(self._serial_line("S1"))
        second = self._sell(self.part_serial, 1, lots=lots)
        rma = self._create_return(self._serial_line("S1"))
        self.assertEqual(rma.line_ids.sale_line_id, second)

    # Peer 2
    def test_another_serial_in_the_parcel(self):
        lots, sale_lines = self._sell_serials("S1", "S2")
        rma = self._create_return(self._serial_line("S1"))
        rma.action_accept()
        rma.picking_ids.move_line_ids.lot_id = lots[1]
        self._receive(rma)
        line = rma.line_ids
        self.assertEqual(line.difference_ids.kind, "serial")
        self.assertEqual(sale_lines[0].qty_delivered, 1.0)
        self._assert_refused(line.action_settle, line.display_name)
        self._assert_refused(line.action_test, line.display_name, "the customer")
        self.assertFalse(line.refund_line_ids)

    def test_a_serial_that_comes_twice_in_one_parcel(self):
        lots, _sale_lines = self._sell_serials("S1", "S2")
        first = self._create_return(self._serial_line("S1"))
        first.action_accept()
        self._receive(first)
        second = self._create_return(self._serial_line("S2"))
        second.action_accept()
        second.picking_ids.move_line_ids.lot_id = lots[0]
        picking = second.picking_ids
        picking.move_ids.picked = True
        with self.assertRaises(UserError), self.env.cr.savepoint():
            picking.button_validate()
            case = second.line_ids.difference_ids
            case.action_contact(note="Keeps the other")
            case.action_decide("accept")
        self.assertEqual(picking.state, "assigned")
