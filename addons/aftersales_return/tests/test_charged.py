from ast import literal_eval

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.tests import Form, tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestCharged(ReturnCommon):
    """Who looks at an exchange that was charged reads so, whatever the screen."""

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)
        sale_line = self._sell(self.part_avco, 5)
        self.rma = self._create_return((sale_line, 1), operation="advance")
        self.rma.action_accept()
        self.line = self.rma.line_ids
        new = self.line._get_moves("new").picking_id
        new.move_ids.picked = True
        new.button_validate()
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=15)):
            self.line.action_charge()
        self.order = self.line.charge_line_id.order_id

    def _come(self):
        picking = self.line._get_moves("in").picking_id
        picking.move_ids.picked = True
        picking.button_validate()

    def test_next_step_names_the_charge(self):
        self.rma.shipment_ids.filtered(
            lambda parcel: parcel.direction == "out"
        ).action_ship(waybill="SP-1", carrier=self.fleet)
        self.assertIn(f"charged with {self.order.name}", self.rma.next_step)
        self.assertIn("22.00", self.line.charge_text)
        self.assertEqual(self.line.action_view_charge()["res_id"], self.order.id)
        self.assertEqual(
            self.line.action_view_charge_invoices()["res_id"],
            self.order.invoice_ids.id,
        )

    def test_no_more_awaited_it_is_cancelled(self):
        form = Form(self.line)
        self.assertTrue(form.is_charged)
        self.line.action_cancel()
        self.assertFalse(self.line.charge_text)

    def test_accountants_find_what_is_to_post(self):
        Return = self.env["aftersales.return"]
        view = Return.get_view(
            self.env.ref("aftersales_return.return_view_search").id, "search"
        )
        domains = {
            node.get("name"): literal_eval(node.get("domain"))
            for node in etree.fromstring(view["arch"]).iterfind(".//filter[@domain]")
            if node.get("name") in ("charge_draft", "supplier_draft")
        }
        self.assertFalse(Return.search(domains["supplier_draft"]))
        self.assertIn(self.rma, Return.search(domains["charge_draft"]))
        self.order.invoice_ids.action_post()
        self.assertNotIn(self.rma, Return.search(domains["charge_draft"]))

    def test_the_dock_warns(self):
        step = self.env["aftersales.return.dock"].scan(self.rma.name)["step"]
        self.assertEqual(step["name"], "receive")
        self.assertIn(f"charged with {self.order.name}", step["text"])

    def test_settling_says_that_the_charge_is_given_back(self):
        self._come()
        self.assertIn("Settling", self.line.charge_text)
        self.line.action_test(result="fail", grade=self.grade_a)
        forecast = " ".join(self.line._get_forecast())
        self.assertIn("22.00", forecast)
        self.assertIn(self.order.name, forecast)
        self.line.action_settle()
        self.assertFalse(self.line.charge_text)

    def test_the_customer_reads_it_once(self):
        self.order.invoice_ids.action_post()
        self.assertEqual(self.rma._get_portal_status()[0], "Charged")
        events = self.line._get_portal_progress()
        self.assertEqual(
            [event["kind"] for event in events if event["is_done"]], ["parcel"]
        )
        self.assertEqual(events[0]["record"], self.order.invoice_ids)
        self.assertNotIn("Please", events[0]["text"])
        self._come()
        self.line.action_test(result="fail", grade=self.grade_a)
        self.line.action_settle()
        sent = [
            event
            for event in self.line._get_portal_progress()
            if event.get("kind") == "parcel"
        ]
        self.assertEqual(len(sent), 1)
