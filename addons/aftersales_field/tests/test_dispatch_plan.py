from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import FieldCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestDispatchPlan(FieldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_optimise_seconds = 2
        cls.Plan = cls.env["aftersales.dispatch.plan"].with_user(cls.dispatcher)
        cls.Dispatch = cls.env["aftersales.dispatch"].with_user(cls.dispatcher)
        (cls.employee_anna | cls.employee_ben).aftersales_start_id = cls.site_mitte
        cls.territory.zip_prefixes = "1, 14"
        (cls.site_mitte | cls.site_spandau | cls.site_potsdam).phone = "030 1234"

    def _create_day(self):
        """Return a day that sends everybody criss-cross."""
        sites = (self.site_potsdam, self.site_spandau)
        return [
            self._create_visit(1, f"2026-03-03 {hour:02}:00", employee, site)
            for hour, employee, site in (
                (9, self.employee_anna, sites[0]),
                (11, self.employee_anna, sites[1]),
                (9, self.employee_ben, sites[1]),
                (11, self.employee_ben, sites[0]),
            )
        ]

    def _propose(self, **values):
        plan = self.Plan.create(
            {"date": "2026-03-03", "territory_id": self.territory.id, **values}
        )
        plan.action_optimise()
        return plan

    def _get_lines(self, plan):
        return {line.visit_id: line for line in plan.line_ids}

    # The proposal

    def test_nothing_changes_until_somebody_accepts(self):
        visits = self._create_day()
        before = [(visit.technician_id, visit.start) for visit in visits]
        plan = self._propose()
        self.assertEqual(plan.state, "proposed")
        self.assertEqual(
            [(visit.technician_id, visit.start) for visit in visits], before
        )
        self.assertLess(plan.travel_after, plan.travel_before)
        self.assertLess(plan.km_after, plan.km_before)
        self.assertEqual((plan.served_before, plan.served_after), (4, 4))
        self.assertTrue(plan.change_ids)
        loads = {load.employee_id: load for load in plan.load_ids}
        self.assertEqual(loads[self.employee_anna].visits_before, 2)
        self.assertEqual(loads[self.employee_anna].work_minutes, 480)
        plan.action_accept()
        after = {visit: (visit.technician_id, visit.start) for visit in visits}
        for visit, line in self._get_lines(plan).items():
            self.assertEqual(after[visit], (line.employee_id, line.start))
        self.assertEqual(len({visits[0].technician_id, visits[3].technician_id}), 1)
        self.assertEqual(plan.accepted_user_id, self.dispatcher)

    def test_visits_to_plan_are_put_in_and_the_rest_is_explained(self):
        visit = self._create_visit(1, site=self.site_spandau)
        job = {"skill_ids": [Command.set(self.electrics.ids)], "skill_progress": 100}
        hard = self._create_visit(1, site=self.site_mitte, **job)
        plan = self._propose()
        lines = self._get_lines(plan)
        self.assertEqual(lines[visit].kind, "new")
        self.assertEqual(lines[hard].kind, "left")
        self.assertIn("at the level", lines[hard].reason)
        self.assertEqual((plan.left_before, plan.left_after), (2, 1))
        plan.action_accept()
        self.assertEqual(visit.state, "planned")
        self.assertEqual(visit.start.minute % 5, 0)
        self.assertEqual(hard.state, "draft")

    def test_people_outside_of_hr_read_who_comes_before_and_after(self):
        visit = self._create_visit(1, "2026-03-03 09:00", site=self.site_mitte)
        line = self.env["aftersales.dispatch.plan.line"].create(
            {
                "plan_id": self.Plan.create({"date": "2026-03-03"}).id,
                "visit_id": visit.id,
                "kind": "moved",
                "employee_from_id": self.employee_anna.id,
                "start_from": visit.start,
                "employee_id": self.employee_ben.id,
                "start": self._local("2026-03-03 14:00"),
            }
        )
        self.env.invalidate_all()
        line = line.with_user(self.dispatcher).with_context(tz="Europe/Berlin")
        self.assertRegex(line.before, "9:00.*Anna")
        self.assertRegex(line.after, "2:00.*Ben")

    def test_fixed_and_begun_visits_stay(self):
        visits = self._create_day()
        visits[0].is_locked = True
        with freeze_time("2026-03-03 07:30:00"):
            visits[2].with_user(self.ben_user).action_travel()
            plan = self._propose()
            lines = self._get_lines(plan)
            self.assertTrue(lines[visits[0]].is_fixed)
            self.assertTrue(lines[visits[2]].is_fixed)
            places = [(each.technician_id, each.start) for each in visits]
            plan.action_accept()
        for number in (0, 2):
            self.assertEqual(
                (visits[number].technician_id, visits[number].start), places[number]
            )

    def test_windows_and_breaks_hold(self):
        visit = self._create_visit(2, site=self.site_spandau)
        visit.write(
            {
                "window_start": self._local("2026-03-03 11:00"),
                "window_stop": self._local("2026-03-03 14:00"),
            }
        )
        plan = self._propose()
        line = self._get_lines(plan)[visit]
        self.assertEqual(
            line.start, self._local("2026-03-03 13:00"), "not over the lunch break"
        )
        visit.window_stop = self._local("2026-03-03 12:00")
        plan.action_optimise()
        self.assertEqual(self._get_lines(plan)[visit].kind, "left")
        self.assertIn("window", self._get_lines(plan)[visit].reason)

    def test_window_that_is_over_is_no_condition(self):
        visit = self._create_visit(1, site=self.site_spandau)
        visit.write(
            {
                "window_start": self._local("2026-02-27 09:00"),
                "window_stop": self._local("2026-02-27 11:00"),
            }
        )
        self.assertEqual(self._get_lines(self._propose())[visit].kind, "new")
        found = self.Dispatch.get_candidates(visit.id)
        self.assertTrue(found[0]["start"])
        visit.window_start = self._local("2026-03-04 09:00")
        visit.window_stop = self._local("2026-03-04 11:00")
        self.assertNotIn(visit, self._get_lines(self._propose()))

    def test_van_parts_are_asked_for(self):
        visit = self._create_visit(1, site=self.site_mitte, parts=[self.part_avco])
        self.patch(
            type(self.env["aftersales.dispatch"]),
            "_get_van_parts",
            lambda dispatch, employees: {self.employee_ben.id: {self.part_avco.id: 1}},
        )
        self._create_visit(2, "2026-03-03 08:00", self.employee_ben, self.site_potsdam)
        plan = self._propose()
        self.assertEqual(self._get_lines(plan)[visit].employee_id, self.employee_ben)

    def test_day_of_the_past_and_region_of_nobody(self):
        with self.assertRaisesRegex(UserError, "this day is over"):
            self._propose(date="2026-03-01")
        self.territory.employee_ids = False
        with self.assertRaisesRegex(UserError, "Add engineers"):
            self._propose()

    # Accepting

    def test_accepting_twice_is_accepting_once(self):
        self._create_day()
        plan = self._propose()
        plan.action_accept()
        bookings = plan.line_ids.visit_id.booking_ids
        plan.action_accept()
        self.assertEqual(plan.line_ids.visit_id.booking_ids, bookings)
        with self.assertRaisesRegex(UserError, "cannot become"):
            plan.action_discard()
        with self.assertRaisesRegex(UserError, "stays as a record"):
            plan.sudo().unlink()

    def test_accepting_after_a_change_names_the_visit(self):
        visits = self._create_day()
        plan = self._propose()
        moved = plan.change_ids[0].visit_id
        moved.action_plan(start=self._local("2026-03-03 15:30"))
        with self.assertRaisesRegex(UserError, f"{moved.name} changed since"):
            plan.action_accept()
        self.assertEqual(plan.state, "proposed")
        self.assertEqual(len(visits), 4)
        plan.action_optimise()
        plan.action_accept()
        self.assertEqual(plan.state, "accepted")

    def test_accepting_what_was_cancelled_or_begun(self):
        self._create_day()
        plan = self._propose()
        changed = plan.change_ids.visit_id
        changed[0].action_cancel(reason="Not wanted")
        with self.assertRaisesRegex(UserError, changed[0].name):
            plan.action_accept()

    def test_accepting_too_late(self):
        visit = self._create_visit(1, site=self.site_spandau)
        plan = self._propose()
        with (
            freeze_time("2026-03-03 16:00:00"),
            self.assertRaisesRegex(UserError, f"{visit.name} would begin"),
        ):
            plan.action_accept()

    def test_new_booking_in_between_refuses_everything(self):
        self._create_day()
        other = self._create_visit(1, site=self.site_spandau)
        plan = self._propose()
        line = self._get_lines(plan)[other]
        self.env["aftersales.booking"].create(
            {
                "resource_id": line.employee_id.resource_id.id,
                "start": line.start,
                "stop": line.start.replace(minute=59),
            }
        )
        with self.assertRaisesRegex(UserError, "is taken"):
            plan.action_accept()

    def test_two_dispatchers(self):
        self._create_day()
        plan = self._propose()
        colleague = self.dispatcher.copy({"login": "second_dispatcher"})
        second = self.Plan.with_user(colleague).create(
            {"date": "2026-03-03", "territory_id": self.territory.id}
        )
        second.action_optimise()
        self.assertFalse(second.outdated)
        plan.action_accept()
        self.assertIn("changed since this proposal", second.outdated)
        with self.assertRaisesRegex(UserError, "changed since this proposal"):
            second.action_accept()
        second.action_optimise()
        self.assertFalse(second.outdated)
        with self.assertRaises(AccessError):
            plan.with_user(colleague).read(["name"])

    def test_batch(self):
        one = self._create_visit(1, site=self.site_spandau)
        plans = self._propose() + self._propose(date="2026-03-04")
        plans[1].action_discard()
        with self.assertRaisesRegex(UserError, "cannot become"):
            plans.action_accept()
        plans[0].action_accept()
        self.assertEqual(one.state, "planned")
        drafts = self.Plan.create(
            [
                {"date": date, "territory_id": self.territory.id}
                for date in ("2026-03-04", "2026-03-05")
            ]
        )
        drafts.action_optimise()
        self.assertEqual(drafts.mapped("state"), ["proposed", "proposed"])
        drafts.action_accept()
        self.assertEqual(drafts.mapped("state"), ["accepted", "accepted"])

    def test_other_company_is_neither_read_nor_moved(self):
        visit = self._create_visit(1, site=self.site_spandau)
        other = self.env["res.company"].create({"name": "Other"})
        self.dispatcher.company_ids = [Command.link(other.id)]
        territory = self.env["aftersales.territory"].create(
            {"name": "There", "company_id": other.id, "zip_prefixes": "1"}
        )
        plan = self.Plan.with_context(
            allowed_company_ids=[other.id, self.company.id]
        ).create(
            {
                "date": "2026-03-03",
                "company_id": other.id,
                "territory_id": territory.id,
            }
        )
        with self.assertRaisesRegex(UserError, "no engineer works"):
            plan.action_optimise()
        with self.assertRaisesRegex(UserError, "company"):
            self.Plan.create({"date": "2026-03-03", "territory_id": territory.id})
        self.dispatcher.company_ids = [Command.set(self.company.ids)]
        self.assertFalse(self.Plan.search([("id", "=", plan.id)]))
        self.assertEqual(visit.state, "draft")

    # Urgent visits

    def test_urgent_visit_frees_somebody(self):
        day = [
            self._create_visit(4, "2026-03-02 08:00", self.employee_ben),
            self._create_visit(4, "2026-03-02 13:00", self.employee_ben),
            self._create_visit(2, "2026-03-02 09:00", site=self.site_spandau),
            self._create_visit(2, "2026-03-02 13:00", site=self.site_spandau),
        ]
        day[2].write(
            {
                "window_start": self._local("2026-03-02 08:30"),
                "window_stop": self._local("2026-03-02 10:00"),
            }
        )
        job = {"skill_ids": [Command.set(self.electrics.ids)], "skill_progress": 50}
        urgent = self._create_visit(3, site=self.site_mitte, **job)
        urgent.order_id.priority = "1"
        urgent.date_deadline = self._local("2026-03-02 12:00")
        plans = self.Plan.browse(self.Dispatch.propose_urgent(urgent.id))
        self.assertTrue(plans)
        self.assertEqual(set(plans.mapped("kind")), {"urgent"})
        plan = plans[0]
        line = self._get_lines(plan)[urgent]
        self.assertEqual(line.employee_id, self.employee_anna, "the only one")
        self.assertEqual(urgent.state, "draft", "nothing happened yet")
        plan.action_accept()
        self.assertEqual(urgent.technician_id, self.employee_anna)
        self.assertEqual(urgent.start, line.start)

    def test_broken_window_is_told_and_called(self):
        visit = self._create_visit(2, "2026-03-02 09:00", site=self.site_mitte)
        visit.write(
            {
                "window_start": self._local("2026-03-02 08:30"),
                "window_stop": self._local("2026-03-02 09:30"),
            }
        )
        self.customer.email = "customer@example.com"
        (self.employee_ben.resource_id | self.employee_carl.resource_id).write(
            {"aftersales_role": False}
        )
        urgent = self._create_visit(2, site=self.site_mitte)
        urgent.date_deadline = self._local("2026-03-02 08:30")
        urgent.write(
            {
                "window_start": self._local("2026-03-02 08:00"),
                "window_stop": self._local("2026-03-02 08:30"),
            }
        )
        plan = self.Plan.browse(self.Dispatch.propose_urgent(urgent.id))[0]
        self.assertEqual(plan.tell_ids.visit_id, visit)
        self.assertEqual(plan.tell_ids.tell, "message")
        self.assertIn(self.customer.name, plan.tell_ids.tell_words)
        messages = visit.message_ids
        plan.action_accept()
        told = visit.message_ids - messages
        self.assertIn(
            self.customer, told.filtered("partner_ids").partner_ids, "told by message"
        )

    def test_visits_of_another_team_are_neither_moved_nor_listed(self):
        other = self.env["aftersales.team"].create(
            {
                "name": "Others",
                "company_id": self.company.id,
                "member_ids": [Command.set(self.manager.ids)],
            }
        )
        hidden = self._create_visit(2, "2026-03-02 09:00", site=self.site_mitte)
        hidden.order_id.write({"team_id": other.id, "user_id": self.manager.id})
        own = self._create_visit(2, "2026-03-02 13:00", site=self.site_mitte)
        (self.employee_ben.resource_id | self.employee_carl.resource_id).write(
            {"aftersales_role": False}
        )
        Visit = self.env["aftersales.visit"].with_user(self.dispatcher)
        self.assertNotIn(hidden, Visit.search([]))
        urgent = self._create_visit(2, site=self.site_mitte)
        urgent.order_id.priority = "1"
        urgent.date_deadline = self._local("2026-03-02 09:00")
        for plan in self.Plan.browse(self.Dispatch.propose_urgent(urgent.id)):
            lines = self._get_lines(plan.sudo())
            self.assertEqual(lines[hidden].kind, "kept", "seen by managers alone")
            self.env.invalidate_all()
            self.assertLessEqual(set(self._get_lines(plan)), {own, urgent})
            start = lines[urgent].start
            self.assertFalse(
                start < hidden.stop and hidden.start < start + timedelta(hours=2),
                "the other visit stays",
            )
            with self.assertRaises(AccessError):
                lines[hidden].with_user(self.dispatcher).read(["partner_id"])
        plan = self._propose(date="2026-03-02")
        self.env.invalidate_all()
        self.assertNotIn(hidden, plan.line_ids.visit_id)
        self.assertIn(own, plan.line_ids.visit_id)

    def test_one_way_taken_discards_the_others(self):
        urgent = self._create_visit(1, site=self.site_spandau)
        plans = self.Plan.browse(self.Dispatch.propose_urgent(urgent.id))
        self.assertGreater(len(plans), 1)
        plans[1].action_accept()
        self.assertEqual(plans[0].state, "discarded")
        self.assertEqual(plans[1].state, "accepted")

    def test_nobody_can_be_freed(self):
        job = {"skill_ids": [Command.set(self.electrics.ids)], "skill_progress": 100}
        urgent = self._create_visit(1, site=self.site_spandau, **job)
        with self.assertRaisesRegex(UserError, "Nobody can be freed"):
            self.Dispatch.propose_urgent(urgent.id)
