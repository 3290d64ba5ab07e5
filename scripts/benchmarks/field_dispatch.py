"""What the dispatcher waits for: the board, candidates and a proposal for a day.

A region of engineers with skills, leaves and a day that is planned nearest first, and
visits in and around a town: most of them planned, the others to be planned. Measured
are the board, the candidates of a visit, the proposal from reading to writing, and
accepting it; then how much less travel than nearest first a day with the same visits
needs. The proposal itself has room for more of them.

    scripts/benchmark field_dispatch [--engineers 40] [--visits 200]
"""

import math
import random
import statistics
import time
from dataclasses import dataclass
from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from odoo.addons.aftersales_field import engine

TOWN = (52.52, 13.40)
RADIUS = 35  # km around the town
TZ = "Europe/Berlin"


@dataclass
class Cost:
    """Medians over the calls, in seconds."""

    statements: float
    cpu: float
    wall: float
    slowest: float


class Scene:
    def __init__(self, env, engineers, visits, planned=0.8):
        self.env = env = env(context={**env.context, "tracking_disable": True})
        self.company = env.company
        self.random = random.Random(11)
        self.date = fields.Date.today() + timedelta(days=1)
        while self.date.weekday() > 4:
            self.date += timedelta(days=1)
        self.calendar = self._create_calendar()
        self.company.resource_calendar_id = self.calendar
        self.skills, self.levels = self._create_skills()
        self.sites = self._create_sites(visits)
        self.territory = env["aftersales.territory"].create(
            {"name": "Benchmark", "zip_prefixes": "99"}
        )
        self.engineers = self._create_engineers(engineers)
        self.visits = self._create_visits(visits)
        self.sheet, self.served = None, []
        self.nearest = self._plan_nearest_first(planned)
        env.flush_all()
        env.cr.execute("ANALYZE aftersales_booking, aftersales_visit")

    def _create_calendar(self):
        return self.env["resource.calendar"].create(
            {
                "name": "Benchmark",
                "tz": TZ,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{day} {hour}",
                                "dayofweek": str(day),
                                "hour_from": hour,
                                "hour_to": stop,
                                "day_period": period,
                            }
                        )
                        for day in range(5)
                        for hour, stop, period in (
                            (7.5, 12, "morning"),
                            (12.5, 17, "afternoon"),
                        )
                    ),
                ],
            }
        )

    def _create_skills(self):
        kind = self.env["hr.skill.type"].create(
            {
                "name": "Benchmark",
                "skill_ids": [Command.create({"name": f"Skill {n}"}) for n in range(6)],
                "skill_level_ids": [
                    Command.create({"name": f"Level {n}", "level_progress": n})
                    for n in (30, 60, 90)
                ],
            }
        )
        return kind.skill_ids, kind.skill_level_ids

    def _get_place(self):
        angle = self.random.uniform(0, 2 * math.pi)
        radius = RADIUS * math.sqrt(self.random.random())
        return {
            "partner_latitude": TOWN[0] + radius / 111.2 * math.sin(angle),
            "partner_longitude": TOWN[1]
            + radius / 111.2 * math.cos(angle) / math.cos(math.radians(TOWN[0])),
        }

    def _create_sites(self, count):
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Benchmark site {number}",
                    "zip": "99000",
                    "city": f"Quarter {number % 12}",
                    **self._get_place(),
                }
                for number in range(count)
            ]
        )

    def _create_engineers(self, count):
        homes = self.env["res.partner"].create(
            [
                {"name": f"Benchmark home {number}", **self._get_place()}
                for number in range(count)
            ]
        )
        employees = self.env["hr.employee"].create(
            [
                {
                    "name": f"Benchmark engineer {number}",
                    "company_id": self.company.id,
                    "resource_calendar_id": self.calendar.id,
                    "tz": TZ,
                    "aftersales_start_id": homes[number].id,
                    "aftersales_territory_ids": [Command.link(self.territory.id)],
                    "employee_skill_ids": [
                        Command.create(
                            {
                                "skill_type_id": self.skills.skill_type_id.id,
                                "skill_id": skill.id,
                                "skill_level_id": self.levels[(number + index) % 3].id,
                                "valid_from": "2020-01-01",
                            }
                        )
                        for index, skill in enumerate(
                            self.random.sample(list(self.skills), 4)
                        )
                    ],
                }
                for number in range(count)
            ]
        )
        employees.resource_id.write({"aftersales_role": "technician"})
        return employees

    def _create_visits(self, count):
        """One visit per order, with one job; every fourth customer was told a time."""
        env = self.env
        category = env["aftersales.asset.category"].search([], limit=1)
        category = category or env["aftersales.asset.category"].create(
            {"name": "Benchmark"}
        )
        assets = env["aftersales.asset"].create(
            [
                {
                    "name": f"Benchmark machine {number}",
                    "category_id": category.id,
                    "partner_id": site.id,
                }
                for number, site in enumerate(self.sites)
            ]
        )
        orders = env["aftersales.order"].create(
            [
                {
                    "partner_id": site.id,
                    "asset_id": asset.id,
                    "job_ids": [
                        Command.create(
                            {
                                "name": "Repair",
                                "skill_ids": [
                                    Command.set(self.random.choice(self.skills).ids)
                                ]
                                if self.random.random() < 0.6
                                else [],
                                "skill_progress": self.random.choice([0, 30, 60]),
                            }
                        )
                    ],
                }
                for site, asset in zip(self.sites, assets, strict=True)
            ]
        )
        visits = env["aftersales.visit"].create(
            [
                {
                    "order_id": order.id,
                    "site_id": site.id,
                    "duration": self.random.choice([0.5, 0.75, 1, 1, 1.5, 2]),
                }
                for order, site in zip(orders[:count], self.sites, strict=True)
            ]
        )
        _date, start, _stop = env["aftersales.dispatch"]._read_day(
            self.date, self.company
        )
        for visit in visits[::4]:
            opens = start + timedelta(hours=self.random.choice([8, 10, 13]))
            visit.write(
                {"window_start": opens, "window_stop": opens + timedelta(hours=3)}
            )
        for visit in visits[::10]:
            visit.date_deadline = start + timedelta(hours=17)
        return visits

    def _read(self):
        Dispatch = self.env["aftersales.dispatch"]
        _date, start, stop = Dispatch._read_day(self.date, self.company)
        return Dispatch._read_sheet(
            self.company,
            self.engineers,
            self.visits,
            start,
            stop,
            fields.Datetime.now(),
        ), start

    def _plan_nearest_first(self, share):
        """Plan the day as somebody does who sends everybody on to the nearest visit.

        :return: its figures
        """
        sheet, start = self._read()
        plan = engine.nearest_first(sheet.engineers, sheet.stops, sheet.travel)
        figures = sheet.get_figures(plan)
        self.served = [stop for stop in sheet.stops if stop.key not in plan.unserved]
        self.sheet = sheet
        chosen = []
        for key, calls in plan.routes.items():
            for call in calls:
                visit = sheet.visits[call.stop]
                if self.random.random() < share:
                    moment = start + timedelta(seconds=call.start)
                    employee = self.engineers.browse(key)
                    nobody = employee.browse()
                    chosen.append((visit, moment, employee, nobody))
        began = time.perf_counter()
        self.env["aftersales.visit"]._plan_all(chosen)
        self.env.flush_all()
        figures["planned"] = len(chosen)
        figures["plan_seconds"] = time.perf_counter() - began
        return figures

    def optimise_same(self):
        """Return the figures of the best plan for what nearest first gets done."""
        plan = engine.optimise(
            self.sheet.engineers,
            self.served,
            self.sheet.travel,
            seconds=self.company.aftersales_optimise_seconds,
        )
        return self.sheet.get_figures(plan, self.served)

    # What is measured

    def call_board(self):
        return self.env["aftersales.dispatch"].get_board(self.date, self.territory.id)

    def call_candidates(self, visit):
        return self.env["aftersales.dispatch"].get_candidates(
            visit.id, self.env["aftersales.dispatch"]._read_day(
                self.date, self.company
            )[1]
        )  # fmt: skip

    def create_proposal(self):
        return self.env["aftersales.dispatch.plan"].create(
            {"date": self.date, "territory_id": self.territory.id}
        )


