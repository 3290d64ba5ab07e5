from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestMatch(ReturnCommon):
    """By which delivery it left, and whether it may come back: of many at once too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_invoice_posting = "post"

    def _type(self, *products, **values):
        """Return the lines of a return without their deliveries."""
        rma = self._create_return(
            *[{"product_id": product.id, "quantity": 1} for product in products],
            **values,
        )
        return rma.line_ids

    def test_each_line_takes_what_is_left(self):
        self._stock(self.part_avco, 5)
        first = self._sell(self.part_avco, 1)
        second = self._sell(self.part_avco, 1)
        lines = self._type(self.part_avco, self.part_avco)
        self.assertEqual(lines.sale_line_id, first | second)
        with self.assertRaisesRegex(ValidationError, "0 can still come back"):
            self._type(self.part_avco)

    def test_another_customer_is_matched_anew(self):
        self._stock(self.part_avco, 5)
        first = self._sell(self.part_avco, 1)
        second = self._sell(self.part_avco, 1)
        other = self.customer.copy({"name": "Somebody else"})
        lines = self._type(self.part_avco, self.part_avco, partner_id=other.id)
        self.assertFalse(lines.move_id)
        lines.return_id.partner_id = self.customer
        self.assertEqual(lines.sale_line_id, first | second)

    def test_another_customer_has_none_left(self):
        """Who it is of was changed: it is looked at once more when it is accepted."""
        self._stock(self.part_avco, 5)
        sale_line = self._sell(self.part_avco, 2)
        self._create_return((sale_line, 2))
        other = self.customer.copy({"name": "Somebody else"})
        lines = self._type(self.part_avco, partner_id=other.id)
        lines.operation_id = self._get_operation("advance")
        lines.return_id.partner_id = self.customer
        with self.assertRaisesRegex(ValidationError, "0 can still come back"):
            lines.return_id.action_accept()

    def test_many_lines_cost_as_much_as_one(self):
        products = self.env["product.product"].create(
            [{"name": f"Part {number}", "is_storable": True} for number in range(12)]
        )
        for product in products:
            self._stock(product, 2)
            self._sell(product, 1, invoice=False)

        def count(products):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines = self._type(*products)
            self.env.flush_all()
            self.assertEqual(len(lines.move_id), len(products))
            return self.env.cr.sql_log_count - before

        count(products[0])
        one, many = count(products[1]), count(products[2:])
        self.assertLessEqual(many, one + 10)

    def test_serials_of_many_lines(self):
        lots = self._stock_serial(["S1", "S2", "S3"])
        sale_line = self._sell(self.part_serial, 3, lots=lots)
        rma = self._create_return(
            *[{"product_id": self.part_serial.id, "serial": lot.name} for lot in lots]
        )
        self.assertEqual(rma.line_ids.mapped("lot_id"), lots)
        self.assertEqual(rma.line_ids.sale_line_id, sale_line)

    def test_a_serial_that_two_companies_know(self):
        other = self.env["res.company"].create({"name": "Sister"})
        lots = self._stock_serial(["S1"])
        self._sell(self.part_serial, 1, lots=lots)
        values = {"product_id": self.part_serial.id, "company_id": other.id}
        self.env["stock.lot"].create(
            [{**values, "name": "S1"}, {**values, "name": "ELSEWHERE"}]
        )
        line = self._create_return(
            {"product_id": self.part_serial.id, "serial": "S1"}
        ).line_ids
        self.assertEqual(line.lot_id, lots)
        self.assertTrue(line.move_id)
        line = self._create_return(
            {"product_id": self.part_serial.id, "serial": "ELSEWHERE"},
            operation="repair",
        ).line_ids
        self.assertFalse(line.lot_id)

    def test_back_from_its_supplier_it_may_come_again(self):
        self._stock(self.part_avco, 5)
        supplier = self.env["res.partner"].create({"name": "Maker"})
        self.part_avco.seller_ids = [fields.Command.create({"partner_id": supplier.id})]
        sale_line = self._sell(self.part_avco, 1)
        rma = self._create_return((sale_line, 1), operation="supplier")
        rma.action_accept()
        self._receive(rma)
        line = rma.line_ids
        line.action_test(result="fail")
        line.action_settle()
        line.trip_ids.action_send(date_promised=fields.Date.today())
        line.trip_ids.action_receive()
        line.action_test(result="pass")
        line.action_settle()
        with self.assertRaises(ValidationError):
            self._create_return((sale_line, 1))
        self._put_away(rma)
        self.assertEqual(line.state, "done")
        self.assertEqual(line._get_place().usage, "customer")
        self.assertTrue(self._create_return((sale_line, 1)).line_ids.move_id)

    # Opened again

    def test_a_request_is_not_reopened(self):
        self._stock(self.part_avco, 5)
        rma = self._create_return((self._sell(self.part_avco, 1), 1))
        with self.assertRaisesRegex(UserError, "Accept it first"):
            rma.action_reopen()

    def test_what_ended_is_reopened_and_not_accepted(self):
        self._stock(self.part_avco, 5)
        sale_line = self._sell(self.part_avco, 2)
        cancelled = self._create_return((sale_line, 1))
        cancelled.action_cancel("Keeps it")
        done = self._create_return((sale_line, 1))
        done.action_accept()
        self._receive(done)
        done.line_ids.action_test(grade=self.grade_a)
        done.line_ids.action_settle()
        self._put_away(done)
        self.assertEqual(done.state, "done")
        for rma in (cancelled, done):
            with self.assertRaisesRegex(
                UserError, f"{rma.name} is closed or cancelled"
            ):
                (rma | self._create_return((sale_line, 0.5))).action_accept()
        self.assertEqual((cancelled.state, done.state), ("cancel", "done"))

    def test_opened_again_it_can_be_closed(self):
        self._stock(self.part_avco, 5)
        sale_line = self._sell(self.part_avco, 2)
        returns = self.env["aftersales.return"]
        for quantity in (1, 1):
            rma = self._create_return((sale_line, quantity))
            rma.action_accept()
            self._receive(rma)
            with self.assertRaisesRegex(UserError, "can't be closed yet. Test"):
                rma.action_close()
            rma.line_ids.action_test(grade=self.grade_a)
            rma.line_ids.action_settle()
            self._put_away(rma)
            returns |= rma
        returns.with_user(self.advisor).action_reopen()
        self.assertEqual(returns.mapped("state"), ["open"] * 2)
        self.assertEqual(returns.mapped("may_close"), [True] * 2)
        self.assertIn("close the return", returns[0].next_step)
        returns.with_user(self.advisor).action_close()
        self.assertEqual(returns.mapped("state"), ["done"] * 2)
        self.assertTrue(all(returns.mapped("date_done")))
