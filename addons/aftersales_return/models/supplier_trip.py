import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

_logger = logging.getLogger(__name__)

# Days ahead that a reminder can be asked for.
REMIND_AT_MOST = 30


class AftersalesSupplierTrip(models.Model):
    """One thing on its way to its supplier and back, with the same serial number.

    It stays whose it was: at the supplier the customer's has no value, and ours keeps
    its own. The supplier repairs it, replaces it, credits it, refuses, or loses it.
    """

    _name = "aftersales.supplier.trip"
    _description = "At Supplier"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_promised, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = [
        "name",
        "line_id.return_id.name",
        "partner_id.name",
        "lot_id.name",
        "supplier_reference",
    ]

    name = fields.Char("Number", default="/", readonly=True, copy=False)
    line_id = fields.Many2one(
        "aftersales.return.line",
        "Goods",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    return_id = fields.Many2one(
        related="line_id.return_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="line_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        related="line_id.product_id", store=True, precompute=True
    )
    customer_id = fields.Many2one(related="return_id.partner_id", string="Customer")
    user_id = fields.Many2one(related="return_id.user_id", string="Responsible")
    # The one that was sent: what comes in its place is another field.
    lot_id = fields.Many2one(
        "stock.lot",
        "Lot/Serial",
        compute="_compute_lot_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    state = fields.Selection(
        [
            ("draft", "To Send"),
            ("sent", "At Supplier"),
            ("back", "Came Back"),
            ("replaced", "Replaced"),
            ("credited", "Credited"),
            ("refused", "Refused"),
            ("lost", "Lost There"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Supplier",
        check_company=True,
        index=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    receipt_id = fields.Many2one(
        "stock.move",
        "Received With",
        compute="_compute_receipt_id",
        store=True,
        precompute=True,
        readonly=False,
        check_company=True,
        index="btree_not_null",
        domain="[('product_id', '=', product_id), ('state', '=', 'done'), "
        "('location_id.usage', '=', 'supplier')]",
        help="The receipt by which the supplier sent it to us. A credit goes by it.",
    )
    purchase_id = fields.Many2one(
        "purchase.order",
        compute="_compute_purchase_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
    )
    warranty_state = fields.Selection(
        [
            ("valid", "Runs"),
            ("unproven", "Not proven"),
            ("over", "Over"),
            ("none", "None known"),
        ],
        "Supplier's Warranty",
        compute="_compute_warranty",
        store=True,
        readonly=True,
    )
    date_warranty_end = fields.Date(
        "Warranty Until", compute="_compute_warranty", store=True
    )
    warranty_note = fields.Char(
        "Warranty in Words", compute="_compute_warranty_note", compute_sudo=True
    )
    date_promised = fields.Date("Promised", tracking=True, index=True)
    date_sent = fields.Date("Sent On", readonly=True, copy=False)
    date_back = fields.Date("Ended On", readonly=True, copy=False)
    supplier_reference = fields.Char("Supplier's Number", tracking=True)
    new_lot_id = fields.Many2one(
        "stock.lot", "New Serial", check_company=True, readonly=True, copy=False
    )
    is_ours = fields.Boolean(compute="_compute_is_ours", compute_sudo=True)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    move_ids = fields.One2many("stock.move", "aftersales_trip_id", "Moves")
    picking_ids = fields.Many2many(
        "stock.picking", compute="_compute_picking_ids", string="Transfers"
    )
    reason = fields.Char("What the Supplier Says", readonly=True, copy=False)
    note = fields.Text("What to Tell the Supplier")
    reminder = fields.Selection(
        [("before", "Before the day"), ("late", "After the day")],
        readonly=True,
        copy=False,
    )

    _once = models.UniqueIndex(
        "(line_id) WHERE state IN ('draft', 'sent')",
        "That thing is on its way to a supplier already.",
    )

    @api.depends("line_id")
    def _compute_lot_id(self):
        for trip in self:
            trip.lot_id = trip.line_id._get_received_lot()

    @api.depends("line_id")
    def _compute_receipt_id(self):
        for trip in self:
            trip.receipt_id = trip.line_id._get_supplier_warranty().receipt

    @api.depends("receipt_id")
    def _compute_partner_id(self):
        for trip in self:
            receipt = trip.receipt_id.sudo()
            vendor = (
                receipt.purchase_line_id.order_id.partner_id
                or receipt.picking_id.partner_id
                or trip.product_id.sudo().seller_ids[:1].partner_id
            )
            trip.partner_id = trip.partner_id or vendor

    @api.depends("receipt_id")
    def _compute_purchase_id(self):
        for trip in self:
            trip.purchase_id = trip.receipt_id.purchase_line_id.order_id

    @api.depends("line_id", "receipt_id")
    def _compute_warranty(self):
        for trip in self:
            warranty = trip.line_id._get_supplier_warranty()
            trip.warranty_state = warranty.state
            trip.date_warranty_end = warranty.date_end

    @api.depends("line_id", "receipt_id")
    @api.depends_context("lang")
    def _compute_warranty_note(self):
        for trip in self:
            trip.warranty_note = trip.line_id._get_supplier_warranty().note

    @api.depends("line_id.move_ids.state")
    def _compute_is_ours(self):
        for trip in self:
            trip.is_ours = not trip.line_id._is_customers()

    @api.depends("state", "date_promised")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for trip in self:
            trip.is_late = bool(
                trip.state == "sent"
                and trip.date_promised
                and trip.date_promised < today
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        late = fields.Domain([("state", "=", "sent"), ("date_promised", "<", today)])
        return late if True in value else ~late

    @api.depends("move_ids.picking_id")
    def _compute_picking_ids(self):
        for trip in self:
            trip.picking_ids = trip.move_ids.picking_id

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for trip in self:
            parts = (trip.name, trip.partner_id.name)
            trip.display_name = " · ".join(part for part in parts if part)

    def _get_waiting_words(self):
        """Return in words what goods wait for that go there, or are there."""
        self.ensure_one()
        if self.state != "sent" or not self.date_promised:
            return self.display_name
        return self.env._(
            "%(trip)s, promised for %(date)s",
            trip=self.display_name,
            date=format_date(self.env, self.date_promised),
        )

    @api.model_create_multi
    def create(self, vals_list):
        Line = self.env["aftersales.return.line"]
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company = Line.browse(vals.get("line_id")).sudo().company_id
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(company or self.env.company)
                    .next_by_code("aftersales.supplier.trip")
                )
        return super().create(vals_list)

    def write(self, vals):
        fixed = {"line_id", "partner_id", "receipt_id"} & vals.keys()
        if fixed and not self.env.su:
            gone = self.filtered(lambda trip: trip.state != "draft")
            if gone - gone.filtered(
                lambda trip: trip.state == "sent" and fixed == {"receipt_id"}
            ):
                raise UserError(
                    self.env._(
                        "%(trips)s is on its way: goods and supplier stay.",
                        trips=", ".join(gone.mapped("display_name")),
                    )
                )
        if "date_promised" in vals:
            # Another day is reminded of anew.
            vals = {**vals, "reminder": False}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        kept = self.filtered(lambda trip: trip.state not in ("draft", "cancel"))
        if kept:
            raise UserError(
                self.env._(
                    "%(trips)s was sent and stays on record.",
                    trips=", ".join(kept.mapped("display_name")),
                )
            )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"sent", "cancel"},
            "cancel": {"draft"},
            "sent": {"back", "replaced", "credited", "refused", "lost"},
        }

    # Reminders

    @api.model
    def _cron_remind(self):
        """Remind once before the promised day and once after it; daily."""
        today = fields.Date.context_today(self)
        near = self.search(
            [
                ("state", "=", "sent"),
                ("date_promised", "<=", fields.Date.add(today, days=REMIND_AT_MOST)),
                ("reminder", "!=", "late"),
            ]
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(near))
        for trip in near:
            try:
                with self.env.cr.savepoint():
                    trip._remind_in_time()
            except Exception:  # one bad trip must not keep the others
                _logger.exception("Reminder of %s failed", trip.name)
            if not cron._commit_progress(1):
                break

    def _remind_in_time(self):
        """Have the supplier asked, if its day is near or over."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        days = self.company_id.aftersales_supplier_remind_days
        if self.date_promised < today:
            self._remind(
                "late",
                self.env._(
                    "Ask %(supplier)s: it was promised for %(date)s",
                    supplier=self.partner_id.name,
                    date=format_date(self.env, self.date_promised),
                ),
            )
        elif (
            days
            and not self.reminder
            and self.date_promised <= fields.Date.add(today, days=days)
        ):
            self._remind(
                "before",
                self.env._(
                    "Ask %(supplier)s: it is due back on %(date)s",
                    supplier=self.partner_id.name,
                    date=format_date(self.env, self.date_promised),
                ),
            )

    def _remind(self, reminder, summary):
        """Let the responsible ask the supplier; one reminder is open at a time."""
        self.ensure_one()
        activity = "aftersales_return.activity_supplier"
        self.activity_unlink([activity])
        user = self.user_id or self.create_uid
        self.activity_schedule(activity, user_id=user.id, summary=summary)
        self.reminder = reminder


class StockMove(models.Model):
    _inherit = "stock.move"

    aftersales_trip_id = fields.Many2one(
        "aftersales.supplier.trip",
        "At Supplier",
        index="btree_not_null",
        ondelete="restrict",
    )
