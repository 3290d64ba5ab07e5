from odoo import api, fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    aftersales_return_id = fields.Many2one(
        "aftersales.return",
        "Return",
        index="btree_not_null",
        # Back orders are of the same return.
        copy=True,
        check_company=True,
        ondelete="restrict",
    )


class AftersalesReturn(models.Model):
    _inherit = "aftersales.return"

    picking_count = fields.Integer(compute="_compute_picking_count")

    @api.depends("picking_ids")
    def _compute_picking_count(self):
        for rma in self:
            rma.picking_count = len(rma.sudo().picking_ids)

    def _get_customer_location(self):
        self.ensure_one()
        partner = self.partner_id.with_company(self.company_id)
        return partner.property_stock_customer

    def _prepare_receipt_values(self):
        """Return the values of the transfer by which the goods come."""
        self.ensure_one()
        picking_type = self.warehouse_id.aftersales_return_type_id
        return {
            "picking_type_id": picking_type.id,
            "partner_id": self.partner_id.id,
            "origin": self.name,
            "company_id": self.company_id.id,
            "aftersales_return_id": self.id,
            "location_id": self._get_customer_location().id,
            "location_dest_id": self.warehouse_id._get_return_location().id,
        }


class AftersalesReturnLine(models.Model):
    """From the customer to the returns location."""

    _inherit = "aftersales.return.line"

    move_ids = fields.One2many("stock.move", "aftersales_return_line_id", "Moves")
    quantity_received = fields.Float(
        "Received",
        digits="Product Unit",
        compute="_compute_quantity_received",
        compute_sudo=True,
    )
    date_received = fields.Datetime("Received On", readonly=True, copy=False)

    @api.depends("move_ids.state", "move_ids.quantity")
    def _compute_quantity_received(self):
        for line in self:
            done = line._get_moves("in").filtered(lambda move: move.state == "done")
            line.quantity_received = sum(
                move.product_uom._compute_quantity(move.quantity, line.product_uom_id)
                for move in done
            )

    def _create_receipts(self):
        """Make the transfers in, one per return, ready to be validated."""
        lines = self.filtered(lambda line: line.goods != "stay")
        if not lines:
            return self.env["stock.picking"]
        Picking = self.env["stock.picking"].sudo()
        by_return = lines.grouped("return_id")
        pickings = Picking.create([rma._prepare_receipt_values() for rma in by_return])
        values_list = []
        for picking, own in zip(pickings, by_return.values(), strict=True):
            values_list += [line._prepare_receipt_move_values(picking) for line in own]
        moves = self.env["stock.move"].sudo().create(values_list)
        moves._action_confirm(merge=False)
        moves._action_assign()
        moves._expect_serials()
        return pickings

    def action_await(self):
        """Expect goods again that were called off, or that were lost and turned up.

        They get a new transfer, and a closed return is open again.

        :raises UserError: for goods that may not come back any more
        """
        lines = self._lock()
        todo = lines.filtered(lambda line: line.state != "expected")
        todo.filtered(lambda line: line.state == "cancel")._set_state("draft")
        todo._check_transition("expected")
        todo._check_ready()
        returns = todo.return_id
        returns.filtered(lambda rma: rma.state in ("done", "cancel"))._set_state(
            "open", date_done=False
        )
        returns._check_open()
        todo._set_state("expected")
        todo._create_receipts()
        return True

    def _forget_receipt(self):
        """Call off what was awaited with a transfer that Inventory cancelled."""
        self._check_not_given()
        self._set_state("cancel")
        self._take_plans_back()
        for rma, lines in self.grouped("return_id").items():
            rma._report_cancelled(
                self.env._(
                    "%(lines)s is no longer awaited: its receipt was cancelled. Let it "
                    "be awaited again if it still comes.",
                    lines=", ".join(lines.mapped("display_name")),
                )
            )
        self.return_id._close_finished()

    def _prepare_receipt_move_values(self, picking):
        """Return the move of this line into the returns location.

        Goods that are ours are a return of their delivery, as Odoo makes it: they
        come back at the value they left with, and count as not delivered. The
        customer's own keep him as owner and have no value.
        """
        self.ensure_one()
        values = self._prepare_move_values(
            "in", picking.location_id, picking.location_dest_id
        )
        source = self.move_id.location_dest_id or picking.location_id
        values |= {
            "picking_id": picking.id,
            "picking_type_id": picking.picking_type_id.id,
            "location_id": source.id,
        }
        if self._is_ours():
            return {
                **values,
                "origin_returned_move_id": self.move_id.id,
                "sale_line_id": self.sale_line_id.id,
                "to_refund": True,
            }
        return {
            **values,
            "restrict_partner_id": self.partner_id.commercial_partner_id.id,
        }

    def _prepare_move_values(self, direction, source, destination, quantity=None):
        """Return the common values of a move of these goods."""
        self.ensure_one()
        return {
            "aftersales_return_line_id": self.id,
            "aftersales_return_direction": direction,
            "product_id": self.product_id.id,
            "product_uom": self.product_uom_id.id,
            "product_uom_qty": self.quantity if quantity is None else quantity,
            "location_id": source.id,
            "location_dest_id": destination.id,
            "company_id": self.company_id.id,
            "warehouse_id": self.return_id.warehouse_id.id,
            "origin": self.return_id.name,
            "partner_id": self.partner_id.id,
            "procure_method": "make_to_stock",
            "to_refund": False,
        }


