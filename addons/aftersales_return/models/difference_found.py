from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    _inherit = "aftersales.return.line"

    difference_ids = fields.One2many(
        "aftersales.return.difference", "line_id", "Differences"
    )
    has_difference = fields.Boolean(compute="_compute_has_difference", store=True)

    @api.depends("difference_ids.state")
    def _compute_has_difference(self):
        for line in self:
            line.has_difference = "open" in line.difference_ids.mapped("state")

    def _check_here(self):
        result = super()._check_here()
        unclear = self.filtered("has_difference")
        if unclear:
            raise UserError(
                self.env._(
                    "%(lines)s is not what was announced. Clear the difference with "
                    "the customer first.",
                    lines=", ".join(unclear.mapped("display_name")),
                )
            )
        return result

    def _open_difference(self, kind, expected, found, picking, **values):
        """Open a case and let the responsible know."""
        self.ensure_one()
        case = self.env["aftersales.return.difference"].create(
            {
                "line_id": self.id,
                "kind": kind,
                "expected": expected,
                "found": found,
                "picking_id": picking.id,
                **values,
            }
        )
        if user := self.return_id.user_id:
            case.activity_schedule(
                "mail.mail_activity_data_call",
                user_id=user.id,
                summary=self.env._(
                    "Ask %(customer)s: %(expected)s was announced, %(found)s came",
                    customer=self.partner_id.display_name,
                    expected=expected,
                    found=found,
                ),
            )
        return case

    def _describe(self, quantity, lot_name=None):
        self.ensure_one()
        words = (
            f"{quantity:g} {self.product_uom_id.name} {self.product_id.display_name}"
        )
        return f"{words} {lot_name}" if lot_name else words

    def _take_in(self):
        before = {line: line.quantity for line in self}
        arrived = super()._take_in()
        for line in arrived:
            missing = before[line] - line.quantity
            if line.product_uom_id.compare(missing, 0) > 0 and not line._has_rest():
                done = line._get_moves("in").filtered(lambda move: move.state == "done")
                line._open_difference(
                    "less",
                    line._describe(before[line]),
                    line._describe(line.quantity),
                    done.picking_id[-1:],
                    quantity_missing=missing,
                )
        return arrived

    def _has_rest(self):
        """Whether what is missing is awaited with another transfer."""
        self.ensure_one()
        return bool(
            self.return_id.line_ids.filtered(
                lambda other: (
                    other != self
                    and other.state == "expected"
                    and other.move_id == self.move_id
                    and other.product_id == self.product_id
                    and other._get_open_moves()
                )
            )
        )


