import time
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged, users
from odoo.tools import mute_logger

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestMeter(AftersalesCommon):
    def _read(self, value, days_ago=0, **values):
        return self.env["aftersales.meter.reading"].create(
            {
                "meter_id": self.asset._get_main_meters()[self.asset].id,
                "value": value,
                "date": fields.Datetime.now() - timedelta(days=days_ago),
                **values,
            }
        )

    def test_typed_meter_becomes_a_reading(self):
        with Form(self.asset) as form:
            form.meter = 41_000
        self.assertEqual(self.asset.reading_ids.mapped("value"), [41_000])
        self.assertEqual(self.asset.meter_ids.unit, "km", "the category counts km")
        self.assertEqual(self.asset.meter_unit, "km")

    def test_fall_is_refused_with_both_numbers(self):
        self._read(1_234_567, days_ago=3)
        with (
            self.assertRaisesRegex(ValidationError, "Sedan 1.6.*1234567.*1200000"),
            self.env.cr.savepoint(),
        ):
            self.asset.meter = 1_200_000
        self.assertEqual(self.asset.meter, 1_234_567)

    def test_exchange_needs_a_reason_and_goes_on_counting(self):
        self._read(90_000, days_ago=10)
        with self.assertRaisesRegex(ValidationError, "why the meter was exchanged"):
            self._read(0, days_ago=5, is_meter_change=True)
        self._read(0, days_ago=5, is_meter_change=True, reason="Cluster replaced")
        self._read(700)
        self.assertEqual(self.asset.meter, 700)
        self.assertEqual(self.asset.meter_ids.total, 90_700)

    def test_backdated_reading_fits_between_its_neighbours(self):
        self._read(1_000, days_ago=10)
        self._read(2_000)
        self._read(1_500, days_ago=5)
        self.assertEqual(self.asset.meter, 2_000, "the newest by date, not by entry")
        for value, message in (
            (2_500, "read 2500 .* can't read 2000"),
            (1_400, "read 1500 .* can't read 1400"),
        ):
            with (
                self.assertRaisesRegex(ValidationError, message),
                self.env.cr.savepoint(),
            ):
                self._read(value, days_ago=3)

    def test_correction_brings_later_totals_up_to_date(self):
        first = self._read(1_000, days_ago=10)
        self._read(0, days_ago=5, is_meter_change=True, reason="Broken")
        last = self._read(50)
        self.assertEqual(last.total, 1_050)
        first.value = 1_100
        self.assertEqual(last.total, 1_150)
        self.assertEqual(self.asset.meter_ids.total, 1_150)

    def test_deleting_an_exchange_that_explains_a_fall_is_refused(self):
        self._read(1_000, days_ago=10)
        change = self._read(0, days_ago=5, is_meter_change=True, reason="Broken")
        self._read(50)
        with self.assertRaisesRegex(ValidationError, "can't read 50"):
            change.unlink()

    def test_readings_of_several_assets_in_one_go(self):
        assets = self.asset + self.asset.copy({"name": "Second"})
        assets.write({"meter": 100})
        self.assertEqual(assets.mapped("meter"), [100, 100])
        readings = self.env["aftersales.meter.reading"].create(
            [
                {"meter_id": meter.id, "value": value}
                for value in (110, 120)
                for meter in assets.meter_ids
            ]
        )
        self.assertEqual(readings.mapped("total"), [110, 110, 120, 120])
        self.assertEqual(assets.mapped("meter"), [120, 120])

    def test_typing_error_on_the_order_is_corrected(self):
        order = self._create_order(meter_in=123_456)
        order.meter_in = 12_345
        self.assertEqual(self.asset.reading_ids.mapped("value"), [12_345])
        order.meter_out = 12_400
        order.meter_out = 12_350
        self.assertEqual(
            self.asset.reading_ids.sorted("value").mapped(
                lambda r: (r.moment, r.value)
            ),
            [("in", 12_345), ("out", 12_350)],
        )

    def test_technician_starts_with_a_reading(self):
        """Technicians can't change the register, but they read the meter."""
        order = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}
        )
        self._approve(order)
        order.with_user(self.technician).action_start(meter_in=500)
        self.assertEqual(self.asset.meter, 500)
        with self.assertRaises(AccessError):
            self.asset.with_user(self.technician).meter = 600

    def test_category_can_require_the_meter(self):
        self.category.meter_required = True
        order = self._approve(self._create_order([(self.labour, 1)]))
        with self.assertRaisesRegex(Exception, "record the meter of Sedan 1.6"):
            order.action_start()
        order.action_start(meter_in=10)
        self.assertEqual(order.state, "progress")


