from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesShipment(models.Model):
    """A lost parcel: the file for the claim against the carrier, and its end."""

    _inherit = "aftersales.shipment"

    date_lost = fields.Date("Reported Lost On", readonly=True, copy=False)
    loss_reason = fields.Text("What Happened", copy=False)
    loss_reference = fields.Char("Carrier's Reference", copy=False, tracking=True)
    amount_claimed = fields.Monetary("Claimed", copy=False, tracking=True)
    amount_recovered = fields.Monetary("Recovered", readonly=True, copy=False)
    loss_result = fields.Char("Outcome", readonly=True, copy=False)
    missing_proof = fields.Char(
        "Still Missing",
        compute="_compute_missing_proof",
        help="What a claim against the carrier still lacks.",
    )

    can_send_again = fields.Boolean(compute="_compute_can_send_again")

    @api.depends("waybill", "carrier_id", "date_shipped", "proof_ids", "goods")
    def _compute_missing_proof(self):
        for parcel in self:
            parcel.missing_proof = ", ".join(parcel._get_missing_proof())

    @api.depends("state", "picking_ids")
    def _compute_can_send_again(self):
        for parcel in self:
            parcel.can_send_again = bool(
                parcel.direction == "out" and parcel.sudo()._get_lost_replacements()
            )

    def _get_lost_replacements(self):
        """Return the moves of the replacements that were lost with this parcel."""
        self.ensure_one()
        moves = self.picking_ids.move_ids
        if self.state not in ("lost", "settled"):
            return moves.browse()
        return moves.filtered(
            lambda move: (
                move.aftersales_return_direction == "new" and move.state == "done"
            )
        )

    def _get_missing_proof(self):
        """Return in words what a claim against the carrier still lacks."""
        self.ensure_one()
        missing = []
        if not self.waybill:
            missing.append(self.env._("the waybill number"))
        if not self.carrier_id:
            missing.append(self.env._("the carrier"))
        if not self.date_shipped:
            missing.append(self.env._("the day it was sent"))
        if not self.proof_ids:
            missing.append(self.env._("a copy of the waybill or the packing list"))
        if not self.goods:
            missing.append(self.env._("what was in it"))
        return missing

    def action_lose(self, reason=None, amount=None):
        """Record that the parcels are lost: the claim against the carrier begins.

        What was on its way to us is lost with it and awaited no more. What was on its
        way to the customer is put before whoever is responsible for the return.

        :param str reason: what is known about it; required
        :param float amount: what is claimed, in company currency; without it the
            declared value, else the value of the goods
        """
        todo = self._lock().filtered(lambda parcel: parcel.state != "lost")
        todo._check_transition("lost")
        if todo:
            todo._check_reason(reason)
        for parcel in todo:
            parcel._set_state(
                "lost",
                date_lost=fields.Date.context_today(parcel),
                loss_reason=reason,
                amount_claimed=amount or parcel.insured_value or parcel._get_value(),
            )
            parcel._collect_proof()
            parcel._lose_goods()
        return True

    def _get_value(self):
        """Return what the goods in the parcel were sold for, or cost us."""
        self.ensure_one()
        lines = self._get_lines()
        return sum(line._get_limit_amount() for line in lines)

    def _get_lines(self):
        """Return the goods that travel in this parcel."""
        self.ensure_one()
        moves = self.picking_ids.move_ids
        if moves:
            return moves.aftersales_return_line_id
        if self.trip_id:
            return self.trip_id.line_id
        if self.direction == "in":
            return self.return_id.line_ids.filtered(
                lambda line: line.state == "expected"
            )
        return self.return_id.line_ids.filtered(
            lambda line: line._get_moves("out") | line._get_moves("new")
        )

    def _collect_proof(self):
        """Put what says what was in it, and what it was worth, into the file."""
        self.ensure_one()
        lines = self._get_lines()
        invoices = lines.sale_line_id.invoice_lines.move_id.filtered(
            lambda invoice: invoice.state == "posted"
        )
        # Invoices that were printed are on record already; none is printed for this.
        files = invoices.message_main_attachment_id | invoices.invoice_pdf_report_id
        # Not copied: they stay with those who may read the invoice.
        self.proof_ids |= files
        if self.direction == "out" and self.picking_ids:
            self._keep_proof()

    def _lose_goods(self):
        """See to the goods of lost parcels, by direction."""
        for parcel in self:
            lines = parcel._get_lines()
            if parcel.trip_id:
                parcel._remind_of_loss(parcel.trip_id.return_id.user_id)
            elif parcel.direction == "in":
                lines = lines.filtered(lambda line: line.state == "expected")
                # Before the transfer is cancelled, which would call them off.
                lines._set_state("lost")
                lines._cancel_moves()
                lines.return_id._close_finished()
            else:
                parcel._remind_of_loss(parcel.return_id.user_id)

    def _remind_of_loss(self, user):
        self.ensure_one()
        self.activity_schedule(
            "mail.mail_activity_data_call",
            user_id=(user or self.user_id or self.env.user).id,
            summary=self.env._(
                "%(parcel)s to %(customer)s is lost: agree what is done",
                parcel=self.display_name,
                customer=self.partner_id.name,
            ),
        )

    def _find_goods(self):
        """Await the goods again of parcels that were lost and turned up."""
        for parcel in self.filtered(lambda parcel: parcel.direction == "in"):
            lines = parcel._get_lines().filtered(lambda line: line.state == "lost")
            if not lines:
                continue
            # Their transfer was cancelled: they come with a new one, of this parcel.
            closed = lines.return_id.filtered(lambda rma: rma.state == "done")
            if closed:
                closed.action_reopen()
            lines._check_returnable()
            lines._set_state("expected")
            known = parcel.picking_ids
            lines._create_receipts()
            moves = lines._get_moves("in") & lines._get_open_moves()
            pickings = moves.picking_id - known
            made = pickings.aftersales_shipment_id - parcel
            pickings.aftersales_shipment_id = parcel
            made.unlink()

    def action_send_again(self):
        """Send new goods for replacements that were lost on the way to the customer.

        :return: the parcels of the new transfers
        :raises UserError: if what was lost is the customer's own
        """
        parcels = self._lock()
        again = self.browse()
        for parcel in parcels:
            moves = parcel._get_lost_replacements()
            lines = moves.aftersales_return_line_id
            if not lines:
                raise UserError(
                    self.env._(
                        "%(parcel)s: only replacements that were lost can be sent "
                        "again. For the customer's own goods open an exchange.",
                        parcel=parcel.display_name,
                    )
                )
            pending = lines._get_moves("new").filtered(
                lambda move, moves=moves: (
                    move.state != "cancel" and move.id > max(moves.ids)
                )
            )
            if not pending:
                lines.filtered(lambda line: line.state == "done")._set_state("settled")
                closed = lines.return_id.filtered(lambda rma: rma.state == "done")
                if closed:
                    closed.action_reopen()
                pending = lines._send_replacements()
            again |= pending.picking_id.aftersales_shipment_id
        return again

    def action_open_sent_again(self):
        """Send replacements again and open their parcels."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_return.shipment_action"
        )
        again = self.action_send_again()
        action.update(domain=[("id", "in", again.ids)], context={})
        if len(again) == 1:
            action.update(views=[(False, "form")], res_id=again.id)
        return action

    def action_settle_loss(self, amount=0.0, result=None):
        """End the claim against the carrier.

        :param float amount: what the carrier paid, in company currency
        :param str result: how it ended; required
        """
        todo = self._lock().filtered(lambda parcel: parcel.state != "settled")
        todo._check_transition("settled")
        if todo and not (result or "").strip():
            raise UserError(
                self.env._(
                    "%(parcels)s: say how the claim ended.",
                    parcels=", ".join(todo.mapped("display_name")),
                )
            )
        if amount < 0:
            raise UserError(
                self.env._(
                    "%(parcels)s: what the carrier paid is not below zero.",
                    parcels=", ".join(todo.mapped("display_name")),
                )
            )
        todo._set_state("settled", amount_recovered=amount, loss_result=result)
        return True
