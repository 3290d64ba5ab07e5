import re

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_visit_close import PNG, CloseCommon

SUNDAY = "2026-03-08 10:00"
REASON = "The customer wants it so"


class FeeCommon(CloseCommon):
    """``fees`` by occasion: ``always`` 25, ``hours`` 40, ``holiday`` 60, ``urgent`` 30.

    ``_plan(visit, start)`` also at times when nobody works; ``_get_names(visit)``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fees = {
            occasion: cls._create_fee(occasion, price)
            for occasion, price in (
                ("always", 25.0),
                ("hours", 40.0),
                ("holiday", 60.0),
                ("urgent", 30.0),
            )
        }

    @classmethod
    def _create_fee(cls, occasion, price, **values):
        product = cls.env["product.product"].create(
            {
                "name": f"Fee {occasion}",
                "type": "service",
                "list_price": price,
                "taxes_id": [Command.clear()],
            }
        )
        return cls.env["aftersales.visit.fee"].create(
            {
                "name": f"Fee {occasion}",
                "occasion": occasion,
                "product_id": product.id,
                "company_id": cls.company.id,
                **values,
            }
        )

    def _plan(self, visit, start, technician=None):
        visit.with_user(self.manager).action_plan(
            start=self._local(start),
            technician=technician or self.employee_anna,
            reason=REASON,
        )
        return visit

    def _get_names(self, visit):
        jobs = visit.sudo().fee_job_ids.filtered(lambda job: job.state != "cancel")
        return sorted(name.removeprefix("Fee ") for name in jobs.mapped("name"))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestVisitFee(FeeCommon):
    def test_when_a_visit_costs_more(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Women's Day",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": self._local("2026-03-06 00:00"),
                "date_to": self._local("2026-03-06 23:59"),
            }
        )
        visit = self._create_visit(1)
        for start, names in (
            ("2026-03-03 08:00", ["always"]),
            ("2026-03-03 12:30", ["always"]),
            ("2026-03-03 16:59", ["always"]),
            ("2026-03-03 17:00", ["always", "hours"]),
            ("2026-03-04 03:00", ["always", "hours"]),
            ("2026-03-06 10:00", ["always", "holiday"]),
            (SUNDAY, ["always", "holiday"]),
        ):
            with self.subTest(start):
                self._plan(visit, start)
                self.assertEqual(self._get_names(visit), names)

    def test_urgent_calls_cost_more_also_when_said_later(self):
        visit = self._create_visit(1, "2026-03-03 09:00")
        self.assertEqual(self._get_names(visit), ["always"])
        visit.order_id.priority = "1"
        self.assertEqual(self._get_names(visit), ["always", "urgent"])
        visit.order_id.priority = "0"
        self.assertEqual(self._get_names(visit), ["always"])

    def test_it_waits_for_the_customers_yes_like_other_work(self):
        visit = self._plan(self._create_visit(1), SUNDAY)
        order = visit.order_id
        jobs = visit.fee_job_ids
        self.assertEqual(set(jobs.mapped("state")), {"proposed"})
        self.assertEqual(jobs & order._get_waiting_jobs(), jobs, "on the portal")
        self.assertEqual(visit.get_cover()["waiting"], 85.0)
        self.assertFalse(jobs & visit.job_ids)
        self.assertEqual(visit.duration, 1.0)
        order.action_approve()
        self.assertEqual(set(jobs.mapped("state")), {"approved"})

    def test_bill_to_the_cent(self):
        tax = self.env["account.tax"].create(
            {"name": "VAT", "amount": 19, "company_id": self.company.id}
        )
        price_list = self.env["product.pricelist"].create(
            {
                "name": "Regulars",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": self.fees["holiday"].product_id.id,
                            "compute_price": "fixed",
                            "fixed_price": 49.99,
                        }
                    )
                ],
            }
        )
        self.customer.with_company(self.company).property_product_pricelist = price_list
        self.fees["holiday"].product_id.taxes_id = [Command.set(tax.ids)]
        self.fees["always"].active = False
        visit = self._plan(self._create_visit(1), SUNDAY)
        with freeze_time("2026-03-08 09:00:00"):
            own = visit.with_user(self.anna_user)
            own.action_arrive()
            self.assertEqual(own.get_cover()["waiting"], 59.49)
            with self.assertRaisesRegex(Exception, "yes or no to: Fee holiday"):
                self._write_down(own)
                own.action_finish("fixed")
            own.action_consent(signer="Wang Fang", signature=PNG)
            own.action_finish("fixed")
        order = visit.order_id
        self.assertEqual(order.state, "quality", "a fee needs neither cause nor hours")
        order.action_pass_quality()
        order.action_invoice()
        invoices = order.invoice_ids
        self.assertEqual(sum(invoices.mapped("amount_untaxed")), 129.99)
        self.assertEqual(sum(invoices.mapped("amount_total")), 139.49)

    def test_refused_at_the_door_is_not_billed_nor_asked_again(self):
        visit = self._plan(self._create_visit(1), SUNDAY)
        with freeze_time("2026-03-08 09:00:00"):
            own = visit.with_user(self.anna_user)
            own.action_arrive()
            own.action_refuse_paid("Nobody told us", signer="Wang Fang")
            self._write_down(own)
            own.action_finish("fixed")
        self.assertEqual(visit.order_id.amount_total, 80.0)
        visit.order_id._sync_visit_fees()
        self.assertEqual(set(visit.fee_job_ids.mapped("state")), {"declined"})

    def test_replay_replan_and_hand_over_double_nothing(self):
        visit = self._plan(self._create_visit(1), SUNDAY)
        jobs = visit.fee_job_ids
        self._plan(visit, SUNDAY)
        self._plan(visit, "2026-03-08 12:00")
        self._plan(visit, "2026-03-15 10:00", self.employee_ben)
        visit.order_id._sync_visit_fees()
        self.assertEqual(visit.fee_job_ids, jobs)
        self.assertEqual(len(visit.order_id.sale_order_ids.order_line.product_id), 3)

    def test_moved_into_the_week_costs_less(self):
        visit = self._plan(self._create_visit(1), SUNDAY)
        self._plan(visit, "2026-03-09 10:00")
        self.assertEqual(self._get_names(visit), ["always"])
        self.assertEqual(visit.order_id.amount_total, 105.0)
        self._plan(visit, SUNDAY)
        visit.order_id.action_approve()
        agreed = visit.fee_job_ids.filtered(lambda job: "holiday" in job.name)
        self._plan(visit, "2026-03-09 10:00")
        self.assertEqual(agreed.state, "cancel")
        self.assertEqual(visit.order_id.amount_total, 105.0)
        self._plan(visit, SUNDAY)
        self.assertEqual(self._get_names(visit), ["always", "holiday"])
        fresh = visit.fee_job_ids.filtered(lambda job: "holiday" in job.name)
        self.assertEqual(fresh.state, "proposed", "asked again")

    def test_second_visit_of_the_order_costs_nothing_more(self):
        one = self._plan(self._create_visit(1), SUNDAY)
        order = one.order_id
        two = self.env["aftersales.visit"].create({"order_id": order.id})
        self.assertFalse(two.job_ids & one.fee_job_ids)
        self._plan(two, "2026-03-15 10:00")
        self.assertEqual(self._get_names(two), [])
        one.action_cancel("Too soon")
        self.assertEqual(self._get_names(one), [])
        self.assertEqual(self._get_names(two), ["always", "holiday"])

    def test_each_visit_costs_where_the_office_says_so(self):
        self.fees["always"].is_once = False
        one = self._create_visit(1, "2026-03-03 09:00")
        two = self.env["aftersales.visit"].create({"order_id": one.order_id.id})
        self._plan(two, "2026-03-04 09:00")
        self.assertEqual(self._get_names(one | two), ["always", "always"])

    def test_batch_of_two(self):
        one, two = self._create_visit(1), self._create_visit(1)
        self.env["aftersales.visit"]._plan_all(
            [
                (visit, self._local(start), self.employee_anna, self.env["hr.employee"])
                for visit, start in ((one, SUNDAY), (two, "2026-03-08 14:00"))
            ],
            REASON,
        )
        for visit in (one, two):
            self.assertEqual(self._get_names(visit), ["always", "holiday"])
        (one | two).action_cancel("Strike")
        self.assertFalse((one | two).fee_job_ids)
        self.assertFalse((one | two).order_id.job_ids.fee_id)

    def test_cancelled_before_anybody_set_off_costs_nothing(self):
        visit = self._create_visit(1, "2026-03-03 09:00")
        visit.order_id.action_approve()
        visit.action_unplan()
        self.assertFalse(visit.fee_job_ids)
        visit.action_plan(
            start=self._local("2026-03-03 09:00"), technician=self.employee_anna
        )
        visit.with_user(self.anna_user).action_travel()
        visit.action_cancel("Nobody there")
        self.assertEqual(self._get_names(visit), ["always"], "the office decides")

    def test_no_access_is_charged_if_the_team_says_so(self):
        self.fees["always"].is_kept = True
        visit = self._plan(self._create_visit(1), SUNDAY)
        with freeze_time("2026-03-08 09:00:00"):
            own = visit.with_user(self.anna_user)
            own.action_travel()
            self.env["ir.attachment"].create(
                {
                    "name": "door.png",
                    "res_model": visit._name,
                    "res_id": visit.id,
                    "raw": b"\x89PNG\r\n\x1a\n" + b"door" * 10,
                    "mimetype": "image/png",
                }
            )
            own.action_finish("no_access", note="Rang twice")
        self.assertEqual(self._get_names(visit), ["always"])
        follow_up = visit.next_ids
        self.assertFalse(follow_up.job_ids & visit.fee_job_ids)
        self._plan(follow_up, "2026-03-15 10:00")
        self.assertEqual(self._get_names(follow_up), ["holiday"])

    def test_guarantee_bears_the_way_and_nobody_is_asked(self):
        self.fees["always"].product_id.aftersales_is_travel = True
        pack = self.env["aftersales.warranty.pack"].create(
            {
                "name": "Door to door",
                "code": "T-DOOR",
                "version_ids": [
                    Command.create(
                        {
                            "date_from": "2000-01-01",
                            "rule_ids": [
                                Command.create(
                                    {
                                        "code": "T-WAY",
                                        "name": "Free way",
                                        "period": 2,
                                        "travel_charge": "free",
                                        "bearer": "maker",
                                    }
                                )
                            ],
                        }
                    )
                ],
            }
        )
        pack.version_ids.action_publish()
        self.env["aftersales.warranty.registration"].create(
            {
                "asset_id": self.asset.id,
                "pack_id": pack.id,
                "date_start": "2025-06-01",
                "document_state": "checked",
            }
        )
        visit = self._plan(self._create_visit(1), SUNDAY)
        way = visit.fee_job_ids.filtered(lambda job: "always" in job.name)
        self.assertEqual(way.line_ids.payer_id, self.payer_maker)
        self.assertEqual(way.state, "approved", "it costs the customer nothing")
        self.assertEqual(
            [fee["name"] for fee in visit.get_fee_words()], ["Fee holiday"]
        )
        visit.action_cancel("Never mind")
        self.assertEqual(way.state, "cancel")
        self.assertFalse(way.line_ids.qty_used)

    def test_contract_gives_the_price_list(self):
        price_list = self.env["product.pricelist"].create(
            {
                "name": "Contract",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create(
                        {"compute_price": "percentage", "percent_price": 50.0}
                    )
                ],
            }
        )
        payer = self.env["aftersales.payer"].create(
            {
                "name": "Contract 12",
                "pricelist_id": price_list.id,
                "company_id": self.company.id,
            }
        )
        visit = self._create_visit(1, payer_id=payer.id)
        self._plan(visit, SUNDAY)
        self.assertEqual(sum(visit.fee_job_ids.mapped("amount_total")), 42.5)

    def test_team_has_its_own(self):
        other = self.env["aftersales.team"].create(
            {"name": "Elevators", "company_id": self.company.id}
        )
        own = self._create_fee("always", 99.0, team_id=other.id)
        visit = self._create_visit(1)
        visit.order_id.team_id = other
        self._plan(visit, "2026-03-03 09:00")
        self.assertEqual(visit.fee_job_ids.fee_id, own)
        self.assertEqual(
            self._create_visit(1, "2026-03-03 13:00").fee_job_ids.fee_id,
            self.fees["always"],
        )

    def test_fees_of_two_companies_stay_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        fee = self.fees["always"].copy({"company_id": other.id})
        visit = self._create_visit(1, "2026-03-03 09:00").with_context(
            allowed_company_ids=[other.id, self.company.id]
        )
        visit.order_id._sync_visit_fees()
        self.assertEqual(visit.fee_job_ids.fee_id, self.fees["always"])
        Fee = self.env["aftersales.visit.fee"]
        self.assertEqual(Fee._find(other, None, ["always"]), fee)
        self.assertNotIn(fee, Fee.with_user(self.manager).search([]))
        with self.assertRaises(AccessError):
            self.fees["always"].with_user(self.advisor).name = "Mine"

    def test_customer_is_told_before(self):
        self.company.aftersales_tracking_ahead = 10
        self.employee_anna.resource_calendar_id = self._create_calendar(
            "All week", "Europe/Berlin", days=range(7)
        )
        visit = self._create_visit(1, "2026-03-05 09:00")
        told = visit._get_tracking()["fees"]
        self.assertEqual([fee["name"] for fee in told], ["Fee always"])
        self.assertIn("25.00", told[0]["price"])
        jobs = visit.order_id.job_ids
        offers = visit._get_offers()
        sundays = [
            offer
            for offer in offers
            if offer["start"].date().isoformat() == SUNDAY[:10]
        ]
        self.assertEqual(
            [fee["name"] for fee in sundays[0]["fees"]], ["Fee always", "Fee holiday"]
        )
        self.assertTrue(all(offer["fees"] for offer in offers))
        self.assertEqual(visit.order_id.job_ids, jobs, "asking makes nothing")
        self.assertIn("25.00", visit._get_fee_text())
        template = self.env.ref("aftersales_field.mail_template_visit_planned")
        body = template._render_field("body_html", visit.ids)[visit.id]
        self.assertRegex(re.sub(r"\s+", " ", str(body)), "Besides the work.*25.00")
        card = (
            self.env["aftersales.hotline"]
            .with_user(self.dispatcher)
            .get_card(partner_id=self.customer.id)
        )
        self.assertEqual(len(card["fees"]), 4)
        self.assertIn("60.00", card["fees"][2]["price"])

    def test_draft_order_offers_it_with_the_rest(self):
        work = self._create_work(1)
        visit = self._plan(work.action_create_visit(), SUNDAY)
        self.assertEqual(set(visit.fee_job_ids.mapped("state")), {"draft"})
        work.action_estimate()
        self.assertEqual(work.amount_total, 165.0)
        self.assertEqual(len(work.sale_order_ids), 1)

    def test_no_fees_no_statement(self):
        visit = self._create_visit(1, "2026-03-03 09:00")
        self.env["aftersales.visit.fee"].search([]).active = False
        order = visit.order_id
        order._sync_visit_fees()
        with self.assertQueryCount(0):
            order._sync_visit_fees()
