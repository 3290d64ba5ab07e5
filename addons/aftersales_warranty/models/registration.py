from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AftersalesWarrantyRegistration(models.Model):
    """One guarantee on one asset: since when, on which papers, for whom.

    It is made by the delivery, the invoice, the installation, a repair of ours or by
    hand, and keeps the version that was in force on the day it began.
    """

    _name = "aftersales.warranty.registration"
    _description = "Registered Guarantee"
    _inherit = [
        "aftersales.evidence.mixin",
        "aftersales.state.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _evidence_field = "document_ids"
    _order = "date_start desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["asset_id", "pack_id"]

    asset_id = fields.Many2one(
        "aftersales.asset",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="asset_id.company_id", store=True, precompute=True, index=True
    )
    serial = fields.Char(related="asset_id.serial")
    partner_id = fields.Many2one(
        "res.partner",
        "Holder",
        check_company=True,
        index=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    pack_id = fields.Many2one(
        "aftersales.warranty.pack",
        "Guarantee",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    pack_kind = fields.Selection(related="pack_id.kind", string="Kind", store=True)
    document_required = fields.Boolean(related="pack_id.document_required")
    version_id = fields.Many2one(
        "aftersales.warranty.version",
        compute="_compute_version_id",
        store=True,
        precompute=True,
        ondelete="restrict",
        help="The one in force on the day the guarantee began.",
    )
    state = fields.Selection(
        [
            ("pending", "Waits for its Start"),
            ("active", "Registered"),
            ("ended", "Replaced"),
            ("void", "Void"),
        ],
        required=True,
        default="active",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    date_start = fields.Date("Start", tracking=True)
    date_end = fields.Date(
        "End",
        compute="_compute_date_end",
        store=True,
        help="Of its longest rule; single rules may end before, by time or meter.",
    )
    is_running = fields.Boolean(
        "In Force Today", compute="_compute_is_running", search="_search_is_running"
    )
    days_out = fields.Integer(
        "Days Taken Out", compute="_compute_days_out", help="Days in repair."
    )
    meter_start = fields.Float("Meter at Start", digits=(16, 1))
    meter_unit = fields.Char(related="asset_id.meter_unit")
    source = fields.Selection(
        [
            ("delivery", "Delivery"),
            ("invoice", "Invoice"),
            ("installation", "Installation"),
            ("sale", "Sold cover"),
            ("repair", "Repair"),
            ("exchange", "Exchange"),
            ("campaign", "Campaign"),
            ("hand", "By hand"),
        ],
        "Made By",
        required=True,
        default="hand",
        readonly=True,
    )
    use = fields.Selection(
        [("household", "Household"), ("business", "Business or rental")],
        required=True,
        compute="_compute_use",
        store=True,
        readonly=False,
        precompute=True,
    )
    document_state = fields.Selection(
        [
            ("missing", "Not shown"),
            ("shown", "Shown, to be checked"),
            ("checked", "Checked"),
            ("looked_up", "Looked up in our sales"),
            ("produced", "Lost; reckoned from production"),
        ],
        "Proof of Purchase",
        required=True,
        default="missing",
        tracking=True,
    )
    document_ids = fields.Many2many("ir.attachment", string="Papers", copy=False)
    document_note = fields.Char("Number on the Paper")
    date_produced = fields.Date(
        "Produced On",
        help="As the serial number tells: where the papers are lost, some guarantees "
        "start a while after.",
    )
    production_days = fields.Integer(related="pack_id.production_days")
    price = fields.Monetary("Price Paid", help="What a return is reckoned from.")
    deduction_rate = fields.Float(
        "Rate on the Certificate (%)",
        digits=(16, 4),
        help="The use deduction that the maker states for this model. Empty: the rate "
        "of the guarantee. What the law allows at most holds in any case.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    picking_id = fields.Many2one("stock.picking", "Delivery", readonly=True)
    invoice_id = fields.Many2one("account.move", readonly=True)
    sale_line_id = fields.Many2one(
        "sale.order.line", readonly=True, index="btree_not_null"
    )
    job_id = fields.Many2one(
        "aftersales.job",
        "Repair",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    previous_id = fields.Many2one(
        "aftersales.warranty.registration", "Follows", readonly=True, copy=False
    )
    end_reason = fields.Char(readonly=True, copy=False)

    _started = models.Constraint(
        "CHECK(state != 'active' OR date_start IS NOT NULL)",
        "A guarantee in force needs the day it began.",
    )
    _amounts_positive = models.Constraint(
        "CHECK(meter_start >= 0 AND price >= 0)",
        "Meter and price can't be negative.",
    )
    _asset_idx = models.Index("(asset_id, date_start) WHERE state = 'active'")
    _job_unique = models.UniqueIndex(
        "(job_id, pack_id) WHERE job_id IS NOT NULL",
        "That repair has its guarantee already.",
    )

    @api.depends("asset_id")
    def _compute_partner_id(self):
        for registration in self:
            registration.partner_id = (
                registration.partner_id or registration.asset_id.partner_id
            )

    @api.depends("partner_id")
    def _compute_use(self):
        for registration in self:
            registration.use = registration.use or (
                "business"
                if registration.partner_id.commercial_partner_id.is_company
                else "household"
            )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for registration in self:
            registration.currency_id = (
                registration.currency_id or registration.company_id.currency_id
            )

    @api.depends("pack_id", "date_start")
    def _compute_version_id(self):
        for registration in self:
            day = registration.date_start
            registration.version_id = day and registration.pack_id._get_version(day)

    @api.depends(
        "version_id",
        "date_start",
        "asset_id.category_id",
        "asset_id.repair_event_ids.days",
        "asset_id.repair_event_ids.is_counted",
    )
    def _compute_date_end(self):
        for registration in self:
            ends = [end for _rule, end, _meter in registration._get_limits() if end]
            registration.date_end = max(ends, default=False)

    @api.depends("pack_id", "date_start", "asset_id.repair_event_ids.days")
    def _compute_days_out(self):
        for registration in self:
            events = registration.asset_id.repair_event_ids
            registration.days_out = registration._get_days_out(events)

    @api.depends("state", "date_start", "date_end")
    def _compute_is_running(self):
        today = fields.Date.context_today(self)
        for registration in self:
            registration.is_running = bool(
                registration.state == "active"
                and registration.date_start <= today
                and (not registration.date_end or today <= registration.date_end)
            )

    @api.model
    def _search_is_running(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domain = fields.Domain(
            [
                ("state", "=", "active"),
                ("date_start", "<=", today),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", today),
            ]
        )
        return domain if True in value else ~domain

    @api.depends("pack_id.name", "asset_id.name")
    def _compute_display_name(self):
        for registration in self:
            parts = registration.pack_id.name, registration.asset_id.display_name
            registration.display_name = " · ".join(part for part in parts if part)

    @api.constrains("pack_id", "date_start", "state")
    def _check_version(self):
        for registration in self:
            if registration.state == "active" and not registration.version_id:
                raise ValidationError(
                    self.env._(
                        "%(pack)s has no version in force on %(date)s, when it would "
                        "begin for %(asset)s. Publish one for that day, or correct "
                        "the date.",
                        pack=registration.pack_id.name,
                        date=fields.Date.to_string(registration.date_start),
                        asset=registration.asset_id.display_name,
                    )
                )

    @api.constrains("asset_id", "pack_id", "state", "date_start")
    def _check_once(self):
        """A thing has each guarantee once: sold twice is a mistake somebody mends."""
        plain = self.filtered(
            lambda registration: (
                registration.state in ("pending", "active")
                and registration.pack_kind in ("legal", "promise")
            )
        )
        for registration in plain:
            twin = registration.asset_id.registration_ids.filtered(
                lambda other, registration=registration: (
                    other != registration
                    and other.pack_id == registration.pack_id
                    and other.state in ("pending", "active")
                )
            )[:1]
            if twin:
                raise ValidationError(
                    self.env._(
                        "%(asset)s has %(pack)s already, since %(date)s. If it was "
                        "sold twice, end or void that registration first.",
                        asset=registration.asset_id.display_name,
                        pack=registration.pack_id.name,
                        date=fields.Date.to_string(twin.date_start) or "–",
                    )
                )

    @api.constrains("document_state", "date_produced", "pack_id")
    def _check_production(self):
        for registration in self:
            if registration.document_state == "produced" and not (
                registration.date_produced and registration.pack_id.production_days
            ):
                raise ValidationError(
                    self.env._(
                        "%(registration)s: only the day it was produced, and a "
                        "guarantee that starts by it, stand for lost papers.",
                        registration=registration.display_name,
                    )
                )

    @api.constrains("meter_start", "asset_id")
    def _check_meter_start(self):
        for registration in self:
            asset = registration.asset_id
            if (
                registration.meter_start
                and registration.meter_start
                > max(asset.meter_ids[:1].total, asset.meter)
                > 0
            ):
                raise ValidationError(
                    self.env._(
                        "%(asset)s reads %(now)s: at the start of its guarantee it "
                        "can't have read %(start)s.",
                        asset=asset.display_name,
                        now=f"{asset.meter:.15g}",
                        start=f"{registration.meter_start:.15g}",
                    )
                )

    @api.model
    def _get_first_states(self):
        return super()._get_first_states() | {"pending"}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # Without the day it begins it waits for it.
            if "state" not in vals and vals.get("date_start", True) is False:
                vals["state"] = "pending"
        registrations = super().create(vals_list)
        if not self.env.su:
            registrations._check_paper_seen()
        registrations._reweigh_open_work()
        return registrations

    def write(self, vals):
        result = super().write(vals)
        if "document_state" in vals and not self.env.su:
            self._check_paper_seen()
        if self._get_weighed_fields() & vals.keys():
            self._reweigh_open_work()
        return result

    @api.model
    def _get_weighed_fields(self):
        """Fields that verdicts depend on."""
        return {"state", "date_start", "meter_start", "use", "document_state"}

    def _reweigh_open_work(self):
        """Weigh again what is quoted and not answered; drafts are when quoted."""
        jobs = (
            self.env["aftersales.job"]
            .sudo()
            .search(
                [
                    ("order_id.asset_id", "in", self.asset_id.ids),
                    "|",
                    ("state", "=", "proposed"),
                    "&",
                    ("state", "=", "draft"),
                    ("is_weighed", "=", True),
                ]
            )
        )
        jobs._check_warranty()

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "pending": {"active", "void"},
            "active": {"ended", "void"},
            "ended": {"void"},
            "void": {"active"},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_weighed(self):
        weighed = (
            self.env["aftersales.verdict"]
            .sudo()
            .search_fetch([("registration_id", "in", self.ids)], ["registration_id"])
            .registration_id
        )
        if weighed:
            raise UserError(
                self.env._(
                    "%(registrations)s was weighed for a work order. Void it, with a "
                    "reason, instead of deleting it.",
                    registrations=", ".join(weighed.mapped("display_name")),
                )
            )

    def _get_days_out(self, events):
        """Return the days that repairs among ``events`` take out of this guarantee."""
        self.ensure_one()
        if not self.pack_id.pause_in_repair or not self.date_start:
            return 0
        return int(
            self.env["aftersales.repair.event"]._sum_days(
                event
                for event in events
                if event.is_counted and event.date >= self.date_start
            )
        )
