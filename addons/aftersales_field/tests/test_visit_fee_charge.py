from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .test_visit_fee import REASON, SUNDAY, FeeCommon

STARTS = [f"2026-03-{day:02d} {hour:02d}:00" for day in (7, 8) for hour in (9, 12, 15)]


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestVisitFeeCharge(FeeCommon):
    """Findings: no fee twice, none asked for twice, and none that was waived."""

    def test_earlier_visit_takes_no_fee_over(self):
        one = self._plan(self._create_visit(1), "2026-03-05 10:00")
        order = one.order_id
        order.action_approve()
        agreed = one.fee_job_ids
        two = self.env["aftersales.visit"].create({"order_id": order.id})
        self._plan(two, "2026-03-04 10:00")
        self.assertEqual(one.fee_job_ids, agreed)
        self.assertEqual(agreed.state, "approved", "nobody is asked again")
        self.assertEqual(self._get_names(two), [])

    def test_visit_that_is_deleted_has_charged_for_the_order(self):
        visit = self._create_visit(1, "2026-03-03 09:00")
        order = visit.order_id
        order.action_approve()
        visit.with_user(self.anna_user).action_travel()
        visit.action_cancel("Nobody")
        visit.with_user(self.manager).unlink()
        fee = order.job_ids.filtered("fee_id")
        self.assertEqual(fee.state, "approved")
        two = self.env["aftersales.visit"].create({"order_id": order.id})
        self.assertFalse(two.job_ids & fee, "it is nobody's work")
        self._plan(two, "2026-03-04 10:00")
        self.assertEqual(order.job_ids.filtered("fee_id"), fee)

    def test_copied_order_is_charged_by_its_own_visit(self):
        visit = self._plan(self._create_visit(1), SUNDAY)
        visit.order_id.action_approve()
        self._plan(visit, "2026-03-09 10:00")
        copies = (visit.order_id | self._create_work(1)).copy()
        self.assertEqual([len(copy.job_ids) for copy in copies], [1, 1])
        copy = copies[0]
        copy.action_estimate()
        copy.action_approve()
        own = self._plan(copy.action_create_visit(), "2026-03-15 10:00")
        self.assertEqual(self._get_names(own), ["always", "holiday"])
        self.assertEqual(copy.amount_total, 165.0)

    def test_archived_fee_is_not_charged_whoever_asks_first(self):
        self.fees["always"].active = False
        one, two = self._create_visit(1), self._create_visit(1)
        one.with_context(active_test=False).action_plan(
            start=self._local("2026-03-03 09:00"), technician=self.employee_anna
        )
        self._plan(two, "2026-03-03 13:00")
        self.assertEqual(self._get_names(one | two), [])

    def test_fees_are_told_to_nobody_who_may_not_see_the_visit(self):
        visit = self._plan(self._create_visit(1), SUNDAY)
        for group in ("base.group_user", "base.group_portal"):
            stranger = new_test_user(self.env, f"fee_{group[5:]}", groups=group)
            with self.assertRaises(AccessError):
                call_kw(visit.with_user(stranger), "get_fee_words", visit.ids, {})
        own = call_kw(visit.with_user(self.dispatcher), "get_fee_words", visit.ids, {})
        self.assertEqual(len(own), 2)

    def test_other_team_charges_its_own(self):
        other = self.env["aftersales.team"].create(
            {"name": "Elevators", "company_id": self.company.id}
        )
        own = self._create_fee("always", 99.0, team_id=other.id)
        visit = self._create_visit(1, "2026-03-03 09:00")
        visit.order_id.team_id = other
        self.assertEqual(visit.fee_job_ids.fee_id, own)

    def test_waived_by_hand_stays_waived(self):
        visit = self._plan(self._create_visit(1), SUNDAY)
        order = visit.order_id
        fee = visit.fee_job_ids.filtered(lambda job: "holiday" in job.name)
        with self.assertRaisesRegex(UserError, "Decline"):
            fee.with_user(self.advisor).unlink()
        order.with_user(self.advisor).action_decline(jobs=fee, reason="Goodwill")
        self._plan(visit, "2026-03-08 12:00")
        self.assertEqual(fee.state, "declined")
        self.assertEqual(len(visit.fee_job_ids), 2)
        self.assertEqual(order.amount_total, 105.0)

    def test_fees_of_a_day_are_put_on_the_orders_together(self):
        def count(visits):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["aftersales.visit"]._plan_all(
                [
                    (visit, self._local(start), self.employee_anna, nobody)
                    for visit, start in zip(visits, STARTS, strict=False)
                ],
                REASON,
            )
            self.env.flush_all()
            return self.cr.sql_log_count - before

        nobody = self.env["hr.employee"]
        visits = self.env["aftersales.visit"].union(
            *(self._create_visit(1) for _number in STARTS)
        )
        count(visits)
        visits.action_unplan()
        one = count(visits[:1])
        visits.action_unplan()
        several = count(visits)
        self.assertEqual(len(visits.fee_job_ids), 2 * len(visits))
        each = (several - one) / (len(visits) - 1)
        visits.action_unplan()
        self.env["aftersales.visit.fee"].search([]).active = False
        one = count(visits[:1])
        visits.action_unplan()
        without = (count(visits) - one) / (len(visits) - 1)
        self.assertLessEqual(each - without, 10, (each, without))
