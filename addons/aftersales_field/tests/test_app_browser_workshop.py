import json
import os

from odoo.tests import HttpCase, tagged

from .app_browser_common import AppBrowserCommon, _Phones
from .test_app_workshop import WorkshopCommon

TABLET = (1024, 768)


@tagged("post_install", "-at_install")
class TestAppBrowserWorkshop(WorkshopCommon, HttpCase):
    """A job in the workshop on a tablet that has no network."""

    touch_enabled = True
    _clear = AppBrowserCommon._clear

    def setUp(self):
        super().setUp()
        self.order.write({"meter_in": 1000})
        self.job.complaint = "Pulls to the left"

    def _open(self):
        return _Phones(self, ("field_anna",))

    def _resize(self, phone, size):
        width, height = size
        phone.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=True,
        )

    def _shoot(self, phone, name):
        """Keep a picture of the screen, where somebody wants to look at it."""
        if folder := os.environ.get("APP_SHOTS"):
            phone.shoot(f"{folder}/{name}.png")

    def _do_the_job(self, phone):
        phone.press("[data-job=Brakes] .o_app_open")
        phone.see("Pulls to the left")
        self._shoot(phone, "job")
        phone.press(".o_app_clock_on")
        phone.see("Running since")
        # Side by side, without a way to scroll sideways.
        self.assertTrue(
            phone.run(
                "(([a, b]) => b.left >= a.right)([...document.querySelectorAll("
                "'.o_app_column')].map((each) => each.getBoundingClientRect()))"
            )
        )
        self.assertFalse(
            phone.run("document.documentElement.scrollWidth > window.innerWidth")
        )
        phone.type(".o_app_cause", "Caliper is stuck")
        phone.type(".o_app_correction", "New caliper")
        phone.wait(
            "aftersalesField.model.outbox.filter((e) => e.kind === 'set').length === 2"
        )
        phone.press(".o_app_add_work")
        phone.type(".o_app_work_text", "Wiper is torn")
        phone.press(".o_app_sheet .o_app_primary")
        phone.see("Wiper is torn")
        phone.press(".o_app_ask")
        phone.press(".o_app_send_ask")
        phone.see("asked for")
        phone.press(f"[data-task='checklist/{self.inspection.id}']")
        phone.press("[data-item='Earthed'] [data-value=yes]")
        phone.type("[data-item='Pressure'] input", "2.5")
        phone.take_photo("[data-item='Nameplate'] input[type=file]")
        phone.wait("aftersalesField.model.photos.length === 1")
        phone.press(".o_app_back")
        phone.see("Pulls to the left")
        self._shoot(phone, "running")
        # Who looks in between sees what runs.
        phone.press(".o_app_back")
        phone.wait("document.querySelector('[data-group=now] [data-job=Brakes]')")
        self._shoot(phone, "list")
        phone.press("[data-job=Brakes] .o_app_open")
        phone.press(".o_app_clock_off")
        phone.press(".o_app_job_done")
        self._shoot(phone, "done")
        phone.press(".o_app_done_used")
        phone.wait("document.querySelector('[data-group=done] [data-job=Brakes]')")

    def test_whole_job_offline_counts_once(self):
        with self._open() as (phone,):
            self._resize(phone, TABLET)
            phone.see("Brakes")
            self.assertFalse(
                phone.run("document.body.innerText.includes('Lights')"), "Ben's"
            )
            phone.go_offline()
            self._do_the_job(phone)
            self._clear()
            self.assertEqual(self.job.state, "approved", "nothing has come here yet")
            outbox = phone.run(
                "JSON.parse(JSON.stringify(aftersalesField.model.outbox))"
            )
            phone.send_all()
            self.assertFalse(phone.problems)
            before = self._check_once()
            # The same again, as a tablet that did not hear the answer.
            phone.run(
                "(async (entries) => {"
                " aftersalesField.model.outbox.push(...entries);"
                " await aftersalesField.sync.now(); })"
                f"({json.dumps(outbox)})"
            )
            phone.wait("!aftersalesField.model.waitingCount")
            self.assertFalse(phone.problems)
            phone.sync()
            phone.see("Waits for the Customer's Answer")
            self._resize(phone, (390, 844))
            self._shoot(phone, "phone")
        self.assertEqual(self._check_once(), before)

    def _check_once(self):
        self._clear()
        order, job = self.order, self.job
        self.assertEqual(
            (job.state, job.cause, job.correction),
            ("done", "Caliper is stuck", "New caliper"),
        )
        entries = self._get_entries()
        self.assertEqual(len(entries), 1)
        self.assertTrue(entries.stop)
        added = order.job_ids.filtered(lambda each: each.name == "Wiper is torn")
        self.assertEqual(added.mapped("state"), ["draft"])
        answers = self.inspection.answer_ids.grouped("item_id")
        self.assertEqual(answers[self.earthed].value_yes_no, "yes")
        self.assertEqual(answers[self.pressure].value_number, 2.5)
        self.assertEqual(len(self.inspection.answer_ids.photo_ids), 1)
        operations = self.env["aftersales.field.operation"].search(
            [("order_id", "=", order.id)]
        )
        self.assertEqual(set(operations.mapped("state")), {"done"})
        return (
            operations.ids,
            order.job_ids.ids,
            order.activity_ids.ids,
            order.message_ids.ids,
            entries.mapped("stop"),
        )

    def test_job_that_was_given_away_leaves_with_a_word(self):
        with self._open() as (phone,):
            self._resize(phone, TABLET)
            phone.go_offline()
            phone.press("[data-job=Brakes] .o_app_open")
            phone.press(".o_app_clock_on")
            phone.type(".o_app_cause", "Caliper is stuck")
            phone.wait("aftersalesField.model.outbox.length === 2")
            phone.go("visits")
            self.job.technician_id = self.employee_ben
            self._clear()
            phone.send_all()
            phone.see("It was given to Ben")
            self.assertEqual(
                {problem["kind"] for problem in phone.problems}, {"clock_on", "set"}
            )
            phone.wait("!document.querySelector('[data-job=Brakes]')")
            self._shoot(phone, "gone")
