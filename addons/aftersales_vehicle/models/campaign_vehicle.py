from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesCampaignVehicle(models.Model):
    """A vehicle that a campaign calls: invited, booked, done, or refused and why."""

    _name = "aftersales.campaign.vehicle"
    _description = "Vehicle of a Campaign"
    _inherit = ["aftersales.invitation.mixin"]
    _order = "campaign_id, id"
    _rec_names_search = ["campaign_id", "asset_id"]
    _job_field = "campaign_vehicle_id"
    _invitation_template = "aftersales_vehicle.mail_template_campaign"

    campaign_id = fields.Many2one(
        "aftersales.campaign",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    campaign_state = fields.Selection(
        related="campaign_id.state", string="Campaign Status"
    )
    kind = fields.Selection(related="campaign_id.kind", store=True)
    plate = fields.Char(related="asset_id.plate")
    vin = fields.Char(related="asset_id.serial", string="VIN")
    fleet_model_id = fields.Many2one(related="asset_id.fleet_model_id")
    _once = models.UniqueIndex(
        "(asset_id, campaign_id)", "The campaign calls that vehicle already."
    )

    @api.depends("campaign_id", "asset_id")
    def _compute_display_name(self):
        for vehicle in self:
            vehicle.display_name = (
                f"{vehicle.campaign_id.display_name} · {vehicle.asset_id.display_name}"
            )

    def _check_ongoing(self):
        """Refuse also before the campaign begins, and after its end."""
        off = self.campaign_id.filtered(lambda campaign: not campaign._is_on())
        if off:
            raise UserError(
                self.env._(
                    "%(campaigns)s: vehicles are called and booked while the campaign "
                    "runs, from its first day to its last. Start it, or change its "
                    "dates.",
                    campaigns=", ".join(off.mapped("display_name")),
                )
            )
        return super()._check_ongoing()

    def _prepare_job_values(self):
        self.ensure_one()
        asset = self.asset_id
        campaign = self.campaign_id.with_context(
            lang=asset.partner_id.lang or self.env.lang
        )
        template = campaign.job_template_id
        values = {
            "name": campaign.display_name,
            "template_id": template.id,
            "description": campaign.description or template.description,
            "line_ids": template._prepare_job_line_commands(asset) if template else [],
        }
        if payer := campaign.payer_id or template.payer_id:
            values["payer_id"] = payer.id
        return values


class AftersalesJob(models.Model):
    """A job that follows a campaign."""

    _inherit = "aftersales.job"

    campaign_vehicle_id = fields.Many2one(
        "aftersales.campaign.vehicle",
        "Campaign",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model
    def _get_invitation_fields(self):
        return [*super()._get_invitation_fields(), "campaign_vehicle_id"]
