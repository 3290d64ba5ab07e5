from odoo.tests import HttpCase, tagged

from .common import FieldCommon


@tagged("post_install", "-at_install")
class TestHotlineTour(FieldCommon, HttpCase):
    """The screen of the hotline, in a browser."""

    def test_agent_takes_calls(self):
        self.customer.phone = "0171 5551234"
        self._create_visit(2, "2027-03-02 09:00")
        boiler = self.asset.copy({"name": "Boiler", "serial": "B-77"})
        self.start_tour(
            "/odoo", "aftersales_field_hotline", login=self.dispatcher.login
        )
        Order = self.env["aftersales.order"]
        solved, order = Order.search([], order="id desc", limit=2)
        self.assertEqual(order.asset_id, boiler)
        self.assertEqual(order.priority, "1")
        self.assertEqual(order.user_id, self.dispatcher)
        self.assertEqual(order.visit_ids.mapped("state"), ["draft"])
        self.assertEqual(order.visit_ids.note, "Ring twice")
        self.assertEqual(order.call_ids.words, "It stopped, and it is cold")
        self.assertEqual(solved.partner_id.name, "Zhao Min")
        self.assertEqual(solved.asset_id.name, "Pump")
        self.assertEqual(solved.state, "done")
        self.assertEqual(solved.answer_text, "Switch it off and on")
        self.assertFalse(solved.visit_ids)
