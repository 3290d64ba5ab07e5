from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class AccountMove(models.Model):
    _inherit = "account.move"

    aftersales_order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        index="btree_not_null",
        readonly=True,
        copy=True,
        help="Empty on a collective invoice: see the lines.",
    )
    aftersales_payer_id = fields.Many2one(
        "aftersales.payer", "Payer", readonly=True, copy=True
    )

    aftersales_order_count = fields.Integer(
        "Work Orders", compute="_compute_aftersales_order_count"
    )

    @api.depends("line_ids.aftersales_order_id")
    def _compute_aftersales_order_count(self):
        for move in self:
            move.aftersales_order_count = len(move.line_ids.aftersales_order_id)

    def action_view_aftersales_orders(self):
        return self.line_ids.aftersales_order_id._get_open_action()

    def _stock_account_prepare_realtime_out_lines_vals(self):
        """Cost of sales belongs to the work order of the line that caused it."""
        values_list = super()._stock_account_prepare_realtime_out_lines_vals()
        lines = self.env["account.move.line"]
        for values in values_list:
            order = lines.browse(values.get("cogs_origin_id")).aftersales_order_id
            if order:
                values["aftersales_order_id"] = order.id
        return values_list

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        for move in posted.filtered("aftersales_payer_id"):
            # Receivable and taxes too, where the invoice is of one order.
            products = move.line_ids.filtered(
                lambda line: line.display_type == "product"
            )
            if len(set(products.mapped("aftersales_order_id.id"))) != 1:
                continue
            order = products.aftersales_order_id
            if move.aftersales_order_id != order:
                move.aftersales_order_id = order
            rest = move.line_ids.filtered_domain(
                [("aftersales_order_id", "!=", order.id)]
            )
            if rest:
                rest.with_context(check_move_validity=False).aftersales_order_id = order
        return posted


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    aftersales_order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        index="btree_not_null",
        compute="_compute_aftersales_order_id",
        store=True,
        readonly=False,
        precompute=True,
    )

    def _auto_init(self):
        # Of the millions of items there may be already, none is ours to compute.
        if not column_exists(self.env.cr, self._table, "aftersales_order_id"):
            create_column(self.env.cr, self._table, "aftersales_order_id", "int4")
        return super()._auto_init()

    @api.depends("move_id")
    def _compute_aftersales_order_id(self):
        """Receivable and taxes of an invoice for one order belong to that order."""
        for line in self:
            line.aftersales_order_id = (
                line.aftersales_order_id or line.move_id.aftersales_order_id
            )

    # The same part may be on several jobs of one order or of one invoice, at another
    # cost each. Odoo looks for what was posted before by product: here it is by line.

    def _get_cogs_value(self):
        origin = self._get_own_cogs_lines(self.move_id.reversed_entry_id)
        return origin[:1].price_unit if origin else super()._get_cogs_value()

    def _get_cogs_qty(self):
        if not self.sale_line_ids.job_line_id:
            return super()._get_cogs_qty()
        return self.quantity + sum(self._get_posted_cogs_lines().mapped("quantity"))

    def _get_posted_cogs_value(self):
        if not self.sale_line_ids.job_line_id:
            return super()._get_posted_cogs_value()
        # Asked for in the unit of the product, while the line may be in packs.
        per_unit = self.product_uom_id._compute_quantity(
            1.0, self.product_id.uom_id, round=False
        )
        return -sum(self._get_posted_cogs_lines().mapped("balance")) / per_unit

    def _get_posted_cogs_lines(self):
        invoices = self.sale_line_ids.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "out_invoice"
        )
        return self._get_own_cogs_lines(invoices - self.move_id)

    def _get_own_cogs_lines(self, moves):
        """Return the credits to stock in ``moves`` for the same job line."""
        job_lines = self.sale_line_ids.job_line_id
        if not job_lines:
            return self.browse()
        return moves.line_ids.filtered(
            lambda line: (
                line.display_type == "cogs"
                and line.price_unit >= 0
                and line.cogs_origin_id.sale_line_ids.job_line_id == job_lines
            )
        )
