from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_visit_close import PNG
from .van_common import VanCommon

MORNING = "2026-03-02 09:00"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestTwoCompanies(VanCommon):
    """Whoever works for two companies, with the other one in front.

    ``_there(record, user)``: the record as they see it. What comes of it is of the
    company of the record: numbers, price list, accounts, van and bookings.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create(
            {"name": "Other", "currency_id": cls.env.ref("base.EUR").id}
        )
        users = cls.anna_user | cls.ben_user | cls.dispatcher | cls.manager
        users |= cls.storekeeper | cls.accountant
        users.company_ids = [Command.link(cls.other.id)]
        # An engineer of both: the other company has a van and a file of its own.
        cls.twin = cls.env["hr.employee"].create(
            {"name": "Anna", "user_id": cls.anna_user.id, "company_id": cls.other.id}
        )
        warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.other.id)], limit=1
        )
        cls.twin.aftersales_van_id = cls.env["stock.location"].create(
            {
                "name": "Van there",
                "location_id": warehouse.aftersales_vans_loc_id.id,
                "aftersales_is_van": True,
                "company_id": cls.other.id,
            }
        )
        for company, prefix in ((cls.company, "HERE/"), (cls.other, "THERE/")):
            for code in ("aftersales.visit", "aftersales.order"):
                cls.env["ir.sequence"].create(
                    {
                        "name": code,
                        "code": code,
                        "prefix": prefix,
                        "company_id": company.id,
                    }
                )
        for company, percent in ((cls.company, 50.0), (cls.other, 90.0)):
            cls.customer.with_company(company).property_product_pricelist = cls.env[
                "product.pricelist"
            ].create(
                {
                    "name": f"List of {company.name}",
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                    "item_ids": [
                        Command.create(
                            {"compute_price": "percentage", "percent_price": percent}
                        )
                    ],
                }
            )

    def _there(self, record, user=None):
        return record.with_user(user or self.anna_user).with_context(
            allowed_company_ids=[self.other.id, self.company.id]
        )

    def _begin(self, start=MORNING):
        visit = self._create_visit(1, start)
        own = self._there(visit)
        own.action_travel()
        own.action_arrive()
        return visit, own

    def _finish(self, visit, own):
        visit.job_ids.write({"cause": "Worn", "correction": "Replaced"})
        own.record_opinion(5)
        own.record_signature("Wang Fang", PNG)
        own.action_finish("fixed")

    def test_number_of_a_visit(self):
        order = self._create_work(1)
        order.action_approve()
        visit = self._there(order, self.dispatcher).action_create_visit()
        self.assertTrue(visit.name.startswith("HERE/"), visit.name)
        self.assertEqual(visit.company_id, self.company)

    def test_consent_has_the_price_of_the_visits_company(self):
        visit, own = self._begin()
        found = self._add_job(visit.order_id, [(self.labour, 1)], name="Seal")
        cover = own.get_cover()
        self.assertEqual((cover["waiting"], cover["currency"]), (40.0, "USD"))
        self.assertEqual(cover["jobs"][1]["price_list"], f"List of {self.company.name}")
        own.action_consent([found.id], signer="Wang Fang", signature=PNG)
        sale = found.line_ids.sale_line_ids.order_id
        self.assertEqual(sale.company_id, self.company)
        self.assertEqual(found.amount_total, 40.0)
        self.assertEqual(found.technician_id, self.employee_anna)
        answer = visit.approval_ids
        self.assertEqual((answer.method, answer.amount_total), ("site", 40.0))

    def test_refused(self):
        visit, own = self._begin()
        found = self._add_job(visit.order_id, [(self.labour, 1)], name="Seal")
        own.action_refuse_paid("Too dear", [found.id], signer="Wang Fang")
        self.assertEqual(found.state, "declined")
        own.action_finish("declined")
        self.assertTrue(visit.next_ids.name.startswith("HERE/"))
        self.assertEqual(visit.next_ids.company_id, self.company)

    def test_steps_are_of_the_file_in_that_company(self):
        visit, own = self._begin()
        job = visit.job_ids
        job.with_user(self.anna_user).action_clock_on(employee=self.employee_anna)
        self._finish(visit, own)
        self.assertEqual(visit.stamp_ids.employee_id, self.employee_anna)
        entries = self.env["aftersales.clock.entry"].search(
            [("order_id", "=", visit.order_id.id)]
        )
        self.assertEqual(entries.employee_id, self.employee_anna)
        self.assertEqual(entries.company_id, self.company)
        self.assertTrue(all(entries.mapped("stop")))

    def test_bill_and_paper(self):
        visit, own = self._begin()
        self._finish(visit, own)
        order = visit.order_id
        self.assertEqual(order.state, "quality")
        own.action_print_service()
        self.assertEqual(visit.form_issue_ids.company_id, self.company)
        self._there(order, self.dispatcher).action_pass_quality()
        self._there(order, self.accountant).action_invoice()
        invoice = order.invoice_ids
        self.assertEqual(invoice.company_id, self.company)
        self.assertEqual(invoice.amount_total, 40.0)
        self.assertEqual(invoice.line_ids.account_id.company_ids, self.company)
        self.assertEqual(invoice.journal_id.company_id, self.company)

    def test_hand_over(self):
        visit, own = self._begin()
        own.action_hand_over(self.employee_ben.id, note="The rest is yours")
        self.assertEqual(visit.technician_id, self.employee_ben)
        self.assertEqual(visit.booking_ids.company_id, self.company)
        stamp = visit.stamp_ids.filtered(lambda each: each.kind == "hand_over")
        self.assertEqual(stamp.employee_id, self.employee_anna)
        with self.assertRaisesRegex(Exception, "Choose one engineer"):
            self._there(visit, self.ben_user).action_hand_over(self.twin.id, note="x")

    def test_part_from_the_van_here(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 3)
        visit, own = self._begin()
        line = own.action_use_part(self.part_avco.id, 1).sudo()
        record = visit.part_ids
        self.assertEqual(record.employee_id, self.employee_anna)
        own.action_consent(signer="Wang Fang", signature=PNG)
        self.assertEqual((line.qty_used, record.state), (1, "done"))
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 2)
        self.assertEqual(line.move_ids.company_id, self.company)
        self.assertEqual(line.cost, 10.0, "as this company values it")

    def test_count_is_of_the_van_that_is_meant(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 3)
        self.company.aftersales_van_tolerance = 1000.0
        self.other.aftersales_van_tolerance = 0.0
        counts = [{"product_id": self.part_avco.id, "quantity": 2}]
        Visit = self.env["aftersales.visit"].with_user(self.anna_user)
        result = Visit.with_company(self.company).count_van(counts)
        self.assertEqual(result["booked"], 1)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 2)
        # The store, with the other company in front, counts the same van.
        store = self._there(self.env["aftersales.visit"], self.storekeeper)
        counts[0]["quantity"] = 1
        result = store.count_van(counts, employee=self.employee_anna.id)
        self.assertEqual(result["booked"], 1, "the tolerance of the van's company")
        move = self.env["stock.move"].search(
            [("product_id", "=", self.part_avco.id), ("is_inventory", "=", True)]
        )
        self.assertEqual(move.company_id, self.company)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 1)

    def test_recurring_visits(self):
        template = self.env["aftersales.job.template"].create(
            {
                "name": "Maintenance",
                "line_ids": [
                    Command.create({"product_id": self.labour.id, "product_uom_qty": 2})
                ],
            }
        )
        self.asset.site_id = self.site_mitte
        recurring = self.env["aftersales.recurring.visit"].create(
            {
                "name": "Yearly",
                "company_id": self.company.id,
                "asset_ids": [Command.set(self.asset.ids)],
                "template_ids": [Command.set(template.ids)],
                "date_start": "2026-03-02",
            }
        )
        there = self._there(recurring, self.dispatcher)
        there.action_update()
        there.action_make_now()
        order = recurring.turn_ids.order_id[:1]
        self.assertEqual(order.company_id, self.company)
        self.assertTrue(order.name.startswith("HERE/"), order.name)
        self.assertTrue(order.visit_ids.name.startswith("HERE/"))
        self.assertEqual(order.amount_total, 80.0)
        self.assertEqual(order.job_ids.line_ids.payer_id, self.payer_customer)
        self.assertEqual(order.sale_order_ids.company_id, self.company)

    def test_plan_of_a_day(self):
        visit = self._create_visit(1, site=self.site_mitte)
        Plan = self._there(self.env["aftersales.dispatch.plan"], self.dispatcher)
        plan = Plan.create({"date": "2026-03-03", "company_id": self.company.id})
        plan.action_optimise()
        self.assertEqual(plan.line_ids.visit_id, visit)
        plan.action_accept()
        self.assertEqual(visit.state, "planned")
        self.assertEqual(visit.technician_id.company_id, self.company)
        self.assertEqual(visit.booking_ids.company_id, self.company)

    def test_nothing_shows_while_the_company_is_not_chosen(self):
        visit, _own = self._begin()
        for user in (self.anna_user, self.dispatcher):
            hidden = visit.with_user(user).with_context(
                allowed_company_ids=self.other.ids
            )
            self.assertFalse(hidden.search([("id", "=", visit.id)]))
            with self.assertRaises(AccessError):
                hidden.check_access("read")
        hidden = visit.with_user(self.dispatcher).with_context(
            allowed_company_ids=self.other.ids
        )
        for step in (
            lambda: hidden.action_finish("fixed"),
            lambda: hidden.action_consent(signer="x", signature=PNG),
            lambda: hidden.action_refuse_paid("x"),
            lambda: hidden.action_hand_over(note="x"),
        ):
            with self.assertRaises(AccessError):
                step()
        Plan = self.env["aftersales.dispatch.plan"].with_user(self.dispatcher)
        plan = Plan.with_context(allowed_company_ids=self.other.ids).create(
            {"date": "2026-03-02", "company_id": self.other.id}
        )
        self.assertFalse(plan.line_ids.visit_id & visit)
