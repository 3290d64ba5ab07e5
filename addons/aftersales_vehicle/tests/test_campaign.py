from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import VehicleCommon


@tagged("post_install", "-at_install")
class TestCampaign(VehicleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["aftersales.job.template"].create(
            {
                "name": "Change the brake hose",
                "line_ids": [
                    Command.create({"product_id": cls.part_fifo.id}),
                    Command.create({"product_id": cls.labour.id}),
                ],
            }
        )
        cls.pack_recall = cls._create_pack(
            [
                {
                    "code": "T-RECALL",
                    "name": "Recall",
                    "period": 10,
                    "parts_charge": "free",
                    "labour_charge": "free",
                    "bearer": "maker",
                    "source": "Maker's letter",
                }
            ],
            name="Brake hose recall",
            code="T-RECALL",
            kind="campaign",
            start_basis="hand",
        )
        cls.second = cls._create_vehicle(
            plate="京A·2",
            serial=cls.VIN_EUROPE,
            partner_id=cls.fleet.id,
            fleet_model_id=cls.model_coupe.id,
            model_year=2018,
        )
        cls.reason = cls.env["aftersales.refusal.reason"].create({"name": "Time"})

    def _create_campaign(self, *ranges, **values):
        return self.env["aftersales.campaign"].create(
            {
                "name": "Brake hose",
                "code": "R-1",
                "kind": "recall",
                "company_id": self.company.id,
                "date_start": fields.Date.subtract(fields.Date.today(), days=10),
                "job_template_id": self.template.id,
                "payer_id": self.payer_maker.id,
                "pack_id": self.pack_recall.id,
                "range_ids": [
                    Command.create(
                        {"prefix": prefix, "serial_from": first, "serial_to": last}
                    )
                    for prefix, first, last in ranges
                ],
                **values,
            }
        )

    def _start(self, *ranges, **values):
        campaign = self._create_campaign(*ranges, **values)
        campaign.action_start()
        return campaign

    def test_vin_range(self):
        inside = self._start(("LSV-aa49j", "047000", "048000"))
        self.assertEqual(inside.vehicle_ids.asset_id, self.vehicle)
        self.assertFalse(self._start(("LSV", "047372", "048000")).vehicle_ids)
        self.assertFalse(self._start(("LSX", "000000", "999999")).vehicle_ids)
        # Position 9 is the check digit: any.
        other = self._start(("LSVAA49JX32", "047371", "047371"))
        self.assertEqual(other.vehicle_ids.asset_id, self.vehicle)
        both = self._start(
            ("LSV", "047371", "047371"), ("WVW", "386000", "387000"), code="R-2"
        )
        self.assertEqual(both.vehicle_ids.asset_id, self.vehicle + self.second)

    def test_letters_in_the_range(self):
        car = self._create_vehicle(serial="WVWZZZ1JZ3WB00100")
        found = self._start(("WVW", "A99999", "B00100")).vehicle_ids.asset_id
        self.assertEqual(found, car)

    def test_wrong_ranges_are_refused(self):
        for prefix, first, last, words in (
            ("LS", "1", "2", "three letters"),
            ("LSV", "5", "10", "as many characters"),
            ("LSV", "20", "10", "comes after"),
            ("LS%", "10", "20", "no VIN range"),
        ):
            with self.assertRaisesRegex(ValidationError, words):
                self._create_campaign((prefix, first, last))

    def test_models_and_years(self):
        found = self._start(fleet_brand_ids=[Command.link(self.brand.id)])
        self.assertEqual(found.vehicle_ids.asset_id, self.vehicle + self.second)
        found = self._start(fleet_model_ids=[Command.link(self.model_coupe.id)])
        self.assertEqual(found.vehicle_ids.asset_id, self.second)
        found = self._start(
            category_ids=[Command.link(self.category_car.id)],
            year_from=2019,
            year_to=2022,
        )
        self.assertEqual(found.vehicle_ids.asset_id, self.vehicle)

    def test_list_of_vins_narrowed_by_year(self):
        campaign = self._create_campaign(year_from=2019)
        campaign.vin_paste = f"{self.VIN.lower()}\n{self.VIN_EUROPE} {self.VIN_WRONG}"
        campaign.action_add_vins([self.VIN])
        self.assertEqual(campaign.vin_count, 3)
        campaign.action_start()
        self.assertEqual(campaign.vehicle_ids.asset_id, self.vehicle)
        with self.assertRaisesRegex(ValidationError, "LSV123"):
            campaign.action_add_vins(["LSV123"])

    def test_list_is_imported(self):
        campaign = self._create_campaign()
        result = self.env["aftersales.campaign.vin"].load(
            ["campaign_id/.id", "vin"],
            [[str(campaign.id), vin] for vin in (self.VIN, self.VIN_EUROPE)],
        )
        self.assertEqual(len(result["ids"]), 2)
        campaign.action_start()
        self.assertEqual(campaign.vehicle_count, 2)

    def test_start_says_what_is_missing(self):
        with self.assertRaisesRegex(UserError, "R-1.*which vehicles"):
            self._start()
        with self.assertRaisesRegex(UserError, "R-1.*cover"):
            self._start(("LSV", "1", "2"), pack_id=False)
        with self.assertRaisesRegex(ValidationError, "Campaign or recall"):
            self._create_campaign(pack_id=self.pack_car.id)

    def test_cars_registered_later_fall_under_it(self):
        campaign = self._start(("LSV", "000000", "999999"))
        new = self._create_vehicle(serial=self.VIN_WRONG, plate="NEW 1")
        self.assertIn(new, campaign.vehicle_ids.asset_id)
        self.assertEqual(new.registration_ids.source, "campaign")
        bare = self._create_vehicle(plate="NEW 2")
        self.assertNotIn(bare, campaign.vehicle_ids.asset_id)
        bare.serial = "LSVAA49J332047372"
        self.assertIn(bare, campaign.vehicle_ids.asset_id)
        campaign.action_start()
        self.assertEqual(campaign.vehicle_count, 3, "once")

    def test_other_company_has_its_own(self):
        company = self.env["res.company"].create({"name": "Second garage"})
        twin = self._create_vehicle(
            serial=self.VIN, company_id=company.id, partner_id=False
        )
        campaign = self._start(("LSV", "000000", "999999"))
        self.assertNotIn(twin, campaign.vehicle_ids.asset_id)
        self.assertFalse(twin.recall_warning)

    def test_recall_registers_cover_and_the_maker_pays(self):
        campaign = self._start(("LSV", "000000", "999999"))
        registration = self.vehicle.registration_ids
        self.assertEqual(registration.source, "campaign")
        self.assertEqual(registration.pack_id, self.pack_recall)
        order = self._create_order(asset_id=self.vehicle.id)
        self.assertEqual(order.recall_warning, "R-1 Brake hose")
        order.with_user(self.advisor).action_add_recalls()
        order.with_user(self.advisor).action_add_recalls()
        job = order.job_ids - order.job_ids[0]
        self.assertEqual(len(job), 1)
        self.assertEqual(job.campaign_vehicle_id, campaign.vehicle_ids)
        self.assertFalse(order.recall_warning)
        order.action_estimate()
        verdicts = order.verdict_ids.filtered(lambda verdict: verdict.job_id == job)
        self.assertEqual(len(verdicts), 2)
        self.assertEqual(verdicts.registration_id, registration)
        self.assertEqual(job.line_ids.payer_id, self.payer_maker)

    def test_states_follow_the_jobs(self):
        self._stock(self.part_fifo, 2)
        campaign = self._start(("LSV", "000000", "999999"), ("WVW", "000000", "999999"))
        self.assertEqual(campaign.vehicle_count, 2)
        called = campaign.vehicle_ids
        called.with_user(self.advisor).action_book()
        orders = called.order_id
        self.assertEqual(len(orders), 2)
        self._approve(orders)
        for order in orders:
            order.action_start(meter_in=1000)
        self._issue(orders)
        orders[0].action_complete()
        self.assertEqual(campaign.done_count, 1)
        self.assertEqual(campaign.completion_rate, 50)
        orders[0].action_rework(reason="Leaks")
        self.assertEqual(set(called.mapped("state")), {"booked"})
        orders.action_complete()
        self.assertEqual(campaign.completion_rate, 100)
        self.assertFalse(self.vehicle.recall_warning)

    def test_refused_recall_keeps_warning(self):
        campaign = self._start(("LSV", "000000", "999999"))
        campaign.vehicle_ids.with_user(self.advisor).action_refuse(reason=self.reason)
        self.assertEqual(campaign.refused_count, 1)
        self.assertEqual(self.vehicle.recall_warning, "R-1 Brake hose")
        report = self.env["aftersales.invitation.report"].search(
            [("refusal_reason_id", "=", self.reason.id)]
        )
        self.assertEqual(report.kind, "recall")
        self.assertEqual(report.asset_id, self.vehicle)
        self.assertEqual(report.refused, 1)

    def test_season_is_offered_not_warned_of(self):
        campaign = self._start(
            name="Winter check",
            code=False,
            kind="season",
            pack_id=False,
            payer_id=False,
            category_ids=[Command.link(self.category_car.id)],
        )
        order = self._create_order(asset_id=self.vehicle.id)
        self.assertFalse(order.recall_warning)
        self.assertEqual(order.campaign_warning, "Winter check")
        order.action_add_campaigns()
        self.assertEqual(order.job_count, 2)
        self.assertFalse(self.vehicle.registration_ids)
        self.customer.email = "wang@example.com"
        written, _failed = campaign.vehicle_ids._invite()
        self.assertFalse(written, "booked, or without address")

    def test_closing_ends_it(self):
        campaign = self._start(("LSV", "000000", "999999"))
        campaign.action_close()
        campaign.action_close()
        self.assertEqual(campaign.vehicle_ids.state, "lapsed")
        self.assertEqual(self.vehicle.registration_ids.state, "ended")
        self.assertFalse(self.vehicle.recall_warning)
        with self.assertRaisesRegex(UserError, "Close it"):
            campaign.unlink()

    def test_started_again_it_calls_who_had_not_come(self):
        campaign = self._start(("LSV", "000000", "999999"))
        campaign.action_close()
        campaign.action_start()
        self.assertEqual(campaign.vehicle_ids.state, "open")
        self.assertEqual(campaign.vehicle_ids.registration_id.state, "active")
        self.assertEqual(self.vehicle.recall_warning, "R-1 Brake hose")
        self.assertEqual(
            sorted(self.vehicle.registration_ids.mapped("state")), ["active", "ended"]
        )

    def test_another_cover_is_for_all_that_are_called(self):
        campaign = self._start(
            ("LSV", "000000", "999999"),
            ("WVW", "000000", "999999"),
            kind="campaign",
            pack_id=False,
        )
        self.assertFalse(campaign.vehicle_ids.registration_id)
        campaign.pack_id = self.pack_recall
        self.assertEqual(len(campaign.vehicle_ids.registration_id), 2)
        first = campaign.vehicle_ids.registration_id
        campaign.pack_id = self._create_pack(
            [
                {
                    "code": "T-RECALL-2",
                    "name": "Recall",
                    "period": 10,
                    "bearer": "maker",
                    "source": "Maker's second letter",
                }
            ],
            name="Brake hose recall, wider",
            code="T-RECALL-2",
            kind="campaign",
            start_basis="hand",
        )
        self.assertEqual(set(first.mapped("state")), {"ended"})
        self.assertEqual(campaign.vehicle_ids.registration_id.pack_id, campaign.pack_id)

    def test_only_within_its_dates(self):
        today = fields.Date.today()
        campaign = self._start(
            ("LSV", "000000", "999999"), date_start=fields.Date.add(today, days=3)
        )
        called = campaign.vehicle_ids.with_user(self.advisor)
        self.assertFalse(self.vehicle.recall_warning)
        for step in ("action_called", "action_invite", "action_book"):
            with self.assertRaisesRegex(UserError, "R-1.*first day"):
                getattr(called, step)()
        campaign.date_start = today
        self.env.invalidate_all()
        self.assertTrue(self.vehicle.recall_warning)
        called.action_called()
        other = self._start(("LSV", "000000", "999999"), code="R-2")
        (campaign + other).write(
            {
                "date_start": fields.Date.subtract(today, days=9),
                "date_end": fields.Date.subtract(today, days=1),
            }
        )
        other.date_end = today
        self.env["aftersales.campaign"]._cron_close()
        self.assertEqual((campaign + other).mapped("state"), ["closed", "running"])
        self.assertEqual(called.state, "lapsed")
        with self.assertRaisesRegex(UserError, "R-1.*later end"):
            campaign.action_start()

    def test_cover_pays_for_the_recall_alone_and_once(self):
        self._stock(self.part_fifo, 1)
        campaign = self._start(("LSV", "000000", "999999"))
        called = campaign.vehicle_ids
        order = self._create_order(
            [(self.part_fifo, 1), (self.labour, 1)], asset_id=self.vehicle.id
        )
        other = order.job_ids
        order.with_user(self.advisor).action_add_recalls()
        self._approve(order)
        recall = order.job_ids - other
        self.assertEqual(recall.line_ids.payer_id, self.payer_maker)
        self.assertNotIn(self.payer_maker, other.line_ids.payer_id)
        recall._set_state("progress")
        recall._set_state("done")
        self.assertEqual(called.state, "done")
        self.assertEqual(called.registration_id.state, "ended")
        recall._set_state("progress")
        self.assertEqual(called.registration_id.state, "active", "done again")
        self.assertEqual(called.state, "booked")
        recall._set_state("done")
        recall._set_state("cancel")
        self.assertEqual(called.state, "open", "called off after all")
        self.assertEqual(called.registration_id.state, "active")

    def test_wider_criteria_take_in_more(self):
        campaign = self._start(("LSV", "000000", "999999"))
        campaign.range_ids = [
            Command.create(
                {"prefix": "WVW", "serial_from": "000000", "serial_to": "999999"}
            )
        ]
        self.assertEqual(campaign.vehicle_count, 2)

    def test_who_may_what(self):
        campaign = self._create_campaign(("LSV", "000000", "999999"))
        with self.assertRaises(AccessError):
            campaign.with_user(self.advisor).action_start()
        campaign.with_user(self.manager).action_start()
        self.assertEqual(
            self.vehicle.with_user(self.technician).recall_warning, "R-1 Brake hose"
        )

    def test_other_assets_ask_nothing(self):
        order = self._create_order()
        order.read(["asset_id", "state", "job_ids"])
        self.asset.read(["is_vehicle"])
        with self.assertQueryCount(0):
            self.assertFalse(order.recall_warning)
            self.assertFalse(order.service_warning)
            self.assertFalse(self.asset.recall_warning)

    def test_duplicate_is_refused(self):
        campaign = self._start(("LSV", "047000", "048000"))
        with self.assertRaisesRegex(UserError, "stands in the list once"):
            campaign.vehicle_ids.copy()
        self.assertFalse(campaign.copy({"code": "R-2"}).vehicle_ids)
