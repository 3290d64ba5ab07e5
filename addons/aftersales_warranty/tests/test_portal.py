import re
from html import unescape

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..models.registration_portal import PAPER_COUNT, PAPER_SIZE
from .common import WarrantyCommon

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


class WarrantyPortalCommon(WarrantyCommon):
    """Two customers with portal users and a guarantee each.

    * ``registration`` of ``customer`` on ``asset``, ``other_registration`` of
      ``stranger`` on ``other_asset``
    * ``portal_user`` and ``portal_stranger``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.env["res.partner"].create({"name": "Li Wei"})
        cls.portal_user = cls._create_portal_user("wang", cls.customer)
        cls.portal_stranger = cls._create_portal_user("li", cls.stranger)
        cls.other_asset = cls.asset.copy(
            {"name": "Other Sedan", "partner_id": cls.stranger.id}
        )
        cls.pack_car.document_required = True
        cls.registration = cls._register(cls, document_state="missing")
        cls.other_registration = cls._register(
            cls, asset=cls.other_asset, document_state="missing"
        )

    @classmethod
    def _create_portal_user(cls, login, partner):
        return new_test_user(
            cls.env,
            f"portal_{login}",
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )


@tagged("post_install", "-at_install")
class TestPortalPaper(WarrantyPortalCommon):
    def test_paper_is_kept_and_put_before_somebody(self):
        self.team.user_id = self.manager
        is_new = self.registration._receive_paper("bill.pdf", PDF, self.customer)
        self.assertTrue(is_new)
        self.assertEqual(self.registration.document_state, "shown")
        paper = self.registration.document_ids
        self.assertEqual((paper.name, paper.raw), ("bill.pdf", PDF))
        self.assertEqual(paper.res_id, self.registration.id)
        self.assertEqual(self.registration.activity_ids.user_id, self.manager)
        self.assertEqual(self.registration.message_ids[:1].author_id, self.customer)
        self.registration.action_check_document()
        self.assertEqual(self.registration.document_state, "checked")
        self.assertFalse(self.registration.activity_ids)

    def test_paper_sent_twice_is_kept_once(self):
        for _time in range(2):
            self.registration._receive_paper("bill.pdf", PDF, self.customer)
        self.assertEqual(len(self.registration.document_ids), 1)
        self.assertFalse(
            self.registration._receive_paper("again.pdf", PDF, self.customer)
        )
        self.registration._receive_paper("page2.pdf", PDF + b"\n", self.customer)
        self.assertEqual(len(self.registration.document_ids), 2)

    def test_what_is_no_paper_is_refused(self):
        for content, message in (
            (b"", "choose a photo"),
            (b"<html><script>alert(1)</script></html>", "can't be read"),
            (b"MZ\x90\x00\x03\x00\x00\x00", "can't be read"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "can't be read"),
            (PDF + b"x" * PAPER_SIZE, "too big"),
            ("no base64!", "choose a photo"),
        ):
            with (
                self.subTest(content=content[:10]),
                self.assertRaisesRegex(UserError, message),
            ):
                self.registration._receive_paper("bill.pdf", content, self.customer)
        self.assertFalse(self.registration.document_ids)
        self.assertEqual(self.registration.document_state, "missing")

    def test_name_of_the_file_carries_no_path(self):
        self.registration._receive_paper(
            "..\\..\\etc/passwd.pdf" + "x" * 300, PDF, self.customer
        )
        name = self.registration.document_ids.name
        self.assertTrue(name.startswith("passwd.pdf"))
        self.assertEqual(len(name), 100)

    def test_no_more_papers_than_somebody_reads(self):
        for number in range(PAPER_COUNT):
            self.registration._receive_paper(
                "bill", PDF + b"%d" % number, self.customer
            )
        with self.assertRaisesRegex(UserError, "already"):
            self.registration._receive_paper("bill", PDF, self.customer)

    def test_what_was_checked_or_voided_takes_no_paper(self):
        self.registration.document_state = "checked"
        self.other_registration.action_void(reason="Forged")
        for registration in self.registration | self.other_registration:
            with self.assertRaisesRegex(UserError, "no paper any more"):
                registration._receive_paper("bill.pdf", PDF, self.customer)

    def test_portal_users_read_and_change_no_guarantee_directly(self):
        registration = self.registration.with_user(self.portal_user)
        with self.assertRaises(AccessError):
            registration.read(["document_state"])
        with self.assertRaises(AccessError):
            registration.document_state = "checked"
        with self.assertRaises(AccessError):
            registration._receive_paper("bill.pdf", PDF, self.customer)
        for model in (
            "aftersales.verdict",
            "aftersales.warranty.pack",
            "aftersales.warranty.rule",
            "aftersales.repair.event",
        ):
            with self.subTest(model):
                self.assertFalse(
                    self.env[model].with_user(self.portal_user).has_access("read")
                )

    def test_guarantees_of_the_owner_before_are_not_shown(self):
        self.assertEqual(self.asset._get_portal_registrations(), self.registration)
        self.pack_car.transferable = False
        self.asset.partner_id = self.stranger
        self.assertFalse(self.asset._get_portal_registrations())


@tagged("post_install", "-at_install")
class TestPortalWords(WarrantyPortalCommon):
    def _weigh(self, *jobs, **values):
        self.registration.document_state = "checked"
        order = self._create_order(*jobs, **values)
        order.action_estimate()
        return order

    def test_each_line_says_who_bears_it_and_why(self):
        order = self._weigh([(self.part_avco, 1), (self.part_standard, 1)])
        covered, worn = order.job_ids.line_ids
        price = covered._get_customer_price()
        self.assertEqual(price["amount"], 0.0)
        self.assertEqual(
            price["warranty"], "Free by the guarantee: Free repair, Article 1"
        )
        why = price["verdict"]._get_customer_conditions()
        self.assertEqual((why["rule"], why["source"]), ("Free repair", "Article 1"))
        self.assertTrue(all(passed for passed, _words in why["conditions"]))
        self.assertIn("12,000 km of 60,000 km", dict(map(reversed, why["conditions"])))
        price = worn._get_customer_price()
        self.assertEqual(price["amount"], 20.0)
        self.assertIn("Not covered by the guarantee: belongs to", price["warranty"])
        self.assertIn("12,000 km are more than 5,000 km", price["warranty"])
        why = price["verdict"]._get_customer_conditions()
        self.assertEqual(why["rule"], "Wear parts")
        self.assertIn(False, [passed for passed, _words in why["conditions"]])

    def test_decision_shows_its_reason_and_nobody(self):
        order = self._weigh([(self.part_avco, 1)])
        order.verdict_ids.action_override(
            "charged", reason="Cable cut", evidence_note="Photo 3"
        )
        price = order.line_ids._get_customer_price()
        self.assertEqual(price["warranty"], "By our decision: Cable cut")
        self.assertNotIn(self.env.user.name, price["warranty"])
        self.assertIsNone(price["verdict"]._get_customer_conditions())

    def test_what_waits_says_for_what(self):
        order = self._create_order([(self.part_avco, 1)])
        order.action_estimate()
        text = order.line_ids._get_customer_price()["warranty"]
        self.assertIn("still checking the guarantee: the proof of purchase", text)

    def test_only_rights_that_are_reached_and_told(self):
        self._repair(self.fault_noise, times=3)
        order = self._weigh(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id}
        )
        self.assertEqual(order.right_level, "next")
        self.assertFalse(order._get_portal_rights(), "what may come is for the staff")
        self._repair(self.fault_noise)
        order.invalidate_recordset()
        [right] = order._get_portal_rights()
        self.assertIn("this is number 5. You may ask for: Exchange or", right["text"])
        self.assertIn("More than four repairs", right["source"])

    def test_proposal_is_told_once_it_is_decided(self):
        self._repair(self.fault_noise, times=4)
        self.registration.price = 150000
        order = self._weigh(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id},
            meter_in=12000,
        )
        decision = order.action_propose_decision(
            kind="return", reason="Fifth time", evidence_note="Log"
        )
        self.assertFalse(order._get_portal_decisions())
        decision.sudo().action_approve()
        [told] = order._get_portal_decisions()
        self.assertIn("141,000.00", told["text"])
        self.assertIn("9,000.00", told["working"])

    def test_fault_nobody_was_told_about_gives_no_notice(self):
        self._repair(self.fault_noise, times=4)
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id}
        )
        self.assertEqual(order.right_level, "reached")
        self.assertFalse(order._get_portal_rights())


@tagged("post_install", "-at_install")
class TestPortalPages(WarrantyPortalCommon, HttpCase):
    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _send_paper(self, asset, registration, content=PDF, page=None):
        page = page or self.url_open(f"/my/assets/{self.asset.id}").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        return self.url_open(
            f"/my/assets/{asset.id}/guarantees/{registration.id}/paper",
            data={"csrf_token": unescape(token[1])},
            files={"paper": ("bill.pdf", content, "application/pdf")},
            allow_redirects=False,
        )

    def test_asset_page_shows_guarantee_and_takes_the_paper(self):
        self._login(self.portal_user)
        page = self.url_open(f"/my/assets/{self.asset.id}").text
        self.assertIn("48,000", page, "kilometres left")
        self.assertIn("We have not seen your proof of purchase yet", page)
        response = self._send_paper(self.asset, self.registration)
        self.assertEqual(response.status_code, 303)
        page = self.url_open(response.headers["Location"]).text
        self.assertIn("we have your paper", page)
        self.assertIn("We are checking your proof of purchase", page)
        self._send_paper(self.asset, self.registration)
        self.assertEqual(len(self.registration.document_ids), 1)
        page = self._send_paper(self.asset, self.registration, b"<html/>").text
        self.assertIn("This file can&#39;t be read", page)

    def test_ids_of_others_are_refused(self):
        """Neither another's asset, nor another's guarantee on the own asset."""
        self._login(self.portal_user)
        page = self.url_open(f"/my/assets/{self.asset.id}").text
        self.assertNotIn("Other Sedan", page)
        for asset, registration, status in (
            (self.other_asset, self.other_registration, 303),
            (self.asset, self.other_registration, 404),
            (self.other_asset, self.registration, 303),
        ):
            with self.subTest(asset=asset.name, registration=registration.id):
                response = self._send_paper(asset, registration, page=page)
                self.assertEqual(response.status_code, status)
                response = self.url_open(
                    f"/my/assets/{asset.id}/guarantees/{registration.id}/certificate",
                    allow_redirects=False,
                )
                self.assertEqual(response.status_code, status)
                if status == 303:
                    self.assertTrue(response.headers["Location"].endswith("/my"))
        registrations = self.registration | self.other_registration
        self.assertFalse(registrations.document_ids)

    def test_visitor_is_sent_to_the_login(self):
        self.authenticate(None, None)
        response = self.url_open(
            f"/my/assets/{self.asset.id}/guarantees/{self.registration.id}/certificate",
            allow_redirects=False,
        )
        self.assertIn("/web/login", response.headers["Location"])

    def test_work_order_page_explains(self):
        self.registration.document_state = "checked"
        self._repair(self.fault_noise, times=4)
        order = self._create_order(
            {
                "lines": [(self.part_avco, 1), (self.part_standard, 1)],
                "fault_id": self.fault_noise.id,
            }
        )
        order.action_estimate()
        self._login(self.portal_user)
        page = self.url_open(f"/my/work-orders/{order.id}").text
        for said in (
            "Free by the guarantee: Free repair, Article 1",
            "Not covered by the guarantee",
            "Why?",
            "Your rights under the guarantee",
            "More than four repairs",
        ):
            self.assertIn(said, page)
        self._login(self.portal_stranger)
        response = self.url_open(f"/my/work-orders/{order.id}", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
