from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PIXEL, InspectionCommon


@tagged("post_install", "-at_install")
class TestBelonging(InspectionCommon):
    def _ready_order(self):
        order = self._approve(self._create_order([(self.labour, 1)]))
        order.action_start()
        order.action_complete()
        order.action_pass_quality()
        return order

    def _keep(self, order, *names, **values):
        return self.env["aftersales.belonging"].create(
            [{"order_id": order.id, "name": name, **values} for name in names]
        )

    def test_hand_over_waits_for_belongings(self):
        order = self._ready_order()
        pen, seat = self._keep(order, "Pen drive", "Child seat")
        self.assertEqual(pen.company_id, self.company)
        self.assertIn("Hand back: 1 Pen drive", order.missing)
        with self.assertRaisesRegex(UserError, "Pen drive, Child seat is still"):
            order.action_deliver()
        pen.action_return(returned_to="Wang Fang")
        with self.assertRaisesRegex(UserError, "write down what is known"):
            seat.action_missing("")
        seat.with_user(self.advisor).action_missing("Not in the car at 18:00")
        self.assertIn("Not in the car", "".join(order.message_ids.mapped("body")))
        order.action_deliver()
        self.assertEqual(order.state, "done")
        self.assertEqual(pen.returned_to, "Wang Fang")
        self.assertTrue(pen.date_returned)
        with self.assertRaisesRegex(UserError, "is closed"):
            self._keep(order, "Umbrella")

    def test_everything_is_handed_back_at_once(self):
        order = self._ready_order()
        things = self._keep(order, "Key", "Card", kind="key")
        order.action_return_belongings()
        order.action_return_belongings()
        self.assertEqual(set(things.mapped("state")), {"returned"})
        self.assertEqual(set(things.mapped("returned_to")), {"Wang Fang"})

    def test_what_was_found_again_is_handed_back(self):
        order = self._ready_order()
        thing = self._keep(order, "Glove")
        thing.action_missing("Looked everywhere")
        thing.action_return()
        self.assertEqual(thing.state, "returned")
        with self.assertRaisesRegex(UserError, "cannot become"):
            thing.action_missing("Again")

    def test_written_down_at_an_inspection(self):
        template = self._create_template(
            [{"name": "Fuel", "kind": "rating"}], signature=True, use="walkaround"
        )
        order = self._create_order([(self.labour, 1)])
        inspection = self._inspect(order, template)
        inspection.belonging_ids = [
            Command.create({"name": "Toll card", "kind": "card"}),
            Command.create({"name": "Spare key", "kind": "key", "quantity": 2}),
        ]
        self.assertEqual(order.belonging_ids, inspection.belonging_ids)
        self._answer(inspection, {template.version_id.item_ids: "green"})
        inspection.action_finish(signer="Wang Fang", signature=PIXEL)
        with self.assertRaisesRegex(UserError, "signed for"):
            inspection.belonging_ids[0].name = "Something else"
        with self.assertRaisesRegex(UserError, "signed for"):
            inspection.belonging_ids[1].unlink()
        order.belonging_ids.action_return()

    def test_keys_of_a_property_without_an_order(self):
        template = self._create_template(
            [{"name": "Walls", "kind": "rating"}], use="handover"
        )
        flat = self.asset.copy({"name": "Flat 12"})
        inspection = self.env["aftersales.inspection"].create(
            {"template_id": template.id, "asset_id": flat.id}
        )
        key = self.env["aftersales.belonging"].create(
            {"inspection_id": inspection.id, "name": "House key", "kind": "key"}
        )
        key.action_return()
        self.assertEqual(key.returned_to, "Wang Fang")

    @mute_logger("odoo.sql_db")
    def test_belongs_to_something(self):
        with self.assertRaises(IntegrityError):
            self.env["aftersales.belonging"].create({"name": "Lost"})

    @mute_logger("odoo.sql_db")
    def test_at_least_one_piece(self):
        with self.assertRaises(IntegrityError):
            self._keep(self._ready_order(), "Nothing", quantity=0)

    def test_orders_without_belongings_are_not_asked(self):
        order = self._ready_order()
        self.assertFalse(order.is_inspected)
        order.action_deliver()
        self.assertEqual(order.state, "done")
