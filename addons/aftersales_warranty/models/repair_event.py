from odoo import api, fields, models


class AftersalesRepairEvent(models.Model):
    """What counts towards the rights of the customer: a repair, or an exchange.

    A row for each job that was done and each assembly or main part that was
    exchanged, written when the work is completed, so that no screen has to search
    the history of an asset.
    """

    _name = "aftersales.repair.event"
    _description = "Counted Repair"
    _order = "date desc, id desc"
    _check_company_auto = True

    asset_id = fields.Many2one(
        "aftersales.asset", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="asset_id.company_id", store=True, precompute=True
    )
    order_id = fields.Many2one(
        "aftersales.order", "Work Order", index="btree_not_null", ondelete="cascade"
    )
    job_id = fields.Many2one(
        "aftersales.job", index="btree_not_null", ondelete="cascade"
    )
    date = fields.Date(required=True)
    kind = fields.Selection(
        [("repair", "Repair"), ("exchange", "Exchange of a part")],
        required=True,
        default="repair",
    )
    fault_id = fields.Many2one("aftersales.fault", ondelete="restrict")
    severity = fields.Selection(related="fault_id.severity", store=True)
    product_id = fields.Many2one("product.product", "Part")
    group_id = fields.Many2one("aftersales.component.group", "Component")
    group_kind = fields.Selection(
        related="group_id.kind", string="Kind of Component", store=True
    )
    days = fields.Float(
        "Days in Repair",
        digits=(16, 1),
        help="Each begun 24 hours is a day, without what the law does not count.",
    )
    is_counted = fields.Boolean(
        "Counts",
        default=True,
        help="Off where the work was no repair of a fault under guarantee.",
    )
    note = fields.Char()

    _asset_idx = models.Index(
        "(asset_id, date) INCLUDE (fault_id, group_id, kind, days) WHERE is_counted"
    )
    _once = models.UniqueIndex("(job_id, kind, COALESCE(product_id, 0))")

    @api.model
    def _sum_days(self, events):
        """Return the days of repairs: those of a work order once, for all its jobs."""
        days = {}
        for event in events:
            if event.kind == "repair":
                key = event.order_id.id or f"event {event.id}"
                days[key] = max(days.get(key, 0.0), event.days)
        return sum(days.values())

    @api.model
    def _count_times(self, events):
        """Return how often it was: all jobs of a work order are one time."""
        return len({event.order_id.id or f"event {event.id}" for event in events})

    @api.depends("fault_id", "product_id", "date")
    def _compute_display_name(self):
        for event in self:
            what = event.product_id.display_name or event.fault_id.display_name
            event.display_name = f"{event.date} {what or ''}".strip()
