from odoo import api, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    @api.model
    def default_get(self, fields):
        """Under Returns Transfers a new one brings goods back."""
        values = super().default_get(fields)
        if self.env.context.get("aftersales_return_transfer"):
            warehouse = self.env.user._get_default_warehouse_id()
            if kind := warehouse.aftersales_return_type_id:
                values["picking_type_id"] = kind.id
        return values
