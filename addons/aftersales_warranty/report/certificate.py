from odoo import models
from odoo.tools import format_date


class AftersalesWarrantyRegistration(models.Model):
    """What the certificate of a guarantee says, in rows."""

    _inherit = "aftersales.warranty.registration"

    def _get_report_lang(self):
        """Return the language of the certificate: the holder's."""
        self.ensure_one()
        return self.partner_id.lang or self.env.lang

    def _get_report_base_filename(self):
        self.ensure_one()
        return f"{self.pack_id.name} {self.asset_id.serial or self.asset_id.name}"

    def _get_cover_rows(self):
        """Return what is covered, until when and until which reading.

        :return: list of dicts ``name``, ``scope``, ``until``, ``meter``, ``mode``,
            ``limits`` (those three in one phrase), ``charges``, ``source`` and
            ``is_wear``
        """
        self.ensure_one()
        registration = self.sudo()
        return [
            registration._prepare_cover_row(rule, end, limit)
            for rule, end, limit in registration._get_limits()
        ]

    def _prepare_cover_row(self, rule, end, meter_limit):
        self.ensure_one()
        unit = rule._get_label("meter_unit")
        if end:
            until = format_date(self.env, end)
        elif rule.period:
            until = f"{rule.period} {rule._get_label('period_unit')}"
        else:
            until = ""
        meter = f"{meter_limit + self.meter_start:,.15g} {unit}" if meter_limit else ""
        limits = []
        if until and rule.limit_mode == "past":
            until = self.env._("after %(date)s", date=until)
            limits.append(until)
        elif until:
            limits.append(self.env._("until %(date)s", date=until))
        if meter:
            limits.append(self.env._("up to %(reading)s", reading=meter))
        mode = rule._get_label("limit_mode") if until and meter else ""
        if mode:
            limits.append(mode.lower())
        scope = ""
        if rule.group_scope != "any":
            groups = ", ".join(rule.group_ids.mapped("name"))
            scope = f"{rule._get_label('group_scope')}: {groups}"
        charges = [
            f"{rule._fields[field]._description_string(self.env)}: "
            f"{rule._get_label(field)}"
            for field in ("parts_charge", "labour_charge", "travel_charge")
            if rule[field]
        ]
        if rule.share_amount or rule.share_percent < 100:
            charges.append(rule._get_share_label())
        return {
            "name": rule.name,
            "scope": scope,
            "until": until,
            "meter": meter,
            "mode": mode,
            "limits": ", ".join(limits),
            "charges": ", ".join(charges),
            "source": rule.source or "",
            "is_wear": rule.group_scope == "only"
            and set(rule.group_ids.mapped("kind")) <= {"wear", "fluid", "adjustment"},
        }

    def _get_other_rules(self, purpose):
        """Return the rules on rights, or what else binds us, for such goods."""
        self.ensure_one()
        return self.sudo().version_id.rule_ids.filtered(
            lambda rule: (
                rule.purpose == purpose
                and rule.active
                and (
                    not rule.category_ids
                    or self.asset_id.category_id in rule.category_ids
                )
            )
        )

    def _get_deduction_text(self):
        """Say what is kept back of the price when the thing is returned."""
        self.ensure_one()
        version = self.sudo().version_id
        rate = self.sudo()._get_deduction_rate()
        if version.deduction_kind != "none" and not rate:
            return self.env._("a rate that is not stated yet")
        if version.deduction_rate_max:
            rate = min(rate, version.deduction_rate_max)
        if version.deduction_kind == "mileage":
            return self.env._(
                "price × kilometres ÷ 1,000 × %(rate)s %%", rate=f"{rate:g}"
            )
        if version.deduction_kind == "daily":
            return self.env._("price × %(rate)s %% × days of use", rate=f"{rate:g}")
        return self.env._("none")


class AftersalesWarrantyRule(models.Model):
    _inherit = "aftersales.warranty.rule"

    def _get_share_label(self):
        """Return the part of a line that the guarantee bears."""
        self.ensure_one()
        if self.share_amount:
            currency = (self.company_id or self.env.company).currency_id
            return self.env._(
                "up to %(amount)s of the price",
                amount=currency.format(self.share_amount),
            )
        return self.env._(
            "for %(percent)s %% of the price", percent=f"{self.share_percent:g}"
        )
