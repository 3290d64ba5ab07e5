from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError


class AftersalesJobShare(models.Model):
    """Part of a job's price that somebody else bears.

    The job's payer is charged the work in full; the share is a line that takes it
    off there and, if the other payer is invoiced, one that asks it there. Cost is
    booked once, with the work. What we bear ourselves goes to that payer's account.
    """

    _name = "aftersales.job.share"
    _description = "Share of a Job"
    _order = "job_id, id"
    _check_company_auto = True

    job_id = fields.Many2one(
        "aftersales.job", required=True, index=True, ondelete="cascade"
    )
    job_line_id = fields.Many2one(
        "aftersales.job.line",
        "Only Line",
        domain="[('job_id', '=', job_id)]",
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: the share is of the whole job.",
    )
    company_id = fields.Many2one(
        related="job_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="job_id.currency_id")
    payer_id = fields.Many2one("aftersales.payer", required=True, check_company=True)
    kind = fields.Selection(
        [("percent", "Percent"), ("fixed", "Amount, taxes included")],
        required=True,
        default="percent",
    )
    percentage = fields.Float(digits="Discount")
    amount = fields.Monetary(help="With taxes, in the currency of the quotation.")
    reason = fields.Char()
    sale_line_ids = fields.One2many(
        "sale.order.line", "job_share_id", "Quotation Lines"
    )

    _percentage_range = models.Constraint(
        "CHECK(percentage >= 0 AND percentage <= 100 AND amount >= 0)",
        "A share is between 0 and 100 percent, or an amount that is not negative.",
    )

    @api.constrains("payer_id", "percentage", "kind", "job_id", "job_line_id")
    def _check_shares(self):
        for job in self.job_id:
            shares = job.share_ids
            if job.payer_id.kind != "invoiced":
                raise ValidationError(
                    self.env._(
                        "%(job)s is borne by us: there is no bill to share. Choose the "
                        "invoiced payer for the job, and ours for the share.",
                        job=job.name,
                    )
                )
            if job.payer_id in shares.payer_id:
                raise ValidationError(
                    self.env._(
                        "%(job)s: a share is for another payer than %(payer)s.",
                        job=job.name,
                        payer=job.payer_id.name,
                    )
                )
            by_line = shares.filtered(lambda share: share.kind == "percent").grouped(
                "job_line_id"
            )
            of_job = by_line.pop(self.env["aftersales.job.line"], self.browse())
            for of_line in by_line.values() or [self.browse()]:
                if sum((of_job | of_line).mapped("percentage")) > 100:
                    raise ValidationError(
                        self.env._(
                            "%(job)s: the shares add up to more than 100 %%.",
                            job=job.name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        shares = super().create(vals_list)
        shares.job_id._check_can_change()
        shares.filtered(
            lambda share: share.job_id.state == "proposed"
        )._sync_sale_lines()
        return shares

    def write(self, vals):
        self.job_id._check_can_change()
        result = super().write(vals)
        self.filtered(lambda share: share.job_id.state == "proposed")._sync_sale_lines()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self.job_id._check_can_change()
        self.sudo().sale_line_ids._unlink_from_quotation()

    def _get_shared_sale_lines(self):
        """Return the quotation lines whose price is shared."""
        self.ensure_one()
        job_lines = self.job_line_id or self.job_id.line_ids
        return job_lines.sudo().sale_line_ids.filtered(
            lambda line: line.aftersales_payer_id == self.job_id.payer_id
        )

    def _get_base_lines(self, sign=1, delivered=False):
        """Return this share as tax base lines that add up to it to the cent.

        :param int sign: -1 for the lines that take the share off the job's payer
        :param bool delivered: of what was used, and not of what was quoted
        """
        self.ensure_one()
        if self.kind == "percent":
            amount = self.percentage
        else:
            amount = self._get_amount(delivered)
        return self.env["account.tax"]._prepare_down_payment_lines(
            self._get_shared_base_lines(delivered),
            self.company_id,
            self.kind,
            sign * amount,
            computation_key=f"aftersales_share,{self.id}",
        )

    def _get_shared_base_lines(self, delivered=False):
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        base_lines = [
            line._prepare_base_line_for_taxes_computation(
                quantity=line.qty_delivered if delivered else line.product_uom_qty
            )
            for line in self._get_shared_sale_lines()
        ]
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        return base_lines

    def _get_amount(self, delivered=False):
        """Return this share in money, with taxes, in the quotation's currency.

        Nobody bears more than the work costs: percentages are taken first, and fixed
        amounts, in turn, of what those leave.
        """
        self.ensure_one()
        total = sum(
            line["tax_details"]["total_included_currency"]
            for line in self._get_shared_base_lines(delivered)
        )
        if self.kind == "percent":
            return total * self.percentage / 100
        before = (self.job_id.share_ids - self).filtered(
            lambda share: share.kind == "percent" or share.id < self.id
        )
        taken = sum(share._get_amount(delivered) for share in before)
        return max(min(self.amount, total - taken), 0.0)

    def _sync_sale_lines(self):
        """Write the shares into the open quotations, as they are priced now."""
        self = self.sudo()  # noqa: PLW0642
        open_lines = self.sale_line_ids.filtered(lambda line: line.state != "sale")
        quotations = open_lines.order_id
        open_lines.unlink()
        missing = defaultdict(list)
        for share in self.filtered(
            lambda share: (
                share.job_id.state in ("proposed", "approved")
                and not share.sale_line_ids
            )
        ):
            order = share.job_id.order_id
            for payer, values_list in share._get_values_by_payer().items():
                missing[order, payer] += values_list
        self.job_id.order_id._add_to_quotations(missing)
        quotations._cancel_empty()

    def _get_values_by_payer(self, delivered=False):
        """Return ``{payer: [values]}`` of the lines that move this share."""
        self.ensure_one()
        values = {
            self.job_id.payer_id: [
                self._prepare_sale_line_values(base_line)
                for base_line in self._get_base_lines(-1, delivered=delivered)
            ]
        }
        if self.payer_id.kind == "invoiced":
            values[self.payer_id] = [
                self._prepare_counter_line_values(base_line)
                for base_line in self._get_base_lines(1, delivered=delivered)
            ]
        return values

    def _prepare_sale_line_values(self, base_line):
        self.ensure_one()
        return {
            "job_share_id": self.id,
            "aftersales_job_id": self.job_id.id,
            "product_id": self._get_share_product().id,
            "name": self._get_sale_line_name(),
            "product_uom_qty": 1.0,
            "price_unit": base_line["price_unit"],
            "discount": 0.0,
            "tax_ids": [Command.set(base_line["tax_ids"].ids)],
            # Keeps the rounding of the taxes on both sides the same.
            "extra_tax_data": self.env["account.tax"]._export_base_line_extra_tax_data(
                base_line
            ),
            "sequence": 10 * self.job_id.sequence + 5,
        }

    def _prepare_counter_line_values(self, base_line):
        """Return the line that asks the share of its payer, in that payer's terms."""
        values = self._prepare_sale_line_values(base_line)
        order = self.job_id.order_id
        source = self._get_shared_sale_lines().order_id[:1]
        target = order._get_open_quotation(self.payer_id) or order._new_quotation(
            self.payer_id
        )
        if target.currency_id == source.currency_id and (
            target.fiscal_position_id == source.fiscal_position_id
        ):
            return values
        price, taxes = base_line["price_unit"], base_line["tax_ids"]
        if target.fiscal_position_id != source.fiscal_position_id:
            shared = self._get_shared_sale_lines().filtered(
                lambda line: line.tax_ids == taxes
            )
            own_taxes = shared[:1].product_id.taxes_id._filter_taxes_by_company(
                self.company_id
            )
            own_taxes = target.fiscal_position_id.map_tax(own_taxes)
            price = taxes._adapt_price_unit_to_another_taxes(
                price, shared[:1].product_id, taxes, own_taxes
            )
            taxes = own_taxes
        price = source.currency_id._convert(price, target.currency_id, self.company_id)
        return {
            **values,
            "price_unit": price,
            "tax_ids": [Command.set(taxes.ids)],
            "extra_tax_data": False,
        }

    def _get_share_product(self):
        return self.env.ref("aftersales.product_share")

    def _get_sale_line_name(self):
        self.ensure_one()
        text = self.env._(
            "%(job)s: share of %(payer)s",
            job=self.job_id.name,
            payer=self.payer_id.name,
        )
        return f"{text}\n{self.reason}" if self.reason else text

    def _update_to_delivered(self):
        """After the work, take the shares of what was really used."""
        for share in self.sudo():
            sale_lines = share.sale_line_ids.filtered(lambda line: line.state == "sale")
            sale_lines.write({"qty_delivered": 1.0})
            if sale_lines.invoice_lines:
                continue
            locked = sale_lines.order_id.filtered("locked")
            locked.locked = False
            for payer, values_list in share._get_values_by_payer(
                delivered=True
            ).items():
                by_taxes = {
                    tuple(values["tax_ids"][0][2]): values for values in values_list
                }
                for line in sale_lines.filtered(
                    lambda line, payer=payer: line.aftersales_payer_id == payer
                ):
                    values = by_taxes.get(tuple(line.tax_ids.ids), {})
                    line.write(
                        {
                            "price_unit": values.get("price_unit", 0.0),
                            "extra_tax_data": values.get("extra_tax_data"),
                        }
                    )
            locked.locked = True
