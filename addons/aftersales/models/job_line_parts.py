from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesJobLine(models.Model):
    """Parts: asked for by procurement, counted from the moves."""

    _inherit = "aftersales.job.line"

    move_ids = fields.One2many("stock.move", "job_line_id", "Stock Moves", copy=False)
    availability = fields.Char(compute="_compute_availability", compute_sudo=True)
    availability_state = fields.Selection(
        [
            ("none", "Nothing to issue"),
            ("available", "Available"),
            ("expected", "Expected"),
            ("missing", "Missing"),
            ("staged", "Staged"),
            ("issued", "Issued"),
        ],
        compute="_compute_availability",
        compute_sudo=True,
    )
    date_expected = fields.Datetime(
        "Parts Expected",
        compute="_compute_availability",
        compute_sudo=True,
        help="When the last of this part is due, if it is not there yet.",
    )

    def _is_stocked_part(self):
        self.ensure_one()
        return self.kind == "part" and self.product_id.type == "consu"

    def _get_parts_location(self):
        """Return where this part goes when it is used."""
        self.ensure_one()
        return self.payer_id._get_parts_location(self.order_id.partner_id)

    def _check_location_books_once(self):
        """Refuse invoiced parts that would go to a place which books their cost too."""
        for line in self:
            if line.kind != "part" or line.payer_id.kind != "invoiced":
                continue
            location = line._get_parts_location()
            if location.valuation_account_id:
                raise UserError(
                    self.env._(
                        "%(line)s on %(order)s is invoiced, and goes to %(location)s, "
                        "which books its cost as well. Take the account off that "
                        "location or choose another payer.",
                        line=line.name,
                        order=line.order_id.name,
                        location=location.display_name,
                    )
                )

    def _get_issue_moves(self):
        """Moves that take the part to where it is used."""
        return self.move_ids.filtered(
            lambda move: (
                move.location_dest_usage == "customer"
                and not move.origin_returned_move_id
            )
        )

    def _get_staging_moves(self):
        """Moves that bring the part to the workshop."""
        return self.move_ids.filtered(
            lambda move: (
                move.location_dest_usage == "internal"
                and not move.origin_returned_move_id
            )
        )

    def _get_staged_moves(self):
        """Moves that would use what was brought to the workshop for these lines."""
        staged = self.filtered(lambda line: line._get_staging_moves())
        return staged._get_issue_moves().filtered(lambda move: move.state == "assigned")

    def _sum_moves(self, moves, field="quantity"):
        """Sum a quantity of moves in the unit of this line."""
        self.ensure_one()
        return sum(
            move.product_uom._compute_quantity(
                move[field], self.product_uom_id, rounding_method="HALF-UP"
            )
            for move in moves
        )

    def _get_qty_issued(self):
        """Done moves to the customer less done returns, in this line's unit."""
        self.ensure_one()
        done = self.move_ids.filtered(lambda move: move.state == "done")
        issued = done.filtered(lambda move: move.location_dest_usage == "customer")
        back = done.filtered(lambda move: move.location_usage == "customer")
        return self._sum_moves(issued) - self._sum_moves(back)

    @api.depends(
        "kind",
        "product_id",
        "product_uom_qty",
        "job_id.order_id.job_ids.state",
        "move_ids.state",
    )
    def _compute_availability(self):
        # Asked for together, Odoo forecasts all moves in one go; each line alone
        # made a list of 80 orders take seconds.
        self.move_ids.filtered(
            lambda move: move.state in ("waiting", "confirmed", "partially_available")
        ).mapped("forecast_availability")
        for line in self:
            state, date = line._get_availability()
            line.availability_state = state
            line.date_expected = date
            label = dict(
                self._fields["availability_state"]._description_selection(self.env)
            )[state]
            line.availability = (
                f"{label} {fields.Date.to_string(date)}" if date else label
            )

    def _get_availability(self):
        """Return ``(state, date)``: is the part there, and if not, when.

        Before approval it looks at what is free in the order's warehouse and at
        Odoo's forecast; afterwards at the moves of the line.
        """
        self.ensure_one()
        if not self._is_stocked_part() or not self.product_uom_qty:
            return "none", False
        issue = self._get_issue_moves().filtered(lambda move: move.state != "cancel")
        if not issue:
            return self._get_forecast()
        if all(move.state == "done" for move in issue):
            return "issued", False
        waiting = issue.filtered(lambda move: move.state != "done")
        staging = self._get_staging_moves()
        if all(move.state == "assigned" for move in waiting):
            return ("staged" if staging else "available"), False
        sources = staging.filtered(lambda move: move.state not in ("done", "cancel"))
        sources = sources or waiting
        if all(move.state == "assigned" for move in sources):
            return "available", False
        # Odoo allots what comes in to the last move of a chain: the issue.
        dates = [date for date in waiting.mapped("forecast_expected_date") if date]
        covered = all(
            move.product_uom.compare(move.forecast_availability, move.product_qty) >= 0
            for move in waiting
        )
        if covered:
            return "expected", max(dates, default=False)
        return "missing", False

    def _get_forecast(self):
        self.ensure_one()
        if not self.product_id.is_storable:
            return "available", False
        warehouse = self.job_id.order_id.warehouse_id
        product = self.product_id.with_context(warehouse_id=warehouse.id)
        needed = sum(
            line.product_uom_id._compute_quantity(line.product_uom_qty, product.uom_id)
            for line in self._get_rivals() + self
        )
        if product.uom_id.compare(product.free_qty, needed) >= 0:
            return "available", False
        if product.uom_id.compare(product.virtual_available, needed) < 0:
            return "missing", False
        missing = needed - product.free_qty
        incoming = self.env["stock.move"].search(
            [
                ("product_id", "=", product.id),
                ("state", "not in", ("draft", "done", "cancel")),
                ("location_dest_id", "child_of", warehouse.lot_stock_id.id),
                ("location_id.usage", "!=", "internal"),
            ],
            order="date",
        )
        for move in incoming:
            missing -= move.product_qty
            if product.uom_id.compare(missing, 0) <= 0:
                return "expected", move.date
        return "expected", False

    def _get_rivals(self):
        """Return the lines of this order that take the same part first."""
        self.ensure_one()
        wanted = self.job_id.order_id.job_ids.line_ids.filtered(
            lambda line: (
                line.product_id == self.product_id
                and line.kind == "part"
                and line.job_id.state in ("draft", "proposed")
            )
        )
        return wanted[: list(wanted).index(self)] if self in wanted else self.browse()

    # Asking for parts

    def _run_procurement(self):
        """Ask for the parts of approved lines; each line once."""
        Procurement = self.env["stock.rule"].Procurement
        procurements = []
        for line in self.sudo():
            if not line._is_stocked_part() or line.move_ids.filtered(
                lambda move: move.state != "cancel"
            ):
                continue
            if line.product_uom_id.is_zero(line.product_uom_qty):
                continue
            quantity, uom = line.product_uom_id._adjust_uom_quantities(
                line.product_uom_qty, line.product_id.uom_id
            )
            procurements.append(
                Procurement(
                    line.product_id,
                    quantity,
                    uom,
                    line._get_parts_location(),
                    line.product_id.display_name,
                    line.order_id.name,
                    line.company_id,
                    line._prepare_procurement_values(),
                )
            )
        if procurements:
            # Whoever records the approval need not have Inventory rights.
            self.env["stock.rule"].sudo().run(procurements)
            self._check_moves_are_of_parts()

    def _check_moves_are_of_parts(self):
        """Refuse kits: their components would be counted as the kit itself."""
        kits = self.sudo().filtered(
            lambda line: line.move_ids.product_id - line.product_id
        )
        if kits:
            raise UserError(
                self.env._(
                    "%(parts)s on %(orders)s is a kit. Put its components on the job, "
                    "so that each is counted.",
                    parts=", ".join(kits.mapped("name")),
                    orders=", ".join(kits.order_id.mapped("name")),
                )
            )

    def _prepare_procurement_values(self):
        """Return the values that lead a procurement to this line's moves."""
        self.ensure_one()
        order = self.order_id
        sale_line = self.sale_line_ids[:1]
        planned = order.date_planned or fields.Datetime.now()
        return {
            "job_line_id": self.id,
            "sale_line_id": sale_line.id,
            "origin": order.name,
            "reference_ids": order._get_stock_reference(sale_line.order_id),
            "date_planned": planned,
            "date_deadline": order.date_promised or planned,
            "route_ids": order.warehouse_id.aftersales_route_id,
            "warehouse_id": order.warehouse_id,
            "partner_id": order.partner_id.id,
            "location_final_id": self._get_parts_location(),
            "company_id": self.company_id,
            "priority": order.priority,
            "sequence": self.sequence,
        }

    # Using parts

    def _has_parts_under_way(self):
        """Whether parts of these lines are reserved, staged or used."""
        return any(
            move.state not in ("done", "cancel") for move in self.move_ids
        ) or any(
            line.product_uom_id.compare(line._get_qty_issued(), 0) > 0 for line in self
        )

    def _get_qty_issuable(self):
        """What can be used now: issued already, or reserved on its way here."""
        self.ensure_one()
        pending = self._get_issue_moves().filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        staging = self._get_staging_moves().filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        return (
            self._get_qty_issued() + self._sum_moves(pending) + self._sum_moves(staging)
        )

    def _get_differences(self):
        """Return ``[(line, planned, usable)]`` where less can be used than approved."""
        differences = []
        for line in self.sudo():
            if not line._is_stocked_part():
                continue
            usable = line._get_qty_issuable()
            if line.product_uom_id.compare(usable, line.product_uom_qty) < 0:
                differences.append((line, line.product_uom_qty, usable))
        return differences
