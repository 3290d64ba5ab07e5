from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """The quotation of a work order to one payer."""

    _inherit = "sale.order"

    aftersales_order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        index="btree_not_null",
        copy=False,
        check_company=True,
        ondelete="restrict",
    )
    aftersales_payer_id = fields.Many2one(
        "aftersales.payer", "Payer", copy=False, readonly=True, check_company=True
    )

    def _split_off_unapproved(self):
        """Leave only approved jobs here; the others move to a quotation of their own."""
        for sale in self:
            waiting = sale.order_line.filtered(
                lambda line: line.aftersales_job_id.state in ("draft", "proposed")
            )
            if not waiting:
                continue
            order = sale.aftersales_order_id
            other = order._create_quotations({(order, sale.aftersales_payer_id): []})
            waiting.write({"order_id": next(iter(other.values())).id})

    def action_confirm(self):
        """A quotation of a work order is accepted like any other answer.

        Confirmed in Sales or accepted on the portal of Sales, it approves the jobs
        on it, so that parts and states follow.
        """
        waiting = self.order_line.aftersales_job_id.filtered(
            lambda job: job.state in ("draft", "proposed")
        )
        if not waiting:
            return super().action_confirm()
        for order, jobs in waiting.grouped("order_id").items():
            quotations = self & order.sudo().sale_order_ids
            order.action_approve(
                jobs=jobs,
                method="sale",
                signer=quotations[:1].signed_by,
                signature=quotations[:1].signature,
            )
        rest = self.filtered(lambda sale: sale.state in ("draft", "sent"))
        return super(SaleOrder, rest).action_confirm() if rest else True

    def _action_cancel(self):
        """Cancelling in Sales can't leave a work order with parts and no bill."""
        started = self.filtered(
            lambda sale: sale.state == "sale"
            and sale.order_line.job_line_id._has_parts_under_way()
        )
        if started:
            raise UserError(
                self.env._(
                    "%(sales)s belongs to a work order with parts under way: cancel "
                    "%(orders)s, which brings the parts back.",
                    sales=", ".join(started.mapped("name")),
                    orders=", ".join(started.aftersales_order_id.mapped("name")),
                )
            )
        return super()._action_cancel()

    def _prepare_invoice(self):
        values = super()._prepare_invoice()
        # Both keys are always there: Odoo sorts by them to group.
        order = self.aftersales_order_id
        collective = self.partner_invoice_id.commercial_partner_id
        apart = order and not (
            order.invoice_collective or collective.aftersales_collective_invoice
        )
        values["aftersales_order_id"] = order.id if apart else False
        values["aftersales_payer_id"] = self.aftersales_payer_id.id
        return values

    def _get_invoice_grouping_keys(self):
        return super()._get_invoice_grouping_keys() + [
            "aftersales_order_id",
            "aftersales_payer_id",
        ]

    def action_view_aftersales_order(self):
        self.ensure_one()
        return self.aftersales_order_id.get_formview_action()
