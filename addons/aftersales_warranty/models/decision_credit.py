from odoo import Command, models
from odoo.exceptions import UserError


class AftersalesWarrantyDecision(models.Model):
    """Return, price cut and damages: the draft credit note, and what is left of it."""

    _inherit = "aftersales.warranty.decision"

    def _lock(self):
        """One step at a time for all decisions about an asset.

        What may still be credited depends on the others, which two people may decide
        about at once.
        """
        self.check_access("write")
        family = self.sudo().search([("asset_id", "in", self.sudo().asset_id.ids)])
        super(AftersalesWarrantyDecision, family)._lock()
        return super()._lock()

    def _credit(self):
        """Make the draft credit notes that are missing."""
        values_list = []
        for decision in self:
            if decision.has_draft or decision.amount_settled > 0:
                continue
            decision.origin_line_id = decision._get_origin_line()
            decision._check_still_paid()
            values_list.append(decision._prepare_credit_note_values())
        # As superuser: who may decide need not have Invoicing rights.
        return self.env["account.move"].sudo().create(values_list)

    def _get_origin_line(self):
        """Return the posted invoice line that sold the thing to this customer."""
        self.ensure_one()
        asset = self.asset_id
        sold = self.registration_id.sale_line_id | asset.registration_ids.sale_line_id
        if asset.lot_id:
            delivered = self.env["stock.move.line"].search(
                [
                    ("lot_id", "=", asset.lot_id.id),
                    ("state", "=", "done"),
                    ("move_id.sale_line_id", "!=", False),
                    ("location_dest_usage", "=", "customer"),
                ],
                order="date desc",
            )
            sold |= delivered.move_id.sale_line_id
        invoices = self.registration_id.invoice_id
        lines = sold.invoice_lines | invoices.invoice_line_ids.filtered(
            lambda line: line.product_id and line.product_id == asset.product_id
        )
        return lines.filtered(
            lambda line: (
                line.move_id.move_type == "out_invoice"
                and line.parent_state == "posted"
                and line.company_id == self.company_id
                and line.quantity > 0
                and line.move_id.commercial_partner_id
                == self.partner_id.commercial_partner_id
            )
        ).sorted("id")[-1:]

    def _get_unit_base_line(self):
        """Return one piece of what was sold, as a tax base line with its taxes."""
        self.ensure_one()
        return self.origin_line_id._get_aftersales_base_line(self._get_unit_quantity())

    def _get_unit_quantity(self):
        return min(self.origin_line_id.quantity, 1.0)

    def _get_amount_in(self, currency):
        self.ensure_one()
        return self.currency_id._convert(self.amount, currency, self.company_id)

    def _check_still_paid(self):
        """Refuse to credit more than was paid, other credits of it taken off."""
        self.ensure_one()
        origin = self.origin_line_id
        if self.kind == "compensation" or not origin:
            return
        paid = self._get_unit_base_line()["tax_details"]["total_included_currency"]
        before = self.search(
            [
                ("id", "!=", self.id),
                ("asset_id", "=", self.asset_id.id),
                ("origin_line_id", "=", origin.id),
                ("kind", "in", ("return", "price_cut")),
                ("state", "in", ("approved", "settled")),
            ]
        )
        given = sum(decision._get_amount_in(origin.currency_id) for decision in before)
        left = min(paid - given, origin._get_correctable())
        amount = self._get_amount_in(origin.currency_id)
        if origin.currency_id.compare_amounts(amount, left) > 0:
            raise UserError(
                self.env._(
                    "%(decision)s: by %(invoice)s the customer paid %(paid)s for "
                    "%(asset)s, of which %(left)s is not credited yet. %(amount)s is "
                    "more: withdraw this and propose what is left.",
                    decision=self.display_name,
                    invoice=origin.move_id.name,
                    asset=self.asset_id.display_name,
                    paid=origin.currency_id.format(paid),
                    left=origin.currency_id.format(max(left, 0.0)),
                    amount=origin.currency_id.format(amount),
                )
            )

    def _prepare_credit_note_values(self):
        """Return the values of the draft credit note."""
        self.ensure_one()
        values = {
            "move_type": "out_refund",
            "company_id": self.company_id.id,
            "invoice_payment_term_id": False,
            "invoice_origin": self.order_id.name or self.name,
            "ref": self.display_name,
            "narration": self.working_text,
            "aftersales_decision_id": self.id,
            "aftersales_order_id": self.order_id.id,
        }
        origin = self.origin_line_id
        if self.kind == "compensation" or not origin:
            payer = self.company_id._get_bearer("goodwill")
            payer._check_can_bear()
            partner = self.partner_id
            return {
                **values,
                "partner_id": partner.address_get(["invoice"])["invoice"],
                "currency_id": self.currency_id.id,
                "invoice_line_ids": [
                    Command.create(self._prepare_goodwill_line_values(payer))
                ],
            }
        move = origin.move_id
        lines = (
            self._prepare_return_lines_values()
            if self.kind == "return"
            else self._prepare_part_lines_values(
                self._get_amount_in(origin.currency_id), self._get_credit_line_name()
            )
        )
        return {
            **values,
            "reversed_entry_id": move.id,
            "partner_id": move.partner_id.id,
            "partner_shipping_id": move.partner_shipping_id.id,
            "journal_id": move.journal_id.id,
            "currency_id": move.currency_id.id,
            "fiscal_position_id": move.fiscal_position_id.id,
            "invoice_line_ids": [Command.create(line) for line in lines],
        }

    def _get_credit_line_name(self):
        self.ensure_one()
        return self.env._(
            "%(decision)s: %(asset)s",
            decision=self.display_name,
            asset=self.asset_id.display_name,
        )

    def _prepare_goodwill_line_values(self, payer):
        """Return what we bear ourselves: damages are no sale, so without taxes."""
        return {
            "name": self._get_credit_line_name(),
            "quantity": 1.0,
            "price_unit": self.amount,
            "tax_ids": [Command.clear()],
            "account_id": (payer.share_account_id or payer.account_id).id,
            "aftersales_order_id": self.order_id.id,
        }

    def _prepare_return_lines_values(self):
        """Return the line that was sold, in full, and the use deduction off it.

        With its product and its sales order line, as Odoo credits a return: the cost
        of sales goes back too. What is kept for the use has the taxes of the sale.
        """
        self.ensure_one()
        origin = self.origin_line_id
        lines = [
            {
                "product_id": origin.product_id.id,
                "name": origin.name,
                "quantity": self._get_unit_quantity(),
                "product_uom_id": origin.product_uom_id.id,
                "price_unit": origin.price_unit,
                "discount": origin.discount,
                "tax_ids": [Command.set(origin.tax_ids.ids)],
                "account_id": origin.account_id.id,
                "sale_line_ids": [Command.set(origin.sale_line_ids.ids)],
                "analytic_distribution": origin.analytic_distribution,
                "aftersales_order_id": self.order_id.id,
            }
        ]
        paid = self._get_unit_base_line()["tax_details"]["total_included_currency"]
        kept = origin.currency_id.round(paid - self._get_amount_in(origin.currency_id))
        if not origin.currency_id.is_zero(kept):
            name = self.env._("Use deduction")
            if self.working_text:
                name = f"{name}\n{self.working_text}"
            account = self.company_id.aftersales_use_deduction_account_id
            lines += self._prepare_part_lines_values(
                -kept, name, account or origin.account_id
            )
        return lines

    def _prepare_part_lines_values(self, amount, name, account=None):
        """Return lines of ``amount``, taxes included, with the taxes of the sale."""
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        origin = self.origin_line_id
        base_lines = AccountTax._prepare_down_payment_lines(
            [self._get_unit_base_line()],
            self.company_id,
            "fixed",
            amount,
            computation_key=f"aftersales_decision,{self.id}",
        )
        return [
            {
                "name": name,
                "quantity": 1.0,
                "price_unit": base_line["price_unit"],
                "tax_ids": [Command.set(base_line["tax_ids"].ids)],
                # Keeps the taxes such that it is the amount to the cent.
                "extra_tax_data": AccountTax._export_base_line_extra_tax_data(
                    base_line
                ),
                "account_id": (account or origin.account_id).id,
                "analytic_distribution": origin.analytic_distribution,
                "aftersales_order_id": self.order_id.id,
            }
            for base_line in base_lines
        ]
