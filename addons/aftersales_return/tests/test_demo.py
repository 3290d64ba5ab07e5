from odoo import fields
from odoo.tests import tagged

from odoo.addons.aftersales.tests.demo_common import DemoCommon


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """The demo story loads through the steps of the roles, by their rights."""

    story = {
        "aftersales": "order_new",
        "aftersales_return": "return_refund",
    }

    def _get(self, name):
        return super()._get(f"return_{name}")

    def test_story(self):
        self._load()
        states = {
            name: (
                self._get(name).state,
                self._get(name).line_ids[0].state,
            )
            for name in (
                "refund",
                "closed",
                "advance",
                "partial",
                "repair",
                "gate",
                "supplier",
                "lost",
            )
        }
        self.assertEqual(
            states,
            {
                "refund": ("open", "settled"),
                "closed": ("done", "done"),
                "advance": ("open", "expected"),
                "partial": ("open", "received"),
                "repair": ("open", "settled"),
                "gate": ("open", "settled"),
                "supplier": ("open", "tested"),
                "lost": ("done", "lost"),
            },
        )
        self.assertTrue(self._get("advance").line_ids.date_given)
        self.assertEqual(self._get("partial").line_ids.difference_ids.kind, "less")
        self.assertEqual(self._get("repair").line_ids.order_id.state, "quoted")
        self.assertEqual(self._get("gate").line_ids.gate_result, "pass")
        self.assertTrue(self._get("supplier").line_ids.trip_ids.is_late)
        self.assertEqual(self._get("lost").shipment_ids.state, "lost")
        request = self.env["aftersales.return"].search(
            [("request_key", "=", "demo-headphones")]
        )
        self.assertEqual((request.state, request.channel), ("draft", "portal"))
        self.assertTrue(request.photo_ids)

    def test_dates_agree(self):
        self._load()
        now = fields.Datetime.now()
        for name in ("refund", "closed", "advance", "partial", "repair", "gate"):
            rma = self._get(name)
            line = rma.line_ids[0]
            dates = [
                line.date_delivered,
                rma.date_requested,
                line.date_received,
                line.date_tested,
                rma.date_done,
                now,
            ]
            with self.subTest(name):
                known = [date for date in dates if date]
                self.assertEqual(known, sorted(known))
                self.assertGreater(line.days_since_delivery, 5)
        supplier = self._get("supplier").line_ids
        self.assertLess(supplier.date_tested.date(), supplier.trip_ids.date_sent)
        parcel = self._get("lost").shipment_ids
        self.assertLess(parcel.date_shipped, parcel.date_lost)
        self.assertTrue(parcel.carrier_place and parcel.insured_value)

    def test_portal_and_advisor_have_something_to_do(self):
        self._load()
        customer = self.env.ref("aftersales.user_wang_fang")
        Return = self.env["aftersales.return"].with_user(customer)
        items, _more = Return._get_portal_offer(
            customer.partner_id, self.env.ref("base.main_company")
        )
        cable = self._get_product("cable")
        self.assertIn(cable, [item["product"] for item in items])
        line = self._get("partial").line_ids[0]
        advisor = line.with_user(self.env.ref("aftersales.user_advisor"))
        self.assertEqual(advisor.approval_state, "free")

    def _get_product(self, name):
        return self.env.ref(f"aftersales_return.product_{name}")

    def test_without_a_chart_of_accounts_nothing_is_credited(self):
        self.env["account.journal"].search([("type", "=", "sale")]).active = False
        self._load()
        self.assertEqual(self._get("closed").state, "done")
        self.assertFalse(self._get("closed").line_ids.refund_line_ids)
