import base64

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .portal_common import SIGNATURE, PortalCommon


@tagged("post_install", "-at_install")
class TestPortal(PortalCommon):
    def test_each_job_has_its_answer(self):
        order = self._create_estimate()
        pads, wiper = order.job_ids
        self._answer(
            order,
            self._make_answers(pads)
            + self._make_answers(wiper, "decline", reason="Not now"),
        )
        self.assertEqual(pads.state, "approved")
        self.assertEqual(wiper.state, "declined")
        self.assertEqual(wiper.decline_reason, "Not now")
        self.assertEqual(order.state, "approved")
        yes = order.approval_ids.filtered(lambda answer: answer.decision == "approved")
        self.assertEqual(
            (yes.method, yes.signer, yes.device), ("portal", "Wang Fang", "Phone")
        )
        self.assertEqual(yes.signature, SIGNATURE.encode())
        self.assertEqual(yes.job_ids, pads)
        message = order.website_message_ids[:1]
        self.assertIn("Brake pads", message.body)
        self.assertEqual(message.author_id, self.customer)

    def test_answer_sent_twice_counts_once(self):
        order = self._create_estimate()
        pads, wiper = order.job_ids
        answers = self._make_answers(pads) + self._make_answers(
            wiper, "decline", reason="Not now"
        )
        self._answer(order, answers)
        before = (len(order.approval_ids), len(order.message_ids), order.sale_order_ids)
        self._answer(order, answers)
        after = (len(order.approval_ids), len(order.message_ids), order.sale_order_ids)
        self.assertEqual(before, after)
        self.assertEqual(len(order.picking_ids), 1)

    def test_job_of_another_order_is_refused(self):
        order, other = self._create_estimate(), self._create_estimate()
        with self.assertRaisesRegex(UserError, "no longer offered"):
            self._answer(order, self._make_answers(order.job_ids[0] + other.job_ids[0]))
        self.assertEqual(set((order + other).job_ids.mapped("state")), {"proposed"})

    def test_withdrawn_or_changed_job_is_not_approved(self):
        order = self._create_estimate()
        pads, wiper = order.job_ids
        answers = self._make_answers(pads)
        pads.line_ids[0].product_uom_qty = 3
        with self.assertRaisesRegex(UserError, "was changed"):
            self._answer(order, answers)
        answers = self._make_answers(wiper)
        wiper.unlink()
        with self.assertRaisesRegex(UserError, "no longer offered"):
            self._answer(order, answers)
        order.action_decline(jobs=pads, reason="By phone")
        with self.assertRaisesRegex(UserError, "no longer offered"):
            self._answer(order, self._make_answers(pads))

    def test_draft_job_is_not_offered(self):
        order = self._create_estimate()
        draft = self._add_job(order, [(self.fee, 1)])
        self.assertNotIn(draft, order._get_portal_jobs())
        with self.assertRaisesRegex(UserError, "no longer offered"):
            self._answer(order, self._make_answers(draft))

    def test_approved_job_is_not_declined(self):
        order = self._create_estimate()
        self._answer(order, self._make_answers(order.job_ids[0]))
        with self.assertRaisesRegex(UserError, "approved already"):
            self._answer(
                order, self._make_answers(order.job_ids[0], "decline", reason="Oh no")
            )

    def test_approval_is_signed_and_refusal_explained(self):
        order = self._create_estimate()
        yes = self._make_answers(order.job_ids)
        html = base64.b64encode(b"<html/>").decode()
        for values in (
            {"signature": False},
            {"signer": ""},
            {"signature": html},
            {"signature": "?"},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                self._answer(order, yes, **values)
        with self.assertRaisesRegex(UserError, "why not"):
            self._answer(
                order, self._make_answers(order.job_ids, "decline", reason=" ")
            )
        self.assertFalse(order.approval_ids)

    def test_added_work_is_asked_about(self):
        order = self._create_estimate()
        self._stock(self.part_avco, 5)
        self._answer(order, self._make_answers(order.job_ids))
        order.action_start()
        added = self._add_job(order, [(self.fee, 2)], name="Bulb")
        added.action_propose()
        self.assertEqual(order._get_waiting_jobs(), added)
        self.assertEqual(order._get_portal_status()[0], "We found more")
        self._answer(order, self._make_answers(added))
        self.assertEqual(added.state, "progress")

    def test_customer_sees_own_amounts_only(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Claims",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 77})
                ],
            }
        )
        self.payer_maker.pricelist_id = pricelist
        order = self._create_order(
            {"name": "Paid", "lines": [(self.labour, 1)]},
            {
                "name": "Warranty",
                "lines": [(self.part_avco, 1)],
                "payer_id": self.payer_maker.id,
            },
            {
                "name": "Goodwill",
                "lines": [(self.fee, 1)],
                "payer_id": self.payer_goodwill.id,
            },
        )
        order.action_estimate()
        paid, warranty, goodwill = order.job_ids
        self.assertEqual(paid._get_customer_price()["total"], 80.0)
        for job, value, reason in (
            (warranty, 20.0, "Paid by: Maker warranty"),
            (goodwill, 15.0, "Free: Goodwill"),
        ):
            self.assertEqual(job._get_customer_price()["total"], 0.0)
            price = job.line_ids._get_customer_price()
            self.assertEqual((price["value"], price["amount"]), (value, 0.0))
            self.assertEqual(price["reason"], reason)
        self.assertEqual(order._get_portal_sale_orders().partner_id, self.customer)
        self.assertEqual(order._get_portal_totals()[0]["waiting"], 80.0)

    def test_discount_says_why(self):
        order = self._create_order(
            [
                {
                    "product_id": self.fee.id,
                    "is_discount_agreed": True,
                    "discount_agreed": 100.0,
                    "discount_reason": "Birthday",
                }
            ]
        )
        order.action_estimate()
        price = order.line_ids._get_customer_price()
        self.assertEqual((price["value"], price["amount"]), (15.0, 0.0))
        self.assertEqual(price["reason"], "Birthday")

    def test_old_parts_choice_reaches_parts_that_are_out(self):
        self.part_avco.aftersales_exchange = True
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order([(self.part_avco, 1)]))
        order._choose_old_parts("keep", self.customer)
        order.action_start()
        self._issue(order)
        order.action_complete()
        part = order.old_part_ids
        self.assertEqual(part.choice, "keep")
        order._choose_old_parts("give_up", self.customer)
        self.assertEqual((part.choice, part.signed_by), ("give_up", self.customer.name))
        order._choose_old_parts("keep", self.customer)
        self.assertEqual((part.choice, part.signed_by), ("keep", False))
        order.action_pass_quality()
        order.action_deliver()
        with self.assertRaises(UserError):
            order._choose_old_parts("give_up", self.customer)

    def test_request_is_put_before_somebody(self):
        self.team.user_id = self.manager
        asset = self.asset.sudo()
        first = asset._request_service("It smells", self.customer, "key-a")
        self.assertEqual(first.activity_ids.user_id, self.manager, "leader of the team")
        self.assertEqual(first.team_id, self.team, "on the boards of the shop at once")
        first.user_id = self.advisor
        second = asset._request_service("Still smells", self.customer, "key-b")
        self.assertEqual(
            second.activity_ids.user_id, self.advisor, "who served it last"
        )
        self.assertEqual(second.team_id, self.team)

    def test_request_sent_twice_makes_one_order(self):
        asset = self.asset.sudo()
        first = asset._request_service("It smells", self.customer, "key-1")
        again = asset._request_service("It smells", self.customer, "key-1")
        self.assertEqual(first, again)
        self.assertNotEqual(
            first, asset._request_service("It smells", self.customer, "key-2")
        )
        self.assertEqual((first.channel, first.state), ("portal", "draft"))
        self.assertFalse(first.user_id)
        with self.assertRaises(UserError):
            asset._request_service("  ", self.customer, "key-3")

    def test_mails_lead_to_the_portal(self):
        order = self._create_estimate()
        for template in ("mail_template_estimate", "mail_template_ready"):
            mail = self.env.ref(f"aftersales.{template}")
            body = mail._render_field("body_html", order.ids)[order.id]
            self.assertIn(order.access_token, body)
            self.assertIn(f"/my/work-orders/{order.id}", body)
        action = order.action_send_ready()
        self.assertEqual(
            action["context"]["default_template_id"],
            self.env.ref("aftersales.mail_template_ready").id,
        )
