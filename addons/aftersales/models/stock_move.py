from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class StockMove(models.Model):
    """A part on its way to, into, or back from a work order."""

    _inherit = "stock.move"

    job_line_id = fields.Many2one(
        "aftersales.job.line",
        "Work Order Line",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    old_part_id = fields.Many2one(
        "aftersales.old.part", index="btree_not_null", ondelete="restrict"
    )

    @api.model
    def _prepare_merge_moves_distinct_fields(self):
        return super()._prepare_merge_moves_distinct_fields() + ["job_line_id"]

    def _prepare_procurement_values(self):
        values = super()._prepare_procurement_values()
        if self.job_line_id:
            values["job_line_id"] = self.job_line_id.id
            values["route_ids"] = (
                self.job_line_id.order_id.warehouse_id.aftersales_route_id
            )
            # The bay is a place in the workshop: the next rule must end there.
            values["location_final_id"] = self.location_id
        return values

    def _get_new_picking_values(self):
        values = super()._get_new_picking_values()
        if order := self.job_line_id.order_id[:1]:
            values.update(order._prepare_picking_values())
        return values

    def _assign_picking_post_process(self, new=False):
        # The transfer shows its work order; a note in its history would say it twice.
        return super()._assign_picking_post_process(new=new and not self.job_line_id)

    def _get_source_document(self):
        return self.job_line_id.order_id or super()._get_source_document()

    def _is_consuming(self):
        return super()._is_consuming() or bool(
            self.job_line_id and self.picking_code == "outgoing"
        )

    def _action_synch_order(self):
        """Parts of work orders are on their sales order already, or belong on none."""
        return super(
            StockMove, self.filtered(lambda move: not move.job_line_id)
        )._action_synch_order()

    def _action_confirm(self, merge=True, **kwargs):
        if merge:
            # Fresh from procurement; what is split off keeps the method it has.
            self.filtered("job_line_id")._make_to_order()
        return super()._action_confirm(merge=merge, **kwargs)

    def _make_to_order(self):
        """Order what is replenished on order, where the work order takes it from stock.

        The rules of a work order's route leave no room for the product's own.
        """
        for move in self:
            warehouse = move.job_line_id.order_id.warehouse_id
            if move.state != "draft" or move.location_id != warehouse.lot_stock_id:
                continue
            routes = (
                move.product_id.route_ids | move.product_id.categ_id.total_route_ids
            )
            if routes and warehouse.mto_pull_id.route_id in routes:
                move.procure_method = "make_to_order"

    def _action_done(self, cancel_backorder=False):
        self._check_on_work_order()
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        parts = moves.filtered("job_line_id")
        parts._check_on_hand()
        # What comes back after the work is taken off the shares too. Whoever moves
        # the parts need not have a right to work orders.
        jobs = parts.sudo().job_line_id.job_id
        jobs.filtered(lambda job: job.state == "done").share_ids._update_to_delivered()
        return moves

    def _check_on_work_order(self):
        """Refuse parts, or more of a part, than the customer approved."""
        to_customer = self.filtered(
            lambda move: (
                move.location_dest_usage == "customer"
                and (move.job_line_id or move.picking_id.aftersales_order_id)
                and not move.old_part_id
            )
        )
        foreign = to_customer.filtered(
            lambda move: (
                not move.job_line_id and not move.product_uom.is_zero(move.quantity)
            )
        )
        if foreign:
            raise UserError(
                self.env._(
                    "%(products)s is not on work order %(orders)s. Add it there as a "
                    "job and have it approved; then it is issued from here.",
                    products=", ".join(foreign.product_id.mapped("display_name")),
                    orders=", ".join(
                        foreign.picking_id.aftersales_order_id.mapped("name")
                    ),
                )
            )
        # Whoever moves the parts need not have a right to work orders.
        for line, moves in to_customer.sudo().grouped("job_line_id").items():
            if not line:
                continue
            issued = line._get_qty_issued() + line._sum_moves(moves)
            if line.product_uom_id.compare(issued, line.product_uom_qty) > 0:
                raise UserError(
                    self.env._(
                        "%(order)s: %(quantity)s %(unit)s of %(product)s were "
                        "approved, and %(issued)s would be issued. Have the "
                        "difference approved as added work.",
                        order=line.order_id.name,
                        quantity=f"{line.product_uom_qty:g}",
                        unit=line.product_uom_id.name,
                        product=line.product_id.display_name,
                        issued=f"{issued:g}",
                    )
                )

    def _check_on_hand(self):
        """Refuse to take more parts than there are, with the figures."""
        lines = self.move_line_ids.filtered(
            lambda line: line.location_id.usage == "internal"
        )
        if not lines:
            return
        for product, location, total in self._get_negative_stock(lines):
            if product.uom_id.compare(total, 0) >= 0:
                continue
            taken = lines.filtered(
                lambda line, product=product, location=location: (
                    line.product_id == product and line.location_id == location
                )
            )
            quantity = sum(taken.mapped("quantity_product_uom"))
            raise UserError(
                self.env._(
                    "%(orders)s: %(quantity)s %(unit)s of %(product)s would be taken "
                    "from %(location)s, where %(there)s are on hand. Count the place "
                    "or take in the receipt first; both say who did it.",
                    orders=", ".join(
                        taken.sudo().move_id.job_line_id.order_id.mapped("name")
                        or taken.picking_id.mapped("name")
                    ),
                    quantity=f"{quantity:g}",
                    unit=product.uom_id.name,
                    product=product.display_name,
                    location=location.display_name,
                    there=f"{quantity + total:g}",
                )
            )

    @api.model
    def _get_negative_stock(self, lines):
        """Return ``[(product, place, quantity below zero)]`` of where lines took from.

        In sum: while somebody else takes from the same place, Odoo books what we take
        on a negative quant of its own and merges the two later. What that other takes
        is not seen from here: the rows are rewritten, which the ORM can't do while it
        sums, and the second of two requests runs again, see ``state_mixin._lock``.
        """
        self.env["stock.quant"].flush_model(
            ["product_id", "location_id", "lot_id", "quantity"]
        )
        self.env.cr.execute(
            SQL(
                """
                WITH taken AS (
                    UPDATE stock_quant SET quantity = quantity
                     WHERE product_id = ANY(%(products)s)
                       AND location_id = ANY(%(places)s)
                       AND (lot_id IS NULL OR lot_id = ANY(%(lots)s))
                    RETURNING product_id, location_id, lot_id, quantity
                )
                SELECT product_id, location_id, SUM(quantity)
                  FROM taken
                 GROUP BY product_id, location_id, lot_id
                HAVING SUM(quantity) < 0
                """,
                products=lines.product_id.ids,
                places=lines.location_id.ids,
                lots=lines.lot_id.ids,
            ),
            log_exceptions=False,
        )
        return [
            (
                self.env["product.product"].browse(product_id),
                self.env["stock.location"].browse(location_id),
                total,
            )
            for product_id, location_id, total in self.env.cr.fetchall()
        ]

    def _finish(self):
        """Do what is reserved of these moves, and call the rest off."""
        moves = self.filtered(lambda move: move.state not in ("done", "cancel"))
        ready = moves.filtered(lambda move: not move.product_uom.is_zero(move.quantity))
        ready.picked = True
        for picking in ready.picking_id:
            picking_moves = ready & picking.move_ids
            others = picking.move_ids - picking_moves
            if others.filtered(lambda move: move.state not in ("done", "cancel")):
                # The transfer goes on with what is still awaited.
                picking_moves._action_done(cancel_backorder=True)
            else:
                picking.with_context(cancel_backorder=True)._action_done()

    def _get_receiver(self):
        """Return who got these goods; the transfer of a dropship names its supplier."""
        self.ensure_one()
        dropped = self.location_id.usage == "supplier" and self.partner_id
        return dropped or self.picking_id.partner_id

    def _get_unreturned(self):
        """Return ``{move: quantity}`` of done moves that has not come back."""
        quantities = {}
        for move in self.filtered(lambda move: move.state == "done"):
            back = move.returned_move_ids.filtered(lambda back: back.state == "done")
            quantity = move.quantity - sum(
                back_move.product_uom._compute_quantity(
                    back_move.quantity, move.product_uom, rounding_method="HALF-UP"
                )
                for back_move in back
            )
            if move.product_uom.compare(quantity, 0) > 0:
                quantities[move] = quantity
        return quantities

    def _get_cogs_price_unit(self, quantity=0):
        """Cost of sales is what left the stock, whatever was received since then."""
        if not self.job_line_id:
            return super()._get_cogs_price_unit(quantity)
        return self._get_price_unit()

    def _get_account_move_line_vals(self):
        """Consumption entries know the work order that caused them."""
        values_list = super()._get_account_move_line_vals()
        if order := self.job_line_id.order_id:
            for values in values_list:
                values["aftersales_order_id"] = order.id
        return values_list
