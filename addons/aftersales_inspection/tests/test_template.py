from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import InspectionCommon


@tagged("post_install", "-at_install")
class TestTemplate(InspectionCommon):
    def test_published_version_is_frozen(self):
        item = self.item_brakes
        choice = self.item_wipers.choice_ids[0]
        for change in (
            lambda: item.write({"green_min": 3}),
            lambda: item.unlink(),
            lambda: choice.write({"rating": "red"}),
            lambda: choice.unlink(),
            lambda: item.create({"version_id": self.version.id, "name": "More"}),
            lambda: choice.create({"item_id": self.item_wipers.id, "name": "More"}),
            lambda: self.version.write({"signature_required": True}),
            lambda: self.version.write({"item_ids": [Command.clear()]}),
            lambda: self.version.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "Check of a car, version 1"):
                change()
        with self.assertRaisesRegex(UserError, "follows from the steps"):
            self.version.state = "draft"

    def test_items_do_not_move_into_a_published_version(self):
        draft = self.version.browse(self.version.action_new_version()["res_id"])
        with self.assertRaisesRegex(UserError, "is published"):
            draft.item_ids[0].version_id = self.version

    def test_editing_makes_one_draft_that_follows(self):
        draft = self.version.browse(self.template.action_edit()["res_id"])
        self.assertEqual(draft.number, 2)
        self.assertEqual(draft.state, "draft")
        self.assertEqual(self.template.action_edit()["res_id"], draft.id)
        self.assertEqual(self.version.action_new_version()["res_id"], draft.id)
        self.assertEqual(
            draft.item_ids.mapped("name"), self.version.item_ids.mapped("name")
        )
        self.assertEqual(
            draft.item_ids.choice_ids.mapped("rating"), ["green", "yellow", "red"]
        )
        self.assertEqual(self.template.version_id, self.version, "until published")
        draft.action_publish()
        draft.action_publish()
        self.assertEqual(self.template.version_id, draft)
        self.assertTrue(draft.date_published)
        self.assertTrue(draft.is_current)
        self.assertFalse(self.version.is_current)

    def test_new_template_starts_with_a_draft(self):
        template = self.template.create({"name": "New"})
        draft = self.version.browse(template.action_edit()["res_id"])
        self.assertEqual((draft.number, draft.state), (1, "draft"))
        with self.assertRaisesRegex(UserError, "New, version 1 has no items"):
            draft.action_publish()

    def test_versions_of_a_batch_are_published_together(self):
        templates = self._create_template([{"name": "A"}], publish=False, name="A")
        templates |= self._create_template([{"name": "B"}], publish=False, name="B")
        templates.version_ids.action_publish()
        self.assertEqual(templates.version_id, templates.version_ids)

    def test_copy_has_a_draft_with_the_items(self):
        copy = self.template.copy()
        self.assertEqual(copy.name, "Check of a car (copy)")
        self.assertFalse(copy.version_id)
        self.assertEqual(copy.version_ids.state, "draft")
        self.assertEqual(len(copy.version_ids.item_ids), 5)
        self.assertEqual(copy.category_ids, self.category)

    def test_used_template_is_archived_and_not_deleted(self):
        self._inspect(self._create_order())
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.template.unlink()
        unused = self._create_template([{"name": "A"}], publish=False)
        unused.unlink()

    def test_a_choice_needs_choices(self):
        draft = self.version.browse(self.template.action_edit()["res_id"])
        with self.assertRaisesRegex(ValidationError, "what to choose from"):
            draft.write({"item_ids": [Command.create({"name": "A", "kind": "choice"})]})

    def test_green_lies_within_yellow(self):
        Item = self.env["aftersales.inspection.item"]
        draft = self.version.browse(self.template.action_edit()["res_id"])
        for limits, right in (
            ({"green_min": 4, "yellow_min": 2}, True),
            ({"green_min": 2, "yellow_min": 4}, False),
            ({"green_max": 1, "yellow_max": 2}, True),
            ({"green_max": 2, "yellow_max": 1}, False),
            ({"yellow_max": 1}, False),
        ):
            values = {
                "version_id": draft.id,
                "name": "Play",
                "kind": "measure",
                **limits,
            }
            with self.subTest(limits=limits):
                if right:
                    self.assertTrue(Item.create(values))
                else:
                    with self.assertRaisesRegex(ValidationError, "wider limits"):
                        Item.create(values)

    def test_which_assets_it_is_for(self):
        other = self.asset.copy({"name": "Fridge"})
        other.category_id = self.category.copy({"name": "Fridge"})
        self.assertTrue(self.template._applies_to(self.asset))
        self.assertFalse(self.template._applies_to(other))
        self.template.category_ids = False
        self.assertTrue(self.template._applies_to(other))
        self.template.product_ids = self.part_avco
        self.assertFalse(self.template._applies_to(other))
        other.product_id = self.part_avco
        self.assertTrue(self.template._applies_to(other))

    def test_only_checklists_for_the_asset_are_offered(self):
        order = self._create_order()
        self.assertIn(self.template, order.inspection_template_ids)
        self.template.category_ids = self.category.copy({"name": "Fridge"})
        order.invalidate_recordset(["inspection_template_ids"])
        self.assertNotIn(self.template, order.inspection_template_ids)

    def test_job_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        job = self.job_brakes.copy({"company_id": other.id})
        draft = self.version.browse(self.template.action_edit()["res_id"])
        with self.assertRaisesRegex(ValidationError, "another company"):
            draft.item_ids[0].job_template_id = job

    def test_steps_are_known_by_company(self):
        Template = self.env["aftersales.inspection.template"]
        other = self.env["res.company"].create({"name": "Other"})
        known = Template._get_step_ids(self.company.id)
        gate = self._create_template([{"name": "A"}], step="quality", name="Gate")
        self.assertIn(gate.id, Template._get_step_ids(self.company.id)["quality"])
        self.assertNotIn(gate.id, Template._get_step_ids(other.id).get("quality", ()))
        gate.company_id = False
        self.assertIn(gate.id, Template._get_step_ids(other.id)["quality"])
        gate.active = False
        self.assertEqual(Template._get_step_ids(self.company.id), known)
        draft = self._create_template([{"name": "B"}], publish=False, step="start")
        self.assertNotIn(
            draft.id, Template._get_step_ids(self.company.id).get("start", ())
        )
