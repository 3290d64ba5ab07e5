import json

from odoo.tests import tagged

from .app_browser_common import AppBrowserCommon


@tagged("post_install", "-at_install")
class TestAppBrowser(AppBrowserCommon):
    """A whole visit in the basement."""

    def _do_the_visit(self, phone):
        """Do all there is to do, by pressing and typing, without a network."""
        visit = self.visit.id
        phone.press(".o_app_next .o_app_open")
        phone.press("[data-step=travel]")
        phone.press("[data-step=arrive]")
        phone.wait("document.querySelector('[data-step=finish]')")
        # The customer agrees to the added job.
        phone.press("[data-task=prices]")
        phone.press(".o_app_agree")
        phone.type(".o_app_signer", "Wang Fang")
        phone.sign()
        phone.press(".o_app_keep")
        phone.wait("!document.querySelector('.o_app_agree, .o_app_keep')")
        # Checklist with a photo.
        phone.go("visit", visit, "checklist", self.inspection.id)
        phone.press("[data-item='Shoe covers'] [data-value=yes]")
        phone.type("[data-item='Temperature'] input", "165")
        phone.take_photo("[data-item='Type plate'] input[type=file]")
        phone.wait("aftersalesField.model.photos.length === 1")
        phone.press(".o_app_finish_checklist")
        phone.wait("aftersalesField.router.parts.length === 2")
        # Clock, cause and remedy.
        for job in self.job + self.added:
            phone.go("visit", visit, "job", job.id)
            if job == self.job:
                phone.press(".o_app_clock_on")
            phone.type(".o_app_cause", f"{job.name} was worn")
            phone.type(".o_app_correction", f"{job.name} is new")
            phone.wait(
                "aftersalesField.model.outbox.filter((e) => e.kind === 'set'"
                f" && e.values.job_id === {job.id}).length"
            )
        phone.go("visit", visit, "job", self.job.id)
        phone.press(".o_app_clock_off")
        # Parts: one with its serial number, one without.
        phone.go("visit", visit, "parts")
        name = self.job.line_ids[:1].name
        phone.press(f"[data-part={name!r}] [aria-label='One used']")
        phone.type(".o_app_lot", "S-1")
        phone.press(".o_app_use")
        name = self.added.line_ids[:1].name
        phone.press(f"[data-part={name!r}] [aria-label='One used']")
        phone.wait(
            "aftersalesField.model.outbox.filter((e) => e.kind === 'use_part')"
            ".length === 2"
        )
        # Opinion and signature.
        phone.go("visit", visit, "customer")
        phone.press("[data-star='5']")
        phone.type(".o_app_signer", "Wang Fang")
        phone.sign()
        phone.press(".o_app_sign")
        phone.see("Signed by Wang Fang")
        phone.go("visit", visit, "finish")
        phone.press(".o_app_foot .o_app_step")
        phone.wait("aftersalesField.router.parts[0] === 'visits'")

    def test_whole_visit_offline_counts_once(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            self._do_the_visit(phone)
            kinds = phone.waiting
            self.assertEqual(kinds.count("finish"), 1)
            self._clear()
            self.assertEqual(self.visit.state, "planned", "nothing has come here yet")
            outbox = phone.run(
                "JSON.parse(JSON.stringify(aftersalesField.model.outbox))"
            )
            phone.send_all()
            self.assertFalse(phone.problems)
            self._check_once()
            before = self._take_stock()
            # The same again, as a phone that did not hear the answer.
            phone.run(
                "(async (entries) => {"
                " aftersalesField.model.outbox.push(...entries);"
                " await aftersalesField.sync.now(); })"
                f"({json.dumps(outbox)})"
            )
            phone.wait("!aftersalesField.model.waitingCount")
            self.assertFalse(phone.problems)
            phone.sync()
        self._check_once()
        self.assertEqual(self._take_stock(), before)

    def _take_stock(self):
        """Return all that the visit has left in stock, ledger, times and papers."""
        self._clear()
        order, visit = self.order, self.visit
        lines = self.env["account.move.line"].search(
            ["|", ("aftersales_order_id", "=", order.id), ("name", "=like", order.name)]
        )
        entries = self.env["aftersales.clock.entry"].search(
            [("employee_id", "=", self.employee_anna.id)]
        )
        attachments = self.env["ir.attachment"].search(
            [("res_model", "in", (visit._name, "aftersales.inspection.answer"))]
        )
        return {
            "ledger": sorted(
                (line.account_id.code, line.balance, line.quantity) for line in lines
            ),
            "moves": sorted(
                (move.product_id.name, move.state, move.quantity)
                for move in order.line_ids.move_ids
            ),
            "sales": sorted(
                (line.name, line.product_uom_qty, line.qty_delivered)
                for line in order.sale_order_ids.order_line
            ),
            "times": sorted(
                (entry.kind, entry.start, str(entry.stop)) for entry in entries
            ),
            "stamps": [(stamp.kind, stamp.date) for stamp in visit.stamp_ids],
            "answers": len(visit.approval_ids),
            "signature": visit.signature,
            "photos": sorted(attachments.mapped("checksum")),
        }

    def _check_once(self):
        self._clear()
        visit = self.visit
        self.assertEqual((visit.state, visit.outcome), ("done", "fixed"))
        self.assertEqual(set((self.job + self.added).mapped("state")), {"done"})
        self.assertEqual(self.job.cause, "Board was worn")
        self.assertEqual(
            visit.stamp_ids.mapped("kind"), ["travel", "arrive", "finish"], "times"
        )
        self.assertEqual(visit.signed_by, "Wang Fang")
        self.assertTrue(visit.signature)
        self.assertEqual(visit.opinion, "5")
        signed = visit.approval_ids.filtered(lambda each: each.decision == "approved")
        self.assertEqual(signed.job_ids, self.added, "consent")
        # Stock.
        customers = self.env.ref("stock.stock_location_customers")
        board, seal = self.part_serial, self.part_avco
        self.assertEqual(self._get_quantity(board, customers, self.serials[0]), 1)
        self.assertEqual(self._get_quantity(board, self.van_anna), 1)
        self.assertEqual(self._get_quantity(seal, customers), 1)
        self.assertEqual(self._get_quantity(seal, self.van_anna), 2)
        moves = self.order.line_ids.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id == customers
        )
        self.assertEqual(len(moves), 2)
        # Time.
        entries = self.env["aftersales.clock.entry"].search(
            [("job_id", "=", self.job.id), ("kind", "=", "work")]
        )
        self.assertEqual(len(entries), 1)
        self.assertTrue(entries.stop)
        # Checklist.
        self.assertEqual(self.inspection.state, "done")
        photos = self.inspection.answer_ids.photo_ids
        self.assertEqual(len(photos), 1)
        # What the customer is billed: one board, one seal.
        billed = self.order.sale_order_ids.order_line.filtered(
            lambda line: line.product_id in board + seal
        )
        self.assertEqual(billed.mapped("qty_delivered"), [1, 1])
        self.assertFalse(self._get_operations().filtered(lambda op: op.state != "done"))
