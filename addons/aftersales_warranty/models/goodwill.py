from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AftersalesGoodwillReason(models.Model):
    _name = "aftersales.goodwill.reason"
    _description = "Reason for Goodwill"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)


class AftersalesGoodwill(models.Model):
    """The part of a job that we bear out of goodwill, why, and who gave it.

    Before the customer's answer it is a share of the job; after the invoice it is a
    credit note on it. The amount is what it costs us: without taxes.
    """

    _name = "aftersales.goodwill"
    _description = "Goodwill"
    _inherit = ["aftersales.decision.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["order_id.name", "job_id.name"]

    job_id = fields.Many2one(
        "aftersales.job",
        required=True,
        index=True,
        domain="[('order_id', '=?', order_id)]",
        check_company=True,
        compute="_compute_job_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    job_line_id = fields.Many2one(
        "aftersales.job.line",
        "Only Line",
        domain="[('job_id', '=', job_id)]",
        check_company=True,
        index="btree_not_null",
        help="Empty: of the whole job.",
        ondelete="restrict",
    )
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        compute="_compute_order_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="order_id.partner_id", store=True)
    team_id = fields.Many2one(related="order_id.team_id", store=True)
    advisor_id = fields.Many2one(
        related="order_id.user_id", string="Advisor", store=True
    )
    product_id = fields.Many2one(
        related="order_id.asset_id.product_id", string="Model", store=True
    )
    job_state = fields.Selection(related="job_id.state", string="State of the Job")
    state = fields.Selection(
        [
            ("proposed", "To Decide"),
            ("approved", "Given"),
            ("refused", "Refused"),
            ("cancel", "Withdrawn"),
        ],
        required=True,
        default="proposed",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    payer_id = fields.Many2one(
        "aftersales.payer",
        "Borne By",
        required=True,
        check_company=True,
        domain="[('kind', '=', 'absorbed'), ('company_id', '=', company_id)]",
        compute="_compute_payer_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    percentage = fields.Float("Share (%)", digits="Discount", required=True, default=50)
    reason_id = fields.Many2one(
        "aftersales.goodwill.reason", required=True, ondelete="restrict"
    )
    note = fields.Char(help="Printed with the share.")
    amount = fields.Monetary(
        compute="_compute_amounts",
        store=True,
        help="What it costs us, without taxes.",
    )
    amount_total = fields.Monetary(
        "With Taxes",
        compute="_compute_amounts",
        store=True,
        help="What the customer pays less.",
    )
    budget_id = fields.Many2one(
        "aftersales.goodwill.budget", readonly=True, copy=False, index="btree_not_null"
    )
    share_id = fields.Many2one(
        "aftersales.job.share", readonly=True, copy=False, index="btree_not_null"
    )
    correction_ids = fields.One2many("aftersales.correction", "goodwill_id")

    _percentage_range = models.Constraint(
        "CHECK(percentage > 0 AND percentage <= 100)",
        "A share is above 0 and up to 100 percent.",
    )

    @api.depends("order_id")
    def _compute_job_id(self):
        for goodwill in self:
            jobs = goodwill.order_id.job_ids
            if goodwill.order_id and goodwill.job_id not in jobs:
                goodwill.job_id = jobs if len(jobs) == 1 else False

    @api.depends("job_id")
    def _compute_order_id(self):
        for goodwill in self:
            goodwill.order_id = goodwill.job_id.order_id or goodwill.order_id

    @api.depends("company_id")
    def _compute_payer_id(self):
        for goodwill in self:
            if goodwill.payer_id.company_id != goodwill.company_id:
                goodwill.payer_id = goodwill.company_id and (
                    goodwill.company_id._get_bearer("goodwill")
                )

    # Not of the prices before there is a quotation: those depend on every stock move.
    @api.depends(
        "job_id",
        "job_line_id",
        "percentage",
        "share_id.sale_line_ids.price_subtotal",
        "share_id.sale_line_ids.price_total",
        "correction_ids.state",
        "correction_ids.amount",
        "correction_ids.amount_untaxed",
    )
    def _compute_amounts(self):
        for goodwill in self.sudo():
            job = goodwill.job_id
            net = total = 0.0
            if corrections := goodwill.correction_ids:
                for correction in corrections:
                    if correction.state != "cancel":
                        convert = job._convert_to_company_currency
                        net += convert(
                            correction.amount_untaxed, correction.currency_id
                        )
                        total += convert(correction.amount, correction.currency_id)
            elif lines := goodwill.share_id.sale_line_ids:
                for line in lines:
                    convert = job._convert_to_company_currency
                    net -= convert(line.price_subtotal, line.currency_id)
                    total -= convert(line.price_total, line.currency_id)
            else:
                lines = goodwill._get_shared_lines()
                part = goodwill.percentage / 100
                net = sum(lines.mapped("amount_company")) * part
                total = sum(lines.mapped("amount_total_company")) * part
            currency = job.company_id.currency_id or goodwill.env.company.currency_id
            goodwill.amount = currency.round(net)
            goodwill.amount_total = currency.round(total)

    def _get_shared_lines(self):
        """Return the job lines whose price this is a part of."""
        self.ensure_one()
        lines = self.job_line_id or self.job_id.line_ids
        return lines.filtered(lambda line: line.payer_id == self.job_id.payer_id)

    @api.depends("order_id.name", "job_id.name", "percentage")
    def _compute_display_name(self):
        for goodwill in self:
            goodwill.display_name = self.env._(
                "Goodwill %(percentage)s %% · %(order)s · %(job)s",
                percentage=f"{goodwill.percentage:g}",
                order=goodwill.order_id.name or "",
                job=goodwill.job_id.name or "",
            )

    @api.constrains("payer_id")
    def _check_payer(self):
        for goodwill in self:
            if goodwill.payer_id.kind != "absorbed":
                raise ValidationError(
                    self.env._(
                        "%(goodwill)s: %(payer)s is billed. Goodwill is borne by us.",
                        goodwill=goodwill.display_name,
                        payer=goodwill.payer_id.name,
                    )
                )

    @api.constrains("job_id", "job_line_id", "order_id")
    def _check_job(self):
        for goodwill in self.sudo():
            if goodwill.job_id.order_id != goodwill.order_id or (
                goodwill.job_line_id and goodwill.job_line_id.job_id != goodwill.job_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(goodwill)s: choose a job of that work order, and a line of "
                        "that job.",
                        goodwill=goodwill.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        jobs = {vals.get("job_id") for vals in vals_list} - {None, False}
        self.env["aftersales.job"].browse(jobs).check_access("write")
        return super().create(vals_list)

    @api.model
    def _get_decided_fields(self):
        return [
            *super()._get_decided_fields(),
            "amount", "amount_total", "budget_id", "share_id", "correction_ids",
        ]  # fmt: skip

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "proposed": {"approved", "refused", "cancel"},
            "approved": {"cancel"},
        }

    def _get_limit_kind(self):
        return "goodwill"

    def _get_limit_amount(self):
        return self.amount

    def _follow_approval(self):
        result = super()._follow_approval()
        for goodwill in self:
            goodwill._take_from_budget()
            if goodwill.job_id.can_change:
                goodwill.share_id = self.env["aftersales.job.share"].create(
                    goodwill._prepare_share_values()
                )
            else:
                goodwill._correct()
        return result

    def _prepare_share_values(self):
        self.ensure_one()
        return {
            "job_id": self.job_id.id,
            "job_line_id": self.job_line_id.id,
            "payer_id": self.payer_id.id,
            "kind": "percent",
            "percentage": self.percentage,
            "reason": self._get_reason_text(),
        }

    def _get_reason_text(self):
        return " · ".join(part for part in (self.reason_id.name, self.note) if part)

    def _correct(self):
        """Credit the share of what was billed.

        The limit is the right to it: who gives goodwill need not be allowed every
        change of payer.
        """
        self.ensure_one()
        moves = self.order_id.action_correct_payer(
            lines=self._get_shared_lines(),
            payer=self.payer_id,
            percentage=self.percentage,
            reason=self._get_reason_text(),
            from_payer=self.job_id.payer_id,
        )
        corrections = self.env["aftersales.correction"].search(
            [("credit_id", "in", moves.ids)]
        )
        corrections.goodwill_id = self

    def _undo_approval(self):
        result = super()._undo_approval()
        for goodwill in self:
            live = goodwill.correction_ids.filtered(
                lambda correction: correction.state == "posted"
            )
            if live or (goodwill.share_id and not goodwill.job_id.can_change):
                raise UserError(
                    self.env._(
                        "%(goodwill)s: the customer has it in writing. Let the "
                        "customer bear it again by a change of payer first.",
                        goodwill=goodwill.display_name,
                    )
                )
            goodwill.correction_ids.credit_id.filtered(
                lambda move: move.state == "draft"
            ).button_cancel()
            goodwill.share_id.unlink()
            goodwill.budget_id = False
        return result

    def action_give(self):
        """Give what the own limit allows at once; the rest waits for its decision."""
        self.filtered("can_decide").action_approve()
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _get_view_action(self, domain, context):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.goodwill_action"
        )
        return {**action, "domain": domain, "context": context}
