from odoo import fields, models


class AftersalesWarrantyEngine(models.AbstractModel):
    """The facts of job lines, as plain values that JSON can keep."""

    _inherit = "aftersales.warranty.engine"

    def _prepare_facts(self, line, case):
        """Return the facts of one line, as plain values that JSON can keep."""
        line = line.sudo()
        job = line.job_id
        order = job.order_id
        asset = order.asset_id
        fault = job.fault_id
        meter = case["meters"].get(asset.id)
        kind = "travel" if line.is_travel else line.kind
        found = case["exclusions"].get(job, ())
        return {
            "date": fields.Date.to_string(case["days"][order.id]),
            "kind": kind,
            "product": line.product_id.id,
            "job_products": sorted(
                other.product_id.id
                for other in case["lines_of_job"][job]
                if other.kind == "part"
            ),
            "groups": self._get_line_groups(line, case),
            "category": asset.category_id.id or None,
            "model": asset.product_id.id or None,
            "template": job.template_id.id or None,
            "fault": fault.code or None,
            "severity": fault.severity or "normal",
            "exclusions": sorted(item.exclusion_id.code for item in found),
            "meter": self._get_meter(order, meter, case),
            "meter_unit": meter.unit if meter else None,
            "is_counting": self._is_counting(asset, meter),
        }

    def _is_counting(self, asset, meter):
        """Whether a limit by the meter means something: a fridge has none."""
        category = asset.category_id
        return bool(meter or not category or category.meter_unit)

    def _get_line_groups(self, line, case):
        """Return the component groups: the line's own, else those of its job.

        Of the causal part, of the fault, or what all parts of the job have in common:
        the hours of a filter change are no more covered than the filter.
        """
        job = line.job_id
        asset = job.order_id.asset_id
        get_groups = case["groups"]
        if groups := get_groups(line.product_id, asset):
            return groups
        if job.causal_product_id and (
            groups := get_groups(job.causal_product_id, asset)
        ):
            return groups
        if job.fault_id.group_id or line.kind == "part":
            return get_groups.of_groups(job.fault_id.group_id)
        parts = [
            get_groups(other.product_id, asset)
            for other in case["lines_of_job"][job]
            if other.kind == "part"
        ]
        return sorted(set(parts[0]).intersection(*parts[1:])) if parts else []

    def _get_meter(self, order, meter, case):
        """Return the running total at reception, over exchanged meters too."""
        if not meter:
            return None
        if order.asset_id.id in case["readings"]:
            return case["readings"][order.asset_id.id]
        if order.meter_in:
            return order.meter_in + meter.total - meter.value
        return meter.total or None

    def _prepare_covers(self, line, case):
        """Return the guarantees of the line's asset, as plain values."""
        order = line.job_id.order_id
        day = case["days"][order.id]
        return [
            self._prepare_cover(
                registration, order, day, case["events"], case["repaired"]
            )
            for registration in case["registrations"].get(order.asset_id, ())
            if (not registration.date_start or registration.date_start <= day)
            and self._get_version(registration, day)
        ]

    def _get_version(self, registration, day):
        """Return the version a guarantee has, or would have if it began on ``day``."""
        return registration.version_id or registration.pack_id._get_version(day)

    def _prepare_cover(self, registration, order, day, events, repaired):
        pack = registration.pack_id
        version = self._get_version(registration, day)
        own_events = [
            event
            for event in events.get(registration.asset_id, ())
            if event.date <= day and event.order_id != order
        ]
        begin = registration.date_start or day
        is_extended = version.repair_months and any(
            event.kind == "repair" and event.date >= begin for event in own_events
        )
        return {
            "registration": registration.id,
            "pack": pack.code,
            "kind": pack.kind,
            "version": version.id,
            "version_number": version.number,
            "state": registration.state,
            "start": fields.Date.to_string(begin),
            "meter_start": registration.meter_start,
            "days_out": registration._get_days_out(own_events),
            "months_sold": registration.cover_months,
            "extra_months": version.repair_months if is_extended else 0,
            "use": registration.use,
            "document_required": pack.document_required,
            "document": registration.document_state,
            "exclusions": sorted(pack.exclusion_ids.mapped("code")),
            "found": sorted(
                exclusion.code
                for exclusion in pack.exclusion_ids
                if exclusion.check != "manual"
                and getattr(self, f"_is_{exclusion.check}")(registration)
            ),
            "repaired": self._prepare_repaired(registration.job_id, repaired),
        }

    def _is_business_use(self, registration):
        return registration.use == "business"

    def _get_repaired_parts(self, jobs):
        """Return ``{job: lines of parts}`` of repairs that have a guarantee."""
        jobs = self._fetch(jobs, ["order_id", "fault_id"])
        self._fetch(jobs.order_id, ["name"])
        return self._fetch(
            self.env["aftersales.job.line"],
            ["job_id", "product_id"],
            [("job_id", "in", jobs.ids), ("kind", "=", "part")],
        ).grouped("job_id")

    def _prepare_repaired(self, job, repaired):
        """Return what a guarantee on a repair is about, or None for other ones."""
        if not job:
            return None
        return {
            "order": job.order_id.name,
            "fault": job.fault_id.code or None,
            "products": sorted({line.product_id.id for line in repaired.get(job, ())}),
        }
