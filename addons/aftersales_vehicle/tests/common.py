from odoo import Command

from odoo.addons.aftersales_warranty.tests.common import WarrantyCommon


class VehicleCommon(WarrantyCommon):
    """A garage: its cars, their brand and models.

    * ``category_car`` (vehicles; meter at start and hand-over), ``brand`` with
      ``model_sedan`` and ``model_coupe``, ``brand_other``
    * ``vehicle``: of ``customer``, a sedan of 2021 with ``VIN`` (right check digit)
    * ``VIN_WRONG`` (wrong check digit), ``VIN_EUROPE`` (its maker has none)
    * ``_create_vehicle(**values)``: one more car of ``customer``
    * ``_create_plan(name, **values)``: 5,000, 10,000 and 15,000 km or 6 months; the
      first changes oil (one ``part_avco``, half an hour) and oil filter
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

    @classmethod
    def _create_plan(cls, name, **values):
        """Create a maintenance plan; ``*_ids`` take records."""
        oil = cls.env["aftersales.job.template"].create(
            {
                "name": "Change the oil",
                "line_ids": [
                    Command.create({"product_id": cls.part_avco.id}),
                    Command.create(
                        {"product_id": cls.labour.id, "product_uom_qty": 0.5}
                    ),
                ],
            }
        )
        items = cls.env["aftersales.maintenance.item"].create(
            [
                {"name": "Engine oil", "job_template_id": oil.id, "sequence": 1},
                {"name": "Oil filter", "sequence": 2},
            ]
        )
        return cls.env["aftersales.maintenance.plan"].create(
            {
                "name": name,
                "line_ids": [
                    Command.create(
                        {
                            "name": f"Service at {meter:,}",
                            "meter": meter,
                            "months": 6,
                            "item_ids": [Command.set(items.ids)],
                        }
                    )
                    for meter in (5000, 10000, 15000)
                ],
                **{
                    field: [Command.set(value.ids)] if field.endswith("_ids") else value
                    for field, value in values.items()
                },
            }
        )
