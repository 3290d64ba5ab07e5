from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_inspection import InspectionCommon
from .tour_common import TourCase


@tagged("post_install", "-at_install")
class TestTourTester(InspectionCommon, TourCase):
    """The tester, with the rights of a technician alone; the store at the gate."""

    def setUp(self):
        super().setUp()
        self.part_avco.name = "Circulation pump"
        self.op_repair.test_template_id = self.template
        self.op_repair.gate_template_id = self.gate

    def test_tests_and_grades(self):
        self._stock(self.part_avco, 5)
        pumps = self._create_return((self._sell(self.part_avco, 2), 2))
        pumps.action_accept()
        self._receive(pumps)
        pump = pumps.line_ids
        drill = self._get_here("TEST-1", operation="repair", reason_id=self.fault.id)
        self._walk("tester", self.technician)
        self.assertEqual(
            (pump.state, pump.test_result, pump.grade_id, pump.test_note),
            ("tested", "pass", self.grade_a, "Sealed box"),
        )
        self.assertEqual((drill.state, drill.test_result), ("tested", "fail"))
        self.assertEqual(drill.grade_id.code, "c")
        self.assertEqual((pump | drill).test_user_id, self.technician)
        inspection = drill.test_inspection_id
        self.assertEqual((inspection.state, inspection.result), ("done", "fail"))
        self.assertEqual(len(inspection.answer_ids.photo_ids), 2)
        self.assertIn(inspection.name, drill.test_note)
        self.assertFalse((pump | drill).refund_line_ids, "settled by somebody else")
        self.assertFalse(drill.order_id)

    def _get_repaired(self):
        """Return the line of a thing that was repaired by somebody else."""
        line = self._get_here("GATE-1", operation="repair", reason_id=self.fault.id)
        self._answer(inspection := self._inspect(line), test_fault="yes")
        inspection.action_finish()
        line.action_settle()
        order = line.order_id
        self.env["aftersales.job"].create(
            {
                "order_id": order.id,
                "name": "Repair",
                "line_ids": [
                    Command.create({"product_id": self.labour.id, "product_uom_qty": 1})
                ],
            }
        )
        self._approve(order, method="phone")
        order.action_start()
        order.action_complete(accept_differences=True)
        return line

    def test_technicians_test_what_others_repaired(self):
        line = self._get_repaired()
        own = line.with_user(self.technician)
        self.assertFalse(own.order_id.has_access("read"))
        inspection = self._inspect(own).with_user(self.technician)
        self.assertEqual(inspection.user_id, self.technician)
        self._answer(inspection, gate_fault="no")
        inspection.action_finish()
        self.assertEqual((line.gate_result, line.order_id.state), ("fail", "progress"))
        # Theirs is the test of returned goods, no other final inspection.
        with self.assertRaises(AccessError):
            self.env["aftersales.inspection"].with_user(self.technician).create(
                {"template_id": self.gate.id, "order_id": line.order_id.id}
            )

    def test_nothing_leaves_before_its_test(self):
        line = self._get_repaired()
        order = line.order_id
        out = line._get_moves("out").picking_id
        self._walk("gate_refused", self.storekeeper)
        self.assertEqual((out.state, line.state), ("assigned", "settled"))
        self._walk("gate_passed", self.technician)
        self.assertEqual((line.gate_result, line.may_leave), ("pass", False))
        self.assertEqual(line.gate_user_id, self.technician)
        # The advisor's own step.
        order.with_user(self.advisor).action_pass_quality()
        self.env.invalidate_all()
        self._walk("gate_leaves", self.storekeeper)
        self.assertEqual((out.state, line.state), ("done", "done"))
        self.assertEqual(line.return_id.state, "done")
