from odoo import api, fields, models


class AftersalesClockEntry(models.Model):
    """What a technician sees on the own clock."""

    _inherit = "aftersales.clock.entry"

    @api.model
    def get_my_clock(self):
        """Return what is running, the jobs to choose from and the day so far.

        For the screen, the phone and other clients. Times are in UTC; ``now`` is the
        server's, so that a wrong clock on a tablet shows right hours.

        :return: dict with ``employee`` (``False`` for somebody without one), ``now``,
            ``running``, ``jobs``, ``reasons``, ``entries`` and ``hours`` by kind
        """
        now = fields.Datetime.now()
        employee = (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("user_id", "=", self.env.uid),
                    ("company_id", "=", self.env.company.id),
                ],
                limit=1,
            )
        )
        if not employee:
            return {"employee": False, "now": fields.Datetime.to_string(now)}
        Entry = self.sudo()
        today = self._get_employee_date(employee, now)
        entries = Entry.search(
            [
                ("employee_id", "=", employee.id),
                "|",
                ("date", "=", today),
                ("stop", "=", False),
            ],
            order="start",
        )
        hours = dict.fromkeys(("work", "pause", "idle", "indirect"), 0.0)
        for entry in entries:
            hours[entry.kind] += entry.hours_so_far
        reasons = self.env["aftersales.clock.reason"].search(
            [("company_id", "in", (False, self.env.company.id))]
        )
        jobs = self._get_jobs_of(employee) | entries.job_id | entries.paused_job_id
        return {
            "employee": {"id": employee.id, "name": employee.name},
            "now": fields.Datetime.to_string(now),
            "running": entries.filtered(lambda entry: not entry.stop)._to_screen(),
            "jobs": [job._to_clock_screen(employee) for job in jobs],
            "reasons": reasons.read(["name", "kind"]),
            "entries": entries._to_screen(),
            "hours": hours,
        }

    @api.model
    def _get_jobs_of(self, employee):
        """Return the jobs ``employee`` may clock on now, as superuser."""
        return (
            self.env["aftersales.job"]
            .sudo()
            .search(
                [
                    ("company_id", "=", employee.company_id.id),
                    ("state", "in", ("approved", "progress")),
                    ("order_id.state", "in", ("approved", "progress")),
                    "|",
                    ("technician_id", "=", employee.id),
                    ("helper_ids", "in", employee.id),
                ],
                limit=40,
            )
            .sorted(lambda job: job.date_promised or fields.Datetime.now())
        )

    def _to_screen(self):
        return [
            {
                "id": entry.id,
                "kind": entry.kind,
                "job_id": entry.job_id.id,
                "paused_job_id": entry.paused_job_id.id,
                "job": entry.current_job_id.name or "",
                "order": entry.current_order_id.name or "",
                "asset": entry.asset_id.display_name or "",
                "reason": entry.reason_id.name or "",
                "start": fields.Datetime.to_string(entry.start),
                "stop": fields.Datetime.to_string(entry.stop) or False,
                "hours": entry.hours,
                "to_check": entry.to_check,
            }
            for entry in self
        ]


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    def _to_clock_screen(self, employee):
        self.ensure_one()
        open_states = ("approved", "progress")
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "can_clock": self.state in open_states
            and self.order_id.state in open_states,
            "is_helper": self.technician_id != employee,
            "order": self.order_id.name,
            "asset": self.asset_id.display_name or "",
            "complaint": self.complaint or self.order_id.complaint or "",
            "promised": fields.Datetime.to_string(self.date_promised) or False,
            "standard": sum(
                line._get_standard_hours()
                for line in self.line_ids
                if line.kind == "labour"
            ),
            "clocked": self.clocked_hours,
        }
