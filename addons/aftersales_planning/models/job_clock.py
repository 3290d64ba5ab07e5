from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesJob(models.Model):
    """Time on a job: who works on it since when, and the hours that came of it.

    Jobs nobody clocked cost nothing here: what has to be done for the others hangs on
    ``is_clocked``, a column that is read with the job.
    """

    _inherit = "aftersales.job"

    is_clocked = fields.Boolean(
        "Clocked", readonly=True, copy=False, help="Time was recorded on this job."
    )
    date_done = fields.Datetime("Done On", readonly=True, copy=False)
    # The public view of employees: advisors without rights in Employees choose here.
    helper_ids = fields.Many2many(
        "hr.employee.public",
        "aftersales_job_helper_employee_rel",
        string="Helpers",
        check_company=True,
        copy=False,
        help="Who else works on this job and clocks on it.",
    )
    has_helpers = fields.Boolean(
        compute="_compute_has_helpers", store=True, precompute=True
    )
    clock_entry_ids = fields.One2many(
        "aftersales.clock.entry", "job_id", "Time", readonly=True
    )
    clocked_hours = fields.Float(
        compute="_compute_clocked_hours",
        compute_sudo=True,
        help="Hours worked by all technicians; running time counts until now.",
    )
    clock_employee_ids = fields.Many2many(
        "hr.employee",
        string="Working Now",
        compute="_compute_clocked_hours",
        compute_sudo=True,
    )
    my_clock = fields.Selection(
        [("off", "Not working"), ("work", "Working"), ("pause", "Paused")],
        compute="_compute_my_clock",
        compute_sudo=True,
        help="What the user's own clock does on this job.",
    )

    @api.depends("helper_ids")
    def _compute_has_helpers(self):
        for job in self:
            job.has_helpers = bool(job.helper_ids)

    @api.depends("clock_entry_ids.hours", "clock_entry_ids.kind")
    def _compute_clocked_hours(self):
        entries = self.env["aftersales.clock.entry"].search_fetch(
            [
                ("job_id", "in", self.filtered("is_clocked").ids),
                ("kind", "=", "work"),
            ],
            ["job_id", "employee_id", "start", "stop", "hours"],
        )
        by_job = entries.grouped("job_id")
        for job in self:
            own = by_job.get(job._origin, entries.browse())
            job.clocked_hours = sum(own.mapped("hours_so_far"))
            job.clock_employee_ids = own.filtered(lambda e: not e.stop).employee_id

    @api.depends("clock_entry_ids.stop")
    @api.depends_context("uid")
    def _compute_my_clock(self):
        running = self.env["aftersales.clock.entry"].search(
            [("employee_id.user_id", "=", self.env.uid), ("stop", "=", False)]
        )
        for job in self:
            if job._origin in running.filtered(lambda e: e.kind == "work").job_id:
                job.my_clock = "work"
            elif job._origin in running.paused_job_id:
                job.my_clock = "pause"
            else:
                job.my_clock = "off"

    # What people do

    def action_clock_on(self, employee=None, operation=None, moment=None):
        """Begin to work on this job; what the technician did before ends.

        Starts the job, and the work order if that is approved.

        :param employee: who works, as record or id; without it the user's own
        :param str operation: unique name of the call; the same again does nothing
        :param moment: when it was (UTC), if a phone had no network then
        :raises UserError: for several jobs, or one that is not approved
        :raises AccessError: for a job that is not the technician's
        """
        job = self._get_job_to_clock()
        Entry = self.env["aftersales.clock.entry"]
        employee = Entry._get_employee(employee, job.company_id)
        self._check_may_work(employee)
        if Entry._begin_operation(employee, operation):
            return True
        running = Entry._get_running(employee)
        if running.kind == "work" and running.job_id == job:
            return True
        # Against somebody who finishes or cancels it at this moment.
        job.order_id._lock()
        job._check_can_clock()
        start = Entry._read_clock_moment(moment, employee, running)
        job.action_begin()
        running._stop(start)
        if not job.is_clocked:
            job.is_clocked = True
        Entry._start(employee, job=job, operation=operation, start=start)
        return True

    def action_clock_pause(
        self, reason=None, employee=None, operation=None, moment=None
    ):
        """Interrupt the work on these jobs and say why.

        :param reason: an ``aftersales.clock.reason``, as record or id; its kind says
            whether the time is a pause, idle or other work. Without it: a pause
        :param employee: whose work; without it the user's own, and for advisors
            everybody's on these jobs
        :param str operation: unique name of the call; the same again does nothing
        :param moment: when it was (UTC), if a phone had no network then
        """
        reason = self.env["aftersales.clock.reason"].browse(
            getattr(reason, "id", reason) or ()
        )
        reason.check_access("read")
        Entry = self.env["aftersales.clock.entry"]
        for running in self._get_clocks_to_turn(employee):
            technician = running.employee_id
            if not Entry._begin_operation(technician, operation):
                start = Entry._read_clock_moment(moment, technician, running)
                running._stop(start)
                Entry._start(
                    technician,
                    reason=reason.sudo(),
                    paused_job=running.job_id,
                    operation=operation,
                    start=start,
                )
        return True

    def action_clock_off(self, employee=None, operation=None, moment=None):
        """End the work on these jobs; ends a pause from them as well.

        :param employee: whose work; without it the user's own, and for advisors
            everybody's on these jobs
        :param str operation: unique name of the call; the same again does nothing
        :param moment: when it was (UTC), if a phone had no network then
        """
        Entry = self.env["aftersales.clock.entry"]
        for running in self._get_clocks_to_turn(employee, paused=True):
            technician = running.employee_id
            if not Entry._begin_operation(technician, operation):
                stop = Entry._read_clock_moment(moment, technician, running)
                running._stop(stop, operation)
        return True

    def _get_job_to_clock(self):
        """Return the one job as superuser: a technician does one thing at a time."""
        jobs = self.sudo().exists()
        if len(jobs) != 1:
            raise UserError(
                self.env._(
                    "%(jobs)s: a technician works on one job at a time. Choose one.",
                    jobs=", ".join(jobs.mapped("name")),
                )
            )
        return jobs

    def _check_may_work(self, employee):
        """Refuse jobs that were given to somebody else; advisors decide who works."""
        if self.env.su:
            return
        if self.env.user.has_group("aftersales.aftersales_group_user"):
            self.check_access("write")
            return
        job = self.sudo()
        if employee.id not in job.technician_id.ids + job.helper_ids.ids:
            raise AccessError(
                self.env._(
                    "%(job)s is not your job. Ask the advisor to give it to you or to "
                    "make you a helper on it.",
                    job=job.name,
                )
            )

    def _check_can_clock(self):
        closed = self.filtered(
            lambda job: (
                job.state not in ("approved", "progress")
                or job.order_id.state not in ("approved", "progress")
            )
        )
        if closed:
            raise UserError(
                self.env._(
                    "%(jobs)s of %(orders)s: time is clocked on approved jobs of a "
                    "work order in progress. It is “%(state)s” now; ask the advisor.",
                    jobs=", ".join(closed.mapped("name")),
                    orders=", ".join(closed.order_id.mapped("name")),
                    state=closed[0]._get_state_label(closed[0].state)
                    if closed[0].state not in ("approved", "progress")
                    else closed[0].order_id._get_state_label(closed[0].order_id.state),
                )
            )

    def _get_clocks_to_turn(self, employee=None, paused=False):
        """Return the running entries on these jobs that the user may end."""
        jobs = self.sudo().exists()
        Entry = self.env["aftersales.clock.entry"]
        Entry.check_access("read")
        link = "paused_job_id" if paused else "job_id"
        running = Entry.sudo().search(
            [
                ("stop", "=", False),
                "|",
                "&",
                ("job_id", "in", jobs.ids),
                ("kind", "=", "work"),
                (link, "in", jobs.ids if paused else ()),
            ]
        )
        if employee:
            employee = Entry._get_employee(employee)
            return running.filtered(lambda entry: entry.employee_id == employee)
        own = running.filtered(lambda entry: entry.employee_id.user_id == self.env.user)
        if own or not (
            self.env.su or self.env.user.has_group("aftersales.aftersales_group_user")
        ):
            return own
        self.check_access("write")
        return running

    # What follows from the job's steps

    def _set_state(self, state, **values):
        """The clock stops with the work, before labour counts as done."""
        leaving = self.filtered(lambda job: job.state != state)
        if state in ("done", "cancel"):
            leaving.filtered("is_clocked")._stop_clocks()
        if state == "done":
            values["date_done"] = fields.Datetime.now()
        undone = leaving.filtered("date_done")
        if undone:
            # Work that is sent back was not finished on that day.
            undone._restate_clock_days()
            if state != "done":
                values["date_done"] = False
        moved = super()._set_state(state, **values)
        if state == "done":
            moved.filtered("is_clocked")._restate_clock_days()
        return moved

    def write(self, vals):
        result = super().write(vals)
        if "payer_id" in vals:
            self.filtered("date_done")._restate_clock_days()
        return result

    def _stop_clocks(self, moment=None):
        """End what everybody does on these jobs.

        :param moment: when the work ended (UTC), if before now; what began later goes
            on
        """
        moment = moment or fields.Datetime.now()
        self.env["aftersales.clock.entry"].sudo().search(
            [
                ("stop", "=", False),
                ("start", "<=", moment),
                "|",
                ("job_id", "in", self.ids),
                ("paused_job_id", "in", self.ids),
                ("kind", "in", ("work", "pause")),
            ]
        )._stop(moment)

    def _feed_clocked_hours(self):
        """Give the labour of these jobs the hours that were clocked."""
        jobs = self.sudo()
        clocked = dict(
            self.env["aftersales.clock.entry"]
            .sudo()
            ._read_group(
                [
                    ("job_id", "in", jobs.ids),
                    ("kind", "=", "work"),
                    ("stop", "!=", False),
                ],
                ["job_id"],
                ["hours:sum"],
            )
        )
        for job in jobs:
            labour = job.line_ids.filtered(lambda line: line.kind == "labour")
            labour._share_clocked_hours(clocked.get(job, 0.0))

    # Figures

    def _get_billed_hours(self):
        """Return the standard hours this done job earns its technicians.

        Work done again at our own cost (payer “rework”) earns nothing. Add-ons that
        know more about come-backs extend this, and call ``_restate_clock_days`` when
        their answer changes.
        """
        self.ensure_one()
        return sum(
            line._get_standard_hours()
            for line in self.line_ids
            if line.kind == "labour" and line.payer_id.code != "rework"
        )

    def _get_clock_days(self):
        """Return the days whose billed hours these jobs count in: ``{(who, date)}``."""
        days = set()
        for job in self.sudo().filtered("date_done"):
            entries = self.env["aftersales.clock.entry"].sudo()
            if job.is_clocked:
                entries = entries.search([("job_id", "=", job.id)])
            for employee in entries.employee_id | job.technician_id:
                day = entries._get_employee_date(employee, job.date_done)
                days.add((employee, day))
        return days

    def _restate_clock_days(self):
        """Mark the daily figures that count these jobs, to be worked out again."""
        self.env["aftersales.clock.day"]._mark_stale(self._get_clock_days())

    def _get_clocked_labour_costs(self):
        """Return ``{labour line: what its clocked time cost}``, to the cent.

        Empty where nothing was clocked, or technicians have no hourly cost: labour
        is then costed by its product.
        """
        self.ensure_one()
        if not self.is_clocked:
            return {}
        entries = self.env["aftersales.clock.entry"].sudo()
        entries = entries.search([("job_id", "=", self.id), ("kind", "=", "work")])
        left = total = sum(entries.mapped("cost"))
        labour = self.line_ids.filtered(lambda line: line.kind == "labour")
        if not total or not labour:
            return {}
        costs = {}
        for line, share in zip(labour, labour._get_shares_of_hours(), strict=True):
            costs[line] = self.currency_id.round(total * share)
            left -= costs[line]
        costs[labour[-1]] += left
        return costs
