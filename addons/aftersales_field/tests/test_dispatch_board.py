from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FieldCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestDispatchBoard(FieldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Dispatch = cls.env["aftersales.dispatch"].with_user(cls.dispatcher)
        (cls.employee_anna | cls.employee_ben).aftersales_start_id = cls.site_mitte

    def _get_board(self, **kwargs):
        return self.Dispatch.get_board("2026-03-02", **kwargs)

    def test_day_of_a_region(self):
        first = self._create_visit(2, "2026-03-02 09:00", site=self.site_spandau)
        second = self._create_visit(1, "2026-03-02 14:00", site=self.site_mitte)
        draft = self._create_visit(1, site=self.site_mitte)
        board = self._get_board(territory=self.territory.id)
        self.assertEqual(board["date"], "2026-03-02")
        self.assertEqual(board["tz"], "Europe/Berlin")
        self.assertEqual(board["start"], "2026-03-01 23:00:00")
        self.assertTrue(board["can_dispatch"])
        rows = {row["name"]: row for row in board["engineers"]}
        self.assertEqual(set(rows), {"Anna", "Ben"})
        anna = rows["Anna"]
        self.assertEqual(
            anna["hours"],
            [
                ["2026-03-02 07:00:00", "2026-03-02 11:00:00"],
                ["2026-03-02 12:00:00", "2026-03-02 16:00:00"],
            ],
        )
        self.assertEqual(anna["visits"], 2)
        self.assertEqual(anna["work_minutes"], 180)
        self.assertEqual(anna["travel_minutes"], 60)
        self.assertEqual(anna["home_minutes"], 0)
        self.assertEqual(anna["free_minutes"], 480 - 180 - 60)
        cards = {card["id"]: card for card in board["visits"]}
        self.assertEqual(set(cards), {first.id, second.id})
        card = cards[first.id]
        self.assertEqual(card["employee_id"], self.employee_anna.id)
        self.assertEqual(card["travel_minutes"], 30)
        self.assertEqual(card["customer"], self.customer.name)
        self.assertFalse(card["is_tight"])
        self.assertEqual([card["id"] for card in board["unplanned"]], [draft.id])
        self.assertIsNone(board["unplanned"][0]["travel_minutes"])

    def test_leave_block_and_deadline_show(self):
        visit = self._create_visit(1, "2026-03-02 14:00", site=self.site_mitte)
        visit.date_deadline = self._local("2026-03-02 12:00")
        self._create_booking(self.anna, "2026-03-02 08:00", "2026-03-02 09:00")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Dentist",
                "resource_id": self.ben.id,
                "date_from": self._local("2026-03-02 10:00"),
                "date_to": self._local("2026-03-02 11:00"),
            }
        )
        board = self._get_board()
        rows = {row["name"]: row for row in board["engineers"]}
        self.assertEqual(len(rows["Anna"]["blocks"]), 1)
        self.assertEqual(rows["Anna"]["away"], [])
        self.assertEqual(
            rows["Ben"]["away"], [["2026-03-02 09:00:00", "2026-03-02 10:00:00"]]
        )
        self.assertTrue(board["visits"][0]["is_late"])

    def test_engineer_from_outside_has_a_row_too(self):
        self._create_visit(1, "2026-03-02 14:00", self.employee_carl, self.site_mitte)
        board = self._get_board(territory=self.territory.id)
        self.assertIn("Carl", [row["name"] for row in board["engineers"]])

    def test_statements_do_not_grow_with_the_day(self):
        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            board = self._get_board()
            return self.env.cr.sql_log_count - before, len(board["visits"])

        self._create_visit(1, "2026-03-02 09:00", site=self.site_mitte)
        self._create_visit(1, "2026-03-02 09:00", self.employee_ben, self.site_spandau)
        self._create_visit(1, site=self.site_mitte)
        count()
        few, visits = count()
        for number in range(6):
            employee = self._create_technician(f"Engineer {number}")
            employee.write(
                {
                    "aftersales_territory_ids": self.territory.ids,
                    "aftersales_start_id": self.site_potsdam.id,
                }
            )
            for hour in (9, 14):
                self._create_visit(
                    1, f"2026-03-02 {hour:02}:00", employee, self.site_spandau
                )
            self._create_visit(1, site=self.site_mitte)
        count()
        many, more = count()
        self.assertEqual(more, visits + 12)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 32)

    def test_other_company_has_its_own_board(self):
        self._create_visit(1, "2026-03-02 09:00", site=self.site_mitte)
        other = self.env["res.company"].create({"name": "Other"})
        self.dispatcher.company_ids = [Command.link(other.id)]
        board = self.Dispatch.with_context(allowed_company_ids=other.ids).get_board(
            "2026-03-02"
        )
        self.assertFalse(board["visits"])
        self.assertFalse(board["engineers"])
        self.assertFalse(board["territories"])

    def test_who_may_look(self):
        self._create_visit(1, "2026-03-02 09:00", site=self.site_mitte)
        own = self._create_visit(
            1, "2026-03-02 09:00", self.employee_ben, self.site_mitte
        )
        board = (
            self.env["aftersales.dispatch"]
            .with_user(self.ben_user)
            .get_board("2026-03-02")
        )
        self.assertEqual([card["id"] for card in board["visits"]], own.ids)
        self.assertFalse(board["can_dispatch"])
        with self.assertRaises(AccessError):
            self.env["aftersales.dispatch"].with_user(
                self.portal_engineer_user
            ).get_board("2026-03-02")
