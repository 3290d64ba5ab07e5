from datetime import datetime, timedelta

import psycopg2
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .clock_common import ClockCommon


@tagged("post_install", "-at_install")
class TestClock(ClockCommon):
    def test_on_starts_job_and_order(self):
        order = self._create_approved()
        with self._at("2026-03-02 08:00:00"):
            order.job_ids.with_user(self.technician).action_clock_on()
        self.assertEqual(order.state, "progress")
        self.assertEqual(order.job_ids.state, "progress")
        entry = self._running()
        self.assertEqual(entry.job_id, order.job_ids)
        self.assertEqual(entry.order_id, order)
        self.assertEqual(entry.kind, "work")
        self.assertEqual(entry.start, datetime(2026, 3, 2, 8))
        self.assertTrue(order.job_ids.is_clocked)
        with self._at("2026-03-02 09:30:00"):
            order.job_ids.with_user(self.technician).action_clock_off()
        self.assertEqual(entry.hours, 1.5)
        self.assertEqual(entry.cost, 60.0)
        self.assertEqual(order.job_ids.clocked_hours, 1.5)
        self.assertEqual(order.clocked_hours, 1.5)

    def test_other_job_ends_the_first(self):
        order = self._create_approved([(self.labour, 1)], [(self.labour, 1)])
        first, second = order.job_ids.with_user(self.technician)
        with self._at("2026-03-02 08:00:00"):
            first.action_clock_on()
        with self._at("2026-03-02 09:00:00"):
            second.action_clock_on()
        self.assertEqual(self._running().job_id, second)
        self.assertEqual(first.clocked_hours, 1.0)
        with self.assertRaisesRegex(UserError, "one job at a time"):
            order.job_ids.with_user(self.technician).action_clock_on()

    def test_running_job_runs_on(self):
        job = self._create_approved().job_ids.with_user(self.technician)
        with self._at("2026-03-02 08:00:00"):
            job.action_clock_on()
        with self._at("2026-03-02 09:00:00"):
            job.action_clock_on()
        self.assertEqual(self._running().start, datetime(2026, 3, 2, 8))

    def test_pause_with_reason_and_go_on(self):
        job = self._create_approved().job_ids.with_user(self.technician)
        with self._at("2026-03-02 08:00:00"):
            job.action_clock_on()
        with self._at("2026-03-02 09:00:00"):
            job.action_clock_pause(reason=self.reason_parts.id)
        idle = self._running()
        self.assertEqual(idle.kind, "idle")
        self.assertFalse(idle.job_id)
        self.assertEqual(idle.paused_job_id, job)
        self.assertEqual(job.my_clock, "pause")
        with self._at("2026-03-02 09:15:00"):
            job.action_clock_on()
        self.assertEqual(idle.hours, 0.25)
        self.assertEqual(job.my_clock, "work")
        with self._at("2026-03-02 10:00:00"):
            job.action_clock_pause()
        pause = self._running()
        self.assertEqual(pause.kind, "pause")
        self.assertEqual(pause.job_id, job)
        with self._at("2026-03-02 10:10:00"):
            job.action_clock_off()
        self.assertFalse(self._running())
        self.assertFalse(pause.cost, "a break is nobody's cost")
        self.assertEqual(job.clocked_hours, 1.75)

    def test_other_time_without_a_job(self):
        job = self._create_approved().job_ids
        Entry = self.Entry.with_user(self.technician)
        with self._at("2026-03-02 08:00:00"):
            Entry.clock_start(self.reason_meeting.id)
        with self._at("2026-03-02 08:30:00"):
            job.with_user(self.technician).action_clock_on()
        with self._at("2026-03-02 09:00:00"):
            Entry.clock_start(self.reason_break)
        self.assertEqual(self._running().job_id, job, "a break from the job")
        with self._at("2026-03-02 09:10:00"):
            Entry.clock_stop()
        entries = self.Entry.search([], order="start").filtered(
            lambda entry: entry.employee_id == self.employee
        )
        self.assertEqual(entries.mapped("kind"), ["indirect", "work", "pause"])
        self.assertFalse(self._running())

    def test_several_technicians_on_one_job(self):
        job = self._create_approved().job_ids
        job.helper_ids = [Command.set(self.second.ids)]
        with self._at("2026-03-02 08:00:00"):
            job.with_user(self.technician).action_clock_on()
            job.with_user(self.second_user).action_clock_on()
        self.assertEqual(job.clock_employee_ids, self.employee | self.second)
        with self._at("2026-03-02 09:00:00"):
            job.with_user(self.second_user).action_clock_off()
        self.assertEqual(self._running().job_id, job, "the other works on")
        with self._at("2026-03-02 10:00:00"):
            job.with_user(self.technician).action_clock_off()
        self.assertEqual(job.clocked_hours, 3.0)

    def test_helpers_see_the_job_they_help_on(self):
        order = self._create_approved([(self.labour, 1)], [(self.labour, 1)])
        first, second = order.job_ids
        first.helper_ids = [Command.set(self.second.ids)]
        mine = self.env["aftersales.job"].with_user(self.second_user)
        self.assertEqual(mine.search([("order_id", "=", order.id)]), first)
        self.assertTrue(first.with_user(self.second_user).line_ids.product_uom_qty)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            second.with_user(self.second_user).read(["name"])
        screen = self.Entry.with_user(self.second_user).get_my_clock()
        self.assertEqual([job["is_helper"] for job in screen["jobs"]], [True])

    def test_advisor_turns_clocks_of_both(self):
        orders = self._create_approved() + self._create_approved()
        jobs = orders.job_ids
        with self._at("2026-03-02 08:00:00"):
            jobs[0].with_user(self.advisor).action_clock_on(employee=self.employee.id)
            jobs[1].with_user(self.advisor).action_clock_on(employee=self.second)
        with self._at("2026-03-02 09:00:00"):
            jobs.with_user(self.advisor).action_clock_pause(self.reason_parts)
        self.assertEqual(self._running().kind, "idle")
        self.assertEqual(self._running(self.second).kind, "idle")
        with self._at("2026-03-02 10:00:00"):
            jobs.with_user(self.advisor).action_clock_off()
        self.assertFalse(self._running() | self._running(self.second))

    def test_only_own_jobs_and_own_clock(self):
        job = self._create_approved().job_ids
        with self.assertRaisesRegex(AccessError, "not your job"):
            job.with_user(self.second_user).action_clock_on()
        with self.assertRaisesRegex(AccessError, "Technician"):
            job.with_user(self.second_user).action_clock_on(employee=self.employee)
        with self.assertRaisesRegex(UserError, "no employee"):
            job.with_user(self.advisor).action_clock_on()
        job.action_clock_on(employee=self.employee)
        job.with_user(self.second_user).action_clock_off()
        self.assertTrue(self._running(), "somebody else's clock runs on")

    def test_unapproved_work_is_refused(self):
        order = self._create_order(
            {"technician_id": self.employee.id, "lines": [(self.labour, 1)]}
        )
        with self.assertRaisesRegex(UserError, "approved jobs"):
            order.job_ids.with_user(self.technician).action_clock_on()
        self._approve(order)
        order.action_start()
        order.action_complete()
        with self.assertRaisesRegex(UserError, order.name):
            order.job_ids.with_user(self.technician).action_clock_on()
        self.assertFalse(self._running())

    def test_same_operation_counts_once(self):
        order = self._create_approved([(self.labour, 1)], [(self.labour, 1)])
        first, second = order.job_ids.with_user(self.technician)
        with self._at("2026-03-02 08:00:00"):
            first.action_clock_on(operation="a")
        with self._at("2026-03-02 09:00:00"):
            second.action_clock_on(operation="b")
        with self._at("2026-03-02 09:30:00"):
            first.action_clock_on(operation="a")
            self.assertEqual(self._running().job_id, second, "a replay turns nothing")
            second.action_clock_pause(self.reason_parts, operation="c")
        with self._at("2026-03-02 10:00:00"):
            second.action_clock_on(operation="d")
            second.action_clock_pause(self.reason_parts, operation="c")
            self.assertEqual(self._running().kind, "work")
            second.action_clock_off(operation="e")
        with self._at("2026-03-02 11:00:00"):
            first.action_clock_on(operation="f")
            self.Entry.with_user(self.technician).clock_stop(operation="e")
        self.assertEqual(self._running().job_id, first)

    def test_clock_stops_with_the_work(self):
        done, completed, cancelled = (
            self._create_approved(),
            self._create_approved(),
            self._create_approved(),
        )
        third = self.env["hr.employee"].create(
            {"name": "Third", "company_id": self.company.id}
        )
        with self._at("2026-03-02 08:00:00"):
            done.job_ids.action_clock_on(employee=self.employee)
            completed.job_ids.action_clock_on(employee=self.second)
            cancelled.job_ids.action_clock_on(employee=third)
        with self._at("2026-03-02 10:00:00"):
            done.job_ids.with_user(self.technician).action_done()
            completed.with_user(self.advisor).action_complete()
            cancelled.with_user(self.advisor).action_cancel("Too dear")
        everybody = self.employee | self.second | third
        self.assertFalse(self.Entry._get_running(everybody))
        self.assertEqual((done | completed).job_ids.mapped("clocked_hours"), [2.0, 2.0])

    def test_clocked_hours_are_billed(self):
        order = self._create_approved([(self.labour_clocked, 1), (self.labour, 3)])
        job = order.job_ids
        self._clock(job, "2026-03-02 08:00:00", "2026-03-02 10:00:00")
        self._clock(job, "2026-03-02 10:00:00", employee=self.second)
        self.assertEqual(job.line_ids.mapped("hours_clocked"), [0.5, 1.5])
        with self._at("2026-03-02 12:00:00"):
            order.action_complete()
        clocked, standard = job.line_ids
        self.assertEqual(clocked.hours_clocked, 1.0)
        self.assertEqual(clocked.qty_used, 1.0)
        self.assertEqual(clocked.sale_line_id.qty_delivered, 1.0)
        self.assertEqual(standard.qty_used, 3.0, "standard hours stay standard")
        entry = self.Entry.search([("employee_id", "=", self.second.id)])
        with self._at("2026-03-03 12:00:00"):
            entry.with_user(self.advisor).action_correct(
                reason="Worked through lunch", stop="2026-03-02 14:00:00"
            )
        self.assertEqual(clocked.qty_used, 1.5)
        self.assertEqual(clocked.sale_line_id.qty_delivered, 1.5)

    def test_hours_beside_the_clock_are_refused(self):
        job = self._create_approved().job_ids
        self._clock(job, "2026-03-02 08:00:00", "2026-03-02 10:00:00")
        with self.assertRaisesRegex(UserError, "come from the clock"):
            job.line_ids.with_user(self.technician).write({"hours_clocked": 9})
        other = self._create_approved().job_ids
        other.line_ids.with_user(self.technician).write({"hours_clocked": 1.25})

    def test_labour_cost_is_the_technicians(self):
        order = self._create_approved([(self.labour, 2), (self.labour, 1)])
        self._clock(order.job_ids, "2026-03-02 08:00:00", "2026-03-02 08:20:01")
        self._clock(
            order.job_ids, "2026-03-02 09:00:00", "2026-03-02 09:07:00", self.second
        )
        with self._at("2026-03-02 12:00:00"):
            order.action_complete()
        cost = 13.34 + 2.92
        self.assertAlmostEqual(order.job_ids.cost, cost, 6)
        self.assertAlmostEqual(sum(order.line_ids.mapped("cost")), cost, 6)
        self.env.flush_all()
        analysis = self.env["aftersales.analysis"].search([("order_id", "=", order.id)])
        self.assertAlmostEqual(sum(analysis.mapped("cost_labour")), cost, 6)
        self.assertAlmostEqual(sum(analysis.mapped("cost")), cost, 6)
        self.assertEqual(sum(analysis.mapped("hours")), 3.0)
        self.assertEqual(len(set(analysis.ids)), len(analysis))

    def test_labour_cost_without_clock_or_rate_is_the_products(self):
        plain, free = self._create_approved(), self._create_approved()
        self.employee.hourly_cost = 0
        self._clock(free.job_ids, "2026-03-02 08:00:00", "2026-03-02 09:00:00")
        (plain | free).action_start()
        (plain | free).action_complete()
        self.env.flush_all()
        for order in plain | free:
            rows = self.env["aftersales.analysis"].search([("order_id", "=", order.id)])
            self.assertEqual(sum(rows.mapped("cost_labour")), 60.0)
            self.assertEqual(order.job_ids.cost, 60.0)

    def test_a_raise_does_not_change_the_past(self):
        job = self._create_approved().job_ids
        entry = self._clock(job, "2026-03-02 08:00:00", "2026-03-02 09:00:00")
        self.employee.hourly_cost = 100
        with self._at("2026-03-03 09:00:00"):
            entry.action_correct(reason="Half an hour", stop="2026-03-02 08:30:00")
        self.assertEqual(entry.cost, 20.0)
        with self.assertRaises(AccessError):
            entry.with_user(self.advisor).read(["cost"])
        self.assertEqual(entry.with_user(self.manager).cost, 20.0)

    def test_corrections_are_logged_for_good(self):
        job = self._create_approved().job_ids
        entry = self._clock(job, "2026-03-02 08:00:00", "2026-03-02 09:00:00")
        with self._at("2026-03-03 09:00:00"):
            entry.with_user(self.advisor).action_correct(
                reason="Forgot to clock off", stop="2026-03-02 08:30:00"
            )
        log = entry.correction_ids
        self.assertEqual(log.user_id, self.advisor)
        self.assertEqual(log.date, datetime(2026, 3, 3, 9))
        self.assertEqual(log.stop_old, datetime(2026, 3, 2, 9))
        self.assertEqual(log.stop_new, datetime(2026, 3, 2, 8, 30))
        self.assertEqual(log.reason, "Forgot to clock off")
        self.assertEqual(entry.hours, 0.5)
        for change in (lambda: log.write({"reason": "x"}), log.unlink, entry.unlink):
            with self.assertRaises(UserError):
                change()
        with self.assertRaises(AccessError):
            log.with_user(self.manager).create({"entry_id": entry.id, "reason": "x"})

    def test_who_may_correct(self):
        job = self._create_approved().job_ids
        entry = self._clock(job, "2026-03-02 08:00:00", "2026-03-02 09:00:00")
        with self.assertRaises(AccessError):
            entry.with_user(self.technician).action_correct(
                reason="x", stop="2026-03-02 10:00:00"
            )
        for user in (self.technician, self.advisor):
            with self.assertRaises(AccessError):
                entry.with_user(user).write({"stop": "2026-03-02 10:00:00"})
            with self.assertRaises(AccessError):
                self.Entry.with_user(user).create(
                    {
                        "employee_id": self.employee.id,
                        "kind": "work",
                        "job_id": job.id,
                        "start": "2026-03-02 10:00:00",
                    }
                )
        with self.assertRaisesRegex(UserError, "Say why"):
            entry.with_user(self.advisor).action_correct(stop="2026-03-02 10:00:00")

    def test_future_negative_and_double_time_are_refused(self):
        job = self._create_approved().job_ids
        entry = self._clock(job, "2026-03-02 08:00:00", "2026-03-02 09:00:00")
        last = self._clock(job, "2026-03-02 10:00:00", "2026-03-02 11:00:00")
        correct = entry.with_user(self.advisor).action_correct
        with self._at("2026-03-02 12:00:00"), mute_logger("odoo.sql_db"):
            with (
                self.assertRaisesRegex(ValidationError, "future"),
                self.env.cr.savepoint(),
            ):
                last.with_user(self.advisor).action_correct(
                    reason="x", stop="2026-03-02 12:00:01"
                )
            self.env.invalidate_all()
            with (
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                correct(reason="x", stop="2026-03-02 07:00:00")
            self.env.invalidate_all()
            with (
                self.assertRaisesRegex(UserError, "can't overlap"),
                self.env.cr.savepoint(),
            ):
                correct(reason="x", stop="2026-03-02 10:30:00")
            with (
                self.assertRaises(psycopg2.errors.ExclusionViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    "UPDATE aftersales_clock_entry SET stop = '2026-03-02 10:30:00' "
                    "WHERE id = %s",
                    [entry.id],
                )

    @mute_logger("odoo.sql_db")
    def test_database_refuses_two_running(self):
        job = self._create_approved().job_ids
        self._clock(job, "2026-03-02 08:00:00")
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                """
                INSERT INTO aftersales_clock_entry
                    (employee_id, company_id, kind, job_id, start)
                VALUES (%s, %s, 'work', %s, '2026-03-02 07:00:00')
                """,
                [self.employee.id, self.company.id, job.id],
            )

    def test_added_time_and_job_change(self):
        order = self._create_approved([(self.labour, 1)], [(self.labour, 1)])
        first, second = order.job_ids
        with self._at("2026-03-03 12:00:00"):
            entry = self.Entry.with_user(self.advisor).action_add(
                self.employee,
                "2026-03-02 08:00:00",
                "2026-03-02 09:00:00",
                reason="Clock was broken",
                job=first.id,
            )
            self.assertEqual(first.line_ids.hours_clocked, 1.0)
            self.assertEqual(entry.correction_ids.reason, "Clock was broken")
            self.assertFalse(entry.correction_ids.start_old)
            entry.action_correct(reason="Wrong job", job=second)
            self.assertEqual(first.line_ids.hours_clocked, 0.0)
            self.assertEqual(second.line_ids.hours_clocked, 1.0)
            entry.action_correct(reason="A meeting", clock_reason=self.reason_meeting)
        self.assertEqual(entry.kind, "indirect")
        self.assertFalse(entry.job_id)
        self.assertEqual(second.line_ids.hours_clocked, 0.0)
        self.assertEqual(len(entry.correction_ids), 3)

    def test_hours_across_the_clock_change(self):
        job = self._create_approved().job_ids
        # Just before midnight in UTC, the next day in Brussels.
        late = self._clock(job, "2026-03-02 23:30:00", "2026-03-02 23:45:00")
        self.assertEqual(late.date, fields.Date.to_date("2026-03-03"))
        # In Brussels 1:30 to 3:30 on the wall, one hour later.
        entry = self._clock(job, "2026-03-29 00:30:00", "2026-03-29 01:30:00")
        self.assertEqual(entry.hours, 1.0)
        # And in autumn 2:30 summer time to 2:30 winter time: an hour, not none.
        entry = self._clock(job, "2026-10-25 00:30:00", "2026-10-25 01:30:00")
        self.assertEqual(entry.hours, 1.0)

    def test_analytic_line_follows_the_entry(self):
        plan = self.env["account.analytic.plan"].create({"name": "Workshop"})
        account = self.env["account.analytic.account"].create(
            {"name": "Bay", "plan_id": plan.id, "company_id": self.company.id}
        )
        self.team.analytic_account_id = account
        order = self._create_approved()
        entry = self._clock(order.job_ids, "2026-03-02 08:00:00")
        self.assertFalse(entry.analytic_line_id)
        with self._at("2026-03-02 10:00:00"):
            order.job_ids.with_user(self.technician).action_clock_off()
        line = entry.analytic_line_id
        self.assertEqual(line[plan._column_name()], account)
        self.assertEqual((line.unit_amount, line.amount), (2.0, -80.0))
        self.assertIn(order.name, line.name)
        with self._at("2026-03-02 12:00:00"):
            entry.with_user(self.advisor).action_correct(
                reason="x", stop="2026-03-02 09:00:00"
            )
        self.assertEqual((line.unit_amount, line.amount), (1.0, -40.0))
        with self._at("2026-03-02 12:30:00"):
            entry.with_user(self.advisor).action_correct(
                reason="x", stop="2026-03-02 08:00:00"
            )
        self.assertFalse(line.exists())

    def test_forgotten_clock_ends_with_the_shift(self):
        self.team.user_id = self.advisor
        order = self._create_approved()
        # Monday 15:00 in Brussels; the shift ends at 17:00.
        entry = self._clock(order.job_ids, "2026-03-02 14:00:00")
        with self._at("2026-03-02 17:30:00"):
            self._run_cron("aftersales.clock.entry", "_cron_close_forgotten")
        self.assertFalse(entry.stop, "staying on is no forgetting")
        with self._at("2026-03-02 20:00:00"):
            self._run_cron("aftersales.clock.entry", "_cron_close_forgotten")
        self.assertEqual(entry.stop, datetime(2026, 3, 2, 16))
        self.assertTrue(entry.to_check)
        self.assertEqual(entry.activity_ids.user_id, self.advisor)
        with self._at("2026-03-03 09:00:00"):
            entry.with_user(self.advisor).action_confirm()
        self.assertFalse(entry.to_check)
        self.assertFalse(entry.activity_ids)

    def test_forgotten_clock_outside_the_shift_counts_nothing(self):
        order = self._create_approved()
        # A Sunday.
        entry = self._clock(order.job_ids, "2026-03-01 10:00:00")
        with self._at("2026-03-01 21:00:00"):
            self._run_cron("aftersales.clock.entry", "_cron_close_forgotten")
        self.assertFalse(entry.stop)
        with self._at("2026-03-01 23:00:00"):
            self._run_cron("aftersales.clock.entry", "_cron_close_forgotten")
        self.assertEqual(entry.hours, 0.0)
        self.assertTrue(entry.to_check)

    def test_other_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Other"})
        user = self._create_user("elsewhere", "aftersales.aftersales_group_manager")
        user.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        job = self._create_approved().job_ids
        entry = self._clock(job, "2026-03-02 08:00:00", "2026-03-02 09:00:00")
        self.assertFalse(self.Entry.with_user(user).search([("id", "=", entry.id)]))
        with self.assertRaises(AccessError):
            entry.with_user(user).action_correct(reason="x", stop=entry.start)
        with self.assertRaises(AccessError):
            job.with_user(user).action_clock_on(employee=self.employee)
        with self.assertRaises(AccessError):
            self.Entry.with_user(user).clock_stop(employee=self.employee.id)

    def test_screen_shows_own_day(self):
        order = self._create_approved([(self.labour, 2)], [(self.labour, 1)])
        job = order.job_ids[0]
        self._clock(job, "2026-03-02 08:00:00", "2026-03-02 09:00:00")
        with self._at("2026-03-02 09:00:00"):
            job.with_user(self.technician).action_clock_on()
        with self._at("2026-03-02 09:30:00"):
            screen = self.Entry.with_user(self.technician).get_my_clock()
        self.assertEqual(screen["running"][0]["job_id"], job.id)
        self.assertEqual([j["id"] for j in screen["jobs"]], order.job_ids.ids)
        self.assertEqual(screen["hours"]["work"], 1.5)
        self.assertEqual(screen["jobs"][0]["standard"], 2.0)
        self.assertFalse(self.Entry.with_user(self.advisor).get_my_clock()["employee"])

    def test_jobs_never_clocked_cost_no_statement(self):
        """What hangs on the clock is known from the job itself."""
        order = self._create_approved()
        order.action_start()
        self.env.flush_all()
        jobs = order.job_ids
        jobs.fetch(["is_clocked", "date_done", "state"])
        with self.assertQueryCount(0):
            jobs.filtered("is_clocked")._stop_clocks()
            jobs.filtered("date_done")._restate_clock_days()

    def test_no_more_than_a_second_lost(self):
        job = self._create_approved().job_ids
        with freeze_time("2026-03-02 08:00:00.900000"):
            job.action_clock_on(employee=self.employee)
        entry = self._running()
        with freeze_time("2026-03-02 08:00:00.950000"):
            job.action_clock_off(employee=self.employee)
            job.action_clock_on(employee=self.employee)
        self.assertEqual(entry.hours, 0.0)
        self.assertEqual(entry.stop - entry.start, timedelta(0))
        self.assertEqual(self._running().job_id, job)
