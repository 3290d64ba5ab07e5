import base64

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FieldCommon

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"signed" * 10)


class CloseCommon(FieldCommon):
    """Visits that are under way.

    * ``_arrive(**values)``: a visit of Anna's that she has arrived at; values of
      ``_create_visit``
    * ``_write_down(visit)``: cause and correction of its jobs, opinion, signature
    """

    def _arrive(self, start="2026-03-02 09:00", technician=None, **values):
        visit = self._create_visit(2, start, technician, **values)
        user = visit.technician_id.user_id
        visit.with_user(user).action_arrive()
        return visit.with_user(user)

    def _write_down(self, visit):
        visit.sudo().job_ids.write({"cause": "Worn", "correction": "Replaced"})
        visit.record_opinion(5)
        visit.record_signature("Wang Fang", PNG)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestVisitClose(CloseCommon):
    def test_all_that_is_missing_is_named_at_once(self):
        visit = self._arrive()
        with self.assertRaises(UserError) as error:
            visit.action_finish("fixed")
        for words in (visit.name, "the cause", "what was done", "opinion", "signature"):
            self.assertIn(words, str(error.exception))
        self.assertEqual(visit.state, "onsite")
        self.assertEqual(
            len(visit.get_finish_gaps("fixed", no_signature_reason="Not at home")), 3
        )

    def test_fixed_completes_the_order(self):
        visit = self._arrive()
        job = visit.sudo().job_ids
        job.with_user(self.anna_user).action_clock_on()
        self._write_down(visit)
        visit.action_finish("fixed", place={"latitude": 52.5, "longitude": 13.4})
        self.assertEqual(visit.state, "done")
        self.assertEqual(visit.outcome, "fixed")
        self.assertEqual(job.state, "done")
        self.assertEqual(visit.sudo().order_id.state, "quality")
        self.assertFalse(job.clock_entry_ids.filtered(lambda each: not each.stop))
        booking = visit.sudo().booking_ids
        self.assertEqual(booking.state, "done")
        self.assertEqual(booking.stop, self._local("2026-03-02 09:30"))
        self.assertEqual(visit.stamp_ids[-1:].kind, "finish")
        self.assertEqual(visit.stamp_ids[-1:].latitude, 52.5)

    def test_what_is_left_is_named_alone(self):
        visit = self._arrive()
        order = visit.sudo().order_id
        left = order.job_ids.copy({"order_id": order.id, "name": "Second machine"})
        left._set_state("proposed")
        left._set_state("approved")
        self._write_down(visit)
        visit.action_finish("fixed")
        self.assertNotIn(left, visit.sudo().job_ids)
        task = order.activity_ids.filtered(
            lambda activity: "no visit is planned" in activity.summary
        )
        self.assertIn("Second machine", task.note)
        self.assertNotIn(visit.sudo().job_ids.name, task.note)

    def test_again_changes_nothing_and_another_outcome_is_refused(self):
        visit = self._arrive()
        self._write_down(visit)
        visit.action_finish("fixed")
        stamps = visit.stamp_ids
        visit.action_finish("fixed")
        self.assertEqual(visit.stamp_ids, stamps)
        with self.assertRaisesRegex(UserError, "finished already"):
            visit.action_finish("follow_up", note="x")

    def test_batch_of_two(self):
        one = self._arrive()
        two = self._arrive("2026-03-02 13:00")
        self._write_down(one)
        with self.assertRaises(UserError) as error:
            (one + two).action_finish("fixed")
        self.assertIn(two.name, str(error.exception))
        self.assertNotIn(one.name, str(error.exception))
        self.assertEqual((one + two).mapped("state"), ["onsite", "onsite"])
        self._write_down(two)
        (one + two).action_finish("fixed")
        self.assertEqual((one + two).mapped("outcome"), ["fixed", "fixed"])

    def test_signature_passes_quality_where_the_team_says_so(self):
        self.team.signature_passes = True
        visit = self._arrive()
        self._write_down(visit)
        visit.action_finish("fixed")
        self.assertEqual(visit.sudo().order_id.state, "ready")

    def test_gates_stay_in_force(self):
        self.team.signature_passes = True
        self._create_template("Final check", use="gate_final", step="quality")
        visit = self._arrive()
        self._write_down(visit)
        visit.action_finish("fixed")
        order = visit.sudo().order_id
        self.assertEqual(order.state, "quality")
        self.assertIn("Final check", order.activity_ids[-1:].note)

    def test_checklist_of_completion_is_asked_for(self):
        self._create_template("On-site check", use="other", step="complete")
        visit = self._arrive()
        self._write_down(visit)
        with self.assertRaisesRegex(UserError, "On-site check"):
            visit.action_finish("fixed")

    def _create_template(self, name, **values):
        template = self.env["aftersales.inspection.template"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "version_ids": [
                    Command.create(
                        {
                            "item_ids": [
                                Command.create({"name": "Runs", "kind": "yes_no"})
                            ]
                        }
                    )
                ],
                **values,
            }
        )
        template.version_ids.action_publish()
        return template

    def test_parts_are_said(self):
        self._stock(self.part_avco, 5)
        visit = self._arrive(parts=(self.part_avco,))
        self._write_down(visit)
        with self.assertRaisesRegex(UserError, "parts: enter what was used"):
            visit.action_finish("fixed")
        visit.action_finish("fixed", unused_reason="Cleaned instead")
        order = visit.sudo().order_id
        self.assertEqual(order.state, "quality")
        self.assertFalse(sum(order.line_ids.filtered(
            lambda line: line.kind == "part").mapped("qty_used")))  # fmt: skip

    def test_no_access_needs_a_note_and_a_photo(self):
        visit = self._create_visit(2, "2026-03-02 09:00").with_user(self.anna_user)
        visit.action_travel()
        with self.assertRaises(UserError) as error:
            visit.action_finish("no_access")
        self.assertIn("a note", str(error.exception))
        self.assertIn("a photo", str(error.exception))
        self.env["ir.attachment"].create(
            {
                "name": "door.png",
                "raw": base64.b64decode(PNG),
                "mimetype": "image/png",
                "res_model": visit._name,
                "res_id": visit.id,
            }
        )
        visit.action_finish("no_access", note="Rang twice")
        self.assertEqual(visit.state, "done")
        follow_up = visit.sudo().next_ids
        self.assertEqual(follow_up.state, "draft")
        self.assertIn("Rang twice", follow_up.note)
        self.assertEqual(follow_up.preferred_id, self.employee_anna)
        self.assertEqual(follow_up.job_ids, visit.sudo().job_ids)
        self.assertEqual(visit.sudo().order_id.state, "approved")

    def test_follow_up_keeps_the_order_open(self):
        visit = self._arrive()
        with self.assertRaisesRegex(UserError, "what is left"):
            visit.action_finish("follow_up")
        visit.action_finish("follow_up", note="Second coat of paint")
        order = visit.sudo().order_id
        self.assertEqual(order.state, "progress")
        self.assertEqual(visit.sudo().next_ids, visit.sudo()._create_follow_up())

    def test_planned_visit_can_not_be_finished(self):
        visit = self._create_visit(2, "2026-03-02 09:00").with_user(self.anna_user)
        with self.assertRaisesRegex(UserError, visit.name):
            visit.action_finish("follow_up", note="x")

    def test_finished_work_is_the_dispatchers_to_correct(self):
        visit = self._arrive()
        self._write_down(visit)
        visit.action_finish("fixed")
        visit.record_opinion(5)
        with self.assertRaisesRegex(UserError, "finished"):
            visit.record_opinion(1)
        visit.with_user(self.dispatcher).record_opinion(4)
        self.assertEqual(visit.opinion, "4")
        with self.assertRaises(AccessError):
            visit.with_user(self.dispatcher).write({"opinion": "1"})
        with self.assertRaises(AccessError):
            visit.write({"priority": "1"})

    def test_portal_engineer_finishes_the_own_visit(self):
        visit = self._arrive(technician=self.employee_carl)
        self.assertEqual(visit.env.user, self.portal_engineer_user)
        self._write_down(visit)
        with self.assertRaises(AccessError):
            visit.with_user(self.ben_user).action_finish("fixed")
        visit.action_finish("fixed", moment="2026-03-02 08:20:00")
        self.assertEqual(visit.sudo().state, "done")
        self.assertEqual(visit.sudo().order_id.state, "quality")

    def test_moment_is_when_the_engineer_left(self):
        visit = self._arrive()
        self._write_down(visit)
        visit.action_finish("fixed", moment="2026-03-02 08:20:00")
        self.assertEqual(visit.sudo().booking_ids.stop.minute, 20)
        self.assertEqual(visit.stamp_ids[-1:].date, visit.date_left)

    def test_opinion_and_signature_are_checked(self):
        visit = self._arrive()
        with self.assertRaisesRegex(UserError, "1 to 5"):
            visit.record_opinion(6)
        with self.assertRaisesRegex(UserError, "signature"):
            visit.record_signature("Wang Fang", base64.b64encode(b"GIF"))
        visit.record_opinion("refused", "Busy")
        self.assertEqual(visit.opinion_comment, "Busy")

    def _open_step(self, visit, step, user=None):
        Step = self.env["aftersales.visit.step"].with_user(user or self.anna_user)
        return Form(
            Step.with_context(
                active_model=visit._name, active_ids=visit.ids, default_step=step
            )
        )

    def test_desk_takes_the_same_steps(self):
        visit = self._arrive()
        found = self._add_job(visit.sudo().order_id, [(self.labour, 1)], name="Seal")
        with self._open_step(visit, "answer") as form:
            self.assertIn("80.00", form.cover)
            form.signer = "Wang Fang"
            form.reason = "Go ahead"
        form.record.action_apply()
        self.assertEqual(found.state, "progress")
        with self._open_step(visit, "pause") as form:
            form.reason = "Lunch"
        form.record.action_apply()
        self.assertEqual(visit.state, "paused")
        visit.action_resume()
        with self._open_step(visit, "payment") as form:
            self.assertEqual(form.amount, 240.0)
            form.payment_method_id = self.env.ref(
                "aftersales_field.payment_method_card"
            )
        form.record.action_apply()
        with self._open_step(visit, "finish") as form:
            form.opinion = "4"
            form.signer = "Wang Fang"
            form.signature = PNG
        with self.assertRaisesRegex(UserError, "Seal: the cause"):
            form.record.action_apply()
        form.record.job_ids.write({"cause": "Worn", "correction": "Replaced"})
        form.record.action_apply()
        self.assertEqual(visit.state, "done")
        self.assertEqual(visit.payment_amount, 240.0)
        self.assertEqual(visit.sudo().order_id.state, "quality")

    def test_dispatcher_plans_by_hand_and_calls_off(self):
        visit = self._create_visit(2)
        with self._open_step(visit, "plan", self.dispatcher) as form:
            form.start = self._local("2026-03-03 09:00")
            form.technician_id = self.env["hr.employee.public"].browse(
                self.employee_ben.id
            )
        form.record.action_apply()
        self.assertEqual(visit.technician_id, self.employee_ben)
        with self._open_step(visit, "cancel", self.dispatcher) as form:
            form.reason = "No longer wanted"
        form.record.action_apply()
        self.assertEqual(visit.state, "cancel")

    def test_payment_is_a_note_for_the_accountant(self):
        self.team.payment_user_id = self.accountant
        visit = self._arrive()
        visit.record_payment("cash", 80, note="Exact money")
        visit.record_payment("cash", 80, note="Exact money")
        activity = visit.sudo().order_id.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.accountant)
        self.assertIn("Cash", activity.note)
        self.assertFalse(self.env["account.payment"].search_count([
            ("partner_id", "=", self.customer.id)]))  # fmt: skip
        with self.assertRaisesRegex(UserError, "choose how"):
            visit.record_payment("shells")

    def test_gaps_of_an_unknown_outcome_are_refused_in_words(self):
        visit = self._arrive()
        with self.assertRaisesRegex(UserError, "say how it ended"):
            visit.get_finish_gaps("xyz")

    def test_last_visit_called_off_completes_the_order(self):
        visit = self._arrive()
        self._write_down(visit)
        visit.action_finish(
            "follow_up", note="Look again", done_jobs=visit.sudo().job_ids.ids
        )
        visit = visit.sudo()
        self.assertEqual(visit.order_id.state, "progress")
        visit.next_ids.action_cancel(reason="Not needed")
        self.assertEqual(visit.order_id.state, "quality")

    def test_last_visit_called_off_leaves_work(self):
        visit = self._arrive()
        visit.action_finish("follow_up", note="Look again")
        visit = visit.sudo()
        visit.next_ids.action_cancel(reason="Not needed")
        self.assertEqual(visit.order_id.state, "progress")
        self.assertIn(
            "Work is left", str(visit.order_id.activity_ids.mapped("summary"))
        )

    def test_payment_is_a_number(self):
        visit = self._arrive()
        method = visit._get_payment_methods(visit.sudo().company_id)[:1].id
        for amount in ("much", float("nan"), float("inf"), -1, [5]):
            with self.assertRaisesRegex(UserError, "a number, not below zero"):
                visit.record_payment(method, amount)
        visit.record_payment(method, "5")
        self.assertEqual(visit.payment_amount, 5)
