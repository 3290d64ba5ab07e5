import logging

from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The Chinese demo story goes on from that of the guarantees."""

    def test_fifth_repair_under_the_three_guarantees(self):
        self._load()
        order = self.env.ref("aftersales_l10n_cn.order_car")
        self.assertEqual(order.right_level, "reached")
        self.assertEqual(order.rights[0]["code"], "CN-CAR-4X")
        self.assertEqual(order.rights[0]["refund"]["deduction"], 9000.0)
        self.assertEqual(order.rights[0]["refund"]["refund"], 141000.0)
        self.assertEqual(set(order.line_ids.mapped("verdict_result")), {"covered"})
        self.assertEqual(set(order.verdict_ids.mapped("rule_code")), {"CN-CAR-REPAIR"})

    def _load(self):
        env = self.env(su=True)
        with self.assertNoLogs(level=logging.WARNING):
            for module, known in (
                ("aftersales", "order_new"),
                ("aftersales_warranty", "order_suv"),
                ("aftersales_l10n_cn", "order_car"),
            ):
                if self.env.ref(f"{module}.{known}", raise_if_not_found=False):
                    continue
                for path in Manifest.for_addon(module)["demo"]:
                    convert_file(env, module, path, {}, mode="init", noupdate=True)
        self.env.invalidate_all()
