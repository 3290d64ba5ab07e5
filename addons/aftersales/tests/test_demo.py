from odoo.tests import tagged

from .demo_common import DemoCommon


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """The demo data loads through the steps of the work order, by the roles' rights."""

    def _load_orders(self):
        self._load()
        return self.env["aftersales.order"].search([("team_id.name", "=", "Workshop")])

    def test_an_order_in_every_state(self):
        orders = self._load_orders()
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
        orders = self._load_orders()
        self.assertFalse(orders.invoice_ids)
        self.assertEqual(self.env.ref("aftersales.order_brakes").state, "done")
