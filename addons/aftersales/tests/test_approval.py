from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import AftersalesCommon

SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestApproval(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "aftersales_seller",
            groups="base.group_user,sales_team.group_sale_salesman_all_leads",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _create_two_jobs(self):
        self._stock(self.part_avco, 10)
        order = self._create_order(
            [(self.part_avco, 1), (self.labour, 1)], [(self.part_avco, 2)]
        )
        order.action_estimate()
        return order

    def test_answer_for_each_job(self):
        order = self._create_two_jobs()
        brakes, wipers = order.job_ids
        order.action_approve(
            jobs=brakes, method="phone", signer="Mr. Wang", note="Only the brakes"
        )
        self.assertEqual(order.state, "approved")
        self.assertEqual((brakes.state, wipers.state), ("approved", "proposed"))
        self.assertRecordValues(
            order.approval_ids,
            [
                {
                    "job_ids": brakes.ids,
                    "decision": "approved",
                    "method": "phone",
                    "signer": "Mr. Wang",
                    "note": "Only the brakes",
                    "user_id": self.env.user.id,
                    "amount_total": 100.0,
                }
            ],
        )
        self.assertTrue(brakes.line_ids.move_ids)
        self.assertFalse(wipers.line_ids.move_ids)
        order.action_decline(jobs=wipers, reason="Too dear", signer="Mr. Wang")
        self.assertEqual(wipers.state, "declined")
        self.assertEqual(wipers.decline_reason, "Too dear")
        self.assertEqual(order.approval_ids[0].decision, "declined")
        self.assertEqual(order.amount_total, 100.0)

    def test_unanswered_job_moves_to_its_own_quotation(self):
        order = self._create_two_jobs()
        sale = order.sale_order_ids
        brakes, wipers = order.job_ids
        wipers.line_ids.price_unit = 17.0
        order.action_approve(jobs=brakes)
        other = order.sale_order_ids - sale
        self.assertEqual((sale.state, other.state), ("sale", "draft"))
        self.assertEqual(sale.amount_untaxed, 100.0)
        self.assertEqual(other.amount_untaxed, 34.0)
        self.assertEqual(other.order_line.aftersales_job_id, wipers)
        self.assertEqual(other.aftersales_payer_id, self.payer_customer)
        order.action_approve()
        self.assertEqual(other.state, "sale")
        self.assertEqual(wipers.state, "approved")
        self.assertEqual(order.amount_untaxed, 134.0)

    def test_quotation_that_is_split_off_keeps_its_terms(self):
        """Its currency was chosen in Sales; the prices were offered in that one."""
        self._use_multi_currencies([("2020-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.other_currency.id}
        )
        order = self._create_two_jobs()
        sale = order.sale_order_ids
        sale.pricelist_id = pricelist
        sale.action_update_prices()
        self.assertEqual(sale.amount_untaxed, 280.0)
        order.action_approve(jobs=order.job_ids[0])
        other = order.sale_order_ids - sale
        self.assertEqual(other.currency_id, self.other_currency)
        self.assertEqual(other.amount_untaxed, 80.0)

    def test_ids_instead_of_records(self):
        order = self._create_two_jobs()
        order.action_approve(jobs=order.job_ids[:1].ids)
        order.action_decline(jobs=order.job_ids[1:].ids, reason="No")
        self.assertEqual(order.job_ids.mapped("state"), ["approved", "declined"])

    def test_foreign_job_is_refused(self):
        order, other = self._create_two_jobs(), self._create_two_jobs()
        for call in (order.action_approve, order.action_decline):
            with self.assertRaisesRegex(UserError, order.name):
                call(jobs=other.job_ids[:1].ids)
        gone = other.job_ids[:1]
        gone.unlink()
        with self.assertRaisesRegex(UserError, order.name):
            order.action_approve(jobs=gone.ids)
        self.assertFalse(order.approval_ids)

    def test_twice_is_once(self):
        order = self._create_two_jobs()
        job = order.job_ids[:1]
        for _time in range(2):
            order.action_approve(jobs=job)
        self.assertEqual(len(order.approval_ids), 1)
        for _time in range(2):
            order.action_decline(jobs=order.job_ids[1:], reason="No")
        self.assertEqual(len(order.approval_ids), 2)
        order.action_approve()
        self.assertEqual(len(order.approval_ids), 2)
        self.assertEqual(len(order.picking_ids), 1)

    def test_approved_job_is_not_declined(self):
        order = self._create_two_jobs()
        order.action_approve()
        with self.assertRaisesRegex(UserError, order.job_ids[0].name):
            order.action_decline(jobs=order.job_ids[:1])

    def test_decline_all(self):
        order = self._create_two_jobs()
        order.action_decline(reason="Sells the car")
        self.assertEqual(set(order.job_ids.mapped("state")), {"declined"})
        self.assertEqual(order.sale_order_ids.state, "cancel")
        self.assertEqual(order.amount_total, 0)
        with self.assertRaisesRegex(UserError, "declined"):
            order.action_approve()
        order.action_cancel(reason="Nothing to do")
        self.assertEqual(set(order.job_ids.mapped("state")), {"declined"})

    def test_declined_job_is_offered_again(self):
        order = self._create_two_jobs()
        order.action_decline(reason="Too dear")
        job = order.job_ids[:1]
        job.action_requote()
        job.line_ids[0].price_unit = 10.0
        order.action_approve(jobs=job)
        self.assertEqual(order.amount_untaxed, 90.0)
        self.assertEqual(order.state, "approved")

    def test_confirmed_in_sales_is_approved(self):
        order = self._create_two_jobs()
        sale = order.sale_order_ids
        self.env.invalidate_all()
        sale.with_user(self.seller).action_confirm()
        self.assertEqual(sale.state, "sale")
        self.assertEqual(order.state, "approved")
        self.assertEqual(set(order.job_ids.mapped("state")), {"approved"})
        self.assertEqual(order.approval_ids.method, "sale")
        self.assertEqual(order.approval_ids.user_id, self.seller)
        self.assertEqual(order.picking_ids.state, "assigned")
        self.assertEqual(len(order.picking_ids), 1)

    def test_accepted_on_the_portal_of_sales(self):
        order = self._create_two_jobs()
        sale = order.sale_order_ids
        sale.write({"signed_by": "Wang Fang", "signature": SIGNATURE})
        sale._validate_order()
        self.assertEqual(set(order.job_ids.mapped("state")), {"approved"})
        self.assertEqual(order.approval_ids.signer, "Wang Fang")
        self.assertTrue(order.approval_ids.signature)

    def test_declined_in_sales_is_declined(self):
        order = self._create_two_jobs()
        sale = order.sale_order_ids
        self.env.invalidate_all()
        sale.with_user(self.seller)._action_cancel()
        self.assertEqual(sale.state, "cancel")
        self.assertEqual(set(order.job_ids.mapped("state")), {"declined"})
        self.assertEqual(order.approval_ids.method, "sale")
        self.assertFalse(order.picking_ids)

    def test_accepted_quotation_is_called_off_on_the_order(self):
        order = self._approve(self._create_order([(self.labour, 1)]))
        with self.assertRaisesRegex(UserError, order.name):
            order.sale_order_ids._action_cancel()
        order.action_cancel()
        self.assertEqual(order.sale_order_ids.state, "cancel")

    def test_two_confirmed_in_sales_at_once(self):
        orders = self._create_two_jobs() + self._create_two_jobs()
        orders.sale_order_ids.action_confirm()
        self.assertEqual(orders.mapped("state"), ["approved", "approved"])
        self.assertEqual(len(orders.picking_ids), 2)

    def test_added_work_needs_its_own_answer(self):
        """It doesn't join the confirmed quotation, start, or get parts before."""
        order = self._create_two_jobs()
        order.action_approve()
        order.action_start()
        sale = order.sale_order_ids
        before = sale.amount_untaxed
        job = self._add_job(order, [(self.part_avco, 3)])
        self.assertEqual(job.state, "draft")
        with self.assertRaises(UserError):
            job.action_start()
        job.action_propose()
        self.assertEqual(sale.amount_untaxed, before)
        self.assertEqual((order.sale_order_ids - sale).amount_untaxed, 60.0)
        self.assertFalse(job.line_ids.move_ids)
        order.action_decline(jobs=job, reason="Later")
        order.action_complete()
        self.assertEqual(order.state, "quality")
        self.assertEqual(order.amount_untaxed, before)

    def test_approved_from_draft(self):
        order = self._create_order([(self.labour, 1)])
        order.action_approve(method="desk", signer="Wang Fang")
        self.assertEqual(order.state, "approved")
        self.assertEqual(order.sale_order_ids.state, "sale")

    def test_two_orders_in_one_call(self):
        orders = self._create_two_jobs() + self._create_two_jobs()
        orders.action_approve(jobs=orders.job_ids)
        self.assertEqual(len(orders.approval_ids), 2)
        self.assertEqual(orders.mapped("state"), ["approved", "approved"])

    def test_answers_are_kept_as_they_were(self):
        order = self._approve(self._create_two_jobs())
        answer = order.approval_ids.with_user(self.advisor)
        with self.assertRaises(AccessError):
            answer.note = "Something else"
        with self.assertRaises(AccessError):
            answer.unlink()

    def test_finished_order_takes_no_new_work(self):
        order = self._approve(self._create_order([(self.labour, 1)]))
        self._finish_order(order)
        with self.assertRaisesRegex(UserError, order.name):
            self._add_job(order, [(self.labour, 1)])
