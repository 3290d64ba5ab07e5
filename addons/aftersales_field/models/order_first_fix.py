from datetime import timedelta

from odoo import fields, models


class AftersalesOrder(models.Model):
    """Fixed at the first visit, and for good: what a dispatcher is proud of (R213).

    Counted when the order is completed. When the same problem is back soon, the order
    before did not fix it.
    """

    _inherit = "aftersales.order"

    visits_needed = fields.Integer(
        readonly=True, copy=False, help="Visits on which somebody got to the asset."
    )
    first_time_fix = fields.Selection(
        [("yes", "At the first visit"), ("no", "Not at the first visit")],
        "Fixed",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    repeat_of_id = fields.Many2one(
        "aftersales.order",
        "Same Problem As",
        check_company=True,
        copy=False,
        index="btree_not_null",
        domain="[('asset_id', '=', asset_id), ('id', '!=', id)]",
        help="The order that should have fixed it.",
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("repeat_of_id"):
            # Of the whole team: whoever knows it is the same problem says so.
            self.sudo().repeat_of_id._mark_not_fixed()
        return result

    def _mark_not_fixed(self):
        self.filtered(lambda order: order.first_time_fix == "yes").first_time_fix = "no"

    def _complete_onsite(self, visit):
        before = self.state
        result = super()._complete_onsite(visit)
        if before == "progress" and self.state in ("quality", "ready"):
            self._rate_first_time_fix()
        return result

    def _rate_first_time_fix(self):
        """Keep how many visits an order took, and which one it repeats."""
        for order in self:
            reached = order.visit_ids.filtered(
                lambda visit: visit.state == "done" and visit.outcome != "no_access"
            )
            values = {
                "visits_needed": len(reached),
                "first_time_fix": "yes" if len(reached) == 1 else "no",
            }
            if not order.repeat_of_id:
                values["repeat_of_id"] = order._find_repeated().id
            order.write(values)

    def _find_repeated(self):
        """Return the last order that was about the same problem not long ago.

        The same fault, or the same cause and remedy, on the same asset.
        """
        self.ensure_one()
        jobs = self.job_ids
        if not self.asset_id or not (jobs.fault_id or jobs.solution_id):
            return self.browse()
        days = timedelta(days=self.company_id.aftersales_repeat_days)
        reported = fields.Datetime.to_datetime(self.date_reported)
        return self.search(
            [
                ("id", "!=", self.id),
                ("asset_id", "=", self.asset_id.id),
                ("first_time_fix", "!=", False),
                ("date_completed", ">=", reported - days),
                ("date_completed", "<=", fields.Datetime.now()),
                "|",
                ("job_ids.fault_id", "in", jobs.fault_id.ids),
                ("job_ids.solution_id", "in", jobs.solution_id.ids),
            ],
            order="date_completed desc, id desc",
            limit=1,
        )
