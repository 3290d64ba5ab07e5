from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesClaimLine(models.Model):
    """What a claim asks for one part, one piece of work, or one share of a job.

    Amounts are in the claim's currency and with taxes, as the maker pays them. What
    is asked less what was paid, adjusted and credited is open, and the open amounts
    of a claim add up to what its invoice or refund has open.
    """

    _name = "aftersales.claim.line"
    _description = "Warranty Claim Line"
    _order = "claim_id, sequence, id"
    _check_company_auto = True

    claim_id = fields.Many2one(
        "aftersales.claim", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="claim_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="claim_id.currency_id")
    partner_id = fields.Many2one(related="claim_id.partner_id", string="Claimed From")
    state = fields.Selection(related="claim_id.state", string="Claim State")
    sequence = fields.Integer(default=10)
    name = fields.Char("Description", required=True)
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    job_id = fields.Many2one(
        "aftersales.job",
        check_company=True,
        ondelete="set null",
        index="btree_not_null",
    )
    job_line_id = fields.Many2one(
        "aftersales.job.line",
        check_company=True,
        ondelete="set null",
        index="btree_not_null",
    )
    job_share_id = fields.Many2one(
        "aftersales.job.share",
        "Share",
        check_company=True,
        ondelete="set null",
        index="btree_not_null",
    )
    sale_line_id = fields.Many2one(
        "sale.order.line", "Quotation Line", ondelete="set null", index="btree_not_null"
    )
    invoice_line_id = fields.Many2one(
        "account.move.line",
        "Booked By",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    product_id = fields.Many2one("product.product", check_company=True, index=True)
    quantity = fields.Float(digits="Product Unit", default=1.0)
    product_uom_id = fields.Many2one("uom.uom", "Unit")
    account_id = fields.Many2one(
        "account.account",
        check_company=True,
        help="Where the cost lies that a supplier is asked for. The refund settles it.",
    )
    reason_code = fields.Char(help="The code that the maker gave with the answer.")
    reason = fields.Char("Reason for Refusal")
    decision = fields.Selection(
        [
            ("goodwill", "Goodwill"),
            ("rework", "Rework"),
            ("customer", "Customer pays"),
        ],
        readonly=True,
        copy=False,
        help="Who bears what was refused.",
    )
    decision_reason = fields.Char(readonly=True, copy=False)
    is_asserted = fields.Boolean(
        "Proven",
        default=True,
        help="Unset: something is missing to prove the claim. See the note; set it "
        "once that is found, or take the line off.",
    )
    note = fields.Char()
    amount_untaxed = fields.Monetary("Without Taxes")
    amount_claimed = fields.Monetary("Claimed")
    amount_approved = fields.Monetary("Approved", readonly=True, copy=False)
    amount_refused = fields.Monetary("Refused", readonly=True, copy=False)
    amount_paid = fields.Monetary("Paid", compute="_compute_settled", store=True)
    amount_adjusted = fields.Monetary(
        "Adjusted", compute="_compute_settled", store=True
    )
    amount_credited = fields.Monetary(
        "Credited", compute="_compute_settled", store=True
    )
    amount_open = fields.Monetary("Open", compute="_compute_settled", store=True)
    amount_undecided = fields.Monetary(
        "To Decide", compute="_compute_amount_undecided", store=True
    )
    settlement_ids = fields.One2many("aftersales.claim.settlement", "line_id")
    correction_ids = fields.One2many("aftersales.correction", "claim_line_id")

    @api.depends("amount_claimed", "settlement_ids.amount", "settlement_ids.kind")
    def _compute_settled(self):
        for line in self:
            sums = dict.fromkeys(("payment", "adjustment", "write_off", "credit"), 0.0)
            for settlement in line.settlement_ids:
                sums[settlement.kind] += settlement.amount
            line.amount_paid = sums["payment"]
            line.amount_adjusted = sums["adjustment"] + sums["write_off"]
            line.amount_credited = sums["credit"]
            line.amount_open = line.amount_claimed - sum(sums.values())

    @api.depends(
        "amount_refused",
        "amount_open",
        "settlement_ids.is_decided",
        "correction_ids.state",
        "correction_ids.amount",
    )
    def _compute_amount_undecided(self):
        for line in self:
            decided = line._get_amount_decided()
            waiting = sum(
                correction.amount
                for correction in line.correction_ids
                if correction.state == "draft"
            )
            line.amount_undecided = max(
                min(line.amount_refused - decided, line.amount_open - waiting), 0.0
            )

    def _get_amount_decided(self):
        """Return what was refused and given to somebody else to bear."""
        self.ensure_one()
        return sum(
            correction.amount
            for correction in self.correction_ids
            if correction.state != "cancel"
        ) + sum(self.settlement_ids.filtered("is_decided").mapped("amount"))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_step_fields(vals)
        lines = super().create(vals_list)
        if not self.env.su:
            lines.claim_id._check_draft()
        return lines

    @api.model
    def _get_answer_fields(self):
        """Fields that may be changed after the claim was sent."""
        return {"sequence", "name", "reason_code", "reason", "note"}

    @api.model
    def _get_step_fields(self):
        """Return the fields that only the steps of the claim fill in."""
        return {
            "invoice_line_id",
            "amount_approved",
            "amount_refused",
            "decision",
            "decision_reason",
        }

    def _check_step_fields(self, vals):
        """Refuse an answer, a decision or a booking that no step gave."""
        if not self.env.su and self._get_step_fields() & vals.keys():
            raise UserError(
                self.env._(
                    "%(lines)s: answers, decisions and bookings follow from the steps "
                    "of the claim and can't be written.",
                    lines=", ".join(self.mapped("name")) or self._description,
                )
            )

    def write(self, vals):
        self._check_step_fields(vals)
        if not self.env.su and vals.keys() - self._get_answer_fields():
            self.claim_id._check_draft()
            self._check_not_invoiced(vals)
        return super().write(vals)

    def _check_not_invoiced(self, vals):
        """What an invoice asks is changed on the invoice."""
        money = {"amount_untaxed", "amount_claimed", "quantity", "claim_id"}
        invoiced = self.sudo().filtered(
            lambda line: line.invoice_line_id and line.claim_id.method == "invoice"
        )
        if invoiced and money & vals.keys():
            raise UserError(
                self.env._(
                    "%(lines)s is asked by an invoice. Change the draft invoice "
                    "%(moves)s; the claim follows when it is sent.",
                    lines=", ".join(invoiced.mapped("name")),
                    moves=", ".join(invoiced.claim_id.move_id.mapped("display_name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if not self.env.su:
            self.claim_id._check_draft()
            self._check_not_invoiced({"claim_id": False})

    def _get_old_parts(self):
        """Return the old parts that belong to what is claimed."""
        job_lines = self.sudo().job_line_id
        # A share of a whole job is about every part of it.
        jobs = self.sudo().filtered(lambda line: not line.job_line_id).job_id
        return (job_lines | jobs.line_ids).old_part_ids

    # The answer

    def _check_answer(self, amount):
        """Refuse an approved amount that can't be."""
        self.ensure_one()
        compare = self.currency_id.compare_amounts
        decided = self._get_amount_decided()
        if compare(amount, 0) < 0 or compare(amount, self.amount_claimed) > 0:
            raise UserError(
                self.env._(
                    "%(claim)s, %(line)s: %(amount)s was claimed, so between nothing "
                    "and that can be approved, and not %(approved)s.",
                    claim=self.claim_id.name,
                    line=self.name,
                    amount=self.currency_id.format(self.amount_claimed),
                    approved=self.currency_id.format(amount),
                )
            )
        if compare(amount, self.amount_claimed - decided) > 0:
            raise UserError(
                self.env._(
                    "%(claim)s, %(line)s: %(amount)s of it was decided to be borne by "
                    "somebody else. Reverse that correction before it is approved.",
                    claim=self.claim_id.name,
                    line=self.name,
                    amount=self.currency_id.format(decided),
                )
            )
        if compare(amount, self.amount_paid) < 0:
            raise UserError(
                self.env._(
                    "%(claim)s, %(line)s: %(paid)s is paid already, so less can't be "
                    "approved.",
                    claim=self.claim_id.name,
                    line=self.name,
                    paid=self.currency_id.format(self.amount_paid),
                )
            )

    def _write_answer(self, amount, reason=None):
        self.ensure_one()
        refused = self.currency_id.round(self.amount_claimed - amount)
        values = {"amount_approved": amount, "amount_refused": refused}
        if not self.currency_id.is_zero(refused) and reason:
            values["reason"] = reason
        self.write(values)

    def _get_amount_expected(self):
        """Return what should still come in: what is open and not refused."""
        self.ensure_one()
        return max(
            self.currency_id.round(self.amount_open - self._get_refused_open()), 0
        )

    def _get_refused_open(self):
        """Return what of the open amount was refused, decided or not."""
        self.ensure_one()
        posted = sum(
            correction.amount
            for correction in self.correction_ids
            if correction.state == "posted"
        ) + sum(self.settlement_ids.filtered("is_decided").mapped("amount"))
        return max(min(self.amount_refused - posted, self.amount_open), 0.0)

    # Decisions

    def _decide(self, decision, reason):
        """Let somebody else bear what was refused of these lines.

        :return: the documents that were made
        """
        known = dict(self._fields["decision"]._description_selection(self.env))
        if decision not in known:
            raise UserError(
                self.env._(
                    "“%(decision)s” is no decision: it can be %(known)s.",
                    decision=decision,
                    known=", ".join(known),
                )
            )
        waiting = self.filtered(
            lambda line: not line.currency_id.is_zero(line.amount_undecided)
        )
        if not waiting:
            raise UserError(
                self.env._(
                    "%(claims)s: nothing that was refused waits for a decision. Record "
                    "the refusal first.",
                    claims=", ".join(self.claim_id.mapped("name")),
                )
            )
        waiting.write({"decision": decision, "decision_reason": reason})
        moves = self.env["account.move"]
        for claim, lines in waiting.grouped("claim_id").items():
            payer = claim._get_payer(decision)
            if claim.method == "invoice":
                moves |= lines._correct_payer(payer, reason)
            else:
                moves |= lines._bear_cost(payer, reason)
            claim.message_post(
                body=self.env._(
                    "%(payer)s bears what was refused: %(reason)s",
                    payer=payer.name,
                    reason=reason,
                )
            )
        return moves

    def _correct_payer(self, payer, reason):
        """Move what was refused to another payer, on credit note and invoice.

        :raises UserError: naming lines that no invoice bills any more
        """
        unbilled = self.filtered(lambda line: not line.invoice_line_id)
        if unbilled:
            raise UserError(
                self.env._(
                    "%(claims)s: the invoice has no line any more for %(lines)s, so "
                    "nobody else can be billed for it. Write it off instead.",
                    claims=", ".join(unbilled.claim_id.mapped("name")),
                    lines=", ".join(unbilled.mapped("name")),
                )
            )
        amounts = {line.invoice_line_id: (line.amount_undecided, line) for line in self}
        return (
            self.env["aftersales.correction"]
            ._correct(
                {origin: amount for origin, (amount, _line) in amounts.items()},
                payer,
                reason,
                claim_lines={
                    origin: line for origin, (_amount, line) in amounts.items()
                },
            )
            ._get_moves()
        )