def _measured(env, call, rounds):
    walls, cpus, statements = [], [], []
    for _round in range(rounds):
        env.flush_all()
        env.invalidate_all()
        before = env.cr.sql_log_count
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        statements.append(env.cr.sql_log_count - before)
    return Cost(
        statistics.median(statements),
        statistics.median(cpus),
        statistics.median(walls),
        max(walls),
    )


def measure(env, engineers=40, visits=200, rounds=7):
    """Return ``(costs by step, figures)``.

    Nothing is kept: everything happens in a transaction that the caller rolls back.
    """
    scene = Scene(env, engineers, visits)
    scene.call_board()  # calendars, rules, …
    costs = {"board": _measured(env, scene.call_board, rounds)}
    drafts = scene.visits.filtered(lambda visit: visit.state == "draft")
    visit = (drafts or scene.visits)[0]
    costs["candidates"] = _measured(env, lambda: scene.call_candidates(visit), rounds)
    plan = scene.create_proposal()
    costs["propose"] = _measured(env, plan.action_optimise, 1)
    figures = {
        "nearest first": scene.nearest,
        "same visits": scene.optimise_same(),
        "before": {
            "travel": plan.travel_before * 60,
            "km": plan.km_before,
            "served": plan.served_before,
        },
        "proposal": {
            "travel": plan.travel_after * 60,
            "km": plan.km_after,
            "served": plan.served_after,
            "changes": plan.change_count,
        },
    }
    costs["accept"] = _measured(env, plan.action_accept, 1)
    return costs, figures


def report(result):
    costs, figures = result
    print(f"{'':14}{'statements':>12}{'CPU ms':>10}{'wall ms':>10}{'slowest':>10}")
    for name, cost in costs.items():
        print(
            f"{name:14}{cost.statements:12.0f}{cost.cpu * 1000:10.0f}"
            f"{cost.wall * 1000:10.0f}{cost.slowest * 1000:10.0f}"
        )
    print(f"{'':14}{'visits':>12}{'travel h':>10}{'km':>10}")
    for name, figure in figures.items():
        print(
            f"{name:14}{figure['served']:12}{figure['travel'] / 3600:10.1f}"
            f"{figure['km']:10.0f}"
        )
    nearest, same = figures["nearest first"], figures["same visits"]
    less = same["travel"] / nearest["travel"] - 1
    print(f"the same visits: {less:+.1%} travel against nearest first")
