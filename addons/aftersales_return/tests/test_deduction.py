from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.aftersales_warranty.tests.common import WarrantyCommon

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestDeduction(ReturnCommon, WarrantyCommon):
    """What is kept for the use when something under guarantee is refunded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.pack = cls._create_pack(
            [
                {
                    "code": "T-7D",
                    "name": "Seven days",
                    "purpose": "right",
                    "period": 7,
                    "period_unit": "day",
                    "remedy": "any",
                },
                {
                    "code": "T-1Y",
                    "name": "One year",
                    "period": 1,
                    "parts_charge": "free",
                    "bearer": "maker",
                },
            ],
            name="Camera",
            code="T-CAM",
            kind="legal",
            version={"deduction_kind": "daily", "deduction_rate": 0.1},
        )
        cls.account_use = cls.env["account.account"].create(
            {"name": "Use", "code": "450910", "account_type": "income_other"}
        )
        cls.fault = cls.env.ref("aftersales_return.reason_defective")
        cls.unwanted = cls.env.ref("aftersales_return.reason_unwanted")

    def _sell_serial(self, name="S1", days=100, price=1000.0, pack=None):
        """Sell a serial for ``price`` plus 10 %, registered so many days ago."""
        lot = self._stock_serial([name])
        sale_line = self._sell(self.part_serial, 1, price=price, lots=lot)
        asset = self.env["aftersales.asset"].create(
            {
                "lot_id": lot.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        registration = self._register(
            pack=pack or self.pack,
            asset=asset,
            date_start=fields.Date.subtract(self.today, days=days),
            price=price * 1.1,
        )
        return lot, sale_line, registration

    def _create(self, lot, sale_line, **values):
        return self._create_return(
            {
                **self._prepare_line((sale_line, 1), "refund"),
                "lot_id": lot.id,
                "reason_id": self.fault.id,
                **values,
            }
        )

    def _settle(self, rma):
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(result="fail", grade=self.grade_a)
        rma.line_ids.action_settle()
        return rma.line_ids.refund_line_ids.move_id

    def test_by_days(self):
        lot, sale_line, registration = self._sell_serial()
        rma = self._create(lot, sale_line)
        line = rma.line_ids
        # 1,100 × 0.1 % × 100 days
        self.assertEqual(line.deduction_registration_id, registration)
        self.assertEqual(line.deduction_working["deduction"], 110.0)
        self.assertEqual(line.deduction_working["days"], 100)
        self.assertAlmostEqual(line.fee_percent, 10.0)
        self.assertIn("100 days", line.deduction_text)
        refund = self._settle(rma)
        self.assertEqual(refund.amount_total, 990.0)
        kept = refund.invoice_line_ids.filtered(lambda item: item.quantity < 0)
        self.assertIn(line.deduction_text, kept.name)
        self.assertEqual(kept.tax_ids, self.tax)
        self.assertFalse(registration.is_running)
        self.assertEqual(registration.state, "ended")

    def test_account_of_the_use(self):
        self.company.aftersales_use_deduction_account_id = self.account_use
        lot, sale_line, _registration = self._sell_serial()
        refund = self._settle(self._create(lot, sale_line))
        kept = refund.line_ids.filtered(
            lambda item: item.account_id == self.account_use and not item.tax_line_id
        )
        self.assertEqual(kept.balance, -100.0)

    def test_by_kilometres_to_the_cent(self):
        pack = self._create_pack(
            [{"code": "T-C", "name": "Cover", "period": 3, "bearer": "maker"}],
            name="Scooter",
            code="T-SCOOT",
            kind="legal",
            version={"deduction_kind": "mileage", "deduction_rate": 0.5},
        )
        lot, sale_line, registration = self._sell_serial(price=3333.0, pack=pack)
        registration.asset_id.meter = 12345
        rma = self._create(lot, sale_line)
        working = rma.line_ids.deduction_working
        # 3,666.30 × 12.345 × 0.5 %
        self.assertEqual(working["deduction"], 226.3)
        refund = self._settle(rma)
        self.assertAlmostEqual(refund.amount_total, working["refund"], delta=0.01)

    def test_the_days_are_those_of_the_customer(self):
        """What we take longer for is not his use."""
        lot, sale_line, _registration = self._sell_serial()
        rma = self._create(
            lot,
            sale_line,
        )
        rma.date_requested = fields.Datetime.subtract(fields.Datetime.now(), days=20)
        self.assertEqual(rma.line_ids.deduction_working["days"], 80)
        refund = self._settle(rma)
        self.assertEqual(refund.amount_total, 1012.0)

    def test_a_right_to_the_full_price(self):
        lot, sale_line, _registration = self._sell_serial(days=5)
        rma = self._create(lot, sale_line)
        self.assertFalse(rma.line_ids.deduction_working)
        self.assertEqual(self._settle(rma).amount_total, 1100.0)

    def test_no_fault_no_use_deduction(self):
        """Who simply does not want it pays the fee of the shop, not the rule's."""
        self._get_operation("refund").fee_percent = 15.0
        lot, sale_line, _registration = self._sell_serial()
        rma = self._create(lot, sale_line, reason_id=self.unwanted.id)
        self.assertFalse(rma.line_ids.deduction_working)
        self.assertEqual(rma.line_ids.fee_percent, 15.0)
        self.assertEqual(self._settle(rma).amount_total, 935.0)

    def test_the_rule_goes_before_the_fees(self):
        self._get_operation("refund").fee_percent = 15.0
        lot, sale_line, _registration = self._sell_serial()
        rma = self._create(lot, sale_line)
        self.assertAlmostEqual(rma.line_ids.fee_percent, 10.0)
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.env.ref("aftersales_return.grade_c"))
        self.assertAlmostEqual(rma.line_ids.fee_percent, 10.0)

    def test_changed_with_a_reason(self):
        lot, sale_line, _registration = self._sell_serial()
        rma = self._create(lot, sale_line)
        rma.action_accept()
        self._receive(rma)
        line = rma.line_ids.with_user(self.advisor)
        with self.assertRaisesRegex(UserError, "Deducted For"):
            line.fee_percent = 4.0
        with self.assertRaises(UserError):
            line.action_set_deduction(percent=4.0)
        line.write({"fee_percent": 4.0, "fee_reason": "Hardly used"})
        self.assertEqual(rma.line_ids.fee_user_id, self.advisor)
        # A later grade does not overrule it.
        line.action_test(grade=self.env.ref("aftersales_return.grade_c"))
        self.assertEqual(line.fee_percent, 4.0)
        rma.line_ids.action_settle()
        refund = rma.line_ids.refund_line_ids.move_id
        self.assertEqual(refund.amount_total, 1056.0)
        self.assertIn("Hardly used", refund.invoice_line_ids.mapped("name"))
        with self.assertRaisesRegex(UserError, "settled"):
            line.write({"fee_percent": 5.0, "fee_reason": "Again"})

    def test_technicians_keep_no_other_part(self):
        lot, sale_line, _registration = self._sell_serial()
        rma = self._create(lot, sale_line)
        rma.action_accept()
        self._receive(rma)
        line = rma.line_ids.with_user(self.technician)
        for change in (
            lambda: line.write({"fee_percent": 0.0, "fee_reason": "A friend"}),
            lambda: line.action_set_deduction(percent=0.0, reason="A friend"),
            line.action_reset_deduction,
        ):
            with self.assertRaisesRegex(AccessError, "Ask an advisor"):
                change()
        # What the screen writes back with the test is no change.
        line.write({"test_note": "Used", "fee_percent": line.fee_percent})
        self.assertAlmostEqual(rma.line_ids.fee_percent, 10.0)

    def test_changed_and_back(self):
        lot, sale_line, _registration = self._sell_serial()
        line = self._create(lot, sale_line).line_ids
        line.action_set_deduction(percent=0.0, reason="Goodwill")
        self.assertEqual((line.fee_percent, line.fee_reason), (0.0, "Goodwill"))
        line.action_reset_deduction()
        self.assertAlmostEqual(line.fee_percent, 10.0)
        self.assertFalse(line.fee_user_id)

    def test_what_the_screen_writes_back_is_no_change(self):
        self._get_operation("refund").fee_percent = 0.0
        self._stock(self.part_avco, 5, 10.0)
        rma = self._create_return((self._sell(self.part_avco, 2), 2))
        line = rma.line_ids
        worn = self.env.ref("aftersales_return.grade_c")
        line.write({"grade_id": worn.id, "fee_percent": 20})
        self.assertFalse(line.fee_user_id)
        line.write({"grade_id": self.grade_a.id, "fee_percent": 0})
        self.assertEqual(line.fee_percent, 0.0)
        # Without a rule nobody has to explain himself.
        line.fee_percent = 7.0
        self.assertEqual(line.fee_user_id, self.env.user)

    def test_no_field_of_a_step_is_written(self):
        lot, sale_line, _registration = self._sell_serial()
        line = self._create(lot, sale_line).line_ids.with_user(self.advisor)
        for field, value in (
            ("fee_user_id", self.advisor.id),
            ("gate_result", "pass"),
            ("date_given", fields.Datetime.now()),
        ):
            with self.assertRaises(AccessError):
                line.write({field: value})

    def test_batch(self):
        lines = self.env["aftersales.return.line"]
        for name, days in (("S1", 100), ("S2", 50), ("S3", 3)):
            lot, sale_line, _registration = self._sell_serial(name, days=days)
            lines |= self._create(lot, sale_line).line_ids
        self.assertEqual(
            [round(line.fee_percent, 4) for line in lines], [10.0, 5.0, 0.0]
        )

    def test_other_product_too(self):
        lot, sale_line, _registration = self._sell_serial()
        self._stock(self.part_avco, 5, 10.0)
        rma = self._create(
            lot,
            sale_line,
            operation_id=self._get_operation("other").id,
            replacement_product_id=self.part_avco.id,
        )
        self.assertEqual(self._settle(rma).amount_total, 990.0)

    def test_repair_and_exchange_deduct_nothing(self):
        lot, sale_line, _registration = self._sell_serial()
        for code in ("repair", "exchange"):
            rma = self._create(
                lot, sale_line, operation_id=self._get_operation(code).id
            )
            self.assertFalse(rma.line_ids.deduction_working)
            rma.action_cancel(reason="Next")
