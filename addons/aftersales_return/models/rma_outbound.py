from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

OUTBOUND = ("out", "new")
# What has to be agreed about the customer's own before it is done for nothing.
AGREEMENTS = {"scrap": "scrap", "restock": "keep"}
PROOF_ACTIVITY = "aftersales_return.activity_proof"
# What follows later does so within so many days, if nothing else is said.
DAYS_LATER = 14


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
    agreement_date = fields.Date(
        "Follows By",
        readonly=True,
        copy=False,
        help="After this day the goods stop the next parcel again.",
    )
    agreement_note = fields.Char("Agreement", readonly=True, copy=False)
    agreement_user_id = fields.Many2one(
        "res.users", "Agreed By", readonly=True, copy=False
    )
    date_agreed = fields.Datetime("Agreed On", readonly=True, copy=False)

    def action_agree(self, agreement=None, name=None, note=None, date=None):
        """Record what was agreed with the customer about goods that stay here.

        What follows later does so by a day, of which an activity reminds; after it
        the agreement counts no more.

        :param str agreement: ``later`` they follow in another parcel, ``keep`` they
            stay here, ``scrap`` they may be scrapped
        :param str name: who agreed; required
        :param str note: what was said
        :param date: by when they follow; without it by the days of the operation
        :raises UserError: for a day that is over
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
        for line in lines:
            line.write(
                {
                    "agreement": agreement,
                    "agreement_name": name.strip(),
                    "agreement_note": note,
                    "agreement_date": line._get_agreement_date(agreement, date),
                    "agreement_user_id": self.env.uid,
                    "date_agreed": fields.Datetime.now(),
                }
            )
            line.return_id.message_post(
                body=self.env._(
                    "%(goods)s: “%(agreement)s”, agreed with %(name)s. %(note)s",
                    goods=line._describe(line.quantity, line.serial),
                    agreement=line._get_agreement_text(),
                    name=name,
                    note=note or "",
                )
            )
        lines.return_id._remind_of_later()
        return True

    def _get_agreement_date(self, agreement, date=None):
        """Return by when goods follow that shall follow later."""
        if agreement != "later":
            return False
        today = fields.Date.context_today(self)
        days = max(self.operation_id.mapped("advance_days"), default=0) or DAYS_LATER
        date = fields.Date.to_date(date) or fields.Date.add(today, days=days)
        if date < today:
            raise UserError(
                self.env._(
                    "%(lines)s can't follow by %(date)s: that day is over.",
                    lines=", ".join(self.mapped("display_name")),
                    date=fields.Date.to_string(date),
                )
            )
        return date

    def _get_agreement_text(self):
        """Return what was agreed in words, with the day if there is one."""
        self.ensure_one()
        labels = dict(self._fields["agreement"]._description_selection(self.env))
        if not self.agreement_date:
            return labels[self.agreement]
        return self.env._(
            "Follows by %(date)s", date=format_date(self.env, self.agreement_date)
        )

    def _is_agreed(self):
        """Whether an agreement about these goods holds today."""
        self.ensure_one()
        return bool(self.agreement) and not (
            self.agreement_date
            and self.agreement_date < fields.Date.context_today(self)
        )

    def _finish(self):
        finished = super()._finish()
        if later := finished.filtered("agreement_date"):
            later.return_id._remind_of_later()
        return finished

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
        if self._is_agreed() or self.state in ("draft", "expected", "lost", "cancel"):
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
        if self.agreement:
            return self.env._(
                "%(agreement)s, agreed with %(name)s",
                agreement=self._get_agreement_text(),
                name=self.agreement_name,
            )
        goods = self._get_goods()
        if goods == "back":
            return self.env._("Sent back")
        if self.state not in ("settled", "done"):
            return self.env._("Open")
        return dict(self._fields["goods"]._description_selection(self.env)).get(goods)

    def _check_settleable(self):
        """Nobody keeps for nothing what is the customer's without his word."""
        result = super()._check_settleable()
        for line in self.filtered(lambda line: line.remedy == "none"):
            wanted = AGREEMENTS.get(line._get_goods())
            if wanted and line.agreement != wanted and line._is_customers():
                choices = line._fields["agreement"]._description_selection(self.env)
                raise UserError(
                    self.env._(
                        "%(line)s belongs to the customer. Record “%(agreement)s”, and "
                        "who agreed.",
                        line=line.display_name,
                        agreement=dict(choices)[wanted],
                    )
                )
        return result


class AftersalesReturn(models.Model):
    _inherit = "aftersales.return"

    def _remind_of_later(self):
        """Keep one activity for the day by which goods of the return follow."""
        reminder = "aftersales_return.activity_later"
        for rma in self:
            rma.activity_unlink([reminder])
            lines = rma.line_ids.filtered(
                lambda line: (
                    line.agreement_date and line.state not in ("done", "cancel", "lost")
                )
            )
            if lines:
                rma.activity_schedule(
                    reminder,
                    date_deadline=min(lines.mapped("agreement_date")),
                    user_id=(rma.user_id or self.env.user).id,
                    summary=self.env._(
                        "Send what follows later, or agree with %(customer)s anew: "
                        "%(goods)s",
                        customer=rma.partner_id.display_name,
                        goods=", ".join(lines.mapped("display_name")),
                    ),
                )


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
        """Send at once what has its proof; the rest waits for carrier and waybill.

        The goods are handed to the carrier before he gives the number: the transfer
        does not wait for it, the parcel does, and somebody is told to note it.
        """
        packed = self._get_packed()
        proven = packed.filtered(
            lambda parcel: (
                parcel.carrier_id and parcel.waybill
                if parcel.transport == "carrier"
                else parcel.receiver
            )
        )
        proven.action_ship()
        (packed - proven)._ask_for_proof()

    def _get_packed(self):
        """Return what was handed out, and has no carrier or receiver on record."""
        return self.filtered(
            lambda parcel: (
                parcel.state == "announced"
                and parcel.picking_ids
                and all(
                    picking.state in ("done", "cancel")
                    for picking in parcel.picking_ids
                )
            )
        )

    def _ask_for_proof(self):
        """Have what a lost parcel is traced by written down, until it is."""
        for parcel in self:
            if parcel.activity_search([PROOF_ACTIVITY]):
                continue
            if parcel.transport == "carrier":
                summary = self.env._(
                    "%(parcel)s is packed: write down carrier and waybill, and send it",
                    parcel=parcel.name,
                )
            else:
                summary = self.env._(
                    "%(parcel)s is packed: write down who takes it, and send it",
                    parcel=parcel.name,
                )
            parcel.activity_schedule(
                PROOF_ACTIVITY,
                user_id=(parcel.user_id or self.env.user).id,
                summary=summary,
            )

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        sent = moved.filtered(lambda parcel: parcel.direction == "out")
        if sent and state != "announced":
            sent.activity_unlink([PROOF_ACTIVITY])
        return moved
