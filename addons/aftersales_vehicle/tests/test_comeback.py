from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestComeback(ReceptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {"aftersales_comeback_days": 30, "aftersales_comeback_distance": 1000}
        )
        cls.fault_rattle = cls.env["aftersales.fault"].create(
            {
                "code": "RATTLE",
                "name": "Rattles",
                "group_id": cls.fault_noise.group_id.id,
            }
        )
        cls.fault_other = cls.env["aftersales.fault"].create(
            {"code": "DOOR", "name": "Door sticks"}
        )

    def test_same_group_of_faults_is_offered_with_what_matches(self):
        first = self._visit(12, job={"fault_id": self.fault_noise.id})
        again = self._come_back(self.fault_rattle, meter=10300)
        job = again.job_ids
        self.assertEqual(job.comeback_offer_id, first.job_ids)
        for words in (first.name, "12 days", "300 km", self.employee.name):
            self.assertIn(words, job.comeback_offer)
        self.assertIn(first.name, again.comeback_notice)
        self.assertTrue(again.has_comeback_offer)
        self.assertEqual(job.payer_id, self.payer_customer, "offered, not decided")

    def test_another_group_is_no_comeback_but_the_visit_is_told(self):
        first = self._visit(12, job={"fault_id": self.fault_noise.id})
        again = self._come_back(self.fault_other)
        self.assertFalse(again.job_ids.comeback_offer_id)
        self.assertIn(first.name, again.repeat_notice)

    def test_last_day_and_last_kilometre_are_in_the_next_are_out(self):
        first = self._visit(30, job={"fault_id": self.fault_noise.id})
        again = self._come_back(self.fault_noise, meter=99000)
        self.assertEqual(again.job_ids.comeback_offer_id, first.job_ids, "day 30")
        first.date_out = first.date_out.replace(year=first.date_out.year - 1)
        self.env.invalidate_all()
        self.assertFalse(again.job_ids.comeback_offer_id, "late and far")
        again.meter_in = 11000
        self.assertEqual(again.job_ids.comeback_offer_id, first.job_ids, "1,000 km")
        again.meter_in = 11001
        self.assertFalse(again.job_ids.comeback_offer_id)

    def test_day_31_is_out(self):
        self._visit(31, job={"fault_id": self.fault_noise.id})
        again = self._come_back(self.fault_noise, meter=12000)
        self.assertFalse(again.job_ids.comeback_offer_id)

    def test_another_vehicle_is_no_comeback(self):
        self._visit(1, job={"fault_id": self.fault_noise.id})
        other = self._create_vehicle(plate="京B·99999")
        again = self._come_back(self.fault_noise, asset_id=other.id, meter=10)
        self.assertFalse(again.job_ids.comeback_offer_id)

    def test_without_a_group_the_same_fault_counts(self):
        first = self._visit(1, job={"fault_id": self.fault_other.id})
        again = self._come_back(self.fault_other)
        self.assertEqual(again.job_ids.comeback_offer_id, first.job_ids)

    def test_taken_as_rework_we_bear_it_and_it_costs_the_customer_nothing(self):
        first = self._visit(3, job={"fault_id": self.fault_noise.id})
        again = self._come_back(self.fault_noise)
        again.with_user(self.advisor).action_link_comebacks()
        job = again.job_ids
        self.assertEqual(job.comeback_job_id, first.job_ids)
        self.assertEqual(job.payer_id, self.rework)
        self.assertEqual(job.line_ids.payer_id, self.rework)
        self._approve(again)
        self.assertFalse(again.sale_order_ids)
        rework = self.env["aftersales.rework"].search(
            [("comeback_job_id", "=", job.id)]
        )
        self.assertEqual(rework.technician_id, self.employee)
        self.assertEqual(rework.job_id, first.job_ids)
        again.with_user(self.advisor).action_link_comebacks()
        self.assertEqual(
            self.env["aftersales.rework"].search_count(
                [("comeback_job_id", "=", job.id)]
            ),
            1,
        )

    def test_two_orders_are_linked_in_one_go(self):
        first = self._visit(3, job={"fault_id": self.fault_noise.id})
        orders = self._come_back(self.fault_noise) | self._come_back(self.fault_rattle)
        orders.action_link_comebacks()
        self.assertEqual(orders.job_ids.comeback_job_id, first.job_ids)

    def test_linked_by_itself_where_the_company_wants_it(self):
        first = self._visit(3, job={"fault_id": self.fault_noise.id})
        self.company.aftersales_comeback_policy = "link"
        again = self._come_back(self.fault_noise)
        self.assertEqual(again.job_ids.comeback_job_id, first.job_ids)
        self.assertEqual(again.job_ids.payer_id, self.rework)
        later = self._come_back(self.fault_other)
        self.assertFalse(later.job_ids.comeback_job_id)
        later.job_ids.fault_id = self.fault_rattle
        self.assertEqual(later.job_ids.comeback_job_id, first.job_ids)

    def test_unlinking_needs_a_reason_is_logged_and_not_offered_again(self):
        self._visit(3, job={"fault_id": self.fault_noise.id})
        again = self._come_back(self.fault_noise)
        again.action_link_comebacks()
        job = again.job_ids
        with self.assertRaisesRegex(UserError, "why this is no come-back"):
            job.action_unlink_comeback()
        job.with_user(self.advisor).action_unlink_comeback(reason="Another bearing")
        self.assertFalse(job.comeback_job_id)
        self.assertFalse(job.comeback_offer_id)
        self.assertEqual(job.payer_id, self.payer_customer)
        self.assertEqual(job.comeback_refusal, "Another bearing")
        self.assertIn("Another bearing", again.message_ids[0].body)
        self.assertFalse(
            self.env["aftersales.rework"].search([("comeback_job_id", "=", job.id)])
        )

    def test_unsolved_until_the_root_cause_is_known(self):
        self._visit(3, job={"fault_id": self.fault_noise.id})
        again = self._come_back(self.fault_noise)
        again.action_link_comebacks()
        self._approve(again)
        again.action_start()
        job = again.job_ids
        self.assertTrue(job.is_unsolved)
        self.assertIn(job, job.search([("is_unsolved", "=", True)]))
        self.assertIn("root cause", again.missing)
        job.root_cause = "Bolt not tightened"
        self.assertFalse(job.is_unsolved)
        self.assertNotIn(job, job.search([("is_unsolved", "=", True)]))
        self.assertNotIn("root cause", again.missing or "")

    def test_figures_of_the_first_technician_are_restated(self):
        first = self._visit(3, job={"fault_id": self.fault_noise.id}).job_ids
        self.assertEqual(first._get_billed_hours(), 2.0)
        again = self._come_back(self.fault_noise)
        again.action_link_comebacks()
        self.assertEqual(first._get_billed_hours(), 1.0)
        self.assertEqual(again.job_ids._get_billed_hours(), 0.0)
        again.job_ids.action_unlink_comeback(reason="Another bearing")
        self.assertEqual(first._get_billed_hours(), 2.0)

    def test_a_comeback_is_one_more_repair_of_the_fault(self):
        self._register(asset=self.vehicle, price=150000)
        first = self._visit(3, job={"fault_id": self.fault_noise.id})
        self.assertTrue(first.repair_event_ids.filtered("is_counted"))
        again = self._come_back(self.fault_noise)
        again.action_link_comebacks()
        self._approve(again)
        again.action_start()
        again.action_complete()
        self.assertTrue(again.repair_event_ids.filtered("is_counted"))

    def test_a_job_of_another_vehicle_is_refused_by_name(self):
        first = self._visit(3, job={"fault_id": self.fault_noise.id})
        other = self._create_vehicle(plate="京B·99999")
        again = self._come_back(self.fault_noise, asset_id=other.id)
        with self.assertRaisesRegex(UserError, "can't be a come-back of"):
            again.job_ids.action_link_comeback(first=first.job_ids.id)

    def test_a_technician_does_not_decide(self):
        self._visit(3, job={"fault_id": self.fault_noise.id})
        again = self._come_back(self.fault_noise)
        again.job_ids.technician_id = self.employee
        with self.assertRaises(AccessError):
            again.job_ids.with_user(self.technician).action_link_comeback()

    def test_a_declined_comeback_costs_nobody_his_figures(self):
        first = self._visit(3, job={"fault_id": self.fault_noise.id}).job_ids
        again = self._come_back(self.fault_noise)
        again.action_link_comebacks()
        self.assertEqual(first._get_billed_hours(), 1.0)
        again.action_decline(jobs=again.job_ids, reason="Sells the car")
        self.assertEqual(first._get_billed_hours(), 2.0)
        self.assertFalse(
            self.env["aftersales.rework"].search([("job_id", "=", first.id)])
        )

    def test_only_visits_of_the_window_are_looked_at(self):
        """However long the histories, and however many orders are asked at once."""
        job = {"fault_id": self.fault_noise.id}
        far = self._visit(400, meter=100, job=job)
        near = self._visit(3, meter=9000, job=job)
        other = self._create_vehicle(plate="京B·99999", serial=self.VIN_EUROPE)
        orders = self._come_back(self.fault_noise) | self._come_back(
            self.fault_noise, asset_id=other.id, meter=1100
        )
        Job = self.env.registry["aftersales.job"]
        seen = []

        def match(self, first):
            seen.append(first)
            return genuine(self, first)

        genuine = Job._match_comeback
        self.env.invalidate_all()
        with patch.object(Job, "_match_comeback", match):
            self.assertEqual(orders[0].job_ids.comeback_offer_id, near.job_ids)
            self.assertFalse(orders[1].job_ids.comeback_offer_id)
        self.assertEqual(seen, [near.job_ids])
        self.assertNotIn(far.name, orders[0].repeat_notice)

    def test_windows_of_many_orders_are_one_query(self):
        cars = self.vehicle | self._create_vehicle(
            plate="京B·99999", serial=self.VIN_EUROPE
        )
        orders = self.env["aftersales.order"]
        for car in cars:
            orders |= self._come_back(self.fault_noise, asset_id=car.id)
        spent = []
        for batch in (orders[0], orders):
            self.env.invalidate_all()
            batch.mapped("repeat_notice")
            batch.job_ids.mapped("comeback_offer")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch.mapped("repeat_notice")
            batch.job_ids.mapped("comeback_offer")
            spent.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*spent)

    def test_earlier_visits_are_told_of_orders_read_together(self):
        first = self._visit(3)
        again = self._come_back(self.fault_other)
        self.env.invalidate_all()
        notices = (first | again).mapped("repeat_notice")
        self.assertIn(first.name, notices[1])
        self.assertFalse(notices[0])

    def test_what_matches_nothing_is_not_linked_silently(self):
        first = self._visit(3, job={"fault_id": self.fault_noise.id}).job_ids
        job = self._come_back(self.fault_noise).job_ids
        other = self._come_back(self.fault_other).job_ids
        other.name = "Stuck window"
        with self.assertRaisesRegex(UserError, "Stuck window: no earlier job matches"):
            (job | other).with_user(self.advisor).action_link_comeback()
        for _replay in range(2):
            job.with_user(self.advisor).action_link_comeback()
        self.assertEqual(job.comeback_job_id, first)
