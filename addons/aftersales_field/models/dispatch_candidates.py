from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytz

from odoo import api, fields, models

from odoo.addons.aftersales_planning.engine.intervals import (
    FOREVER,
    clip,
    measure,
    overlaps,
    subtract,
)
from odoo.addons.aftersales_planning.engine.moments import to_datetime, to_seconds

from .dispatch_travel import STEP, UNKNOWN_KM
from .visit_plan import lay

# How far ahead somebody is looked for if nothing says until when.
DAYS = 7
# What is worth how many minutes of travel.
STRANGER = 15  # not the engineer the customer prefers
OUTSIDE = 20  # not of the territory
FULL_DAY = 30  # a full day against an empty one
WAIT = 1.0  # each hour until it begins, and five times that if it is urgent
LATE = 120  # each hour after the deadline
NO_WINDOW = (False, False)


@dataclass
class Wish:
    """What a visit asks for; moments in seconds since 1970."""

    visit: object
    company: object
    start: int
    stop: int
    length: int
    opens: int  # it begins in its window
    closes: int
    deadline: int | None
    place: tuple
    skills: dict
    zone: object
    legs: dict = field(default_factory=dict)


@dataclass
class Slot:
    """When an engineer could come; times in seconds, ``cost`` in minutes."""

    start: int
    stop: int
    travel: int
    detour: int
    unknown: int  # ways of which nobody knows the length
    planned: int  # seconds of visits that day already
    work: int  # seconds of working time that day
    cost: float = 0.0


