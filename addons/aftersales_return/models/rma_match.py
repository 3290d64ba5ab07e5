from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class AftersalesReturnLine(models.Model):
    """The delivery that the goods left by, and how much of it may still come back."""

    _inherit = "aftersales.return.line"

    move_id = fields.Many2one(
        "stock.move",
        "Delivery",
        check_company=True,
        index="btree_not_null",
        compute="_compute_move_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', candidate_ids)]",
        help="Found by itself: by the serial number, else the customer's last delivery "
        "of the product of which enough is left. Empty: not sold by us.",
    )
    candidate_ids = fields.Many2many(
        "stock.move", compute="_compute_candidate_ids", compute_sudo=True
    )
    sale_line_id = fields.Many2one(
        "sale.order.line",
        "Sold By",
        compute="_compute_sale_line_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    date_delivered = fields.Datetime(related="move_id.date", string="Delivered On")
    days_since_delivery = fields.Integer(compute="_compute_days_since_delivery")

    @api.depends("product_id", "lot_id", "partner_id", "serial")
    def _compute_move_id(self):
        for line in self:
            if line.move_id and line.move_id in line._get_candidates():
                continue
            line.move_id = line._find_delivery()

    @api.depends("product_id", "lot_id", "partner_id")
    def _compute_candidate_ids(self):
        for line in self:
            line.candidate_ids = line._get_candidates()

    @api.depends("move_id")
    def _compute_sale_line_id(self):
        for line in self:
            line.sale_line_id = line.move_id.sudo().sale_line_id

    @api.depends("move_id")
    def _compute_days_since_delivery(self):
        # By the calendar, as customers reckon: a month ends at the end of its day.
        today = fields.Date.context_today(self)
        for line in self:
            delivered = line.move_id.date and fields.Date.context_today(
                line, line.move_id.date
            )
            line.days_since_delivery = (today - delivered).days if delivered else 0

    def _get_candidates(self):
        """Return the done deliveries of the product to the customer, newest first."""
        self.ensure_one()
        product, partner = self.product_id, self.return_id.partner_id
        if not (product and partner) or self._is_unknown_serial():
            return self.env["stock.move"]
        domain = self._get_delivery_domain(partner, self.return_id.company_id)
        domain &= Domain("product_id", "=", product._origin.id)
        if self.lot_id:
            domain &= Domain("move_line_ids.lot_id", "=", self.lot_id._origin.id)
        return (
            self.env["stock.move"]
            .sudo()
            .search(domain, order="date desc, id desc", limit=80)
        )

    @api.model
    def _get_delivery_domain(self, partner, company):
        """Return the domain of deliveries to the customer that may come back.

        Parts that were fitted, replacements and what a return itself sent are none.
        """
        buyer = partner.commercial_partner_id
        return Domain(
            [
                ("state", "=", "done"),
                ("location_dest_id.usage", "=", "customer"),
                ("location_id.usage", "!=", "customer"),
                ("company_id", "=", company.id),
                ("job_line_id", "=", False),
                ("old_part_id", "=", False),
                ("aftersales_return_line_id", "=", False),
            ]
        ) & (
            Domain("picking_id.partner_id.commercial_partner_id", "=", buyer.id)
            # The transfer of a dropship names its supplier.
            | Domain("location_id.usage", "=", "supplier")
            & Domain("partner_id.commercial_partner_id", "=", buyer.id)
        )

    def _is_unknown_serial(self):
        """Whether a serial was written down that was never in our stock."""
        self.ensure_one()
        return bool(self.tracking != "none" and self.serial and not self.lot_id)

    def _find_delivery(self):
        """Return the newest delivery of which as much as this line may come back."""
        self.ensure_one()
        candidates = self._get_candidates()
        if self.lot_id:
            return candidates[:1]
        left = candidates._get_returnable(except_lines=self._origin)
        unit = self.product_id.uom_id
        wanted = self.product_uom_id._compute_quantity(self.quantity, unit)
        fitting = [move for move in candidates if unit.compare(left[move], wanted) >= 0]
        return fitting[0] if fitting else candidates[:1]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._find_lot(vals)
        lines = super().create(vals_list)
        lines._check_returnable()
        return lines

    def write(self, vals):
        back = self.browse()
        if "state" in vals:
            back = self - self.filtered_domain(self._get_holding_domain())
        result = super().write(vals)
        back._check_returnable()
        if {
            "move_id",
            "quantity",
            "product_uom_id",
            "lot_id",
            "product_id",
        } & vals.keys():
            self._check_returnable()
        return result

    @api.model
    def _find_lot(self, vals):
        """Let a serial that was typed or scanned find its lot."""
        serial = (vals.get("serial") or "").strip()
        if not serial or vals.get("lot_id"):
            return
        domain = [("name", "=", serial)]
        if vals.get("product_id"):
            domain.append(("product_id", "=", vals["product_id"]))
        lots = self.env["stock.lot"].sudo().search(domain, limit=2)
        if len(lots) == 1 and (
            lots.product_id.tracking == "serial" or vals.get("product_id")
        ):
            vals["lot_id"] = lots.id
            if not vals.get("move_id"):
                # A screen that did not know the lot found no delivery either.
                vals.pop("move_id", None)

    def _check_returnable(self):
        """Refuse more than was delivered, and the same serial twice.

        Over all returns, open or closed, of whoever, and over Odoo's own return
        transfers. The deliveries are locked, so that of two at once one has to wait.
        """
        holding = self.sudo().filtered_domain(self._get_holding_domain())
        holding._check_serial_once()
        lines = holding.filtered("move_id")
        moves = lines.move_id
        if not moves:
            return
        lines.flush_recordset()
        moves._hold_for_return()
        lines._check_belongs()
        left = moves._get_returnable()
        for move, own in lines.grouped("move_id").items():
            if move.product_id.uom_id.compare(left[move], 0) < 0:
                unit = move.product_id.uom_id
                taken = sum(
                    line.product_uom_id._compute_quantity(line.quantity, unit)
                    for line in own
                )
                raise ValidationError(
                    self.env._(
                        "%(line)s: of %(delivered)s %(unit)s delivered with "
                        "%(delivery)s, %(left)s can still come back. Return no more "
                        "than that, or choose another delivery.",
                        line=own[:1].display_name,
                        delivered=f"{move.product_qty:g}",
                        unit=unit.name,
                        delivery=move.reference or move.display_name,
                        left=f"{max(left[move] + taken, 0.0):g}",
                    )
                )

    def _check_belongs(self):
        """Refuse the delivery of another customer, product or serial."""
        for line in self:
            move = line.move_id
            delivered_to = move._get_receiver().commercial_partner_id
            if (
                delivered_to != line.partner_id.commercial_partner_id
                or move.product_id != line.product_id
                or move.state != "done"
                or move.location_dest_id.usage != "customer"
            ):
                raise ValidationError(
                    self.env._(
                        "%(line)s did not leave with %(delivery)s to %(customer)s. "
                        "Choose a delivery of this product to this customer.",
                        line=line.display_name,
                        delivery=move.reference or move.display_name,
                        customer=line.partner_id.display_name,
                    )
                )
            if move.job_line_id:
                raise ValidationError(
                    self.env._(
                        "%(line)s was fitted on work order %(order)s. Take it back "
                        "there, or open a work order under its guarantee.",
                        line=line.display_name,
                        order=move.job_line_id.order_id.name,
                    )
                )
            if line.lot_id and line.lot_id not in move.move_line_ids.lot_id:
                raise ValidationError(
                    self.env._(
                        "%(line)s: %(serial)s was not delivered with %(delivery)s.",
                        line=line.display_name,
                        serial=line.lot_id.name,
                        delivery=move.reference or move.display_name,
                    )
                )

    @api.model
    def _get_holding_domain(self):
        """Return the lines that use up what was delivered.

        What was called off or got lost does not, nor what went back to the customer
        and may come again.
        """
        return Domain("state", "not in", ("cancel", "lost")) & (
            Domain("state", "!=", "done") | Domain("goods", "!=", "back")
        )

    def _check_serial_once(self):
        """Refuse a serial that is on another line: of its delivery, or still open."""
        serials = self.filtered(lambda line: line.lot_id and line.tracking == "serial")
        if not serials:
            return
        others = self.sudo().search(
            self._get_holding_domain() & Domain("lot_id", "in", serials.lot_id.ids)
        )
        by_lot = others.grouped("lot_id")
        for line in serials:
            for other in by_lot.get(line.lot_id, others.browse()) - line:
                if not line._is_twin(other):
                    continue
                raise ValidationError(
                    self.env._(
                        "%(rma)s: %(serial)s comes back with %(other)s already. Go on "
                        "there.",
                        rma=line.return_id.name,
                        serial=line.lot_id.name,
                        other=other.return_id.name,
                    )
                )

    def _is_twin(self, other):
        """Whether the same serial is on ``other`` for the same reason to come back.

        A mere request of somebody else stops nobody.
        """
        self.ensure_one()
        if self.move_id:
            same = other.move_id == self.move_id
        else:
            same = other.partner_id.commercial_partner_id == (
                self.partner_id.commercial_partner_id
            )
        if other.state == "done":
            return bool(self.move_id) and same
        return same or other.state != "draft"
