"""What finding a free time and the shop board cost: statements and time of one call.

A shop of 40 bays, 20 testers and 120 technicians with five calendars, leaves and
skills, and 60,000 bookings in a year around today; the next days are nearly full.
Measured is the first free time of a job that needs a bay of a type, a tool, a
technician with two skills and parts, for many orders that differ, each as a request
that begins with nothing read; then five times of the same order, and booking it.
Last the day as the shop board asks for it, with 300 orders in the house, and what the
lounge page is told.

    scripts/benchmark planning [--bookings 60000] [--bays 40] [--technicians 120]
"""

import random
import statistics
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytz

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

TZ = "Europe/Berlin"
SKILLS = 6
DAYS = 360  # of bookings, two thirds of them behind us


@dataclass
class Cost:
    """Medians over the calls, in seconds; CPU is Odoo's alone, without PostgreSQL."""

    statements: float
    cpu: float
    wall: float
    slowest: float


class Scene:
    """A shop with a year of bookings, and orders that look for a time."""

    def __init__(self, env, bays, technicians, bookings):
        self.env = env = env(context={**env.context, "tracking_disable": True})
        self.company = env.company
        self.random = random.Random(19)
        self.calendars = [
            self._create_calendar(number, start)
            for number, start in enumerate((6, 7, 7.5, 8, 9))
        ]
        self.company.resource_calendar_id = self.calendars[1]
        self.company.aftersales_booking_lead = 1
        Type = env["aftersales.resource.type"]
        self.bay_types = Type.create(
            [{"name": f"Benchmark bay {n}", "role": "bay"} for n in range(4)]
        )
        self.tool_types = Type.create(
            [{"name": f"Benchmark tool {n}", "role": "tool"} for n in range(4)]
        )
        skill_type = env["hr.skill.type"].create(
            {
                "name": "Benchmark",
                "skill_ids": [
                    Command.create({"name": f"Skill {n}"}) for n in range(SKILLS)
                ],
                "skill_level_ids": [
                    Command.create({"name": f"Level {n}", "level_progress": n})
                    for n in (30, 60, 90)
                ],
            }
        )
        self.skills, self.levels = skill_type.skill_ids, skill_type.skill_level_ids
        self.bays = self._create_things("bay", bays, self.bay_types)
        self.tools = self._create_things("tool", max(bays // 2, 2), self.tool_types)
        self.technicians = self._create_technicians(technicians)
        self._create_leaves()
        self._create_bookings(bookings)

    def _create_calendar(self, number, start):
        return self.env["resource.calendar"].create(
            {
                "name": f"Benchmark {number}",
                "tz": TZ,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{day} {hour}",
                                "dayofweek": str(day),
                                "hour_from": hour,
                                "hour_to": hour + 4,
                                "day_period": period,
                            }
                        )
                        for day in range(5 + number % 2)
                        for hour, period in (
                            (start, "morning"),
                            (start + 5, "afternoon"),
                        )
                    ),
                ],
            }
        )

    def _create_things(self, role, count, types):
        return self.env["resource.resource"].create(
            [
                {
                    "name": f"{role} {number}",
                    "resource_type": "material",
                    "aftersales_role": role,
                    "company_id": self.company.id,
                    "calendar_id": self.calendars[number % 2].id,
                    "tz": TZ,
                    "aftersales_type_ids": [
                        Command.link(types[number % len(types)].id),
                        Command.link(types[(number // 3) % len(types)].id),
                    ],
                }
                for number in range(count)
            ]
        )

    def _create_technicians(self, count):
        employees = self.env["hr.employee"].create(
            [
                {
                    "name": f"Technician {number}",
                    "company_id": self.company.id,
                    "resource_calendar_id": self.calendars[number % 5].id,
                    "tz": TZ,
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
                            self.random.sample(list(self.skills), 3)
                        )
                    ],
                }
                for number in range(count)
            ]
        )
        employees.resource_id.write({"aftersales_role": "technician"})
        return employees.resource_id

    def _create_leaves(self):
        today = fields.Datetime.today()
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Leave",
                    "resource_id": resource.id,
                    "date_from": today + timedelta(days=start),
                    "date_to": today + timedelta(days=start + 5),
                }
                for resource in self.technicians
                for start in self.random.sample(range(-200, 100), 2)
            ]
        )

    def _create_bookings(self, count):
        """Fill the diary by SQL: making the bookings is not what is measured."""
        resources = [*self.technicians, *self.bays, *self.tools]
        tz = pytz.timezone(TZ)
        first = fields.Date.today() - timedelta(days=2 * DAYS // 3)
        days = [first + timedelta(days=number) for number in range(DAYS)]
        slots = [
            (resource, day, hour)
            for day in days
            if day.weekday() < 5
            for resource in resources
            for hour in (8, 10, 13, 15)
        ]
        # The next week is full but for a few hours.
        today = fields.Date.today()
        near = [slot for slot in slots if today <= slot[1] < today + timedelta(days=5)]
        near = self.random.sample(near, min(len(near) * 19 // 20, count // 4))
        taken = set(near)
        rest = [slot for slot in slots if slot not in taken]
        chosen = near + self.random.sample(rest, min(count - len(near), len(rest)))
        # The diary counts bookings of orders; whose they are does not matter here.
        rows = []
        for resource, day, hour in chosen:
            start = tz.localize(datetime(day.year, day.month, day.day, hour))
            start = start.astimezone(pytz.utc).replace(tzinfo=None)
            rows.append((resource.id, resource.aftersales_role, start))
        self.env.flush_all()
        for index in range(0, len(rows), 5000):
            self.env.execute_query(
                SQL(
                    "INSERT INTO aftersales_booking (resource_id, role, start, stop,"
                    " state, kind, company_id, name, hours) SELECT resource, role,"
                    " start, start + interval '2 hours', 'confirmed', 'block', %s,"
                    " 'Benchmark', 2 FROM unnest(%s, %s, %s)"
                    " AS booked(resource, role, start) RETURNING id",
                    self.company.id,
                    [row[0] for row in rows[index : index + 5000]],
                    [row[1] for row in rows[index : index + 5000]],
                    [row[2] for row in rows[index : index + 5000]],
                )
            )
        self.env.cr.execute("ANALYZE aftersales_booking")

    def create_orders(self, count):
        """Return orders that each need the four resources, not all the same."""
        env = self.env
        parts = env["product.product"].create(
            [{"name": f"Benchmark part {n}", "is_storable": True} for n in range(3)]
        )
        labour = env["product.product"].create(
            {
                "name": "Benchmark hour",
                "type": "service",
                "uom_id": env.ref("uom.product_uom_hour").id,
            }
        )
        customer = env["res.partner"].create({"name": "Benchmark customer"})
        asset = env["aftersales.asset"].create(
            {"name": "Benchmark car", "partner_id": customer.id}
        )
        warehouse = env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        for part in parts:
            env["stock.quant"]._update_available_quantity(
                part, warehouse.lot_stock_id, 10 * count
            )
        return env["aftersales.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "asset_id": asset.id,
                    "job_ids": [
                        Command.create(
                            {
                                "name": "Benchmark",
                                "skill_ids": [
                                    Command.link(self.skills[number % SKILLS].id),
                                    Command.link(self.skills[(number + 1) % SKILLS].id),
                                ],
                                "skill_progress": 30,
                                "resource_type_ids": [
                                    Command.link(self.bay_types[number % 4].id),
                                    Command.link(self.tool_types[number % 3].id),
                                ],
                                "line_ids": [
                                    Command.create(
                                        {
                                            "product_id": product.id,
                                            "product_uom_qty": quantity,
                                        }
                                    )
                                    for product, quantity in [
                                        (labour, 1 + number % 4),
                                        *((part, 1) for part in parts),
                                    ]
                                ],
                            }
                        )
                    ],
                }
                for number in range(count)
            ]
        )

    def fill_house(self, count):
        """Let ``count`` orders be in the house, and have the bookings of one day.

        Return that day. A third has only arrived, a third is in work, and of the rest a
        part has an open question to the customer.
        """
        orders = self.create_orders(count)
        for number, job in enumerate(orders.job_ids):
            resource = self.technicians[number % len(self.technicians)]
            job.technician_id = resource.employee_id
        orders.action_estimate()
        orders.action_approve()
        orders.action_arrive()
        orders[count // 3 :].action_start()
        self.env["aftersales.job"].create(
            [
                {"order_id": order.id, "name": "Benchmark question"}
                for order in orders[2 * count // 3 :: 2]
            ]
        )
        orders[2 * count // 3 :: 2].action_estimate()
        day = fields.Date.today()
        while day.weekday() > 4:
            day += timedelta(days=1)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE aftersales_booking SET kind = 'work', order_id = ("
                "%s::int[])[1 + id %% %s] WHERE start >= %s AND start < %s",
                orders.ids,
                count,
                day,
                day + timedelta(days=1),
            )
        )
        self.env.cr.execute("ANALYZE aftersales_booking, aftersales_order")
        self.env.invalidate_all()
        return day


def measure(
    env, bookings=60_000, bays=40, technicians=120, orders=40, in_house=300, boards=30
):
    """Return ``{step: Cost}`` of one call, from a request that knows nothing yet.

    Nothing is kept: everything happens in a transaction that the caller rolls back.
    """
    scene = Scene(env, bays, technicians, bookings)
    asked = scene.create_orders(orders)
    env.flush_all()
    service = env["aftersales.availability"]
    service.get_first_slot(asked[0].id)  # fill the registry's caches
    steps = {
        "first slot": lambda order: service.get_first_slot(order.id),
        "five slots": lambda order: service.get_slots(order.id),
        "book": lambda order: order.action_book(),
    }
    costs = {step: time_calls(env, call, asked) for step, call in steps.items()}
    answer = service.get_first_slot(asked[0].id)
    assert set(answer["resources"]) == {"bay", "tool", "technician"}

    day = scene.fill_house(in_house)
    env = env(context={**env.context, "tz": TZ})  # as the web client asks
    shop, lounge = env["aftersales.board"].create(
        [{"name": "Benchmark", "kind": kind, "tz": TZ} for kind in ("shop", "lounge")]
    )
    payload = shop.get_payload(day)
    assert len(payload["orders"]) >= in_house
    assert len(payload["resources"]) >= bays + technicians
    assert payload["bookings"]
    costs["board"] = time_calls(
        env, lambda board: board.get_payload(day), [shop] * boards
    )
    costs["lounge"] = time_calls(
        env, lambda board: board.get_payload(), [lounge] * boards
    )
    return costs


def time_calls(env, call, records):
    """Return the ``Cost`` of ``call`` with each of the records, none of them read."""
    statements, seconds, cpu = [], [], []
    for record in records:
        env.flush_all()
        env.invalidate_all()
        before, begun = env.cr.sql_log_count, time.perf_counter()
        worked = time.process_time()
        answer = call(record)
        env.flush_all()
        cpu.append(time.process_time() - worked)
        seconds.append(time.perf_counter() - begun)
        statements.append(env.cr.sql_log_count - before)
        assert answer
    return Cost(
        statistics.median(statements),
        statistics.median(cpu),
        statistics.median(seconds),
        max(seconds),
    )


def report(costs):
    print(f"{'':12}{'statements':>12}{'CPU ms':>10}{'median ms':>12}{'slowest ms':>12}")
    for step, cost in costs.items():
        print(
            f"{step:12}{cost.statements:12g}{1000 * cost.cpu:10.1f}"
            f"{1000 * cost.wall:12.1f}{1000 * cost.slowest:12.1f}"
        )