class AftersalesDispatch(models.AbstractModel):
    """Who could make a visit, best first, and why not the others."""

    _inherit = "aftersales.dispatch"

    @api.model
    def get_candidates(
        self, visit, date_from=None, date_to=None, limit=5, keep_window=True
    ):
        """Return who could make a visit and when, with reasons in words.

        Each engineer is asked for the best time: the way there, the load of the day,
        the deadline and the priority weigh against each other.

        :param visit: ``aftersales.visit`` or its id
        :param date_from: not before (UTC); now by default
        :param date_to: not after; by default the deadline, a week from now if there
            is none or it is over
        :param int limit: of those who can
        :param bool keep_window: within what the customer was told; who can't keep to
            what was told of a planned time comes after those who can
        :return: list of dicts ``employee_id``, ``name``, ``start``, ``stop``,
            ``travel_minutes``, ``score`` (in minutes, less is better), ``reasons``
            (sentences): who can, best first; after them everybody who can't, with
            nothing but name and reasons
        """
        visit = self._browse("aftersales.visit", visit)
        visit.ensure_one()
        visit.check_access("read")
        visit._check_dispatches()
        visit = visit.sudo()
        wish = self._get_wish(visit, date_from, date_to, keep_window)
        wishes = [wish]
        if keep_window and visit.date_told and self._get_promise(visit) != NO_WINDOW:
            # Told again if it has to be.
            wishes.append(self._get_wish(visit, date_from, date_to, False))
        people = self._read_people(
            self._get_all_engineers(wish.company),
            to_datetime(wish.start),
            to_datetime(max(each.stop for each in wishes)),
            skip=visit,
        )
        able, unable = [], []
        for person in people:
            faults = self._get_misfits(person, wish)
            for rank, each in enumerate(() if faults else wishes):
                if slot := self._find_slot(person, each):
                    able.append((person, slot, each, rank))
                    break
            else:
                faults = faults or [self._say_no_time(person, wishes[-1])]
                unable.append((person, faults))
        able.sort(key=lambda row: (row[3], row[1].cost, row[1].start, row[0].id))
        unable.sort(key=lambda pair: (len(pair[1]), pair[0].name))
        return [
            self._prepare_candidate(person, each, slot)
            for person, slot, each, _rank in able[:limit]
        ] + [
            {
                "employee_id": person.id,
                "name": person.name,
                "start": False,
                "stop": False,
                "travel_minutes": False,
                "score": False,
                "reasons": reasons,
            }
            for person, reasons in unable
        ]

    @api.model
    def _get_all_engineers(self, company):
        """Return everybody who may be asked, as superuser."""
        return (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("resource_id.aftersales_role", "=", "technician"),
                ]
            )
        )

    @api.model
    def _get_promise(self, visit):
        """Return the window a visit has to begin in; one that is over binds nobody."""
        window = (visit.window_start, visit.window_stop)
        is_over = window[1] and window[1] <= fields.Datetime.now()
        return NO_WINDOW if is_over else window

    @api.model
    def _get_wish(self, visit, date_from, date_to, keep_window=True):
        Availability = self.env["aftersales.availability"]
        company = visit.company_id
        now = fields.Datetime.now()
        read = Availability._read_moment
        start = max(read(date_from) or now, now)
        stop = read(date_to) or (
            visit.date_deadline
            if visit.date_deadline and visit.date_deadline > start
            else start + timedelta(days=DAYS)
        )
        length = round((visit.duration or 1.0) * 3600)
        start, stop = to_seconds(start), to_seconds(stop)
        opens, closes = start, max(stop, start) + length
        window = self._get_promise(visit) if keep_window else NO_WINDOW
        for moment in (visit.date_earliest, window[0]):
            opens = max(opens, to_seconds(moment)) if moment else opens
        if window[1]:
            closes = min(closes, to_seconds(window[1]))
            stop = max(stop, closes + length)
        return Wish(
            visit=visit,
            company=company,
            start=start,
            stop=max(stop, start + 1) + length,
            length=length,
            opens=opens,
            closes=closes,
            deadline=visit.date_deadline and to_seconds(visit.date_deadline),
            place=visit._get_place(),
            skills=self._get_visit_skills(visit),
            zone=pytz.timezone(Availability._get_tz(company)),
        )

    # Times

    @api.model
    def _get_wish_leg(self, wish, place, other):
        """Return the seconds of a way; asked for once each."""
        if (place, other) not in wish.legs:
            wish.legs[place, other] = self._get_leg(place, other, wish.company)
        return wish.legs[place, other]

    @api.model
    def _get_day_of(self, moment, zone):
        return datetime.fromtimestamp(moment, zone).date()

    @api.model
    def _find_slot(self, person, wish):
        """Return the best ``Slot`` of an engineer, or None."""
        taken = person.get_blocked() + [
            (each.start, each.stop) for each in person.calls
        ]
        best = None
        for begin, _end in subtract(person.work, sorted(taken)):
            # Until when nothing else is planned; breaks don't count.
            limit = min((one for one, _two in taken if one >= begin), default=FOREVER)
            slot = self._fit(person, wish, begin, limit)
            if slot and (best is None or slot.cost < best.cost):
                best = slot
        return best

    @api.model
    def _fit(self, person, wish, begin, limit):
        """Return the first slot in a free time, with the ways there and on."""
        day = self._get_day_of(begin, wish.zone)
        around = [
            call
            for call in person.calls
            if self._get_day_of(call.start, wish.zone) == day
        ]
        hours = [
            each for each in person.work if self._get_day_of(each[0], wish.zone) == day
        ]
        before = next((c for c in reversed(around) if c.stop <= begin), None)
        after = next((c for c in around if c.start >= limit), None)
        origin = before.place if before else person.place
        target = after.place if after else person.place
        there = self._get_wish_leg(wish, origin, wish.place)
        onward = self._get_wish_leg(wish, wish.place, target)
        leave = before.stop if before else max(hours[0][0], wish.start)
        last = after.start if after else hours[-1][1]
        start = max(begin, leave + there, wish.opens)
        start = -(-start // STEP) * STEP
        pieces = lay(person.work, start, wish.length)
        if not pieces or (len(pieces) > 1 and not self._may_rest(wish, hours)):
            return None
        finish = pieces[-1][1]
        if start > wish.closes or finish > limit or finish + onward > last:
            return None
        slot = Slot(
            start,
            finish,
            there,
            there + onward - self._get_wish_leg(wish, origin, target),
            sum(not (place and wish.place) for place in (origin, target)),
            sum(call.stop - call.start for call in around),
            measure(hours),
        )
        slot.cost = self._get_cost(person, wish, slot)
        return slot

    @api.model
    def _may_rest(self, wish, hours):
        """Whether the work rests over a break: only if it does not fit in between."""
        longest = max(stop - start for start, stop in hours)
        spans = wish.visit.job_ids.mapped("work_span")
        return wish.length > longest and "none" not in spans

    @api.model
    def _get_cost(self, person, wish, slot):
        visit = wish.visit
        unknown = self._get_seconds(UNKNOWN_KM, wish.company)
        cost = (slot.detour + slot.unknown * unknown) / 60
        if visit.preferred_id and visit.preferred_id.id != person.id:
            cost += STRANGER
        if visit.territory_id and visit.territory_id.id not in person.territory_ids:
            cost += OUTSIDE
        if slot.work:
            cost += FULL_DAY * ((slot.planned + wish.length) / slot.work) ** 2
        urgency = 1 + 4 * int(visit.priority or 0)
        cost += WAIT * urgency * (slot.start - wish.start) / 3600
        if wish.deadline and slot.start > wish.deadline:
            cost += LATE * (slot.start - wish.deadline) / 3600
        return cost

    # Words

    @api.model
    def _get_misfits(self, person, wish):
        """Return why an engineer does not suit a visit, whatever the time."""
        order = wish.visit.order_id
        resource = person.resource
        reasons = [
            self.env._(
                "%(engineer)s is kept for work orders of %(owner)s.",
                engineer=person.name,
                owner=owner.display_name,
            )
            for owner, own in (
                (resource.aftersales_team_id, order.team_id),
                (resource.aftersales_warehouse_id, order.warehouse_id),
            )
            if owner and owner != own
        ]
        Availability = self.env["aftersales.availability"].sudo()
        for skill in self.env["hr.skill"].sudo().browse(wish.skills):
            needed, has = wish.skills[skill.id], person.skills.get(skill.id)
            if has is None:
                reasons.append(
                    self.env._(
                        "%(engineer)s does not have %(skill)s.",
                        engineer=person.name,
                        skill=Availability._get_skill_words(skill, needed),
                    )
                )
            elif has < needed:
                reasons.append(
                    self.env._(
                        "%(engineer)s has %(skill)s at %(level)s %%, and %(needed)s %% "
                        "are needed.",
                        engineer=person.name,
                        skill=skill.name,
                        level=has,
                        needed=needed,
                    )
                )
        return reasons

    @api.model
    def _say_no_time(self, person, wish):
        """Return why an engineer who suits has no time."""
        begin, end = wish.opens, wish.closes + wish.length
        work = clip(person.work, begin, end)
        values = {
            "engineer": person.name,
            "time": self.env["aftersales.availability"]._format_range(
                to_datetime(begin), to_datetime(end), wish.company
            ),
        }
        if not work:
            if overlaps(person.away, begin, end):
                return self.env._("%(engineer)s is away: %(time)s.", **values)
            return self.env._("%(engineer)s does not work: %(time)s.", **values)
        taken = person.get_blocked() + [
            (each.start, each.stop) for each in person.calls
        ]
        free = subtract(work, sorted(taken))
        if not any(lay(free, start, wish.length) for start, _stop in free):
            if not any(lay(work, start, wish.length) for start, _stop in work):
                return self.env._(
                    "%(engineer)s does not work that long in a day: %(time)s.",
                    **values,
                )
            return self.env._("%(engineer)s is booked: %(time)s.", **values)
        return self.env._(
            "%(engineer)s is free, but the way there and on leaves no room: %(time)s.",
            **values,
        )

    @api.model
    def _prepare_candidate(self, person, wish, slot):
        return {
            "employee_id": person.id,
            "name": person.name,
            "start": to_datetime(slot.start),
            "stop": to_datetime(slot.stop),
            "travel_minutes": slot.travel // 60,
            "score": round(slot.cost, 1),
            "reasons": self._get_reasons(person, wish, slot),
        }

    @api.model
    def _get_reasons(self, person, wish, slot):
        """Return what speaks for and against a candidate."""
        visit = wish.visit
        Availability = self.env["aftersales.availability"].sudo()
        reasons = []
        if wish.skills:
            skills = self.env["hr.skill"].sudo().browse(wish.skills)
            words = [
                Availability._get_skill_words(skill, person.skills[skill.id])
                for skill in skills
            ]
            reasons.append(self.env._("Has %(skills)s.", skills=", ".join(words)))
        if visit.preferred_id:
            if visit.preferred_id.id == person.id:
                reasons.append(self.env._("The customer would like this engineer."))
            else:
                reasons.append(
                    self.env._(
                        "The customer would like %(engineer)s.",
                        engineer=visit.preferred_id.name,
                    )
                )
        territory = visit.territory_id
        if territory and territory.id in person.territory_ids:
            reasons.append(
                self.env._("Works in %(territory)s.", territory=territory.name)
            )
        elif territory:
            reasons.append(
                self.env._("Is not of %(territory)s.", territory=territory.name)
            )
        reasons.append(self._say_way(person, wish, slot))
        reasons.append(
            self.env._(
                "%(planned)s of %(work)s hours are planned that day.",
                planned=f"{slot.planned / 3600:.3g}",
                work=f"{slot.work / 3600:.3g}",
            )
        )
        if wish.deadline:
            moment = Availability._format_moment(wish.deadline, wish.company)
            if slot.start > wish.deadline:
                reasons.append(self.env._("After the deadline: %(time)s.", time=moment))
            else:
                reasons.append(
                    self.env._("Before the deadline: %(time)s.", time=moment)
                )
        if visit.date_told and not visit._is_in_window(to_datetime(slot.start)):
            reasons.append(
                self.env._(
                    "The customer was told: %(window)s.",
                    window=visit._get_told_text(),
                )
            )
        if int(visit.priority or 0):
            reasons.append(self.env._("Urgent: an early time counts more."))
        return reasons

    @api.model
    def _say_way(self, person, wish, slot):
        if not wish.place or not person.place:
            return self.env._(
                "The way is not known: the address or the start has no coordinates."
            )
        values = {"minutes": slot.travel // 60, "more": slot.detour // 60}
        if wish.visit.site_id._get_place():
            return self.env._(
                "%(minutes)s minutes to get there, %(more)s more than without this "
                "visit.",
                **values,
            )
        return self.env._(
            "About %(minutes)s minutes to the middle of %(territory)s; the address "
            "itself has no coordinates.",
            territory=wish.visit.territory_id.name,
            **values,
        )
