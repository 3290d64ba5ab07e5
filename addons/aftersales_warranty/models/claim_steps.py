from odoo import fields, models
from odoo.exceptions import UserError

from .claim import SENT_STATES


class AftersalesClaim(models.Model):
    """The steps of a claim: sent, answered, decided about, given up, merged."""

    _inherit = "aftersales.claim"

    # Sending

    def action_send(self):
        """Send the claims: invoices to makers are posted, refunds are asked.

        Claims that were sent already stay as they are.

        :raises UserError: naming documents, old parts or proofs that are missing
        """
        self._check_prepares()
        claims = self._lock().filtered(lambda claim: claim.state not in SENT_STATES)
        claims._check_transition("sent")
        claims._check_ready_to_send()
        invoiced = claims.filtered(lambda claim: claim.method == "invoice")
        # Posting sends them: the accountant may do it in Invoicing as well.
        invoiced.move_id.action_post()
        refunds = claims - invoiced
        refunds._create_refunds()
        refunds._set_sent()
        return True

    def _check_ready_to_send(self):
        """Refuse to send, naming everything that is missing."""
        missing = []
        for claim in self:
            if not claim.line_ids:
                missing.append(self.env._("%(claim)s: lines", claim=claim.name))
            if not claim.partner_id:
                missing.append(
                    self.env._("%(claim)s: whom to claim it from", claim=claim.name)
                )
            if claim.method == "invoice" and not claim.move_id:
                missing.append(self.env._("%(claim)s: its invoice", claim=claim.name))
            if claim.payer_id.claim_document_required and not claim.document_ids:
                missing.append(
                    self.env._("%(claim)s: supporting documents", claim=claim.name)
                )
            if claim.payer_id.claim_old_part_required:
                missing += [
                    self.env._(
                        "%(claim)s: old part %(tag)s %(product)s",
                        claim=claim.name,
                        tag=part.name,
                        product=part.product_id.display_name,
                    )
                    for part in claim.old_part_ids
                    if part.state not in ("stored", "maker")
                ]
            missing += [
                self.env._(
                    "%(claim)s: proof for %(line)s (%(note)s)",
                    claim=claim.name,
                    line=line.name,
                    note=line.note or "",
                )
                for line in claim.line_ids
                if not line.is_asserted
            ]
        if missing:
            raise UserError(
                self.env._(
                    "These claims can't be sent yet. Add what is missing, or take the "
                    "lines off:\n%(missing)s",
                    missing="\n".join(missing),
                )
            )

    def _set_sent(self):
        """Note that the claims are on their way; the first day counts for the age."""
        today = fields.Date.context_today(self)
        for claim in self:
            claim._sync_lines()
            claim._set_state(
                "sent",
                date_first_sent=claim.date_first_sent or today,
                date_sent=today,
                date_due=fields.Date.add(today, days=claim.payer_id.claim_days),
                round_count=claim.round_count + 1,
            )

    def action_resubmit(self, reason=None):
        """Send again what was refused; the age goes on from the first time.

        :param str reason: what is new; kept in the history
        """
        self._check_prepares()
        claims = self._lock()
        claims._check_sent()
        today = fields.Date.context_today(self)
        for claim in claims:
            # Sent again a moment ago, by a call whose answer was lost.
            if claim.state == "resubmitted":
                continue
            lines = claim.line_ids.filtered(
                lambda line: not line.currency_id.is_zero(line.amount_undecided)
            )
            if not lines:
                raise UserError(
                    self.env._(
                        "%(claim)s: nothing was refused that is not decided yet, so "
                        "there is nothing to send again.",
                        claim=claim.name,
                    )
                )
            for line in lines:
                line.amount_refused = line.currency_id.round(
                    line.amount_refused - line.amount_undecided
                )
            claim._set_state(
                "resubmitted",
                date_sent=today,
                date_due=fields.Date.add(today, days=claim.payer_id.claim_days),
                round_count=claim.round_count + 1,
            )
            if reason:
                claim.message_post(
                    body=self.env._("Sent again: %(reason)s", reason=reason)
                )
        return True

    # The answer

    def action_approve(self, amounts=None, reason=None):
        """Record what was approved; the rest of those lines is refused.

        :param dict amounts: ``{line or id: amount with taxes}``. Without it,
            everything that is not answered is approved in full.
        :param str reason: why less was approved
        """
        self._check_prepares()
        claims = self._lock()
        claims._check_sent()
        if amounts is None:
            amounts = {
                line: line.amount_claimed - line.amount_refused
                for line in claims.line_ids
            }
        else:
            amounts = claims._get_line_amounts(amounts)
        for line, amount in amounts.items():
            line._check_answer(amount)
        for line, amount in amounts.items():
            line._write_answer(amount, reason)
        claims._update_state()
        return True

    def action_refuse(self, reason=None, lines=None):
        """Record that lines were refused: all that are not paid, or ``lines``.

        :param str reason: what the maker or supplier wrote; required
        :param lines: records or ids
        """
        self._check_prepares()
        if not reason:
            raise UserError(
                self.env._(
                    "%(claims)s: write down why it was refused.",
                    claims=", ".join(self.mapped("name")),
                )
            )
        claims = self._lock()
        claims._check_sent()
        lines = claims._get_lines(lines) if lines is not None else claims.line_ids
        for line in lines:
            line._write_answer(
                line.currency_id.round(line.amount_paid + line.amount_adjusted), reason
            )
        claims._update_state()
        return True

    def _get_lines(self, lines):
        """Return the records of ``lines``, which may be ids, and belong to these."""
        ids = getattr(lines, "ids", None)
        if ids is None:
            ids = [getattr(line, "id", line) for line in lines]
        lines = self.env["aftersales.claim.line"].browse(map(int, ids)).exists()
        foreign = lines.filtered(lambda line: line.claim_id not in self)
        if foreign or len(lines) < len(set(ids)):
            raise UserError(
                self.env._(
                    "%(claims)s: these lines are not on it: %(lines)s.",
                    claims=", ".join(self.mapped("name")),
                    lines=", ".join(foreign.mapped("name")) or ids,
                )
            )
        return lines

    def _get_line_amounts(self, amounts):
        """Return ``{line: amount}``; keys may be records, ids, or ids as text."""
        keys = {int(getattr(key, "id", key)): key for key in amounts}
        lines = self._get_lines(list(keys))
        return {
            line: line.currency_id.round(amounts[keys[line.id]] or 0.0)
            for line in lines
        }

    # Decisions about what was refused

    def action_decide(self, decision, reason=None, lines=None):
        """Say who bears what was refused, by correction documents.

        :param str decision: ``goodwill``, ``rework`` or ``customer``
        :param str reason: required
        :param lines: records or ids; without them all that wait for a decision
        :return: the correction documents
        """
        self._check_decides()
        if not reason:
            raise UserError(
                self.env._(
                    "%(claims)s: write down why this is decided so.",
                    claims=", ".join(self.mapped("name")),
                )
            )
        claims = self._lock()
        claims._check_sent()
        lines = claims._get_lines(lines) if lines is not None else claims.line_ids
        moves = lines._decide(decision, reason)
        claims._update_state()
        return moves.with_env(self.env)

    def action_write_off(self, reason=None):
        """Give up what is still open; it goes to the payer's adjustment account.

        :param str reason: required
        """
        self._check_decides()
        if not reason:
            raise UserError(
                self.env._(
                    "%(claims)s: write down why it is given up.",
                    claims=", ".join(self.mapped("name")),
                )
            )
        claims = self._lock()
        claims._check_sent()
        for claim in claims:
            amounts = {
                line: line.amount_open
                for line in claim.line_ids
                if not claim.currency_id.is_zero(line.amount_open)
            }
            if not amounts:
                continue
            claim._book_adjustment(
                amounts, claim._get_adjustment_account(), kind="write_off", name=reason
            )
            claim.message_post(
                body=self.env._("Written off: %(reason)s", reason=reason)
            )
        claims._update_state()
        return True

    def action_cancel(self, reason=None):
        """Call off claims that are drafts, or whose money was credited.

        :param str reason: kept in the history
        """
        self._check_prepares()
        claims = self._lock().filtered(lambda claim: claim.state != "cancel")
        for claim in claims - claims.filtered(lambda claim: claim.state == "draft"):
            if claim.move_id.state == "draft" and not claim.settlement_ids:
                continue
            raise UserError(
                self.env._(
                    "%(claim)s was sent, and %(move)s is booked. Credit that first: "
                    "the claim is cancelled with it.",
                    claim=claim.name,
                    move=claim.move_id.name or "",
                )
            )
        moves = claims.move_id.filtered(lambda move: move.state == "draft")
        claims._set_state("cancel")
        moves.button_cancel()
        if reason:
            for claim in claims:
                claim.message_post(
                    body=self.env._("Cancelled: %(reason)s", reason=reason)
                )
        return True

    def action_merge(self):
        """Make one claim of several drafts of one payer, partner and currency.

        :return: the claim that has all lines now
        """
        self._check_prepares()
        claims = self._lock()
        claims._check_draft()
        kinds = {
            (claim.company_id, claim.payer_id, claim.partner_id, claim.currency_id)
            for claim in claims
        }
        if len(kinds) > 1:
            raise UserError(
                self.env._(
                    "%(claims)s can't become one claim: company, payer, partner and "
                    "currency must be the same.",
                    claims=", ".join(claims.mapped("name")),
                )
            )
        target = claims.sorted("id")[:1]
        others = claims - target
        if not others:
            return target.with_env(self.env)
        if target.method == "invoice":
            target.move_id._merge_aftersales_drafts(others.move_id)
        else:
            others.line_ids.claim_id = target
        target.document_ids += others.document_ids
        for other in others:
            other.message_post(
                body=self.env._("Merged into %(claim)s", claim=target.name)
            )
        others._set_state("cancel", move_id=False)
        return target.with_env(self.env)
