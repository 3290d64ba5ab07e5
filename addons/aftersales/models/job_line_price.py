from odoo import api, fields, models

from .rights import PRICE_GROUPS


class AftersalesJobLine(models.Model):
    """What a line costs its payer.

    The price lives on the line of the quotation and is shown and changed through
    it. Before there is one, the payer's price list gives a preview; a price that is
    agreed already (by a template or by hand) waits for the quotation.
    """

    _inherit = "aftersales.job.line"

    sale_line_ids = fields.One2many(
        "sale.order.line", "job_line_id", "Quotation Lines", copy=False
    )
    sale_line_id = fields.Many2one(
        "sale.order.line",
        compute="_compute_sale_line_id",
        search="_search_sale_line_id",
        compute_sudo=True,
    )
    currency_id = fields.Many2one(
        "res.currency",
        "Price Currency",
        compute="_compute_currency_id",
        compute_sudo=True,
    )
    is_price_agreed = fields.Boolean(groups=PRICE_GROUPS)
    price_agreed = fields.Float(min_display_digits="Product Price", groups=PRICE_GROUPS)
    is_discount_agreed = fields.Boolean(groups=PRICE_GROUPS)
    discount_agreed = fields.Float(digits="Discount", groups=PRICE_GROUPS)
    discount_reason = fields.Char(help="Why it is free or cheaper; printed.")
    price_unit = fields.Float(
        "Unit Price",
        min_display_digits="Product Price",
        compute="_compute_prices",
        inverse="_inverse_price_unit",
        compute_sudo=True,
        groups=PRICE_GROUPS,
    )
    discount = fields.Float(
        "Discount (%)",
        digits="Discount",
        compute="_compute_prices",
        inverse="_inverse_discount",
        compute_sudo=True,
        groups=PRICE_GROUPS,
    )
    price_subtotal = fields.Monetary(
        "Subtotal", compute="_compute_prices", compute_sudo=True, groups=PRICE_GROUPS
    )
    price_total = fields.Monetary(
        "Total", compute="_compute_prices", compute_sudo=True, groups=PRICE_GROUPS
    )
    amount_company = fields.Monetary(
        compute="_compute_amount_company",
        compute_sudo=True,
        currency_field="company_currency_id",
        groups=PRICE_GROUPS,
    )
    amount_total_company = fields.Monetary(
        compute="_compute_amount_company",
        compute_sudo=True,
        currency_field="company_currency_id",
        groups=PRICE_GROUPS,
    )

    @api.depends("sale_line_ids")
    def _compute_sale_line_id(self):
        for line in self:
            line.sale_line_id = line.sale_line_ids[:1]

    @api.model
    def _search_sale_line_id(self, operator, value):
        return [("sale_line_ids", operator, value)]

    # Apart from the prices: those depend on the states of moves, and a relation that
    # did would cost every stock move of every sale a search of what it relates to.
    @api.depends("sale_line_ids.currency_id", "payer_id", "order_id.partner_id")
    def _compute_currency_id(self):
        preview_by_key = {}
        for line in self:
            currency = line.sale_line_ids[:1].currency_id
            order, payer = line.job_id.order_id, line.payer_id
            if not currency and order.partner_id and payer.kind == "invoiced":
                key = order, payer
                if key not in preview_by_key:
                    preview_by_key[key] = order._new_quotation(payer).currency_id
                currency = preview_by_key[key]
            line.currency_id = currency or line.company_currency_id

    @api.depends(
        "sale_line_ids.price_total",
        "sale_line_ids.price_unit",
        "sale_line_ids.discount",
        "product_id",
        "product_uom_qty",
        "product_uom_id",
        "payer_id",
        "price_agreed",
        "is_price_agreed",
        "discount_agreed",
        "is_discount_agreed",
        "order_id.partner_id",
        "qty_used",
        "job_id.state",
    )
    def _compute_prices(self):
        """Price and amount: as quoted, and of what was used once the job is done."""
        # All at once: a slice below would read the quotation line by line.
        self.sale_line_ids.mapped("price_total")
        for line in self:
            source = line._get_price_source()
            line.price_unit = source.price_unit
            line.discount = source.discount
            line.price_subtotal = source.price_subtotal
            line.price_total = source.price_total
            if (
                line.job_id.state == "done"
                and line.sale_line_ids
                and source.product_uom_qty != line.qty_used
            ):
                line.price_subtotal, line.price_total = line._get_used_amounts(source)

    def _get_unquoted(self):
        """Return the lines that no quotation has."""
        return self.filtered(lambda line: not line.sudo().sale_line_ids)

    def _get_used_amounts(self, sale_line):
        """Return ``(untaxed, total)`` of what was used, as the invoice will say."""
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        base_line = sale_line._prepare_base_line_for_taxes_computation(
            quantity=self.qty_used
        )
        AccountTax._add_tax_details_in_base_line(base_line, self.company_id)
        AccountTax._round_base_lines_tax_details([base_line], self.company_id)
        details = base_line["tax_details"]
        return details["total_excluded_currency"], details["total_included_currency"]

    def _get_price_source(self):
        """Return the quotation line that prices this line: the real one or a preview.

        A line that is being changed in a form is previewed until it is saved.
        """
        self.ensure_one()
        quoted = self.sale_line_ids[:1]
        if not quoted or (not self.id and self._is_altered()):
            return self._get_preview()
        return quoted

    def _is_altered(self):
        """Whether a form holds another price, quantity or payer than was saved."""
        self.ensure_one()
        saved = self._origin
        plain = (
            "product_uom_qty",
            "is_price_agreed",
            "price_agreed",
            "is_discount_agreed",
            "discount_agreed",
        )
        return any(self[field] != saved[field] for field in plain) or any(
            self[field]._origin != saved[field]
            for field in ("product_id", "product_uom_id", "payer_id")
        )

    def _get_preview(self):
        """Return the quotation line that an estimate would make now, unsaved."""
        self.ensure_one()
        SaleLine = self.env["sale.order.line"]
        if not self.product_id or self.payer_id.kind != "invoiced":
            return SaleLine.new({})
        order = self.job_id.order_id
        if not order.partner_id:
            return SaleLine.new({})
        quotation = order._new_quotation(self.payer_id)
        line_values = self._prepare_sale_line_values()
        line_values.pop("job_line_id")
        line_values.pop("aftersales_job_id")
        line_values.update(self._get_frozen_price())
        # A preview books nothing: looking for its analytic account took a query and a
        # third of the time per line.
        line_values["analytic_distribution"] = False
        return SaleLine.new({**line_values, "order_id": quotation})

    def _get_frozen_price(self):
        """Return what the quotation froze of a line that is changed in a form."""
        self.ensure_one()
        saved, quoted = self._origin, self.sale_line_ids[:1]
        if (
            not quoted
            or self.product_id._origin != saved.product_id
            or self.payer_id._origin != saved.payer_id
        ):
            return {}
        values = {}
        if self.price_agreed == saved.price_agreed:
            values["price_unit"] = quoted.price_unit
        if self.discount_agreed == saved.discount_agreed:
            values["discount"] = quoted.discount
        return values

    @api.onchange("product_id")
    def _onchange_product_id(self):
        self.is_price_agreed = False

    @api.onchange("price_unit")
    def _onchange_price_unit(self):
        # The next change in the form computes prices anew; an agreed one stays.
        price = self.price_unit
        if price != self.sudo()._get_price_source().price_unit:
            self.update({"is_price_agreed": True, "price_agreed": price})

    @api.onchange("discount")
    def _onchange_discount(self):
        discount = self.discount
        if discount != self.sudo()._get_price_source().discount:
            self.update({"is_discount_agreed": True, "discount_agreed": discount})

    def _inverse_price_unit(self):
        for line in self:
            price = line.price_unit
            # A form sends back what it was shown: nobody agreed on that.
            if price == line.sudo()._get_price_source().price_unit:
                continue
            line._check_price_can_change()
            line.write({"is_price_agreed": True, "price_agreed": price})
            line.sudo().sale_line_ids.write(
                {"price_unit": price, "technical_price_unit": price}
            )

    def _inverse_discount(self):
        for line in self:
            discount = line.discount
            if discount == line.sudo()._get_price_source().discount:
                continue
            line._check_price_can_change()
            line.write({"is_discount_agreed": True, "discount_agreed": discount})
            line.sudo().sale_line_ids.discount = discount

    def _check_price_can_change(self):
        self.ensure_one()
        if not self.job_id.can_change:
            self.job_id._check_can_change()

    @api.depends("price_subtotal", "price_total", "currency_id")
    def _compute_amount_company(self):
        for line in self:
            convert = line.job_id._convert_to_company_currency
            line.amount_company = convert(line.price_subtotal, line.currency_id)
            line.amount_total_company = convert(line.price_total, line.currency_id)

    def _prepare_sale_line_values(self):
        """Return the values of the quotation line that carries this line's price."""
        self.ensure_one()
        values = {
            "job_line_id": self.id,
            "aftersales_job_id": self.job_id.id,
            "product_id": self.product_id.id,
            "name": self._get_sale_line_name(),
            "product_uom_qty": self.product_uom_qty,
            "product_uom_id": self.product_uom_id.id,
            "sequence": 10 * self.job_id.sequence + 1,
        }
        price = self._get_agreed_price()
        if price is not None:
            # Set in both, it is the line's own price and not one typed over it.
            values["price_unit"] = price
        discount = self._get_agreed_discount()
        if discount is not None:
            values["discount"] = discount
        return values

    def _get_sale_line_name(self):
        self.ensure_one()
        if reason := self._get_free_reason():
            return f"{self.name}\n{reason}"
        return self.name

    def _get_free_reason(self):
        """Say why a line is free or cheaper, for the papers the customer gets."""
        self.ensure_one()
        if self.discount_reason:
            return self.discount_reason
        if self.payer_id.price_basis == "zero":
            return self.env._("Free: %(payer)s", payer=self.payer_id.name)
        return ""

    def _get_price_basis(self):
        """Return what the price is reckoned from: list, cost, claim or zero."""
        self.ensure_one()
        return self.payer_id.price_basis

    def _get_agreed_price(self):
        """Return a unit price that does not come from the price list, or None.

        It is in the currency of the payer's quotation, and in the terms of the
        product's taxes: at cost, a price with taxes has them on top of the cost.
        """
        self.ensure_one()
        if self.is_price_agreed:
            return self.price_agreed
        if self._get_price_basis() == "cost":
            return self._get_cost_price()
        return None

    def _get_cost_price(self):
        """Return the unit price at cost, in the payer's currency and tax terms."""
        self.ensure_one()
        product = self.product_id.with_company(self.company_id)
        cost = product.uom_id._compute_price(
            product.standard_price, self.product_uom_id
        )
        partner = self.payer_id.partner_id or self.order_id.partner_id
        partner = partner.with_company(self.company_id)
        currency = (
            self.payer_id.pricelist_id or partner.property_product_pricelist
        ).currency_id
        price = self.company_currency_id._convert(
            cost, currency or self.company_currency_id, self.company_id
        )
        return price + self._get_included_taxes(price, partner)

    def _get_included_taxes(self, price, partner):
        """Return the taxes that a price to ``partner`` contains beside ``price``."""
        self.ensure_one()
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        if not any(taxes.mapped("price_include")):
            return 0.0
        position = self.payer_id.fiscal_position_id or self.env[
            "account.fiscal.position"
        ].with_company(self.company_id)._get_fiscal_position(partner)
        details = position.map_tax(taxes)._get_tax_details(
            price,
            1.0,
            rounding_method="round_globally",
            product=self.product_id,
            special_mode="total_excluded",
        )
        return sum(
            data["tax_amount"]
            for data in details["taxes_data"]
            if data["tax"].price_include
        )

    def _get_agreed_discount(self):
        self.ensure_one()
        if self.is_discount_agreed:
            return self.discount_agreed
        if self._get_price_basis() == "zero":
            return 100.0
        return None

    def _update_sale_lines(self, changed):
        """Carry a change of an open line to its quotation."""
        sale_fields = {"product_uom_qty", "product_uom_id"} & changed
        for line in self:
            sale_line = line.sudo().sale_line_ids.filtered(
                lambda sale_line: sale_line.state != "sale"
            )
            if not sale_line:
                continue
            if {"product_id", "kind"} & changed:
                sale_line._unlink_from_quotation()
                continue
            values = {
                field: line[field].id if field.endswith("_id") else line[field]
                for field in sale_fields
                if sale_line[field] != line[field]
            }
            if values:
                sale_line.write(values)
        self.job_id.filtered(lambda job: job.state == "proposed")._sync_quotations()
