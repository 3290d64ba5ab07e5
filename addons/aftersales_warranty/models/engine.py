from collections import defaultdict

from odoo import api, fields, models

from ..engine import decide, get_rights


class AftersalesWarrantyEngine(models.AbstractModel):
    """Who bears what: reads the facts in batches and lets plain Python weigh them.

    Everything is read at once, whatever the number of lines; the weighing itself is
    in the package ``engine``. What other add-ons know more is added in the
    ``_prepare_…`` methods.
    """

    _name = "aftersales.warranty.engine"
    _description = "Warranty Engine"

    @api.model
    @api.readonly
    def get_verdicts(self, lines, date=None):
        """Weigh job lines as of a day, and write nothing.

        :param lines: ``aftersales.job.line``, records or ids
        :param date: as of that day; without it, the day each order was reported
        :return: a list of traces in the order of the lines, each with its
            ``job_line_id``; ``result`` says what comes out
        :raises AccessError: for lines that the user may not read
        """
        if not isinstance(lines, models.BaseModel):
            lines = self.env["aftersales.job.line"].browse(lines)
        lines.check_access("read")
        traces = self._evaluate(lines, date)
        return [{"job_line_id": line.id, **traces[line]} for line in lines]

    @api.model
    def _evaluate(self, lines, date=None, rules_by_version=None):
        """Weigh job lines under the guarantees of their assets.

        :param lines: ``aftersales.job.line``
        :param date: as of that day: guarantees, repairs and meter of then; without
            it, the day each work order was reported
        :param dict rules_by_version: other rules for some versions, for a rehearsal
        :return: ``{line: trace}``; the same facts give the same trace
        """
        case = self._load(lines, date)
        versions = {**self._get_rules(case["versions"]), **(rules_by_version or {})}
        scopes = {}
        return {
            line: decide(
                self._prepare_facts(line, case),
                case["covers"][line],
                versions,
                scopes,
            )
            for line in lines
        }

    @api.model
    def _fetch(self, records, names, domain=None):
        """Read fields of all ``records`` in one go, in a language that stays."""
        records = records.sudo().with_context(active_test=False, lang="en_US")
        if domain is None:
            domain = [("id", "in", records.ids)]
        return records.search_fetch(domain, names, order="id")

    def _load(self, lines, date=None):
        """Read what ``lines`` are weighed by."""
        day = fields.Date.to_date(date)
        fetch = self._fetch
        own_lines = fetch(lines, ["job_id", "kind", "product_id", "is_travel"])
        jobs = fetch(own_lines.job_id, self._get_job_fields())
        orders = fetch(jobs.order_id, ["asset_id", "date_reported", "meter_in"])
        assets = fetch(orders.asset_id, ["category_id", "product_id", "partner_id"])
        days = {order.id: day or order.date_reported for order in orders}
        found = fetch(
            self.env["aftersales.job.exclusion"],
            ["job_id", "exclusion_id"],
            [("job_id", "in", jobs.ids)],
        )
        meters = fetch(
            self.env["aftersales.meter"],
            ["asset_id", "sequence", "unit", "value", "total"],
            [("asset_id", "in", assets.ids)],
        ).sorted("sequence")
        main_meters = {}
        for meter in meters:
            main_meters.setdefault(meter.asset_id.id, meter)
        registrations = fetch(
            self.env["aftersales.warranty.registration"],
            self._get_registration_fields(),
            [
                ("asset_id", "in", assets.ids),
                ("state", "in", ("active", "pending")),
            ],
        )
        case = {
            "days": days,
            "exclusions": found.grouped("job_id"),
            "meters": main_meters,
            "readings": self._get_readings(main_meters.values(), day),
            "groups": self._get_groups(own_lines.product_id | jobs.causal_product_id),
            "registrations": registrations.grouped("asset_id"),
            # What has not begun gets the version of the day it is asked for.
            "versions": registrations.version_id
            | registrations.filtered(
                lambda item: not item.version_id
            ).pack_id.version_ids,
            "lines_of_job": own_lines.grouped("job_id"),
            "events": self._get_events(assets, registrations),
            "repaired": self._get_repaired_parts(registrations.job_id),
        }
        case["covers"] = {
            line: self._prepare_covers(line, case)
            for line in lines.sudo().with_context(active_test=False, lang="en_US")
        }
        return case

    def _get_job_fields(self):
        return ["order_id", "template_id", "fault_id", "causal_product_id"]

    def _get_registration_fields(self):
        return [
            "asset_id",
            "pack_id",
            "version_id",
            "state",
            "date_start",
            "meter_start",
            "use",
            "document_state",
            "job_id",
            "cover_months",
        ]

    @api.model
    def _get_rules(self, versions):
        """Return ``{version id: [rule values]}`` of the active rules, in order."""
        versions = versions.sudo().with_context(active_test=False, lang="en_US")
        rules = versions.env["aftersales.warranty.rule"].search(
            [("version_id", "in", versions.ids), ("active", "=", True)]
        )
        values = {version.id: [] for version in versions}
        for rule in rules:
            values[rule.version_id.id].append(rule._get_engine_values())
        return values

    def _get_readings(self, meters, day):
        """Return ``{asset id: running total}`` of ``meters`` as of ``day``.

        Empty for today.
        """
        if not day:
            return {}
        end = fields.Datetime.add(fields.Datetime.to_datetime(day), days=1)
        groups = (
            self.env["aftersales.meter.reading"]
            .sudo()
            ._read_group(
                [("meter_id", "in", [m.id for m in meters]), ("date", "<", end)],
                ["asset_id"],
                ["total:max"],
            )
        )
        return {asset.id: total for asset, total in groups}

    def _get_events(self, assets, registrations):
        """Return ``{asset: counted repairs}``, where a guarantee asks for them."""
        wanted = registrations.filtered(
            lambda registration: (
                registration.pack_id.pause_in_repair
                or registration.version_id.repair_months
            )
        ).asset_id
        return self._get_repair_events(wanted) if wanted else {}

    @api.model
    def _get_repair_events(self, assets):
        """Return ``{asset: counted repairs and exchanges}`` from the index."""
        return self._fetch(
            self.env["aftersales.repair.event"],
            [
                "asset_id", "order_id", "job_id", "date", "kind", "fault_id",
                "severity", "product_id", "group_id", "group_kind", "days",
                "is_counted",
            ],
            [("asset_id", "in", assets.ids), ("is_counted", "=", True)],
        ).grouped("asset_id")  # fmt: skip

    def _get_groups(self, products):
        """Return a function ``(product, asset) -> codes`` of component groups."""
        Group = self.env["aftersales.component.group"]
        # Some dozens to hundreds; a line of any kind may belong to any of them.
        groups = Group.sudo().search([("active", "=", True)])
        by_product, by_category = defaultdict(list), defaultdict(list)
        for group in groups:
            for product in group.product_ids:
                by_product[product.id].append(group)
            for category in group.product_categ_ids:
                by_category[category.id].append(group)
        products = self._fetch(products, ["product_tmpl_id"])
        self._fetch(products.product_tmpl_id, ["categ_id"])
        self._fetch(products.categ_id, ["parent_path"])
        known, codes_of_ids = {}, {}

        def get_codes_of(found):
            ids = frozenset(group.id for group in found)
            if ids not in codes_of_ids:
                codes_of_ids[ids] = Group.browse(ids)._get_with_parents()._get_codes()
            return codes_of_ids[ids]

        def get_codes(product, asset):
            model = asset.product_id
            key = product.id, model.id
            if key not in known:
                category = product.categ_id
                path = (category.parent_path or "").split("/")
                found = [
                    group
                    for group in by_product[product.id]
                    + [g for part in path if part for g in by_category[int(part)]]
                    if group._applies_to(self._get_maker(asset), model)
                ]
                known[key] = get_codes_of(found)
            return known[key]

        get_codes.of_groups = get_codes_of
        return get_codes

    def _get_maker(self, asset):
        """Return the maker of an asset, whose component lists hold for it."""
        return asset.product_id.aftersales_maker_payer_id.partner_id

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

    # Rights

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

    @api.model
    def _get_swapped_groups(self, lines, asset):
        """Return ``{product: group}`` of assemblies and main parts among ``lines``."""
        get_codes = self._get_groups(lines.product_id)
        Group = self.env["aftersales.component.group"].sudo()
        swapped = {}
        for product in lines.product_id:
            codes = get_codes(product, asset)
            groups = Group.search(
                [("code", "in", codes), ("kind", "in", ("main", "assembly"))]
            )
            own = groups.filtered(
                lambda group, product=product: (
                    product in group.product_ids
                    or product.categ_id in group.product_categ_ids
                )
            )
            if own:
                swapped[product] = own[:1]
        return swapped
