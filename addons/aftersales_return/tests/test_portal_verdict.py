from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_portal_request import PortalReturnCommon


@tagged("post_install", "-at_install")
class TestPortalVerdict(PortalReturnCommon):
    """What the portal offers is what the dock says and the desk grants by right."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["aftersales.warranty.pack"].search([]).active = False
        cls.pack = cls.env["aftersales.warranty.pack"].create(
            {
                "name": "Maker's guarantee",
                "code": "T-MAKER",
                "version_ids": [
                    fields.Command.create(
                        {
                            "date_from": "2000-01-01",
                            "rule_ids": [
                                fields.Command.create(
                                    {
                                        "code": "T-15",
                                        "name": "Exchange within 15 days",
                                        "purpose": "right",
                                        "remedy": "any",
                                        "period": 15,
                                        "period_unit": "day",
                                    }
                                ),
                                fields.Command.create(
                                    {
                                        "code": "T-YEAR",
                                        "name": "One year",
                                        "period": 1,
                                        "parts_charge": "free",
                                        "labour_charge": "free",
                                        "bearer": "maker",
                                    }
                                ),
                            ],
                        }
                    )
                ],
            }
        )
        cls.pack.version_ids.action_publish()

    def setUp(self):
        super().setUp()
        lot = self._stock_serial(["S-1"])
        sold = self._sell(self.part_serial, 1, lots=lot)
        self.move = sold.move_ids
        Asset = self.env["aftersales.asset"]
        self.asset = Asset.search([("lot_id", "=", lot.id)]) or Asset.create(
            {
                "lot_id": lot.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        self.asset.registration_ids.unlink()

    def _register(self, days_ago):
        today = fields.Date.context_today(self.asset)
        return self.env["aftersales.warranty.registration"].create(
            {
                "asset_id": self.asset.id,
                "pack_id": self.pack.id,
                "date_start": today - timedelta(days=days_ago),
            }
        )

    def _ask(self, operation):
        """Return the item, its verdict, and the line as the desk would weigh it."""
        (item,) = self._offer()
        rma = self._create_return(
            {"product_id": self.part_serial.id, "serial": "S-1"},
            operation=operation.code,
        )
        line = rma.line_ids
        is_right, level = line._is_by_right(), line._get_standing()["level"]
        dock = self.env["aftersales.return.dock"].scan("S-1")["verdict"]["level"]
        self.assertEqual(dock, level)
        rma.unlink()
        return item, self._verdict(item, operation), is_right, level

    def test_exchange_as_long_as_the_period(self):
        registration = self._register(0)
        for days, level, is_open, words in (
            (0, "exchange", True, "Exchange period until"),
            (14, "exchange", True, "Exchange period until"),
            (40, "repair", False, "gives no exchange"),
            (500, "past", False, "Your guarantee ended on"),
        ):
            with self.subTest(days=days):
                today = fields.Date.context_today(registration)
                registration.date_start = today - timedelta(days=days)
                item, verdict, is_right, found = self._ask(self.op_exchange)
                self.assertEqual((found, is_right), (level, is_open))
                self.assertEqual(verdict["is_open"], is_open)
                self.assertIn(words, verdict["words"])
                if not is_open:
                    with self.assertRaisesRegex(UserError, words):
                        self._request(item, line={"operation_id": self.op_exchange.id})

    def test_repair_may_always_be_asked_for(self):
        registration = self._register(0)
        for days, words in (
            (0, "Free repair"),
            (40, "Free repair until"),
            (500, "we tell you the price first"),
        ):
            with self.subTest(days=days):
                today = fields.Date.context_today(registration)
                registration.date_start = today - timedelta(days=days)
                _item, verdict, _right, _level = self._ask(self.op_repair)
                self.assertTrue(verdict["is_open"])
                self.assertIn(words, verdict["words"])

    def test_a_right_to_return_outlasts_the_days(self):
        self._register(10)
        self.move.date = fields.Datetime.now() - timedelta(days=31)
        _item, verdict, is_right, level = self._ask(self.op_refund)
        self.assertEqual((is_right, level), (True, "exchange"))
        self.assertTrue(verdict["is_open"])
        self.assertIn("Exchange period until", verdict["words"])

    def test_no_guarantee(self):
        _item, verdict, is_right, level = self._ask(self.op_exchange)
        self.assertEqual((is_right, level), (True, "none"))
        self.assertTrue(verdict["is_open"])
        self.assertIn("We check", verdict["words"])
