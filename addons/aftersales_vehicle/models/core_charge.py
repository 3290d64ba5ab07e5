from odoo import Command, fields, models
from odoo.exceptions import UserError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    aftersales_core_charge_id = fields.Many2one(
        "product.product",
        "Core Charge",
        domain="[('type', '=', 'service')]",
        help="The deposit a supplier charges for the old part (core). Book it to an "
        "account of deposits: the supplier's credit brings that back to zero.",
    )
    aftersales_core_days = fields.Integer(
        "Core Return Window (Days)",
        default=30,
        help="Days from the supplier's bill in which the core must be sent back.",
    )
    aftersales_is_core_charge = fields.Boolean(
        "Is a Core Charge",
        help="Bills with this product open core deposits, credit notes settle them.",
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._follow_core_charges()
        return posted

    def _follow_core_charges(self):
        """Open and settle deposits with the supplier's bills and credit notes."""
        lines = self.filtered(
            lambda move: move.move_type in ("in_invoice", "in_refund")
        ).invoice_line_ids.filtered(
            lambda line: line.product_id and line.product_id.aftersales_is_core_charge
        )
        if lines:
            Core = self.env["aftersales.core"].sudo()
            # Many suppliers credit cores by a negative line of their next bill.
            billed = lines.filtered(lambda line: line.move_type == "in_invoice")
            credits = billed.filtered(lambda line: line.price_subtotal < 0)
            charges = billed - credits
            credits |= (lines - billed).filtered(lambda line: line.price_subtotal >= 0)
            known = Core.search([("bill_line_id", "in", charges.ids)]).bill_line_id
            Core._create_from_bills(charges - known)
            Core._credit(credits)

    def button_draft(self):
        result = super().button_draft()
        lines = self.invoice_line_ids.filtered(
            lambda line: line.product_id and line.product_id.aftersales_is_core_charge
        )
        if lines:
            Core = self.env["aftersales.core"].sudo()
            Core.search([("credit_line_id", "in", lines.ids)])._reopen_credits()
            fresh = Core.search([("bill_line_id", "in", lines.ids)])
            used = fresh.filtered(lambda core: core.state != "open")
            if used:
                raise UserError(
                    self.env._(
                        "The core deposits %(cores)s of this bill are tied to old "
                        "parts already. Correct it with a credit note.",
                        cores=", ".join(used.mapped("name")),
                    )
                )
            fresh.unlink()
        return result


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_core_part(self):
        """Return the part whose core this line charges: on the same bill, if it is."""
        self.ensure_one()
        charge = self.product_id
        parts = self.move_id.invoice_line_ids.product_id.filtered(
            lambda product: product.aftersales_core_charge_id == charge
        )
        return (
            parts
            or self.env["product.product"].search(
                [("product_tmpl_id.aftersales_core_charge_id", "=", charge.id)], limit=1
            )
            or charge
        )[:1]


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    def button_confirm(self):
        asked = self.filtered(lambda purchase: purchase.state in ("draft", "sent"))
        asked._add_core_charges()
        return super().button_confirm()

    def _add_core_charges(self):
        """Order the deposit with the part, as the supplier is going to bill it."""
        for purchase in self:
            wanted = {}
            for line in purchase.order_line:
                charge = line.product_id.aftersales_core_charge_id
                if charge:
                    wanted[charge] = wanted.get(charge, 0) + line.product_qty
            if not wanted:
                continue
            charged = purchase.order_line.product_id
            purchase.order_line = [
                Command.create({"product_id": charge.id, "product_qty": quantity})
                for charge, quantity in wanted.items()
                if charge not in charged
            ]
