import logging

from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The demo inspections are made by their roles, and end as the readme says."""

    def _load(self):
        if self.env.ref(
            "aftersales_inspection.inspection_walkaround", raise_if_not_found=False
        ):
            self.skipTest("the demo data is loaded already")
        env = self.env(su=True)
        modules = ["aftersales_inspection"]
        if not self.env.ref("aftersales.order_new", raise_if_not_found=False):
            modules.insert(0, "aftersales")
        with self.assertNoLogs(level=logging.WARNING):
            for module in modules:
                for path in Manifest.for_addon(module)["demo"]:
                    convert_file(env, module, path, {}, mode="init", noupdate=True)
        self.env.invalidate_all()

    def _get(self, name):
        return self.env.ref(f"aftersales_inspection.{name}")

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
