from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .visit_common import NOW, VisitCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestReminder(VisitCommon):
    """Times are those of Berlin, an hour ahead of UTC in March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Order = cls.env["aftersales.order"]

    def _at(self, text, tz="Europe/Berlin"):
        return freeze_time(self._local(text, tz))

    def _run(self, text, tz="Europe/Berlin"):
        self._run_cron("_cron_remind_visits", self._local(text, tz))

    def _get_reminders(self, order):
        return order.message_ids.filtered(
            lambda message: "we expect you" in (message.subject or "")
        )

    def test_reminded_once_a_day_before(self):
        order = self._book_visit("2026-03-05 10:00")
        self._run("2026-03-04 09:45")
        self.assertFalse(order.date_reminded)
        self._run("2026-03-04 10:00")
        self.assertTrue(order.date_reminded)
        reminder = self._get_reminders(order)
        self.assertEqual(len(reminder), 1)
        self.assertEqual(reminder.partner_ids, self.customer)
        self.assertIn("/visit?access_token=", reminder.body)
        self._run("2026-03-04 10:15")
        self._run("2026-03-05 09:00")
        self.assertEqual(len(self._get_reminders(order)), 1)

    def test_moved_visit_is_reminded_again(self):
        order = self._book_visit("2026-03-05 10:00")
        self._run("2026-03-04 10:00")
        order.action_rebook(start=self._local("2026-03-06 10:00"))
        self.assertFalse(order.date_reminded)
        self._run("2026-03-05 10:00")
        self.assertEqual(len(self._get_reminders(order)), 2)

    def test_two_visits_at_a_time(self):
        first = self._book_visit("2026-03-05 10:00")
        second = self._book_visit(
            "2026-03-05 10:00", "key-2", asset=self.stranger_asset
        )
        self._run("2026-03-04 11:00")
        for order in first + second:
            self.assertEqual(self._get_reminders(order).partner_ids, order.partner_id)

    def test_quiet_hours_across_midnight_wait_for_the_morning(self):
        self.company.aftersales_reminder_hours = 12
        order = self._book_visit("2026-03-05 14:00")  # due at 2:00
        self.assertEqual(order._get_reminder_time(), self._local("2026-03-05 08:00"))
        self._run("2026-03-05 02:00")
        self._run("2026-03-05 07:59")
        self.assertFalse(order.date_reminded)
        self._run("2026-03-05 08:00")
        self.assertTrue(order.date_reminded)

    def test_quiet_hours_that_end_too_late_are_forestalled(self):
        self.company.aftersales_reminder_hours = 12
        order = self._book_visit("2026-03-05 08:30")  # due at 20:30, it is not quiet
        self.assertEqual(order._get_reminder_time(), self._local("2026-03-04 20:30"))
        self.company.aftersales_reminder_hours = 6.5  # due at 2:00
        self.assertEqual(order._get_reminder_time(), self._local("2026-03-04 20:30"))
        self._run("2026-03-04 20:30")
        self.assertTrue(order.date_reminded)

    def test_never_in_quiet_hours_and_never_afterwards(self):
        self.company.write({"aftersales_quiet_from": 20.0, "aftersales_quiet_to": 8.0})
        order = self._book_visit("2026-03-05 08:00")
        order.date_reminded = False
        # Nothing ran in time: what would go out at 8:00 is too late.
        self._run("2026-03-05 07:00")
        self._run("2026-03-05 08:00")
        self._run("2026-03-05 09:00")
        self.assertFalse(order.date_reminded)
        self.assertFalse(self._get_reminders(order))

    def test_quiet_hours_of_the_customers_clock(self):
        self.customer.tz = "America/New_York"
        order = self._book_visit("2026-03-05 10:00")  # due 4:00 in New York
        self.assertEqual(
            order._get_reminder_time(),
            self._local("2026-03-04 08:00", "America/New_York"),
        )
        self._run("2026-03-04 10:00")
        self.assertFalse(order.date_reminded)
        self._run("2026-03-04 08:00", "America/New_York")
        self.assertTrue(order.date_reminded)

    def test_clock_change(self):
        # On 29 March 2026 the clocks of Berlin go forward at 2:00.
        with freeze_time("2026-03-25 07:00:00"):
            order = self._book_visit("2026-03-30 09:00")
        self.assertEqual(
            order._get_reminder_time(), fields.Datetime.to_datetime("2026-03-29 07:00")
        )
        self.company.aftersales_reminder_hours = 31  # 2:00 summer time is not there
        self.assertEqual(order._get_reminder_time(), self._local("2026-03-29 08:00"))

    def test_no_quiet_hours(self):
        self.company.write({"aftersales_quiet_from": 0, "aftersales_quiet_to": 0})
        self.company.aftersales_reminder_hours = 8
        order = self._book_visit("2026-03-05 10:00")
        self.assertEqual(order._get_reminder_time(), self._local("2026-03-05 02:00"))

    def test_opt_out(self):
        order = self._book_visit("2026-03-05 10:00")
        self.customer.aftersales_no_reminder = True
        self._run("2026-03-04 10:00")
        self.assertFalse(order.date_reminded)

    def test_without_address_somebody_calls(self):
        self.customer.email = False
        order = self._book_visit("2026-03-05 10:00")
        self._run("2026-03-04 10:00")
        self._run("2026-03-04 10:15")
        activity = self._get_activities(order, "visit")
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.advisor)
        self.assertIn(self.customer.name, activity.summary)
        order._say_visit_stands(self.customer)
        self.assertFalse(self._get_activities(order, "visit"))

    def test_two_companies(self):
        other = self.env["res.company"].create(
            {"name": "Other Workshop", "aftersales_reminder_hours": 48}
        )
        orders = self._book_visit("2026-03-05 10:00")
        orders |= self._create_order([(self.fee, 1)]).copy()
        theirs = orders[1]
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", other.id)], limit=1
        )
        theirs = self.Order.create(
            {
                "partner_id": self.stranger.id,
                "company_id": other.id,
                "warehouse_id": warehouse.id,
                "date_planned": self._local("2026-03-05 10:00"),
            }
        )
        theirs.booking_state = "confirmed"
        self._run("2026-03-03 12:00")
        self.assertTrue(theirs.date_reminded, "two days ahead there")
        self.assertFalse(orders[0].date_reminded, "one day ahead here")

    def test_one_bad_visit_does_not_stop_the_rest(self):
        bad = self._book_visit("2026-03-05 10:00")
        good = self._book_visit("2026-03-05 10:00", "key-2", asset=self.stranger_asset)
        remind = type(self.Order)._remind_visit

        def fail(order):
            if order == bad:
                raise ValueError("broken")
            return remind(order)

        self.patch(type(self.Order), "_remind_visit", fail)
        logger = "odoo.addons.aftersales_planning.models.reminder"
        with self.assertLogs(logger, "ERROR") as logs:
            self._run("2026-03-04 10:00")
        self.assertIn(bad.name, logs.output[0])
        self.assertFalse(bad.date_reminded)
        self.assertTrue(good.date_reminded)

    def test_missed_visit_frees_its_resources(self):
        order = self._book_visit("2026-03-05 10:00")
        self._run("2026-03-05 11:59")
        self.assertEqual(order.booking_state, "confirmed")
        self._run("2026-03-05 12:00")
        self.assertEqual(order.booking_state, "missed")
        self.assertFalse(order._get_active_bookings())
        self._run("2026-03-05 12:15")
        self.assertEqual(len(self._get_activities(order, "visit")), 1)

    def test_missed_visit_is_at_risk_no_more(self):
        order = self._book_visit("2026-03-05 10:00")
        order._settle_problem(["Bay 1: it is archived."])
        self.assertTrue(self._get_activities(order, "rebook"))
        self._run("2026-03-05 20:00")
        self.assertEqual(order.booking_state, "missed")
        self.assertFalse(order.has_visit_problem)
        self.assertFalse(self._get_activities(order, "rebook"))

    def test_who_came_is_not_missed(self):
        arrived = self._book_visit("2026-03-05 10:00")
        started = self._book_visit(
            "2026-03-05 10:00", "key-2", asset=self.stranger_asset
        )
        with self._at("2026-03-05 10:05"):
            arrived.action_arrive()
            self._approve(started)
            started.action_start()
        self._run("2026-03-05 15:00")
        self.assertEqual(arrived.booking_state, "arrived")
        self.assertNotEqual(started.booking_state, "missed")

    def test_unfinished_booking_is_called_about_once(self):
        order = self._request()
        self._run_cron("_cron_remind_visits", NOW)
        self.assertEqual(order.online_state, "begun", "they may still be choosing")
        self.env.cr.execute(
            "UPDATE aftersales_order SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(hours=2), order.id],
        )
        order.invalidate_recordset(["create_date"])
        self._run_cron("_cron_remind_visits", NOW)
        self.assertEqual(order.online_state, "left")
        self._run_cron("_cron_remind_visits", NOW)
        self.assertEqual(len(self._get_activities(order, "visit")), 1)
        start = self._local("2026-03-05 10:00")
        order._hold_visit(start)
        order._confirm_visit(start, self.customer)
        self.assertFalse(self._get_activities(order, "visit"), "they went on after all")
