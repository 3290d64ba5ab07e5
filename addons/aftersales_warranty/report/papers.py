from odoo import models


class AftersalesOrder(models.Model):
    """The guarantee on the papers of a work order."""

    _inherit = "aftersales.order"

    def _get_paper_payer_rows(self, sale_lines, settled):
        rows, tax_totals = super()._get_paper_payer_rows(sale_lines, settled)
        for sale_line, (_job, row) in zip(sale_lines, rows, strict=True):
            self._add_paper_warranty(row, sale_line.job_line_id)
        return rows, tax_totals

    def _get_paper_borne(self, line, settled):
        row = super()._get_paper_borne(line, settled)
        self._add_paper_warranty(row, line)
        return row

    def _add_paper_warranty(self, row, line):
        """Say at a line whether the guarantee covers it, and why or why not."""
        verdict = line.sudo().verdict_id.with_context(lang=self.env.lang)
        row["warranty"] = verdict._get_customer_text() if verdict else ""
        if verdict and row["reason"] == verdict._get_reason():
            row["reason"] = ""

    def _get_paper_guarantee(self):
        """Return what the technician has to know about the guarantee, or None.

        :return: dict ``covers`` (what is left), ``jobs`` (``(name, verdicts)``) and
            ``rights`` (reached or near), all in words
        """
        self.ensure_one()
        order = self.sudo()
        covers = [line for line in (order.cover_summary or "").split("\n") if line]
        jobs = [
            (job.name, job.warranty_summary)
            for job in order._get_paper_jobs()
            if job.warranty_summary
        ]
        rights = [order._describe_right(right) for right in order.rights or ()]
        if not (covers or jobs or rights):
            return None
        return {"covers": covers, "jobs": jobs, "rights": rights}

    def _get_paper_counters(self):
        """Return what counts towards the customer's rights so far, in words.

        Each fault and each part that was exchanged, how often; then the days.
        """
        self.ensure_one()
        asset = self.sudo().asset_id
        events = asset.repair_event_ids.filtered("is_counted")
        if not asset.is_registered or not events:
            return []
        repairs = events.filtered(lambda event: event.kind == "repair")
        counted = [
            self.env._(
                "%(fault)s: repaired %(times)s ×",
                fault=fault.name or self.env._("Other faults"),
                times=events._count_times(members),
            )
            for fault, members in repairs.grouped("fault_id").items()
        ]
        exchanges = (events - repairs).grouped(
            lambda event: event.group_id.name or event.product_id.display_name
        )
        counted += [
            self.env._(
                "%(part)s: exchanged %(times)s ×",
                part=part or self.env._("Other parts"),
                times=events._count_times(members),
            )
            for part, members in exchanges.items()
        ]
        if days := events._sum_days(events):
            counted.append(self.env._("Days in repair: %(days)s", days=f"{days:g}"))
        return counted

    def _get_paper_repair_guarantees(self):
        """Return the guarantee on the work of this order, as its holder reads it.

        Before the hand-over, when it begins, with how long it will run.

        :return: list of dicts ``jobs``, ``pack``, ``start``, and ``rows`` as of
            ``_get_cover_rows``
        """
        self.ensure_one()
        order = self.sudo()
        jobs = order._get_paper_jobs(("done",))
        Registration = self.env["aftersales.warranty.registration"].sudo()
        registrations = Registration.search(
            [("job_id", "in", jobs.ids), ("state", "=", "active")]
        )
        if not registrations and order.state not in ("done", "cancel"):
            # Handed over, they begin; until then the paper tells what they will say.
            values_list = jobs._get_repair_guarantees_values()
            registrations = Registration.union(*map(Registration.new, values_list))
        groups = {}
        for registration in registrations:
            rows = registration._get_cover_rows()
            key = registration.pack_id, registration.date_start, repr(rows)
            group = groups.setdefault(
                key,
                {
                    "pack": registration.pack_id,
                    "start": registration.date_start,
                    "rows": rows,
                    "jobs": self.env["aftersales.job"],
                },
            )
            group["jobs"] |= registration.job_id
        return list(groups.values())


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_aftersales_warranty_text(self):
        """Say on the customer's own invoice what the guarantee does to a line.

        Makers and insurers are billed by their own terms and read nothing of it.
        """
        self.ensure_one()
        line = self.sudo().sale_line_ids.job_line_id[:1]
        verdict = line.verdict_id.with_context(lang=self.env.lang)
        if not verdict or not line.order_id._is_customer(self.partner_id):
            return ""
        reason = verdict._get_reason()
        if reason and reason in (self.name or ""):
            return ""
        return verdict._get_customer_text()
