from odoo import fields, models

from ..engine import count_repair_days


class AftersalesRepairPause(models.Model):
    """Time on a work order that is not repair time, and why."""

    _name = "aftersales.repair.pause"
    _description = "Time Not Counted as Repair"
    _order = "order_id, date_from"

    order_id = fields.Many2one(
        "aftersales.order", "Work Order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("made_part", "Transport of a part made for this unit"),
            ("rescue", "Travel of outside rescue"),
            ("parts", "Waits for parts"),
            ("own_delay", "Our own delay"),
            ("customer", "Waits for the customer"),
        ],
        required=True,
    )
    date_from = fields.Datetime("From", required=True, default=fields.Datetime.now)
    date_to = fields.Datetime("Until")
    note = fields.Char()

    _order_of_times = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A pause can't end before it begins.",
    )

    def _is_uncounted(self):
        """Whether the law leaves this time out of the days in repair.

        SAMR Order 43: transport of parts made to the vehicle's number, and travel
        of outside rescue. A customer who lets us wait is not our repair either.
        """
        self.ensure_one()
        return self.kind in ("made_part", "rescue", "customer")

    def _get_days(self, kind):
        """Return the days of these pauses of ``kind``; an open one runs until now."""
        now = fields.Datetime.now()
        return sum(
            count_repair_days(pause.date_from, pause.date_to or now)
            for pause in self
            if pause.kind == kind
        )
