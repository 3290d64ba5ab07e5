import base64
import hashlib
import io
import os
import xmlrpc.client
from uuid import uuid4

from markupsafe import Markup
from PIL import Image

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import OTHER_PIXEL, PIXEL, InspectionCommon


@tagged("post_install", "-at_install")
class TestRunner(InspectionCommon):
    """What a tablet sends: late, twice, too large, wrong, or to what is finished."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outline = cls.env.ref("aftersales_inspection.outline_car")
        cls.walk = cls._create_template(
            [
                {
                    "section": "Body",
                    "name": "Damage",
                    "kind": "mark",
                    "outline_id": cls.outline.id,
                },
                {"section": "Body", "name": "Overview", "kind": "photo"},
                {"section": "Wheels", "name": "Tyres", "kind": "rating"},
                {
                    "section": "Wheels",
                    "name": "Tread",
                    "kind": "measure",
                    "unit": "mm",
                    "green_min": 3,
                    "yellow_min": 1.6,
                    "possible_max": 20,
                },
                {
                    "section": "End",
                    "name": "Handed over by",
                    "kind": "signature",
                    "is_required": False,
                },
            ],
            signature=True,
            name="Walk-around",
        )
        (
            cls.item_damage,
            cls.item_overview,
            cls.item_wheels,
            cls.item_tread,
            cls.item_signature,
        ) = cls.walk.version_id.item_ids

    def setUp(self):
        super().setUp()
        self.order = self._create_order()
        self.inspection = self._inspect(self.order, self.walk).with_user(self.advisor)

    def _send(self, item, operation=None, inspection=None, **values):
        return (inspection or self.inspection).save_answers(
            [{"operation": operation or uuid4().hex, "item_id": item.id, **values}]
        )

    def _get_answers(self, state, item):
        return state["answers"][str(item.id)]

    def _picture(self, size=(40, 30), kind="JPEG"):
        stream = io.BytesIO()
        Image.new("RGB", size, "red").save(stream, kind)
        return stream.getvalue()

    def test_data_shows_the_checklist(self):
        self.asset.serial = "LSVAA49J132047371"
        data = self.inspection.get_runner_data()
        self.assertEqual(
            [section["name"] for section in data["sections"]], ["Body", "Wheels", "End"]
        )
        self.assertEqual(data["asset"]["number"], "LSVAA49J132047371")
        self.assertEqual(data["partner"], "Wang Fang")
        self.assertIn(str(self.outline.id), data["outlines"])
        self.assertEqual(len(data["outlines"][str(self.outline.id)]["views"]), 5)
        tread = data["sections"][1]["items"][1]
        self.assertEqual(tread["green"], [3, False])
        # XML-RPC has neither None nor numbers as keys.
        xmlrpc.client.dumps((data,))
        self.assertEqual(tread["possible"], [0, 20])
        self.assertFalse(data["state"]["is_readonly"])

    def test_open_runner(self):
        action = self.inspection.action_open_runner()
        self.assertEqual(action["tag"], "aftersales_inspection.runner")
        self.assertEqual(action["params"], {"inspection_id": self.inspection.id})

    def test_replay_has_the_effect_of_once(self):
        self._send(self.item_wheels, "one", rating="red", note="Worn")
        self._send(self.item_wheels, "two", rating="green")
        state = self._send(self.item_wheels, "one", rating="red", note="Worn")
        self.assertEqual(
            self._get_answers(state, self.item_wheels)["rating"],
            "green",
            "what was sent again does not undo what came after it",
        )

    def test_operation_twice_in_one_batch(self):
        answer = {"operation": "x", "item_id": self.item_wheels.id, "rating": "red"}
        self.inspection.save_answers([answer, answer])
        self.assertEqual(len(self.inspection.finding_ids), 1)

    def test_batch_is_all_or_nothing(self):
        with self.assertRaises(UserError), self.cr.savepoint():
            self.inspection.save_answers(
                [
                    {"operation": "a", "item_id": self.item_wheels.id, "rating": "red"},
                    {"operation": "b", "item_id": self.item_tread.id, "rating": "red"},
                ]
            )
        self.inspection.invalidate_recordset()
        self.assertFalse(self.inspection.finding_ids)
        state = self._send(self.item_wheels, "a", rating="green")
        self.assertEqual(self._get_answers(state, self.item_wheels)["rating"], "green")

    def test_operation_of_another_inspection(self):
        other = self._inspect(self._create_order(), self.walk).with_user(self.advisor)
        self._send(self.item_wheels, "mine", rating="green")
        with self.assertRaisesRegex(UserError, "another inspection"):
            self._send(self.item_wheels, "mine", inspection=other, rating="red")

    def test_operations_are_forgotten_when_closed(self):
        self._send(self.item_wheels, "old", rating="green")
        operation = self.env["aftersales.inspection.operation"].search(
            [("name", "=", "old")]
        )
        self.cr.execute(
            "UPDATE aftersales_inspection_operation "
            "SET create_date = now() - interval '60 days' WHERE id = %s",
            [operation.id],
        )
        self.env["aftersales.inspection.operation"]._gc_operations()
        self.assertTrue(operation.exists(), "the inspection is still open")
        self.inspection.action_cancel(reason="Customer left")
        self.env["aftersales.inspection.operation"]._gc_operations()
        self.assertFalse(operation.exists())

    # Photos

    def test_photo_is_kept_as_taken(self):
        raw = self._picture((3000, 2500))
        state = self.inspection.add_photo(
            self.item_overview.id, "left.jpg", base64.b64encode(raw).decode(), "p1"
        )
        photo = self.env["ir.attachment"].browse(state["photo_id"])
        self.assertEqual(photo.raw, raw)
        self.assertEqual(photo.aftersales_sha256, hashlib.sha256(raw).hexdigest())
        self.assertEqual(photo.res_model, "aftersales.inspection.answer")
        self.assertEqual(
            self._get_answers(state, self.item_overview)["photos"],
            [{"id": photo.id, "name": "left.jpg"}],
        )

    def test_photo_sent_twice_is_one(self):
        data = base64.b64encode(self._picture()).decode()
        first = self.inspection.add_photo(self.item_overview.id, "a.jpg", data, "p1")
        again = self.inspection.add_photo(self.item_overview.id, "a.jpg", data, "p1")
        other = self.inspection.add_photo(self.item_overview.id, "a.jpg", data, "p2")
        self.assertEqual(first["photo_id"], again["photo_id"])
        self.assertEqual(first["photo_id"], other["photo_id"], "the very same picture")
        self.assertEqual(len(self._get_answers(other, self.item_overview)["photos"]), 1)

    def test_photo_of_40_mb(self):
        data = base64.b64encode(os.urandom(40 * 1024**2)).decode()
        with self.assertRaisesRegex(
            UserError, r"huge\.jpg has 40 MB; at most 15 MB.*smaller picture"
        ):
            self.inspection.add_photo(self.item_overview.id, "huge.jpg", data)

    def test_photo_limit_is_a_setting(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("aftersales_inspection.photo_max_mb", "0.5")
        data = base64.b64encode(os.urandom(1024**2)).decode()
        with self.assertRaisesRegex(UserError, r"at most 0\.5 MB"):
            self.inspection.add_photo(self.item_overview.id, "big.jpg", data)

    def test_photo_that_is_none(self):
        for content in (b"%PDF-1.4", b"<svg onload='x'/>", b"", b"\xff\xd8\xffbroken"):
            with self.assertRaisesRegex(UserError, "notes.jpg is not a picture"):
                self.inspection.add_photo(
                    self.item_overview.id,
                    "notes.jpg",
                    base64.b64encode(content).decode(),
                )
        with self.assertRaisesRegex(UserError, "not a picture"):
            self.inspection.add_photo(self.item_overview.id, "x.jpg", "no base64 !")
        with self.assertRaisesRegex(UserError, "not a picture"):
            self.inspection.add_photo(self.item_overview.id, "x.jpg", None)

    def test_remove_photo(self):
        state = self.inspection.add_photo(
            self.item_overview.id, "a.png", PIXEL.decode(), "p1"
        )
        other = self._inspect(self._create_order(), self.walk).with_user(self.advisor)
        other.remove_photo(state["photo_id"])
        photo = self.env["ir.attachment"].browse(state["photo_id"])
        self.assertTrue(photo.exists(), "another inspection's photo stays")
        self.inspection.remove_photo(photo.id, "r1")
        state = self.inspection.remove_photo(photo.id, "r1")
        self.assertFalse(photo.exists())
        self.assertFalse(self._get_answers(state, self.item_overview)["photos"])

    # Signature, measures, marks

    def test_signature_sent_twice_is_one(self):
        signature = f"data:image/png;base64,{PIXEL.decode()}"
        self._send(self.item_signature, "s1", signature=signature)
        state = self._send(self.item_signature, "s1", signature=signature)
        self.assertTrue(self._get_answers(state, self.item_signature)["has_signature"])
        self._complete()
        for _turn in range(2):
            self.inspection.action_finish(
                signer="Wang Fang", signature=PIXEL.decode(), operation="f1"
            )
        self.assertEqual(self.inspection.signed_by, "Wang Fang")
        done = self.inspection.date_done
        self.inspection.action_finish(
            signer="Wang Fang", signature=PIXEL.decode(), operation="f2"
        )
        self.assertEqual(self.inspection.date_done, done)

    def test_other_image_under_the_same_name_is_told(self):
        """What was sent first stays, and nothing is dropped without a word."""
        refused = f"{self.inspection.name}.*The first one stays"
        self._send(self.item_signature, "s1", signature=PIXEL.decode())
        with self.assertRaisesRegex(UserError, refused):
            self._send(self.item_signature, "s1", signature=OTHER_PIXEL.decode())
        answer = self.inspection.answer_ids.filtered(
            lambda each: each.item_id == self.item_signature
        )
        self.assertEqual(answer.signature, PIXEL)
        item_id = self.item_overview.id
        self.inspection.add_photo(item_id, "a.png", PIXEL.decode(), "p1")
        self.inspection.add_photo(item_id, "a.png", PIXEL.decode(), "p1")
        with self.assertRaisesRegex(UserError, refused):
            self.inspection.add_photo(item_id, "b.png", OTHER_PIXEL.decode(), "p1")

    def _complete(self):
        self._send(self.item_damage, marks=[])
        self._send(self.item_wheels, rating="green")
        self._send(self.item_tread, value_number=5)
        self.inspection.add_photo(self.item_overview.id, "a.png", PIXEL.decode())

    def test_measure_that_cannot_be(self):
        for value in (-1, 20.5, 4000):
            with self.assertRaisesRegex(UserError, "Tread.*can't be.*0 and 20"):
                self._send(self.item_tread, value_number=value)
        for value in ("four", float("nan"), float("inf"), [4]):
            with self.assertRaisesRegex(UserError, "Tread"):
                self._send(self.item_tread, value_number=value)
        state = self._send(self.item_tread, value_number=0)
        self.assertEqual(self._get_answers(state, self.item_tread)["value_number"], 0)
        self.assertEqual(self._get_answers(state, self.item_tread)["rating"], "red")

    def test_possible_range_is_checked(self):
        with self.assertRaisesRegex(ValidationError, "smallest possible"):
            self._create_template(
                [
                    {
                        "name": "Play",
                        "kind": "measure",
                        "possible_min": 5,
                        "possible_max": 1,
                    }
                ]
            )

    def test_marks_outside_of_the_drawing(self):
        wrong = (
            [{"x": 1.2, "y": 0.5, "kind": "dent"}],
            [{"x": 0.5, "y": -0.1, "kind": "dent"}],
            [{"x": 0.5, "y": 0.5, "kind": "hole"}],
            [{"x": 0.5, "y": 0.5, "kind": "dent", "path": [[0.5, 0.5], [2, 0.5]]}],
            [{"x": 0.5, "y": 0.5, "kind": "dent", "note": {"a": 1}}],
            [{"x": "left", "y": 0.5, "kind": "dent"}],
        )
        for marks in wrong:
            with self.assertRaisesRegex(UserError, "Damage"):
                self._send(self.item_damage, marks=marks)

    def test_marks_svg_is_safe(self):
        self._send(
            self.item_damage,
            marks=[
                {
                    "x": 0.1,
                    "y": 0.2,
                    "kind": "scratch",
                    "note": "<script>alert(1)</script>",
                    "path": [[0.1, 0.2], [0.15, 0.22]],
                },
                {"x": 0.5, "y": 0.7, "kind": "dent", "note": ""},
            ],
        )
        answer = self._get_answer(self.inspection, self.item_damage)
        svg = answer._get_marks_svg()
        self.assertIsInstance(svg, Markup)
        self.assertIn("&lt;script&gt;", svg)
        self.assertNotIn("<script", svg)
        self.assertEqual(svg.count("<title>"), 2)
        self.assertIn("1. Scratch, Left side", svg)
        self.assertIn("2. Dent, From above", svg)
        self.assertEqual(answer.get_marks_svg(), {answer.id: svg})

    def test_drawing_with_a_script_is_refused(self):
        for number, drawing in enumerate(
            (
                "<svg><script>alert(1)</script></svg>",
                '<svg onload="alert(1)"/>',
                '<svg><path d="M 0 0" fill="url(http://x)"/></svg>',
                "<svg><a><path d='M 0 0'/></a></svg>",
                "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>",
                "no drawing",
            )
        ):
            with self.assertRaisesRegex(ValidationError, "Side"):
                self.env["aftersales.inspection.outline"].create(
                    {
                        "name": "Van",
                        "code": f"van{number}",
                        "view_ids": [
                            Command.create(
                                {
                                    "name": "Side",
                                    "width": 10,
                                    "height": 10,
                                    "drawing": drawing,
                                }
                            )
                        ],
                    }
                )

    def test_drawing_with_marks_stays(self):
        self.outline.width = 1000
        self._send(self.item_damage, marks=[{"x": 0.1, "y": 0.2, "kind": "dent"}])
        with self.assertRaisesRegex(UserError, "Copy it"):
            self.outline.width = 500
        with self.assertRaisesRegex(UserError, "Copy it"):
            self.outline.view_ids[0].x += 5
        copy = self.outline.copy()
        copy.view_ids[0].x += 5
        self.assertEqual(len(copy.view_ids), 5)

    # What changed in the meantime

    def test_checklist_changed_while_open(self):
        draft = self.walk.version_id.copy()
        draft.action_publish()
        data = self.inspection.get_runner_data()
        self.assertTrue(data["is_outdated"])
        self.assertEqual(data["version"], 1)
        self._send(self.item_wheels, rating="green")
        new = draft.item_ids.filtered(lambda item: item.name == "Tyres")
        with self.assertRaisesRegex(UserError, "version 1"):
            self._send(new, rating="green")

    def test_unknown_item(self):
        for item_id in (0, None, "x", 10**9):
            with self.assertRaisesRegex(
                UserError, "no item.*Open the inspection again"
            ):
                self.inspection.save_answers(
                    [{"operation": uuid4().hex, "item_id": item_id, "rating": "red"}]
                )
        with self.assertRaisesRegex(UserError, "no item"):
            self.inspection.add_photo(10**9, "a.png", PIXEL.decode())

    def test_answers_to_a_finished_inspection(self):
        self._send(self.item_wheels, "before", rating="green")
        self._complete()
        self.inspection.action_finish(signer="Wang Fang", signature=PIXEL.decode())
        self.assertTrue(self.inspection.get_runner_data()["state"]["is_readonly"])
        self._send(self.item_wheels, "before", rating="green")
        with self.assertRaisesRegex(UserError, "closed.*second inspection"):
            self._send(self.item_wheels, rating="red")
        with self.assertRaisesRegex(UserError, "closed"):
            self.inspection.add_photo(self.item_overview.id, "a.png", PIXEL.decode())
        with self.assertRaisesRegex(UserError, "closed"):
            self.inspection.remove_photo(
                self._get_answer(self.inspection, self.item_overview).photo_ids.id
            )
        with self.assertRaisesRegex(UserError, "closed"):
            self.inspection.save_belongings([{"name": "Umbrella"}])
        with self.assertRaisesRegex(UserError, "closed"):
            self.inspection.save_meter(5)

    # Belongings and meter

    def test_belongings(self):
        add = {"operation": "b1", "name": "Umbrella", "quantity": 1}
        self.inspection.save_belongings([add])
        state = self.inspection.save_belongings([add])
        self.assertEqual(len(state["belongings"]), 1)
        state = self.inspection.save_belongings(
            [{"operation": "b2", "key": "b1", "name": "Umbrella", "quantity": 2}]
        )
        self.assertEqual(state["belongings"][0]["quantity"], 2)
        self.assertEqual(self.inspection.belonging_ids.order_id, self.order)
        key = state["belongings"][0]["key"]
        remove = {"operation": "b3", "key": key, "is_removed": True}
        self.inspection.save_belongings([remove])
        state = self.inspection.save_belongings([remove])
        self.assertFalse(state["belongings"])
        for wrong in ({"name": " "}, {"name": "Pen", "quantity": 0}):
            with self.assertRaisesRegex(UserError, "what it is and how many"):
                self.inspection.save_belongings([wrong])

    def test_meter(self):
        self.assertEqual(self.inspection.save_meter("52000", "m1")["meter"], 52000)
        self.inspection.save_meter(53000, "m2")
        self.assertEqual(self.inspection.save_meter("52000", "m1")["meter"], 53000)
        for wrong in ("a lot", -1, float("nan"), 1e12, [1]):
            with self.assertRaisesRegex(UserError, "no meter reading"):
                self.inspection.save_meter(wrong)

    # Rights

    def test_rights(self):
        stranger = self._create_user("stranger", "base.group_user")
        inspection = self.inspection.with_user(stranger)
        for call in (
            lambda: inspection.get_runner_data(),
            lambda: self._send(self.item_wheels, inspection=inspection, rating="red"),
            lambda: inspection.add_photo(self.item_overview.id, "a", PIXEL.decode()),
            lambda: inspection.save_meter(1),
            lambda: inspection.action_open_runner(),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_technician_walks_around(self):
        order = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}
        )
        inspection = self._inspect(order, self.walk).with_user(self.technician)
        state = self._send(self.item_wheels, inspection=inspection, rating="red")
        self.assertEqual(self._get_answers(state, self.item_wheels)["rating"], "red")
        state = inspection.add_photo(self.item_overview.id, "a.png", PIXEL.decode())
        photo = self.env["ir.attachment"].browse(state["photo_id"])
        self.assertTrue(photo.with_user(self.technician).raw)
        self.assertEqual(inspection.user_id, self.technician)
