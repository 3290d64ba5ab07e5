from datetime import timedelta

import pytz
from babel.dates import format_skeleton, format_time

from odoo import api, fields, models
from odoo.tools import babel_locale_parse, format_list, get_lang

from ..engine.intervals import overlaps
from ..engine.moments import to_datetime, to_seconds


class AftersalesAvailability(models.AbstractModel):
    """Why a time is not offered, in words."""

    _inherit = "aftersales.availability"

    # Times

    @api.model
    def _format_moment(self, moment, company):
        """Return a moment (seconds or UTC datetime) as the company's clock shows it."""
        words = self._format_local(moment, company)[0]
        return words + self._get_zone_words(moment, company)

    @api.model
    def _format_local(self, moment, company):
        if not isinstance(moment, int):
            moment = to_seconds(moment)
        tz = pytz.timezone(self._get_tz(company.sudo()))
        local = pytz.utc.localize(to_datetime(moment)).astimezone(tz)
        locale = babel_locale_parse(get_lang(self.env).code)
        clock = format_time(local, "HH:mm", tzinfo=tz, locale=locale)
        day = format_skeleton("MMMEd", local, tzinfo=tz, locale=locale)
        return f"{day} {clock}", local.date(), clock

    @api.model
    def _format_range(self, start, stop, company):
        """Return two moments in words; the day once if it is the same."""
        first, day, _clock = self._format_local(start, company)
        last, last_day, clock = self._format_local(stop, company)
        zone = self._get_zone_words(start, company)
        return f"{first} – {clock if day == last_day else last}{zone}"

    @api.model
    def _get_zone_words(self, moment, company):
        """Name the company's time zone where the user's own clock shows another."""
        if not self.env.user.tz:
            return ""
        if not isinstance(moment, int):
            moment = to_seconds(moment)
        utc = pytz.utc.localize(to_datetime(moment))
        zone = self._get_tz(company.sudo())
        own, theirs = (
            utc.astimezone(pytz.timezone(name)).utcoffset()
            for name in (self.env.user.tz, zone)
        )
        return "" if own == theirs else f" ({zone})"

    # Kinds of need

    @api.model
    def _get_kind_words(self, plan, key):
        """Return ``(role, what is needed in words)``."""
        kind, number = key
        if kind == "worker":
            skills = plan.needs["segments"][number]["skills"]
            return "technician", ", ".join(
                self._get_skill_words(skill, skills[skill.id])
                for skill in self.env["hr.skill"].browse(skills)
            )
        place = plan.needs["places"][number]
        types = self.env["aftersales.resource.type"].browse(place["type_ids"])
        return place["role"], ", ".join(types.mapped("name"))

    @api.model
    def _describe_needs(self, order):
        """Return what an order takes, in words: hours, bay, tools, skills."""
        order = self._get_order(order)
        service = self.sudo()
        jobs = service._get_open_jobs(order)
        hours = sum(jobs.mapped("hours_planned"))
        words = [
            service.env._(
                "%(hours)s hours",
                hours=f"{hours or order.company_id.aftersales_booking_hours:g}",
            )
        ]
        words += jobs.resource_type_ids.mapped("name")
        words += [
            service._get_role_label(place["role"])
            for place in service._get_places(order, jobs)
            if place["role"] == "loaner"
        ]
        for segment in service._get_segments(jobs):
            skills = service.env["hr.skill"].browse(segment["skills"])
            words += [
                service._get_skill_words(skill, segment["skills"][skill.id])
                for skill in skills
            ]
        return " · ".join(dict.fromkeys(words))

    @api.model
    def _say_none_exists(self, plan, key, role, what):
        """Say that no resource is of this kind at all, and what to do about it."""
        if role in plan.pins:
            misfits = self._get_chosen_misfits(plan, key, role)
            if misfits:
                return self.env._(
                    "What was chosen does not suit: %(reasons)s Choose another "
                    "resource.",
                    reasons=" ".join(misfits),
                )
            return self.env._(
                "What was chosen does not suit: %(need)s. Choose another resource.",
                need=what or self._get_role_label(role),
            )
        if role == "technician":
            if what:
                return self.env._(
                    "No technician has %(skills)s. Record the skill of an employee, "
                    "or change what the job needs.",
                    skills=what,
                )
            return self.env._(
                "There is no technician. Give employees the role under Planning, "
                "Resources."
            )
        if what:
            return self.env._(
                "There is no %(role)s with %(types)s. Add it under Planning, "
                "Resources, or change what the job needs.",
                role=self._get_role_label(role).lower(),
                types=what,
            )
        return self.env._(
            "There is no %(role)s. Add one under Planning, Resources.",
            role=self._get_role_label(role).lower(),
        )

    @api.model
    def _get_role_label(self, role):
        labels = self.env["resource.resource"]._fields["aftersales_role"]
        return dict(labels._description_selection(self.env)).get(role, role)

    @api.model
    def _say_late(self, role, what, moment):
        if role == "technician":
            if what:
                return self.env._(
                    "No technician with %(skills)s is free before %(time)s.",
                    skills=what,
                    time=moment,
                )
            return self.env._("No technician is free before %(time)s.", time=moment)
        role = self._get_role_label(role).lower()
        if what:
            return self.env._(
                "No %(role)s with %(types)s is free before %(time)s.",
                role=role,
                types=what,
                time=moment,
            )
        return self.env._(
            "No %(role)s is free before %(time)s.", role=role, time=moment
        )

    @api.model
    def _say_taken(self, role, what, moment):
        if role == "technician":
            if what:
                return self.env._(
                    "No technician with %(skills)s is free on %(time)s for that long.",
                    skills=what,
                    time=moment,
                )
            return self.env._(
                "No technician is free on %(time)s for that long.", time=moment
            )
        role = self._get_role_label(role).lower()
        if what:
            return self.env._(
                "No %(role)s with %(types)s is free on %(time)s for that long.",
                role=role,
                types=what,
                time=moment,
            )
        return self.env._(
            "No %(role)s is free on %(time)s for that long.", role=role, time=moment
        )

    # Reasons

    @api.model
    def _get_kinds(self, plan):
        """Yield ``(key, candidates)`` of everything that is needed."""
        for number, people in enumerate(plan.segments):
            yield ("worker", number), people
        for number, things in enumerate(plan.candidates):
            yield ("place", number), things

    @api.model
    def _get_late(self, plan):
        """Return why nothing earlier than the first answer is offered."""
        service = self.sudo()
        reasons = service._get_lead_reason(plan) + service._get_parts_reasons(plan)
        since = service._get_opening(plan)
        if since > plan.earliest:
            reasons.append(
                {
                    "role": "company",
                    "reason": service.env._(
                        "Nobody works before %(time)s.",
                        time=service._format_moment(since, plan.company),
                    ),
                }
            )
        lacking = []
        for key, candidates in service._get_kinds(plan):
            role, what = service._get_kind_words(plan, key)
            first = plan.firsts.get(key)
            if not candidates:
                reason = service._say_none_exists(plan, key, role, what)
            elif first is None and plan.parts_from is None:
                continue  # not looked for any further
            elif first is None or first > since:
                moment = service._format_moment(first or plan.latest, plan.company)
                reason = service._say_late(role, what, moment)
            else:
                continue
            lacking.append({"role": role, "reason": reason})
        return reasons + lacking + service._get_together_reason(plan, since, lacking)

    @api.model
    def _get_opening(self, plan):
        """Return the first moment somebody or something needed is at work."""
        openings = [
            plan.opens.get(key, plan.earliest)
            for key, candidates in self._get_kinds(plan)
            if candidates
        ]
        return max(min(openings, default=plan.earliest), plan.earliest)

    @api.model
    def _get_together_reason(self, plan, since, lacking):
        """Say that everything is free earlier, and never at the same time."""
        answer = plan.answers[0].start if plan.answers else None
        kinds = list(self._get_kinds(plan))
        if plan.parts_from is None or not all(people for _key, people in kinds):
            return []
        if answer is None and lacking:
            return []
        firsts = [first for first in plan.firsts.values() if first is not None]
        alone = max([since, plan.parts_from, *firsts])
        grid = self._get_grid(plan.company)
        roles = dict.fromkeys(
            self._get_role_label(self._get_kind_words(plan, key)[0])
            for key, _people in kinds
        )
        if len(roles) < 2 or (answer is not None and answer <= grid(alone)):
            return []
        return [
            {
                "role": "company",
                "reason": self.env._(
                    "%(roles)s are not free at the same time before %(time)s.",
                    roles=format_list(self.env, list(roles)),
                    time=self._format_moment(
                        plan.latest if answer is None else answer, plan.company
                    ),
                ),
            }
        ]

    @api.model
    def _get_reasons_at(self, plan, moment):
        """Return why one moment is not offered; nothing if it can be booked."""
        if plan.answers:
            return []
        service = self.sudo()
        words = service._format_moment(moment, plan.company)
        now = to_seconds(fields.Datetime.now())
        if moment < now:
            return [
                {
                    "role": "company",
                    "reason": service.env._("%(time)s is over.", time=words),
                }
            ]
        reasons = service._get_parts_reasons(plan)
        for key, candidates in service._get_kinds(plan):
            role, what = service._get_kind_words(plan, key)
            if not candidates:
                reasons.append(
                    {
                        "role": role,
                        "reason": service._say_none_exists(plan, key, role, what),
                    }
                )
            elif plan.firsts.get(key) is None:
                reasons.append(
                    {"role": role, "reason": service._say_taken(role, what, words)}
                )
        return reasons or [
            {
                "role": "company",
                "reason": service.env._(
                    "What is needed is not free together on %(time)s.", time=words
                ),
            }
        ]

    @api.model
    def _get_lead_reason(self, plan):
        lead = self._get_lead_moment(plan.company)
        if plan.earliest < lead or plan.earliest > lead + 60:
            return []
        if not plan.company.aftersales_booking_lead:
            return []
        return [
            {
                "role": "company",
                "reason": self.env._(
                    "Appointments are made %(hours)s hours ahead.",
                    hours=f"{plan.company.aftersales_booking_lead:g}",
                ),
            }
        ]

    @api.model
    def _get_parts_reasons(self, plan):
        parts = plan.needs["parts"]
        reasons = [
            self.env._(
                "%(part)s is not in stock and none is on its way. Order it first.",
                part=name,
            )
            for name in parts["missing"]
        ]
        if plan.parts_from and plan.parts_from > plan.earliest:
            reasons += parts["late"]
        return [{"role": "part", "reason": reason} for reason in reasons]

    # Notices

    @api.model
    def _get_notices(self, plan, answer, resources):
        """Return what the desk should know about a slot and may accept."""
        notices = []
        chosen = set(resources.get("technician", []))
        employees = self.env["hr.employee"].browse(
            {
                employee
                for segment in plan.needs["segments"]
                for employee in segment["technician_ids"]
            }
        )
        others = employees.filtered(lambda each: each.resource_id.id not in chosen)
        if others:
            notices.append(
                self.env._(
                    "Somebody else than %(technicians)s does the work.",
                    technicians=", ".join(others.mapped("name")),
                )
            )
        advisor = plan.order and plan.order.user_id
        if advisor and not self._is_present(advisor, plan, answer.start):
            notices.append(
                self.env._(
                    "%(advisor)s is not there at the reception.", advisor=advisor.name
                )
            )
        return notices

    @api.model
    def _is_present(self, user, plan, moment):
        """Whether an advisor works at a moment; without working time nobody knows."""
        resource = user.with_company(plan.company).employee_id.resource_id
        if not resource:
            return True
        cache = plan.presence.setdefault(user.id, {})
        day = moment // (24 * 3600)
        if day not in cache:
            start = to_seconds(to_datetime(moment) - timedelta(days=1))
            work, _own = self._get_work(resource, start, start + 2 * 24 * 3600 + 1)
            cache[day] = work[resource.id]
        return overlaps(cache[day], moment, moment + 1)
