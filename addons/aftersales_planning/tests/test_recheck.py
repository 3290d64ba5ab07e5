from freezegun import freeze_time

from odoo.tests import tagged

from ..models import recheck
from .test_preparation import PreparationCommon
from .visit_common import NOW


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRecheck(PreparationCommon):
    def _run_nightly(self, now="2026-03-02 01:30:00"):
        self._run_cron("_cron_prepare_visits", now)

    def test_nightly_check_prepares_the_next_working_day(self):
        tomorrow = self._book("2026-03-03 10:00")
        later = self._book("2026-03-05 10:00")
        self._run_nightly()
        self.assertEqual(len(tomorrow.preparation_ids), 4)
        self.assertFalse(later.preparation_ids, "it is not due yet")
        self._run_nightly("2026-03-04 01:30:00")
        self.assertEqual(len(later.preparation_ids), 4)

    def test_second_night_asks_no_second_time(self):
        order = self._book("2026-03-05 10:00")
        bay = order.booking_ids.filtered(lambda each: each.role == "bay").resource_id
        self._leave(bay, "2026-03-05")
        self._run_nightly("2026-03-04 01:30:00")
        activity = self._get_activities(order, "rebook")
        self.assertEqual(len(activity), 1)
        self._run_nightly("2026-03-05 01:30:00")
        self.assertEqual(self._get_activities(order, "rebook"), activity)

    def test_holiday_of_all_is_seen_by_night_long_before(self):
        order = self._book("2026-03-12 10:00")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": self._local("2026-03-12 00:00"),
                "date_to": self._local("2026-03-12 23:59"),
            }
        )
        self._run_nightly()
        self.assertTrue(order.has_visit_problem)
        self.assertEqual(len(self._get_activities(order, "rebook")), 1)

    def test_leave_is_seen_at_once_and_taken_back(self):
        order = self._book("2026-03-12 10:00")
        person = order.booking_ids.filtered(lambda each: each.role == "technician")
        leave = self._leave(person.resource_id, "2026-03-12")
        self.assertTrue(order.has_visit_problem)
        self.assertTrue(person.problem)
        leave.write(
            {
                "date_from": self._local("2026-03-13 00:00"),
                "date_to": self._local("2026-03-13 23:59"),
            }
        )
        self.assertFalse(order.has_visit_problem)
        self.assertFalse(person.problem)
        leave.write(
            {
                "date_from": self._local("2026-03-12 00:00"),
                "date_to": self._local("2026-03-12 23:59"),
            }
        )
        self.assertTrue(order.has_visit_problem)
        leave.unlink()
        self.assertFalse(order.has_visit_problem)
        self.assertFalse(self._get_activities(order, "rebook"))

    def test_archived_resource(self):
        order = self._book("2026-03-12 10:00")
        bay = order.booking_ids.filtered(lambda each: each.role == "bay").resource_id
        bay.active = False
        self.assertTrue(order.has_visit_problem)
        self.assertIn("archived", order.visit_problem)
        bay.active = True
        self.assertFalse(order.has_visit_problem)

    def test_leave_after_an_exception(self):
        order = self._book("2026-03-12 10:00")
        person = order.booking_ids.filtered(lambda each: each.role == "technician")
        early = self._leave(person.resource_id, "2026-03-12")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE resource_calendar_leaves SET write_date = %s WHERE id = %s",
            ["2026-03-01", early.id],
        )
        early.invalidate_recordset()
        person.with_user(self.manager).override_reason = "Comes in for it"
        order._prepare_visit()
        self.assertFalse(order.has_visit_problem, "it was known")
        self._leave(person.resource_id, "2026-03-12")
        self.assertTrue(order.has_visit_problem)
        self.assertIn("time off", person.problem)

    def test_other_peoples_leave_costs_nothing(self):
        other = self.env["resource.resource"].create(
            {
                "name": "Accountant",
                "resource_type": "material",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
            }
        )
        checked = []
        self.patch(
            type(self.env["aftersales.order"]),
            "_recheck_resources",
            lambda *args, **kwargs: checked.append(args),
        )
        self._leave(other)
        self.assertFalse(checked)
        self._leave(self.anna)
        self.assertTrue(checked)

    def test_one_bad_visit_is_named_and_does_not_stop_the_rest(self):
        bad, good = self._book("2026-03-03 10:00"), self._book("2026-03-03 14:00")
        Order = type(self.env["aftersales.order"])
        prepare = Order._prepare_visit

        def fail(order):
            if order == bad:
                raise ValueError("broken")
            return prepare(order)

        self.patch(Order, "_prepare_visit", fail)
        logger = "odoo.addons.aftersales_planning.models.reminder"
        with self.assertLogs(logger, "ERROR") as logs:
            self._run_nightly()
        self.assertIn(bad.name, logs.output[0])
        self.assertFalse(bad.preparation_ids)
        self.assertTrue(good.preparation_ids)

    def test_night_goes_on_where_its_time_was_over(self):
        self.env["aftersales.order"].search(
            [("booking_state", "!=", "none")]
        ).booking_state = "none"
        visits = self._book("2026-03-03 10:00") | self._book("2026-03-12 10:00")
        visits |= self._book("2026-03-03 14:00")
        checked, lefts = [], []
        Order = type(self.env["aftersales.order"])

        def commit(_cron, processed=0, *, remaining=None):
            lefts.append(remaining)
            return 0.0

        self.patch(Order, "_get_doubtful_visits", lambda orders: orders)
        self.patch(Order, "_prepare_visit", lambda order: checked.append(order.id))
        self.patch(recheck, "BATCH", 1)
        self.patch(type(self.env["ir.cron"]), "_commit_progress", commit)
        for _run in visits:
            self.env["aftersales.order"]._cron_prepare_visits()
        self.assertEqual(checked, visits.ids)
        self.assertEqual(lefts, [3, 2, 2, 1, 1, 0])
        # All were checked: the next run begins anew.
        self.env["aftersales.order"]._cron_prepare_visits()
        self.assertEqual(checked[3:], visits[0].ids)
        # So does the next night, whatever was left.
        with freeze_time("2026-03-03 07:00:00"):
            self.env["aftersales.order"]._cron_prepare_visits()
        self.assertEqual(checked[4:], visits[0].ids)

    def test_two_companies(self):
        ours = self._book("2026-03-03 10:00")
        other = self.env["res.company"].create({"name": "Other Workshop"})
        theirs = self.env["aftersales.order"].create(
            {
                "partner_id": self.stranger.id,
                "company_id": other.id,
                "date_planned": self._local("2026-03-03 10:00"),
            }
        )
        theirs.booking_state = "confirmed"
        self._run_nightly()
        self.assertEqual(ours.preparation_ids.company_id, self.company)
        self.assertEqual(theirs.preparation_ids.company_id, other)

    def test_visits_that_are_over_or_begun_stay(self):
        order = self._book("2026-03-03 10:00")
        self._approve(order)
        with freeze_time("2026-03-03 09:30:00"):
            order.action_start()
        self._run_nightly("2026-03-04 01:30:00")
        self.assertFalse(order.preparation_ids)

    def _begin(self, hours=20):
        """Return work that goes on over nights, on its first day."""
        order = self._create_work(hours)
        order.action_book(start=self._local("2026-03-03 08:00"))
        self._approve(order)
        with freeze_time("2026-03-03 09:00:00"):
            order.action_arrive()
            order.action_start()
        return order

    def test_rest_of_work_that_has_begun(self):
        order = self._begin()
        last = order._get_active_bookings().sorted("start")[-1:]
        with freeze_time("2026-03-03 18:00:00"):
            self._leave(last.resource_id, "2026-03-05")
            self.assertTrue(order.has_visit_problem, "seen at once")
            order.has_visit_problem = False
        self._run_nightly("2026-03-04 01:30:00")
        self.assertTrue(order.has_visit_problem)
        self.assertIn("time off", last.problem)
        self.assertEqual(order.preparation_ids.mapped("state"), ["failed"])
        self.assertEqual(len(self._get_activities(order, "rebook")), 1)
        with freeze_time("2026-03-04 09:00:00"):
            self._finish_order(order)
        self.assertFalse(order.has_visit_problem)
        self.assertFalse(self._get_activities(order, "rebook"))

    def test_rest_of_work_that_has_begun_is_moved(self):
        order = self._begin()
        bookings = order._get_active_bookings().sorted("start")
        with freeze_time("2026-03-04 09:00:00"):
            self._leave(bookings[-1:].resource_id, "2026-03-05")
            self.assertTrue(order.has_visit_problem)
            action = order.with_user(self.advisor).action_open_book()
            dialog = self.env["aftersales.book"].browse(action["res_id"])
            self.assertTrue(dialog.is_move)
            self.assertTrue(dialog.present)
            dialog.slot_ids[0].action_book()
        self.assertEqual(order.booking_state, "arrived")
        self.assertFalse(order.has_visit_problem)
        self.assertEqual(set(bookings.mapped("state")), {"done", "cancel"})
        self.assertEqual(order.date_planned, dialog.slot_ids[0].start)

    def test_somebody_else_at_the_same_time(self):
        order = self._book("2026-03-12 10:00")
        order.action_arrive()
        self._leave(
            order.booking_ids.filtered(
                lambda each: each.role == "technician"
            ).resource_id,
            "2026-03-12",
        )
        self.assertTrue(order.has_visit_problem)
        dialog = self.env["aftersales.book"].create(
            {"order_id": order.id, "date_from": order.date_planned}
        )
        self.assertEqual(dialog.slot_ids[0].start, order.date_planned)
        dialog.slot_ids[0].action_book()
        self.assertFalse(order.has_visit_problem)
        self.assertFalse(self._get_activities(order, "rebook"))

    def test_part_that_falls_away_is_seen_long_before(self):
        self._stock(self.part_avco, 2)
        order = self._book("2026-03-12 10:00", parts=self.part_avco)
        other = self._book("2026-03-12 14:00")
        self._run_nightly()
        self.assertFalse(order.has_visit_problem)
        self._make_out_move(self.part_avco, 2)
        self.env.invalidate_all()
        self._run_nightly()
        self.assertTrue(order.has_visit_problem)
        self.assertIn(self.part_avco.name, order.visit_problem)
        self.assertFalse(other.has_visit_problem)
        self._stock(self.part_avco, 2)
        self.env.invalidate_all()
        self._run_nightly()
        self.assertFalse(order.has_visit_problem)

    def test_part_that_was_asked_for_and_comes_too_late(self):
        order = self._book("2026-03-12 10:00")
        self._add_job(order, [(self.part_avco, 1)])
        self._approve(order)
        self._run_nightly()
        self.assertTrue(order.has_visit_problem)
        self.assertIn(self.part_avco.name, order.visit_problem)

    def test_visits_far_ahead_cost_no_statement_each(self):
        self._stock(self.part_avco, 20)

        def measure():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._run_nightly()
            return self.env.cr.sql_log_count - before

        for day in (10, 11):
            self._book(f"2026-03-{day} 10:00", parts=self.part_avco)
        measure()
        few = measure()
        for day in (12, 13, 16, 17, 18, 19):
            self._book(f"2026-03-{day} 10:00", parts=self.part_avco)
        self.assertEqual(measure(), few)
