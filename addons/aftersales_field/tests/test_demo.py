from odoo.tests import tagged

from odoo.addons.aftersales.tests.demo_common import DemoCommon


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """The demo story loads through the steps of the roles, by their rights."""

    story = {
        "aftersales": "order_new",
        "aftersales_planning": "resource_bay_1",
        "aftersales_field": "visit_hotel",
    }

    def test_story(self):
        self._load()
        names = ("hotel", "cafe", "office", "clinic", "bakery", "canteen")
        visits = {name: self._get(f"visit_{name}") for name in names}
        self.assertEqual(
            {name: visit.state for name, visit in visits.items()},
            {
                "hotel": "done",
                "cafe": "planned",
                "office": "planned",
                "clinic": "planned",
                "bakery": "planned",
                "canteen": "draft",
            },
        )
        self.assertEqual(visits["hotel"].opinion, "5")
        self.assertEqual(visits["canteen"].territory_id, self._get("territory_south"))
        van = self._get("location_van_1")
        gaskets = van.quant_ids.filtered(
            lambda quant: quant.product_id == self._get("product_gasket")
        )
        self.assertEqual(sum(gaskets.mapped("quantity")), 5, "one is at the hotel")
        self.assertEqual(visits["hotel"].form_issue_ids.mapped("kind"), ["service"])
        order = self._get("order_cafe")
        self.assertEqual(order.answer_kind, "onsite")
        Call = self.env["aftersales.call"]
        self.assertEqual(Call.search_count([("order_id", "=", order.id)]), 1)
        Operation = self.env["aftersales.field.operation"]
        entries = Operation.search(
            [("visit_id", "in", [v.id for v in visits.values()])]
        )
        self.assertEqual(entries.mapped("state"), ["conflict"])
        self.assertIn("kitchen", visits["cafe"].note)
        self.assertEqual(visits["cafe"].person_ids.mapped("role"), ["Owner"])
        lists = {
            name: visit.order_id.inspection_ids.mapped("template_id.code")
            for name, visit in visits.items()
        }
        self.assertEqual(set(lists["cafe"]), {"arrival", "leaving"})
        self.assertFalse(lists["clinic"])
        turns = self._get("recurring_hotel").turn_ids
        self.assertEqual(turns.mapped("state"), ["open"])
        plan = self._get("dispatch_plan_tomorrow")
        self.assertEqual(plan.state, "proposed")
        placed = plan.line_ids.filtered(lambda line: line.visit_id == visits["canteen"])
        self.assertEqual(placed.kind, "new")
