from odoo import fields

from odoo.addons.aftersales_warranty.engine import decide, get_rights
from odoo.addons.aftersales_warranty.tests.common import WarrantyCommon


class ChinaCommon(WarrantyCommon):
    """Goods registered under the shipped guarantees, and the engine on one day.

    * ``_get(name)``: a shipped record
    * ``_sell(category, pack, date)``: an asset with its registration
    * ``_weigh(registration, day, …)``: the result of the engine for one line
    * ``_get_levels(registration, day, …)``: ``{rule code: reached or next}``
    * ``assertCovered``, ``assertRight``: until the last day and reading, not after
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine = cls.env["aftersales.warranty.engine"]

    @classmethod
    def _get(cls, name):
        return cls.env.ref(f"aftersales_l10n_cn.{name}")

    @classmethod
    def _sell(cls, category, pack, date, **values):
        asset = cls.env["aftersales.asset"].create(
            {
                "name": f"{category} of {date}",
                "partner_id": cls.customer.id,
                "category_id": cls._get(f"category_{category}").id,
                "company_id": cls.company.id,
            }
        )
        return cls.env["aftersales.warranty.registration"].create(
            {
                "asset_id": asset.id,
                "pack_id": cls._get(f"pack_{pack}").id,
                "date_start": date,
                "document_state": "checked",
                **values,
            }
        )

    def _prepare(self, registration, day, group=None, fault=None, **values):
        """Return ``(facts, cover)`` of one line on one day."""
        cover = self.engine._prepare_cover(
            registration, self.env["aftersales.order"], fields.Date.to_date(day), {}, {}
        )
        fault = self._get(f"fault_{fault}") if fault else self.env["aftersales.fault"]
        group = self._get(f"group_{group}") if group else fault.group_id
        category = registration.asset_id.category_id
        facts = {
            "date": fields.Date.to_string(fields.Date.to_date(day)),
            "kind": "part",
            "product": self.part_avco.id,
            "job_products": [],
            "groups": group._get_with_parents()._get_codes(),
            "category": category.id,
            "model": None,
            "template": None,
            "fault": fault.code or None,
            "severity": fault.severity or "normal",
            "exclusions": [],
            "meter": 0,
            "meter_unit": category.meter_unit or None,
            "is_counting": bool(category.meter_unit),
            "is_present": True,
        }
        cover["days_out"] = values.pop("days_out", 0)
        return {**facts, **values}, cover

    def _weigh(self, registration, day, group=None, fault=None, **values):
        facts, cover = self._prepare(registration, day, group, fault, **values)
        rules = self.engine._get_rules(registration.version_id)
        return decide(facts, [cover], rules)["result"]

    def _get_levels(
        self, registration, day, fault, counters=None, group=None, **values
    ):
        facts, cover = self._prepare(registration, day, group, fault, **values)
        rules = self.engine._get_rules(registration.version_id)
        rights = get_rights(facts, [cover], rules, counters or {})
        return {right["code"]: right["level"] for right in rights}

    def assertCovered(self, code, registration, last_day, last_meter=None, **values):
        """Assert that ``code`` covers until both limits, and nothing does past one."""
        last_day = fields.Date.to_date(last_day)
        at_limit = {"meter": last_meter or 0}
        result = self._weigh(registration, last_day, **at_limit, **values)
        self.assertEqual((result["result"], result.get("code")), ("covered", code))
        late = fields.Date.add(last_day, days=1)
        result = self._weigh(registration, late, **at_limit, **values)
        self.assertEqual(result["result"], "charged", f"{code} on the day after")
        if last_meter:
            result = self._weigh(registration, last_day, meter=last_meter + 1, **values)
            self.assertEqual(result["result"], "charged", f"{code} a km after")

    def assertRight(
        self, code, registration, last_day, fault, counters=None, before=None,
        last_meter=None, **values,
    ):  # fmt: skip
        """Assert that ``counters`` give a right until both limits, ``before`` not."""
        last_day = fields.Date.to_date(last_day)
        late = fields.Date.add(last_day, days=1)
        meter = last_meter or 0

        def get_level(day, counters, meter):
            levels = self._get_levels(
                registration, day, fault, counters, meter=meter, **values
            )
            return levels.get(code)

        self.assertEqual(get_level(last_day, counters, meter), "reached", code)
        self.assertIsNone(get_level(late, counters, meter), f"{code} the day after")
        if last_meter:
            self.assertIsNone(
                get_level(last_day, counters, meter + 1), f"{code} a km after"
            )
        if before is not None:
            self.assertNotEqual(
                get_level(last_day, before, meter), "reached", f"{code} one before"
            )
