import hashlib
from unittest.mock import patch

import odoo
from odoo import Command
from odoo.tests import tagged

from ..controllers.app_page import AppPage
from .app_browser_common import CAUSE, AppBrowserCommon


@tagged("post_install", "-at_install")
class TestAppBrowserFaults(AppBrowserCommon):
    """Whatever breaks off: nothing is lost, nothing counts twice."""

    def _get_photos(self):
        self._clear()
        return self.inspection.answer_ids.photo_ids

    # Opening

    def test_opens_offline_in_a_second(self):
        with self._open("field_anna") as (phone,):
            phone.cdp("Network.clearBrowserCache")
            phone.go_offline()
            times = []
            for _try in range(3):
                phone.kill()
                phone.open(wait=False)
                phone.see(self.customer.name)
                phone.wait("document.querySelector('[data-step=travel]')")
                times.append(
                    phone.run(
                        "performance.getEntriesByName('aftersales_field.shown')[0]"
                        ".startTime"
                    )
                )
            self.assertFalse(phone.run("navigator.onLine"))
        self._logger.info("Opened offline in %s ms", [round(each) for each in times])
        self.assertLess(min(times), 1000)

    def test_page_tells_nothing_to_strangers(self):
        page = self.url_open("/aftersales/field")
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(self.customer.name, page.text)
        worker = self.url_open("/aftersales/field/service-worker.js")
        self.assertEqual(worker.headers["Service-Worker-Allowed"], "/aftersales/field")
        manifest = self.url_open("/aftersales/field/manifest.webmanifest").json()
        self.assertEqual(manifest["display"], "standalone")
        self.assertEqual(manifest["start_url"], "/aftersales/field")
        for icon in manifest["icons"]:
            self.assertEqual(self.url_open(icon["src"]).status_code, 200)
        for route in ("pull", "sync", "photo"):
            answer = self.url_open(
                f"/aftersales/field/{route}", json={"params": {}}, method="POST"
            ).json()
            self.assertIn("SessionExpired", answer["error"]["data"]["name"])

    def test_new_version_keeps_the_outbox(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            before = phone.run("caches.keys()")
            # The new version is fetched while the entries still wait.
            phone.run("void (aftersalesField.sync.isRunning = true)")
            phone.go_online()
            with patch.object(AppPage, "_get_version", lambda page: "0123456789abcdef"):
                phone.run(
                    "navigator.serviceWorker.getRegistration().then((r) => r.update())"
                    ".then(() => true)"
                )
                phone.wait("aftersalesField.install.hasNewVersion")
                phone.go_offline()
                phone.see("A new version of the app is here")
                phone.open(wait=False)
                self.assertEqual(
                    phone.run("caches.keys()"), ["aftersales_field-0123456789abcdef"]
                )
                self.assertNotEqual(before, phone.run("caches.keys()"))
                self.assertIn("arrive", phone.waiting)
            phone.send_all()
            self._clear()
            self.assertEqual(self.visit.state, "onsite")

    # The network

    def test_photo_goes_on_where_it_was_cut(self):
        def has_offset(values):
            return values.get("data") and values.get("offset")

        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            self._take_type_plate(phone, 1400)
            size, digest = phone.run(
                "[aftersalesField.model.photos[0].size,"
                " aftersalesField.model.photos[0].sha256]"
            )
            self.assertGreater(size, 3 * 256 * 1024, "several pieces")
            # The second piece is here, but the phone will not hear of it.
            with self._hold_answer(phone, "put_photo", has_offset):
                phone.go_offline()
            phone.wait("!aftersalesField.sync.isRunning")
            cut = phone.run("aftersalesField.model.photos[0].offset")
            self.assertTrue(0 < cut < size)
            self.assertFalse(self._get_photos())
            self.assertEqual(phone.waiting, ["photo"])
            phone.open(wait=False)
            self._watch_pieces(phone)
            phone.send_all()
            pieces = phone.run("window.pieces")
            self.assertGreaterEqual(min(pieces), cut, "not from the beginning")
            photos = self._get_photos()
            self.assertEqual(len(photos), 1)
            self.assertEqual(hashlib.sha256(photos.raw).hexdigest(), digest)

    def _watch_pieces(self, phone):
        """Note the offset of each piece that is sent."""
        phone.run(
            """(() => {
                window.pieces = [];
                const send = XMLHttpRequest.prototype.send;
                XMLHttpRequest.prototype.send = function (body) {
                    const { params } = JSON.parse(body || "{}");
                    if (params?.photo && params.data) {
                        window.pieces.push(params.offset);
                    }
                    return send.call(this, body);
                };
            })()"""
        )

    # The office meanwhile

    def test_visit_called_off_meanwhile(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            phone.go("visit", self.visit.id)
            phone.press("[data-step=travel]")
            phone.wait("aftersalesField.model.waitingCount === 1")
            self.visit.action_cancel(reason="Sold the oven")
            self._clear()
            phone.send_all()
            phone.see("not on your phone any more")
            phone.go("visits")
            phone.see("Sold the oven")
            phone.wait("document.querySelector('.o_app_gone')")
            phone.wait("!document.querySelector('.o_app_next')")
            (problem,) = phone.problems
            self.assertEqual(problem["kind"], "travel")
            phone.press(".o_app_problem_banner button")
            phone.see(problem["message"][:40])
            phone.press(".o_app_understood")
            phone.wait("!aftersalesField.model.problems.length")
        operation = self._get_operations()
        self.assertEqual(operation.state, "refused", "the dispatcher sees it")
        self.assertEqual(self.visit.state, "cancel")

    def test_two_phones_on_one_visit(self):
        with self._open("field_anna", "field_anna") as (one, two):
            one.go_offline()
            two.go_offline()
            self._arrive_on(one)
            self._arrive_on(two)
            self._write_cause(one, "Loose plug")
            self._write_cause(two, "Broken wire")
            one.send_all()
            self.assertFalse(one.problems)
            two.send_all()
            problems = two.problems
            self.assertEqual(len(problems), 1, problems)
            (problem,) = problems
            self.assertEqual(problem["state"], "conflict")
            (conflict,) = problem["conflicts"]
            self.assertEqual(
                (conflict["mine"], conflict["theirs"]), ("Broken wire", "Loose plug")
            )
            two.go("outbox")
            two.see("Broken wire")
            two.see("Loose plug")
            two.go("visit", self.visit.id, "job", self.job.id)
            two.wait("document.querySelector('.o_app_cause').value === 'Loose plug'")
        self._clear()
        self.assertEqual(self.job.cause, "Loose plug")
        self.assertEqual(len(self._get_operations(state="conflict")), 1)
        self.assertEqual(
            len(self.visit.stamp_ids.filtered(lambda stamp: stamp.kind == "arrive")), 1
        )

    # Sessions

    def test_session_ends_while_offline(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            store = odoo.http.root.session_store
            store.delete(store.get(phone.sid))
            phone.go_online()
            phone.run("aftersalesField.sync.now()")
            phone.wait("document.querySelector('.o_app_login_banner')")
            phone.see("You are logged out")
            self.assertEqual(phone.waiting, ["travel", "arrive"])
            self._write_cause(phone)
            phone.log_in("field_anna")
            phone.open(wait=False)
            phone.send_all()
            phone.wait("!document.querySelector('.o_app_login_banner')")
            self.assertFalse(phone.problems)
        self._clear()
        self.assertEqual(self.visit.state, "onsite")
        self.assertEqual(self.job.cause, CAUSE)

    def test_somebody_else_logs_in(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            phone.log_in("field_ben")
            phone.go_online()
            phone.run("aftersalesField.sync.now()")
            phone.see("Nothing is sent or fetched")
            self.assertEqual(phone.waiting, ["travel", "arrive"])
            self.assertFalse(self._get_operations())
            phone.log_in("field_anna")
            phone.send_all()
        self._clear()
        self.assertEqual(self.visit.state, "onsite")
        self.assertEqual(self.visit.stamp_ids.employee_id, self.employee_anna)

    def test_logging_out_leaves_nothing(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            phone.go("me")
            phone.press(".o_app_log_out")
            phone.see("Not sent yet: 2 entries")
            phone.press(".o_app_confirm_log_out")
            phone.see("There is no network")
            self.assertEqual(
                phone.run(
                    "indexedDB.databases().then((all) => all.map((d) => d.name))"
                ),
                [],
            )
            self.assertNotIn(self.customer.name, phone.run("document.body.innerText"))
            phone.open(wait=False)
            self.assertFalse(phone.run("aftersalesField.model.user"))
            # The server hears of it as soon as it can.
            phone.go_online()
            phone.run("aftersalesField.sync.now()")
            phone.wait("document.querySelector('.o_app_login')")
            phone.wait("!localStorage.getItem('aftersales_field.logout')")
            session = odoo.http.root.session_store.get(phone.sid)
            self.assertFalse(session.uid)
        self._clear()
        self.assertEqual(self.visit.state, "planned")

    # Room

    def test_phone_is_full(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._arrive_on(phone)
            phone.run(
                """(() => {
                    const { put } = IDBObjectStore.prototype;
                    IDBObjectStore.prototype.put = function (...values) {
                        if (window.isFull) {
                            throw new DOMException("Full", "QuotaExceededError");
                        }
                        return put.apply(this, values);
                    };
                    window.isFull = true;
                })()"""
            )
            phone.go("visit", self.visit.id, "checklist", self.inspection.id)
            phone.take_photo("[data-item='Type plate'] input[type=file]", 1400)
            phone.wait("aftersalesField.model.photos.length")
            phone.go("visits")
            phone.see("The phone is full")
            phone.see("Nothing is lost")
            self.assertEqual(phone.waiting, ["travel", "arrive", "photo"])
            self.assertEqual(
                phone.run("aftersalesField.model.outbox.every((e) => e.isKept)"), True
            )
            phone.send_all()
            self.assertEqual(len(self._get_photos()), 1)
            phone.run("void (window.isFull = false)")
            phone.run("aftersalesField.model.keepAll()")
            phone.wait("!document.querySelector('.o_app_storage_banner')")
        self._clear()
        self.assertEqual(self.visit.state, "onsite")

    def test_helper_sees_the_visit_and_strangers_do_not(self):
        self.visit.write({"helper_ids": [Command.link(self.employee_ben.id)]})
        with self._open("field_ben", "field_carl") as (ben, carl):
            ben.see(self.customer.name)
            carl.see("No work is waiting for you")
