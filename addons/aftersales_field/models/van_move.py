from collections import defaultdict

from odoo import Command, api, fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    aftersales_visit_id = fields.Many2one(
        "aftersales.visit",
        "Visit",
        index="btree_not_null",
        check_company=True,
        readonly=True,
        copy=False,
        ondelete="set null",
    )

    @api.model
    def get_empty_list_help(self, help_message):
        """Say what is loaded; stock's own text is about transfers of any kind."""
        if self.env.context.get("aftersales_van_load"):
            return help_message
        return super().get_empty_list_help(help_message)


class StockMove(models.Model):
    """A part for a visit: from the store to the engineer's van, and to the customer.

    Its way is changed in place when the visit gets another engineer: reservations
    and purchases made for the part stay what they are.
    """

    _inherit = "stock.move"

    aftersales_visit_id = fields.Many2one(
        "aftersales.visit",
        "Visit",
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )

    @api.model
    def _prepare_merge_moves_distinct_fields(self):
        return super()._prepare_merge_moves_distinct_fields() + ["aftersales_visit_id"]

    def _get_new_picking_values(self):
        values = super()._get_new_picking_values()
        if visit := self.aftersales_visit_id[:1]:
            values["aftersales_visit_id"] = visit.id
        return values

    def _search_picking_for_assignation_domain(self):
        domain = super()._search_picking_for_assignation_domain()
        if self.aftersales_visit_id:
            # Each visit its own box: the engineer takes today's along.
            domain += [("aftersales_visit_id", "=", self.aftersales_visit_id.id)]
        return domain

    def _action_assign(self, force_qty=False):
        result = super()._action_assign(force_qty=force_qty)
        ours = self.filtered("aftersales_visit_id")
        if ours:
            ours._tell_part_arrived()
        return result

    def _tell_part_arrived(self):
        """Have visits planned that waited for these parts."""
        here = self.filtered(lambda move: move.state == "assigned")
        visits = here.sudo().aftersales_visit_id.filtered("waits_for_parts")
        if visits:
            visits._trigger_planning()

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves._date_lines()
        moves.filtered(
            lambda move: (
                not move.job_line_id
                and (
                    move.location_id.aftersales_is_van
                    or move.location_dest_id.aftersales_is_van
                )
            )
        )._check_on_hand()
        return moves

    def _finish(self):
        result = super()._finish()
        # The transfer says anew when it was done.
        self._date_lines()
        return result

    def _date_lines(self):
        """Say when the engineer had it in hand, which may be long before it is told.

        Counts of a van ask for that; what it costs is booked as of now.
        """
        if moment := self.env.context.get("aftersales_moment"):
            done = self.filtered(lambda move: move.state == "done")
            done.move_line_ids.date = moment

    # The way of a part

    def _bring_to(self, van, date=None):
        """Lead open issue moves of job lines over ``van``, or straight from the store.

        What is in the van already and free is taken from there; the rest is loaded
        from the store. What was brought elsewhere for them comes back to the store
        first, by a return transfer that the storekeeper sees.

        :param van: ``stock.location``, or none
        :param date: when it is needed, if that changed
        """
        pickings = self.picking_id | self.move_orig_ids.picking_id
        moves = self._split_partly_reserved()
        changed = self.browse()
        for move in moves:
            if date and move.date != date:
                (move | move._get_open_loads()).date = date
            if not move._is_under_way_from(van):
                move._take_to_store(van)
                changed |= move
        for move in changed:
            changed |= move._load_into(van)
        changed._regroup()
        (changed.move_orig_ids | changed)._action_assign()
        pickings.exists().filtered(lambda picking: not picking.move_ids).unlink()

    def _get_store(self):
        self.ensure_one()
        return self.job_line_id.order_id.warehouse_id.lot_stock_id

    def _get_open_loads(self):
        """Moves that still have to bring these parts to where they are used from."""
        return self.move_orig_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.job_line_id
                and move.location_dest_usage == "internal"
                and not move.origin_returned_move_id
                and move.location_dest_id == self.location_id
            )
        )

    def _split_partly_reserved(self):
        """Part moves of which some is here and some is not; return all pieces."""
        pieces = self
        for move in self:
            rest = move.product_uom_qty - move.quantity
            if move.product_uom.is_zero(move.quantity) or (
                move.product_uom.compare(rest, 0) <= 0
            ):
                continue
            pieces |= move._split_for_van(rest)
        return pieces

    def _split_for_van(self, quantity):
        """Return a move of its own for a quantity (in this move's unit) of this one."""
        self.ensure_one()
        values_list = self._split(
            self.product_uom._compute_quantity(
                quantity, self.product_id.uom_id, rounding_method="HALF-UP"
            )
        )
        piece = self.create(values_list)
        piece._action_confirm(merge=False, create_proc=False)
        return piece

    def _is_under_way_from(self, van):
        """Whether nothing has to change: it is taken from ``van``, or will be."""
        self.ensure_one()
        if not van:
            return not self.location_id.aftersales_is_van
        if self.location_id != van:
            return False
        reserved = self.product_uom.compare(self.quantity, self.product_uom_qty) >= 0
        return reserved or bool(self._get_open_loads())

    def _take_to_store(self, van):
        """Let this part be taken from the store, whatever was on its way before."""
        self.ensure_one()
        store = self._get_store()
        place = self.location_id
        loads = self._get_open_loads()
        loaded = self.move_orig_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.location_dest_id == place
                # What the store received is in its place already.
                and place != store
            )
        )
        at_place = self.quantity
        self._do_unreserve()
        upstream = self.move_orig_ids - loads - loaded
        method = self.procure_method
        if loads:
            upstream = loads.move_orig_ids
            method = loads[:1].procure_method
            loads.write({"move_dest_ids": [Command.clear()]})
        elif place != store:
            method = "make_to_stock"
            upstream = upstream.browse()
        self.write(
            {
                "location_id": store.id,
                "procure_method": method,
                "move_orig_ids": [Command.set(upstream.ids)],
                "picking_id": False,
            }
        )
        if loads:
            loads.write({"move_orig_ids": [Command.clear()]})
            loads.propagate_cancel = False
            loads._action_cancel()
        if loaded and at_place:
            back = loaded._start_return(at_place, self.product_uom)
            self._wait_for(back)
        self._undo_return(van)

    def _wait_for(self, moves):
        self.write(
            {
                "procure_method": "make_to_order",
                "move_orig_ids": [Command.set(moves.ids)],
            }
        )

    def _undo_return(self, van):
        """If it was to come back from this very van, it stays there."""
        back = self.move_orig_ids.filtered(
            lambda move: (
                move.origin_returned_move_id
                and move.state not in ("done", "cancel")
                and van
                and move.location_id == van
            )
        )
        if not back:
            return
        loaded = back.origin_returned_move_id
        self.write({"move_orig_ids": [Command.clear()]})
        back.propagate_cancel = False
        back._action_cancel()
        self.write(
            {
                "location_id": van.id,
                "procure_method": "make_to_order",
                "move_orig_ids": [Command.set(loaded.ids)],
            }
        )

    def _start_return(self, quantity, uom):
        """Make the transfers that bring back what these done moves brought.

        :return: the return moves, to be done by the storekeeper
        """
        back = self.browse()
        for move, unreturned in reversed(self._get_unreturned().items()):
            wanted = uom._compute_quantity(
                quantity, move.product_uom, rounding_method="HALF-UP"
            )
            coming = sum(
                other.product_uom_qty
                for other in move.returned_move_ids
                if other.state not in ("done", "cancel")
            )
            take = min(wanted, unreturned - coming)
            if move.product_uom.compare(take, 0) <= 0:
                continue
            wizard = self.env["stock.return.picking"].create(
                {"picking_id": move.picking_id.id}
            )
            for return_line in wizard.product_return_moves:
                return_line.quantity = take if return_line.move_id == move else 0.0
            back |= wizard._create_return().move_ids
            quantity -= move.product_uom._compute_quantity(
                take, uom, rounding_method="HALF-UP"
            )
        # It says where it came from, and is of no visit any more.
        back.aftersales_visit_id = False
        return back

    def _load_into(self, van):
        """Take this part from ``van``: what is free there, the rest by loading it.

        :return: moves that were split off
        """
        self.ensure_one()
        if not van or self.location_id == van:
            return self.browse()
        pieces = self.browse()
        if not self.product_id.is_storable:
            # Nobody counts these: nothing to load, nothing to run out of.
            self._do_unreserve()
            self.write({"location_id": van.id, "picking_id": False})
            return pieces
        if not self.move_orig_ids and self.procure_method == "make_to_stock":
            free = self.product_id.uom_id._compute_quantity(
                self.env["stock.quant"]._get_available_quantity(self.product_id, van),
                self.product_uom,
                rounding_method="DOWN",
            )
            if self.product_uom.compare(free, 0) > 0:
                if self.product_uom.compare(free, self.product_uom_qty) < 0:
                    self._do_unreserve()
                    pieces = self._split_for_van(self.product_uom_qty - free)
                    pieces.picking_id = False
                self._do_unreserve()
                self.write({"location_id": van.id, "picking_id": False})
                # Reserved at once: the next part must not count on it.
                self._action_assign()
                for piece in pieces:
                    pieces |= piece._load_into(van)
                return pieces
        self._insert_load(van)
        return pieces

    def _insert_load(self, van):
        """Put a move from the store to ``van`` before this one."""
        self.ensure_one()
        self._do_unreserve()
        (values,) = self.copy_data(
            {
                "location_id": self.location_id.id,
                "location_dest_id": van.id,
                "location_final_id": van.id,
                "picking_id": False,
                "picking_type_id": self._get_van_type().id,
                "rule_id": False,
                "procure_method": self.procure_method,
                "move_orig_ids": [Command.set(self.move_orig_ids.ids)],
                "move_dest_ids": [Command.set(self.ids)],
                "propagate_cancel": False,
                "date_deadline": self.date,
                "aftersales_visit_id": self.aftersales_visit_id.id,
            }
        )
        self.write({"move_orig_ids": [Command.clear()], "picking_id": False})
        load = self.create(values)
        self.write({"location_id": van.id, "procure_method": "make_to_order"})
        load._action_confirm(merge=False, create_proc=False)
        return load

    def _get_van_type(self):
        return self.job_line_id.order_id.warehouse_id.aftersales_van_type_id

    def _regroup(self):
        """Put open moves on the transfers they belong to now."""
        groups = defaultdict(self.browse)
        for move in self:
            if move.state not in ("done", "cancel"):
                groups[move.location_id] |= move
        for place, moves in groups.items():
            moves.write({"picking_id": False, "location_id": place.id})
            moves._assign_picking()
            for move in moves:
                move.move_line_ids.picking_id = move.picking_id
            moves._recompute_state()
