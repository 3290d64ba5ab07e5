from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .test_portal_request import PortalReturnCommon


class TourReturnCommon(PortalReturnCommon, HttpCase):
    """The customer asks for a return and follows it, in a browser."""

    def _walk(self):
        self.part_avco.name = "Circulation pump"
        self._stock(self.part_avco, 20)
        self._sell(self.part_avco, 5)
        lots = self._stock_serial(["TOUR-1", "TOUR-2"])
        old = self._sell(self.part_serial, 2, lots=lots)
        old.move_ids.date = fields.Datetime.now() - timedelta(days=90)
        self.start_tour("/my", "aftersales_return_portal", login=self.portal_user.login)
        rma = self.env["aftersales.return"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(len(rma), 1, "what was refused made none")
        self.assertEqual((rma.state, rma.channel), ("draft", "portal"))
        self.assertEqual(rma.description, "The box was wet.")
        self.assertEqual(len(rma.photo_ids), 1)
        pump = rma.line_ids.filtered(lambda line: line.product_id == self.part_avco)
        drill = rma.line_ids - pump
        self.assertEqual((pump.quantity, pump.operation_id), (2, self.op_refund))
        self.assertEqual((drill.lot_id, drill.operation_id), (lots[1], self.op_repair))


@tagged("post_install", "-at_install")
class TestTourReturnPhone(TourReturnCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_phone(self):
        self._walk()


@tagged("post_install", "-at_install")
class TestTourReturnDesk(TourReturnCommon):
    browser_size = "1400x900"

    def test_desk(self):
        self._walk()
