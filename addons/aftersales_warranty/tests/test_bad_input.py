from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestBadRegistration(WarrantyCommon):
    """What people enter wrongly about a guarantee is refused, or asked back."""

    def _weigh(self, **values):
        order = self._create_order([(self.part_avco, 1)], **values)
        order.action_check_warranty()
        return order

    def test_no_proof_of_purchase(self):
        """Not refused and not given: somebody has to ask for the paper."""
        self.pack_car.document_required = True
        registration = self._register(document_state="missing")
        order = self._weigh(meter_in=13000)
        self.assertEqual(order.verdict_ids.result, "refer")
        self.assertEqual(order.job_ids.payer_id, self.payer_customer)
        registration.document_state = "shown"
        order.action_check_warranty()
        self.assertEqual(order.verdict_ids.result, "refer", "shown is not checked")
        registration.document_state = "looked_up"
        order.action_check_warranty()
        self.assertEqual(order.verdict_ids.result, "covered")

    def test_no_proof_of_purchase_past_the_period(self):
        """Nobody runs home for a paper that can't help any more."""
        self.pack_car.document_required = True
        self._register(document_state="missing", date_start="2015-03-01")
        self.assertEqual(self._weigh().verdict_ids.result, "charged")

    def test_serial_unknown(self):
        """An asset that nobody sold: no guarantee, and the customer pays."""
        asset = self.asset.copy({"serial": "NOBODY KNOWS"})
        order = self._weigh(asset_id=asset.id)
        self.assertFalse(order.verdict_ids)
        self.assertEqual(order.job_ids.payer_id, self.payer_customer)
        self.assertFalse(order.right_level)

    def test_order_without_asset(self):
        order = self._weigh(asset_id=False)
        self.assertFalse(order.verdict_ids)
        self.assertFalse(order.rights)

    def test_sold_twice(self):
        first = self._register(date_start="2024-03-01")
        with (
            self.assertRaisesRegex(ValidationError, "Sedan 1.6.*Car.*2024-03-01"),
            self.env.cr.savepoint(),
        ):
            self._register(date_start="2024-08-01")
        first.action_end(reason="Came back")
        second = self._register(date_start="2024-08-01")
        self.assertEqual(second.state, "active")
        with self.assertRaisesRegex(ValidationError, "already"):
            first.action_void(reason="Mistake")
            first._set_state("active")

    def test_sold_twice_in_one_batch(self):
        values = {
            "asset_id": self.asset.id,
            "pack_id": self.pack_car.id,
            "date_start": "2024-03-01",
        }
        with self.assertRaisesRegex(ValidationError, "already"):
            self.env["aftersales.warranty.registration"].create([values, values])

    def test_serial_is_one_asset(self):
        lot = self._stock_serial(["TWIN"])
        values = {"name": "Twin", "lot_id": lot.id, "company_id": self.company.id}
        self.env["aftersales.asset"].create(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["aftersales.asset"].create(values)

    def test_serial_of_another_product(self):
        lot = self._stock_serial(["OTHER"])
        with self.assertRaisesRegex(ValidationError, "OTHER belongs to Serial Part"):
            self.env["aftersales.asset"].create(
                {"name": "X", "lot_id": lot.id, "product_id": self.part_avco.id}
            )
        order = self._create_order()
        with self.assertRaisesRegex(ValidationError, "OTHER belongs to Serial Part"):
            order.job_ids.write(
                {"causal_product_id": self.part_avco.id, "causal_lot_id": lot.id}
            )

    def test_meter_lower_than_at_registration(self):
        registration = self._register(meter_start=8000)
        self.asset.meter_ids.reading_ids.unlink()
        order = self._weigh(meter_in=100)
        self.assertEqual(order.verdict_ids.result, "refer")
        self.assertIn("less than when", order.verdict_ids.summary)
        refund = registration._get_refund(meter=100)
        self.assertFalse(refund, "no price, no refund")
        registration.price = 1000
        refund = registration._get_refund(meter=100)
        self.assertEqual(refund["refund"], 1000, "never more than was paid")

    def test_pending_with_a_day_before_every_version(self):
        registration = self._register(state="pending", date_start="1999-01-01")
        self.assertFalse(registration.version_id)
        self.assertEqual(self._weigh(meter_in=13000).verdict_ids.result, "charged")

    def test_second_meter_does_not_count_as_the_first(self):
        self._register()
        hours = self.env["aftersales.meter"].create(
            {"asset_id": self.asset.id, "sequence": 20, "unit": "h"}
        )
        self.env["aftersales.meter.reading"].create(
            {"meter_id": hours.id, "value": 90000}
        )
        line = self._create_order([(self.part_avco, 1)]).line_ids
        engine = self.env["aftersales.warranty.engine"]
        [trace] = engine.get_verdicts(line.ids, date=fields.Date.today())
        self.assertEqual(trace["inputs"]["facts"]["meter"], 12000)

    def test_meter_at_start_above_what_it_reads(self):
        with self.assertRaisesRegex(ValidationError, "reads 12000.*99999"):
            self._register(meter_start=99999)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
        ):
            self._register(meter_start=-1)

    def test_two_packs_that_both_apply(self):
        """The better for the customer holds, the other is named, the law first."""
        self._register()
        for code, percent in (("T-HALF", 50), ("T-FULL", 100)):
            pack = self._create_pack(
                [
                    {
                        "code": code,
                        "name": code,
                        "period": 9,
                        "parts_charge": "free",
                        "share_percent": percent,
                        "bearer": "warranty",
                    }
                ],
                code=code,
            )
            self._register(pack)
        verdict = self._weigh().verdict_ids
        self.assertEqual(verdict.rule_code, "T-REPAIR", "law before promise")
        self.assertEqual(verdict.trace["result"]["beaten"], ["T-FULL", "T-HALF"])
        self.assertIn("T-FULL", verdict.explanation)

    def test_start_in_the_future(self):
        self._register(date_start=fields.Date.add(fields.Date.today(), days=1))
        order = self._weigh()
        self.assertFalse(order.verdict_ids.filtered("is_covered"))

    def test_no_version_on_that_day(self):
        with self.assertRaisesRegex(ValidationError, "Car has no version.*1999-01-01"):
            self._register(date_start="1999-01-01")

    def test_active_without_a_day(self):
        registration = self._register(date_start=False)
        self.assertEqual(registration.state, "pending")
        self.assertEqual(self._weigh().verdict_ids.result, "refer")

    def test_archived_things(self):
        """What was promised holds, also when master data is archived since."""
        self._register()
        (self.pack_car | self.env["aftersales.warranty.pack"]).active = False
        self.group_wear.active = False
        self.asset.active = False
        order = self._weigh(meter_in=13000)
        self.assertEqual(order.verdict_ids.result, "covered")
        self.assertTrue(order.verdict_ids.explanation)


