from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .app_common import AppCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:00:00")
class TestAppTold(AppCommon):
    """What the phone and the dispatcher are told, in words and as it was."""

    def setUp(self):
        super().setUp()
        self.part = self.part_avco
        self.visit = self._create_visit(1, "2026-03-02 09:00")
        self.job = self.visit.job_ids

    def test_one_visit_without_prices_keeps_no_other_back(self):
        other = self._create_visit(1, "2026-03-02 14:00")
        Visit = type(self.visit)
        get_cover = Visit.get_cover

        def refuse(visit):
            if visit.id == self.visit.id:
                visit.order_id.complaint = "Half done"
                raise UserError(self.env._("The price list has no currency."))
            return get_cover(visit)

        phone = self._phone()
        with (
            patch.object(Visit, "get_cover", refuse),
            self.assertLogs("odoo.addons.aftersales_field.models.app_visit", "WARNING"),
        ):
            phone.pull()
            result = phone.send("travel", other)
        self.assertEqual(result["state"], "done")
        self.assertEqual(set(phone.visits), {self.visit.id, other.id})
        cover = phone.visits[self.visit.id]["jobs"][0]["cover"]
        self.assertIn("no currency", cover["reason"])
        self.assertNotEqual(self.visit.order_id.complaint, "Half done")
        phone.pull()
        cover = phone.visits[self.visit.id]["jobs"][0]["cover"]
        self.assertTrue(cover["price_text"])

    def test_missing_part_at_its_time(self):
        phone = self._phone()
        phone.do("arrive", self.visit, ago={"hours": 1})
        values = {"product_id": self.part.id, "quantity": 1, "job_id": self.job.id}
        phone.do("missing_part", self.visit, ago={"minutes": 40}, **values)
        self.assertEqual({each["state"] for each in phone.sync()}, {"done"})
        self.assertEqual(str(self.visit.part_ids.date), "2026-03-02 07:20:00")

    def test_missing_part_of_before_the_end(self):
        early = fields.Datetime.now() - timedelta(minutes=30)
        self.visit.with_user(self.anna_user).action_arrive()
        self.visit._end_bookings()
        self.visit._set_state("done", date_left=fields.Datetime.now())
        line = self.visit.with_user(self.anna_user).action_report_missing(
            self.part, job=self.job, moment=early
        )
        record = self.visit.part_ids
        self.assertEqual((record.job_line_id, record.date), (line.sudo(), early))

    def test_distance_only_from_a_known_place(self):
        visit = self.visit
        visit.site_id = self.site_spandau
        visit.action_travel()
        visit.action_arrive(place={"latitude": 52.5163, "longitude": 13.3777})
        unknown, known = visit.stamp_ids
        self.assertEqual(unknown.distance_text, False)
        self.assertAlmostEqual(known.distance, 11.8, delta=0.3)
        self.assertRegex(known.distance_text, r"^11\.\d\d km$")

    def test_words_without_ids(self):
        operation = self.env["aftersales.field.operation"].create(
            {
                "name": "finish-1",
                "user_id": self.anna_user.id,
                "company_id": self.company.id,
                "visit_id": self.visit.id,
                "kind": "finish",
                "payload": {
                    "values": {
                        "outcome": "fixed",
                        "done_job_ids": self.job.ids,
                        "note": "All well",
                    }
                },
            }
        )
        self.assertEqual(
            operation.words,
            f"Outcome: Fixed\nJobs done: {self.job.display_name}\nNote: All well",
        )
        self.assertNotIn("[", operation.words)

    def test_words_of_lists(self):
        values = {
            "counts": [{"product_id": self.part.id, "quantity": 3}],
            "score": "5",
            "job_id": 2**31 - 2,
        }
        operation = self.env["aftersales.field.operation"].new(
            {"kind": "count", "payload": {"values": values}}
        )
        label = dict(self.visit._fields["opinion"]._description_selection(self.env))[
            "5"
        ]
        self.assertEqual(
            operation._get_words(),
            f"Counted: Part: {self.part.display_name}, Quantity: 3\n"
            f"Opinion: {label}\nJob: (not to be found any more)",
        )
