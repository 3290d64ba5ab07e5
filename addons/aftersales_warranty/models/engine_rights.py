from odoo import api, fields, models

from ..engine import get_rights


class AftersalesWarrantyEngine(models.AbstractModel):
    """What the customers of work orders may ask for beyond a repair."""

    _inherit = "aftersales.warranty.engine"

    @api.model
    def _get_rights(self, orders):
        """Return ``{order: [right]}``: what the customers may ask for, or soon may.

        A right is a dict as in ``engine.rights``; its refund stands under
        ``refund`` where the price is known.
        """
        orders = orders.sudo().with_context(active_test=False, lang="en_US")
        registrations = self._fetch(
            self.env["aftersales.warranty.registration"],
            self._get_registration_fields(),
            [("asset_id", "in", orders.asset_id.ids), ("state", "=", "active")],
        )
        registrations = registrations.filtered("version_id")
        versions = self._get_rules(registrations.version_id)
        speaking = registrations.filtered(
            lambda registration: any(
                rule["purpose"] == "right"
                for rule in versions[registration.version_id.id]
            )
        )
        by_asset = speaking.grouped("asset_id")
        events = self._get_repair_events(speaking.asset_id) if speaking else {}
        repaired = self._get_repaired_parts(speaking.job_id)
        result = dict.fromkeys(orders, [])
        watched = orders.filtered(
            lambda order: order.asset_id in by_asset and order.state != "cancel"
        )
        if not watched:
            return result
        # For all of them at once, what is read of each below.
        watched.asset_id.meter_ids.mapped("total")
        watched.job_ids.exclusion_ids.mapped("exclusion_id.code")
        get_codes = self._get_groups(
            watched.job_ids.causal_product_id | watched.job_ids.line_ids.product_id
        )
        for order in watched:
            result[order] = self._get_order_rights(
                order,
                by_asset[order.asset_id],
                versions,
                events.get(order.asset_id, ()),
                repaired,
                get_codes,
            )
        return result

    def _get_order_rights(
        self, order, registrations, versions, events, repaired, get_codes
    ):
        day = order.date_reported
        events = [
            event for event in events if event.date <= day and event.order_id != order
        ]
        all_events = {order.asset_id: events}
        covers = [
            self._prepare_cover(registration, order, day, all_events, repaired)
            for registration in registrations
            if registration.date_start <= day
        ]
        rights = {}
        for cover in covers:
            # What was repaired before it was sold to this customer does not count.
            begin = fields.Date.to_date(cover["start"])
            own = [event for event in events if event.date >= begin]
            for facts, counters in self._get_occurrences(order, own, get_codes):
                for right in get_rights(facts, [cover], versions, counters):
                    key = right["registration"], right["code"], right["fault"]
                    known = rights.get(key)
                    if not known or known["level"] == "next":
                        rights[key] = right
        by_id = {registration.id: registration for registration in registrations}
        for right in rights.values():
            registration = by_id[right["registration"]]
            right["refund"] = registration._get_refund(
                date=day,
                meter=self._get_total(order),
                is_deducted=right["is_deducted"],
            )
        levels = ("reached", "next")
        found = sorted(
            rights.values(),
            key=lambda right: (levels.index(right["level"]), right["code"]),
        )
        return self._drop_repeated(found)

    @api.model
    def _drop_repeated(self, rights):
        """Leave out what the same count gives again by another rule of a guarantee.

        A main part and the whole unit have periods of their own, and in the first
        year both rules hold.
        """
        told = {}
        for right in rights:
            counters = [
                condition["counter"]
                for condition in right["conditions"]
                if condition["kind"] == "counter"
            ]
            what = (right["remedy"], *counters) if counters else (right["code"],)
            told.setdefault((right["registration"], right["fault"], *what), right)
        return list(told.values())

    def _get_occurrences(self, order, events, get_codes):
        """Return ``[(facts, counters)]``: the faults there now, and those before.

        Before anybody looked at it, the faults that were repaired before are what
        may be back.
        """
        asset = order.asset_id
        meter = asset.meter_ids[:1]
        base = {
            "date": fields.Date.to_string(order.date_reported),
            "kind": "part",
            "category": asset.category_id.id or None,
            "model": asset.product_id.id or None,
            "template": None,
            "meter": self._get_total(order),
            "meter_unit": meter.unit or None,
            "is_counting": self._is_counting(asset, meter),
        }
        jobs = order.job_ids.filtered(
            lambda job: job.fault_id and job.state not in ("declined", "cancel")
        )
        occurrences = []
        for job in jobs:
            groups = get_codes.of_groups(job.fault_id.group_id)
            if job.causal_product_id:
                groups = get_codes(job.causal_product_id, asset) or groups
            occurrences.append(
                (
                    {
                        **base,
                        "fault": job.fault_id.code,
                        "severity": job.fault_id.severity,
                        "groups": groups,
                        "exclusions": sorted(
                            job.exclusion_ids.exclusion_id.mapped("code")
                        ),
                        "replaced": self._get_replaced(job, asset, get_codes),
                        "is_present": True,
                    },
                    job.fault_id,
                    job.causal_product_id,
                )
            )
        present = jobs.fault_id
        before = self.env["aftersales.fault"].union(
            *(event.fault_id for event in events)
        )
        # In one order, so that the same facts are told in the same way.
        for fault in (before - present).sorted("id"):
            occurrences.append(
                (
                    {
                        **base,
                        "fault": fault.code,
                        "severity": fault.severity,
                        "groups": get_codes.of_groups(fault.group_id),
                        "exclusions": [],
                        "is_present": False,
                    },
                    fault,
                    self.env["product.product"],
                )
            )
        return [
            (
                facts,
                self._count(order, events, fault, product, facts["groups"], get_codes),
            )
            for facts, fault, product in occurrences
        ]

    def _count(self, order, events, fault, product, groups, get_codes):
        """Return ``{counter: number}`` of what happened before this order."""
        repairs = [event for event in events if event.kind == "repair"]
        swaps = [event for event in events if event.kind == "exchange"]
        present_days = order._get_repair_days()
        own_groups = set(groups)
        Event = self.env["aftersales.repair.event"]
        return {
            "same_fault": Event._count_times(
                event for event in repairs if event.fault_id == fault
            ),
            "safety_repairs": Event._count_times(
                event for event in repairs if event.severity == "safety"
            ),
            "repairs": Event._count_times(repairs),
            "assembly_swaps": Event._count_times(
                event
                for event in swaps
                if event.group_kind == "assembly"
                and set(get_codes.of_groups(event.group_id)) & own_groups
            ),
            "part_swaps": Event._count_times(
                event
                for event in swaps
                if event.group_kind == "main"
                and (event.product_id == product or event.group_id.code in own_groups)
            ),
            "repair_days": Event._sum_days(repairs) + present_days,
            "longest_repair": present_days,
            "waiting_days": order._get_waiting_days(),
            "delay_days": order.repair_pause_ids._get_days("own_delay"),
        }

    def _get_total(self, order):
        """Return what the meter of the order's asset ran, over exchanged meters too."""
        meter = order.asset_id.meter_ids[:1]
        if not meter:
            return None
        return (order.meter_in or meter.value) + meter.total - meter.value

    def _get_replaced(self, job, asset, get_codes):
        """Return the component groups of the parts that a job replaces."""
        parts = job.line_ids.filtered(lambda line: line.kind == "part").product_id
        return sorted({code for part in parts for code in get_codes(part, asset)})
