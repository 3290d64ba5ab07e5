import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import OTHER_PIXEL, PIXEL, InspectionCommon


@tagged("post_install", "-at_install")
class TestInspection(InspectionCommon):
    def test_new_inspection_has_an_answer_for_each_item(self):
        orders = self._create_order() | self._create_order()
        inspections = self._inspect(orders)
        self.assertEqual(len(inspections), 2)
        for inspection, order in zip(inspections, orders, strict=True):
            self.assertEqual(inspection.order_id, order)
            self.assertEqual(inspection.asset_id, self.asset)
            self.assertEqual(inspection.partner_id, self.customer)
            self.assertEqual(inspection.company_id, self.company)
            self.assertEqual(inspection.version_id, self.version)
            self.assertEqual(inspection.answer_ids.item_id, self.version.item_ids)
            self.assertFalse(inspection.answered_count)
        self.assertEqual(len(set(inspections.mapped("name"))), 2, "own numbers")
        self.assertEqual(self._inspect(orders), inspections, "gone on with")

    def test_first_answer_starts_it(self):
        inspection = self._inspect(self._create_order())
        self._answer(inspection, {self.item_lights: "yes"})
        self.assertEqual(inspection.state, "progress")
        self.assertEqual(inspection.user_id, self.env.user)
        self.assertTrue(inspection.date_start)

    def test_colour_follows_from_the_answer(self):
        inspection = self._inspect(self._create_order())
        wipers = self.item_wipers.choice_ids
        for item, value, rating in (
            (self.item_lights, "yes", "green"),
            (self.item_lights, "no", "red"),
            (self.item_lights, True, "green"),
            (self.item_brakes, 6, "green"),
            (self.item_brakes, 4, "green"),
            (self.item_brakes, 3.9, "yellow"),
            (self.item_brakes, "2", "yellow"),
            (self.item_brakes, 1.999, "red"),
            (self.item_brakes, 0, "red"),
            (self.item_wipers, wipers[1].id, "yellow"),
            (self.item_tyres, "yellow", "yellow"),
            (self.item_note, "fine", False),
        ):
            with self.subTest(item=item.name, value=value):
                self._answer(inspection, {item: value})
                answer = self._get_answer(inspection, item)
                self.assertEqual(answer.rating, rating)
                self.assertTrue(answer.is_answered)
                self.assertTrue(answer.display_value)

    def test_limits_of_a_measure(self):
        Item = self.env["aftersales.inspection.item"]
        for limits, value, rating in (
            ({"green_max": 0.05, "yellow_max": 0.1}, 0, "green"),
            ({"green_max": 0.05, "yellow_max": 0.1}, 0.05, "green"),
            ({"green_max": 0.05, "yellow_max": 0.1}, 0.08, "yellow"),
            ({"green_max": 0.05, "yellow_max": 0.1}, 0.2, "red"),
            ({"green_max": -25, "yellow_max": -15}, -35, "green"),
            ({"green_max": -25, "yellow_max": -15}, -20, "yellow"),
            ({"green_max": -25, "yellow_max": -15}, 0, "red"),
            ({"green_min": 12.4, "green_max": 12.8}, 12.6, "green"),
            ({"green_min": 12.4, "green_max": 12.8}, 12, "red"),
            ({"green_min": 12.4, "green_max": 12.8, "yellow_min": 12}, 12, "yellow"),
            ({"green_min": -0.5}, 0.1, "red"),
            ({}, 5, False),
        ):
            with self.subTest(limits=limits, value=value):
                item = Item.new({"kind": "measure", **limits})
                self.assertEqual(item._get_measure_rating(value), rating)

    def test_values_of_another_kind_are_refused(self):
        inspection = self._inspect(self._create_order())
        foreign = self._create_template(
            [
                {
                    "name": "Other",
                    "kind": "choice",
                    "choice_ids": [Command.create({"name": "A"})],
                }
            ]
        )
        choice = foreign.version_id.item_ids.choice_ids
        for item, values, message in (
            (self.item_lights, {"value_number": 3}, "All lights work"),
            (self.item_lights, {"value_yes_no": "maybe"}, "maybe"),
            (self.item_brakes, {"rating": "green"}, "Front pads"),
            (self.item_brakes, {"value_number": "thick"}, "thick"),
            (self.item_brakes, {"value_number": float("nan")}, "nan"),
            (self.item_brakes, {"value_number": "1e999"}, "1e999"),
            (self.item_tyres, {"rating": "blue"}, "blue"),
            (self.item_wipers, {"choice_id": choice.id}, "Wipers"),
            (self.item_tyres, {"inspection_id": 1}, "Tyres"),
            (foreign.version_id.item_ids, {"rating": "red"}, "version 1"),
        ):
            with self.subTest(item=item.name, values=values):
                with self.assertRaisesRegex(UserError, message):
                    inspection._write_answer(item, values)
        with self.assertRaisesRegex(ValidationError, "not a choice"):
            self._get_answer(inspection, self.item_wipers).choice_id = choice

    def test_an_answer_can_be_taken_back(self):
        inspection = self._inspect(self._create_order())
        self._answer(inspection, {self.item_lights: "no", self.item_brakes: 0})
        self._answer(inspection, {self.item_lights: None, self.item_brakes: None})
        answers = inspection.answer_ids
        self.assertFalse(answers.filtered("is_answered"))
        self.assertFalse(any(answers.mapped("rating")))
        self.assertFalse(inspection.finding_ids)

    def test_finish_lists_what_is_missing(self):
        inspection = self._inspect(self._create_order())
        with self.assertRaises(UserError) as error:
            inspection.action_finish()
        for text in (inspection.name, "Light / All lights work", "Wheels / Tyres"):
            self.assertIn(text, error.exception.args[0])
        self.assertNotIn("Remarks", error.exception.args[0], "not required")
        self._answer_all(inspection, brakes=6)
        self._answer(inspection, {self.item_brakes: 1})
        with self.assertRaisesRegex(UserError, "Brakes / Front pads: a photo"):
            inspection.action_finish()
        self._add_photo(self._get_answer(inspection, self.item_brakes))
        inspection.action_finish()
        self.assertEqual(inspection.state, "done")
        self.assertEqual(inspection.result, "fail")
        self.assertTrue(inspection.date_done)

    def test_photo_rules(self):
        template = self._create_template(
            [
                {"name": "Plate", "kind": "photo", "photo_rule": "always"},
                {"name": "Engine", "kind": "rating", "photo_rule": "always"},
                {
                    "name": "Boot",
                    "kind": "rating",
                    "photo_rule": "always",
                    "is_required": False,
                },
            ]
        )
        inspection = self._inspect(self._create_order(), template)
        plate, engine, boot = inspection.answer_ids
        self._answer(inspection, {engine.item_id: "green"})
        with self.assertRaises(UserError) as error:
            inspection.action_finish()
        self.assertIn("Plate: a photo", error.exception.args[0])
        self.assertIn("Engine: a photo", error.exception.args[0])
        self.assertNotIn("Boot", error.exception.args[0], "was not looked at")
        self._add_photo(plate)
        self._add_photo(engine)
        inspection.action_finish()
        self.assertEqual(inspection.result, "pass")
        self.assertTrue(plate.is_answered)
        self.assertFalse(boot.is_answered)

    def test_not_applicable_needs_a_reason(self):
        inspection = self._inspect(self._create_order())
        self._answer_all(inspection, tyres="red")
        self._answer(inspection, {self.item_tyres: {"not_applicable": True}})
        answer = self._get_answer(inspection, self.item_tyres)
        self.assertFalse(answer.rating and answer.finding_ids)
        with self.assertRaisesRegex(UserError, "Tyres: a note"):
            inspection.action_finish()
        self._answer(inspection, {self.item_tyres: {"note": "On a trailer"}})
        inspection.action_finish()
        self.assertEqual(inspection.result, "pass")

    def test_finished_inspection_does_not_change(self):
        inspection = self._answer_all(self._inspect(self._create_order()))
        answer = self._get_answer(inspection, self.item_brakes)
        photo = self._add_photo(answer)
        inspection.action_finish()
        with self.assertRaisesRegex(UserError, "closed"):
            inspection._write_answer(self.item_brakes, {"value_number": 1})
        with self.assertRaisesRegex(UserError, "closed"):
            answer.sudo().value_number = 1
        with self.assertRaisesRegex(UserError, "closed"):
            inspection.meter = 5
        with self.assertRaisesRegex(UserError, "finished"):
            inspection.unlink()
        for user in (self.advisor, self.manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                photo.with_user(user).unlink()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["ir.attachment"].with_user(user).create(
                    {
                        "name": "later.png",
                        "raw": base64.b64decode(PIXEL),
                        "res_model": answer._name,
                        "res_id": answer.id,
                    }
                )
            self.assertTrue(photo.with_user(user).raw, "but can be seen")

    def test_finished_twice_is_once(self):
        order = self._create_order()
        inspection = self._answer_all(self._inspect(order), tyres="red")
        inspection.action_finish(signer="Wang Fang", signature=PIXEL)
        done = inspection.date_done
        inspection.action_finish(signer="Wang Fang", signature=PIXEL, operation="a")
        inspection.action_finish()
        self.assertEqual(inspection.date_done, done)
        self.assertEqual(len(inspection.finding_ids), 1)
        with self.assertRaisesRegex(UserError, "was signed by Wang Fang"):
            inspection.action_finish(signer="Somebody", signature=PIXEL)

    def test_signature_posted_twice(self):
        """The same has the effect of once; another one is told that it came late."""
        orders = self._create_order() | self._create_order()
        inspection, other = self._inspect(orders)
        self._answer_all(inspection)
        call = {"signer": "Wang Fang", "signature": PIXEL, "operation": "sign-1"}
        inspection.action_finish(**call)
        inspection.action_finish(**call)
        inspection.action_finish(**{**call, "operation": "sign-2"})
        for operation in ("sign-1", "sign-3"):
            with self.assertRaisesRegex(
                UserError, f"{inspection.name}.*signature stays"
            ):
                inspection.action_finish(
                    **{**call, "signature": OTHER_PIXEL, "operation": operation}
                )
        self.assertEqual(inspection.signature, PIXEL)
        with self.assertRaisesRegex(UserError, "belongs to another inspection"):
            self._answer_all(other).action_finish(operation="sign-1")

    def test_batch_finishes_together_or_not_at_all(self):
        orders = self._create_order() | self._create_order()
        ready, open_one = self._inspect(orders)
        self._answer_all(ready)
        with self.assertRaisesRegex(UserError, open_one.name):
            (ready | open_one).action_finish()
        self.assertEqual(ready.state, "progress")
        self._answer_all(open_one)
        (ready | open_one).action_finish()
        self.assertEqual(set((ready | open_one).mapped("state")), {"done"})

    def test_customer_signs_where_the_template_says_so(self):
        template = self._create_template(
            [{"name": "Fuel", "kind": "rating"}], signature=True, use="walkaround"
        )
        inspection = self._inspect(self._create_order(), template)
        self._answer(inspection, {template.version_id.item_ids: "green"})
        with self.assertRaisesRegex(UserError, "signature of the customer"):
            inspection.action_finish()
        with self.assertRaisesRegex(UserError, "signature of the customer"):
            inspection.action_finish(signer="Wang Fang")
        inspection.action_finish(signer="Wang Fang", signature=PIXEL)
        self.assertEqual(inspection.signed_by, "Wang Fang")
        self.assertTrue(inspection.signature)

    def test_marks(self):
        template = self._create_template([{"name": "Body", "kind": "mark"}])
        item = template.version_id.item_ids
        inspection = self._inspect(self._create_order(), template)
        for marks in (
            "x",
            [{"x": 2, "y": 0, "kind": "dent"}],
            [{"x": 0.5, "kind": "dent"}],
            [{"x": 0.5, "y": 0.5, "kind": "hole"}],
        ):
            with self.subTest(marks=marks), self.assertRaises(UserError):
                inspection._write_answer(item, {"marks": marks})
        with self.assertRaisesRegex(UserError, "Body: an answer"):
            inspection.action_finish()
        marks = [{"x": 0.25, "y": 0.5, "kind": "scratch", "note": "Door"}]
        answer = inspection._write_answer(item, {"marks": marks})
        self.assertEqual(answer.marks, marks)
        answer = inspection._write_answer(item, {"marks": []})
        self.assertTrue(answer.is_clear and answer.is_answered)
        inspection.action_finish()

    def test_meter_is_kept_once(self):
        order = self._create_order()
        inspection = self._answer_all(self._inspect(order))
        inspection.meter = 12345
        inspection.action_finish()
        self.assertEqual(order.meter_in, 12345)
        alone = self.env["aftersales.inspection"].create(
            {"template_id": self.template.id, "asset_id": self.asset.id}
        )
        self._answer_all(alone)
        alone.meter = 12400
        alone.action_finish()
        self.assertEqual(self.asset.meter, 12400)
        self.assertEqual(alone.partner_id, self.customer)

    def test_second_inspection_asks_what_failed(self):
        order = self._create_order()
        first = self._answer_all(self._inspect(order), tyres="red", brakes=6)
        with self.assertRaisesRegex(UserError, "not finished"):
            first.action_repeat()
        first.action_finish()
        finding = first.finding_ids
        second = first.action_repeat()
        self.assertEqual(first.action_repeat(), second, "pressed twice")
        self.assertEqual(second.previous_id, first)
        self.assertEqual(second.round, 2)
        self.assertEqual(second.version_id, first.version_id)
        todo = second.answer_ids.filtered(lambda answer: not answer.is_copied)
        self.assertEqual(todo.item_id, self.item_tyres)
        self.assertFalse(todo.is_answered)
        self.assertEqual(self._get_answer(second, self.item_brakes).value_number, 6)
        with self.assertRaisesRegex(UserError, "Tyres: an answer"):
            second.action_finish()
        self._answer(second, {self.item_tyres: "red"})
        second.action_finish()
        self.assertFalse(second.finding_ids, "it is the same finding")
        self.assertEqual(finding.state, "open")
        third = second.action_repeat()
        self._answer(third, {self.item_tyres: "green"})
        third.action_finish()
        self.assertEqual(third.round, 3)
        self.assertEqual(third.result, "pass")
        self.assertEqual(finding.state, "fixed")
        with self.assertRaisesRegex(UserError, "everything was right"):
            third.action_repeat()

    def test_second_inspections_of_a_batch(self):
        orders = self._create_order() | self._create_order()
        inspections = self._inspect(orders)
        for inspection in inspections:
            self._answer_all(inspection, tyres="red")
        inspections.action_finish()
        repeats = inspections.action_repeat()
        self.assertEqual(repeats.previous_id, inspections)
        self.assertEqual(len(repeats.answer_ids), 2 * len(self.version.item_ids))

    def test_template_changes_while_an_inspection_is_open(self):
        order = self._create_order()
        inspection = self._inspect(order)
        draft = self.version.browse(self.version.action_new_version()["res_id"])
        draft.item_ids[0].name = "Main beam works"
        draft.item_ids[1].unlink()
        draft.action_publish()
        self.assertEqual(inspection.version_id, self.version)
        self._answer_all(inspection, brakes=1)
        with self.assertRaisesRegex(UserError, "version 1"):
            inspection._write_answer(draft.item_ids[0], {"value_yes_no": "yes"})
        inspection.action_finish()
        self.assertEqual(inspection.finding_ids.name, "Front pads")
        later = self._inspect(order)
        self.assertEqual(later.version_id, draft)
        self.assertEqual(len(later.answer_ids), 4)
        with self.assertRaisesRegex(UserError, "keeps its checklist"):
            later.version_id = self.version

    def test_no_inspection_without_a_published_version(self):
        template = self._create_template([{"name": "A"}], publish=False)
        with self.assertRaisesRegex(UserError, "no published version"):
            self._inspect(self._create_order(), template)

    def test_cancel_takes_findings_back(self):
        order = self._create_order()
        inspection = self._answer_all(
            self._inspect(order), tyres="red", brakes=1, lights="no"
        )
        kept = inspection.finding_ids[:1]
        job = kept.action_create_job()
        inspection.action_cancel("Wrong car")
        self.assertEqual(inspection.state, "cancel")
        self.assertEqual(inspection.cancel_reason, "Wrong car")
        self.assertEqual(inspection.finding_ids, kept, "there is a job for it")
        self.assertEqual(job.finding_id, kept)
        with self.assertRaisesRegex(UserError, "cannot become"):
            inspection.action_finish()

    def test_state_is_not_written(self):
        inspection = self._inspect(self._create_order())
        with self.assertRaisesRegex(UserError, "follows from the steps"):
            inspection.state = "done"
