from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import WarrantyCommon

DAY = "2024-03-01"
COVER = {
    "code": "T-ALL",
    "name": "Everything",
    "period": 1,
    "parts_charge": "free",
    "labour_charge": "free",
    "bearer": "warranty",
}


class RegistrationCommon(WarrantyCommon):
    """``_create_sold(pack)``: serials sold under it; ``_deliver``, ``_bill``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.out_type_id.aftersales_create_assets = True
        cls.part_serial.invoice_policy = "order"

    def _create_promise(self, **values):
        """A guarantee that comes by itself with ``part_serial``."""
        return self._create_pack(
            [COVER],
            **{
                "name": "Promise",
                "code": "T-PROMISE",
                "product_ids": [Command.link(self.part_serial.id)],
                **values,
            },
        )

    def _sell(self, *serials, partner=None, product=None):
        """Confirm a sales order of new serials that are in stock."""
        product = product or self.part_serial
        lots = self.env["stock.lot"].search(
            [("name", "in", serials), ("product_id", "=", product.id)]
        ) or self._stock_serial(serials, product)
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.customer).id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": len(lots),
                            "price_unit": 3000,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.lot_ids = lots
        picking.move_ids.picked = True
        return order

    def _deliver(self, order):
        """Deliver it; return the guarantees of what was delivered."""
        picking = order.picking_ids
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        return self._get_registrations(picking.move_line_ids.lot_id)

    def _get_registrations(self, lots):
        return (
            self.env["aftersales.asset"]
            .search([("lot_id", "in", lots.ids)])
            .registration_ids
        )

    def _bill(self, order):
        invoice = order._create_invoices()
        invoice.invoice_date = fields.Date.today()
        invoice.action_post()
        return invoice


@tagged("post_install", "-at_install")
class TestRegistration(RegistrationCommon):
    def test_delivery_registers_what_is_sold_under_it(self):
        pack = self._create_promise()
        self._create_promise(code="T-OTHER", product_ids=[])
        with freeze_time(DAY):
            registrations = self._deliver(self._sell("S1", "S2"))
        self.assertEqual(len(registrations), 2, "one for each of the batch")
        self.assertEqual(registrations.pack_id, pack)
        self.assertEqual(registrations.version_id, pack.version_ids)
        self.assertEqual(set(registrations.mapped("state")), {"active"})
        self.assertEqual(set(registrations.mapped("source")), {"delivery"})
        self.assertEqual(registrations.partner_id, self.customer)
        self.assertEqual(set(registrations.mapped("document_state")), {"looked_up"})
        self.assertEqual(registrations[0].date_start, fields.Date.to_date(DAY))
        self.assertEqual(registrations[0].date_end, fields.Date.to_date("2025-03-01"))
        self.assertEqual(set(registrations.mapped("price")), {3000})

    def test_scope_by_categories(self):
        goods = self.env["product.category"].create(
            {"name": "Below", "parent_id": self.part_serial.categ_id.id}
        )
        by_goods = self._create_promise(
            code="T-GOODS",
            product_ids=[],
            product_categ_ids=[Command.link(self.part_serial.categ_id.id)],
        )
        by_asset = self._create_promise(
            code="T-ASSET",
            product_ids=[],
            category_ids=[Command.link(self.category.id)],
        )
        self.part_serial.categ_id = goods
        self.part_serial.aftersales_category_id = self.category
        registrations = self._deliver(self._sell("S1"))
        self.assertEqual(registrations.pack_id, by_goods | by_asset)

    def test_extended_cover_and_drafts_do_not_come_by_themselves(self):
        self._create_promise(kind="extended")
        draft = self.env["aftersales.warranty.pack"].create(
            {
                "name": "Draft",
                "code": "T-DRAFT",
                "product_ids": [Command.link(self.part_serial.id)],
                "version_ids": [
                    Command.create(
                        {"date_from": "2000-01-01", "rule_ids": [Command.create(COVER)]}
                    )
                ],
            }
        )
        self.assertFalse(self._deliver(self._sell("S1")))
        self.assertFalse(draft.registration_count)

    def test_version_of_the_day(self):
        pack = self._create_promise()
        old = pack.version_ids
        new = old.browse(old.action_new_version()["res_id"])
        new.date_from = "2024-06-01"
        new.action_publish()
        with freeze_time("2024-05-31"):
            before = self._deliver(self._sell("S1"))
        with freeze_time("2024-06-01"):
            after = self._deliver(self._sell("S2"))
        self.assertEqual(before.version_id, old)
        self.assertEqual(after.version_id, new)

    def test_before_the_first_version_a_person_decides(self):
        pack = self._create_promise()
        with freeze_time("1999-12-31"):
            registration = self._deliver(self._sell("S1"))
        self.assertEqual(registration.state, "pending")
        self.assertEqual(registration.pack_id, pack)

    # Peer 13: it starts with delivery or invoice, not the day of the record
    def test_invoice_after_delivery(self):
        self._create_promise(start_basis="invoice")
        with freeze_time(DAY):
            order = self._sell("S1", "S2")
            registrations = self._deliver(order)
        self.assertEqual(set(registrations.mapped("state")), {"pending"})
        self.assertFalse(registrations[0].date_start)
        with freeze_time("2024-03-09"):
            invoice = self._bill(order)
        self.assertEqual(set(registrations.mapped("state")), {"active"})
        self.assertEqual(registrations[0].date_start, fields.Date.to_date("2024-03-09"))
        self.assertEqual(registrations.invoice_id, invoice)

    def test_invoice_before_delivery(self):
        self._create_promise(start_basis="invoice")
        self._create_promise(start_basis="later", code="T-LATER")
        with freeze_time("2024-02-20"):
            order = self._sell("S1")
            invoice = self._bill(order)
        with freeze_time(DAY):
            registrations = self._deliver(order)
        starts = {
            registration.pack_id.start_basis: str(registration.date_start)
            for registration in registrations
        }
        self.assertEqual(starts, {"invoice": "2024-02-20", "later": DAY})
        self.assertEqual(registrations.invoice_id, invoice)

    def test_the_later_of_invoice_and_delivery(self):
        self._create_promise(start_basis="later")
        with freeze_time(DAY):
            order = self._sell("S1")
            registration = self._deliver(order)
        self.assertEqual(registration.state, "pending")
        with freeze_time("2024-03-09"):
            self._bill(order)
        self.assertEqual(str(registration.date_start), "2024-03-09")

    def test_installation(self):
        self._create_promise(start_basis="installation")
        registration = self._deliver(self._sell("S1"))
        self.assertEqual(registration.state, "pending")
        registration.asset_id.date_installed = "2024-04-05"
        self.assertEqual(registration.state, "active")
        self.assertEqual(str(registration.date_start), "2024-04-05")

    def test_by_hand(self):
        registration = self._register(date_start=DAY, meter_start=10)
        self.assertEqual(registration.source, "hand")
        self.assertEqual(registration.partner_id, self.customer)
        self.assertEqual(registration.use, "household")
        self.assertEqual(registration.version_id, self.version_car)
        waiting = self._register(
            self._create_promise(start_basis="hand"), date_start=False
        )
        self.assertEqual(waiting.state, "pending")
        waiting.action_start(DAY, meter_start=20)
        waiting.action_start("2025-01-01")
        self.assertEqual(str(waiting.date_start), DAY, "the first start stays")
        self.assertEqual(waiting.meter_start, 20)

    def test_document_check(self):
        registrations = self._register(document_state="missing") | self._register(
            self._create_promise(), document_state="shown"
        )
        with self.assertRaisesRegex(UserError, "attach the paper"):
            registrations.action_check_document()
        registrations.document_note = "Invoice 4711"
        registrations.action_check_document()
        self.assertEqual(set(registrations.mapped("document_state")), {"checked"})

    def test_checked_is_not_written_without_a_paper(self):
        registration = self._register(document_state="missing")
        others = registration.with_user(self.advisor)
        with self.assertRaisesRegex(UserError, registration.asset_id.name):
            others.document_state = "checked"
        others.write({"document_state": "checked", "document_note": "No. 17"})
        self.assertEqual(registration.document_state, "checked")

    def test_looked_up_needs_no_paper(self):
        """A seller may not refuse what can be found in its own sales."""
        registration = self._register(document_state="looked_up")
        registration.action_check_document()
        self.assertEqual(registration.document_state, "looked_up")

    def test_void_and_end_need_a_reason(self):
        registration = self._register()
        for step in (registration.action_void, registration.action_end):
            with self.assertRaisesRegex(UserError, "say why"):
                step(reason=" ")
        registration.action_void(reason="Forged invoice")
        self.assertEqual(registration.end_reason, "Forged invoice")
        with self.assertRaisesRegex(UserError, "can't be written"):
            registration.state = "active"

    def test_weighed_guarantees_stay(self):
        registration = self._register()
        self._create_order().action_check_warranty()
        with self.assertRaisesRegex(UserError, "Void it"):
            registration.unlink()

    def test_technician_only_reads(self):
        registration = self._register().with_user(self.technician)
        self.assertTrue(registration.date_start)
        with self.assertRaises(AccessError):
            registration.document_state = "checked"

    def test_two_companies(self):
        """A pack of one company is for its own sales, and nobody else sees them."""
        other = self.env["res.company"].create({"name": "Branch"})
        own = self._create_promise(company_id=self.company.id)
        self._create_promise(company_id=other.id)
        common = self._create_promise(code="T-ALL-COMPANIES")
        registrations = self._deliver(self._sell("S1"))
        self.assertEqual(registrations.pack_id, own | common)
        self.assertEqual(registrations.company_id, self.company)
        self.manager.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        found = self.env["aftersales.warranty.registration"].with_user(self.manager)
        self.assertFalse(found.search([("id", "in", registrations.ids)]))

    def test_pack_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Branch"})
        pack = self._create_promise(company_id=other.id)
        with self.assertRaises(UserError):
            self._register(pack)


@tagged("post_install", "-at_install")
class TestRegistrationLife(RegistrationCommon):
    """Days in repair, exchange, next owners."""

    def _repair_for(self, days, pauses=(), day="2024-07-01"):
        """Do a repair under guarantee that takes ``days``; return its order."""
        begin = fields.Datetime.to_datetime(f"{day} 08:00:00")
        with freeze_time(begin):
            order = self._create_order(
                {"lines": [(self.labour, 1)], "fault_id": self.fault_noise.id},
                date_reported=day,
                meter_in=12000,
            )
            self._approve(order)
            order.action_start()
        order.repair_pause_ids = [
            Command.create(
                {
                    "kind": kind,
                    "date_from": begin + timedelta(days=first),
                    "date_to": begin + timedelta(days=last),
                }
            )
            for kind, first, last in pauses
        ]
        with freeze_time(begin + timedelta(days=days)):
            order.action_complete()
        return order

    def test_days_in_repair_are_taken_out(self):
        self.pack_car.pause_in_repair = True
        registration = self._register(date_start=DAY)
        self.assertEqual(str(registration.date_end), "2027-03-01")
        self._repair_for(10)
        self.assertEqual(registration.days_out, 10)
        self.assertEqual(str(registration.date_end), "2027-03-11")
        late = self._create_order(
            [(self.labour, 1)], date_reported="2027-03-11", meter_in=13000
        )
        late.action_check_warranty()
        self.assertEqual(late.verdict_ids.result, "covered")
        self.assertIn("10 days in repair", late.verdict_ids.explanation)

    def test_pauses_are_no_days_in_repair(self):
        self.pack_car.pause_in_repair = True
        registration = self._register(date_start=DAY)
        self._repair_for(
            10,
            pauses=[
                ("made_part", 1, 4),
                ("rescue", 3, 5),
                ("parts", 5, 9),  # waiting for parts is our matter
            ],
        )
        self.assertEqual(registration.days_out, 6)

    def test_where_the_law_does_not_say_so_nothing_is_taken_out(self):
        registration = self._register(date_start=DAY)
        self._repair_for(10)
        self.assertEqual(registration.days_out, 0)
        self.assertEqual(str(registration.date_end), "2027-03-01")

    def test_restart_after_exchange(self):
        self.pack_car.restart_on_exchange = True
        goes_on = self._create_pack([COVER], code="T-ON", name="Goes on")
        both = self._register(date_start=DAY, price=150000) | self._register(
            goes_on, date_start=DAY
        )
        thing = self.asset.copy()
        thing.meter = 30
        new = both.action_restart(thing, date="2024-09-01")
        self.assertEqual(set(both.mapped("state")), {"ended"})
        by_pack = new.grouped("pack_id")
        self.assertEqual(str(by_pack[self.pack_car].date_start), "2024-09-01")
        self.assertEqual(by_pack[self.pack_car].meter_start, 30)
        self.assertEqual(by_pack[self.pack_car].price, 150000)
        self.assertEqual(str(by_pack[goes_on].date_start), DAY)
        self.assertEqual(by_pack[goes_on].meter_start, 0)
        self.assertEqual(new.previous_id, both)
        self.assertFalse(both.action_restart(thing), "a second call finds none")

    def test_next_owner(self):
        kept = self._register()
        ends = self._register(
            self._create_pack(
                [COVER], code="T-OWN", name="First owner", transferable=False
            )
        )
        waits = self._register(
            self._create_pack(
                [COVER], code="T-WAIT", name="Waiting", transferable=False
            ),
            date_start=False,
        )
        buyer = self.env["res.partner"].create({"name": "Li Wei"})
        self.asset.partner_id = buyer
        self.assertEqual(kept.partner_id, buyer)
        self.assertEqual((kept.state, kept.use), ("active", "household"))
        self.assertEqual(ends.state, "ended")
        self.assertIn("Li Wei", ends.end_reason)
        self.assertEqual(waits.state, "void", "what never began does not end")

    def test_company_buyer_makes_it_business(self):
        registration = self._register()
        self.asset.partner_id = self.fleet
        self.assertEqual(registration.use, "business")

    def test_same_owner_changes_nothing(self):
        registration = self._register()
        self.asset.partner_id = self.customer
        self.assertEqual(registration.partner_id, self.customer)
        self.assertEqual(registration.state, "active")

    def test_two_assets_change_hands_at_once(self):
        other = self.asset.copy({"partner_id": self.fleet.id})
        registrations = self._register() | self._register(asset=other)
        buyer = self.env["res.partner"].create({"name": "Li Wei"})
        (self.asset | other).partner_id = buyer
        self.assertEqual(registrations.partner_id, buyer)

    def test_sold_again(self):
        """It came back and goes to the next customer: its guarantees begin anew."""
        pack = self._create_promise()
        with freeze_time(DAY):
            order = self._sell("S1")
            first = self._deliver(order)
        wizard = self.env["stock.return.picking"].create(
            {"picking_id": order.picking_ids.id}
        )
        wizard.product_return_moves.quantity = 1
        back = wizard._create_return()
        back.move_ids.picked = True
        back.button_validate()
        with freeze_time("2024-08-01"):
            second = self._deliver(self._sell("S1", partner=self.fleet)) - first
        self.assertEqual(first.state, "ended")
        self.assertEqual(first.partner_id, self.customer, "as it was")
        self.assertEqual(second.pack_id, pack)
        self.assertEqual(second.partner_id, self.fleet)
        self.assertEqual(second.use, "business")
        self.assertEqual(str(second.date_start), "2024-08-01")


@tagged("post_install", "-at_install")
class TestRepairGuarantee(RegistrationCommon):
    """Our own guarantee on the repair (B16)."""

    def setUp(self):
        super().setUp()
        self.pack = self._create_pack(
            [{**COVER, "period": 6, "period_unit": "month", "meter_limit": 10000}],
            code="T-OURS",
            name="Our repair",
            kind="repair",
        )
        self.company.aftersales_repair_pack_id = self.pack
        self._stock(self.part_avco, 10)
        self._stock(self.part_fifo, 10)

    def _hand_over(self, *jobs, **values):
        order = self._create_order(*jobs, meter_in=self.asset.meter, **values)
        self._approve(order)
        self._finish_order(order)
        order.action_deliver(meter_out=self.asset.meter + 10)
        return order

    def _weigh(self, *jobs, **values):
        order = self._create_order(*jobs, meter_in=13000, **values)
        order.action_check_warranty()
        return order.verdict_ids

    def test_made_at_delivery_once_per_job(self):
        order = self._hand_over(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id},
            {"lines": [(self.labour, 1)]},
        )
        registrations = self.asset.registration_ids
        self.assertEqual(registrations.job_id, order.job_ids)
        self.assertEqual(set(registrations.mapped("source")), {"repair"})
        self.assertEqual(set(registrations.mapped("meter_start")), {12010})
        order.action_deliver()
        self.assertEqual(self.asset.registration_ids, registrations)

    def test_the_same_fault_again_is_ours(self):
        self._hand_over(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id}
        )
        verdicts = self._weigh(
            {
                "lines": [(self.part_fifo, 1), (self.labour, 1)],
                "fault_id": self.fault_noise.id,
            }
        )
        self.assertEqual(verdicts.mapped("result"), ["covered", "covered"])
        self.assertEqual(verdicts.payer_id, self.payer_warranty)

    def test_the_same_part_again_is_ours(self):
        self._hand_over({"lines": [(self.part_avco, 1)]})
        verdicts = self._weigh({"lines": [(self.part_avco, 1), (self.labour, 1)]})
        self.assertEqual(verdicts.mapped("result"), ["covered", "covered"])

    def test_other_work_is_not(self):
        self._hand_over(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id}
        )
        for job in (
            {"lines": [(self.part_fifo, 1)]},
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_brake.id},
        ):
            verdicts = self._weigh(job)
            self.assertEqual(verdicts.result, "charged")
            self.assertIn("another repair", verdicts.summary)

    def test_past_its_kilometres(self):
        self._hand_over({"lines": [(self.part_avco, 1)]})
        order = self._create_order([(self.part_avco, 1)], meter_in=22011)
        order.action_check_warranty()
        self.assertEqual(order.verdict_ids.result, "charged")

    def test_two_orders_handed_over_at_once(self):
        orders = self._create_order([(self.part_avco, 1)]) | self._create_order(
            [(self.part_avco, 1)]
        )
        self._approve(orders)
        self._finish_order(orders)
        orders.action_deliver()
        self.assertEqual(self.asset.registration_ids.job_id, orders.job_ids)

    def test_none_without_a_pack_or_for_rework(self):
        rework = self.env["aftersales.payer"].search(
            [("company_id", "=", self.company.id), ("code", "=", "rework")]
        )
        self._hand_over({"lines": [(self.part_avco, 1)], "payer_id": rework.id})
        self.assertFalse(self.asset.registration_ids)
        self.company.aftersales_repair_pack_id = False
        self._hand_over({"lines": [(self.part_avco, 1)]})
        self.assertFalse(self.asset.registration_ids)

    def test_does_not_count_towards_rights_before_a_repair(self):
        """A repair guarantee has no rights of its own and shows none."""
        self._hand_over({"lines": [(self.part_avco, 1)]})
        self.assertFalse(self._create_order().right_level)
