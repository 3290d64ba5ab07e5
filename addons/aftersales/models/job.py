from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .rights import PRICE_GROUPS


class AftersalesJob(models.Model):
    """One operation on a work order: complaint, cause and correction, with its own
    payer, answer of the customer and state."""

    _name = "aftersales.job"
    _description = "Job"
    _inherit = ["aftersales.state.mixin"]
    _order = "order_id, sequence, id"
    _check_company_auto = True

    order_id = fields.Many2one(
        "aftersales.order", "Work Order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="order_id.partner_id")
    asset_id = fields.Many2one(related="order_id.asset_id")
    order_state = fields.Selection(related="order_id.state", string="Order State")
    date_promised = fields.Datetime(related="order_id.date_promised")
    sequence = fields.Integer(default=10)
    name = fields.Char(
        "Job",
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    template_id = fields.Many2one(
        "aftersales.job.template", check_company=True, index="btree_not_null"
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Waits for answer"),
            ("approved", "Approved"),
            ("progress", "In Progress"),
            ("done", "Done"),
            ("declined", "Declined"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    payer_id = fields.Many2one(
        "aftersales.payer",
        required=True,
        check_company=True,
        index=True,
        compute="_compute_payer_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    technician_id = fields.Many2one(
        "hr.employee", check_company=True, index="btree_not_null"
    )
    description = fields.Text(
        "Customer Text",
        help="What the customer reads on the estimate and on the portal.",
        compute="_compute_description",
        store=True,
        readonly=False,
        precompute=True,
    )
    complaint = fields.Text()
    cause = fields.Text()
    correction = fields.Text()
    decline_reason = fields.Char(readonly=True, copy=False)
    line_ids = fields.One2many("aftersales.job.line", "job_id", "Lines", copy=True)
    share_ids = fields.One2many("aftersales.job.share", "job_id", "Shares", copy=True)
    sale_line_ids = fields.One2many(
        "sale.order.line", "aftersales_job_id", "Quotation Lines"
    )
    amount_untaxed = fields.Monetary(
        compute="_compute_amounts", compute_sudo=True, groups=PRICE_GROUPS
    )
    amount_total = fields.Monetary(
        compute="_compute_amounts", compute_sudo=True, groups=PRICE_GROUPS
    )
    cost = fields.Monetary(
        compute="_compute_margin",
        compute_sudo=True,
        groups="aftersales.aftersales_group_user",
    )
    margin = fields.Monetary(
        compute="_compute_margin",
        compute_sudo=True,
        groups="aftersales.aftersales_group_user",
    )
    can_change = fields.Boolean(compute="_compute_can_change")

    @api.depends("template_id")
    def _compute_name(self):
        for job in self:
            job.name = job.name or job.template_id.name

    @api.depends("template_id")
    def _compute_description(self):
        for job in self:
            job.description = job.description or job.template_id.description

    @api.depends("order_id", "template_id")
    def _compute_payer_id(self):
        customer_by_company = {}
        for job in self:
            if job.payer_id:
                continue
            company = job.company_id or self.env.company
            if company not in customer_by_company:
                customer_by_company[company] = self.env[
                    "aftersales.payer"
                ].search_fetch(
                    [("company_id", "=", company.id), ("kind", "=", "invoiced")],
                    ["company_id", "kind"],
                    limit=1,
                )
            job.payer_id = job.template_id.payer_id or customer_by_company[company]

    @api.depends(
        "line_ids.price_subtotal",
        "line_ids.price_total",
        "share_ids.sale_line_ids.price_total",
    )
    def _compute_amounts(self):
        for job in self:
            # A share is taken off here and asked from somebody else: only what we
            # bear ourselves lowers the sum.
            shares = job.share_ids.sale_line_ids
            convert = job._convert_to_company_currency
            job.amount_untaxed = sum(job.line_ids.mapped("amount_company")) + sum(
                convert(line.price_subtotal, line.currency_id) for line in shares
            )
            job.amount_total = sum(job.line_ids.mapped("amount_total_company")) + sum(
                convert(line.price_total, line.currency_id) for line in shares
            )

    def _convert_to_company_currency(self, amount, currency):
        self.ensure_one()
        return currency._convert(
            amount,
            self.currency_id,
            self.company_id,
            self.order_id.create_date or fields.Date.context_today(self),
        )

    @api.depends("line_ids.cost", "amount_untaxed")
    def _compute_margin(self):
        for job in self:
            job.cost = sum(job.line_ids.mapped("cost"))
            job.margin = job.amount_untaxed - job.cost

    @api.depends("state")
    def _compute_can_change(self):
        for job in self:
            job.can_change = job.state in ("draft", "proposed")

    @api.constrains("payer_id")
    def _check_shares(self):
        self.share_ids._check_shares()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for vals in vals_list:
            # The copy has other lines: a share of one line is agreed on anew.
            vals["share_ids"] = [
                command
                for command in vals.get("share_ids", [])
                if not command[2].get("job_line_id")
            ]
        return vals_list

    @api.model_create_multi
    def create(self, vals_list):
        # Asked before: as technician of a job on it, anybody may see an order.
        default_id = self.env.context.get("default_order_id")
        order_ids = {vals.get("order_id", default_id) for vals in vals_list}
        orders = self.env["aftersales.order"].browse(order_ids - {None, False})
        orders.check_access("write")
        jobs = super().create(vals_list)
        jobs._check_order_open()
        for job in jobs:
            if job.template_id and not job.line_ids:
                job._apply_template()
        return jobs

    def write(self, vals):
        if {"payer_id", "template_id"} & vals.keys():
            self._check_can_change()
        if "order_id" in vals:
            self._check_stays_on_order(vals["order_id"])
        result = super().write(vals)
        if vals.get("template_id") and "line_ids" not in vals:
            for job in self:
                job.line_ids.unlink()
                job._apply_template()
        if "payer_id" in vals:
            self.filtered(lambda job: job.state == "proposed")._sync_quotations()
        return result

    def _check_stays_on_order(self, order_id):
        """Quotations and parts are of the order: a job can't take them elsewhere."""
        moved = self.filtered(lambda job: job.order_id.id != order_id)
        if moved:
            raise UserError(
                self.env._(
                    "%(jobs)s belongs to %(orders)s. Delete it there and add it to the "
                    "other order.",
                    jobs=", ".join(moved.mapped("name")),
                    orders=", ".join(moved.order_id.mapped("name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        kept = self.filtered(
            lambda job: job.state not in ("draft", "proposed", "declined", "cancel")
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(jobs)s is approved and can't be deleted. Cancel the order, or "
                    "complete it with what was used.",
                    jobs=", ".join(kept.mapped("display_name")),
                )
            )
        self._remove_from_quotations()

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"proposed", "declined", "cancel"},
            "proposed": {"approved", "declined", "cancel"},
            "declined": {"proposed"},
            "approved": {"progress", "done", "cancel"},
            "progress": {"done", "cancel"},
            "done": {"progress", "cancel"},
        }

    def _check_order_open(self):
        closed = self.filtered(
            lambda job: job.order_id.state in ("ready", "done", "cancel")
        )
        if closed:
            raise UserError(
                self.env._(
                    "%(orders)s is finished: new work needs a new work order.",
                    orders=", ".join(closed.order_id.mapped("name")),
                )
            )

    def _check_can_change(self):
        """Refuse to alter what the customer agreed to."""
        # A yes that is being given must not cover what is written now. An order of
        # this very transaction is seen by nobody else.
        begun = self.env.cr.now()
        self.order_id.filtered(lambda order: order.create_date < begun)._lock()
        fixed = self.filtered(lambda job: not job.can_change)
        if fixed:
            raise UserError(
                self.env._(
                    "%(jobs)s of %(orders)s: the customer has answered. Add new work "
                    "as another job; a change of payer after the answer is a "
                    "correction document.",
                    jobs=", ".join(fixed.mapped("name")),
                    orders=", ".join(fixed.order_id.mapped("name")),
                )
            )

    @api.onchange("template_id")
    def _onchange_template_id(self):
        # The advisor sees, and may change, what the template brings before saving.
        template = self.template_id
        if not self.env.user.has_group("aftersales.aftersales_group_user"):
            return
        if template and self.can_change:
            self.name = template.name
            self.description = template.description
            self.payer_id = template.payer_id or self.payer_id
            self.line_ids = [
                Command.clear(),
                *template._prepare_job_line_commands(self.asset_id),
            ]

    def _apply_template(self):
        self.ensure_one()
        commands = self.template_id._prepare_job_line_commands(self.asset_id)
        if commands:
            # A technician may add a canned job, and not see its fixed prices.
            self.sudo().write({"line_ids": commands})

    def action_start(self):
        """Start jobs that were approved after the order was started."""
        waiting = self.filtered(lambda job: job.order_id.state != "progress")
        if waiting:
            raise UserError(
                self.env._(
                    "%(jobs)s: start the work order %(orders)s first.",
                    jobs=", ".join(waiting.mapped("name")),
                    orders=", ".join(waiting.order_id.mapped("name")),
                )
            )
        self._action_start()
        return True

    def _action_start(self):
        self._set_state("progress")

    def action_propose(self):
        """Ask the customer about work found later: quotation of its own."""
        return self.order_id.action_estimate()

    def action_requote(self):
        """Offer declined work again."""
        self.order_id._check_decides()
        self.order_id._lock()
        self._check_order_open()
        self._set_state("proposed", decline_reason=False)
        self._sync_quotations()
        return True

    def action_approve(self):
        return self.order_id.action_approve(jobs=self)

    def action_open(self):
        """Open the job with its lines, texts and shares."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
