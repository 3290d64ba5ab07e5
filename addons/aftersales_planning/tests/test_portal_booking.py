from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .visit_common import NOW, VisitCommon


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

    def test_advisors_are_those_the_team_names(self):
        self.team.member_ids |= self.manager | self.technician
        self.team.user_id = self.manager
        self.assertEqual(self.asset._get_online_advisors(), self.advisor)
        self.team.bookable_user_ids |= self.technician
        self.assertEqual(self.asset._get_online_advisors(), self.advisor)
        order = self._request(user_id=self.manager.id)
        self.assertFalse(order.user_id, "who is not offered can't be sent in")
        self.team.member_ids -= self.advisor
        self.assertFalse(self.asset._get_online_advisors(), "left the team")

    def test_one_coming_visit_of_an_asset(self):
        order = self._book_visit()
        self.assertEqual(self.asset._get_coming_visit(self.customer), order)
        with self.assertRaisesRegex(UserError, f"{order.name}.*10:00.*Move") as error:
            self._request("key-2")
        self.assertIn(self.asset.name, str(error.exception))
        self.assertEqual(self._request("key-1"), order, "the form of that visit")
        other = self.asset.copy({"name": "Second car"})
        self.assertTrue(self._request("key-3", other))
        with freeze_time("2026-03-04 10:00:00"):
            self.assertTrue(self._request("key-4"), "that visit is over")

    def test_coming_visit_of_the_desk_counts_too(self):
        desk = self._create_work(1)
        desk.action_book(start=self._local("2026-03-04 10:00"))
        self.assertEqual(self.asset._get_coming_visit(self.customer), desk)
        with self.assertRaisesRegex(UserError, desk.name):
            self._request()
        desk.action_unbook()
        self.assertTrue(self._request("key-2"))

    def test_coming_visit_of_the_owner_before_is_not_told(self):
        order = self._book_visit()
        self.asset.partner_id = self.stranger
        self.assertFalse(self.asset._get_coming_visit(self.stranger))
        self.assertNotEqual(self._request("key-2", partner=self.stranger), order)

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
        following = second.get_slots(date_from=start, limit=1)[0]["start"]
        self.assertGreater(following, start)
        self.assertIn(second._format_visit_time(following), str(error.exception))
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