class StockMove(models.Model):
    _inherit = "stock.move"

    def _prepare_foreign_values(self, line):
        """Return what makes a move one of goods that are not known as ours."""
        owner = line.partner_id.commercial_partner_id
        return {
            "aftersales_return_line_id": line.id,
            "aftersales_return_direction": "in",
            "origin_returned_move_id": False,
            "sale_line_id": False,
            "to_refund": False,
            "restrict_partner_id": owner.id,
        }

    def _announce(self):
        """Give goods that nobody announced a line, and their parcel a return."""
        Return = self.env["aftersales.return"]
        for picking, moves in (
            self.filtered(lambda move: not move.aftersales_return_line_id)
            .grouped("picking_id")
            .items()
        ):
            rma = picking.aftersales_return_id
            if not rma:
                if not picking.partner_id:
                    raise UserError(
                        self.env._(
                            "%(receipt)s: whose goods are these? Choose the customer "
                            "in Receive From.",
                            receipt=picking.name,
                        )
                    )
                rma = Return.create(
                    {
                        "partner_id": picking.partner_id.id,
                        "company_id": picking.company_id.id,
                        "warehouse_id": picking.picking_type_id.warehouse_id.id,
                        "channel": "arrival",
                        "user_id": False,
                    }
                )
                rma._set_state("open", date_accepted=fields.Datetime.now())
                picking.aftersales_return_id = rma
            lines = self.env["aftersales.return.line"].create(
                [
                    {
                        "return_id": rma.id,
                        "product_id": move.product_id.id,
                        "product_uom_id": move.product_uom.id,
                        "quantity": move.quantity,
                        "move_id": False,
                    }
                    for move in moves
                ]
            )
            lines._set_state("expected")
            for move, line in zip(moves, lines, strict=True):
                move.write(
                    {
                        **move._prepare_foreign_values(line),
                        "product_uom_qty": move.quantity,
                    }
                )
                serials = move.move_line_ids.mapped(
                    lambda item: item.lot_id.name or item.lot_name or ""
                )
                line.serial = ", ".join(filter(None, serials))
                line._open_difference(
                    "product",
                    self.env._("nothing"),
                    line._describe(line.quantity, line.serial),
                    picking,
                    lot_id=move.move_line_ids.lot_id[:1].id,
                )

    def _split_surplus(self):
        """Make what is more than announced a line and a move of its own."""
        extra = self.browse()
        for move in self:
            line = move.aftersales_return_line_id
            surplus = move.quantity - move.product_uom_qty
            if move.product_uom.compare(surplus, 0) <= 0:
                continue
            twin = line.copy(
                {
                    "quantity": move.product_uom._compute_quantity(
                        surplus, line.product_uom_id
                    ),
                    "move_id": False,
                    "lot_id": False,
                    "serial": False,
                }
            )
            twin._set_state("expected")
            items = move._take_off(surplus)
            extra |= self.create(
                {
                    **twin._prepare_move_values(
                        "in", move.location_id, move.location_dest_id
                    ),
                    **move._prepare_foreign_values(twin),
                    "picking_id": move.picking_id.id,
                    "picking_type_id": move.picking_type_id.id,
                    "product_uom": move.product_uom.id,
                    "product_uom_qty": surplus,
                    "move_line_ids": [Command.create(item) for item in items],
                    "picked": True,
                }
            )
            twin._open_difference(
                "more",
                line._describe(line.quantity),
                line._describe(line.quantity + twin.quantity),
                move.picking_id,
            )
        return extra

    def _take_off(self, quantity):
        """Lower what is done by ``quantity``; return the values of the lines it was."""
        self.ensure_one()
        values_list = []
        expected = self.aftersales_return_line_id
        # What was announced stays; the last ones that were added go.
        items = self.move_line_ids.sorted(
            lambda item: (
                bool(expected.lot_id and item.lot_id == expected.lot_id),
                -item.id,
            )
        )
        for item in items:
            if self.product_uom.compare(quantity, 0) <= 0:
                break
            taken = min(item.quantity, quantity)
            values_list.append(
                {
                    "product_id": item.product_id.id,
                    "product_uom_id": item.product_uom_id.id,
                    "quantity": taken,
                    "picking_id": item.picking_id.id,
                    "location_id": item.location_id.id,
                    "location_dest_id": item.location_dest_id.id,
                    "lot_id": item.lot_id.id,
                    "lot_name": item.lot_name,
                    "company_id": item.company_id.id,
                    "picked": True,
                }
            )
            quantity -= taken
            if item.product_uom_id.compare(item.quantity, taken) <= 0:
                item.unlink()
            else:
                item.quantity -= taken
        return values_list

    def _check_serials(self):
        """Open a case for serials that are not the ones that were announced."""
        for move in self.filtered(lambda move: move.product_id.tracking == "serial"):
            line = move.aftersales_return_line_id
            expected = line.lot_id.name or line.serial
            item = move.move_line_ids[:1]
            found = item.lot_id.name or item.lot_name
            if not expected or not found or expected == found or line.has_difference:
                continue
            move.write(move._prepare_foreign_values(line))
            line._open_difference(
                "serial",
                line._describe(line.quantity, expected),
                line._describe(line.quantity, found),
                move.picking_id,
                lot_id=item.lot_id.id,
            )
