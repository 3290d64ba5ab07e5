from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesReturnDifference(models.Model):
    """Something else came than was announced: say so, ask the customer, decide.

    While it is open, nothing is given for the goods and nothing leaves.
    """

    _name = "aftersales.return.difference"
    _description = "Receiving Difference"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    line_id = fields.Many2one(
        "aftersales.return.line",
        "Goods",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    return_id = fields.Many2one(
        related="line_id.return_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    partner_id = fields.Many2one(
        related="return_id.partner_id", string="Customer", store=True
    )
    phone = fields.Char(related="return_id.contact_phone")
    user_id = fields.Many2one(related="return_id.user_id", string="Responsible")
    picking_id = fields.Many2one("stock.picking", "Receipt", check_company=True)
    kind = fields.Selection(
        [
            ("serial", "Another serial number"),
            ("more", "More than announced"),
            ("less", "Less than announced"),
            ("product", "Not announced"),
        ],
        required=True,
    )
    expected = fields.Char(readonly=True)
    found = fields.Char(readonly=True)
    lot_id = fields.Many2one(
        "stock.lot", "Serial Found", check_company=True, readonly=True
    )
    state = fields.Selection(
        [("open", "To Clear"), ("decided", "Decided")],
        required=True,
        default="open",
        readonly=True,
        index=True,
        tracking=True,
    )
    contact_date = fields.Datetime("Spoken On", tracking=True)
    contact_name = fields.Char("Spoken With", tracking=True)
    contact_method = fields.Selection(
        [("phone", "Phone"), ("email", "E-mail"), ("desk", "At the desk")],
        "By",
        tracking=True,
    )
    contact_note = fields.Text("What Was Agreed")
    decision = fields.Selection(
        [
            ("accept", "Keep what came"),
            ("back", "Send it back"),
            ("wait", "The rest follows"),
            ("lost", "Lost on the way"),
        ],
        readonly=True,
        tracking=True,
    )
    decision_user_id = fields.Many2one("res.users", "Decided By", readonly=True)
    date_decided = fields.Datetime("Decided On", readonly=True)

    @api.depends("return_id.name", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for case in self:
            case.display_name = f"{case.return_id.name} · {kinds.get(case.kind, '')}"

    @api.model
    def _get_transitions(self):
        return {**super()._get_transitions(), "open": {"decided"}}

    @api.model
    def _get_decisions(self):
        """Return ``{kind: decisions it may end with}``."""
        return {
            "serial": {"accept", "back"},
            "more": {"accept", "back"},
            "product": {"accept", "back"},
            "less": {"accept", "wait", "lost"},
        }

    def action_contact(self, name=None, method="phone", note=None):
        """Record that the customer was asked.

        :param str name: who was spoken with; without it the contact of the return
        :param str method: phone, email or desk
        :param str note: what was agreed
        """
        self.check_access("write")
        for case in self:
            case.write(
                {
                    "contact_date": fields.Datetime.now(),
                    "contact_name": name
                    or case.return_id.contact_name
                    or case.partner_id.name,
                    "contact_method": method,
                    "contact_note": note or case.contact_note,
                }
            )
        return True

    def action_decide(self, decision=None):
        """End the cases as it was agreed with the customer.

        :param str decision: ``accept`` what came, ``back`` to the customer, ``wait``
            for the rest, ``lost`` on the way
        :raises UserError: if nobody spoke with the customer, or it does not fit
        """
        todo = self._lock().filtered(lambda case: case.state != "decided")
        for case in todo:
            if decision not in self._get_decisions()[case.kind]:
                raise UserError(
                    self.env._(
                        "%(case)s: choose what is done about it.",
                        case=case.display_name,
                    )
                )
            if not case.contact_date:
                raise UserError(
                    self.env._(
                        "%(case)s: ask the customer first and write down who said "
                        "what.",
                        case=case.display_name,
                    )
                )
        todo._set_state(
            "decided",
            decision=decision,
            decision_user_id=self.env.uid,
            date_decided=fields.Datetime.now(),
        )
        for case in todo:
            getattr(case, f"_decide_{decision}")()
        return True

    def _decide_accept(self):
        """What came is what comes back: with its own delivery, if it has one."""
        line = self.line_id
        if self.kind == "less":
            return
        if self.lot_id:
            line.write({"lot_id": self.lot_id.id, "serial": self.lot_id.name})
        line.move_id = line._find_delivery()
        line._check_returnable()

    def _decide_back(self):
        """What came goes back as it is."""
        self.line_id.operation_id = self.env.ref("aftersales_return.operation_as_is")

    def _decide_wait(self):
        """The rest becomes a line that is awaited, with a transfer of its own."""
        following = self._get_rest()
        following._set_state("expected")
        following._create_receipts()

    def _decide_lost(self):
        """The rest is lost: it is on record for the claim against the carrier."""
        following = self._get_rest()
        following._set_state("expected")
        following._set_state("lost")

    def _get_rest(self):
        self.ensure_one()
        return self.line_id.copy({"quantity": self.quantity_missing})

    quantity_missing = fields.Float("Missing", digits="Product Unit", readonly=True)


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
