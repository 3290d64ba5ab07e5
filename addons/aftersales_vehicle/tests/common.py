from odoo.addons.aftersales_warranty.tests.common import WarrantyCommon


class VehicleCommon(WarrantyCommon):
    """A garage: its cars, their brand and models.

    * ``category_car`` (vehicles; meter at start and hand-over), ``brand`` with
      ``model_sedan`` and ``model_coupe``, ``brand_other``
    * ``vehicle``: of ``customer``, a sedan of 2021 with ``VIN`` (right check digit)
    * ``VIN_WRONG`` (wrong check digit), ``VIN_EUROPE`` (its maker has none)
    * ``_create_vehicle(**values)``: one more car of ``customer``
    """

    VIN = "LSVAA49J132047371"
    VIN_WRONG = "LSVAA49J232047371"
    VIN_EUROPE = "WVWZZZ1JZ3W386752"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category_car = cls.env["aftersales.asset.category"].create(
            {
                "name": "Cars of the test",
                "meter_unit": "km",
                "meter_required": True,
                "is_vehicle": True,
            }
        )
        Brand = cls.env["fleet.vehicle.model.brand"]
        cls.brand, cls.brand_other = Brand.create(
            [{"name": "Test Motors"}, {"name": "Other Motors"}]
        )
        Model = cls.env["fleet.vehicle.model"]
        cls.model_sedan, cls.model_coupe = Model.create(
            [
                {"name": "Sedan", "brand_id": cls.brand.id},
                {"name": "Coupe", "brand_id": cls.brand.id},
            ]
        )
        cls.vehicle = cls._create_vehicle(
            plate="京A·12345", serial=cls.VIN, model_year=2021
        )

    @classmethod
    def _create_vehicle(cls, **values):
        """Create a car; without values a sedan of ``customer``, without plate."""
        return cls.env["aftersales.asset"].create(
            {
                "partner_id": cls.customer.id,
                "category_id": cls.category_car.id,
                "company_id": cls.company.id,
                "fleet_model_id": cls.model_sedan.id,
                **values,
            }
        )
