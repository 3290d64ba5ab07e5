from odoo import models


class AftersalesReturnLine(models.Model):
    """What a settlement will do, said before it is done."""

    _inherit = "aftersales.return.line"

    def _get_forecast(self):
        """Return sentences: what the customers get, and where the goods go.

        Money as ``action_settle`` will book it, from the same lines.
        """
        todo = self.sudo()
        todo._check_operation()
        sentences = []
        giving = todo.filtered(lambda line: not line.date_given)
        for remedy, lines in giving.grouped("remedy").items():
            sentences += getattr(lines, f"_forecast_{remedy}")()
        for goods, lines in todo.grouped(lambda line: line._get_goods()).items():
            sentences += getattr(lines, f"_forecast_goods_{goods}")()
        return sentences

    # What the customer gets

    def _forecast_none(self):
        return []

    def _forecast_refund(self):
        sentences = []
        for invoice, (lines, amount) in self._get_refund_forecast().items():
            words = {
                "amount": invoice.currency_id.format(amount),
                "invoice": invoice.name,
                "goods": lines._get_goods_words(),
            }
            if invoice.company_id.aftersales_invoice_posting == "post":
                sentences.append(
                    self.env._(
                        "Credit note of %(amount)s on %(invoice)s for %(goods)s, "
                        "posted at once.",
                        **words,
                    )
                )
            else:
                sentences.append(
                    self.env._(
                        "Draft credit note of %(amount)s on %(invoice)s for "
                        "%(goods)s, for the accountant to post.",
                        **words,
                    )
                )
        billed = {
            line
            for parts in self._get_parts_by_invoice().values()
            for line, _item, _quantity in parts
        }
        if bare := self.filtered(lambda line: line not in billed):
            sentences.append(
                self.env._(
                    "No credit note: %(goods)s is not invoiced, it counts as not "
                    "delivered.",
                    goods=bare._get_goods_words(),
                )
            )
        return sentences

    def _get_refund_forecast(self):
        """Return ``{invoice: (lines, amount with taxes)}`` of the credit notes."""
        result = {}
        for invoice, own in self._get_parts_by_invoice().items():
            values = self._prepare_credit_note_values(invoice, own)
            amount = sum(
                self._get_amount_with_taxes(invoice, command[2])
                for command in values["invoice_line_ids"]
            )
            lines = self.browse().concat(*dict.fromkeys(line for line, *_rest in own))
            result[invoice] = lines, amount
        return result

    def _get_amount_with_taxes(self, invoice, values):
        taxes = self.env["account.tax"].browse(values["tax_ids"][0][2])
        price = values["price_unit"] * (1 - (values.get("discount") or 0.0) / 100)
        return taxes.compute_all(
            price,
            currency=invoice.currency_id,
            quantity=values["quantity"],
            product=self.env["product.product"].browse(values.get("product_id")),
            partner=invoice.partner_id,
        )["total_included"]

    def _forecast_exchange(self):
        sentences = []
        for payer, lines in self.grouped(
            lambda line: line.payer_id or line.operation_id._get_payer(line.company_id)
        ).items():
            sentences.append(
                self.env._(
                    "The customer gets %(goods)s free of charge; %(payer)s bears it.",
                    goods=lines._get_replacement_words(),
                    payer=payer.name,
                )
            )
        return sentences

    def _forecast_other(self):
        return self._forecast_refund() + [
            self.env._(
                "Sales order of %(goods)s at today's price.",
                goods=self._get_replacement_words(),
            )
        ]

    def _get_replacement_words(self):
        return ", ".join(
            # A new one: not the serial that came back.
            line._get_short_words(
                line.replacement_product_id or line.product_id, with_serial=False
            )
            for line in self
        )

    def _forecast_repair(self):
        return [
            self.env._(
                "A work order is opened for %(goods)s. The customer approves its "
                "estimate, and it leaves only after it passed the test.",
                goods=self._get_goods_words(),
            )
        ]

    # Where the goods go

    def _forecast_goods_restock(self):
        by_place = self.grouped(
            lambda line: (
                line.grade_id.with_company(line.company_id).location_id
                or line.return_id.warehouse_id.lot_stock_id
            )
        )
        return [
            self.env._(
                "%(goods)s is put away in %(place)s.",
                goods=lines._get_goods_words(),
                place=place.display_name,
            )
            for place, lines in by_place.items()
        ]

    def _forecast_goods_scrap(self):
        return [
            self.env._("%(goods)s is scrapped.", goods=self._get_goods_words()),
        ]

    def _forecast_goods_supplier(self):
        return [
            self.env._(
                "%(goods)s goes to its supplier.", goods=self._get_goods_words()
            ),
        ]

    def _forecast_goods_back(self):
        return [
            self.env._(
                "%(goods)s goes back to %(customer)s.",
                goods=lines._get_goods_words(),
                customer=(rma.shipping_id or rma.partner_id).display_name,
            )
            for rma, lines in self.grouped("return_id").items()
        ]

    def _forecast_goods_stay(self):
        return [
            self.env._(
                "%(goods)s stays with the customer.", goods=self._get_goods_words()
            ),
        ]
