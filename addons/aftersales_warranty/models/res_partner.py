from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    aftersales_claim_count = fields.Integer(
        "Claims", compute="_compute_aftersales_claim_count"
    )

    def _compute_aftersales_claim_count(self):
        Claim = self.env["aftersales.claim"]
        counts = {}
        if Claim.has_access("read"):
            counts = dict(
                Claim._read_group(
                    [("partner_id", "in", self.commercial_partner_id.ids)],
                    ["partner_id"],
                    ["__count"],
                )
            )
        for partner in self:
            partner.aftersales_claim_count = counts.get(
                partner.commercial_partner_id._origin, 0
            )

    def action_view_aftersales_claims(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.claim_action"
        )
        action["domain"] = [("partner_id", "in", self.commercial_partner_id.ids)]
        action["context"] = {}
        return action
