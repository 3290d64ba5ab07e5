import io
import re
from html import unescape

from PIL import Image

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.aftersales.tests.portal_common import SIGNATURE, PortalCommon


def make_photo(size=(1200, 900), colour=(150, 40, 40)):
    """Return a JPEG, as a tablet sends it."""
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "JPEG")
    return stream.getvalue()


class InspectionPortalCommon(PortalCommon):
    """Two checklists and what they find on the customer's car.

    * ``check``: ``pads`` (a measure, safety, with ``job_template``), ``wipers`` and
      ``lights`` (ratings), ``body`` (marks); ``gate``: of our own work, with
      ``clean``
    * ``_inspect(order, {item: values}, photos=items)`` makes a finished inspection
    * ``_create_inspected()``: an order with pads and wipers found, pads offered
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.job_template = cls.env["aftersales.job.template"].create(
            {
                "name": "Replace brake pads",
                "line_ids": [
                    Command.create({"product_id": cls.labour.id, "kind": "labour"})
                ],
            }
        )
        cls.outline = cls.env["aftersales.inspection.outline"].create(
            {"name": "Box", "code": "portal_test"}
        )
        cls.check = cls._create_template(
            "Multi-point check",
            "multipoint",
            {
                "section": "Brakes",
                "name": "Brake pads, front",
                "kind": "measure",
                "unit": "mm",
                "green_min": 4,
                "yellow_min": 2,
                "is_safety": True,
                "words_yellow": "The front pads wear down.",
                "words_red": "The front pads are worn down.",
                "job_template_id": cls.job_template.id,
            },
            {
                "section": "View",
                "name": "Wipers",
                "kind": "rating",
                "words_yellow": "The wipers leave streaks.",
            },
            {"section": "View", "name": "Lights", "kind": "rating"},
            {
                "section": "Body",
                "name": "Body",
                "kind": "mark",
                "outline_id": cls.outline.id,
                "is_required": False,
            },
        )
        cls.pads, cls.wipers, cls.lights, cls.body = cls.check.version_id.item_ids
        cls.gate = cls._create_template(
            "Own check", "delivery", {"name": "Clean", "kind": "rating"}
        )
        cls.clean = cls.gate.version_id.item_ids

    @classmethod
    def _create_template(cls, name, use, *items, **values):
        template = cls.env["aftersales.inspection.template"].create(
            {
                "name": name,
                "use": use,
                "version_ids": [
                    Command.create(
                        {
                            "item_ids": [
                                Command.create({"sequence": index, **item})
                                for index, item in enumerate(items)
                            ]
                        }
                    )
                ],
                **values,
            }
        )
        template.version_ids.action_publish()
        return template

    def _inspect(self, order, answers, photos=(), finish=True, template=None):
        inspection = self.env["aftersales.inspection"].create(
            {
                "template_id": (template or self.check).id,
                "order_id": order.id,
                "user_id": self.advisor.id,
            }
        )
        for item, values in answers.items():
            answer = inspection._write_answer(item, values)
            if item in photos:
                self._add_photo(answer)
        if finish:
            inspection.action_finish()
        return inspection

    def _add_photo(self, record, **values):
        return self.env["ir.attachment"].create(
            {
                "name": "photo.jpg",
                "raw": make_photo(),
                "res_model": record._name,
                "res_id": record.id,
                **values,
            }
        )

    def _create_inspected(self, pads=1.2, offer=True, **values):
        order = self._create_order([(self.fee, 1)], **values)
        self._inspect(
            order,
            {
                self.pads: {"value_number": pads, "note": "SECRET note"},
                self.wipers: {"rating": "yellow"},
                self.lights: {"rating": "green"},
            },
            photos=[self.pads, self.wipers],
        )
        if offer:
            order.finding_ids.filtered(
                lambda finding: finding.name == self.pads.name
            ).action_create_job()
        order.action_estimate()
        return order

    def _get_finding(self, order, item):
        return order.finding_ids.filtered(lambda finding: finding.name == item.name)


@tagged("post_install", "-at_install")
class TestFindingAnswer(InspectionPortalCommon):
    """What is signed is what was seen, and whoever says no was warned."""

    def test_offer_is_what_the_page_shows(self):
        order = self._create_inspected()
        other, job = order.job_ids
        finding = job.finding_id
        code, other_code = job._get_offer_code(), other._get_offer_code()
        finding.note = "For ourselves"
        self.assertEqual(job._get_offer_code(), code)
        codes = {code}
        finding.words = "The pads are gone."
        codes.add(job._get_offer_code())
        finding.rating = "yellow"
        codes.add(job._get_offer_code())
        finding.is_safety = False
        codes.add(job._get_offer_code())
        self._add_photo(finding.answer_id)
        finding.invalidate_recordset()
        finding.answer_id.invalidate_recordset()
        codes.add(job._get_offer_code())
        self.assertEqual(len(codes), 5)
        self.assertEqual(other._get_offer_code(), other_code)

    def test_finding_fixed_with_it_is_part_of_the_offer(self):
        order = self._create_inspected()
        job = order.job_ids[1]
        code = job._get_offer_code()
        wipers = self._get_finding(order, self.wipers)
        wipers.with_id = job.finding_id
        self.assertNotEqual(job._get_offer_code(), code)
        self.assertNotIn(wipers, order._get_portal_findings())

    def test_changed_finding_is_not_approved(self):
        order = self._create_inspected()
        job = order.job_ids[1]
        answers = self._make_answers(job)
        job.finding_id.words = "The pads and the discs are gone."
        with self.assertRaisesRegex(UserError, "was changed"):
            self._answer(order, answers)
        self.assertEqual(job.state, "proposed")
        self._answer(order, self._make_answers(job))
        self.assertEqual(job.state, "approved")

    def test_no_to_safety_records_the_warning(self):
        orders = self._create_inspected() + self._create_inspected()
        for order in orders:
            fee, pads = order.job_ids
            self._answer(
                order,
                self._make_answers(pads, "decline", reason="Not now")
                + self._make_answers(fee, "decline", reason="Not now"),
                signer="",
                signature=False,
            )
            finding = pads.finding_id
            self.assertEqual(finding.state, "declined")
            self.assertEqual(finding.warning_method, "portal")
            self.assertEqual(finding.warned_name, self.customer.name)
            self.assertEqual(finding.warning_note, "Phone")
            self.assertTrue(finding.warning_date)
        self.assertFalse(self._get_finding(orders[0], self.wipers).warning_date)

    def test_no_sent_twice_warns_once(self):
        order = self._create_inspected()
        pads = order.job_ids[1]
        answers = self._make_answers(pads, "decline", reason="Not now")
        self._answer(order, answers)
        finding = pads.finding_id
        before = (finding.warning_date, len(order.message_ids))
        self._answer(order, answers, signer="Somebody Else")
        self.assertEqual((finding.warning_date, len(order.message_ids)), before)
        self.assertEqual(finding.warned_name, "Wang Fang")

    def test_no_without_the_warning_is_not_taken(self):
        """It became a danger after the page was opened: the customer looks again."""
        order = self._create_inspected(pads=3)
        job = order.job_ids[1]
        answers = self._make_answers(job, "decline", reason="Not now")
        job.finding_id.is_safety = True
        with self.assertRaisesRegex(UserError, "was changed"):
            self._answer(order, answers)
        self.assertEqual(job.state, "proposed")
        self.assertFalse(job.finding_id.warning_date)

    def test_no_at_the_desk_leaves_the_warning_to_the_desk(self):
        order = self._create_inspected()
        order.action_decline(jobs=order.job_ids, reason="No", signer="Wang Fang")
        self.assertFalse(order.job_ids.finding_id.warning_date)

    def test_only_the_page_says_that_the_page_warned(self):
        order = self._create_inspected().with_user(self.advisor)
        finding = order.job_ids.finding_id
        with self.assertRaisesRegex(UserError, "who was warned"):
            finding.action_record_warning(method="portal", name="Wang Fang")
        order.action_decline(
            jobs=order.job_ids, reason="No", method="portal", signer="Wang Fang"
        )
        self.assertFalse(finding.warning_date)
        self.assertTrue(finding._needs_warning())

    def test_no_to_what_is_no_danger_warns_of_nothing(self):
        order = self._create_inspected(pads=3)
        job = order.job_ids[1]
        self._answer(order, self._make_answers(job, "decline", reason="Not now"))
        self.assertEqual(job.state, "declined")
        self.assertFalse(job.finding_id.warning_date)


@tagged("post_install", "-at_install")
class TestPortalFindings(InspectionPortalCommon):
    """Which findings, photos and inspections are told to whom."""

    def test_rest_is_listed_the_dangers_first(self):
        order = self._create_inspected(offer=False)
        self.assertEqual(
            order._get_portal_findings().mapped("name"),
            ["Brake pads, front", "Wipers"],
        )
        self._get_finding(order, self.wipers).action_dismiss(reason="New ones inside")
        self.assertEqual(
            order._get_portal_findings().mapped("name"), ["Brake pads, front"]
        )

    def test_nothing_is_told_while_somebody_looks(self):
        order = self._create_order([(self.fee, 1)])
        inspection = self._inspect(
            order,
            {
                self.pads: {"value_number": 1},
                self.wipers: {"rating": "yellow"},
                self.lights: {"rating": "green"},
            },
            photos=[self.pads],
            finish=False,
        )
        self.assertTrue(order.finding_ids)
        self.assertFalse(order._get_portal_findings())
        self.assertFalse(order._get_portal_photos())
        self.assertFalse(order._get_portal_inspections())
        inspection.action_finish()
        self.assertEqual(len(order._get_portal_findings()), 2)
        self.assertEqual(len(order._get_portal_photos()), 1)
        self.assertEqual(order._get_portal_inspections(), inspection)

    def test_open_from_last_time(self):
        before = self._create_inspected(offer=False)
        order = self._create_order([(self.fee, 1)])
        self.assertEqual(order._get_portal_findings(), before._get_portal_findings())
        self.assertEqual(len(order._get_portal_photos()), 2)
        order.action_cancel(reason="Mistake")
        self.assertFalse(order._get_portal_findings())

    def test_seen_again_is_told_once(self):
        before = self._create_inspected(offer=False)
        order = self._create_inspected(offer=False)
        self.assertEqual(order._get_portal_findings(), order.finding_ids.sorted("id"))
        self.assertFalse(order._get_portal_findings() & before.finding_ids)

    def test_of_an_owner_before_only_dangers_and_no_photos(self):
        self._create_inspected(offer=False)
        self.asset.partner_id = self.stranger
        order = self._create_order([(self.fee, 1)], partner_id=self.stranger.id)
        self.assertEqual(
            order._get_portal_findings().mapped("name"), ["Brake pads, front"]
        )
        self.assertFalse(order._get_portal_photos())

    def test_checks_of_our_work_are_ours(self):
        order = self._create_inspected()
        own = self._inspect(
            order,
            {self.clean: {"rating": "red"}},
            photos=[self.clean],
            template=self.gate,
        )
        self.assertEqual(own.state, "done")
        self.assertNotIn(own, order._get_portal_inspections())
        self.assertNotIn(own.answer_ids.photo_ids, order._get_portal_photos())

    def test_drawings_are_no_photos(self):
        order = self._create_inspected()
        answer = order.inspection_ids.answer_ids[:1]
        script = self._add_photo(
            answer,
            raw=b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
            name="photo.svg",
        )
        answer.invalidate_recordset()
        self.assertIn(script, answer.photo_ids)
        self.assertNotIn(script, order._get_portal_photos())

    def test_portal_users_read_none_of_it(self):
        order = self._create_inspected()
        for model in (
            "aftersales.inspection",
            "aftersales.inspection.answer",
            "aftersales.inspection.item",
            "aftersales.inspection.template",
            "aftersales.finding",
            "aftersales.belonging",
            "aftersales.rework",
            "aftersales.phrase",
        ):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.portal_user).search([])
        for record, fields in (
            (
                order,
                (
                    "inspection_ids",
                    "finding_ids",
                    "open_finding_ids",
                    "belonging_ids",
                    "is_inspected",
                ),
            ),
            (self.asset, ("finding_ids", "has_findings", "inspection_ids")),
        ):
            record = record.with_user(self.portal_user)
            for field in fields:
                with self.subTest(field), self.assertRaises(AccessError):
                    record.read([field])
        for photo in order._get_portal_photos():
            self.assertFalse(photo.public)
            with self.assertRaises(AccessError):
                photo.with_user(self.portal_user).read(["raw"])
        with self.assertRaises(AccessError):
            order.finding_ids.with_user(self.portal_user).action_record_warning(
                method="portal", name="Wang Fang"
            )


@tagged("post_install", "-at_install")
class TestPortalPages(InspectionPortalCommon, HttpCase):
    def _login(self, user):
        self.authenticate(user.login if user else None, user.login if user else None)

    def _get_url(self, order, suffix="", token=False):
        query = f"?access_token={order._portal_ensure_token()}" if token else ""
        return f"/my/work-orders/{order.id}{suffix}{query}"

    def _get_text(self, url, status=200):
        response = self.url_open(url)
        self.assertEqual(response.status_code, status)
        return unescape(response.text)

    def _get_status(self, url):
        with mute_logger("odoo.http"):
            return self.url_open(url, allow_redirects=False).status_code

    def test_page_shows_the_finding_beside_its_job(self):
        order = self._create_inspected()
        photo = order.job_ids[1].finding_id.photo_ids
        for user in (self.portal_user, None):
            with self.subTest(user=user and user.login):
                self._login(user)
                page = self._get_text(self._get_url(order, token=not user))
                for text in (
                    "The front pads are worn down.",
                    "Needs work now",
                    "Affects safety",
                    "Please think again: this affects safety.",
                    "We also saw",
                    "The wipers leave streaks.",
                    "Due soon",
                    "Nothing has to be done now.",
                    "What we inspected",
                    "Multi-point check",
                    f"/my/work-orders/{order.id}/photo/{photo.id}/thumb",
                ):
                    self.assertIn(text, page)
                self.assertNotIn("SECRET", page)
                self.assertEqual(page.count("The front pads are worn down."), 1)
                job = page[page.index(f'id="job_{order.job_ids[1].id}"') :]
                self.assertIn("The front pads", job[: job.index("We also saw")])

    def test_answer_from_the_page(self):
        order = self._create_inspected()
        self._login(None)
        page = self._get_text(self._get_url(order, token=True))
        offers = dict(re.findall(r'data-job-id="(\d+)"\s+data-offer="(\w+)"', page))
        fee, pads = order.job_ids
        yes = {"job_id": fee.id, "answer": "approve", "offer": offers[str(fee.id)]}
        result = self.make_jsonrpc_request(
            f"/my/work-orders/{order.id}/answer",
            {
                "answers": [
                    yes,
                    {
                        "job_id": pads.id,
                        "answer": "decline",
                        "offer": offers[str(pads.id)],
                        "reason": "Done elsewhere",
                    },
                ],
                "access_token": order.access_token,
                "name": "Wang Fang",
                "signature": SIGNATURE,
            },
        )
        self.assertIn("redirect_url", result)
        self.assertEqual((fee.state, pads.state), ("approved", "declined"))
        finding = pads.finding_id
        self.assertEqual(
            (finding.warning_method, finding.warned_name), ("portal", "Wang Fang")
        )
        self.assertIn("by link", finding.warning_note)
        page = self._get_text(self._get_url(order, token=True))
        self.assertIn("This affects safety and is not repaired.", page)

    def test_open_from_last_time_is_on_the_page(self):
        before = self._create_inspected(offer=False)
        order = self._create_order([(self.fee, 1)])
        self._login(self.portal_user)
        page = self._get_text(self._get_url(order))
        self.assertIn("Open from last time", page)
        self.assertIn(before.name, page)
        self.asset.partner_id = self.stranger
        order = self._create_order([(self.fee, 1)], partner_id=self.stranger.id)
        self._login(self.portal_stranger)
        page = self._get_text(self._get_url(order))
        self.assertIn("The front pads are worn down.", page)
        self.assertNotIn(before.name, page)
        self.assertNotIn("/photo/", page)

    def test_photos_are_sized_and_private(self):
        order = self._create_inspected()
        photo = order._get_portal_photos()[:1]
        for user in (self.portal_user, self.advisor, None):
            self._login(user)
            for size, width in (("thumb", 320), ("large", 1200)):
                with self.subTest(user=user and user.login, size=size):
                    url = self._get_url(order, f"/photo/{photo.id}/{size}", not user)
                    response = self.url_open(url)
                    self.assertEqual(response.status_code, 200)
                    self.assertEqual(response.headers["Content-Type"], "image/jpeg")
                    self.assertEqual(
                        Image.open(io.BytesIO(response.content)).width, width
                    )
                    cache = response.headers["Cache-Control"]
                    self.assertIn("private", cache)
                    self.assertNotIn("public", cache)
                    again = self.url_open(
                        url, headers={"If-None-Match": response.headers["ETag"]}
                    )
                    self.assertEqual(again.status_code, 304)

    def test_photos_of_others_do_not_exist(self):
        order = self._create_inspected()
        fleet_asset = self.asset.copy({"partner_id": self.fleet.id})
        other = self._create_inspected(
            partner_id=self.fleet.id, asset_id=fleet_asset.id
        )
        mine, foreign = (each._get_portal_photos()[:1] for each in (order, other))
        on_order = self._add_photo(order)
        public = self._add_photo(order, public=True)
        own_check = self._inspect(
            order,
            {self.clean: {"rating": "green"}},
            photos=[self.clean],
            template=self.gate,
        ).answer_ids.photo_ids
        token = order._portal_ensure_token()
        other_token = other._portal_ensure_token()
        path = f"/my/work-orders/{order.id}/photo"
        other_path = f"/my/work-orders/{other.id}/photo"
        for user, urls in (
            (
                None,
                (
                    f"{path}/{mine.id}/thumb",
                    f"{path}/{mine.id}/thumb?access_token=wrong",
                    f"{path}/{mine.id}/thumb?access_token={other_token}",
                    f"{path}/{foreign.id}/thumb?access_token={token}",
                    f"{path}/{foreign.id}/thumb?access_token={other_token}",
                    f"{other_path}/{mine.id}/thumb?access_token={other_token}",
                    f"{path}/{on_order.id}/thumb?access_token={token}",
                    f"{path}/{public.id}/thumb?access_token={token}",
                    f"{path}/{own_check.id}/thumb?access_token={token}",
                    f"{path}/99999999/thumb?access_token={token}",
                    f"{path}/{mine.id}/original?access_token={token}",
                    f"/my/work-orders/99999999/photo/{mine.id}/thumb",
                ),
            ),
            (self.portal_stranger, (f"{path}/{mine.id}/thumb",)),
            (self.portal_driver, (f"{path}/{mine.id}/large",)),
            (
                self.portal_user,
                (f"{path}/{foreign.id}/thumb", f"{other_path}/{foreign.id}/thumb"),
            ),
            (self.technician, (f"{path}/{mine.id}/thumb",)),
        ):
            self._login(user)
            for url in urls:
                with self.subTest(user=user and user.login, url=url):
                    self.assertEqual(self._get_status(url), 404)
        self._login(self.portal_driver)
        self.assertEqual(self._get_status(f"{other_path}/{foreign.id}/thumb"), 200)

    def test_withdrawn_access(self):
        order = self._create_inspected()
        photo = order._get_portal_photos()[:1]
        inspection = order.inspection_ids
        self._login(None)
        url = self._get_url(order, f"/photo/{photo.id}/thumb", token=True)
        page = self._get_url(order, f"/inspection/{inspection.id}", token=True)
        self.assertEqual(self._get_status(url), 200)
        self.assertEqual(self._get_status(page), 200)
        order.access_token = "another"
        self.assertEqual(self._get_status(url), 404)
        self.assertEqual(self._get_status(page), 303, "to the login")
        url = self._get_url(order, f"/photo/{photo.id}/thumb")
        self._login(self.portal_user)
        self.assertEqual(self._get_status(url), 200)
        self.portal_user.active = False
        self.assertEqual(self._get_status(url), 404)

    def test_second_company_is_apart(self):
        order = self._create_inspected()
        photo = order._get_portal_photos()[:1]
        other = self.env["res.company"].create({"name": "Other Workshop"})
        foreign = self._create_portal_user("foreign", self.driver.copy(), other)
        foreign.partner_id.parent_id = self.customer
        self._login(foreign)
        self.assertEqual(
            self._get_status(self._get_url(order, f"/photo/{photo.id}/thumb")), 404
        )

    def test_inspection_page(self):
        order = self._create_inspected()
        inspection = order.inspection_ids
        own = self._inspect(
            order, {self.clean: {"rating": "green"}}, template=self.gate
        )
        other = self._create_inspected(partner_id=self.stranger.id, asset_id=False)
        for user in (self.portal_user, None):
            self._login(user)
            page = self._get_text(
                self._get_url(order, f"/inspection/{inspection.id}", not user)
            )
            for text in (
                "Multi-point check",
                "Brakes",
                "Brake pads, front",
                "1.2 mm",
                "Needs work now",
                "The front pads are worn down.",
                "In order",
                "/thumb",
            ):
                self.assertIn(text, page)
            self.assertNotIn("SECRET", page)
            for hidden in (own, other.inspection_ids):
                for suffix in ("", "/pdf"):
                    url = self._get_url(
                        order, f"/inspection/{hidden.id}{suffix}", not user
                    )
                    self.assertEqual(self._get_status(url), 404)
        self._login(self.portal_stranger)
        for suffix in ("", "/pdf"):
            url = self._get_url(order, f"/inspection/{inspection.id}{suffix}")
            response = self.url_open(url, allow_redirects=False)
            self.assertEqual(response.status_code, 303)

    def test_inspection_pdf(self):
        order = self._create_inspected()
        inspection = order.inspection_ids
        self.patch(
            self.env.registry["ir.actions.report"],
            "_render_qweb_pdf",
            lambda self, report_ref, res_ids=None, data=None: (
                f"{report_ref} {res_ids}".encode(),
                "pdf",
            ),
        )
        for user in (self.portal_user, None):
            self._login(user)
            response = self.url_open(
                self._get_url(order, f"/inspection/{inspection.id}/pdf", not user)
            )
            self.assertEqual(response.status_code, 200)
            self.assertIn(str(inspection.id), response.text)
            self.assertEqual(response.headers["Content-Type"], "application/pdf")
