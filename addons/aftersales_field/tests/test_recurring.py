from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged
from odoo.tools import mute_logger

from ..engine.rhythm import Rhythm, forecast
from .common import FieldCommon

LOGGER = "odoo.addons.aftersales_field.models.recurring_make"


@tagged("post_install", "-at_install")
class TestRhythm(BaseCase):
    def test_the_last_of_the_month_stays_the_last(self):
        rhythm = Rhythm(date(2026, 1, 31), 1, "month")
        days = [rhythm.get_day(index) for index in range(4)]
        self.assertEqual([day.day for day in days], [31, 28, 31, 30])
        planned, day = rhythm.get_next(date(2026, 2, 28))
        self.assertEqual((planned, day), (date(2026, 3, 31), date(2026, 3, 31)))

    def test_before_the_season(self):
        """Once a year, wanted in March: whatever the day we began with."""
        rhythm = Rhythm(date(2026, 7, 10), 1, "year", 3, 4)
        self.assertEqual(rhythm.get_next()[1], date(2027, 3, 1))
        planned, day = rhythm.get_next(date(2026, 7, 10))
        self.assertEqual((planned, day), (date(2027, 7, 10), date(2028, 3, 1)))

    def test_months_out_of_season_are_left_out(self):
        rhythm = Rhythm(date(2026, 9, 15), 1, "month", 4, 10)
        planned, days = None, []
        for _turn in range(4):
            planned, day = rhythm.get_next(planned)
            days.append(day)
        self.assertEqual(
            days,
            [
                date(2026, 9, 15),
                date(2026, 10, 15),
                date(2027, 4, 15),
                date(2027, 5, 15),
            ],
        )

    def test_season_over_the_end_of_the_year(self):
        rhythm = Rhythm(date(2026, 6, 1), 1, "year", 11, 2)
        self.assertTrue(rhythm.is_in_season(date(2026, 1, 5)))
        self.assertEqual(rhythm.get_next()[1], date(2026, 11, 1))

    def test_forecast(self):
        read = date(2026, 3, 1)
        self.assertEqual(forecast(100, 40, read, 2), date(2026, 3, 31))
        self.assertEqual(forecast(100, 100, read, 0), read)
        self.assertIsNone(forecast(100, 40, read, 0))
        self.assertIsNone(forecast(100, 40, read, -3))
        self.assertIsNone(forecast(100, 0, None, 5))
        self.assertEqual(forecast(1e12, 0, read, 0.001).year, 2126)


