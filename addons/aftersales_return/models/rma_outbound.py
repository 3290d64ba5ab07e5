from odoo import fields, models
from odoo.exceptions import UserError

OUTBOUND = ("out", "new")


class AftersalesReturnLine(models.Model):
    """Before a parcel leaves, the outbound list is compared with the inbound note.

    All that came has to be handled: sent back, taken back by us, or agreed with the
    customer. What is left over stops the transfer.
    """

    _inherit = "aftersales.return.line"

    agreement = fields.Selection(
        [
            ("later", "Follows later"),
            ("keep", "Stays here"),
            ("scrap", "May be scrapped"),
        ],
        "Agreed",
        readonly=True,
        copy=False,
        help="What the customer agreed to about goods that do not go back to him now.",
    )
    agreement_name = fields.Char("Agreed With", readonly=True, copy=False)
    agreement_note = fields.Char("Agreement", readonly=True, copy=False)
    agreement_user_id = fields.Many2one(
        "res.users", "Agreed By", readonly=True, copy=False
    )
    date_agreed = fields.Datetime("Agreed On", readonly=True, copy=False)

    def action_agree(self, agreement=None, name=None, note=None):
        """Record what was agreed with the customer about goods that stay here.

        :param str agreement: ``later`` they follow in another parcel, ``keep`` they
            stay here, ``scrap`` they may be scrapped
        :param str name: who agreed; required
        :param str note: what was said
        """
        lines = self._lock()
        choices = dict(self._fields["agreement"]._description_selection(self.env))
        if agreement not in choices or not (name or "").strip():
            raise UserError(
                self.env._(
                    "%(lines)s: say what was agreed, and with whom.",
                    lines=", ".join(lines.mapped("display_name")),
                )
            )
        lines._check_arrived()
        lines.write(
            {
                "agreement": agreement,
                "agreement_name": name.strip(),
                "agreement_note": note,
                "agreement_user_id": self.env.uid,
                "date_agreed": fields.Datetime.now(),
            }
        )
        for line in lines:
            line.return_id.message_post(
                body=self.env._(
                    "%(goods)s: “%(agreement)s”, agreed with %(name)s. %(note)s",
                    goods=line._describe(line.quantity, line.serial),
                    agreement=choices[agreement],
                    name=name,
                    note=note or "",
                )
            )
        return True

    def _check_arrived(self):
        absent = self.filtered(lambda line: line.state in ("draft", "expected"))
        if absent:
            raise UserError(
                self.env._(
                    "%(lines)s is not here yet: there is nothing to agree about.",
                    lines=", ".join(absent.mapped("display_name")),
                )
            )

    def _get_left_over(self, leaving=None):
        """Return ``{line: quantity}`` of what came and nobody has dealt with.

        :param leaving: ``{line: quantity}`` that leaves just now, in the lines' units
        """
        leaving = leaving or {}
        left = {}
        for line in self:
            rest = line._get_quantity_left() - leaving.get(line, 0.0)
            if line.product_uom_id.compare(rest, 0) > 0:
                left[line] = rest
        return left

    def _get_quantity_left(self):
        """Return how much of what came is neither sent back nor decided about."""
        self.ensure_one()
        if self.agreement or self.state in ("draft", "expected", "lost", "cancel"):
            return 0.0
        if self._get_goods() != "back":
            # Taken back by us once it is settled: put away, scrapped, at the supplier.
            return 0.0 if self.state in ("settled", "done") else self.quantity_received
        sent = self._get_moves("out").filtered(lambda move: move.state == "done")
        return self.quantity_received - sum(
            move.product_uom._compute_quantity(move.quantity, self.product_uom_id)
            for move in sent
        )

    def _get_handling(self):
        """Return in words what became of these goods, for the packing list."""
        self.ensure_one()
        labels = dict(self._fields["agreement"]._description_selection(self.env))
        if self.agreement:
            return self.env._(
                "%(agreement)s, agreed with %(name)s",
                agreement=labels[self.agreement],
                name=self.agreement_name,
            )
        goods = self._get_goods()
        if goods == "back":
            return self.env._("Sent back")
        if self.state not in ("settled", "done"):
            return self.env._("Open")
        return dict(self._fields["goods"]._description_selection(self.env)).get(goods)

    def _check_settleable(self):
        """Nobody scraps for nothing what is the customer's without his word."""
        result = super()._check_settleable()
        bare = self.filtered(
            lambda line: (
                line.remedy == "none"
                and line._get_goods() == "scrap"
                and line.agreement != "scrap"
                and line._is_customers()
            )
        )
        if bare:
            raise UserError(
                self.env._(
                    "%(lines)s belongs to the customer. Record that it may be "
                    "scrapped, and who agreed.",
                    lines=", ".join(bare.mapped("display_name")),
                )
            )
        return result


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _check_outbound(self, moves):
        """Refuse to send what can't be delivered, or leaves something behind."""
        for picking, own in moves.grouped("picking_id").items():
            parcel = picking.aftersales_shipment_id
            parcel._check_consignee()
            leaving = own._get_leaving()
            returns = own.aftersales_return_line_id.return_id
            left = returns.line_ids._get_left_over(leaving)
            if left:
                raise UserError(
                    self.env._(
                        "%(transfer)s does not match what came with %(returns)s. Left "
                        "over: %(goods)s. Send it along, or record on the return what "
                        "was agreed about it.",
                        transfer=picking.name,
                        returns=", ".join(returns.mapped("name")),
                        goods="; ".join(
                            f"{line._describe(quantity, line.serial)} "
                            f"({line._get_state_label(line.state)})"
                            for line, quantity in left.items()
                        ),
                    )
                )

    def _get_inbound_rows(self):
        """Return ``[(line, how it was handled, what is left)]`` of what came."""
        self.ensure_one()
        lines = self.move_ids.aftersales_return_line_id.return_id.line_ids.filtered(
            lambda line: line.state not in ("draft", "expected", "lost", "cancel")
        )
        planned = {}
        if self.state != "done":
            planned = self.move_ids.filtered(
                lambda move: move.state != "cancel"
            )._get_leaving(planned=True)
        left = lines._get_left_over(planned)
        return [(line, line._get_handling(), left.get(line, 0.0)) for line in lines]


