from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import convert_file

from .common import ReturnCommon


class InspectionCommon(ReturnCommon):
    """Operations with checklists, and goods that are here to be tested."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env.ref("aftersales_return.template_return_test")
        cls.gate = cls.env.ref("aftersales_return.template_return_gate")
        cls.op_restock = cls.env.ref("aftersales_return.operation_restock")
        cls.op_repair = cls.env.ref("aftersales_return.operation_repair")
        cls.op_restock.test_template_id = cls.template
        cls.fault = cls.env.ref("aftersales_return.reason_defective")

    def _get_here(self, *names, operation="restock", **values):
        """Return the lines of serials that were sold and came back."""
        lots = self._stock_serial(names)
        for lot in lots:
            self._sell(self.part_serial, 1, lots=lot)
        rma = self._create_return(
            *(
                {"product_id": self.part_serial.id, "serial": name, **values}
                for name in names
            ),
            operation=operation,
        )
        rma.action_accept()
        self._receive(rma)
        return rma.line_ids

    def _inspect(self, line):
        """Return the inspection that the line opens."""
        action = line.action_inspect()
        return self.env["aftersales.inspection"].browse(
            action["params"]["inspection_id"]
        )

    def _answer(self, inspection, grade="a", **changes):
        """Answer everything as it should be, but for ``changes`` by item key."""
        ref = self.env.ref
        answers = []
        for item in inspection.answer_ids.item_id:
            key = item.get_external_id()[item.id].partition(".item_")[2]
            values = {"item_id": item.id, "operation": f"{inspection.id}-{item.id}"}
            if item.kind == "yes_no":
                values["value_yes_no"] = changes.get(key, item.expected)
            elif item.kind == "choice":
                picked = changes.get(key, grade if key == "test_grade" else None)
                choice = (
                    ref(f"aftersales_return.choice_{key}_{picked}")
                    if picked
                    else item.choice_ids[:1]
                )
                values["choice_id"] = choice.id
            else:
                continue
            answers.append(values)
        inspection.save_answers(answers)


@tagged("post_install", "-at_install")
class TestInspection(InspectionCommon):
    def test_shipped_checklists_are_published_by_an_update_too(self):
        versions = (self.template | self.gate).version_ids
        self.assertEqual(set(versions.mapped("state")), {"published"})
        # As they are on a database that had the add-on before it had them.
        versions._write({"state": "draft"})
        versions.invalidate_recordset()
        for _turn in range(2):
            convert_file(
                self.env,
                "aftersales_return",
                "data/return_test_data.xml",
                {},
                mode="update",
            )
            self.assertEqual(set(versions.mapped("state")), {"published"})
        self.assertEqual(self.template.version_id, self.template.version_ids)

    def test_the_test_is_made_with_the_checklist(self):
        line = self._get_here("T1")
        with self.assertRaisesRegex(UserError, "checklist"):
            line.action_test("pass", self.grade_a)
        inspection = self._inspect(line)
        self.assertEqual(self._inspect(line), inspection, "one at a time")
        self.assertEqual(inspection.use, "return_test")
        self.assertEqual(inspection.partner_id, self.customer)
        self._answer(inspection)
        inspection.action_finish()
        self.assertEqual((line.state, line.test_result), ("tested", "pass"))
        self.assertEqual(line.test_inspection_id, inspection)
        self.assertEqual(line.test_note, inspection.name)
        inspection.action_finish()
        self.assertEqual(line.inspection_count, 1)

    def test_technician_with_own_rights(self):
        line = self._get_here("T2")
        inspection = self._inspect(line.with_user(self.technician))
        inspection = inspection.with_user(self.technician)
        self._answer(inspection)
        inspection.action_finish()
        self.assertEqual(line.test_user_id, self.technician)
        with self.assertRaises(AccessError):
            line.with_user(self.storekeeper).action_inspect()

    def test_red_is_faulty_and_said(self):
        self.warehouse.out_type_id.aftersales_create_assets = True
        line = self._get_here("T3", reason_id=self.fault.id)
        inspection = self._inspect(line)
        self._answer(inspection, test_safe="no", test_fault="yes")
        inspection.action_finish()
        self.assertEqual(line.test_result, "fail")
        self.assertIn("Safe to use", line.test_note)
        self.assertEqual(line.finding_count, 2, "kept on the asset")
        action = line.action_view_findings()
        findings = self.env["aftersales.finding"].search(action["domain"])
        self.assertEqual(findings.asset_id.serial, "T3")

    def test_fault_that_does_not_show(self):
        line = self._get_here("T4", reason_id=self.fault.id)
        inspection = self._inspect(line)
        self._answer(inspection)
        inspection.action_finish()
        self.assertEqual(line.test_result, "none")

    def test_batch(self):
        lines = self._get_here("T5", "T6", "T7")
        inspections = self.env["aftersales.inspection"]
        for line, grade in zip(lines, "aab", strict=True):
            inspection = self._inspect(line)
            self._answer(inspection, grade=grade)
            inspections |= inspection
        inspections.action_finish()
        self.assertEqual(set(lines.mapped("state")), {"tested"})
        self.assertEqual(lines.mapped("grade_id.code"), ["a", "b"])
        for line in lines:
            self.assertIn(line.test_inspection_id, inspections)
        lines.action_agree("keep", name="Wang Fang")
        lines.action_settle()
        self._put_away(lines.return_id)
        self.assertEqual(lines.return_id.state, "done")

    def test_tested_again(self):
        line = self._get_here("T8")
        first = self._inspect(line)
        self._answer(first, grade="d")
        first.action_finish()
        second = self._inspect(line)
        self.assertNotEqual(first, second)
        self._answer(second, grade="b")
        second.action_finish()
        self.assertEqual(line.grade_id.code, "b")
        self.assertEqual(line.inspection_count, 2)
        action = line.action_view_inspections()
        self.assertEqual(
            self.env["aftersales.inspection"].search(action["domain"]), first | second
        )

    def test_without_checklist_and_not_here(self):
        self.op_restock.test_template_id = False
        line = self._get_here("T9")
        with self.assertRaisesRegex(UserError, "no checklist"):
            line.action_inspect()
        self.op_restock.test_template_id = self.template
        self._stock_serial(["T10"])
        rma = self._create_return(
            {"product_id": self.part_serial.id, "serial": "T10"}, operation="restock"
        )
        with self.assertRaisesRegex(UserError, "not here"):
            rma.line_ids.action_inspect()

    def _repair(self, *names):
        """Return lines whose repair is finished and waits for its test."""
        self.op_repair.gate_template_id = self.gate
        lines = self._get_here(*names, operation="repair")
        lines.action_test("fail", note="Broken")
        lines.action_settle()
        for order in lines.order_id:
            order.write(
                {
                    "user_id": self.advisor.id,
                    "team_id": self.team.id,
                    "job_ids": [Command.create(self._prepare_job([(self.labour, 1)]))],
                }
            )
        orders = lines.order_id
        self._approve(orders)
        orders.action_start()
        orders.action_complete()
        return lines

    def test_gate_by_checklist(self):
        lines = self._repair("G1", "G2")
        with self.assertRaisesRegex(UserError, "checklist"):
            lines.action_test_repair("pass")
        inspections = self.env["aftersales.inspection"]
        for line in lines:
            inspection = self._inspect(line)
            self.assertEqual(inspection.use, "gate_final")
            self.assertEqual(inspection.order_id, line.order_id)
            dock = self.env["aftersales.return.dock"].with_user(self.advisor)
            step = dock.scan(line._get_tag_code())["step"]
            self.assertEqual(step["name"], "test")
            self._answer(inspection)
            inspections |= inspection
        inspections.action_finish()
        self.assertEqual(set(lines.mapped("gate_result")), {"pass"})

    def test_gate_not_passed_goes_back_to_work(self):
        line = self._repair("G3")
        order = line.order_id
        inspection = self._inspect(line)
        self._answer(inspection, gate_fault="no")
        inspection.action_finish()
        self.assertEqual(line.gate_result, "fail")
        self.assertEqual(order.state, "progress")
        self.assertEqual(order.rework_ids.inspection_id, inspection)
        self.assertEqual(len(order.rework_ids), 1, "sent back once")
        order.action_complete()
        with self.assertRaisesRegex(UserError, "checklist"):
            line.action_test_repair("pass")
        again = self._inspect(line)
        self.assertNotEqual(again, inspection)
        self._answer(again)
        again.action_finish()
        self.assertEqual(line.gate_result, "pass")

    def test_other_final_inspections_touch_no_return(self):
        order = self._create_order([(self.labour, 1)])
        self._approve(order)
        order.action_start()
        order.action_complete()
        inspection = self.env["aftersales.inspection"].create(
            {"template_id": self.gate.id, "order_id": order.id}
        )
        self._answer(inspection)
        inspection.action_finish()
        self.assertEqual(inspection.result, "pass")
