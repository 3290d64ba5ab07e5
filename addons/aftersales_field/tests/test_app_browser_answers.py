from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .app_browser_common import CAUSE, AppBrowserCommon

MORE = f"{CAUSE}, and the seal is torn"


@tagged("post_install", "-at_install")
class TestAppBrowserAnswers(AppBrowserCommon):
    """Answers that are lost, and those that refuse."""

    def _cut_answers(self, phone):
        """Break off the request when the server has carried it out."""
        phone.run(
            """(() => {
                const { send } = XMLHttpRequest.prototype;
                XMLHttpRequest.prototype.send = function (...values) {
                    window.request = this;
                    return send.apply(this, values);
                };
            })()"""
        )
        with self._hold_answer(phone, "sync"):
            # What is under way goes on when the network is switched off.
            phone.run("void window.request.dispatchEvent(new Event('error'))")
            phone.go_offline()
            phone.wait("!aftersalesField.sync.isRunning")

    def test_app_killed_while_it_sends(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            self._write_cause(phone)
            names = phone.run("aftersalesField.model.outbox.map((e) => e.id)")
            self.assertEqual(len(names), 3)
            with self._hold_answer(phone, "sync"):
                phone.kill()
            phone.is_online = False
            phone.open(wait=False)
            self.assertEqual(
                phone.run("aftersalesField.model.outbox.map((e) => e.id)"),
                names,
                "the phone did not hear that",
            )
            # What was sent is known after the end of the app as well.
            self._write_cause(phone, MORE)
            self.assertEqual(phone.waiting, ["travel", "arrive", "set", "set"])
            phone.send_all()
            self.assertFalse(phone.problems)
        operations = self._get_operations()
        self.assertEqual(len(operations), 4)
        self.assertLess(set(names), set(operations.mapped("name")))
        self.assertEqual(set(operations.mapped("state")), {"done"})
        self.assertEqual(self.visit.stamp_ids.mapped("kind"), ["travel", "arrive"])
        self.assertEqual(self.job.cause, MORE)

    def test_changed_after_the_answer_was_lost(self):
        """What was entered last is what the office has in the end."""
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            # It must not try to send in between, however slow we are.
            sync = "aftersalesField.sync"
            phone.wait(f"!{sync}.isRunning && ({sync}.isRunning = true)")
            self._write_cause(phone, "Wo")
            self._write_cause(phone)
            self.assertEqual(phone.waiting.count("set"), 1, "changed before it went")
            phone.run(f"void ({sync}.isRunning = false)")
            self._rate(phone, 5)
            self._tick(phone, "yes")
            self._cut_answers(phone)
            self.assertEqual(len(phone.waiting), 5)
            self._write_cause(phone, MORE)
            self._rate(phone, 4)
            self._tick(phone, "no")
            self.assertEqual(phone.waiting[5:], ["set", "opinion", "answers"])
            phone.send_all()
            self.assertFalse(phone.problems)
        self._clear()
        self.assertEqual(self.job.cause, MORE)
        self.assertEqual(self.visit.opinion, "4")
        answers = self.inspection.answer_ids
        self.assertIn("no", answers.mapped("value_yes_no"))

    def _rate(self, phone, score):
        phone.go("visit", self.visit.id, "customer")
        phone.press(f"[data-star='{score}']")
        phone.wait(
            "aftersalesField.model.outbox.some((e) => e.kind === 'opinion'"
            f" && e.values.score === {score})"
        )

    def _tick(self, phone, value):
        phone.go("visit", self.visit.id, "checklist", self.inspection.id)
        phone.press(f"[data-item='Shoe covers'] [data-value={value}]")
        phone.wait(
            "aftersalesField.model.outbox.some((e) => e.kind === 'answers'"
            f" && JSON.stringify(e.values.answers).includes('\"{value}\"'))"
        )

    def test_part_taken_back_after_the_answer_was_lost(self):
        self.order.action_approve(jobs=self.added)
        line = self.added.line_ids[:1]
        part = f"[data-part={line.name!r}]"
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            phone.go("visit", self.visit.id, "parts")
            phone.press(f"{part} [aria-label='One used']")
            phone.wait("aftersalesField.model.outbox.length === 3")
            self._cut_answers(phone)
            phone.press(f"{part} [aria-label='One less']")
            phone.wait("aftersalesField.model.outbox.length === 4")
            self.assertEqual(phone.waiting[2:], ["use_part", "unuse_part"])
            phone.send_all()
            self.assertFalse(phone.problems)
        self._clear()
        self.assertEqual(line.qty_used, 0)
        self.assertEqual(
            self.env["stock.quant"]._get_available_quantity(
                self.part_avco, self.van_anna
            ),
            3,
        )

    # What the server does not take

    def test_refused_photo_stays_on_the_phone(self):
        App = type(self.env["aftersales.field.app"])
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            self._take_type_plate(phone, 400)
            size = phone.run("aftersalesField.model.photos[0].size")
            words = "This picture is too large."
            with patch.object(App, "_put_photo", side_effect=UserError(words)):
                phone.send_all()
            (problem,) = phone.problems
            self.assertEqual(problem["message"], words)
            phone.go_offline()
            phone.open(wait=False)
            phone.go("outbox")
            phone.see(words)
            kept = "aftersalesField.model.problems[0].blob"
            self.assertEqual(phone.run(f"{kept}.size"), size)
            phone.wait("document.querySelector('.o_app_kept_photo').naturalWidth")
            phone.press(".o_app_understood")
            phone.wait("!aftersalesField.model.problems.length")
            # The disk does one thing after the other.
            self.assertFalse(
                phone.run("aftersalesField.model.database.read('problems')")
            )
            phone.open(wait=False)
            self.assertFalse(phone.problems)

    def test_blocked_is_told_from_the_phone(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            phone.go("visit", self.visit.id)
            phone.press("[data-task=block]")
            phone.press(".o_app_tell_block")
            phone.see("Say what stops you")
            phone.type(".o_app_block_reason", "It smells of gas")
            phone.press(".o_app_tell_block")
            phone.wait("!document.querySelector('.o_app_tell_block')")
            phone.see("It smells of gas")
            phone.send_all()
            self.assertFalse(phone.problems)
        self._clear()
        self.assertEqual(self.visit.block_reason, "It smells of gas")
