from contextlib import contextmanager

from freezegun import freeze_time

from odoo import Command, fields

from odoo.addons.aftersales.tests.common import AftersalesCommon


class ClockCommon(AftersalesCommon):
    """Technicians with shifts and hourly costs, and jobs to clock on.

    * ``calendar``: Monday to Friday 8–12 and 13–17 in ``Europe/Brussels``;
      ``employee`` (cost 40) with user ``technician``, ``second`` (cost 25) with user
      ``second_user``; both work by it
    * ``reason_parts`` (idle), ``reason_break`` (pause), ``reason_meeting`` (indirect)
    * ``_create_approved(*jobs)``: approved order whose jobs are ``employee``'s
    * ``_at(moment)``: the time (UTC) something happens; ``_clock(job, start, stop)``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Workshop hours",
                "company_id": cls.company.id,
                "tz": "Europe/Brussels",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "Shift",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": stop,
                            "day_period": period,
                        }
                    )
                    for day in range(5)
                    for start, stop, period in (
                        (8, 12, "morning"),
                        (13, 17, "afternoon"),
                    )
                ],
            }
        )
        cls.second_user = cls._create_user(
            "second", "aftersales.aftersales_group_technician"
        )
        cls.second = cls.env["hr.employee"].create(
            {
                "name": "Second",
                "user_id": cls.second_user.id,
                "company_id": cls.company.id,
            }
        )
        for employee, cost in ((cls.employee, 40.0), (cls.second, 25.0)):
            employee.write(
                {
                    "hourly_cost": cost,
                    "resource_calendar_id": cls.calendar.id,
                    "tz": "Europe/Brussels",
                }
            )
            employee.resource_id.aftersales_role = "technician"
        cls.labour_clocked = cls.env["product.product"].create(
            {
                "name": "Diagnosis by the hour",
                "type": "service",
                "uom_id": cls.labour.uom_id.id,
                "list_price": 80.0,
                "standard_price": 30.0,
                "aftersales_hours_basis": "clocked",
                "taxes_id": [Command.clear()],
            }
        )
        cls.reason_parts = cls.env.ref("aftersales_planning.clock_reason_parts")
        cls.reason_break = cls.env.ref("aftersales_planning.clock_reason_break")
        cls.reason_meeting = cls.env.ref("aftersales_planning.clock_reason_meeting")
        cls.Entry = cls.env["aftersales.clock.entry"]
        cls.Day = cls.env["aftersales.clock.day"]

    def _create_approved(self, *jobs, **values):
        jobs = jobs or ([(self.labour, 2)],)
        order = self._create_order(
            *(
                {"technician_id": self.employee.id, **job}
                if isinstance(job, dict)
                else {"technician_id": self.employee.id, "lines": job}
                for job in jobs
            ),
            **values,
        )
        return self._approve(order)

    @contextmanager
    def _at(self, moment):
        with freeze_time(moment):
            yield

    def _clock(self, job, start, stop=None, employee=None):
        """Clock ``employee`` on ``job`` from ``start`` to ``stop`` (UTC)."""
        employee = employee or self.employee
        with self._at(start):
            job.action_clock_on(employee=employee)
        if stop:
            with self._at(stop):
                job.action_clock_off(employee=employee)
        return self.Entry.search(
            [
                ("employee_id", "=", employee.id),
                ("start", "=", fields.Datetime.to_datetime(start)),
            ]
        )

    def _running(self, employee=None):
        return self.Entry.search(
            [
                ("employee_id", "=", (employee or self.employee).id),
                ("stop", "=", False),
            ]
        )

    def _run_cron(self, model, method):
        """Run a cron's method as the server does, all in the test's transaction."""
        self.patch(
            self.registry["ir.cron"],
            "_commit_progress",
            lambda *_args, **_kwargs: 1.0,
        )
        getattr(self.env[model], method)()
