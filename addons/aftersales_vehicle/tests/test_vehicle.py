from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import VehicleCommon


@tagged("post_install", "-at_install")
class TestVehicle(VehicleCommon):
    def _find(self, text):
        found = self.env["aftersales.asset"].name_search(text)
        return [record_id for record_id, _name in found]

    def test_plate_is_found_however_it_is_typed(self):
        german = self._create_vehicle(plate="b-mw  123", serial=self.VIN_EUROPE)
        self.assertEqual(german.plate, "B-MW 123")
        for text in ("京A12345", "京a·12345", "A 123", "12345"):
            self.assertIn(self.vehicle.id, self._find(text), text)
        for text in ("B-MW 123", "bmw123", "B MW-12", "386752"):
            self.assertIn(german.id, self._find(text), text)
        self.assertNotIn(self.vehicle.id, self._find("BMW123"))

    def test_search_box_finds_plate_vin_and_owner(self):
        view = self.env.ref("aftersales.asset_view_search")
        arch = self.env["aftersales.asset"].get_view(view.id, "search")["arch"]
        self.assertIn("('display_name', 'ilike', self)", arch)
        found = self.env["aftersales.asset"].search(
            [("display_name", "ilike", "京A 12345")]
        )
        self.assertIn(self.vehicle, found)

    def test_name_is_made_of_plate_and_model_and_follows(self):
        self.assertEqual(self.vehicle.name, "京A·12345 Test Motors/Sedan")
        self.vehicle.plate = "京b 777"
        self.assertEqual(self.vehicle.name, "京B 777 Test Motors/Sedan")
        self.vehicle.name = "The director's car"
        self.vehicle.plate = "京C 888"
        self.assertEqual(self.vehicle.name, "The director's car")

    def test_history_keeps_plates_and_owners(self):
        car = self.vehicle.with_context(tracking_disable=False, mail_notrack=False)
        self.cr.flush()
        car.plate = "沪A 1"
        car.partner_id = self.fleet
        self.cr.flush()
        car.invalidate_recordset()
        values = car.message_ids.sudo().tracking_value_ids
        self.assertIn("京A·12345", values.mapped("old_value_char"))
        self.assertIn(self.customer.display_name, values.mapped("old_value_char"))

    def test_one_person_has_several_cars_and_a_car_goes_on(self):
        second = self._create_vehicle(plate="京A·2", serial=self.VIN_EUROPE)
        order = self._create_order(asset_id=self.vehicle.id)
        self.vehicle.partner_id = self.fleet
        self.assertEqual(order.partner_id, self.customer, "history stays")
        self.assertEqual(second.partner_id, self.customer)

    def test_brand_follows_the_model(self):
        self.assertEqual(self.vehicle.fleet_brand_id, self.brand)
        with self.assertRaisesRegex(ValidationError, "Other Motors"):
            self.vehicle.fleet_brand_id = self.brand_other

    def test_plate_of_another_car_warns(self):
        car = self._create_vehicle(plate="京A 12345")
        self.assertEqual(car._get_plate_twins(), self.vehicle)
        warning = car._onchange_plate()["warning"]
        self.assertIn(self.vehicle.name, warning["message"])

    def test_new_vehicle_gets_the_category(self):
        Asset = self.env["aftersales.asset"].with_context(default_is_vehicle=True)
        with Form(Asset) as form:
            self.assertTrue(form.category_id.is_vehicle)
            form.plate = "test 1"
        self.assertEqual(form.record.name, "TEST 1")

    def test_meter_in_and_out_are_required_and_never_fall(self):
        self.assertTrue(
            self.env.ref("aftersales_vehicle.asset_category_car").meter_required
        )
        self._stock(self.part_avco, 2)
        self.vehicle.meter = 20000
        first = self._create_order(asset_id=self.vehicle.id)
        second = self._create_order(asset_id=self.vehicle.id)
        orders = self._approve(first + second)
        with self.assertRaisesRegex(UserError, "record the meter of 京A·12345"):
            orders.action_start()
        with self.assertRaisesRegex(ValidationError, "20000.*can't read 19999"):
            first.action_start(meter_in=19999)
        orders.action_start(meter_in=20010)
        self._issue(orders)
        orders.action_complete()
        orders.action_pass_quality()
        with self.assertRaisesRegex(ValidationError, "20010.*20009"):
            first.action_deliver(meter_out=20009)
        self.assertEqual(set(orders.mapped("state")), {"ready"})
