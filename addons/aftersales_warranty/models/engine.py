from odoo import api, fields, models

from ..engine import decide


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

    # Rights
