from odoo import fields, models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    """What of a bill was not credited yet, and may be moved to another payer."""

    _inherit = "account.move.line"

    aftersales_correction_id = fields.Many2one(
        "aftersales.correction",
        "Correction",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=True,
    )

    def _get_aftersales_origin(self):
        """Return what of a work order this line bills, as values of a correction."""
        self.ensure_one()
        before = self.aftersales_correction_id
        sale_line = self.sale_line_ids[:1]
        return {
            "order_id": (before.order_id or self.aftersales_order_id).id,
            "job_id": (before.job_id or sale_line.aftersales_job_id).id,
            "job_line_id": (
                before.job_line_id
                or sale_line.job_line_id
                or sale_line.job_share_id.job_line_id
            ).id,
        }

    def _get_aftersales_base_line(self, quantity):
        """Return so much of this line as a tax base line, with its taxes."""
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        base_line = AccountTax._prepare_base_line_for_taxes_computation(
            self,
            price_unit=self.price_unit,
            quantity=quantity,
            discount=self.discount,
            rate=self.move_id.invoice_currency_rate,
            sign=1,
        )
        AccountTax._add_tax_details_in_base_lines([base_line], self.company_id)
        AccountTax._round_base_lines_tax_details([base_line], self.company_id)
        return base_line

    def _get_aftersales_job(self):
        """Return the job that this line bills, if it is of one."""
        self.ensure_one()
        return (
            self.aftersales_correction_id.job_id
            or self.sale_line_ids[:1].aftersales_job_id
        )

    def _get_correctable(self, taken=0.0):
        """Return what is billed by this line, less credit notes and corrections.

        :param float taken: what is being moved off other lines of the same job
        """
        self.ensure_one()
        corrected = (
            self.env["aftersales.correction"]
            .search([("origin_id", "in", self._get_siblings().ids)])
            .filtered(lambda correction: correction.state != "cancel")
        )
        siblings = self._get_siblings()
        credited = siblings._get_credit_items()
        rest = (
            sum(siblings.mapped("price_total"))
            - sum(credited.mapped("price_total"))
            - sum(corrected.mapped("amount"))
        )
        of_job = self._get_job_correctable() - taken
        return max(min(rest, self.price_total, of_job), 0.0)

    def _get_siblings(self):
        """Return the posted invoice lines that bill the same as this one."""
        self.ensure_one()
        lines = self.sale_line_ids.invoice_lines.filtered(
            lambda line: (
                line.move_id.move_type == "out_invoice"
                and line.parent_state == "posted"
            )
        )
        return lines | self

    def _get_credit_items(self):
        """Return the lines of credit notes for these, corrections left out."""
        by_sale = self.sale_line_ids.invoice_lines.filtered(
            lambda line: (
                line.move_id.move_type == "out_refund" and line.parent_state != "cancel"
            )
        )
        by_reversal = self.aftersales_correction_id.item_ids.filtered(
            lambda line: (
                line.move_id.move_type == "out_refund"
                and line.parent_state != "cancel"
                and line.move_id.reversed_entry_id in self.move_id
            )
        )
        return by_sale | by_reversal

    def _get_job_correctable(self):
        """Return what this payer is billed for the job, shares taken off."""
        self.ensure_one()
        job, payer = self._get_aftersales_job(), self.move_id.aftersales_payer_id
        if not job:
            return self.price_total
        items = job.sale_line_ids.invoice_lines | job.correction_ids.item_ids
        lines = items.filtered(
            lambda line: (
                line.move_id.aftersales_payer_id == payer
                and line.display_type == "product"
            )
        )
        billed = sum(
            line.price_total
            for line in lines
            if line.move_id.move_type == "out_invoice" and line.parent_state == "posted"
        )
        # Corrections are among the credit notes.
        credited = sum(
            line.price_total
            for line in lines
            if line.move_id.move_type == "out_refund" and line.parent_state != "cancel"
        )
        return billed - credited

    def _check_correction(self, amount, payer, taken=0.0):
        """Refuse to move what was not billed, or more than was billed."""
        self.ensure_one()
        order = self.aftersales_order_id
        if self.parent_state != "posted":
            raise UserError(
                self.env._(
                    "%(order)s, %(line)s: the invoice is not posted. Cancel the draft "
                    "and change the payer, or post it first.",
                    order=order.name,
                    line=self.name,
                )
            )
        if payer == self.move_id.aftersales_payer_id:
            raise UserError(
                self.env._(
                    "%(order)s, %(line)s was billed to %(payer)s already.",
                    order=order.name,
                    line=self.name,
                    payer=payer.name,
                )
            )
        available = self._get_correctable(taken)
        if self.currency_id.compare_amounts(amount, 0) <= 0 or (
            self.currency_id.compare_amounts(amount, available) > 0
        ):
            raise UserError(
                self.env._(
                    "%(order)s, %(line)s: %(payer)s is still billed %(available)s, so "
                    "%(amount)s can't be moved to %(other)s.",
                    order=order.name,
                    line=(self.name or "").split("\n")[0],
                    payer=self.move_id.aftersales_payer_id.name,
                    available=self.currency_id.format(available),
                    amount=self.currency_id.format(amount),
                    other=payer.name,
                )
            )


class AftersalesJobLine(models.Model):
    """The bills of a line."""

    _inherit = "aftersales.job.line"

    correction_ids = fields.One2many(
        "aftersales.correction", "job_line_id", "Changes of Payer"
    )

    def _get_billed_items(self, payer):
        """Return the posted invoice lines that bill this line to ``payer``."""
        self.ensure_one()
        shares = self.job_id.share_ids.filtered(
            lambda share: share.payer_id == payer and share.job_line_id in (
                self, self.browse(),
            )
        )  # fmt: skip
        sale_lines = self.sale_line_ids or self.sale_line_ids.browse()
        if payer != self.payer_id:
            sale_lines = shares.sale_line_ids
        items = sale_lines.invoice_lines | self.correction_ids.item_ids
        return items.filtered(
            lambda item: (
                item.move_id.move_type == "out_invoice"
                and item.parent_state == "posted"
                and item.move_id.aftersales_payer_id == payer
                and item.price_total > 0
            )
        )
