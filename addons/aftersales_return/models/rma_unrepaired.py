from odoo import Command, fields, models
from odoo.exceptions import UserError


class AftersalesReturnOperation(models.Model):
    _inherit = "aftersales.return.operation"

    unrepaired_product_id = fields.Many2one(
        "product.product",
        "Fee If Not Repaired",
        check_company=True,
        domain="[('type', '=', 'service')]",
        help="Charged, at its price, to customers who decline the repair. Empty: "
        "nothing.",
    )


class AftersalesReturnLine(models.Model):
    """The customer declined, or it can't be repaired: it goes back as it came."""

    _inherit = "aftersales.return.line"

    unrepaired_reason = fields.Char("Not Repaired Because", readonly=True, copy=False)
    unrepaired_user_id = fields.Many2one(
        "res.users", "Decided By", readonly=True, copy=False
    )
    fee_line_id = fields.Many2one(
        "sale.order.line",
        "Fee",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    def action_return_unrepaired(self, reason=None, charge_fee=True):
        """Send a thing that came for repair back as it is.

        Its work order is called off, unless work on it is finished. Once work was
        begun, it leaves with a passed test all the same.

        :param str reason: why, such as that the customer declined; required
        :param bool charge_fee: charge what the operation says for it
        :raises UserError: for goods that are not in repair
        """
        self.return_id._check_decides()
        self._check_reason(reason)
        lines = self._lock()
        todo = lines.filtered(lambda line: not line.unrepaired_reason)
        todo._check_in_repair()
        todo.order_id.filtered(
            lambda order: order.state not in ("ready", "done", "cancel")
        ).action_cancel(reason=reason)
        todo.write({"unrepaired_reason": reason, "unrepaired_user_id": self.env.uid})
        for line in todo:
            line.return_id.message_post(
                body=self.env._(
                    "%(line)s goes back unrepaired: %(reason)s",
                    line=line.display_name,
                    reason=reason,
                )
            )
        if charge_fee:
            todo._charge_fee()
        return True

    def _check_in_repair(self):
        others = self.filtered(
            lambda line: not line.order_id or line.state != "settled"
        )
        if others:
            raise UserError(
                self.env._(
                    "%(lines)s is not in repair.",
                    lines=", ".join(others.mapped("display_name")),
                )
            )

    def _charge_fee(self):
        """Sell the fee of the operation, one sales order per return."""
        owing = self.filtered(
            lambda line: (
                line.operation_id.unrepaired_product_id and not line.fee_line_id
            )
        )
        for rma, lines in owing.grouped("return_id").items():
            order = self.env["sale.order"].create(
                {
                    "partner_id": rma.partner_id.id,
                    "company_id": rma.company_id.id,
                    "warehouse_id": rma.warehouse_id.id,
                    "origin": rma.name,
                    "order_line": [
                        Command.create(line._prepare_fee_values()) for line in lines
                    ],
                }
            )
            order.action_confirm()
            for line, sold in zip(lines, order.order_line, strict=True):
                line.fee_line_id = sold
                if sold.qty_delivered_method == "manual":
                    sold.qty_delivered = sold.product_uom_qty
            invoice = order._create_invoices()
            if rma.company_id.aftersales_invoice_posting == "post":
                invoice.action_post()

    def _prepare_fee_values(self):
        self.ensure_one()
        product = self.operation_id.unrepaired_product_id
        return {
            "product_id": product.id,
            "product_uom_qty": 1.0,
            "name": self.env._(
                "%(fee)s: %(goods)s not repaired",
                fee=product.display_name,
                goods=self.product_id.display_name,
            ),
        }
