from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .visit_common import NOW, VisitCommon


class PreparationCommon(VisitCommon):
    """Visits of an hour, on Tuesday unless said otherwise; the desk books at once.

    * ``_book(start)``, ``_leave(resource, day)``, ``_get_row(order, kind)``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_booking_lead = 0

    def _book(self, start="2026-03-03 10:00", **job):
        order = self._create_work(1, **job)
        order.action_book(start=self._local(start))
        return order

    def _get_row(self, order, kind):
        return order.preparation_ids.filtered(lambda row: row.kind == kind)

    def _leave(self, resource, day="2026-03-03"):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Ill",
                "resource_id": resource.id,
                "calendar_id": resource.calendar_id.id,
                "date_from": self._local(f"{day} 00:00"),
                "date_to": self._local(f"{day} 23:59"),
            }
        )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPreparation(PreparationCommon):
    def test_all_is_well(self):
        order = self._book()
        order.action_prepare()
        self.assertEqual(
            set(order.preparation_ids.mapped("kind")),
            {"people", "parts", "tools", "data"},
        )
        self.assertEqual(order.preparation_state, "ok")
        self.assertFalse(order.has_visit_problem)
        self.assertFalse(order.activity_ids)

    def test_missing_part_is_named(self):
        self._stock(self.part_avco, 1)
        order = self._book(parts=self.part_avco)
        order.action_prepare()
        self.assertEqual(self._get_row(order, "parts").state, "ok")
        # Somebody takes it from the shelf.
        self._make_out_move(self.part_avco, 1)
        self.env.invalidate_all()
        order.action_prepare()
        row = self._get_row(order, "parts")
        self.assertEqual(row.state, "failed")
        self.assertIn(self.part_avco.name, row.reason)
        self.assertTrue(order.has_visit_problem)
        self.assertIn(self.part_avco.name, order.visit_problem)
        self.assertIn(self.part_avco.name, order.booking_ids[0].problem)
        self._stock(self.part_avco, 1)
        self.env.invalidate_all()
        order.action_prepare()
        self.assertEqual(self._get_row(order, "parts").state, "ok")
        self.assertFalse(order.has_visit_problem)
        self.assertFalse(order.booking_ids[0].problem)
        self.assertFalse(self._get_activities(order, "rebook"))

    def test_person_away_raises_one_activity(self):
        order = self._book()
        technician = order.booking_ids.filtered(lambda each: each.role == "technician")
        self._leave(technician.resource_id)
        row = self._get_row(order, "people")
        self.assertEqual(row.state, "failed")
        self.assertIn(technician.resource_id.name, row.reason)
        self.assertTrue(technician.problem)
        activity = self._get_activities(order, "rebook")
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.advisor)
        self.assertIn(technician.resource_id.name, activity.note)
        self.assertIn("Free next", activity.note)
        self.assertIn("2026", activity.note)
        order.action_prepare()
        self.assertEqual(self._get_activities(order, "rebook"), activity)

    def test_bay_away(self):
        order = self._book()
        bay = order.booking_ids.filtered(lambda each: each.role == "bay").resource_id
        self._leave(bay)
        self.assertEqual(self._get_row(order, "tools").state, "failed")
        self.assertEqual(self._get_row(order, "people").state, "ok")

    def test_booked_again_begins_anew(self):
        order = self._book()
        person = order.booking_ids.filtered(lambda each: each.role == "technician")
        self._leave(person.resource_id)
        order.action_rebook(start=self._local("2026-03-04 10:00"))
        self.assertFalse(order.has_visit_problem)
        self.assertFalse(order.preparation_ids)
        self.assertFalse(self._get_activities(order, "rebook"))

    def test_data_is_ticked_by_hand(self):
        template = self.brake_job
        template.needs_plan = True
        order = self._create_order({"lines": [(self.labour, 1)], "name": "Brakes"})
        order.job_ids.template_id = template
        order.action_book(start=self._local("2026-03-03 10:00"))
        order.action_prepare()
        row = self._get_row(order, "data")
        self.assertEqual(row.state, "open")
        self.assertIn("Brakes", row.reason)
        self.assertEqual(order.preparation_state, "open")
        self.assertFalse(order.has_visit_problem, "nothing fell away")
        with self.assertRaises(AccessError):
            row.with_user(self.accountant).action_done()
        row.with_user(self.advisor).action_done(note="Look at the hydraulics first")
        self.assertEqual(row.state, "ok")
        self.assertEqual(row.user_id, self.advisor)
        order.action_prepare()
        self.assertEqual(row.state, "ok", "the check leaves what somebody ticked")
        self.assertEqual(row.reason, "Look at the hydraulics first")
        row.with_user(self.advisor).action_reopen()
        self.assertEqual(row.state, "open")

    def test_ticks_are_for_data_only(self):
        order = self._book()
        bay = order.booking_ids.filtered(lambda each: each.role == "bay").resource_id
        self._leave(bay)
        row = self._get_row(order, "tools")
        row.with_user(self.advisor).action_done()
        self.assertEqual(row.state, "failed")

    def test_repeat_needs_a_plan(self):
        with freeze_time("2026-02-20 10:00:00"):
            first = self._approve(self._create_work(1))
            self._finish_order(first)
            first.action_deliver()
        order = self._book()
        order.action_prepare()
        self.assertEqual(self._get_row(order, "data").state, "open")
        self.company.aftersales_repeat_days = 5
        order.action_prepare()
        self.assertEqual(self._get_row(order, "data").state, "ok")

    def test_outside_service_has_its_own_preparation(self):
        order = self._book()
        order.is_outside = True
        order.action_prepare()
        row = self._get_row(order, "data")
        self.assertEqual(row.state, "open")
        self.assertIn("address", row.reason)

    def test_parts_to_stage_most_valuable_first(self):
        cheap, dear = self.part_avco, self.part_fifo
        cheap.list_price, dear.list_price = 5.0, 900.0
        order = self._create_work(1, cheap | dear)
        lines = order.parts_to_stage.splitlines()
        self.assertIn(dear.name, lines[0])
        self.assertIn("high value", lines[0])
        self.assertNotIn("high value", lines[1])
        self.assertTrue(order.has_high_value_parts)

    def test_week_end_lies_between(self):
        with freeze_time("2026-03-06 07:00:00"):  # a Friday
            limit = self.company._get_preparation_limit()
        self.assertEqual(limit.date(), fields.Date.to_date("2026-03-09"))

    def test_two_companies_see_their_own(self):
        other = self.env["res.company"].create({"name": "Other Workshop"})
        stranger = new_test_user(
            self.env,
            "other_advisor",
            groups="base.group_user,aftersales.aftersales_group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        order = self._book()
        order.action_prepare()
        Row = self.env["aftersales.preparation"]
        domain = [("order_id", "=", order.id)]
        self.assertTrue(Row.with_user(self.manager).search(domain))
        self.assertFalse(Row.with_user(stranger).search(domain))
        with self.assertRaises(AccessError):
            Row.with_user(self.advisor).create({"order_id": order.id, "kind": "data"})
