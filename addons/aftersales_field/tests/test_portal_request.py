import base64
import re
from html import unescape

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import FieldCommon

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


class PortalRequestCommon(FieldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.env["res.partner"].create({"name": "Li Wei"})
        cls.portal_user = cls._create_portal_user("wang", cls.customer)
        cls.portal_stranger = cls._create_portal_user("li", cls.stranger)
        cls.foreign = cls.asset.copy({"partner_id": cls.stranger.id})

    @classmethod
    def _create_portal_user(cls, login, partner):
        return new_test_user(
            cls.env,
            f"field_portal_{login}",
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestPortalRequest(PortalRequestCommon):
    def _ask(self, key="k1", user=None, photos=None, **values):
        Order = self.env["aftersales.order"].with_user(user or self.portal_user)
        values = {"complaint": "It drips", "asset_id": self.asset.id, **values}
        return (
            Order.with_company(self.company)
            .create_service_request(values, key, photos=photos)
            .sudo()
        )

    def test_request_becomes_an_order_on_site(self):
        order = self._ask(
            urgent=True,
            site_id=self.site_mitte.id,
            wishes=[("2026-03-05", "afternoon"), ("2026-03-04", "morning")],
            phone="0171 555",
            photos=[{"name": "../../leak.png", "data": PNG}],
        )
        self.assertEqual((order.channel, order.state), ("portal", "draft"))
        self.assertTrue(order.is_onsite and order.needs_call)
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.priority, "1")
        self.assertEqual(order.date_wished, self._local("2026-03-04 08:00"))
        self.assertIn("in the afternoon", order.time_wishes)
        self.assertEqual(order.message_ids.attachment_ids.name, "leak.png")
        self.assertIn("0171 555", str(order.message_ids.mapped("body")))
        self.assertEqual(order.activity_ids.user_id, self.advisor)
        visit = order.action_create_visit()
        self.assertEqual(visit.site_id, self.site_mitte)
        self.assertEqual(visit.date_earliest, order.date_wished)
        self.assertIn("in the morning", visit.note)

    def test_same_form_twice_makes_one(self):
        self.assertEqual(self._ask("a"), self._ask("a"))
        self.assertNotEqual(self._ask("a"), self._ask("b"))
        words = {"asset_id": "", "asset_words": "An old boiler, 77"}
        self.assertEqual(self._ask("c", **words), self._ask("c", **words))
        for key in ("", None):
            with self.assertRaisesRegex(UserError, "Load the page again"):
                self._ask(key)

    def test_key_of_somebody_else_finds_nothing(self):
        mine = self._ask("a")
        theirs = self._ask("a", self.portal_stranger, asset_id=self.foreign.id)
        self.assertNotEqual(mine, theirs)
        self.assertEqual(theirs.partner_id, self.stranger)

    def test_described_machine_is_not_registered(self):
        before = self.env["aftersales.asset"].search_count([])
        order = self._ask(asset_id="", asset_words="An old boiler, 77")
        self.assertFalse(order.asset_id)
        self.assertEqual(order.asset_words, "An old boiler, 77")
        self.assertEqual(self.env["aftersales.asset"].search_count([]), before)

    def test_ids_of_others_are_refused(self):
        """Peers, 25."""
        for values in (
            {"asset_id": self.foreign.id},
            {"asset_id": "1; DROP"},
            {"site_id": self.stranger.id},
            {"site_id": "x"},
        ):
            with self.assertRaisesRegex(UserError, "not in your list"):
                self._ask(**values)

    def test_what_is_missing_or_impossible(self):
        for message, values in (
            ("what is wrong", {"complaint": "  "}),
            ("describe it", {"asset_id": ""}),
            ("from today on", {"wishes": [("2026-03-01", "any")]}),
            ("half a year", {"wishes": [("2027-03-01", "any")]}),
            ("can't be read", {"photos": [{"name": "x.png", "data": b"<html/>"}]}),
            ("too big", {"photos": [{"name": "x.png", "data": b"0" * 30_000_000}]}),
            ("at most 8", {"photos": [{"name": "x.png", "data": PNG}] * 9}),
        ):
            with self.assertRaisesRegex(UserError, message):
                self._ask(**values)
        order = self._ask(wishes=[("tomorrow", "any"), ("2026-03-02", "midnight")])
        self.assertIn("at any time", order.time_wishes)

    def test_wishes_that_are_none(self):
        for number, wishes in enumerate(
            (5, [5], [("2026-03-04",)], [(5, "any")], {"day": "2026-03-04"})
        ):
            self.assertFalse(self._ask(key=f"w{number}", wishes=wishes).time_wishes)
        for number, part in enumerate((None, ["any"], {})):
            order = self._ask(key=f"p{number}", wishes=[("2026-03-04", part)])
            self.assertIn("at any time", order.time_wishes)

    def test_photo_sent_twice_is_kept_once(self):
        photo = {"name": "a.png", "data": base64.b64encode(PNG).decode()}
        order = self._ask(photos=[photo, photo])
        self.assertEqual(len(order.message_ids.attachment_ids), 1)

    def test_words_follow_the_visit(self):
        order = self._ask()
        self.assertEqual(order._get_portal_status()[0], "We have your request")
        visit = order.action_create_visit()
        self.assertEqual(order._get_portal_status()[0], "We plan your visit")
        visit.action_plan(
            start=self._local("2026-03-03 09:00"), technician=self.employee_anna
        )
        self.assertEqual(order._get_portal_status()[0], "Visit planned")
        self.assertEqual(
            [reached for _label, reached in order._get_portal_steps()],
            [True, True, False, False],
        )
        self.assertFalse(order._can_choose_visit())
        self.assertFalse(order._can_change_visit())
        self.assertEqual(order._get_portal_visits(), visit)


@tagged("post_install", "-at_install")
class TestPortalRequestPages(PortalRequestCommon, HttpCase):
    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _send(self, page, files=None, **data):
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        key = re.search(r'name="request_key" value="([^"]+)"', page)[1]
        return self.url_open(
            "/my/service/new",
            data={"csrf_token": unescape(token), "request_key": key, **data},
            files=files,
            allow_redirects=False,
        )

    def test_form(self):
        self._login(self.portal_user)
        self.assertIn("/my/service", self.url_open("/my").text)
        page = self.url_open(f"/my/service/new?asset_id={self.asset.id}").text
        self.assertIn(self.asset.name, page)
        self.assertNotIn(f'value="{self.foreign.id}"', page)
        data = {
            "asset_id": self.asset.id,
            "complaint": "It drips",
            "urgent": "1",
            "day_0": fields.Date.to_string(fields.Date.today()),
            "part_0": "any",
        }
        photo = [("photos", ("leak.png", PNG, "image/png"))]
        first = self._send(page, photo, **data)
        self.assertEqual(first.status_code, 303)
        again = self._send(page, photo, **data)
        self.assertEqual(first.headers["Location"], again.headers["Location"])
        shown = self.url_open(first.headers["Location"]).text
        self.assertIn("We have your request", shown)
        order = self.env["aftersales.order"].search([], order="id desc", limit=1)
        self.assertEqual(order.asset_id, self.asset)
        visit = order.action_create_visit()
        self.assertEqual(len(visit), 1)
        listed = self.url_open("/my/service?filterby=open").text
        self.assertIn(order.name, listed)
        self.assertIn("We plan your visit", listed)

    def test_list_tells_when_and_what(self):
        visit = self._create_visit(2, "2027-03-02 09:00")
        visit.order_id.complaint = "It drips on the floor"
        self._login(self.portal_user)
        listed = unescape(self.url_open("/my/service").text)
        for words in (visit._get_window_text(), "It drips on the floor", "Sedan"):
            self.assertIn(words, listed)
        page = unescape(self.url_open(visit.order_id.access_url).text)
        self.assertIn(visit._get_window_text(), page)
        for other in ("Appointment<", "Promised<", "as soon as we know it"):
            self.assertNotIn(other, page)

    def test_engineers_find_their_visits(self):
        self._login(self.portal_user)
        self.assertNotIn('href="/aftersales/field"', self.url_open("/my/home").text)
        self._login(self.portal_engineer_user)
        self.assertIn('href="/aftersales/field"', self.url_open("/my/home").text)

    def test_refusal_keeps_what_was_filled_in(self):
        self._login(self.portal_user)
        page = self.url_open("/my/service/new").text
        answer = self._send(page, asset_id=self.foreign.id, complaint="It drips")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("not in your list", answer.text)
        self.assertIn("It drips", answer.text)

    def test_others_see_nothing(self):
        order = self._create_order(is_onsite=True)
        self._login(self.portal_stranger)
        self.assertNotIn(order.name, self.url_open("/my/service").text)
        values = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["service_count"]}
        )
        self.assertEqual(values["service_count"], 0)
        page = self.url_open(f"/my/service/new?asset_id={self.asset.id}").text
        self.assertNotIn('name="chosen"', page)
        self._login(self.portal_user)
        values = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["service_count"]}
        )
        self.assertEqual(values["service_count"], 1)

    def test_asset_page_leads_to_the_form(self):
        self._login(self.portal_user)
        page = self.url_open(f"/my/assets/{self.asset.id}").text
        self.assertIn(f"/my/service/new?asset_id={self.asset.id}", page)

    def test_logged_out(self):
        answer = self.url_open("/my/service/new", allow_redirects=False)
        self.assertIn("/web/login", answer.headers["Location"])
