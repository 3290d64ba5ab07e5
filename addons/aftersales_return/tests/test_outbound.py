from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools.date_utils import add

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestOutbound(ReturnCommon):
    def _create_received(self, *quantities, operation="as_is"):
        """Return an accepted return whose goods are here, one line per quantity."""
        self._stock(self.part_avco, 40, 10.0)
        rma = self._create_return(
            *[
                (self._sell(self.part_avco, quantity), quantity)
                for quantity in quantities
            ],
            operation=operation,
        )
        rma.action_accept()
        self._receive(rma)
        return rma

    def _get_out(self, rma):
        return rma.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
        )

    def _validate(self, pickings):
        pickings.move_ids.picked = True
        return pickings.button_validate()

    def test_left_over_stops_the_shipment(self):
        rma = self._create_received(1, 2)
        sent, kept = rma.line_ids
        sent.action_test()
        sent.action_settle()
        picking = self._get_out(rma)
        with self.assertRaises(UserError) as error:
            self._validate(picking)
        message = str(error.exception)
        for words in (picking.name, rma.name, "2 Units", self.part_avco.name, "Here"):
            self.assertIn(words, message)
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(sent.state, "settled")
        # Along with the rest it goes.
        kept.action_test()
        kept.action_settle()
        self.assertEqual(self._get_out(rma), picking, "one transfer per return")
        self._validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual(rma.state, "done")
        self._validate(picking)
        self.assertEqual(len(picking.move_ids), 2)

    def test_part_of_a_line_left_in_the_box(self):
        rma = self._create_received(3)
        rma.line_ids.action_test()
        rma.line_ids.action_settle()
        picking = self._get_out(rma)
        picking.move_ids.quantity = 2
        picking.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "1 Units"):
            picking.with_context(skip_backorder=True).button_validate()
        rma.line_ids.action_agree("later", name="Wang Fang", note="Second box")
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        follow = self._get_out(rma) - picking
        self.assertEqual(follow.state, "assigned")
        self.assertEqual(follow.aftersales_shipment_id.state, "announced")
        self._validate(follow)
        self.assertEqual(rma.state, "done")

    def test_two_returns_at_once(self):
        """Each is compared with its own note, also in one call."""
        first = self._create_received(1)
        second = self._create_received(1, 1)
        lines = first.line_ids + second.line_ids[0]
        lines.action_test()
        lines.action_settle()
        pickings = self._get_out(first) + self._get_out(second)
        self.assertEqual(len(pickings), 2, "same customer, but a transfer each")
        with self.assertRaisesRegex(UserError, second.name):
            self._validate(pickings)
        self.env.invalidate_all()
        self.assertEqual(pickings.mapped("state"), ["assigned", "assigned"])
        second.line_ids[1].action_agree("keep", name="Wang Fang")
        self._validate(pickings)
        self.assertEqual(pickings.mapped("state"), ["done", "done"])
        self.assertEqual(first.state, "done")

    def test_what_we_took_back_is_handled(self):
        rma = self._create_received(1, 1)
        back, refunded = rma.line_ids
        refunded.operation_id = self._get_operation("scrap")
        back.action_test()
        back.action_settle()
        picking = self._get_out(rma)
        with self.assertRaisesRegex(UserError, "Left over"):
            self._validate(picking)
        refunded.action_test()
        refunded.action_agree("scrap", name="Wang Fang")
        refunded.action_settle()
        self._validate(picking)
        self.assertEqual(picking.state, "done")

    def test_scrap_only_with_consent(self):
        """Goods that were never ours are scrapped when their owner agreed."""
        rma = self._create_received(1, 1)
        lines = rma.line_ids
        lines.operation_id = self._get_operation("scrap")
        lines.action_test()
        with self.assertRaisesRegex(UserError, "belongs to the customer"):
            lines.action_settle()
        with self.assertRaisesRegex(UserError, "with whom"):
            lines.action_agree("scrap", name=" ")
        with self.assertRaisesRegex(UserError, "with whom"):
            lines.action_agree("nothing", name="Wang Fang")
        lines.action_agree("scrap", name="Wang Fang", note="By phone")
        lines.action_settle()
        self.assertEqual(set(lines.mapped("state")), {"done"})
        self.assertEqual(lines.mapped("agreement_user_id"), self.env.user)

    def test_restock_only_with_consent(self):
        """Paid goods are not kept for nothing without their owner's word."""
        rma = self._create_received(1, 1)
        lines = rma.line_ids
        lines.operation_id = self._get_operation("restock")
        lines.action_test(grade=self.grade_a)
        with self.assertRaisesRegex(UserError, "belongs to the customer"):
            lines.action_settle()
        lines.action_agree("scrap", name="Wang Fang")
        with self.assertRaisesRegex(UserError, "Stays here"):
            lines.action_settle()
        lines.action_agree("keep", name="Wang Fang", note="Too old")
        lines.action_settle()
        self.assertEqual(set(lines.mapped("state")), {"settled"})

    def test_later_ends(self):
        """What follows later has a day: after it the goods stop the next parcel."""
        rma = self._create_received(1, 1, 1)
        first, second, late = rma.line_ids
        first.action_test()
        first.action_settle()
        today = fields.Date.context_today(late)
        with self.assertRaisesRegex(UserError, "that day is over"):
            late.action_agree("later", name="Wang Fang", date=add(today, days=-1))
        (second | late).action_agree("later", name="Wang Fang")
        self.assertEqual(late.agreement_date, add(today, days=14))
        late.action_agree("later", name="Wang Fang", date=add(today, days=3))
        task = rma.activity_search(["aftersales_return.activity_later"])
        self.assertEqual(task.date_deadline, add(today, days=3), "one, the next")
        self.assertIn(late.product_id.name, task.summary)
        picking = self._get_out(rma)
        with (
            freeze_time(add(today, days=4)),
            self.assertRaisesRegex(UserError, "Left over: 1 Units"),
        ):
            self._validate(picking)
        self._validate(picking)
        self.assertEqual(picking.state, "done")
        (second | late).action_test()
        (second | late).action_settle()
        self._validate(self._get_out(rma) - picking)
        self.assertEqual(rma.state, "done")
        self.assertFalse(task.exists())

    def test_nothing_to_agree_before_it_is_here(self):
        self._stock(self.part_avco, 5, 10.0)
        rma = self._create_return((self._sell(self.part_avco, 1), 1))
        rma.action_accept()
        with self.assertRaisesRegex(UserError, rma.name):
            rma.line_ids.action_agree("later", name="Wang Fang")

    def test_awaited_goods_do_not_stop_the_others(self):
        """Only what came is on the inbound note."""
        self._stock(self.part_avco, 40, 10.0)
        rma = self._create_return((self._sell(self.part_avco, 2), 2), operation="as_is")
        rma.action_accept()
        picking = rma.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        here = rma.line_ids.filtered(lambda line: line.state == "received")
        here.action_test()
        here.action_settle()
        self._validate(self._get_out(rma))
        self.assertEqual(here.state, "done")
        self.assertEqual(rma.state, "open")

    def test_address_complete(self):
        rma = self._create_received(1)
        rma.line_ids.action_test()
        rma.line_ids.action_settle()
        picking = self._get_out(rma)
        self.customer.write({"street": False, "zip": False, "phone": False})
        rma.shipment_ids.contact_phone = False
        with self.assertRaises(UserError) as error:
            self._validate(picking)
        message = str(error.exception)
        for word in (self.customer.name, "street", "postal code", "phone"):
            self.assertIn(word, message)
        self.assertNotIn("city", message)
        self.customer.write({"street": "1 High Street", "phone": "123"})
        # No postal codes there.
        self.customer.country_id = self.env.ref("base.hk")
        self.customer.country_id.zip_required = False
        self._validate(picking)
        self.assertEqual(picking.state, "done")

    def test_fetched_at_the_desk_needs_no_address(self):
        rma = self._create_received(1)
        rma.line_ids.action_test()
        rma.line_ids.action_settle()
        self.customer.street = False
        picking = self._get_out(rma)
        picking.aftersales_shipment_id.transport = "desk"
        picking.aftersales_shipment_id.receiver = "Wang Fang"
        self._validate(picking)
        self.assertEqual(picking.aftersales_shipment_id.state, "arrived")

    def test_replacement_waits_for_the_rest(self):
        rma = self._create_received(1, 1, operation="exchange")
        one, two = rma.line_ids
        one.action_test(grade=self.grade_a)
        one.action_settle()
        picking = self._get_out(rma)
        with self.assertRaisesRegex(UserError, "Left over"):
            self._validate(picking)
        two.action_agree("later", name="Wang Fang", note="Next week")
        self._validate(picking)
        self.assertEqual(picking.state, "done")

    def test_storekeeper_validates(self):
        rma = self._create_received(1, 1)
        rma.line_ids[0].action_test()
        rma.line_ids[0].action_settle()
        picking = self._get_out(rma).with_user(self.storekeeper)
        picking.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "Left over"):
            picking.button_validate()
        wizard = Form(
            self.env["aftersales.return.agree"]
            .with_user(self.advisor)
            .with_context(active_ids=rma.line_ids[1].ids)
        )
        self.assertEqual(wizard.name, self.customer.name)
        wizard.agreement = "later"
        wizard.save().action_apply()
        self.assertEqual(rma.line_ids[1].agreement_user_id, self.advisor)
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_other_deliveries_are_let_alone(self):
        self._stock(self.part_avco, 5, 10.0)
        self.customer.write({"street": False, "phone": False})
        line = self._sell(self.part_avco, 1)
        self.assertEqual(line.move_ids.state, "done")
        self.assertFalse(line.move_ids.picking_id.aftersales_shipment_id)
