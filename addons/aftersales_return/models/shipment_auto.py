from odoo import Command, models


class StockPicking(models.Model):
    """Transfers of returns write their own parcels into the register."""

    _inherit = "stock.picking"

    def _announce_parcels(self, direction):
        """Give each transfer its parcel: the one that is announced, else a new one."""
        values_list = []
        for picking in self:
            rma = picking.aftersales_return_id
            if picking.aftersales_shipment_id or not rma:
                continue
            known = rma.shipment_ids.filtered(
                lambda parcel: (
                    parcel.direction == direction
                    and parcel.state in ("announced", "transit")
                    and not parcel.picking_ids
                )
            )
            if known:
                picking.aftersales_shipment_id = known[0]
                continue
            values_list.append(
                picking._prepare_parcel_values(direction)
                | {"picking_ids": [Command.link(picking.id)]}
            )
        return self.env["aftersales.shipment"].sudo().create(values_list)

    def _prepare_parcel_values(self, direction):
        """Return the values of the parcel of this transfer."""
        self.ensure_one()
        rma = self.aftersales_return_id
        lines = self.move_ids.aftersales_return_line_id
        return {
            "direction": direction,
            "return_id": rma.id,
            "user_id": rma.user_id.id,
            "goods": (
                lines._describe_all()
                if direction == "in"
                else lines._describe_outbound(self)
            ),
        }

    def _announce_supplier_parcel(self, trips, direction):
        """Write the parcel to a supplier, or from him, into the register.

        It is none of the return's own parcels, which the customer follows.

        :param trips: the goods of this transfer, in one parcel
        """
        self.ensure_one()
        Shipment = self.env["aftersales.shipment"].sudo()
        parcel = Shipment.search(
            [
                ("trip_id", "in", trips.ids),
                ("direction", "=", direction),
                ("state", "in", ("announced", "transit")),
                ("picking_ids", "=", False),
            ],
            limit=1,
        ) or Shipment.create(
            {
                "direction": direction,
                "trip_id": trips[:1].id,
                "user_id": trips[:1].user_id.id or self.env.uid,
                "goods": trips.line_id._describe_all(),
            }
        )
        self.sudo().aftersales_shipment_id = parcel
        if direction == "in":
            parcel._arrive()
        return parcel

    def _create_backorder(self, backorder_moves=None):
        backorders = super()._create_backorder(backorder_moves=backorder_moves)
        # What follows travels in a parcel of its own.
        parted = self.filtered("aftersales_shipment_id").sudo()
        for picking in backorders.filtered(
            lambda follow: follow.backorder_id in parted
        ):
            parcel = picking.backorder_id.aftersales_shipment_id
            picking.sudo()._announce_parcels(parcel.direction)
        return backorders


class AftersalesReturnLine(models.Model):
    _inherit = "aftersales.return.line"

    def _create_receipts(self):
        pickings = super()._create_receipts()
        pickings._announce_parcels("in")
        return pickings

    def _send_back(self):
        moves = super()._send_back()
        moves.picking_id._announce_parcels("out")
        return moves

    def _send_replacements(self, quantities=None):
        moves = super()._send_replacements(quantities)
        moves.picking_id._announce_parcels("out")
        return moves

    def _take_in(self):
        arrived = super()._take_in()
        moves = arrived._get_moves("in").filtered(lambda move: move.state == "done")
        pickings = moves.picking_id
        # What nobody announced is in the register all the same.
        pickings._announce_parcels("in")
        pickings.aftersales_shipment_id.filtered(
            lambda parcel: parcel.state in ("announced", "transit")
        )._arrive()
        return arrived

    def _describe_outbound(self, picking):
        """Return in words what of these goods leaves with a transfer."""
        return ", ".join(
            f"{move.product_uom_qty:g} {move.product_uom.name} "
            f"{move.product_id.display_name}"
            for move in picking.move_ids
            if move.aftersales_return_line_id in self
        )
