from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesClockEntry(models.Model):
    """Recorded time set right by an advisor, with a reason that is kept."""

    _inherit = "aftersales.clock.entry"

    def action_correct(
        self, reason=None, start=None, stop=None, job=None, clock_reason=None
    ):
        """Set right what was clocked wrong; the change is logged for good.

        :param str reason: why; required
        :param start: right start (UTC), unchanged if not given
        :param stop: right stop (UTC), unchanged if not given
        :param job: the job it was for, as record or id
        :param clock_reason: what else it was for, as record or id
        :raises AccessError: unless an advisor or a manager asks
        :raises UserError: without a reason, in the future, or over another entry
        """
        self._check_may_correct(reason)
        job = self._browse_for_correction("aftersales.job", job)
        clock_reason = self._browse_for_correction(
            "aftersales.clock.reason", clock_reason
        )
        for entry in self.sudo():
            entry._begin_operation(entry.employee_id)
            values = {}
            if start:
                values["start"] = fields.Datetime.to_datetime(start)
            if stop:
                values["stop"] = fields.Datetime.to_datetime(stop)
            if job or clock_reason:
                values |= entry._prepare_purpose(
                    job, clock_reason, entry.paused_job_id or entry.job_id
                )
            entry._correct(values, reason)
        return True

    def action_confirm(self):
        """Say that entries the clock closed by itself are right as they are."""
        self._check_may_correct(True)
        self.sudo().to_check = False
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"])
        return True

    @api.model
    def action_add(
        self, employee, start, stop, reason=None, job=None, clock_reason=None
    ):
        """Enter time that nobody clocked, with a reason that is logged.

        :param employee: whose time; ``start`` and ``stop`` in UTC
        :raises AccessError: unless an advisor or a manager asks
        :return: the entry
        """
        self._check_may_correct(reason)
        employee = self._get_employee(employee)
        job = self._browse_for_correction("aftersales.job", job)
        clock_reason = self._browse_for_correction(
            "aftersales.clock.reason", clock_reason
        )
        self._begin_operation(employee)
        entry = self._add(employee, start, stop, job, clock_reason)
        entry._log_correction(
            {"start": False, "stop": False, "job_id": False, "reason_id": False}, reason
        )
        return entry.with_env(self.env)

    @api.model
    def _add(self, employee, start, stop, job=None, clock_reason=None):
        job = job or self.env["aftersales.job"]
        self._check_overlap(
            employee,
            fields.Datetime.to_datetime(start),
            fields.Datetime.to_datetime(stop),
        )
        entry = self.sudo().create(
            {
                "employee_id": employee.id,
                "start": start,
                "stop": stop,
                "company_id": (job or employee).company_id.id,
                **self._prepare_purpose(job, clock_reason),
            }
        )
        entry.flush_recordset()
        job.sudo().is_clocked = True
        entry._pass_on()
        return entry

    def _check_may_correct(self, reason):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "aftersales.aftersales_group_user"
        ):
            raise AccessError(
                self.env._(
                    "Recorded time is corrected by an advisor. Say what is wrong."
                )
            )
        if not reason:
            raise UserError(self.env._("Say why the recorded time is changed."))

    @api.model
    def _browse_for_correction(self, model, record):
        records = self.env[model].browse(getattr(record, "id", record) or ())
        records.check_access("read")
        if model == "aftersales.job":
            unapproved = records.filtered(
                lambda job: job.state in ("draft", "proposed", "declined")
            )
            if unapproved:
                raise UserError(
                    self.env._(
                        "%(jobs)s is not approved: no time can be booked on it.",
                        jobs=", ".join(unapproved.mapped("name")),
                    )
                )
        return records.sudo()

    def _correct(self, values, reason):
        self.ensure_one()
        old = {name: self[name] for name in ("start", "stop", "job_id", "reason_id")}
        self._check_overlap(
            self.employee_id,
            values.get("start", self.start),
            values.get("stop", self.stop),
        )
        dates = self._get_dates()
        self.write({**values, "to_check": False})
        self.flush_recordset()
        self._log_correction(old, reason)
        self.job_id.is_clocked = True
        (old["job_id"] - self.job_id)._feed_clocked_hours()
        self._pass_on()
        self.env["aftersales.clock.day"]._mark_stale(dates)
        self.activity_feedback(["mail.mail_activity_data_todo"])

    def _check_overlap(self, employee, start, stop):
        """Refuse a time that ``employee`` has recorded already, and name that entry."""
        domain = fields.Domain("id", "not in", self.ids)
        domain &= fields.Domain("employee_id", "=", employee.id)
        domain &= fields.Domain("stop", "=", False) | fields.Domain("stop", ">", start)
        if stop:
            domain &= fields.Domain("start", "<", stop)
        other = self.sudo().search(domain, order="start", limit=1)
        if other and start != stop:
            words = self.env["aftersales.availability"]._format_range
            raise UserError(
                self.env._(
                    "%(other)s is recorded for %(time)s: two entries can't overlap. "
                    "Correct that one first.",
                    other=other.display_name,
                    time=words(
                        other.start,
                        other.stop or fields.Datetime.now(),
                        other.company_id,
                    ),
                )
            )

    def _log_correction(self, old, reason):
        self.ensure_one()
        self.env["aftersales.clock.correction"].sudo().create(
            {
                "entry_id": self.id,
                "date": fields.Datetime.now(),
                "user_id": self.env.uid,
                "reason": reason,
                "start_old": old["start"],
                "start_new": self.start,
                "stop_old": old["stop"],
                "stop_new": self.stop,
                "job_old_id": old["job_id"] and old["job_id"].id,
                "job_new_id": self.job_id.id,
                "reason_old_id": old["reason_id"] and old["reason_id"].id,
                "reason_new_id": self.reason_id.id,
            }
        )

    def action_open_correct(self):
        """Ask what is right, and why."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct the Time"),
            "res_model": "aftersales.clock.correct",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_entry_id": self.id,
                "default_employee_id": self.employee_id.id,
                "default_start": self.start,
                "default_stop": self.stop or False,
                "default_job_id": self.job_id.id,
                "default_clock_reason_id": self.reason_id.id,
            },
        }
