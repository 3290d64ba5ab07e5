from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .app_common import AppCommon
from .test_visit_close import CloseCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestOrderChecklist(CloseCommon, AppCommon):
    """R201, R205 to R207: what is ticked on arrival and before leaving."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrival = cls.env.ref("aftersales_field.template_arrival")
        cls.leaving = cls.env.ref("aftersales_field.template_leaving")
        cls.lists = cls.arrival | cls.leaving

    def _switch_on(self):
        self.arrival.step = "start"
        self.leaving.step = "complete"

    def _answer(self, inspection):
        answers = []
        for item in inspection.version_id.item_ids:
            if item.kind == "choice":
                answers.append({"item_id": item.id, "choice_id": item.choice_ids[0].id})
            else:
                answers.append({"item_id": item.id, "value_yes_no": "yes"})
        return answers

    def test_shipped_and_off(self):
        self.assertEqual(self.lists.mapped("version_id.state"), ["published"] * 2)
        self.assertEqual(self.lists.mapped("item_count"), [6, 6])
        visit = self._arrive()
        self.assertFalse(visit.sudo().order_id.inspection_ids)
        self.assertEqual(visit.sudo().order_id.state, "progress")

    def test_lists_lie_ready_before_anybody_drives(self):
        self._switch_on()
        planned = self._create_visit(2)
        self.assertEqual(planned.order_id.inspection_ids.template_id, self.lists)
        started = self._create_work(2)
        started.is_onsite = True
        self.assertFalse(started.inspection_ids)
        both = started | planned.order_id
        started.action_approve()
        self.assertEqual(started.inspection_ids.template_id, self.lists)
        both._lay_checklists()
        both.action_create_visit()
        self.assertEqual(len(both.inspection_ids), 4, "each once")

    def _count_approval(self, order):
        """Return how many statements approval and start of an order take."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        order.action_approve()
        order.action_start()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_workshop_gets_none_and_pays_nothing(self):
        orders = [self._create_work(2) for _number in range(4)]
        counts = []
        for order, after in (orders[:2], orders[2:]):
            # The first one after a change reads the configuration that is remembered.
            self._count_approval(order)
            counts.append(self._count_approval(after))
            self.assertFalse((order | after).inspection_ids)
            self._switch_on()
        self.assertEqual(*counts)
        self.assertFalse(self.lists & orders[0].inspection_template_ids)
        onsite = self._create_visit(2).order_id
        self.assertEqual(self.lists & onsite.inspection_template_ids, self.lists)

    def test_work_begins_and_ends_with_its_lists(self):
        """On the phone alone, all entered before any of it was sent."""
        self._switch_on()
        visit = self._create_visit(2, "2026-03-02 09:00")
        order = visit.order_id
        arrival, leaving = order.inspection_ids.sorted(
            lambda each: each.template_id.sequence
        )
        phone = self._phone()
        phone.pull()
        told = phone.visits[visit.id]
        self.assertEqual(set(told["rules"]["inspections"]), {arrival.id, leaving.id})
        phone.send("arrive", visit)
        self.assertEqual(order.state, "approved", "it begins with the list")
        with self.assertRaisesRegex(UserError, "Arriving at the Customer"):
            order.action_start()
        for inspection in (arrival, leaving):
            phone.do(
                "answers",
                visit,
                inspection_id=inspection.id,
                answers=self._answer(inspection),
            )
        phone.do("inspect_finish", visit, inspection_id=arrival.id)
        self.assertEqual({each["state"] for each in phone.sync()}, {"done"})
        self.assertEqual(order.state, "progress")
        self._write_down(visit.with_user(self.anna_user))
        refused = phone.send("finish", visit, outcome="fixed")
        self.assertEqual(refused["state"], "refused")
        self.assertIn("Before Leaving", refused["message"])
        phone.send("inspect_finish", visit, inspection_id=leaving.id)
        done = phone.send("finish", visit, outcome="fixed")
        self.assertEqual(done["state"], "done", done["message"])
        self.assertEqual(visit.state, "done")

    def test_answers_by_the_rules_of_the_items(self):
        self._switch_on()
        order = self._create_visit(2).order_id
        for inspection in order.inspection_ids:
            with self.assertRaises(UserError):
                inspection.action_finish()
            inspection.save_answers(self._answer(inspection))
            inspection.action_finish()
        self.assertEqual(order.inspection_ids.mapped("result"), ["pass"] * 2)

    def test_installation_and_training_is_signed_by_the_user(self):
        """R194: how many people were trained, who, and the customer's name under it."""
        template = self.env.ref("aftersales_field.template_commissioning")
        self.assertTrue(template.version_id.signature_required)
        order = self._create_visit(2).order_id
        self.assertNotIn(template, order.inspection_ids.template_id)
        (sheet,) = order.action_inspect(template=template)
        trained = sheet.version_id.item_ids.filtered(lambda item: item.unit == "people")
        sheet.save_answers([{"item_id": trained.id, "value_number": 3}])
        self.assertEqual(
            sheet.answer_ids.filtered(
                lambda each: each.item_id == trained
            ).value_number,
            3,
        )
        with self.assertRaisesRegex(UserError, "signature of the customer"):
            sheet.action_finish()
