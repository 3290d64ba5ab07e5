from odoo import api, fields, models


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
    registration_id = fields.Many2one(
        "aftersales.warranty.registration",
        "Cover",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    _once = models.UniqueIndex(
        "(asset_id, campaign_id)", "The campaign calls that vehicle already."
    )

    @api.depends("campaign_id", "asset_id")
    def _compute_display_name(self):
        for vehicle in self:
            vehicle.display_name = (
                f"{vehicle.campaign_id.display_name} · {vehicle.asset_id.display_name}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        vehicles = super().create(vals_list)
        # Added by hand to a running one: covered like the others.
        vehicles.filtered(
            lambda vehicle: vehicle.campaign_id.state == "running"
        )._register_cover()
        return vehicles

    def _register_cover(self):
        """Register the guarantee of the campaign for these vehicles, once each."""
        # As superuser: cover follows from the campaign, whoever registers the car.
        bare = self.sudo().filtered(
            lambda vehicle: (
                vehicle.campaign_id.pack_id
                and not vehicle.registration_id
                and vehicle.state not in ("done", "lapsed")
            )
        )
        registrations = self.env["aftersales.warranty.registration"].sudo()
        registrations = registrations.with_context(mail_create_nolog=True).create(
            [
                {
                    "asset_id": vehicle.asset_id.id,
                    "pack_id": vehicle.campaign_id.pack_id.id,
                    "partner_id": vehicle.asset_id.partner_id.id,
                    "date_start": vehicle.campaign_id.date_start,
                    "document_state": "looked_up",
                    "document_note": vehicle.campaign_id.code,
                    "source": "campaign",
                }
                for vehicle in bare
            ]
        )
        for vehicle, registration in zip(bare, registrations, strict=True):
            vehicle.registration_id = registration

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
                vehicle.campaign_id.state == "running"
                and vehicle.state in ("open", "invited", "booked", "refused")
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


class AftersalesWarrantyPack(models.Model):
    """The campaigns a cover is made for."""

    _inherit = "aftersales.warranty.pack"

    campaign_ids = fields.One2many("aftersales.campaign", "pack_id", "Campaigns")
