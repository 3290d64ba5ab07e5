from odoo import fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    aftersales_asset_ids = fields.One2many("aftersales.asset", "lot_id", "Assets")

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