@tagged("post_install", "-at_install")
class TestAsset(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivery_type = cls.warehouse.out_type_id
        cls.delivery_type.aftersales_create_assets = True

    def _deliver(self, lots, partner, picking_type=None, **values):
        picking_type = picking_type or self.delivery_type
        customers = self.env.ref("stock.stock_location_customers")
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "partner_id": partner.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": customers.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": len(product_lots),
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": customers.id,
                            **values,
                        }
                    )
                    for product, product_lots in lots.grouped("product_id").items()
                ],
            }
        )
        picking.action_confirm()
        for move in picking.move_ids:
            move.lot_ids = lots.filtered(
                lambda lot, move=move: lot.product_id == move.product_id
            )
            move.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        return picking

    def _create_lot(self, name):
        return (
            self.env["stock.lot"]
            .sudo()
            .create({"name": name, "product_id": self.part_serial.id})
        )

    def _take_back(self, picking):
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        for line in wizard.product_return_moves:
            line.quantity = line.move_id.quantity
        returned = wizard._create_return()
        returned.move_ids.picked = True
        returned.button_validate()
        self.assertEqual(returned.state, "done")

    def _get_assets(self, lots):
        return (
            self.env["aftersales.asset"]
            .with_context(active_test=False)
            .search([("lot_id", "in", lots.ids)])
        )

    def test_delivered_serials_become_assets_of_the_customer(self):
        lots = self._stock_serial(["A1", "A2"])
        contact = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.fleet.id, "type": "delivery"}
        )
        self._deliver(lots, contact)
        assets = self._get_assets(lots).sorted("serial")
        self.assertEqual(assets.mapped("serial"), ["A1", "A2"])
        self.assertEqual(assets.partner_id, self.fleet, "the company owns it")
        self.assertEqual(assets.site_id, contact, "it stands at the branch")
        self.assertEqual(assets.product_id, self.part_serial)
        self.assertEqual(assets[0].name, "Serial Part A1")
        self.assertEqual(assets[0].date_sold, fields.Date.today())

    def test_dropship_is_of_the_customer(self):
        """Its transfer names the supplier."""
        lots = self._create_lot("DS1")
        self._deliver(
            lots,
            self.maker,
            location_id=self.env.ref("stock.stock_location_suppliers").id,
            partner_id=self.customer.id,
        )
        self.assertEqual(self._get_assets(lots).partner_id, self.customer)

    def test_without_the_setting_nothing_is_registered(self):
        self.delivery_type.aftersales_create_assets = False
        lots = self._stock_serial(["B1"])
        self._deliver(lots, self.customer)
        self.assertFalse(self._get_assets(lots))

    def test_storekeeper_delivers_without_rights_to_assets(self):
        lots = self._stock_serial(["C1"])
        self.env.flush_all()
        with self.with_user(self.storekeeper.login):
            self._deliver(lots.with_env(self.env), self.customer.with_env(self.env))
        self.assertEqual(self._get_assets(lots).partner_id, self.customer)

    def test_serial_that_came_back_changes_owner(self):
        """The second delivery of a serial is the same thing with the next owner."""
        lots = self._stock_serial(["D1", "D2"])
        self._take_back(self._deliver(lots, self.customer))
        assets = self._get_assets(lots)
        assets[0].active = False
        self._deliver(lots, self.fleet)
        self.assertEqual(self._get_assets(lots), assets)
        self.assertEqual(assets.partner_id, self.fleet)
        self.assertEqual(assets.mapped("active"), [True, True])

    def test_category_comes_from_the_product(self):
        category = self.env["aftersales.asset.category"].create({"name": "Fridge"})
        self.part_serial.aftersales_category_id = category
        lots = self._stock_serial(["F1"])
        self._deliver(lots, self.customer)
        asset = self._get_assets(lots)
        self.assertEqual(asset.category_id, category)
        asset.category_id = self.category
        self.assertEqual(asset.category_id, self.category, "typed over")
        other = self.env["aftersales.asset"].create(
            {"product_id": self.part_serial.id, "category_id": self.category.id}
        )
        self.assertEqual(other.category_id, self.category)

    def test_one_asset_per_serial(self):
        lot = self._stock_serial(["E1"])
        asset = self.env["aftersales.asset"].create(
            {"lot_id": lot.id, "partner_id": self.customer.id}
        )
        self.assertEqual(asset.serial, "E1")
        self.assertFalse(asset.copy().lot_id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["aftersales.asset"].create({"name": "Again", "lot_id": lot.id})

    def test_serial_of_another_model_is_refused(self):
        lot = self._stock_serial(["F1"])
        with self.assertRaisesRegex(ValidationError, "F1 belongs to Serial Part"):
            self.env["aftersales.asset"].create(
                {"name": "X", "lot_id": lot.id, "product_id": self.part_avco.id}
            )

    def test_code_is_signed_and_can_be_withdrawn(self):
        Asset = self.env["aftersales.asset"]
        code = self.asset._get_code()
        self.assertEqual(Asset._browse_code(code), self.asset)
        other = self.asset.copy()
        _record_id, nonce, signature = code.split("-")
        forged_codes = [f"{other.id}-{nonce}-{signature}", "", "x", f"{code}0", None]
        forged_codes += [f"{self.asset.id}-{nonce}-é", f"{10**30}-{nonce}-x"]
        for forged in forged_codes:
            self.assertFalse(Asset._browse_code(forged), forged)
        self.assertNotEqual(other._get_code().split("-")[1], nonce)
        before = self.asset.code_image
        self.assertIn(code, self.asset.code_url)
        with self.assertRaises(AccessError):
            self.asset.with_user(self.technician).action_withdraw_code()
        self.asset.with_user(self.advisor).action_withdraw_code()
        self.assertFalse(Asset._browse_code(code), "printed labels are void")
        self.assertNotEqual(self.asset.code_image, before)
        self.assertEqual(Asset._browse_code(self.asset._get_code()), self.asset)

    def test_reading_the_address_draws_no_picture(self):
        self.asset.invalidate_recordset()
        Report = type(self.env["ir.actions.report"])
        with patch.object(Report, "barcode", side_effect=AssertionError):
            self.assertIn(self.asset._get_code(), self.asset.code_url)
        self.assertTrue(self.asset.code_image)

    @users("aftersales_advisor")
    def test_advisor_registers_an_asset_on_the_screen(self):
        lot = self._create_lot("G1").with_env(self.env)
        with Form(self.env["aftersales.asset"]) as form:
            form.partner_id = self.customer
            form.lot_id = lot
            form.category_id = self.category
            form.meter = 12
        asset = form.record
        self.assertEqual(asset.name, "Serial Part G1")
        self.assertEqual(asset.meter, 12)

    def test_companies_keep_their_own_register(self):
        other = self.env["res.company"].create({"name": "Other Garage"})
        lot = self._create_lot("H1")
        ours, theirs = self.env["aftersales.asset"].create(
            [
                {"lot_id": lot.id, "company_id": self.company.id},
                {"lot_id": lot.id, "company_id": other.id},
            ]
        )
        found = self.env["aftersales.asset"].with_user(self.advisor).search([])
        self.assertIn(ours, found)
        self.assertNotIn(theirs, found)
        with self.assertRaises(AccessError):
            theirs.with_user(self.advisor).read(["name"])
        foreign = new_test_user(
            self.env,
            "aftersales_foreign",
            groups="base.group_user,aftersales.aftersales_group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertEqual(
            self.env["aftersales.asset"].with_user(foreign).search([]), theirs
        )
        with self.assertRaisesRegex(Exception, "another company|company"):
            self._create_order(asset_id=theirs.id)

    def test_import_of_2000_assets(self):
        """Odoo's own import takes a fleet list, with owners, categories and meters."""
        # Add-ons bring categories of their own: a name that no other has.
        self.category.name = "Trucks"
        rows = [
            [f"Truck {i}", "Blue Fleet", "Trucks", f"VIN{i:06}", str(1000 + i)]
            for i in range(2000)
        ]
        start = time.monotonic()
        result = (
            self.env["aftersales.asset"]
            .with_context(mail_notrack=True, tracking_disable=True)
            .load(["name", "partner_id", "category_id", "serial", "meter"], rows)
        )
        elapsed = time.monotonic() - start
        self.assertFalse(result["messages"])
        assets = self.env["aftersales.asset"].browse(result["ids"])
        self.assertEqual(len(assets), 2000)
        self.assertEqual(assets.partner_id, self.fleet)
        self.assertEqual(sum(assets.mapped("meter")), sum(range(1000, 3000)))
        self.assertLess(elapsed, 60, "measured: a few seconds")
