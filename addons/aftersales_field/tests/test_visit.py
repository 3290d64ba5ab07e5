from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users

from .common import FieldCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestVisit(FieldCommon):
    def test_plan_takes_the_engineers_time(self):
        visit = self._create_visit(2, "2026-03-02 09:00", site=self.site_mitte)
        self.assertEqual(visit.state, "planned")
        self.assertEqual(visit.start, self._local("2026-03-02 09:00"))
        self.assertEqual(visit.stop, self._local("2026-03-02 11:00"))
        self.assertEqual(visit.booking_ids.resource_id, self.anna)
        self.assertEqual(visit.order_id.date_planned, visit.start)
        self.assertEqual(visit.territory_id, self.territory)
        self.assertEqual(visit.job_ids.technician_id, self.employee_anna)

    def test_overlap_absence_and_skill_are_refused(self):
        self._create_visit(2, "2026-03-02 09:00")
        with self.assertRaisesRegex(UserError, "Anna is taken"):
            self._create_visit(2, "2026-03-02 10:00")
        with self.assertRaisesRegex(UserError, "working time"):
            self._create_visit(2, "2026-03-07 10:00")
        other = self._create_visit(2)
        other.job_ids.skill_ids = self.electrics
        with self.assertRaisesRegex(UserError, "does not suit"):
            other.action_plan(
                start=self._local("2026-03-02 14:00"), technician=self.employee_ben
            )
        self.assertEqual(other.state, "draft")

    def test_moved_booking_moves_the_visit(self):
        visit = self._create_visit(2, "2026-03-02 09:00")
        visit.booking_ids.write(
            {
                "start": self._local("2026-03-03 13:00"),
                "stop": self._local("2026-03-03 15:00"),
                "resource_id": self.ben.id,
            }
        )
        self.assertEqual(visit.start, self._local("2026-03-03 13:00"))
        self.assertEqual(visit.technician_id, self.employee_ben)
        self.assertEqual(visit.job_ids.technician_id, self.employee_ben)
        self.assertEqual(visit.order_id.date_planned, visit.start)

    def test_batch_and_replay(self):
        visits = self._create_visit(1) + self._create_visit(1)
        one, two = visits
        for visit, hour in ((one, 9), (two, 14)):
            visit.action_plan(
                start=self._local(f"2026-03-02 {hour:02}:00"),
                technician=self.employee_anna,
            )
        visits.action_plan()
        self.assertEqual(len(visits.booking_ids), 2, "the same again changes nothing")
        visits.action_unplan(reason="Storm")
        self.assertEqual(visits.mapped("state"), ["draft", "draft"])
        self.assertFalse(visits.order_id.filtered("date_planned"))
        visits.action_cancel(reason="No longer wanted")
        self.assertEqual(set(visits.mapped("state")), {"cancel"})
        self.assertEqual(set(visits.booking_ids.mapped("state")), {"cancel"})

    def test_way_through_a_visit(self):
        visit = self._create_visit(2, "2026-03-02 09:00").with_user(self.anna_user)
        visit.action_travel(place={"latitude": 52.5, "longitude": 13.4})
        visit.action_arrive()
        visit.action_arrive()
        self.assertEqual(visit.order_id.sudo().state, "progress")
        with self.assertRaisesRegex(UserError, "say why"):
            visit.action_pause()
        visit.action_pause(reason="Lunch, back at one")
        visit.action_resume()
        self.assertEqual(
            visit.stamp_ids.mapped("kind"), ["travel", "arrive", "pause", "resume"]
        )
        self.assertEqual(visit.stamp_ids[0].latitude, 52.5)
        self.assertEqual(visit.stamp_ids.employee_id, self.employee_anna)

    def test_time_that_has_not_come_is_refused(self):
        visit = self._create_visit(2, "2026-03-02 09:00").with_user(self.anna_user)
        with self.assertRaisesRegex(UserError, "has not come"):
            visit.action_travel(moment="2026-03-03 10:00:00")

    @users("field_ben")
    def test_other_engineers_visit_is_refused(self):
        visit = self._create_visit_as_admin()
        with self.assertRaises(AccessError):
            visit.action_travel()
        self.assertFalse(
            self.env["aftersales.visit"].search([("id", "=", visit.id)]),
            "not even seen",
        )

    def _create_visit_as_admin(self):
        user, self.env = self.env.user, self.env(user=self.env.ref("base.user_root").id)
        visit = self._create_visit(2, "2026-03-02 09:00")
        self.env = self.env(user=user.id)
        return visit.with_user(user)

    def test_onsite_order_takes_no_bay(self):
        visit = self._create_visit(2)
        with self.assertRaisesRegex(UserError, "at the customer"):
            visit.order_id.action_book()

    def test_cancelled_order_cancels_its_visits(self):
        visit = self._create_visit(2, "2026-03-02 09:00")
        visit.order_id.action_cancel(reason="Sold the machine")
        self.assertEqual(visit.state, "cancel")
        self.assertEqual(visit.booking_ids.mapped("state"), ["cancel"])

    def test_hours_follow_the_labour_until_it_is_planned(self):
        order = self._create_work(2)
        visit = order.action_create_visit()
        self.assertEqual(visit.duration, 2)
        order.line_ids.product_uom_qty = 3
        self.assertEqual(visit.duration, 3)
        visit.action_plan(
            start=self._local("2026-03-02 09:00"), technician=self.employee_anna
        )
        order.line_ids.product_uom_qty = 1
        self.assertEqual(visit.duration, 3, "what was agreed on stays")

    def test_only_a_paused_visit_goes_on(self):
        visit = self._create_visit(2, "2026-03-02 09:00").with_user(self.anna_user)
        for _again in range(2):
            with self.assertRaisesRegex(UserError, "only a visit that was paused"):
                visit.action_resume()
            visit.action_travel()
        self.assertEqual(visit.state, "travel")

    def test_advisor_speaks_for_the_engineer(self):
        self.env["hr.employee"].create(
            {
                "name": "Desk",
                "user_id": self.dispatcher.id,
                "company_id": self.company.id,
            }
        )
        visit = self._create_visit(2, "2026-03-02 09:00")
        visit.with_user(self.dispatcher).action_travel()
        self.assertEqual(visit.stamp_ids.employee_id, self.employee_anna)
        running = self.env["aftersales.clock.entry"].search([("stop", "=", False)])
        self.assertEqual(running.employee_id, self.employee_anna)

    def test_new_form_has_no_order_yet(self):
        Visit = self.env["aftersales.visit"].with_user(self.dispatcher)
        fields_spec = {"order_id": {}, "site_id": {}, "territory_id": {}}
        values = Visit.onchange({}, [], fields_spec)["value"]
        self.assertFalse(values["territory_id"])

    def test_made_by_hand_it_says_nothing_of_steps(self):
        order = self._create_visit(2).order_id
        Visit = self.env["aftersales.visit"].with_user(self.dispatcher)
        for values in (
            {"outcome": "fixed"},
            {"signed_by": "me"},
            {"technician_id": self.employee_anna.id},
            {"start": "2026-03-01 08:00:00"},
        ):
            with self.assertRaisesRegex(AccessError, "follows from the steps"):
                Visit.create({"order_id": order.id, **values})
        with self.assertRaisesRegex(AccessError, "opinion follows from the steps"):
            Visit.with_context(default_opinion="5").create({"order_id": order.id})
        self.assertEqual(Visit.create({"order_id": order.id}).state, "draft")

    def test_who_is_there_does_not_turn_back(self):
        visit = self._create_visit(2, "2026-03-02 09:00")
        visit.action_plan(helpers=self.employee_ben)
        for user in (self.anna_user, self.ben_user):
            visit.with_user(user).action_travel()
        visit.with_user(self.anna_user).action_arrive()
        for _again in range(2):
            visit.with_user(self.ben_user).action_turn_back(note="Flat tyre")
        self.assertEqual(visit.state, "onsite", "the others are there")
        self.assertEqual(
            visit.stamp_ids.filtered(
                lambda stamp: stamp.employee_id == self.employee_ben
            ).mapped("kind"),
            ["travel", "turn_back"],
        )
        with self.assertRaisesRegex(UserError, "only who is on the way"):
            visit.with_user(self.anna_user).action_turn_back()
        with self.assertRaisesRegex(UserError, "only who is on the way"):
            self._create_visit(2).action_turn_back()

    def test_order_is_not_cancelled_over_somebody_there(self):
        visit = self._create_visit(2, "2026-03-02 09:00")
        visit.with_user(self.anna_user).action_arrive()
        with self.assertRaisesRegex(UserError, "Finish the visit first"):
            visit.order_id.action_cancel(reason="Sold")
        with self.assertRaisesRegex(UserError, "Finish the visit first"):
            visit.action_cancel(reason="Sold")
