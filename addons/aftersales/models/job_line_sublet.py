from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesJobLine(models.Model):
    """Work done elsewhere: bought by a purchase order, charged on like our own."""

    _inherit = "aftersales.job.line"

    vendor_id = fields.Many2one(
        "res.partner",
        check_company=True,
        help="Who does the sublet work. Empty: the product's first vendor.",
    )
    purchase_line_ids = fields.One2many(
        "purchase.order.line", "job_line_id", "Purchases", copy=False
    )

    def _get_sublet_cost(self):
        self.ensure_one()
        total = 0.0
        for line in self.purchase_line_ids.filtered(lambda pol: pol.state != "cancel"):
            total += line.currency_id._convert(
                line.price_subtotal,
                self.company_currency_id,
                self.company_id,
                line.order_id.date_order or fields.Date.context_today(self),
            )
        return total

    def _get_sublet_vendor(self):
        self.ensure_one()
        return (
            self.vendor_id
            or self.product_id.with_company(self.company_id)
            ._select_seller(quantity=self.product_uom_qty, uom_id=self.product_uom_id)
            .partner_id
            or self.product_id.seller_ids[:1].partner_id
        )

    def _create_purchases(self):
        """Make a request for quotation per order and vendor; each line once."""
        todo = self.sudo().filtered(
            lambda line: (
                not line.purchase_line_ids.filtered(
                    lambda purchase_line: purchase_line.state != "cancel"
                )
            )
        )
        values_by_key = {}
        for line in todo:
            vendor = line._get_sublet_vendor()
            if not vendor:
                raise UserError(
                    self.env._(
                        "%(line)s on %(order)s: choose who does the sublet work, or "
                        "add a vendor to the product.",
                        line=line.name,
                        order=line.order_id.name,
                    )
                )
            values = values_by_key.setdefault(
                (line.order_id, vendor),
                {
                    "partner_id": vendor.id,
                    "company_id": line.company_id.id,
                    "origin": line.order_id.name,
                    "order_line": [],
                },
            )
            values["order_line"].append(
                fields.Command.create(line._prepare_purchase_line_values())
            )
        return self.env["purchase.order"].sudo().create(list(values_by_key.values()))

    def _prepare_purchase_line_values(self):
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "name": self.name,
            "product_qty": self.product_uom_qty,
            "product_uom_id": self.product_uom_id.id,
            "job_line_id": self.id,
        }


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    purchase_order_ids = fields.Many2many(
        "purchase.order", compute="_compute_purchase_order_ids", compute_sudo=True
    )
    purchase_order_count = fields.Integer(
        compute="_compute_purchase_order_ids", compute_sudo=True
    )

    @api.depends("line_ids.purchase_line_ids")
    def _compute_purchase_order_ids(self):
        for order in self:
            order.purchase_order_ids = order.line_ids.purchase_line_ids.order_id
            order.purchase_order_count = len(order.purchase_order_ids)

    def _cancel_purchases(self):
        """Cancel sublet orders nobody confirmed; the others need the vendor's word."""
        purchases = self.sudo().line_ids.purchase_line_ids.order_id
        confirmed = purchases.filtered(lambda po: po.state == "purchase")
        if confirmed:
            raise UserError(
                self.env._(
                    "%(orders)s: cancel the sublet work %(purchases)s with the vendor "
                    "first.",
                    orders=", ".join(self.mapped("name")),
                    purchases=", ".join(confirmed.mapped("name")),
                )
            )
        purchases = purchases.filtered(lambda po: po.state != "cancel")
        # A purchaser may have put other needs on the same request.
        shared = purchases.filtered(
            lambda po: po.order_line.filtered(
                lambda line: (
                    not line.display_type and line.aftersales_order_id not in self
                )
            )
        )
        shared.order_line.filtered(
            lambda line: line.aftersales_order_id in self
        ).unlink()
        (purchases - shared).button_cancel()

    def action_view_purchases(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "purchase.purchase_form_action"
        )
        action["domain"] = [("id", "in", self.purchase_order_ids.ids)]
        action["context"] = {"create": False}
        return action
