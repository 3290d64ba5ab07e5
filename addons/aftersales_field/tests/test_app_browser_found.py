from odoo.tests import tagged

from .app_browser_common import AppBrowserCommon

SHOTS = None  # a folder, to look at the screens


@tagged("post_install", "-at_install")
class TestAppBrowserFound(AppBrowserCommon):
    """Parts that are not on the order, in the basement: asked about before the end."""

    def setUp(self):
        super().setUp()
        self.part_fifo.list_price = 40
        self.order.action_approve(jobs=self.added)
        other = self._create_order({"name": "Door", "lines": [(self.labour, 1)]})
        other.action_approve()
        self.later = other.action_create_visit()
        self.later.site_id = self.site_spandau
        self.later.action_plan(
            start=self.visit.stop.replace(minute=0)
            + (self.visit.stop - self.visit.start) * 3,
            technician=self.employee_anna,
        )

    def _shoot(self, phone, name):
        if SHOTS:
            phone.shoot(f"{SHOTS}/{name}.png")

    def _use_other(self, phone, part, lot=None, job=None):
        phone.go("visit", self.visit.id, "parts")
        phone.press(".o_app_use_other")
        phone.type(".o_app_search", part.name)
        phone.press(f"[data-product={part.name!r}]")
        phone.wait("document.querySelector('.o_app_part_job')")
        if lot:
            phone.type(".o_app_lot", lot)
        if job is not None:
            phone.run(
                "(() => { const field = document.querySelector('.o_app_part_job');"
                f" field.value = {str(job)!r};"
                " field.dispatchEvent(new Event('change', { bubbles: true })); })()"
            )

    def _finish_rest(self, phone):
        """All that is wanted but the answer about what was found."""
        visit = self.visit.id
        phone.go("visit", visit, "checklist", self.inspection.id)
        phone.press("[data-item='Shoe covers'] [data-value=yes]")
        phone.type("[data-item='Temperature'] input", "165")
        phone.take_photo("[data-item='Type plate'] input[type=file]")
        phone.wait("aftersalesField.model.photos.length === 1")
        phone.press(".o_app_finish_checklist")
        phone.wait("aftersalesField.router.parts.length === 2")
        for job in self.job + self.added:
            phone.go("visit", visit, "job", job.id)
            phone.type(".o_app_cause", f"{job.name} was worn")
            phone.type(".o_app_correction", f"{job.name} is new")
            phone.wait(
                "aftersalesField.model.outbox.filter((e) => e.kind === 'set'"
                f" && e.values.job_id === {job.id}).length === 2"
            )
        phone.go("visit", visit, "customer")
        phone.press("[data-star='5']")
        phone.sign()
        self._shoot(phone, "signature")
        phone.press(".o_app_sign")
        phone.see("Signed by")
        phone.go("visit", visit, "finish")
        phone.type(".o_app_unused", "Were fine")

    def _get_gaps(self, phone):
        return phone.run(
            "[...document.querySelectorAll('.o_app_gaps .o_app_gap')]"
            ".map((gap) => gap.innerText.trim())"
        )

    def test_unapproved_part_is_asked_about_offline(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            # The planned one first, another one beyond.
            self._use_other(phone, self.part_serial, "S-1", self.job.id)
            phone.press(".o_app_use")
            phone.wait("aftersalesField.model.outbox.at(-1).kind === 'use_part'")
            self._use_other(phone, self.part_serial, "S-2", self.job.id)
            phone.see("Not on the order")
            self._shoot(phone, "use")
            phone.press(".o_app_use")
            phone.see("the customer has to say yes or no")
            self._shoot(phone, "parts")
            self._finish_rest(phone)
            phone.wait(
                "document.querySelectorAll('.o_app_gaps .o_app_gap').length === 1"
            )
            (gap,) = self._get_gaps(phone)
            words = f"1 × {self.part_serial.name} (S-2)"
            self.assertEqual(gap, f"The customer's yes or no: {words}")
            self._shoot(phone, "finish")
            self.assertTrue(
                phone.run("document.querySelector('.o_app_foot .o_app_step').disabled")
            )
            phone.press(".o_app_gaps .o_app_gap")
            phone.see(words)
            self._shoot(phone, "prices")
            price = phone.run(
                "document.querySelector('.o_app_urgent .o_app_price').innerText"
            )
            self.assertRegex(price, r"\d")
            phone.press(".o_app_agree")
            phone.sign()
            self._shoot(phone, "agree")
            phone.press(".o_app_keep")
            phone.wait("!document.querySelector('.o_app_agree, .o_app_keep')")
            phone.go("visit", self.visit.id, "finish")
            phone.type(".o_app_unused", "Were fine")
            phone.wait("!document.querySelector('.o_app_gaps')")
            phone.press(".o_app_foot .o_app_step")
            phone.wait("aftersalesField.router.parts[0] === 'visits'")
            # Later visits go on as ever.
            phone.go("visit", self.later.id)
            phone.press("[data-step=travel]")
            phone.press("[data-step=arrive]")
            phone.send_all()
            self.assertFalse(phone.problems)
        self._clear()
        self.assertEqual((self.visit.state, self.later.state), ("done", "onsite"))
        found = self.order.job_ids - self.job - self.added
        self.assertEqual((found.name, found.state), (words, "done"))
        answer = self.visit.approval_ids.filtered(lambda each: each.job_ids == found)
        self.assertEqual(answer.method, "site")

    def test_price_that_the_office_tells(self):
        with self._open("field_anna") as (phone,):
            phone.run(
                f"aftersalesField.model.visits[{self.visit.id}].part_prices = {{}}"
            )
            phone.go_offline()
            self._arrive_on(phone)
            self._use_other(phone, self.part_avco, job=0)
            phone.type(".o_app_quantity", "2")
            phone.see("Call the office for the price")
            phone.press(".o_app_use")
            phone.see("Write what was wrong")
            phone.type(".o_app_part_cause", "Leaks")
            phone.type(".o_app_part_correction", "New seal")
            phone.press(".o_app_use")
            phone.wait("aftersalesField.model.outbox.at(-1).kind === 'use_part'")
            phone.go("visit", self.visit.id, "prices")
            phone.see("price told by the office")
            self.assertFalse(phone.run("document.querySelector('.o_app_agree')"))
            phone.type(".o_app_told_price", "9999")
            self._shoot(phone, "told")
            phone.press(".o_app_agree")
            phone.sign()
            phone.press(".o_app_keep")
            phone.wait("aftersalesField.model.outbox.at(-1).kind === 'consent'")
            phone.send_all()
            self.assertFalse(phone.problems)
        self._clear()
        found = self.order.job_ids - self.job - self.added
        self.assertEqual((found.state, found.cause), ("progress", "Leaks"))

    def test_missing_part_stays_and_ends_the_visit(self):
        name = self.part_fifo.name
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            phone.go("visit", self.visit.id, "parts")
            phone.press(".o_app_missing")
            phone.type(".o_app_search", name)
            phone.press(f"[data-product={name!r}]")
            phone.press(".o_app_report")
            phone.see("Reported missing")
            phone.go("visit", self.visit.id, "finish")
            phone.press("[data-outcome=part_missing]")
            phone.wait("!document.querySelector('.o_app_gaps')")
            phone.send_all()
            for _time in range(2):
                phone.go("visit", self.visit.id, "parts")
                phone.see("Reported missing")
                phone.see(f"1 × {name}")
                self._shoot(phone, "missing")
                phone.go("visit", self.visit.id, "finish")
                phone.press("[data-outcome=part_missing]")
                phone.wait("!document.querySelector('.o_app_gaps')")
                # Agreed to afterwards, by phone.
                self._clear()
                found = self.order.job_ids - self.job - self.added
                if found.state == "proposed":
                    self.order.action_approve(jobs=found, method="phone")
                    self._clear()
                    phone.sync()
            phone.press(".o_app_foot .o_app_step")
            phone.send_all()
            self.assertFalse(phone.problems)
        self._clear()
        self.assertEqual(self.visit.outcome, "part_missing")

    def test_overtaken_entry_leaves_the_red_list(self):
        visit = self.visit.id
        with self._open("field_anna") as (phone,):
            self._arrive_on(phone)
            # As an older app would, without the customer's opinion.
            phone.run(
                f"aftersalesField.model.record('finish', {visit}, {{outcome: 'fixed'}})"
            )
            phone.send_all()
            self.assertEqual([each["kind"] for each in phone.problems], ["finish"])
            phone.go("outbox")
            phone.see("Open the visit and put it right")
            phone.see("Fixed")
            self._shoot(phone, "problem")
            self._clear()
            self.visit.with_user(self.visit.technician_id.user_id).record_opinion("5")
            for job in self.job + self.added:
                job.write({"cause": "Worn", "correction": "New"})
            self.inspection.action_cancel()
            self.visit.action_finish(
                "fixed", no_signature_reason="Away", unused_reason="Were fine"
            )
            self._clear()
            phone.sync()
            phone.see("Overtaken by what came later")
            self.assertFalse(phone.run("aftersalesField.model.openProblems.length"))
            phone.press(".o_app_understood")
            phone.see("Everything has been sent")
            self.assertFalse(phone.problems)
        self.assertFalse(self._get_operations(settled=False, state="refused"))

    def test_van_search_tells_what_it_did_not_find(self):
        with self._open("field_anna") as (phone,):
            phone.go("van")
            phone.see("Search in the van")
            phone.type(".o_app_search", "no such thing")
            phone.see("Nothing in your van matches “no such thing”")
            self._shoot(phone, "van")

    def test_signature_has_the_whole_pad(self):
        with self._open("field_anna") as (phone,):
            self._arrive_on(phone)
            phone.go("visit", self.visit.id, "customer")
            phone.sign()
            phone.wait("!document.querySelector('.o_aftersales_sign_again').disabled")
            pad, button = phone.run(
                "['.o_aftersales_pad', '.o_aftersales_sign_again'].map((name) => {"
                " const box = document.querySelector(name).getBoundingClientRect();"
                " return { top: box.top, bottom: box.bottom }; })"
            )
            self.assertGreaterEqual(button["top"], pad["bottom"])
            phone.press(".o_aftersales_sign_again")
            phone.wait("document.querySelector('.o_aftersales_sign_again').disabled")
