from odoo import fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    aftersales_asset_ids = fields.One2many("aftersales.asset", "lot_id", "Assets")

    def _compute_value(self):
        """Count ours alone where we hold goods of customers, valued by lot too."""
        held = self.filtered("product_id.aftersales_is_held")
        owners = [False, self.env.company.partner_id.id]
        super(StockLot, held.with_context(owners=owners))._compute_value()
        return super(StockLot, self - held)._compute_value()

    def action_view_aftersales_asset(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.asset_action"
        )
        action["domain"] = [("lot_id", "=", self.id)]
        action["context"] = {
            "default_lot_id": self.id,
            "default_product_id": self.product_id.id,
        }
        return action
