from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import ReturnCommon


class DockCommon(ReturnCommon):
    """A product with a guarantee: exchange for 7 days, repair for a year."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pack = cls.env["aftersales.warranty.pack"].create(
            {
                "name": "Shop guarantee",
                "code": "T-SHOP",
                "kind": "legal",
                "start_basis": "delivery",
                "product_ids": [Command.set((cls.part_serial | cls.part_avco).ids)],
                "version_ids": [
                    Command.create(
                        {
                            "date_from": "2000-01-01",
                            "rule_ids": [
                                Command.create(
                                    {
                                        "code": "T-7D",
                                        "name": "Exchange within 7 days",
                                        "purpose": "right",
                                        "period": 7,
                                        "period_unit": "day",
                                        "remedy": "exchange",
                                    }
                                ),
                                Command.create(
                                    {
                                        "code": "T-1Y",
                                        "name": "One year",
                                        "period": 1,
                                        "parts_charge": "free",
                                        "labour_charge": "free",
                                        "bearer": "maker",
                                        "source": "Article 1",
                                    }
                                ),
                            ],
                        }
                    )
                ],
            }
        )
        cls.pack.version_ids.action_publish()
        cls.warehouse.out_type_id.aftersales_create_assets = True
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )

    def setUp(self):
        super().setUp()
        self.dock = self.env["aftersales.return.dock"]

    def _sell_serial(self, name, days=0):
        """Sell a serial ``days`` ago."""
        lot = self._stock_serial([name])
        line = self._sell(self.part_serial, 1, lots=lot)
        if days:
            day = fields.Date.subtract(fields.Date.today(), days=days)
            asset = self.env["aftersales.asset"].search([("lot_id", "=", lot.id)])
            asset.date_sold = day
            asset.registration_ids.date_start = day
        return lot, line


@tagged("post_install", "-at_install")
class TestDock(DockCommon):
    def test_nothing_known_and_empty(self):
        answer = self.dock.scan("  NOBODY-1 ")
        self.assertEqual(answer["kind"], "unknown")
        self.assertEqual(answer["step"]["name"], "new_receipt")
        action = self.dock.act("new_receipt", "NOBODY-1")["action"]
        self.assertEqual(
            action["context"]["default_picking_type_id"],
            self.warehouse.aftersales_return_type_id.id,
        )
        self.assertEqual(action["name"], "Receive from Sender")
        form = Form(
            self.env["stock.picking"].with_context(**action["context"]),
            view="stock.view_picking_form",
        )
        form.partner_id = self.customer
        receipt = form.save()
        self.assertEqual(receipt.origin, "NOBODY-1")
        self.assertEqual(
            receipt.picking_type_id, self.warehouse.aftersales_return_type_id
        )
        with self.assertRaises(UserError):
            self.dock.scan("  ")
        # No pattern: it has to be the number itself.
        self._stock_serial(["SN-PATTERN"])
        for code in ("%", "SN_PATTERN", "SN-%"):
            self.assertEqual(self.dock.scan(code)["kind"], "unknown", code)

    def test_exchange_repair_past(self):
        for name, days, level in (
            ("SN-NEW", 2, "exchange"),
            ("SN-MID", 40, "repair"),
            ("SN-OLD", 500, "past"),
        ):
            self._sell_serial(name, days)
            answer = self.dock.scan(name.lower())
            self.assertEqual(answer["verdict"]["level"], level, name)
            self.assertTrue(answer["verdict"]["reasons"], name)
            self.assertTrue(answer["verdict"]["until"], name)
            self.assertEqual(answer["customer"], self.customer.display_name)
            self.assertTrue(answer["sold"])
            self.assertEqual(answer["step"]["name"], "announce")

    # Peer 13: without a guarantee is not the same as past it
    def test_no_guarantee_is_not_past_it(self):
        tool = self.env["product.product"].create(
            {
                "name": "Tool",
                "is_storable": True,
                "tracking": "serial",
                "categ_id": self.part_serial.categ_id.id,
            }
        )
        lot = self._stock_serial(["T-1"], tool)
        self._sell(tool, 1, lots=lot)
        verdict = self.dock.scan("T-1")["verdict"]
        self.assertEqual((verdict["level"], verdict["until"]), ("none", ""))
        # What may be asked for without one comes first.
        self.assertIn("Return period until", verdict["label"])
        self.assertFalse(verdict["reasons"])
        rma = self._create_return({"product_id": tool.id, "serial": "T-1"})
        operation = rma.line_ids.operation_id
        verdict = self.dock.scan("T-1")["verdict"]
        self.assertIn("Return period until", verdict["label"])
        self.assertTrue(verdict["is_open"])
        rma.date_requested = fields.Datetime.add(
            fields.Datetime.now(), days=operation.days + 2
        )
        verdict = self.dock.scan("T-1")["verdict"]
        self.assertIn("The return period ended", verdict["label"])
        self.assertFalse(verdict["is_open"])
        rma.line_ids.operation_id = self._get_operation("as_is")
        verdict = self.dock.scan("T-1")["verdict"]
        self.assertEqual(verdict["text"], verdict["label"], "said once")

    def test_what_is_ours_is_not_taken_back(self):
        self._stock_serial(["SN-STOCK"])
        answer = self.dock.scan("SN-STOCK")
        self.assertEqual(answer["step"]["name"], "none")
        self.assertIn(self.warehouse.lot_stock_id.display_name, answer["place"])
        with self.assertRaisesRegex(UserError, "ours"):
            self.dock.act("announce", "SN-STOCK")

    def test_of_two_scans_at_once_one_waits(self):
        """The thing is locked: the second call fails, and runs again."""
        lot, _sale_line = self._sell_serial("SN-1", 2)
        sent = []
        execute = self.env.cr.execute

        def watch(query, *args, **kwargs):
            sent.append(str(getattr(query, "code", query)))
            return execute(query, *args, **kwargs)

        with patch.object(self.env.cr, "execute", watch):
            self.dock.act("announce", "SN-1")
        self.assertEqual(
            len([code for code in sent if code.startswith('UPDATE "stock_lot"')]), 1
        )
        self.assertTrue(lot)

    def test_announced_once_by_the_storekeeper(self):
        lot, sale_line = self._sell_serial("SN-1", 2)
        dock = self.dock.with_user(self.storekeeper)
        answer = dock.act("announce", "SN-1")
        again = dock.act("announce", "SN-1")
        self.assertEqual(answer["return"]["id"], again["return"]["id"])
        line = self.env["aftersales.return.line"].search([("lot_id", "=", lot.id)])
        self.assertEqual(len(line), 1)
        rma = line.return_id
        self.assertEqual((rma.channel, rma.state), ("arrival", "draft"))
        self.assertEqual(rma.partner_id, self.customer)
        self.assertEqual(line.sale_line_id, sale_line)
        self.assertEqual(answer["step"]["name"], "open")
        self.assertEqual(answer["verdict"]["level"], "exchange")
        # Somebody who may answer it is told, once, what to do.
        task = rma.activity_ids
        self.assertEqual(len(task), 1)
        self.assertIn(self.customer.name, task.summary)
        self.assertTrue(task.user_id)
        self.assertEqual(rma.user_id, rma._find_responsible())

    def test_receive_keeps_the_verdict(self):
        lot, _sale_line = self._sell_serial("SN-2", 40)
        rma = self._create_return({"product_id": self.part_serial.id, "serial": "SN-2"})
        line = rma.line_ids
        self.assertFalse(line.verdict)
        self.assertIn("Free repair", line.verdict_text)
        rma.action_accept()
        dock = self.dock.with_user(self.storekeeper)
        answer = dock.scan("SN-2")
        self.assertEqual(answer["step"]["name"], "receive")
        self.assertIn(rma.picking_ids.name, answer["step"]["text"])
        answer = dock.act("receive", "SN-2")
        self.assertEqual(line.state, "received")
        self.assertEqual(line.verdict, "repair")
        self.assertIn("Article 1", line.verdict_text)
        self.assertEqual(answer["return"]["line_state"], "received")
        # Twice scanned is received once.
        dock.act("receive", "SN-2")
        self.assertEqual(len(line.move_ids), 1)
        # What is changed in the guarantee later changes nothing that was said.
        line.asset_id = False
        self.env["aftersales.asset"].search(
            [("lot_id", "=", lot.id)]
        ).registration_ids.action_void(reason="Mistake")
        line.invalidate_recordset()
        self.assertIn("Article 1", line.verdict_text)

    def test_every_code_of_a_return(self):
        self._stock(self.part_avco, 20, 10.0)
        sale_line = self._sell(self.part_avco, 10)
        rma = self._create_return((sale_line, 4))
        rma.action_accept()
        parcel = self.env["aftersales.shipment"].create(
            {"return_id": rma.id, "waybill": "WB-77"}
        )
        line = rma.line_ids
        codes = (
            rma.name,
            rma.name.lower(),
            rma.picking_ids.name,
            "WB-77",
            parcel.name,
            rma._get_code(),
            f"http://localhost/my/{rma._get_code()}?x=1",
            line._get_tag_code(),
        )
        for code in codes:
            self.assertEqual(self.dock.scan(code).get("line_id"), line.id, code)
        forged = rma._get_code()[:-1] + ("0" if rma._get_code()[-1] != "0" else "1")
        self.assertEqual(self.dock.scan(forged)["kind"], "unknown")

    def test_serial_that_is_no_asset(self):
        self.warehouse.out_type_id.aftersales_create_assets = False
        lot = self._stock_serial(["SN-BARE"])
        self._sell(self.part_serial, 1, lots=lot)
        answer = self.dock.scan("SN-BARE")
        self.assertFalse(answer["asset_id"])
        self.assertEqual(answer["verdict"]["level"], "exchange")
        self.assertEqual(answer["customer"], self.customer.display_name)
        self.dock.act("announce", "SN-BARE")
        line = self.env["aftersales.return.line"].search([("lot_id", "=", lot.id)])
        self.assertEqual(line.return_id.channel, "arrival")

    def test_refused_and_sent_in_all_the_same(self):
        self._sell_serial("SN-R", 3)
        rma = self._create_return({"product_id": self.part_serial.id, "serial": "SN-R"})
        rma.action_refuse("Broken by water")
        answer = self.dock.scan("SN-R")
        self.assertIn("Broken by water", answer["step"]["text"])

    def test_goods_without_serial(self):
        self._stock(self.part_avco, 20, 10.0)
        self.part_avco.barcode = "4711"
        sale_line = self._sell(self.part_avco, 10)
        self.assertEqual(self.dock.scan("4711")["kind"], "unknown")
        rma = self._create_return((sale_line, 4))
        rma.action_accept()
        answer = self.dock.scan("4711")
        self.assertEqual(answer["verdict"]["level"], "exchange")
        self.assertEqual(answer["step"]["quantity"], 4)
        other = self._create_return((sale_line, 2))
        other.action_accept()
        answer = self.dock.scan("4711")
        self.assertEqual(answer["kind"], "choice")
        self.assertEqual(len(answer["choices"]), 2)
        # Three of four came: the rest is awaited or cleared, as in Inventory.
        line = rma.line_ids
        answer = self.dock.act("receive", "4711", line_id=line.id, quantity=3)
        self.assertEqual((line.state, line.quantity), ("received", 3))
        self.assertEqual(sum(rma.line_ids.mapped("quantity")), 4)
        with self.assertRaises(UserError):
            self.dock.act("receive", "4711", line_id=other.line_ids.id, quantity="x")

    def test_advisor_without_a_right_to_transfers(self):
        self._sell_serial("SN-V", 40)
        rma = self._create_return({"product_id": self.part_serial.id, "serial": "SN-V"})
        rma.action_accept()
        for user in (self.advisor, self.technician):
            dock = self.dock.with_user(user)
            for code in ("SN-V", rma.picking_ids.name, rma.name):
                answer = dock.scan(code)
                self.assertEqual(answer["line_id"], rma.line_ids.id)
                self.assertEqual(answer["verdict"]["level"], "repair")
                self.assertFalse(answer["step"]["label"], "the storekeeper receives")

    def test_two_serials_of_one_return(self):
        for name in ("SN-A", "SN-B"):
            self._sell_serial(name, 3)
        rma = self._create_return(
            *(
                {"product_id": self.part_serial.id, "serial": name}
                for name in ("SN-A", "SN-B")
            )
        )
        rma.action_accept()
        picking = rma.picking_ids
        dock = self.dock.with_user(self.storekeeper)
        answer = dock.act("receive", "SN-A")
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(answer["step"]["name"], "finish")
        self.assertIn("1 of 2", answer["step"]["text"])
        dock.act("receive", "SN-B")
        self.assertEqual(picking.state, "done")
        self.assertEqual(set(rma.line_ids.mapped("state")), {"received"})

    def test_finish_with_what_is_here(self):
        for name in ("SN-C", "SN-D"):
            self._sell_serial(name, 3)
        rma = self._create_return(
            *(
                {"product_id": self.part_serial.id, "serial": name}
                for name in ("SN-C", "SN-D")
            )
        )
        rma.action_accept()
        first, second = rma.line_ids
        dock = self.dock.with_user(self.storekeeper)
        dock.act("receive", "SN-C")
        dock.act("finish", "SN-C")
        self.assertEqual((first.state, second.state), ("received", "expected"))
        answer = dock.scan(rma.name)
        self.assertEqual((answer["kind"], len(answer["lines"])), ("return", 2))
        self.assertEqual(answer["step"]["name"], "receive_all")
        dock.act("receive_all", rma.name)
        self.assertEqual(second.state, "received")

    def test_put_away_after_the_test(self):
        self._sell_serial("SN-3", 3)
        rma = self._create_return(
            {"product_id": self.part_serial.id, "serial": "SN-3"}, operation="restock"
        )
        rma.action_accept()
        dock = self.dock.with_user(self.storekeeper)
        answer = dock.act("receive", "SN-3")
        self.assertEqual(answer["step"]["name"], "none", "a storekeeper tests nothing")
        self.assertEqual(self.dock.scan("SN-3")["step"]["name"], "test")
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_agree("keep", name="Wang Fang")
        rma.line_ids.action_settle()
        answer = dock.scan("SN-3")
        self.assertEqual(answer["step"]["name"], "put_away")
        dock.act("put_away", "SN-3")
        self.assertEqual(rma.state, "done")
        answer = dock.scan("SN-3")
        self.assertEqual(answer["step"]["name"], "none")
        self.assertIn(self.warehouse.lot_stock_id.display_name, answer["place"])

    def test_difference_and_refusal(self):
        self._sell_serial("SN-4", 3)
        rma = self._create_return({"product_id": self.part_serial.id, "serial": "SN-4"})
        rma.action_refuse("Broken by water")
        answer = self.dock.scan(rma.name)
        self.assertIn("Broken by water", answer["step"]["text"])
        rma.action_reopen()
        rma.action_accept()
        other = self.env["stock.lot"].create(
            {
                "name": "SN-X",
                "product_id": self.part_serial.id,
                "company_id": self.company.id,
            }
        )
        rma.picking_ids.move_line_ids.lot_id = other
        self._receive(rma)
        answer = self.dock.with_user(self.storekeeper).scan(rma.name)
        self.assertEqual(answer["step"]["name"], "difference")
        self.assertIn("SN-X", answer["difference"])
        action = self.dock.with_user(self.storekeeper).act("difference", rma.name)
        self.assertEqual(action["action"]["res_model"], "aftersales.return.difference")

    def test_same_serial_of_two_products(self):
        self._sell_serial("SN-5", 3)
        twin = self.env["product.product"].create(
            {
                "name": "Twin",
                "is_storable": True,
                "tracking": "serial",
                "categ_id": self.part_serial.categ_id.id,
            }
        )
        lot = self.env["stock.lot"].create(
            {"name": "SN-5", "product_id": twin.id, "company_id": self.company.id}
        )
        self._make_in_move(twin, 1, 10.0, lot_ids=lot)
        answer = self.dock.scan("SN-5")
        self.assertEqual(answer["kind"], "choice")
        lots = {choice["label"]: choice["lot_id"] for choice in answer["choices"]}
        answer = self.dock.scan("SN-5", lot_id=lots[twin.display_name])
        self.assertEqual(answer["step"]["name"], "none")

    def test_supplier_in_words(self):
        vendor = self.env["res.partner"].create({"name": "Parts Ltd"})
        self.part_serial.seller_ids = [
            Command.create({"partner_id": vendor.id, "aftersales_warranty_months": 24})
        ]
        self._sell_serial("SN-6", 3)
        answer = self.dock.scan("SN-6")
        self.assertTrue(answer["supplier"])
        rma = self._create_return({"product_id": self.part_serial.id, "serial": "SN-6"})
        self.assertEqual(rma.line_ids.supplier_text, answer["supplier"])

    def test_rights(self):
        portal = new_test_user(self.env, "dock_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.dock.with_user(portal).scan("SN-1")
        clerk = new_test_user(self.env, "dock_clerk", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.dock.with_user(clerk).scan("SN-1")
        self._sell_serial("SN-7", 3)
        with self.assertRaises(AccessError):
            self.dock.with_user(self.accountant).act("announce", "SN-7")
        with self.assertRaises(UserError):
            self.dock.act("explode", "SN-7")

    def test_another_company_sees_nothing(self):
        self._sell_serial("SN-8", 3)
        rma = self._create_return({"product_id": self.part_serial.id, "serial": "SN-8"})
        company = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "dock_stranger",
            groups="stock.group_stock_user",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        dock = self.dock.with_user(stranger).with_context(
            allowed_company_ids=company.ids
        )
        for code in ("SN-8", rma.name):
            self.assertEqual(dock.scan(code)["kind"], "unknown", code)
        with self.assertRaises(AccessError):
            dock.scan("SN-8", line_id=rma.line_ids.id)

    def test_sold_again_is_unannounced_again(self):
        lot, _line = self._sell_serial("SN-9", 3)
        rma = self._create_return(
            {"product_id": self.part_serial.id, "serial": "SN-9"}, operation="restock"
        )
        rma.action_accept()
        self.dock.act("receive", "SN-9")
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_agree("keep", name="Wang Fang")
        rma.line_ids.action_settle()
        self.dock.act("put_away", "SN-9")
        self._sell(self.part_serial, 1, lots=lot)
        answer = self.dock.scan("SN-9")
        self.assertEqual(answer["step"]["name"], "announce")
        self.assertEqual(answer["earlier"], [rma.name])

    def test_verdict_costs_a_batch_little(self):
        counts = []
        for size in (2, 12):
            names = [f"SN-Q{size}-{index}" for index in range(size)]
            for name in names:
                self._sell_serial(name, 3)
            rma = self._create_return(
                *({"product_id": self.part_serial.id, "serial": n} for n in names)
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rma.line_ids._keep_verdict()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 4, counts)
