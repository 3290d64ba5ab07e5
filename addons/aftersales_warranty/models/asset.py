from odoo import api, fields, models


class AftersalesAsset(models.Model):
    """The guarantees of an asset, who holds them, and what counts against them."""

    _inherit = "aftersales.asset"

    registration_ids = fields.One2many(
        "aftersales.warranty.registration", "asset_id", "Guarantees"
    )
    registration_count = fields.Integer(
        "Number of Guarantees",
        compute="_compute_registration_count",
        compute_sudo=True,
    )
    is_registered = fields.Boolean(
        "Under Guarantee", compute="_compute_is_registered", store=True
    )
    repair_event_ids = fields.One2many(
        "aftersales.repair.event", "asset_id", "Counted Repairs"
    )
    date_installed = fields.Date("Installed On")
    # As superuser: storekeepers and accountants see the asset, not its guarantees.
    cover_summary = fields.Text(
        "Cover Left", compute="_compute_cover_summary", compute_sudo=True
    )
    has_cover = fields.Boolean(compute="_compute_cover_summary", compute_sudo=True)
    is_paper_missing = fields.Boolean(
        "Proof of Purchase Missing",
        compute="_compute_cover_summary",
        compute_sudo=True,
    )

    @api.depends("registration_ids.state")
    def _compute_registration_count(self):
        for asset in self:
            asset.registration_count = len(
                asset.registration_ids.filtered(
                    lambda registration: registration.state in ("active", "pending")
                )
            )

    @api.depends("registration_ids.state")
    def _compute_is_registered(self):
        for asset in self:
            asset.is_registered = any(
                registration.state in ("active", "pending")
                for registration in asset.registration_ids
            )

    @api.depends(
        "registration_ids.state",
        "registration_ids.date_end",
        "registration_ids.document_state",
        "meter",
    )
    @api.depends_context("lang")
    def _compute_cover_summary(self):
        for asset in self:
            registrations = asset.registration_ids.filtered(
                lambda registration: (
                    registration.state in ("active", "pending")
                    and registration.pack_kind != "repair"
                )
            )
            asset.cover_summary = "\n".join(
                registration._get_cover_text() for registration in registrations
            )
            asset.has_cover = any(
                registration._is_cover_left() for registration in registrations
            )
            asset.is_paper_missing = any(
                registration._is_paper_missing() for registration in registrations
            )

    def write(self, vals):
        before = {asset: asset.partner_id for asset in self}
        result = super().write(vals)
        if vals.get("partner_id"):
            for asset in self:
                moved = asset.registration_ids.filtered(
                    lambda registration, asset=asset: (
                        registration.state in ("active", "pending")
                        and registration.partner_id == before[asset]
                    )
                )
                if before[asset] and before[asset] != asset.partner_id and moved:
                    moved.action_transfer(asset.partner_id)
        if vals.get("date_installed"):
            waiting = self.registration_ids.filtered(
                lambda registration: (
                    registration.state == "pending"
                    and registration.pack_id.start_basis == "installation"
                )
            )
            waiting.action_start(vals["date_installed"])
        return result

    @api.model
    def _create_from_deliveries(self, move_lines):
        known = self.with_context(active_test=False).search(
            [
                ("lot_id", "in", move_lines.lot_id.ids),
                ("company_id", "in", move_lines.company_id.ids),
            ]
        )
        # Sold again: its guarantees end, and those of the new sale begin.
        known.registration_ids.filtered(
            lambda registration: registration.state == "active"
        ).action_end(reason=self.env._("Sold again"))
        known.registration_ids.filtered(
            lambda registration: registration.state == "pending"
        ).action_void(reason=self.env._("Sold again"))
        new = super()._create_from_deliveries(move_lines)
        self.env["aftersales.warranty.registration"]._register_deliveries(move_lines)
        return new

    def action_view_registrations(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.registration_action"
        )
        return {
            **action,
            "domain": [("asset_id", "=", self.id)],
            "context": {"default_asset_id": self.id},
        }
