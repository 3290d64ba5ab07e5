from odoo import Command
from odoo.tests import tagged

from . import test_return_analysis
from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
class TestReturnAnalysisSupplier(SupplierCommon):
    """Claims, credits and charges, to the cent."""

    MONEY = test_return_analysis.TestReturnAnalysis.MONEY
    _read = test_return_analysis.TestReturnAnalysis._read
    _get_money = test_return_analysis.TestReturnAnalysis._get_money
    _assert_money = test_return_analysis.TestReturnAnalysis._assert_money

    def _exchange(self, product):
        """Exchange two of 10.01 for two of 13.37; the old ones are scrapped."""
        self._buy(product, 2, 10.01)
        line = self._come_back(product, 2)
        line.operation_id = line.operation_id.copy({"code": False, "goods": "scrap"})
        self._buy(product, 4, 13.37)
        line.action_test(result="fail")
        line.action_settle()
        self._receive(line.return_id)
        return line

    def test_claim_pays_what_the_exchange_cost(self):
        line = self._exchange(self.part_fifo)
        rma = line.return_id
        # New ones 26.74, scrapped as the oldest in stock 26.74, old ones back 20.02.
        self._assert_money(rma, cost_goods=33.46, cost=33.46, cost_net=33.46)
        claim = self._get_claims(line)
        claim.action_send()
        claim.move_id.action_post()
        self._assert_money(rma, cost_goods=33.46, cost=33.46, cost_net=33.46)
        claim.action_settle(reference="S1")
        self._assert_money(
            rma, cost_goods=33.46, cost=33.46, amount_recovered=33.46, cost_net=0.0
        )

    def test_claim_in_another_currency(self):
        """At the rate of the day it was sent."""
        other = self.env["res.currency"].create(
            {
                "name": "XRT",
                "symbol": "X",
                "rounding": 0.01,
                "rate_ids": [
                    Command.create({"name": "2000-01-01", "company_rate": 4.0})
                ],
            }
        )
        line = self._exchange(self.part_fifo)
        claim = self._get_claims(line)
        claim.currency_id = other
        self.assertEqual(len(claim.line_ids), 2, "exchange and scrap")
        claim.line_ids.amount_claimed = 53.48
        claim.action_send()
        claim.move_id.action_post()
        claim.action_settle(reference="S1")
        self._assert_money(
            line.return_id,
            cost_goods=33.46,
            cost=33.46,
            amount_recovered=26.74,
            cost_net=6.72,
        )

    def _credit(self):
        """Refund two of 10.01 that the supplier keeps and credits."""
        self._buy(self.part_avco, 3, 10.01, bill=True)
        line = self._come_back(self.part_avco, 2, self._get_supplier_operation())
        line.action_test(result="fail")
        line.action_settle()
        trip = line.trip_ids
        trip.action_send(date_promised="2099-01-01")
        trip.action_credit(reference="CN-1")
        return trip

    def test_credit_of_the_supplier(self):
        trip = self._credit()
        rma = trip.return_id
        money = {"amount_refunded": 40.0, "cost": 40.0, "cost_net": 40.0}
        self._assert_money(rma, **money)
        trip.refund_ids.action_post()
        self._assert_money(
            rma, **{**money, "amount_recovered": 20.02, "cost_net": 19.98}
        )

    def test_credit_that_was_reversed(self):
        trip = self._credit()
        refund = trip.refund_ids
        refund.action_post()
        refund._reverse_moves([{"invoice_date": refund.invoice_date}], cancel=True)
        self._assert_money(
            trip.return_id, amount_refunded=40.0, cost=40.0, cost_net=40.0
        )

    def test_freight_is_a_cost_until_it_is_paid(self):
        self._buy(self.part_avco, 1)
        line = self._come_back(self.part_avco, 1, operation="repair")
        trip = line.action_send_to_supplier()
        trip.partner_id = self.supplier
        trip.freight_amount = 8.55
        self._assert_money(line.return_id)
        trip.action_send(date_promised="2099-01-01")
        self._assert_money(line.return_id, cost_freight=8.55, cost=8.55, cost_net=8.55)

    def test_carrier_pays_for_what_the_supplier_never_got(self):
        self._buy(self.part_avco, 1)
        line = self._come_back(self.part_avco, 1, operation="repair")
        trip = line.action_send_to_supplier()
        trip.partner_id = self.supplier
        trip.action_send(date_promised="2099-01-01")
        parcel = trip.picking_ids.aftersales_shipment_id
        parcel.action_lose(reason="Never scanned")
        parcel.action_settle_loss(amount=7.35, result="Paid")
        self._assert_money(line.return_id, amount_recovered=7.35, cost_net=-7.35)
