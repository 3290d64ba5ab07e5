from psycopg2.errors import ExclusionViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import VehicleCommon


@tagged("post_install", "-at_install")
class TestVin(VehicleCommon):
    def test_right_vin_is_decoded(self):
        self.assertEqual(self.vehicle.vin_state, "ok")
        self.assertFalse(self.vehicle.vin_warning)
        self.assertIn("SAIC Volkswagen", self.vehicle.vin_details)
        self.assertIn("China", self.vehicle.vin_details)

    def test_vin_is_written_as_vins_are(self):
        self.vehicle.unlink()
        car = self._create_vehicle(serial=" lsv-aa49j1 32047371 ")
        self.assertEqual(car.serial, self.VIN)
        car.serial = self.VIN_EUROPE.lower()
        self.assertEqual(car.serial, self.VIN_EUROPE)

    def test_vin_suggests_brand_and_year(self):
        volkswagen = self.env["fleet.vehicle.model.brand"].search(
            [("name", "=", "Volkswagen")], limit=1
        )
        self.vehicle.unlink()
        car = self._create_vehicle(serial=self.VIN, fleet_model_id=False)
        self.assertEqual(car.fleet_brand_id, volkswagen)
        self.assertEqual(car.model_year, 2003)
        other = self._create_vehicle(
            serial=self.VIN_EUROPE, fleet_model_id=False, model_year=1999
        )
        self.assertEqual(other.model_year, 1999, "what somebody wrote stays")

    def test_year_only_where_the_maker_uses_the_letter(self):
        car = self._create_vehicle(serial=self.VIN_EUROPE)
        self.assertFalse(car.model_year)
        self.assertEqual(car.vin_state, "warning")

    def test_wrong_check_digit_warns_and_is_kept_with_a_reason(self):
        first = self._create_vehicle(serial=self.VIN_WRONG)
        second = self._create_vehicle(serial=self.VIN_EUROPE)
        cars = first + second
        self.assertEqual(set(cars.mapped("vin_state")), {"warning"})
        self.assertIn("check digit", first.vin_warning)
        with self.assertRaisesRegex(UserError, "say why"):
            cars.action_keep_vin("  ")
        cars.with_user(self.advisor).action_keep_vin("Read on the windscreen")
        self.assertEqual(set(cars.mapped("vin_state")), {"kept"})
        self.assertEqual(cars.vin_user_id, self.advisor)
        self.assertTrue(all(cars.mapped("vin_date")))
        cars.action_keep_vin("Somebody else")
        self.assertEqual(first.vin_reason, "Read on the windscreen", "once")

    def test_malformed_vin_needs_a_reason(self):
        for serial in ("LSVAA49J13204737", "LSVAA49J13204737O", "LSVAA49J13204737Ä"):
            with self.assertRaisesRegex(ValidationError, serial):
                self._create_vehicle(serial=serial)
        car = self._create_vehicle(serial="EP91-0123456", vin_reason="Grey import")
        self.assertEqual(car.serial, "EP910123456")
        self.assertEqual(car.vin_state, "kept")
        self.assertEqual(car.vin_user_id, self.env.user)

    def test_serial_of_a_delivery_is_not_refused(self):
        lot = self._stock_serial(["CAR-1"])
        car = self._create_vehicle(lot_id=lot.id)
        self.assertEqual(car.vin_state, "warning")

    def test_other_assets_have_any_serial(self):
        self.asset.serial = "SN o-1"
        self.assertFalse(self.asset.vin_state)
        self.assertEqual(self.asset.serial, "SN o-1")

    def test_vin_once_in_a_company(self):
        with self.assertRaisesRegex(ValidationError, "京A·12345"):
            self._create_vehicle(serial=self.VIN.lower())
        other = self._create_vehicle()
        self.vehicle.active = False
        with self.assertRaisesRegex(ValidationError, "京A·12345"):
            other.serial = self.VIN
        with self.assertRaisesRegex(ValidationError, self.VIN_WRONG):
            self.env["aftersales.asset"].create(
                [
                    {
                        "name": name,
                        "category_id": self.category_car.id,
                        "serial": self.VIN_WRONG,
                        "company_id": self.company.id,
                    }
                    for name in ("One", "Two")
                ]
            )

    def test_vin_again_in_another_company(self):
        company = self.env["res.company"].create({"name": "Second garage"})
        twin = self._create_vehicle(
            serial=self.VIN, company_id=company.id, partner_id=False
        )
        self.assertEqual(twin.serial, self.vehicle.serial)

    @mute_logger("odoo.sql_db")
    def test_database_refuses_a_second_vin(self):
        other = self._create_vehicle()
        self.env.flush_all()
        with self.assertRaises(ExclusionViolation), self.env.cr.savepoint():
            self.env.cr.execute(
                "UPDATE aftersales_asset SET serial = %s WHERE id = %s",
                [self.VIN, other.id],
            )
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_form_shows_what_is_wrong_before_saving(self):
        form = Form(self.env["aftersales.asset"].with_company(self.company))
        form.category_id = self.category_car
        form.serial = self.VIN_WRONG
        self.assertIn("check digit", form.vin_warning)
        self.assertIn("China", form.vin_details)

    def test_a_reason_speaks_of_the_vin_it_was_given_for(self):
        car = self._create_vehicle(serial=self.VIN_WRONG, vin_reason="On the papers")
        car.serial = self.VIN_WRONG.lower()
        self.assertEqual(car.vin_reason, "On the papers", "the same VIN")
        car.serial = self.VIN_EUROPE
        self.assertFalse(car.vin_reason)
        self.assertFalse(car.vin_user_id)
