from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .app_common import AppCommon, pixel

LATER = "Overtaken by what came later"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestOperationOvertaken(AppCommon):
    """Only what was said again, or done by somebody else, needs nobody any more."""

    def setUp(self):
        super().setUp()
        self.visit = self._create_visit(1, "2026-03-02 09:00")
        self.phone = self._phone()
        self.phone.pull()
        self.phone.send("arrive", self.visit)

    def _propose(self):
        job = self.env["aftersales.job"].create(
            {
                "order_id": self.visit.order_id.id,
                "name": "More",
                "technician_id": self.employee_anna.id,
                "line_ids": [Command.create({"product_id": self.labour.id})],
            }
        )
        job._set_state("proposed")
        job._sync_quotations()
        self.phone.pull()
        return job

    def _get_open(self):
        return self.env["aftersales.field.operation"].search(
            [("state", "!=", "done"), ("settled", "=", False)]
        )

    def _tell(self, *names):
        answer = self.phone.app.pull(problems=list(names))
        return {each["id"]: each["message"] for each in answer["settled"]}

    def _refuse_finish(self, **values):
        """Finish on the phone before everything was entered; return its name."""
        result = self.phone.send("finish", self.visit, **values)
        self.assertEqual(result["state"], "refused")
        return result["id"]

    def _finish_at_the_desk(self):
        self.visit.job_ids.write({"cause": "Worn", "correction": "Replaced"})
        self.visit.record_opinion(5)
        self.visit.action_finish("fixed", no_signature_reason="In a hurry")

    def test_signed_yes_against_a_no_by_phone(self):
        job = self._propose()
        values = {"job_ids": job.ids, "signer": "Wang Fang", "signature": pixel()}
        entry = self.phone.do("consent", self.visit, **values)
        self.visit.order_id.action_decline(jobs=job, reason="No, by phone")
        (result,) = self.phone.sync()
        self.assertEqual(result["state"], "refused")
        self.assertEqual(self._get_open().mapped("kind"), ["consent"])
        self.assertEqual(self._tell(entry["id"]), {}, "it waits for the office")

    def test_signed_no_against_a_yes_by_phone(self):
        job = self._propose()
        values = {"job_ids": job.ids, "signer": "Wang Fang", "signature": pixel()}
        self.phone.do("refuse_paid", self.visit, reason="Too dear", **values)
        self.visit.order_id.action_approve(jobs=job, method="phone")
        (result,) = self.phone.sync()
        self.assertEqual(result["state"], "refused")
        self.assertEqual(self._get_open().mapped("kind"), ["refuse_paid"])

    def test_other_outcome(self):
        self._refuse_finish(outcome="part_missing")
        self._finish_at_the_desk()
        self.assertEqual(self._get_open().mapped("kind"), ["finish"])

    def test_note_that_nobody_else_has(self):
        self._refuse_finish(outcome="fixed", note="The machine is unsafe")
        self._finish_at_the_desk()
        self.assertEqual(self._get_open().mapped("kind"), ["finish"])

    def test_same_outcome(self):
        name = self._refuse_finish(outcome="fixed")
        self._finish_at_the_desk()
        self.assertFalse(self._get_open())
        self.assertEqual(self._tell(name), {name: LATER})
