from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ChinaCommon


@tagged("post_install", "-at_install")
class TestElectronics(ChinaCommon):
    """Telephones, computers, and the sample of a promise."""

    def test_phone(self):
        for category in ("mobile_phone", "fixed_phone"):
            phone = self._sell(category, "phone", "2024-03-01")
            self.assertCovered("CN-PHONE-WHOLE", phone, "2025-03-01")
            for group in ("phone_charger", "phone_battery", "phone_earphone"):
                result = self._weigh(phone, "2024-03-02", group=group)
                self.assertEqual(result["result"], "charged", "listed apart")

    def test_rows_of_all_listed_goods_hold_for_phones_and_computers(self):
        for category, pack, fault in (
            ("mobile_phone", "phone", "phone_call"),
            ("computer", "computer", "pc_hardware"),
        ):
            goods = self._sell(category, pack, "2024-03-01", price=3000)
            code = goods.pack_id.code
            self.assertRight(f"{code}-7D", goods, "2024-03-08", fault)
            self.assertRight(f"{code}-15D", goods, "2024-03-16", fault)
            for row, counter, value in (
                ("2X", "repairs", 2),
                ("90D", "waiting_days", 91),
                ("30D", "delay_days", 31),
            ):
                self.assertRight(
                    f"{code}-{row}",
                    goods,
                    "2025-03-01",
                    fault,
                    {counter: value},
                    before={counter: value - 1},
                )
            self.assertIsNone(goods._get_refund(date="2024-06-01"), "no rate seen")

    def test_phone_without_papers_starts_ninety_days_after_production(self):
        phone = self._sell(
            "mobile_phone", "phone", "2024-12-01", document_state="missing"
        )
        self.assertEqual(self._weigh(phone, "2024-12-02")["result"], "refer")
        with self.assertRaisesRegex(UserError, "when it was produced"):
            phone.action_start_from_production()
        phone.action_start_from_production(date_produced="2024-03-01")
        self.assertEqual(phone.date_start, fields.Date.to_date("2024-05-30"))
        self.assertEqual(phone.document_state, "produced")
        self.assertCovered("CN-PHONE-WHOLE", phone, "2025-05-30")

    def test_waiting_phone_begins_by_its_production(self):
        phone = self._sell(
            "mobile_phone", "phone", False, document_state="missing", state="pending"
        )
        phone.date_produced = "2024-03-01"
        phone.action_start_from_production()
        self.assertEqual(phone.state, "active")
        self.assertEqual(phone.version_id, self._get("version_phone"))

    def test_production_does_not_stand_for_papers_elsewhere(self):
        tv = self._sell(
            "colour_tv", "appliance", "2024-12-01", document_state="missing"
        )
        with self.assertRaisesRegex(UserError, "needs them"):
            tv.action_start_from_production(date_produced="2024-03-01")
        phone = self._sell("mobile_phone", "phone", "2024-12-01")
        with self.assertRaisesRegex(UserError, "there are papers"):
            phone.action_start_from_production(date_produced="2024-03-01")
        with self.assertRaisesRegex(ValidationError, "lost papers"):
            tv.document_state = "produced"

    def test_computer_covers_its_main_hardware(self):
        computer = self._sell("computer", "computer", "2024-03-01")
        self.assertCovered("CN-PC-MAIN", computer, "2025-03-01", group="pc_hardware")
        self.assertEqual(self._weigh(computer, "2024-03-02")["result"], "charged")

    def test_before_the_first_rules_there_is_no_version(self):
        for category, pack, day in (
            ("mobile_phone", "phone", "2001-11-14"),
            ("colour_tv", "appliance", "1995-08-24"),
        ):
            with self.assertRaisesRegex(ValidationError, "no version in force"):
                self._sell(category, pack, day)

    def test_sample_promise(self):
        pack = self._get("pack_gree")
        self.assertFalse(pack.active)
        self.assertEqual(pack.version_ids.state, "draft")
        pack.version_ids.action_publish()
        unit = self._sell("air_conditioner", "gree", "2024-03-01")
        self.assertCovered("CN-GREE-WHOLE", unit, "2030-03-01")
        self.assertRight("CN-GREE-15D", unit, "2024-03-16", "app_ac_cooling")
        self.assertRight("CN-GREE-10D", unit, "2024-03-11", "app_ac_cooling")
        for code, last_day in (
            ("CN-GREE-2X", "2030-03-01"),
            ("CN-GREE-3X", "2025-03-01"),
        ):
            self.assertRight(
                code,
                unit,
                last_day,
                "app_ac_cooling",
                {"repairs": 2},
                before={"repairs": 1},
            )
