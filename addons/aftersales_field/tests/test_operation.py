from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, ConcurrencyError, LockError, UserError
from odoo.tests import tagged

from odoo.addons.aftersales_field.models import operation as operation_file

from .app_common import AppCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestOperation(AppCommon):
    def setUp(self):
        super().setUp()
        self.visit = self._create_visit(2, "2026-03-02 14:00")
        self.job = self.visit.job_ids
        self.phone = self._phone()
        self.phone.pull()

    def _get_operation(self, result):
        return self.env["aftersales.field.operation"].search(
            [("name", "=", result["id"])]
        )

    def _conflict(self):
        """The desk writes the cause while the phone, offline, writes another one."""
        self.job.with_user(self.dispatcher).cause = "Pump broken"
        return self.phone.send(
            "set",
            self.visit,
            job_id=self.job.id,
            cause="Valve stuck",
            correction="Cleaned",
            base={"cause": "", "correction": ""},
        )

    def test_phone_value_is_taken(self):
        result = self._conflict()
        operation = self._get_operation(result)
        operation.with_user(self.dispatcher).action_keep_phone()
        operation.with_user(self.dispatcher).action_keep_phone()
        self.assertEqual(self.job.cause, "Valve stuck")
        self.assertEqual(operation.settled, "phone")
        self.assertEqual(operation.settled_user_id, self.dispatcher)
        again = self._resend(result)
        self.assertEqual(again["state"], "done")
        self.assertIn(self.dispatcher.name, again["message"])

    def test_desk_value_stays(self):
        result = self._conflict()
        operation = self._get_operation(result)
        operation.with_user(self.dispatcher).action_keep_desk()
        self.assertEqual(self.job.cause, "Pump broken")
        self.assertEqual(operation.conflicts[0]["mine"], "Valve stuck", "still read")
        self.assertEqual(self._resend(result)["state"], "done")

    def test_changed_once_more_is_a_conflict_again(self):
        operation = self._get_operation(self._conflict())
        self.job.cause = "Motor burnt"
        operation.with_user(self.dispatcher).action_keep_phone()
        self.assertEqual(operation.state, "conflict")
        self.assertFalse(operation.settled)
        self.assertEqual(operation.conflicts[0]["theirs"], "Motor burnt")
        operation.with_user(self.dispatcher).action_keep_phone()
        self.assertEqual(self.job.cause, "Valve stuck")

    def _resend(self, result):
        (again,) = self.phone.sync([{"id": result["id"], "visit_id": self.visit.id}])
        return again

    def test_what_is_locked_for_a_moment_is_tried_again(self):
        """It is no answer to what was done: nothing of it is kept as refused."""
        self.phone.do("travel", self.visit)
        App = type(self.env["aftersales.field.app"])
        locked = LockError("Cannot grab a lock on records")
        with patch.object(App, "_apply_travel", side_effect=locked):
            with self.assertRaises(ConcurrencyError), self.env.cr.savepoint():
                self.phone.sync(self.phone.outbox)
        (result,) = self.phone.sync()
        self.assertEqual(result["state"], "done")
        self.assertEqual(self.visit.state, "travel")

    def test_dispatcher_tries_again(self):
        self.visit.action_plan(technician=self.employee_ben)
        self.phone.do("arrive", self.visit, ago={"minutes": 30})
        (result,) = self.phone.sync()
        operation = self._get_operation(result).with_user(self.dispatcher)
        moment = operation.moment
        operation.action_retry()
        self.assertEqual(operation.settled, "again")
        self.assertEqual(self.visit.state, "onsite")
        self.assertEqual(self.visit.stamp_ids.date, moment)

    def test_what_is_still_impossible_stays_open(self):
        result = self.phone.send("resume", self.visit)
        operation = self._get_operation(result).with_user(self.dispatcher)
        with self.assertRaises(UserError):
            operation.action_retry()
        self.assertFalse(operation.settled)
        operation.action_settle(note="Called Anna")
        self.assertEqual(operation.settled, "note")
        self.assertIn("Called Anna", self._resend(result)["message"])

    def test_batch_of_two(self):
        operations = self.env["aftersales.field.operation"]
        for _number in range(2):
            operations |= self._get_operation(self.phone.send("resume", self.visit))
        operations.with_user(self.dispatcher).action_settle()
        self.assertEqual(operations.mapped("settled"), ["note", "note"])

    def test_engineers_do_not_settle(self):
        operation = self._get_operation(self._conflict())
        with self.assertRaises(AccessError):
            operation.with_user(self.anna_user).action_keep_phone()
        with self.assertRaises(AccessError):
            operation.with_user(self.ben_user).read(["payload"])
        with self.assertRaises(AccessError):
            operation.with_user(self.portal_engineer_user).read(["payload"])
        with self.assertRaises(AccessError):
            operation.with_user(self.dispatcher).write({"state": "done"})

    def test_what_is_old_goes_and_what_is_open_stays(self):
        kept = self._get_operation(self._conflict())
        done = self._get_operation(self.phone.send("travel", self.visit))
        self.env["aftersales.field.operation"].flush_model()
        self.env.cr.execute(
            "UPDATE aftersales_field_operation SET create_date = '2025-11-01'"
        )
        self.env["aftersales.field.operation"].invalidate_model()
        Operation = self.env["aftersales.field.operation"]
        with patch.object(operation_file, "GC_BATCH", 1):
            self.assertEqual(Operation._gc_done(), (1, True), "called again at once")
            self.assertEqual(Operation._gc_done(), (0, False))
        self.assertFalse(done.exists())
        self.assertTrue(kept.exists())

    def test_visit_that_phones_told_of_is_kept(self):
        other = self._create_visit(1, "2026-03-03 09:00")
        (self.visit | other).action_cancel(reason="Sold")
        result = self.phone.send("travel", self.visit)
        self.assertEqual(result["state"], "refused")
        with self.assertRaisesRegex(UserError, f"{self.visit.name}: phones sent"):
            (other | self.visit).with_user(self.manager).unlink()
        self.assertTrue(self._get_operation(result).payload)
        other.with_user(self.manager).unlink()
        self.assertFalse(other.exists())

    def test_what_may_have_been_done_before_is_left_to_the_dispatcher(self):
        result = self.phone.send("travel", self.visit, ago={"days": 100})
        self.assertEqual(result["state"], "refused")
        self.assertIn("60 days old", result["message"])

    def test_words_for_the_dispatcher(self):
        operation = self._get_operation(self._conflict()).with_user(self.dispatcher)
        self.assertIn("Valve stuck", operation.differences)
        self.assertIn("Pump broken", operation.differences)
        self.assertIn("Cause: Valve stuck", operation.words)
        self.assertIn(f"Job: {self.job.name}", operation.words)
        self.assertEqual(operation.kind_label, "Cause and remedy")
        self.assertTrue(operation.can_settle)
        self.assertFalse(operation.with_user(self.anna_user).can_settle)

    def test_dispatcher_is_told_once(self):
        before = self.visit.order_id.activity_ids
        self._conflict()
        told = self.visit.order_id.activity_ids - before
        self.assertEqual(told.user_id, self.visit.order_id.user_id)
        self.assertIn("Somebody wrote something else", told.note)
        self.phone.send("resume", self.visit)
        self.assertEqual(self.visit.order_id.activity_ids - before, told)
