from contextlib import contextmanager

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users

from .common import FieldCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestDispatch(FieldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Dispatch = cls.env["aftersales.dispatch"].with_user(cls.dispatcher)
        (cls.employee_anna | cls.employee_ben).aftersales_start_id = cls.site_mitte

    def _get_candidates(self, visit, **kwargs):
        found = self.Dispatch.get_candidates(visit.id, **kwargs)
        return {each["name"]: each for each in found}

    @contextmanager
    def _assert_refused(self, words):
        """A refused step leaves nothing behind, as at the end of a request."""
        with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
            yield

    # Travel

    def test_travel_follows_the_settings(self):
        places = (self.site_mitte._get_place(), self.site_potsdam._get_place())
        travel = self.Dispatch.get_travel(*places)
        self.assertAlmostEqual(travel["km"], 32.5, delta=0.5)
        self.assertEqual(travel["minutes"], 50)
        self.company.aftersales_travel_speed = 90
        self.assertEqual(self.Dispatch.get_travel(*places)["minutes"], 30)
        self.assertEqual(
            self.Dispatch.get_travel(places[0], places[0])["minutes"],
            0,
            "no journey at all",
        )
        self.assertFalse(self.Dispatch.get_travel(places[0], None)["is_known"])

    def test_unknown_address_counts_as_the_middle_of_the_territory(self):
        visit = self._create_visit(1, site=self.site_mitte)
        self.site_mitte.write({"partner_latitude": 0, "partner_longitude": 0})
        self.assertIsNone(visit._get_place())
        self.territory.write({"latitude": 52.5, "longitude": 13.4})
        self.assertEqual(visit._get_place(), (52.5, 13.4))

    def test_gap_has_to_hold_the_way(self):
        self._create_visit(2, "2026-03-02 08:00", site=self.site_mitte)
        visit = self._create_visit(1, site=self.site_potsdam)
        values = {"technician": self.employee_anna}
        with self._assert_refused("Anna is on .* the way takes 50"):
            visit.action_plan(start=self._local("2026-03-02 10:30"), **values)
        self.assertEqual(visit.state, "draft")
        visit.action_plan(start=self._local("2026-03-02 10:50"), **values)
        self.assertEqual(visit.state, "planned")

    def test_dragged_booking_has_to_hold_the_way(self):
        self._create_visit(2, "2026-03-02 08:00", site=self.site_mitte)
        visit = self._create_visit(1, "2026-03-02 14:00", site=self.site_potsdam)
        with self._assert_refused("the way takes 50"):
            visit.booking_ids.write(
                {
                    "start": self._local("2026-03-02 10:30"),
                    "stop": self._local("2026-03-02 11:30"),
                }
            )

    def test_manager_plans_against_the_way_with_a_reason(self):
        self._create_visit(2, "2026-03-02 08:00", site=self.site_mitte)
        visit = self._create_visit(1, site=self.site_potsdam)
        values = {
            "visit_id": visit.id,
            "employee_id": self.employee_anna.id,
            "start": "2026-03-02 09:30:00",
        }
        with self.assertRaisesRegex(AccessError, "Only a manager"):
            self.Dispatch.move_visit(**values, reason="A colleague drives")
        self.Dispatch.with_user(self.manager).move_visit(
            **values, reason="A colleague drives"
        )
        self.assertEqual(visit.state, "planned")
        self.assertFalse(visit._get_travel_faults(), "it was meant so")

    # Peers 16 and 17

    def test_overlap_is_refused(self):
        self._create_visit(2, "2026-03-02 09:00")
        visit = self._create_visit(1)
        with self._assert_refused("Anna is taken"):
            self._move(visit, "2026-03-02 10:00")

    def test_public_holiday_is_refused(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "date_from": self._local("2026-03-03 00:00"),
                "date_to": self._local("2026-03-04 00:00"),
            }
        )
        visit = self._create_visit(1)
        with self._assert_refused("working time"):
            self._move(visit, "2026-03-03 10:00")

    def test_own_leave_blocks_and_a_colleagues_does_not(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Dentist",
                "resource_id": self.anna.id,
                "date_from": self._local("2026-03-03 10:00"),
                "date_to": self._local("2026-03-03 11:00"),
            }
        )
        visit = self._create_visit(1)
        with self._assert_refused("away then"):
            self._move(visit, "2026-03-03 10:00")
        self._move(visit, "2026-03-03 10:00", self.employee_ben)
        self.assertEqual(visit.technician_id, self.employee_ben)
        # Nor by dragging the booking on the shop's board.
        booking = visit.booking_ids.filtered(lambda each: each.state == "confirmed")
        with self._assert_refused("away then"):
            booking.with_user(self.dispatcher).resource_id = self.anna

    def test_level_of_a_skill_counts_also_on_write(self):
        job = {"skill_ids": [Command.set(self.brakes.ids)], "skill_progress": 60}
        visit = self._create_visit(1, **job)
        with self._assert_refused(r"Brakes \(60 %\)"):
            self._move(visit, "2026-03-03 10:00", self.employee_ben)
        self._move(visit, "2026-03-03 10:00")
        with self._assert_refused("does not suit"):
            self._move(visit, "2026-03-03 10:00", self.employee_ben)
        with self._assert_refused("does not suit"):
            visit.booking_ids.resource_id = self.ben
        self.assertEqual(visit.technician_id, self.employee_anna)

    def test_no_query_per_worker(self):
        job = {"skill_ids": [Command.set(self.brakes.ids)], "skill_progress": 60}
        visit = self._create_visit(1, site=self.site_mitte, **job)

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self.Dispatch.get_candidates(visit.id)
            return self.env.cr.sql_log_count - before, len(found)

        count()
        few, people = count()
        for number in range(20):
            self._create_technician(f"Engineer {number}", {self.brakes: 80})
        count()
        many, more = count()
        self.assertEqual(few, many, "statements do not depend on the engineers")
        self.assertGreater(more, people)

    def _move(self, visit, start, employee=None):
        employee = employee or self.employee_anna
        self.Dispatch.move_visit(visit.id, employee.id, self._local(start))

    # Breaks

    def test_long_visit_rests_over_the_break(self):
        visit = self._create_visit(6, site=self.site_mitte)
        self._move(visit, "2026-03-03 08:00")
        self.assertEqual(visit.stop, self._local("2026-03-03 15:00"))
        self.assertEqual(
            visit.booking_ids.sorted("start").mapped("hours"), [4, 2], "not at noon"
        )
        self._move(visit, "2026-03-03 08:00")
        self.assertEqual(len(visit.booking_ids), 2, "the same again changes nothing")
        other = self._create_visit(1, site=self.site_mitte)
        with self._assert_refused("Anna is taken"):
            self._move(other, "2026-03-03 14:00")
        visit.job_ids.work_span = "none"
        with self._assert_refused("working time"):
            self._move(visit, "2026-03-04 08:00")

    def test_candidates_of_a_long_visit(self):
        visit = self._create_visit(6, site=self.site_mitte)
        found = self._get_candidates(visit)
        self.assertEqual(found["Anna"]["start"], self._local("2026-03-02 08:00"))
        self.assertEqual(found["Anna"]["stop"], self._local("2026-03-02 15:00"))
        visit.duration = 10
        found = self._get_candidates(visit)
        self.assertIn("does not work that long", found["Anna"]["reasons"][0])

    # Candidates

    def test_candidates_are_ranked_with_reasons(self):
        self._create_visit(2, "2026-03-02 10:00", site=self.site_spandau)
        visit = self._create_visit(1, site=self.site_spandau)
        visit.write({"preferred_id": self.employee_ben.id})
        found = self.Dispatch.get_candidates(visit.id)
        self.assertEqual([each["name"] for each in found], ["Anna", "Ben", "Carl"])
        self.assertIn(
            "30 minutes to get there, 0 more than without this visit.",
            found[0]["reasons"],
            "on the way to a visit next door",
        )
        self.assertIn("The customer would like Ben.", found[0]["reasons"])
        ben = found[1]
        self.assertEqual(ben["travel_minutes"], 30)
        self.assertEqual(ben["start"], self._local("2026-03-02 08:30"))
        self.assertEqual(ben["stop"], self._local("2026-03-02 09:30"))
        self.assertIn("The customer would like this engineer.", ben["reasons"])
        self.assertIn("Works in Berlin.", ben["reasons"])
        self.assertIn(
            "30 minutes to get there, 60 more than without this visit.", ben["reasons"]
        )
        self.assertIn("0 of 8 hours are planned that day.", ben["reasons"])
        self.assertIn("Is not of Berlin.", found[2]["reasons"])

    def test_why_the_others_can_not(self):
        job = {"skill_ids": [Command.set(self.brakes.ids)], "skill_progress": 60}
        visit = self._create_visit(1, site=self.site_mitte, **job)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "resource_id": self.anna.id,
                "date_from": self._local("2026-03-02 00:00"),
                "date_to": self._local("2026-03-03 00:00"),
            }
        )
        dora = self._create_technician("Dora", {self.electrics: 80})
        self._create_booking(dora.resource_id, "2026-03-02 08:00", "2026-03-02 17:00")
        found = self._get_candidates(visit, date_to=self._local("2026-03-02 18:00"))
        self.assertTrue(found["Carl"]["start"])
        self.assertFalse(found["Anna"]["start"])
        self.assertIn("Anna is away", found["Anna"]["reasons"][0])
        self.assertEqual(
            found["Ben"]["reasons"],
            ["Ben has Brakes at 40 %, and 60 % are needed."],
        )
        self.assertEqual(
            found["Dora"]["reasons"], ["Dora does not have Brakes (60 %)."]
        )

    def test_candidates_keep_window_and_way(self):
        self._create_visit(2, "2026-03-02 08:00", site=self.site_mitte)
        self._create_visit(2, "2026-03-02 14:00", site=self.site_mitte)
        visit = self._create_visit(1, site=self.site_potsdam)
        visit.write(
            {
                "window_start": self._local("2026-03-02 10:00"),
                "window_stop": self._local("2026-03-02 12:00"),
            }
        )
        found = self._get_candidates(visit)
        self.assertEqual(found["Anna"]["start"], self._local("2026-03-02 10:50"))
        visit.window_stop = self._local("2026-03-02 10:30")
        found = self._get_candidates(visit)
        self.assertFalse(found["Anna"]["start"])
        self.assertIn("leaves no room", found["Anna"]["reasons"][0])

    def test_candidate_can_be_planned_by_the_dialog(self):
        visit = self._create_visit(1, site=self.site_mitte)
        action = visit.with_user(self.dispatcher).action_open_find()
        find = self.env[action["res_model"]].browse(action["res_id"])
        find = find.with_user(self.dispatcher)
        self.assertTrue(find.line_ids)
        line = find.line_ids[0]
        line.action_plan()
        self.assertEqual(visit.technician_id, line.employee_id)
        self.assertEqual(visit.start, line.start)

    @users("field_anna")
    def test_engineers_do_not_dispatch(self):
        visit = self._as_admin(lambda: self._create_visit(1, "2026-03-02 09:00"))
        visit = visit.with_user(self.anna_user)
        Dispatch = self.env["aftersales.dispatch"]
        with self.assertRaises(AccessError):
            Dispatch.move_visit(visit.id, self.employee_anna.id, "2026-03-02 12:00:00")
        with self.assertRaises(AccessError):
            Dispatch.get_candidates(visit.id)
        with self.assertRaises(AccessError):
            Dispatch.propose_urgent(visit.id)
        with self.assertRaises(AccessError):
            Dispatch.propose_day("2026-03-02")
        with self.assertRaises(AccessError):
            self.env["aftersales.dispatch.plan"].search([])

    def _as_admin(self, make):
        env, self.env = self.env, self.env(user=self.env.ref("base.user_root").id)
        try:
            return make()
        finally:
            self.env = env

    # Looked at again

    def test_leave_flags_the_visit_and_its_end_clears_it(self):
        visits = self._create_visit(1, "2026-03-03 09:00")
        visits += self._create_visit(1, "2026-03-03 13:00", self.employee_ben)
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Ill",
                "resource_id": self.anna.id,
                "date_from": self._local("2026-03-03 00:00"),
                "date_to": self._local("2026-03-04 00:00"),
            }
        )
        self.assertIn("Anna: away then", visits[0].problem)
        self.assertFalse(visits[1].problem)
        self.assertTrue(visits[0].booking_ids.problem)
        self.assertEqual(len(visits[0].order_id.activity_ids), 1)
        leave.unlink()
        self.assertFalse(visits[0].problem)
        self.assertFalse(visits[0].order_id.activity_ids)

    def test_lost_skill_flags_the_visit(self):
        job = {"skill_ids": [Command.set(self.brakes.ids)], "skill_progress": 60}
        visit = self._create_visit(1, "2026-03-03 09:00", **job)
        skill = self.employee_anna.employee_skill_ids.filtered(
            lambda each: each.skill_id == self.brakes
        )
        skill.valid_to = "2026-03-01"
        self.assertIn("does not have Brakes (60 %) any more", visit.problem)
        visit.action_plan(technician=self.employee_carl)
        self.assertFalse(visit.problem, "somebody else has it")

    def test_nightly_check_finds_what_nobody_said(self):
        visits = self._create_visit(1, "2026-03-03 09:00")
        visits += self._create_visit(1, "2026-03-03 13:00")
        self.calendar.attendance_ids.filtered(
            lambda each: each.dayofweek == "1" and each.hour_from == 8
        ).unlink()
        self.patch(
            type(self.env["ir.cron"]),
            "_commit_progress",
            lambda cron, processed=0, **kwargs: 60.0,
        )
        self.env["aftersales.visit"]._cron_recheck()
        self.assertIn("outside the working time", visits[0].problem)
        self.assertFalse(visits[1].problem)
