from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class AftersalesOrder(models.Model):
    """One event of service on one asset for one customer.

    It says what is wrong, what we will do, who pays, what is missing and what
    happens next. Quantities live in Inventory, money in Sales and Invoicing; this
    document starts them and shows what came of them. Estimate, approval, parts and
    invoice each have a file of their own.
    """

    _name = "aftersales.order"
    _description = "Work Order"
    _inherit = [
        "portal.mixin",
        "aftersales.state.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "priority desc, date_promised, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(
        "Number", default="/", readonly=True, copy=False, index="trigram"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        check_company=True,
        index=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    contact_id = fields.Many2one(
        "res.partner",
        check_company=True,
        domain="[('commercial_partner_id', '=?', partner_id)]",
        help="Who brings the asset or answers the phone, if it is somebody else.",
    )
    asset_id = fields.Many2one("aftersales.asset", check_company=True, index=True)
    serial = fields.Char(related="asset_id.serial")
    complaint = fields.Text(
        help="What the customer says is wrong, in the customer's own words."
    )
    channel = fields.Selection(
        [
            ("phone", "Phone"),
            ("desk", "Walk-in"),
            ("portal", "Portal"),
            ("email", "E-mail"),
            ("partner", "Dealer or agent"),
            ("outbound", "Our own invitation"),
        ],
        "Received By",
        default="desk",
    )
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], default="0")
    state = fields.Selection(
        [
            ("draft", "New"),
            ("quoted", "Quoted"),
            ("approved", "Approved"),
            ("progress", "In Progress"),
            ("quality", "Quality Check"),
            ("ready", "Ready"),
            ("done", "Handed Over"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    team_id = fields.Many2one(
        "aftersales.team",
        check_company=True,
        index="btree_not_null",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Advisor",
        check_company=True,
        index="btree_not_null",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        check_company=True,
        required=True,
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    bay_id = fields.Many2one(
        "stock.location",
        check_company=True,
        help="The place in the workshop where parts are staged for this order.",
    )
    tag_ids = fields.Many2many("aftersales.tag", string="Tags")
    date_planned = fields.Datetime("Appointment", copy=False)
    date_promised = fields.Datetime("Promised", copy=False, index=True, tracking=True)
    date_in = fields.Datetime("Started", readonly=True, copy=False)
    date_completed = fields.Datetime("Completed", readonly=True, copy=False)
    date_out = fields.Datetime("Handed Over On", readonly=True, copy=False)
    meter_in = fields.Float(digits=(16, 1), copy=False)
    meter_out = fields.Float(digits=(16, 1), copy=False)
    meter_unit = fields.Char(related="asset_id.meter_unit")
    job_ids = fields.One2many("aftersales.job", "order_id", "Jobs", copy=True)
    job_count = fields.Integer(compute="_compute_job_count")
    line_ids = fields.One2many("aftersales.job.line", "order_id", "Lines")
    rework_count = fields.Integer(readonly=True, copy=False)
    cancel_reason = fields.Char(readonly=True, copy=False)
    signature = fields.Binary("Hand-over Signature", copy=False, attachment=True)
    signed_by = fields.Char(copy=False)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    next_step = fields.Char(compute="_compute_next_step")
    color = fields.Integer()

    _meter_positive = models.Constraint(
        "CHECK(meter_in >= 0 AND meter_out >= 0)",
        "A meter reading cannot be negative.",
    )
    _open_idx = models.Index(
        "(company_id, date_promised) WHERE state NOT IN ('done', 'cancel')"
    )

    @api.depends("asset_id")
    def _compute_partner_id(self):
        for order in self:
            order.partner_id = order.partner_id or order.asset_id.partner_id

    @api.depends("user_id", "company_id")
    def _compute_team_id(self):
        for order in self:
            if order.team_id.company_id == order.company_id:
                continue
            # The list of a company's teams is short and stays in the cache.
            teams = self._get_company_teams(order.company_id)
            order.team_id = teams.filtered(
                lambda team, order=order: order.user_id in team.member_ids
            )[:1]

    @api.model
    def _get_company_teams(self, company):
        return self.env["aftersales.team"].search([("company_id", "=", company.id)])

    @api.depends("team_id", "company_id")
    def _compute_warehouse_id(self):
        Warehouse = self.env["stock.warehouse"]
        default_by_company = {}
        for order in self:
            company = order.company_id
            # Parts that were asked for come from where they were asked for.
            settled = not order.team_id or order.state not in ("draft", "quoted")
            if order.warehouse_id.company_id == company and settled:
                continue
            if company not in default_by_company:
                default_by_company[company] = Warehouse.search_fetch(
                    [("company_id", "=", company.id)], ["company_id"], limit=1
                )
            order.warehouse_id = (
                order.team_id.warehouse_id or default_by_company[company]
            )

    @api.depends("job_ids")
    def _compute_job_count(self):
        for order in self:
            order.job_count = len(order.job_ids)

    @api.depends("date_promised", "state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for order in self:
            order.is_late = bool(
                order.state not in ("done", "cancel", "ready")
                and order.date_promised
                and order.date_promised < now
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain(
            [
                ("state", "not in", ("done", "cancel", "ready")),
                ("date_promised", "<", fields.Datetime.now()),
            ]
        )
        return domain if True in value else ~domain

    @api.depends("state", "job_ids.state")
    def _compute_next_step(self):
        """Say in words what somebody has to do now."""
        for order in self:
            order.next_step = order._get_next_step()

    def _get_next_step(self):
        self.ensure_one()
        waiting = self.job_ids.filtered(lambda job: job.state == "proposed")
        if self.state in ("approved", "progress", "quality") and waiting:
            return self.env._(
                "Ask the customer about the added work: %(jobs)s",
                jobs=", ".join(waiting.mapped("name")),
            )
        return {
            "draft": self.env._("Add the jobs and make the estimate.")
            if not self.job_ids
            else self.env._("Make the estimate."),
            "quoted": self.env._("Get the customer's answer for each job."),
            "approved": self.env._(
                "Start when the asset, the parts and a technician are here."
            ),
            "progress": self.env._(
                "Do the jobs, note cause and correction, then complete."
            ),
            "quality": self.env._(
                "Check the work: pass it, or send it back with a reason."
            ),
            "ready": self.env._("Invoice and hand over."),
            "done": self.env._("Nothing more to do."),
            "cancel": self.env._("Nothing more to do."),
        }[self.state]

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for order in self:
            order.access_url = f"/my/work-orders/{order.id}"
        return result

    @api.constrains("asset_id", "company_id")
    def _check_asset_company(self):
        for order in self:
            if order.asset_id and order.asset_id.company_id != order.company_id:
                raise ValidationError(
                    self.env._(
                        "%(order)s: %(asset)s is registered in another company.",
                        order=order.name,
                        asset=order.asset_id.display_name,
                    )
                )

    @api.constrains("meter_in", "meter_out")
    def _check_meter_out(self):
        for order in self:
            if order.meter_out and order.meter_out < order.meter_in:
                raise ValidationError(
                    self.env._(
                        "%(order)s: the meter read %(meter_in)s when the asset came in "
                        "and can't read %(meter_out)s when it leaves.",
                        order=order.name,
                        meter_in=f"{order.meter_in:g}",
                        meter_out=f"{order.meter_out:g}",
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._number(vals_list)
        orders = super().create(vals_list)
        for order, vals in zip(orders, vals_list, strict=True):
            order._record_meters(vals)
        orders._give_asset_its_owner()
        return orders

    @api.model
    def _number(self, vals_list):
        """Take the numbers of each company's orders in one go."""
        by_company = {}
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company_id = vals.get("company_id") or self.env.company.id
                by_company.setdefault(company_id, []).append(vals)
        for company_id, company_vals in by_company.items():
            Sequence = self.env["ir.sequence"].with_company(company_id)
            for vals in company_vals:
                vals["name"] = Sequence.next_by_code("aftersales.order")

    def write(self, vals):
        if {"partner_id", "company_id"} & vals.keys():
            self._check_customer_stays(vals)
        result = super().write(vals)
        if {"meter_in", "meter_out"} & vals.keys():
            for order in self:
                order._record_meters(vals)
        if {"asset_id", "partner_id"} & vals.keys():
            self._give_asset_its_owner()
        return result

    def _check_customer_stays(self, vals):
        """Refuse another customer or company once quotations are made out."""
        quoted = self.filtered(
            lambda order: (
                (
                    order.partner_id.id != vals.get("partner_id", order.partner_id.id)
                    or order.company_id.id
                    != vals.get("company_id", order.company_id.id)
                )
                and order.sudo().sale_order_ids.filtered(
                    lambda sale: sale.state != "cancel"
                )
            )
        )
        if quoted:
            raise UserError(
                self.env._(
                    "%(orders)s is quoted to %(partners)s. Cancel it and duplicate it "
                    "for another customer.",
                    orders=", ".join(quoted.mapped("name")),
                    partners=", ".join(quoted.partner_id.mapped("display_name")),
                )
            )

    def _give_asset_its_owner(self):
        """An asset made on the fly at the counter belongs to who brought it."""
        for order in self:
            asset = order.asset_id
            if asset and not asset.partner_id and not asset.lot_id:
                asset.partner_id = order.partner_id

    def _record_meters(self, vals):
        """Keep the readings of this order with the asset, where they are checked."""
        self.ensure_one()
        for field in ("meter_in", "meter_out"):
            if vals.get(field) and self.asset_id:
                self.asset_id._record_meter(
                    vals[field], order=self, moment=field.removeprefix("meter_")
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        kept = self.filtered(lambda order: order.state not in ("draft", "cancel"))
        if kept:
            raise UserError(
                self.env._(
                    "%(orders)s: cancel an accepted order before deleting it.",
                    orders=", ".join(kept.mapped("name")),
                )
            )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"quoted", "approved", "cancel"},
            "quoted": {"approved", "cancel"},
            "approved": {"progress", "cancel"},
            "progress": {"quality", "cancel"},
            "quality": {"progress", "ready", "cancel"},
            "ready": {"done"},
        }

    def _check_decides(self):
        """Refuse steps that speak for the house to those who only do the work."""
        group = "aftersales.aftersales_group_user"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "%(user)s does the work on %(orders)s and does not decide about "
                    "it. Ask an advisor.",
                    user=self.env.user.name,
                    orders=", ".join(self.sudo().mapped("name")),
                )
            )

    def _set_state(self, state, **values):
        """Keep who took which step, in one statement for the whole batch."""
        moved = super()._set_state(state, **values)
        if state != "quoted":  # the quotation itself says so
            label = self._get_state_label(state)
            moved._message_log_batch(bodies={order.id: label for order in moved})
        return moved

    def _get_open_action(self):
        """Return an action that opens one order, or the list of several."""
        if len(self) == 1:
            return self.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.order_action"
        )
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}

    def action_view_asset(self):
        self.ensure_one()
        return self.asset_id.get_formview_action()
