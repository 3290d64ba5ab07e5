from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """Refund: a credit note on the posted invoice line that sold the goods."""

    _inherit = "aftersales.return.line"

    refund_line_ids = fields.One2many(
        "account.move.line", "aftersales_return_line_id", "Refund Lines"
    )
    fee_percent = fields.Float(
        "Deduction (%)",
        digits="Discount",
        compute="_compute_fee_percent",
        store=True,
        readonly=False,
        help="Kept back from the refund: the restocking fee, or that of the grade.",
    )
    fee_reason = fields.Char("Deducted For")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", compute_sudo=True
    )
    amount_refunded = fields.Monetary(
        "Refunded", compute="_compute_amount_refunded", compute_sudo=True
    )

    @api.depends("operation_id", "grade_id")
    def _compute_fee_percent(self):
        for line in self:
            fees = (line.operation_id.fee_percent, line.grade_id.fee_percent)
            line.fee_percent = max(fees)

    # No relation may depend on a field of entries or moves: each write of theirs would
    # look for what depends on them, before and after.
    @api.depends("refund_line_ids", "sale_line_id")
    def _compute_currency_id(self):
        for line in self:
            sold = line.refund_line_ids or line.sale_line_id
            line.currency_id = sold.currency_id[:1] or line.company_id.currency_id

    @api.depends("refund_line_ids.parent_state", "refund_line_ids.price_total")
    def _compute_amount_refunded(self):
        for line in self:
            items = line.refund_line_ids.filtered(
                lambda item: item.parent_state != "cancel"
            )
            # A credit note that was reversed is an invoice again.
            signs = {"out_refund": 1, "out_invoice": -1}
            line.amount_refunded = sum(
                item.price_total * signs.get(item.move_type, 0) for item in items
            )

    def _settle_refund(self):
        customers = self.filtered(lambda line: line._is_customers())
        for place, own in customers.grouped(
            lambda line: line.move_id.location_dest_id
        ).items():
            for line in own:
                line._take_over(
                    place, to_refund=True, sale_line_id=line.sale_line_id.id
                )
        self._refund()

    def _refund(self):
        """Make the credit notes, one per invoice, posted if the company says so.

        :return: the credit notes
        """
        by_invoice = self._get_parts_by_invoice()
        # Whoever settles a return need not have a right to Invoicing.
        Move = self.env["account.move"].sudo()
        moves = Move.create(
            [
                self._prepare_credit_note_values(invoice, parts)
                for invoice, parts in by_invoice.items()
            ]
        )
        moves.filtered(
            lambda move: move.company_id.aftersales_invoice_posting == "post"
        ).action_post()
        return moves

    def _get_parts_by_invoice(self):
        """Return ``{invoice: [(return line, invoice line, quantity)]}`` to credit.

        Of several lines of one sale each takes what those before it left.
        """
        by_invoice, taken = {}, {}
        for line in self:
            before = taken.setdefault(line.sale_line_id, [])
            for item, quantity in line._split_over_invoices(before):
                before.append((line, item, quantity))
                by_invoice.setdefault(item.move_id, []).append((line, item, quantity))
        return by_invoice

    def _split_over_invoices(self, before=()):
        """Return ``[(posted invoice line, quantity)]`` that this line is credited on.

        The first invoice first, as far as it is not credited yet.

        :param before: ``[(return line, invoice line, quantity)]`` that is credited with
            this line
        """
        self.ensure_one()
        parts, left = [], self._get_quantity_to_credit(before)
        unit = self.product_uom_id
        for item in self._get_invoice_items():
            taken = sum(part for _line, other, part in before if other == item)
            available = item.product_uom_id._compute_quantity(
                item._get_creditable_quantity() - taken, unit, round=False
            )
            quantity = min(available, left)
            if unit.compare(quantity, 0) <= 0:
                continue
            sold = unit._compute_quantity(quantity, item.product_uom_id, round=False)
            parts.append((item, sold))
            left -= quantity
        return parts

    def _get_quantity_to_credit(self, before=(), drafts=False):
        """Return how much of these goods was billed and is not credited yet.

        What was delivered and not billed comes back first: it needs no credit, for
        it counts as not delivered.

        :param before: ``[(return line, invoice line, quantity)]`` that is credited with
            this line
        :param drafts: as if draft invoices were posted
        """
        self.ensure_one()
        sale_line = self.sale_line_id.sudo()
        billed, credited, returned = self._get_invoiced_quantities(drafts)
        for line, item, quantity in before:
            quantity = item.product_uom_id._compute_quantity(
                quantity, self.product_uom_id, round=False
            )
            credited += quantity
            returned += quantity if line.goods != "stay" else 0.0
        left = min(self.quantity - self._get_quantity_credited(), billed - credited)
        if self.goods != "stay":
            delivered = self._get_quantity_delivered()
            done = self.move_ids.filtered(lambda move: move.state == "done")
            if sale_line not in done.sale_line_id:
                # Still counted as delivered.
                delivered -= self.quantity
            # What he keeps without having paid it is none of what he paid.
            delivered -= self._get_quantity_given_away()
            left = min(left, billed - returned - delivered)
        return max(left, 0.0)

    def _get_invoiced_quantities(self, drafts=False):
        """Return what was billed and credited of the sale, in the unit of this line.

        :param drafts: with what draft invoices bill
        :return: (billed with posted invoices, credited in all, of that by returns of
            goods)
        """
        items = self._get_invoice_items()
        if drafts:
            items |= self._get_invoice_items("draft")
        credits = items._get_credits()
        returns = credits.filtered(
            lambda item: (
                item.aftersales_return_line_id
                and item.aftersales_return_line_id.goods != "stay"
            )
        )
        return tuple(
            lines._sum_quantity(self.product_uom_id)
            for lines in (items, credits, returns)
        )

    def _get_quantity_delivered(self):
        """Return how much of the sale counts as delivered, in the unit of this line.

        The sale knows it in hundredths of its own unit; a piece is none of a dozen.
        """
        self.ensure_one()
        sold, unit = self.sale_line_id.sudo(), self.product_uom_id
        if sold and sold.product_uom_id != unit:
            counted = exact = 0.0
            gone, back = sold._get_outgoing_incoming_moves()
            for sign, moves in ((1, gone), (-1, back)):
                for move in moves.filtered(lambda move: move.state == "done"):
                    quantity = move.product_uom._compute_quantity(
                        move.quantity, sold.product_uom_id, round=False
                    )
                    counted += sign * sold.product_uom_id.round(quantity)
                    exact += sign * quantity
            # Else it is not counted by its transfers.
            if sold.product_uom_id.compare(counted, sold.qty_delivered) == 0:
                return sold.product_uom_id._compute_quantity(exact, unit, round=False)
        return sold.product_uom_id._compute_quantity(sold.qty_delivered, unit)

    def _get_quantity_credited(self):
        """Return how much of these goods is on credit notes of their own."""
        self.ensure_one()
        credits = self.sudo().refund_line_ids.filtered(
            lambda item: (
                item.product_id
                and item.move_type == "out_refund"
                and item.parent_state != "cancel"
                and self.sale_line_id in item.sale_line_ids
            )
        )
        return credits._sum_quantity(self.product_uom_id)

    def _get_invoice_items(self, state="posted"):
        """Return the invoice lines of that state that bill the goods, oldest first."""
        self.ensure_one()
        return (
            self.sale_line_id.sudo()
            .invoice_lines.filtered(
                lambda item: (
                    item.move_type == "out_invoice"
                    and item.parent_state == state
                    and item.product_id == self.product_id
                    and item.quantity > 0
                )
            )
            .sorted(lambda item: (item.date, item.id))
        )

    @api.model
    def _prepare_credit_note_values(self, invoice, parts):
        """Return the values of one credit note.

        :param parts: ``[(return line, invoice line, quantity)]``
        """
        returns = self.browse().concat(*[line for line, _item, _quantity in parts])
        lines = []
        for line, item, quantity in parts:
            lines.append(line._prepare_refund_line_values(item, quantity))
            if line.fee_percent and line.remedy in ("refund", "other"):
                lines.append(line._prepare_fee_line_values(item, quantity))
        return {
            "move_type": "out_refund",
            "company_id": invoice.company_id.id,
            "reversed_entry_id": invoice.id,
            "partner_id": invoice.partner_id.id,
            "partner_shipping_id": invoice.partner_shipping_id.id,
            "journal_id": invoice.journal_id.id,
            "currency_id": invoice.currency_id.id,
            "fiscal_position_id": invoice.fiscal_position_id.id,
            "invoice_payment_term_id": False,
            "invoice_cash_rounding_id": invoice.invoice_cash_rounding_id.id,
            "invoice_origin": ", ".join(returns.return_id.mapped("name")),
            "ref": self.env._(
                "%(returns)s, of %(invoice)s",
                returns=", ".join(returns.return_id.mapped("name")),
                invoice=invoice.name,
            ),
            "invoice_line_ids": [Command.create(values) for values in lines],
        }

    def _prepare_refund_line_values(self, item, quantity):
        """Return the line of the invoice, for ``quantity``, as it was sold."""
        self.ensure_one()
        return {
            "aftersales_return_line_id": self.id,
            "product_id": item.product_id.id,
            "name": item.name,
            **self._prepare_quantity_values(item, quantity),
            "discount": item.discount,
            "tax_ids": [Command.set(item.tax_ids.ids)],
            "account_id": item.account_id.id,
            "sale_line_ids": [Command.set(item.sale_line_ids.ids)],
            "analytic_distribution": item.analytic_distribution,
            "aftersales_order_id": item.aftersales_order_id.id,
        }

    def _prepare_quantity_values(self, item, quantity):
        """Return how much is credited, in which unit at which price.

        In the unit of the invoice, if it can say so: a piece of a dozen is credited as
        a piece.
        """
        sold, unit = item.product_uom_id, self.product_uom_id
        if sold != unit and item.product_id == self.product_id:
            own = unit.round(sold._compute_quantity(quantity, unit, round=False))
            told = sold._compute_quantity(sold.round(quantity), unit, round=False)
            if unit.compare(told, own):
                return {
                    "quantity": own,
                    "product_uom_id": unit.id,
                    "price_unit": sold._compute_price(item.price_unit, unit),
                }
        return {
            "quantity": sold.round(quantity),
            "product_uom_id": sold.id,
            "price_unit": item.price_unit,
        }

    def _prepare_fee_line_values(self, item, quantity):
        """Return what is kept back, with the taxes of the sale."""
        self.ensure_one()
        account = self.company_id.aftersales_restocking_account_id or item.account_id
        values = self._prepare_quantity_values(item, quantity)
        return {
            **values,
            "aftersales_return_line_id": self.id,
            "name": self.fee_reason
            or self.env._(
                "Restocking fee %(percent)s %%", percent=f"{self.fee_percent:g}"
            ),
            "quantity": -values["quantity"],
            "price_unit": values["price_unit"] * self.fee_percent / 100,
            "discount": item.discount,
            "tax_ids": [Command.set(item.tax_ids.ids)],
            "account_id": account.id,
            "analytic_distribution": item.analytic_distribution,
            "aftersales_order_id": item.aftersales_order_id.id,
        }

    def _await_refund(self):
        """A credit note was reset: its goods, done before, wait for it again."""
        done = self.filtered(lambda line: line.state == "done")
        done._set_state("settled")
        closed = done.return_id.filtered(lambda rma: rma.state == "done")
        closed._set_state("open", date_done=False)

    def _unsettle(self):
        """A credit note was cancelled or deleted: settle its goods once more."""
        self._await_refund()
        lines = self.filtered(lambda line: line.state == "settled")
        lines.date_given = False
        staying = lines.filtered(lambda line: line.goods == "stay")
        staying._set_state("expected")
        tested = (lines - staying).filtered("date_tested")
        tested._set_state("tested")
        (lines - staying - tested)._set_state("received")
        lines._keep_unbilled()

    def _get_pending(self):
        pending = super()._get_pending()
        drafts = self.refund_line_ids.move_id.filtered(
            lambda move: move.state == "draft"
        )
        return (
            pending
            + [
                self.env._(
                    "the draft credit note on %(invoice)s",
                    invoice=move.reversed_entry_id.name or move.ref,
                )
                for move in drafts
            ]
            + ([self.env._("credit note missing")] if self._misses_credit() else [])
        )

    def _misses_credit(self):
        """Whether the goods were settled with a credit note that is no more."""
        self.ensure_one()
        return (
            self.remedy in ("refund", "other")
            and self.state == "settled"
            and not self._get_quantity_credited()
            and self.product_uom_id.compare(self._get_quantity_to_credit(), 0) > 0
        )

    def _check_ready(self):
        result = super()._check_ready()
        for line in self.filtered(lambda line: line.remedy == "refund"):
            billed, credited, _returned = line._get_invoiced_quantities()
            delivered = line._get_quantity_delivered()
            unbilled = max(delivered - billed, 0.0) if line.goods != "stay" else 0.0
            left = max(billed - credited, 0.0) + unbilled
            if billed and line.product_uom_id.compare(left, line.quantity) < 0:
                invoices = line._get_invoice_items().move_id
                raise UserError(
                    self.env._(
                        "%(line)s: %(invoices)s are credited already, except for "
                        "%(left)s %(unit)s. Choose another operation for the rest.",
                        line=line.display_name,
                        invoices=", ".join(invoices.mapped("name")),
                        left=f"{left:g}",
                        unit=line.product_uom_id.name,
                    )
                )
        return result
