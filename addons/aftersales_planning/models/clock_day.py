import logging
from datetime import datetime, time, timedelta

import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 200
# The night whose days are marked to be worked out.
MARKED = "aftersales_planning.clock_days_marked"
# More at once would keep a worker busy for long: a year is worked out in one go.
MOST_DAYS = 366


class AftersalesClockDay(models.Model):
    """A technician's day in hours, and the three ratios the trade judges it by.

    * *Efficiency*: hours billed / hours clocked on jobs. How fast the work is done
      compared with its standard time.
    * *Productivity*: hours clocked on jobs / hours of the shift. How much of the time
      somebody is paid for is spent on jobs.
    * *Proficiency*: hours billed / hours of the shift; the product of the two.

    These are the usual definitions of repair shops ("flagged", "clocked" and
    "attended" hours); some price lists call proficiency "overall efficiency". A group
    of days has the ratio of its sums, not the mean of its days.

    A day is worked out at night and on demand. What changes it later (a correction,
    work that is sent back or turns out to be rework) marks it, and it is worked out
    again.
    """

    _name = "aftersales.clock.day"
    _description = "Technician Day"
    _order = "date desc, employee_id"
    _rec_name = "employee_id"

    employee_id = fields.Many2one(
        "hr.employee", "Technician", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    date = fields.Date(required=True, index=True)
    hours_shift = fields.Float(
        "Shift", help="Working hours of the calendar, without leaves."
    )
    hours_clocked = fields.Float("Clocked", help="Clocked on jobs.")
    hours_indirect = fields.Float("Indirect", help="Other work for the shop.")
    hours_idle = fields.Float(
        "Idle", help="Waiting, and time of the shift nobody accounted for."
    )
    hours_unclassed = fields.Float(
        "Unaccounted", help="The part of idle time that has no reason."
    )
    hours_pause = fields.Float("Pause")
    hours_billed = fields.Float(
        "Billed",
        help="Standard hours of the labour on jobs finished that day, split by the "
        "time each technician clocked on them. Rework counts zero.",
    )
    efficiency = fields.Float(
        compute="_compute_ratios",
        store=True,
        aggregator="avg",
        help="Billed / clocked.",
    )
    productivity = fields.Float(
        compute="_compute_ratios",
        store=True,
        aggregator="avg",
        help="Clocked / shift.",
    )
    proficiency = fields.Float(
        compute="_compute_ratios",
        store=True,
        aggregator="avg",
        help="Billed / shift.",
    )
    is_stale = fields.Boolean(
        "To Restate", help="Something changed: the figures are worked out again."
    )

    _employee_date_unique = models.UniqueIndex("(employee_id, date)")
    _stale_idx = models.Index("(date) WHERE is_stale")

    @api.model
    def _get_ratios(self):
        """Return ``{ratio: (numerator, denominator)}``."""
        return {
            "efficiency": ("hours_billed", "hours_clocked"),
            "productivity": ("hours_clocked", "hours_shift"),
            "proficiency": ("hours_billed", "hours_shift"),
        }

    @api.depends("hours_billed", "hours_clocked", "hours_shift")
    def _compute_ratios(self):
        for day in self:
            for ratio, (numerator, denominator) in self._get_ratios().items():
                base = day[denominator]
                day[ratio] = day[numerator] / base if base else 0.0

    def _read_group_select(self, aggregate_spec, query):
        """The ratio of a group is that of its sums, and not the mean of its days."""
        name, _separator, aggregator = aggregate_spec.partition(":")
        if name not in self._get_ratios() or aggregator != "avg":
            return super()._read_group_select(aggregate_spec, query)
        numerator, denominator = self._get_ratios()[name]
        return SQL(
            "SUM(%s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, numerator, query),
            self._field_to_sql(self._table, denominator, query),
        )

    # Which days

    @api.model
    def _mark_stale(self, days):
        """Mark days to be worked out again; today is worked out anyway.

        :param days: ``{(hr.employee, date), …}``
        """
        Entry = self.env["aftersales.clock.entry"]
        now = fields.Datetime.now()
        self._insert(
            [
                (employee, date)
                for employee, date in days
                if date < Entry._get_employee_date(employee, now)
            ],
            stale=True,
        )

    @api.model
    def _insert(self, days, stale=False):
        """Make the days that are missing, to be worked out; mark the others if asked.

        In SQL: two clocks may reach the same day at once, and the second has to find
        it there.
        """
        if not days:
            return
        self.flush_model(["employee_id", "date", "is_stale"])
        on_conflict = (
            SQL("DO UPDATE SET is_stale = TRUE") if stale else SQL("DO NOTHING")
        )
        now = fields.Datetime.now()
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s, TRUE, %s, %s, %s, %s)",
                employee.id,
                date,
                employee.sudo().company_id.id,
                self.env.uid,
                now,
                self.env.uid,
                now,
            )
            for employee, date in sorted(days, key=lambda day: (day[1], day[0].id))
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO aftersales_clock_day
                    (employee_id, date, company_id, is_stale,
                     create_uid, create_date, write_uid, write_date)
                VALUES %s
                ON CONFLICT (employee_id, date) %s
                """,
                rows,
                on_conflict,
            )
        )
        self.invalidate_model()

    @api.model
    def compute_days(self, date_from, date_to, employees=None):
        """Work out the figures of a range of days, up to today.

        :param employees: ``hr.employee`` records or ids; without them all technicians
            of the user's companies
        :return: the days
        :raises UserError: for more than 366 days
        """
        self._check_may_compute()
        date_from = fields.Date.to_date(date_from)
        date_to = fields.Date.to_date(date_to)
        if (date_to - date_from).days >= MOST_DAYS:
            raise UserError(
                self.env._(
                    "%(date_from)s to %(date_to)s are more than %(days)s days. Choose "
                    "a year at most.",
                    date_from=date_from,
                    date_to=date_to,
                    days=MOST_DAYS,
                )
            )
        Employee = self.env["hr.employee"].sudo()
        if employees:
            employees = Employee.browse(getattr(employees, "ids", employees))
            employees = employees.filtered(
                lambda employee: employee.company_id in self.env.companies
            )
        else:
            employees = self._get_technicians(date_from).filtered(
                lambda employee: employee.company_id in self.env.companies
            )
        Entry = self.env["aftersales.clock.entry"]
        now = fields.Datetime.now()
        days = self.sudo()
        dates = [
            date_from + timedelta(days=number)
            for number in range((date_to - date_from).days + 1)
        ]
        days._insert(
            [
                (employee, date)
                for employee in employees
                for date in dates
                if date <= Entry._get_employee_date(employee, now)
            ]
        )
        days = days.search(
            [
                ("employee_id", "in", employees.ids),
                ("date", ">=", date_from),
                ("date", "<=", date_to),
            ]
        )
        days._compute_figures()
        return days.with_env(self.env)

    def _check_may_compute(self):
        self.check_access("read")

    @api.model
    def _get_technicians(self, since):
        """Return who has a shift to account for, in all companies.

        Technicians by role, and whoever clocked time or finished a job since then.
        """
        since = datetime.combine(since, time.min) - timedelta(days=1)
        employees = (
            self.env["hr.employee"]
            .sudo()
            .search([("resource_id.aftersales_role", "=", "technician")])
        )
        clocked = self.env["aftersales.clock.entry"].sudo()
        for (employee,) in clocked._read_group(
            [("start", ">=", since)], ["employee_id"]
        ):
            employees |= employee
        jobs = self.env["aftersales.job"].sudo()
        for (employee,) in jobs._read_group(
            [("date_done", ">=", since), ("technician_id", "!=", False)],
            ["technician_id"],
        ):
            employees |= employee
        return employees

    # Every night

    @api.model
    def _cron_compute(self):
        """Work out the last days, nights that were missed, and what was restated."""
        today = fields.Datetime.now().date()
        employees = self._get_technicians(today - timedelta(days=4))

        def get_days(*numbers):
            return [
                (employee, today - timedelta(days=number))
                for employee in employees
                for number in numbers
            ]

        params = self.env["ir.config_parameter"].sudo()
        # Called again as its time was over, it goes on with what is left.
        if params.get_param(MARKED, "") != str(today):
            # West of here, the day before this one may have ended since last night.
            self._insert(get_days(1, 2), stale=True)
            params.set_param(MARKED, str(today))
        self._insert(get_days(3, 4))
        self._restate()

    @api.model
    def _restate(self):
        """Work out the marked days in batches; one that fails doesn't stop the rest."""
        Cron = self.env["ir.cron"]
        todo = self.search([("is_stale", "=", True)], order="date, employee_id")
        Cron._commit_progress(remaining=len(todo))
        for days in todo.grouped("date").values():
            for start in range(0, len(days), BATCH):
                batch = days[start : start + BATCH]
                try:
                    with self.env.cr.savepoint():
                        batch._compute_figures()
                        batch.flush_recordset()
                except (UserError, ValueError, psycopg2.errors.DataError):
                    batch._compute_one_by_one()
                if not Cron._commit_progress(len(batch)):
                    return

    def _compute_one_by_one(self):
        for day in self:
            try:
                with self.env.cr.savepoint():
                    day._compute_figures()
                    day.flush_recordset()
            except (UserError, ValueError, psycopg2.errors.DataError):
                _logger.exception(
                    "The figures of %s on %s could not be worked out",
                    day.employee_id.name,
                    day.date,
                )

    @api.model
    def action_open_report(self):
        """Bring what changed and today up to date, then open the figures."""
        today = fields.Date.context_today(self)
        self.compute_days(today, today)
        stale = self.search([("is_stale", "=", True)], limit=10 * BATCH)
        stale.sudo()._compute_figures()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_planning.clock_day_action"
        )
