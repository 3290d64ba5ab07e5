from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .amounts import split_amount

CLAIM_FOLLOWER = "aftersales.claim,move_id"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _create_invoices(self, grouped=False, final=False, date=None):
        """What is billed to a payer with claims is a claim, whoever bills it."""
        moves = super()._create_invoices(grouped=grouped, final=final, date=date)
        moves._create_aftersales_claims()
        return moves


class AftersalesClaim(models.Model):
    _inherit = "aftersales.claim"

    @api.model_create_multi
    def create(self, vals_list):
        claims = super().create(vals_list)
        claims._mark_moves()
        return claims

    def write(self, vals):
        result = super().write(vals)
        if vals.get("move_id"):
            self._mark_moves()
        return result

    def _mark_moves(self):
        self.sudo().move_id.filtered(
            lambda move: not move.aftersales_follower
        ).aftersales_follower = CLAIM_FOLLOWER

    def _get_open_action(self):
        """Return an action that opens one claim, or the list of several."""
        if len(self) == 1:
            return self.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.claim_action"
        )
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}

    def _sync_lines(self):
        """Bring the lines in line with the draft invoice, which may be changed."""
        for claim in self.filtered(lambda claim: claim.move_id):
            if claim.method != "invoice":
                continue
            known = claim.line_ids.grouped("invoice_line_id")
            new = []
            for values in claim.move_id._get_claim_lines_values():
                line = known.pop(
                    self.env["account.move.line"].browse(values["invoice_line_id"]),
                    None,
                )
                if line is None:
                    new.append({**values, "claim_id": claim.id})
                    continue
                changed = {
                    field: values[field]
                    for field in ("amount_claimed", "amount_untaxed", "quantity")
                    if values[field] != line[field]
                }
                if changed:
                    line.write(changed)
            self.env["aftersales.claim.line"].concat(*known.values()).unlink()
            self.env["aftersales.claim.line"].create(new)

    def _get_payer(self, code):
        """Return the standard payer of the claim's company with that code."""
        self.ensure_one()
        payer = self.env["aftersales.payer"].search(
            [("company_id", "=", self.company_id.id), ("code", "=", code)], limit=1
        )
        if not payer:
            raise UserError(
                self.env._(
                    "%(company)s has no payer with the code “%(code)s”. Add one under "
                    "Work Orders / Configuration / Payers.",
                    company=self.company_id.name,
                    code=code,
                )
            )
        return payer


