import re
from html import unescape

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_portal_request import PNG, PortalReturnCommon


@tagged("post_install", "-at_install")
class TestPortal(PortalReturnCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.company.aftersales_invoice_posting = "post"
        self._stock(self.part_avco, 50)
        self.sold = self._sell(self.part_avco, 5)

    def _login(self, user):
        self.authenticate(user.login if user else None, user.login if user else None)

    def _get_text(self, url, status=200, **kwargs):
        response = self.url_open(url, **kwargs)
        self.assertEqual(response.status_code, status, url)
        return response.text

    def _post(self, page, data, files=None):
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        return self.url_open(
            "/my/returns/new",
            data={"csrf_token": unescape(token[1]), **data},
            files=files,
            allow_redirects=False,
        )

    def _refunded(self, sold=None, quantity=2):
        rma = self._create_return((sold or self.sold, quantity))
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test("pass", self.grade_a)
        rma.line_ids.action_settle()
        self._receive(rma)
        return rma

    # Whose records

    # Peer 26: rules of several add-ons are joined by OR
    def test_visible_records(self):
        mine = self._create_return((self.sold, 1))
        theirs = self._sell_to(self.stranger, self.part_avco, 2)
        other = self._create_return((theirs, 1), partner_id=self.stranger.id)
        colleague = self._create_portal_user(
            "colleague",
            self.env["res.partner"].create(
                {"name": "Colleague", "parent_id": self.customer.id}
            ),
        )
        for user, visible in (
            (self.portal_user, mine),
            (colleague, mine),
            (self.portal_stranger, other),
        ):
            with self.subTest(user.login):
                Return = self.env["aftersales.return"].with_user(user)
                self.assertEqual(Return.search([]).ids, visible.ids)
                with self.assertRaises(AccessError):
                    ((mine | other) - visible).with_user(user).read(["name"])

    def test_private_fields_are_refused(self):
        rma = self._create_return((self.sold, 1), note="<p>SECRET</p>")
        mine = rma.with_user(self.portal_user)
        allowed = set(mine.fields_get())
        self.assertEqual(allowed, mine._get_portal_fields() & set(mine._fields))
        for field in (
            "note", "line_ids", "picking_ids", "photo_ids", "proof_ids", "request_key",
            "shipment_ids", "progress", "source_order_id",
        ):  # fmt: skip
            with self.subTest(field), self.assertRaises(AccessError):
                mine.read([field])
        self.assertNotIn("SECRET", str(mine.read()))
        with self.assertRaises(AccessError):
            mine.search([("line_ids.test_note", "ilike", "x")])

    def test_lines_and_papers_are_not_models_of_the_portal(self):
        for model in self.env:
            if model.startswith("aftersales.return") and not self.env[model]._abstract:
                with self.subTest(model):
                    self.assertEqual(
                        self.env[model].with_user(self.portal_user).has_access("read"),
                        model == "aftersales.return",
                    )

    # Peer 23: counted are the own ones only
    def test_counter_counts_own(self):
        self._create_return((self.sold, 1))
        self._create_return((self.sold, 1))
        theirs = self._sell_to(self.stranger, self.part_avco, 2)
        self._create_return((theirs, 1), partner_id=self.stranger.id)
        for user, count in ((self.portal_user, 2), (self.portal_stranger, 1)):
            with self.subTest(user.login):
                self._login(user)
                counters = self.make_jsonrpc_request(
                    "/my/counters", {"counters": ["return_count"]}
                )
                self.assertEqual(counters, {"return_count": count})
                page = self._get_text("/my")
                self.assertIn('href="/my/returns"', page)

    def test_list(self):
        returns = self._create_return((self.sold, 1)) | self._create_return(
            (self.sold, 1)
        )
        returns[0].action_refuse("Too late")
        self._login(self.portal_user)
        for filterby, shown in (
            ("all", returns),
            ("open", returns[1]),
            ("closed", returns[0]),
            ("'; drop", returns),
        ):
            page = self._get_text(f"/my/returns?filterby={filterby}")
            for rma in returns:
                (self.assertIn if rma in shown else self.assertNotIn)(rma.name, page)
        self._login(self.portal_stranger)
        self.assertIn("There are no returns here", self._get_text("/my/returns"))

    # The page of one return

    def test_page_tells_each_step(self):
        rma = self._create_return((self.sold, 2))
        self._login(self.portal_user)
        url = f"/my/returns/{rma.id}"
        self.assertIn("We have your request", self._get_text(url))
        rma.action_accept()
        page = self._get_text(url)
        for words in ("How to send it", "We wait for it", rma.name):
            self.assertIn(words, page)
        self._receive(rma)
        page = self._get_text(url)
        self.assertNotIn("How to send it", page)
        self.assertIn("We test what arrived", page)
        rma.line_ids.action_test("pass", self.grade_a, "SECRET scratch")
        self.assertIn("Tested: in order", self._get_text(url))
        rma.line_ids.action_settle()
        page = self._get_text(url)
        credit_note = rma.line_ids.refund_line_ids.move_id
        self.assertIn(credit_note.name, page)
        self.assertIn("44.00", page)
        self.assertNotIn("SECRET", page)

    def test_page_tells_a_refusal(self):
        rma = self._create_return((self.sold, 2))
        rma.action_refuse("It was <b>used</b>")
        self._login(self.portal_user)
        page = self._get_text(f"/my/returns/{rma.id}")
        self.assertIn("It was &lt;b&gt;used", page)
        self.assertNotIn("badge text-bg-light text-wrap", page)
        self.assertIn("Not accepted", page)

    def test_page_tells_the_parcel(self):
        rma = self._create_return((self.sold, 1), operation="as_is")
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test("none")
        rma.line_ids.action_settle()
        self._login(self.portal_user)
        url = f"/my/returns/{rma.id}"
        self.assertIn("We prepare the parcel to you", self._get_text(url))
        parcel = self.env["aftersales.shipment"].create(
            {
                "direction": "out",
                "return_id": rma.id,
                "carrier_id": self.env["res.partner"].create({"name": "Swift Post"}).id,
                "waybill": "WB-4711",
            }
        )
        picking = rma.picking_ids.filtered(lambda picking: picking.state == "assigned")
        picking.aftersales_shipment_id = parcel
        self._receive(rma)
        page = self._get_text(url)
        for words in ("Sent back to you", "Swift Post", "WB-4711", picking.name):
            self.assertIn(words, page)
        self.assertEqual(rma._get_portal_pickings(), picking, "not the receipt")
        response = self.url_open(f"{url}/delivery/{picking.id}")
        self.assertIn("application/pdf", response.headers["Content-Type"])

    def test_visitor_with_a_link(self):
        rma = self._create_return((self.sold, 1))
        self._login(None)
        url = f"/my/returns/{rma.id}"
        token = rma._portal_ensure_token()
        self.assertIn(rma.name, self._get_text(f"{url}?access_token={token}"))
        for query in ("", "?access_token=", "?access_token=wrong"):
            response = self.url_open(url + query)
            self.assertIn("/web/login", response.url)
        other = self._create_return((self.sold, 1))
        response = self.url_open(f"/my/returns/{other.id}?access_token={token}")
        self.assertIn("/web/login", response.url)

    # Papers

    def test_papers_of_others_are_not_found(self):
        """Ids changed in the address, with one's own token or login (peers 24)."""
        mine, refunded = self._create_return((self.sold, 1)), self._refunded()
        theirs = self._sell_to(self.stranger, self.part_avco, 5)
        other = self._create_return((theirs, 2), partner_id=self.stranger.id)
        other.action_accept()
        self._receive(other)
        other.line_ids.action_test("pass", self.grade_a)
        other.line_ids.action_settle()
        other._keep_files("photo_ids", [("a.png", PNG)], "Photo")
        mine._keep_files("photo_ids", [("a.png", PNG)], "Photo")
        note = refunded.line_ids.refund_line_ids.move_id
        foreign_note = other.line_ids.refund_line_ids.move_id
        delivery = theirs.move_ids.picking_id[:1]
        receipt = refunded.picking_ids[:1]
        url = f"/my/returns/{mine.id}"
        token = f"?access_token={mine._portal_ensure_token()}"
        for user in (self.portal_user, None):
            self._login(user)
            query = "" if user else token
            with self.subTest(user and user.login), mute_logger("odoo.http"):
                for path in (
                    f"credit-note/{note.id}",
                    f"credit-note/{foreign_note.id}",
                    f"credit-note/{self.sold.invoice_lines.move_id[:1].id}",
                    f"delivery/{delivery.id}",
                    f"delivery/{receipt.id}",
                    f"photo/{other.photo_ids.id}/thumb",
                    "report/label",
                    "report/nothing",
                ):
                    self._get_text(f"{url}/{path}{query}", 404)
                self._get_text(f"{url}/photo/{mine.photo_ids.id}/thumb{query}")
        with mute_logger("odoo.http"):
            self._login(self.portal_user)
            for path in (
                f"credit-note/{foreign_note.id}",
                f"photo/{other.photo_ids.id}/large",
            ):
                self._get_text(f"/my/returns/{other.id}/{path}", 404)
            self._get_text(f"/my/returns/{mine.id}/photo/{mine.photo_ids.id}/huge", 404)

    def test_papers_to_send_it_with(self):
        """Offered while goods are awaited, on the page and behind its links."""
        rma = self._create_return((self.sold, 1))
        url = f"/my/returns/{rma.id}"
        self._login(self.portal_user)
        self.assertNotIn("report/label", self._get_text(url))
        rma.action_accept()
        page = self._get_text(url)
        for kind in ("label", "packing"):
            self.assertIn(f"{url}/report/{kind}", page)
            response = self.url_open(f"{url}/report/{kind}")
            self.assertEqual(response.status_code, 200)
            self.assertIn("application/pdf", response.headers["Content-Type"])
        self._receive(rma)
        with mute_logger("odoo.http"):
            self._get_text(f"{url}/report/label", 404)

    def test_credit_note_opens_with_its_token(self):
        rma = self._refunded()
        note = rma.line_ids.refund_line_ids.move_id
        self._login(None)
        response = self.url_open(
            f"/my/returns/{rma.id}/credit-note/{note.id}"
            f"?access_token={rma._portal_ensure_token()}"
        )
        self.assertEqual(response.status_code, 200)
        self.assertIn(f"/my/invoices/{note.id}", response.url)
        self.assertIn(note.name, response.text)

    def test_shared_credit_note_needs_a_login(self):
        """A credit note of two returns would tell the link of one about the other."""
        first, second = (
            self._create_return((self.sold, 1)),
            self._create_return((self.sold, 1)),
        )
        (first | second).action_accept()
        self._receive(first | second)
        lines = (first | second).line_ids
        lines.action_test("pass", self.grade_a)
        lines.action_settle()
        note = lines.refund_line_ids.move_id
        self.assertEqual(len(note), 1)
        self._login(None)
        response = self.url_open(
            f"/my/returns/{first.id}/credit-note/{note.id}"
            f"?access_token={first._portal_ensure_token()}"
        )
        self.assertNotIn(note.name, response.text)
        self._login(self.portal_user)
        response = self.url_open(f"/my/returns/{first.id}/credit-note/{note.id}")
        self.assertIn(note.name, response.text)

    # The form

    def test_form(self):
        self._login(self.portal_user)
        page = self._get_text("/my/returns/new")
        (item,) = self._offer()
        for words in (item["key"], "5", "30 days after the delivery", "Refund"):
            self.assertIn(words, page)
        key = re.search(r'name="request_key" value="(\w+)"', page)[1]
        data = {
            "item": item["key"],
            "request_key": key,
            "description": "Please hurry",
            f"quantity_{item['key']}": "2",
            f"operation_id_{item['key']}": self.op_refund.id,
            f"reason_id_{item['key']}": self.reason.id,
            f"note_{item['key']}": "Wrong colour",
        }
        files = [("photos", ("front.png", PNG)), ("proofs", ("bill.png", PNG))]
        response = self._post(page, data, files)
        rma = self.env["aftersales.return"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(rma.line_ids.quantity, 2)
        self.assertEqual(len(rma.photo_ids), 1)
        self.assertEqual(len(rma.proof_ids), 1)
        url = f"/my/returns/{rma.id}?message=requested"
        self.assertTrue(response.headers["Location"].endswith(url))
        again = self._post(page, data, files)
        self.assertEqual(again.headers["Location"], response.headers["Location"])
        self.assertIn("we have your request", self._get_text(url))
        self.assertEqual(self._offer()[0]["quantity"], 3)

    # Peer 26: who pays and who gets it are two customers

    def _sell_gift(self):
        """Sell 2 to the customer, delivered to the stranger."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "partner_shipping_id": self.stranger.id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.part_avco.id,
                            "product_uom_qty": 2,
                            "price_unit": 34.5,
                            "tax_ids": [Command.set(self.tax.ids)],
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        order._create_invoices().action_post()
        return order.order_line

    def test_buyer_returns_what_was_delivered_to_another(self):
        gift = self._sell_gift()
        item = next(it for it in self._offer() if it["move"] == gift.move_ids)
        rma = self._request(item)
        self.assertEqual(rma.line_ids.move_id, gift.move_ids)
        self.assertEqual(rma.line_ids.candidate_ids[:1], gift.move_ids)
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test("pass", self.grade_a)
        rma.line_ids.action_settle()
        note = rma.line_ids.refund_line_ids.move_id
        self._login(self.portal_user)
        page = self._get_text(f"/my/returns/{rma.id}")
        for words in (note.name, "37.95"):
            self.assertIn(words, page)
        third = self.env["res.partner"].create({"name": "Third"})
        with self.assertRaisesRegex(ValidationError, "did not leave with"):
            self._create_return((gift, 1), partner_id=third.id)

    def test_receiver_sees_no_money_of_the_buyer(self):
        gift = self._sell_gift()
        (item,) = self._offer(self.portal_stranger)
        self.assertEqual(item["move"], gift.move_ids)
        self.stranger.email = "li@customer.example"
        rma = self._request(item, user=self.portal_stranger)
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test("pass", self.grade_a)
        self.company.aftersales_invoice_posting = "draft"
        rma.line_ids.action_settle()
        note = rma.line_ids.refund_line_ids.move_id
        self._login(self.portal_stranger)
        url = f"/my/returns/{rma.id}"
        self.assertNotIn("We prepare your refund", self._get_text(url))
        self.assertTrue(rma.date_told)
        told = rma.message_ids
        note.action_post()
        self.assertNotIn("your refund", str((rma.message_ids - told).mapped("subject")))
        page = self._get_text(url)
        self.assertIn("Refunded to the invoiced customer", page)
        for words in (note.name, "37.95", "34.5"):
            self.assertNotIn(words, page)

    def test_refused_form_keeps_what_was_typed(self):
        self._login(self.portal_user)
        page = self._get_text("/my/returns/new")
        (item,) = self._offer()
        data = {
            "item": item["key"],
            "request_key": "k",
            "description": "My own words",
            f"quantity_{item['key']}": "9",
            f"operation_id_{item['key']}": self.op_refund.id,
            f"reason_id_{item['key']}": self.reason.id,
        }
        response = self._post(page, data)
        self.assertEqual(response.status_code, 200)
        for words in ("between 0 and 5", "My own words", 'value="9"', 'value="k"'):
            self.assertIn(words, response.text)
        self.assertEqual(response.text.count('checked="checked"'), 2)

    def test_form_without_its_token_is_refused(self):
        self._login(self.portal_user)
        with mute_logger("odoo.http"):
            response = self.url_open("/my/returns/new", data={"item": "1-False"})
        self.assertEqual(response.status_code, 400)

    def test_form_needs_a_login(self):
        self._login(None)
        self.assertIn("/web/login", self.url_open("/my/returns/new").url)

    def test_search_shows_nothing_of_others(self):
        theirs = self._stock_serial(["THEIRS-1"])
        self._sell_to(self.stranger, self.part_serial, 1, lots=theirs)
        self._login(self.portal_user)
        page = self._get_text("/my/returns/new?search=THEIRS-1")
        self.assertIn("We find nothing of yours", page)
        self.assertNotIn(self.part_serial.name, page)
