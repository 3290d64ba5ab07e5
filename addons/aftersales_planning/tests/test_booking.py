from unittest.mock import patch

import psycopg2.errors
from freezegun import freeze_time

from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import hooks
from ..models.booking import AftersalesBooking
from .common import PlanningCommon


@freeze_time("2026-03-02 06:00:00")
@tagged("post_install", "-at_install")
class TestBooking(PlanningCommon):
    def _prepare(self, resource, start, stop, **values):
        return {
            "resource_id": resource.id,
            "start": self._local(start),
            "stop": self._local(stop),
            **values,
        }

    def test_overlap_names_resource_time_and_the_other(self):
        order = self._create_work(2, resource_type_ids=[self.alignment.id])
        order.action_book()
        with self.assertRaisesRegex(
            UserError, f"Bay 2.*Mar 2 08:00 – 10:00.*{order.name}"
        ):
            self._create_booking(
                self.bay_alignment, "2026-03-02 09:00", "2026-03-02 11:00"
            )
        # One that begins when the other ends is none of its business.
        self._create_booking(self.bay_alignment, "2026-03-02 10:00", "2026-03-02 11:00")

    def test_moving_onto_another_is_refused(self):
        one = self._create_booking(self.bay, "2026-03-02 08:00", "2026-03-02 09:00")
        two = self._create_booking(self.bay, "2026-03-02 09:00", "2026-03-02 10:00")
        with self.assertRaisesRegex(UserError, "Bay 1 is taken"):
            two.start = self._local("2026-03-02 08:30")
        (one | two).action_cancel()
        self.assertEqual((one | two).mapped("state"), ["cancel"] * 2)
        self._create_booking(self.bay, "2026-03-02 08:00", "2026-03-02 10:00")

    def test_the_database_refuses_what_the_code_did_not_see(self):
        self._create_booking(self.bay, "2026-03-02 08:00", "2026-03-02 09:00")
        with (
            mute_logger("odoo.sql_db"),
            patch.object(AftersalesBooking, "_check_free", lambda self, vals: None),
            self.assertRaises(ConcurrencyError) as caught,
        ):
            self._create_booking(self.bay, "2026-03-02 08:30", "2026-03-02 09:30")
        self.assertIsInstance(
            caught.exception.__cause__, psycopg2.errors.ExclusionViolation
        )
        # The savepoint keeps the transaction usable.
        self.assertTrue(self.bay.aftersales_booking_ids)

    def test_two_in_one_call_are_told_apart(self):
        values = self._prepare(self.bay, "2026-03-02 08:00", "2026-03-02 10:00")
        with self.assertRaisesRegex(UserError, "Bay 1 can't be booked twice"):
            self.env["aftersales.booking"].create([values, dict(values)])

    def test_order_of_times(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
        ):
            self._create_booking(self.bay, "2026-03-02 09:00", "2026-03-02 08:00")

    def test_outside_working_time_only_by_a_manager_with_a_reason(self):
        order = self._create_work(1)
        Booking = self.env["aftersales.booking"]
        evening = self._prepare(
            self.anna, "2026-03-02 17:00", "2026-03-02 18:00", order_id=order.id
        )
        with (
            self.assertRaisesRegex(UserError, "Anna can't be booked.*Workshop"),
            self.env.cr.savepoint(),
        ):
            Booking.with_user(self.manager).create(evening)
        reasoned = {**evening, "override_reason": "Fleet customer, paid overtime"}
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            Booking.with_user(self.advisor).create(reasoned)
        booking = Booking.with_user(self.manager).create(reasoned)
        self.assertEqual(booking.role, "technician")
        with self.assertRaisesRegex(UserError, "Anna can't be booked"):
            booking.with_user(self.manager).write(
                {"override_reason": False, "stop": self._local("2026-03-02 19:00")}
            )

    def test_reason_is_a_managers_within_working_time_too(self):
        order = self._create_work(1)
        morning = self._prepare(
            self.anna, "2026-03-02 10:00", "2026-03-02 11:00", order_id=order.id
        )
        Booking = self.env["aftersales.booking"].with_user(self.advisor)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            Booking.create({**morning, "override_reason": "Just so"})
        booking = Booking.create(morning)
        with self.assertRaises(AccessError):
            booking.override_reason = "Just so"

    def test_time_off_is_named(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Inspection of the lift",
                "resource_id": self.bay.id,
                "date_from": self._local("2026-03-02 08:00"),
                "date_to": self._local("2026-03-02 12:00"),
            }
        )
        order = self._create_work(1)
        with self.assertRaisesRegex(UserError, "away then"):
            self.env["aftersales.booking"].create(
                self._prepare(
                    self.bay, "2026-03-02 09:00", "2026-03-02 10:00", order_id=order.id
                )
            )

    def test_bay_may_stay_taken_at_night_and_a_person_may_not(self):
        order = self._create_work(1)
        night = ("2026-03-02 16:00", "2026-03-03 09:00")
        self.env["aftersales.booking"].create(
            self._prepare(self.bay, *night, order_id=order.id)
        )
        with self.assertRaisesRegex(UserError, "Anna"):
            self.env["aftersales.booking"].create(
                self._prepare(self.anna, *night, order_id=order.id)
            )

    def test_a_block_may_lie_anywhere(self):
        booking = self._create_booking(
            self.bay, "2026-03-07 20:00", "2026-03-08 20:00", name="Floor is painted"
        )
        self.assertEqual((booking.kind, booking.state), ("block", "confirmed"))
        self.assertEqual(booking.display_name, "Bay 1: Floor is painted")

    def test_moved_booking_moves_the_appointment(self):
        order = self._create_work(2)
        order.action_book()
        for booking in order.booking_ids:
            booking.write(
                {
                    "start": self._local("2026-03-02 10:00"),
                    "stop": self._local("2026-03-02 12:00"),
                }
            )
        self.assertEqual(order.date_planned, self._local("2026-03-02 10:00"))
        self.assertEqual(order.date_planned_stop, self._local("2026-03-02 12:00"))

    def test_cancelling_one_cancels_the_appointment(self):
        order = self._create_work(1)
        order.action_book()
        order.booking_ids[0].action_cancel()
        self.assertEqual(order.booking_state, "none")
        self.assertEqual(set(order.booking_ids.mapped("state")), {"cancel"})

    def test_state_is_not_written_and_work_not_deleted(self):
        order = self._create_work(1)
        order.action_book()
        with self.assertRaisesRegex(UserError, "can't be\\s+written"):
            order.booking_ids[0].state = "done"
        with self.assertRaisesRegex(UserError, "cancel the appointment"):
            order.booking_ids[0].unlink()

    def test_only_resources_of_the_workshop(self):
        person = self.env["hr.employee"].create(
            {"name": "Clerk", "company_id": self.company.id}
        )
        with self.assertRaisesRegex(ValidationError, "Clerk"):
            self._create_booking(
                person.resource_id, "2026-03-02 08:00", "2026-03-02 09:00"
            )

    def test_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Other"})
        bay = self.bay.copy({"company_id": company.id})
        order = self._create_work(1)
        with self.assertRaises(UserError):
            self.env["aftersales.booking"].create(
                self._prepare(
                    bay, "2026-03-02 08:00", "2026-03-02 09:00", order_id=order.id
                )
            )

    def test_missing_extension_is_explained(self):
        def refuse(cr, query, *args, **kwargs):
            raise psycopg2.errors.InsufficientPrivilege("permission denied")

        with (
            patch.object(type(self.env.cr), "execute", refuse),
            patch.object(type(self.env.cr), "savepoint"),
            self.assertRaisesRegex(UserError, "btree_gist.*permission denied"),
        ):
            hooks.pre_init_hook(self.env)
