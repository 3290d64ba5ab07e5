from datetime import date

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..engine import Cycle, Step, find_next
from .common import VehicleCommon


@tagged("post_install", "-at_install")
class TestNextService(BaseCase):
    """The arithmetic: which step is next, at what reading, on what day."""

    def setUp(self):
        super().setUp()
        meters = (5000, 10000, 15000, 20000, 30000, 40000)
        self.cycle = Cycle([Step(km, km, 6) for km in meters])
        self.born = date(2026, 1, 1)

    def _next(self, meter, read_on=None, done=None, per_day=10, born=None):
        found = find_next(
            self.cycle, born, (read_on or date(2026, 3, 1), meter), per_day, done
        )
        return found.step_id, found.planned, found.meter, found.day

    def test_first_service_counts_from_registration(self):
        # 40 a day would be there on day 125, six months come later
        self.assertEqual(
            self._next(0, self.born, per_day=40, born=self.born),
            (5000, 5000, 5000, date(2026, 5, 6)),
        )
        self.assertEqual(
            self._next(1000, per_day=1, born=self.born),
            (5000, 5000, 5000, date(2026, 7, 1)),
        )

    def test_without_reading_the_usual_year_counts(self):
        found = find_next(self.cycle, self.born, None, 50)
        self.assertEqual(found.day, date(2026, 4, 11))
        self.assertIsNone(find_next(self.cycle, None, None, 50))

    def test_next_follows_the_one_done(self):
        done = (10000, date(2026, 2, 1), 10100)
        self.assertEqual(
            self._next(10500, done=done, per_day=50),
            (15000, 15000, 15000, date(2026, 5, 30)),
        )
        self.assertEqual(
            self._next(10500, done=done, per_day=1)[3], date(2026, 8, 1), "by months"
        )

    def test_cycle_begins_again(self):
        done = (40000, date(2026, 2, 1), 40200)
        self.assertEqual(self._next(40200, done=done)[:3], (5000, 45000, 45000))
        done = (30000, date(2026, 2, 1), 71000)
        self.assertEqual(self._next(71500, done=done)[:2], (40000, 80000))
        self.assertEqual(self._next(123456)[:2], (40000, 120000))
        done = (40000, date(2026, 2, 1), 119000)
        self.assertEqual(self._next(119500, done=done)[:2], (5000, 125000))

    def test_steps_of_the_first_round(self):
        self.cycle = Cycle(
            [Step(1, 1000, 0, True), Step(2, 10000), Step(3, 20000, 0, False)]
        )
        self.assertEqual(self._next(0, born=self.born)[:2], (1, 1000))
        done = (3, date(2026, 2, 1), 20100)
        self.assertEqual(self._next(20100, done=done)[:2], (2, 30000))
        self.cycle = Cycle([Step(1, 1000, 0, True)])
        self.assertIsNone(
            find_next(self.cycle, None, (self.born, 1200), 10, (1, self.born, 1100))
        )

    def test_skipped_services_are_not_made_up(self):
        self.assertEqual(self._next(33000)[:2], (30000, 30000))
        done = (10000, date(2026, 2, 1), 10000)
        self.assertEqual(self._next(33000, done=done)[:2], (30000, 30000))

    def test_after_a_late_service_half_the_way_is_driven(self):
        done = (10000, date(2026, 2, 1), 13900)
        self.assertEqual(self._next(14000, done=done)[:3], (15000, 15000, 16400))

    def test_service_of_another_plan(self):
        done = (999, date(2026, 2, 1), 15200)
        self.assertEqual(self._next(15300, done=done)[:2], (20000, 20000))

    def test_a_car_that_stands_still(self):
        self.assertIsNone(self._next(33000, per_day=0, done=None)[3] and None)
        self.assertEqual(self._next(33000, per_day=0)[3], date(2026, 3, 1))
        self.assertIsNone(self._next(1000, per_day=0)[3])
        self.assertIsNone(self._next(1000, per_day=0.0001)[3])

    def test_all_places_are_consistent(self):
        for place in range(60):
            step, planned = self.cycle.get(place)
            self.assertEqual(self.cycle.find_passed(planned), place)
            self.assertEqual(self.cycle.find_passed(planned - 1), place - 1)
            self.assertEqual(self.cycle.find_done(step.id, planned + 900), place)


