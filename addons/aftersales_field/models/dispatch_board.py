from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.aftersales_planning.engine.intervals import clip, measure, subtract
from odoo.addons.aftersales_planning.engine.moments import to_datetime, to_seconds

from .dispatch_travel import STEP

# Visits to be planned that the board lists.
MOST = 200


class AftersalesDispatch(models.AbstractModel):
    """The day of a region as the board draws it."""

    _inherit = "aftersales.dispatch"

    @api.model
    @api.readonly
    def get_board(self, date=None, territory=None, team=None):
        """Return a day of a region: engineers, visits and what is to be planned.

        Times are texts in UTC, lengths whole minutes. The number of statements does
        not depend on how many there are.

        :param date: the day where the company is; today by default
        :param territory: ``aftersales.territory`` or its id
        :param team: ``aftersales.team`` or its id
        :return: dict with

            * ``date``, ``start``, ``stop`` (of the day), ``tz``, ``step``, ``now``,
              ``company``, ``can_dispatch``, ``territory_id``, ``team_id``,
              ``territories``, ``teams``, ``states`` (labels)
            * ``engineers``: ``id`` (employee), ``name``, ``territory_ids``, ``hours``,
              ``away`` (lists of start and stop), ``blocks`` (other bookings),
              ``visits``, ``work_minutes``, ``travel_minutes`` (with the way home),
              ``home_minutes``, ``free_minutes``, ``place``
            * ``visits`` with ``travel_minutes`` and ``travel_km`` to each from the one
              before (None: not known), ``is_tight`` if the gap is shorter, ``is_late``,
              ``problem`` and what is to be read on a card
            * ``unplanned``: the same without engineer and time, urgent first, then by
              deadline; ``unplanned_count`` counts them all
        """
        Visit = self.env["aftersales.visit"]
        Visit.check_access("read")
        territory = self._browse("aftersales.territory", territory)
        team = self._browse("aftersales.team", team)
        company = (territory or team).company_id or self.env.company
        company = company.sudo()
        date, start, stop = self._read_day(date, company)
        region = self._get_region_domain(company, territory, team)
        engineers = self._get_engineers(company, territory, team)
        day = (
            Domain("company_id", "=", company.id)
            & Domain("start", "<", stop)
            & Domain("stop", ">", start)
            & Domain("state", "not in", ("draft", "cancel"))
        )
        planned = Visit.search(day & (self._get_people_domain(engineers) | region))
        people = planned.sudo().technician_id | planned.sudo().helper_ids
        if guests := people - engineers:
            # Whoever helps out from elsewhere is not free the rest of the day.
            planned |= Visit.search(day & self._get_people_domain(guests))
            engineers |= guests
        draft = Domain("state", "=", "draft") & region
        unplanned = Visit.search(
            draft, order="priority desc, date_deadline, id", limit=MOST
        )
        count = len(unplanned)
        if count == MOST:
            count = Visit.search_count(draft)
        # Who may see a visit may see what its card says.
        cards = (planned | unplanned).sudo()
        people = self._read_people(engineers, start, stop)
        self._prefetch_cards(cards)
        ways, rows = self._get_ways(people, company, to_seconds(start))
        return {
            "date": fields.Date.to_string(date),
            "start": self._tell(start),
            "stop": self._tell(stop),
            "now": self._tell(fields.Datetime.now()),
            "tz": self.env["aftersales.availability"]._get_tz(company),
            "step": STEP // 60,
            "company": {"id": company.id, "name": company.name},
            "can_dispatch": self._can_dispatch(),
            "territory_id": territory.id,
            "team_id": team.id,
            "territories": self.env["aftersales.territory"].search_read(
                [("company_id", "=", company.id)], ["name", "color"], load=None
            ),
            "teams": self.env["aftersales.team"].search_read(
                [("company_id", "=", company.id)], ["name"], load=None
            ),
            "states": dict(Visit._fields["state"]._description_selection(self.env)),
            "engineers": [
                self._prepare_row(person, rows[person.id], start, stop)
                for person in people
            ],
            "visits": [
                self._prepare_card(visit, ways.get(visit.id))
                for visit in planned.sudo()
            ],
            "unplanned": [self._prepare_card(visit) for visit in unplanned.sudo()],
            "unplanned_count": count,
        }

    @api.model
    def _get_people_domain(self, engineers):
        return Domain("technician_id", "in", engineers.ids) | Domain(
            "helper_ids", "in", engineers.ids
        )

    @api.model
    def move_visit(self, visit_id, employee_id, start, reason=None):
        """Give a visit another engineer or time, as dragging on the board does.

        :param start: when the work begins (UTC)
        :param str reason: of a manager, against working time or travel
        :raises UserError: why it can't be
        """
        visit = self.env["aftersales.visit"].browse(visit_id)
        return visit.action_plan(start=start, technician=employee_id, reason=reason)

    @api.model
    def _can_dispatch(self):
        return self.env.user.has_group("aftersales.aftersales_group_user")

    @api.model
    def _tell(self, moment):
        if isinstance(moment, int):
            moment = to_datetime(moment)
        return fields.Datetime.to_string(moment)

    @api.model
    def _prefetch_cards(self, visits):
        """Read at once what the cards say."""
        visits.order_id.fetch(["name", "complaint"])
        visits.asset_id.fetch(["name"])
        visits.partner_id.fetch(["name"])
        visits.job_ids.fetch(["skill_ids", "state"])

    # The way from visit to visit

    @api.model
    def _get_ways(self, people, company, begin):
        """Return the way to each visit, and what each row comes to.

        :return: ``({visit id: (travel or None, is tight)}, {employee id: dict})``
        """
        ways, rows = {}, {}
        for person in people:
            place, leave = person.place, None
            total, known = 0, True
            for call in person.calls:
                travel = self.get_travel(place, call.place, company)
                known = known and travel["is_known"]
                total += travel["minutes"]
                if call.visit.technician_id.id == person.id and (
                    call.visit.id not in ways  # not after its own break
                ):
                    is_tight = (
                        leave is not None
                        and call.start - leave < travel["minutes"] * 60
                    )
                    ways[call.visit.id] = (travel, is_tight)
                place, leave = call.place, call.stop
            home = {"minutes": 0}
            if person.calls:
                home = self.get_travel(place, person.place, company)
            rows[person.id] = {
                "travel_minutes": total + home["minutes"],
                "home_minutes": home["minutes"],
            }
        return ways, rows

    @api.model
    def _prepare_row(self, person, row, start, stop):
        start, stop = to_seconds(start), to_seconds(stop)
        hours = clip(person.work, start, stop)
        calls = [(call.start, call.stop) for call in person.calls]
        work = measure(calls)
        free = measure(subtract(hours, sorted(calls + person.get_blocked())))
        return {
            "id": person.id,
            "name": person.name,
            "territory_ids": sorted(person.territory_ids),
            "hours": [[self._tell(one), self._tell(two)] for one, two in hours],
            "away": [
                [self._tell(one), self._tell(two)]
                for one, two in clip(person.away, start, stop)
            ],
            "blocks": [
                {
                    "id": booking.id,
                    "name": booking.name,
                    "start": self._tell(booking.start),
                    "stop": self._tell(booking.stop),
                    "order_id": booking.order_id.id,
                }
                for booking in person.blocks
            ],
            "visits": len({call.visit.id for call in person.calls}),
            "work_minutes": work // 60,
            "free_minutes": max(0, free // 60 - row["travel_minutes"]),
            "place": person.place or False,
            **row,
        }

    @api.model
    def _prepare_card(self, visit, way=None):
        travel, is_tight = way or (None, False)
        known = travel and travel["is_known"]
        place = visit._get_place() or (False, False)
        site = visit.site_id
        address = ", ".join(
            word
            for word in (site.street, f"{site.zip or ''} {site.city or ''}".strip())
            if word
        )
        return {
            "id": visit.id,
            "name": visit.name,
            "state": visit.state,
            "order_id": visit.order_id.id,
            "order_name": visit.order_id.name,
            "employee_id": visit.technician_id.id,
            "helper_ids": visit.helper_ids.ids,
            "start": self._tell(visit.start) if visit.start else False,
            "stop": self._tell(visit.stop) if visit.stop else False,
            "duration": round(visit.duration * 60),
            "travel_minutes": travel["minutes"] if known else None,
            "travel_km": travel["km"] if known else None,
            "is_tight": is_tight,
            "territory_id": visit.territory_id.id,
            "customer": visit.partner_id.name or "",
            "address": address or site.name or "",
            "asset": visit.asset_id.name or "",
            "complaint": visit.complaint or "",
            "priority": visit.priority or "0",
            "deadline": self._tell(visit.date_deadline)
            if visit.date_deadline
            else False,
            "is_late": bool(
                visit.date_deadline
                and visit.start
                and visit.start > visit.date_deadline
            ),
            "window_start": self._tell(visit.window_start)
            if visit.window_start
            else False,
            "window_stop": self._tell(visit.window_stop)
            if visit.window_stop
            else False,
            "earliest": self._tell(visit.date_earliest)
            if visit.date_earliest
            else False,
            "is_locked": visit.is_locked,
            "problem": visit.problem or "",
            "skills": [
                skill.name
                for skill in visit.job_ids.filtered(
                    lambda job: job.state not in ("done", "declined", "cancel")
                ).skill_ids
            ],
            "preferred_id": visit.preferred_id.id,
            "latitude": place[0],
            "longitude": place[1],
        }
