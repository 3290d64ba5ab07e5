from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """Exchange: a new one for the old one, at the cost of a payer.

    The new one goes where the payer's cost is booked. The old one becomes ours by the
    same place, so that the payer bears the difference and nobody else anything.
    """

    _inherit = "aftersales.return.line"

    replacement_product_id = fields.Many2one(
        "product.product",
        "Replacement",
        check_company=True,
        compute="_compute_replacement_product_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('type', '=', 'consu')]",
    )
    payer_id = fields.Many2one(
        "aftersales.payer",
        "Borne By",
        check_company=True,
        domain="[('kind', '=', 'absorbed')]",
        index="btree_not_null",
    )
    replacement_lot_ids = fields.Many2many(
        "stock.lot", compute="_compute_replacement_lot_ids", string="New Serials"
    )
    date_given = fields.Datetime("Given On", readonly=True, copy=False)
    date_deadline = fields.Date(
        "Send Back By",
        readonly=True,
        copy=False,
        help="The new one was sent before: after this day it is charged.",
    )

    @api.depends("product_id", "remedy")
    def _compute_replacement_product_id(self):
        for line in self:
            if line.remedy == "exchange":
                line.replacement_product_id = (
                    line.replacement_product_id or line.product_id
                )
            elif line.remedy != "other":
                line.replacement_product_id = False

    @api.depends("move_ids.move_line_ids.lot_id", "move_ids.state")
    def _compute_replacement_lot_ids(self):
        for line in self:
            done = line._get_moves("new").filtered(lambda move: move.state == "done")
            line.replacement_lot_ids = done.move_line_ids.lot_id

    def _get_payer(self):
        """Return the absorbed payer of these goods, refusing one that can't book it."""
        self.ensure_one()
        payer = self.payer_id or self.operation_id._get_payer(self.company_id)
        payer._check_ready_for_parts(self.product_id | self.replacement_product_id)
        return payer

    def _settle_exchange(self):
        for line in self:
            line.payer_id = line._get_payer()
        self._take_back_for_payer()
        self._send_replacements()

    def _take_back_for_payer(self):
        """Old ones that are here become ours, their value to the payer's credit."""
        for payer, lines in self.filtered("payer_id").grouped("payer_id").items():
            lines._take_over(payer.location_id)

    def _send_replacements(self):
        """Make the transfers of the new ones, from stock to the payer's location."""
        values_list = []
        for line in self:
            rma = line.return_id
            product = line.replacement_product_id or line.product_id
            unit = product.uom_id
            quantity = (
                line.product_uom_id._compute_quantity(line.quantity, unit)
                if line.product_uom_id._has_common_reference(unit)
                else line.quantity
            )
            warehouse = rma.warehouse_id
            values_list.append(
                {
                    **line._prepare_move_values(
                        "new",
                        warehouse.lot_stock_id,
                        line.payer_id.location_id,
                        quantity,
                    ),
                    "product_id": product.id,
                    "product_uom": unit.id,
                    "picking_type_id": warehouse.aftersales_return_out_type_id.id,
                    "partner_id": rma.shipping_id.id,
                }
            )
        return self._make_transfers(values_list)

    # In advance: the new one before the old one is here

    def _give_in_advance(self):
        super()._give_in_advance()
        for line in self.filtered(lambda line: line.remedy == "exchange"):
            days = line.operation_id.advance_days
            if days and line.goods != "stay":
                line.date_deadline = fields.Date.add(
                    fields.Date.context_today(line), days=days
                )

    @api.model
    def _cron_charge_advances(self):
        """Charge what was sent in advance and not answered by the old one; daily."""
        late = self.search(
            [
                ("state", "=", "expected"),
                ("date_deadline", "<", fields.Date.context_today(self)),
                ("charge_line_id", "=", False),
            ]
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(late))
        for line in late:
            try:
                with self.env.cr.savepoint():
                    line.action_charge()
            except UserError as error:
                line.return_id.message_post(body=str(error))
            if not cron._commit_progress(1):
                break

    charge_line_id = fields.Many2one(
        "sale.order.line",
        "Charged With",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    def action_charge(self):
        """Sell the new ones to customers who kept the old one.

        On a sales order at the price of the first sale; their cost leaves the payer
        and becomes cost of sales. What comes back later is refunded like any return.

        :raises UserError: if the new one was not sent, or the old one is here
        """
        lines = self._lock()
        for line in lines.filtered(lambda line: not line.charge_line_id):
            line._charge()
        return True

    def _charge(self):
        self.ensure_one()
        sent = self._get_moves("new").filtered(lambda move: move.state == "done")
        if self.state != "expected" or not sent:
            raise UserError(
                self.env._(
                    "%(line)s: only a replacement that was sent, and whose old one is "
                    "not here, is charged.",
                    line=self.display_name,
                )
            )
        order = self.env["sale.order"].create(self._prepare_charge_values(sent))
        order.with_context(skip_procurement=True).action_confirm()
        self.charge_line_id = order.order_line
        self._move_to_customer(sent)
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
        origin = self.sale_line_id
        product = sent.product_id[:1]
        line = {
            "product_id": product.id,
            "product_uom_qty": sum(sent.mapped("quantity")),
            "product_uom_id": product.uom_id.id,
        }
        if origin and origin.product_id == product:
            line |= {
                "price_unit": origin.product_uom_id._compute_price(
                    origin.price_unit, product.uom_id
                ),
                "discount": origin.discount,
                "tax_ids": [Command.set(origin.tax_ids.ids)],
            }
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "warehouse_id": self.return_id.warehouse_id.id,
            "origin": self.return_id.name,
            "currency_id": origin.currency_id.id or self.company_id.currency_id.id,
            "order_line": [Command.create(line)],
        }

    def _move_to_customer(self, sent):
        """Let what went at the payer's cost go to the customer instead, on paper."""
        stock = self.return_id.warehouse_id.lot_stock_id
        customers = self.return_id._get_customer_location()
        values_list = []
        for move in sent:
            common = {
                "product_id": move.product_id.id,
                "product_uom": move.product_uom.id,
                "lot_ids": move.move_line_ids.lot_id,
            }
            values_list += [
                {
                    **self._prepare_move_values(
                        "new", move.location_dest_id, stock, move.quantity
                    ),
                    **common,
                    "origin_returned_move_id": move.id,
                },
                {
                    **self._prepare_move_values("new", stock, customers, move.quantity),
                    **common,
                    "sale_line_id": self.charge_line_id.id,
                },
            ]
        self._transfer_now(values_list)
