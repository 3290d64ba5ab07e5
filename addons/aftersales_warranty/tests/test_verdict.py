from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestVerdict(WarrantyCommon):
    def _weigh(self, *jobs, **values):
        order = self._create_order(*jobs, **values)
        order.action_check_warranty()
        return order

    def test_covered_lines_move_to_the_maker(self):
        self._register()
        order = self._weigh([(self.part_avco, 1), (self.labour, 2)])
        self.assertEqual(order.verdict_ids.mapped("result"), ["covered"] * 2)
        self.assertEqual(order.job_ids.line_ids.payer_id, self.payer_maker)
        self.assertEqual(order.job_ids.payer_id, self.payer_maker)
        self.assertEqual(set(order.verdict_ids.mapped("rule_code")), {"T-REPAIR"})

    def test_each_line_has_its_own_verdict(self):
        """Oil and filters are not free because the engine is."""
        self._register()
        order = self._weigh([(self.part_avco, 1), (self.part_standard, 1)])
        covered, worn = order.job_ids.line_ids
        self.assertEqual(covered.verdict_result, "covered")
        self.assertEqual(worn.verdict_result, "charged")
        self.assertEqual(covered.payer_id, self.payer_maker)
        self.assertEqual(worn.payer_id, self.payer_customer)
        self.assertIn("Filters", worn.verdict_summary)

    def test_estimate_weighs_by_itself(self):
        self._register()
        order = self._create_order([(self.part_avco, 1), (self.part_standard, 1)])
        order.action_estimate()
        self.assertEqual(order.sale_order_ids.partner_id, self.customer | self.maker)

    def test_second_look_changes_nothing(self):
        self._register()
        orders = self._weigh() | self._weigh()
        verdicts = orders.verdict_ids
        orders.action_check_warranty()
        self.assertEqual(orders.verdict_ids, verdicts)

    def test_without_guarantee_nothing_is_weighed(self):
        order = self._weigh()
        self.assertFalse(order.verdict_ids)
        self.assertEqual(order.job_ids.payer_id, self.payer_customer)

    def test_past_the_period_the_customer_pays_and_is_told_why(self):
        self._register(date_start="2015-03-01")
        order = self._weigh()
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"charged"})
        self.assertIn("03/01/2018", order.verdict_ids[:1].summary)

    def test_one_year_and_three_months_in_words(self):
        draft = self.version_car.copy({"date_from": "2030-01-01"})
        repair, wear, _right = draft.rule_ids
        self.assertIn("3 months / 5,000", wear.summary)
        repair.period = 1
        self.assertIn("1 year / 60,000", repair.summary)
        self._register(date_start="2015-03-01")
        self.assertIn(
            "3 years from 03/01/2015 ended", self._weigh().verdict_ids[:1].summary
        )

    def test_past_the_meter_the_customer_pays(self):
        self._register()
        order = self._weigh(meter_in=70000)
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"charged"})
        self.assertIn("60,000", order.verdict_ids[:1].summary)

    def test_last_day_of_the_period_is_covered(self):
        self._register(date_start="2022-03-01")
        order = self._weigh(date_reported="2025-03-01", meter_in=59999)
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"covered"})
        late = self._weigh(date_reported="2025-03-02", meter_in=59999)
        self.assertEqual(set(late.verdict_ids.mapped("result")), {"charged"})

    def test_verdict_is_as_of_the_day_reported(self):
        self._register(date_start="2022-03-01")
        order = self._weigh(date_reported="2025-02-20", meter_in=13000)
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"covered"})
        order.date_reported = "2025-04-20"
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"charged"})
        self.assertEqual(order.job_ids.line_ids.payer_id, self.payer_customer)
        self.assertEqual(order.job_ids.payer_id, self.payer_customer)

    def test_no_proof_of_purchase_is_referred(self):
        self.pack_car.document_required = True
        self._register(document_state="missing")
        order = self._weigh(meter_in=13000)
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"refer"})
        self.assertIn("proof of purchase", order.missing)
        self.asset.registration_ids.document_note = "Invoice 12"
        self.asset.registration_ids.action_check_document()
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"covered"})

    def test_meter_below_the_start_is_referred(self):
        self._register(meter_start=8000)
        self.asset.meter_ids.reading_ids.unlink()
        order = self._weigh(meter_in=100)
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"refer"})
        self.assertIn("less than when", order.verdict_ids[:1].summary)

    def test_better_guarantee_wins_and_the_trace_says_so(self):
        self._register()
        half = self._create_pack(
            [
                {
                    "code": "T-HALF",
                    "name": "Half",
                    "period": 9,
                    "parts_charge": "free",
                    "labour_charge": "free",
                    "share_percent": 50,
                    "bearer": "maker",
                }
            ],
            code="T-HALF",
        )
        self._register(half)
        order = self._weigh([(self.part_avco, 1)])
        self.assertEqual(order.verdict_ids.rule_code, "T-REPAIR")
        self.assertEqual(order.verdict_ids.trace["result"]["beaten"], ["T-HALF"])
        self.assertIn("T-HALF", order.verdict_ids.explanation)

    def test_share_of_a_line(self):
        half = self._create_pack(
            [
                {
                    "code": "T-70",
                    "name": "Seventy",
                    "period": 9,
                    "parts_charge": "free",
                    "share_percent": 70,
                    "bearer": "maker",
                }
            ],
            code="T-70",
        )
        self._register(half)
        order = self._create_order([(self.part_avco, 10), (self.labour, 1)])
        order.action_estimate()
        share = order.job_ids.share_ids
        self.assertEqual(share.percentage, 70)
        self.assertEqual(share.payer_id, self.payer_maker)
        by_payer = order.sale_order_ids.grouped("aftersales_payer_id")
        # 10 × 20.00 of parts, 80.00 of labour
        self.assertEqual(by_payer[self.payer_maker].amount_untaxed, 140.0)
        self.assertEqual(by_payer[self.payer_customer].amount_untaxed, 140.0)
        order.action_check_warranty()
        self.assertEqual(order.job_ids.share_ids, share, "a second look adds none")

    def test_charge_matrix_misuse(self):
        """R120: abnormal cause within the period: no fee, parts at cost."""
        matrix = self._create_pack(
            [
                {
                    "code": "T-IN",
                    "name": "In warranty",
                    "period": 1,
                    "parts_charge": "free",
                    "labour_charge": "free",
                    "travel_charge": "free",
                    "bearer": "warranty",
                },
                {
                    "code": "T-MIS",
                    "name": "Misuse",
                    "period": 1,
                    "cause": "abnormal",
                    "parts_charge": "cost",
                    "labour_charge": "free",
                    "travel_charge": "free",
                },
            ],
            code="T-MATRIX",
            exclusion_ids=[Command.link(self.exclusion_misuse.id)],
        )
        self._stock(self.part_avco, 5, 12.0)
        self._register(
            matrix, date_start=fields.Date.subtract(fields.Date.today(), days=8)
        )
        order = self._create_order([(self.part_avco, 2), (self.labour, 1)])
        job = order.job_ids
        job.exclusion_ids = [
            Command.create(
                {
                    "exclusion_id": self.exclusion_misuse.id,
                    "evidence_note": "Photo of the dent",
                }
            )
        ]
        order.action_estimate()
        part, labour = job.line_ids
        self.assertEqual(part.price_unit, 12.0)
        self.assertEqual(labour.discount, 100)
        self.assertEqual(labour.price_unit, 80.0, "the full value stays visible")
        self.assertEqual(order.amount_untaxed, 24.0)
        self.assertIn("Misuse", labour.sale_line_id.name)

    def test_excluded_cause_needs_evidence(self):
        order = self._create_order()
        with self.assertRaisesRegex(ValidationError, "Job 1.*evidence"):
            self.env["aftersales.job.exclusion"].create(
                {
                    "job_id": order.job_ids.id,
                    "exclusion_id": self.exclusion_misuse.id,
                }
            )

    def test_cause_found_after_the_quotation_changes_it(self):
        self._register()
        order = self._create_order([(self.part_avco, 1)])
        order.action_estimate()
        self.assertEqual(order.sale_order_ids.partner_id, self.maker)
        order.job_ids.exclusion_ids = [
            Command.create(
                {"exclusion_id": self.exclusion_misuse.id, "evidence_note": "Photo"}
            )
        ]
        self.assertEqual(order.job_ids.payer_id, self.payer_customer)
        open_sales = order.sale_order_ids.filtered(lambda sale: sale.state != "cancel")
        self.assertEqual(open_sales.partner_id, self.customer)
        self.assertEqual(open_sales.amount_untaxed, 20.0)

    def test_void_guarantee_gives_open_work_back_to_the_customer(self):
        registration = self._register()
        order = self._create_order([(self.part_avco, 1)])
        order.action_estimate()
        registration.action_void(reason="Forged invoice")
        self.assertEqual(order.job_ids.payer_id, self.payer_customer)
        self.assertEqual(order.verdict_ids.result, "charged")

    def test_at_cost_goes_before_a_fixed_price(self):
        cost = self._create_pack(
            [{"code": "T-C", "name": "Cost", "cause": False, "parts_charge": "cost"}],
            code="T-COST",
        )
        self._register(cost)
        order = self._create_order(
            [{"product_id": self.part_standard.id, "price_unit": 99.0}]
        )
        order.action_estimate()
        self.assertEqual(order.amount_untaxed, 10.0)

    def test_campaign_covers_its_own_job_and_no_other(self):
        """A recall sets the coverage of the work it names, whatever the age."""
        template = self.env["aftersales.job.template"].create(
            {
                "name": "Recall R-17",
                "line_ids": [Command.create({"product_id": self.part_standard.id})],
            }
        )
        recall = self._create_pack(
            [
                {
                    "code": "T-R17",
                    "name": "Recall R-17",
                    "template_ids": [Command.link(template.id)],
                    "cause": False,
                    "parts_charge": "free",
                    "labour_charge": "free",
                    "bearer": "maker",
                }
            ],
            code="T-R17",
            kind="campaign",
        )
        self._register(recall, date_start="2010-01-01", source="campaign")
        order = self._weigh(
            {"lines": [], "template_id": template.id}, [(self.part_standard, 1)]
        )
        named, other = order.job_ids
        self.assertEqual(named.payer_id, self.payer_maker)
        self.assertEqual(other.payer_id, self.payer_customer)

    def test_manual_payer_is_left_alone(self):
        self._register()
        order = self._create_order({"lines": [(self.part_avco, 1)]})
        order.job_ids.payer_id = self.payer_internal
        order.action_check_warranty()
        self.assertEqual(order.job_ids.line_ids.payer_id, self.payer_internal)

    def test_override_needs_right_reason_and_evidence(self):
        self._register(date_start="2015-03-01")
        order = self._weigh([(self.part_avco, 1)])
        verdict = order.verdict_ids
        values = {"payer": self.payer_goodwill, "reason": "Old customer"}
        with self.assertRaisesRegex(AccessError, "may not overrule"):
            verdict.with_user(self.advisor).action_override(
                "covered", evidence_note="Call", **values
            )
        with self.assertRaisesRegex(UserError, "evidence"):
            verdict.with_user(self.manager).action_override("covered", **values)
        new = verdict.with_user(self.manager).action_override(
            "covered", evidence_note="Call of 3 March", **values
        )
        self.assertEqual(order.verdict_ids, new)
        self.assertEqual(new.override_user_id, self.manager)
        self.assertEqual(new.overruled_id, verdict)
        self.assertEqual(order.job_ids.payer_id, self.payer_goodwill)
        order.action_check_warranty()
        self.assertEqual(order.verdict_ids, new, "another look respects the decision")

    def test_replay_gives_the_same_trace(self):
        self._register()
        order = self._weigh()
        for verdict in order.verdict_ids:
            self.assertEqual(verdict._replay(), verdict.trace)

    def test_new_version_leaves_old_verdicts(self):
        registration = self._register()
        order = self._weigh([(self.part_avco, 1)])
        verdict = order.verdict_ids
        before = verdict.trace
        draft = self.version_car.browse(self.version_car.action_new_version()["res_id"])
        draft.rule_ids[0].period = 1
        draft.action_publish()
        self.assertEqual(verdict._replay(), before)
        self.assertEqual(registration.version_id, self.version_car)
        self.assertEqual(
            self.version_car.date_to,
            fields.Date.subtract(fields.Date.today(), days=1),
        )

    def test_rule_in_force_does_not_change(self):
        with self.assertRaisesRegex(UserError, "new version"):
            self.version_car.rule_ids[0].period = 9
        with self.assertRaisesRegex(UserError, "new version"):
            self.version_car.rule_ids[0].unlink()

    def test_technician_sees_the_verdict_and_changes_nothing(self):
        self._register()
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "technician_id": self.employee.id}
        )
        order.action_check_warranty()
        verdict = order.verdict_ids.with_user(self.technician)
        self.assertTrue(verdict.summary)
        with self.assertRaises(AccessError):
            verdict.write({"result": "charged"})

    def test_maker_without_partner_is_named(self):
        self.payer_maker.partner_id = False
        self._register()
        with self.assertRaisesRegex(UserError, "Maker warranty.*nobody to bill"):
            self._weigh()

    def test_two_orders_at_once(self):
        self._register()
        other = self.asset.copy({"partner_id": self.fleet.id})
        orders = self._create_order() | self._create_order(asset_id=other.id)
        orders.action_check_warranty()
        self.assertEqual(orders[0].job_ids.payer_id, self.payer_maker)
        self.assertEqual(orders[1].job_ids.payer_id, self.payer_customer)

    def test_form_shows_the_verdict(self):
        self._register()
        order = self._weigh()
        with Form(order) as form:
            self.assertTrue(form.name)