class RecurringCommon(FieldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["aftersales.job.template"].create(
            {
                "name": "Maintenance",
                "line_ids": [
                    Command.create({"product_id": cls.labour.id, "product_uom_qty": 2})
                ],
            }
        )
        cls.customer.email = "customer@example.com"
        cls.asset.site_id = cls.site_mitte
        cls.payer_contract = cls.env["aftersales.payer"].search(
            [("company_id", "=", cls.company.id), ("code", "=", "contract")]
        )

    def setUp(self):
        super().setUp()
        # One transaction: nothing is kept between the batches.
        self.startPatcher(
            patch.object(
                self.registry["ir.cron"],
                "_commit_progress",
                lambda cron, processed=0, *, remaining=None, deactivate=False: 1000,
            )
        )

    def _create_recurring(self, **values):
        return self.env["aftersales.recurring.visit"].create(
            {
                "name": "Quarterly service",
                "partner_id": self.customer.id,
                "asset_ids": [Command.set(self.asset.ids)],
                "template_ids": [Command.set(self.template.ids)],
                "date_start": "2026-03-10",
                "interval": 3,
                "interval_unit": "month",
                "company_id": self.company.id,
                **values,
            }
        )

    def _run_cron(self):
        self.env["aftersales.recurring.visit"]._cron_make_visits()

    def _get_open(self, recurring):
        return recurring.turn_ids.filtered(lambda turn: turn.state == "open")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestRecurring(RecurringCommon):
    def test_order_and_visit_are_made_ahead(self):
        recurring = self._create_recurring(
            preferred_id=self.employee_ben.id,
            note="Ask for the keys",
            payer_id=self.payer_contract.id,
        )
        self._run_cron()
        turn = recurring.turn_ids.filtered(lambda turn: turn.state == "made")
        self.assertEqual(turn.date, date(2026, 3, 10))
        order = turn.order_id
        self.assertTrue(order.is_onsite)
        self.assertEqual(order.asset_id, self.asset)
        self.assertEqual(order.job_ids.template_id, self.template)
        self.assertEqual(order.state, "approved", "the contract pays")
        self.assertEqual(order.approval_ids.method, "contract")
        visit = order.visit_ids
        self.assertEqual(visit.state, "draft")
        self.assertEqual(visit.site_id, self.site_mitte)
        self.assertEqual(visit.preferred_id, self.employee_ben)
        self.assertEqual(visit.note, "Ask for the keys")
        self.assertEqual(visit.date_earliest, self._local("2026-03-03 00:00"))
        self.assertEqual(visit.date_deadline.date(), date(2026, 3, 17))
        self.assertEqual(visit.duration, 2)
        self.assertEqual(recurring.date_next, date(2026, 6, 10))

    def test_work_the_customer_pays_is_proposed(self):
        recurring = self._create_recurring()
        self._run_cron()
        order = recurring.turn_ids.order_id
        self.assertEqual(order.state, "quoted")
        self.assertEqual(order.job_ids.state, "proposed")
        self.assertEqual(order.visit_ids.state, "draft")

    def test_replay_makes_nothing_twice(self):
        recurring = self._create_recurring()
        for _night in range(3):
            self._run_cron()
            recurring.action_make_now()
        self.assertEqual(len(recurring.turn_ids.order_id), 1)
        self.assertEqual(len(recurring.turn_ids), 2, "one made, one open")
        made = recurring.turn_ids.filtered("order_id")
        self.assertEqual(made.action_make(), made.order_id)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            with self.cr.savepoint():
                self.env["aftersales.recurring.turn"].create(
                    {
                        "recurring_id": recurring.id,
                        "asset_id": self.asset.id,
                        "date_planned": made.date_planned,
                        "state": "open",
                    }
                )
                self.env.flush_all()

    def test_year_of_visits(self):
        recurring = self._create_recurring(
            payer_id=self.payer_contract.id, date_end="2026-12-31"
        )
        for day in ("2026-03-02", "2026-06-01", "2026-09-01", "2026-12-01"):
            with freeze_time(f"{day} 02:00:00"):
                self._run_cron()
        self.assertEqual(
            [str(turn.date) for turn in recurring.turn_ids.sorted("date")],
            ["2026-03-10", "2026-06-10", "2026-09-10", "2026-12-10"],
        )
        self.assertFalse(recurring.date_next, "it ended")

    def test_nobody_makes_up_for_nights_without_cron(self):
        recurring = self._create_recurring()
        self._run_cron()
        with freeze_time("2027-02-01 02:00:00"):
            self._run_cron()
            self._run_cron()
        days = [str(turn.date) for turn in recurring.turn_ids.sorted("date")]
        self.assertEqual(days[:2], ["2026-03-10", "2026-06-10"])
        self.assertLessEqual(len(recurring.turn_ids.order_id), 3)

    def test_skip_and_move(self):
        recurring = self._create_recurring(date_start="2026-04-10")
        recurring.action_update()
        turn = self._get_open(recurring)
        with self.assertRaisesRegex(UserError, "say why"):
            turn.action_skip()
        turn.action_skip(reason="Machine is being sold")
        turn.action_skip(reason="Again")
        following = self._get_open(recurring)
        self.assertEqual(following.date, date(2026, 7, 10))
        following.action_move("2026-07-20", reason="Holidays")
        recurring.action_update()
        self.assertEqual(following.date, date(2026, 7, 20))
        following.action_make()
        self.assertEqual(
            self._get_open(recurring).date, date(2026, 10, 10), "the rhythm stays"
        )
        with self.assertRaisesRegex(UserError, "made or over"):
            following.action_move("2026-08-01")
        with self.assertRaisesRegex(UserError, "cannot become"):
            turn.action_make()

    def test_two_turns_at_once(self):
        other = self.asset.copy({"name": "Second"})
        recurring = self._create_recurring(
            asset_ids=[Command.set((self.asset | other).ids)]
        )
        recurring.action_update()
        turns = self._get_open(recurring)
        self.assertEqual(len(turns), 2)
        orders = turns.with_user(self.advisor).action_make()
        self.assertEqual(len(orders), 2)
        self.assertEqual(orders.asset_id, self.asset | other)
        self._get_open(recurring).action_skip(reason="Closed for the summer")
        self.assertEqual(len(self._get_open(recurring)), 2)

    def test_a_bad_asset_does_not_stop_the_rest(self):
        bad = self.asset.copy({"name": "Bad one"})
        recurring = self._create_recurring(
            asset_ids=[Command.set((bad | self.asset).ids)]
        )
        recurring.action_update()
        make = type(recurring.turn_ids)._make

        def fail(turn):
            if turn.asset_id == bad:
                raise ZeroDivisionError
            return make(turn)

        with (
            patch.object(self.registry["aftersales.recurring.turn"], "_make", fail),
            self.assertLogs(LOGGER, "ERROR") as logs,
        ):
            self._run_cron()
        self.assertIn("Bad one", logs.output[0])
        self.assertEqual(recurring.turn_ids.order_id.asset_id, self.asset)
        problem = recurring.turn_ids.filtered("problem")
        self.assertEqual(problem.asset_id, bad)
        self.assertEqual(recurring.problem_count, 1)
        self._run_cron()
        self.assertFalse(problem.problem, "tried again by the next night")
        self.assertTrue(problem.order_id)

    def test_machines_of_a_region_before_the_season(self):
        far = self.asset.copy(
            {"name": "In Potsdam", "site_id": self.site_potsdam.id, "serial": "P"}
        )
        other = self.env["res.partner"].create(
            {"name": "Farm", "zip": "13407", "country_id": self.env.ref("base.de").id}
        )
        near = self.asset.copy(
            {"name": "Of the farm", "partner_id": other.id, "site_id": False}
        )
        category = self.env["aftersales.asset.category"].create({"name": "Harvester"})
        (self.asset | near).category_id = category
        self.territory.zip_prefixes = "10,13"
        recurring = self._create_recurring(
            name="Before the season",
            partner_id=False,
            asset_ids=[Command.clear()],
            category_ids=[Command.set(category.ids)],
            territory_id=self.territory.id,
            interval=1,
            interval_unit="year",
            season_first="5",
            season_last="6",
            date_start="2026-03-10",
        )
        far.category_id = category
        recurring.action_update()
        turns = self._get_open(recurring)
        self.assertEqual(turns.asset_id, self.asset | near)
        self.assertEqual(set(turns.mapped("date")), {date(2026, 5, 1)})
        self.assertEqual(turns.partner_id, self.customer | other)
        near.active = False
        recurring.action_update()
        self.assertEqual(self._get_open(recurring).asset_id, self.asset)
        near.active = True
        recurring.action_update()
        self.assertEqual(len(self._get_open(recurring)), 2)

    def test_customer_without_an_asset(self):
        recurring = self._create_recurring(
            target="customer",
            asset_ids=[Command.clear()],
            payer_id=self.payer_contract.id,
        )
        self._run_cron()
        order = recurring.turn_ids.order_id
        self.assertEqual(order.partner_id, self.customer)
        self.assertFalse(order.asset_id)
        self.assertTrue(order.visit_ids)
        recurring.active = False
        self._run_cron()
        self.assertFalse(self._get_open(recurring))

    def test_customer_is_told_once_for_all_machines(self):
        other = self.asset.copy({"name": "Second"})
        recurring = self._create_recurring(
            asset_ids=[Command.set((self.asset | other).ids)]
        )
        self._run_cron()
        mails = self.env["mail.mail"].search(
            [("res_id", "in", recurring.turn_ids.order_id.ids)]
        )
        mails = mails.filtered(lambda mail: mail.model == "aftersales.order")
        self.assertEqual(len(mails), 1)
        for word in ("Second", self.asset.name, "waits for your answer"):
            self.assertIn(word, mails.body_html)

    def test_a_bad_message_stops_no_other(self):
        bad, good = self._create_recurring(), self._create_recurring(name="Other")
        template = self.env.ref("aftersales_field.mail_template_recurring")
        # The mail of the first alone can't be written.
        template.subject = (
            "{{ object.recurring_turn_ids.recurring_id.name == 'Other'"
            " and 'Visit' or object.no_such_field }}"
        )
        with self.assertLogs(LOGGER, "ERROR") as logs:
            self._run_cron()
        order = bad.turn_ids.order_id
        self.assertTrue(order.visit_ids)
        self.assertIn(order.name, logs.output[0])
        self.assertIn("Tell the customer", order.activity_ids.mapped("summary")[0])
        made = good.turn_ids.order_id
        self.assertTrue(made)
        self.assertTrue(
            self.env["mail.mail"].search(
                [("model", "=", made._name), ("res_id", "=", made.id)]
            )
        )

    def test_nonsense_is_refused(self):
        for values, words in (
            ({"template_ids": [Command.clear()]}, "choose the jobs"),
            ({"partner_id": False, "asset_ids": [Command.clear()]}, "choose assets"),
            ({"target": "customer", "partner_id": False}, "choose the customer"),
            ({"target": "customer", "interval": 0, "meter_interval": 5}, "no meter"),
        ):
            with self.subTest(words), self.assertRaisesRegex(ValidationError, words):
                self._create_recurring(**values)

    def test_rights(self):
        recurring = self._create_recurring()
        recurring.action_update()
        for user in (self.anna_user, self.portal_engineer_user, self.storekeeper):
            with self.subTest(user.name), self.assertRaises(AccessError):
                recurring.with_user(user).action_make_now()
            with self.subTest(user.name), self.assertRaises(AccessError):
                recurring.turn_ids.with_user(user).action_make()
        recurring.with_user(self.advisor).action_make_now()
        self.assertTrue(recurring.turn_ids.order_id)

    def test_other_companies_stay_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        recurring = self._create_recurring(
            asset_ids=[Command.clear()], partner_id=self.customer.id
        )
        foreign = self.asset.copy({"name": "Foreign", "company_id": other.id})
        recurring.action_update()
        self.assertNotIn(foreign, recurring.turn_ids.asset_id)

    def test_form(self):
        with Form(
            self.env["aftersales.recurring.visit"].with_user(self.advisor)
        ) as form:
            form.name = "By hand"
            form.partner_id = self.customer
            form.template_ids.add(self.template)
        recurring = form.save()
        action = recurring.action_view_turns()
        self.assertEqual(action["res_model"], "aftersales.recurring.turn")
        self.assertEqual(recurring.date_start, fields.Date.today())


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestRecurringMeter(RecurringCommon):
    def _read(self, *readings):
        meter = self.asset.meter_ids or self.env["aftersales.meter"].create(
            {"asset_id": self.asset.id, "unit": "h"}
        )
        for day, value in readings:
            self.env["aftersales.meter.reading"].create(
                {"meter_id": meter.id, "date": f"{day} 08:00:00", "value": value}
            )

    def test_forecast_from_the_readings(self):
        # 8 hours a day
        self._read(("2026-01-01", 0), ("2026-01-31", 240), ("2026-03-02", 480))
        recurring = self._create_recurring(interval=0, meter_interval=400)
        recurring.action_update()
        turn = self._get_open(recurring)
        self.assertEqual(turn.meter_due, 880)
        self.assertEqual(turn.date, date(2026, 4, 21))
        self._read(("2026-03-12", 860))
        with freeze_time("2026-03-12 09:00:00"):
            self._run_cron()
            turn = recurring.turn_ids
            self.assertEqual(turn.state, "made", "its use went up: it comes earlier")
            self.assertLess(turn.date, date(2026, 4, 1))
            self._run_cron()
            self.assertEqual(len(recurring.turn_ids), 1, "the next counts from this")

    def test_whichever_comes_first(self):
        self._read(("2026-01-01", 0), ("2026-03-02", 60))
        recurring = self._create_recurring(
            interval=5, meter_interval=400, date_start="2026-03-01"
        )
        recurring.action_update()
        self.assertEqual(self._get_open(recurring).date, date(2026, 8, 1))

    def test_next_counts_from_when_it_was_done(self):
        self._read(("2026-01-01", 0), ("2026-03-02", 480))
        recurring = self._create_recurring(
            interval=0, meter_interval=100, payer_id=self.payer_contract.id
        )
        recurring.action_make_now()
        turn = recurring.turn_ids
        order = turn.order_id
        self.assertEqual(order.state, "approved")
        self.assertEqual(len(recurring.turn_ids), 1)
        order.action_cancel(reason="Test of the next one")
        self._read(("2026-03-02", 500))
        self._run_cron()
        following = recurring.turn_ids - turn
        self.assertEqual(following.meter_due, 600)
        self.assertEqual(following.date, date(2026, 3, 14))

    def test_nobody_can_tell_without_a_trend(self):
        recurring = self._create_recurring(interval=0, meter_interval=100)
        recurring.action_update()
        self.assertFalse(recurring.turn_ids, "no meter at all")
        self._read(("2026-03-01", 50))
        recurring.action_update()
        turn = self._get_open(recurring)
        self.assertFalse(turn.date)
        self.assertEqual(turn.meter_due, 150)
        self._run_cron()
        self.assertEqual(turn.state, "open")
        self._read(("2026-03-02", 151))
        self._run_cron()
        self.assertEqual(turn.state, "made")
