from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestTasks(ReturnCommon):
    """Nobody is asked any more to do what is done."""

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)
        self.sale_line = self._sell(self.part_avco, 5)

    def test_answered_is_not_to_answer(self):
        team = self.env["aftersales.order"]._get_company_teams(self.company)[:1]
        team.user_id = self.advisor
        for step in ("accept", "refuse", "cancel"):
            with self.subTest(step):
                rma = self._create_return((self.sale_line, 1))
                rma._remind_of_request()
                rma.activity_schedule(
                    "mail.mail_activity_data_todo", automated=False, summary="My own"
                )
                self.assertEqual(len(rma.activity_ids), 2)
                why = {} if step == "accept" else {"reason": "Too late"}
                getattr(rma, f"action_{step}")(**why)
                self.assertEqual(rma.activity_ids.mapped("summary"), ["My own"])

    def test_charged_is_not_to_charge(self):
        rma = self._create_return((self.sale_line, 1), operation="advance")
        rma.action_accept()
        line = rma.line_ids
        new = line._get_moves("new").picking_id
        new.move_ids.picked = True
        new.button_validate()
        with freeze_time(fields.Date.add(line.date_deadline, days=1)):
            rma._ask_to_call("Charge it")
            self.assertTrue(rma.activity_ids)
            line.action_charge()
        self.assertFalse(rma.activity_ids)

    def test_come_back_is_not_to_ask_for(self):
        rma = self._create_return((self.sale_line, 1), operation="advance")
        rma.action_accept()
        line = rma.line_ids
        new = line._get_moves("new").picking_id
        new.move_ids.picked = True
        new.button_validate()
        rma._ask_to_call("Ask for it")
        self._receive(rma)
        self.assertEqual(line.state, "received")
        self.assertFalse(rma.activity_ids)
        # Dock and office say the same: it was given before, and is tested now.
        step = self.env["aftersales.return.dock"].scan(rma.name)["step"]
        self.assertEqual(step["name"], "test")
        self.assertIn("Test", rma.next_step)

    def test_settled_by_arrival_waits_for_the_office(self):
        operation = self._get_operation("refund").copy(
            {"code": "early", "when": "received"}
        )
        rma = self._create_return((self.sale_line, 1))
        rma.line_ids.operation_id = operation
        self.patch(
            self.registry["aftersales.return.line"], "_go_on", lambda lines: None
        )
        rma.action_accept()
        self._receive(rma)
        self.assertTrue(rma.line_ids.to_test)
        step = self.env["aftersales.return.dock"].scan(rma.name)["step"]
        self.assertIn("the office settles it", step["text"])
        self.assertIn("Settle", rma.next_step)
