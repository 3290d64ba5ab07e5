from odoo import Command, fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """The charge of what was given in advance and not answered, and its way back."""

    _inherit = "aftersales.return.line"

    charge_line_id = fields.Many2one(
        "sale.order.line",
        "Charged With",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    is_charge_refunded = fields.Boolean("Charge Refunded", readonly=True, copy=False)

    def action_charge(self):
        """Sell the new ones to customers who kept the old one.

        On a sales order at the price of the first sale; their cost leaves the payer
        and becomes cost of sales. What comes back later is refunded. Repeated, it
        charges nothing twice.

        :raises UserError: if the new one was not sent, or the old one is here
        """
        self.return_id._check_decides()
        lines = self._lock()
        for line in lines.filtered(lambda line: not line.charge_line_id):
            line._check_chargeable()
            line._charge()
        return True

    def _check_chargeable(self):
        self.ensure_one()
        if not self.date_deadline or self.state != "expected" or not self._get_sent():
            raise UserError(
                self.env._(
                    "%(line)s: only a replacement that was sent, and whose old one is "
                    "not here, is charged.",
                    line=self.display_name,
                )
            )
        if self.date_deadline >= fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%(line)s: the customer has until %(date)s to send the old one.",
                    line=self.display_name,
                    date=fields.Date.to_string(self.date_deadline),
                )
            )

    def _charge(self):
        self.ensure_one()
        sent = self._get_sent()
        order = self.env["sale.order"].create(self._prepare_charge_values(sent))
        # They are with the customer: nothing is to be delivered.
        order.with_context(skip_procurement=True).action_confirm()
        self.charge_line_id = order.order_line
        self._move_charged(sent)
        self._take_guarantees_back()
        self._register_sold(sent)
        invoice = order._create_invoices()
        if self.company_id.aftersales_invoice_posting == "post":
            invoice.action_post()
        self.return_id.message_post(
            body=self.env._(
                "%(line)s was not sent back by %(date)s and is charged: %(order)s.",
                line=self.display_name,
                date=fields.Date.to_string(self.date_deadline),
                order=order.name,
            )
        )

    def _prepare_charge_values(self, sent):
        """Return the sales order: the price of the first sale, else today's."""
        self.ensure_one()
        sold = self.sale_line_id
        product = sent.product_id[:1]
        line = {
            "product_id": product.id,
            "product_uom_qty": self._get_quantity_given(product),
            "product_uom_id": product.uom_id.id,
        }
        values = {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "warehouse_id": self.return_id.warehouse_id.id,
            "origin": self.return_id.name,
        }
        if sold.order_id.pricelist_id:
            values["pricelist_id"] = sold.order_id.pricelist_id.id
        if sold and sold.product_id == product:
            line |= {
                "price_unit": sold.product_uom_id._compute_price(
                    sold.price_unit, product.uom_id
                ),
                "discount": sold.discount,
                "tax_ids": [Command.set(sold.tax_ids.ids)],
            }
            values |= {
                "partner_invoice_id": sold.order_id.partner_invoice_id.id,
                "currency_id": sold.currency_id.id,
                "fiscal_position_id": sold.order_id.fiscal_position_id.id,
            }
        return {**values, "order_line": [Command.create(line)]}

    def _get_quantity_given(self, product):
        """Return how many new ones stand for these goods, in the product's unit."""
        self.ensure_one()
        unit = product.uom_id
        if self.product_uom_id._has_common_reference(unit):
            return self.product_uom_id._compute_quantity(self.quantity, unit)
        return self.quantity

    def _split_sent(self, sent):
        """Return ``[(move, lot, quantity)]`` of as many as these goods stand for."""
        left = self._get_quantity_given(sent.product_id[:1])
        taken = (self.advance_line_id or self)._get_split_lines() - self
        skip = sum(
            line._get_quantity_given(sent.product_id[:1])
            for line in taken
            if line.charge_line_id or line.state != "expected"
        )
        parts = []
        for item in sent.move_line_ids:
            quantity = item.quantity_product_uom
            passed = min(skip, quantity)
            skip -= passed
            quantity = min(quantity - passed, left)
            if item.product_id.uom_id.compare(quantity, 0) > 0:
                parts.append((item.move_id, item.lot_id, quantity))
                left -= quantity
        return parts

    def _get_split_lines(self):
        return self | self.search([("advance_line_id", "in", self.ids)])

    def _move_charged(self, sent):
        """Let what went at the payer's cost go to the customer instead, on paper."""
        stock = self.return_id.warehouse_id.lot_stock_id
        customers = self.return_id._get_customer_location()
        values_list = []
        for move, lot, quantity in self._split_sent(sent):
            common = {
                "product_id": move.product_id.id,
                "product_uom": move.product_id.uom_id.id,
                "lot_ids": lot,
            }
            values_list += [
                {
                    **self._prepare_move_values(
                        "new", move.location_dest_id, stock, quantity
                    ),
                    **common,
                    "origin_returned_move_id": move.id,
                },
                {
                    **self._prepare_move_values("new", stock, customers, quantity),
                    **common,
                    "sale_line_id": self.charge_line_id.id,
                },
            ]
        return self._transfer_now(values_list)

    def _register_sold(self, sent):
        """The new serial is sold now: it gets the guarantees of a delivery."""
        if not self.new_asset_id:
            return
        sold = self._get_moves("new").filtered(
            lambda move: move.sale_line_id == self.charge_line_id
        )
        self.env["aftersales.warranty.registration"].sudo()._register_deliveries(
            sold.move_line_ids
        )

    # It came all the same

    def _become_ours(self):
        late = self.filtered(
            lambda line: line.charge_line_id and not line.is_charge_refunded
        )
        for line in late:
            line._refund_charge()
        # What was given before they came: the old ones are here only now.
        self.filtered(lambda line: line.remedy == "exchange")._take_back_for_payer()
        return super()._become_ours()

    def _refund_charge(self):
        """Give back what these goods were charged, and its cost to the payer.

        Of goods in several parcels each has its share: what does not come stays sold.
        """
        self.ensure_one()
        parts = self._split_charged()
        self.is_charge_refunded = True
        stock = self.return_id.warehouse_id.lot_stock_id
        values_list = []
        for move, quantity in parts:
            common = {
                "product_id": move.product_id.id,
                "product_uom": move.product_id.uom_id.id,
                "lot_ids": move.move_line_ids.lot_id,
            }
            values_list += [
                {
                    **self._prepare_move_values(
                        "new", move.location_dest_id, stock, quantity
                    ),
                    **common,
                    "origin_returned_move_id": move.id,
                    "sale_line_id": self.charge_line_id.id,
                    "to_refund": True,
                },
                {
                    **self._prepare_move_values(
                        "new", stock, self.payer_id.location_id, quantity
                    ),
                    **common,
                },
            ]
        self._transfer_now(values_list)
        if self.new_asset_id:
            self._hand_guarantees_on()
        self._take_off_drafts()
        self._credit_charge()

    def _split_charged(self):
        """Return ``[(move that sold it, quantity)]`` of as many as these goods are.

        What came back with other parcels is left out.
        """
        self.ensure_one()
        moves = (
            self.charge_line_id.sudo()
            .move_ids.filtered(
                lambda move: (
                    move.aftersales_return_direction == "new" and move.state == "done"
                )
            )
            .sorted("id")
        )
        back = moves.filtered("origin_returned_move_id")
        left = self._get_quantity_given(self.charge_line_id.product_id)
        parts = []
        for move in moves - back:
            returned = back.filtered(
                lambda other, move=move: other.origin_returned_move_id == move
            )
            quantity = min(move.quantity - sum(returned.mapped("quantity")), left)
            if move.product_uom.compare(quantity, 0) > 0:
                parts.append((move, quantity))
                left -= quantity
        return parts

    def _take_off_drafts(self):
        """Let what was charged and not billed yet not be billed any more."""
        self.ensure_one()
        sold = self.charge_line_id.sudo()
        share = left = self._get_quantity_given(sold.product_id)
        items = sold.invoice_lines.filtered(
            lambda item: item.move_type == "out_invoice"
        )
        for item in items.filtered(lambda item: item.parent_state == "draft"):
            taken = min(item.quantity, left)
            left -= taken
            if item.product_uom_id.compare(item.quantity, taken) > 0:
                item.quantity -= taken
            else:
                item.move_id.button_cancel()
        to_credit = self._get_charge_to_credit()
        kept = self._get_quantity_kept()
        if not to_credit and sold.product_uom_id.is_zero(kept):
            # Never billed: nothing is left to bill either.
            sold.order_id._action_cancel()
        elif sold.product_id.invoice_policy == "order":
            # By delivery, what came back counts as not delivered already.
            credited = sum(quantity for _item, quantity in to_credit)
            sold.aftersales_qty_unbilled += max(share - credited, 0.0)

    def _get_quantity_kept(self):
        """Return how many of those that were charged the customer has not answered."""
        self.ensure_one()
        sold = self.charge_line_id.sudo()
        back = self.search(
            [("charge_line_id", "=", sold.id), ("is_charge_refunded", "=", True)]
        )
        given = sum(line._get_quantity_given(sold.product_id) for line in back)
        return max(sold.product_uom_qty - given, 0.0)

    def _credit_charge(self):
        """Make the credit notes of the charge that are missing."""
        self.ensure_one()
        refunds = (
            self.env["account.move"]
            .sudo()
            .create(
                [
                    self._prepare_charge_refund_values(item, quantity)
                    for item, quantity in self._get_charge_to_credit()
                ]
            )
        )
        if self.company_id.aftersales_invoice_posting == "post":
            refunds.action_post()
        return refunds

    def _get_charge_to_credit(self):
        """Return ``[(invoice line of the charge, quantity)]`` left to credit for these.

        What other parcels answer, or none does, is left out.
        """
        self.ensure_one()
        sold = self.charge_line_id.sudo()
        items = sold.invoice_lines.filtered(
            lambda item: (
                item.move_type == "out_invoice" and item.parent_state == "posted"
            )
        )
        available = {item: item._get_creditable_quantity() for item in items}
        credits = self.refund_line_ids.filtered(
            lambda item: (
                item.move_type == "out_refund"
                and item.parent_state != "cancel"
                and sold in item.sale_line_ids
            )
        )
        left = min(
            self._get_quantity_given(sold.product_id)
            - credits._sum_quantity(sold.product_uom_id),
            sum(available.values()) - self._get_quantity_kept(),
        )
        parts = []
        for item, quantity in available.items():
            quantity = min(quantity, left)
            if item.product_uom_id.compare(quantity, 0) > 0:
                parts.append((item, quantity))
                left -= quantity
        return parts

    def _unsettle(self):
        """The charge's credit note was cancelled: it is made anew, nothing else."""
        charged = self.filtered("is_charge_refunded")
        charged._await_refund()
        for rma in charged.return_id:
            rma._ask_to_call(
                self.env._("The credit note of what was charged was cancelled.")
            )
        return super(AftersalesReturnLine, self - charged)._unsettle()

    def _get_pending(self):
        pending = super()._get_pending()
        if self.is_charge_refunded and self._get_charge_to_credit():
            order = self.charge_line_id.sudo().order_id
            pending.append(self.env._("refund of %(order)s", order=order.name))
        return pending

    def action_refund_charge(self):
        """Make the credit note of a charge anew that was cancelled."""
        self.return_id._check_decides()
        for line in self._lock().filtered("is_charge_refunded"):
            line._credit_charge()
        return True

    def _prepare_charge_refund_values(self, item, quantity):
        """Return the credit note of a charge: in full, nothing is kept back."""
        values = self._prepare_credit_note_values(item.move_id, [])
        return {
            **values,
            "invoice_origin": self.return_id.name,
            "ref": self.env._(
                "%(number)s came back, of %(invoice)s",
                number=self.return_id.name,
                invoice=item.move_id.name,
            ),
            "invoice_line_ids": [
                Command.create(self._prepare_refund_line_values(item, quantity))
            ],
        }
