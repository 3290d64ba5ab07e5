from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PlanningCommon


@freeze_time("2026-03-02 06:00:00")
@tagged("post_install", "-at_install")
class TestOrderBooking(PlanningCommon):
    def test_book_takes_the_four_together(self):
        order = self._create_work(2, resource_type_ids=[self.lift.id, self.tester.id])
        slots = order.get_slots()
        self.assertEqual(slots[0]["start"], self._local("2026-03-02 08:00"))
        order.action_book()
        self.assertEqual(order.date_planned, self._local("2026-03-02 08:00"))
        self.assertEqual(order.date_planned_stop, self._local("2026-03-02 10:00"))
        self.assertEqual(order.booking_state, "confirmed")
        self.assertEqual(
            set(order.booking_ids.mapped("role")), {"bay", "tool", "technician"}
        )
