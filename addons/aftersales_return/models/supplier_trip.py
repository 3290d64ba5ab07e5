from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesSupplierTrip(models.Model):
    """One thing on its way to its supplier and back, with the same serial number.

    It stays whose it was: at the supplier the customer's has no value, and ours keeps
    its own. The supplier repairs it, replaces it, credits it, or refuses.
    """

    _name = "aftersales.supplier.trip"
    _description = "At Supplier"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "line_id.return_id.name", "partner_id.name"]

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
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    product_id = fields.Many2one(related="line_id.product_id")
    lot_id = fields.Many2one(
        "stock.lot", "Lot/Serial", compute="_compute_lot_id", store=True
    )
    state = fields.Selection(
        [
            ("draft", "To Send"),
            ("sent", "At Supplier"),
            ("back", "Came Back"),
            ("replaced", "Replaced"),
            ("credited", "Credited"),
            ("refused", "Refused"),
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
    )
    receipt_id = fields.Many2one(
        "stock.move",
        "Purchased With",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        help="The receipt by which the supplier sent it to us.",
    )
    date_promised = fields.Date("Promised", tracking=True)
    date_sent = fields.Date("Sent On", readonly=True, copy=False)
    date_back = fields.Date("Back On", readonly=True, copy=False)
    supplier_reference = fields.Char("Supplier's Number", tracking=True)
    new_lot_id = fields.Many2one(
        "stock.lot", "New Serial", check_company=True, readonly=True, copy=False
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    move_ids = fields.One2many("stock.move", "aftersales_trip_id", "Moves")
    note = fields.Text()

    _once = models.UniqueIndex(
        "(line_id) WHERE state IN ('draft', 'sent')",
        "That thing is on its way to a supplier already.",
    )

    @api.depends("line_id.lot_id", "line_id.move_ids.state")
    def _compute_lot_id(self):
        for trip in self:
            trip.lot_id = trip.line_id._get_received_lot()

    @api.depends("line_id")
    def _compute_partner_id(self):
        for trip in self:
            receipt = trip.line_id._get_purchase_receipt()
            trip.receipt_id = receipt
            vendor = (
                receipt.purchase_line_id.order_id.partner_id
                or receipt.picking_id.partner_id
                or trip.product_id.seller_ids[:1].partner_id
            )
            trip.partner_id = trip.partner_id or vendor

    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for trip in self:
            trip.is_late = bool(
                trip.state == "sent" and trip.date_promised and trip.date_promised < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return fields.Domain([("state", "=", "sent"), ("date_promised", "<", today)])

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for trip in self:
            trip.display_name = f"{trip.name} · {trip.partner_id.name or ''}"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self.env["ir.sequence"].next_by_code(
                    "aftersales.supplier.trip"
                )
        return super().create(vals_list)

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"sent", "cancel"},
            "sent": {"back", "replaced", "credited", "refused"},
        }

    # Steps

    def action_send(self, date_promised=None, reference=None):
        """Send the goods to the supplier.

        :param date_promised: the day the supplier promises it back; required, it is
            what the reminder goes by
        :param str reference: the supplier's own number of the case
        """
        todo = self._lock().filtered(lambda trip: trip.state != "sent")
        todo._check_transition("sent")
        values_list = []
        for trip in todo:
            if not trip.partner_id:
                raise UserError(
                    self.env._(
                        "%(trip)s: no receipt says who delivered %(goods)s. Choose "
                        "the supplier.",
                        trip=trip.name,
                        goods=trip.line_id.display_name,
                    )
                )
            promised = fields.Date.to_date(date_promised) or trip.date_promised
            if not promised:
                raise UserError(
                    self.env._(
                        "%(trip)s: ask %(supplier)s when it comes back, and write the "
                        "date down.",
                        trip=trip.display_name,
                        supplier=trip.partner_id.display_name,
                    )
                )
            trip.write(
                {
                    "date_promised": promised,
                    "supplier_reference": reference or trip.supplier_reference,
                }
            )
            values_list.append(
                trip._prepare_move_values(
                    trip.line_id._get_place(), trip._get_supplier_location()
                )
            )
        todo.line_id._transfer_now(values_list)
        todo._set_state("sent", date_sent=fields.Date.context_today(self))
        return True

    def action_receive(self):
        """Take the same thing back, repaired or not."""
        return self._come_back("back")

    def action_refuse(self, reason=None):
        """Take it back as it is: the supplier does nothing.

        :param str reason: why; required
        """
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(trips)s: say why the supplier refuses.",
                    trips=", ".join(self.mapped("display_name")),
                )
            )
        self._come_back("refused")
        for trip in self:
            trip.message_post(body=reason)
        return True

    def _come_back(self, state):
        todo = self._lock().filtered(lambda trip: trip.state != state)
        todo._check_transition(state)
        values_list = [
            trip._prepare_move_values(
                trip._get_supplier_location(),
                trip.return_id.warehouse_id._get_return_location(),
            )
            for trip in todo
        ]
        todo.line_id._transfer_now(values_list)
        todo._set_state(state, date_back=fields.Date.context_today(self))
        todo.line_id._set_state("received")
        return True

    def action_replace(self, serial=None):
        """The supplier sent another one: the old goes to him, the new takes its place.

        :param str serial: of the new one; required where serials are tracked
        """
        todo = self._lock().filtered(lambda trip: trip.state != "replaced")
        todo._check_transition("replaced")
        _customers, suppliers = self.env["stock.warehouse"]._get_partner_locations()
        for trip in todo:
            line = trip.line_id
            lot = trip._get_new_lot(serial)
            there = trip._get_supplier_location()
            here = trip.return_id.warehouse_id._get_return_location()
            gone = line._transfer_now([trip._prepare_move_values(there, suppliers)])
            line._transfer_now(
                [
                    {
                        **trip._prepare_move_values(suppliers, here),
                        "lot_ids": lot,
                        # What comes for it is worth what it was.
                        "origin_returned_move_id": gone.id,
                    }
                ]
            )
            if lot:
                line.write({"lot_id": lot.id, "serial": lot.name})
            trip._set_state(
                "replaced",
                new_lot_id=lot.id,
                date_back=fields.Date.context_today(trip),
            )
            line._set_state("received")
        return True

    def _get_new_lot(self, serial):
        self.ensure_one()
        Lot = self.env["stock.lot"]
        product = self.product_id
        if product.tracking == "none":
            return Lot
        if not (serial or "").strip():
            raise UserError(
                self.env._(
                    "%(trip)s: read the serial number of the new %(product)s.",
                    trip=self.display_name,
                    product=product.display_name,
                )
            )
        values = {
            "name": serial.strip(),
            "product_id": product.id,
            "company_id": self.company_id.id,
        }
        known = Lot.search(
            [
                ("name", "=", values["name"]),
                ("product_id", "=", product.id),
                ("company_id", "in", (self.company_id.id, False)),
            ],
            limit=1,
        )
        return known or Lot.create(values)

    def _get_supplier_location(self):
        self.ensure_one()
        return self.env["stock.location"]._get_aftersales_supplier_location(
            self.partner_id, self.company_id
        )

    def _prepare_move_values(self, source, destination):
        self.ensure_one()
        line = self.line_id
        return {
            **line._prepare_move_values("supplier", source, destination),
            "aftersales_trip_id": self.id,
            "owner": (
                line.partner_id.commercial_partner_id if line._is_customers() else None
            ),
        }

    @api.model
    def _cron_remind(self):
        """Remind of what is not back on the promised day; daily."""
        activity = "aftersales_return.activity_supplier"
        late = self.search([("is_late", "=", True), ("activity_ids", "=", False)])
        for trip in late:
            trip.activity_schedule(
                activity,
                user_id=(trip.return_id.user_id or self.env.user).id,
                summary=self.env._(
                    "%(supplier)s promised it for %(date)s",
                    supplier=trip.partner_id.name,
                    date=fields.Date.to_string(trip.date_promised),
                ),
            )


