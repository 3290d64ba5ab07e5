from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_bad_input import BadInputCommon


@tagged("post_install", "-at_install")
class TestBadNative(BadInputCommon):
    """What Inventory, Invoicing, an import or a program tries past the return."""

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)
        self.sale_line = self._sell(self.part_avco, 5)
        self.delivery = self.sale_line.move_ids.picking_id

    def _return_natively(self, picking, quantity):
        wizard = self.env["stock.return.picking"].with_user(self.storekeeper)
        wizard = wizard.create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = quantity
        return wizard._create_return()

    def _assert_wizard_refused(self, picking, quantity, *words):
        self._assert_refused(lambda: self._return_natively(picking, quantity), *words)

    # Inventory

    # Peer 1: over open and done returns, also by Inventory's own
    def test_taken_back_by_inventory_too(self):
        rma = self._create_return((self.sale_line, 4))
        rma.action_accept()
        self._assert_wizard_refused(
            self.delivery, 2, self.delivery.name, f"comes back with {rma.name} already"
        )
        back = self._return_natively(self.delivery, 1)
        # More is in the parcel than was planned.
        back.move_ids.quantity = 2
        back.move_ids.picked = True
        self._assert_refused(back.button_validate, rma.name)
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        self._put_away(rma)
        self.assertEqual(self.sale_line.qty_delivered, 1.0)
        self._assert_wizard_refused(self.delivery, 1, rma.name)
        back.move_ids.quantity = 1
        back.button_validate()
        self.assertEqual(back.state, "done")

    def _receive_repair(self):
        lots, _sale_lines = self._sell_serials("S1")
        rma = self._create_return(self._serial_line("S1"), operation="repair")
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(result="fail")
        rma.line_ids.action_settle()
        return rma, lots

    def test_receipt_is_not_returned_past_the_test(self):
        rma, _lots = self._receive_repair()
        receipt = rma.line_ids._get_moves("in").picking_id
        self._assert_wizard_refused(receipt, 1, receipt.name, f"is of {rma.name}")

    def test_nothing_is_delivered_past_its_return(self):
        rma, lots = self._receive_repair()
        place = self.warehouse.aftersales_return_loc_id
        customers = self.customer.property_stock_customer
        places = {"location_id": place.id, "location_dest_id": customers.id}
        picking = (
            self.env["stock.picking"]
            .with_user(self.storekeeper)
            .create(
                {
                    "picking_type_id": self.warehouse.out_type_id.id,
                    "partner_id": self.customer.id,
                    **places,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": self.part_serial.id,
                                "product_uom_qty": 1,
                                "picked": True,
                                "move_line_ids": [
                                    Command.create(
                                        {
                                            "product_id": self.part_serial.id,
                                            "lot_id": lots.id,
                                            "owner_id": self.customer.id,
                                            "quantity": 1,
                                            **places,
                                        }
                                    )
                                ],
                                **places,
                            }
                        )
                    ],
                }
            )
        )
        picking.action_confirm()
        self._assert_refused(picking.button_validate, picking.name, "with their return")
        self.assertEqual(rma.line_ids._get_place(), place)
        self.assertEqual(rma.line_ids.state, "settled")

    def test_scrapped_meanwhile(self):
        """What is gone changes no owner: the stock does not go below zero."""
        lots, _sale_lines = self._sell_serials("S1")
        rma = self._create_return(self._serial_line("S1"), operation="exchange")
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.part_serial.id,
                "lot_id": lots.id,
                "owner_id": self.customer.id,
                "location_id": self.warehouse.aftersales_return_loc_id.id,
                "scrap_qty": 1,
            }
        )
        scrap.with_user(self.storekeeper).action_validate()
        self._assert_refused(
            rma.line_ids.action_settle, rma.name, "is not in", "Put it back there first"
        )

    def test_at_the_supplier_and_taken_from_there(self):
        rma, lots = self._receive_repair()
        trip = rma.line_ids.action_send_to_supplier()
        trip.partner_id = self.maker
        trip.action_send(date_promised="2099-01-01")
        self._assert_wizard_refused(trip.picking_ids, 1, f"is of {rma.name}")
        there = trip._get_supplier_location()
        quant = lots.quant_ids.filtered(lambda quant: quant.location_id == there)
        quant.with_context(inventory_mode=True).inventory_quantity = 0
        quant.action_apply_inventory()
        for step in (trip.action_receive, lambda: trip.action_lose(reason="Gone")):
            self._assert_refused(step, there.display_name, "Put it back there first")
        self.assertEqual(trip.state, "sent")

    def test_putaway_rule(self):
        """Received on a shelf of the returns location, it is taken from there."""
        place = self.warehouse.aftersales_return_loc_id
        shelf = place.copy({"name": "Shelf", "location_id": place.id})
        self.env["stock.putaway.rule"].create(
            {
                "location_in_id": place.id,
                "location_out_id": shelf.id,
                "product_id": self.part_avco.id,
                "company_id": self.company.id,
            }
        )
        gap = self._get_gap()
        rma = self._create_return((self.sale_line, 1), operation="exchange")
        rma.action_accept()
        self._receive(rma)
        self.assertEqual(rma.line_ids._get_place(), shelf)
        self.assertTrue(shelf.aftersales_is_return)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        self._receive(rma)
        quants = self.part_avco.stock_quant_ids.filtered(
            lambda quant: quant.location_id.usage == "internal"
        )
        self.assertFalse(quants.filtered(lambda quant: quant.quantity < 0))
        self.assertFalse(quants.filtered("owner_id").filtered("quantity"))
        self.assertEqual(self._get_gap(), gap)

    # Lots

    def _sell_lot(self):
        oil = self.env["product.product"].create(
            {
                "name": "Oil",
                "is_storable": True,
                "tracking": "lot",
                "categ_id": self.part_avco.categ_id.id,
            }
        )
        lots = self.env["stock.lot"].create(
            [
                {"name": name, "product_id": oil.id, "company_id": self.company.id}
                for name in ("L1", "L2")
            ]
        )
        for lot in lots:
            self._make_in_move(oil, 5, 10.0, lot_ids=lot)
        return oil, lots, self._sell(oil, 1, lots=lots[0])

    def test_lot_is_found_by_its_number(self):
        oil, lots, sale_line = self._sell_lot()
        rma = self._create_return({"product_id": oil.id, "serial": "L1"})
        self.assertEqual(rma.line_ids.lot_id, lots[0])
        self.assertEqual(rma.line_ids.sale_line_id, sale_line)
        other = self._create_return({"product_id": oil.id, "serial": "L2"})
        self._assert_refused(other.action_accept, "L2 was not sold to Wang Fang")

    # Invoicing

    def _credit_by_hand(self, invoice):
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        wizard.reverse_moves()
        wizard.new_move_ids.action_post()
        return wizard.new_move_ids

    # Peer 10
    def test_credited_by_hand_before_ours_is_posted(self):
        invoice = self.sale_line.invoice_lines.move_id
        rma = self._create_return((self.sale_line, 2))
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        ours = rma.line_ids.refund_line_ids.move_id
        self.assertEqual(ours.state, "draft")
        by_hand = self._credit_by_hand(invoice)
        self._assert_refused(
            ours.with_user(self.accountant).action_post,
            rma.name,
            f"{invoice.name} is credited already",
        )
        by_hand.button_draft()
        by_hand.invoice_line_ids.quantity = 3
        by_hand.action_post()
        ours.with_user(self.accountant).action_post()
        self.assertEqual(by_hand.amount_total + ours.amount_total, invoice.amount_total)

    # Imports and programs

    def _load(self, fields, *rows):
        Return = self.env["aftersales.return"].with_user(self.advisor)
        names = ["partner_id/.id", "line_ids/product_id/.id", "line_ids/quantity"]
        return Return.load([*names, *fields], [list(row) for row in rows])

    def _assert_load_refused(self, words, fields, *rows):
        before = self._count()
        result = self._load(fields, *rows)
        self.assertFalse(result["ids"])
        self.assertIn(words, result["messages"][0]["message"])
        self.assertEqual(self._count(), before)

    def test_import_is_no_way_round(self):
        customer, product = str(self.customer.id), str(self.part_avco.id)
        stranger = str(self.env["res.partner"].create({"name": "Stranger"}).id)
        move = str(self.sale_line.move_ids.id)
        delivery = ["line_ids/move_id/.id"]
        self._assert_load_refused(
            "5 can still come back", delivery, (customer, product, "7", move)
        )
        self._assert_load_refused(
            "5 can still come back",
            [],
            (customer, product, "3"),
            (customer, product, "3"),
        )
        # Peer 25
        self._assert_load_refused(
            "did not leave with", delivery, (stranger, product, "1", move)
        )
        for field, value in (("state", "done"), ("line_ids/state", "tested")):
            self._assert_load_refused(
                "follows from the steps", [field], (customer, product, "1", value)
            )
        self._assert_load_refused(
            "follows from the steps",
            ["line_ids/test_result"],
            (customer, product, "1", "pass"),
        )
        self.assertTrue(self._load(delivery, (customer, product, "5", move))["ids"])

    # Peer 25: whose it is, is not changed afterwards either
    def test_accepted_goods_keep_their_customer(self):
        stranger, contact = self.env["res.partner"].create(
            [
                {"name": "Stranger"},
                {"name": "Her brother", "parent_id": self.customer.id},
            ]
        )
        other = self.env["stock.warehouse"].create(
            {"name": "Other", "code": "OTH", "company_id": self.company.id}
        )
        rma = self._create_return((self.sale_line, 2))
        rma.with_user(self.advisor).warehouse_id = other
        rma.with_user(self.advisor).warehouse_id = self.warehouse
        rma.action_accept()
        for values in ({"partner_id": stranger.id}, {"warehouse_id": other.id}):
            self._assert_refused(
                lambda values=values: rma.with_user(self.manager).write(values),
                f"{rma.name} was accepted as it is",
            )
        rma.with_user(self.advisor).partner_id = contact
        self.assertEqual(rma.line_ids.sale_line_id, self.sale_line)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            rma.line_ids.with_user(self.manager).return_id = self._create_return()
