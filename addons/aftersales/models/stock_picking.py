from odoo import fields, models


class StockPickingType(models.Model):
    _inherit = "stock.picking.type"

    aftersales_create_assets = fields.Boolean(
        "Register Assets",
        help="Serial numbers that leave to a customer with this operation become that "
        "customer's assets, or change owner.",
    )


class StockPicking(models.Model):
    """Work order, asset, bay and promise, where the storekeeper looks."""

    _inherit = "stock.picking"

    aftersales_order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        index="btree_not_null",
        # Back orders and returns are copies, and of the same order.
        copy=True,
        check_company=True,
        ondelete="restrict",
    )
    aftersales_asset_id = fields.Many2one(
        related="aftersales_order_id.asset_id", string="Asset"
    )
    aftersales_bay_id = fields.Many2one(
        related="aftersales_order_id.bay_id", string="Bay"
    )
    aftersales_date_promised = fields.Datetime(
        related="aftersales_order_id.date_promised", string="Promised"
    )

    def action_view_aftersales_order(self):
        self.ensure_one()
        return self.aftersales_order_id.get_formview_action()

    def _action_done(self):
        result = super()._action_done()
        self._register_assets()
        return result

    def _send_confirmation_email(self):
        """Parts that go into an asset in the workshop are no shipment to announce."""
        shipments = self.filtered(lambda picking: not picking.aftersales_order_id)
        return super(StockPicking, shipments)._send_confirmation_email()

    def _register_assets(self):
        """Make assets of delivered serials where the operation type says so."""
        deliveries = self.filtered("picking_type_id.aftersales_create_assets")
        if not deliveries:
            return
        lines = deliveries.move_line_ids.filtered(
            lambda line: (
                line.state == "done"
                and line.lot_id
                and line.product_id.tracking == "serial"
                and line.location_dest_id.usage == "customer"
            )
        )
        # The storekeeper makes the delivery, not the asset register.
        self.env["aftersales.asset"].sudo()._create_from_deliveries(lines)


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def _prepare_picking_values(self):
        """Return what a transfer of parts says about its work order."""
        self.ensure_one()
        return {"aftersales_order_id": self.id, "user_id": False}
