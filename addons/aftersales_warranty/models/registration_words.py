from odoo import api, fields, models
from odoo.tools import format_date

from ..engine import get_last_day, get_refund


class AftersalesWarrantyRegistration(models.Model):
    """What is left of a guarantee, and what a return would pay, in words."""

    _inherit = "aftersales.warranty.registration"

    cover_text = fields.Char("Cover Left", compute="_compute_cover_text")
    limits_text = fields.Text("Rule by Rule", compute="_compute_cover_text")
    refund_text = fields.Char(
        "Return Today",
        compute="_compute_refund_text",
        help="What a return would pay today, by the price and the meter we know.",
    )

    @api.depends("state", "date_start", "version_id", "days_out", "asset_id.meter")
    @api.depends_context("lang")
    def _compute_cover_text(self):
        for registration in self:
            registration.cover_text = registration.pack_id and (
                registration._get_cover_text()
            )
            registration.limits_text = "\n".join(
                registration._describe_limit(*limit)
                for limit in registration._get_limits()
            )

    @api.depends("state", "price", "date_start", "version_id", "asset_id.meter")
    @api.depends_context("lang")
    def _compute_refund_text(self):
        for registration in self:
            refund = None
            if registration.state == "active" and registration.version_id:
                refund = registration._get_refund(meter=registration.asset_id.meter)
            registration.refund_text = refund and registration._get_refund_text(refund)

    def _describe_limit(self, rule, end, meter_limit):
        """Return one cover with its last day and reading, as a phrase."""
        self.ensure_one()
        limits = []
        if end:
            limits.append(format_date(self.env, end))
        if meter_limit:
            reading = meter_limit + self.meter_start
            limits.append(f"{reading:,.15g} {rule._get_label('meter_unit')}")
        if not limits:
            return rule.name
        return self.env._(
            "%(rule)s: until %(limits)s", rule=rule.name, limits=" / ".join(limits)
        )

    def _get_limits(self):
        """Return ``[(rule, last day or None, meter limit or None)]`` of the covers."""
        self.ensure_one()
        months = self.version_id.repair_months if self._was_repaired() else 0
        limits = []
        for rule in self.version_id.rule_ids:
            if (
                rule.purpose != "cover"
                or not rule.active
                or rule.cause == "abnormal"
                or rule.limit_mode == "past"
            ):
                continue
            if rule.category_ids and self.asset_id.category_id not in rule.category_ids:
                continue
            end = None
            if (rule.period or self.cover_months) and self.date_start:
                end = get_last_day(
                    rule._get_engine_period(),
                    self.date_start,
                    months_sold=self.cover_months,
                    days_out=self.days_out,
                    extra_months=months,
                )
            limits.append((rule, end, rule.meter_limit or None))
        return limits

    def _was_repaired(self):
        """Whether a repair answered for this guarantee, which may lengthen it."""
        self.ensure_one()
        return any(
            event.kind == "repair"
            and event.is_counted
            and event.date >= self.date_start
            for event in self.asset_id.repair_event_ids
        )

    def _get_cover_text(self):
        """Say until when, or until which reading, the longest cover runs."""
        self.ensure_one()
        if self.state == "pending":
            return self.env._("%(pack)s: not begun", pack=self.pack_id.name)
        today = fields.Date.context_today(self)
        limits = self._get_limits()
        dated = [item for item in limits if item[1]]
        if not dated:
            return self.env._("%(pack)s: in force", pack=self.pack_id.name)
        rule, end, meter_limit = max(dated, key=lambda item: item[1])
        date = format_date(self.env, end)
        if end < today:
            return self.env._(
                "%(pack)s: ended on %(date)s", pack=self.pack_id.name, date=date
            )
        if not meter_limit:
            return self.env._(
                "%(pack)s: until %(date)s", pack=self.pack_id.name, date=date
            )
        left = meter_limit + self.meter_start - self.asset_id.meter
        unit = rule._get_label("meter_unit")
        if left < 0:
            return self.env._(
                "%(pack)s: ended at %(limit)s",
                pack=self.pack_id.name,
                limit=f"{meter_limit + self.meter_start:,.15g} {unit}",
            )
        return self.env._(
            "%(pack)s: until %(date)s or for %(left)s more",
            pack=self.pack_id.name,
            date=date,
            left=f"{left:,.15g} {unit}",
        )

    def _is_cover_left(self):
        """Whether a cover still runs, by the calendar and the meter of today."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        limits = self._get_limits()
        if self.state != "active" or not limits:
            return self.state == "active"
        for rule, end, meter_limit in limits:
            running = [not end or today <= end]
            if meter_limit:
                last = meter_limit + self.meter_start
                running.append(self.asset_id.meter <= last)
            if any(running) if rule.limit_mode == "last" else all(running):
                return True
        return False

    def _is_paper_missing(self):
        """Whether a proof of purchase is needed that nobody checked."""
        self.ensure_one()
        return self.document_required and self.document_state in ("missing", "shown")

    def _get_refund(self, date=None, meter=None, is_deducted=True):
        """Return the refund with its working, or None where no price is known.

        :param date: day of the return; today if empty
        :param float meter: the reading at the return
        :return: dict as of ``engine.get_refund``, rounded to the currency
        """
        self.ensure_one()
        version = self.version_id
        rate = self._get_deduction_rate()
        kind = version.deduction_kind if is_deducted else "none"
        if not self.price or (kind != "none" and not rate):
            # Better no figure than a promise: the price or the rate is not known.
            return None
        day = fields.Date.to_date(date) or fields.Date.context_today(self)
        refund = get_refund(
            kind,
            self.price,
            rate,
            rate_max=version.deduction_rate_max,
            km=(meter or 0.0) - self.meter_start,
            start=self.date_start,
            end=day,
            days_out=self.days_out,
        )
        for key in ("deduction", "refund"):
            refund[key] = self.currency_id.round(refund[key])
        return refund

    def _get_deduction_rate(self):
        """Return the rate: on the certificate, for such goods, or of the version."""
        self.ensure_one()
        return self.deduction_rate or self.version_id._get_deduction_rate(
            self.asset_id.category_id
        )

    def _get_refund_text(self, refund):
        """Write the working of a refund out, as it is told to the customer."""
        money = self.currency_id.format
        values = {
            "price": money(refund["price"]),
            "rate": f"{refund['rate']:g}",
            "deduction": money(refund["deduction"]),
            "refund": money(refund["refund"]),
        }
        if refund["kind"] == "mileage":
            return self.env._(
                "%(price)s × %(km)s km ÷ 1,000 × %(rate)s %% = %(deduction)s use "
                "deduction; refund %(refund)s",
                km=f"{refund['km']:,.15g}",
                **values,
            )
        if refund["kind"] == "daily":
            return self.env._(
                "%(price)s × %(rate)s %% × %(days)s days = %(deduction)s use "
                "deduction; refund %(refund)s",
                days=refund["days"],
                **values,
            )
        return self.env._("Refund of the full price: %(refund)s", **values)