class AftersalesReturnLine(models.Model):
    _inherit = "aftersales.return.line"

    trip_ids = fields.One2many("aftersales.supplier.trip", "line_id", "At Supplier")

    def _settle_goods_supplier(self):
        self._send_to_supplier()

    def _send_to_supplier(self):
        """Open a trip for the goods; it is sent when the supplier gave a date."""
        return self.env["aftersales.supplier.trip"].create(
            [{"line_id": line.id} for line in self]
        )

    def _get_purchase_receipt(self):
        """Return the move by which these goods came from their supplier.

        Of a serial its own receipt; of other goods the last before the delivery.
        """
        self.ensure_one()
        lot = self._get_received_lot()
        domain = [
            ("product_id", "=", self.product_id.id),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "done"),
            ("location_id.usage", "=", "supplier"),
            ("location_dest_id.usage", "!=", "supplier"),
            ("aftersales_trip_id", "=", False),
        ]
        if lot:
            domain.append(("move_line_ids.lot_id", "=", lot.id))
        elif self.move_id:
            domain.append(("date", "<=", self.move_id.date))
        return self.env["stock.move"].sudo().search(domain, order="date desc", limit=1)

    def _get_pending(self):
        pending = super()._get_pending()
        away = self.trip_ids.filtered(lambda trip: trip.state in ("draft", "sent"))
        return pending + [trip.display_name for trip in away]


class StockMove(models.Model):
    _inherit = "stock.move"

    aftersales_trip_id = fields.Many2one(
        "aftersales.supplier.trip", index="btree_not_null", ondelete="restrict"
    )
