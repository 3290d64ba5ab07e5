import base64
import hashlib
from unittest.mock import patch

import psycopg2.errors
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .app_common import AppCommon, pixel
from .van_common import VanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestAppWork(VanCommon, AppCommon):
    """Every kind of entry, sent at once after hours without a network."""

    def setUp(self):
        super().setUp()
        self.company.aftersales_van_tolerance = 1000.0
        self.category.meter_required = True
        self.part_avco.aftersales_exchange = True
        self._stock(self.part_avco, 20)
        self._stock(self.part_fifo, 20)
        with freeze_time("2026-03-02 06:00:00"):
            self._fill(self.van_anna, self.part_avco, 5)
            self._fill(self.van_anna, self.part_fifo, 2)
            self._plan()
        self.anna, self.ben = self._phone(), self._phone(self.ben_user)
        self.anna.pull()

    def _plan(self):
        """A visit of Anna's: one job agreed to, two to ask the customer about."""
        self.order = self._create_order(
            {"name": "Board", "lines": [(self.part_avco, 2), (self.labour, 1)]},
            {"name": "Seal", "lines": [(self.labour, 0.5)]},
            {"name": "Paint", "lines": [(self.labour, 3)]},
        )
        self.board, self.seal, self.paint = self.order.job_ids
        self.order.action_estimate()
        self.order.action_approve(jobs=self.board)
        self.visit = self.order.action_create_visit()
        self.inspection = self._create_checklist(self.visit)
        self.visit.action_plan(
            start=self._local("2026-03-02 09:00"), technician=self.employee_anna
        )
        self.line = self._get_line(self.visit, self.part_avco)

    def _do_morning(self):
        """Enter what Anna did from 8 to 10 (UTC), and what is hers to hand over."""
        item = self.earthed.id
        for at, kind, values in (
            ("07:50", "travel", {}),
            ("08:00", "arrive", {}),
            ("08:01", "meter", {"value": 1000}),
            ("08:02", "clock_on", {"job_id": self.board.id}),
            ("08:05", "answers", {"inspection_id": self.inspection.id, "answers": [
                {"item_id": item, "value_yes_no": "yes"},
                {"item_id": self.pressure.id, "value_number": 2.5},
                {"item_id": self.words.id, "value_text": "Dry"}]}),
            ("08:10", "use_part", {"product_id": self.part_avco.id, "quantity": 2}),
            ("08:20", "unuse_part", {"line_id": self.line.id, "quantity": 1}),
            ("08:25", "old_part", {"line_id": self.line.id, "choice": "give_up",
                                   "signer": "Wang Fang", "serial": "OLD-1"}),
            ("08:30", "consent", {"job_ids": [self.seal.id], "signer": "Wang Fang",
                                  "signature": pixel()}),
            ("08:35", "refuse_paid", {"job_ids": [self.paint.id],
                                      "reason": "Too dear", "restored": True}),
            ("08:40", "set", {"job_id": self.board.id, "cause": "Worn",
                              "correction": "Replaced"}),
            ("08:41", "set", {"job_id": self.seal.id, "cause": "Torn",
                              "correction": "Glued"}),
            ("08:45", "pause", {"reason": "Lunch"}),
            ("09:15", "resume", {}),
            ("09:20", "clock_pause", {"job_id": self.board.id}),
            ("09:30", "clock_on", {"job_id": self.board.id}),
            ("09:40", "count", {"counts": [
                {"product_id": self.part_avco.id, "quantity": 4},
                {"product_id": self.part_fifo.id, "quantity": 1}]}),
            ("10:00", "hand_over", {"technician_id": self.employee_ben.id,
                                    "note": "Clean up"}),
        ):  # fmt: skip
            visit = None if kind == "count" else self.visit
            self._enter(self.anna, at, kind, visit, **values)
        return list(self.anna.outbox)

    def _do_end(self):
        """Enter what Ben did from then on."""
        check = {"inspection_id": self.inspection.id}
        for at, kind, values in (
            ("11:00", "travel", {}),
            ("11:10", "arrive", {}),
            ("11:20", "inspect_finish", check),
            ("11:30", "payment", {"method": "cash", "amount": 120}),
            ("11:35", "opinion", {"score": 5, "comment": "Quick"}),
            ("11:40", "sign", {"signer": "Wang Fang", "signature": pixel()}),
            ("11:45", "finish", {"outcome": "fixed", "unused_reason": "One did"}),
        ):  # fmt: skip
            self._enter(self.ben, at, kind, self.visit, **values)
        return list(self.ben.outbox)

    def _take_photo(self):
        """Send the photo that the checklist asks for, as often as one likes."""
        raw = base64.b64decode(pixel())
        answer = self.ben.app.put_photo(
            photo="nameplate",
            visit_id=self.visit.id,
            name="nameplate.png",
            size=len(raw),
            sha256=hashlib.sha256(raw).hexdigest(),
            offset=0,
            data=pixel(),
            inspection_item={
                "inspection_id": self.inspection.id,
                "item_id": self.nameplate.id,
            },
        )
        self.assertTrue(answer["done"], answer)

    def _enter(self, phone, at, kind, visit, **values):
        ago = fields.Datetime.now() - self._at(at)
        return phone.do(kind, visit, ago={"seconds": ago.total_seconds()}, **values)

    def _at(self, clock):
        return fields.Datetime.to_datetime(f"2026-03-02 {clock}:00")

    def _sync(self, phone, operations=None):
        results = phone.sync(operations)
        for result in results:
            self.assertEqual(result["state"], "done", result)
        return results

    def _take_stock(self):
        """Return all that was left in stock, ledger, times and papers."""
        self.env.flush_all()
        self.env.invalidate_all()
        order, visit = self.order, self.visit
        vans = self.warehouse.aftersales_vans_loc_id
        entries = self.env["aftersales.clock.entry"].search([])
        journal = self.env["account.move.line"].search(
            [("product_id", "in", (self.part_avco | self.part_fifo).ids)]
        )
        return {
            "ledger": sorted((each.account_id.code, each.balance) for each in journal),
            "moves": sorted(
                (move.product_id.name, move.location_id.name, move.state, move.quantity)
                for move in self.env["stock.move"].search(
                    [("product_id", "in", (self.part_avco | self.part_fifo).ids)]
                )
            ),
            "vans": sorted(
                (quant.location_id.name, quant.product_id.name, quant.quantity)
                for quant in self.env["stock.quant"].search(
                    [("location_id", "child_of", vans.id)]
                )
            ),
            "sales": sorted(
                (line.name, line.product_uom_qty, line.qty_delivered)
                for line in order.sale_order_ids.order_line
            ),
            "times": sorted(
                (each.employee_id.name, each.kind, each.start, each.stop or False)
                for each in entries
            ),
            "stamps": [(each.kind, each.date) for each in visit.stamp_ids],
            "said": sorted(
                (each.decision, each.job_ids.name, str(each.date))
                for each in visit.approval_ids
            ),
            "photos": len(self.inspection.answer_ids.photo_ids),
            "old": [(part.serial, part.state) for part in order.old_part_ids],
            "counts": self.env["aftersales.van.count"].search_count([]),
            "todo": len(order.activity_ids | visit.activity_ids),
            "messages": len(order.message_ids | visit.message_ids),
            "meter": (order.meter_in, order.meter_out),
            "visits": order.visit_ids.mapped("state"),
        }

    def test_whole_visit_of_two_engineers_counts_once(self):
        morning = self._do_morning()
        results = {
            operation["kind"]: result
            for operation, result in zip(morning, self._sync(self.anna), strict=True)
        }
        self.assertEqual(results["use_part"]["values"], {"line_id": self.line.id})
        self.assertEqual(
            results["count"]["values"], {"counted": 2, "booked": 1, "waiting": 0}
        )
        self.assertIn(self.visit.id, self.anna.gone, "it is Ben's now")
        self._check_morning()
        self.ben.pull()
        end = self._do_end()
        self._take_photo()
        self._sync(self.ben)
        self._check_end()
        before = self._take_stock()
        for _time in range(2):
            self._sync(self.anna, morning)
            self._take_photo()
            self._sync(self.ben, end)
            self.assertEqual(self._take_stock(), before)

    def _check_morning(self):
        visit, order = self.visit, self.order
        self.assertEqual(visit.technician_id, self.employee_ben)
        self.assertEqual(visit.state, "planned")
        self.assertEqual(order.meter_in, 1000)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_anna), 4)
        self.assertEqual(self._get_quantity(self.part_fifo, self.van_anna), 1)
        self.assertEqual(self.line.qty_used, 1)
        self.assertEqual(order.old_part_ids.mapped("state"), ["given_up"])
        self.assertEqual(order.old_part_ids.serial, "OLD-1")
        self.assertEqual(self.seal.state, "progress")
        self.assertEqual(self.paint.state, "declined")
        answers = {each.job_ids: each for each in visit.approval_ids}
        self.assertEqual(answers[self.seal].date, self._at("08:30"))
        self.assertEqual(answers[self.seal].signer, "Wang Fang")
        self.assertEqual(answers[self.paint].date, self._at("08:35"))
        self.assertTrue(answers[self.paint].is_restored)
        self.assertEqual(visit.stamp_ids[-1].date, self._at("10:00"))
        work = self.board.clock_entry_ids.filtered(lambda each: each.kind == "work")
        self.assertEqual(
            [(each.start, each.stop) for each in work.sorted("start")],
            [
                (self._at("08:02"), self._at("09:20")),
                (self._at("09:30"), self._at("10:00")),
            ],
        )

    def _check_end(self):
        visit, order = self.visit, self.order
        self.assertEqual((visit.state, visit.outcome), ("done", "fixed"))
        self.assertEqual(visit.date_left, self._at("11:45"))
        self.assertEqual((visit.opinion, visit.signed_by), ("5", "Wang Fang"))
        self.assertEqual(visit.payment_amount, 120)
        self.assertEqual(self.inspection.state, "done")
        self.assertEqual((self.board | self.seal).mapped("state"), ["done", "done"])
        self.assertEqual(order.state, "quality")
        self.assertFalse(
            self.env["aftersales.clock.entry"].search([("stop", "=", False)])
        )
        customers = self.env.ref("stock.stock_location_customers")
        self.assertEqual(self._get_quantity(self.part_avco, customers), 1)

    def test_what_was_signed_stays(self):
        self._do_morning()
        self._sync(self.anna)
        self.ben.pull()
        self._do_end()
        self._take_photo()
        self._sync(self.ben)
        before = self._take_stock()
        jobs = self.order.job_ids
        late = "11:50"
        for kind, values in (
            ("set", {"job_id": self.board.id, "cause": "Something else",
                     "base": {"cause": "Worn"}}),
            ("set", {"note": "Ring twice", "base": {"note": ""}}),
            ("answers", {"inspection_id": self.inspection.id, "answers": [
                {"item_id": self.words.id, "value_text": "Wet"}]}),
            ("inspect_finish", {"inspection_id": self.inspection.id}),
            ("remove_photo", {"inspection_id": self.inspection.id, "photo_id": 1}),
            ("added_work", {"text": "New brakes"}),
            ("meter", {"value": 2000}),
            ("old_part", {"line_id": self.line.id, "choice": "keep"}),
            ("clock_on", {"job_id": self.board.id}),
        ):  # fmt: skip
            base = values.pop("base", {})
            operation = self._enter(self.ben, late, kind, self.visit, **values)
            operation["base"] = base
        for result in self.ben.sync():
            self.assertEqual(result["state"], "refused", result)
            self.assertIn("is finished. Ask the dispatcher", result["message"])
        self.assertEqual(self.order.job_ids, jobs)
        self.assertEqual(self.board.cause, "Worn")
        self.assertFalse(self.visit.note)
        kept = self.env["aftersales.field.operation"].search(
            [("visit_id", "=", self.visit.id), ("state", "=", "refused")]
        )
        self.assertEqual(len(kept), 9)
        after = self._take_stock()
        after.update(todo=before["todo"], messages=before["messages"])
        self.assertEqual(after, before)
        # The dispatcher decides.
        kept = kept.filtered(lambda operation: operation.kind == "set")
        kept.with_user(self.dispatcher).action_retry()
        self.assertEqual(self.board.cause, "Something else")

    def test_what_happened_before_the_end_is_taken_late(self):
        """The helper's phone had no network until the other had finished."""
        with freeze_time("2026-03-02 06:00:00"):
            self.visit.action_plan(
                technician=self.employee_anna, helpers=self.employee_ben
            )
        for at, kind, values in (
            ("08:00", "arrive", {}),
            ("08:01", "meter", {"value": 1000}),
            ("08:30", "consent", {"job_ids": [self.seal.id, self.paint.id],
                                  "signer": "Wang Fang", "signature": pixel()}),
            ("11:00", "finish", {"outcome": "follow_up", "note": "Paint"}),
        ):  # fmt: skip
            self._enter(self.anna, at, kind, self.visit, **values)
        self._sync(self.anna)
        item = self.words.id
        for kind, values in (
            ("set", {"job_id": self.board.id, "cause": "Worn"}),
            ("answers", {"inspection_id": self.inspection.id, "answers": [
                {"item_id": item, "value_text": "Dry"}]}),
            ("clock_on", {"job_id": self.board.id}),
            ("clock_off", {"job_id": self.board.id}),
            ("old_part", {"line_id": self.line.id, "choice": "none",
                          "reason": "Had none"}),
            ("added_work", {"text": "New brakes"}),
            ("meter", {"value": 1001}),
        ):  # fmt: skip
            at = "10:00" if kind == "clock_off" else "09:00"
            self._enter(self.ben, at, kind, self.visit, **values)
        self.ben.outbox.sort(key=lambda operation: operation["moment"])
        self._sync(self.ben)
        self.assertEqual(self.board.cause, "Worn")
        self.assertEqual(self.order.meter_out, 1001)
        self.assertEqual(
            self.board.clock_entry_ids.filtered("stop").mapped("hours"), [1.0]
        )
        with self.assertRaisesRegex(UserError, "is finished"):
            self.visit.with_user(self.ben_user).record_meter(1002)

    def test_part_is_taken_back_by_the_name_of_its_entry(self):
        """The phone has not heard which line the part went to."""
        self.anna.send("arrive", self.visit, ago={"minutes": 50})
        use = self.anna.do(
            "use_part", self.visit, product_id=self.part_avco.id, quantity=1
        )
        self.anna.do("unuse_part", self.visit, operation=use["id"], quantity=1)
        results = self.anna.sync()
        self.assertEqual([each["state"] for each in results], ["done", "done"], results)
        self.assertEqual(self.line.qty_used, 0)
        for name in ("not sent", self.ben.do("use_part", self.visit)["id"]):
            result = self.anna.send("unuse_part", self.visit, operation=name)
            self.assertEqual(result["state"], "refused")
            self.assertIn("never taken over", result["message"])

    def test_blocked(self):
        self.anna.send("arrive", self.visit, ago={"minutes": 50})
        self.anna.do("block", self.visit, ago={"minutes": 5}, reason="Gas smells")
        self.anna.do("block", self.visit, reason=" ")
        results = self.anna.sync()
        self.assertEqual([each["state"] for each in results], ["done", "refused"])
        self.assertEqual(self.visit.block_reason, "Gas smells")
        self.assertIn("block", self.visit.stamp_ids.mapped("kind"))
        visit = self.anna.visits[self.visit.id]
        self.assertEqual(visit["block_reason"], "Gas smells")

    def test_checklists_that_finish_waits_for_are_known_before(self):
        self.assertEqual(self.anna.visits[self.visit.id]["rules"]["inspections"], [])
        self.checklist.step = "complete"
        self.anna.pull()
        visit = self.anna.visits[self.visit.id]
        self.assertEqual(visit["rules"]["inspections"], self.inspection.ids)
        gaps = self.visit.get_finish_gaps("fixed", None, None, None, None)
        self.assertIn(self.checklist.name, str(gaps))

    def test_conflict_with_another_request_is_run_again(self):
        """Reading may weigh guarantees: what it ran into undoes the whole request."""
        operation = self._enter(self.anna, "08:00", "arrive", self.visit)
        Visit = self.env.registry["aftersales.visit"]
        error = psycopg2.errors.SerializationFailure()
        for call in (self.anna.sync, self.anna.pull):
            with (
                patch.object(Visit, "get_cover", side_effect=error),
                self.assertRaises(psycopg2.errors.SerializationFailure),
                self.env.cr.savepoint(),
            ):
                call()
        self.assertEqual(self.visit.state, "planned", "nothing of it stays")
        self._sync(self.anna, [operation])
        self.assertEqual(self.visit.state, "onsite")
        self.assertEqual(self.visit.stamp_ids.mapped("kind"), ["arrive"])
