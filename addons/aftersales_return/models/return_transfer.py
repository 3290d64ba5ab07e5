from odoo import api, fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    # Read on the form alone; what Odoo does with transfers does not ask for it.
    aftersales_stop = fields.Text(
        "Why It May Not Leave", compute="_compute_aftersales_stop", compute_sudo=True
    )

    def _compute_aftersales_stop(self):
        leaving = self.filtered(
            lambda picking: (
                picking.aftersales_return_id
                and picking.picking_type_code == "outgoing"
                and picking.state not in ("done", "cancel")
            )
        )
        (self - leaving).aftersales_stop = False
        for picking in leaving:
            lines = picking.move_ids.aftersales_return_line_id
            problems = [line._get_gate_problem() for line in lines]
            picking.aftersales_stop = "\n".join(filter(None, problems))

    @api.model
    def default_get(self, fields_list):
        """Under Returns Transfers a new one brings goods back."""
        values = super().default_get(fields_list)
        if self.env.context.get("aftersales_return_transfer"):
            warehouse = self.env.user._get_default_warehouse_id()
            if kind := warehouse.aftersales_return_type_id:
                values["picking_type_id"] = kind.id
        return values
