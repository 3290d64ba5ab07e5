from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import PlanningCommon


@tagged("post_install", "-at_install")
class TestResource(PlanningCommon):
    def test_types_are_of_the_role(self):
        with self.assertRaisesRegex(ValidationError, "Bay 1.*Diagnosis"):
            self.bay.aftersales_type_ids = [Command.link(self.tester.id)]

    def test_a_role_needs_a_company(self):
        with self.assertRaisesRegex(ValidationError, "Bay 1"):
            self.bay.company_id = False

    def test_places_are_of_the_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        team = self.env["aftersales.team"].create(
            {"name": "Elsewhere", "company_id": company.id}
        )
        with self.assertRaisesRegex(ValidationError, "Elsewhere"):
            (self.bay | self.bay_alignment).write({"aftersales_team_id": team.id})

    def test_booked_resource_stays(self):
        self._create_booking(self.bay, "2026-03-02 08:00", "2026-03-02 09:00")
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.bay.unlink()

    def test_clock_of_a_bay_is_that_of_its_calendar(self):
        form = Form(
            self.env["resource.resource"].with_context(
                default_aftersales_role="bay", default_resource_type="material"
            ),
            view="aftersales_planning.resource_view_form",
        )
        form.name = "Bay 9"
        form.calendar_id = self.calendar_shanghai
        self.assertEqual(form.save().tz, "Asia/Shanghai")

    def test_manager_plans_and_leaves_people_to_employees(self):
        manager = self.bay.with_user(self.manager)
        manager.name = "Bay One"
        clerk = self.env["hr.employee"].create(
            {"name": "Clerk", "company_id": self.company.id}
        )
        clerk.resource_id.with_user(self.manager).aftersales_role = "technician"
        self.assertEqual(clerk.resource_id.aftersales_role, "technician")
        with self.assertRaises(AccessError):
            clerk.resource_id.with_user(self.manager).calendar_id = False
        with self.assertRaises(AccessError):
            self.bay.with_user(self.advisor).name = "Mine"

    def test_needs_of_the_template_come_to_the_job(self):
        template = self.env["aftersales.job.template"].create(
            {
                "name": "Alignment",
                "skill_ids": [Command.set(self.brakes.ids)],
                "skill_progress": 60,
                "resource_type_ids": [Command.set((self.alignment | self.tester).ids)],
                "work_span": "none",
            }
        )
        order = self._create_order({"lines": [], "template_id": template.id})
        job = order.job_ids
        self.assertEqual(job.skill_ids, self.brakes)
        self.assertEqual(job.skill_progress, 60)
        self.assertEqual(job.resource_type_ids, self.alignment | self.tester)
        self.assertEqual(job.work_span, "none")
        template.skill_progress = 80
        other = self._create_order({"lines": [], "template_id": template.id})
        self.assertEqual(other.job_ids.skill_progress, 80)
        self.assertEqual(job.skill_progress, 60, "what was agreed stays")

    def test_technicians_are_found_by_skill_and_not_by_type(self):
        kind = self.env["aftersales.resource.type"].create(
            {"name": "Painter", "role": "technician"}
        )
        with self.assertRaisesRegex(ValidationError, "Painter"):
            self.env["aftersales.job.template"].create(
                {"name": "Paint", "resource_type_ids": [Command.link(kind.id)]}
            )

    def test_hours_of_a_job(self):
        day = self.env.ref("uom.product_uom_day")
        daily = self.env["product.product"].create(
            {"name": "Mechanic's day", "type": "service", "uom_id": day.id}
        )
        order = self._create_order([(self.labour, 1.5), (daily, 1), (self.fee, 3)])
        self.assertEqual(order.job_ids.hours_planned, 9.5)

    def test_online_booking_is_looked_up_once(self):
        companies = self.company | self.env["res.company"].create({"name": "Other"})
        companies.aftersales_online_booking = True
        self.env.flush_all()
        self.assertTrue(self.company._has_online_booking())
        with self.assertQueryCount(0):
            self.assertTrue(self.company._has_online_booking())
        self.bay.sudo().search(
            [("company_id", "=", self.company.id), ("aftersales_role", "!=", False)]
        ).active = False
        self.assertFalse(self.company._has_online_booking())
