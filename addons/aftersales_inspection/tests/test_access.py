from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import InspectionCommon


@tagged("post_install", "-at_install")
class TestAccess(InspectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(
            cls.env, "inspection_portal", groups="base.group_portal"
        )

    def _own_order(self, **values):
        return self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}, **values
        )

    def test_technician_fills_inspections_of_own_orders(self):
        own = self._inspect(self._own_order(), user=self.technician)
        self._answer_all(own, brakes=1)
        own.action_finish()
        self.assertEqual(own.state, "done")
        self.assertEqual(own.employee_id, self.employee)
        self.assertEqual(own.finding_ids.name, "Front pads")
        self.assertTrue(own.finding_ids.photo_ids[0].raw)

    def test_technician_does_not_see_those_of_others(self):
        order = self._create_order([(self.labour, 1)])
        other = self._answer_all(self._inspect(order), tyres="red")
        Inspection = self.env["aftersales.inspection"].with_user(self.technician)
        self.assertFalse(Inspection.search([("id", "=", other.id)]))
        with self.assertRaises(AccessError):
            other.with_user(self.technician).read(["name"])
        with self.assertRaises(AccessError):
            other.with_user(self.technician)._write_answer(
                self.item_lights, {"value_yes_no": "yes"}
            )
        with self.assertRaises(AccessError):
            other.with_user(self.technician).action_finish()
        with self.assertRaises(AccessError):
            Inspection.create({"template_id": self.template.id, "order_id": order.id})
        finding = other.finding_ids.with_user(self.technician)
        self.assertEqual(finding.name, "Tyres", "what is open on an asset is no secret")
        with self.assertRaises(AccessError):
            finding.note = "Not mine"

    def test_technician_inspects_an_asset_without_order(self):
        Inspection = self.env["aftersales.inspection"].with_user(self.technician)
        inspection = Inspection.create(
            {"template_id": self.template.id, "asset_id": self.asset.id}
        )
        self._answer_all(inspection)
        inspection.action_finish()
        self.assertEqual(inspection.user_id, self.technician)

    def test_technician_looks_in_the_own_name(self):
        inspection = self._inspect(self._own_order(), user=self.technician)
        with self.assertRaisesRegex(AccessError, "own name"):
            inspection.employee_id = self.employee_colleague
        with self.assertRaisesRegex(AccessError, "own name"):
            inspection.user_id = self.advisor

    def test_technician_does_not_decide(self):
        inspection = self._inspect(self._own_order(), user=self.technician)
        self._answer_all(inspection, brakes=1)
        inspection.action_finish()
        finding = inspection.finding_ids
        with self.assertRaisesRegex(AccessError, "does not decide"):
            finding.action_dismiss("No")
        with self.assertRaisesRegex(AccessError, "does not decide"):
            finding.action_create_job()
        with self.assertRaises(AccessError):
            finding.unlink()
        finding.action_record_warning(method="desk", name="Wang Fang")
        self.assertEqual(finding.warning_user_id, self.technician)

    def test_technician_passes_the_mutual_check_of_others(self):
        self._create_gates()
        order = self._create_worked_order()
        gates = order.inspection_ids.sorted(lambda each: each.template_id.sequence)
        self._pass(gates[0], self.technician)
        Inspection = self.env["aftersales.inspection"].with_user(self.colleague)
        found = Inspection.search([("order_id", "=", order.id)])
        self.assertEqual(found, gates[1])
        found.read(["display_name", "order_id", "asset_id", "answer_ids"])
        order.action_rework(reason="Not clean")
        self.assertFalse(
            Inspection.search([("order_id", "=", order.id)]), "while it is worked on"
        )
        with self.assertRaises(AccessError):
            found.read(["display_name"])
        order.action_complete()
        again = order.inspection_ids.filtered(
            lambda each: each.use == "gate_self" and each.state == "draft"
        )
        self._pass(again, self.technician)
        self._pass(found, self.colleague)
        self.assertTrue(found.read(["result"]), "the own inspections stay readable")

    def test_what_steps_record_is_written_by_nobody(self):
        self._create_gates()
        order = self._create_worked_order()
        gate = order.inspection_ids.filtered(lambda each: each.use == "gate_self")
        failed = self._pass(gate, self.technician, tight="no")
        self.assertEqual(failed.result, "fail")
        todo = self._inspect(self._own_order())
        for values in (
            {"result": "pass"},
            {"use": "other"},
            {"round": 2},
            {"previous_id": failed.id},
            {"order_rework_count": 1},
            {"date_start": False},
            {"date_done": False},
            {"cancel_reason": "None"},
        ):
            for inspection in (failed, todo):
                for user in (self.technician, self.manager):
                    with (
                        self.subTest(values=values, user=user.login),
                        self.assertRaisesRegex(AccessError, inspection.name),
                    ):
                        inspection.with_user(user).write(values)
        self.assertEqual(failed.result, "fail")

    def test_second_inspections_are_made_by_their_step(self):
        first = self._inspect(self._own_order(), user=self.technician)
        values = {"template_id": self.template.id, "order_id": first.order_id.id}
        for user in (self.technician, self.manager):
            Inspection = first.with_user(user).browse()
            for name, value in (("previous_id", first.id), ("round", 2)):
                with self.subTest(name=name, user=user.login):
                    with self.assertRaisesRegex(AccessError, name):
                        Inspection.create([values, {**values, name: value}])
                    with self.assertRaisesRegex(AccessError, name):
                        Inspection.with_context(**{f"default_{name}": value}).create(
                            values
                        )
            made = Inspection.create(values)
            self.assertEqual(made.answer_ids.item_id, self.version.item_ids)

    def test_answers_keep_to_their_item(self):
        first = self._inspect(self._own_order(), user=self.technician)
        self._answer_all(first, tyres="red").action_finish()
        inspection = self._inspect(first.order_id, user=self.technician)
        lights = self._get_answer(inspection, self.item_lights)
        brakes = self._get_answer(inspection, self.item_brakes)
        tyres = self._get_answer(inspection, self.item_tyres)
        for values in (
            {"is_copied": True},
            {"kind": "rating"},
            {"item_id": self.item_note.id},
            {"inspection_id": first.id},
            {"earlier_finding_id": first.finding_ids.id},
            {"rating": "green"},
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(AccessError, "All lights work, Front pads"),
            ):
                (lights | brakes).write(values)
        tyres.rating = "green"
        lights.value_yes_no = "no"
        self.assertEqual(lights.rating, "red")

    def test_technician_does_not_inspect_orders_of_others(self):
        gates = self._create_gates(is_automatic=False)
        order = self._create_order([(self.labour, 1)])
        own = self._inspect(self._own_order(), user=self.technician)
        own.user_id = self.technician
        Inspection = own.browse()
        values = {"order_id": order.id, "user_id": self.technician.id}
        with self.assertRaises(AccessError):
            Inspection.create({**values, "template_id": self.template.id})
        with self.assertRaises(AccessError):
            own.order_id = order
        mutual = {**values, "template_id": gates[1].id}
        with self.assertRaises(AccessError):
            Inspection.create(mutual)
        self._approve(order).action_start()
        order.action_complete()
        mutual = Inspection.create(mutual)
        self.assertEqual(mutual.use, "gate_mutual", "finished work, to be looked at")

    def test_checklists_are_the_managers(self):
        draft = self.version.browse(self.template.action_edit()["res_id"])
        for user in (self.technician, self.advisor):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.template.with_user(user).name = "Mine"
                with self.assertRaises(AccessError):
                    draft.with_user(user).action_publish()
                with self.assertRaises(AccessError):
                    draft.item_ids[0].with_user(user).name = "Mine"
                self.assertTrue(draft.item_ids.with_user(user)[0].name)
        draft.with_user(self.manager).action_publish()
        self.assertEqual(self.template.version_id, draft)

    def test_answers_are_not_added_or_deleted_by_hand(self):
        inspection = self._inspect(self._own_order())
        for user in (self.technician, self.advisor):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    inspection.answer_ids[0].with_user(user).unlink()
                with self.assertRaises(AccessError):
                    self.env["aftersales.inspection.answer"].with_user(user).create(
                        {
                            "inspection_id": inspection.id,
                            "item_id": self.item_lights.id,
                        }
                    )

    def test_rework_is_read_by_advisors_and_written_by_nobody(self):
        order = self._create_worked_order()
        order.with_user(self.advisor).action_rework("Squeals")
        rework = order.rework_ids
        self.assertEqual(rework.with_user(self.advisor).reason, "Squeals")
        with self.assertRaises(AccessError):
            rework.with_user(self.technician).read(["reason"])
        for user in (self.advisor, self.manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                rework.with_user(user).unlink()

    def test_nothing_is_for_customers_and_other_departments(self):
        inspection = self._answer_all(self._inspect(self._own_order()), tyres="red")
        belonging = self.env["aftersales.belonging"].create(
            {"inspection_id": inspection.id, "name": "Key", "kind": "key"}
        )
        records = (
            inspection,
            inspection.answer_ids,
            inspection.finding_ids,
            belonging,
            self.template,
            self.version,
            self.version.item_ids,
        )
        for user in (self.portal, self.storekeeper, self.accountant):
            for record in records:
                with self.subTest(user=user.login, model=record._name):
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["display_name"])

    def test_hosts_read_what_an_order_waits_for(self):
        self.template.step = "start"
        order = self._own_order()
        self._answer_all(self._inspect(order), tyres="red").action_finish()
        later = self._own_order()
        for user in (self.storekeeper, self.accountant, self.technician, self.advisor):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                missing = later.with_user(user).missing
                self.assertIn("Inspection: Check of a car", missing)
                self.assertIn("Found before and not done: Tyres", missing)

    def test_advisor_of_another_team_sees_nothing(self):
        team = self.team.copy({"name": "Body shop", "member_ids": [Command.clear()]})
        order = self._create_order(
            [(self.labour, 1)], team_id=team.id, user_id=self.manager.id
        )
        inspection = self._answer_all(self._inspect(order), tyres="red")
        Inspection = self.env["aftersales.inspection"].with_user(self.advisor)
        self.assertFalse(Inspection.search([("id", "=", inspection.id)]))
        self.assertTrue(
            Inspection.with_user(self.manager).search([("id", "=", inspection.id)])
        )

    def test_two_companies(self):
        other = self.env["res.company"].create({"name": "Other garage"})
        foreign = self.env["aftersales.asset"].create(
            {"name": "Van", "company_id": other.id}
        )
        self.template.company_id = False
        inspection = self.env["aftersales.inspection"].create(
            {"template_id": self.template.id, "asset_id": foreign.id}
        )
        self.assertEqual(inspection.company_id, other)
        self._answer(inspection, {self.item_tyres: "red"})
        self.assertEqual(inspection.finding_ids.company_id, other)
        for record in (inspection, inspection.answer_ids, inspection.finding_ids):
            found = record.with_user(self.manager).search([("id", "in", record.ids)])
            self.assertFalse(found, record._name)
        private = self._create_template([{"name": "A"}], name="Private")
        with self.assertRaises(UserError):
            self.env["aftersales.inspection"].create(
                {"template_id": private.id, "asset_id": foreign.id}
            )
        with self.assertRaises(UserError):
            inspection.finding_ids.order_id = self._create_order()
