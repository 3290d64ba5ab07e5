from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column


class AftersalesSupplierTrip(models.Model):
    """The supplier keeps it and credits it: a purchase return, and his refund."""

    _inherit = "aftersales.supplier.trip"

    refund_line_ids = fields.One2many(
        "account.move.line", "aftersales_trip_id", "Credit Lines"
    )
    refund_ids = fields.Many2many(
        "account.move", compute="_compute_refund_ids", compute_sudo=True
    )

    def _compute_refund_ids(self):
        for trip in self:
            trip.refund_ids = trip.refund_line_ids.move_id

    def action_credit(self, reference=None):
        """Record that the supplier keeps the goods and credits them.

        They leave as Odoo's own return of their purchase, so that the order counts
        them as not received. Its refund is a draft for the accountant: of what was
        billed, at the price of the bill.

        :param str reference: the number of the supplier's credit note
        :raises UserError: for goods that are the customer's, or whose receipt has
            gone back already
        """
        self.return_id._check_decides()
        trips = self._lock()
        todo = trips.filtered(lambda trip: trip.state != "credited")
        todo._check_transition("credited")
        todo._check_no_difference()
        for trip in todo:
            trip._check_creditable()
        todo._check_receipts()
        moves = {trip: trip._return_to_supplier() for trip in todo}
        todo._end("credited")
        todo._create_refunds(moves, reference)
        for trip in todo:
            trip.line_id._claim_from_supplier()
        lines = todo.line_id
        lines.filtered(lambda line: line.state != "settled")._set_state("settled")
        lines._finish()
        return True

    def _check_creditable(self):
        self.ensure_one()
        if not self.is_ours:
            raise UserError(
                self.env._(
                    "%(trip)s: %(goods)s belongs to %(customer)s. Record that it is "
                    "back, refund or exchange it, and send it again as ours.",
                    trip=self.display_name,
                    goods=self.line_id.display_name,
                    customer=self.customer_id.display_name,
                )
            )
        if self.line_id.state in ("received", "tested") and self.line_id.remedy not in (
            "none",
            False,
        ):
            raise UserError(
                self.env._(
                    "%(goods)s: the customer has not got “%(remedy)s” yet. Settle that "
                    "first, then record the credit.",
                    goods=self.line_id.display_name,
                    remedy=self.line_id.operation_id.name,
                )
            )
        receipt = self.receipt_id.sudo()
        if not receipt:
            raise UserError(
                self.env._(
                    "%(trip)s: choose the receipt it came with, by which the supplier "
                    "credits it.",
                    trip=self.display_name,
                )
            )

    def _check_receipts(self):
        """Refuse to send back more than came with a receipt, all trips together."""
        receipts = self.receipt_id.sudo()
        if not receipts:
            return
        # Of two who credit at once one has to wait, and counts what the other took.
        receipts._lock_receipts()
        left = {receipt: receipt._get_left_to_return() for receipt in receipts}
        for trip in self:
            receipt, unit = trip.receipt_id.sudo(), trip.product_id.uom_id
            wanted = trip.line_id.product_uom_id._compute_quantity(
                trip.line_id.quantity, unit
            )
            if unit.compare(wanted, left[receipt]) > 0:
                raise UserError(
                    self.env._(
                        "%(trip)s: of %(receipt)s, %(left)s %(unit)s can still go back "
                        "to the supplier. Choose another receipt.",
                        trip=trip.display_name,
                        receipt=receipt.reference or receipt.display_name,
                        left=f"{max(left[receipt], 0.0):g}",
                        unit=unit.name,
                    )
                )
            left[receipt] -= wanted

    def _return_to_supplier(self):
        """Make the purchase return, as Odoo's own return of the receipt does."""
        self.ensure_one()
        receipt = self.receipt_id.sudo()
        return self.line_id._transfer_now(
            [
                {
                    **self._prepare_move_values(
                        self.line_id._get_place(), receipt.location_id
                    ),
                    "origin_returned_move_id": receipt.id,
                    "purchase_line_id": receipt.purchase_line_id.id,
                    "to_refund": True,
                }
            ]
        )

    def _create_refunds(self, moves, reference):
        """Make draft refunds of what was billed, one per bill; what was not needs none.

        :param dict moves: ``{trip: purchase return}``
        :return: the refunds
        """
        wanted, left = {}, {}
        for trip, move in moves.items():
            order_line = move.purchase_line_id
            values = trip._prepare_refund_line_values(move)
            if order_line:
                billed = left.setdefault(
                    order_line, order_line.qty_invoiced - order_line.qty_received
                )
                values["quantity"] = min(values["quantity"], max(billed, 0.0))
                left[order_line] -= values["quantity"]
            if move.product_uom.is_zero(values["quantity"]):
                trip.message_post(
                    body=self.env._(
                        "%(order)s is not billed yet: the bill will be for less.",
                        order=order_line.order_id.name,
                    )
                )
                continue
            currency = order_line.currency_id or trip.currency_id
            bill = trip._get_bill(order_line)
            key = trip.company_id, trip.partner_id, bill, currency
            wanted.setdefault(key, []).append((trip, values))
        return self.env["account.move"].create(
            [
                {
                    "move_type": "in_refund",
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "currency_id": currency.id,
                    "invoice_date": fields.Date.context_today(self),
                    "ref": reference or ", ".join(trip.name for trip, _line in parts),
                    "invoice_origin": ", ".join(
                        dict.fromkeys(
                            trip.purchase_id.name or trip.name for trip, _line in parts
                        )
                    ),
                    "reversed_entry_id": bill.id,
                    "invoice_line_ids": [
                        Command.create(values) for _trip, values in parts
                    ],
                }
                for (company, partner, bill, currency), parts in wanted.items()
            ]
        )

    def _get_bill(self, order_line):
        """Return the posted bill that charged it, the last if there are several."""
        bills = order_line.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "in_invoice" and move.state == "posted"
        )
        return bills.sorted("id")[-1:]

    def _prepare_refund_line_values(self, move):
        """Return the line: the price of the bill, else of the order, else the value."""
        self.ensure_one()
        order_line = move.purchase_line_id
        values = {
            "product_id": self.product_id.id,
            "quantity": move.quantity,
            "product_uom_id": move.product_uom.id,
            "aftersales_trip_id": self.id,
        }
        if not order_line:
            return {**values, "price_unit": move.value / move.quantity}
        billed = order_line.invoice_lines.filtered(
            lambda item: (
                item.parent_state == "posted" and item.move_type == "in_invoice"
            )
        ).sorted("id")[-1:]
        source = billed or order_line
        return {
            **order_line._prepare_account_move_line(),
            **values,
            "price_unit": source.price_unit,
            "discount": source.discount,
            "tax_ids": [Command.set(source.tax_ids.ids)],
            "product_uom_id": order_line.product_uom_id.id,
            "quantity": move.product_uom._compute_quantity(
                move.quantity, order_line.product_uom_id
            ),
        }


class StockMove(models.Model):
    _inherit = "stock.move"

    def _lock_receipts(self):
        self.env.cr.execute(
            SQL("UPDATE stock_move SET state = state WHERE id IN %s", tuple(self.ids))
        )

    def _get_left_to_return(self):
        """Return how much of a receipt has not gone back, in the product's unit."""
        self.ensure_one()
        unit = self.product_id.uom_id
        back = self.returned_move_ids.filtered(lambda move: move.state == "done")
        return self.product_uom._compute_quantity(self.quantity, unit) - sum(
            move.product_uom._compute_quantity(move.quantity, unit) for move in back
        )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    aftersales_trip_id = fields.Many2one(
        "aftersales.supplier.trip",
        "At Supplier",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    def _auto_init(self):
        # Of the millions of items there may be already, none is ours to compute.
        if not column_exists(self.env.cr, self._table, "aftersales_trip_id"):
            create_column(self.env.cr, self._table, "aftersales_trip_id", "int4")
        return super()._auto_init()
