from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.aftersales_warranty.tests.common import WarrantyCommon

from .common import ReturnCommon
from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestCreditNote(MoneyCommon):
    """What Invoicing does with the credit note of a return afterwards."""

    def setUp(self):
        super().setUp()
        self.product = self.part_avco
        self._stock(self.product, 30, 10.0)
        self.company.aftersales_invoice_posting = "draft"

    def _settle(self, sale_line, quantity, operation="refund"):
        """Return the return whose goods are settled, with the draft credit note."""
        rma = self._receive_return(sale_line, quantity, operation)
        tested = rma.line_ids.filtered(lambda line: line.state == "received")
        tested.action_test(grade=self.grade_a)
        tested.action_settle()
        return rma

    # Deleted

    def test_draft_is_deleted(self):
        """The goods are settled once more, and credited once in all."""
        for operation in ("refund", "refund_keep"):
            with self._apart(operation):
                sale_line = self._sell(self.product, 5)
                rma = self._settle(sale_line, 2, operation)
                line = rma.line_ids
                self.assertEqual(line.amount_refunded, 44.0)
                note = self._get_credit_notes(rma)
                note.with_user(self.accountant).unlink()
                state = "expected" if line.goods == "stay" else "tested"
                self.assertEqual((line.state, rma.state), (state, "open"))
                self.assertFalse(line.date_given)
                self._receive(rma)
                self.assertEqual((line.state, rma.state), (state, "open"))
                line.action_settle()
                self._receive(rma)
                self.assertEqual(line.state, "settled")
                self._get_credit_notes(rma).action_post()
                self.assertEqual((line.state, rma.state), ("done", "done"))
                self.assertEqual(line.amount_refunded, 44.0)

    def test_draft_is_deleted_after_the_goods_were_put_away(self):
        sale_line = self._sell(self.product, 5)
        rma = self._settle(sale_line, 2)
        self._receive(rma)
        self._get_credit_notes(rma).unlink()
        self.assertEqual(rma.line_ids.state, "tested")
        with self._changes(self.product) as change:
            rma.line_ids.action_settle()
            self._get_credit_notes(rma).action_post()
        self.assertEqual(rma.state, "done")
        self._check(
            change,
            {
                "income": 40.0,
                "tax": 4.0,
                "receivable": -44.0,
                "stock": 20.0,
                "cost of sales": -20.0,
            },
            {},
            gap=-20.0,
        )

    def test_one_line_of_the_draft_is_deleted(self):
        """Its goods wait for their credit, the others don't."""
        sale_line = self._sell(self.product, 5)
        rma = self._create_return((sale_line, 1), (sale_line, 2))
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        note = self._get_credit_notes(rma)
        one, two = rma.line_ids
        note.with_user(self.accountant).write(
            {"invoice_line_ids": [Command.delete(two.refund_line_ids.id)]}
        )
        self.assertEqual((one.state, two.state), ("settled", "tested"))
        two.action_settle()
        self._receive(rma)
        self._get_credit_notes(rma).action_post()
        self.assertEqual(rma.state, "done")
        self.assertEqual((one.amount_refunded, two.amount_refunded), (22.0, 44.0))

    def test_one_of_two_drafts_is_deleted(self):
        """Of goods on two invoices only what was deleted is credited again."""
        for operation in ("refund", "refund_keep"):
            with self._apart(operation):
                self.product.invoice_policy = "delivery"
                sale_line = self._sell(self.product, 5, invoice=False)
                order = sale_line.order_id
                first = order._create_invoices()
                first.invoice_line_ids.quantity = 1
                (first | order._create_invoices()).action_post()
                rma = self._settle(sale_line, 2, operation)
                notes = self._get_credit_notes(rma)
                self.assertEqual(notes.mapped("amount_total"), [22.0, 22.0])
                notes[1].unlink()
                rma.line_ids.action_settle()
                self.assertEqual(rma.line_ids.amount_refunded, 44.0)

    def test_fee_is_struck_off(self):
        """The goods are credited as before: nothing is to be settled anew."""
        operation = self._get_operation("refund")
        operation.fee_percent = 10
        rma = self._settle(self._sell(self.product, 5), 2)
        fee = rma.line_ids.refund_line_ids.filtered(lambda item: not item.product_id)
        self._get_credit_notes(rma).invoice_line_ids = [Command.delete(fee.id)]
        self.assertEqual(rma.line_ids.state, "settled")
        self.assertEqual(rma.line_ids.amount_refunded, 44.0)

    def test_cancelled_is_deleted(self):
        """Its goods were settled anew long ago."""
        rma = self._settle(self._sell(self.product, 5), 2)
        cancelled = self._get_credit_notes(rma)
        cancelled.button_cancel()
        rma.line_ids.action_settle()
        self._receive(rma)
        (self._get_credit_notes(rma) - cancelled).action_post()
        self.assertEqual(rma.state, "done")
        cancelled.unlink()
        self.assertEqual((rma.line_ids.state, rma.state), ("done", "done"))

    def test_missing(self):
        """Lost in whatever way: said so, never done, and made anew by settling."""
        rma = self._settle(self._sell(self.product, 5), 2)
        note = self._get_credit_notes(rma)
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM account_move_line WHERE move_id = %s", (note.id,)
        )
        self.env.invalidate_all()
        line = rma.line_ids
        self._receive(rma)
        self.assertEqual(line.state, "settled")
        self.assertEqual(line._get_pending(), ["credit note missing"])
        line.action_settle()
        (self._get_credit_notes(rma) - note).action_post()
        self.assertEqual((rma.state, line.amount_refunded), ("done", 44.0))

    def test_native_drafts_cost_nothing(self):
        """Draft invoices without returns are deleted with Odoo's own statements."""

        def count():
            invoices = self.env["account.move"]
            for _two in range(2):
                order = self._sell(self.product, 3, invoice=False).order_id
                invoices |= order._create_invoices()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            invoices.invoice_line_ids[:1].unlink()
            invoices.unlink()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        count()
        own = count()
        Item = type(self.env["account.move.line"])
        native = [
            method
            for method in Item._ondelete_methods
            if method.__name__ != "_unlink_unsettle"
        ]
        self.assertEqual(len(native), len(Item._ondelete_methods) - 1)
        with patch.object(Item, "_ondelete_methods", native):
            self.assertEqual(own, count())


