from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.aftersales_planning.engine.moments import to_datetime, to_seconds

# Breaks are shorter than this; nights are not.
REST = timedelta(hours=3)


def lay(intervals, start, seconds):
    """Return the pieces of work from ``start`` on, resting over breaks.

    :param intervals: when somebody works or is free, in seconds
    :return: None if it does not begin in one of them, or has to rest too long
    """
    pieces = []
    for begin, end in intervals:
        if end <= start:
            continue
        if begin > start and (
            not pieces or begin - pieces[-1][1] > REST.total_seconds()
        ):
            return None
        begin = max(begin, start)
        end = min(end, begin + seconds)
        pieces.append((begin, end))
        seconds -= end - begin
        if seconds <= 0:
            return pieces
    return None


class AftersalesVisit(models.Model):
    """Who comes and when: kept in the bookings of the engineers' time.

    PostgreSQL refuses a second booking of the same time; skills and working time are
    asked for by the bookings themselves, see ``aftersales_planning``.
    """

    _inherit = "aftersales.visit"

    def action_plan(self, start=None, technician=None, helpers=None, reason=None):
        """Give these visits a time and an engineer, or others than before.

        The same again changes nothing. Without ``start`` or ``technician``, what the
        visit has already stays.

        :param start: when the work on site begins (UTC)
        :param technician: ``hr.employee`` as record or id
        :param helpers: further employees, as records or ids; None leaves them
        :param str reason: of a manager, to plan outside of working time
        :raises UserError: why the engineer can't come then
        """
        self._check_dispatches()
        if reason:
            self._check_may_except()
        start = self.env["aftersales.availability"]._read_moment(start)
        plans = []
        for visit in self._lock():
            visit._check_plannable()
            begin = start or visit.start
            lead = visit._browse_employees(technician) or visit.technician_id
            others = (
                visit.helper_ids
                if helpers is None
                else visit._browse_employees(helpers)
            )
            if not begin or not lead:
                raise UserError(
                    self.env._(
                        "%(visit)s: choose a time and an engineer.", visit=visit.name
                    )
                )
            plans.append((visit, begin, lead, others - lead))
        self._plan_all(plans, reason)
        return True

    def _check_may_except(self):
        """Refuse reasons to plan against the rules by anybody but a manager."""
        group = "aftersales.aftersales_group_manager"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "Only a manager plans against working time or travel: %(visits)s.",
                    visits=", ".join(self.mapped("name")),
                )
            )

    @api.model
    def _plan_all(self, plans, reason=None):
        """Plan visits together: what one gives up is free for the others.

        :param plans: list of ``(visit, start, technician, helpers)`` as superuser
        """
        self = self.sudo()
        pieces = self._lay_pieces(plans)
        moved = [
            plan for plan in plans if not plan[0]._is_planned_as(*plan[2:], pieces)
        ]
        for visit, *_plan in moved:
            visit._get_active_bookings()._set_state("cancel")
        self.env["aftersales.booking"].create(
            [
                visit._prepare_booking_values(employee, *piece, reason)
                for visit, _start, technician, helpers in moved
                for employee in technician | helpers
                for piece in pieces[visit]
            ]
        )._check_own_suits()
        for visit, start, technician, helpers in moved:
            visit._plan(start, pieces[visit][-1][1], technician, helpers)
        visits = self.union(*(visit for visit, *_plan in moved))
        visits._sync_orders()
        if not reason:
            visits._check_travel()

    @api.model
    def _lay_pieces(self, plans, length=None):
        """Return ``{visit: [(start, stop)]}``: work rests over the engineer's break.

        What does not fit in that day stays in one piece, for the booking to be refused
        or a manager to make an exception.

        :param timedelta length: of the work, if not the hours of the visit
        """
        pieces = {
            visit: [(start, start + (length or timedelta(hours=visit.duration or 1.0)))]
            for visit, start, *_people in plans
        }
        if not plans:
            return pieces
        resources = self.env["resource.resource"].union(
            *(technician.resource_id for _visit, _start, technician, _helpers in plans)
        )
        ends = [stop for ((_start, stop),) in pieces.values()]
        work, _away = self.env["aftersales.availability"]._get_work(
            resources,
            to_seconds(min(start for _visit, start, *_people in plans)),
            to_seconds(max(ends) + REST),
        )
        for visit, _start, technician, _helpers in plans:
            ((start, stop),) = pieces[visit]
            start, stop = to_seconds(start), to_seconds(stop)
            laid = lay(work[technician.resource_id.id], start, stop - start)
            if laid and "none" not in visit.job_ids.mapped("work_span"):
                pieces[visit] = [
                    (to_datetime(begin), to_datetime(end)) for begin, end in laid
                ]
        return pieces

    def _check_plannable(self):
        begun = self.filtered(lambda visit: visit.state not in ("draft", "planned"))
        if begun:
            raise UserError(
                self.env._(
                    "%(visits)s has begun or is over and can't be planned anew. Make "
                    "a further visit, or hand it over.",
                    visits=", ".join(begun.mapped("name")),
                )
            )

    def _browse_employees(self, employees):
        """Accept records or ids, as callers from outside only have ids."""
        if isinstance(employees, models.BaseModel):
            return employees.sudo()
        if isinstance(employees, int):
            employees = [employees]
        return self.env["hr.employee"].sudo().browse(employees or ()).exists()

    def _is_planned_as(self, technician, helpers, pieces):
        """Whether these people have this time already."""
        self.ensure_one()
        bookings = self._get_active_bookings()
        return (
            self.technician_id == technician
            and bookings.resource_id == (technician | helpers).resource_id
            and {(each.start, each.stop) for each in bookings} == set(pieces[self])
            and (self.start, self.stop) == (pieces[self][0][0], pieces[self][-1][1])
        )

    def _plan(self, start, stop, technician, helpers):
        """Keep who comes and when, once their time is booked; superuser."""
        self.ensure_one()
        before = (self.start, self.technician_id)
        self._give_jobs_to(technician, helpers)
        values = {
            "start": start,
            "stop": stop,
            "technician_id": technician.id,
            "helper_ids": [Command.set(helpers.ids)],
        }
        if self.state == "draft":
            self._set_state("planned", **values)
        else:
            self.write(values)
        self._after_plan(*before)

    def _prepare_booking_values(self, employee, start, stop, reason=None):
        self.ensure_one()
        return {
            "visit_id": self.id,
            "order_id": self.order_id.id,
            "resource_id": employee.resource_id.id,
            "start": start,
            "stop": stop,
            "override_reason": reason,
        }

    def _get_active_bookings(self):
        return self.sudo().booking_ids.filtered(
            lambda booking: booking.state in ("hold", "confirmed")
        )

    def _give_jobs_to(self, technician, helpers):
        """The engineer of the visit does its jobs, and sees them by that."""
        jobs = self.job_ids.filtered(
            lambda job: job.state not in ("done", "declined", "cancel")
        )
        others = jobs.filtered(lambda job: job.technician_id != technician)
        if others:
            others.technician_id = technician
        if jobs.helper_ids != helpers:
            jobs.helper_ids = [Command.set(helpers.ids)]

    def _after_plan(self, start, technician):
        """What follows from a new time or engineer. Add-ons and files extend it.

        What follows for the work orders is in ``_sync_orders``.

        :param start: the time before, or False
        :param technician: who had it before, or nobody
        """

    def _sync_orders(self):
        """Bring the orders in line with these visits, once all have their new time."""
        self.order_id._sync_visit_dates()

    def action_unplan(self, reason=None):
        """Take time and engineer off these visits; they wait to be planned again.

        :param str reason: why; kept on the visit
        """
        self._check_dispatches()
        visits = self._lock().filtered(lambda visit: visit.state != "draft")
        for visit in visits:
            before = (visit.start, visit.technician_id)
            visit._set_state(
                "draft", start=False, stop=False, technician_id=False,
                helper_ids=[Command.clear()],
            )  # fmt: skip
            visit._get_active_bookings()._set_state("cancel")
            visit._log_reason(self.env._("Taken off the plan"), reason)
            visit._after_plan(*before)
        visits._sync_orders()
        return True

    def action_cancel(self, reason=None):
        """Call these visits off.

        :param str reason: why; required
        """
        self._check_dispatches()
        visits = self._lock().filtered(lambda visit: visit.state != "cancel")
        visits._check_reason(reason)
        visits._cancel(reason)
        return True

    def _cancel(self, reason=None):
        begun = self.filtered(lambda visit: visit.state in ("onsite", "paused"))
        if begun:
            raise UserError(
                self.env._(
                    "%(visits)s can't be called off: somebody is there. Finish the "
                    "visit first, and say how it ended.",
                    visits=", ".join(begun.mapped("name")),
                )
            )
        visits = self._set_state("cancel", cancel_reason=reason)
        visits._get_active_bookings()._set_state("cancel")
        for visit in visits:
            visit._log_reason(self.env._("Called off"), reason)
            visit._after_plan(visit.start, visit.technician_id)
        visits._sync_orders()
        for order in visits.order_id:
            last = order.visit_ids.filtered(lambda each: each.state == "done")[-1:]
            if last:
                order._complete_onsite(last)

    def _log_reason(self, body, reason):
        self.ensure_one()
        self.message_post(body=f"{body}: {reason}" if reason else body)

    def _follow_bookings(self):
        """Follow bookings that were moved on the planning board."""
        for visit in self.sudo():
            bookings = visit._get_active_bookings()
            if not bookings or visit.state != "planned":
                continue
            people = bookings.resource_id.employee_id
            lead = visit.technician_id if visit.technician_id in people else people[:1]
            before = (visit.start, visit.technician_id)
            visit.write(
                {
                    "start": min(bookings.mapped("start")),
                    "stop": max(bookings.mapped("stop")),
                    "technician_id": lead.id,
                    "helper_ids": [Command.set((people - lead).ids)],
                }
            )
            visit._give_jobs_to(lead, people - lead)
            visit._after_plan(*before)
        self.sudo()._sync_orders()

    def write(self, vals):
        result = super().write(vals)
        if "duration" in vals:
            for visit in self.filtered(lambda visit: visit.state == "planned"):
                visit.action_plan()
        return result

    def _end_bookings(self, moment=None, employee=None):
        """Give up the time that is left: what has begun took it up to now.

        :param moment: when the visit ended (UTC), if before now
        :param employee: whose time; without, everybody's
        """
        now = moment or fields.Datetime.now().replace(microsecond=0)
        for booking in self._get_active_bookings():
            if employee and booking.resource_id != employee.resource_id:
                continue
            if booking.start >= now:
                booking._set_state("cancel")
            else:
                booking._set_state("done", stop=min(booking.stop, now))
