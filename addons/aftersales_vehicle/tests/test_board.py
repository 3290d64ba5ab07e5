from odoo.tests import HttpCase, tagged

from .common import VehicleCommon


@tagged("post_install", "-at_install")
class TestVehicleBoard(VehicleCommon, HttpCase):
    """How the boards of planning call a car."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop, cls.lounge = cls.env["aftersales.board"].create(
            [
                {"name": "Shop", "company_id": cls.company.id},
                {
                    "name": "Waiting Room",
                    "kind": "lounge",
                    "company_id": cls.company.id,
                    "lang": "en_US",
                    "tz": "UTC",
                },
            ]
        )
        # As the web client asks.
        cls.shop = cls.shop.with_context(tz="UTC")

    def _bring(self, asset):
        """Return an order of a car that has arrived."""
        order = self._create_order(asset_id=asset.id)
        order.action_arrive()
        return order

    def test_plate_first_in_the_shop(self):
        named = self._create_vehicle(plate="沪AD12345", name="The mayor's car")
        bare = self._create_vehicle()
        labels = {
            asset: self.shop.get_payload()["orders"][order.id]["label"]
            for asset, order in [
                (asset, self._bring(asset)) for asset in self.vehicle + named + bare
            ]
        }
        self.assertEqual(labels[self.vehicle], self.vehicle.name)
        self.assertTrue(labels[self.vehicle].startswith("京A·12345 "))
        self.assertEqual(labels[named], "沪AD12345 The mayor's car")
        self.assertEqual(labels[bare], bare.name)

    def test_tail_in_the_lounge(self):
        for plate, tail in (
            ("京A·12345", "345"),
            ("沪AD12345", "2345"),
            ("B-MW 7", "MW7"),
            ("M-1", "1"),
        ):
            self.vehicle.plate = plate
            self.assertEqual(self.vehicle._get_lounge_label(), tail)
        self.vehicle.plate = False
        self.assertEqual(self.vehicle._get_lounge_label(), self.VIN[-4:])

    def test_public_learns_nothing_else(self):
        order = self._bring(self.vehicle)
        order.complaint = "Smells of fish"
        expected = {
            "label": "345",
            "step": 1,
            "text": "Received",
            "ready": False,
        }
        path = f"/aftersales/lounge/{self.lounge._get_code()}"
        data = self.url_open(f"{path}/data")
        # Neither an id nor anything else beside these.
        self.assertEqual(data.json()["cars"], [expected])
        self.assertEqual(data.json().keys(), {"title", "time", "cars"})
        for text in (data.text, self.url_open(path).text):
            for secret in (
                self.vehicle.plate,
                self.vehicle.plate_key,
                self.vehicle.name,
                self.vehicle.serial,
                self.vehicle.fleet_model_id.name,
                order.name,
                order.partner_id.name,
                order.complaint,
            ):
                self.assertTrue(secret)
                self.assertNotIn(secret, text)

    def test_a_plate_costs_no_statement_per_car(self):
        def count_statements():
            self.env.flush_all()
            self.shop.get_payload()
            self.lounge.get_payload()
            counts = []
            for board in (self.shop, self.lounge):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                board.get_payload()
                counts.append(self.env.cr.sql_log_count - before)
            return counts

        self._bring(self.vehicle)
        few = count_statements()
        for number in range(4):
            self._bring(self._create_vehicle(plate=f"京B{number}2345"))
        self.assertEqual(count_statements(), few)
        self.assertLess(max(few), 15)
