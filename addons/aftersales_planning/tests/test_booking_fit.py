from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import PlanningCommon


@freeze_time("2026-03-02 06:00:00")  # Monday, seven o'clock in Berlin
@tagged("post_install", "-at_install")
class TestBookingFit(PlanningCommon):
    def _book(self, **job):
        order = self._create_work(2, **job)
        order.action_book(start=self._local("2026-03-02 09:00"))
        return order

    def _get(self, order, role):
        return order._get_active_bookings().filtered(lambda each: each.role == role)

    def test_technician_without_the_skill(self):
        order = self._book(skill_ids=self.brakes.ids, skill_progress=60, name="Brakes")
        person = self._get(order, "technician")
        words = r"Ben does not suit.*“Brakes” needs Brakes \(60 %\)"
        with self.assertRaisesRegex(UserError, words):
            person.resource_id = self.ben
        with self.assertRaisesRegex(UserError, words):
            person.with_user(self.advisor).action_move(resource_id=self.ben.id)
        carl = self._create_technician("Carl", {self.brakes: 80}).resource_id
        person.with_user(self.advisor).action_move(resource_id=carl.id)
        self.assertEqual(person.resource_id, carl)
        with self.assertRaisesRegex(UserError, r"“Brakes” needs Brakes \(60 %\).*Ben"):
            order.action_rebook(resources={"technician": self.ben.ids})

    def test_skill_is_asked_for_once_work_has_begun(self):
        order = self._approve(self._create_work(2, skill_ids=self.electrics.ids))
        order.action_book(start=self._local("2026-03-02 09:00"))
        order.action_arrive()
        order.action_start()
        with self.assertRaisesRegex(UserError, "Ben does not suit.*Electrics"):
            self._get(order, "technician").action_move(
                start=self._local("2026-03-02 10:00"), resource_id=self.ben.id
            )

    def test_bay_without_the_bench(self):
        order = self._book(resource_type_ids=self.alignment.ids)
        with self.assertRaisesRegex(UserError, "Bay 1 does not suit.*Alignment"):
            self._get(order, "bay").write({"resource_id": self.bay.id})

    def test_tool_of_another_type(self):
        order = self._book(resource_type_ids=self.tester.ids)
        gauge = self._create_resource("Gauge", "tool")
        with self.assertRaisesRegex(UserError, "Gauge does not suit.*Diagnosis"):
            self._get(order, "tool").write({"resource_id": gauge.id})
        other = self._create_resource("Tester 2", "tool", self.tester)
        self._get(order, "tool").write({"resource_id": other.id})

    def test_resource_of_another_team_or_role(self):
        order = self._book()
        bay = self._get(order, "bay")
        team = self.env["aftersales.team"].create(
            {"name": "Body Shop", "company_id": self.company.id}
        )
        paint = self._create_resource("Paint", "bay", aftersales_team_id=team.id)
        with self.assertRaisesRegex(UserError, "kept for work orders of Body Shop"):
            bay.resource_id = paint
        with self.assertRaisesRegex(UserError, "Tester 1 is not a bay"):
            bay.resource_id = self.tool
        with self.assertRaisesRegex(ValidationError, "is not a tool"):
            bay.role = "tool"

    def test_second_technician_answers_for_the_own_jobs(self):
        order = self._create_work(1, technician_id=self.employee_anna.id)
        order.job_ids.skill_ids = self.electrics
        order.job_ids.copy({"order_id": order.id}).write(
            {
                "technician_id": self.employee_ben.id,
                "skill_ids": [Command.set(self.brakes.ids)],
            }
        )
        carl = self._create_technician("Carl", {self.brakes: 40}).resource_id
        order.action_book(start=self._local("2026-03-02 09:00"))
        people = self._get(order, "technician")
        second = people.filtered(lambda each: each.resource_id == self.ben)
        second.resource_id = carl
        with self.assertRaisesRegex(UserError, "Carl does not suit.*Electrics"):
            (people - second).resource_id = carl

    def test_technician_without_the_skill_is_not_added(self):
        order = self._create_work(2, skill_ids=self.brakes.ids, skill_progress=60)
        Booking = self.env["aftersales.booking"].with_user(self.advisor)
        values = {
            "order_id": order.id,
            "start": self._local("2026-03-02 09:00"),
            "stop": self._local("2026-03-02 11:00"),
        }
        with self.assertRaisesRegex(UserError, "Ben does not suit.*Brakes"):
            Booking.create({**values, "resource_id": self.ben.id})
        self.assertTrue(Booking.create({**values, "resource_id": self.anna.id}))