@tagged("post_install", "-at_install")
class TestBadPack(WarrantyCommon):
    """Rules, versions and groups that contradict themselves."""

    def _new_version(self, date_from, date_to=False):
        action = self.version_car.action_new_version()
        version = self.version_car.browse(action["res_id"])
        version.write({"date_from": date_from, "date_to": date_to})
        return version

    def test_gap_between_versions(self):
        new = self._new_version("2024-06-01")
        self.version_car.date_to = "2024-04-30"
        with self.assertRaisesRegex(ValidationError, "Nothing is in force between"):
            new.action_publish()
            self.env.flush_all()

    def test_overlap_of_versions(self):
        self._new_version("2024-06-01").action_publish()
        self.assertEqual(str(self.version_car.date_to), "2024-05-31")
        with self.assertRaisesRegex(ValidationError, "overlap on 2024-06-01"):
            self.version_car.date_to = "2024-06-15"
        with self.assertRaisesRegex(ValidationError, "overlap"):
            self.version_car.date_to = False

    def test_two_versions_from_the_same_day(self):
        self._new_version("2024-06-01").action_publish()
        with self.assertRaisesRegex(ValidationError, "overlap"):
            self._new_version("2024-06-01").action_publish()

    def test_version_that_ends_before_it_begins(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
        ):
            self._new_version("2024-06-01", "2024-05-01")
            self.env.flush_all()

    def test_version_without_rules(self):
        version = self._new_version("2024-06-01")
        version.rule_ids.unlink()
        with self.assertRaisesRegex(UserError, "has no rules"):
            version.action_publish()

    def test_circular_groups(self):
        with self.assertRaisesRegex(ValidationError, "Engine can't be part of Piston"):
            self.group_engine.parent_id = self.group_piston
        with self.assertRaisesRegex(ValidationError, "can't be part of"):
            self.group_engine.parent_id = self.group_engine

    def test_same_code_twice(self):
        for model, values in (
            ("aftersales.component.group", {"name": "X", "code": "T-ENGINE"}),
            ("aftersales.fault", {"name": "X", "code": "T-KNOCK"}),
            ("aftersales.exclusion", {"name": "X", "code": "T-MISUSE"}),
            ("aftersales.warranty.pack", {"name": "X", "code": "T-CAR"}),
        ):
            with (
                self.subTest(model),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.env[model].create(values)

    def test_rules_that_say_nothing(self):
        draft = self._new_version("2024-06-01")
        for values, message in (
            ({"period": 1, "period_unit": False}, "unit"),
            ({"meter_limit": 1, "meter_unit": False}, "unit"),
            ({"group_scope": "only"}, "component groups"),
            ({"counter": "repairs", "counter_limit": 3}, "belongs to a right"),
            ({"counter": "repairs", "purpose": "right"}, "with its limit"),
            ({"limit_mode": "past"}, "has to be over"),
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, message),
                self.env.cr.savepoint(),
            ):
                draft.rule_ids = [
                    Command.create({"code": "BAD", "name": "Bad", **values})
                ]

    def test_figures_out_of_range(self):
        draft = self._new_version("2024-06-01")
        for values in (
            {"share_percent": 101},
            {"share_percent": -1},
            {"period": -1},
            {"meter_limit": -1},
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                draft.rule_ids = [
                    Command.create({"code": "BAD", "name": "Bad", **values})
                ]
                self.env.flush_all()

    def test_pack_with_registrations_stays(self):
        self._register()
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.pack_car.unlink()

    def test_pack_for_repairs_is_of_that_kind(self):
        with self.assertRaisesRegex(ValidationError, "can't give Car"):
            self.company.aftersales_repair_pack_id = self.pack_car
