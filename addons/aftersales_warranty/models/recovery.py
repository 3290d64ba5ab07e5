from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesJob(models.Model):
    """The part that caused the trouble, and the supplier who answers for it."""

    _inherit = "aftersales.job"

    def _get_supplier_warranty(self):
        """Say whether a supplier answers for the causal part, and why.

        :return: ``(vendor line, is asserted, note)``; an empty vendor line if none
            answers. Not asserted: no receipt says when the warranty began.
        """
        self.ensure_one()
        product = self.causal_product_id
        if not product:
            return self.env["product.supplierinfo"], False, ""
        failed = fields.Date.to_date(self.order_id.create_date)
        warranty = product._get_supplier_warranty(
            self.company_id,
            lot=self.causal_lot_id,
            # In doubt that of the same day: parts are booked in the evening.
            before=fields.Date.add(failed, days=1),
            failed=failed,
        )
        if not warranty.is_claimable:
            return self.env["product.supplierinfo"], False, ""
        return warranty.seller, warranty.state == "valid", warranty.note

    def _may_be_recovered(self):
        """Whether a supplier could be asked: known without a search."""
        self.ensure_one()
        ours = self.line_ids.filtered(lambda line: line.payer_kind == "absorbed")
        return self.state == "done" and bool(
            self.causal_product_id or "refund" in ours.payer_id.mapped("claim_method")
        )

    def _get_recoverable_lines(self):
        """Return ``[(line, partner, is asserted, note)]`` that a supplier owes us for.

        Lines that a claim has already are left out.
        """
        self.ensure_one()
        claimed = self.line_ids.filtered(
            lambda line: line.sudo().claim_line_ids.filtered(
                lambda claim_line: (
                    claim_line.state != "cancel"
                    and claim_line.claim_id.method == "refund"
                )
            )
        )
        ours = (self.line_ids - claimed).filtered(
            lambda line: (
                line.payer_id.kind == "absorbed"
                and not line.company_currency_id.is_zero(line.cost)
            )
        )
        assigned = ours.filtered(lambda line: line.payer_id.claim_method == "refund")
        result = []
        seller, asserted, note = self._get_supplier_warranty()
        for line in assigned:
            partner = (
                line.payer_id.partner_id or seller.partner_id or line._get_supplier()
            )
            proven = asserted if seller else True
            result.append((line, partner, proven, note))
        if seller:
            rest = ours - assigned
            parts = rest.filtered(lambda line: line.kind == "part")
            causal = parts.filtered(
                lambda line: line.product_id == self.causal_product_id
            )
            # Exchanged for a part with another number, it is all that was built in.
            lines = causal or parts
            if seller.aftersales_warranty_labour:
                lines |= rest - parts
            result += [(line, seller.partner_id, asserted, note) for line in lines]
        return result


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def action_complete(self, accept_differences=False, reason=None):
        result = super().action_complete(
            accept_differences=accept_differences, reason=reason
        )
        # Whoever completes the work need not have a right to claims.
        self.sudo()._create_recovery_claims()
        return result

    def _create_recovery_claims(self):
        """Make draft claims for what suppliers answer for; each line once.

        What the supplier's payer bears is asked of the supplier. So is what another
        payer of ours bears, where a causal part is under its supplier's warranty.
        """
        wanted = defaultdict(list)
        jobs = self.job_ids.filtered(lambda job: job._may_be_recovered())
        for order, own_jobs in jobs.grouped("order_id").items():
            payer = order._get_recovery_payer()
            if not payer:
                continue
            for job in own_jobs:
                for line, partner, asserted, note in job._get_recoverable_lines():
                    key = order, line._get_recovery_payer(payer), partner
                    wanted[key].append(line._prepare_recovery_values(asserted, note))
        values_list = []
        for (order, payer, partner), lines in wanted.items():
            draft = order.claim_ids.filtered(
                lambda claim, payer=payer, partner=partner: (
                    claim.state == "draft"
                    and claim.payer_id == payer
                    and claim.partner_id == partner
                )
            )[:1]
            commands = [Command.create(values) for values in lines]
            if draft:
                draft.write({"line_ids": commands})
                continue
            values_list.append(
                {
                    "company_id": order.company_id.id,
                    "payer_id": payer.id,
                    "partner_id": partner.id,
                    "currency_id": order.company_id.currency_id.id,
                    "user_id": order.user_id.id,
                    "line_ids": commands,
                }
            )
        claims = self.env["aftersales.claim"].create(values_list)
        jobs.order_id.claim_line_ids._update_cost()
        return claims

    def _get_recovery_payer(self):
        """Return the company's payer that asks suppliers for refunds."""
        self.ensure_one()
        return self._get_recovery_payers(self.company_id)[:1]

    @api.model
    def _get_recovery_payers(self, company):
        return self.env["aftersales.payer"].search(
            [("company_id", "=", company.id), ("claim_method", "=", "refund")]
        )


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    claim_line_ids = fields.One2many("aftersales.claim.line", "job_line_id")
    # Kept here: most work has nothing to recover, and is not searched for it.
    payer_kind = fields.Selection(
        related="payer_id.kind", string="Borne", store=True, precompute=True
    )

    def _get_recovery_payer(self, payer):
        return self.payer_id if self.payer_id.claim_method == "refund" else payer

    def _get_supplier(self):
        """Return who delivered this part last, or who is its first vendor."""
        self.ensure_one()
        receipt = (
            self.env["stock.move"]
            .sudo()
            .search(
                [
                    ("product_id", "=", self.product_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "done"),
                    ("location_id.usage", "=", "supplier"),
                ],
                order="date desc",
                limit=1,
            )
        )
        return (
            self.vendor_id
            or receipt.purchase_line_id.order_id.partner_id
            or receipt.picking_id.partner_id
            or self.product_id.seller_ids[:1].partner_id
        )

    def _prepare_recovery_values(self, asserted, note):
        self.ensure_one()
        return {
            "name": self.name,
            "order_id": self.order_id.id,
            "job_id": self.job_id.id,
            "job_line_id": self.id,
            "product_id": self.product_id.id,
            "quantity": self.qty_used,
            "product_uom_id": self.product_uom_id.id,
            "account_id": self._get_recovery_account().id,
            "is_asserted": asserted,
            "note": note,
            "amount_untaxed": self.company_currency_id.round(self.cost),
            "amount_claimed": self.company_currency_id.round(self.cost),
        }

    def _get_recovery_account(self):
        """Return the account this line's cost was booked on.

        Parts: the consumption account of their payer. Work: where its cost is paid.
        """
        self.ensure_one()
        if self.kind == "part":
            return self.payer_id.account_id
        accounts = self.product_id.with_company(
            self.company_id
        ).product_tmpl_id.get_product_accounts()
        return accounts["expense"]


