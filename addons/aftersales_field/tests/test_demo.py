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