@tagged("post_install", "-at_install")
class TestCreditNoteGuarantee(ReturnCommon, WarrantyCommon):
    """A refund that does not stay leaves the thing and its guarantees as they were."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rule = {"code": "T-1Y", "name": "One year", "period": 1, "bearer": "maker"}
        cls.packs = cls._create_pack([rule], name="One", code="T-1", kind="legal")
        cls.packs |= cls._create_pack([rule], name="Two", code="T-2", kind="promise")

    def setUp(self):
        super().setUp()
        self.company.aftersales_invoice_posting = "draft"
        lot = self._stock_serial(["OLD"])
        sale_line = self._sell(self.part_serial, 1, lots=lot)
        self.thing = self.env["aftersales.asset"].create(
            {
                "lot_id": lot.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        self._register(pack=self.packs[0], asset=self.thing)
        self._register(pack=self.packs[1], asset=self.thing, state="pending")
        self.rma = self._create_return(
            {**self._prepare_line((sale_line, 1), "refund"), "lot_id": lot.id}
        )
        self.rma.action_accept()
        self._receive(self.rma)
        self.rma.line_ids.action_test(grade=self.grade_a)
        self.rma.line_ids.action_settle()
        self.note = self.rma.line_ids.refund_line_ids.move_id

    def _check_thing(self, owner, *states):
        self.assertEqual(self.thing.partner_id, owner)
        self.assertEqual(self.thing.active, bool(owner))
        registrations = self.packs.mapped(
            lambda pack: self.thing.registration_ids.filtered(
                lambda registration: registration.pack_id == pack
            )
        )
        self.assertEqual(tuple(registrations.mapped("state")), states)

    def test_cancelled_and_sent_back(self):
        """The customer gets it back, and it is covered as before."""
        self._check_thing(self.customer.browse(), "ended", "void")
        self.note.button_cancel()
        self._check_thing(self.customer, "active", "pending")
        line = self.rma.line_ids
        line.action_change_operation(self._get_operation("as_is"), reason="No")
        line.action_settle()
        self._receive(self.rma)
        self.assertEqual(line.state, "done")
        self._check_thing(self.customer, "active", "pending")

    def test_deleted_and_refunded_after_all(self):
        self.note.unlink()
        self._check_thing(self.customer, "active", "pending")
        self.rma.line_ids.action_settle()
        self._check_thing(self.customer.browse(), "ended", "void")

    def test_sold_again_meanwhile(self):
        """It is the next owner's, and so are its guarantees."""
        other = self.env["res.partner"].create({"name": "Next Owner"})
        self.thing.write({"active": True, "partner_id": other.id})
        self.note.button_cancel()
        self._check_thing(other, "ended", "void")