class AccountMove(models.Model):
    _inherit = "account.move"

    aftersales_claim_ids = fields.One2many("aftersales.claim", "move_id", "Claims")
    aftersales_claim_count = fields.Integer(
        compute="_compute_aftersales_claim_count", compute_sudo=True
    )

    @api.depends("aftersales_claim_ids")
    def _compute_aftersales_claim_count(self):
        for move in self:
            move.aftersales_claim_count = len(move.aftersales_claim_ids)

    def action_view_aftersales_claims(self):
        return self.aftersales_claim_ids._get_open_action()

    def _get_aftersales_claims(self):
        """Return the claims these invoices and refunds ask the money for."""
        # Most invoices ask for no claim: they cost nothing here.
        return (
            self.sudo()
            .filtered(lambda move: move.aftersales_follower == CLAIM_FOLLOWER)
            .aftersales_claim_ids
        )

    def _create_aftersales_claims(self):
        """Make the claims of fresh invoices to payers of whom money is claimed."""
        values_list = []
        claimed = self.sudo().filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.aftersales_payer_id.claim_method == "invoice"
                and not move.aftersales_claim_ids
            )
        )
        # All at once: the slices below would read the quotations line by line.
        sale_lines = claimed.invoice_line_ids.sale_line_ids
        sale_lines.job_line_id.mapped("product_id")
        sale_lines.job_share_id.mapped("job_line_id")
        for move in claimed:
            lines = move._get_claim_lines_values()
            orders = move.invoice_line_ids.aftersales_order_id
            if lines:
                values_list.append(
                    {
                        "company_id": move.company_id.id,
                        "payer_id": move.aftersales_payer_id.id,
                        "partner_id": move.commercial_partner_id.id,
                        "currency_id": move.currency_id.id,
                        "move_id": move.id,
                        "user_id": orders.user_id[:1].id or self.env.uid,
                        "line_ids": [Command.create(values) for values in lines],
                    }
                )
        return self.env["aftersales.claim"].sudo().create(values_list)

    def _get_claim_lines_values(self):
        """Return the claim lines of an invoice, which add up to its total.

        What is taken off a job, such as the customer's share, is taken off its lines.
        """
        self.ensure_one()
        items = self.invoice_line_ids.filtered(
            lambda item: item.display_type == "product"
        )
        asked = items.filtered(lambda item: item.price_total >= 0)
        if not asked:
            return []
        totals = {item: item.price_total for item in asked}
        untaxed = {item: item.price_subtotal for item in asked}
        for item in items - asked:
            job = item.sale_line_ids[:1].aftersales_job_id
            targets = asked.filtered(
                lambda other, job=job: (
                    job and job in other.sale_line_ids.aftersales_job_id
                )
            )
            self._spread(totals, targets or asked, item.price_total)
            self._spread(untaxed, targets or asked, item.price_subtotal)
        # Taxes may be rounded on the whole invoice.
        rest = self.amount_total - sum(totals.values())
        if not self.currency_id.is_zero(rest):
            totals[max(asked, key=lambda item: totals[item])] += rest
        return [
            self._prepare_claim_line_values(item, totals[item], untaxed[item])
            for item in asked
        ]

    def _spread(self, amounts, items, amount):
        """Add ``amount`` to those of ``items``, in proportion to what they are."""
        shares = split_amount(
            amount, [amounts[item] for item in items], self.currency_id
        )
        for item, share in zip(items, shares, strict=True):
            amounts[item] = self.currency_id.round(amounts[item] + share)

    def _prepare_claim_line_values(self, item, total, untaxed):
        sale_line = item.sale_line_ids[:1]
        origin = item._get_aftersales_origin()
        return {
            **origin,
            "name": (item.name or item.product_id.display_name or "").split("\n")[0],
            "sequence": item.sequence,
            "job_share_id": sale_line.job_share_id.id,
            "sale_line_id": sale_line.id,
            "invoice_line_id": item.id,
            "product_id": (sale_line.job_line_id.product_id or item.product_id).id,
            "quantity": item.quantity,
            "product_uom_id": item.product_uom_id.id,
            "amount_claimed": self.currency_id.round(total),
            "amount_untaxed": self.currency_id.round(untaxed),
        }

    def _merge_aftersales_drafts(self, others):
        """Move the lines of other draft invoices onto this one, and delete those."""
        self.ensure_one()
        items = others.invoice_line_ids
        claim_lines = self.env["aftersales.claim.line"].search(
            [("invoice_line_id", "in", items.ids)]
        )
        before = self.invoice_line_ids
        values_list = items.with_context(include_business_fields=True).copy_data()
        for values in values_list:
            values.pop("move_id", None)
        orders = (self | others).invoice_line_ids.aftersales_order_id
        if len(orders) > 1:
            self.aftersales_order_id = False
        self.write(
            {
                "invoice_origin": ", ".join(
                    filter(None, (self | others).mapped("invoice_origin"))
                ),
                "invoice_line_ids": [Command.create(values) for values in values_list],
            }
        )
        if len(orders) > 1:
            # What is owed and its taxes are of all of them now.
            self.line_ids.filtered(
                lambda item: item.display_type in ("payment_term", "tax")
            ).aftersales_order_id = False
        added = self.invoice_line_ids - before
        by_item = dict(zip(items.ids, added.sorted("id"), strict=True))
        target = self.aftersales_claim_ids
        for line in claim_lines:
            line.write(
                {
                    "claim_id": target.id,
                    "invoice_line_id": by_item[line.invoice_line_id.id].id,
                }
            )
        others.aftersales_claim_ids.move_id = False
        others.unlink()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _compute_account_id(self):
        """What a payer owes may have an account of its own."""
        own = self.filtered(
            lambda item: (
                item.display_type == "payment_term"
                and item.move_id.is_sale_document(include_receipts=True)
                and item.move_id.aftersales_payer_id.sudo().receivable_account_id
            )
        )
        for item in own:
            item.account_id = (
                item.move_id.aftersales_payer_id.sudo().receivable_account_id
            )
        return super(AccountMoveLine, self - own)._compute_account_id()