class StockMove(models.Model):
    _inherit = "stock.move"

    def _key_assign_picking(self):
        # Each return has transfers of its own: its papers and its parcel are.
        keys = super()._key_assign_picking()
        rma = self.aftersales_return_line_id.return_id
        return keys + (rma,) if rma else keys

    def _search_picking_for_assignation_domain(self):
        domain = super()._search_picking_for_assignation_domain()
        if rma := self.aftersales_return_line_id.return_id:
            domain.append(("aftersales_return_id", "=", rma.id))
        return domain

    def _get_leaving(self, planned=False):
        """Return ``{return line: quantity}`` of what goes back to the customer."""
        leaving = {}
        for move in self.filtered(
            lambda move: move.aftersales_return_direction == "out"
        ):
            line = move.aftersales_return_line_id
            quantity = move.product_uom_qty if planned else move._get_picked_quantity()
            leaving[line] = leaving.get(line, 0.0) + move.product_uom._compute_quantity(
                quantity, line.product_uom_id
            )
        return leaving

    def _get_picked_quantity(self):
        self.ensure_one()
        if not self.picked:
            return 0.0
        return sum(
            item.product_uom_id._compute_quantity(item.quantity, self.product_uom)
            for item in self.move_line_ids
            if item.picked
        )

    def _action_done(self, cancel_backorder=False):
        leaving = self.filtered(
            lambda move: (
                move.aftersales_return_direction in OUTBOUND
                and move.picking_id
                and move.state != "done"
                and move.picked
                and not move.product_uom.is_zero(move.quantity)
            )
        ).sudo()
        if leaving:
            leaving.picking_id._check_outbound(leaving)
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        if leaving:
            leaving.picking_id.aftersales_shipment_id._leave()
        return moves


class AftersalesShipment(models.Model):
    _inherit = "aftersales.shipment"

    def _leave(self):
        """Send at once what has its proof; the rest waits for carrier and waybill."""
        self.filtered(
            lambda parcel: (
                parcel.state == "announced"
                and (
                    parcel.carrier_id and parcel.waybill
                    if parcel.transport == "carrier"
                    else parcel.receiver
                )
                and all(
                    picking.state in ("done", "cancel")
                    for picking in parcel.picking_ids
                )
            )
        ).action_ship()
