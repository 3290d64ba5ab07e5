from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PlanningCommon


@freeze_time("2026-03-02 06:00:00")  # Monday, seven o'clock in Berlin
@tagged("post_install", "-at_install")
class TestAvailability(PlanningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.env["aftersales.availability"]

    def _create_four(self, hours=2):
        """An order that needs a bench, a tester, a brake mechanic and a part."""
        return self._create_work(
            hours,
            parts=[self.part_avco],
            resource_type_ids=[self.alignment.id, self.tester.id],
            skill_ids=[self.brakes.id],
            skill_progress=60,
        )

    def _get_reason(self, order, role):
        reasons = self.service.get_late_reasons(order)
        return " ".join(each["reason"] for each in reasons if each["role"] == role)

    def test_all_four_are_there(self):
        self._stock(self.part_avco, 1)
        order = self._create_four()
        slot = self.service.get_first_slot(order)
        self.assertEqual(slot["start"], self._local("2026-03-02 08:00"))
        self.assertEqual(slot["stop"], self._local("2026-03-02 10:00"))
        self.assertEqual(
            slot["resources"],
            {
                "bay": self.bay_alignment.ids,
                "tool": self.tool.ids,
                "technician": self.anna.ids,
            },
        )

    def test_without_the_bay_nothing_is_offered(self):
        self._stock(self.part_avco, 1)
        order = self._create_four()
        self.bay_alignment.active = False
        self.assertFalse(order.get_slots())
        self.assertIn("Alignment bench", self._get_reason(order, "bay"))

    def test_without_the_tool_nothing_is_offered(self):
        self._stock(self.part_avco, 1)
        order = self._create_four()
        self.tool.aftersales_type_ids = False
        self.assertFalse(order.get_slots())
        self.assertIn("Diagnosis tester", self._get_reason(order, "tool"))

    def test_without_the_skill_nothing_is_offered(self):
        self._stock(self.part_avco, 1)
        order = self._create_four()
        self.employee_anna.sudo().employee_skill_ids.write({"valid_to": "2026-01-01"})
        self.assertFalse(order.get_slots())
        self.assertIn("Brakes (60 %)", self._get_reason(order, "technician"))

    def test_without_the_part_nothing_is_offered(self):
        order = self._create_four()
        self.assertFalse(order.get_slots())
        self.assertIn(self.part_avco.name, self._get_reason(order, "part"))

    def test_special_bay_and_specialist_are_kept_for_what_needs_them(self):
        paint = self.alignment.copy({"name": "Paint booth (test)"})
        special = self._create_resource("Bay 0", "bay", paint)
        self.bay_alignment.active = False
        self._create_resource("Bay 3", "bay", self.lift)
        # The plain bay has more to do that week, and one type as well.
        self._create_booking(self.bay, "2026-03-04 08:00", "2026-03-04 17:00")
        slot = self.service.get_first_slot(self._create_work(1))
        self.assertNotEqual(slot["resources"]["bay"], special.ids)
        self.assertEqual(
            slot["resources"]["technician"], self.ben.ids, "Anna knows more"
        )
        slot = self.service.get_first_slot(
            self._create_work(1, resource_type_ids=paint.ids)
        )
        self.assertEqual(slot["resources"]["bay"], special.ids)

    def test_more_than_a_year_is_not_searched(self):
        with self.assertRaisesRegex(UserError, "366 days at most"):
            self._create_work(1).get_slots(date_to="2036-03-02 06:00:00")

    def test_expected_part_moves_the_slot(self):
        order = self._create_four()
        self.env["stock.move"].create(
            {
                "product_id": self.part_avco.id,
                "product_uom_qty": 1,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "company_id": self.company.id,
                "date": self._local("2026-03-04 10:00"),
            }
        )._action_confirm()
        slot = self.service.get_first_slot(order)
        self.assertEqual(slot["start"], self._local("2026-03-04 10:00"))
        (reason,) = [each for each in slot["late"] if each["role"] == "part"]
        self.assertIn(self.part_avco.display_name, reason["reason"])
        self.assertIn("Mar 4", reason["reason"])
        at_eight = self.service.explain(order, self._local("2026-03-03 08:00"))
        self.assertEqual([each["role"] for each in at_eight], ["part"])

    def test_part_expected_in_input_moves_the_slot(self):
        self.warehouse.reception_steps = "two_steps"
        order = self._create_four()
        self.env["stock.move"].create(
            {
                "product_id": self.part_avco.id,
                "product_uom_qty": 1,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.wh_input_stock_loc_id.id,
                "company_id": self.company.id,
                "date": self._local("2026-03-04 10:00"),
            }
        )._action_confirm()
        slot = self.service.get_first_slot(order)
        self.assertTrue(slot, "goods come in at Input")
        self.assertEqual(slot["start"], self._local("2026-03-04 10:00"))

    def test_parts_of_another_appointment_are_promised(self):
        self._stock(self.part_avco, 1)
        first, second = self._create_four(), self._create_four()
        first.action_book()
        self.assertFalse(second.get_slots(), "the only one goes to the first")
        self.assertTrue(first.get_slots(), "its own demand does not stand in its way")
        self._stock(self.part_avco, 1)
        self.assertTrue(second.get_slots())

    def test_two_lines_of_a_part_are_summed(self):
        self._stock(self.part_avco, 1)
        order = self._create_work(1, parts=[self.part_avco, self.part_avco])
        self.assertFalse(order.get_slots())

    def test_reserved_parts_are_free_for_their_order(self):
        self._stock(self.part_avco, 1)
        order = self._approve(self._create_work(1, parts=[self.part_avco]))
        self.assertTrue(order.get_slots())
        other = self._create_work(1, parts=[self.part_avco])
        self.assertFalse(other.get_slots())

    def test_reason_names_the_kind_that_is_booked(self):
        self._stock(self.part_avco, 1)
        order = self._create_four()
        self._create_booking(self.bay_alignment, "2026-03-02 08:00", "2026-03-03 14:00")
        slot = self.service.get_first_slot(order)
        self.assertEqual(slot["start"], self._local("2026-03-03 14:00"))
        reasons = {each["role"]: each["reason"] for each in slot["late"]}
        self.assertEqual(
            reasons["bay"],
            "No bay with Alignment bench (test) is free before Tue, Mar 3 14:00.",
        )
        self.assertNotIn("technician", reasons)
        explained = self.service.explain(order, self._local("2026-03-02 09:00"))
        self.assertEqual([each["role"] for each in explained], ["bay"])

    def test_free_apart_and_not_together(self):
        order = self._create_work(4, resource_type_ids=[self.alignment.id])
        self._create_booking(self.bay_alignment, "2026-03-02 12:00", "2026-03-02 17:00")
        for person in (self.anna, self.ben):
            self._create_booking(person, "2026-03-02 08:00", "2026-03-02 12:00")
        slot = self.service.get_first_slot(order)
        self.assertEqual(slot["start"], self._local("2026-03-03 08:00"))
        words = " ".join(each["reason"] for each in slot["late"])
        self.assertIn("at the same time before Tue, Mar 3 08:00", words)

    def test_the_special_bay_is_kept(self):
        order = self._create_work(1, resource_type_ids=[self.lift.id])
        self.assertEqual(order.get_slots()[0]["resources"]["bay"], self.bay.ids)

    def test_least_loaded_technician_first(self):
        order = self._create_work(1)
        self._create_booking(self.anna, "2026-03-03 08:00", "2026-03-03 10:00")
        slot = order.get_slots()[0]
        self.assertEqual(slot["resources"]["technician"], self.ben.ids)

    def test_named_technician_is_preferred(self):
        order = self._create_work(1, technician_id=self.employee_ben.id)
        slot = order.get_slots()[0]
        self.assertEqual(slot["resources"]["technician"], self.ben.ids)
        self.assertFalse(slot["notices"])
        self._create_booking(self.ben, "2026-03-02 08:00", "2026-03-02 17:00")
        slot = order.get_slots()[0]
        self.assertEqual(slot["resources"]["technician"], self.anna.ids)
        self.assertIn("Ben", slot["notices"][0])

    def test_named_technician_without_the_skill_is_not_taken(self):
        order = self._create_work(
            1,
            technician_id=self.employee_ben.id,
            skill_ids=[self.electrics.id],
        )
        slot = order.get_slots()[0]
        self.assertEqual(slot["resources"]["technician"], self.anna.ids)
        with self.assertRaisesRegex(UserError, "does not suit.*Electrics"):
            order.action_book(slot["start"], {"technician": self.ben.ids})

    def test_two_named_technicians_work_one_after_the_other(self):
        order = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee_anna.id},
            {"lines": [(self.labour, 2)], "technician_id": self.employee_ben.id},
        )
        slot = order.get_slots()[0]
        self.assertEqual(slot["resources"]["technician"], [self.anna.id, self.ben.id])
        self.assertEqual(slot["stop"] - slot["start"], timedelta(hours=3))
        order.action_book()
        bookings = order.booking_ids.filtered(lambda each: each.role == "technician")
        self.assertEqual(bookings.mapped("hours"), [1.0, 2.0])
        self.assertEqual(bookings.job_id, order.job_ids)

    def test_declined_work_needs_nothing(self):
        order = self._create_order(
            {"lines": [(self.labour, 1)]},
            {"lines": [(self.labour, 6)], "resource_type_ids": [self.tester.id]},
        )
        order.action_estimate()
        order.action_decline(jobs=order.job_ids[1], reason="Too dear")
        needs = self.service.get_needs(order)
        self.assertEqual([each["hours"] for each in needs["segments"]], [1.0])
        self.assertEqual([each["role"] for each in needs["places"]], ["bay"])

    def test_order_without_labour_takes_the_standard_time(self):
        slot = self._create_order({"lines": [(self.fee, 1)]}).get_slots()[0]
        self.assertEqual(slot["stop"] - slot["start"], timedelta(hours=1))

    def test_team_without_bays(self):
        self.team.needs_bay = False
        (self.bay | self.bay_alignment).active = False
        self.assertNotIn("bay", self._create_work(1).get_slots()[0]["resources"])

    def test_resources_of_another_team_are_not_used(self):
        other = self.env["aftersales.team"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        (self.bay | self.bay_alignment).aftersales_team_id = other
        self.assertFalse(self._create_work(1).get_slots())

    def test_another_company_is_not_seen(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.bay.copy({"company_id": company.id, "name": "Elsewhere"})
        (self.bay | self.bay_alignment).active = False
        self.assertFalse(self._create_work(1).get_slots())

    def test_leave_of_one_and_holiday_of_all(self):
        order = self._create_work(1)
        Leave = self.env["resource.calendar.leaves"]
        Leave.create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": self._local("2026-03-02 00:00"),
                "date_to": self._local("2026-03-02 23:59"),
            }
        )
        for person in (self.anna, self.ben):
            Leave.create(
                {
                    "name": "Ill",
                    "resource_id": person.id,
                    "calendar_id": self.calendar.id,
                    "date_from": self._local("2026-03-03 00:00"),
                    "date_to": self._local("2026-03-03 12:00"),
                }
            )
        self.assertEqual(order.get_slots()[0]["start"], self._local("2026-03-03 13:00"))

    def test_calendar_change_is_seen_at_once(self):
        order = self._create_work(1)
        self.assertEqual(order.get_slots()[0]["start"], self._local("2026-03-02 08:00"))
        self.calendar.attendance_ids.filtered(
            lambda each: each.dayofweek == "0" and each.hour_from == 8
        ).hour_from = 10
        self.assertEqual(order.get_slots()[0]["start"], self._local("2026-03-02 10:00"))

    def test_shop_in_shanghai(self):
        for resource in self.bay | self.bay_alignment:
            resource.write(
                {"calendar_id": self.calendar_shanghai.id, "tz": "Asia/Shanghai"}
            )
        for employee in self.employee_anna | self.employee_ben:
            employee.write({"resource_calendar_id": self.calendar_shanghai.id})
            employee.tz = "Asia/Shanghai"
        self.company.resource_calendar_id = self.calendar_shanghai
        # Seven in Berlin is two in the afternoon there.
        slot = self._create_work(1).get_slots()[0]
        self.assertEqual(
            slot["start"], self._local("2026-03-02 14:00", "Asia/Shanghai")
        )

    def test_lead_time_and_who_may_be_earlier(self):
        self.company.aftersales_booking_lead = 24
        order = self._create_work(1)
        slot = order.get_slots()[0]
        self.assertEqual(slot["start"], self._local("2026-03-03 08:00"))
        self.assertIn("24 hours ahead", slot["late"][0]["reason"])
        early = self._local("2026-03-02 09:00")
        self.assertEqual(order.get_slots(date_from=early)[0]["start"], early)
        portal = self._create_portal_user()
        asked = order.with_user(portal).sudo()
        self.assertEqual(
            asked.get_slots(date_from=early)[0]["start"],
            self._local("2026-03-03 08:00"),
        )
        with self.assertRaisesRegex(UserError, "24 hours ahead"):
            asked.action_book(early)

    def _create_portal_user(self):
        return self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "planning_portal",
                "partner_id": self.customer.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
            }
        )

    def test_a_stranger_asks_nothing(self):
        order = self._create_work(1)
        self.env.invalidate_all()
        stranger = self._create_portal_user()
        stranger.partner_id.commercial_partner_id = self.maker
        portal = self.env(user=self.env.ref("base.public_user").id)
        with self.assertRaises(AccessError):
            portal["aftersales.availability"].get_slots(order.id)
        with self.assertRaises(AccessError):
            portal["aftersales.availability"].get_slots(needs={"segments": []})
        with self.assertRaises(UserError):
            self.service.get_slots()

    def test_customer_is_not_told_who_and_what(self):
        order = self._create_work(1)
        portal = order.with_user(self._create_portal_user())
        self.assertTrue(portal.has_access("read"))
        service = portal.env["aftersales.availability"]
        for ask in (
            portal.get_slots,
            portal.explain_slot,
            lambda: service.get_slots(portal.id),
            lambda: service.get_first_slot(portal.id),
            lambda: service.explain(portal.id, "2026-03-02 08:00:00"),
            lambda: service.get_late_reasons(portal.id),
            lambda: service.get_needs(portal.id),
        ):
            with self.assertRaisesRegex(AccessError, "page of the visit"):
                ask()

    def test_needs_without_an_order(self):
        needs = {
            "company_id": self.company.id,
            "segments": [{"hours": 1, "skills": {str(self.electrics.id): 50}}],
        }
        slot = self.service.get_first_slot(needs=needs)
        self.assertEqual(slot["resources"], {"technician": self.anna.ids})

    def test_needs_find_no_blocked_bay(self):
        self._create_booking(self.bay_alignment, "2026-03-02 08:00", "2026-03-02 10:00")
        needs = {
            "company_id": self.company.id,
            "segments": [{"hours": 1}],
            "places": [{"role": "bay", "type_ids": self.alignment.ids}],
        }
        slot = self.service.get_first_slot(needs=needs)
        self.assertEqual(slot["start"], self._local("2026-03-02 10:00"))

    def test_spring_gap_in_berlin(self):
        night = self._create_calendar("Night", "Europe/Berlin", ((0, 6),), range(7))
        self._use_calendar(night)
        order = self._create_work(4)
        slots = order.get_slots(date_from=self._local("2026-03-29 00:00"))
        # From midnight to five there are four hours: two to three does not exist.
        self.assertEqual(slots[0]["start"], self._local("2026-03-29 00:00"))
        self.assertEqual(slots[0]["stop"], self._local("2026-03-29 05:00"))
        self.assertEqual(slots[1]["start"], self._local("2026-03-29 00:30"))
        order.action_book(slots[0]["start"])
        self.assertEqual(set(order.booking_ids.mapped("hours")), {4.0})

    def test_double_hour_in_autumn_in_berlin(self):
        night = self._create_calendar("Night", "Europe/Berlin", ((0, 6),), range(7))
        self._use_calendar(night)
        order = self._create_work(7)
        (slot,) = order.get_slots(
            date_from=self._local("2026-10-25 00:00"),
            date_to=self._local("2026-10-25 03:00"),
        )
        self.assertEqual(slot["start"], self._local("2026-10-25 00:00"))
        self.assertEqual(slot["stop"], self._local("2026-10-25 06:00"))
        short = self._create_work(0.5)
        starts = [
            each["start"]
            for each in short.get_slots(
                date_from=self._local("2026-10-25 00:00"), limit=7
            )
        ]
        # Half past two comes twice, an hour apart.
        self.assertEqual(len(set(starts)), 7)
        self.assertEqual(starts[-1] - starts[0], timedelta(hours=3))

    def test_nine_o_clock_stays_nine_o_clock(self):
        order = self._create_work(1)
        for day in ("2026-03-27", "2026-03-30"):
            moment = self._local(f"{day} 09:00")
            self.assertEqual(order.get_slots(date_from=moment)[0]["start"], moment)
        self.assertEqual(self._local("2026-03-27 09:00").hour, 8)
        self.assertEqual(self._local("2026-03-30 09:00").hour, 7)

    def _use_calendar(self, calendar):
        (self.bay | self.bay_alignment).calendar_id = calendar
        for employee in self.employee_anna | self.employee_ben:
            employee.resource_calendar_id = calendar

    def test_work_over_the_break_and_over_days(self):
        order = self._create_work(6)
        self.assertEqual(order.get_slots()[0]["stop"], self._local("2026-03-02 15:00"))
        order.job_ids.work_span = "none"
        self.assertFalse(order.get_slots())
        long = self._create_work(12)
        slot = long.get_slots()[0]
        self.assertEqual(slot["start"], self._local("2026-03-02 08:00"))
        self.assertEqual(slot["stop"], self._local("2026-03-03 12:00"))
        long.action_book()
        by_role = long.booking_ids.grouped("role")
        self.assertEqual(by_role["technician"].mapped("hours"), [4.0] * 3)
        self.assertEqual(by_role["bay"].hours, 28.0, "it stays in the bay at night")

    def test_advisor_who_is_away_is_a_notice(self):
        self.env["hr.employee"].create(
            {
                "name": "Advisor",
                "user_id": self.advisor.id,
                "company_id": self.company.id,
                "resource_calendar_id": self._create_calendar(
                    "Afternoon", "Europe/Berlin", ((13, 17),)
                ).id,
                "tz": "Europe/Berlin",
            }
        )
        order = self._create_work(1)
        slot = order.get_slots()[0]
        self.assertEqual(slot["start"], self._local("2026-03-02 08:00"))
        self.assertIn(self.advisor.name, slot["notices"][0])
        slot = order.get_slots(date_from=self._local("2026-03-02 13:00"))[0]
        self.assertFalse(slot["notices"])

    def test_preparation_before_the_work(self):
        self.company.aftersales_booking_preparation = 15
        order = self._create_work(2)
        order.action_book()
        by_role = order.booking_ids.grouped("role")
        self.assertEqual(by_role["bay"].start, self._local("2026-03-02 08:00"))
        self.assertEqual(by_role["technician"].start, self._local("2026-03-02 08:15"))
        self.assertEqual(order.date_planned_stop, self._local("2026-03-02 10:15"))

    def test_the_shops_zone_is_named_where_the_users_clock_differs(self):
        moment = self._local("2026-03-02 09:00")
        service = self.env["aftersales.availability"].with_user(self.advisor)
        self.advisor.tz = "Europe/Paris"
        self.assertEqual(
            service._format_moment(moment, self.company), "Mon, Mar 2 09:00"
        )
        self.advisor.tz = "Asia/Shanghai"
        self.assertEqual(
            service._format_moment(moment, self.company),
            "Mon, Mar 2 09:00 (Europe/Berlin)",
        )
        self.assertEqual(
            service._format_range(moment, moment + timedelta(hours=1), self.company),
            "Mon, Mar 2 09:00 – 10:00 (Europe/Berlin)",
        )
