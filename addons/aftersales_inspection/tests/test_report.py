import re

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.aftersales.tests.portal_common import SIGNATURE

from .test_portal import InspectionPortalCommon


@tagged("post_install", "-at_install")
class TestInspectionReport(InspectionPortalCommon):
    def _print(self, report, records, user=None):
        """Return the paper as an HTML tree."""
        Report = self.env["ir.actions.report"].with_user(user or self.advisor)
        content, _format = Report._render_qweb_html(report, records.ids)
        return html.fromstring(content)

    def _print_sheet(self, inspections, user=None):
        return self._print(
            "aftersales_inspection.action_report_inspection", inspections, user
        )

    def _get_text(self, node):
        return re.sub(r"\s+", " ", node.text_content()).strip()

    def _get_row(self, tree, item):
        """Return the texts of the cells of the first row about ``item``."""
        for row in tree.xpath(".//table[@name='section']//tr[td]"):
            cells = [self._get_text(cell) for cell in row.xpath("./td")]
            if cells[0] == item.name:
                return cells
        return None

    def test_sheet_of_two(self):
        """Answers in words, measures with their limits, photos, the version."""
        self.check.code = "MPC"
        self.asset.serial = "LFV2A21K8G4000001"
        orders = self._create_inspected() + self._create_inspected(pads=5.5)
        inspections = orders.inspection_ids.sorted("id")
        tree = self._print_sheet(inspections)
        articles = tree.xpath("//div[hasclass('article')]")
        self.assertEqual(len(articles), 2)
        for order, inspection, article in zip(
            orders, inspections, articles, strict=True
        ):
            text = self._get_text(article)
            for said in (
                inspection.name,
                order.name,
                "Multi-point check",
                "Sedan 1.6",
                "LFV2A21K8G4000001",
                self.customer.name,
                "Form MPC, version 1",
                "Brakes",
                "The wipers leave streaks.",
            ):
                self.assertIn(said, text)
            self.assertNotIn("Not finished", text)
        red, green = articles
        self.assertEqual(
            self._get_row(red, self.pads),
            ["Brake pads, front", "1.2 mm at least 4 mm", "Needs work now"],
        )
        self.assertEqual(
            self._get_row(green, self.pads),
            ["Brake pads, front", "5.5 mm at least 4 mm", "In order"],
        )
        self.assertEqual(self._get_row(red, self.body), ["Body", "–", ""])
        self.assertIn("The front pads are worn down.", self._get_text(red))
        self.assertNotIn("SECRET", self._get_text(red))
        self.assertEqual(len(red.xpath(".//div[@name='photos']/img")), 2)
        for image in red.xpath(".//div[@name='photos']/img"):
            self.assertTrue(image.get("src").startswith("data:image/jpeg;base64,"))

    def test_old_sheet_keeps_its_version(self):
        order = self._create_inspected()
        draft = self.check.version_id.copy()
        draft.item_ids[0].name = "Brake pads, renamed"
        draft.action_publish()
        text = self._get_text(self._print_sheet(order.inspection_ids))
        self.assertIn("Brake pads, front", text)
        self.assertIn("version 1", text)
        self.assertNotIn("renamed", text)

    def test_every_kind_of_answer(self):
        template = self._create_template(
            "Reception",
            "reception",
            {"name": "Spare wheel", "kind": "yes_no", "expected": "yes"},
            {
                "name": "Fuel",
                "kind": "choice",
                "choice_ids": [Command.create({"name": "Half full"})],
            },
            {"name": "Wishes", "kind": "text"},
            {"name": "Owner", "kind": "signature"},
            {
                "name": "Tyre pressure",
                "kind": "measure",
                "unit": "bar",
                "green_min": 2.2,
                "green_max": 2.6,
            },
            {"name": "Trailer", "kind": "rating"},
        )
        wheel, fuel, wishes, owner, tyre, trailer = template.version_id.item_ids
        order = self._create_order([(self.fee, 1)])
        inspection = self._inspect(
            order,
            {
                wheel: {"value_yes_no": "no"},
                fuel: {"choice_id": fuel.choice_ids.id},
                wishes: {"value_text": "Wash it\nplease"},
                owner: {"signature": SIGNATURE},
                tyre: {"value_number": 2.4},
                trailer: {"not_applicable": True, "note": "It has none"},
            },
            template=template,
            finish=False,
        )
        self.env["aftersales.belonging"].create(
            {
                "inspection_id": inspection.id,
                "name": "Child seat",
                "quantity": 2,
                "note": "Back seat",
            }
        )
        inspection.action_finish(signer="Wang Fang", signature=SIGNATURE)
        tree = self._print_sheet(inspection)
        self.assertEqual(
            self._get_row(tree, wheel), ["Spare wheel", "No", "Needs work now"]
        )
        self.assertEqual(self._get_row(tree, fuel), ["Fuel", "Half full", ""])
        self.assertEqual(
            self._get_row(tree, tyre),
            ["Tyre pressure", "2.4 bar 2.2 bar to 2.6 bar", "In order"],
        )
        self.assertEqual(
            self._get_row(tree, trailer), ["Trailer", "Not applicable", ""]
        )
        text = self._get_text(tree)
        for said in ("Wash it please", "It has none", "Child seat", "Back seat"):
            self.assertIn(said, text)
        self.assertIn("Wang Fang", text)
        self.assertTrue(tree.xpath("//p[@name='valuables']"))
        images = tree.xpath("//img[starts-with(@src, 'data:image')][@alt='Signature']")
        self.assertEqual(len(images), 2)

    def test_marks_have_a_numbered_legend(self):
        order = self._create_order([(self.fee, 1)])
        inspection = self._inspect(
            order,
            {
                self.pads: {"value_number": 5},
                self.wipers: {"rating": "green"},
                self.lights: {"rating": "green"},
                self.body: {
                    "marks": [
                        {"x": 0.2, "y": 0.5, "kind": "scratch", "note": "10 cm"},
                        {"x": 0.7, "y": 0.4, "kind": "dent"},
                    ]
                },
            },
        )
        tree = self._print_sheet(inspection)
        [marks] = tree.xpath("//table[@name='marks']")
        self.assertTrue(marks.xpath(".//svg"), "inline, for any printer")
        legend = self._get_text(marks.xpath(".//td[2]")[0])
        self.assertEqual(legend, "1. Scratch, 10 cm 2. Dent")
        clear = self._inspect(
            order,
            {
                self.pads: {"value_number": 5},
                self.wipers: {"rating": "green"},
                self.lights: {"rating": "green"},
                self.body: {"marks": []},
            },
        )
        self.assertEqual(
            self._get_row(self._print_sheet(clear), self.body)[1], "Nothing to mark"
        )

    def test_a_broken_picture_does_not_stop_the_print(self):
        order = self._create_inspected()
        answer = order.inspection_ids.answer_ids[:1]
        photo = self._add_photo(answer)
        photo.sudo().write({"raw": b"\xff\xd8\xff broken", "mimetype": "image/jpeg"})
        answer.invalidate_recordset()
        tree = self._print_sheet(order.inspection_ids)
        self.assertIn("Brake pads", self._get_text(tree))

    def test_not_finished_says_so(self):
        order = self._create_order([(self.fee, 1)])
        inspection = self._inspect(
            order, {self.pads: {"value_number": 5}}, finish=False
        )
        text = self._get_text(self._print_sheet(inspection))
        self.assertIn("Not finished", text)

    def test_customers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "zh_CN"
        self.env.cr.execute(
            "UPDATE aftersales_inspection_item SET name = name || %s::jsonb "
            "WHERE id = %s",
            ['{"zh_CN": "前制动片"}', self.pads.id],
        )
        self.pads.invalidate_recordset()
        tree = self._print_sheet(self._create_inspected().inspection_ids)
        self.assertIn("前制动片", self._get_text(tree))
        self.assertEqual(
            tree.xpath("//div[hasclass('article')]/@data-oe-lang"), ["zh_CN"]
        )

    def test_second_company_is_apart(self):
        order = self._create_inspected()
        other = self.env["res.company"].create({"name": "Other Workshop"})
        foreign = self._create_user("foreign", "aftersales.aftersales_group_manager")
        foreign.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            self._print_sheet(order.inspection_ids, foreign)

    def test_settlement_says_what_is_not_repaired(self):
        orders = self._create_inspected() + self._create_inspected()
        for order in orders:
            fee, pads = order.job_ids
            self._answer(order, self._make_answers(pads, "decline", reason="No"))
            order.action_approve(jobs=fee)
            self.env["aftersales.belonging"].create(
                {"order_id": order.id, "name": "Umbrella"}
            )
        order = orders[0]
        order.belonging_ids.action_return(returned_to="The driver")
        for user in (self.advisor, self.accountant):
            with self.subTest(user.login):
                tree = self._print("aftersales.action_report_settlement", orders, user)
                [article, _second] = tree.xpath("//div[hasclass('article')]")
                [block] = article.xpath(".//div[@name='findings']")
                text = self._get_text(block)
                for said in (
                    "Found and not repaired",
                    "Brake pads, front",
                    "Affects safety",
                    "Please have it repaired",
                    "Told to Wang Fang",
                    "On the portal",
                    "Wipers",
                    "Due soon",
                ):
                    self.assertIn(said, text)
                self.assertNotIn("SECRET", text)
                self.assertLess(text.index("Brake pads"), text.index("Wipers"))
                text = self._get_text(article.xpath(".//table[@name='belongings']")[0])
                self.assertIn("Umbrella", text)
                self.assertIn("The driver", text)

    def test_papers_without_inspections_are_as_before(self):
        asset = self.asset.copy({"name": "Other"})
        order = self._approve(self._create_order([(self.fee, 1)], asset_id=asset.id))
        for report in ("settlement", "task_order"):
            tree = self._print(f"aftersales.action_report_{report}", order)
            for name in ("findings", "belongings"):
                self.assertFalse(tree.xpath(f"//*[@name='{name}']"))

    def test_task_order_lists_what_was_left(self):
        order = self._create_inspected()
        self.env["aftersales.belonging"].create(
            {"order_id": order.id, "name": "Umbrella"}
        )
        tree = self._print("aftersales.action_report_task_order", order)
        for name, said in (
            ("findings", "Brake pads, front: Needs work now – affects safety"),
            ("belongings", "1 × Umbrella"),
        ):
            blocks = tree.xpath(f"//div[@name='{name}']")
            self.assertEqual(len(blocks), 2, "on both copies")
            self.assertIn(said, self._get_text(blocks[0]))

    def test_pdf(self):
        Report = self.env["ir.actions.report"]
        if Report.get_wkhtmltopdf_state() not in ("ok", "workers"):
            self.skipTest("nothing here prints PDF")
        orders = self._create_inspected() + self._create_inspected()
        content, _format = Report.with_context(
            force_report_rendering=True
        )._render_qweb_pdf(
            "aftersales_inspection.action_report_inspection", orders.inspection_ids.ids
        )
        self.assertTrue(content.startswith(b"%PDF"))
