import logging

from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The demo data loads through the steps of the work order, by the roles' rights."""

    def _load(self):
        if self.env.ref("aftersales.order_new", raise_if_not_found=False):
            self.skipTest("the demo data is loaded already")
        env = self.env(su=True)
        with self.assertNoLogs(level=logging.WARNING):
            for path in Manifest.for_addon("aftersales")["demo"]:
                convert_file(env, "aftersales", path, {}, mode="init", noupdate=True)
        self.env.invalidate_all()
        return self.env["aftersales.order"].search([("team_id.name", "=", "Workshop")])

    def test_an_order_in_every_state(self):
        orders = self._load()
        states = dict(self.env["aftersales.order"]._fields["state"].selection)
        self.assertEqual(set(orders.mapped("state")), set(states))
        brakes = self.env.ref("aftersales.order_brakes")
        self.assertEqual(set(brakes.old_part_ids.mapped("state")), {"returned"})
        self.assertEqual(brakes.invoice_ids.mapped("state"), ["posted"])
        self.assertEqual(brakes.amount_untaxed, 360.0)
        self.assertFalse(self.env.ref("aftersales.order_goodwill").invoice_ids)
        shared = self.env.ref("aftersales.order_warranty").invoice_ids
        self.assertEqual(sorted(shared.mapped("amount_untaxed")), [91.8, 214.2])
        waiting = self.env.ref("aftersales.order_fridge")
        self.assertEqual(waiting.parts_state, "expected")
        added = self.env.ref("aftersales.job_van_3_brakes")
        self.assertEqual(added.state, "proposed")
        self.assertEqual(self.env.ref("aftersales.meter_generator").total, 1670)

    def test_without_a_chart_of_accounts_nothing_is_invoiced(self):
        self.env["account.journal"].search([("type", "=", "sale")]).active = False
        orders = self._load()
        self.assertFalse(orders.invoice_ids)
        self.assertEqual(self.env.ref("aftersales.order_brakes").state, "done")
