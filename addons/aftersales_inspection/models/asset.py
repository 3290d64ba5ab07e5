from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesAsset(models.Model):
    """What was found on an asset and is not fixed yet."""

    _inherit = "aftersales.asset"

    # Written by the first finding: assets without one are never asked about any.
    has_findings = fields.Boolean(readonly=True, copy=False)
    finding_ids = fields.One2many("aftersales.finding", "asset_id", "Findings")
    inspection_ids = fields.One2many("aftersales.inspection", "asset_id", "Inspections")
    open_finding_count = fields.Integer(
        "Open Findings", compute="_compute_open_finding_count", compute_sudo=True
    )
    inspection_count = fields.Integer(
        "Number of Inspections", compute="_compute_inspection_count", compute_sudo=True
    )

    def _compute_open_finding_count(self):
        counts = dict(
            self.env["aftersales.finding"]._read_group(
                [("asset_id", "in", self.ids), ("state", "in", ("open", "declined"))],
                ["asset_id"],
                ["__count"],
            )
        )
        for asset in self:
            asset.open_finding_count = counts.get(asset._origin, 0)

    def _compute_inspection_count(self):
        counts = dict(
            self.env["aftersales.inspection"]._read_group(
                [("asset_id", "in", self.ids)], ["asset_id"], ["__count"]
            )
        )
        for asset in self:
            asset.inspection_count = counts.get(asset._origin, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_found(self):
        # Whoever deletes is told, also of findings they may not read.
        found = self.sudo().filtered("finding_ids")
        if found:
            raise UserError(
                self.env._(
                    "%(assets)s has findings on record and can't be deleted. Archive "
                    "it instead.",
                    assets=", ".join(found.mapped("display_name")),
                )
            )

    def action_view_findings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_inspection.finding_action"
        )
        return {
            **action,
            "domain": [("asset_id", "=", self.id)],
            "context": {"default_asset_id": self.id},
        }

    def action_view_inspections(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_inspection.inspection_action"
        )
        return {
            **action,
            "domain": [("asset_id", "=", self.id)],
            "context": {"default_asset_id": self.id},
        }
