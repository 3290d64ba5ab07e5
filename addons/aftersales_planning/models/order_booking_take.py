from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.moments import to_datetime

# Work that is put on the plan as it begins.
JUST_NOW = timedelta(minutes=15)


class AftersalesOrder(models.Model):
    """Taking a time: what is checked, kept, logged and answered."""

    _inherit = "aftersales.order"

    def _book(self, start, resources, hold, before=None, reason=None):
        """Book one order that has no bookings now."""
        self.ensure_one()
        hold = hold and self.booking_state != "arrived"  # nobody is waited for
        Availability = self.env["aftersales.availability"]
        if self.env.user.share and start:
            self._check_lead(start)
        elif start:
            self._check_not_past(start)
        if start:
            until = start + timedelta(seconds=1)
            plan = Availability._plan(self, None, start, until, 1, resources)
            if not plan.answers:
                self._refuse_slot(plan, start, resources)
        else:
            plan = Availability._plan(self, limit=1, resources=resources)
            if not plan.answers:
                reasons = Availability._get_late(plan)
                raise UserError(
                    self.env._(
                        "%(order)s: no time is free. %(reasons)s",
                        order=self.name,
                        reasons=" ".join(reason["reason"] for reason in reasons),
                    )
                )
        answer = plan.answers[0]
        bookings = self.env["aftersales.booking"].create(
            self._prepare_bookings(plan, answer, hold)
        )
        self._take_over(bookings, plan, answer, hold)
        self._log_booking(bookings, hold, before, reason)
        return bookings

    def _check_not_past(self, start):
        """Refuse times that are over, unless the asset is here: work may have begun."""
        here = self.booking_state == "arrived" or self.date_in
        now = fields.Datetime.now()
        if start < now - JUST_NOW and not here:
            raise UserError(
                self.env._(
                    "%(order)s can't be booked for %(time)s, which is past. Choose a "
                    "time from now on, or note that it has arrived.",
                    order=self.name,
                    time=self._format_moment(start),
                )
            )

    def _check_lead(self, start):
        Availability = self.env["aftersales.availability"]
        earliest = to_datetime(Availability._get_lead_moment(self.company_id))
        if start < earliest:
            raise UserError(
                self.env._(
                    "Appointments are made %(hours)s hours ahead. Choose a time after "
                    "%(time)s, or call us.",
                    hours=f"{self.company_id.aftersales_booking_lead:g}",
                    time=self._format_moment(earliest),
                )
            )

    def _refuse_slot(self, plan, start, resources):
        """Say why a time is not free, and which is the next."""
        Availability = self.env["aftersales.availability"]
        reasons = Availability._get_reasons_at(plan, int(plan.earliest))
        slots = Availability.get_slots(self, date_from=start, limit=1)
        values = {
            "order": self.name,
            "time": self._format_moment(start),
            "reasons": " ".join(reason["reason"] for reason in reasons),
        }
        if not slots:
            raise UserError(
                self.env._(
                    "%(order)s can't be booked for %(time)s. %(reasons)s No later time "
                    "is free either.",
                    **values,
                )
            )
        raise UserError(
            self.env._(
                "%(order)s can't be booked for %(time)s. %(reasons)s The next free "
                "time is %(next)s.",
                next=self._format_moment(slots[0]["start"]),
                **values,
            )
        )

    def _prepare_bookings(self, plan, answer, hold):
        """Return the values of the bookings for one answer of the search."""
        self.ensure_one()
        values = {
            "order_id": self.id,
            "company_id": self.company_id.id,
            "kind": "work",
            "state": "confirmed",
        }
        if hold:
            minutes = self.company_id.aftersales_booking_hold
            values["state"] = "hold"
            values["date_expire"] = fields.Datetime.now() + timedelta(minutes=minutes)
        bookings = []
        for number, worker, pieces in answer.work:
            job_ids = plan.needs["segments"][number]["job_ids"]
            bookings += [
                {
                    **values,
                    "resource_id": worker,
                    "job_id": job_ids[0] if len(job_ids) == 1 else False,
                    "start": to_datetime(start),
                    "stop": to_datetime(stop),
                }
                for start, stop in pieces
            ]
        bookings += [
            {
                **values,
                "resource_id": place,
                "start": to_datetime(answer.start),
                "stop": to_datetime(answer.stop),
            }
            for place in answer.places
        ]
        return bookings

    def _take_over(self, bookings, plan, answer, hold):
        """Write what was booked to the order and its jobs."""
        values = {
            "date_planned": to_datetime(answer.start),
            "date_planned_stop": to_datetime(answer.stop),
        }
        if self.booking_state != "arrived":
            values["booking_state"] = "hold" if hold else "confirmed"
        bay = bookings.resource_id.filtered("aftersales_location_id")[:1]
        if bay:
            values["bay_id"] = bay.aftersales_location_id.id
        self.write(values)
        people = bookings.filtered(lambda each: each.role == "technician").resource_id
        if len(people) == 1:
            employee = people.employee_id[:1]
            jobs = self.job_ids.filtered(
                lambda job: (
                    job.state not in ("declined", "cancel", "done")
                    and job.technician_id != employee
                )
            )
            jobs.technician_id = employee
            return
        for number, worker, _pieces in answer.work:
            employee = self.env["resource.resource"].browse(worker).employee_id[:1]
            jobs = self.job_ids.browse(plan.needs["segments"][number]["job_ids"])
            jobs.filtered(
                lambda job, employee=employee: job.technician_id != employee
            ).technician_id = employee

    def _log_booking(self, bookings, hold, before, reason):
        words = {
            "time": self.env["aftersales.availability"]._format_range(
                self.date_planned, self.date_planned_stop, self.company_id
            ),
            "resources": ", ".join(dict.fromkeys(bookings.resource_id.mapped("name"))),
            "before": before and self._format_moment(before),
        }
        if before:
            body = self.env._(
                "Appointment moved from %(before)s to %(time)s: %(resources)s", **words
            )
        elif hold:
            body = self.env._("Time held: %(time)s: %(resources)s", **words)
        else:
            body = self.env._("Booked: %(time)s: %(resources)s", **words)
        self._post_with_reason(body, reason)

    def _post_with_reason(self, body, reason):
        if reason:
            body = self.env._("%(text)s (%(reason)s)", text=body, reason=reason)
        self.message_post(body=body)

    def _format_moment(self, moment):
        """Return a time (UTC) of this order as its company's clock shows it."""
        if not moment:
            return ""
        return self.env["aftersales.availability"]._format_moment(
            moment, self.company_id
        )
