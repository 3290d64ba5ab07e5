from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .amounts import fill_amount


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    correction_ids = fields.One2many(
        "aftersales.correction", "job_id", "Changes of Payer"
    )

    @api.depends("correction_ids.state", "correction_ids.amount_untaxed")
    def _compute_amounts(self):
        """What we bear after invoicing lowers the sum, like a share of ours."""
        result = super()._compute_amounts()
        billed = self.filtered(lambda job: job.state in ("progress", "done"))
        for job in billed.filtered("correction_ids"):
            for correction in job.correction_ids:
                if correction.state == "cancel":
                    continue
                sign = (correction.payer_from_id.kind == "absorbed") - (
                    correction.payer_id.kind == "absorbed"
                )
                if sign:
                    convert = job._convert_to_company_currency
                    currency = correction.currency_id
                    job.amount_untaxed += sign * convert(
                        correction.amount_untaxed, currency
                    )
                    job.amount_total += sign * convert(correction.amount, currency)
        return result


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    correction_ids = fields.One2many(
        "aftersales.correction", "order_id", "Changes of Payer"
    )

    def _check_corrects(self):
        groups = (
            "aftersales.aftersales_group_manager",
            "account.group_account_invoice",
        )
        self.check_access("read")
        if not self.env.su and not any(map(self.env.user.has_group, groups)):
            raise AccessError(
                self.env._(
                    "%(user)s may not change who pays for %(orders)s after the "
                    "invoice. Ask a manager or the accountant.",
                    user=self.env.user.name,
                    orders=", ".join(self.mapped("name")),
                )
            )

    def action_correct_payer(
        self,
        lines=None,
        payer=None,
        percentage=None,
        amount=None,
        reason=None,
        from_payer=None,
    ):
        """Let somebody else pay what was invoiced, by a credit note and an invoice.

        :param lines: job lines, records or ids; all of these orders without them
        :param payer: record or id of who bears it now
        :param float percentage: how much of each line
        :param float amount: how much in all, taxes included, instead of a percentage;
            without both, everything
        :param str reason: required
        :param from_payer: whose bill it is; the payer of each line without it
        :return: the documents that were made
        :raises UserError: where less was billed to that payer than is to be moved
        """
        self._check_corrects()
        Payer = self.env["aftersales.payer"].sudo()
        # An accountant sees work orders without having to change them.
        orders = self.sudo()._lock()
        payer = Payer.browse(int(getattr(payer, "id", payer) or 0)).exists()
        from_payer = Payer.browse(int(getattr(from_payer, "id", from_payer) or 0))
        if not payer or not reason:
            raise UserError(
                self.env._(
                    "%(orders)s: say who bears it now, and why.",
                    orders=", ".join(orders.mapped("name")),
                )
            )
        wrong = orders.filtered(lambda order: order.company_id != payer.company_id)
        if wrong:
            raise UserError(
                self.env._(
                    "%(payer)s is a payer of another company than %(orders)s.",
                    payer=payer.name,
                    orders=", ".join(wrong.mapped("name")),
                )
            )
        if percentage is not None and not 0 < percentage <= 100:
            raise UserError(
                self.env._(
                    "%(orders)s: a percentage is between 0 and 100.",
                    orders=", ".join(orders.mapped("name")),
                )
            )
        job_lines = orders._get_correction_lines(lines)
        limits, taken = {}, {}
        for line in job_lines:
            payer_now = from_payer or line.payer_id
            for item in line._get_billed_items(payer_now):
                key = line.job_id, payer_now
                available = item._get_correctable(taken.get(key, 0.0))
                if not item.currency_id.is_zero(available) and item not in limits:
                    limits[item] = available
                    taken[key] = taken.get(key, 0.0) + available
        if not limits:
            raise UserError(
                self.env._(
                    "%(orders)s: nothing of this is billed by a posted invoice. Before "
                    "invoicing, cancel and quote anew; a draft invoice is cancelled "
                    "first.",
                    orders=", ".join(orders.mapped("name")),
                )
            )
        currency = self.env["account.move.line"].union(*limits).currency_id
        if amount is not None:
            if len(currency) > 1:
                raise UserError(
                    self.env._(
                        "%(orders)s is billed in %(currencies)s, so one amount does "
                        "not say how much of each. Give a percentage, or choose lines "
                        "that were billed in one currency.",
                        orders=", ".join(orders.mapped("name")),
                        currencies=", ".join(currency.mapped("name")),
                    )
                )
            shares, rest = fill_amount(amount, limits.values(), currency)
            if amount <= 0 or not currency.is_zero(rest):
                raise UserError(
                    self.env._(
                        "%(orders)s: %(available)s is billed, so %(amount)s can't be "
                        "moved to %(payer)s.",
                        orders=", ".join(orders.mapped("name")),
                        available=currency.format(sum(limits.values())),
                        amount=currency.format(amount),
                        payer=payer.name,
                    )
                )
        else:
            shares = [
                min(item.currency_id.round(item.price_total * percentage / 100), limit)
                if percentage is not None
                else limit
                for item, limit in limits.items()
            ]
        amounts = {
            item: share
            for item, share in zip(limits, shares, strict=True)
            if not item.currency_id.is_zero(share)
        }
        moves = (
            self.env["aftersales.correction"]
            .sudo()
            ._correct(amounts, payer, reason)
            ._get_moves()
        )
        self.invalidate_recordset(["invoice_ids", "invoice_count"], flush=False)
        return moves.with_env(self.env)

    def _get_correction_lines(self, lines):
        """Return the job lines of these orders that ``lines``, records or ids, name."""
        if lines is None:
            return self.line_ids
        ids = getattr(lines, "ids", None)
        ids = [int(line) for line in lines] if ids is None else ids
        found = self.line_ids.filtered(lambda line: line.id in ids)
        if len(found) < len(set(ids)):
            raise UserError(
                self.env._(
                    "These lines are not on %(orders)s.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        return found
