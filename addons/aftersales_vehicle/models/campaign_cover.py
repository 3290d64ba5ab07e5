from odoo import api, fields, models


class AftersalesCampaignVehicle(models.Model):
    """The guarantee a campaign gives each vehicle it calls, until the work is done."""

    _inherit = "aftersales.campaign.vehicle"

    registration_id = fields.Many2one(
        "aftersales.warranty.registration",
        "Cover",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model_create_multi
    def create(self, vals_list):
        vehicles = super().create(vals_list)
        vehicles.filtered(
            lambda vehicle: vehicle.campaign_id.state == "running"
        )._register_cover()
        return vehicles

    def _register_cover(self):
        """Register the guarantee of the campaign for these vehicles, once each.

        Another one than the campaign has now ends.
        """
        # As superuser: cover follows from the campaign, whoever registers the car.
        waiting = self.sudo().filtered(
            lambda vehicle: vehicle.state not in ("done", "lapsed")
        )
        waiting.filtered(
            lambda vehicle: (
                vehicle.registration_id.pack_id != vehicle.campaign_id.pack_id
            )
        )._end_cover(self.env._("The campaign has another cover"))
        bare = waiting.filtered(
            lambda vehicle: (
                vehicle.campaign_id.pack_id
                and vehicle.registration_id.state != "active"
            )
        )
        registrations = self.env["aftersales.warranty.registration"].sudo()
        registrations = registrations.with_context(mail_create_nolog=True).create(
            [vehicle._prepare_registration() for vehicle in bare]
        )
        for vehicle, registration in zip(bare, registrations, strict=True):
            vehicle.registration_id = registration

    def _prepare_registration(self):
        self.ensure_one()
        campaign = self.campaign_id
        return {
            "asset_id": self.asset_id.id,
            "pack_id": campaign.pack_id.id,
            "partner_id": self.asset_id.partner_id.id,
            "date_start": campaign.date_start,
            "document_state": "looked_up",
            "document_note": campaign.code,
            "source": "campaign",
        }

    def _end_cover(self, reason):
        """End the guarantees of these vehicles; what was weighed by them stays."""
        self.sudo().registration_id.filtered(
            lambda registration: registration.state == "active"
        ).action_end(reason=reason)

    def _set_state(self, state, **values):
        """The guarantee pays for the campaign's work once: done, it ends.

        Work that is called off or begins anew has it again.
        """
        before = {vehicle: vehicle.state for vehicle in self}
        moved = super()._set_state(state, **values)
        if state == "done":
            moved._end_cover(self.env._("The work of the campaign is done"))
        elif state in ("open", "booked"):
            moved.filtered(
                lambda vehicle: (
                    before[vehicle] == "done" and vehicle.campaign_id.state == "running"
                )
            )._register_cover()
        return moved


class AftersalesWarrantyPack(models.Model):
    """The campaigns a cover is made for."""

    _inherit = "aftersales.warranty.pack"

    campaign_ids = fields.One2many("aftersales.campaign", "pack_id", "Campaigns")


class AftersalesWarrantyRegistration(models.Model):
    """The vehicles of campaigns that a guarantee was made for."""

    _inherit = "aftersales.warranty.registration"

    campaign_vehicle_ids = fields.One2many(
        "aftersales.campaign.vehicle", "registration_id", "Called by Campaigns"
    )


class AftersalesWarrantyEngine(models.AbstractModel):
    """The guarantee of a campaign is for the campaign's job alone."""

    _inherit = "aftersales.warranty.engine"

    def _get_job_fields(self):
        return [*super()._get_job_fields(), "campaign_vehicle_id"]

    def _get_registration_fields(self):
        return [*super()._get_registration_fields(), "source"]

    def _prepare_covers(self, line, case):
        covers = super()._prepare_covers(line, case)
        asset = line.job_id.order_id.asset_id
        others = {
            registration.id
            for registration in case["registrations"].get(asset, ())
            if registration.source == "campaign" and registration.campaign_vehicle_ids
        }
        if others:
            others -= set(line.job_id.campaign_vehicle_id.registration_id.ids)
        return [cover for cover in covers if cover["registration"] not in others]
