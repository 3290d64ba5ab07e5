from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PlanningCommon


@freeze_time("2026-03-02 06:00:00")  # Monday, seven o'clock in Berlin
@tagged("post_install", "-at_install")
class TestOrderBooking(PlanningCommon):
    def test_book_takes_the_four_together(self):
        order = self._create_work(2, resource_type_ids=[self.lift.id, self.tester.id])
        order.action_book()
        self.assertEqual(order.date_planned, self._local("2026-03-02 08:00"))
        self.assertEqual(order.date_planned_stop, self._local("2026-03-02 10:00"))
        self.assertEqual(order.booking_state, "confirmed")
        self.assertEqual(
            set(order.booking_ids.mapped("role")), {"bay", "tool", "technician"}
        )
        self.assertEqual(order.booking_ids.mapped("kind"), ["work"] * 3)
        self.assertEqual(order.job_ids.technician_id, self.employee_ben, "Anna is kept")
        self.assertIn("Tester 1", order.message_ids[0].body)
        self.assertFalse(order.bay_id, "this one is no place of the store")
        self.assertEqual(order.bay_words, "Bay 1")
        with Form(order) as form:
            self.assertEqual(form.bay_words, "Bay 1", "beside the empty field")

    def test_substitute_takes_over_the_jobs(self):
        order = self._create_work(1, technician_id=self.employee_anna.id)
        first = order.job_ids
        second = first.copy({"order_id": order.id})
        second.write(
            {
                "technician_id": self.employee_ben.id,
                "skill_ids": self.electrics.ids,
                "skill_progress": 80,
            }
        )
        carl = self._create_technician("Carl", {self.electrics: 80})
        self._create_booking(self.ben, "2026-03-02 08:00", "2026-03-02 17:00")
        start = self._local("2026-03-02 08:00")
        order.action_book(start)
        self.assertIn(carl.resource_id, order.booking_ids.resource_id)
        self.assertEqual(first.technician_id, self.employee_anna)
        self.assertEqual(second.technician_id, carl)

    def test_bay_of_the_order_follows(self):
        location = self.env["stock.location"].create(
            {
                "name": "Bay 1",
                "usage": "internal",
                "location_id": self.warehouse.lot_stock_id.id,
                "company_id": self.company.id,
            }
        )
        self.bay.aftersales_location_id = location
        order = self._create_work(1)
        order.action_book()
        self.assertEqual(order.bay_id, location)

    def test_batch_gets_different_times(self):
        orders = self._create_work(3, resource_type_ids=[self.tester.id])
        orders |= self._create_work(3, resource_type_ids=[self.tester.id])
        orders.action_book()
        self.assertEqual(orders.mapped("booking_state"), ["confirmed"] * 2)
        starts = orders.mapped("date_planned")
        self.assertEqual(
            starts,
            [self._local("2026-03-02 08:00"), self._local("2026-03-02 11:00")],
            "there is one tester",
        )

    def test_booking_twice_has_the_effect_of_once(self):
        order = self._create_work(1)
        order.action_book()
        before = order.booking_ids
        order.action_book()
        order.action_book(start=order.date_planned)
        self.assertEqual(order.booking_ids, before)
        with self.assertRaisesRegex(UserError, "Move it"):
            order.action_book(start=order.date_planned + timedelta(hours=1))

    def test_taken_in_the_meantime_offers_the_next(self):
        first, second = (
            self._create_work(2, resource_type_ids=[self.alignment.id])
            for _number in range(2)
        )
        slot = second.get_slots()[0]
        first.action_book()
        with self.assertRaisesRegex(
            UserError, "No bay with Alignment bench.*next free time is Mon, Mar 2 10:00"
        ):
            second.action_book(slot["start"], slot["resources"])
        self.assertEqual(second.booking_state, "none")
        self.assertFalse(second.booking_ids)

    def test_hold_is_confirmed_or_runs_out(self):
        kept, lost = self._create_work(1), self._create_work(1)
        (kept | lost).action_book(hold=True)
        self.assertEqual((kept | lost).mapped("booking_state"), ["hold"] * 2)
        kept.action_book()
        self.assertEqual(set(kept.booking_ids.mapped("state")), {"confirmed"})
        self.assertFalse(any(kept.booking_ids.mapped("date_expire")))
        Booking = self.env["aftersales.booking"]
        with patch.object(type(self.env["ir.cron"]), "_commit_progress") as commit:
            with freeze_time("2026-03-02 06:29:00"):
                Booking._cron_release_holds()
                self.assertEqual(lost.booking_state, "hold")
            with freeze_time("2026-03-02 06:31:00"):
                Booking._cron_release_holds()
            commit.assert_called_once_with(2, remaining=0)
        self.assertEqual(lost.booking_state, "none")
        self.assertFalse(lost.date_planned)
        self.assertEqual(set(lost.booking_ids.mapped("state")), {"cancel"})
        self.assertEqual(kept.booking_state, "confirmed")

    def test_hold_that_ran_out_is_free_for_the_next(self):
        first, second = (
            self._create_work(8, resource_type_ids=[self.alignment.id])
            for _number in range(2)
        )
        first.action_book(hold=True)
        with freeze_time("2026-03-02 06:45:00"):
            second.action_book(self._local("2026-03-02 08:00"))
            self.assertEqual(first.booking_state, "none")
            with self.assertRaisesRegex(UserError, "no time|can't be booked"):
                first.action_book(self._local("2026-03-02 08:00"))

    def test_late_confirmation_of_a_hold_nobody_took(self):
        order = self._create_work(1)
        order.action_book(hold=True)
        with freeze_time("2026-03-02 06:45:00"):
            order.action_book()
        self.assertEqual(order.booking_state, "confirmed")
        self.assertEqual(set(order.booking_ids.mapped("state")), {"confirmed"})

    def test_move_and_cancel(self):
        orders = self._create_work(1) | self._create_work(1)
        orders.action_book()
        first = orders[0]
        start = self._local("2026-03-03 09:00")
        first.action_rebook(start, reason="The customer called")
        self.assertEqual(first.date_planned, start)
        active = first.booking_ids.filtered(lambda each: each.state == "confirmed")
        self.assertEqual(set(active.mapped("start")), {start})
        self.assertIn("The customer called", first.message_ids[0].body)
        count = len(first.booking_ids)
        first.action_rebook(start)
        self.assertEqual(len(first.booking_ids), count, "it is there already")
        orders.action_unbook(reason="Ill")
        orders.action_unbook(reason="Ill")
        self.assertEqual(orders.mapped("booking_state"), ["none"] * 2)
        self.assertEqual(set(orders.booking_ids.mapped("state")), {"cancel"})
        self.assertFalse(any(orders.mapped("date_planned")))

    def test_move_may_overlap_its_own_time(self):
        order = self._create_work(4)
        order.action_book()
        order.action_rebook(self._local("2026-03-02 09:00"))
        self.assertEqual(order.date_planned, self._local("2026-03-02 09:00"))

    def test_move_that_is_refused_keeps_the_old_time(self):
        order = self._create_work(1)
        order.action_book()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.action_rebook(self._local("2026-03-08 09:00"))
        self.env.invalidate_all()
        self.assertEqual(order.date_planned, self._local("2026-03-02 08:00"))
        self.assertEqual(set(order.booking_ids.mapped("state")), {"confirmed"})

    def test_arrival_with_and_without_appointment(self):
        booked, walk_in = self._create_work(1), self._create_work(1)
        booked.action_book()
        (booked | walk_in).action_arrive()
        (booked | walk_in).action_arrive()
        self.assertEqual((booked | walk_in).mapped("booking_state"), ["arrived"] * 2)
        self.assertTrue(all((booked | walk_in).mapped("date_arrived")))
        self.assertEqual(set(booked.booking_ids.mapped("state")), {"confirmed"})

    def test_walk_in_is_planned_and_stays_here(self):
        orders = self._create_work(1) | self._create_work(1)
        orders.action_arrive()
        orders.action_book()
        bookings = orders.booking_ids
        self.assertEqual(len(bookings), 4)
        self.assertEqual(set(bookings.mapped("state")), {"confirmed"})
        self.assertEqual(orders.mapped("booking_state"), ["arrived"] * 2)
        orders.action_book()
        self.assertEqual(orders.booking_ids, bookings, "once")
        start = self._local("2026-03-03 09:00")
        orders[0].action_rebook(start)
        self.assertEqual(orders[0].date_planned, start)
        self.assertEqual(orders[0].booking_state, "arrived")
        with freeze_time("2026-03-05 20:00:00"):
            missed = self.env["aftersales.order"]._get_missed_visits()
            self.assertFalse(missed & orders)

    def test_hold_for_a_walk_in_does_not_run_out(self):
        order = self._create_work(1)
        order.action_arrive()
        order.action_book(hold=True)
        self.assertEqual(set(order.booking_ids.mapped("state")), {"confirmed"})
        self.assertFalse(any(order.booking_ids.mapped("date_expire")))

    def test_cancelled_order_frees_its_time(self):
        orders = self._create_work(1) | self._create_work(1)
        orders.action_book()
        orders.action_cancel(reason="Sold the car")
        self.assertEqual(set(orders.booking_ids.mapped("state")), {"cancel"})
        self.assertEqual(orders.mapped("booking_state"), ["none"] * 2)
        with self.assertRaisesRegex(UserError, "over"):
            orders.action_book()

    def test_completed_order_frees_what_is_left(self):
        order = self._create_work(6)
        order.action_book()
        self._approve(order)
        order.action_arrive()
        with freeze_time("2026-03-02 08:00:00"):  # nine
            order.action_start()
            order.action_complete()
        bookings = order.booking_ids.grouped("role")
        self.assertEqual(bookings["bay"].state, "done")
        self.assertEqual(bookings["bay"].stop, self._local("2026-03-02 09:00"))
        self.assertEqual(
            bookings["technician"].sorted("start").mapped("state"), ["done", "cancel"]
        )
        other = self._create_work(8, resource_type_ids=[self.lift.id])
        self.assertTrue(other.get_slots(date_from=self._local("2026-03-02 09:00")))

    def test_order_without_appointment_costs_nothing_more(self):
        order = self._approve(self._create_work(1))
        order.action_start()
        self.env.flush_all()
        order.mapped("booking_state")
        with self.assertQueryCount(0):
            order.filtered(lambda each: each.booking_state != "none")
        order.action_complete()
        self.assertFalse(order.booking_ids)

    def test_missed(self):
        order, here = self._create_work(1), self._create_work(1)
        (order | here).action_book()
        here.action_arrive()
        with freeze_time("2026-03-03 20:00:00"):
            missed = self.env["aftersales.order"]._get_missed_visits()
            self.assertNotIn(here, missed)
            (missed & order)._miss_visit()
            self.assertEqual(order.booking_state, "missed")
            self.assertEqual(here.booking_state, "arrived")
            order.action_book()
        self.assertEqual(order.booking_state, "confirmed")
        self.assertEqual(order.date_planned, self._local("2026-03-04 08:00"))

    def test_typed_time_of_a_booked_order_is_refused(self):
        order = self._create_work(1).with_user(self.advisor)
        order.date_planned = self._local("2026-03-02 09:00")
        order.action_book()
        with self.assertRaisesRegex(UserError, "Move or cancel"):
            order.date_planned = self._local("2026-03-02 10:00")

    def test_who_may_book(self):
        order = self._create_work(1, technician_id=self.employee.id)
        with self.assertRaises(AccessError):
            order.with_user(self.technician).action_book()
        order.with_user(self.advisor).action_book()
        self.assertEqual(order.booking_state, "confirmed")

    def test_dialog_of_the_desk(self):
        order = self._create_work(1, resource_type_ids=[self.tester.id])
        self._create_booking(self.tool, "2026-03-02 08:00", "2026-03-02 10:00")
        action = order.with_user(self.advisor).action_open_book()
        dialog = self.env["aftersales.book"].browse(action["res_id"])
        dialog = dialog.with_user(self.advisor)
        self.assertEqual(dialog.slot_ids[0].start, self._local("2026-03-02 10:00"))
        self.assertIn("Diagnosis tester", dialog.late)
        self.assertIn("Tester 1", dialog.slot_ids[0].resource_words)
        form = Form(dialog)
        form.date_from = self._local("2026-03-03 09:00")
        form.save().action_search()
        self.assertEqual(dialog.slot_ids[0].start, self._local("2026-03-03 09:00"))
        dialog.action_later()
        self.assertEqual(dialog.slot_ids[0].start, self._local("2026-03-03 13:00"))
        dialog.slot_ids[0].action_hold()
        self.assertEqual(order.booking_state, "hold")
        dialog = self.env["aftersales.book"].create({"order_id": order.id})
        dialog.reason = "Earlier"
        dialog.slot_ids[0].action_book()
        self.assertEqual(order.date_planned, self._local("2026-03-02 10:00"))

    def test_dialog_without_a_free_time_says_why(self):
        order = self._create_work(1, parts=[self.part_avco])
        dialog = self.env["aftersales.book"].create({"order_id": order.id})
        self.assertFalse(dialog.slot_ids)
        self.assertIn(self.part_avco.name, dialog.late)

    def test_desk_is_told_that_the_car_comes_anyway(self):
        first, second = self._create_work(1), self._create_work(1)
        Book = self.env["aftersales.book"].with_user(self.advisor)
        self.assertFalse(Book.create({"order_id": second.id}).other_visit)
        first.action_book(start=self._local("2026-03-03 09:00"))
        words = Book.create({"order_id": second.id}).other_visit
        self.assertIn(first.name, words)
        self.assertIn("Mar 3 09:00", words)
        self.assertFalse(Book.create({"order_id": first.id}).other_visit, "itself")
        second.action_book(start=self._local("2026-03-03 14:00"))

    def test_time_that_is_past(self):
        order = self._create_work(1).with_user(self.advisor)
        start = self._local("2026-03-02 08:00")
        with freeze_time("2026-03-02 07:20:00"):
            with self.assertRaisesRegex(UserError, "which is past"):
                order.action_book(start)
            order.action_arrive()
            order.action_book(start)
        self.assertEqual(order.date_planned, start)

    def test_work_that_just_began(self):
        order = self._create_work(1).with_user(self.advisor)
        start = self._local("2026-03-02 08:00")
        with freeze_time("2026-03-02 07:10:00"):
            order.action_book(start)
        self.assertEqual(order.date_planned, start)

    def test_texts_that_are_no_times(self):
        order = self._create_work(1).with_user(self.advisor)
        for ask in (order.action_book, order.get_slots, order.explain_slot):
            with self.subTest(ask.__name__):
                with self.assertRaisesRegex(UserError, "“tomorrow” is no date"):
                    ask("tomorrow")
