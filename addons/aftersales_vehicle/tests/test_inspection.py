from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.aftersales_inspection.tests.common import InspectionCommon


@tagged("post_install", "-at_install")
class TestInspection(InspectionCommon):
    def _create_mutual_checks(self):
        """Create two worked orders; return their mutual checks, their turn come."""
        gates = self._create_gates()
        gates[0].step = "none"
        orders = self._create_worked_order() | self._create_worked_order()
        checks = orders.inspection_ids.filtered(lambda each: each.use == "gate_mutual")
        self.assertEqual(len(checks), 2)
        return checks

    def test_helpers_do_not_check_what_they_worked_on(self):
        helped, other = self._create_mutual_checks()
        helped.order_id.job_ids.helper_ids = [Command.set(self.employee_colleague.ids)]
        with self.assertRaisesRegex(UserError, "another pair of eyes.*Colleague"):
            self._pass(helped, self.colleague)
        self._pass(other, self.colleague)
        self.assertEqual(other.result, "pass")

    def test_who_clocked_on_the_job_does_not_check_it(self):
        clocked, other = self._create_mutual_checks()
        values = {
            "employee_id": self.employee_colleague.id,
            "company_id": self.company.id,
            "start": "2026-03-02 08:00:00",
            "stop": "2026-03-02 09:00:00",
        }
        self.env["aftersales.clock.entry"].create(
            [
                {**values, "kind": "work", "job_id": clocked.order_id.job_ids.id},
                {
                    **values,
                    "kind": "pause",
                    "paused_job_id": other.order_id.job_ids.id,
                    "start": "2026-03-02 09:00:00",
                    "stop": "2026-03-02 10:00:00",
                },
            ]
        )
        with self.assertRaisesRegex(UserError, "another pair of eyes.*Colleague"):
            self._pass(clocked, self.colleague)
        self._pass(other, self.colleague)
        self.assertEqual(other.result, "pass")
