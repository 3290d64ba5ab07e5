from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import FieldCommon


@tagged("post_install", "-at_install")
class TestDeskScreens(FieldCommon):
    """What the office sees: only what has a meaning where the work is done."""

    def _get_pages(self, **values):
        """Return the labels of the pages that a work order shows."""
        views = self.env["aftersales.order"].with_user(self.manager).get_views(
            [(self.env.ref("aftersales.order_view_form").id, "form")]
        )  # fmt: skip
        form = etree.fromstring(views["views"]["form"]["arch"])
        values = {
            "state": "progress",
            "asset_id": 1,
            "line_ids": [1],
            "approval_ids": [1],
            "date_planned": "2026-03-02 09:00:00",
            "answer_date": False,
            "online_state": False,
            "is_inspected": False,
            "earlier_finding_ids": [],
            "belonging_ids": [],
            "is_vehicle": False,
            **values,
        }
        return [
            page.get("string")
            for page in form.xpath("//sheet/notebook/page")
            if not safe_eval(page.get("invisible") or "False", dict(values))
        ]

    def test_order_on_site_has_no_workshop_pages(self):
        pages = self._get_pages(is_onsite=True)
        self.assertEqual(pages[:2], ["What we will do", "Visits"])
        self.assertIn("Call", pages)
        for page in ("Visit", "Reception", "Belongings", "Inspections", "Hand-over"):
            self.assertNotIn(page, pages)
        pages = self._get_pages(is_onsite=True, is_inspected=True, belonging_ids=[1])
        self.assertIn("Inspections", pages, "what has contents is shown")
        self.assertIn("Belongings", pages)

    def test_order_of_the_workshop_looks_as_before(self):
        pages = self._get_pages(is_onsite=False, state="ready")
        self.assertNotIn("Call", pages)
        self.assertNotIn("Visits", pages)
        for page in ("Visit", "Reception", "Belongings", "Inspections", "Hand-over"):
            self.assertIn(page, pages)

    def test_menu_of_a_visit_has_no_steps(self):
        """Steps are buttons that come and go; a list refuses in words."""
        bound = self.env["ir.actions.act_window"].search(
            [
                ("binding_model_id.model", "=", "aftersales.visit"),
                ("res_model", "=", "aftersales.visit.step"),
            ]
        )
        self.assertEqual(bound.mapped("binding_view_types"), ["list"])

    def test_nothing_to_load_speaks_of_vans(self):
        action = self.env.ref("aftersales_field.van_load_action")
        action = action.with_user(self.storekeeper).sudo()
        self.assertIn("by van", action.read(["help"])[0]["help"])
        Picking = self.env["stock.picking"]
        self.assertNotIn("ours", Picking.get_empty_list_help("ours"), "as in stock")
