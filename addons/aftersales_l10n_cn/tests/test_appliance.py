from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged

from .common import ChinaCommon


@tagged("post_install", "-at_install")
class TestAppliance(ChinaCommon):
    """Appliances: each row of the rules on its last day and on the day after."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tv = cls._sell("colour_tv", "appliance", "2024-03-01", price=3000)
        cls.tv_order = cls._receive(cls.tv, "app_tv_picture", "2024-03-04")

    @classmethod
    def _receive(cls, registration, fault, day, **values):
        return cls.env["aftersales.order"].create(
            {
                "partner_id": cls.customer.id,
                "asset_id": registration.asset_id.id,
                "complaint": "Does not work",
                "team_id": cls.team.id,
                "company_id": cls.company.id,
                "date_reported": day,
                "job_ids": [
                    Command.create(
                        {
                            "name": "Repair",
                            "fault_id": cls._get(f"fault_{fault}").id,
                            "line_ids": [
                                Command.create({"product_id": cls.part_avco.id}),
                                Command.create({"product_id": cls.labour.id}),
                            ],
                        }
                    )
                ],
                **values,
            }
        )

    def _get_remedies(self, order):
        """Return ``{code: remedy}`` of what the customer may ask for now."""
        return {
            right["code"]: right["remedy"]
            for right in order.rights
            if right["level"] == "reached"
        }

    # The worked example

    def test_day_seven_return_exchange_or_repair_at_the_full_price(self):
        order = self.tv_order
        order.date_reported = "2024-03-08"
        self.assertEqual(
            self._get_remedies(order),
            {"CN-APP-7D": "any", "CN-APP-15D": "exchange_repair"},
        )
        right = next(item for item in order.rights if item["code"] == "CN-APP-7D")
        self.assertEqual(right["refund"]["refund"], 3000)

    def test_day_eight_exchange_or_repair(self):
        self.tv_order.date_reported = "2024-03-09"
        self.assertEqual(
            self._get_remedies(self.tv_order), {"CN-APP-15D": "exchange_repair"}
        )
        self.tv_order.date_reported = "2024-03-16"
        self.assertIn("CN-APP-15D", self._get_remedies(self.tv_order), "the last day")

    def test_day_sixteen_repair_only(self):
        order = self.tv_order
        order.date_reported = "2024-03-17"
        self.assertFalse(order.right_level)
        order.action_check_warranty()
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"covered"})
        self.assertEqual(set(order.verdict_ids.mapped("rule_code")), {"CN-APP-WHOLE"})

    def test_after_the_second_repair_exchange_or_return_less_the_deduction(self):
        fault = self._get("fault_app_tv_picture")
        self._repair(fault, 1, self.tv.asset_id, date="2024-04-01", days=10)
        self.tv_order.date_reported = "2024-06-09"
        self.assertEqual(self.tv_order.right_level, "next")
        self.assertFalse(self._get_remedies(self.tv_order))
        self._repair(fault, 1, self.tv.asset_id, date="2024-05-01", days=10)
        self.assertEqual(
            self._get_remedies(self.tv_order), {"CN-APP-2X": "exchange_return"}
        )
        # 100 days since the invoice, 20 of them in repair; 0.1 % of 3,000 a day.
        refund = self.tv_order.rights[0]["refund"]
        self.assertEqual((refund["days"], refund["deduction"]), (80, 240))
        self.assertEqual(refund["refund"], 2760)

    def test_a_right_is_told_once(self):
        """In the first year the rules of whole unit and main parts both hold."""
        tube = self._get("fault_app_tv_tube")
        self._repair(tube, 2, self.tv.asset_id, date="2024-05-01")
        order = self._receive(self.tv, "app_tv_tube", "2024-06-01")
        self.assertEqual(self._get_remedies(order), {"CN-APP-2X": "exchange_return"})
        order.date_reported = "2025-06-01"
        self.assertEqual(
            self._get_remedies(order), {"CN-APP-2X-MAIN-3Y": "exchange_return"}
        )

    def test_small_blemish_gives_no_right(self):
        levels = self._get_levels(self.tv, "2024-03-02", "app_finish")
        self.assertFalse(levels)
        levels = self._get_levels(self.tv, "2024-03-02", "app_shock")
        self.assertIn("CN-APP-7D", levels, "what is dangerous is more than a fault")

    # Each row

    def test_days(self):
        self.assertRight("CN-APP-7D", self.tv, "2024-03-08", "app_dead")
        self.assertRight("CN-APP-15D", self.tv, "2024-03-16", "app_dead")

    def test_days_of_exchange_run_on_in_repair(self):
        for code, day in (("CN-APP-7D", "2024-03-09"), ("CN-APP-15D", "2024-03-17")):
            levels = self._get_levels(self.tv, day, "app_dead", days_out=10)
            self.assertNotIn(code, levels)

    def test_counters(self):
        for code, counter, value in (
            ("CN-APP-2X", "repairs", 2),
            ("CN-APP-90D", "waiting_days", 91),
            ("CN-APP-30D", "delay_days", 31),
        ):
            self.assertRight(
                code,
                self.tv,
                "2025-03-01",
                "app_dead",
                {counter: value},
                before={counter: value - 1},
            )
            self.assertRight(
                f"{code}-MAIN-3Y",
                self.tv,
                "2027-03-01",
                "app_tv_tube",
                {counter: value},
                before={counter: value - 1},
                group="app_tube",
            )

    def assertWhole(self, category, sold, end, parts_end, group):
        goods = self._sell(category, "appliance", sold)
        for kind in ("part", "labour"):
            self.assertCovered("CN-APP-WHOLE", goods, end, kind=kind)
        if parts_end:
            result = self._weigh(goods, parts_end, group=group)
            self.assertEqual(result["result"], "covered", category)
            late = fields.Date.add(fields.Date.to_date(parts_end), days=1)
            result = self._weigh(goods, late, group=group)
            self.assertEqual(result["result"], "charged", category)
            self.assertEqual(goods.date_end, fields.Date.to_date(parts_end), category)

    def test_periods_by_goods(self):
        for category, parts_end, group in (
            ("bicycle", "2026-03-01", "app_bicycle"),
            ("colour_tv", "2027-03-01", "app_tube"),
            ("bw_tv", "2027-03-01", "app_bw_tv"),
            ("video_recorder", "2025-03-01", "app_video_recorder"),
            ("flat_tv", "2027-03-01", "app_panel"),
            ("air_conditioner", "2027-03-01", "app_air_conditioner"),
        ):
            self.assertWhole(category, "2024-03-01", "2025-03-01", parts_end, group)

    def test_daily_rates(self):
        for category, rate in (
            ("bicycle", 0.05),
            ("colour_tv", 0.1),
            ("bw_tv", 0.05),
            ("video_recorder", 0.1),
        ):
            goods = self._sell(category, "appliance", "2024-03-01", price=1000)
            refund = goods._get_refund(date="2024-06-09")
            self.assertAlmostEqual(refund["deduction"], 1000 * rate, msg=category)
        for category in ("flat_tv", "air_conditioner"):
            goods = self._sell(category, "appliance", "2024-03-01", price=1000)
            self.assertIsNone(goods._get_refund(date="2024-06-09"), "not known")
            self.assertTrue(goods._get_refund(date="2024-06-09", is_deducted=False))

    def test_repair_time_is_taken_out_of_the_period(self):
        fault = self._get("fault_app_dead")
        self._repair(fault, 1, self.tv.asset_id, date="2024-04-01", days=12)
        self.assertEqual(self.tv.days_out, 12)
        order = self._receive(self.tv, "app_dead", "2025-03-13")
        order.action_check_warranty()
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"covered"})
        order.date_reported = "2025-03-14"
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"charged"})

    def test_starts_anew_after_an_exchange(self):
        new = self.tv.asset_id.copy({"partner_id": self.customer.id})
        follower = self.tv.action_restart(new, date="2024-09-01")
        self.assertEqual(self.tv.state, "ended")
        self.assertEqual(follower.date_start, fields.Date.to_date("2024-09-01"))
        self.assertEqual(follower.previous_id, self.tv)
        self.assertCovered("CN-APP-WHOLE", follower, "2025-09-01")

    def test_no_parts_for_ninety_days_since_it_was_handed_in(self):
        order = self.tv_order
        order.write(
            {
                "date_in": "2024-03-20 08:00:00",
                "repair_pause_ids": [
                    Command.create({"kind": "parts", "date_from": "2024-03-25"})
                ],
            }
        )
        order.date_reported = "2024-03-20"
        for moment, remedies in (
            ("2024-06-18 08:00:00", {}),
            ("2024-06-18 09:00:00", {"CN-APP-90D": "exchange"}),
        ):
            with freeze_time(moment):
                order.invalidate_recordset(["rights", "right_level"])
                self.assertEqual(self._get_remedies(order), remedies, moment)

    def test_own_delay_of_thirty_days(self):
        order = self.tv_order
        pause = {"kind": "own_delay", "date_from": "2024-04-01 08:00:00"}
        order.write(
            {
                "date_in": "2024-03-20 08:00:00",
                "date_reported": "2024-03-20",
                "repair_pause_ids": [Command.create(pause)],
            }
        )
        order.repair_pause_ids.date_to = "2024-05-01 08:00:00"
        self.assertNotIn("CN-APP-30D", self._get_remedies(order), "30 days")
        order.repair_pause_ids.date_to = "2024-05-01 09:00:00"
        self.assertEqual(self._get_remedies(order)["CN-APP-30D"], "exchange")

    def test_repaired_unit_works_for_thirty_days(self):
        """CN-APP-REP30: given with the hand-over, borne by the repairer."""
        old = self._sell("colour_tv", "appliance", "2010-03-01")
        self._stock(self.part_avco, 5)
        with freeze_time("2024-03-04 10:00:00"):
            order = self._receive(old, "app_tv_picture", "2024-03-04")
            self._approve(order)
            self._finish_order(order)
            order.action_deliver()
        again = self._receive(old, "app_tv_picture", "2024-04-03")
        again.action_check_warranty()
        self.assertEqual(set(again.verdict_ids.mapped("rule_code")), {"CN-APP-REP30"})
        self.assertEqual(again.job_ids.payer_id, self.payer_warranty)
        again.date_reported = "2024-04-04"
        self.assertEqual(set(again.verdict_ids.mapped("result")), {"charged"})

    def test_excluded_causes(self):
        codes = [
            self.env.ref("aftersales_warranty.exclusion_misuse").code,
            self.env.ref("aftersales_warranty.exclusion_force_majeure").code,
            self._get("exclusion_opened").code,
            self._get("exclusion_papers").code,
        ]
        for code in codes:
            result = self._weigh(self.tv, "2024-03-02", exclusions=[code])
            self.assertEqual(result["result"], "charged", code)
            levels = self._get_levels(
                self.tv, "2024-03-02", "app_dead", exclusions=[code]
            )
            self.assertFalse(levels)

    def test_without_papers_until_the_date_is_proved(self):
        self.tv.document_state = "missing"
        self.assertEqual(self._weigh(self.tv, "2024-06-01")["result"], "refer")
        self.tv.document_state = "looked_up"
        self.assertEqual(self._weigh(self.tv, "2024-06-01")["result"], "covered")

    def test_rows_that_nobody_checked_are_off_and_say_so(self):
        names = ("whole_white", "main_white", "other", "dep_days")
        for name in names:
            rule = self._get(f"rule_appliance_{name}")
            self.assertFalse(rule.active, name)
            self.assertEqual(rule.basis, "unverified")
            self.assertIn("check it against the law text first", rule.note)
        fridge = self._sell("refrigerator", "appliance", "2024-03-01")
        self.assertEqual(self._weigh(fridge, "2024-06-01")["result"], "charged")
        categories = self._get("pack_appliance").category_ids
        self.assertNotIn(self._get("category_refrigerator"), categories)

    # Registered by the delivery

    def test_delivery_registers_by_the_category_of_the_product(self):
        self.warehouse.out_type_id.aftersales_create_assets = True
        tv = self.part_serial
        tv.aftersales_category_id = self._get("category_colour_tv")
        tv.invoice_policy = "order"
        (lot,) = self._stock_serial(["TV-1"])
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create({"product_id": tv.id, "price_unit": 3000})
                ],
            }
        )
        sale.action_confirm()
        sale.picking_ids.move_ids.lot_ids = lot
        sale.picking_ids.move_ids.picked = True
        sale.picking_ids.button_validate()
        asset = lot.aftersales_asset_ids
        self.assertEqual(asset.category_id, self._get("category_colour_tv"))
        registration = asset.registration_ids
        self.assertEqual(registration.pack_id, self._get("pack_appliance"))
        self.assertEqual(registration.state, "pending", "it begins with the invoice")
        invoice = sale._create_invoices()
        invoice.invoice_date = "2026-01-15"
        invoice.action_post()
        self.assertEqual(registration.state, "active")
        self.assertEqual(registration.date_start, fields.Date.to_date("2026-01-15"))
        self.assertEqual(registration.price, 3000)
