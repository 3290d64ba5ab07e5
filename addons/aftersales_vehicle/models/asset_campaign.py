from odoo import api, fields, models


class AftersalesAsset(models.Model):
    """The recalls and campaigns that call a vehicle."""

    _inherit = "aftersales.asset"

    campaign_vehicle_ids = fields.One2many(
        "aftersales.campaign.vehicle", "asset_id", "Campaigns"
    )
    # As superuser: storekeepers and accountants look at assets too.
    recall_warning = fields.Char(
        "Open Recalls", compute="_compute_recall_warning", compute_sudo=True
    )

    @api.depends("is_vehicle", "campaign_vehicle_ids.state")
    def _compute_recall_warning(self):
        vehicles = self.filtered("is_vehicle")
        (self - vehicles).recall_warning = False
        for asset in vehicles:
            recalls = asset._get_open_campaigns().filtered(
                lambda vehicle: vehicle.kind == "recall"
            )
            asset.recall_warning = ", ".join(recalls.campaign_id.mapped("display_name"))

    def _get_open_campaigns(self):
        """Return the running campaigns these vehicles have not followed yet.

        A recall that was refused stays open: it is about safety.
        """
        called = self.filtered("is_vehicle").campaign_vehicle_ids
        return called.filtered(
            lambda vehicle: (
                vehicle.state in ("open", "invited", "booked", "refused")
                and vehicle.campaign_id._is_on()
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        assets = super().create(vals_list)
        assets._fall_under_campaigns()
        return assets

    def write(self, vals):
        result = super().write(vals)
        if {
            "serial",
            "lot_id",
            "fleet_model_id",
            "fleet_brand_id",
            "model_year",
            "category_id",
        } & vals.keys():
            self._fall_under_campaigns()
        return result

    def _fall_under_campaigns(self):
        """Enter vehicles that are new, or known better now, in running campaigns."""
        vehicles = self.filtered("is_vehicle")
        if not vehicles:
            return
        campaigns = (
            self.env["aftersales.campaign"]
            .sudo()
            .search(
                [
                    ("state", "=", "running"),
                    ("company_id", "in", vehicles.company_id.ids),
                ]
            )
        )
        campaigns._enroll(vehicles)