class AftersalesClaim(models.Model):
    _inherit = "aftersales.claim"

    def _create_refunds(self):
        """Make the draft vendor refunds of these claims, at cost."""
        self.line_ids._update_cost()
        for claim in self:
            # What was added by hand, where the payer's own cost lies.
            claim.line_ids.filtered(
                lambda line: not line.account_id
            ).account_id = claim.payer_id.account_id
            without = claim.line_ids.filtered(lambda line: not line.account_id)
            if without:
                raise UserError(
                    self.env._(
                        "%(claim)s: choose the account the cost of %(lines)s lies on. "
                        "Payers have one under Work Orders / Configuration / Payers.",
                        claim=claim.name,
                        lines=", ".join(without.mapped("name")),
                    )
                )
        moves = self.env["account.move"].create(
            [claim._prepare_refund_values() for claim in self]
        )
        for claim, move in zip(self, moves, strict=True):
            claim.move_id = move
            lines = claim._get_lines_to_refund()
            for line, item in zip(lines, move.invoice_line_ids, strict=True):
                line.invoice_line_id = item

    def _get_lines_to_refund(self):
        return self.line_ids.filtered(
            lambda line: not line.currency_id.is_zero(line.amount_open)
        )

    def _prepare_refund_values(self):
        self.ensure_one()
        orders = self.order_ids
        return {
            "move_type": "in_refund",
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": fields.Date.context_today(self),
            "ref": self.name,
            "invoice_origin": ", ".join(orders.mapped("name")),
            "aftersales_order_id": orders.id if len(orders) == 1 else False,
            "aftersales_payer_id": self.payer_id.id,
            "invoice_line_ids": [
                Command.create(line._prepare_refund_line_values())
                for line in self._get_lines_to_refund()
            ],
        }

    def _take_off_draft(self, amounts):
        """Ask less in a draft refund: what is decided or given up."""
        self.ensure_one()
        for line in amounts:
            item = line.invoice_line_id
            if self.currency_id.is_zero(line.amount_open):
                item.unlink()
            else:
                item.write({"quantity": 1.0, "price_unit": line.amount_open})
        if not self.move_id.invoice_line_ids and self.move_id.state == "draft":
            self.move_id.button_cancel()


class AftersalesClaimLine(models.Model):
    _inherit = "aftersales.claim.line"

    def _prepare_refund_line_values(self):
        """Return the line that takes the cost off the account it lies on.

        No product: the refund must not touch the stock, which the part has left.
        """
        self.ensure_one()
        return {
            "name": self.env._(
                "%(order)s: %(line)s", order=self.order_id.name or "", line=self.name
            ),
            "quantity": 1.0,
            "price_unit": self.amount_open,
            "account_id": self.account_id.id,
            "tax_ids": [Command.clear()],
            "aftersales_order_id": self.order_id.id,
        }

    def _update_cost(self):
        """Keep drafts at cost, as parts come back or hours are corrected."""
        for line in self:
            if (
                line.claim_id.method != "refund"
                or line.claim_id.state != "draft"
                or not line.job_line_id
            ):
                continue
            cost = line.currency_id.round(line.job_line_id.sudo().cost)
            if line.currency_id.compare_amounts(cost, line.amount_untaxed):
                line.write(
                    {
                        "amount_untaxed": cost,
                        "amount_claimed": cost,
                        "quantity": line.job_line_id.qty_used,
                    }
                )

    def _bear_cost(self, payer, reason):
        """Let a payer of ours bear the cost that a supplier refused."""
        if payer.kind != "absorbed":
            raise UserError(
                self.env._(
                    "%(claims)s: cost that a supplier refuses is borne by ourselves. "
                    "What the customer shall pay is billed by a work order of its own.",
                    claims=", ".join(self.claim_id.mapped("name")),
                )
            )
        payer._check_can_bear()
        account = payer.account_id or payer.share_account_id
        return self.claim_id._book_adjustment(
            {line: line.amount_undecided for line in self},
            account,
            kind="credit",
            name=reason,
            is_decided=True,
        )
