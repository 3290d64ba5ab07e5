from lxml import html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestReception(ReceptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Template = cls.env["aftersales.inspection.template"]
        Template.search([("use", "=", "walkaround")]).active = False
        cls.template = Template.create(
            {
                "name": "Walk-around of the test",
                "use": "walkaround",
                "category_ids": cls.category_car.ids,
            }
        )
        version = cls.template.version_ids or cls.env[
            "aftersales.inspection.version"
        ].create({"template_id": cls.template.id})
        cls.env["aftersales.inspection.item"].create(
            {"version_id": version.id, "name": "Paint", "kind": "yes_no"}
        )
        version.action_publish()

    def test_a_booking_becomes_an_arrival_in_one_click(self):
        order = self._order([(self.labour, 1)])
        action = order.with_user(self.advisor).action_receive(
            meter_in=10500, fuel_level="2"
        )
        self.assertEqual(order.booking_state, "arrived")
        self.assertTrue(order.date_arrived)
        self.assertEqual(order.meter_in, 10500)
        self.assertEqual(order.fuel_level, "2")
        walkaround = order.inspection_ids
        self.assertEqual(walkaround.use, "walkaround")
        self.assertEqual(walkaround.meter, 10500, "it is read once")
        self.assertEqual(action["tag"], "aftersales_inspection.runner")
        arrived = order.date_arrived
        order.action_receive()
        self.assertEqual(order.inspection_ids, walkaround, "one sheet per visit")
        self.assertEqual(order.date_arrived, arrived)

    def test_two_arrive_at_once(self):
        orders = self._order([(self.labour, 1)]) | self._order([(self.labour, 1)])
        orders.action_receive()
        self.assertEqual(len(orders.inspection_ids), 2)
        self.assertEqual(orders.mapped("booking_state"), ["arrived", "arrived"])

    def test_other_assets_get_no_walkaround(self):
        order = self._create_order([(self.labour, 1)])
        order.action_receive()
        self.assertFalse(order.inspection_ids)

    def test_the_plate_is_told_once(self):
        self.vehicle.name = f"{self.vehicle.plate} Test Motors/Sedan"
        order = self._order([(self.labour, 1)])
        order.action_receive()
        shown = order.inspection_ids.get_runner_data()["asset"]
        self.assertEqual(shown["number"], self.vehicle.plate)
        self.assertEqual(shown["name"], "Test Motors/Sedan")
        text = self._get_paper("aftersales_vehicle.action_report_reception", order)
        self.assertEqual(text.count(self.vehicle.plate), 2, "once on each copy")
        self.assertIn(f"VIN: {self.VIN}", text)
        self.assertNotIn("Serial number", text)
        self.vehicle.name = self.vehicle.plate
        self.assertEqual(self.vehicle._get_name_beside_plate(), self.vehicle.plate)

    def test_a_technician_does_not_receive(self):
        order = self._order({"lines": [(self.labour, 1)]})
        order.job_ids.technician_id = self.employee
        with self.assertRaises(AccessError):
            order.with_user(self.technician).action_receive()

    def _get_paper(self, report, record):
        paper, _format = self.env["ir.actions.report"]._render_qweb_html(
            report, record.ids
        )
        return " ".join(html.fromstring(paper).text_content().split())

    def test_the_reception_sheet_says_what_was_agreed_in_two_copies(self):
        order = self._order(
            [(self.labour, 1)],
            payment_way="cash",
            old_parts_choice="keep",
            customer_waits="stay",
        )
        order.action_receive(fuel_level="3")
        self.env["aftersales.belonging"].create(
            {
                "order_id": order.id,
                "inspection_id": order.inspection_ids.id,
                "name": "Umbrella",
            }
        )
        self.team.service_agreement = "<p>We keep to the price we quote.</p>"
        text = self._get_paper("aftersales_vehicle.action_report_reception", order)
        for words in (
            "Copy 1 of 2",
            "Copy 2 of 2",
            self.vehicle.plate,
            "Squeals when braking",
            "Cash",
            "Customer takes them",
            "Waits here",
            "3/4",
            "Umbrella",
            "We keep to the price we quote.",
        ):
            self.assertIn(words, text)

    def test_the_settlement_tells_the_next_service_and_what_to_mind(self):
        order = self._order([(self.labour, 1)], driving_notes="Tighten the wheels")
        self.vehicle.write(
            {"next_service_date": "2031-05-01", "next_service_meter": 20000}
        )
        self._finish_order(self._approve(order))
        text = self._get_paper("aftersales.action_report_settlement", order)
        self.assertIn("whichever comes first", text)
        self.assertIn("20,000", text)
        self.assertIn("Tighten the wheels", text)

    def test_gate_pass_and_loaner_agreement_print(self):
        order = self._finish_order(self._approve(self._order([(self.labour, 1)])))
        order.with_user(self.manager).action_release(reason="Pays tomorrow")
        text = self._get_paper(
            "aftersales_vehicle.action_report_gate_pass", order.gate_pass_id
        )
        for words in (self.vehicle.plate, "Released unpaid", "Pays tomorrow"):
            self.assertIn(words, text)
        loaner = self.env["resource.resource"].create(
            {
                "name": "Polo",
                "resource_type": "material",
                "aftersales_role": "loaner",
                "company_id": self.company.id,
            }
        )
        start = fields.Datetime.now()
        loan = self.env["aftersales.loan"].create(
            {
                "order_id": self._order([(self.labour, 1)]).id,
                "resource_id": loaner.id,
                "date_from": start,
                "date_due": fields.Datetime.add(start, days=2),
                "price_day": 30,
                "distance_day": 100,
            }
        )
        text = self._get_paper("aftersales_vehicle.action_report_loan", loan)
        self.assertIn("Polo", text)
        self.assertIn("100 km per day included", text)
