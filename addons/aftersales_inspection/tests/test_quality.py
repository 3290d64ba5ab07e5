from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import InspectionCommon


@tagged("post_install", "-at_install")
class TestQuality(InspectionCommon):
    def _get_gates(self, order):
        """Return the open checks of an order in their order."""
        return order.inspection_ids.filtered(
            lambda inspection: inspection.state in ("draft", "progress")
        ).sorted(lambda inspection: inspection.template_id.sequence)

    # Steps of the order

    def test_start_waits_for_its_inspection(self):
        self.template.step = "start"
        orders = self._create_order([(self.labour, 1)])
        orders |= self._create_order([(self.labour, 1)])
        self._approve(orders)
        self.assertFalse(orders.inspection_ids, "made by a button")
        self.assertIn("Inspection: Check of a car", orders[0].missing)
        with self.assertRaisesRegex(UserError, orders[1].name):
            orders.action_start()
        inspections = self._inspect(orders)
        for inspection in inspections:
            self._answer_all(inspection, tyres="red")
        inspections.action_finish()
        self.assertNotIn("Inspection", orders[0].missing)
        orders.action_start()
        orders.action_start()
        self.assertEqual(
            set(orders.mapped("state")), {"progress"}, "done is enough, also with red"
        )

    def test_completion_waits_for_its_inspection(self):
        self.template.write({"step": "complete", "is_automatic": True})
        order = self._approve(self._create_order([(self.labour, 1)]))
        self.assertFalse(order.inspection_ids)
        order.action_start()
        self.assertEqual(order.inspection_ids.template_id, self.template)
        with self.assertRaisesRegex(UserError, "Check of a car"):
            order.action_complete()
        self._answer_all(order.inspection_ids).action_finish()
        order.action_complete()
        self.assertEqual(order.state, "quality")

    def test_hand_over_waits_for_a_passed_delivery_check(self):
        delivery = self._create_template(
            [{"name": "Washed", "kind": "yes_no", "expected": "yes"}],
            use="delivery",
            step="deliver",
            is_automatic=True,
            name="Delivery check",
        )
        order = self._create_worked_order()
        order.action_pass_quality()
        check = order.inspection_ids
        self.assertEqual(check.template_id, delivery)
        self._answer(check, {delivery.version_id.item_ids: "no"})
        check.action_finish()
        self.assertFalse(check.finding_ids, "of our work, not of the asset")
        with self.assertRaisesRegex(UserError, "Delivery check"):
            order.action_deliver()
        again = check.action_repeat()
        self._answer(again, {delivery.version_id.item_ids: "yes"})
        again.action_finish()
        order.action_deliver()
        self.assertEqual(order.state, "done")

    def test_only_inspections_for_the_asset_are_waited_for(self):
        self.template.write(
            {"step": "start", "category_ids": self.category.copy({"name": "Fridge"})}
        )
        order = self._approve(self._create_order([(self.labour, 1)]))
        order.action_start()
        self.assertEqual(order.state, "progress")

    def test_other_companies_templates_are_not_waited_for(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.template.write({"step": "start", "company_id": other.id})
        order = self._approve(self._create_order([(self.labour, 1)]))
        order.action_start()
        self.assertEqual(order.state, "progress")

    # Three checks

    def test_three_pairs_of_eyes_in_their_order(self):
        self._create_gates()
        order = self._create_worked_order()
        first, second, third = self._get_gates(order)
        self.assertEqual(
            [each.use for each in (first, second, third)],
            ["gate_self", "gate_mutual", "gate_final"],
        )
        for name in ("gate_self", "gate_mutual", "gate_final"):
            self.assertIn(f"Inspection: {name}", order.missing)
        with self.assertRaisesRegex(UserError, "gate_self, gate_mutual, gate_final"):
            order.with_user(self.advisor).action_pass_quality()
        with self.assertRaisesRegex(UserError, "not its turn.*gate_self"):
            second.with_user(self.colleague).action_start()
        with self.assertRaisesRegex(UserError, "not its turn.*gate_self, gate_mutual"):
            third.with_user(self.advisor).action_start()
        with self.assertRaisesRegex(UserError, "done by who did the work: Technician"):
            first.with_user(self.advisor).action_start()
        self._pass(first, self.technician)
        self.assertEqual(first.employee_id, self.employee)
        with self.assertRaisesRegex(UserError, "another pair of eyes"):
            second.with_user(self.technician).action_start()
        self._pass(second, self.colleague)
        self.assertEqual(second.employee_id, self.employee_colleague)
        with self.assertRaisesRegex(UserError, "gate_final"):
            order.with_user(self.advisor).action_pass_quality()
        self._pass(third, self.advisor)
        self.assertNotIn("Inspection", order.missing)
        order.with_user(self.advisor).action_pass_quality()
        self.assertEqual(order.state, "ready")
        self.assertFalse(order.finding_ids)
        self.assertFalse(order.rework_ids)

    def test_final_inspection_is_the_advisors(self):
        self._create_gates()
        order = self._create_worked_order()
        first, second, third = self._get_gates(order)
        self._pass(first, self.technician)
        self._pass(second, self.colleague)
        with self.assertRaisesRegex(AccessError, "Ask an advisor"):
            third.with_user(self.technician).action_start()

    def test_advisor_enters_what_a_technician_saw(self):
        self._create_gates()
        order = self._create_worked_order()
        first, second, _third = self._get_gates(order).with_user(self.advisor)
        first.employee_id = self.employee
        self._pass(first)
        second.employee_id = self.employee
        with self.assertRaisesRegex(UserError, "another pair of eyes"):
            self._pass(second)
        second.employee_id = self.employee_colleague
        self._pass(second)
        self.assertEqual(second.result, "pass")

    def test_failed_final_inspection_sends_back(self):
        self._create_gates()
        order = self._create_worked_order()
        first, second, third = self._get_gates(order)
        self._pass(first, self.technician)
        self._pass(second, self.colleague)
        third = third.with_user(self.advisor)
        self._answer(
            third,
            {
                third.version_id.item_ids[0]: {
                    "value_yes_no": "no",
                    "note": "Front left",
                },
                third.version_id.item_ids[1]: "green",
            },
        )
        third.action_finish()
        third.action_finish()
        self.assertEqual(third.result, "fail")
        self.assertEqual(order.state, "progress")
        self.assertEqual(order.job_ids.state, "progress")
        self.assertEqual(order.rework_count, 1)
        rework = order.rework_ids
        self.assertEqual(len(rework), 1)
        self.assertEqual(rework.job_id, order.job_ids)
        self.assertEqual(rework.technician_id, self.employee)
        self.assertEqual(rework.inspection_id, third)
        self.assertEqual(rework.user_id, self.advisor)
        self.assertEqual(rework.round, 1)
        for text in ("gate_final", "Nuts are tight", "Front left"):
            self.assertIn(text, rework.reason)
        self.assertNotIn("Clean", rework.reason)
        # Done again, it is checked again from the beginning.
        order.action_complete()
        with self.assertRaisesRegex(UserError, "gate_self, gate_mutual, gate_final"):
            order.action_pass_quality()
        gates = self._get_gates(order)
        self.assertEqual(len(gates), 3)
        for gate, user in zip(
            gates, (self.technician, self.colleague, self.advisor), strict=True
        ):
            self._pass(gate, user)
        order.action_pass_quality()
        self.assertEqual(order.state, "ready")

    def test_failed_mutual_check_sends_back(self):
        self._create_gates()
        order = self._create_worked_order()
        first, second, _third = self._get_gates(order)
        self._pass(first, self.technician)
        second = self._pass(second, self.colleague, tight="no")
        self.assertEqual(second.result, "fail")
        self.assertEqual(order.state, "progress")
        self.assertEqual(order.rework_ids.inspection_id, second)
        self.assertEqual(order.rework_ids.user_id, self.colleague)

    def test_failed_self_check_is_repeated(self):
        self._create_gates()
        order = self._create_worked_order()
        first, _second, _third = self._get_gates(order)
        first = self._pass(first, self.technician, tight="no")
        self.assertEqual(order.state, "quality")
        again = first.action_repeat()
        self._answer(again, {again.version_id.item_ids[0]: "yes"})
        again.action_finish()
        self.assertNotIn("gate_self", order.missing)

    def test_rework_is_counted_whichever_way_it_was_called(self):
        orders = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id},
            {"lines": [(self.labour, 1)], "technician_id": self.employee_colleague.id},
            {"lines": [(self.labour, 1)]},
        )
        orders |= self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}
        )
        self._approve(orders)
        orders.action_start()
        orders.action_complete()
        orders.with_user(self.advisor).action_rework("Still squeals")
        Rework = self.env["aftersales.rework"].with_user(self.advisor)
        counts = dict(
            Rework._read_group(
                [("order_id", "in", orders.ids)], ["technician_id"], ["__count"]
            )
        )
        self.assertEqual(counts[self.employee], 2)
        self.assertEqual(counts[self.employee_colleague], 1)
        self.assertEqual(counts[self.employee.browse()], 1)
        self.assertEqual(set(orders.rework_ids.mapped("reason")), {"Still squeals"})
        orders[0].action_complete()
        orders[0].action_rework("Again")
        self.assertEqual(orders[0].rework_ids.sorted("id")[-1].round, 2)
        with self.assertRaises(AccessError):
            orders.rework_ids[0].with_user(self.manager).reason = "Nothing"

    def test_several_orders_pass_together(self):
        gates = self._create_gates()
        gates[0].step = gates[1].step = "none"
        orders = self._create_worked_order() | self._create_worked_order()
        with self.assertRaisesRegex(UserError, orders[1].name):
            orders.action_pass_quality()
        for gate in orders.inspection_ids:
            self._pass(gate, self.advisor)
        orders.action_pass_quality()
        self.assertEqual(set(orders.mapped("state")), {"ready"})

    def test_gate_without_an_order_is_refused(self):
        gate = self._create_gates()[0]
        inspection = self.env["aftersales.inspection"].create(
            {"template_id": gate.id, "asset_id": self.asset.id}
        )
        with self.assertRaisesRegex(UserError, "choose it"):
            inspection.action_start()

    # What it costs

    def test_steps_cost_nothing_without_templates_and_findings(self):
        """A company that doesn't inspect doesn't pay for it."""
        order = self._approve(self._create_order([(self.labour, 1)]))
        self.env["aftersales.inspection.template"]._get_step_ids(self.company.id)
        asked = []
        execute = type(self.env.cr).execute
        ours = ("aftersales_inspection", "aftersales_finding", "aftersales_belonging")

        def spy(cursor, query, *args, **kwargs):
            text = str(getattr(query, "code", query))
            if any(f'FROM "{table}' in text for table in ours):
                asked.append(text)
            return execute(cursor, query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", spy)
        for step in (
            order.action_start,
            order.action_complete,
            order.action_pass_quality,
            order.action_invoice,
            order.action_deliver,
        ):
            self.env.invalidate_all()
            step()
        self.assertFalse(asked)
