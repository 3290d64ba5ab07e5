from odoo.tests import Form, tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestEligibility(ReturnCommon):
    """On the phone: what may come back is read before anything is saved."""

    def _write_down(self, product, **values):
        form = Form(self.env["aftersales.return"])
        form.partner_id = self.customer
        with form.line_ids.new() as line:
            line.product_id = product
            for name, value in values.items():
                line[name] = value
            return line.eligibility, line.operation_id

    def test_delivery_quantity_and_operation_at_once(self):
        self._stock(self.part_avco, 20, 10.0)
        sold = self._sell(self.part_avco, 5)
        delivery = sold.move_ids
        self._create_return((sold, 2)).action_accept()
        text, operation = self._write_down(self.part_avco)
        self.assertIn(delivery.reference, text)
        self.assertIn("0 days ago: 3 can come back", text)
        self.assertEqual(operation, self._get_operation("refund"))

    def test_after_the_days_of_refund_something_else_is_proposed(self):
        self._stock(self.part_avco, 20, 10.0)
        sold = self._sell(self.part_avco, 5)
        sold.order_id.picking_ids.date_done = "2020-01-01"
        text, operation = self._write_down(self.part_avco)
        self.assertIn("5 can come back", text)
        self.assertNotEqual(operation, self._get_operation("refund"))

    def test_a_serial_names_its_delivery(self):
        lots = self._stock_serial(["PH-1", "PH-2"])
        self._sell(self.part_serial, 1, lots=lots[:1])
        self._sell(self.part_serial, 1, lots=lots[1:])
        first = self.env["stock.move.line"].search(
            [("lot_id", "=", lots[0].id), ("location_dest_id.usage", "=", "customer")]
        )
        text, _operation = self._write_down(self.part_serial, serial="PH-1")
        self.assertIn(first.move_id.reference, text)
        text, _operation = self._write_down(self.part_serial, serial="NONE")
        self.assertIn("No delivery", text)
