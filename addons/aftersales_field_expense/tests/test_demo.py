from odoo.tests import tagged

from odoo.addons.aftersales.tests.demo_common import DemoCommon


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """Claims of the engineers: one matches its visit, one does not, one is new."""

    story = {
        "aftersales": "order_new",
        "aftersales_planning": "resource_bay_1",
        "aftersales_field": "visit_hotel",
        "aftersales_field_expense": "expense_parking",
    }

    def test_story(self):
        self._load()
        parking, fuel, tram = (
            self._get(f"expense_{name}") for name in ("parking", "fuel", "tram")
        )
        claims = parking + fuel + tram
        self.assertEqual(claims.mapped("state"), ["submitted", "submitted", "draft"])
        self.assertFalse(parking.aftersales_problem)
        self.assertIn("Potsdam", fuel.aftersales_problem)
        self.assertTrue(fuel.aftersales_is_flagged)
        self.assertEqual(parking.manager_id.login, "manager")
        visit = self.env.ref("aftersales_field.visit_hotel")
        self.assertEqual(visit.expense_count, 1)
