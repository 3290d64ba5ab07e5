from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestPacks(WarrantyCommon):
    """The guarantees that are shipped, and what a guarantee refuses to be."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.travel = cls.env["product.product"].create(
            {"name": "Travel", "type": "service", "aftersales_is_travel": True}
        )

    @classmethod
    def _get(cls, name):
        return cls.env.ref(f"aftersales_warranty.{name}")

    def _weigh(self, day, *exclusions, asset=None, lines=None, **values):
        """Return ``{kind: (result, charge, rule code)}`` of a new work order."""
        order = self._create_order(
            lines or [(self.part_avco, 1), (self.labour, 1), (self.travel, 1)],
            date_reported=day,
            asset_id=(asset or self.asset).id,
            **values,
        )
        for name in exclusions:
            order.job_ids.exclusion_ids = [
                Command.create(
                    {
                        "exclusion_id": self._get(f"exclusion_{name}").id,
                        "evidence_note": "Photo",
                    }
                )
            ]
        order.action_check_warranty()
        return {
            verdict.kind: (verdict.result, verdict.charge, verdict.rule_code)
            for verdict in order.verdict_ids
        }

    # The charge matrix

    def test_matrix_in_warranty(self):
        self._register(self._get("pack_charge_matrix"), date_start="2024-03-01")
        for day in ("2024-03-09", "2025-03-01"):
            free = ("covered", "free", "MATRIX-IN")
            self.assertEqual(
                self._weigh(day), {"part": free, "labour": free, "travel": free}
            )

    def test_matrix_misuse(self):
        """R120: no service fee, parts at cost."""
        self._register(self._get("pack_charge_matrix"), date_start="2024-03-01")
        free = ("reduced", "free", "MATRIX-MISUSE")
        for cause in ("misuse", "alteration", "accident", "liquid"):
            self.assertEqual(
                self._weigh("2025-03-01", cause),
                {
                    "part": ("reduced", "cost", "MATRIX-MISUSE"),
                    "labour": free,
                    "travel": free,
                },
                cause,
            )

    def test_matrix_out_of_warranty(self):
        """R121: no repair fee, parts at cost, travel as quoted."""
        self._register(self._get("pack_charge_matrix"), date_start="2024-03-01")
        for cause in ((), ("misuse",)):
            self.assertEqual(
                self._weigh("2025-03-02", *cause),
                {
                    "part": ("reduced", "cost", "MATRIX-OUT"),
                    "labour": ("reduced", "free", "MATRIX-OUT"),
                    "travel": ("charged", "list", "MATRIX-OUT"),
                },
            )

    def test_matrix_prices(self):
        self._register(self._get("pack_charge_matrix"), date_start="2024-03-01")
        self._stock(self.part_avco, 5, 12.0)
        order = self._create_order(
            [(self.part_avco, 1), (self.labour, 1)], date_reported="2025-06-01"
        )
        order.action_estimate()
        self.assertEqual(order.amount_untaxed, 12.0)
        part, labour = order.job_ids.line_ids
        self.assertEqual((part.price_unit, labour.discount), (12.0, 100))
        order.action_check_warranty()
        verdict = labour.verdict_id
        self.assertIn("ended on 03/01/2025", verdict.explanation)

    # Our repair

    def test_guarantee_on_our_repair(self):
        pack = self._get("pack_repair")
        self.assertFalse(self.company.aftersales_repair_pack_id, "somebody chooses it")
        self.company.aftersales_repair_pack_id = pack
        self._stock(self.part_avco, 5)
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id},
            meter_in=12000,
        )
        self._approve(order)
        self._finish_order(order)
        order.action_deliver(meter_out=12000)
        registration = self.asset.registration_ids
        self.assertEqual(registration.pack_id, pack)
        start = registration.date_start
        for days, months, meter, result in (
            (0, 3, 17000, "covered"),
            (0, 3, 17001, "charged"),
            (1, 3, 17001, "charged"),
        ):
            day = fields.Date.add(start, months=months, days=days)
            verdicts = self._weigh(
                day, meter_in=meter, lines=[(self.part_avco, 1), (self.labour, 1)]
            )
            self.assertEqual(verdicts["part"][0], result, (days, meter))

    def test_thing_without_meter_has_no_limit_by_it(self):
        fridge = self.env["aftersales.asset"].create(
            {
                "name": "Fridge",
                "partner_id": self.customer.id,
                "category_id": self.env["aftersales.asset.category"]
                .create({"name": "Fridge"})
                .id,
                "company_id": self.company.id,
            }
        )
        pack = self._create_pack(
            [
                {
                    "code": "T-KM",
                    "name": "Three months or 5,000 km",
                    "period": 3,
                    "period_unit": "month",
                    "meter_limit": 5000,
                    "parts_charge": "free",
                    "bearer": "maker",
                }
            ],
            code="T-KM",
        )
        self._register(pack, asset=fridge, date_start="2024-03-01")
        lines = [(self.part_avco, 1)]
        verdicts = self._weigh("2024-06-01", asset=fridge, lines=lines)
        self.assertEqual(verdicts["part"][0], "covered")
        verdicts = self._weigh("2024-06-02", asset=fridge, lines=lines)
        self.assertEqual(verdicts["part"][0], "charged")

    # European Union and United States

    def test_eu_two_years_borne_by_the_seller(self):
        self._register(self._get("pack_eu_legal"), date_start="2024-03-01")
        verdicts = self._weigh("2026-03-01")
        self.assertEqual(set(verdicts.values()), {("covered", "free", "EU-LEGAL")})
        verdicts = self._weigh("2026-03-02")
        self.assertEqual({result for result, *_rest in verdicts.values()}, {"charged"})
        payers = self.env["aftersales.verdict"].search([("rule_code", "=", "EU-LEGAL")])
        self.assertEqual(payers.payer_id, self.payer_warranty)

    def test_eu_firms_are_no_consumers(self):
        self._register(
            self._get("pack_eu_legal"), date_start="2024-03-01", use="business"
        )
        verdicts = self._weigh("2024-06-01")
        self.assertEqual({result for result, *_rest in verdicts.values()}, {"charged"})

    def test_eu_twelve_months_after_a_repair_once_published(self):
        draft = self._get("version_eu_legal_2")
        self.assertEqual(draft.state, "draft")
        self.assertIn("A person must check", draft.note)
        pack = self._get("pack_eu_legal")
        sold = {"date_start": "2026-08-01"}
        registration = self._register(pack, **sold)
        self.assertEqual(registration.version_id, self._get("version_eu_legal_1"))
        registration.action_void(reason="To register it again")
        draft.action_publish()
        self.assertEqual(
            self._get("version_eu_legal_1").date_to, fields.Date.to_date("2026-07-30")
        )
        registration = self._register(pack, **sold)
        self.assertEqual(registration.date_end, fields.Date.to_date("2028-08-01"))
        self._repair(self.fault_noise, date="2027-01-10")
        self.assertEqual(registration.date_end, fields.Date.to_date("2029-08-01"))
        verdicts = self._weigh("2029-08-01")
        self.assertEqual(set(verdicts.values()), {("covered", "free", "EU-LEGAL")})
        verdicts = self._weigh("2029-08-02")
        self.assertEqual(verdicts["part"][0], "charged")

    def test_rows_that_nobody_checked_are_off_and_say_so(self):
        for name in ("eu_burden_1", "eu_order_1", "eu_burden_2", "eu_order_2"):
            rule = self._get(f"rule_{name}")
            self.assertFalse(rule.active, name)
            self.assertEqual(rule.basis, "unverified")
            self.assertIn("check it against the law text first", rule.note)

    def test_us_rules_inform(self):
        version = self._get("version_us_mmwa")
        self.assertEqual(set(version.rule_ids.mapped("purpose")), {"info"})
        self._register(self._get("pack_us_mmwa"))
        verdicts = self._weigh(fields.Date.today())
        self.assertEqual({result for result, *_rest in verdicts.values()}, {"charged"})

    # Two guarantees

    def test_of_two_that_apply_the_better_one_wins(self):
        self._register(self._get("pack_charge_matrix"), date_start="2024-03-01")
        self._register(self._get("pack_eu_legal"), date_start="2024-03-01")
        self.assertEqual(
            self._weigh("2025-06-01")["part"], ("covered", "free", "EU-LEGAL")
        )
        verdict = self.asset.order_ids.verdict_ids.filtered(
            lambda verdict: verdict.kind == "part"
        )
        self.assertEqual(verdict.trace["result"]["beaten"], ["MATRIX-OUT"])

    # What is refused

    def _add_version(self, pack, date_from, date_to=False):
        return self.env["aftersales.warranty.version"].create(
            {
                "pack_id": pack.id,
                "date_from": date_from,
                "date_to": date_to,
                "rule_ids": [
                    Command.create(
                        {"code": "T-1", "name": "One", "parts_charge": "free"}
                    )
                ],
            }
        )

    def test_gap_between_versions(self):
        self.version_car.date_to = "2009-12-31"
        later = self._add_version(self.pack_car, "2011-01-01")
        with self.assertRaisesRegex(
            ValidationError, "between Car, version 1.*2009-12-31.*2011-01-01"
        ):
            later.action_publish()

    def test_overlap_of_versions(self):
        self._add_version(self.pack_car, "2010-01-01").action_publish()
        self.assertEqual(self.version_car.date_to, fields.Date.to_date("2009-12-31"))
        with (
            self.assertRaisesRegex(ValidationError, "overlap on 2010-01-01"),
            self.env.cr.savepoint(),
        ):
            self.version_car.date_to = "2010-06-30"
        earlier = self._add_version(self.pack_car, "1990-01-01")
        with self.assertRaisesRegex(ValidationError, "overlap on 2000-01-01"):
            earlier.action_publish()

    def test_drafts_may_overlap_until_they_are_published(self):
        drafts = self._add_version(self.pack_car, "2010-01-01") | self._add_version(
            self.pack_car, "2012-01-01"
        )
        drafts.action_publish()
        self.assertEqual(
            [fields.Date.to_string(day) for day in drafts.mapped("date_to") if day],
            ["2011-12-31"],
        )

    def test_version_without_a_rule_that_is_on(self):
        version = self._add_version(self.pack_car, "2010-01-01")
        version.rule_ids.active = False
        with self.assertRaisesRegex(UserError, "version 2"):
            version.action_publish()

    def test_component_groups_in_a_circle(self):
        with (
            self.assertRaisesRegex(ValidationError, "Engine can't be part of Piston"),
            self.env.cr.savepoint(),
        ):
            self.group_engine.parent_id = self.group_piston
        with self.assertRaises(ValidationError):
            self.group_piston.parent_id = self.group_piston
