from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# The claim was sent, and the answer or the money may still change.
SENT_STATES = (
    "sent",
    "resubmitted",
    "approved",
    "part_approved",
    "refused",
    "partial",
    "paid",
    "written_off",
)


class AftersalesClaim(models.Model):
    """Money asked from a maker or a supplier for work under their warranty.

    A maker is invoiced: the claim is made with the draft invoice, and sending it
    posts the invoice. A supplier is asked for a refund: sending makes the draft
    vendor refund. The answer is kept line by line, and so is every payment,
    difference and credit, whoever booked it. What was refused stays open until
    somebody decides who bears it, or it is sent again.
    """

    _name = "aftersales.claim"
    _description = "Warranty Claim"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_first_sent desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        "Number", default="/", readonly=True, copy=False, index="trigram"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    payer_id = fields.Many2one(
        "aftersales.payer",
        required=True,
        check_company=True,
        index=True,
        domain="[('claim_method', '!=', False)]",
    )
    method = fields.Selection(
        related="payer_id.claim_method", store=True, string="Kind"
    )
    partner_id = fields.Many2one(
        "res.partner", "Claimed From", check_company=True, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        check_company=True,
        index="btree_not_null",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    reference = fields.Char(
        "Their Reference",
        help="The number that the maker or supplier gave.",
        copy=False,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("resubmitted", "Sent Again"),
            ("approved", "Approved"),
            ("part_approved", "Partly Approved"),
            ("refused", "Refused"),
            ("partial", "Part-Paid"),
            ("paid", "Paid"),
            ("written_off", "Written Off"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    date_first_sent = fields.Date(
        "First Sent", readonly=True, copy=False, help="The age counts from here."
    )
    date_sent = fields.Date("Last Sent", readonly=True, copy=False)
    date_due = fields.Date("Answer Due", readonly=True, copy=False)
    round_count = fields.Integer("Times Sent", readonly=True, copy=False)
    line_ids = fields.One2many("aftersales.claim.line", "claim_id", "Lines")
    settlement_ids = fields.One2many("aftersales.claim.settlement", "claim_id")
    move_id = fields.Many2one(
        "account.move",
        "Invoice or Refund",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
    )
    move_state = fields.Selection(related="move_id.state", string="Booking")
    document_ids = fields.Many2many("ir.attachment", string="Documents", copy=False)
    order_ids = fields.Many2many(
        "aftersales.order", compute="_compute_orders", string="Work Orders"
    )
    order_count = fields.Integer(compute="_compute_orders")
    old_part_ids = fields.Many2many(
        "aftersales.old.part", compute="_compute_old_parts", string="Old Parts"
    )
    line_count = fields.Integer(compute="_compute_amounts", store=True)
    amount_untaxed = fields.Monetary(compute="_compute_amounts", store=True)
    amount_claimed = fields.Monetary(
        "Claimed", compute="_compute_amounts", store=True, tracking=True
    )
    amount_approved = fields.Monetary(
        "Approved", compute="_compute_amounts", store=True
    )
    amount_refused = fields.Monetary("Refused", compute="_compute_amounts", store=True)
    amount_paid = fields.Monetary("Paid", compute="_compute_amounts", store=True)
    amount_adjusted = fields.Monetary(
        "Adjusted",
        compute="_compute_amounts",
        store=True,
        help="Differences within the tolerance, and what was written off.",
    )
    amount_credited = fields.Monetary(
        "Credited", compute="_compute_amounts", store=True
    )
    amount_open = fields.Monetary("Open", compute="_compute_amounts", store=True)
    amount_undecided = fields.Monetary(
        "To Decide",
        compute="_compute_amounts",
        store=True,
        help="Refused, and nobody has said yet who bears it.",
    )
    age_days = fields.Integer("Days Open", compute="_compute_age_days")
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    next_step = fields.Char(compute="_compute_next_step")

    _move_unique = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL",
        "An invoice or refund belongs to one claim.",
    )
    _open_idx = models.Index(
        "(company_id, date_first_sent) "
        "WHERE state NOT IN ('draft', 'paid', 'written_off', 'cancel')"
    )

    @api.depends("line_ids.order_id")
    def _compute_orders(self):
        for claim in self:
            claim.order_ids = claim.line_ids.order_id
            claim.order_count = len(claim.order_ids)

    @api.depends("line_ids.job_line_id", "line_ids.job_id")
    def _compute_old_parts(self):
        for claim in self:
            claim.old_part_ids = claim.line_ids._get_old_parts()

    @api.depends(
        "line_ids.amount_untaxed",
        "line_ids.amount_claimed",
        "line_ids.amount_approved",
        "line_ids.amount_refused",
        "line_ids.amount_paid",
        "line_ids.amount_adjusted",
        "line_ids.amount_credited",
        "line_ids.amount_open",
        "line_ids.amount_undecided",
    )
    def _compute_amounts(self):
        for claim in self:
            lines = claim.line_ids
            claim.line_count = len(lines)
            for field in (
                "amount_untaxed",
                "amount_claimed",
                "amount_approved",
                "amount_refused",
                "amount_paid",
                "amount_adjusted",
                "amount_credited",
                "amount_open",
                "amount_undecided",
            ):
                claim[field] = sum(lines.mapped(field))

    @api.depends("date_first_sent", "state")
    def _compute_age_days(self):
        today = fields.Date.context_today(self)
        for claim in self:
            is_open = claim.state not in ("draft", "paid", "written_off", "cancel")
            claim.age_days = (
                (today - claim.date_first_sent).days
                if is_open and claim.date_first_sent
                else 0
            )

    @api.depends("date_due", "state")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for claim in self:
            claim.is_late = bool(
                claim.state in ("sent", "resubmitted")
                and claim.date_due
                and claim.date_due < today
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain(
            [
                ("state", "in", ("sent", "resubmitted")),
                ("date_due", "<", fields.Date.context_today(self)),
            ]
        )
        return domain if True in value else ~domain

    @api.depends("state", "amount_undecided", "amount_open", "move_id.state")
    def _compute_next_step(self):
        """Say in words what somebody has to do now."""
        for claim in self:
            claim.next_step = claim._get_next_step()

    def _get_next_step(self):
        self.ensure_one()
        if self.state == "draft":
            return self.env._("Attach the documents and send the claim.")
        if not self.currency_id.is_zero(self.amount_undecided):
            return self.env._("Send what was refused again, or decide who bears it.")
        if self.move_id.sudo().state == "draft" and self.state != "cancel":
            return self.env._("The accountant posts the refund.")
        if self.state in ("sent", "resubmitted"):
            return self.env._("Record the answer.")
        if self.currency_id.is_zero(self.amount_open):
            return self.env._("Nothing more to do.")
        return self.env._("Record the payment.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_step_fields(vals)
        self._number(vals_list)
        claims = super().create(vals_list)
        claims.filtered("document_ids")._keep_documents()
        return claims

    @api.model
    def _number(self, vals_list):
        """Take the numbers of each company's claims in one go."""
        sequences = {}
        for vals in vals_list:
            if vals.get("name", "/") != "/":
                continue
            company_id = vals.get("company_id") or self.env.company.id
            if company_id not in sequences:
                sequences[company_id] = (
                    self.env["ir.sequence"]
                    .sudo()
                    .search(
                        [
                            ("code", "=", self._name),
                            ("company_id", "in", (company_id, False)),
                        ],
                        order="company_id",
                        limit=1,
                    )
                )
            vals["name"] = sequences[company_id].next_by_id()

    @api.model
    def _get_step_fields(self):
        """Return the fields that only the steps fill in."""
        return {"move_id", "date_first_sent", "date_sent", "date_due", "round_count"}

    def _check_step_fields(self, vals):
        """Refuse a document or a date of sending that no step gave."""
        if not self.env.su and self._get_step_fields() & vals.keys():
            raise UserError(
                self.env._(
                    "%(claims)s: the invoice or refund and the days of sending follow "
                    "from the steps and can't be written.",
                    claims=", ".join(self.mapped("name")) or self._description,
                )
            )

    def write(self, vals):
        self._check_step_fields(vals)
        fixed = {"company_id", "payer_id", "partner_id", "currency_id"}
        if fixed & vals.keys() and not self.env.su:
            self._check_draft()
        result = super().write(vals)
        if "document_ids" in vals:
            self._keep_documents()
        return result

    def _keep_documents(self):
        """Who may read a claim may read what was uploaded for it."""
        for claim in self:
            claim.document_ids.filtered(
                lambda document: (
                    not document.res_id and document.create_uid == self.env.user
                )
            ).write({"res_model": self._name, "res_id": claim.id})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        kept = self.filtered(
            lambda claim: claim.state not in ("draft", "cancel") or claim.move_id
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(claims)s can't be deleted: it was sent or has an invoice. "
                    "Cancel it instead.",
                    claims=", ".join(kept.mapped("name")),
                )
            )

    @api.model
    def _get_transitions(self):
        sent = set(SENT_STATES)
        return {
            **super()._get_transitions(),
            "draft": {"sent", "cancel"},
            # What follows from the answer and the money may go either way: a payment
            # bounces, a refusal is withdrawn.
            **{state: sent - {state} | {"cancel"} for state in sent},
            "sent": sent - {"sent"} | {"draft", "cancel"},
            # A credit note that is taken back.
            "cancel": {"sent", "resubmitted", "approved", "part_approved", "refused"},
        }

    # Rights

    def _check_prepares(self):
        self._check_group(
            "aftersales.aftersales_group_user", "account.group_account_invoice"
        )

    def _check_settles(self):
        self._check_group("account.group_account_invoice")

    def _check_decides(self):
        self._check_group("aftersales.aftersales_group_manager")

    def _check_group(self, *groups):
        """Refuse a step to those who are in none of the groups."""
        if self.env.su:
            return
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in groups):
            names = [self.env.ref(group).sudo().display_name for group in groups]
            raise AccessError(
                self.env._(
                    "%(user)s may not do this on %(claims)s. Ask one of: %(groups)s.",
                    user=self.env.user.name,
                    claims=", ".join(self.sudo().mapped("name")),
                    groups=", ".join(names),
                )
            )

    # Checks that several steps share

    def _check_draft(self):
        sent = self.filtered(lambda claim: claim.state != "draft")
        if sent:
            raise UserError(
                self.env._(
                    "%(claims)s is no draft any more, so it can't be changed.",
                    claims=", ".join(sent.mapped("name")),
                )
            )

    def _check_sent(self):
        """Refuse an answer or money for what was not sent, or was called off."""
        for claim in self:
            if claim.state == "draft":
                raise UserError(
                    self.env._(
                        "%(claim)s was not sent yet. Send it first.", claim=claim.name
                    )
                )
            if claim.state == "cancel":
                raise UserError(
                    self.env._(
                        "%(claim)s is cancelled: nothing is asked by it any more. If "
                        "money came in for it, book it on the partner's account.",
                        claim=claim.name,
                    )
                )

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

    # The state that follows from answer and money

    def _update_state(self):
        for claim in self:
            if claim.state in SENT_STATES or (
                claim.state == "cancel" and claim.move_id.state == "posted"
            ):
                claim._set_state(claim._get_state())

    def _get_state(self):
        """Return the state of a claim that was sent."""
        self.ensure_one()
        is_zero = self.currency_id.is_zero
        kinds = set(self.settlement_ids.mapped("kind"))
        if is_zero(self.amount_open) and not is_zero(self.amount_claimed):
            if "write_off" in kinds:
                return "written_off"
            if not is_zero(self.amount_paid):
                return "paid"
            # Credited line by line after a refusal, or called off as a whole.
            return "refused" if not is_zero(self.amount_refused) else "cancel"
        if not is_zero(self.amount_paid):
            return "partial"
        if is_zero(self.amount_approved) and is_zero(self.amount_refused):
            return "resubmitted" if self.round_count > 1 else "sent"
        if is_zero(self.amount_refused - self.amount_claimed):
            return "refused"
        if is_zero(self.amount_approved - self.amount_claimed):
            return "approved"
        return "part_approved"

    # Screens

    def action_view_orders(self):
        return self.order_ids._get_open_action()

    def action_view_move(self):
        self.ensure_one()
        return self.move_id.get_formview_action()
