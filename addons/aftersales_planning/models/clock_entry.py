import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class AftersalesClockEntry(models.Model):
    """A stretch of a technician's time: on a job, paused, idle or on other work.

    A technician does one thing at a time. Going on to something else ends what was
    running, so that a day has no double time. Times are set by the clock and not
    typed: an advisor corrects them, with a reason that is kept.

    Steps and corrections are called by name (``aftersales.job.action_clock_on``,
    ``clock_start``, ``clock_stop``, ``action_correct``); nobody has the right to write
    entries directly.
    """

    _name = "aftersales.clock.entry"
    _description = "Time Entry"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "start desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    employee_id = fields.Many2one(
        "hr.employee",
        "Technician",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("work", "Work"),
            ("pause", "Pause"),
            ("idle", "Idle"),
            ("indirect", "Indirect work"),
        ],
        required=True,
    )
    job_id = fields.Many2one(
        "aftersales.job",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    order_id = fields.Many2one(
        related="job_id.order_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        string="Work Order",
    )
    paused_job_id = fields.Many2one(
        "aftersales.job",
        "Interrupted Job",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The job this pause or wait interrupts.",
    )
    current_job_id = fields.Many2one(
        "aftersales.job",
        "Job or Interrupted Job",
        compute="_compute_current_job_id",
        compute_sudo=True,
    )
    current_order_id = fields.Many2one(
        "aftersales.order",
        "Its Work Order",
        compute="_compute_current_job_id",
        compute_sudo=True,
    )
    asset_id = fields.Many2one(
        "aftersales.asset", compute="_compute_current_job_id", compute_sudo=True
    )
    reason_id = fields.Many2one(
        "aftersales.clock.reason", index="btree_not_null", ondelete="restrict"
    )
    start = fields.Datetime(required=True, index=True)
    stop = fields.Datetime()
    date = fields.Date(
        compute="_compute_date",
        store=True,
        precompute=True,
        index=True,
        help="The day it began, where the technician works.",
    )
    hours = fields.Float(
        compute="_compute_hours",
        store=True,
        precompute=True,
        help="From start to stop; a running entry counts when it is stopped.",
    )
    hours_so_far = fields.Float("So Far", compute="_compute_hours_so_far")
    hourly_cost = fields.Float(
        compute="_compute_hourly_cost",
        store=True,
        precompute=True,
        compute_sudo=True,
        aggregator=None,
        groups="aftersales.aftersales_group_manager",
        help="What an hour of the technician cost when this time was clocked.",
    )
    cost = fields.Monetary(
        compute="_compute_cost",
        store=True,
        precompute=True,
        compute_sudo=True,
        groups="aftersales.aftersales_group_manager",
    )
    to_check = fields.Boolean(
        readonly=True, help="Closed by itself: somebody has to say what is right."
    )
    correction_ids = fields.One2many("aftersales.clock.correction", "entry_id")
    operation = fields.Char(
        help="Names the call that began it, so that a replay is known."
    )
    operation_stop = fields.Char()
    analytic_line_id = fields.Many2one(
        "account.analytic.line", index="btree_not_null", ondelete="set null"
    )

    _running_unique = models.UniqueIndex(
        "(employee_id) WHERE stop IS NULL",
        "A technician does one thing at a time. Stop what is running first.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (employee_id WITH =, tsrange(start, stop) WITH &&)",
        "The technician's time is taken already: two entries can't overlap. Correct "
        "the other entry first.",
    )
    _stop_after_start = models.Constraint(
        "CHECK(stop IS NULL OR stop >= start)",
        "A time entry can't end before it begins.",
    )
    _work_has_job = models.Constraint(
        "CHECK((kind = 'work') <= (job_id IS NOT NULL))", "Working time is for a job."
    )
    _operation_unique = models.UniqueIndex(
        "(employee_id, operation) WHERE operation IS NOT NULL",
        "This was recorded already.",
    )

    @api.depends("job_id", "paused_job_id")
    def _compute_current_job_id(self):
        for entry in self:
            entry.current_job_id = entry.job_id or entry.paused_job_id
            entry.current_order_id = entry.current_job_id.order_id
            entry.asset_id = entry.current_order_id.asset_id

    @api.depends("start", "employee_id")
    def _compute_date(self):
        for entry in self:
            entry.date = entry.start and entry._get_local_date(entry.start)

    @api.depends("start", "stop")
    def _compute_hours(self):
        for entry in self:
            entry.hours = (
                (entry.stop - entry.start).total_seconds() / 3600
                if entry.start and entry.stop
                else 0.0
            )

    @api.depends("hours")
    def _compute_hours_so_far(self):
        now = fields.Datetime.now()
        for entry in self:
            entry.hours_so_far = (
                entry.hours
                if entry.stop or not entry.start
                else (now - entry.start).total_seconds() / 3600
            )

    @api.depends("employee_id")
    def _compute_hourly_cost(self):
        for entry in self:
            # Kept as it was: a raise does not change what past work cost.
            entry.hourly_cost = entry.hourly_cost or entry.employee_id.hourly_cost

    @api.depends("hours", "hourly_cost", "kind")
    def _compute_cost(self):
        for entry in self:
            cost = 0.0 if entry.kind == "pause" else entry.hours * entry.hourly_cost
            entry.cost = entry.company_id.currency_id.round(cost)

    @api.depends("employee_id", "job_id", "reason_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        # As superuser: who sees the time is told what for, also of another team's job.
        for entry in self.sudo():
            what = entry.job_id.name or entry.reason_id.name or kinds.get(entry.kind)
            entry.display_name = f"{entry.employee_id.name}: {what}"

    @api.constrains("start", "stop")
    def _check_not_future(self):
        now = fields.Datetime.now()
        for entry in self:
            if max(entry.start, entry.stop or entry.start) > now:
                raise ValidationError(
                    self.env._(
                        "%(entry)s: time is recorded when it has passed. Enter a start "
                        "and a stop that are not in the future.",
                        entry=entry.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # Twenty a day and technician: nobody follows them, and the log is elsewhere.
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        entries = super(AftersalesClockEntry, quiet).create(vals_list)
        return entries.with_env(self.env)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "%(entries)s: recorded time is not deleted. Correct it, with a reason.",
                entries=", ".join(self.mapped("display_name")),
            )
        )

    # What people do

    @api.model
    def clock_start(self, reason, employee=None, operation=None, moment=None):
        """Begin time that is not on a job: a meeting, cleaning, a break, waiting.

        What is running ends; a job interrupted by it is remembered.

        :param reason: the ``aftersales.clock.reason``, as record or id
        :param employee: whose clock; without it the user's own
        :param str operation: unique name of the call; the same again does nothing
        :param moment: when it was (UTC), see ``_read_clock_moment``
        """
        reason = self.env["aftersales.clock.reason"].browse(
            getattr(reason, "id", reason)
        )
        reason.check_access("read")
        employee = self._get_employee(employee)
        if self._begin_operation(employee, operation):
            return True
        running = self._get_running(employee)
        start = self._read_clock_moment(moment, employee, running)
        job = running.job_id or running.paused_job_id
        running._stop(start)
        self._start(
            employee, reason=reason, paused_job=job, operation=operation, start=start
        )
        return True

    @api.model
    def clock_stop(self, employee=None, operation=None, moment=None):
        """End whatever is running: the technician goes home.

        :param employee: whose clock; without it the user's own
        :param str operation: unique name of the call; the same again does nothing
        :param moment: when it was (UTC), see ``_read_clock_moment``
        """
        employee = self._get_employee(employee)
        if not self._begin_operation(employee, operation):
            running = self._get_running(employee)
            stop = self._read_clock_moment(moment, employee, running)
            running._stop(stop, operation)
        return True

    @api.model
    def _get_employee(self, employee=None, company=None):
        """Return whose clock is meant, as superuser, if the user may turn it.

        :param employee: record or id; without it the user's own employee
        :raises UserError: if the user is nobody's employee there
        :raises AccessError: for somebody else's clock without an advisor's right
        """
        self.check_access("read")
        company = company or self.env.company
        Employee = self.env["hr.employee"].sudo()
        if employee:
            employee = Employee.browse(getattr(employee, "id", employee)).exists()
        else:
            employee = Employee.search(
                [
                    ("user_id", "=", self.env.uid),
                    ("company_id", "=", company.id),
                ],
                limit=1,
            )
        if not employee:
            raise UserError(
                self.env._(
                    "%(user)s is no employee of %(company)s and has no clock. Link the "
                    "user to an employee first.",
                    user=self.env.user.name,
                    company=company.name,
                )
            )
        self._check_may_clock(employee)
        return employee

    def _check_may_clock(self, employee):
        """Refuse to turn other people's clocks, except for advisors of the company."""
        user = self.env.user
        if self.env.su or employee.user_id == user:
            return
        if (
            not user.has_group("aftersales.aftersales_group_user")
            or employee.company_id not in user.company_ids
        ):
            raise AccessError(
                self.env._(
                    "The clock of %(employee)s is turned by that technician or an "
                    "advisor.",
                    employee=employee.name,
                )
            )

    # The clock itself

    @api.model
    def _begin_operation(self, employee, operation=None):
        """Let one call at a time turn a clock; say whether this one came before.

        The technician's row is rewritten, so that the second of two calls fails to
        serialize, is run again by the dispatcher and sees what the first one did.
        """
        self.env.cr.execute(
            "UPDATE hr_employee SET write_date = write_date WHERE id = %s",
            [employee.id],
            log_exceptions=False,
        )
        if not operation:
            return self.browse()
        return self.sudo().search(
            [
                ("employee_id", "=", employee.id),
                "|",
                ("operation", "=", operation),
                ("operation_stop", "=", operation),
            ],
            limit=1,
        )

    @api.model
    def _get_running(self, employees):
        return self.sudo().search(
            [("employee_id", "in", employees.ids), ("stop", "=", False)]
        )

    @api.model
    def _start(
        self, employee, job=None, reason=None, paused_job=None, operation=None,
        start=None,
    ):  # fmt: skip
        """Begin an entry; nothing else of ``employee`` may be running then."""
        return self.sudo().create(
            {
                "employee_id": employee.id,
                "start": start or fields.Datetime.now(),
                "operation": operation,
                "company_id": (job or employee).company_id.id,
                **self._prepare_purpose(job, reason, paused_job),
            }
        )

    @api.model
    def _prepare_purpose(self, job=None, reason=None, paused_job=None):
        """Return the values that say what the time is for."""
        kind = "work" if job else (reason.kind if reason else "pause")
        if kind == "pause":
            job = paused_job
        return {
            "kind": kind,
            "job_id": job.id if job else False,
            "reason_id": reason.id if reason else False,
            "paused_job_id": paused_job.id if paused_job else False,
        }

    def _stop(self, stop, operation=None, **values):
        """End running entries and pass their hours on."""
        if not self:
            return
        for entry in self:
            entry.write(
                {
                    "stop": max(stop, entry.start),
                    "operation_stop": operation,
                    **values,
                }
            )
        self.flush_recordset()
        self._pass_on()

    def _pass_on(self):
        """Bring jobs, analytic lines and daily figures in line with these entries."""
        self.job_id._feed_clocked_hours()
        self._sync_analytic_lines()
        self._restate_days()

    @api.model
    def _get_employee_date(self, employee, moment):
        """Return the day it is at ``moment`` (UTC) where ``employee`` works."""
        tz = pytz.timezone(employee.sudo()._get_tz())
        return pytz.utc.localize(moment).astimezone(tz).date()

    def _get_local_date(self, moment):
        self.ensure_one()
        return self._get_employee_date(self.employee_id, moment)
