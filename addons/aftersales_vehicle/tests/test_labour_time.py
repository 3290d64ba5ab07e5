from odoo import Command
from odoo.tests import tagged

from .common import VehicleCommon


@tagged("post_install", "-at_install")
class TestLabourTime(VehicleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["aftersales.job.template"].create(
            {
                "name": "Timing belt",
                "code": "TB-1",
                "line_ids": [
                    Command.create({"product_id": cls.part_avco.id}),
                    Command.create({"product_id": cls.labour.id, "product_uom_qty": 3}),
                ],
            }
        )
        cls.vehicle.engine_code = "EA211"

    def _time(self, hours, **values):
        return self.env["aftersales.labour.time"].create(
            {"job_template_id": self.template.id, "hours": hours, **values}
        )

    def _get_hours(self, asset=None):
        order = self._create_order(
            asset_id=(asset or self.vehicle).id,
            job_ids=[Command.create({"template_id": self.template.id})],
        )
        return order.job_ids.line_ids.filtered(
            lambda line: line.kind == "labour"
        ).mapped("product_uom_qty")

    def test_most_special_time_wins(self):
        self.assertEqual(self._get_hours(), [3])
        self._time(3.1)
        self.assertEqual(self._get_hours(), [3.1])
        self._time(3.2, fleet_brand_id=self.brand.id)
        self.assertEqual(self._get_hours(), [3.2])
        self._time(3.3, engine_code="ea211 ")
        self.assertEqual(self._get_hours(), [3.3])
        self._time(3.4, fleet_model_id=self.model_sedan.id)
        self.assertEqual(self._get_hours(), [3.4])
        self._time(3.5, fleet_model_id=self.model_sedan.id, year_from=2020)
        self.assertEqual(self._get_hours(), [3.5])
        self._time(3.6, fleet_model_id=self.model_sedan.id, year_to=2020)
        self.assertEqual(self._get_hours(), [3.5], "not of those years")
        last = self._time(3.7, fleet_model_id=self.model_sedan.id, engine_code="EA211")
        self.assertEqual(self._get_hours(), [3.7])
        last.hours = 3.8
        self.assertEqual(self._get_hours(), [3.8])
        last.unlink()
        self.assertEqual(self._get_hours(), [3.5])

    def test_other_cars_and_other_things_keep_the_templates_time(self):
        self._time(4, fleet_model_id=self.model_coupe.id)
        self.assertEqual(self._get_hours(), [3])
        self._time(5)
        self.assertEqual(self._get_hours(self.asset), [3], "not a vehicle")

    def test_several_kinds_of_labour_share_the_time(self):
        self.template.line_ids = [
            Command.create({"product_id": self.labour.id, "product_uom_qty": 1})
        ]
        self._time(2)
        self.assertEqual(self._get_hours(), [1.5, 0.5])

    def test_labour_has_its_own_unit(self):
        hour = self.env.ref("uom.product_uom_hour")
        minute = self.env["uom.uom"].create(
            {
                "name": "Minutes",
                "relative_uom_id": hour.id,
                "relative_factor": 1 / 60,
            }
        )
        day, piece, by_minute = self.env["product.product"].create(
            [
                {"name": unit.name, "type": "service", "uom_id": unit.id}
                for unit in (
                    self.env.ref("uom.product_uom_day"),
                    self.env.ref("uom.product_uom_unit"),
                    minute,
                )
            ]
        )
        self._time(4)
        line = self.template.line_ids.filtered(lambda line: line.kind == "labour")
        for product, quantity in ((by_minute, 240), (day, 0.5), (piece, 4)):
            line.write({"product_id": product.id, "kind": "labour"})
            self.assertAlmostEqual(self._get_hours()[0], quantity)
        line.write({"product_id": self.labour.id, "product_uom_qty": 1})
        self.template.line_ids = [
            Command.create({"product_id": by_minute.id, "product_uom_qty": 180})
        ]
        self.assertEqual(self._get_hours(), [1, 180], "one to three")

    def test_company_has_its_own_times(self):
        company = self.env["res.company"].create({"name": "Second garage"})
        self._time(9, company_id=company.id)
        self.assertEqual(self._get_hours(), [3])
        self._time(4)
        self._time(5, company_id=self.company.id)
        self.assertEqual(self._get_hours(), [5])

    def test_template_without_table_asks_nothing(self):
        template = self.template.copy()
        LabourTime = self.env["aftersales.labour.time"]
        self._time(4)
        LabourTime._get_hours(template, self.vehicle)
        with self.assertQueryCount(0):
            self.assertIsNone(LabourTime._get_hours(template, self.vehicle))

    def test_lines_for_models(self):
        self.template.line_ids = [
            Command.create(
                {
                    "product_id": self.part_fifo.id,
                    "fleet_model_ids": [Command.link(self.model_coupe.id)],
                }
            ),
            Command.create(
                {
                    "product_id": self.part_standard.id,
                    "fleet_brand_ids": [Command.link(self.brand.id)],
                }
            ),
        ]
        coupe = self._create_vehicle(fleet_model_id=self.model_coupe.id)
        common = self.part_avco | self.labour
        for asset, products in (
            (self.vehicle, common | self.part_standard),
            (coupe, common | self.part_standard | self.part_fifo),
            (self.asset, common),
        ):
            order = self._create_order(
                asset_id=asset.id,
                job_ids=[Command.create({"template_id": self.template.id})],
            )
            self.assertEqual(order.job_ids.line_ids.product_id, products)

    def test_table_is_imported(self):
        templates = self.env["aftersales.job.template"].create(
            [{"name": f"Job {i}", "code": f"OP-{i:03}"} for i in range(250)]
        )
        other = self.env["fleet.vehicle.model"].create(
            {"name": "Sedan", "brand_id": self.brand_other.id}
        )
        rows = [
            [template.code, brand.name, "Sedan", f"{1 + index / 100:.2f}"]
            for index, template in enumerate(templates)
            for brand in (self.brand, self.brand_other)
        ]
        result = self.env["aftersales.labour.time"].load(
            ["code", "brand", "model", "hours"], rows
        )
        self.assertFalse(result["messages"])
        self.assertEqual(len(result["ids"]), 500)
        times = self.env["aftersales.labour.time"].browse(result["ids"])
        self.assertEqual(times.job_template_id, templates)
        self.assertEqual(times[0].fleet_model_id, self.model_sedan)
        self.assertEqual(times[1].fleet_model_id, other)
        self.assertEqual(times[-1].hours, 3.49)

    def test_bad_rows_are_named_by_line(self):
        rows = [
            ["TB-1", "Test Motors", "Sedan", "2.0"],
            ["XX-9", "Test Motors", "Sedan", "2.0"],
            ["TB-1", "Test Motors", "Nowhere", "2.0"],
            ["TB-1", "Test Motors", "Coupe", "two"],
        ]
        result = self.env["aftersales.labour.time"].load(
            ["code", "brand", "model", "hours"], rows
        )
        self.assertFalse(result["ids"])
        found = {}
        for message in result["messages"]:
            line = message["rows"]["from"]
            found[line] = found.get(line, "") + message["message"]
        self.assertEqual(set(found), {1, 2, 3})
        self.assertIn("XX-9", found[1])
        self.assertIn("Nowhere", found[2])
        self.assertIn("two", found[3])
        for wrong in ["TB-1", "Test Motors", "Coupe", "-1"], rows[0]:
            result = self.env["aftersales.labour.time"].load(
                ["code", "brand", "model", "hours"], [rows[0], wrong]
            )
            self.assertFalse(result["ids"])
            self.assertEqual(
                {message["rows"]["from"] for message in result["messages"]}, {1}
            )
