import hashlib

from odoo import models
from odoo.exceptions import UserError


class AftersalesJob(models.Model):
    """What the customer is asked about, at which price."""

    _inherit = "aftersales.job"

    def _get_customer_price(self):
        """Return what the customer of the order pays for this job.

        :return: dict ``currency``, ``untaxed``, ``total``, and ``shares``: the
            quotation lines that shift part of the price to or from the customer
        """
        self.ensure_one()
        job = self.sudo()
        order = job.order_id
        lines = job.line_ids.filtered(
            lambda line: order._is_billed_to_customer(line.payer_id)
        )
        shares = job.share_ids.sale_line_ids.filtered(
            lambda line: (
                line.state != "cancel"
                and order._is_billed_to_customer(line.aftersales_payer_id)
            )
        )
        return {
            "currency": (lines.currency_id | shares.currency_id)[:1] or job.currency_id,
            "untaxed": sum(
                lines.mapped("price_subtotal") + shares.mapped("price_subtotal")
            ),
            "total": sum(lines.mapped("price_total") + shares.mapped("price_total")),
            "shares": shares,
        }

    def _get_offer_code(self):
        """Return a digest of what the customer is asked to agree to.

        It changes with the texts, lines and prices that the page shows, and so
        tells whether an answer is about the offer as it is now.
        """
        self.ensure_one()
        price = self._get_customer_price()
        content = [
            (self.id, self.name, self.description, price["currency"].id),
            [
                (line.id, line.name, line.product_uom_qty, line.product_uom_id.id)
                for line in self.line_ids
            ],
            f"{price['untaxed']:.6f} {price['total']:.6f}",
        ]
        return hashlib.sha256(repr(content).encode()).hexdigest()[:20]

    def _check_can_approve_on_portal(self, offer):
        """Return whether there is something to approve; refuse what has changed."""
        self.ensure_one()
        if self.state in ("approved", "progress", "done"):
            return False
        if self not in self.order_id._get_waiting_jobs():
            raise UserError(self.order_id._get_stale_message())
        if offer != self._get_offer_code():
            raise UserError(
                self.env._(
                    "“%(job)s” was changed while you were reading. Nothing was saved. "
                    "Load the page again and look at it once more.",
                    job=self.name,
                )
            )
        return True

    def _check_can_decline_on_portal(self, reason):
        """Return whether there is something to decline; refuse what can't be."""
        self.ensure_one()
        if self.state == "declined":
            return False
        if self.state in ("approved", "progress", "done"):
            raise UserError(
                self.env._(
                    "“%(job)s” is approved already. If you changed your mind, write to "
                    "us or call us.",
                    job=self.name,
                )
            )
        if self not in self.order_id._get_waiting_jobs():
            raise UserError(self.order_id._get_stale_message())
        if not (reason or "").strip():
            raise UserError(
                self.env._("Tell us in a word why not: “%(job)s”.", job=self.name)
            )
        return True

    def _get_last_answer(self):
        """Return the customer's last answer about this job, if any."""
        self.ensure_one()
        return self.order_id.approval_ids.filtered(
            lambda answer: self in answer.job_ids
        )[:1]


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    def _get_customer_price(self):
        """Return what the customer sees of this line's price.

        What somebody else pays is shown with the value it has for the customer,
        and never with the other's price. Done work counts as it was used.

        :return: dict ``currency``, ``quantity``, ``price_unit``, ``discount``,
            ``value`` (in full), ``amount`` (to pay), ``taxes`` and ``reason`` (why it
            is free or cheaper)
        """
        self.ensure_one()
        line = self.sudo()
        order = line.order_id
        mine = order._is_billed_to_customer(line.payer_id)
        quantity = (
            line.qty_used if line.job_id.state == "done" else line.product_uom_qty
        )
        if mine:
            source = line.sale_line_ids[:1] or line._get_preview()
            included = source.tax_ids and all(source.tax_ids.mapped("price_include"))
            amount = line.price_total if included else line.price_subtotal
            reason = line._get_free_reason()
        else:
            source = order._get_list_price_line(line, quantity)
            amount = 0.0
            reason = line.discount_reason or line._get_other_payer_text()
        currency = source.currency_id or line.company_currency_id
        return {
            "currency": currency,
            "quantity": quantity,
            "price_unit": source.price_unit,
            "discount": source.discount if mine else 100.0,
            "value": currency.round(source.price_unit * quantity),
            "amount": amount,
            "taxes": source.tax_ids if mine else source.tax_ids.browse(),
            "reason": reason,
        }

    def _get_customer_name(self):
        """Return what the customer knows it as, without the shop's own code."""
        self.ensure_one()
        code = self.sudo().product_id.default_code
        return (self.name or "").removeprefix(f"[{code}] ")

    def _get_customer_unit(self):
        """Return the unit of the quantity; pieces are counted without one."""
        self.ensure_one()
        unit = self.sudo().product_uom_id
        # Cached, unlike the record: asked for each line.
        pieces = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_unit")
        return "" if unit.id == pieces else unit.name

    def _get_other_payer_text(self):
        self.ensure_one()
        if self.payer_id.kind == "absorbed":
            return self.env._("Free: %(payer)s", payer=self.payer_id.name)
        return self.env._("Paid by: %(payer)s", payer=self.payer_id.name)
