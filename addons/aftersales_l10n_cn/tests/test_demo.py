from odoo.tests import tagged

from odoo.addons.aftersales.tests.demo_common import DemoCommon


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """The Chinese demo story goes on from that of the guarantees."""

    story = {
        "aftersales": "order_new",
        "aftersales_warranty": "order_suv",
        "aftersales_l10n_cn": "order_car",
    }

    def test_fifth_repair_under_the_three_guarantees(self):
        self._load()
        order = self._get("order_car")
        self.assertEqual(order.right_level, "reached")
        self.assertEqual(order.rights[0]["code"], "CN-CAR-4X")
        self.assertEqual(order.rights[0]["refund"]["deduction"], 9000.0)
        self.assertEqual(order.rights[0]["refund"]["refund"], 141000.0)
        self.assertEqual(set(order.line_ids.mapped("verdict_result")), {"covered"})
        self.assertEqual(set(order.verdict_ids.mapped("rule_code")), {"CN-CAR-REPAIR"})
