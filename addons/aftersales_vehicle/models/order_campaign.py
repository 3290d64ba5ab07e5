from odoo import api, fields, models


class AftersalesOrder(models.Model):
    """Open recalls and campaigns of the vehicle, and one click to follow them."""

    _inherit = "aftersales.order"

    # As superuser: whoever sees the work order is told.
    recall_warning = fields.Char(
        "Open Recalls", compute="_compute_campaign_warning", compute_sudo=True
    )
    campaign_warning = fields.Char(
        "Open Campaigns", compute="_compute_campaign_warning", compute_sudo=True
    )

    @api.depends("asset_id", "job_ids.campaign_vehicle_id", "state")
    def _compute_campaign_warning(self):
        for order in self:
            order.recall_warning = order.campaign_warning = False
            called = order._get_campaigns_to_follow()
            recalls = called.filtered(lambda vehicle: vehicle.kind == "recall")
            order.recall_warning = ", ".join(recalls.campaign_id.mapped("display_name"))
            order.campaign_warning = ", ".join(
                (called - recalls).campaign_id.mapped("display_name")
            )

    def _get_campaigns_to_follow(self):
        """Return the campaigns the vehicle is called by and that no job follows."""
        self.ensure_one()
        Vehicle = self.env["aftersales.campaign.vehicle"]
        if not self.asset_id.is_vehicle or self.state in ("ready", "done", "cancel"):
            return Vehicle
        called = self.asset_id._get_open_campaigns()
        return called.filtered(
            lambda vehicle: (
                vehicle not in self.job_ids.campaign_vehicle_id
                and vehicle.state != "booked"
                and (vehicle.state != "refused" or vehicle.kind == "recall")
            )
        )

    def action_add_recalls(self):
        """Put the open recalls of the vehicles on these orders, a job each."""
        return self._follow_campaigns(("recall",))

    def action_add_campaigns(self):
        """Put the open campaigns that are no recalls on these orders."""
        return self._follow_campaigns(("campaign", "season"))

    def _follow_campaigns(self, kinds):
        for order in self:
            called = order._get_campaigns_to_follow().filtered(
                lambda vehicle: vehicle.kind in kinds
            )
            if called:
                called.action_book(order=order)
        return True
