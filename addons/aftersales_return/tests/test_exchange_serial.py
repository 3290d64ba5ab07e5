from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.aftersales_warranty.tests.common import WarrantyCommon

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestExchangeSerial(ReturnCommon, WarrantyCommon):
    """The new serial is the customer's asset; guarantees go where it goes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = fields.Date.subtract(fields.Date.today(), months=3)
        rule = {"code": "T-1Y", "name": "One year", "period": 1, "bearer": "maker"}
        cls.pack_on = cls._create_pack(
            [rule], name="Goes on", code="T-ON", kind="legal", restart_on_exchange=False
        )
        cls.pack_anew = cls._create_pack(
            [rule], name="Anew", code="T-NEW", kind="promise", restart_on_exchange=True
        )

    def _sell_registered(self, *names):
        """Sell serials one by one, each an asset with both guarantees."""
        sold = []
        for name in names:
            lot = self._stock_serial([name])
            sale_line = self._sell(self.part_serial, 1, lots=lot)
            asset = self.env["aftersales.asset"].create(
                {
                    "lot_id": lot.id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                }
            )
            for pack in self.pack_on | self.pack_anew:
                self._register(pack=pack, asset=asset, date_start=self.start)
            sold.append((sale_line, lot, asset))
        return sold

    def _exchange(self, *sold, operation="exchange", **values):
        rma = self._create_return(
            *[
                {
                    **self._prepare_line((sale_line, 1), operation),
                    "lot_id": lot.id,
                    **values,
                }
                for sale_line, lot, _asset in sold
            ]
        )
        rma.action_accept()
        return rma

    def _run(self, rma):
        self._receive(rma)
        rma.line_ids.action_test(result="fail", grade=self.grade_a)
        rma.line_ids.action_settle()

    def _find(self, lot):
        return (
            self.env["aftersales.asset"]
            .with_context(active_test=False)
            .search([("lot_id", "=", lot.id)])
        )

    def test_guarantees_go_on_or_begin_anew(self):
        (sold,) = self._sell_registered("OLD")
        new_lot = self._stock_serial(["NEW"])
        rma = self._exchange(sold)
        self._run(rma)
        old, line = sold[2], rma.line_ids
        self.assertFalse(line.new_asset_id, "it is not sent yet")
        self.assertEqual(set(old.registration_ids.mapped("state")), {"active"})
        self._receive(rma)
        asset = line.new_asset_id
        self.assertEqual(asset.lot_id, new_lot)
        self.assertEqual(asset.partner_id, self.customer)
        self.assertEqual(set(old.registration_ids.mapped("state")), {"ended"})
        new = {item.pack_id: item for item in asset.registration_ids}
        self.assertEqual(new[self.pack_on].date_start, self.start)
        self.assertEqual(new[self.pack_anew].date_start, fields.Date.today())
        self.assertEqual(set(asset.registration_ids.mapped("state")), {"active"})
        self.assertEqual(line.ended_registration_ids, old.registration_ids)
        # The old one is marked, and in nobody's list.
        self.assertEqual(old.replaced_by_id, asset)
        self.assertFalse(old.active)
        self.assertFalse(old.partner_id)
        bodies = " ".join(asset.message_ids.mapped("body"))
        self.assertIn(rma.name, bodies)
        self.assertEqual(rma.state, "done")

    def test_several_lines_each_its_own(self):
        sold = self._sell_registered("A", "B")
        self._stock_serial(["C", "D"])
        rma = self._exchange(*sold)
        self._run(rma)
        self._receive(rma)
        new = rma.line_ids.new_asset_id
        self.assertEqual(sorted(new.mapped("serial")), ["C", "D"])
        for line, (_sale_line, lot, asset) in zip(rma.line_ids, sold, strict=True):
            self.assertEqual(line.asset_id, asset)
            self.assertEqual(asset.lot_id, lot)
            self.assertEqual(asset.replaced_by_id, line.new_asset_id)
            self.assertEqual(
                line.new_asset_id.registration_ids.previous_id, asset.registration_ids
            )

    def test_a_second_exchange_goes_on_from_the_first(self):
        (sold,) = self._sell_registered("OLD")
        first = self._stock_serial(["FIRST"])
        rma = self._exchange(sold)
        self._run(rma)
        self._receive(rma)
        asset = rma.line_ids.new_asset_id
        self._stock_serial(["SECOND"])
        again = self.env["aftersales.return"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "line_ids": [
                    Command.create(
                        {
                            "product_id": self.part_serial.id,
                            "lot_id": first.id,
                            "operation_id": self._get_operation("exchange").id,
                        }
                    )
                ],
            }
        )
        again.action_accept()
        self._run(again)
        self._receive(again)
        self.assertTrue(again.line_ids.new_asset_id)
        self.assertEqual(asset.replaced_by_id, again.line_ids.new_asset_id)
        going_on = again.line_ids.new_asset_id.registration_ids.filtered(
            lambda item: item.pack_id == self.pack_on and item.state == "active"
        )
        self.assertEqual(going_on.date_start, self.start)

    def test_a_serial_that_was_somebodys_before(self):
        """A used one out of our stock: its last owner's guarantees are over."""
        (sold,) = self._sell_registered("OLD")
        lot = self._stock_serial(["USED"])
        other = self.env["res.partner"].create({"name": "Somebody"})
        used = self.env["aftersales.asset"].create(
            {
                "lot_id": lot.id,
                "partner_id": other.id,
                "company_id": self.company.id,
                "active": False,
            }
        )
        theirs = self._register(pack=self.pack_on, asset=used)
        rma = self._exchange(sold)
        self._run(rma)
        self._receive(rma)
        self.assertEqual(rma.line_ids.new_asset_id, used)
        self.assertEqual(used.partner_id, self.customer)
        self.assertTrue(used.active)
        self.assertEqual(theirs.state, "ended")
        self.assertEqual(
            used.registration_ids.filtered(lambda item: item.state == "active").mapped(
                "pack_id"
            ),
            self.pack_on | self.pack_anew,
        )

    def test_sold_again_is_a_new_beginning(self):
        (sold,) = self._sell_registered("OLD")
        self._stock_serial(["NEW"])
        rma = self._exchange(sold)
        self._run(rma)
        self._receive(rma)
        old = sold[2]
        self.warehouse.out_type_id.aftersales_create_assets = True
        other = self.env["res.partner"].create({"name": "Next Owner"})
        self.customer = other
        self._sell(self.part_serial, 1, lots=sold[1])
        self.assertTrue(old.active)
        self.assertEqual(old.partner_id, other)
        self.assertFalse(old.replaced_by_id)

    def test_a_serial_the_register_does_not_know(self):
        old_lot = self._stock_serial(["OLD"])
        sale_line = self._sell(self.part_serial, 1, lots=old_lot)
        self._stock_serial(["NEW"])
        rma = self._exchange((sale_line, old_lot, None))
        self._run(rma)
        self._receive(rma)
        asset = rma.line_ids.new_asset_id
        self.assertEqual(asset.serial, "NEW")
        self.assertFalse(asset.registration_ids)
        self.assertEqual(rma.state, "done")

    def test_lots_and_untracked_have_no_asset(self):
        by_lot = self.env["product.product"].create(
            {
                "name": "By Lot",
                "is_storable": True,
                "tracking": "lot",
                "standard_price": 10.0,
                "categ_id": self.category_avco_auto.id,
            }
        )
        lot = self.env["stock.lot"].create(
            {"name": "LOT", "product_id": by_lot.id, "company_id": self.company.id}
        )
        self._make_in_move(by_lot, 10, 10.0, lot_ids=lot)
        self._stock(self.part_avco, 10, 10.0)
        before = self.env["aftersales.asset"].search_count([])
        for product, values in (
            (by_lot, {"lot_id": lot.id}),
            (self.part_avco, {}),
        ):
            with self.subTest(product.name):
                sale_line = self._sell(product, 4)
                rma = self._create_return(
                    {**self._prepare_line((sale_line, 3), "exchange"), **values}
                )
                rma.action_accept()
                self._run(rma)
                self._receive(rma)
                self.assertEqual(rma.state, "done")
                new = rma.line_ids._get_moves("new")
                self.assertEqual(sum(new.mapped("quantity")), 3.0)
                self.assertFalse(rma.line_ids.new_asset_id)
        self.assertEqual(self.env["aftersales.asset"].search_count([]), before)

    def test_lot_is_no_asset_of_anybody(self):
        """A lot's asset, made by hand, is one thing; the lot is many."""
        self._stock(self.part_avco, 5, 10.0)
        sale_line = self._sell(self.part_avco, 2)
        rma = self._create_return((sale_line, 1), operation="refund")
        rma.action_accept()
        self._run(rma)
        self.assertFalse(rma.line_ids.asset_id)

    def test_refund_ends_the_guarantees(self):
        (sold,) = self._sell_registered("OLD")
        rma = self._exchange(sold, operation="refund")
        self._run(rma)
        old = sold[2]
        self.assertEqual(set(old.registration_ids.mapped("state")), {"ended"})
        self.assertFalse(old.active)
        self.assertFalse(old.replaced_by_id)

    def test_kept_and_refunded_stays_the_customers(self):
        (sold,) = self._sell_registered("OLD")
        self._exchange(sold, operation="refund_keep")
        old = sold[2]
        self.assertTrue(old.active)
        self.assertEqual(old.partner_id, self.customer)
        self.assertEqual(set(old.registration_ids.mapped("state")), {"ended"})

    def test_repair_touches_no_guarantee(self):
        (sold,) = self._sell_registered("OLD")
        rma = self._exchange(sold, operation="repair")
        self._run(rma)
        self.assertEqual(set(sold[2].registration_ids.mapped("state")), {"active"})
        self.assertEqual(rma.line_ids.order_id.asset_id, sold[2])
