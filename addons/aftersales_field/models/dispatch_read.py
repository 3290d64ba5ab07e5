from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.aftersales_planning.engine.intervals import merge
from odoo.addons.aftersales_planning.engine.moments import to_seconds

TAKEN = ("hold", "confirmed")
CLOSED_JOBS = ("done", "declined", "cancel")


@dataclass(eq=False)
class Call:
    """A visit in an engineer's day; times in seconds since 1970."""

    visit: object
    start: int
    stop: int
    place: tuple
    is_excepted: bool = False  # a manager planned it against the rules


@dataclass(eq=False)
class Person:
    """An engineer in a stretch of time; intervals in seconds since 1970."""

    id: int
    name: str
    resource: object
    employee: object
    place: tuple = None
    territory_ids: frozenset = frozenset()
    skills: dict = field(default_factory=dict)
    work: list = field(default_factory=list)
    away: list = field(default_factory=list)
    blocks: list = field(default_factory=list)  # other bookings, as records
    calls: list = field(default_factory=list)

    def get_blocked(self):
        """Return when other things than visits take the time."""
        return merge(
            (to_seconds(each.start), to_seconds(each.stop)) for each in self.blocks
        )


class AftersalesDispatch(models.AbstractModel):
    """What is known of engineers and visits, in a few queries for all of them."""

    _inherit = "aftersales.dispatch"

    # Days and regions

    @api.model
    def _read_day(self, date, company):
        """Return ``(date, begin, end)`` of a day where the company is, in UTC."""
        Availability = self.env["aftersales.availability"]
        tz = pytz.timezone(Availability._get_tz(company))
        date = Availability._read_moment(date, fields.Date.to_date)
        if not date:
            date = pytz.utc.localize(fields.Datetime.now()).astimezone(tz).date()
        return date, *(
            tz.localize(datetime.combine(day, time.min))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for day in (date, date + timedelta(days=1))
        )

    @api.model
    def _browse(self, model, record):
        """Accept a record or an id of what the user may read, or nothing."""
        if isinstance(record, models.BaseModel):
            return record
        record = self.env[model].browse(record or ())
        record.check_access("read")
        return record

    @api.model
    def _get_engineers(self, company, territory=None, team=None):
        """Return the engineers of a region, as superuser.

        Without a territory these are those of all territories; where nobody has one,
        every technician.
        """
        domain = Domain("company_id", "=", company.id) & Domain(
            "resource_id.aftersales_role", "=", "technician"
        )
        if team:
            domain &= Domain("resource_id.aftersales_team_id", "in", [False, team.id])
        Employee = self.env["hr.employee"].sudo()
        if territory:
            place = Domain("aftersales_territory_ids", "in", territory.ids)
            return Employee.search(domain & place)
        place = Domain("aftersales_territory_ids", "!=", False)
        return Employee.search(domain & place) or Employee.search(domain)

    @api.model
    def _get_region_domain(self, company, territory=None, team=None):
        """Return the domain of the visits of a region."""
        domain = Domain("company_id", "=", company.id)
        if territory:
            domain &= Domain("territory_id", "=", territory.id)
        if team:
            domain &= Domain("team_id", "in", [False, team.id])
        return domain

    # People

    @api.model
    def _read_people(self, employees, start, stop, skip=None):
        """Return the ``Person`` of each employee, between two moments (UTC).

        :param skip: visits whose own time does not stand in the way
        """
        employees = employees.sudo()
        resources = employees.resource_id
        Availability = self.env["aftersales.availability"].sudo()
        work, away = Availability._get_work(
            resources, to_seconds(start), to_seconds(stop)
        )
        skills = defaultdict(dict)
        for (resource, skill), level in Availability._get_skills(resources).items():
            skills[resource][skill] = level
        people = {}
        for employee in employees:
            resource = employee.resource_id
            people[resource.id] = Person(
                employee.id,
                resource.name,
                resource,
                employee,
                employee._get_start_place(),
                frozenset(employee.aftersales_territory_ids.ids),
                skills[resource.id],
                work[resource.id],
                away.get(resource.id, []),
            )
        bookings = self._get_bookings(resources, start, stop)
        for booking in bookings:
            person, visit = people[booking.resource_id.id], booking.visit_id
            if visit and skip and visit in skip:
                continue
            if visit:
                person.calls.append(
                    Call(
                        visit,
                        to_seconds(booking.start),
                        to_seconds(booking.stop),
                        visit._get_place(),
                        bool(booking.override_reason),
                    )
                )
            elif booking.state != "done":
                person.blocks.append(booking)
        return list(people.values())

    @api.model
    def _get_bookings(self, resources, start, stop):
        """Return what takes the engineers' time, also work of other teams."""
        now = fields.Datetime.now()
        Booking = self.env["aftersales.booking"].sudo()
        return Booking.search_fetch(
            Domain("resource_id", "in", resources.ids)
            & Domain("start", "<", stop)
            & Domain("stop", ">", start)
            & Domain("state", "in", [*TAKEN, "done"])
            & (
                Domain("state", "!=", "hold")
                | Domain("date_expire", "=", False)
                | Domain("date_expire", ">", now)
            ),
            [
                *("resource_id", "visit_id", "start", "stop", "state", "name"),
                *("order_id", "override_reason"),
            ],
            order="start, id",
        )

    # Visits

    @api.model
    def _get_visit_skills(self, visit):
        """Return ``{skill id: least level in %}`` of the open jobs of a visit."""
        skills = {}
        for job in visit.sudo().job_ids:
            if job.state not in CLOSED_JOBS:
                for skill in job.skill_ids:
                    skills[skill.id] = max(skills.get(skill.id, 0), job.skill_progress)
        return skills

    @api.model
    def _get_van_parts(self, employees):
        """Return ``{employee id: {product id: quantity}}`` of what the vans have.

        Van stock fills it; quantities are in the unit of the product.
        """
        return {}

    @api.model
    def _get_loaded_parts(self, visits):
        """Return ``{(visit id, employee id, product id): quantity}``.

        What is kept in somebody's van for just these visits; van stock fills it.
        """
        return {}

    @api.model
    def _get_needed_parts(self, visits):
        """Return ``{visit id: {product id: quantity}}``: parts still to be built in."""
        needed = {}
        for visit in visits.sudo():
            parts = defaultdict(float)
            for line in visit.job_ids.line_ids:
                if (
                    line.job_id.state not in CLOSED_JOBS
                    and line._is_stocked_part()
                    and "done" not in line.move_ids.mapped("state")
                ):
                    parts[line.product_id.id] += line.product_uom_id._compute_quantity(
                        line.product_uom_qty, line.product_id.uom_id
                    )
            needed[visit.id] = dict(parts)
        return needed
