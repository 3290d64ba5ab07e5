from odoo import api, fields, models
from odoo.tools import format_date


class AftersalesReturnLine(models.Model):
    """What was charged since the old one did not come: said wherever it matters.

    The old one may still come: then settling it gives the charge back.
    """

    _inherit = "aftersales.return.line"

    is_charged = fields.Boolean(
        compute="_compute_is_charged",
        help="The customer is charged for the new one, and the old one is not settled.",
    )
    charge_text = fields.Char(
        "Charge", compute="_compute_charge_text", compute_sudo=True
    )

    @api.depends("charge_line_id", "is_charge_refunded", "state")
    def _compute_is_charged(self):
        for line in self:
            line.is_charged = bool(
                line.charge_line_id
                and not line.is_charge_refunded
                and line.state in ("expected", "received", "tested")
            )

    @api.depends("is_charged", "charge_line_id.invoice_lines.parent_state")
    @api.depends_context("lang")
    def _compute_charge_text(self):
        for line in self:
            line.charge_text = line.is_charged and line._get_charge_words()

    def _get_charge_words(self):
        """Say what the customer is charged, and what becomes of it."""
        self.ensure_one()
        values = {
            "goods": self._get_goods_words(),
            "order": self.charge_line_id.order_id.name,
            "amount": self.charge_line_id.currency_id.format(
                self._get_charged_amount()
            ),
        }
        if self.state == "expected":
            return self.env._(
                "%(goods)s was not sent back: %(amount)s is charged with %(order)s. If "
                "it still comes, that is given back. If it will not come, cancel it.",
                **values,
            )
        return self.env._(
            "%(goods)s came after %(amount)s was charged with %(order)s. Settling it "
            "gives that back.",
            **values,
        )

    def _get_charged_amount(self):
        """Return what these goods are charged, taxes included."""
        self.ensure_one()
        sold = self.charge_line_id
        share = self._get_quantity_given(sold.product_id) / (sold.product_uom_qty or 1)
        return sold.price_total * min(share, 1.0)

    def _get_charge_invoices(self):
        return self.charge_line_id.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "out_invoice" and move.state != "cancel"
        )

    def _get_forecast(self):
        charged = self.sudo().filtered("is_charged")
        return super()._get_forecast() + [
            self.env._(
                "%(amount)s charged with %(order)s for %(goods)s is given back.",
                goods=line._get_goods_words(),
                order=line.charge_line_id.order_id.name,
                amount=line.charge_line_id.currency_id.format(
                    line._get_charged_amount()
                ),
            )
            for line in charged
        ]

    def action_view_charge(self):
        """Open the sales order that charges what was not sent back."""
        return self.return_id._get_documents_action(
            self.sudo().charge_line_id.order_id, self.env._("Charge")
        )

    def action_view_charge_invoices(self):
        """Open the invoice of the charge."""
        return self.return_id._get_documents_action(
            self.sudo()._get_charge_invoices(), self.env._("Invoice of the Charge")
        )

    # Portal

    def _get_sent_moves(self):
        # What changes hands on paper was sent once.
        return super()._get_sent_moves().filtered("picking_id")

    def _get_waiting_progress(self):
        if not self.is_charged:
            return super()._get_waiting_progress()
        invoice = self._get_charge_invoices().filtered(
            lambda move: (
                move.state == "posted" and self.return_id._is_customer(move.partner_id)
            )
        )[:1]
        return self._prepare_progress(
            self.env._(
                "Not sent back by %(date)s: the new one is charged",
                date=format_date(self.env, self.date_deadline),
            ),
            kind="charge",
            record=invoice,
        )


class AftersalesReturn(models.Model):
    _inherit = "aftersales.return"

    def _get_portal_status(self):
        awaited = self.line_ids.filtered(lambda line: line.state == "expected")
        if self.state == "open" and awaited and all(awaited.mapped("is_charged")):
            return (
                self.env._("Charged"),
                self.env._(
                    "The old one did not come in time, so the new one is charged. If "
                    "you still send it, we give that back."
                ),
                "warning",
            )
        return super()._get_portal_status()


class AftersalesReturnDock(models.AbstractModel):
    _inherit = "aftersales.return.dock"

    def _get_expected_step(self, line):
        step = super()._get_expected_step(line)
        seen = line.sudo()
        if seen.is_charged:
            step["text"] = " ".join(
                (
                    self.env._(
                        "It comes too late and is charged with %(order)s. Take it in: "
                        "the office gives that back.",
                        order=seen.charge_line_id.order_id.name,
                    ),
                    step["text"],
                )
            )
        return step
