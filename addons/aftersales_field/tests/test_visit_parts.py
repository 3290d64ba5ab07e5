from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .van_common import VanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestVisitParts(VanCommon):
    # Where the parts come from

    def test_parts_are_loaded_into_the_van(self):
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        load = self._get_loads(visit)
        self.assertEqual(load.location_id, self.store)
        self.assertEqual(load.location_dest_id, self.van_anna)
        self.assertEqual(load.aftersales_visit_id, visit)
        self.assertEqual(load.state, "assigned")
        self.assertEqual(load.move_ids.date, visit.start)
        issue = self._get_line(visit, self.part_avco)._get_issue_moves()
        self.assertEqual(issue.location_id, self.van_anna)
        self.assertEqual(issue.state, "waiting")
        self.assertEqual(len(visit.order_id.picking_ids), 2)
        self._load(visit)
        self.assertEqual(issue.state, "assigned")
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 2)

    def test_parts_in_the_van_are_not_loaded(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 2)
        visit = self._create_part_visit(self.part_avco, 2)
        self.assertFalse(self._get_loads(visit))
        issue = self._get_line(visit, self.part_avco)._get_issue_moves()
        self.assertEqual((issue.state, issue.location_id), ("assigned", self.van_anna))

    def test_what_the_van_lacks_is_loaded(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 1)
        visit = self._create_part_visit(self.part_avco, 3)
        self.assertEqual(self._get_loads(visit).move_ids.product_uom_qty, 2)
        moves = self._get_line(visit, self.part_avco)._get_issue_moves()
        self.assertEqual(sorted(moves.mapped("product_uom_qty")), [1, 2])
        self.assertEqual(moves.location_id, self.van_anna)

    def test_two_steps_of_the_workshop_make_way_for_the_van(self):
        self.warehouse.aftersales_steps = "two_steps"
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self._load(visit)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 2)
        workshop = self.warehouse.aftersales_workshop_loc_id
        self.assertEqual(self._get_quantity(self.part_avco, workshop), 0)

    def test_two_visits_share_no_box(self):
        self._stock(self.part_avco, 5)
        one = self._create_part_visit(self.part_avco, 1)
        two = self._create_part_visit(self.part_avco, 1, start="2026-03-02 14:00")
        loads = self._get_loads(one) | self._get_loads(two)
        self.assertEqual(len(loads), 2)
        self.assertEqual(loads.aftersales_visit_id, one | two)

    def test_engineer_without_van_takes_from_the_store(self):
        self.employee_anna.aftersales_van_id = False
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self.assertFalse(self._get_loads(visit))
        self._arrive(visit)
        line = self._as_engineer(visit).action_use_part(self.part_avco.id, 2)
        self.assertEqual(line.sudo().qty_used, 2)
        self.employee_ben.aftersales_van_id = False
        self.assertEqual(self._get_quantity(self.part_avco, self.store), 3)

    def test_van_given_later_is_loaded(self):
        self.employee_anna.aftersales_van_id = False
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self.employee_anna.aftersales_van_id = self.van_anna
        self.assertEqual(self._get_loads(visit).location_dest_id, self.van_anna)

    def test_another_engineer_before_loading(self):
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        visit.action_plan(technician=self.employee_ben)
        self.assertEqual(self._get_loads(visit).location_dest_id, self.van_ben)
        self.assertEqual(self._get_reserved(self.part_avco, self.store), 2)
        self._load(visit)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_ben), 2)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 0)

    def test_another_engineer_after_loading(self):
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self._load(visit)
        visit.action_plan(technician=self.employee_ben)
        back = visit.order_id.picking_ids.filtered("return_id")
        self.assertEqual(back.location_id, self.van_anna)
        self.assertEqual(back.location_dest_id, self.store)
        self.assertEqual(back.state, "assigned")
        load = self._get_loads(visit)
        self.assertEqual((load.location_dest_id, load.state), (self.van_ben, "waiting"))
        self._validate(back)
        self.assertEqual(load.state, "assigned")
        self._load(visit)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_ben), 2)
        visit.order_id.action_cancel(reason="Sold")
        self._assert_all_back(self.part_avco, 5)

    def test_back_to_the_first_engineer_before_it_came_back(self):
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self._load(visit)
        visit.action_plan(technician=self.employee_ben)
        visit.action_plan(technician=self.employee_anna)
        issue = (
            self._get_line(visit, self.part_avco)
            ._get_issue_moves()
            .filtered(lambda move: move.state != "cancel")
        )
        self.assertEqual((issue.location_id, issue.state), (self.van_anna, "assigned"))
        self.assertFalse(
            visit.order_id.picking_ids.filtered(
                lambda picking: picking.return_id and picking.state != "cancel"
            )
        )
        visit.order_id.action_cancel(reason="Sold")
        self._assert_all_back(self.part_avco, 5)

    def test_unplanned_visit_frees_what_is_not_loaded(self):
        self._stock(self.part_avco, 5)
        self._stock(self.part_fifo, 5)
        self._fill(self.van_anna, self.part_fifo, 1)
        order = self._create_order([(self.part_avco, 1), (self.part_fifo, 1)])
        order.action_approve()
        visit = order.action_create_visit()
        visit.action_plan(
            start=self._local("2026-03-02 09:00"), technician=self.employee_anna
        )
        visit.action_unplan(reason="Storm")
        self.assertFalse(self._get_loads(visit))
        self.assertEqual(self._get_reserved(self.part_fifo, self.van_anna), 0)
        self.assertEqual(self._get_reserved(self.part_avco, self.store), 1)

    def test_cancelled_visit_brings_its_parts_back(self):
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self._load(visit)
        visit.action_cancel(reason="Not at home")
        back = visit.order_id.picking_ids.filtered("return_id")
        self.assertEqual(back.state, "assigned")
        self._validate(back)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 0)
        other = visit.order_id.action_create_visit()
        other.action_plan(
            start=self._local("2026-03-03 09:00"), technician=self.employee_ben
        )
        self.assertEqual(self._get_loads(other).location_dest_id, self.van_ben)
        visit.order_id.action_cancel(reason="Sold")
        self._assert_all_back(self.part_avco, 5)

    def test_cancelled_order_leaves_nothing(self):
        for loaded in (False, True):
            self._stock(self.part_avco, 5)
            visit = self._create_part_visit(self.part_avco, 2)
            if loaded:
                self._load(visit)
            visit.order_id.action_cancel(reason="Sold")
            self._assert_all_back(self.part_avco, 10 if loaded else 5)

    # Used on site

    def test_use_what_was_planned(self):
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self._load(visit)
        with self.assertRaisesRegex(UserError, "Arrive"):
            self._as_engineer(visit).action_use_part(self.part_avco.id)
        self._arrive(visit)
        engineer = self._as_engineer(visit)
        line = engineer.action_use_part(self.part_avco.id, 1, operation="u1")
        again = engineer.action_use_part(self.part_avco.id, 1, operation="u1")
        self.assertEqual(line, again)
        line = line.sudo()
        self.assertEqual(line.qty_used, 1, "the same operation has effect once")
        engineer.action_use_part(self.part_avco.id, 1, operation="u2")
        self.assertEqual(line.qty_used, 2)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 0)
        self.assertEqual(visit.part_ids.mapped("state"), ["done", "done"])
        self.assertEqual(visit.part_ids.employee_id, self.employee_anna)

    def test_store_is_behind_with_its_transfer(self):
        """He has it along and uses it, and nobody validated the loading."""
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self._arrive(visit)
        line = self._as_engineer(visit).action_use_part(self.part_avco.id, 1).sudo()
        self.assertEqual(line.qty_used, 1)
        self.assertEqual(self._get_quantity(self.part_avco, self.store), 4)
        self.assertEqual(self._get_loads(visit).move_ids.product_uom_qty, 1)

    def test_handed_over_on_the_road(self):
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self._load(visit)
        self._arrive(visit)
        visit.action_hand_over(technician=self.employee_ben, note="Sick")
        if visit.state == "planned":
            self._arrive(visit)
        line = self._as_engineer(visit).action_use_part(self.part_avco.id, 2).sudo()
        self.assertEqual(line.qty_used, 2)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 0)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_ben), 0)
        self.assertEqual(self._get_quantity(self.part_avco, self.store), 3)

    def test_more_than_the_van_has_is_refused_with_figures(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 1)
        visit = self._arrive(self._create_part_visit(self.part_avco, 1))
        with self.assertRaisesRegex(UserError, "has 1 Units.*and 2 would be used"):
            self._as_engineer(visit).action_use_part(self.part_avco.id, 2)
        for quantity in (0, -1, "many", float("nan")):
            with self.assertRaisesRegex(UserError, "say how many"):
                self._as_engineer(visit).action_use_part(self.part_avco.id, quantity)

    def test_part_promised_to_the_next_visit(self):
        """It is used now; the other visit is loaded anew."""
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 1)
        later = self._create_part_visit(self.part_avco, 1, start="2026-03-02 14:00")
        self.assertFalse(self._get_loads(later))
        visit = self._create_part_visit(self.part_avco, 1)
        self.assertTrue(self._get_loads(visit))
        self._get_loads(visit).do_unreserve()
        self._arrive(visit)
        line = self._as_engineer(visit).action_use_part(self.part_avco.id, 1).sudo()
        self.assertEqual(line.qty_used, 1)
        self.assertEqual(
            self._get_quantity(self.part_avco, self.van_anna)
            + sum(self._get_loads(later).move_ids.mapped("product_uom_qty")),
            1,
        )

    # What the customer did not agree to yet

    def test_unplanned_part_waits_for_consent(self):
        self._stock(self.part_avco, 5)
        self._stock(self.part_fifo, 5)
        self._fill(self.van_anna, self.part_fifo, 2)
        visit = self._arrive(self._create_part_visit(self.part_avco, 1))
        line = self._as_engineer(visit).action_use_part(self.part_fifo.id, 2).sudo()
        self.assertEqual(line.job_id.state, "proposed")
        self.assertIn(line.job_id, visit.job_ids)
        self.assertEqual(line.qty_used, 0, "no unapproved part is issued")
        self.assertEqual(self._get_quantity(self.part_fifo, self.van_anna), 2)
        self.assertTrue(line.sale_line_ids, "it is priced")
        with self.assertRaisesRegex(UserError, "would be used"):
            self._as_engineer(visit).action_use_part(self.part_fifo.id, 1)
        visit.order_id.action_approve(jobs=line.job_id, method="desk")
        self.assertEqual(line.qty_used, 2)
        self.assertEqual(self._get_quantity(self.part_fifo, self.van_anna), 0)
        self.assertEqual(visit.part_ids.mapped("state"), ["done"])

    def test_more_of_a_planned_part_waits_for_consent(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 3)
        visit = self._arrive(self._create_part_visit(self.part_avco, 1))
        planned = self._get_line(visit, self.part_avco)
        extra = self._as_engineer(visit).action_use_part(
            self.part_avco.id, 3, operation="u1"
        )
        extra = extra.sudo()
        self.assertNotEqual(extra, planned)
        self.assertEqual((planned.qty_used, extra.product_uom_qty), (1, 2))
        visit.order_id.action_approve(jobs=extra.job_id)
        self.assertEqual(extra.qty_used, 2)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 0)

    def test_declined_part_stays_in_the_van(self):
        self._stock(self.part_fifo, 5)
        self._fill(self.van_anna, self.part_fifo, 2)
        visit = self._arrive(self._create_visit(1, "2026-03-02 09:00"))
        line = self._as_engineer(visit).action_use_part(self.part_fifo.id, 1).sudo()
        visit.order_id.action_decline(jobs=line.job_id, reason="Too dear")
        self.assertEqual(visit.part_ids.state, "cancel")
        self.assertEqual(self._get_quantity(self.part_fifo, self.van_anna), 2)

    def test_consent_holds_if_the_part_is_gone(self):
        self._stock(self.part_fifo, 5)
        self._fill(self.van_anna, self.part_fifo, 1)
        visit = self._arrive(self._create_visit(1, "2026-03-02 09:00"))
        line = self._as_engineer(visit).action_use_part(self.part_fifo.id, 1).sudo()
        quant = self.env["stock.quant"].search(
            [
                ("location_id", "child_of", self.warehouse.view_location_id.id),
                ("product_id", "=", self.part_fifo.id),
            ]
        )
        for each in quant:
            each.inventory_quantity = 0
        quant.action_apply_inventory()
        visit.order_id.action_approve(jobs=line.job_id)
        self.assertIn(line.job_id.state, ("approved", "progress"))
        self.assertIn("would be used", visit.part_ids.problem)
        self.assertTrue(visit.activity_ids)

    # Numbers

    def test_serial_is_used_by_its_number(self):
        self._stock_serial(["SN1", "SN2"])
        visit = self._create_part_visit(self.part_serial, 1)
        self._load(visit)
        self._arrive(visit)
        engineer = self._as_engineer(visit)
        with self.assertRaisesRegex(UserError, "used by its number"):
            engineer.action_use_part(self.part_serial.id)
        with self.assertRaisesRegex(UserError, "SN9 is not known"):
            engineer.action_use_part(self.part_serial.id, lot="SN9")
        loaded = (
            self.env["stock.quant"]
            .search([("location_id", "=", self.van_anna.id)])
            .lot_id
        )
        line = engineer.action_use_part(self.part_serial.id, lot=loaded.name).sudo()
        self.assertEqual(line._get_issue_moves().move_line_ids.lot_id, loaded)
        self.assertEqual(visit.part_ids.lot_id, loaded)

    def test_another_serial_than_the_reserved_one(self):
        one, two = self._stock_serial(["SN1", "SN2"])
        self._fill(self.van_anna, self.part_serial, 1, one)
        self._fill(self.van_anna, self.part_serial, 1, two)
        visit = self._arrive(self._create_part_visit(self.part_serial, 1))
        issue = self._get_line(visit, self.part_serial)._get_issue_moves()
        other = (one | two) - issue.move_line_ids.lot_id
        self._as_engineer(visit).action_use_part(self.part_serial.id, lot=other.name)
        self.assertEqual(issue.move_line_ids.lot_id, other)
        self.assertEqual(issue.state, "done")

    def test_serial_used_elsewhere_meanwhile(self):
        (lot,) = self._stock_serial(["SN1"])
        self._fill(self.van_anna, self.part_serial, 1, lot)
        one = self._create_part_visit(self.part_serial, 1)
        two = self._create_part_visit(self.part_serial, 1, technician=self.employee_ben)
        self._arrive(one)
        self._arrive(two)
        self._as_engineer(one).action_use_part(self.part_serial.id, lot="SN1")
        with self.assertRaisesRegex(
            UserError, f"SN1 is not in.*used on {one.order_id.name} for Wang Fang"
        ):
            self._as_engineer(two).action_use_part(self.part_serial.id, lot="SN1")

    # Taken back

    def test_take_back_what_was_used(self):
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self._load(visit)
        self._arrive(visit)
        engineer = self._as_engineer(visit)
        line = engineer.action_use_part(self.part_avco.id, 1)
        engineer.action_unuse_part(line.id, 1, operation="b1")
        engineer.action_unuse_part(line.id, 1, operation="b1")
        line = line.sudo()
        self.assertEqual(line.qty_used, 0)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 2)
        engineer.action_use_part(self.part_avco.id, 2)
        self.assertEqual(line.qty_used, 2)
        engineer.action_unuse_part(line.id, 2)
        with self.assertRaisesRegex(UserError, "0 Units of .* were used and 0"):
            engineer.action_unuse_part(line.id, 1)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 2)
        self.assertEqual(self._get_quantity(self.part_avco, self.store), 3)
        self.assertEqual(self._get_reserved(self.part_avco, self.van_anna), 0)

    def test_take_back_what_was_planned(self):
        self._stock(self.part_avco, 5)
        visit = self._create_part_visit(self.part_avco, 2)
        self._load(visit)
        self._arrive(visit)
        line = self._get_line(visit, self.part_avco)
        self._as_engineer(visit).action_unuse_part(line.id, 2)
        back = visit.order_id.picking_ids.filtered("return_id")
        self.assertEqual((back.location_id, back.state), (self.van_anna, "assigned"))
        self.assertEqual(self._get_reserved(self.part_avco, self.store), 0)

    def test_take_back_what_waits_for_consent(self):
        self._stock(self.part_fifo, 5)
        self._fill(self.van_anna, self.part_fifo, 2)
        visit = self._arrive(self._create_visit(1, "2026-03-02 09:00"))
        engineer = self._as_engineer(visit)
        line = engineer.action_use_part(self.part_fifo.id, 2)
        engineer.action_unuse_part(line.id, 1)
        line = line.sudo()
        self.assertEqual(line.product_uom_qty, 1)
        visit.order_id.action_approve(jobs=line.job_id)
        self.assertEqual(line.qty_used, 1)

    # Who

    def test_other_engineers_are_refused(self):
        self._stock(self.part_avco, 5)
        visit = self._arrive(self._create_part_visit(self.part_avco, 1))
        for user in (self.ben_user, self.portal_engineer_user):
            with self.assertRaises(AccessError):
                visit.with_user(user).action_use_part(self.part_avco.id)
            with self.assertRaises(AccessError):
                visit.with_user(user).action_unuse_part(visit.job_ids.line_ids[0].id)

    def test_portal_engineer_uses_his_bag(self):
        self._stock(self.part_avco, 5)
        self._fill(self.bag_carl, self.part_avco, 1)
        visit = self._create_part_visit(
            self.part_avco, 1, technician=self.employee_carl
        )
        self._arrive(visit)
        self._as_engineer(visit).action_use_part(self.part_avco.id)
        self.assertEqual(self._get_quantity(self.part_avco, self.bag_carl), 0)
        foreign = self._create_part_visit(self.part_avco, 1)
        line = self._get_line(foreign, self.part_avco)
        with self.assertRaisesRegex(UserError, "not on work order"):
            self._as_engineer(visit).action_unuse_part(line.id)
        with self.assertRaisesRegex(UserError, "job is not on work order"):
            self._as_engineer(visit).action_use_part(
                self.part_avco.id, job=foreign.job_ids[:1].id
            )

    def test_taken_back_by_a_colleague_it_is_in_his_van(self):
        self._stock(self.part_avco, 5)
        self._fill(self.van_anna, self.part_avco, 1)
        visit = self._arrive(self._create_part_visit(self.part_avco, 1))
        engineer = self._as_engineer(visit)
        line = engineer.action_use_part(self.part_avco.id, 1)
        engineer.action_finish("follow_up", note="More")
        after = visit.next_ids
        after.action_plan(
            start=self._local("2026-03-02 13:00"), technician=self.employee_ben
        )
        self._arrive(after)
        self._as_engineer(after).action_unuse_part(line.id, 1)
        self.assertEqual(line.sudo().qty_used, 0)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 0)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_ben), 1)
