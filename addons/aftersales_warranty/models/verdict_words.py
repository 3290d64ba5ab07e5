from markupsafe import Markup

from odoo import fields, models
from odoo.tools import format_date

CASE_CONDITIONS = {
    "category",
    "fault",
    "group",
    "not_group",
    "repaired",
    "severity",
    "template",
}


class AftersalesVerdict(models.Model):
    """The verdict in words: for the form, the estimate and the portal."""

    _inherit = "aftersales.verdict"

    line_payer_id = fields.Many2one(
        related="job_line_id.payer_id",
        string="Paid By",
        help="Who is charged the line, also where a person chose another one.",
    )

    def _get_rule_label(self):
        """Return the rule as people cite it: its name, article and code."""
        self.ensure_one()
        rule = self.sudo().rule_id
        parts = [rule.name or self.rule_code, rule.source]
        return ", ".join(part for part in parts if part)

    def _get_reason(self):
        """Return why the customer pays less or nothing, for the papers."""
        self.ensure_one()
        if self.is_overridden:
            return self.override_reason or ""
        if not self.rule_code:
            return ""
        return self._get_rule_label()

    def _get_summary(self):
        """Return the verdict in one sentence."""
        self.ensure_one()
        payer = self.payer_id.name
        if self.result == "refer":
            return self.env._(
                "To be decided: %(problems)s",
                problems=", ".join(
                    self._describe_problem(problem)
                    for problem in self.trace["result"].get("problems", ())
                ),
            )
        if self.is_overridden:
            return self.env._(
                "%(result)s by decision of %(user)s: %(reason)s",
                result=self._get_result_label(),
                user=self.override_user_id.name,
                reason=self.override_reason,
            )
        if self.result == "covered":
            return self.env._(
                "Free for the customer, %(payer)s bears it: %(rule)s",
                payer=payer,
                rule=self._get_rule_label(),
            )
        if self.result == "shared" and self.share_amount:
            return self.env._(
                "%(payer)s bears up to %(amount)s: %(rule)s",
                payer=payer,
                amount=self.company_id.currency_id.format(self.share_amount),
                rule=self._get_rule_label(),
            )
        if self.result == "shared":
            return self.env._(
                "%(payer)s bears %(percent)s %%: %(rule)s",
                payer=payer,
                percent=f"{self.share_percent:g}",
                rule=self._get_rule_label(),
            )
        if self.result == "reduced" and self.charge == "free":
            return self.env._("No charge: %(rule)s", rule=self._get_rule_label())
        if self.result == "reduced":
            return self.env._("At cost: %(rule)s", rule=self._get_rule_label())
        return self.env._(
            "To be paid: %(reason)s", reason=self._get_refusal() or self._get_reason()
        )

    def _get_result_label(self):
        labels = dict(self._fields["result"]._description_selection(self.env))
        return labels[self.result]

    def _get_refusal(self):
        """Return why no guarantee covers it: the condition that failed nearest."""
        self.ensure_one()
        if self.rule_code:
            return ""
        covers = self.trace.get("covers", ())
        if not covers:
            return self.env._("no guarantee is registered for this asset")
        nearest = self._get_nearest()
        if not nearest:
            return self.env._("the guarantee does not speak of such work")
        return "; ".join(
            self._describe_condition(condition)
            for condition in nearest["conditions"]
            # To which list of parts it belongs, as that has periods of its own.
            if not condition["passed"] or condition["kind"] == "group"
        )

    def _get_nearest(self):
        """Return the rule that came nearest to holding, or None.

        One that is about such a part and such a cause comes before one that is not:
        a filter is not covered because its time is over, not because it is a filter.

        :return: dict ``rule`` (of the trace) and ``conditions``, the guarantee's own
            among them
        """
        self.ensure_one()
        nearest, best = None, None
        for cover in self.trace.get("covers", ()):
            for rule in cover["rules"]:
                conditions = [*cover["conditions"], *rule["conditions"]]
                failed = [item for item in conditions if not item["passed"]]
                beside = sum(self._is_about_case(item) for item in failed)
                distance = beside, len(failed)
                if failed and (best is None or distance < best):
                    nearest, best = {"rule": rule, "conditions": conditions}, distance
        return nearest

    def _is_about_case(self, condition):
        """Whether a condition says what a rule is about, and not how long it holds."""
        if condition["kind"] == "cause":
            return condition["limit"] == "abnormal"
        return condition["kind"] in CASE_CONDITIONS

    def _describe_problem(self, problem):
        """Say what a person would have to bring for the guarantee to answer."""
        texts = {
            "document": self.env._("the proof of purchase was not shown or checked"),
            "meter_unknown": self.env._("the meter was not read"),
            "meter_back": self.env._(
                "the meter reads less than when the guarantee began"
            ),
            "pending": self.env._("the start of the guarantee is not known yet"),
        }
        return texts.get(problem, problem)

    def _describe_condition(self, condition):
        """Return one condition of a trace as a phrase with its figures."""
        return getattr(self, f"_describe_{condition['kind']}")(condition)

    def _describe_state(self, condition):
        if condition["passed"]:
            return self.env._("registered")
        return self._describe_problem("pending")

    def _describe_document(self, condition):
        if condition["passed"]:
            return self.env._("proof of purchase checked")
        return self._describe_problem("document")

    def _describe_repaired(self, condition):
        if condition["passed"]:
            return self.env._(
                "the same repair as on %(order)s", order=condition["value"]
            )
        return self.env._("another repair than on %(order)s", order=condition["value"])

    def _describe_time(self, condition):
        values = {
            "limit": self.env["aftersales.warranty.rule"]._get_period_text(
                condition["limit"], condition["unit"]
            ),
            "start": self._get_day(condition["start"]),
            "end": self._get_day(condition["end"]),
            "today": self._get_day(self.trace["inputs"]["facts"]["date"]),
        }
        if condition["passed"] != condition.get("is_past", False):
            text = self.env._(
                "%(limit)s from %(start)s, until %(end)s; reported on %(today)s",
                **values,
            )
        else:
            text = self.env._(
                "%(limit)s from %(start)s ended on %(end)s; reported on %(today)s",
                **values,
            )
        if condition["days_out"]:
            text += " " + self.env._(
                "(%(days)s days in repair taken out)", days=condition["days_out"]
            )
        return text

    def _describe_meter(self, condition):
        limit = self._get_reading(condition["limit"], condition["unit"])
        if problem := condition.get("problem"):
            return self._describe_problem(f"meter_{problem}")
        value = self._get_reading(condition["value"], condition["unit"])
        if condition["passed"] != condition.get("is_past", False):
            return self.env._("%(value)s of %(limit)s", value=value, limit=limit)
        return self.env._("%(value)s are more than %(limit)s", value=value, limit=limit)

    def _describe_group(self, condition):
        groups = self._get_groups(condition["limit"])
        if condition["passed"]:
            return self.env._("belongs to %(groups)s", groups=groups)
        return self.env._("does not belong to %(groups)s", groups=groups)

    def _describe_not_group(self, condition):
        if condition["passed"]:
            return self.env._(
                "does not belong to %(groups)s",
                groups=self._get_groups(condition["limit"]),
            )
        return self.env._(
            "belongs to what is left out: %(groups)s",
            groups=self._get_groups(condition["value"]),
        )

    def _describe_category(self, condition):
        names = self._get_names("aftersales.asset.category", condition["limit"])
        if condition["passed"]:
            return self.env._("is one of: %(names)s", names=names)
        return self.env._("is none of: %(names)s", names=names)

    def _describe_template(self, condition):
        names = self._get_names("aftersales.job.template", condition["limit"])
        if condition["passed"]:
            return self.env._("the job is one of: %(names)s", names=names)
        return self.env._("the job is none of: %(names)s", names=names)

    def _describe_severity(self, condition):
        labels = dict(
            self.env["aftersales.fault"]
            ._fields["severity"]
            ._description_selection(self.env)
        )
        return self.env._(
            "severity of the fault: %(value)s; asked for: %(limit)s",
            value=labels.get(condition["value"], ""),
            limit=", ".join(labels[value] for value in condition["limit"]),
        )

    def _describe_fault(self, condition):
        return self.env._(
            "fault: %(value)s; asked for: %(limit)s",
            value=condition["value"] or self.env._("none"),
            limit=", ".join(condition["limit"]),
        )

    def _describe_cause(self, condition):
        found = self.env["aftersales.exclusion"].search(
            [("code", "in", condition["value"])]
        )
        if found:
            return self.env._(
                "excluded cause found: %(causes)s",
                causes=", ".join(found.mapped("name")),
            )
        return self.env._("no excluded cause found")

    def _describe_counter(self, condition):
        labels = dict(
            self.env["aftersales.warranty.rule"]
            ._fields["counter"]
            ._description_selection(self.env)
        )
        return self.env._(
            "%(counter)s: %(value)s, limit %(limit)s",
            counter=labels[condition["counter"]],
            value=f"{condition['value']:g}",
            limit=f"{condition['limit']:g}",
        )

    def _get_reading(self, value, unit):
        labels = dict(
            self.env["aftersales.meter"]
            ._fields["unit"]
            ._description_selection(self.env)
        )
        return f"{value:,.15g} {labels.get(unit, unit)}"

    def _get_day(self, text):
        return format_date(self.env, fields.Date.to_date(text))

    def _get_groups(self, codes):
        groups = self.env["aftersales.component.group"].sudo()
        found = groups.with_context(active_test=False).search([("code", "in", codes)])
        return ", ".join(found.mapped("name")) or self.env._("no component group")

    def _get_names(self, model, ids):
        return ", ".join(self.env[model].sudo().browse(ids).exists().mapped("name"))

    def _get_explanation(self):
        """Return every guarantee, rule and condition that was weighed, as HTML."""
        self.ensure_one()
        parts = []
        if self.is_overridden:
            parts.append(
                Markup("<p><b>%s</b> %s</p>")
                % (self._get_summary(), self.evidence_note or "")
            )
        chosen = self.trace["result"].get("rule")
        for cover in self.trace["covers"]:
            pack = (
                self.env["aftersales.warranty.pack"]
                .sudo()
                .with_context(active_test=False)
                .search([("code", "=", cover["pack"])], limit=1)
            )
            title = self.env._(
                "%(pack)s, version %(number)s",
                pack=pack.name or cover["pack"],
                number=cover["version_number"],
            )
            rows = Markup().join(
                self._get_rule_row(cover, rule, chosen) for rule in cover["rules"]
            )
            parts.append(
                Markup('<h5>%s</h5><table class="table table-sm">%s</table>')
                % (title, rows)
            )
            if cover["silent"]:
                parts.append(
                    Markup('<p class="text-muted small">%s</p>')
                    % self.env._(
                        "Not about such a line: %(codes)s",
                        codes=", ".join(cover["silent"]),
                    )
                )
        if not self.trace["covers"]:
            parts.append(
                Markup("<p>%s</p>")
                % self.env._("No guarantee is registered for this asset.")
            )
        beaten = self.trace["result"].get("beaten")
        if beaten:
            parts.append(
                Markup("<p>%s</p>")
                % self.env._(
                    "%(code)s is the best for the customer; %(others)s would hold too.",
                    code=self.rule_code or self.trace["result"]["code"],
                    others=", ".join(beaten),
                )
            )
        return Markup().join(parts)

    def _get_rule_row(self, cover, rule, chosen):
        record = self.env["aftersales.warranty.rule"].sudo().browse(rule["id"]).exists()
        conditions = Markup().join(
            Markup('<li class="%s">%s %s</li>')
            % (
                "text-success" if condition["passed"] else "text-danger",
                "✓" if condition["passed"] else "✗",
                self._describe_condition(condition),
            )
            for condition in [*cover["conditions"], *rule["conditions"]]
        )
        name = record.name or ""
        source = record.source or rule["source"]
        return Markup(
            '<tr class="%s"><td><b>%s</b><br/>%s<br/><i>%s</i></td>'
            '<td><ul class="list-unstyled mb-0">%s</ul></td></tr>'
        ) % (
            "table-success" if rule["id"] == chosen else "",
            rule["code"],
            name,
            source,
            conditions,
        )
