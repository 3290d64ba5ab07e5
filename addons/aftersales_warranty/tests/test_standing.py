from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged, users

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestStanding(WarrantyCommon):
    """What a thing would get, before there is a work order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine = cls.env["aftersales.warranty.engine"]
        cls.pack_fridge = cls._create_pack(
            [
                {
                    "code": "T-7D",
                    "name": "Exchange within 7 days",
                    "purpose": "right",
                    "period": 7,
                    "period_unit": "day",
                    "severity": "major",
                    "remedy": "any",
                },
                {
                    "code": "T-2X",
                    "name": "Repaired twice",
                    "purpose": "right",
                    "period": 1,
                    "counter": "repairs",
                    "counter_limit": 3,
                    "remedy": "exchange_return",
                },
                {
                    "code": "T-1Y",
                    "name": "One year",
                    "period": 1,
                    "parts_charge": "free",
                    "labour_charge": "free",
                    "bearer": "maker",
                },
                {
                    "code": "T-OUT",
                    "name": "After that at cost",
                    "period": 1,
                    "limit_mode": "past",
                    "parts_charge": "cost",
                    "remedy": "paid",
                },
            ],
            name="Fridge",
            code="T-FRIDGE",
            kind="legal",
        )
        cls.category_fridge = cls.env["aftersales.asset.category"].create(
            {"name": "Fridge"}
        )
        cls.fridge, cls.other = cls.env["aftersales.asset"].create(
            [
                {
                    "name": name,
                    "partner_id": cls.customer.id,
                    "category_id": cls.category_fridge.id,
                    "company_id": cls.company.id,
                }
                for name in ("Fridge", "Other fridge")
            ]
        )
        cls.today = fields.Date.today()

    def _stand(self, asset, **values):
        return self.engine.get_standings(asset, **values)[0]

    def test_exchange_then_repair_then_past(self):
        start = fields.Date.subtract(self.today, days=5)
        self._register(pack=self.pack_fridge, asset=self.fridge, date_start=start)
        standing = self._stand(self.fridge)
        self.assertEqual(standing["level"], "exchange")
        self.assertEqual(
            standing["until"], fields.Date.to_string(fields.Date.add(start, days=7))
        )
        self.assertEqual([each["code"] for each in standing["rights"]], ["T-7D"])
        later = fields.Date.add(start, days=8)
        standing = self._stand(self.fridge, date=later)
        self.assertEqual(standing["level"], "repair")
        end = fields.Date.to_string(fields.Date.add(start, years=1))
        self.assertEqual(standing["until"], end)
        standing = self._stand(self.fridge, date=fields.Date.add(start, years=2))
        self.assertEqual(standing["level"], "past")
        self.assertEqual(standing["until"], end)
        self.assertEqual(standing["trace"]["result"]["charge"], "cost")

    def test_batch_and_nothing_registered(self):
        self._register(pack=self.pack_fridge, asset=self.fridge)
        assets = self.other | self.fridge
        levels = [each["level"] for each in self.engine.get_standings(assets)]
        self.assertEqual(levels, ["none", "repair"])
        self.assertEqual(
            [each["asset_id"] for each in self.engine.get_standings(assets.ids)],
            assets.ids,
        )

    def test_third_repair_is_an_exchange(self):
        self._register(pack=self.pack_fridge, asset=self.fridge)
        self._repair(self.fault_noise, times=2, asset=self.fridge)
        standing = self._stand(self.fridge)
        self.assertEqual(standing["level"], "exchange")
        self.assertEqual([each["code"] for each in standing["rights"]], ["T-2X"])

    def test_paper_and_meter_are_asked_for(self):
        self.pack_fridge.document_required = True
        self._register(
            pack=self.pack_fridge, asset=self.fridge, document_state="missing"
        )
        standing = self._stand(self.fridge)
        self.assertEqual(standing["level"], "refer")
        self.assertEqual(standing["trace"]["result"]["problems"], ["document"])

    def test_meter_is_over(self):
        self._register()
        self.assertEqual(self._stand(self.asset)["level"], "repair")
        self.asset.meter = 61000
        self.assertEqual(self._stand(self.asset)["level"], "past")

    def test_goods_without_serial(self):
        self.pack_fridge.product_ids = [Command.link(self.part_avco.id)]
        recent = fields.Date.subtract(self.today, days=3)
        before = fields.Date.subtract(self.today, months=2)
        sales = [
            (product, self.company, self.customer, delivered, self.today)
            for product, delivered in (
                (self.part_avco, recent),
                (self.part_avco, before),
                (self.part_fifo, recent),
            )
        ]
        standings = self.engine._get_product_standings(sales)
        levels = [standings[sale]["level"] for sale in sales]
        self.assertEqual(levels, ["exchange", "repair", "none"])

    def test_nothing_is_written(self):
        self._register(pack=self.pack_fridge, asset=self.fridge)
        before = self.env["aftersales.verdict"].search_count([])
        self._stand(self.fridge)
        self.assertEqual(self.env["aftersales.verdict"].search_count([]), before)

    def test_queries_do_not_grow(self):
        assets = self.fridge
        for index in range(20):
            assets |= self.fridge.copy({"name": f"Fridge {index}"})
        for asset in assets:
            self._register(pack=self.pack_fridge, asset=asset)
        self.env.flush_all()
        counts = []
        for batch in (assets[:2], assets):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.engine._get_standings(batch)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    @users("aftersales_accountant")
    def test_who_may_ask(self):
        engine = self.engine.with_user(self.env.user)
        stranger = (
            self.env["res.users"]
            .sudo()
            .create({"name": "X", "login": "x", "group_ids": [Command.clear()]})
        )
        with self.assertRaises(AccessError):
            engine.with_user(stranger).get_standings(self.fridge.ids)
