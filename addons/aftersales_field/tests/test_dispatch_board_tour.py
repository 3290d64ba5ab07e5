from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import FieldCommon


@tagged("post_install", "-at_install")
class TestDispatchBoardTour(FieldCommon, HttpCase):
    """The board in a browser: tomorrow, whatever the hour it is."""

    browser_size = "1600x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # At work every day: the tour runs on any of them.
        cls.daily = cls._create_calendar("Daily", "UTC", [(8, 17)], range(7))
        employees = cls.employee_anna | cls.employee_ben | cls.employee_carl
        employees.resource_id.write({"calendar_id": cls.daily.id, "tz": "UTC"})
        cls.company.resource_calendar_id = cls.daily
        cls.company.aftersales_optimise_seconds = 1
        cls.dispatcher.tz = "UTC"
        # Carl has no brakes and no territory.
        cls.employee_carl.employee_skill_ids.unlink()
        start = cls.env["res.partner"].create(
            {
                "name": "Depot",
                "partner_latitude": 52.5163,
                "partner_longitude": 13.3777,
            }
        )
        employees.aftersales_start_id = start
        cls.tomorrow = datetime.combine(
            fields.Date.today() + timedelta(days=1), datetime.min.time()
        )

    def _create_scene(self):
        """Return visits: to be planned, Ben's from 11 to 13, Anna's locked at 15."""
        visits = self.env["aftersales.visit"]
        for name, start, employee in (
            ("To Plan", None, None),
            ("Taken", 11, self.employee_ben),
            ("Locked", 15, self.employee_anna),
        ):
            order = self._create_work(2 if start == 11 else 1)
            order.partner_id = self.customer.copy(
                {"name": name, "phone": "+49 30 1234"}
            )
            order.action_approve()
            visit = order.action_create_visit()
            visit.site_id = self.site_mitte
            if start:
                visit.action_plan(
                    start=self.tomorrow.replace(hour=start), technician=employee
                )
            visits += visit
        visits[0].job_ids.write({"skill_ids": self.brakes.ids, "skill_progress": 40})
        visits[2].is_locked = True
        self.env.flush_all()
        return visits

    def test_drag(self):
        visit, taken, _locked = self._create_scene()
        self.start_tour(
            "/odoo/dispatch", "aftersales_dispatch_drag", login=self.dispatcher.login
        )
        self.assertEqual(visit.state, "draft", "planned, and taken back")
        self.assertEqual(taken.state, "draft")

    def test_dialog_and_proposal(self):
        visit, taken, locked = self._create_scene()
        begin = locked.start
        self.start_tour(
            "/odoo/dispatch", "aftersales_dispatch_dialog", login=self.dispatcher.login
        )
        self.assertEqual(visit.state, "planned")
        self.assertEqual(taken.state, "planned")
        self.assertEqual(
            (locked.start, locked.technician_id), (begin, self.employee_anna)
        )

    def test_nobody_moves_what_a_colleague_moved(self):
        visit, _taken, _locked = self._create_scene()
        Dispatch = self.env["aftersales.dispatch"].with_user(self.dispatcher)
        seen = {"employee_id": False, "start": False}
        nine = fields.Datetime.to_string(self.tomorrow.replace(hour=9))
        Dispatch.move_visit(visit.id, self.employee_anna.id, nine, known=seen)
        with self.assertRaisesRegex(UserError, f"{visit.name}.*Anna"):
            Dispatch.move_visit(visit.id, self.employee_ben.id, nine, known=seen)
        self.assertEqual(visit.technician_id, self.employee_anna)
        seen = {"employee_id": self.employee_anna.id, "start": nine}
        Dispatch.move_visit(visit.id, False, False, known=seen)
        self.assertEqual(visit.state, "draft")
        with self.assertRaisesRegex(UserError, "taken off the plan meanwhile"):
            Dispatch.move_visit(visit.id, self.employee_ben.id, nine, known=seen)

    def test_taken_back_with_helpers(self):
        visit, _taken, _locked = self._create_scene()
        Dispatch = self.env["aftersales.dispatch"].with_user(self.dispatcher)
        nine = self.tomorrow.replace(hour=9)
        visit.action_plan(
            start=nine, technician=self.employee_anna, helpers=self.employee_ben
        )
        Dispatch.move_visit(visit.id, False, False)
        Dispatch.move_visit(
            visit.id, self.employee_anna.id, nine, helpers=self.employee_ben.ids
        )
        self.assertEqual(visit.helper_ids, self.employee_ben)

    def test_guests_show_their_whole_day(self):
        visit, taken, locked = self._create_scene()
        other = self.territory.copy({"name": "Elsewhere", "employee_ids": False})
        locked.territory_id = other
        visit.territory_id = other
        visit.action_plan(
            start=self.tomorrow.replace(hour=9), technician=self.employee_ben
        )
        day = self.env["aftersales.dispatch"].get_board(self.tomorrow.date(), other)
        self.assertEqual(
            {each["id"] for each in day["visits"]}, {visit.id, taken.id, locked.id}
        )
        self.assertEqual(
            {each["id"] for each in day["engineers"]},
            {self.employee_anna.id, self.employee_ben.id},
        )

    def test_engineers_move_nothing(self):
        visit, _taken, _locked = self._create_scene()
        Dispatch = self.env["aftersales.dispatch"].with_user(self.anna_user)
        with self.assertRaises(AccessError):
            Dispatch.move_visit(
                visit.id, False, False, known={"employee_id": False, "start": False}
            )