class StockMove(models.Model):
    _inherit = "stock.move"

    def _expect_serials(self):
        """Name the serials that should come, for the storekeeper to compare."""
        values_list = []
        for move in self:
            line = move.aftersales_return_line_id
            if move.product_id.tracking == "none":
                continue
            move.move_line_ids.unlink()
            values_list.append(
                {
                    "move_id": move.id,
                    "picking_id": move.picking_id.id,
                    "product_id": move.product_id.id,
                    "product_uom_id": move.product_uom.id,
                    "quantity": move.product_uom_qty,
                    "location_id": move.location_id.id,
                    "location_dest_id": move.location_dest_id.id,
                    "lot_id": line.lot_id.id,
                    "lot_name": False if line.lot_id else line.serial,
                    "owner_id": move.restrict_partner_id.id,
                    "company_id": move.company_id.id,
                }
            )
        self.env["stock.move.line"].create(values_list)

    def _action_cancel(self):
        awaited = self.filtered(lambda move: move.aftersales_return_direction == "in")
        result = super()._action_cancel()
        if awaited:
            lines = awaited.sudo().aftersales_return_line_id
            lines.filtered(
                lambda line: (
                    line.state == "expected"
                    and set(line._get_moves("in").mapped("state")) <= {"cancel"}
                )
            )._forget_receipt()
        return result

    def _action_done(self, cancel_backorder=False):
        arriving = self.filtered(
            lambda move: (
                move.picking_type_id.aftersales_is_return and move.state != "done"
            )
        )
        self.sudo()._leave_locked_period()
        if arriving:
            # Whoever moves the goods need not have a right to returns.
            self |= arriving.sudo()._compare_with_return()
        self.filtered(
            lambda move: move.aftersales_return_line_id and move.restrict_partner_id
        ).product_id._hold_for_customers()
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        # What changes hands on paper is part of a step that goes on.
        moved = moves.sudo().filtered(
            lambda move: move.aftersales_return_direction != "own"
        )
        if lines := moved.aftersales_return_line_id:
            lines._follow_moves()
        return moves

    def _leave_locked_period(self):
        """Plan returned goods anew that were planned for a month that is closed now.

        They often take longer than that, and Odoo refuses their transfer then.
        """
        late = self.filtered("aftersales_return_line_id").picking_id.filtered(
            lambda picking: picking._is_date_in_lock_period()
        )
        if late:
            late.scheduled_date = fields.Datetime.now()

    def _compare_with_return(self):
        """See whether what is in the parcel is what was announced.

        What is not stays the customer's, without value, until somebody has spoken
        with him: a difference is opened for it.

        :return: moves made for what is too much
        """
        there = self.filtered(lambda move: not move.product_uom.is_zero(move.quantity))
        there._announce()
        extra = there._split_surplus()
        extra |= there._split_batches()
        there._check_serials()
        arriving = there | extra
        arriving.aftersales_return_line_id._check_returnable()
        for owner, moves in arriving.grouped("restrict_partner_id").items():
            # Also on lines that the storekeeper added.
            moves.move_line_ids.filtered(
                lambda item, owner=owner: item.owner_id != owner
            ).owner_id = owner
        return extra
