from odoo import models

from ..engine.rights import DAY_COUNTERS


class AftersalesOrder(models.Model):
    """What the customer is told about rights: those that are reached, neutrally.

    What may come with the next repair, and what somebody proposes, is for the staff
    until it is decided.
    """

    _inherit = "aftersales.order"

    def _get_portal_rights(self):
        """Return the rights that faults the customer was told about have reached.

        :return: list of dicts ``text`` and ``source``
        """
        self.ensure_one()
        order = self.sudo()
        jobs = order._get_portal_jobs().filtered(
            lambda job: job.state not in ("declined", "cancel")
        )
        told = set(jobs.fault_id.mapped("code"))
        return [
            {
                "text": order._describe_right_to_customer(right),
                "source": order._get_right_details(right)[0],
            }
            for right in order.rights or ()
            if right["level"] == "reached" and right["fault"] in told
        ]

    def _get_portal_decisions(self):
        """Return what was decided for the customer; proposals are not told.

        :return: list of dicts ``text`` and ``working``
        """
        self.ensure_one()
        decisions = self.sudo().decision_ids.filtered(
            lambda decision: decision.state in decision._get_decided_states()
        )
        labels = dict(decisions._fields["kind"]._description_selection(self.env))
        return [
            {
                "text": labels[decision.kind]
                if decision.kind in ("exchange", "extension")
                else self.env._(
                    "%(kind)s: %(amount)s",
                    kind=labels[decision.kind],
                    amount=decision.currency_id.format(decision.amount),
                ),
                "working": decision.working_text or "",
            }
            for decision in decisions
        ]

    def _describe_right_to_customer(self, right):
        """Say what the customer may ask for, and what it rests on."""
        self.ensure_one()
        rule = self.env["aftersales.warranty.rule"].sudo().browse(right["rule"])
        remedy = rule._get_label("remedy")
        fault = self._get_fault_name(right["fault"])
        counter = next(
            (item for item in right["conditions"] if item["kind"] == "counter"), None
        )
        if not counter:
            return self.env._(
                "%(fault)s: you may ask for: %(remedy)s", fault=fault, remedy=remedy
            )
        values = {
            "fault": fault,
            "counter": rule._get_label("counter"),
            "value": f"{counter['value']:g}",
            "remedy": remedy,
        }
        if counter["counter"] in DAY_COUNTERS:
            return self.env._(
                "%(counter)s: %(value)s. You may ask for: %(remedy)s", **values
            )
        return self.env._(
            "%(counter)s (%(fault)s): this is number %(value)s. You may ask for: "
            "%(remedy)s",
            **values,
        )
