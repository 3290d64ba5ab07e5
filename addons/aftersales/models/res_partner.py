from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    aftersales_collective_invoice = fields.Boolean(
        "Collective Service Invoice",
        help="One invoice for several work orders, for example a fleet customer's "
        "month. Otherwise each work order is invoiced apart.",
    )
    aftersales_asset_count = fields.Integer(
        "Assets", compute="_compute_aftersales_counts"
    )
    aftersales_order_count = fields.Integer(
        "Work Orders", compute="_compute_aftersales_counts"
    )

    def _compute_aftersales_counts(self):
        for field, model in (
            ("aftersales_asset_count", "aftersales.asset"),
            ("aftersales_order_count", "aftersales.order"),
        ):
            Model = self.env[model]
            if not Model.has_access("read"):
                self[field] = 0
                continue
            # A company shows what belongs to its contacts and addresses too.
            family = self.with_context(active_test=False).search_fetch(
                [("id", "child_of", self.ids)], ["parent_id"]
            )
            groups = Model._read_group(
                [("partner_id", "in", family.ids)], ["partner_id"], ["__count"]
            )
            self[field] = 0
            for partner, count in groups:
                while partner:
                    if partner in self:
                        partner[field] += count
                    partner = partner.parent_id

    def action_view_aftersales_orders(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.order_action"
        )
        action["domain"] = [("partner_id", "child_of", self.ids)]
        action["context"] = {"default_partner_id": self[:1].id}
        return action

    def action_view_aftersales_assets(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.asset_action"
        )
        action["domain"] = [("partner_id", "child_of", self.ids)]
        action["context"] = {"default_partner_id": self[:1].id}
        return action
