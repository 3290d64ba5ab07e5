from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_inspection import InspectionCommon


@tagged("post_install", "-at_install")
class TestGrade(InspectionCommon):
    """How good it still is says where it goes and what is deducted."""

    def _test(self, line, grade):
        inspection = self._inspect(line)
        self._answer(inspection, grade=grade)
        inspection.action_finish()
        return line

    def test_the_checklist_proposes_the_grade(self):
        line = self._test(self._get_here("C1"), "c")
        self.assertEqual(line.grade_id, self.env.ref("aftersales_return.grade_c"))
        self.assertEqual(line.fee_percent, 20.0)

    def test_the_tester_chooses_without_one(self):
        self.op_restock.test_template_id = False
        line = self._get_here("C2")
        grade_b = self.env.ref("aftersales_return.grade_b")
        line.action_test("pass", grade_b.id, note="Box opened")
        self.assertEqual((line.grade_id, line.test_note), (grade_b, "Box opened"))

    def test_goods_for_stock_need_a_grade(self):
        self.op_restock.test_template_id = False
        one, two = self._get_here("C4"), self._get_here("C5")
        one.grade_id = self.grade_a
        with self.assertRaisesRegex(UserError, two.return_id.name):
            (one | two).action_test("pass")
        self.assertEqual((one.state, two.state), ("received", "received"))
        (one | two).action_test("pass", grade=self.grade_a)
        self.assertEqual((one.state, two.state), ("tested", "tested"))

    def test_beyond_use_is_scrapped(self):
        self._get_operation("refund").test_template_id = self.template
        line = self._test(self._get_here("C3", operation="refund"), "d")
        line.action_settle()
        self.assertEqual(line._get_place().usage, "inventory")

    def test_place_of_the_grade(self):
        shelf = self.env["stock.location"].create(
            {
                "name": "B goods",
                "location_id": self.warehouse.lot_stock_id.id,
                "company_id": self.company.id,
            }
        )
        grade_b = self.env.ref("aftersales_return.grade_b")
        grade_b.with_company(self.company).location_id = shelf
        line = self._test(self._get_here("C4"), "b")
        line.action_agree("keep", name="Wang Fang")
        line.action_settle()
        dock = self.env["aftersales.return.dock"].with_user(self.storekeeper)
        answer = dock.scan("C4")
        self.assertEqual(answer["step"]["name"], "put_away")
        self.assertIn("B goods", answer["step"]["text"])
        dock.act("put_away", "C4")
        self.assertEqual(line._get_place(), shelf)
