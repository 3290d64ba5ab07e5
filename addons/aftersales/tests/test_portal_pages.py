import re
from html import unescape

from odoo import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.aftersales.controllers.portal import AftersalesPortal

from .portal_common import SIGNATURE, PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPages(PortalCommon, HttpCase):
    def _login(self, user):
        self.authenticate(user.login if user else None, user.login if user else None)

    def _get_url(self, order, suffix="", token=True):
        query = f"?access_token={order._portal_ensure_token()}" if token else ""
        return f"/my/work-orders/{order.id}{suffix}{query}"

    def _post_answer(self, order, answers, token=None):
        return self.make_jsonrpc_request(
            f"/my/work-orders/{order.id}/answer",
            {
                "answers": answers,
                "access_token": token,
                "name": "Wang Fang",
                "signature": SIGNATURE,
            },
        )

    def _post(self, url, page, **data):
        """Post a form with the token against forgery that ``page`` carries."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        return self.url_open(
            url,
            data={"csrf_token": unescape(token[1]) if token else "", **data},
            allow_redirects=False,
        )

    def _get_text(self, url, status=200, **kwargs):
        response = self.url_open(url, **kwargs)
        self.assertEqual(response.status_code, status)
        return response.text

    def test_counters_count_own_records(self):
        self._create_estimate()
        self._create_estimate()
        fleet_asset = self.asset.copy({"partner_id": self.fleet.id})
        self._create_order(partner_id=self.fleet.id, asset_id=fleet_asset.id)
        names = ["work_order_count", "work_order_waiting_count", "asset_count"]
        for user, counts in (
            (self.portal_user, (2, 2, 1)),
            (self.portal_driver, (1, 0, 1)),
            (self.portal_stranger, (0, 0, 0)),
            (self.manager, (0, 0, 0)),
        ):
            with self.subTest(user.login):
                self._login(user)
                values = self.make_jsonrpc_request("/my/counters", {"counters": names})
                self.assertEqual(tuple(values[name] for name in names), counts)

    def test_lists_show_own_records(self):
        order = self._create_estimate()
        other = self._create_estimate(partner_id=self.stranger.id, asset_id=False)
        self._login(self.portal_user)
        self.assertIn("/my/work-orders", self._get_text("/my"))
        for query in ("", "?filterby=open", "?filterby=waiting&sortby=promise"):
            page = self._get_text(f"/my/work-orders{query}")
            self.assertIn(order.name, page)
            self.assertNotIn(other.name, page)
        page = self._get_text("/my/work-orders?filterby=closed&sortby=nonsense")
        self.assertNotIn(order.name, page)
        self.assertIn(self.asset.name, self._get_text("/my/assets"))

    def test_page_shows_what_concerns_the_customer(self):
        order = self._create_estimate(old_parts_choice="keep")
        order.job_ids[0].write(
            {
                "description": "Worn below two millimetres",
                "cause": "SECRET cause",
                "correction": "SECRET correction",
            }
        )
        order.tag_ids = self.env["aftersales.tag"].create({"name": "SECRET tag"})
        self._login(self.portal_user)
        page = self._get_text(self._get_url(order, token=False))
        for text in (
            "Squeals when braking",
            "Sedan 1.6",
            "Worn below two millimetres",
            "Your answer, please",
            "180.00",
            "Mechanic&#39;s hour",
        ):
            self.assertIn(text, page)
        self.assertNotIn("SECRET", page)
        self.assertIn("aftersales.answer_form", page)

    def test_lines_in_the_words_of_the_customer(self):
        self.part_avco.default_code = "BR-PAD"
        order = self._create_estimate()
        part, hours = order.job_ids[0].line_ids
        self.assertIn("[BR-PAD]", part.name)
        self.assertEqual(part._get_customer_name(), self.part_avco.name)
        self.assertEqual(part._get_customer_unit(), "")
        self.assertEqual(hours._get_customer_unit(), hours.product_uom_id.name)
        self._login(self.portal_user)
        page = self._get_text(f"/my/work-orders/{order.id}")
        self.assertIn(self.part_avco.name, page)
        self.assertNotIn("BR-PAD", page)
        self.assertNotIn("Units", page)
        part.name = "[For winter] Pads"
        self.assertEqual(part._get_customer_name(), "[For winter] Pads")

    def test_all_states_have_a_page(self):
        self._stock(self.part_avco, 5)
        order = self._create_estimate()
        self._login(self.portal_user)
        draft = self._create_order()
        for step in (
            None,
            "action_approve",
            "action_start",
            "action_complete",
            "action_pass_quality",
            "action_invoice",
            "action_deliver",
        ):
            with self.subTest(step):
                if step == "action_complete":
                    self._issue(order)
                if step:
                    getattr(order, step)()
                order.invoice_ids.filtered(
                    lambda move: move.state == "draft"
                ).action_post()
                page = self._get_text(self._get_url(order, token=False))
                self.assertIn(order._get_portal_status()[0], unescape(page))
        self.assertIn(order.invoice_ids.name, page)
        draft.action_cancel(reason="SECRET reason")
        page = self._get_text(self._get_url(draft, token=False))
        self.assertIn("Cancelled", page)
        self.assertNotIn("SECRET", page)

    def test_visitor_without_token_is_sent_to_login(self):
        order = self._create_estimate()
        order._portal_ensure_token()
        self._login(None)
        for url in (
            self._get_url(order, token=False),
            f"{self._get_url(order, token=False)}?access_token=wrong",
            self._get_url(order, "/report/estimate", token=False),
            "/my/work-orders",
            "/my/assets",
            f"/my/assets/{self.asset.id}",
        ):
            with self.subTest(url):
                response = self.url_open(url, allow_redirects=False)
                self.assertEqual(response.status_code, 303)
                self.assertIn("/web/login", response.headers["Location"])

    def test_stranger_sees_nothing(self):
        order = self._create_estimate()
        order._portal_ensure_token()
        self._login(self.portal_stranger)
        for url in (
            self._get_url(order, token=False),
            f"/my/assets/{self.asset.id}",
            f"/my/work-orders/{order.id}/quotation/{order.sale_order_ids.id}",
        ):
            response = self.url_open(url, allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertTrue(response.headers["Location"].endswith("/my"))
        result = self._post_answer(order, self._make_answers(order.job_ids))
        self.assertIn("error", result)
        self.assertEqual(order.state, "quoted")

    def test_token_opens_its_own_order_only(self):
        order, other = self._create_estimate(), self._create_estimate()
        token = order._portal_ensure_token()
        other._portal_ensure_token()
        self._login(None)
        self.assertIn(order.name, self._get_text(self._get_url(order)))
        sale = other.sale_order_ids
        sale._portal_ensure_token()
        for url in (
            f"/my/work-orders/{other.id}",
            f"/my/work-orders/{other.id}/report/estimate",
            f"/my/orders/{sale.id}",
            f"/my/assets/{self.asset.id}",
        ):
            with self.subTest(url):
                response = self.url_open(
                    f"{url}?access_token={token}", allow_redirects=False
                )
                self.assertEqual(response.status_code, 303)
                self.assertRegex(response.headers["Location"], "/web/login|/my$")
        for url in (
            self._get_url(order, f"/quotation/{sale.id}"),
            self._get_url(order, "/invoice/1"),
            self._get_url(order, "/report/nonsense"),
        ):
            with self.subTest(url), mute_logger("odoo.http"):
                self.assertEqual(self.url_open(url).status_code, 404)
        result = self._post_answer(other, self._make_answers(other.job_ids), token)
        self.assertIn("error", result)
        self.assertEqual(other.state, "quoted")

    def test_own_documents_open_with_their_own_token(self):
        order = self._create_estimate()
        sale = order.sale_order_ids
        url = self._get_url(order, f"/quotation/{sale.id}")
        self._login(None)
        response = self.url_open(url, allow_redirects=False)
        self.assertIn(sale.access_token, response.headers["Location"])
        self.assertNotIn(order.access_token, response.headers["Location"])

    def test_collective_invoice_needs_an_account(self):
        asset = self.asset.copy({"partner_id": self.fleet.id})
        values = {"partner_id": self.fleet.id, "asset_id": asset.id}
        orders = self._create_order([(self.fee, 1)], **values)
        orders += self._create_order([(self.fee, 1)], **values)
        self._finish_order(self._approve(orders))
        invoice = orders.invoice_ids
        self.assertEqual(len(invoice), 1)
        url = self._get_url(orders[0], f"/invoice/{invoice.id}")
        invoice._portal_ensure_token()
        for user, has_token in ((None, False), (self.portal_driver, True)):
            self._login(user)
            location = self.url_open(url, allow_redirects=False).headers["Location"]
            self.assertEqual(invoice.access_token in location, has_token)

    def test_answer_by_link(self):
        order = self._create_estimate()
        token = order._portal_ensure_token()
        pads, wiper = order.job_ids
        self._login(None)
        answers = self._make_answers(pads) + self._make_answers(
            wiper, "decline", reason="Not now"
        )
        result = self._post_answer(order, answers, token)
        self.assertIn(token, result["redirect_url"])
        self.assertEqual((pads.state, wiper.state), ("approved", "declined"))
        answer = order.approval_ids[:1]
        self.assertIn("by link", answer.device)
        self.assertRegex(answer.device, r"127\.0\.0\.1")
        self.assertEqual(order.website_message_ids[:1].author_id, self.customer)
        again = self._post_answer(order, answers, token)
        self.assertEqual(again, result)
        self.assertEqual(len(order.approval_ids), 2)

    def test_page_of_another_company_opens_by_link_alone(self):
        other = self.env["res.company"].create(
            {"name": "Other Workshop", "currency_id": self.env.ref("base.CNY").id}
        )
        order = self.env["aftersales.order"].create(
            {"partner_id": self.customer.id, "company_id": other.id}
        )
        fee = self.env["product.product"].create(
            {"name": "Their fee", "type": "service", "list_price": 10.0}
        )
        order.job_ids = [Command.create(self._prepare_job([(fee, 1)]))]
        order.with_company(other).action_estimate()
        self._login(self.portal_user)
        response = self.url_open(
            self._get_url(order, token=False), allow_redirects=False
        )
        self.assertTrue(response.headers["Location"].endswith("/my"))
        page = self._get_text(self._get_url(order))
        self.assertIn("Other Workshop", page)
        self.assertIn("¥", page)
        self.assertNotIn(order.name, self._get_text("/my/work-orders"))
        self._post_answer(order, self._make_answers(order.job_ids), order.access_token)
        self.assertEqual(order.state, "approved")
        self.assertEqual(order.sale_order_ids.company_id, other)

    def test_long_list_has_pages(self):
        self.patch(AftersalesPortal, "_items_per_page", 2)
        for _number in range(3):
            self._create_order([(self.fee, 1)])
        self._login(self.portal_user)
        self.assertIn("/my/work-orders/page/2", self._get_text("/my/work-orders"))
        page = self._get_text("/my/work-orders/page/2")
        self.assertEqual(len(set(re.findall(r"/my/work-orders/\d+", page))), 1)

    def test_reports(self):
        order = self._create_estimate()
        draft = self._create_order()
        self._login(None)
        self.patch(
            AftersalesPortal,
            "_show_report",
            lambda self, model, report_type, report_ref, download: (
                f"{model.name} {report_ref.report_name}"
            ),
        )
        kinds = order._get_portal_reports()
        self.assertEqual(set(kinds), {"estimate"})
        text = self._get_text(self._get_url(order, "/report/estimate"))
        self.assertEqual(text, f"{order.name} {kinds['estimate'].report_name}")
        with mute_logger("odoo.http"):
            for url in (
                self._get_url(order, "/report/settlement"),
                self._get_url(draft, "/report/estimate"),
            ):
                self.assertEqual(self.url_open(url).status_code, 404)

    def test_posted_ids_of_others_are_refused(self):
        order = self._create_estimate()
        other = self._create_estimate(partner_id=self.stranger.id, asset_id=False)
        self._login(self.portal_user)
        result = self._post_answer(
            order, self._make_answers(order.job_ids + other.job_ids)
        )
        self.assertIn("no longer offered", result["error"])
        result = self._post_answer(order, [{"job_id": "x"}, "nonsense", {}])
        self.assertIn("error", result)
        self.assertEqual(set((order + other).job_ids.mapped("state")), {"proposed"})
        self.assertFalse((order + other).approval_ids)

    def test_old_parts_choice(self):
        order = self._create_estimate()
        self._login(self.portal_user)
        page = self._get_text(self._get_url(order, token=False))
        url = self._get_url(order, "/old-parts", token=False)
        response = self._post(url, page, choice="give_up")
        self.assertEqual(response.status_code, 303)
        self.assertEqual(order.old_parts_choice, "give_up")
        self._post(url, page, choice="nonsense")
        self.assertEqual(order.old_parts_choice, "give_up")

    def test_request_for_service(self):
        self._login(self.portal_user)
        page = self._get_text(f"/my/assets/{self.asset.id}")
        key = re.search(r'name="request_key" value="(\w+)"', page)[1]
        url = f"/my/assets/{self.asset.id}/request"
        data = {"request_key": key, "complaint": "It smells"}
        first = self._post(url, page, **data)
        again = self._post(url, page, **data)
        self.assertEqual(first.headers["Location"], again.headers["Location"])
        order = self.env["aftersales.order"].search([("request_key", "=", key)])
        self.assertEqual(len(order), 1)
        self.assertEqual(order.complaint, "It smells")
        self.assertEqual(order.partner_id, self.customer)
        response = self._post(url, page, request_key="k", complaint=" ")
        self.assertIn("tell us what is wrong", response.text)
        self._login(self.portal_stranger)
        page = self._get_text("/my/account")
        before = self.env["aftersales.order"].search_count([])
        response = self._post(url, page, **{**data, "request_key": "other"})
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.env["aftersales.order"].search_count([]), before)

    def test_history_hides_the_owner_before(self):
        before = self._create_estimate(partner_id=self.stranger.id)
        mine = self._create_estimate()
        self._login(self.portal_user)
        page = self._get_text(f"/my/assets/{self.asset.id}")
        self.assertIn(mine.name, page)
        self.assertNotIn(before.name, page)

    def test_messages(self):
        order = self._create_estimate()
        self._login(self.portal_user)
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "aftersales.order",
                "thread_id": order.id,
                "post_data": {
                    "body": "When will it be done?",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                },
            },
        )
        self.assertIn("When will it be done?", order.website_message_ids[:1].body)
        result = self.make_jsonrpc_request(
            "/mail/chatter_fetch",
            {"thread_model": "aftersales.order", "thread_id": order.id},
        )
        self.assertEqual(len(result["messages"]), 1)

    def test_label_leads_those_who_may(self):
        code = self.asset._get_code()
        url = f"/aftersales/asset/{code}"
        for user, location in (
            (self.portal_user, f"/my/assets/{self.asset.id}$"),
            (self.advisor, f"/odoo/action-aftersales.asset_action/{self.asset.id}$"),
        ):
            self._login(user)
            response = self.url_open(url, allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertRegex(response.headers["Location"], location)
        self.asset.action_withdraw_code()
        good = f"/aftersales/asset/{self.asset._get_code()}"
        forged = f"/aftersales/asset/{self.asset.id}-0000-{'0' * 20}"
        for user in (None, self.portal_stranger):
            self._login(user)
            for address, status in ((good, 200), (url, 404), (forged, 404)):
                with self.subTest(user=user and user.login, address=address):
                    page = self._get_text(address, status)
                    self.assertIn("Log in", page)
                    for private in (self.asset.name, self.customer.name):
                        self.assertNotIn(private, page)
        self._login(self.portal_user)
        self._get_text(url, 404)
