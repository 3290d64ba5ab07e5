from odoo import api, fields, models
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
    phone = fields.Char(compute="_compute_phone", compute_sudo=True)
    user_id = fields.Many2one(related="return_id.user_id", string="Responsible")
    picking_id = fields.Many2one("stock.picking", "Receipt", check_company=True)
    kind = fields.Selection(
        [
            ("serial", "Another serial number or batch"),
            ("more", "More than announced"),
            ("less", "Less than announced"),
            ("product", "Not announced"),
        ],
        required=True,
    )
    expected = fields.Char(readonly=True)
    found = fields.Char(readonly=True)
    quantity_missing = fields.Float("Missing", digits="Product Unit", readonly=True)
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

    @api.depends("return_id.contact_phone")
    def _compute_phone(self):
        for case in self:
            case.phone = case.return_id.contact_phone

    def _get_contact_name(self):
        """Return who is asked."""
        self.ensure_one()
        return self.return_id.contact_name or self.partner_id.name

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
        """Record who was asked, and what was agreed.

        :param str name: who was spoken with; without it the contact of the return
        :param str method: phone, email or desk
        :param str note: what was agreed
        """
        self.check_access("write")
        for case in self:
            case.write(
                {
                    "contact_date": fields.Datetime.now(),
                    "contact_name": name or case._get_contact_name(),
                    "contact_method": method,
                    "contact_note": note or case.contact_note,
                }
            )
        return True

    def action_decide(self, decision=None):
        """End the cases as it was agreed with the customer.

        :param str decision: ``accept`` what came, ``back`` to the customer, ``wait``
            for the rest, ``lost`` on the way
        :raises UserError: if it is not on record what was agreed, or it does not fit
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
            if not case.contact_date or not (case.contact_note or "").strip():
                raise UserError(
                    self.env._(
                        "%(case)s: ask %(name)s first and write down what was agreed.",
                        case=case.display_name,
                        name=case._get_contact_name(),
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
        todo.line_id._go_on()
        return True

    def _decide_accept(self):
        """What came is what comes back: with its own delivery, if it has one."""
        line = self.line_id
        if self.kind == "less":
            return
        if self.lot_id:
            self._take_serial(self.lot_id.name)
        elif self.kind == "serial":
            lots = line._get_moves("in").move_line_ids.lot_id
            self._take_serial(", ".join(lots.mapped("name")))
        line.move_id = line._find_delivery()
        line._check_returnable()

    def _take_serial(self, serial):
        """What came is another thing than was announced, with a past of its own."""
        line = self.line_id
        values = {"lot_id": self.lot_id.id, "serial": serial, "move_id": False}
        if line.asset_id and line.asset_id.serial != serial:
            values["asset_id"] = False
        line.write(values)

    def _decide_back(self):
        """What came goes back as it is."""
        self.line_id.operation_id = self.env.ref("aftersales_return.operation_as_is")

    def _decide_wait(self):
        """The rest becomes a line that is awaited, with a transfer of its own."""
        following = self._get_rest()
        closed = following.return_id.filtered(lambda rma: rma.state == "done")
        closed._set_state("open", date_done=False)
        following._set_state("expected")
        following._create_receipts()

    def _decide_lost(self):
        """The rest is lost: it is on record for the claim against the carrier."""
        following = self._get_rest()
        following._set_state("expected")
        following._set_state("lost")

    def _get_rest(self):
        self.ensure_one()
        # What was given for it in advance is not given once more.
        return self.line_id.copy(
            self.line_id._prepare_rest_values(self.quantity_missing)
        )