@tagged("post_install", "-at_install")
class TestRefundBeforeTheGoods(ReturnCommon):
    def test_refused(self):
        """Money is not given for goods that may never come, unless he keeps them."""
        for code in ("refund", "other"):
            operation = self._get_operation(code)
            with self.assertRaisesRegex(ValidationError, "refunded when they are here"):
                operation.when = "approved"
        self._get_operation("refund_keep").when = "approved"
        self._get_operation("exchange").when = "approved"


@tagged("post_install", "-at_install")
class TestCreditNoteUnit(MoneyCommon):
    """What was sold by the dozen comes back by the piece, at its price to the cent."""

    def setUp(self):
        super().setUp()
        self.product = self.part_avco
        self._stock(self.product, 24, 10.0)
        self.dozen = self.env.ref("uom.product_uom_dozen")

    def _sell_dozen(self, policy="order", **values):
        self.product.invoice_policy = policy
        return self._sell(
            self.product, 1, price=240.0, product_uom_id=self.dozen.id, **values
        )

    def _return_pieces(self, sale_line, quantity, operation="refund", **values):
        rma = self._create_return(
            {
                **self._prepare_line((sale_line, quantity), operation),
                "product_uom_id": self.product.uom_id.id,
                **values,
            }
        )
        rma.action_accept()
        self._receive(rma)
        return self._finish(rma)

    def test_pieces_of_a_dozen(self):
        for policy in ("order", "delivery"):
            for operation in ("refund", "refund_keep"):
                with self._apart(policy, operation):
                    sale_line = self._sell_dozen(policy)
                    with self._changes(self.product) as change:
                        for quantity in (1, 5, 6):
                            rma = self._return_pieces(sale_line, quantity, operation)
                            note = self._get_credit_notes(rma)
                            self.assertEqual(note.amount_untaxed, 20.0 * quantity)
                            self.assertEqual(rma.state, "done")
                    self.assertEqual(change["books"]["income"], 240.0)
                    if operation == "refund":
                        self.assertEqual(change["books"]["stock"], 120.0)
                        self.assertEqual(change["gap"], 0.0)

    def test_unit_that_can_say_so(self):
        """Half a dozen is credited as it was sold; a third is not a hundredth."""
        sale_line = self._sell_dozen()
        for quantity, unit, told in (
            (6, self.dozen, 0.5),
            (4, self.product.uom_id, 4.0),
        ):
            rma = self._return_pieces(sale_line, quantity)
            item = rma.line_ids.refund_line_ids
            self.assertEqual((item.product_uom_id, item.quantity), (unit, told))

    def test_deduction(self):
        sale_line = self._sell_dozen(discount=10.0)
        rma = self._return_pieces(sale_line, 5, fee_percent=15.0)
        self.assertEqual(self._get_credit_notes(rma).amount_untaxed, 76.5)

    def test_together(self):
        """Of lines credited at once each takes what those before it left."""
        sale_line = self._sell_dozen()
        piece = {
            **self._prepare_line((sale_line, 1), "refund"),
            "product_uom_id": self.product.uom_id.id,
        }
        rma = self._create_return(*({**piece, "quantity": n} for n in (1, 4, 7)))
        rma.action_accept()
        self._receive(rma)
        self._finish(rma)
        self.assertEqual(rma.line_ids.mapped("amount_refunded"), [22.0, 88.0, 154.0])
        self.assertEqual(rma.state, "done")
