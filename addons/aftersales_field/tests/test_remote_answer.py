from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FieldCommon


@tagged("post_install", "-at_install")
class TestRemoteAnswer(FieldCommon):
    def _create_request(self, jobs=(), **values):
        order = self._create_order(
            *jobs, is_onsite=True, date_received="2026-03-02 06:00:00", **values
        )
        if not jobs:
            order.job_ids.unlink()
        return order

    @freeze_time("2026-03-02 08:30:00")
    def test_first_answer_stops_the_time(self):
        orders = self._create_request() + self._create_request()
        orders.with_user(self.advisor).action_answer(
            "remote", "Hold Reset for ten seconds", visit=False
        )
        self.assertEqual(orders.mapped("answer_hours"), [2.5, 2.5])
        self.assertEqual(orders.answer_user_id, self.advisor)
        with freeze_time("2026-03-02 10:00:00"):
            orders[0].action_answer("replace", "We bring another one")
        self.assertEqual(orders[0].answer_kind, "replace")
        self.assertEqual(orders[0].answer_hours, 2.5, "the first one counts")
        self.assertIn("ten seconds", str(orders[0].message_ids.mapped("body")))
        self.assertEqual(orders[0].visit_ids.state, "draft")
        self.assertFalse(orders[1].visit_ids)

    @freeze_time("2026-03-02 08:30:00")
    def test_figure_can_be_grouped(self):
        orders = self._create_request() + self._create_request()
        orders.action_answer("advice", "It is normal", solved=True)
        groups = self.env["aftersales.order"]._read_group(
            [("id", "in", orders.ids)], ["answer_kind"], ["answer_hours:avg"]
        )
        self.assertEqual(groups, [("advice", 2.5)])

    @freeze_time("2026-03-02 08:30:00")
    def test_unsolved_makes_one_visit(self):
        order = self._create_request()
        order.action_answer("onsite", "We come and look")
        order.action_answer("onsite", "We come and look")
        self.assertEqual(order.visit_ids.mapped("state"), ["draft"])
        workshop = self._create_order()
        workshop.action_answer("advice", "Bring it in, please")
        self.assertFalse(workshop.visit_ids)

    @freeze_time("2026-03-02 08:30:00")
    def test_solved_is_closed_without_a_visit(self):
        job = {"name": "Look at it", "lines": [(self.labour, 1)]}
        order = self._create_request([job]) + self._create_request()
        order[0].action_create_visit()
        with self.assertRaisesRegex(UserError, order[0].name):
            order.action_close_remotely()
        with self.assertRaisesRegex(UserError, order[0].name):
            order.action_deliver()
        order.action_answer("remote", "Update the software", solved=True)
        order.with_user(self.advisor).action_close_remotely()
        order.action_close_remotely()
        self.assertEqual(order.mapped("state"), ["done", "done"])
        self.assertEqual(order.visit_ids.mapped("state"), ["cancel"])
        self.assertEqual(order.job_ids.mapped("state"), ["cancel"])
        self.assertEqual(order[0]._get_portal_status()[2], "success")
        with self.assertRaisesRegex(UserError, "finished"):
            order.action_answer("remote", "Once more")

    @freeze_time("2026-03-02 08:30:00")
    def test_work_that_began_is_finished_otherwise(self):
        order = self._create_work(1)
        order.action_approve()
        order.is_onsite = True
        order.action_answer("remote", "Switch it on", solved=True)
        with self.assertRaisesRegex(UserError, "quoted or begun"):
            order.action_close_remotely()

    def test_answer_needs_words_and_the_right(self):
        order = self._create_request()
        for kind, text in (("remote", " "), ("magic", "Hocus"), (None, "x")):
            with self.assertRaisesRegex(UserError, order.name):
                order.action_answer(kind, text)
        order.job_ids = [
            Command.create({"name": "Look", "technician_id": self.employee.id}),
        ]
        with self.assertRaises(AccessError):
            order.with_user(self.technician).action_answer("remote", "Reset")

    @freeze_time("2026-03-02 08:30:00")
    def test_window(self):
        orders = self._create_request() + self._create_request()
        action = orders.action_open_answer()
        form = Form(
            self.env["aftersales.order.answer"]
            .with_user(self.advisor)
            .with_context(**action["context"])
        )
        form.text = "Hold Reset"
        form.result = "close"
        form.save().action_save()
        self.assertEqual(orders.mapped("state"), ["done", "done"])

    @freeze_time("2026-03-02 08:30:00")
    def test_words_of_the_next_step(self):
        order = self._create_request()
        self.assertIn("Answer the customer", order.next_step)
        order.action_answer("onsite", "We come")
        order.invalidate_recordset(["next_step"])
        self.assertEqual(order.next_step, "Plan the visit.")
        order.job_ids = [
            Command.create(
                {
                    "name": "Repair",
                    "line_ids": [Command.create({"product_id": self.labour.id})],
                }
            )
        ]
        order.action_estimate()
        self.assertIn("customer's answer for each job, then plan", order.next_step)
        visit = self._create_visit(2, "2026-03-03 09:00")
        self.assertIn("Anna comes on", visit.order_id.next_step)
