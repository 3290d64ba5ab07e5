from freezegun import freeze_time

from odoo.tests import tagged

from .app_common import AppCommon
from .van_common import VanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestVanCountWaiting(VanCommon, AppCommon):
    """A van is counted while a part that is built in waits for the customer's yes."""

    def setUp(self):
        super().setUp()
        self.company.aftersales_van_tolerance = 1000.0
        self._stock(self.part_avco, 50)
        with freeze_time("2026-03-02 06:00:00"):
            self._fill(self.van_anna, self.part_avco, 3)
            self._fill(self.van_ben, self.part_avco, 3)
        self.visit = self._arrive(self._create_visit(1, "2026-03-02 14:00"))

    def _use(self, quantity=1, moment="2026-03-02 10:00:00"):
        line = self._as_engineer(self.visit).action_use_part(
            self.part_avco.id, quantity, moment=moment
        )
        return line.sudo()

    def _count(self, quantity, moment="2026-03-02 11:00:00", employee=None):
        Visit = self.env["aftersales.visit"].sudo()
        employee = employee or self.employee_anna
        return Visit._count_van_of(
            employee.aftersales_van_id,
            [{"product_id": self.part_avco.id, "quantity": quantity}],
            None,
            employee,
            moment,
        )

    def _get_there(self):
        return (
            self._get_quantity(self.part_avco, self.van_anna),
            self._get_quantity(self.part_avco, self.van_ben),
        )

    def test_used_and_not_agreed_to_is_not_booked_away(self):
        line = self._use()
        self.assertEqual(self._count(2), {"counted": 1, "booked": 0, "waiting": 0})
        self.assertEqual(self._get_there(), (3, 3))
        self.visit.order_id.action_approve(jobs=line.job_id)
        self.assertEqual(line.qty_used, 1)
        self.assertEqual(self._get_there(), (2, 3), "once")

    def test_used_after_the_count_was_counted(self):
        line = self._use(moment="2026-03-02 11:30:00")
        self.assertEqual(self._count(3)["booked"], 0)
        self.visit.order_id.action_approve(jobs=line.job_id)
        self.assertEqual(self._get_there(), (2, 3))

    def test_count_told_after_the_yes(self):
        line = self._use()
        self.visit.order_id.action_approve(jobs=line.job_id)
        self.assertEqual(self._count(2)["booked"], 0)
        self.assertEqual(self._get_there(), (2, 3))

    def test_real_difference_is_found_all_the_same(self):
        line = self._use(2)
        self.assertEqual(self._count(0)["booked"], 1)
        self.assertEqual(self._get_there(), (2, 3))
        self.visit.order_id.action_approve(jobs=line.job_id)
        self.assertEqual(line.qty_used, 2)
        self.assertEqual(self._get_there(), (0, 3))

    def test_refused_part_is_in_the_van_again(self):
        line = self._use()
        self._count(2)
        self.visit.order_id.action_decline(jobs=line.job_id, reason="Too dear")
        self.assertEqual(self._count(3, "2026-03-02 12:00:00")["booked"], 0)
        self.assertEqual(self._get_there(), (3, 3))

    def test_part_of_who_handed_over_is_of_that_van(self):
        line = self._use()
        self._as_engineer(self.visit).action_hand_over(
            self.employee_ben.id, note="The rest is yours"
        )
        self.assertEqual(self._count(2)["booked"], 0)
        self.assertEqual(self._count(3, employee=self.employee_ben)["booked"], 0)
        self.visit.order_id.action_approve(jobs=line.job_id)
        self.assertEqual(line.qty_used, 1)
        self.assertEqual(self._get_there(), (2, 3))
