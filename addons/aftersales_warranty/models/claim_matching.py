from odoo import api, models

from .amounts import fill_amount
from .claim import SENT_STATES

# Claims whose money can be matched. What is called off may come back to life when a
# credit note is taken back.
SETTLED_STATES = (*SENT_STATES, "cancel")


class AftersalesClaim(models.Model):
    """Follow what others match with the invoice or refund of a claim in Invoicing."""

    _inherit = "aftersales.claim"

    def _sync_settlements(self):
        """Bring the rows in line with what is matched, whoever matched it.

        Rows that steps made stay. What an accountant matched is poured into the
        lines: credit notes into the lines they credit, money into what was approved
        first and into the rest after that.
        """
        for claim in self.filtered(lambda claim: claim.state in SETTLED_STATES):
            matched = {}
            for partial in claim._get_money_items().matched_credit_ids:
                move = partial.credit_move_id.move_id
                matched.setdefault(move, 0.0)
                matched[move] += partial.debit_amount_currency
            rows_by_move = claim.settlement_ids.grouped("move_id")
            for move, rows in rows_by_move.items():
                # Cost that a decision took off a draft refund is matched with nothing.
                if move not in matched:
                    rows.filtered(lambda row: not row._is_booked_alone()).unlink()
            for move, amount in matched.items():
                rows = rows_by_move.get(move, claim.settlement_ids.browse())
                missing = claim.currency_id.round(amount - sum(rows.mapped("amount")))
                if claim.currency_id.compare_amounts(missing, 0) < 0:
                    rows.unlink()
                    missing = amount
                if not claim.currency_id.is_zero(missing):
                    claim._pour(move, missing)
        self._update_state()

    def _pour(self, move, amount):
        """Give the lines what ``move`` settles and no step explained."""
        self.ensure_one()
        kind = self._get_settlement_kind(move)
        shares = {}
        if kind == "credit":
            credited = self._get_credited_lines(move)
            values, amount = fill_amount(amount, credited.values(), self.currency_id)
            shares = dict(zip(credited, values, strict=True))
        for get_limit in (
            lambda line: line.amount_approved - line.amount_paid - line.amount_adjusted,
            lambda line: line._get_amount_expected(),
            lambda line: line.amount_open,
        ):
            limits = [
                min(get_limit(line), line.amount_open) - shares.get(line, 0.0)
                for line in self.line_ids
            ]
            values, amount = fill_amount(amount, limits, self.currency_id)
            for line, value in zip(self.line_ids, values, strict=True):
                shares[line] = shares.get(line, 0.0) + value
        if not self.currency_id.is_zero(amount) and self.line_ids:
            shares[self.line_ids[-1]] += amount
        self._create_settlements(
            {
                line: value
                for line, value in shares.items()
                if not self.currency_id.is_zero(value)
            },
            kind,
            move,
            move.date,
            move.ref or move.name,
        )

    def _get_settlement_kind(self, move):
        self.ensure_one()
        reverses = move.reversed_entry_id == self.move_id
        if reverses or move.move_type == "out_refund":
            return "credit"
        return "payment"

    def _get_credited_lines(self, move):
        """Return ``{line: amount}`` that a credit note takes off."""
        self.ensure_one()
        credited = {}
        for item in move.invoice_line_ids:
            correction = item.aftersales_correction_id
            lines = correction.claim_line_id or self.line_ids.filtered(
                lambda line, item=item: (
                    line.sale_line_id and line.sale_line_id in item.sale_line_ids
                )
            )
            for line in lines & self.line_ids:
                credited[line] = credited.get(line, 0.0) + item.price_total
        return credited


class AccountPartialReconcile(models.Model):
    """What is matched with a claim's invoice or refund shows on the claim."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._get_aftersales_claims()._sync_settlements()
        return partials

    def unlink(self):
        claims = self._get_aftersales_claims()
        result = super().unlink()
        claims.exists()._sync_settlements()
        return result

    def _get_aftersales_claims(self):
        return self.sudo().debit_move_id.move_id._get_aftersales_claims()
