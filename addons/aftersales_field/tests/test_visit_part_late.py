from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .van_common import VanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestVisitPartLate(VanCommon):
    def _create_stuck(self):
        """Return a visit with a part that was agreed to and is not in the van."""
        self._stock(self.part_fifo, 5)
        self._fill(self.van_anna, self.part_fifo, 1)
        visit = self._arrive(self._create_visit(1, "2026-03-02 09:00"))
        line = self._as_engineer(visit).action_use_part(self.part_fifo.id, 1).sudo()
        self._empty(self.van_anna, self.part_fifo)
        self._empty(self.store, self.part_fifo)
        visit.order_id.action_approve(jobs=line.job_id)
        self.assertIn("would be used", visit.part_ids.problem)
        return visit, line

    def _empty(self, place, product):
        quants = self.env["stock.quant"].search(
            [("location_id", "child_of", place.id), ("product_id", "=", product.id)]
        )
        quants.inventory_quantity = 0
        quants.action_apply_inventory()

    def _put(self, place, product, quantity):
        self.env["stock.quant"]._update_available_quantity(product, place, quantity)

    def test_stuck_part_is_booked_when_it_is_there(self):
        visit, line = self._create_stuck()
        self._put(self.van_anna, self.part_fifo, 1)
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=1.0
        ):
            self.env["aftersales.visit"]._cron_plan_waiting()
        self.assertEqual((visit.part_ids.state, line.qty_used), ("done", 1))
        self.assertEqual(self._get_quantity(self.part_fifo, self.van_anna), 0)
        self.assertFalse(visit.part_ids.problem)

    def test_stuck_part_goes_before_the_next(self):
        visit, line = self._create_stuck()
        self._put(self.van_anna, self.part_fifo, 2)
        self._as_engineer(visit).action_use_part(self.part_fifo.id, 1)
        self.assertEqual(line.qty_used, 1)
        self.assertEqual(sorted(visit.part_ids.mapped("state")), ["done", "waiting"])

    def test_stuck_part_blocks_no_other_visit(self):
        self._create_stuck()
        self._put(self.van_anna, self.part_fifo, 1)
        other = self._arrive(self._create_visit(1, "2026-03-02 13:00"))
        self._as_engineer(other).action_use_part(self.part_fifo.id, 1)
        self.assertEqual(other.part_ids.state, "waiting")

    def test_stuck_part_is_a_gap_until_it_is_settled(self):
        visit, line = self._create_stuck()
        engineer = self._as_engineer(visit)
        visit.job_ids.write({"cause": "Worn", "correction": "Replaced"})
        engineer.record_opinion(5)
        end = {"no_signature_reason": "Away", "unused_reason": "None"}
        with self.assertRaisesRegex(UserError, "would be used"):
            engineer.action_finish("fixed", **end)
        engineer.action_unuse_part(line.id, 1)
        self.assertEqual(
            visit.part_ids.filtered(lambda p: p.kind == "used").state, "cancel"
        )
        engineer.action_finish("fixed", **end)
        self.assertEqual((visit.order_id.state, line.qty_used), ("quality", 0))

    def test_stuck_part_is_booked_at_the_end(self):
        visit, line = self._create_stuck()
        engineer = self._as_engineer(visit)
        visit.job_ids.write({"cause": "Worn", "correction": "Replaced"})
        engineer.record_opinion(5)
        self._put(self.van_anna, self.part_fifo, 1)
        engineer.action_finish("fixed", no_signature_reason="Away")
        self.assertEqual((visit.order_id.state, line.qty_used), ("quality", 1))

    # For the day's plan

    def test_parts_promised_are_not_offered(self):
        Dispatch = self.env["aftersales.dispatch"]
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 3)
        parts = Dispatch._get_van_parts(self.employee_anna)[self.employee_anna.id]
        self.assertEqual(parts[self.part_avco.id], 3)
        visit = self._create_part_visit(self.part_avco, 2)
        parts = Dispatch._get_van_parts(self.employee_anna)[self.employee_anna.id]
        self.assertEqual(parts[self.part_avco.id], 1)
        key = (visit.id, self.employee_anna.id, self.part_avco.id)
        self.assertEqual(Dispatch._get_loaded_parts(visit), {key: 2})

    # Told by a second phone after the first one ended the visit

    def test_part_of_before_the_end_is_taken(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 2)
        visit = self._create_part_visit(self.part_avco, 1)
        visit.action_plan(helpers=self.employee_ben)
        with freeze_time("2026-03-02 08:00:00"):
            self._arrive(visit)
        ben = visit.with_user(self.ben_user)
        with freeze_time("2026-03-02 09:00:00"):
            self._as_engineer(visit).action_finish("follow_up", note="More")
        with freeze_time("2026-03-02 10:00:00"):
            with self.assertRaisesRegex(UserError, "is over"):
                ben.action_use_part(self.part_avco.id)
            line = ben.action_use_part(
                self.part_avco.id, moment="2026-03-02 08:30:00"
            ).sudo()
            self.assertEqual(line.qty_used, 1)
            self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 1)

    def test_part_for_work_that_is_completed_is_refused(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 2)
        visit = self._create_part_visit(self.part_avco, 1)
        with freeze_time("2026-03-02 08:00:00"):
            self._arrive(visit)
            visit.job_ids.write({"cause": "Worn", "correction": "Replaced"})
            engineer = self._as_engineer(visit)
            engineer.record_opinion(5)
            engineer.action_finish(
                "fixed", no_signature_reason="Away", unused_reason="None"
            )
            with self.assertRaisesRegex(UserError, "is over. Have the advisor"):
                engineer.action_use_part(
                    self.part_avco.id, moment="2026-03-02 07:30:00"
                )
