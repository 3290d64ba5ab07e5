from odoo import Command, fields
from odoo.tests import tagged

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestRights(WarrantyCommon):
    def test_fifth_repair_is_announced_at_reception(self):
        self._register(price=150000)
        self._repair(self.fault_noise, times=4)
        order = self._create_order(meter_in=12000)
        self.assertEqual(order.right_level, "next")
        self.assertIn("Engine knocks", order.rights_notice)
        self.assertIn("number 5", order.rights_notice)
        self.assertIn("9,000.00", order.rights_notice)
        self.assertIn("141,000.00", order.rights_notice)

    def test_fifth_repair_of_the_same_fault_gives_the_right(self):
        self._register(price=150000)
        self._repair(self.fault_noise, times=4)
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id},
            meter_in=12000,
        )
        self.assertEqual(order.right_level, "reached")
        right = order.rights[0]
        self.assertEqual(right["code"], "T-4X")
        # 150,000 × 12,000 km ÷ 1,000 × 0.5 %
        self.assertEqual(right["refund"]["deduction"], 9000)
        self.assertEqual(right["refund"]["refund"], 141000)

    def test_another_fault_counts_apart(self):
        self._register()
        self._repair(self.fault_noise, times=3)
        self._repair(self.fault_brake, times=2)
        order = self._create_order()
        self.assertFalse(order.right_level)

    def test_uncounted_and_late_repairs_give_no_right(self):
        self._register()
        self._repair(self.fault_noise, times=3)
        self._repair(self.fault_noise, is_counted=False)
        self._repair(
            self.fault_noise, date=fields.Date.add(fields.Date.today(), days=3)
        )
        self.assertFalse(self._create_order().right_level)

    def test_past_the_three_guarantees_there_is_no_right(self):
        self._register(
            date_start=fields.Date.subtract(fields.Date.today(), years=2, days=1)
        )
        self._repair(self.fault_noise, times=4)
        self.assertFalse(self._create_order().right_level)

    def test_excluded_cause_gives_no_right(self):
        self._register()
        self._repair(self.fault_noise, times=4)
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id}
        )
        order.job_ids.exclusion_ids = [
            Command.create(
                {"exclusion_id": self.exclusion_misuse.id, "evidence_note": "Photo"}
            )
        ]
        self.assertFalse(order.right_level)

    def test_completed_work_is_counted_once(self):
        self._register()
        self._stock(self.part_fifo, 5)
        orders = self._create_order(
            {"lines": [(self.part_fifo, 1)], "fault_id": self.fault_noise.id}
        ) | self._create_order(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id}
        )
        self._stock(self.part_avco, 5)
        self._approve(orders)
        self._finish_order(orders, invoice=False)
        events = self.asset.repair_event_ids
        self.assertEqual(events.mapped("kind").count("repair"), 2)
        swap = events.filtered(lambda event: event.kind == "exchange")
        self.assertEqual(swap.group_id, self.group_piston, "only a main part counts")
        again = self._create_order(
            {"lines": [(self.labour, 1)], "fault_id": self.fault_noise.id}
        )
        self._approve(again)
        again.action_start()
        again.action_complete()
        again.action_rework(reason="Noise is back")
        again.action_complete()
        self.assertEqual(len(self.asset.repair_event_ids), 4)

    def test_cancelled_work_is_not_counted(self):
        self._register()
        order = self._create_order(
            {"lines": [(self.labour, 1)], "fault_id": self.fault_noise.id}
        )
        self._approve(order)
        order.action_start()
        order.action_complete()
        self.assertTrue(self.asset.repair_event_ids)
        order.action_cancel(reason="Wrong car")
        self.assertFalse(self.asset.repair_event_ids)

    def test_work_that_the_customer_paid_does_not_count(self):
        order = self._create_order(
            {"lines": [(self.labour, 1)], "fault_id": self.fault_noise.id}
        )
        self._approve(order)
        order.action_start()
        order.action_complete()
        self.assertFalse(self.asset.repair_event_ids.is_counted)
