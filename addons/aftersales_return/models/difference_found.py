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
        rma = self.return_id
        # Never nobody's: at the last whoever holds it in hand.
        user = rma.user_id or rma._find_responsible() or self.env.user
        case.activity_schedule(
            "mail.mail_activity_data_call",
            user_id=user.id,
            summary=self._get_difference_task(kind, expected, found),
        )
        return case

    def _get_difference_task(self, kind, expected, found):
        """Return what somebody has to do about a difference."""
        customer = self.partner_id.display_name
        if kind == "product":
            return self.env._(
                "Nobody announced %(found)s: ask %(customer)s what to do with it, then "
                "decide",
                found=found,
                customer=customer,
            )
        return self.env._(
            "Ask %(customer)s: %(expected)s was announced, %(found)s came",
            customer=customer,
            expected=expected,
            found=found,
        )

    def _describe(self, quantity, lot_name=None):
        self.ensure_one()
        words = (
            f"{quantity:g} {self.product_uom_id.name} {self.product_id.display_name}"
        )
        return f"{words} {lot_name}" if lot_name else words

    def _take_in(self):
        before = {line: line.quantity for line in self}
        arrived = super()._take_in()
        arrived.filtered("has_difference")._keep_found()
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

    def _keep_found(self):
        """Keep the serial that came: one that was typed is known only now."""
        for line in self:
            lots = line._get_moves("in").move_line_ids.lot_id
            if len(lots) == 1 and lots != line.lot_id:
                line.difference_ids.filtered(
                    lambda case: case.state == "open" and not case.lot_id
                ).lot_id = lots

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
                rma.user_id = rma._find_responsible()
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
                # Which delivery it is of, and whether it may come back, is seen when it
                # is decided about: it is here anyway.
                line.write(
                    {"serial": ", ".join(filter(None, serials)), "move_id": False}
                )
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
            part = move._split_off(surplus)
            extra |= part
            twin = part.aftersales_return_line_id
            twin._open_difference(
                "more",
                line._describe(line.quantity),
                line._describe(line.quantity + twin.quantity),
                move.picking_id,
            )
        return extra

    def _split_batches(self):
        """Make what is of another batch than the rest a line and a move of its own."""
        extra = self.browse()
        for move in self.filtered(lambda move: move.product_id.tracking == "lot"):
            line = move.aftersales_return_line_id
            expected = line.lot_id.name or line.serial
            others = move.move_line_ids._get_other_lots(expected)
            quantity = sum(
                item.product_uom_id._compute_quantity(item.quantity, move.product_uom)
                for item in others
            )
            if (
                not others
                or line.has_difference
                or move.product_uom.compare(quantity, move.quantity) >= 0
            ):
                continue
            found = others._get_lot_names()
            lots = others.lot_id
            # What was given for all of them in advance was given for these too.
            part = move._split_off(quantity, line._prepare_rest_values(quantity))
            extra |= part
            twin = part.aftersales_return_line_id
            line.quantity -= twin.quantity
            move.product_uom_qty -= quantity
            twin._open_difference(
                "serial",
                line._describe(twin.quantity, expected),
                line._describe(twin.quantity, found),
                move.picking_id,
                lot_id=lots.id if len(lots) == 1 else False,
            )
        return extra

    def _split_off(self, quantity, values=None):
        """Move ``quantity`` with a line of its own; it is not known whose it was.

        :param dict values: of the line; nobody granted anything for these goods
        """
        self.ensure_one()
        line = self.aftersales_return_line_id
        twin = line.copy(
            {
                **(values or {}),
                "quantity": self.product_uom._compute_quantity(
                    quantity, line.product_uom_id
                ),
                "move_id": False,
                "lot_id": False,
                "serial": False,
                "approval_ids": False,
                "granted_by_id": False,
            }
        )
        twin._set_state("expected")
        items = self._take_off(quantity)
        return self.create(
            {
                **twin._prepare_move_values(
                    "in", self.location_id, self.location_dest_id
                ),
                **self._prepare_foreign_values(twin),
                "picking_id": self.picking_id.id,
                "picking_type_id": self.picking_type_id.id,
                "product_uom": self.product_uom.id,
                "product_uom_qty": quantity,
                "move_line_ids": [Command.create(item) for item in items],
                "picked": True,
            }
        )

    def _take_off(self, quantity):
        """Lower what is done by ``quantity``; return the values of the lines it was."""
        self.ensure_one()
        values_list = []
        expected = self.aftersales_return_line_id
        # What was announced stays; the last ones that were added go.
        name = expected.lot_id.name or expected.serial
        items = self.move_line_ids.sorted(
            lambda item: (
                bool(name and name == (item.lot_id.name or item.lot_name)),
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
        """Open a case for serials and batches that are not what was announced."""
        for move in self.filtered(lambda move: move.product_id.tracking != "none"):
            line = move.aftersales_return_line_id
            expected = line.lot_id.name or line.serial
            others = move.move_line_ids._get_other_lots(expected)
            if not others or line.has_difference:
                continue
            lots = others.lot_id
            move.write(move._prepare_foreign_values(line))
            line._open_difference(
                "serial",
                line._describe(line.quantity, expected),
                line._describe(line.quantity, others._get_lot_names()),
                move.picking_id,
                lot_id=lots.id if len(lots) == 1 else False,
            )


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def _get_other_lots(self, expected):
        """Return what has another serial or batch number than ``expected``."""
        return self.filtered(
            lambda item: (
                expected and (item.lot_id.name or item.lot_name or expected) != expected
            )
        )

    def _get_lot_names(self):
        names = (item.lot_id.name or item.lot_name for item in self)
        return ", ".join(dict.fromkeys(filter(None, names)))
