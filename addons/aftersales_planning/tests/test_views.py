from lxml import etree

from odoo.tests import tagged

from .common import PlanningCommon


@tagged("post_install", "-at_install")
class TestViews(PlanningCommon):
    def test_views_load_for_everybody_who_has_the_menu(self):
        for user in (self.technician, self.advisor, self.manager):
            for model, kinds in {
                "aftersales.booking": ("list", "form", "calendar", "pivot", "search"),
                "aftersales.order": ("list", "form", "search"),
                "aftersales.job": ("form",),
            }.items():
                for kind in kinds:
                    arch = self.env[model].with_user(user).get_view(view_type=kind)
                    self.assertTrue(etree.fromstring(arch["arch"]) is not None)

    def test_lists_say_what_to_do_when_empty(self):
        for name in ("booking_action", "resource_action", "resource_type_action"):
            action = self.env.ref(f"aftersales_planning.{name}")
            self.assertIn("o_view_nocontent_smiling_face", action.help)

    def test_opening_from_a_resource_and_an_order(self):
        action = self.bay.action_view_aftersales_bookings()
        self.assertEqual(action["context"]["default_resource_id"], self.bay.id)
        order = self._create_work(1)
        self.assertEqual(
            order.action_view_bookings()["domain"], [("order_id", "in", order.ids)]
        )
