from odoo.tests import HttpCase, tagged

from .common import InspectionCommon


@tagged("post_install", "-at_install")
class TestRunnerTour(InspectionCommon, HttpCase):
    """Somebody walks around a car with a tablet."""

    browser_size = "800x1100"
    touch_enabled = True

    def test_runner(self):
        outline = self.env.ref("aftersales_inspection.outline_car")
        walk = self._create_template(
            [
                {
                    "section": "Body",
                    "name": "Damage",
                    "kind": "mark",
                    "outline_id": outline.id,
                },
                {"section": "Body", "name": "Overview", "kind": "photo"},
                {"section": "Wheels", "name": "Tyres", "kind": "rating"},
                {
                    "section": "Wheels",
                    "name": "Nuts are tight",
                    "kind": "yes_no",
                    "expected": "yes",
                },
                {
                    "section": "Wheels",
                    "name": "Tread",
                    "kind": "measure",
                    "unit": "mm",
                    "green_min": 3,
                    "yellow_min": 1.6,
                },
                {"section": "Inside", "name": "Remarks", "kind": "text"},
            ],
            signature=True,
            name="Walk-around",
        )
        inspection = self._inspect(self._create_order(), walk)
        self.start_tour(
            f"/odoo/inspect/{inspection.id}",
            "aftersales_inspection_runner",
            login=self.advisor.login,
        )
        inspection.invalidate_recordset()
        self.assertEqual(inspection.state, "done")
        self.assertEqual(inspection.signed_by, "Wang Fang")
        self.assertTrue(inspection.signature)
        damage, overview, tyres, nuts, tread, remarks = (
            self._get_answer(inspection, item) for item in walk.version_id.item_ids
        )
        (mark,) = damage.marks
        self.assertEqual((mark["kind"], mark["note"]), ("scratch", "Old"))
        self.assertAlmostEqual(mark["x"], 0.45, places=2)
        self.assertGreater(len(mark["path"]), 1)
        photo = overview.photo_ids
        self.assertEqual(photo.mimetype, "image/jpeg")
        self.assertEqual(photo.name, "left.jpg")
        self.assertEqual(
            (tyres.rating, nuts.value_yes_no, tread.value_number),
            ("green", "yes", 2.0),
        )
        self.assertEqual(remarks.value_text, "Child seat in the back")
        self.assertEqual(inspection.belonging_ids.mapped("name"), ["Umbrella"])
        self.assertEqual(
            inspection.finding_ids.mapped("rating"), ["yellow"], "sent once"
        )
