from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesCorrection(models.Model):
    """What was billed to one payer and is borne by another after all.

    The invoice stays as it is. A credit note takes the amount off with the account
    and the taxes of the line that was billed; another payer who is invoiced gets an
    invoice, and what we bear goes to our own account on the credit note itself.
    Neither has a product, so cost stays booked once, with the work.
    """

    _name = "aftersales.correction"
    _description = "Change of Payer After Invoicing"
    _order = "id desc"
    _check_company_auto = True

    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
    )
    job_id = fields.Many2one(
        "aftersales.job",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    job_line_id = fields.Many2one(
        "aftersales.job.line",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    origin_id = fields.Many2one(
        "account.move.line",
        "Billed By",
        required=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="origin_id.currency_id")
    payer_from_id = fields.Many2one(
        "aftersales.payer", "Billed To", required=True, check_company=True
    )
    payer_id = fields.Many2one(
        "aftersales.payer", "Borne By", required=True, check_company=True
    )
    amount = fields.Monetary(help="With taxes, in the currency of the bill.")
    amount_untaxed = fields.Monetary()
    reason = fields.Char(required=True)
    claim_line_id = fields.Many2one(
        "aftersales.claim.line", index="btree_not_null", ondelete="set null"
    )
    item_ids = fields.One2many("account.move.line", "aftersales_correction_id")
    credit_id = fields.Many2one(
        "account.move", "Credit Note", index="btree_not_null", readonly=True
    )
    invoice_id = fields.Many2one("account.move", index="btree_not_null", readonly=True)
    state = fields.Selection(
        [("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled")],
        compute="_compute_state",
        store=True,
    )

    @api.depends("credit_id")
    def _compute_state(self):
        for correction in self:
            # Without its credit note it moves nothing.
            correction.state = correction.sudo().credit_id.state or "cancel"

    @api.model
    def _correct(self, amounts, payer, reason, claim_lines=None):
        """Move what was billed to another payer.

        :param dict amounts: ``{invoice line: amount with taxes}``
        :param payer: who bears it now
        :param dict claim_lines: the claim lines that this decides about
        :return: the corrections, with their documents as drafts, or posted where the
            company's invoices of work orders are
        """
        self = self.sudo()  # noqa: PLW0642
        claim_lines = claim_lines or {}
        payer._check_can_bear()
        # Two at once must not move the same amount.
        self.env["account.move.line"].union(*amounts).aftersales_order_id._lock()
        taken = {}
        for origin, amount in amounts.items():
            key = (
                origin.sudo()._get_aftersales_job(),
                origin.move_id.aftersales_payer_id,
            )
            origin.sudo()._check_correction(amount, payer, taken.get(key, 0.0))
            taken[key] = taken.get(key, 0.0) + amount
        values_list, credits_lines, invoice_lines = [], {}, {}
        for origin, amount in amounts.items():
            line = origin.sudo()._get_aftersales_origin()
            values_list.append(
                {
                    **line,
                    "origin_id": origin.id,
                    "payer_from_id": origin.move_id.aftersales_payer_id.id,
                    "payer_id": payer.id,
                    "amount": amount,
                    "reason": reason,
                    "claim_line_id": claim_lines.get(
                        origin, self.env["aftersales.claim.line"]
                    ).id,
                }
            )
        corrections = self.create(values_list)
        for correction in corrections:
            origin = correction.origin_id
            base_lines = correction._get_base_lines()
            correction.amount_untaxed = sum(
                base_line["tax_details"]["total_excluded_currency"]
                for base_line in base_lines
            )
            credits_lines.setdefault((origin.move_id, correction.order_id), []).extend(
                correction._prepare_credit_line_values(base_line)
                for base_line in base_lines
            )
            if payer.kind == "invoiced":
                quotation = correction.order_id._new_quotation(payer)
                invoice_lines.setdefault(
                    (correction.order_id, quotation.currency_id), []
                )
                invoice_lines[correction.order_id, quotation.currency_id] += [
                    correction._prepare_invoice_line_values(base_line, quotation)
                    for base_line in base_lines
                ]
        moves = self.env["account.move"].create(
            [
                self._prepare_credit_values(move, order, reason, lines)
                for (move, order), lines in credits_lines.items()
            ]
            + [
                self._prepare_invoice_values(order, payer, currency, lines)
                for (order, currency), lines in invoice_lines.items()
            ]
        )
        for correction in corrections:
            documents = correction.item_ids.move_id
            correction.credit_id = documents.filtered(
                lambda move: move.move_type == "out_refund"
            )
            correction.invoice_id = documents.filtered(
                lambda move: move.move_type == "out_invoice"
            )
        moves._create_aftersales_claims()
        to_post = self.env["aftersales.order"]._get_invoices_to_post(moves)
        if to_post:
            to_post.action_post()
        for order, group in corrections.grouped("order_id").items():
            order.message_post(
                body=self.env._(
                    "%(payer)s bears %(amount)s of what was billed to %(before)s: "
                    "%(reason)s",
                    payer=payer.name,
                    amount=", ".join(
                        correction.currency_id.format(correction.amount)
                        for correction in group
                    ),
                    before=", ".join(group.payer_from_id.mapped("name")),
                    reason=reason,
                )
            )
        return corrections

    def _get_moves(self):
        return self.credit_id | self.invoice_id

    def _get_base_lines(self):
        """Return the amount as tax base lines with the taxes that were billed."""
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        origin = self.origin_id
        base_lines = AccountTax._prepare_down_payment_lines(
            [origin._get_aftersales_base_line(origin.quantity)],
            self.company_id,
            "fixed",
            self.amount,
            computation_key=f"aftersales_correction,{self.id}",
        )
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        return base_lines

    def _prepare_line_values(self, base_line):
        self.ensure_one()
        return {
            "name": self.env._(
                "%(line)s: borne by %(payer)s\n%(reason)s",
                line=(self.origin_id.name or "").split("\n")[0],
                payer=self.payer_id.name,
                reason=self.reason,
            ),
            "quantity": 1.0,
            "price_unit": base_line["price_unit"],
            "tax_ids": [Command.set(base_line["tax_ids"].ids)],
            # Keeps the rounding of the taxes the same on all documents.
            "extra_tax_data": self.env["account.tax"]._export_base_line_extra_tax_data(
                base_line
            ),
            "aftersales_order_id": self.order_id.id,
            "aftersales_correction_id": self.id,
            "analytic_distribution": self.origin_id.analytic_distribution,
        }

    def _prepare_credit_line_values(self, base_line):
        account = self.origin_id.account_id
        if self.payer_id.kind == "absorbed":
            account = self.payer_id.share_account_id or self.payer_id.account_id
        return self._prepare_line_values(base_line) | {"account_id": account.id}

    def _prepare_invoice_line_values(self, base_line, quotation):
        """Return the line that asks the amount of its payer, in that payer's terms."""
        values = self._prepare_line_values(base_line)
        origin, position = self.origin_id, quotation.fiscal_position_id
        product = self._get_product()
        accounts = product.with_company(
            self.company_id
        ).product_tmpl_id.get_product_accounts(fiscal_pos=position)
        values["account_id"] = (accounts["income"] or origin.account_id).id
        if position != origin.move_id.fiscal_position_id:
            own_taxes = position.map_tax(
                product.taxes_id._filter_taxes_by_company(self.company_id)
            )
            taxes = base_line["tax_ids"]
            values["price_unit"] = taxes._adapt_price_unit_to_another_taxes(
                values["price_unit"], product, taxes, own_taxes
            )
            values["tax_ids"] = [Command.set(own_taxes.ids)]
            values["extra_tax_data"] = False
        if quotation.currency_id != self.currency_id:
            values["price_unit"] = self.currency_id._convert(
                values["price_unit"], quotation.currency_id, self.company_id
            )
            values["extra_tax_data"] = False
        return values

    def _get_product(self):
        """Return what was billed; for a share, the product of its lines' taxes."""
        self.ensure_one()
        product = self.job_line_id.product_id or self.origin_id.product_id
        if product == self.env.ref("aftersales.product_share"):
            taxes = self.origin_id.tax_ids
            same = self.job_id.line_ids.filtered(
                lambda line: line.sale_line_ids.tax_ids == taxes
            )
            product = (same or self.job_id.line_ids)[:1].product_id or product
        return product

    @api.model
    def _prepare_credit_values(self, move, order, reason, lines):
        return {
            "move_type": "out_refund",
            "aftersales_follower": "aftersales.correction,credit_id",
            "reversed_entry_id": move.id,
            "partner_id": move.partner_id.id,
            "partner_shipping_id": move.partner_shipping_id.id,
            "company_id": move.company_id.id,
            "journal_id": move.journal_id.id,
            "currency_id": move.currency_id.id,
            "fiscal_position_id": move.fiscal_position_id.id,
            "invoice_payment_term_id": False,
            "ref": self.env._(
                "%(invoice)s: %(reason)s", invoice=move.name, reason=reason
            ),
            "invoice_origin": order.name,
            "aftersales_order_id": order.id,
            "aftersales_payer_id": move.aftersales_payer_id.id,
            "invoice_line_ids": [Command.create(values) for values in lines],
        }

    @api.model
    def _prepare_invoice_values(self, order, payer, currency, lines):
        quotation = order._new_quotation(payer)
        partner = payer.partner_id or order.partner_id
        address = partner.browse(partner.address_get(["invoice"])["invoice"])
        return {
            "move_type": "out_invoice",
            "partner_id": address.id,
            "company_id": order.company_id.id,
            "currency_id": currency.id,
            "fiscal_position_id": quotation.fiscal_position_id.id,
            "invoice_origin": order.name,
            "aftersales_order_id": order.id,
            "aftersales_payer_id": payer.id,
            "invoice_line_ids": [Command.create(values) for values in lines],
        }


class AftersalesPayer(models.Model):
    _inherit = "aftersales.payer"

    def _check_can_bear(self):
        """Refuse to let a payer of ours bear a bill without an account for it."""
        for payer in self:
            if payer.kind == "absorbed" and not (
                payer.share_account_id or payer.account_id
            ):
                raise UserError(
                    self.env._(
                        "Payer %(payer)s has no account to bear this on. Set it under "
                        "Work Orders / Configuration / Payers.",
                        payer=payer.name,
                    )
                )
