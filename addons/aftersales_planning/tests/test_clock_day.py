from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import clock_day
from .clock_common import ClockCommon

MONDAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestClockDay(ClockCommon):
    """In March, Brussels is an hour ahead of UTC: the shift is 7–11 and 12–16 UTC."""

    def _compute(self, *dates, now="2026-03-10 12:00:00"):
        dates = dates or (MONDAY,)
        with self._at(now):
            return self.Day.compute_days(
                min(dates), max(dates), self.employee | self.second
            )

    def _get_day(self, employee=None, day=MONDAY):
        return self.Day.search(
            [("employee_id", "=", (employee or self.employee).id), ("date", "=", day)]
        )

    def test_figures_of_a_day(self):
        order = self._create_approved([(self.labour, 3)])
        job = order.job_ids
        self._clock(job, "2026-03-02 07:00:00", "2026-03-02 09:00:00")
        Entry = self.Entry.with_user(self.technician)
        with self._at("2026-03-02 09:00:00"):
            Entry.clock_start(self.reason_meeting)
        with self._at("2026-03-02 10:00:00"):
            Entry.clock_start(self.reason_parts)
        with self._at("2026-03-02 10:30:00"):
            Entry.clock_start(self.reason_break)
        with self._at("2026-03-02 11:00:00"):
            Entry.clock_stop()
        with self._at("2026-03-02 13:00:00"):
            order.action_complete()
        self._compute()
        day = self._get_day()
        self.assertEqual(day.hours_shift, 8.0)
        self.assertEqual(day.hours_clocked, 2.0)
        self.assertEqual(day.hours_indirect, 1.0)
        self.assertEqual(day.hours_pause, 0.5)
        self.assertEqual(day.hours_unclassed, 4.0, "the afternoon")
        self.assertEqual(day.hours_idle, 4.5)
        self.assertEqual(day.hours_billed, 3.0)
        self.assertEqual(day.efficiency, 1.5)
        self.assertEqual(day.productivity, 0.25)
        self.assertEqual(day.proficiency, 0.375)
        absent = self._get_day(self.second)
        self.assertEqual((absent.hours_shift, absent.hours_idle), (8.0, 8.0))
        self.assertEqual(absent.efficiency, 0.0)

    def test_billed_hours_are_split_by_clocked_share(self):
        order = self._create_approved([(self.labour, 3), (self.labour_clocked, 1)])
        job = order.job_ids
        self._clock(job, "2026-03-02 07:00:00", "2026-03-02 08:00:00")
        self._clock(job, "2026-03-02 07:00:00", "2026-03-02 10:00:00", self.second)
        with self._at("2026-03-03 13:00:00"):
            order.action_complete()
        self._compute(MONDAY, date(2026, 3, 3))
        self.assertEqual(self._get_day().hours_billed, 0.0)
        done = date(2026, 3, 3)
        self.assertEqual(self._get_day(day=done).hours_billed, 1.0)
        self.assertEqual(self._get_day(self.second, done).hours_billed, 3.0)

    def test_rework_counts_zero_and_unclocked_work_its_technician(self):
        rework = self.env["aftersales.payer"].search(
            [("company_id", "=", self.company.id), ("code", "=", "rework")]
        )
        orders = self._create_approved() | self._create_approved(
            {"lines": [(self.labour, 5)], "payer_id": rework.id}
        )
        orders.action_start()
        with self._at("2026-03-02 13:00:00"):
            orders.action_complete()
        self._compute()
        self.assertEqual(self._get_day().hours_billed, 2.0)

    def test_the_shift_of_today_is_what_is_over(self):
        self._compute(now="2026-03-02 09:00:00")
        self.assertEqual(self._get_day().hours_shift, 2.0, "since 8:00 in Berlin")
        self._compute()
        self.assertEqual(self._get_day().hours_shift, 8.0)

    def test_leaves_are_no_shift(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Doctor",
                "calendar_id": self.calendar.id,
                "resource_id": self.employee.resource_id.id,
                "date_from": datetime(2026, 3, 2, 12),
                "date_to": datetime(2026, 3, 2, 16),
            }
        )
        self._compute(MONDAY, date(2026, 3, 8))
        self.assertEqual(self._get_day().hours_shift, 4.0)
        self.assertEqual(self._get_day().hours_unclassed, 4.0)
        self.assertEqual(self._get_day(self.second).hours_shift, 8.0)
        sunday = self._get_day(day=date(2026, 3, 8))
        self.assertEqual((sunday.hours_shift, sunday.productivity), (0.0, 0.0))

    def test_flexible_hours_have_no_gaps(self):
        self.employee.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Flexible",
                "flexible_hours": True,
                "hours_per_day": 7,
                "full_time_required_hours": 35,
                "tz": "Europe/Brussels",
                "company_id": self.company.id,
            }
        )
        job = self._create_approved().job_ids
        self._clock(job, "2026-03-02 07:00:00", "2026-03-02 10:30:00")
        self._compute()
        day = self._get_day()
        self.assertEqual((day.hours_shift, day.hours_idle), (7.0, 0.0))
        self.assertEqual(day.productivity, 0.5)

    def test_work_over_midnight_is_two_days(self):
        job = self._create_approved().job_ids
        # 23:00 to 2:00 in Brussels.
        self._clock(job, "2026-03-02 22:00:00", "2026-03-03 01:00:00")
        self._compute(MONDAY, date(2026, 3, 3))
        self.assertEqual(self._get_day().hours_clocked, 1.0)
        self.assertEqual(self._get_day(day=date(2026, 3, 3)).hours_clocked, 2.0)

    def test_days_of_the_clock_change(self):
        job = self._create_approved().job_ids
        self.calendar.attendance_ids = [
            Command.create(
                {"name": "Night", "dayofweek": "6", "hour_from": 0, "hour_to": 8}
            )
        ]
        spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
        self._clock(job, "2026-03-28 23:00:00", "2026-03-29 06:00:00")
        self._clock(job, "2026-10-24 22:00:00", "2026-10-25 07:00:00")
        for day, hours in ((spring, 7.0), (autumn, 9.0)):
            self._compute(day, now="2026-11-10 12:00:00")
            self.assertEqual(self._get_day(day=day).hours_shift, hours)
            self.assertEqual(self._get_day(day=day).hours_clocked, hours)
            self.assertEqual(self._get_day(day=day).hours_idle, 0.0)

    def test_today_counts_until_now(self):
        job = self._create_approved().job_ids
        self._clock(job, "2026-03-02 07:30:00")
        self._compute(now="2026-03-02 09:00:00")
        day = self._get_day()
        self.assertEqual(day.hours_clocked, 1.5)
        self.assertEqual(day.hours_unclassed, 0.5)
        self._compute(date(2026, 3, 3), now="2026-03-02 09:00:00")
        self.assertFalse(self._get_day(day=date(2026, 3, 3)), "days to come are not")

    def test_restated_when_corrected(self):
        job = self._create_approved().job_ids
        entry = self._clock(job, "2026-03-02 07:00:00", "2026-03-02 09:00:00")
        self._compute()
        with self._at("2026-03-03 09:00:00"):
            entry.action_correct(reason="Forgot", stop="2026-03-02 08:00:00")
            self.assertTrue(self._get_day().is_stale)
            self._run_cron("aftersales.clock.day", "_cron_compute")
        self.assertFalse(self._get_day().is_stale)
        self.assertEqual(self._get_day().hours_clocked, 1.0)

    def test_correction_of_a_day_nobody_worked_out(self):
        job = self._create_approved().job_ids
        with self._at("2026-03-20 09:00:00"):
            self.Entry.action_add(
                self.employee,
                "2026-03-02 07:00:00",
                "2026-03-02 08:00:00",
                reason="Paper",
                job=job,
            )
            self.assertTrue(self._get_day().is_stale)
            self._run_cron("aftersales.clock.day", "_cron_compute")
        self.assertEqual(self._get_day().hours_clocked, 1.0)

    def test_restated_when_sent_back_and_when_rework(self):
        order = self._create_approved()
        job = order.job_ids
        self._clock(job, "2026-03-02 07:00:00", "2026-03-02 09:00:00")
        with self._at("2026-03-02 13:00:00"):
            order.action_complete()
        self._compute()
        self.assertEqual(self._get_day().hours_billed, 2.0)
        with self._at("2026-03-04 09:00:00"):
            order.action_rework("Still squeals")
            self.assertTrue(self._get_day().is_stale)
            self._run_cron("aftersales.clock.day", "_cron_compute")
            self.assertEqual(self._get_day().hours_billed, 0.0)
            order.action_complete()
        self._compute(MONDAY, date(2026, 3, 4))
        done = self._get_day(day=date(2026, 3, 4))
        self.assertEqual(done.hours_billed, 2.0, "once, when it was right")
        self.patch(self.registry["aftersales.job"], "_get_billed_hours", lambda _s: 0.0)
        with self._at("2026-03-06 09:00:00"):
            job._restate_clock_days()
            self.assertTrue(done.is_stale)
            self._run_cron("aftersales.clock.day", "_cron_compute")
        self.assertEqual(done.hours_billed, 0.0)

    def test_nightly_run_covers_missed_nights(self):
        with self._at("2026-03-06 01:30:00"):
            self._run_cron("aftersales.clock.day", "_cron_compute")
        days = self.Day.search([("employee_id", "=", self.employee.id)])
        self.assertEqual(
            sorted(days.mapped("date")),
            [date(2026, 3, number) for number in (2, 3, 4, 5)],
        )
        self.assertEqual(set(days.mapped("hours_shift")), {8.0})

    def test_night_goes_on_where_its_time_was_over(self):
        self.Day.search([("is_stale", "=", True)]).is_stale = False
        done = []
        self.patch(
            type(self.Day),
            "_compute_figures",
            lambda days: done.append(days.date) or days.write({"is_stale": False}),
        )
        self.patch(
            type(self.Day), "_get_technicians", lambda _days, _since: self.employee
        )
        self.patch(clock_day, "BATCH", 1)
        self.patch(self.registry["ir.cron"], "_commit_progress", lambda *_a, **_k: 0.0)
        with self._at("2026-03-06 01:30:00"):
            for _run in range(5):
                self.Day._cron_compute()
        self.assertEqual(done, [date(2026, 3, number) for number in (2, 3, 4, 5)])

    def test_one_bad_day_does_not_stop_the_rest(self):
        Day = type(self.Day)
        figures = Day._compute_figures

        def fail(days):
            if self.second in days.employee_id:
                raise ValueError("broken calendar")
            return figures(days)

        self.patch(Day, "_compute_figures", fail)
        with (
            self._at("2026-03-06 01:30:00"),
            self.assertLogs("odoo.addons.aftersales_planning.models.clock_day") as log,
        ):
            self._run_cron("aftersales.clock.day", "_cron_compute")
        self.assertIn("Second", log.output[0])
        self.assertFalse(self._get_day(day=date(2026, 3, 5)).is_stale)
        self.assertTrue(self._get_day(self.second, date(2026, 3, 5)).is_stale)

    def test_groups_have_the_ratio_of_their_sums(self):
        values = {"company_id": self.company.id, "employee_id": self.employee.id}
        self.Day.create(
            [
                {
                    **values,
                    "date": date(2026, 4, 1),
                    "hours_shift": 8,
                    "hours_clocked": 8,
                    "hours_billed": 4,
                },
                {
                    **values,
                    "date": date(2026, 4, 2),
                    "hours_shift": 8,
                    "hours_clocked": 2,
                    "hours_billed": 4,
                },
                {**values, "date": date(2026, 4, 3)},
            ]
        )
        domain = [("employee_id", "=", self.employee.id)]
        measures = ["efficiency:avg", "productivity:avg", "proficiency:avg"]
        ((_employee, *ratios),) = self.Day._read_group(
            domain, ["employee_id"], measures
        )
        self.assertEqual(ratios, [0.8, 0.625, 0.5])
        (group,) = self.Day.formatted_read_group(domain, ["date:month"], measures)
        self.assertEqual([group[measure] for measure in measures], [0.8, 0.625, 0.5])
        (total,) = self.Day.formatted_read_group(domain, [], measures)
        self.assertEqual(total["efficiency:avg"], 0.8)
        empty = self.Day._read_group([("date", "=", "2026-04-03")], [], measures)
        self.assertEqual(empty, [(None, None, None)] if empty[0][0] is None else empty)

    def test_gaps_are_accounted_for(self):
        job = self._create_approved().job_ids
        self._clock(job, "2026-03-02 08:00:00", "2026-03-02 11:00:00")
        self._compute()
        day = self._get_day().with_user(self.technician)
        with self._at("2026-03-02 18:00:00"):
            gaps = day._get_gap_intervals()
            self.assertEqual(
                gaps,
                [
                    (datetime(2026, 3, 2, 7), datetime(2026, 3, 2, 8)),
                    (datetime(2026, 3, 2, 12), datetime(2026, 3, 2, 16)),
                ],
            )
            wizard = (
                self.env["aftersales.clock.gaps"]
                .with_user(self.technician)
                .create({"day_id": day.id})
            )
            wizard.line_ids[0].reason_id = self.reason_meeting
            wizard.action_save()
            with self.assertRaisesRegex(UserError, "filled by now"):
                day.action_class_gap(gaps[0][0], self.reason_meeting)
            with self.assertRaises(AccessError):
                day.with_user(self.second_user).action_class_gap(
                    gaps[1][0], self.reason_meeting
                )
        self.assertEqual(day.hours_indirect, 1.0)
        self.assertEqual(day.hours_unclassed, 4.0)

    def test_report_opens_up_to_date(self):
        job = self._create_approved().job_ids
        self._clock(job, "2026-03-02 07:00:00")
        with self._at("2026-03-02 09:00:00"):
            action = self.Day.with_user(self.advisor).action_open_report()
        self.assertEqual(action["res_model"], "aftersales.clock.day")
        self.assertEqual(self._get_day().hours_clocked, 2.0)
        self.assertFalse(
            self.Day.with_user(self.second_user).search(
                [("employee_id", "=", self.employee.id)]
            )
        )

    def test_many_days_cost_what_few_cost(self):
        people = self.env["hr.employee"].create(
            [
                {
                    "name": f"Technician {number}",
                    "company_id": self.company.id,
                    "resource_calendar_id": self.calendar.id,
                }
                for number in range(20)
            ]
        )

        def compute(employees):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with self._at("2026-03-10 12:00:00"):
                self.Day.compute_days(MONDAY, MONDAY, employees)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        compute(people[:2])
        few, many = compute(people[:4]), compute(people[4:])
        self.assertLessEqual(many - few, 8)

    def test_more_than_a_year_is_refused(self):
        with self.assertRaisesRegex(UserError, "more than 366 days"):
            self._compute("2024-03-01", "2026-03-01")
