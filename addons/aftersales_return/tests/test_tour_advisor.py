from odoo.tests import tagged

from .common import ReturnCommon
from .tour_common import TourCase


@tagged("post_install", "-at_install")
class TestTourAdvisor(ReturnCommon, TourCase):
    """The advisor, from the call to the exchange; store and tester do their part."""

    def test_call_and_exchange(self):
        limits = self.env["aftersales.warranty.limit"]
        limits.search([("kind", "=", "exchange")]).unlink()
        limits.create(
            {
                "kind": "exchange",
                "group_id": self.env.ref("aftersales.aftersales_group_user").id,
                "amount": 500.0,
            }
        )
        lots = self._stock_serial(["SWAP-1", "SWAP-2"])
        sale_line = self._sell(self.part_serial, 1, lots=lots[0])
        gap = self._get_gap()
        self._walk("advisor_intake", self.advisor)
        rma = self.env["aftersales.return"].search(
            [("partner_id", "=", self.customer.id)]
        )
        line = rma.line_ids
        self.assertEqual((rma.state, rma.channel), ("open", "phone"))
        self.assertEqual((rma.user_id, rma.contact_name), (self.advisor, "Ms Wang"))
        self.assertEqual((line.lot_id, line.sale_line_id), (lots[0], sale_line))
        self.assertEqual(line.operation_id, self._get_operation("exchange"))
        self._receive(rma.with_user(self.storekeeper))
        line.with_user(self.technician).action_test(result="fail", grade=self.grade_a)
        self._walk("advisor_settle", self.advisor)
        self.assertEqual(line.state, "settled")
        self.assertFalse(line.refund_line_ids)
        self._receive(rma.with_user(self.storekeeper))
        self.assertEqual((line.state, rma.state), ("done", "done"))
        self.assertEqual(line.replacement_lot_ids, lots[1])
        self.assertEqual(
            self._get_gap(), gap, "nothing is left between stock and books"
        )

    def _get_gap(self):
        """Return what the stock is worth beyond the books, by account."""
        booked = self.company.stock_accounting_value()
        return {
            account.code: round(value - booked.get(account, 0.0), 2)
            for account, value in self.company.stock_value().items()
        }
