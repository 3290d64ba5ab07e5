import base64
import hashlib
import io
import os
import uuid
from unittest.mock import patch

from freezegun import freeze_time
from PIL import Image

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.aftersales_field.models import photo as photo_file

from .app_common import AppCommon


def picture(size=(60, 40), color="red", padding=0):
    """A PNG; ``padding`` bytes of chance behind it make it larger."""
    stream = io.BytesIO()
    Image.new("RGB", size, color).save(stream, "PNG")
    return stream.getvalue() + os.urandom(padding)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestAppPhoto(AppCommon):
    def setUp(self):
        super().setUp()
        self.visit = self._create_visit(2, "2026-03-02 14:00")
        self.inspection = self._create_checklist(self.visit)
        self.raw = picture()

    def _send(self, user=None, raw=None, start=0, stop=None, visit=None, **values):
        raw = self.raw if raw is None else raw
        piece = raw[start:stop]
        App = self.env["aftersales.field.app"].with_user(user or self.anna_user)
        return App.put_photo(
            **{
                "photo": "photo-1",
                "visit_id": (visit or self.visit).id,
                "name": "nameplate.png",
                "mimetype": "image/png",
                "size": len(raw),
                "sha256": hashlib.sha256(raw).hexdigest(),
                "offset": start,
                "data": piece and base64.b64encode(piece).decode(),
                **values,
            }
        )

    def _get_photos(self, record=None):
        record = record or self.visit
        return self.env["ir.attachment"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
        )

    def test_in_pieces(self):
        size = len(self.raw)
        self.assertEqual(self._send(data=None)["offset"], 0)
        self.assertEqual(self._send(stop=20)["offset"], 20)
        self.assertEqual(self._send(stop=20)["offset"], 20, "the same piece twice")
        self.assertEqual(self._send(start=50)["offset"], 20, "not the next piece")
        self.assertEqual(self._send(start=10, stop=30)["offset"], 20)
        self.assertFalse(self._get_photos())
        self.assertEqual(self._send(data=None)["offset"], 20, "where to go on")
        answer = self._send(start=20)
        self.assertEqual(answer["offset"], size)
        self.assertTrue(answer["done"])
        photo = self._get_photos()
        self.assertEqual(photo.id, answer["attachment_id"])
        self.assertEqual(photo.raw, self.raw)
        self.assertEqual(photo.mimetype, "image/png")
        for again in (self._send(), self._send(start=20), self._send(data=None)):
            self.assertEqual(again, answer)
        self.assertEqual(self._get_photos(), photo)
        self.assertFalse(self.env["aftersales.field.photo.piece"].search([]))

    def test_two_at_once(self):
        other = picture(color="blue")
        self._send(stop=20)
        self._send(raw=other, photo="photo-2", stop=30)
        self._send(start=20)
        answer = self._send(raw=other, photo="photo-2", start=30)
        self.assertTrue(answer["done"])
        self.assertEqual(
            set(self._get_photos().mapped("raw")), {bytes(self.raw), other}
        )

    def test_same_picture_under_two_names_is_one(self):
        self._send()
        self._send(photo="photo-2")
        self.assertEqual(len(self._get_photos()), 1)

    def test_damaged_on_the_way(self):
        digest = hashlib.sha256(self.raw).hexdigest()
        broken = bytes([self.raw[0] ^ 1]) + self.raw[1:]
        answer = self._send(raw=broken, sha256=digest)
        self.assertEqual((answer["offset"], answer["done"]), (0, False))
        self.assertIn("damaged", answer["error"])
        self.assertFalse(answer["refused"])
        self.assertTrue(self._send(sha256=digest)["done"])

    def test_thirty_megabytes(self):
        raw = picture(padding=30 * 1024**2)
        step = 3 * 1024**2
        for start in range(0, len(raw), step):
            answer = self._send(raw=raw, start=start, stop=start + step)
            self.assertFalse(answer["error"])
        self.assertTrue(answer["done"])
        self.assertEqual(self._get_photos().file_size, len(raw))

    def test_larger_than_the_limit_is_refused_in_words(self):
        self.company.aftersales_photo_max_mb = 20
        answer = self._send(size=30 * 1024**2, stop=10)
        self.assertTrue(answer["refused"])
        self.assertIn("has 30 MB; at most 20 MB", answer["error"])
        self.company.aftersales_photo_max_mb = 40
        answer = self._send(
            size=30 * 1024**2,
            stop=10,
            inspection_item={
                "inspection_id": self.inspection.id,
                "item_id": self.nameplate.id,
            },
        )
        self.assertIn("at most 15 MB", answer["error"])

    def test_photo_of_an_answer(self):
        target = {
            "inspection_id": self.inspection.id,
            "item_id": self.nameplate.id,
        }
        answer = self._send(inspection_item=target)
        self.assertTrue(answer["done"], answer)
        photos = self.inspection.answer_ids.photo_ids
        self.assertEqual(photos.id, answer["attachment_id"])
        self.assertFalse(self._get_photos())
        # A checklist that was closed meanwhile leaves the photo to the visit.
        self.inspection.action_cancel(reason="Wrong checklist")
        other = picture(color="green")
        answer = self._send(raw=other, photo="photo-2", inspection_item=target)
        self.assertTrue(answer["done"])
        self.assertEqual(self._get_photos().raw, other)

    def test_photo_of_an_answer_is_removed(self):
        item = {"inspection_id": self.inspection.id, "item_id": self.nameplate.id}
        target = {"inspection_item": item}
        photo_id = self._send(**target)["attachment_id"]
        self._send(raw=picture(color="green"), photo="photo-2", **target)
        # Those of other answers are no business of this checklist.
        theirs = self._create_visit(1, "2026-03-03 09:00", self.employee_ben)
        check = self._create_checklist(theirs)
        answer = self._send(
            self.ben_user,
            visit=theirs,
            inspection_item={**item, "inspection_id": check.id},
        )
        phone = self._phone()
        for removed in (photo_id, answer["attachment_id"]):
            result = phone.send("remove_photo", self.visit, **item, photo_id=removed)
            self.assertEqual(result["state"], "done", result)
        operation = phone.do("remove_photo", self.visit, **item, photo_id=photo_id)
        for _time in range(2):
            self.assertEqual(phone.sync([operation])[0]["state"], "done")
        photos = self.inspection.answer_ids.photo_ids
        self.assertEqual(photos.raw, picture(color="green"))
        self.assertTrue(check.answer_ids.photo_ids)
        # The phone that did not hear the answer to its photo does not bring it back.
        self._send(**target)
        self.assertEqual(self.inspection.answer_ids.photo_ids, photos)

    def test_visit_with_a_photo_on_its_way_is_kept(self):
        self._send(stop=20)
        self.visit.action_cancel(reason="Sold")
        with self.assertRaisesRegex(UserError, "phones sent"):
            self.visit.with_user(self.manager).unlink()

    def test_subcontractor_takes_photos(self):
        visit = self._create_visit(1, "2026-03-03 09:00", self.employee_carl)
        inspection = self._create_checklist(visit)
        user = self.portal_engineer_user
        self.assertTrue(self._send(user, visit=visit)["done"])
        target = {"inspection_id": inspection.id, "item_id": self.nameplate.id}
        answer = self._send(user, visit=visit, photo="b", inspection_item=target)
        self.assertTrue(answer["done"], answer)
        self.assertTrue(inspection.answer_ids.photo_ids)

    def test_visit_that_went_to_somebody_else_keeps_its_photos(self):
        self._send(stop=20)
        self.visit.action_plan(technician=self.employee_ben)
        self.assertTrue(self._send(start=20)["done"])
        self.assertTrue(self._get_photos())

    def _hand_over(self, colleague=None, **values):
        """Anna hands over on her phone while a photo of the door is still on it."""
        phone = self._phone()
        phone.pull()
        phone.send("travel", self.visit)
        result = phone.send(
            "hand_over",
            self.visit,
            technician_id=colleague and colleague.id,
            note="Nobody opens",
        )
        self.assertEqual(result["state"], "done", result)
        return phone

    def test_photo_of_the_door_comes_after_the_hand_over(self):
        self._send(stop=20)
        self._hand_over(self.employee_ben)
        self.assertEqual(self.visit.technician_id, self.employee_ben)
        self.assertTrue(self._send(start=20)["done"])
        own = self.visit.with_user(self.ben_user)
        own.action_travel()
        own.action_finish("no_access", note="Rang again")
        self.assertEqual(self.visit.outcome, "no_access")
        # The phone that did not hear the answer sends it once more.
        self.assertTrue(self._send()["done"])
        self.assertEqual(len(self._get_photos()), 1)

    def test_photo_of_the_door_comes_after_the_visit_was_given_back(self):
        self._hand_over()
        self.assertEqual(self.visit.state, "draft")
        self.assertTrue(self._send()["done"])
        self.assertTrue(self._get_photos())
        self.visit.action_cancel("Called off")
        other = picture(color="green")
        self.assertTrue(self._send(raw=other, photo="photo-2")["done"])
        self.assertEqual(len(self._get_photos()), 2)

    def test_no_access_told_after_a_hand_over_is_kept_with_its_photo(self):
        phone = self._phone()
        phone.pull()
        phone.send("travel", self.visit)
        phone.do("finish", self.visit, outcome="no_access", note="Nobody opens")
        self.visit.with_user(self.dispatcher).action_hand_over(
            self.employee_ben.id, note="Ben is nearer"
        )
        self.assertTrue(self._send()["done"])
        (result,) = phone.sync()
        self.assertEqual(result["state"], "refused")
        self.assertIn("kept for the dispatcher", result["message"])
        self.assertTrue(self._get_photos())

    def test_foreign_ids_and_nonsense_are_refused(self):
        foreign = self._create_visit(1, "2026-03-03 09:00", self.employee_ben)
        other = self._create_checklist(foreign)
        item = {"inspection_id": self.inspection.id, "item_id": self.nameplate.id}
        cases = [
            {"visit": foreign},
            {"visit_id": 0},
            {"visit_id": "1"},
            {"visit_id": None},
            {"inspection_item": {**item, "inspection_id": other.id}},
            {"inspection_item": {**item, "item_id": 10**9}},
            {"inspection_item": [1]},
            {"old_part_id": 10**9},
            {"photo": None},
            {"photo": "x" * 200},
            {"sha256": "z" * 64},
            {"sha256": 5},
            {"size": 0},
            {"size": -1},
            {"size": "big"},
            {"size": len(self.raw) - 10},
            {"data": "%%%"},
            {"data": {"a": 1}},
            {"data": "A" * 10**7},
        ]
        for case in cases:
            with self.subTest(case if len(str(case)) < 200 else "long"):
                answer = self._send(**case)
                self.assertTrue(answer["error"])
                self.assertFalse(answer["done"])
        self.assertFalse(self._get_photos())
        self.assertFalse(self._get_photos(foreign))
        self.assertFalse(self.env["aftersales.field.photo"].search([]))

    def test_no_picture_is_refused(self):
        answer = self._send(raw=b"MZ this is a program" * 20)
        self.assertTrue(answer["refused"])
        self.assertIn("not a picture", answer["error"])

    def test_other_photo_under_the_same_name_is_refused(self):
        self._send(stop=20)
        answer = self._send(raw=picture(color="blue"))
        self.assertIn("under this name", answer["error"])
        # Somebody else's names are somebody else's.
        visit = self._create_visit(1, "2026-03-03 09:00", self.employee_ben)
        self.assertTrue(self._send(self.ben_user, visit=visit)["done"])

    def test_stale_pieces_are_dropped(self):
        self._send(stop=20)
        self._send(photo=str(uuid.uuid4()))
        with freeze_time("2026-05-10 12:00:00"):
            self.env["aftersales.field.photo"].flush_model()
            self.env.cr.execute(
                "UPDATE aftersales_field_photo SET write_date = '2026-03-02'"
            )
            self.env["aftersales.field.photo"].invalidate_model()
            Photo = self.env["aftersales.field.photo"]
            with patch.object(photo_file, "GC_BATCH", 1):
                self.assertEqual(Photo._gc_photos(), (1, True), "called again at once")
                self.assertEqual(Photo._gc_photos(), (1, True))
                self.assertEqual(Photo._gc_photos(), (0, False))
        self.assertFalse(self.env["aftersales.field.photo"].search([]))
        self.assertFalse(self.env["aftersales.field.photo.piece"].search([]))
        self.assertTrue(self._get_photos(), "the photo itself stays")
