from odoo import Command, fields

from odoo.addons.aftersales.tests.common import AftersalesCommon


class WarrantyCommon(AftersalesCommon):
    """A car with a guarantee of the kind that the law gives in China.

    * ``group_engine`` (assembly), ``group_piston`` (main part of it, holds
      ``part_fifo``), ``group_wear`` (holds ``part_standard``); ``part_avco`` is in
      no group
    * faults ``fault_noise`` (normal, engine) and ``fault_brake`` (safety)
    * ``pack_car`` with ``version_car``: cover for 3 years or 60,000 km borne by the
      maker, wear parts for 3 months or 5,000 km, exchange or return from the fifth
      repair of a fault within 2 years or 50,000 km with 0.5 % deduction
    * ``asset`` reads 12,000 km; ``exclusion_misuse``; ``account_warranty`` of the
      payer ``payer_warranty``
    * ``_register(**values)``, ``_create_pack(rules, **values)``, ``_repair(fault)``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Group = cls.env["aftersales.component.group"]
        cls.group_engine = Group.create(
            {"name": "Engine", "code": "T-ENGINE", "kind": "assembly"}
        )
        cls.group_piston = Group.create(
            {
                "name": "Piston",
                "code": "T-PISTON",
                "kind": "main",
                "parent_id": cls.group_engine.id,
                "product_ids": [Command.link(cls.part_fifo.id)],
            }
        )
        cls.group_wear = Group.create(
            {
                "name": "Filters",
                "code": "T-WEAR",
                "kind": "wear",
                "product_ids": [Command.link(cls.part_standard.id)],
            }
        )
        Fault = cls.env["aftersales.fault"]
        cls.fault_noise = Fault.create(
            {
                "name": "Engine knocks",
                "code": "T-KNOCK",
                "group_id": cls.group_engine.id,
            }
        )
        cls.fault_brake = Fault.create(
            {"name": "Brakes fail", "code": "T-BRAKE", "severity": "safety"}
        )
        cls.exclusion_misuse = cls.env["aftersales.exclusion"].create(
            {"name": "Misuse", "code": "T-MISUSE", "evidence_hint": "A photo"}
        )
        cls.pack_car = cls._create_pack(
            [
                {
                    "code": "T-REPAIR",
                    "name": "Free repair",
                    "period": 3,
                    "meter_limit": 60000,
                    "group_scope": "except",
                    "group_ids": [Command.link(cls.group_wear.id)],
                    "parts_charge": "free",
                    "labour_charge": "free",
                    "bearer": "maker",
                    "source": "Article 1",
                },
                {
                    "code": "T-WEAR",
                    "name": "Wear parts",
                    "period": 3,
                    "period_unit": "month",
                    "meter_limit": 5000,
                    "group_scope": "only",
                    "group_ids": [Command.link(cls.group_wear.id)],
                    "parts_charge": "free",
                    "bearer": "maker",
                },
                {
                    "code": "T-4X",
                    "name": "More than four repairs",
                    "purpose": "right",
                    "period": 2,
                    "meter_limit": 50000,
                    "counter": "same_fault",
                    "counter_limit": 5,
                    "remedy": "exchange_return",
                    "is_deducted": True,
                },
            ],
            name="Car",
            code="T-CAR",
            kind="legal",
            exclusion_ids=[Command.link(cls.exclusion_misuse.id)],
            version={
                "deduction_kind": "mileage",
                "deduction_rate": 0.5,
                "deduction_rate_max": 0.5,
            },
        )
        cls.version_car = cls.pack_car.version_ids
        cls.asset.meter = 12000
        cls.payer_warranty = cls.env["aftersales.payer"].search(
            [("company_id", "=", cls.company.id), ("code", "=", "warranty")]
        )
        cls.account_warranty = cls.env["account.account"].create(
            {"name": "Warranty", "code": "650940", "account_type": "expense"}
        )
        cls.payer_warranty.account_id = cls.account_warranty

    @classmethod
    def _create_pack(cls, rules, version=None, **values):
        """Create a guarantee with one published version of ``rules``."""
        pack = cls.env["aftersales.warranty.pack"].create(
            {
                "name": "Pack",
                "code": "T-PACK",
                "version_ids": [
                    Command.create(
                        {
                            "date_from": "2000-01-01",
                            "rule_ids": [Command.create(rule) for rule in rules],
                            **(version or {}),
                        }
                    )
                ],
                **values,
            }
        )
        pack.version_ids.action_publish()
        return pack

    def _register(self, pack=None, asset=None, **values):
        """Register a guarantee, by default ``pack_car`` on ``asset`` since a year."""
        today = fields.Date.today()
        return self.env["aftersales.warranty.registration"].create(
            {
                "asset_id": (asset or self.asset).id,
                "pack_id": (pack or self.pack_car).id,
                "date_start": fields.Date.subtract(today, years=1),
                "document_state": "checked",
                **values,
            }
        )

    def _repair(self, fault, times=1, asset=None, **values):
        """Count repairs of ``fault`` that were done a month ago."""
        return self.env["aftersales.repair.event"].create(
            [
                {
                    "asset_id": (asset or self.asset).id,
                    "date": fields.Date.subtract(fields.Date.today(), months=1),
                    "fault_id": fault.id,
                    **values,
                }
                for _time in range(times)
            ]
        )
