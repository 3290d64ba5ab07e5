from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestContractVehicle(ReceptionCommon):
    """What other programs ask for, send and may not write."""

    def test_found_by_plate_and_vin_as_people_type_them(self):
        Asset = self.env["aftersales.asset"].with_user(self.advisor)
        for text in ("京a12345", "A-12345", "LSVAA49J1-3204 7371", "lsvaa49j132047371"):
            with self.subTest(text=text):
                found = Asset.name_search(text)
                self.assertIn(self.vehicle.id, [number for number, _name in found])

    def test_customers_find_their_own_vehicles(self):
        customer = new_test_user(
            self.env, "vehicle_portal", groups="base.group_portal"
        ).partner_id
        self.vehicle.partner_id = customer
        other = self._create_vehicle(plate="沪B·12345")
        found = (
            self.env["aftersales.asset"]
            .with_user(customer.user_ids)
            .name_search("12345")
        )
        numbers = [number for number, _name in found]
        self.assertIn(self.vehicle.id, numbers)
        self.assertNotIn(other.id, numbers)

    def test_list_of_vins_is_imported(self):
        campaign = self.env["aftersales.campaign"].create({"name": "Airbags"})
        Vin = self.env["aftersales.campaign.vin"].with_user(self.manager)

        def load(vin):
            return Vin.load(["campaign_id/.id", "vin"], [[str(campaign.id), vin]])

        self.assertTrue(load(self.VIN.lower())["ids"])
        refused = load("LSV12")
        self.assertFalse(refused["ids"])
        self.assertIn("17 characters", refused["messages"][0]["message"])
        with (
            self.assertRaisesRegex(ValidationError, "LSV34"),
            self.env.cr.savepoint(),
        ):
            campaign.action_add_vins([self.VIN, "LSV34"])
        self.assertEqual(campaign.vin_ids.mapped("vin"), [self.VIN])

    def test_comeback_is_not_written_by_halves(self):
        first = self._visit(days_ago=3)
        order = self._order([(self.labour, 1)])
        job = order.job_ids.with_user(self.manager)
        for values in (
            {"comeback_job_id": first.job_ids.id},
            {"comeback_refusal": "Another fault"},
            {"comeback_reason": False},
        ):
            with self.assertRaisesRegex(AccessError, "Job 1.*its own steps"):
                job.write(values)
        with self.assertRaisesRegex(AccessError, "its own steps"):
            order.with_user(self.advisor).write(
                {
                    "job_ids": [
                        Command.create(
                            {"name": "Again", "comeback_job_id": first.job_ids.id}
                        )
                    ]
                }
            )
        job.action_link_comeback(first=first.job_ids.id)
        self.assertEqual(job.payer_id, self.rework)

    def test_agreement_of_a_loaner_stays_as_signed(self):
        loaner = self.env["resource.resource"].create(
            {
                "name": "Loaner",
                "resource_type": "material",
                "aftersales_role": "loaner",
                "company_id": self.company.id,
                "calendar_id": False,
            }
        )
        start = fields.Datetime.now().replace(microsecond=0)
        order = self._order([(self.labour, 1)])
        loan = (
            self.env["aftersales.loan"]
            .with_user(self.advisor)
            .create(
                {
                    "order_id": order.id,
                    "resource_id": loaner.id,
                    "date_from": start,
                    "date_due": start + timedelta(days=2),
                    "licence_number": "110101199001011234",
                    "is_licence_checked": True,
                }
            )
        )
        loan.action_hand_out(meter=5000, fuel="4", signer="Wang Fang")
        for values in ({"meter_out": 1}, {"signed_by": "X"}, {"date_out": False}):
            with self.assertRaisesRegex(UserError, f"{loan.name}.*is fixed"):
                loan.write(values)
        loan.date_due = start + timedelta(days=3)
        loan.action_take_back(meter=5100, fuel="3")
        for values in ({"meter_back": 5001}, {"fuel_back": "4"}):
            with self.assertRaisesRegex(UserError, f"{loan.name}.*is fixed"):
                loan.write(values)
        loan.note = "A scratch at the left door"
