from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from ..controllers.portal_booking import VisitPortal
from .common import PlanningCommon

NOW = "2026-03-02 07:00:00"  # Monday, 8:00 in Berlin


class VisitCommon(PlanningCommon):
    """Two customers with portal users, and jobs they may book.

    * ``portal_user`` of ``customer``, ``portal_stranger`` of ``stranger``
    * ``oil`` (an hour, a fee), ``brake_job`` (two hours, brakes at 80 %), both to be
      booked online; ``hidden`` is not
    * ``_request(**values)``: the order of a visit before a time is chosen;
      ``_book_visit(start)``: a confirmed one, at a local time
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"phone": "+49 30 1234", "aftersales_booking_lead": 24})
        cls.customer.email = "wang@example.com"
        cls.stranger = cls.env["res.partner"].create(
            {"name": "Li Wei", "email": "li@example.com"}
        )
        cls.stranger_asset = cls.asset.copy(
            {"name": "Van", "partner_id": cls.stranger.id}
        )
        cls.portal_user = cls._create_portal_user("wang", cls.customer)
        cls.portal_stranger = cls._create_portal_user("li", cls.stranger)
        cls.oil, cls.brake_job, cls.hidden = cls.env["aftersales.job.template"].create(
            [
                {
                    "name": "Oil service",
                    "is_bookable_online": True,
                    "line_ids": [
                        Command.create({"product_id": cls.labour.id}),
                        Command.create({"product_id": cls.fee.id}),
                    ],
                },
                {
                    "name": "Brakes",
                    "is_bookable_online": True,
                    "skill_ids": [Command.link(cls.brakes.id)],
                    "skill_progress": 80,
                    "line_ids": [
                        Command.create(
                            {"product_id": cls.labour.id, "product_uom_qty": 2}
                        )
                    ],
                },
                {"name": "Engine overhaul"},
            ]
        )
        cls.team.user_id = cls.advisor

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

    def _request(self, key="key-1", asset=None, partner=None, **values):
        asset = asset or self.asset
        values.setdefault("template_ids", self.oil.ids)
        return asset._request_visit(partner or asset.partner_id, key, values)

    def _book_visit(self, start="2026-03-04 10:00", key="key-1", **values):
        order = self._request(key, **values)
        moment = self._local(start)
        order._hold_visit(moment)
        order._confirm_visit(moment, order.partner_id)
        return order

    def _run_cron(self, method, now):
        """Run a cron of orders, without the commits that tests can't undo."""
        Cron = type(self.env["ir.cron"])
        with (
            freeze_time(now),
            patch.object(Cron, "_commit_progress", lambda *args, **kwargs: 1.0),
        ):
            getattr(self.env["aftersales.order"], method)()

    def _get_activities(self, order, kind):
        return order.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref(f"aftersales_planning.mail_activity_type_{kind}")
            )
        )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPortalBooking(VisitCommon):
    def test_services_have_the_price_and_time_of_an_estimate(self):
        services = {
            service["template"]: service
            for service in self.asset._get_online_services()
        }
        self.assertNotIn(self.hidden, services)
        self.assertEqual(services[self.oil]["price"], 95.0)
        self.assertEqual(services[self.oil]["hours"], 1.0)
        self.assertEqual(services[self.brake_job]["price"], 160.0)
        order = self._request(template_ids=self.oil.ids)
        order.action_estimate()
        self.assertEqual(order.amount_total, services[self.oil]["price"])

    def test_services_are_those_for_the_asset(self):
        other = self.env["aftersales.asset.category"].create({"name": "Fridge"})
        self.oil.category_ids = other
        self.brake_job.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(
            self.asset._get_online_templates() & (self.oil | self.brake_job)
        )
        order = self._request(template_ids=self.oil.ids, complaint="It squeals")
        self.assertFalse(order.job_ids, "what is not offered can't be sent in")

    def test_request_keeps_what_was_said(self):
        order = self._request(
            template_ids=(self.oil | self.brake_job).ids,
            complaint=" Squeals ",
            customer_waits="stay",
            user_id=self.advisor.id,
            meter=45120.0,
        )
        self.assertEqual(order.channel, "portal")
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.complaint, "Squeals")
        self.assertEqual(order.customer_waits, "stay")
        self.assertEqual(order.user_id, self.advisor)
        self.assertEqual(order.team_id, self.team)
        self.assertEqual(order.meter_stated, 45120.0)
        self.assertEqual(order.job_ids.mapped("template_id"), self.oil | self.brake_job)
        self.assertFalse(order.meter_in, "that is read at reception")

    def test_described_problem_takes_the_diagnosis(self):
        order = self._request(template_ids=[], complaint="It rattles")
        slot = order.get_slots(limit=1)[0]
        self.assertEqual(
            slot["stop"] - slot["start"],
            timedelta(hours=self.company.aftersales_booking_hours),
        )
        self.company.aftersales_diagnosis_template_id = self.brake_job
        order = self._request("key-2", template_ids=[], complaint="It rattles")
        self.assertEqual(order.job_ids.template_id, self.brake_job)
        with self.assertRaisesRegex(UserError, "describe the problem"):
            self._request("key-3", template_ids=[], complaint=" ")

    def test_same_form_twice_makes_one_order(self):
        first = self._request("key-1")
        self.assertEqual(first, self._request("key-1"))
        self.assertNotEqual(first, self._request("key-2"))

    def test_times_are_those_of_the_availability_service(self):
        order = self._request()
        days = order._get_visit_days()
        # 24 hours ahead of Monday 8:00 is Tuesday 8:00.
        self.assertEqual(str(days["day"]), "2026-03-03")
        self.assertEqual(days["slots"][0]["start"], self._local("2026-03-03 08:00"))
        self.assertEqual(days["slots"][0]["local"].strftime("%H:%M"), "08:00")
        self.assertEqual(len(days["days"]), 14)
        saturday = fields.Date.to_date("2026-03-07")
        self.assertFalse(order._get_visit_days(saturday)["slots"])

    def test_reasons_name_nobody(self):
        for resource in (self.anna, self.ben, self.bay, self.bay_alignment):
            self._create_booking(resource, "2026-03-03 08:00", "2026-03-03 17:00")
        order = self._request()
        days = order._get_visit_days()
        self.assertEqual(str(days["day"]), "2026-03-04")
        self.assertTrue(days["reasons"])
        text = " ".join(days["reasons"])
        for name in ("Anna", "Ben", "Bay", "Tester"):
            self.assertNotIn(name, text)
        self.assertIn("work places", text)

    def test_part_that_is_missing_is_told_without_figures(self):
        self.oil.line_ids = [Command.create({"product_id": self.part_avco.id})]
        order = self._request()
        days = order._get_visit_days()
        self.assertFalse(days["slots"])
        self.assertIn("The parts have to arrive first.", days["reasons"])
        self.assertNotIn(self.part_avco.name, " ".join(days["reasons"]))

    def test_hold_confirm(self):
        order = self._request()
        start = self._local("2026-03-04 10:00")
        order._hold_visit(start)
        self.assertEqual(order.booking_state, "hold")
        self.assertEqual(order.online_state, "begun")
        order._confirm_visit(start, self.customer)
        self.assertEqual(order.booking_state, "confirmed")
        self.assertEqual(order.online_state, "booked")
        self.assertEqual(order.date_planned, start)
        message = order.website_message_ids.filtered("attachment_ids")
        self.assertIn("your visit", message.subject)
        self.assertIn(self.customer, message.partner_ids)
        self.assertIn("BEGIN:VCALENDAR", message.attachment_ids.raw.decode())

    def test_confirmed_twice_is_once(self):
        order = self._book_visit()
        before = (order.booking_ids, order.message_ids)
        order._confirm_visit(order.date_planned, self.customer)
        self.assertEqual(before, (order.booking_ids, order.message_ids))

    def test_held_twice_is_once(self):
        order = self._request()
        start = self._local("2026-03-04 10:00")
        order._hold_visit(start)
        held = order.booking_ids
        order._hold_visit(start)
        self.assertEqual(order.booking_ids, held)

    def test_two_tabs_leave_the_last_choice(self):
        order = self._request()
        order._hold_visit(self._local("2026-03-04 10:00"))
        order._hold_visit(self._local("2026-03-05 10:00"))
        active = order._get_active_bookings()
        self.assertEqual(set(active.mapped("state")), {"hold"})
        self.assertEqual(min(active.mapped("start")), self._local("2026-03-05 10:00"))
        # The first tab is confirmed after all: its time is still free.
        order._confirm_visit(self._local("2026-03-04 10:00"), self.customer)
        self.assertEqual(order.date_planned, self._local("2026-03-04 10:00"))
        self.assertEqual(order.booking_state, "confirmed")
        self.assertEqual(
            set(order._get_active_bookings().mapped("state")), {"confirmed"}
        )

    def test_slot_taken_meanwhile(self):
        first = self._request(template_ids=self.brake_job.ids)
        second = self._request(
            "key-2", self.stranger_asset, template_ids=self.brake_job.ids
        )
        start = self._local("2026-03-04 10:00")
        self.assertIn(start, [s["start"] for s in second.get_slots(limit=50)])
        first._hold_visit(start)
        with self.assertRaisesRegex(UserError, "Somebody else took") as error:
            second._hold_visit(start)
        self.assertNotIn("Anna", str(error.exception))
        self.assertEqual(second.booking_state, "none")
        self.assertNotIn(start, [s["start"] for s in second.get_slots(limit=50)])

    def test_hold_that_ran_out(self):
        order = self._request(template_ids=self.brake_job.ids)
        start = self._local("2026-03-04 10:00")
        order._hold_visit(start)
        with freeze_time("2026-03-02 09:00:00"):
            other = self._request(
                "key-2", self.stranger_asset, template_ids=self.brake_job.ids
            )
            other._hold_visit(start)
            self.assertEqual(other.booking_state, "hold")
            with self.assertRaisesRegex(UserError, "Somebody else took"):
                order._confirm_visit(start, self.customer)

    def test_hold_that_ran_out_and_nobody_took(self):
        order = self._request()
        start = self._local("2026-03-04 10:00")
        order._hold_visit(start)
        with freeze_time("2026-03-02 09:00:00"):
            order._confirm_visit(start, self.customer)
        self.assertEqual(order.booking_state, "confirmed")

    def test_only_offered_times_are_taken(self):
        order = self._request()
        for start in (
            "2026-03-02 10:00",  # before the lead time
            "2026-03-04 10:07",  # between the steps
            "2026-03-07 10:00",  # Saturday
            "2026-05-04 10:00",  # farther than customers see
            "2026-02-02 10:00",
        ):
            with self.subTest(start=start), self.assertRaises(UserError):
                order._hold_visit(self._local(start))
        with self.assertRaises(UserError):
            order._hold_visit(None)
        self.assertEqual(order.booking_state, "none")

    def test_move(self):
        order = self._book_visit()
        start = self._local("2026-03-06 09:00")
        order._move_visit(start, self.customer)
        order._move_visit(start, self.customer)
        self.assertEqual(order.date_planned, start)
        self.assertEqual(order.booking_state, "confirmed")
        moved = order.website_message_ids.filtered(
            lambda message: "moved" in (message.body or "")
        )
        self.assertEqual(len(moved), 1)

    def test_move_to_a_taken_time_keeps_the_old_one(self):
        order = self._book_visit(template_ids=self.brake_job.ids)
        self._create_booking(self.anna, "2026-03-06 09:00", "2026-03-06 12:00")
        with self.assertRaisesRegex(UserError, "Somebody else took"):
            order._move_visit(self._local("2026-03-06 09:00"), self.customer)
        self.assertEqual(order.date_planned, self._local("2026-03-04 10:00"))
        self.assertTrue(order._get_active_bookings("confirmed"))

    def test_too_late_to_change(self):
        order = self._book_visit()
        with freeze_time("2026-03-03 10:00:00"):
            self.assertFalse(order._can_change_visit())
            with self.assertRaisesRegex(UserError, r"call us: \+49 30 1234"):
                order._move_visit(self._local("2026-03-06 09:00"), self.customer)
            with self.assertRaisesRegex(UserError, "call us"):
                order._cancel_visit("No time", self.customer)
        self.assertEqual(order.booking_state, "confirmed")

    def test_cancel(self):
        order = self._book_visit()
        order._cancel_visit("Sold the car", self.customer)
        order._cancel_visit("Sold the car", self.customer)
        self.assertEqual(order.state, "cancel")
        self.assertEqual(order.cancel_reason, "Sold the car")
        self.assertFalse(order._get_active_bookings())

    def test_cancel_is_refused_once_the_car_is_here(self):
        order = self._book_visit()
        order.action_arrive()
        with self.assertRaisesRegex(UserError, "call us"):
            order._cancel_visit("Sold the car", self.customer)
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.booking_state, "arrived")
        self.assertTrue(order._get_active_bookings())

    def test_cancel_is_refused_once_work_has_begun(self):
        order = self._request()
        self._approve(order)
        order.action_start()
        with self.assertRaisesRegex(UserError, "call us"):
            order._cancel_visit("Sold the car", self.customer)
        self.assertEqual(order.state, "progress")

    def test_cancelled_visit_of_an_agreed_order_is_called_about(self):
        order = self._book_visit()
        self._approve(order)
        order._cancel_visit("Not then", self.customer)
        self.assertEqual(order.state, "approved")
        self.assertEqual(order.booking_state, "none")
        self.assertEqual(len(self._get_activities(order, "visit")), 1)

    def test_who_chooses_the_time(self):
        desk = self._create_work(1)
        self.assertFalse(desk._can_choose_visit(), "the desk sees to it")
        self._approve(desk)
        self.assertTrue(desk._can_choose_visit())
        start = self._local("2026-03-04 10:00")
        desk._hold_visit(start)
        desk._confirm_visit(start, self.customer)
        self.assertEqual(desk.booking_state, "confirmed")

    def test_limit_of_open_visits(self):
        self.company.aftersales_online_limit = 2
        orders = [self._request("key-1"), self._request("key-2")]
        with self.assertRaisesRegex(UserError, orders[0].name):
            self._request("key-3")
        self.assertTrue(self._request("key-4", self.stranger_asset), "others may")
        orders[0]._cancel_visit("", self.customer)
        self.assertEqual(orders[0].state, "cancel")
        self.assertTrue(self._request("key-5"))

    def test_switched_off(self):
        self.company.aftersales_online_booking = False
        with self.assertRaisesRegex(UserError, "call us"):
            self._request()

    def test_customer_says_that_they_come(self):
        order = self._book_visit()
        order._say_visit_stands(self.customer)
        confirmed = order.date_visit_confirmed
        self.assertTrue(confirmed)
        messages = order.message_ids
        order._say_visit_stands(self.customer)
        self.assertEqual(order.message_ids, messages)
        order._move_visit(self._local("2026-03-06 09:00"), self.customer)
        self.assertFalse(order.date_visit_confirmed, "another time, another answer")

    def test_what_to_bring(self):
        Item = self.env["aftersales.visit.item"]
        Item.search([]).action_archive()
        other = self.env["aftersales.asset.category"].create({"name": "Fridge"})
        papers, code, paint = Item.create(
            [
                {"name": "Papers"},
                {
                    "name": "Alarm code",
                    "category_ids": [Command.set(self.category.ids)],
                },
                {"name": "Invoice of the fridge", "category_ids": other.ids},
            ]
        )
        order = self._book_visit()
        self.assertEqual(order._get_visit_items(), papers | code)
        self.assertNotIn(paint, order._get_visit_items())
        message = order.website_message_ids.filtered("attachment_ids")
        self.assertIn("Alarm code", message.body)
        self.assertIn("Alarm code", order._get_visit_ics().decode())

    def test_calendar_file_is_in_utc(self):
        order = self._book_visit()
        text = order._get_visit_ics().decode()
        self.assertIn("DTSTART:20260304T090000Z", text)
        self.assertIn("DTEND:20260304T100000Z", text)
        self.assertIn(f"UID:visit-{order.id}@", text)

    def test_clock_change(self):
        # The clocks of Berlin go forward on 29 March 2026.
        with freeze_time("2026-03-25 07:00:00"):
            order = self._request()
            before, after = (
                order._get_visit_days(fields.Date.to_date(day))["slots"][0]
                for day in ("2026-03-27", "2026-03-30")
            )
            self.assertEqual(str(before["start"]), "2026-03-27 07:00:00")
            self.assertEqual(str(after["start"]), "2026-03-30 06:00:00")
            self.assertEqual(before["local"].strftime("%H:%M %Z"), "08:00 CET")
            self.assertEqual(after["local"].strftime("%H:%M %Z"), "08:00 CEST")
            order._hold_visit(after["start"])
            order._confirm_visit(after["start"], self.customer)
            self.assertIn("08:00", order._format_visit_time(order.date_planned))
            self.assertEqual(order._get_visit_tz_label(), "Europe/Berlin (UTC+02:00)")

    def test_two_companies(self):
        other = self.env["res.company"].create(
            {"name": "Other Workshop", "aftersales_online_booking": False}
        )
        theirs = self.env["aftersales.asset"].create(
            {
                "name": "Truck",
                "partner_id": self.customer.id,
                "company_id": other.id,
            }
        )
        self.assertFalse(theirs._can_book_online())
        other.aftersales_online_booking = True
        self.assertFalse(theirs._can_book_online(), "it has nothing to book")
        calendar = other.resource_calendar_id
        self._create_resource(
            "Their bay", "bay", company_id=other.id, calendar=calendar
        )
        self.oil.company_id = self.company
        self.assertNotIn(self.oil, theirs._get_online_templates())
        order = self._request("key-9", theirs, template_ids=[], complaint="It smokes")
        self.assertEqual(order.company_id, other)
        self.assertFalse(order.get_slots(limit=1), "ours are not lent to them")


@tagged("post_install", "-at_install")
class TestPortalBookingPages(VisitCommon, HttpCase):
    def setUp(self):
        super().setUp()
        # Pages are made in the present: a week ahead is open in any case.
        self.monday = fields.Datetime.now() + timedelta(
            days=7 - fields.Datetime.now().weekday()
        )
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
                self.assertEqual(VisitPortal()._parse_number(text), number)
