from odoo import models
from odoo.exceptions import UserError

from .visit_parts import OVER


class AftersalesJobLine(models.Model):
    """Parts used, and not used, by an engineer on site."""

    _inherit = "aftersales.job.line"

    def _use(self, visit, quantity, lot):
        """Take a part of this line from where the engineer has it.

        :param visit: on which it is used
        :param float quantity: in the unit of the product
        :param lot: ``stock.lot``, or none
        :raises UserError: with the figures, if there is less
        """
        self.ensure_one()
        product = self.product_id
        uom = product.uom_id
        moves = self._get_usable_moves(visit)
        short = quantity - sum(moves.mapped("product_qty"))
        if uom.compare(short, 0) > 0:
            moves |= self._ask_again(visit, short)
        robbed = self.env["stock.move"]
        # What is here already goes first.
        for move in moves.sorted(lambda move: (move.state != "assigned", move.id)):
            take = min(quantity, move.product_qty)
            if uom.compare(take, 0) <= 0:
                break
            if uom.compare(take, move.product_qty) < 0:
                move = move._cut(take)
            robbed |= move._use(lot)
            quantity -= take
        robbed._find_another()

    def _get_usable_moves(self, visit):
        return self._get_issue_moves().filtered(
            lambda move: (
                move.state not in OVER
                and move.aftersales_visit_id in (visit, visit.browse())
            )
        )

    def _ask_again(self, visit, quantity):
        """Ask for more of an approved line, as after a part was taken back.

        :return: the moves that will take it to the customer
        """
        self.ensure_one()
        before = self.move_ids
        self.env["stock.rule"].sudo().run(
            [
                self.env["stock.rule"].Procurement(
                    self.product_id,
                    quantity,
                    self.product_id.uom_id,
                    self._get_parts_location(),
                    self.product_id.display_name,
                    self.order_id.name,
                    self.company_id,
                    {**self._prepare_procurement_values(), "date_planned": visit.start},
                )
            ]
        )
        moves = (self.move_ids - before).filtered(
            lambda move: (
                move.location_dest_usage == "customer" and move.state not in OVER
            )
        )
        moves.aftersales_visit_id = visit
        moves._bring_to(visit._get_van(), visit.start)
        return self._get_usable_moves(visit) - before

    def _unuse(self, visit, quantity):
        """Take back what was used, waits for consent, or is planned, in this turn.

        :param float quantity: in the unit of the product
        """
        self.ensure_one()
        uom = self.product_id.uom_id
        issued = self.product_uom_id._compute_quantity(
            self._get_qty_issued(), uom, rounding_method="HALF-UP"
        )
        waiting = self.env["aftersales.visit.part"].search(
            [
                ("job_line_id", "=", self.id),
                ("state", "=", "waiting"),
                ("kind", "=", "used"),
            ]
        )
        moves = self._get_usable_moves(visit)
        planned = sum(moves.mapped("product_qty"))
        asked = sum(waiting.mapped("quantity")) if self.job_id.can_change else 0.0
        stuck = waiting.filtered(lambda record: record._is_consented())
        planned = max(planned, sum(stuck.mapped("quantity")))
        if uom.compare(quantity, issued + planned + asked) > 0:
            raise UserError(
                self.env._(
                    "%(visit)s: %(used)s %(unit)s of %(product)s were used and "
                    "%(planned)s are planned; %(quantity)s can't be taken back.",
                    visit=visit.name,
                    used=f"{issued + asked:g}",
                    unit=uom.name,
                    product=self.product_id.display_name,
                    planned=f"{planned:g}",
                    quantity=f"{quantity:g}",
                )
            )
        quantity -= self._unuse_issued(min(quantity, issued), visit._get_van())
        quantity -= self._unuse_asked(min(quantity, asked), waiting)
        stuck._take_off(quantity)
        for move in moves.sorted("id", reverse=True):
            take = min(quantity, move.product_qty)
            if uom.compare(take, 0) <= 0:
                break
            if uom.compare(take, move.product_qty) < 0:
                move = move._cut(take)
            move._bring_to(self.env["stock.location"])
            move._action_cancel()
            quantity -= take

    def _unuse_issued(self, quantity, van):
        """Bring parts back; the last used go first.

        :param van: of whoever has them now; without, to where they were taken from
        """
        quantities = {}
        left = quantity
        done = self._get_issue_moves()._get_unreturned()
        for move, there in sorted(
            done.items(), key=lambda item: item[0].id, reverse=True
        ):
            uom = move.product_id.uom_id
            take = min(
                left,
                move.product_uom._compute_quantity(
                    there, uom, rounding_method="HALF-UP"
                ),
            )
            if uom.compare(take, 0) <= 0:
                continue
            quantities[move] = uom._compute_quantity(
                take, move.product_uom, rounding_method="HALF-UP"
            )
            left -= take
        self.env["aftersales.order"]._return_moves(quantities, van)
        return quantity

    def _unuse_asked(self, quantity, waiting):
        """Take parts off work that the customer has not answered about."""
        uom = self.product_id.uom_id
        if uom.compare(quantity, 0) <= 0:
            return 0.0
        waiting._take_off(quantity)
        rest = self.product_uom_qty - uom._compute_quantity(
            quantity, self.product_uom_id, rounding_method="HALF-UP"
        )
        # The records of what was said stay: the line is kept with nothing on it.
        self.product_uom_qty = max(rest, 0.0)
        return quantity


