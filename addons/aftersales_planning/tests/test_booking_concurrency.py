# What two sessions see of each other is what was committed.
# pylint: disable=invalid-commit
import threading
from contextlib import closing
from datetime import timedelta

from odoo import Command, api, fields
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install", "database_breaking")
class TestBookingConcurrency(BaseCase):
    """Two sessions at once, on connections of their own; what they keep is removed."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with closing(self.registry.cursor()) as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})
            company = env.company
            bay = env["resource.resource"].create(
                {
                    "name": "Bay of two sessions",
                    "resource_type": "material",
                    "aftersales_role": "bay",
                    "company_id": company.id,
                }
            )
            cr.commit()
            self.bay_id = bay.id
        self.addCleanup(self._remove)

    def _remove(self):
        with closing(self.registry.cursor()) as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["aftersales.booking"].search(
                [("resource_id", "=", self.bay_id)]
            ).unlink()
            env["resource.resource"].browse(self.bay_id).unlink()
            cr.commit()

    def _book(self, cr, name):
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        return env["aftersales.booking"].create(
            {
                "resource_id": self.bay_id,
                "start": "2036-03-03 09:00:00",
                "stop": "2036-03-03 10:00:00",
                "name": name,
            }
        )

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_second_is_told_who_was_first(self):
        answers = []
        first = self.registry.cursor()
        self._book(first, "The first")

        def book_second():
            # As a request is served: run again when it met another one.
            with closing(self.registry.cursor()) as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                try:
                    retrying(lambda: self._book(env.cr, "The second"), env)
                    answers.append("booked")
                except UserError as error:
                    answers.append(str(error))
                    cr.rollback()

        second = threading.Thread(target=book_second)
        second.start()
        second.join(1)
        self.assertTrue(second.is_alive(), "it waits for the first")
        first.commit()
        first.close()
        second.join(30)
        (answer,) = answers
        self.assertIn("Bay of two sessions is taken", answer)
        self.assertIn("The first", answer)

    def test_the_second_gets_it_if_the_first_gives_up(self):
        answers = []
        first = self.registry.cursor()
        self._book(first, "The first")

        def book_second():
            with closing(self.registry.cursor()) as cr:
                answers.append(self._book(cr, "The second").name)
                cr.commit()

        second = threading.Thread(target=book_second)
        second.start()
        second.join(1)
        first.rollback()
        first.close()
        second.join(30)
        self.assertEqual(answers, ["The second"])


@tagged("post_install", "-at_install", "database_breaking")
class TestVisitConcurrency(BaseCase):
    """Two customers, or one and the desk, want the one technician at the same time."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        # Sunday or not, night or not: the technician is always there.
        now = fields.Datetime.now()
        self.start = now.replace(hour=10, minute=0, second=0, microsecond=0)
        self.start += timedelta(days=4)
        with closing(self.registry.cursor()) as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})
            self.made = []
            self.order_ids = self._create_orders(env).ids
            cr.commit()
        self.addCleanup(self._remove)

    def _create(self, env, model, **values):
        record = env[model].create(values)
        self.made.insert(0, (model, record.id))
        return record

    def _create_orders(self, env):
        calendar = self._create(
            env,
            "resource.calendar",
            name="Always",
            tz="UTC",
            attendance_ids=[
                Command.clear(),
                *(
                    Command.create(
                        {
                            "name": str(day),
                            "dayofweek": str(day),
                            "hour_from": 0,
                            "hour_to": 24,
                            "day_period": "morning",
                        }
                    )
                    for day in range(7)
                ),
            ],
        )
        kind = self._create(
            env,
            "hr.skill.type",
            name="Two sessions",
            skill_ids=[Command.create({"name": "Juggling"})],
            skill_level_ids=[Command.create({"name": "Able", "level_progress": 100})],
        )
        employee = self._create(
            env,
            "hr.employee",
            name="Only one",
            tz="UTC",
            resource_calendar_id=calendar.id,
            employee_skill_ids=[
                Command.create(
                    {
                        "skill_type_id": kind.id,
                        "skill_id": kind.skill_ids.id,
                        "skill_level_id": kind.skill_level_ids.id,
                        "valid_from": "2020-01-01",
                    }
                )
            ],
        )
        employee.resource_id.aftersales_role = "technician"
        team = self._create(env, "aftersales.team", name="Two", needs_bay=False)
        category = self._create(env, "aftersales.asset.category", name="Two")
        partner = self._create(env, "res.partner", name="Two sessions")
        orders = env["aftersales.order"]
        for name in ("One", "Other"):
            asset = self._create(
                env,
                "aftersales.asset",
                name=name,
                partner_id=partner.id,
                category_id=category.id,
            )
            orders += self._create(
                env,
                "aftersales.order",
                asset_id=asset.id,
                partner_id=partner.id,
                team_id=team.id,
                online_state="begun",
                job_ids=[
                    Command.create(
                        {
                            "name": "Juggle",
                            "skill_ids": kind.skill_ids.ids,
                            "skill_progress": 100,
                        }
                    )
                ],
            )
        return orders

    def _remove(self):
        with closing(self.registry.cursor()) as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            orders = env["aftersales.order"].browse(self.order_ids)
            orders.action_unbook()
            orders.booking_ids.unlink()
            for model, record_id in self.made:
                env[model].browse(record_id).unlink()
            cr.commit()

    def _race(self, first_step, second_step):
        """Take a step while the other is under way; return what it is told."""
        answers = []
        first = self.registry.cursor()
        self.addCleanup(first.close)  # before what was made is removed
        env = api.Environment(first, api.SUPERUSER_ID, {})
        first_step(env["aftersales.order"].browse(self.order_ids[0]))
        first.flush()

        def take_second():
            with closing(self.registry.cursor()) as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                order = env["aftersales.order"].browse(self.order_ids[1])
                try:
                    retrying(lambda: second_step(order), env)
                    answers.append("booked")
                except UserError as error:
                    answers.append(str(error))
                    cr.rollback()

        second = threading.Thread(target=take_second)
        second.start()
        second.join(3)
        self.assertTrue(second.is_alive(), "it waits for the first")
        first.commit()
        first.close()
        second.join(60)
        [answer] = answers
        return answer

    def _get_next(self, format_name):
        """Return the next free time in words: the hour after the one that is taken."""
        with closing(self.registry.cursor()) as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            order = env["aftersales.order"].browse(self.order_ids[1])
            self.assertEqual(order.booking_state, "none")
            return getattr(order, format_name)(self.start + timedelta(hours=1))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_customers(self):
        answer = self._race(
            lambda order: order._hold_visit(self.start),
            lambda order: order._hold_visit(self.start),
        )
        self.assertIn("Somebody else took that time", answer)
        self.assertIn(self._get_next("_format_visit_time"), answer)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_desk_is_told_too(self):
        answer = self._race(
            lambda order: order._hold_visit(self.start),
            lambda order: order.action_book(start=self.start),
        )
        self.assertIn("can't be booked", answer)
        self.assertIn(f"next free time is {self._get_next('_format_moment')}", answer)
