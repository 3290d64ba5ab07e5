from odoo.tests import tagged

from odoo.addons.aftersales.tests.demo_common import DemoCommon


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """The demo inspections are made by their roles, and end as the readme says."""

    story = {
        "aftersales": "order_new",
        "aftersales_inspection": "inspection_walkaround",
    }

    def test_story(self):
        self._load()
        walkaround = self._get("inspection_walkaround")
        self.assertEqual((walkaround.state, walkaround.result), ("done", "pass"))
        self.assertEqual(walkaround.signed_by, "Jonas Weber")
        self.assertEqual(walkaround.belonging_ids.mapped("state"), ["kept"])
        self.assertEqual(len(walkaround.answer_ids.photo_ids), 2)
        marked = walkaround.answer_ids.filtered("marks")
        self.assertEqual(len(marked.marks), 2)
        findings = self._get("inspection_multipoint").finding_ids
        self.assertEqual(
            sorted(findings.mapped(lambda each: (each.rating, each.state))),
            [("red", "open"), ("yellow", "open")],
        )
        [danger] = findings.filtered("is_safety").filtered(
            lambda finding: finding.rating == "red"
        )
        self.assertEqual(danger.warned_name, "Jonas Weber")
        self.assertEqual(self._get("inspection_self").result, "pass")
        self.assertEqual(self._get("inspection_final").state, "draft")
        self.assertEqual(self.env.ref("aftersales.order_generator").state, "quality")
