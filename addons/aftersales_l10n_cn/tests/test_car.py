from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ChinaCommon

MAIN_PARTS = {
    "car_engine": "car_piston",
    "car_gearbox": "car_gears",
    "car_traction_battery": "car_traction_battery",
    "car_drive_motor": "car_drive_motor",
}
ASSEMBLIES = [
    *MAIN_PARTS,
    "car_steering",
    "car_brakes",
    "car_suspension",
    "car_transmission",
    "car_emission",
    "car_body",
]


@tagged("post_install", "-at_install")
class TestCar(ChinaCommon):
    """Household cars: each row of the rules on its last day and last kilometre."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.car = cls._sell("car", "car", "2022-03-01", price=150000)
        cls.old_car = cls._sell("car", "car", "2021-06-01", price=150000)

    # Which rules

    def test_a_car_keeps_the_rules_of_its_day_of_sale(self):
        for day, version in (
            ("2013-10-01", "version_car_2013"),
            ("2021-12-31", "version_car_2013"),
            ("2022-01-01", "version_car_2022"),
        ):
            car = self._sell("car", "car", day)
            self.assertEqual(car.version_id, self._get(version), day)

    def test_before_the_first_rules_there_is_no_version(self):
        with self.assertRaisesRegex(ValidationError, "no version in force"):
            self._sell("car", "car", "2013-09-30")
        self.assertIn("1 October 2013", self._get("pack_car").note)

    def test_starts_with_the_invoice_until_the_later_day_is_checked(self):
        pack = self._get("pack_car")
        days = {"delivered": "2022-03-05", "invoiced": "2022-03-01"}
        days = {key: fields.Date.to_date(day) for key, day in days.items()}
        Registration = self.env["aftersales.warranty.registration"]
        self.assertEqual(
            Registration._get_start(pack, installed=None, **days), days["invoiced"]
        )
        pack.start_basis = "later"
        self.assertEqual(
            Registration._get_start(pack, installed=None, **days), days["delivered"]
        )

    # Cover

    def test_repair_period(self):
        """CN-CAR-REPAIR: 3 years or 60,000 km, whichever first, parts and labour."""
        for kind in ("part", "labour"):
            self.assertCovered(
                "CN-CAR-REPAIR",
                self.car,
                "2025-03-01",
                60000,
                kind=kind,
                group="car_piston",
            )
        self.assertCovered("CN-CAR-REPAIR", self.car, "2025-03-01", 60000)
        self.assertCovered("CN-CAR-REPAIR", self.old_car, "2024-06-01", 60000)

    def test_wear_parts(self):
        for group in ("car_air_filter", "car_brake_lining", "car_fuse", "car_tyre"):
            self.assertCovered(
                "CN-CAR-WEAR-3M", self.car, "2022-06-01", 5000, group=group
            )
        for group in ("car_battery", "car_relay"):
            self.assertCovered(
                "CN-CAR-WEAR-12M", self.car, "2023-03-01", 30000, group=group
            )

    def test_fluids_and_adjustments_are_maintenance(self):
        result = self._weigh(self.car, "2022-03-02", group="car_alignment")
        self.assertEqual(result["result"], "charged")
        self.assertEqual(result["code"], "CN-CAR-ADJUST", "the reason is named")
        result = self._weigh(self.car, "2022-03-02", group="car_engine_oil")
        self.assertEqual(result["result"], "charged")

    def test_all_wear_parts_of_the_certificate_are_there(self):
        wear = self._get("group_car_wear_3m")
        groups = self.env["aftersales.component.group"].search(
            [("parent_id", "=", wear.id)]
        )
        self.assertEqual(len(groups), 12)
        self.assertEqual(set(groups.mapped("kind")), {"wear"})

    def test_the_limits_told_for_a_car_of_march_2022(self):
        limits = {
            rule.code: (fields.Date.to_string(end), meter)
            for rule, end, meter in self.car._get_limits()
            if end
        }
        self.assertEqual(
            limits,
            {
                "CN-CAR-REPAIR": ("2025-03-01", 60000),
                "CN-CAR-WEAR-3M": ("2022-06-01", 5000),
                "CN-CAR-WEAR-12M": ("2023-03-01", 30000),
            },
        )
        self.assertEqual(self.car.date_end, fields.Date.to_date("2025-03-01"))
        told = self.env["aftersales.warranty.rule"].search(
            [("version_id", "=", self.car.version_id.id), ("code", "=", "CN-CAR-3B")]
        )
        self.assertEqual((told.period, told.meter_limit), (2, 50000))

    # Rights by days and kilometres

    def test_seven_days(self):
        """CN-CAR-7D: only if the assembly or a main part of it must be replaced."""
        for assembly, part in MAIN_PARTS.items():
            codes = self._get(f"group_{part}")._get_with_parents()._get_codes()
            values = {"fault": "car_engine_fails", "group": part}
            self.assertRight(
                "CN-CAR-7D", self.car, "2022-03-08", replaced=codes, **values
            )
            levels = self._get_levels(self.car, "2022-03-08", replaced=[], **values)
            self.assertEqual(levels["CN-CAR-7D"], "next", f"{assembly}: not replaced")
        levels = self._get_levels(
            self.car,
            "2022-03-02",
            "car_steering_fails",
            replaced=["CN-CAR-STEERING"],
        )
        self.assertNotIn("CN-CAR-7D", levels)
        rule = self._get("rule_car_7d_2022")
        self.assertFalse(rule.is_deducted)
        self.assertEqual(rule.remedy, "exchange_return")

    def test_sixty_days(self):
        """CN-CAR-60D: five faults, 60 days or 3,000 km, nothing deducted."""
        for fault in (
            "steering_fails",
            "brakes_fail",
            "body_cracks",
            "fuel_leak",
            "battery_fire",
        ):
            self.assertRight(
                "CN-CAR-60D",
                self.car,
                "2022-04-30",
                f"car_{fault}",
                last_meter=3000,
            )
        levels = self._get_levels(self.car, "2022-03-02", "car_airbag_fails")
        self.assertNotIn("CN-CAR-60D", levels)
        self.assertFalse(self._get("rule_car_60d_2022").is_deducted)

    # Rights by counters, within 2 years or 50,000 km

    def _assert_counter(self, code, fault, counter, value, car=None, **values):
        self.assertRight(
            code,
            car or self.car,
            "2024-03-01" if not car else "2023-06-01",
            fault,
            {counter: value},
            before={counter: value - 1},
            last_meter=50000,
            **values,
        )

    def test_second_repair_of_a_safety_fault(self):
        self._assert_counter("CN-CAR-SAFE2", "car_brakes_fail", "safety_repairs", 2)
        levels = self._get_levels(
            self.car, "2022-06-01", "car_engine_fails", {"safety_repairs": 2}
        )
        self.assertNotIn("CN-CAR-SAFE2", levels, "no safety fault")

    def test_assembly_exchanged_twice(self):
        for assembly in MAIN_PARTS:
            self._assert_counter(
                "CN-CAR-ASM2",
                "car_engine_fails",
                "assembly_swaps",
                2,
                group=assembly,
            )

    def test_main_part_exchanged_twice(self):
        for assembly in ASSEMBLIES:
            self._assert_counter(
                "CN-CAR-PART2", "car_engine_fails", "part_swaps", 2, group=assembly
            )
        levels = self._get_levels(
            self.car,
            "2022-06-01",
            "car_electrics",
            {"part_swaps": 2},
        )
        self.assertNotIn("CN-CAR-PART2", levels)

    def test_days_in_repair(self):
        self._assert_counter("CN-CAR-30D", "car_engine_noise", "repair_days", 31)
        self._assert_counter(
            "CN-CAR-30D", "car_engine_noise", "repair_days", 36, car=self.old_car
        )

    def test_same_quality_problem(self):
        """More than four repairs; of a car sold in 2021, more than five."""
        self._assert_counter("CN-CAR-4X", "car_engine_noise", "same_fault", 4)
        self._assert_counter(
            "CN-CAR-4X", "car_engine_noise", "same_fault", 5, car=self.old_car
        )

    def test_replacement_car(self):
        """CN-CAR-LOAN: one repair longer than five days, in the repair period."""
        self.assertRight(
            "CN-CAR-LOAN",
            self.car,
            "2025-03-01",
            "car_engine_noise",
            {"longest_repair": 6},
            before={"longest_repair": 5},
            last_meter=60000,
        )

    def test_car_of_2021_has_no_rows_on_battery_and_motor(self):
        old = {"registration": self.old_car, "day": "2021-06-05"}
        self.assertEqual(
            self._get_levels(**old, fault="car_steering_fails")["CN-CAR-60D"],
            "reached",
        )
        self.assertNotIn(
            "CN-CAR-60D", self._get_levels(**old, fault="car_battery_fire")
        )
        levels = self._get_levels(
            **old, fault="car_motor_fails", counters={"assembly_swaps": 2}
        )
        self.assertNotIn("CN-CAR-ASM2", levels)
        levels = self._get_levels(
            **old,
            fault="car_engine_fails",
            counters={"assembly_swaps": 2},
            replaced=["CN-CAR-ENGINE"],
        )
        self.assertEqual(levels["CN-CAR-ASM2"], "reached")
        self.assertNotIn("CN-CAR-7D", levels, "not checked")

    # Causes, papers, use

    def test_excluded_cause(self):
        for name in ("misuse", "alteration", "maintenance", "force_majeure", "rental"):
            code = self.env.ref(f"aftersales_warranty.exclusion_{name}").code
            result = self._weigh(self.car, "2022-06-01", exclusions=[code])
            self.assertEqual(result["result"], "charged", name)
        for name in ("told", "after_fault"):
            code = self._get(f"exclusion_{name}").code
            result = self._weigh(self.car, "2022-06-01", exclusions=[code])
            self.assertEqual(result["result"], "charged", name)

    def test_car_of_a_firm_or_in_business_use_has_none(self):
        firm = self._sell("car", "car", "2022-03-01", partner_id=self.fleet.id)
        self.assertEqual(firm.use, "business")
        result = self._weigh(firm, "2022-06-01")
        self.assertEqual(result["result"], "charged")
        levels = self._get_levels(firm, "2022-03-02", "car_brakes_fail")
        self.assertFalse(levels)

    def test_certificate_lost_but_the_purchase_is_looked_up(self):
        car = self._sell("car", "car", "2022-03-01", document_state="missing")
        self.assertEqual(self._weigh(car, "2022-06-01")["result"], "refer")
        car.document_state = "looked_up"
        self.assertEqual(self._weigh(car, "2022-06-01")["result"], "covered")

    # On a work order

    def _receive(self, car, fault, **values):
        return self._create_order(
            {
                "lines": [(self.part_avco, 1)],
                "fault_id": self._get(f"fault_{fault}").id,
            },
            asset_id=car.asset_id.id,
            **values,
        )

    def _repair_before(self, car, fault, times, date="2022-06-01", **values):
        return self._repair(
            self._get(f"fault_{fault}"), times, car.asset_id, date=date, **values
        )

    def test_fifth_repair_with_the_refund(self):
        """150,000 yuan × 12,000 km ÷ 1,000 × 0.5 % = 9,000 yuan."""
        self._repair_before(self.car, "car_engine_noise", 4)
        order = self._receive(
            self.car, "car_engine_noise", date_reported="2023-03-01", meter_in=12000
        )
        right = order.rights[0]
        self.assertEqual((right["code"], right["level"]), ("CN-CAR-4X", "reached"))
        self.assertEqual(right["refund"]["deduction"], 9000)
        self.assertEqual(right["refund"]["refund"], 141000)
        self.assertIn("SAMR Order 43", order.rights_notice)

    def test_sixth_repair_of_a_car_of_2021(self):
        self._repair_before(self.old_car, "car_engine_noise", 4)
        order = self._receive(
            self.old_car, "car_engine_noise", date_reported="2022-09-01", meter_in=12000
        )
        self.assertEqual(order.right_level, "next")
        self._repair_before(self.old_car, "car_engine_noise", 1)
        self.assertEqual(order.right_level, "reached")
        self.assertEqual(order.rights[0]["refund"]["deduction"], 9000, "the least")

    def test_rate_on_the_certificate_within_the_law(self):
        for rate, deduction in ((0.8, 14400), (0.9, 14400), (0.6, 10800)):
            self.old_car.deduction_rate = rate
            refund = self.old_car._get_refund(date="2022-09-01", meter=12000)
            self.assertEqual(refund["deduction"], deduction)
        self.car.deduction_rate = 0.8
        refund = self.car._get_refund(date="2022-09-01", meter=12000)
        self.assertEqual(refund["deduction"], 9000, "not above 0.5 percent")

    def test_two_jobs_of_one_visit_are_one_repair(self):
        orders = [self._receive(self.car, "car_engine_noise") for _visit in range(4)]
        for order in orders[:3]:
            self._repair_before(
                self.car, "car_engine_noise", 2, order_id=order.id, days=8
            )
        order = orders[3]
        order.write({"date_reported": "2023-03-01", "meter_in": 12000})
        self.assertEqual(order.right_level, "next", "three visits, 24 days")

    def test_repairs_before_it_was_sold_do_not_count(self):
        self._repair_before(self.car, "car_engine_noise", 4, date="2022-02-01")
        order = self._receive(
            self.car, "car_engine_noise", date_reported="2023-03-01", meter_in=12000
        )
        self.assertFalse(order.right_level)

    def test_engine_that_must_be_replaced_on_the_fifth_day(self):
        self.part_fifo.categ_id = self.part_fifo.categ_id.copy()
        self._get("group_car_block").product_ids = [Command.link(self.part_fifo.id)]
        order = self._receive(
            self.car, "car_engine_noise", date_reported="2022-03-06", meter_in=100
        )
        self.assertEqual(order.right_level, "next")
        self.assertIn("has to be replaced", order.rights_notice)
        self._add_job(
            order,
            [(self.part_fifo, 1)],
            fault_id=self._get("fault_car_engine_fails").id,
        )
        self.assertEqual(order.right_level, "reached")
        self.assertEqual(order.rights[0]["refund"]["refund"], 150000)

    def test_transport_and_rescue_are_no_repair_time(self):
        order = self._receive(self.car, "car_engine_noise")
        order.write(
            {
                "date_in": "2022-06-01 08:00:00",
                "date_completed": "2022-06-11 08:00:00",
                "repair_pause_ids": [
                    Command.create({"kind": kind, "date_from": begin, "date_to": end})
                    for kind, begin, end in (
                        ("made_part", "2022-06-02 08:00:00", "2022-06-04 08:00:00"),
                        ("rescue", "2022-06-01 08:00:00", "2022-06-01 20:00:00"),
                        ("parts", "2022-06-05 08:00:00", "2022-06-08 08:00:00"),
                    )
                ],
            }
        )
        self.assertEqual(order._get_repair_days(), 8, "parts are waited for: 7.5")

    def test_hours_of_a_filter_change_follow_the_filter(self):
        self._get("group_car_oil_filter").product_ids = [
            Command.link(self.part_standard.id)
        ]
        order = self._create_order(
            [(self.part_standard, 1), (self.labour, 1)],
            asset_id=self.car.asset_id.id,
            date_reported="2022-12-01",
            meter_in=9000,
        )
        order.action_check_warranty()
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"charged"})

    # Not checked

    def test_rows_that_nobody_checked_are_off_and_say_so(self):
        for name in ("start_later_2022", "60d_asm_2022", "7d_2013", "60d_asm_2013"):
            rule = self._get(f"rule_car_{name}")
            self.assertFalse(rule.active, name)
            self.assertEqual(rule.basis, "unverified")
            self.assertIn("check it against the law text first", rule.note)
        levels = self._get_levels(
            self.car, "2022-03-02", "car_engine_fails", group="car_piston"
        )
        self.assertNotIn("CN-CAR-60D-ASM", levels)

    def test_rule_is_switched_on_in_a_new_version(self):
        version = self._get("version_car_2022")
        with self.assertRaisesRegex(UserError, "in force"):
            self._get("rule_car_60d_asm_2022").active = True
        draft = version.browse(version.action_new_version()["res_id"])
        rule = draft.rule_ids.filtered(lambda rule: rule.code == "CN-CAR-60D-ASM")
        self.assertFalse(rule.active, "it went along")
        rule.active = True
        draft.action_publish()
        today = fields.Date.to_string(fields.Date.today())
        car = self._sell("car", "car", today)
        levels = self._get_levels(car, today, "car_engine_fails", group="car_piston")
        self.assertEqual(levels["CN-CAR-60D-ASM"], "reached")
