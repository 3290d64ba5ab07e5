from odoo import api, fields, models

from ..engine import decide, get_rights

# What the customer may have instead of a repair.
EXCHANGES = {"exchange", "return", "exchange_return", "exchange_repair", "any"}


class AftersalesWarrantyEngine(models.AbstractModel):
    """Where a thing stands under its guarantees, before there is a work order."""

    _inherit = "aftersales.warranty.engine"

    @api.model
    @api.readonly
    def get_standings(self, assets, date=None):
        """Say what assets would get on a day: an exchange, a free repair, or neither.

        It is weighed as if a main function had failed in normal use. What the test
        finds may still change it; nothing is written.

        :param assets: ``aftersales.asset``, records or ids
        :param date: as of that day; today without it
        :return: a list of dicts in the order of the assets, each with its
            ``asset_id``, the ``date``, ``level`` (``exchange`` in a period of
            exchange or return; ``repair`` free for the customer, in full or by
            share; ``refer``: a person has to bring something first; ``past``: all is
            over; ``none``: no guarantee speaks of it), ``until`` (the last day of
            that level, for ``past`` the last day of all; or False), ``rights``, and
            the ``trace`` of the repair
        :raises AccessError: for assets that the user may not read
        """
        if not isinstance(assets, models.BaseModel):
            assets = self.env["aftersales.asset"].browse(assets)
        assets.check_access("read")
        standings = self._get_standings(assets, date)
        return [{"asset_id": asset.id, **standings[asset.id]} for asset in assets]

    @api.model
    def _get_standings(self, assets, date=None):
        """Return ``{asset id: standing}``, see ``get_standings``."""
        today = fields.Date.context_today(self)
        day = fields.Date.to_date(date) or today
        fetch = self._fetch
        assets = fetch(assets, ["category_id", "product_id", "partner_id"])
        registrations = fetch(
            self.env["aftersales.warranty.registration"],
            self._get_registration_fields(),
            [
                ("asset_id", "in", assets.ids),
                ("state", "in", ("active", "pending")),
            ],
        ).filtered(
            lambda item: (
                (not item.date_start or item.date_start <= day)
                and self._get_version(item, day)
            )
        )
        by_asset = registrations.grouped("asset_id")
        versions, events, repaired, meters, readings = {}, {}, {}, {}, {}
        if registrations:
            versions = self._get_rules(
                self.env["aftersales.warranty.version"].union(
                    *(self._get_version(item, day) for item in registrations)
                )
            )
            events = self._get_repair_events(registrations.asset_id)
            repaired = self._get_repaired_parts(registrations.job_id)
            for meter in fetch(
                self.env["aftersales.meter"],
                ["asset_id", "sequence", "unit", "value", "total"],
                [("asset_id", "in", registrations.asset_id.ids)],
            ).sorted("sequence"):
                meters.setdefault(meter.asset_id.id, meter)
            past = day if day < today else None
            readings = self._get_readings(meters.values(), past)
        result = {}
        for asset in assets:
            meter = meters.get(asset.id)
            reading = readings.get(asset.id) or (meter and meter.total) or None
            covers = [
                # No work order: everything that happened before counts.
                self._prepare_cover(item, None, day, events, repaired)
                for item in by_asset.get(asset, ())
            ]
            facts = {
                **self._prepare_failure(asset.product_id, asset.category_id, day),
                "meter": reading,
                "meter_unit": meter.unit if meter else None,
                "is_counting": self._is_counting(asset, meter),
            }
            result[asset.id] = self._weigh_failure(
                facts, covers, versions, events.get(asset, ())
            )
        return result

    @api.model
    def _get_product_standings(self, sales):
        """Return ``{sale: standing}`` of goods without a serial.

        They have no registration. What their product would have got when it was
        delivered is weighed.

        :param sales: tuples ``(product, company, partner, day delivered, day)``
        """
        Registration = self.env["aftersales.warranty.registration"].sudo()
        packs = Registration._get_automatic_packs().filtered(
            # The invoice is not looked for: its day is near enough.
            lambda pack: pack.start_basis in ("delivery", "invoice", "later")
        )
        items = {}
        for sale in sales:
            product, company, partner, delivered, _day = sale
            category = product.sudo().aftersales_category_id
            items[sale] = [
                Registration.new(
                    {
                        "pack_id": pack.id,
                        "partner_id": partner.id,
                        "state": "active",
                        "date_start": delivered,
                        "document_state": "looked_up",
                    }
                )
                for pack in packs
                if pack.company_id in (company, company.browse())
                and pack._covers_product(product, category)
                and pack._get_version(delivered)
            ]
        versions = self._get_rules(
            self.env["aftersales.warranty.version"].union(
                *(item.version_id for own in items.values() for item in own)
            )
        )
        result = {}
        for sale, own in items.items():
            product, _company, _partner, _delivered, day = sale
            covers = [
                {**self._prepare_cover(item, None, day, {}, {}), "registration": False}
                for item in own
            ]
            facts = {
                **self._prepare_failure(
                    product, product.sudo().aftersales_category_id, day
                ),
                "meter": None,
                "meter_unit": None,
                "is_counting": False,
            }
            result[sale] = self._weigh_failure(facts, covers, versions, ())
        return result

    def _prepare_failure(self, product, category, day):
        """Return the facts of a main function that failed in normal use."""
        return {
            "date": fields.Date.to_string(day),
            "kind": "part",
            "product": None,
            "job_products": [],
            "groups": [],
            "category": category.id or None,
            "model": product.id or None,
            "template": None,
            "fault": None,
            "severity": "major",
            "exclusions": [],
            "is_present": True,
        }

    def _weigh_failure(self, facts, covers, versions, events):
        """Return the standing that ``facts`` give under ``covers``."""
        trace = decide(facts, covers, versions)
        rights = []
        for cover in covers:
            begin = fields.Date.to_date(cover["start"])
            own = [event for event in events if event.date >= begin]
            rights += [
                right
                for right in get_rights(
                    facts, [cover], versions, self._count_repairs(own)
                )
                if right["level"] == "reached" and right["remedy"] in EXCHANGES
            ]
        chosen = [
            rule
            for cover in trace["covers"]
            for rule in cover["rules"]
            if rule["passed"] and rule["charge"] == "free" and rule["share_percent"]
        ]
        result = trace["result"]["result"]
        level, until = "none", None
        if rights:
            level, until = "exchange", self._get_last_end(rights)
        elif result == "refer":
            level = "refer"
        elif result in ("covered", "shared"):
            level, until = "repair", self._get_last_end(chosen)
        else:
            over = [
                rule
                for cover in trace["covers"]
                for rule in cover["rules"]
                if rule["charge"] == "free" and self._is_over(rule)
            ]
            if over:
                level, until = "past", self._get_last_end(over)
        return {
            "date": facts["date"],
            "level": level,
            "until": until or False,
            "rights": rights,
            "trace": trace,
        }

    def _count_repairs(self, events):
        """Return ``{counter: number}`` of what is known without looking at a fault."""
        Event = self.env["aftersales.repair.event"]
        repairs = [event for event in events if event.kind == "repair"]
        return {
            "repairs": Event._count_times(repairs),
            "repair_days": Event._sum_days(repairs),
        }

    def _is_over(self, rule):
        """Whether a rule does not hold for its limits alone: time or meter."""
        failed = [each for each in rule["conditions"] if not each["passed"]]
        return bool(failed) and all(
            each["kind"] in ("time", "meter") and not each.get("is_past")
            for each in failed
        )

    def _get_last_end(self, rules):
        """Return the last day that conditions on the time name, or None."""
        ends = [
            each["end"]
            for rule in rules
            for each in rule["conditions"]
            if each["kind"] == "time"
        ]
        return max(ends, default=None)
