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
        self.assertEqual(
            self._get("partial").line_ids.difference_ids.kind, "less"
        )
        self.assertEqual(self._get("repair").line_ids.order_id.state, "quoted")
        self.assertEqual(self._get("gate").line_ids.gate_result, "pass")
        self.assertTrue(self._get("supplier").line_ids.trip_ids.is_late)
        self.assertEqual(self._get("lost").shipment_ids.state, "lost")
        request = self.env["aftersales.return"].search(
            [("request_key", "=", "demo-headphones")]
        )
        self.assertEqual((request.state, request.channel), ("draft", "portal"))
        self.assertTrue(request.photo_ids)

    def test_without_a_chart_of_accounts_nothing_is_credited(self):
        self.env["account.journal"].search([("type", "=", "sale")]).active = False
        self._load()
        self.assertEqual(self._get("closed").state, "done")
        self.assertFalse(self._get("closed").line_ids.refund_line_ids)
