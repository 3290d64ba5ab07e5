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
        """Leave approved jobs here; the others move to a quotation of their own."""
        for sale in self:
            waiting = sale.order_line.filtered(
                lambda line: line.aftersales_job_id.state in ("draft", "proposed")
            )
            if not waiting:
                continue
            # In the same currency and terms: the prices stay as they were offered.
            other = sale.with_context(mail_create_nosubscribe=True).copy(
                {
                    **sale.aftersales_order_id._prepare_quotation_values(
                        sale.aftersales_payer_id
                    ),
                    "pricelist_id": sale.pricelist_id.id,
                    "fiscal_position_id": sale.fiscal_position_id.id,
                    "order_line": [],
                }
            )
            waiting.write({"order_id": other.id})

    def _cancel_empty(self):
        """Cancel open quotations that have nothing left to offer."""
        empty = self.filtered(
            lambda sale: (
                sale.state in ("draft", "sent")
                and not sale.order_line.filtered(lambda line: not line.display_type)
            )
        )
        # Headings left on it would pass for jobs that are declined with it.
        empty.order_line.unlink()
        empty._action_cancel()

    def action_confirm(self):
        """A quotation of a work order is accepted like any other answer.

        Confirmed in Sales or accepted on the portal of Sales, it approves the jobs
        on it, so that parts and states follow.
        """
        waiting = (
            self.filtered("aftersales_order_id")
            .order_line.sudo()
            .aftersales_job_id.filtered(lambda job: job.state in ("draft", "proposed"))
        )
        if not waiting:
            return super().action_confirm()
        # Whoever may confirm the quotation need not have a right to work orders.
        self.check_access("write")
        for order, jobs in waiting.sudo().grouped("order_id").items():
            quotations = self & order.sale_order_ids
            order.action_approve(
                jobs=jobs,
                method="sale",
                signer=quotations[:1].signed_by,
                signature=quotations[:1].signature,
            )
        rest = self.filtered(lambda sale: sale.state in ("draft", "sent"))
        return super(SaleOrder, rest).action_confirm() if rest else True

    def _action_cancel(self):
        """Cancelled in Sales, or declined on its portal, a quotation is a no.

        What is accepted is called off on the work order, which brings the parts back.
        """
        ours = self.filtered(
            lambda sale: sale.aftersales_order_id and sale.state != "cancel"
        )
        if not ours:
            return super()._action_cancel()
        # Whoever may cancel the quotation need not have a right to work orders.
        ours.check_access("write")
        jobs = ours.sudo().order_line.aftersales_job_id
        accepted = jobs.filtered(
            lambda job: job.state in ("approved", "progress", "done")
        )
        confirmed = ours.filtered(lambda sale: sale.state == "sale")
        if accepted and confirmed:
            raise UserError(
                self.env._(
                    "%(sales)s bills approved work: cancel %(orders)s instead, which "
                    "brings the parts back.",
                    sales=", ".join(confirmed.mapped("name")),
                    orders=", ".join(accepted.order_id.mapped("name")),
                )
            )
        waiting = jobs.filtered(lambda job: job.state == "proposed")
        for order, order_jobs in waiting.grouped("order_id").items():
            order.action_decline(jobs=order_jobs, method="sale")
        return super()._action_cancel()

    def _prepare_invoice(self):
        values = super()._prepare_invoice()
        # Both keys are always there: Odoo sorts by them to group.
        order = self.aftersales_order_id
        collective = self._is_billed_collectively()
        values["aftersales_order_id"] = order.id if not collective else False
        values["aftersales_payer_id"] = self.aftersales_payer_id.id
        if collective:
            # Whoever was served, the bill is one.
            bill_to = self.partner_invoice_id
            if bill_to.type != "invoice":
                company = bill_to.commercial_partner_id
                bill_to = bill_to.browse(company.address_get(["invoice"])["invoice"])
            values["partner_id"] = values["partner_shipping_id"] = bill_to.id
        return values

    def _is_billed_collectively(self):
        """Whether this is billed together with other work orders of its customer."""
        self.ensure_one()
        order = self.aftersales_order_id
        company = self.partner_invoice_id.commercial_partner_id
        return bool(order) and (
            order.invoice_collective or company.aftersales_collective_invoice
        )

    def _get_invoice_grouping_keys(self):
        return super()._get_invoice_grouping_keys() + [
            "aftersales_order_id",
            "aftersales_payer_id",
        ]

    def action_view_aftersales_order(self):
        self.ensure_one()
        return self.aftersales_order_id.get_formview_action()
