from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesOrder(models.Model):
    """Invoices of the order: made by Sales, one per payer."""

    _inherit = "aftersales.order"

    invoice_ids = fields.Many2many(
        "account.move",
        compute="_compute_invoice_ids",
        search="_search_invoice_ids",
        string="Invoices",
        compute_sudo=True,
    )
    invoice_count = fields.Integer(compute="_compute_invoice_ids", compute_sudo=True)
    invoice_collective = fields.Boolean(
        "Collective Invoice",
        help="Bill this order together with others of the same payer and customer.",
        copy=False,
    )
    to_invoice = fields.Boolean(
        compute="_compute_to_invoice", search="_search_to_invoice", compute_sudo=True
    )

    def _compute_invoice_ids(self):
        # Credit notes and collective invoices too: their lines know the order.
        groups = dict(
            self.env["account.move.line"]._read_group(
                [
                    ("aftersales_order_id", "in", self.ids),
                    ("move_id.move_type", "in", ("out_invoice", "out_refund")),
                ],
                ["aftersales_order_id"],
                ["move_id:recordset"],
            )
        )
        for order in self:
            invoices = groups.get(order._origin, self.env["account.move"])
            order.invoice_ids = invoices
            order.invoice_count = len(invoices)

    @api.model
    def _search_invoice_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        # As superuser, like the field: who bills work orders need not see invoices.
        lines = self.env["account.move.line"].sudo()
        domain = fields.Domain("aftersales_order_id", "!=", False)
        if False in value:
            return [("id", "not in", lines.search(domain).aftersales_order_id.ids)]
        found = lines.search(domain & fields.Domain("move_id", "in", value))
        return [("id", "in", found.aftersales_order_id.ids)]

    @api.depends("sale_order_ids.invoice_status")
    def _compute_to_invoice(self):
        for order in self:
            order.to_invoice = any(
                sale.invoice_status == "to invoice" for sale in order.sale_order_ids
            )

    @api.model
    def _search_to_invoice(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Read as superuser: whoever bills work orders need not have Sales rights.
        sales = (
            self.env["sale.order"]
            .sudo()
            ._search(
                [
                    ("aftersales_order_id", "!=", False),
                    ("invoice_status", "=", "to invoice"),
                ]
            )
        )
        domain = fields.Domain("sale_order_ids", "any!", [("id", "in", sales)])
        return domain if True in value else ~domain

    def action_invoice(self, collective=None):
        """Bill what was used and done, one invoice per payer.

        Nothing left to bill is no error: a second call has the effect of one.

        :param bool collective: one invoice per payer and customer over these
            orders, or one per order; without it, each customer's own setting decides
        :return: an action that opens the invoices
        :raises UserError: naming orders that are not approved yet
        """
        orders = self._get_billable()._lock()
        early = orders.filtered(
            lambda order: order.state in ("draft", "quoted", "cancel")
        )
        if early:
            raise UserError(
                self.env._(
                    "%(orders)s: nothing was approved, so there is nothing to invoice.",
                    orders=", ".join(early.mapped("name")),
                )
            )
        if collective is not None:
            orders.invoice_collective = collective
        finished = orders.filtered(
            lambda order: order.state in ("quality", "ready", "done")
        )
        for batch, final in ((finished, True), (orders - finished, False)):
            # One by one, a partner's own setting does not join them.
            for part in batch if collective is False else (batch,):
                part._create_invoices(final)
        self.invalidate_recordset(["invoice_ids", "invoice_count"], flush=False)
        return self.action_view_invoices()

    def _get_billable(self):
        """Return the orders with the right to bill them: advisors' and accountants'.

        An accountant sees the work orders without having to change them.
        """
        self.check_access("read")
        if self.env["account.move"].has_access("create"):
            return self.sudo()
        self._check_decides()
        return self

    def _create_invoices(self, final):
        """Make the invoices of these orders through their sales orders."""
        # Without Sales or Invoicing rights the right to the step is enough.
        sale_orders = self.sudo().sale_order_ids.filtered(
            lambda sale: sale.invoice_status == "to invoice"
        )
        if not sale_orders:
            return self.env["account.move"]
        # What came back and was not credited yet is no error either.
        invoices = sale_orders.with_context(
            raise_if_nothing_to_invoice=False
        )._create_invoices(final=final)
        to_post = self._get_invoices_to_post(invoices)
        if to_post:
            to_post.action_post()
        return invoices

    @api.model
    def _get_invoices_to_post(self, invoices):
        """Return those of fresh invoices that do not wait for the accountant."""
        return invoices.filtered(
            lambda move: move.company_id.aftersales_invoice_posting == "post"
        )

    def _check_no_open_invoice(self):
        """Refuse to cancel what was billed and not credited."""
        self.invalidate_recordset(["invoice_ids", "invoice_count"], flush=False)
        for order in self:
            invoices = order.sudo().invoice_ids
            common = invoices.filtered(
                lambda move, order=order: (
                    move.state == "draft" and move.line_ids.aftersales_order_id - order
                )
            )
            if common:
                raise UserError(
                    self.env._(
                        "%(order)s is on a draft invoice with other work orders of "
                        "%(partner)s. Take its lines off that invoice first, then "
                        "cancel.",
                        order=order.name,
                        partner=common[:1].partner_id.display_name,
                    )
                )
            posted = invoices.filtered(lambda move: move.state == "posted")
            lines = posted.line_ids.filtered(
                lambda line, order=order: line.aftersales_order_id == order
            )
            revenue = lines.filtered(lambda line: line.display_type == "product")
            # A free part has no revenue and still a cost.
            cost = lines.filtered(
                lambda line: line.display_type == "cogs" and line.price_unit < 0
            )
            if any(
                not order.currency_id.is_zero(sum(part.mapped("balance")))
                for part in (revenue, cost)
            ):
                raise UserError(
                    self.env._(
                        "%(order)s is invoiced with %(invoices)s. Credit that first, "
                        "then cancel.",
                        order=order.name,
                        invoices=", ".join(posted.mapped("name")),
                    )
                )

    def action_view_invoices(self):
        if not self.env["account.move"].has_access("read"):
            return self._notify_invoiced()
        # Built by hand: reading the action and its views would cost more statements
        # than the rest of billing an order.
        invoices = self.invoice_ids
        single = len(invoices) == 1
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices"),
            "res_model": "account.move",
            "view_mode": "form" if single else "list,form",
            "views": [(False, "form")]
            if single
            else [(False, "list"), (False, "form")],
            "res_id": invoices.id if single else False,
            "domain": [("id", "in", invoices.ids)],
            "context": {"create": False},
        }

    def _notify_invoiced(self):
        """Tell an advisor, who may bill but not open invoices, where they are."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self._get_invoiced_message(),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_invoiced_message(self):
        names = ", ".join(self.mapped("name"))
        if "draft" in self.sudo().invoice_ids.mapped("state"):
            return self.env._(
                "Draft invoice made for %(orders)s. The accountant checks and posts it "
                "under Invoicing.",
                orders=names,
            )
        return self.env._(
            "Invoiced. The accountant finds the invoices of %(orders)s under "
            "Invoicing.",
            orders=names,
        )

    def action_down_payment(self):
        """Ask for money before the work, with Odoo's own down payment."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale.action_view_sale_advance_payment_inv"
        )
        sale_orders = self.sale_order_ids.filtered(lambda sale: sale.state == "sale")
        if not sale_orders:
            raise UserError(
                self.env._(
                    "%(order)s: a down payment needs an approved estimate.",
                    order=self.name,
                )
            )
        action["context"] = {
            "active_model": "sale.order",
            "active_ids": sale_orders.ids,
            "active_id": sale_orders[:1].id,
        }
        return action
