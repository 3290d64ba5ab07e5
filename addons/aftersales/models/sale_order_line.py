from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrderLine(models.Model):
    """The price of a job line, and the quantity that was really used."""

    _inherit = "sale.order.line"

    aftersales_job_id = fields.Many2one(
        "aftersales.job", "Job", index="btree_not_null", copy=False, ondelete="set null"
    )
    job_line_id = fields.Many2one(
        "aftersales.job.line",
        index="btree_not_null",
        copy=False,
        ondelete="set null",
    )
    job_share_id = fields.Many2one(
        "aftersales.job.share", index="btree_not_null", copy=False, ondelete="set null"
    )
    aftersales_payer_id = fields.Many2one(related="order_id.aftersales_payer_id")

    def _compute_qty_delivered_method(self):
        """Services are done when the work order says so, not by hours on a project."""
        result = super()._compute_qty_delivered_method()
        self.filtered(
            lambda line: (
                (line.job_line_id or line.job_share_id)
                and line.product_id.type == "service"
            )
        ).qty_delivered_method = "manual"
        return result

    def _compute_discount(self):
        """A discount agreed on the work order outlives a change of quantity."""
        result = super()._compute_discount()
        for line in self.filtered("job_line_id"):
            discount = line.job_line_id.sudo()._get_agreed_discount()
            if discount is not None:
                line.discount = discount
        return result

    def _reset_price_unit(self):
        """A price agreed on the work order outlives a change of quantity."""
        job_line = self.job_line_id.sudo()
        price = job_line._get_agreed_price() if job_line else None
        if price is None:
            return super()._reset_price_unit()
        return self.update({"price_unit": price, "technical_price_unit": price})

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        unapproved = lines.filtered(
            lambda line: (
                line.order_id.aftersales_order_id
                and line.product_id.type == "consu"
                and not line.job_line_id
            )
        )
        if unapproved:
            raise UserError(
                self.env._(
                    "%(lines)s: parts for %(orders)s are added on the work order, "
                    "where the customer approves them.",
                    lines=", ".join(unapproved.mapped("name")),
                    orders=", ".join(
                        unapproved.order_id.aftersales_order_id.mapped("name")
                    ),
                )
            )
        return lines

    def write(self, vals):
        if {"product_uom_qty", "product_uom_id", "product_id"} & vals.keys():
            self.filtered("job_line_id")._check_quantity_is_job_line(vals)
        return super().write(vals)

    def _check_quantity_is_job_line(self, vals):
        """Quantity and product are the work order's; only prices are changed here."""
        foreign = self.sudo().filtered(
            lambda line: any(
                vals[field]
                not in (
                    line._fields[field].convert_to_write(record[field], record)
                    for record in (line, line.job_line_id)
                )
                for field in ("product_uom_qty", "product_uom_id", "product_id")
                if field in vals
            )
        )
        if foreign:
            raise UserError(
                self.env._(
                    "%(lines)s: change quantity and product on work order %(orders)s.",
                    lines=", ".join(foreign.mapped("name")),
                    orders=", ".join(
                        foreign.order_id.aftersales_order_id.mapped("name")
                    ),
                )
            )

    def _unlink_from_quotation(self):
        """Remove lines nobody accepted, and cancel quotations that end up empty."""
        sale_orders = self.order_id
        self.unlink()
        sale_orders._cancel_empty()

    def _action_launch_stock_rule(self, **kwargs):
        """Parts of work orders run their own procurement, once approved."""
        return super(
            SaleOrderLine, self.filtered(lambda line: not line.job_line_id)
        )._action_launch_stock_rule(**kwargs)

    def _purchase_service_generation(self):
        """Sublet work makes its own purchase, for every kind of payer."""
        return super(
            SaleOrderLine, self.filtered(lambda line: not line.job_line_id)
        )._purchase_service_generation()

    @api.depends("job_line_id", "job_share_id")
    def _compute_qty_to_invoice(self):
        """Bill what was used or done, whatever the product's invoicing policy."""
        ours = self.filtered(lambda line: line.job_line_id or line.job_share_id)
        for line in ours:
            line.qty_to_invoice = (
                line.qty_delivered - line.qty_invoiced if line.state == "sale" else 0.0
            )
        return super(SaleOrderLine, self - ours)._compute_qty_to_invoice()

    def _prepare_invoice_line(self, **optional_values):
        values = super()._prepare_invoice_line(**optional_values)
        order = self.order_id.aftersales_order_id
        if order:
            values["aftersales_order_id"] = order.id
            if (
                self.display_type == "line_section"
                and self.order_id._is_billed_collectively()
            ):
                # Thirty times "Small service": the fleet wants to know of which van.
                parts = (self.name, order.asset_id.name, order.name)
                values["name"] = " · ".join(part for part in parts if part)
        if account := self._get_share_account():
            values["account_id"] = account.id
        return values

    def _get_share_account(self):
        """Return our own account for what we bear of somebody's bill, if any."""
        payer = self.job_share_id.payer_id
        if payer.kind != "absorbed":
            return self.env["account.account"]
        return payer.share_account_id or payer.account_id
