from ast import literal_eval

from lxml import etree

from odoo.tests import Form, tagged

from odoo.addons.aftersales.tests.menu_common import MenuCommon

from .common import InspectionCommon


@tagged("post_install", "-at_install")
class TestViews(MenuCommon, InspectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.technician | cls.advisor | cls.manager

    def _get_ours(self, model):
        data = self.env["ir.model.data"].search(
            [("module", "=", "aftersales_inspection"), ("model", "=", model)]
        )
        return self.env[model].browse(data.mapped("res_id"))

    def test_every_role_opens_what_its_menu_shows(self):
        seen, opened = self._open_menus("aftersales_inspection", self.people)
        for (user, window), (model, views) in opened.items():
            with self.subTest(user=user.login, window=window.name):
                self._try_filters(model, views["search"]["arch"])
        inspections = self.env.ref("aftersales_inspection.inspection_menu_all")
        rework = self.env.ref("aftersales_inspection.rework_menu")
        templates = self.env.ref("aftersales_inspection.template_menu")
        self.assertIn(inspections, seen[self.technician])
        self.assertNotIn(rework, seen[self.technician])
        self.assertIn(rework, seen[self.advisor])
        self.assertNotIn(templates, seen[self.advisor])
        self.assertIn(templates, seen[self.manager])

    def _try_filters(self, model, arch):
        """Search with every filter, and group by every group of a search view."""
        for node in etree.fromstring(arch).xpath("//filter"):
            if node.get("domain"):
                domain = literal_eval(node.get("domain").replace("uid", "1"))
                model.search(domain, limit=3).read(["display_name"])
            context = literal_eval(node.get("context") or "{}")
            if group_by := context.get("group_by"):
                model._read_group([], [group_by], ["__count"])

    def test_pages_and_filters_have_names(self):
        for view in self._get_ours("ir.ui.view"):
            for node in etree.fromstring(view.arch).xpath(
                "//page[not(@name)] | //filter[not(@name)] | //button[not(@name)]"
                "[not(@special)] | //group[@string][not(@name)]"
            ):
                with self.subTest(view=view.name):
                    self.assertFalse(view.type != "qweb" and node.attrib)

    def test_everybody_opens_the_forms(self):
        order = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}
        )
        inspection = self._answer_all(self._inspect(order), brakes=1, tyres="red")
        inspection.action_finish()
        job = inspection.finding_ids[0].action_create_job()
        job.technician_id = self.employee
        later = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}
        )
        for user in self.people:
            for record in (
                inspection,
                inspection.finding_ids[0],
                inspection.answer_ids[0],
                self.template,
                self.version,
                order,
                later,
                job,
            ):
                with self.subTest(user=user.login, model=record._name):
                    self.env.invalidate_all()
                    Form(record.with_user(user))
        for user in self.advisor | self.manager:
            Form(self.asset.with_user(user))
        for user in self.storekeeper | self.accountant:
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                form = Form(later.with_user(user))
                self.assertIn("Found before", form.missing)

    def test_inspection_is_made_on_the_order(self):
        self.template.sequence = -1
        order = self._create_order([(self.labour, 1)])
        action = order.with_user(self.advisor).action_new_inspection()
        wizard = Form(
            self.env["aftersales.inspect"]
            .with_user(self.advisor)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.template_id, self.template)
        opened = wizard.save().action_apply()
        self.assertTrue(opened["type"])
        self.assertEqual(order.inspection_ids.template_id, self.template)
        self.assertEqual(order.inspection_count, 1)

    def test_inspection_is_made_for_an_asset(self):
        with Form(self.env["aftersales.inspection"].with_user(self.manager)) as form:
            form.template_id = self.template
            form.asset_id = self.asset
            self.assertEqual(form.partner_id, self.customer)
        inspection = form.record
        self.assertEqual(len(inspection.answer_ids), 5)
        action = self.asset.action_view_inspections()
        self.assertEqual(
            self.env["aftersales.inspection"].search(action["domain"]), inspection
        )

    def test_checklist_is_written_in_the_form(self):
        template = self.env["aftersales.inspection.template"].create({"name": "New"})
        draft = self.version.browse(
            template.with_user(self.manager).action_edit()["res_id"]
        )
        with Form(draft.with_user(self.manager)) as form:
            with form.item_ids.new() as item:
                item.section = "Wheels"
                item.name = "Tread"
                item.kind = "measure"
                item.unit = "mm"
                item.green_min = 3
                item.yellow_min = 1.6
            with form.item_ids.new() as item:
                item.name = "Wipers"
                item.kind = "choice"
                with item.choice_ids.new() as choice:
                    choice.name = "Torn"
                    choice.rating = "red"
        draft.with_user(self.manager).action_publish()
        self.assertEqual(draft.item_ids.mapped("name"), ["Tread", "Wipers"])

    def test_dialogs(self):
        finding = self._answer(
            self._inspect(self._create_order()), {self.item_brakes: 1}
        ).finding_ids
        context = {
            "active_model": finding._name,
            "active_ids": finding.ids,
            "active_id": finding.id,
        }
        warn = Form(
            self.env["aftersales.finding.warn"]
            .with_user(self.advisor)
            .with_context(**context)
        )
        self.assertEqual(warn.name, "Wang Fang")
        warn.method = "phone"
        warn.save().action_apply()
        self.assertEqual(finding.warning_method, "phone")
        reason = Form(
            self.env["aftersales.reason"]
            .with_user(self.advisor)
            .with_context(**context, default_step="dismiss")
        )
        reason.reason = "Measured wrong"
        reason.save().action_apply()
        self.assertEqual(finding.state, "dismissed")

    def test_missing_dialog(self):
        order = self._create_order([(self.labour, 1)])
        with Form(order.with_user(self.advisor)) as form:
            with form.belonging_ids.new() as thing:
                thing.name = "Umbrella"
        belonging = order.belonging_ids
        self.assertTrue(order.is_inspected)
        reason = Form(
            self.env["aftersales.reason"]
            .with_user(self.advisor)
            .with_context(
                active_model=belonging._name,
                active_ids=belonging.ids,
                default_step="missing",
            )
        )
        reason.reason = "Nobody saw it"
        reason.save().action_apply()
        self.assertEqual(belonging.state, "missing")

    def test_ready_made_checklists(self):
        templates = self._get_ours("aftersales.inspection.template")
        self.assertGreaterEqual(len(templates), 8)
        self.assertEqual(set(templates.mapped("step")), {"none"}, "nobody is stopped")
        self.assertTrue(all(templates.mapped("version_id")))
        multipoint = self.env.ref("aftersales_inspection.template_multipoint")
        self.assertGreaterEqual(multipoint.item_count, 25)
        for item in templates.version_id.item_ids:
            with self.subTest(item=item._get_label()):
                self.assertTrue(item.section)
                if item.is_safety:
                    self.assertTrue(item.words_red, "the customer is warned in words")
