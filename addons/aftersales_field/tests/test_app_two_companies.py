from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_app_workshop import WorkshopCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestAppTwoCompanies(WorkshopCommon):
    """The phone of who works for two companies: it does not say which is in front."""

    def setUp(self):
        super().setUp()
        self.elsewhere = self.env["res.company"].create(
            {"name": "Elsewhere", "currency_id": self.company.currency_id.id}
        )
        self.anna_user.company_ids = [Command.link(self.elsewhere.id)]
        self.anna_user.company_id = self.elsewhere
        self.visit = self._create_visit(1, "2026-03-02 14:00")
        self.order.action_start()
        self.env.invalidate_all()

    def _get_operations(self):
        return self.env["aftersales.field.operation"].search(
            [("user_id", "=", self.anna_user.id)]
        )

    def _check_work_here(self):
        self.phone.pull()
        self.assertTrue(self.phone.get_job(self.job))
        self.assertTrue(self.phone.visits[self.visit.id]["is_lead"])
        job = self.visit.job_ids
        self.phone.do("arrive", self.visit, ago={"minutes": 60})
        self.phone.do("clock_on", self.visit, ago={"minutes": 50}, job_id=job.id)
        self.phone.do("clock_on", self.order, ago={"minutes": 20}, job_id=self.job.id)
        results = self.phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertEqual(self.phone.get_job(self.job)["clock"], "work")
        operations = self._get_operations()
        self.assertEqual(operations.company_id, self.company)
        self.assertEqual(operations.employee_id, self.employee_anna)
        self.assertEqual(self.visit.stamp_ids.employee_id, self.employee_anna)
        entries = self.env["aftersales.clock.entry"].search(
            [("job_id", "in", (job | self.job).ids)]
        )
        self.assertEqual(entries.employee_id, self.employee_anna)

    def test_work_of_the_company_that_is_not_in_front(self):
        answer = self.phone.pull()
        self.assertEqual(answer["user"]["employee_id"], self.employee_anna.id)
        self._check_work_here()

    def test_employee_in_both(self):
        twin = self.env["hr.employee"].create(
            {
                "name": "Anna",
                "user_id": self.anna_user.id,
                "company_id": self.elsewhere.id,
            }
        )
        answer = self.phone.pull()
        self.assertEqual(answer["user"]["employee_id"], twin.id)
        self._check_work_here()

    def test_nothing_of_a_company_that_was_left(self):
        self.anna_user.company_ids = [Command.set(self.elsewhere.ids)]
        self.phone.pull()
        self.assertFalse(self.phone.orders)
        self.assertFalse(self.phone.visits)
