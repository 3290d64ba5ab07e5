from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PlanningCommon


@freeze_time("2026-03-02 06:00:00")
@tagged("post_install", "-at_install")
class TestAccess(PlanningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block = cls.env["aftersales.booking"].create(
            {
                "resource_id": cls.bay.id,
                "start": "2026-03-02 07:00:00",
                "stop": "2026-03-02 08:00:00",
            }
        )

    def test_who_reads_and_who_books(self):
        for user in (self.technician, self.advisor, self.manager, self.storekeeper):
            self.assertTrue(self.block.with_user(user).name)
        for user in (self.technician, self.storekeeper):
            with self.assertRaises(AccessError):
                self.block.with_user(user).start = self._local("2026-03-02 07:30")
            with self.assertRaises(AccessError):
                self.block.with_user(user).action_cancel()
        self.block.with_user(self.advisor).stop = self._local("2026-03-02 09:30")
        with self.assertRaises(AccessError):
            self.block.with_user(self.advisor).unlink()
        self.block.with_user(self.manager).unlink()

    def test_another_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.manager.write(
            {"company_ids": [(6, 0, company.ids)], "company_id": company.id}
        )
        manager = self.block.with_user(self.manager).with_company(company)
        self.assertFalse(manager.search([("id", "=", self.block.id)]))
        with self.assertRaises(AccessError):
            manager.start = self._local("2026-03-02 07:30")

    def test_advisor_finds_times_without_rights_in_employees_or_stock(self):
        self._stock(self.part_avco, 1)
        order = self._create_work(
            1, parts=[self.part_avco], skill_ids=[self.brakes.id], skill_progress=60
        )
        slot = order.with_user(self.advisor).get_slots()[0]
        self.assertEqual(slot["resources"]["technician"], self.anna.ids)
        self.assertTrue(
            order.with_user(self.advisor).explain_slot(self._local("2026-03-01 09:00"))
        )

    def test_technician_asks_about_own_orders_alone(self):
        mine = self._create_work(1, technician_id=self.employee.id)
        other = self._create_work(1)
        self.env.invalidate_all()
        self.assertTrue(mine.with_user(self.technician).get_slots())
        with self.assertRaises(AccessError):
            other.with_user(self.technician).get_slots()
        for step in ("action_book", "action_unbook", "action_arrive", "action_promise"):
            with self.assertRaises(AccessError):
                getattr(mine.with_user(self.technician), step)()

    def test_hosts_open_job_templates_and_resources(self):
        template = self.env["aftersales.job.template"].create(
            {
                "name": "Oil change",
                "skill_ids": self.brakes.ids,
                "resource_type_ids": self.lift.ids,
            }
        )
        resource_view = self.env.ref("aftersales_planning.resource_view_form").id
        hosts = (
            self.storekeeper,
            self.accountant,
            self._create_user("auditor", "account.group_account_readonly"),
            self._create_user("salesman", "sales_team.group_sale_salesman"),
            self._create_user("purchaser", "purchase.group_purchase_user"),
        )
        for user in hosts:
            for records, view in ((template, False), (self.bay, resource_view)):
                with self.subTest(user=user.login, model=records._name):
                    self._read_form(records.with_user(user), view)

    def _read_form(self, record, view):
        """Read what the form of this record reads."""
        view = record.get_views([(view, "form")])
        arch = view["views"]["form"]["arch"]
        known = view["models"][record._name]["fields"]
        record.web_read(
            {
                name: {"fields": {"display_name": {}}}
                if record._fields[name].relational
                else {}
                for name in known
                if f'name="{name}"' in arch
            }
        )
