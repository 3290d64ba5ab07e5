from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PlanningCommon


@freeze_time("2026-03-02 06:00:00")  # Monday, seven o'clock in Berlin
@tagged("post_install", "-at_install")
class TestPromise(PlanningCommon):
    def test_from_hours_and_the_first_free_time(self):
        orders = self._approve(self._create_work(2) | self._create_work(3))
        self.ben.active = False
        one, two = orders
        two.action_cancel()
        one.action_promise()
        self.assertEqual(one.date_promised, self._local("2026-03-02 10:30"))
        self.assertIn("Work left: 2 hours", one.promise_trace)
        self.assertIn("No other work waits", one.promise_trace)
        self.assertIn("Mon, Mar 2 08:00 – 10:00", one.promise_trace)
        self.assertIn("Slack: 30 minutes", one.promise_trace)

    def test_other_work_goes_first(self):
        self._approve(self._create_work(9) | self._create_work(3))
        order = self._approve(self._create_work(2))
        order.action_promise()
        # Twelve hours for two technicians: both are through at three o'clock.
        self.assertIn("12 hours for 2 technicians", order.promise_trace)
        self.assertEqual(order.date_promised, self._local("2026-03-02 17:30"))

    def test_bookings_take_capacity(self):
        self._approve(self._create_work(4))
        for day in ("2026-03-02", "2026-03-03"):
            for person in (self.anna, self.ben):
                self._create_booking(person, f"{day} 08:00", f"{day} 17:00")
        order = self._approve(self._create_work(2))
        order.action_promise()
        self.assertEqual(order.date_promised, self._local("2026-03-04 12:30"))

    def test_urgent_work_waits_for_urgent_work_alone(self):
        self._approve(self._create_work(8))
        order = self._approve(self._create_work(2))
        order.priority = "1"
        order.action_promise()
        self.assertEqual(order.date_promised, self._local("2026-03-02 10:30"))

    def test_appointment_is_the_promise(self):
        orders = self._create_work(2) | self._create_work(2)
        orders.action_book()
        orders.action_promise()
        self.assertEqual(
            orders.mapped("date_promised"), [self._local("2026-03-02 10:30")] * 2
        )
        self.assertIn("Booked: Mon, Mar 2 08:00", orders[0].promise_trace)
        count = len(orders[0].message_ids)
        orders.action_promise()
        self.assertEqual(len(orders[0].message_ids), count, "nothing changed")

    def _expect_part(self, date):
        self.env["stock.move"].create(
            {
                "product_id": self.part_avco.id,
                "product_uom_qty": 1,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "company_id": self.company.id,
                "date": self._local(date),
            }
        )._action_confirm()

    def test_parts_date(self):
        order = self._create_work(1, parts=[self.part_avco])
        with self.assertRaisesRegex(UserError, self.part_avco.name):
            order.action_promise()
        self._expect_part("2026-03-05 09:00")
        order.action_promise()
        self.assertEqual(order.date_promised, self._local("2026-03-05 10:30"))
        self.assertIn("is expected on Thu, Mar 5", order.promise_trace)

    def test_part_after_the_appointment_waits_for_the_shop_to_open(self):
        order = self._create_work(3)
        order.action_book()
        self._add_job(order, [(self.part_avco, 1)])
        self._expect_part("2026-03-06 18:00")
        order.action_promise()
        self.assertEqual(order.date_promised, self._local("2026-03-09 11:30"))

    def test_finished_work_is_not_promised(self):
        order = self._approve(self._create_work(1))
        order.action_start()
        order.action_complete()
        with self.assertRaisesRegex(UserError, "over"):
            order.action_promise()