class StockMove(models.Model):
    _inherit = "stock.move"

    def _cut(self, quantity):
        """Return this move over a quantity (of the product); the rest splits off."""
        self.ensure_one()
        self._do_unreserve()
        rest = self._split(self.product_qty - quantity)
        piece = self.create(rest)
        piece._action_confirm(merge=False, create_proc=False)
        self._action_assign()
        piece._action_assign()
        return self

    def _use(self, lot):
        """Issue this open move from where the engineer takes it.

        :param lot: what was used; none for products without numbers
        :return: moves from which it was taken away
        """
        self.ensure_one()
        if not self.product_id.is_storable:
            self._action_assign()
            self._stand_alone()
            self._finish()
            return self.browse()
        place = self.location_id
        need = self.product_qty
        uom = self.product_id.uom_id
        if uom.compare(self._get_takeable(lot), need) < 0:
            self._finish_way(need, lot)
        self._do_unreserve()
        robbed = self.browse()
        taken = self._reserve_lot(need, lot)
        if uom.compare(taken, need) < 0:
            for other in self._get_other_reservations(lot):
                other._do_unreserve()
                robbed |= other
                taken += self._reserve_lot(need - taken, lot)
                if uom.compare(taken, need) >= 0:
                    break
        if uom.compare(taken, need) < 0:
            self._refuse_short(place, need, lot)
        self._recompute_state()
        self._stand_alone()
        self._finish()
        return robbed

    def _get_takeable(self, lot):
        """What this move may take of a lot here: reserved for it, or free."""
        lines = self.move_line_ids.filtered(lambda line: not lot or line.lot_id == lot)
        return sum(lines.mapped("quantity_product_uom")) + self.env[
            "stock.quant"
        ]._get_available_quantity(
            self.product_id, self.location_id, lot_id=lot or None, strict=bool(lot)
        )

    def _reserve_lot(self, quantity, lot):
        return self._update_reserved_quantity(
            quantity, self.location_id, lot_id=lot or None, strict=bool(lot)
        )

    def _get_other_reservations(self, lot):
        """Return moves that are promised what the engineer has just used."""
        domain = [
            ("product_id", "=", self.product_id.id),
            ("location_id", "child_of", self.location_id.id),
            ("state", "in", ("assigned", "partially_available")),
            ("quantity", ">", 0),
            ("move_id", "!=", self.id),
        ]
        if lot:
            domain.append(("lot_id", "=", lot.id))
        lines = self.env["stock.move.line"].search(domain)
        return lines.move_id.sorted(lambda move: (move.date, move.id), reverse=True)

    def _find_another(self):
        """Let moves whose part somebody else used take another one."""
        for visit, moves in self.grouped("aftersales_visit_id").items():
            if visit and visit.state not in OVER:
                moves._bring_to(visit._get_van())
            else:
                moves._action_assign()

    def _finish_way(self, quantity, lot):
        """Do what should have brought this part here: it is here, as it was used.

        The store may be behind with its transfers, and a colleague may have handed
        the part over on the road.
        """
        uom = self.product_id.uom_id
        for load in self.move_orig_ids.filtered(lambda move: move.state not in OVER):
            take = min(quantity, load.product_qty)
            if uom.compare(take, 0) <= 0:
                break
            if load.location_id.usage != "internal":
                continue
            if uom.compare(take, load.product_qty) < 0:
                load = load._cut(take)
            # What a colleague has not brought back was handed over on the road.
            load._finish_way(take, lot)
            load._do_unreserve()
            taken = load._reserve_lot(take, lot)
            load._recompute_state()
            if uom.compare(taken, take) < 0:
                continue
            load._stand_alone()
            load._finish()
            quantity -= take

    def _stand_alone(self):
        """Give this move a transfer of its own: only done transfers are returned."""
        others = self.picking_id.move_ids - self
        if self.picking_id and not others.filtered(lambda move: move.state not in OVER):
            return
        picking = self.env["stock.picking"].create(self._get_new_picking_values())
        self.picking_id = picking
        self.move_line_ids.picking_id = picking

    def _refuse_short(self, place, need, lot):
        visit = self.aftersales_visit_id
        visit._refuse_short(self.product_id, need, lot, place)


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def _check_in_van(self, product, quantity, lot):
        """Refuse parts that are not there, also those not agreed to yet."""
        if not product.is_storable:
            return
        van = self._get_van()
        place = van or self.order_id.warehouse_id.lot_stock_id
        there = self._get_on_hand(product, place, lot)
        there += self._get_coming(product, place, lot)
        waiting = self.env["aftersales.visit.part"]._find_unbooked(
            van,
            [
                ("product_id", "=", product.id),
                ("company_id", "=", self.company_id.id),
                ("job_id.state", "in", ("draft", "proposed")),
                *([("lot_id", "=", lot.id)] if lot else []),
            ],
        )
        there -= sum(waiting.mapped("quantity"))
        if product.uom_id.compare(there, quantity) < 0:
            self._refuse_short(product, quantity, lot, place)

    def _get_on_hand(self, product, place, lot):
        domain = [
            ("product_id", "=", product.id),
            ("location_id", "child_of", place.id),
        ]
        if lot:
            domain.append(("lot_id", "=", lot.id))
        ((total,),) = self.env["stock.quant"]._read_group(domain, [], ["quantity:sum"])
        return total or 0.0

    def _get_coming(self, product, place, lot):
        """What is reserved to be loaded for this visit, or handed over to it."""
        total = 0.0
        for move in self._get_part_moves():
            if move.product_id != product or move.location_id != place:
                continue
            for load in move._get_open_loads():
                source = load
                while back := source.move_orig_ids.filtered(
                    lambda each: (
                        each.state not in OVER and each.location_id.usage == "internal"
                    )
                )[:1]:
                    source = back
                here = min(
                    sum(source.move_line_ids.mapped("quantity_product_uom")),
                    load.product_qty,
                )
                if lot:
                    here = min(
                        here, self._get_on_hand(product, source.location_id, lot)
                    )
                total += here
        return total

    def _refuse_short(self, product, quantity, lot, place):
        there = self._get_on_hand(product, place, lot)
        if lot:
            raise UserError(
                self.env._(
                    "%(product)s %(number)s is not in %(van)s (%(there)s there, "
                    "%(quantity)s used). %(where)s Scan the number again, or have it "
                    "put right by the store.",
                    product=product.display_name,
                    number=lot.name,
                    van=place.display_name,
                    there=f"{there:g}",
                    quantity=f"{quantity:g}",
                    where=lot._get_whereabouts(),
                )
            )
        raise UserError(
            self.env._(
                "%(van)s has %(there)s %(unit)s of %(product)s, and %(quantity)s would "
                "be used. Count the van, or report the part as missing.",
                van=place.display_name,
                there=f"{there:g}",
                unit=product.uom_id.name,
                product=product.display_name,
                quantity=f"{quantity:g}",
            )
        )
