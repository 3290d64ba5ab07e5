from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import column_exists, create_column


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        self._check_not_credited()
        posted = super()._post(soft=soft)
        lines = posted._get_return_lines()
        lines.filtered(lambda line: line.state == "settled")._finish()
        return posted

    def button_draft(self):
        """A credit note that is taken back leaves its goods unsettled."""
        result = super().button_draft()
        self._get_return_lines()._await_refund()
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self._get_return_lines()._unsettle()
        return result

    def _check_not_credited(self):
        """Refuse to post a credit note of a return that was made by hand meanwhile."""
        refunds = self.filtered(lambda move: move.move_type == "out_refund")
        # Whoever posts need not have a right to sales.
        for refund in refunds.sudo():
            invoice = refund.reversed_entry_id
            own = refund.invoice_line_ids.filtered(
                lambda item: item.product_id and item.aftersales_return_line_id
            )
            for product in own.product_id:
                sold = invoice.invoice_line_ids.filtered(
                    lambda item, product=product: item.product_id == product
                )
                credits = sold._get_credits().filtered(
                    lambda item, refund=refund: (
                        item.move_id.reversed_entry_id == refund.reversed_entry_id
                        and (item.parent_state == "posted" or item.move_id == refund)
                    )
                )
                unit = product.uom_id
                if (
                    sold
                    and unit.compare(
                        credits._sum_quantity(unit), sold._sum_quantity(unit)
                    )
                    > 0
                ):
                    raise UserError(
                        self.env._(
                            "%(returns)s: %(invoice)s is credited already. Cancel this "
                            "credit note, or the other one.",
                            returns=refund.invoice_origin,
                            invoice=invoice.name,
                        )
                    )

    def _get_return_lines(self):
        # Whoever posts need not have a right to returns.
        return (
            self.filtered(lambda move: move.move_type == "out_refund")
            .sudo()
            .line_ids.aftersales_return_line_id
        )

    def _stock_account_prepare_realtime_out_lines_vals(self):
        """At standard cost goods come back at the cost of the day they come.

        What that is more or less than the cost that left with them is a change of
        cost price, and goes where the closing of the stock books such changes.
        """
        values_list = super()._stock_account_prepare_realtime_out_lines_vals()
        items = self.env["account.move.line"]
        for values in list(values_list):
            item = items.browse(values.get("cogs_origin_id"))
            change = item._get_cost_change()
            if not change or values["amount_currency"] < 0:
                continue
            stock, variation = item._get_revaluation_accounts()
            values_list += [
                {
                    **values,
                    "account_id": account.id,
                    "amount_currency": amount,
                    # Below zero: Odoo takes no cost of sales from it.
                    "price_unit": -abs(change),
                }
                for account, amount in ((stock, change), (variation, -change))
            ]
        return values_list


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    aftersales_return_line_id = fields.Many2one(
        "aftersales.return.line",
        "Return",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
    )

    def _auto_init(self):
        # Of the millions of items there may be already, none is ours to compute.
        if not column_exists(self.env.cr, self._table, "aftersales_return_line_id"):
            create_column(self.env.cr, self._table, "aftersales_return_line_id", "int4")
        return super()._auto_init()

    @api.ondelete(at_uninstall=False)
    def _unlink_unsettle(self):
        """Goods whose draft credit is deleted, with its note or alone, are unsettled.

        Of what is kept back nothing depends: a fee may be struck off.
        """
        # Here Odoo has read the items, whose link to returns came with them. Whoever
        # deletes need not have a right to returns.
        items = self.sudo().filtered("aftersales_return_line_id")
        items.filtered(
            lambda item: (
                item.product_id
                and item.display_type == "product"
                and item.parent_state == "draft"
                and item.move_type == "out_refund"
            )
        ).aftersales_return_line_id._unsettle()

    def _get_creditable_quantity(self):
        """Return how much of this invoice line is not credited yet, in its unit."""
        self.ensure_one()
        own = self._get_credits().filtered(
            lambda item: item.move_id.reversed_entry_id == self.move_id
        )
        return max(self.quantity - own._sum_quantity(self.product_uom_id), 0.0)

    def _get_credits(self):
        """Return the credits of these invoice lines, of their sales order lines too.

        All that are not cancelled: those of returns, and those made by hand, which
        may not know the sales order line.
        """
        credits = self.sale_line_ids.invoice_lines.filtered(
            lambda item: (
                item.move_type == "out_refund" and item.product_id in self.product_id
            )
        )
        credits |= self.move_id.reversal_move_ids.invoice_line_ids.filtered(
            lambda item: item.product_id in self.product_id and not item.sale_line_ids
        )
        return credits.filtered(lambda item: item.parent_state != "cancel")

    def _sum_quantity(self, unit):
        return sum(
            item.product_uom_id._compute_quantity(item.quantity, unit, round=False)
            for item in self
        )

    # Cost: what left the stock comes back, to the cent

    def _eligible_for_stock_account(self):
        """What stays with the customer brings no cost back.

        What a supplier had sent straight to him does: it is in stock from its receipt.
        """
        # Whoever posts need not have a right to returns.
        line = self.aftersales_return_line_id.sudo()
        if line.move_id.is_dropship and self.product_id.is_storable:
            return line.goods != "stay"
        eligible = super()._eligible_for_stock_account()
        return eligible and not (line and line.goods == "stay")

    def _get_cogs_value(self):
        """The cost that left with the delivery comes back, whatever the cost is now.

        With it comes what the invoice booked more or less than that: the cost had
        changed between delivery and invoice.
        """
        delivery = self._get_returned_delivery()
        if not delivery:
            line = self.aftersales_return_line_id.sudo()
            received = line._get_moves("in").filtered("is_in")
            if line.move_id.is_dropship and received:
                return abs(received._get_price_unit())
            return super()._get_cogs_value()
        return abs(delivery._get_price_unit()) + self._get_cogs_surplus()

    def _get_returned_delivery(self):
        """Return the delivery that this credit takes back, if it is one of a return."""
        self.ensure_one()
        line = self.aftersales_return_line_id.sudo()
        if self.move_type != "out_refund" or not line:
            return line.move_id.browse()
        deliveries = self._get_sold_moves()
        return (line.move_id & deliveries) or deliveries[-1:]

    def _get_cogs_surplus(self):
        """Return what the invoices booked per unit beyond the value of deliveries."""
        sale_lines = self.sale_line_ids.sudo()
        booked = sale_lines.invoice_lines.move_id.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.state == "posted"
                and not move.reversed_entry_id
            )
        ).line_ids.filtered(
            lambda item: (
                item.display_type == "cogs"
                and item.price_unit >= 0
                and item.cogs_origin_id.sale_line_ids & sale_lines
            )
        )
        quantity = booked._sum_quantity(self.product_id.uom_id)
        if not quantity:
            return 0.0
        cost = -sum(booked.mapped("balance")) / quantity
        return cost - self._get_sold_moves()._get_price_unit()

    def _get_sold_moves(self):
        """Return the deliveries of what was sold: not what came back and left again."""
        return self.sale_line_ids.sudo().move_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.is_out
                and not move.origin_returned_move_id
                and move.aftersales_return_direction != "out"
            )
        )

    def _get_cost_change(self):
        """Return what goods at standard cost are worth more than when they left."""
        self.ensure_one()
        delivery = self._get_returned_delivery()
        if not delivery or self.product_id.cost_method != "standard":
            return 0.0
        back = self.aftersales_return_line_id.sudo().move_ids.filtered(
            lambda move: move.state == "done" and move.is_in and move.to_refund
        )
        if not back:
            return 0.0
        quantity = self._sum_quantity(self.product_id.uom_id)
        change = back._get_price_unit() - delivery._get_price_unit()
        return self.company_currency_id.round(change * quantity)

    def _get_revaluation_accounts(self):
        """Return the stock account, and the one that changes of cost are booked to."""
        product = self.product_id.with_company(self.company_id)
        return product._get_aftersales_revaluation_accounts()
