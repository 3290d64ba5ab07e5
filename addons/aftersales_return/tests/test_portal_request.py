import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ReturnCommon

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


class PortalReturnCommon(ReturnCommon):
    """Two customers with portal users, each with goods delivered.

    * ``portal_user`` of ``customer``, ``portal_stranger`` of ``stranger``
    * ``_offer(user=None, search=None)`` returns the items by product;
      ``_request(item, …)`` asks for one as the form does
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.env["res.partner"].create({"name": "Li Wei"})
        cls.portal_user = cls._create_portal_user("wang", cls.customer)
        cls.portal_stranger = cls._create_portal_user("li", cls.stranger)
        cls.reason = cls.env.ref("aftersales_return.reason_unwanted")
        cls.op_refund = cls.env.ref("aftersales_return.operation_refund")
        cls.op_exchange = cls.env.ref("aftersales_return.operation_exchange")
        cls.op_repair = cls.env.ref("aftersales_return.operation_repair")

    @classmethod
    def _create_portal_user(cls, login, partner, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"portal_{login}",
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=company.id,
            company_ids=[fields.Command.set(company.ids)],
        )

    def _sell_to(self, partner, product, quantity, **values):
        customer, self.customer = self.customer, partner
        try:
            return self._sell(product, quantity, **values)
        finally:
            self.customer = customer

    def _returns(self, user=None):
        return self.env["aftersales.return"].with_user(user or self.portal_user)

    def _offer(self, user=None, search=None):
        user = user or self.portal_user
        items, _more = self._returns(user)._get_portal_offer(
            user.partner_id, self.company, search
        )
        return items

    def _prepare(self, item, **values):
        return {
            "key": item["key"],
            "quantity": 1,
            "operation_id": self.op_refund.id,
            "reason_id": self.reason.id,
            "note": "The wrong colour",
            **values,
        }

    def _request(self, item, key="form-1", user=None, line=None, **values):
        return (
            self._returns(user)
            .create_portal_request([self._prepare(item, **(line or {}))], key, **values)
            .sudo()
        )

    def _verdict(self, item, operation):
        return next(
            verdict for verdict in item["verdicts"] if verdict["operation"] == operation
        )


@tagged("post_install", "-at_install")
class TestPortalRequest(PortalReturnCommon):
    def test_offer_tells_what_is_left(self):
        self._stock(self.part_avco, 20)
        sold = self._sell(self.part_avco, 5)
        self._sell_to(self.stranger, self.part_avco, 3)
        (item,) = self._offer()
        self.assertEqual(item["move"], sold.move_ids)
        self.assertEqual(item["quantity"], 5)
        self.assertEqual(item["reference"], sold.order_id.name)
        rma = self._create_return((sold, 2))
        rma.action_accept()
        (item,) = self._offer()
        self.assertEqual(item["quantity"], 3)
        rma.action_cancel("Not wanted any more")
        (item,) = self._offer()
        self.assertEqual(item["quantity"], 5)

    def test_offer_lists_serials_one_by_one(self):
        lots = self._stock_serial(["S-1", "S-2", "S-3"])
        self._sell(self.part_serial, 2, lots=lots[:2])
        self.assertEqual({item["serial"] for item in self._offer()}, {"S-1", "S-2"})
        (item,) = self._offer(search="s-2")
        self.assertEqual((item["lot"], item["quantity"]), (lots[1], 1))
        self.assertFalse(self._offer(search="S-3"), "sold to nobody")
        self._request(item)
        self.assertFalse(self._offer(search="S-2"))
        self.assertEqual([item["serial"] for item in self._offer()], ["S-1"])

    def test_native_returns_count(self):
        self._stock(self.part_avco, 20)
        sold = self._sell(self.part_avco, 5)
        wizard = (
            self.env["stock.return.picking"]
            .with_context(
                active_id=sold.move_ids.picking_id.id, active_model="stock.picking"
            )
            .create({})
        )
        wizard.product_return_moves.quantity = 4
        wizard.action_create_returns()
        (item,) = self._offer()
        self.assertEqual(item["quantity"], 1)

    # Peer 14: the days since the delivery are asked
    def test_verdicts_by_days(self):
        self._stock(self.part_avco, 20)
        sold = self._sell(self.part_avco, 5)
        (item,) = self._offer()
        verdict = self._verdict(item, self.op_refund)
        self.assertTrue(verdict["is_open"])
        self.assertIn("30 days after the delivery", verdict["words"])
        operations = {verdict["operation"] for verdict in item["verdicts"]}
        self.assertNotIn(self._get_operation("refund_keep"), operations)
        sold.move_ids.date = fields.Datetime.now() - timedelta(days=30)
        (item,) = self._offer()
        self.assertTrue(self._verdict(item, self.op_refund)["is_open"], "the last day")
        sold.move_ids.date = fields.Datetime.now() - timedelta(days=31)
        (item,) = self._offer()
        verdict = self._verdict(item, self.op_refund)
        self.assertFalse(verdict["is_open"])
        self.assertIn("was possible until", verdict["words"])
        with self.assertRaisesRegex(UserError, "was possible until"):
            self._request(item)
        self.assertTrue(
            self._request(item, line={"operation_id": self.op_repair.id}),
            "a repair may always be asked for",
        )

    def test_request(self):
        self._stock(self.part_avco, 20)
        sold = self._sell(self.part_avco, 5)
        (item,) = self._offer()
        rma = self._request(
            item,
            line={"quantity": "2"},
            description="  Please hurry ",
            photos=[{"name": "C:\\photos\\front.png", "data": PNG}],
            proofs=[{"name": "bill.pdf", "data": base64.b64encode(PDF).decode()}],
        )
        line = rma.line_ids
        self.assertEqual((rma.state, rma.channel), ("draft", "portal"))
        self.assertEqual(rma.partner_id, self.customer)
        self.assertEqual(rma.description, "Please hurry")
        self.assertEqual((line.move_id, line.quantity), (sold.move_ids, 2))
        self.assertEqual(line.operation_id, self.op_refund)
        self.assertEqual(line.reason_note, "The wrong colour")
        self.assertEqual(rma.photo_ids.name, "front.png")
        self.assertEqual(rma.proof_ids.mimetype, "application/pdf")
        self.assertEqual(
            (rma.photo_ids.res_model, rma.photo_ids.res_id), (rma._name, rma.id)
        )
        self.assertFalse(rma.user_id.share, "not the customer's own")
        self.assertTrue(rma.activity_ids, "somebody is reminded to answer")
        rma.action_accept()
        self.assertEqual(rma.state, "open")

    def test_sent_twice_is_one(self):
        self._stock(self.part_avco, 20)
        self._sell(self.part_avco, 5)
        (item,) = self._offer()
        rma = self._request(item)
        self.assertEqual(self._request(item), rma)
        self.assertNotEqual(self._request(item, key="form-2"), rma)
        with self.assertRaisesRegex(UserError, "Load the page again"):
            self._request(item, key="")

    def test_two_lines(self):
        self._stock(self.part_avco, 20)
        self._stock(self.part_fifo, 20)
        self._sell(self.part_avco, 5)
        self._sell(self.part_fifo, 5)
        lines = [self._prepare(item) for item in self._offer()]
        rma = self._returns().create_portal_request(lines, "two").sudo()
        self.assertEqual(rma.line_ids.product_id, self.part_fifo | self.part_avco)
        with self.assertRaises(UserError):
            self._returns().create_portal_request([lines[0], lines[0]], "same twice")

    def test_more_than_was_delivered(self):
        self._stock(self.part_avco, 20)
        self._sell(self.part_avco, 5)
        (item,) = self._offer()
        for quantity in (6, 0, -1, "", "many", "nan", "inf", None):
            with (
                self.subTest(quantity),
                self.assertRaisesRegex(UserError, "between 0 and 5"),
            ):
                self._request(item, line={"quantity": quantity})

    # Peer 25: ids that were posted are not trusted
    def test_ids_of_others_are_refused(self):
        """A delivery, a thing, an operation, a reason that are not on the form."""
        self._stock(self.part_avco, 20)
        theirs = self._sell_to(self.stranger, self.part_avco, 3)
        mine = self._sell(self.part_avco, 5)
        (item,) = self._offer()
        foreign_asset = self.env["aftersales.asset"].create(
            {
                "product_id": self.part_avco.id,
                "serial": "F-1",
                "partner_id": self.stranger.id,
                "company_id": self.company.id,
            }
        )
        incoming = self.env["stock.move"].search(
            [
                ("product_id", "=", self.part_avco.id),
                ("location_id.usage", "=", "supplier"),
            ]
        )
        for key in (
            f"{theirs.move_ids.id}-",
            f"{theirs.move_ids.id}-False",
            f"asset-{foreign_asset.id}",
            f"{incoming[:1].id}-False",
            f"{mine.move_ids.id}-1",
            "999999999-False",
            "x-y",
            "",
            None,
            {"a": 1},
        ):
            with self.subTest(key), self.assertRaises(UserError):
                self._request(
                    item, line={"key": str(key) if isinstance(key, dict) else key}
                )
        hidden = self._get_operation("refund_keep")
        for operation in (hidden.id, 0, None, "x", 999999):
            with (
                self.subTest(operation),
                self.assertRaisesRegex(UserError, "choose what we shall do"),
            ):
                self._request(item, line={"operation_id": operation})
        self.reason.is_portal = False
        with self.assertRaisesRegex(UserError, "choose why it comes back"):
            self._request(item)
        for lines in (None, [], "x", [1]):
            with self.subTest(lines), self.assertRaisesRegex(UserError, "Choose what"):
                self._returns().create_portal_request(lines, "empty")
        self.assertFalse(self._returns().search([]), "nothing was made")

    def test_other_company_is_apart(self):
        self._stock(self.part_avco, 20)
        self._sell(self.part_avco, 5)
        other = self.env["res.company"].create({"name": "Other Shop"})
        user = self._create_portal_user(
            "other",
            self.env["res.partner"].create(
                {"name": "Other", "parent_id": self.customer.id}
            ),
            other,
        )
        items, _more = self._returns(user)._get_portal_offer(user.partner_id, other)
        self.assertFalse(items)
        (item,) = self._offer()
        with self.assertRaises(UserError):
            self._request(item, user=user)

    def test_files_are_checked(self):
        self._stock(self.part_avco, 20)
        self._sell(self.part_avco, 5)
        (item,) = self._offer()
        for files, words in (
            (
                [{"name": "page.html", "data": b"<html><script>1</script></html>"}],
                "read",
            ),
            ([{"name": "fake.png", "data": b"MZ\x90\x00 program"}], "read"),
            ([{"name": "picture.svg", "data": b"<svg xmlns='x'></svg>"}], "read"),
            ([{"name": "bill.pdf", "data": PDF}], "read"),
            ([{"name": "none.png", "data": b""}], "read"),
            ([{"name": "bad.png", "data": "%%%"}], "read"),
            ([{"name": "big.png", "data": PNG + b"0" * 10_000_000}], "too big"),
            ([{"name": f"{n}.png", "data": PNG} for n in range(11)], "at most"),
        ):
            with (
                self.subTest(files[0]["name"]),
                self.assertRaisesRegex(UserError, words),
            ):
                self._request(item, photos=files)
        rma = self._request(
            item,
            photos=[{"name": "a.png", "data": PNG}, {"name": "b.png", "data": PNG}],
        )
        self.assertEqual(len(rma.photo_ids), 1, "the same picture is kept once")

    def test_photo_where_the_reason_asks_for_it(self):
        self._stock(self.part_avco, 20)
        self._sell(self.part_avco, 5)
        (item,) = self._offer()
        broken = {"reason_id": self.env.ref("aftersales_return.reason_transport").id}
        with self.assertRaisesRegex(UserError, "Add a photo"):
            self._request(item, line=broken)
        self.assertTrue(
            self._request(item, line=broken, photos=[{"name": "a.png", "data": PNG}])
        )

    def test_own_thing_that_we_did_not_deliver(self):
        asset = self.env["aftersales.asset"].create(
            {
                "product_id": self.part_serial.id,
                "serial": "ELSEWHERE-1",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        self.assertFalse(self._offer())
        self.assertFalse(self._offer(search="ELSEWHERE"), "only the whole serial")
        self.assertFalse(self._offer(self.portal_stranger, search="ELSEWHERE-1"))
        (item,) = self._offer(search="elsewhere-1")
        verdict = self._verdict(item, self.op_refund)
        self.assertFalse(verdict["is_open"])
        self.assertIn("what we delivered", verdict["words"])
        rma = self._request(item, line={"operation_id": self.op_repair.id})
        self.assertEqual(rma.line_ids.asset_id, asset)
        self.assertFalse(rma.line_ids.move_id)
        self.assertFalse(self._offer(search="ELSEWHERE-1"), "asked for already")

    def test_repaired_thing_may_come_again(self):
        lots = self._stock_serial(["S-1"])
        sold = self._sell(self.part_serial, 1, lots=lots)
        rma = self._create_return(
            {
                "product_id": self.part_serial.id,
                "lot_id": lots.id,
                "move_id": sold.move_ids.id,
            },
            operation="as_is",
        )
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test("none")
        rma.line_ids.action_settle()
        self.assertFalse(self._offer())
        self._receive(rma)
        self.assertEqual(rma.state, "done")
        (item,) = self._offer()
        self.assertTrue(self._request(item))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nothing_else_is_open(self):
        self._stock(self.part_avco, 20)
        self._sell(self.part_avco, 5)
        rma = self._request(self._offer()[0])
        mine = rma.with_user(self.portal_user)
        for step in ("action_accept", "action_reopen"):
            with self.subTest(step), self.assertRaises(AccessError):
                getattr(mine, step)()
        for step in ("action_refuse", "action_cancel"):
            with self.subTest(step), self.assertRaises(AccessError):
                getattr(mine, step)("No")
        for values in ({"description": "x"}, {"partner_id": self.stranger.id}):
            with self.assertRaises(AccessError):
                mine.write(values)
        with self.assertRaises(AccessError):
            mine.create({"partner_id": self.customer.id})
        with self.assertRaises(AccessError):
            mine.unlink()
