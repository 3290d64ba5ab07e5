from datetime import timedelta

from odoo import fields
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from ..controllers.portal_booking import BookingPortal
from .visit_common import VisitCommon


@tagged("post_install", "-at_install")
class TestPortalPages(VisitCommon, HttpCase):
    def setUp(self):
        super().setUp()
        # Pages are made in the present. Tomorrow may be nearer than a customer is
        # offered, and two weeks are the farthest.
        soon = fields.Datetime.now() + timedelta(days=2)
        self.monday = soon + timedelta(days=-soon.weekday() % 7)
        self.day = self.monday.strftime("%Y-%m-%d")
        self.start = self._local(f"{self.day} 10:00")

    def _login(self, user):
        self.authenticate(user and user.login, user and user.login)

    def _post(self, url, **data):
        return self.url_open(
            url, {"csrf_token": self._get_csrf(), **data}, allow_redirects=True
        )

    def _get_csrf(self):
        return Request.csrf_token(self)

    def _book_page(self, key="page-1", **data):
        return self._post(
            f"/my/assets/{self.asset.id}/book",
            request_key=key,
            service=self.oil.id,
            waits="leave",
            **data,
        )

    def test_book_from_home_to_confirmation(self):
        self._login(self.portal_user)
        page = self.url_open("/my/visits").text
        self.assertIn(f"/my/assets/{self.asset.id}/book", page)
        page = self.url_open(f"/my/assets/{self.asset.id}/book").text
        self.assertIn("Oil service", page)
        self.assertNotIn("Engine overhaul", page)
        self.assertIn("95.00", page)
        page = self._book_page().text
        self.assertIn("Choose a time", page)
        order = self.env["aftersales.order"].search(
            [("asset_id", "=", self.asset.id), ("request_key", "=", "page-1")]
        )
        self.assertEqual(len(order), 1)
        page = self.url_open(
            f"/my/work-orders/{order.id}/visit/times?day={self.day}"
        ).text
        self.assertIn("Europe/Berlin", page)
        for name in ("Anna", "Ben", "Bay 1"):
            self.assertNotIn(name, page)
        start = fields.Datetime.to_string(self.start)
        self.assertIn(start, page)
        page = self._post(f"/my/work-orders/{order.id}/visit/hold", start=start).text
        self.assertIn("Confirm the visit", page)
        self.assertIn("10:00", page)
        for _replay in range(2):
            page = self._post(
                f"/my/work-orders/{order.id}/visit/confirm", start=start
            ).text
            self.assertIn("Your visit is booked", page)
        order.invalidate_recordset()
        self.assertEqual(order.booking_state, "confirmed")
        self.assertEqual(order.date_planned, self.start)
        self.assertNotIn("Anna", page)
        response = self.url_open(f"/my/work-orders/{order.id}/visit.ics")
        self.assertIn("text/calendar", response.headers["Content-Type"])
        self.assertIn("BEGIN:VEVENT", response.text)
        # The form of the first page once more, after a time-out.
        self.assertIn("Your visit", self._book_page().text)
        self.assertEqual(
            self.env["aftersales.order"].search_count(
                [("asset_id", "=", self.asset.id), ("request_key", "=", "page-1")]
            ),
            1,
        )

    def test_other_customers_visit_is_refused(self):
        order = self._request()
        order._hold_visit(self.start)
        start = fields.Datetime.to_string(self.start)
        self._login(self.portal_stranger)
        for page in ("/visit", "/visit/times", "/visit/move", "/visit.ics"):
            response = self.url_open(
                f"/my/work-orders/{order.id}{page}", allow_redirects=False
            )
            self.assertIn(response.status_code, (302, 303), page)
        for page in ("hold", "confirm", "move", "cancel", "come"):
            self._post(f"/my/work-orders/{order.id}/visit/{page}", start=start)
        self._post(f"/my/assets/{self.asset.id}/book", request_key="x", complaint="y")
        order.invalidate_recordset()
        self.assertEqual(order.booking_state, "hold")
        self.assertEqual(order.state, "draft")
        self.assertFalse(
            self.env["aftersales.order"].search([("request_key", "=", "x")])
        )

    def test_link_of_the_message_opens_without_login(self):
        order = self._request()
        order._hold_visit(self.start)
        order._confirm_visit(self.start, self.customer)
        order.date_reminded = fields.Datetime.now()
        url = order._get_visit_url()
        self._login(None)
        page = self.url_open(url).text
        self.assertIn("Yes, I come", page)
        page = self._post(
            f"/my/work-orders/{order.id}/visit/come", access_token=order.access_token
        ).text
        self.assertIn("we expect you", page)
        order.invalidate_recordset()
        self.assertTrue(order.date_visit_confirmed)
        response = self.url_open(
            f"/my/work-orders/{order.id}/visit?access_token=wrong",
            allow_redirects=False,
        )
        self.assertIn(response.status_code, (302, 303))

    def test_taken_time_shows_fresh_ones(self):
        self._login(self.portal_user)
        order = self._request(template_ids=self.brake_job.ids)
        self._create_booking(self.anna, f"{self.day} 08:00", f"{self.day} 17:00")
        page = self._post(
            f"/my/work-orders/{order.id}/visit/hold",
            start=fields.Datetime.to_string(self.start),
        ).text
        self.assertIn("Somebody else took that time", page)
        self.assertIn("Choose a time", page)

    def test_another_visit_is_led_to_the_coming_one(self):
        self._login(self.portal_user)
        order = self._request()
        order._hold_visit(self.start)
        page = self.url_open(f"/my/assets/{self.asset.id}/book").text
        self.assertIn(f'href="/my/work-orders/{order.id}/visit"', page, "go on with it")
        order._confirm_visit(self.start, self.customer)
        page = self.url_open(f"/my/assets/{self.asset.id}/book").text
        self.assertIn("already booked", page)
        self.assertIn(f'href="/my/work-orders/{order.id}/visit/times"', page)
        self.assertNotIn("o_aftersales_booking", page, "there is no form")
        page = self._book_page("page-2").text
        self.assertIn(f"{order.name}, ", page)
        self.assertFalse(
            self.env["aftersales.order"].search([("request_key", "=", "page-2")])
        )

    def test_lost_hold_is_told(self):
        self._login(self.portal_user)
        order = self._request()
        order._hold_visit(self.start)
        order.booking_ids.date_expire = fields.Datetime.now() - timedelta(minutes=1)
        self.env["aftersales.booking"]._release_holds()
        page = self.url_open(f"/my/work-orders/{order.id}/visit").text
        self.assertIn("was not confirmed", page)
        self.assertIn("Choose a time", page)

    def test_no_step_is_refused_silently(self):
        self._login(self.portal_user)
        order = self._request()
        order._hold_visit(self.start)
        order._confirm_visit(self.start, self.customer)
        url = f"/my/work-orders/{order.id}/visit"
        start = fields.Datetime.to_string(self.start + timedelta(hours=3))
        self.assertIn(
            "can&#39;t be booked here", self._post(f"{url}/hold", start="soon").text
        )
        self.company.aftersales_online_change_hours = 24 * 30
        for page in (
            self.url_open(f"{url}/times"),
            self.url_open(f"{url}/move?start={start}"),
            self._post(f"{url}/hold", start=start),
            self._post(f"{url}/move", start=start),
            self._post(f"{url}/cancel"),
        ):
            self.assertIn("can&#39;t be changed here any more", page.text)
            self.assertIn(self.company.phone, page.text)
        order.invalidate_recordset()
        self.assertEqual(order.date_planned, self.start)
        self.assertNotIn("can&#39;t be changed", self.url_open(url).text, "told once")

    def test_move_and_cancel_pages(self):
        self._login(self.portal_user)
        order = self._request()
        order._hold_visit(self.start)
        order._confirm_visit(self.start, self.customer)
        later = fields.Datetime.to_string(self.start + timedelta(hours=3))
        page = self._post(f"/my/work-orders/{order.id}/visit/hold", start=later).text
        self.assertIn("Move your visit?", page)
        page = self._post(f"/my/work-orders/{order.id}/visit/move", start=later).text
        self.assertIn("has its new time", page)
        page = self._post(
            f"/my/work-orders/{order.id}/visit/cancel", reason="Rain"
        ).text
        self.assertIn("is cancelled", page)
        order.invalidate_recordset()
        self.assertEqual(order.state, "cancel")

    def test_tour(self):
        self.start_tour("/my/visits", "aftersales_visit", login=self.portal_user.login)
        order = self.env["aftersales.order"].search(
            [("asset_id", "=", self.asset.id), ("online_state", "=", "booked")]
        )
        self.assertEqual(order.state, "cancel")
        self.assertEqual(order.customer_waits, "stay")

    def test_too_near_shows_the_phone(self):
        self._login(self.portal_user)
        order = self._request()
        order._hold_visit(self.start)
        order._confirm_visit(self.start, self.customer)
        self.company.aftersales_online_change_hours = 24 * 30
        page = self.url_open(f"/my/work-orders/{order.id}/visit").text
        self.assertIn("+49 30 1234", page)
        self.assertNotIn("Cancel the visit", page)

    def test_strange_input_is_harmless(self):
        self._login(self.portal_user)
        order = self._request()
        page = self.url_open(f"/my/work-orders/{order.id}/visit/times?day=soon")
        self.assertEqual(page.status_code, 200)
        page = self._post(f"/my/work-orders/{order.id}/visit/hold", start="soon")
        self.assertEqual(page.status_code, 200)
        self.assertIn("can&#39;t be booked here", page.text)
        page = self._book_page("page-9", meter="12.345,6 km")
        self.assertEqual(page.status_code, 200)
        page = self._post(
            f"/my/assets/{self.asset.id}/book", service="²", advisor="²", complaint=""
        )
        self.assertEqual(page.status_code, 200)

    def test_numbers_as_people_type_them(self):
        for text, number in (
            ("12,345", 12345.0),
            ("12.345,6", 12345.6),
            ("12,345.6", 12345.6),
            ("1.234.567", 1234567.0),
            ("12\N{NO-BREAK SPACE}345", 12345.0),
            ("45120,5", 45120.5),
            ("nan", 0.0),
            ("inf", 0.0),
            ("soon", 0.0),
            (None, 0.0),
        ):
            with self.subTest(text=text):
                self.assertEqual(BookingPortal()._parse_number(text), number)
