from odoo import api, fields, models
from odoo.tools import format_date

LEVELS = [
    ("exchange", "Exchange period"),
    ("repair", "Free repair"),
    ("refer", "To be cleared"),
    ("past", "Past warranty"),
    ("none", "No guarantee"),
]


class AftersalesWarrantyEngine(models.AbstractModel):
    """Where a thing stands under its guarantees, in words."""

    _inherit = "aftersales.warranty.engine"

    @api.model
    def _describe_standing(self, standing):
        """Return a standing (see ``get_standings``) in the user's language.

        :return: dict ``level``, ``label`` (two words), ``until`` (a day as text),
            ``text`` (one sentence) and ``reasons`` (a list of phrases)
        """
        level = standing["level"]
        day = standing["until"]
        until = format_date(self.env, fields.Date.to_date(day)) if day else ""
        labels = dict(
            self.env["aftersales.return.line"]
            ._fields["verdict"]
            ._description_selection(self.env)
        )
        reasons = getattr(self, f"_get_{level}_reasons")(standing)
        return {
            "level": level,
            "label": labels[level],
            "until": until,
            "text": self._get_standing_text(level, until),
            "reasons": [reason for reason in reasons if reason],
        }

    @api.model
    def _get_standing_text(self, level, until):
        if level == "exchange" and until:
            return self.env._("Exchange period until %(day)s", day=until)
        if level == "repair" and until:
            return self.env._("Free repair until %(day)s", day=until)
        if level == "past" and until:
            return self.env._("The guarantee ended on %(day)s", day=until)
        return {
            "exchange": self.env._("Exchange period"),
            "repair": self.env._("Free repair"),
            "refer": self.env._("Something is missing before the guarantee answers"),
            "past": self.env._("The guarantee is over"),
            "none": self.env._("No guarantee covers it"),
        }[level]

    def _get_exchange_reasons(self, standing):
        # If a fault is confirmed, is what the name of these rules says.
        return [
            self._describe_rule(standing, right["rule"], right["conditions"])
            for right in standing["rights"]
        ]

    def _get_repair_reasons(self, standing):
        result = standing["trace"]["result"]
        conditions = [
            condition
            for cover in standing["trace"]["covers"]
            for rule in cover["rules"]
            if rule["id"] == result["rule"]
            and cover["registration"] == result["registration"]
            for condition in rule["conditions"]
        ]
        reasons = [self._describe_rule(standing, result["rule"], conditions)]
        if result["result"] == "shared":
            reasons.append(self._get_verdict(standing)._get_summary())
        return reasons

    def _get_refer_reasons(self, standing):
        verdict = self._get_verdict(standing)
        problems = standing["trace"]["result"]["problems"]
        return [verdict._describe_problem(problem) for problem in problems]

    def _get_past_reasons(self, standing):
        verdict = self._get_verdict(standing)
        result = standing["trace"]["result"]
        reasons = [verdict._get_refusal()]
        if result["result"] == "reduced":
            reasons.append(verdict._get_summary())
        return reasons

    def _get_none_reasons(self, standing):
        if not standing["trace"].get("covers"):
            # The sentence says it already.
            return []
        return [self._get_verdict(standing)._get_refusal()]

    def _describe_rule(self, standing, rule_id, conditions):
        """Return a rule as people cite it, with its limits in figures."""
        verdict = self._get_verdict(standing)
        rule = self.env["aftersales.warranty.rule"].sudo().browse(rule_id).exists()
        limits = [
            verdict._describe_condition(condition)
            for condition in conditions
            if condition["kind"] in ("time", "meter", "counter")
        ]
        parts = [
            ", ".join(part for part in (rule.name, rule.source) if part),
            "; ".join(limits),
        ]
        return ": ".join(part for part in parts if part)

    def _get_verdict(self, standing):
        """Return a verdict that is not kept, to say the trace in its words."""
        result = standing["trace"]["result"]
        return self.env["aftersales.verdict"].new(
            {
                "trace": standing["trace"],
                "result": result["result"],
                "charge": result["charge"],
                "share_percent": result.get("share_percent", 0.0),
                "share_amount": result.get("share_amount", 0.0),
                "rule_id": result.get("rule"),
                # “Reduced” says no why it is not covered.
                "rule_code": (
                    result.get("code") if result["result"] == "shared" else False
                ),
                "company_id": self.env.company.id,
            }
        )