@tagged("post_install", "-at_install")
class TestMaintenancePlan(VehicleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls._create_plan("By category", category_ids=cls.category_car)

    def test_matrix_of_the_rules_is_shipped(self):
        plan = self.env.ref("aftersales_vehicle.maintenance_plan_car")
        counts = {line.meter: len(line.item_ids) for line in plan.line_ids}
        self.assertEqual(
            counts, {5000: 2, 10000: 6, 15000: 2, 20000: 6, 30000: 6, 40000: 13}
        )
        self.assertTrue(all(plan.line_ids.mapped("driving_note")))

    def test_most_special_plan_wins(self):
        self.assertEqual(self.vehicle._get_maintenance_plan(), self.plan)
        brand = self._create_plan("By brand", fleet_brand_ids=self.brand)
        model = self._create_plan("By model", fleet_model_ids=self.model_sedan)
        self.assertEqual(self.vehicle._get_maintenance_plan(), model)
        coupe = self._create_vehicle(fleet_model_id=self.model_coupe.id)
        self.assertEqual(coupe._get_maintenance_plan(), brand)
        other = self._create_vehicle(fleet_model_id=False)
        self.assertEqual(other._get_maintenance_plan(), self.plan)

    def test_model_years(self):
        old = self._create_plan(
            "Old ones", fleet_model_ids=self.model_sedan, year_to=2020
        )
        self.assertEqual(self.vehicle._get_maintenance_plan(), self.plan)
        self.vehicle.model_year = 2020
        self.assertEqual(self.vehicle._get_maintenance_plan(), old)

    def test_plan_of_another_company_is_not_taken(self):
        company = self.env["res.company"].create({"name": "Second garage"})
        self._create_plan(
            "Theirs", company_id=company.id, fleet_model_ids=self.model_sedan
        )
        self.assertEqual(self.vehicle._get_maintenance_plan(), self.plan)
        own = self._create_plan(
            "Ours", company_id=self.company.id, category_ids=self.category_car
        )
        self.assertEqual(self.vehicle._get_maintenance_plan(), own)

    def test_plan_without_models_is_for_none(self):
        self.plan.active = False
        self._create_plan("For nobody")
        self.assertFalse(self.vehicle._get_maintenance_plan())

    @mute_logger("odoo.sql_db")
    def test_two_services_at_one_reading_are_refused(self):
        for meter, error in ((0, CheckViolation), (5000, UniqueViolation)):
            with self.assertRaises(error), self.env.cr.savepoint():
                self.env["aftersales.maintenance.plan.line"].create(
                    {"plan_id": self.plan.id, "name": "Wrong", "meter": meter}
                )

    def test_job_takes_the_lines_of_its_items_for_the_model(self):
        service = self.plan.line_ids[0]
        values = service._prepare_job_values(self.vehicle)
        order = self._create_order(asset_id=self.vehicle.id)
        order.write({"job_ids": [Command.create(values)]})
        job = order.job_ids[-1]
        self.assertEqual(job.maintenance_line_id, service)
        self.assertEqual(job.description, "Engine oil\nOil filter")
        self.assertEqual(
            job.line_ids.mapped("product_id"), self.part_avco | self.labour
        )

    def test_other_material_than_specified_warns(self):
        service = self.plan.line_ids[0]
        oil = service.item_ids[0]
        oil.write(
            {
                "is_specified": True,
                "material_ids": [
                    Command.create(
                        {
                            "fleet_model_ids": [Command.link(self.model_sedan.id)],
                            "product_ids": [Command.link(self.part_avco.id)],
                        }
                    ),
                    Command.create(
                        {
                            "fleet_model_ids": [Command.link(self.model_coupe.id)],
                            "product_ids": [Command.link(self.part_fifo.id)],
                        }
                    ),
                ],
            }
        )
        coupe = self._create_vehicle(
            fleet_model_id=self.model_coupe.id, serial=self.VIN_EUROPE, plate="C 1"
        )
        orders = self.env["aftersales.order"]
        for car in self.vehicle, coupe:
            values = service._prepare_job_values(self.vehicle)
            orders += self._create_order(
                asset_id=car.id, job_ids=[Command.create(values)]
            )
        right, wrong = orders
        self.assertFalse(right.job_ids.material_warning)
        self.assertIn(self.part_avco.name, wrong.job_ids.material_warning)
        self.assertIn("C 1", wrong.job_ids.material_warning)
        self.assertIn(wrong.job_ids.material_warning, wrong.missing)
        self.assertNotIn("specif", right.missing or "")

    def test_driving_notes_are_of_the_last_service(self):
        self.plan.line_ids[1].driving_note = "Gently"
        self.assertFalse(self.vehicle._get_driving_notes())
        Due = self.env["aftersales.due"]
        due = Due._get_or_create(self.vehicle, self.plan.line_ids[1], 10000)
        due.action_done_elsewhere(meter=10000)
        self.assertEqual(self.vehicle._get_driving_notes(), "Gently")
        self.assertEqual(self.asset._get_driving_notes(), "")

    def test_copied_service_is_at_the_next_free_reading(self):
        lines = self.plan.line_ids
        copied = lines[:1].copy()
        self.assertEqual(copied.meter, lines[-1:].meter + lines[:1].meter)
        self.assertNotEqual(copied.name, lines[:1].name)
        again = self.plan.copy()
        self.assertEqual(
            again.line_ids.mapped("meter"), [*lines.mapped("meter"), copied.meter]
        )
