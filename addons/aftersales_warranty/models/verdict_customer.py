from odoo import models


class AftersalesVerdict(models.Model):
    """The verdict as the customer reads it: on the portal and on papers.

    Neutral and in whole sentences; who overruled it, and what was weighed besides,
    stays with the staff.
    """

    _inherit = "aftersales.verdict"

    def _get_customer_text(self):
        """Return in one sentence what the guarantee does to the price, and why."""
        self.ensure_one()
        if self.result == "refer":
            return self.env._(
                "We are still checking the guarantee: %(problems)s",
                problems=", ".join(
                    self._describe_problem(problem)
                    for problem in self.trace["result"].get("problems", ())
                ),
            )
        reason = self._get_reason()
        if self.is_overridden:
            return self.env._("By our decision: %(reason)s", reason=reason)
        if self.result == "covered":
            return self.env._("Free by the guarantee: %(rule)s", rule=reason)
        if self.result == "shared" and self.share_amount:
            return self.env._(
                "The guarantee bears up to %(amount)s: %(rule)s",
                amount=self.company_id.currency_id.format(self.share_amount),
                rule=reason,
            )
        if self.result == "shared":
            return self.env._(
                "The guarantee bears %(percent)s %%: %(rule)s",
                percent=f"{self.share_percent:g}",
                rule=reason,
            )
        if self.result == "reduced" and self.charge == "free":
            return self.env._("No charge: %(rule)s", rule=reason)
        if self.result == "reduced":
            return self.env._("Charged at cost: %(rule)s", rule=reason)
        return self.env._(
            "Not covered by the guarantee: %(reason)s",
            reason=self._get_refusal() or reason,
        )

    def _get_customer_conditions(self):
        """Return what the verdict rests on: the rule, where it stands, its conditions.

        :return: dict ``rule``, ``source`` and ``conditions``, a list of ``(passed,
            words)``; None where a person decided or no rule speaks of such work
        """
        self.ensure_one()
        if self.is_overridden:
            return None
        weighed = self._get_chosen() or self._get_nearest()
        if not weighed:
            return None
        rule = weighed["rule"]
        record = self.env["aftersales.warranty.rule"].sudo().browse(rule["id"]).exists()
        return {
            "rule": record.name or rule["code"],
            "source": record.source or rule["source"],
            "conditions": [
                (condition["passed"], self._describe_condition(condition))
                for condition in weighed["conditions"]
            ],
        }

    def _get_chosen(self):
        """Return the rule that decided and all its conditions, or None."""
        self.ensure_one()
        result = self.trace["result"]
        for cover in self.trace.get("covers", ()):
            if cover["registration"] != result.get("registration"):
                continue
            for rule in cover["rules"]:
                if rule["id"] == result.get("rule"):
                    conditions = [*cover["conditions"], *rule["conditions"]]
                    return {"rule": rule, "conditions": conditions}
        return None


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    def _get_customer_price(self):
        """The verdict stands beside the price: see ``warranty`` and ``verdict``."""
        price = super()._get_customer_price()
        verdict = self.sudo().verdict_id
        price["verdict"] = verdict
        price["warranty"] = verdict._get_customer_text() if verdict else ""
        if verdict and price["reason"] == verdict._get_reason():
            price["reason"] = ""
        return price
