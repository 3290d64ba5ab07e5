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
        candidates = self._get_all_candidates()
        todo = self.filtered(lambda line: line.move_id not in candidates[line])
        for line, move in todo._find_deliveries(candidates).items():
            line.move_id = move

    @api.depends("product_id", "lot_id", "partner_id")
    def _compute_candidate_ids(self):
        for line, moves in self._get_all_candidates().items():
            line.candidate_ids = moves

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

    def _get_all_candidates(self):
        """Return ``{line: done deliveries of it to the customer, newest first}``."""
        none = self.env["stock.move"].sudo()
        result = dict.fromkeys(self, none)
        known = self.filtered(
            lambda line: (
                line.product_id
                and line.return_id.partner_id
                and not line._is_unknown_serial()
            )
        )
        for (partner, company, has_lot), lines in known.grouped(
            lambda line: (
                line.return_id.partner_id,
                line.return_id.company_id,
                bool(line.lot_id),
            )
        ).items():
            domain = self._get_delivery_domain(partner, company)
            if has_lot:
                lots = lines.lot_id._origin
                domain &= Domain("move_line_ids.lot_id", "in", lots.ids)
            moves = none._search_newest(domain, lines.product_id._origin)
            by_product = moves.grouped("product_id")
            for line in lines:
                own = by_product.get(line.product_id._origin, none)
                if lot := line.lot_id._origin:
                    own = own.filtered(
                        lambda move, lot=lot: lot in move.move_line_ids.lot_id
                    )
                result[line] = own
        return result

    @api.model
    def _get_delivery_domain(self, partner, company):
        """Return the domain of deliveries to the customer that may come back.

        Who bought or is invoiced may return as well as who got the goods. Parts that
        were fitted, replacements and what a return itself sent are none.
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
            Domain.OR(
                Domain(f"{partner}.commercial_partner_id", "=", buyer.id)
                for partner in (
                    "picking_id.partner_id",
                    "sale_line_id.order_id.partner_id",
                    "sale_line_id.order_id.partner_invoice_id",
                )
            )
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
        return self._find_deliveries(self._get_all_candidates())[self]

    def _find_deliveries(self, candidates):
        """Return ``{line: delivery}``; what one line takes is not left for the next.

        :param candidates: ``{line: deliveries, newest first}``
        """
        result = {line: candidates[line][:1] for line in self}
        # A serial left last with the newest.
        others = self.filtered(
            lambda line: not line.lot_id or line.tracking != "serial"
        )
        moves = self.env["stock.move"].union(*[candidates[line] for line in others])
        left = moves.sudo()._get_returnable(except_lines=self._origin)
        for line in others:
            unit = line.product_id.uom_id
            wanted = line.product_uom_id._compute_quantity(line.quantity, unit)
            for move in candidates[line]:
                if unit.compare(left[move], wanted) >= 0:
                    result[line] = move
                    left[move] -= wanted
                    break
        return result

    @api.model_create_multi
    def create(self, vals_list):
        self._find_lots(vals_list)
        lines = super().create(vals_list)
        lines._check_returnable()
        return lines

    def write(self, vals):
        back = self.browse()
        if "state" in vals:
            back = self - self._filter_holding()
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
    def _find_lots(self, vals_list):
        """Let serials that were typed or scanned find their lots in the company."""
        todo = [
            ((vals.get("serial") or "").strip(), vals)
            for vals in vals_list
            if not vals.get("lot_id")
        ]
        serials = {serial for serial, _vals in todo if serial}
        if not serials:
            return
        Lot = self.env["stock.lot"].sudo()
        found = Lot.search([("name", "in", list(serials))]).grouped("name")
        for serial, vals in todo:
            company = self.return_id.browse(vals.get("return_id")).sudo().company_id
            product = vals.get("product_id")
            lots = found.get(serial, Lot).filtered(
                lambda lot, company=company, product=product: (
                    lot.company_id in (company, company.browse())
                    and (not product or lot.product_id.id == product)
                )
            )
            if len(lots) == 1 and (lots.product_id.tracking == "serial" or product):
                vals["lot_id"] = lots.id
                if not vals.get("move_id"):
                    # A screen that did not know the lot found no delivery either.
                    vals.pop("move_id", None)

    def _check_returnable(self):
        """Refuse more than was delivered, and the same serial twice.

        Over all returns, open or closed, of whoever, and over Odoo's own return
        transfers. The deliveries are locked, so that of two at once one has to wait.
        """
        holding = self.sudo()._filter_holding()
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
            if (
                not move._is_delivery_of(line.partner_id)
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
        in the end, wherever it was to go, and may come again.
        """
        back = Domain("aftersales_return_direction", "=", "out")
        back &= Domain("state", "=", "done")
        return Domain("state", "not in", ("cancel", "lost")) & (
            Domain("state", "!=", "done") | ~Domain("move_ids", "any!", back)
        )

    def _filter_holding(self):
        """Return those of these lines that use up what was delivered."""

        def went_back(line):
            return "done" in line.sudo()._get_moves("out").mapped("state")

        return self.filtered(
            lambda line: (
                line.state not in ("cancel", "lost")
                and not (line.state == "done" and went_back(line))
            )
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
