from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesReturn(models.Model):
    """Goods coming back: what, from whom, why, and what becomes of each line (RMA).

    The document says what and why. Quantities are those of its transfers, money that
    of its credit notes, and what is done to a thing is on its work order.
    """

    _name = "aftersales.return"
    _description = "Return"
    _inherit = [
        "aftersales.state.mixin",
        "aftersales.code.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "partner_id.name", "line_ids.serial"]

    name = fields.Char(
        "Number", default="/", readonly=True, copy=False, index="trigram"
    )
    state = fields.Selection(
        [
            ("draft", "Request"),
            ("open", "Accepted"),
            ("done", "Closed"),
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
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        required=True,
        check_company=True,
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Where the goods are sent to.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        check_company=True,
        index=True,
        tracking=True,
    )
    contact_name = fields.Char("Contact")
    contact_phone = fields.Char(
        "Phone",
        compute="_compute_contact_phone",
        store=True,
        readonly=False,
        precompute=True,
    )
    shipping_id = fields.Many2one(
        "res.partner",
        "Send Back To",
        check_company=True,
        compute="_compute_shipping_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Where what goes back to the customer is sent.",
    )
    channel = fields.Selection(
        [
            ("phone", "Phone"),
            ("portal", "Portal"),
            ("email", "E-mail"),
            ("desk", "At the desk"),
            ("delivery", "Delivery"),
            ("invoice", "Invoice"),
            ("order", "Work order"),
            ("arrival", "Arrived unannounced"),
        ],
        "Received By",
        required=True,
        default="phone",
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        copy=False,
    )
    date_requested = fields.Datetime(
        "Requested On", default=fields.Datetime.now, required=True, copy=False
    )
    date_accepted = fields.Datetime("Accepted On", readonly=True, copy=False)
    date_done = fields.Datetime("Closed On", readonly=True, copy=False)
    description = fields.Text(help="In the customer's own words.")
    note = fields.Html("Internal Note")
    answer = fields.Char("Refused Because", readonly=True, copy=False)
    line_ids = fields.One2many("aftersales.return.line", "return_id", "Goods")
    picking_ids = fields.One2many("stock.picking", "aftersales_return_id", "Transfers")
    progress = fields.Selection(
        [
            ("request", "To answer"),
            ("awaited", "Goods awaited"),
            ("part", "Partly here"),
            ("test", "To test"),
            ("settle", "To settle"),
            ("running", "In hand"),
            ("done", "Done"),
        ],
        compute="_compute_progress",
        store=True,
        index=True,
    )

    @api.depends("company_id")
    def _compute_warehouse_id(self):
        user = self.env.user.sudo()
        for rma in self:
            company = rma.company_id
            if rma.warehouse_id.company_id != company:
                warehouse = user.with_company(company)._get_default_warehouse_id()
                rma.warehouse_id = warehouse.filtered(
                    lambda warehouse, company=company: warehouse.company_id == company
                )

    @api.depends("partner_id")
    def _compute_contact_phone(self):
        for rma in self:
            rma.contact_phone = rma.contact_phone or rma.partner_id.phone

    @api.depends("partner_id")
    def _compute_shipping_id(self):
        for rma in self:
            address = rma.partner_id.address_get(["delivery"])
            rma.shipping_id = address["delivery"] if rma.partner_id else False

    @api.depends("state", "line_ids.state", "line_ids.trip_ids.state")
    def _compute_progress(self):
        for rma in self:
            rma.progress = rma._get_progress()

    def _get_progress(self):
        """Return what the return waits for: the first thing that somebody has to do."""
        self.ensure_one()
        if self.state == "draft":
            return "request"
        if self.state != "open":
            return "done"
        states = set(self.line_ids.mapped("state")) - {"cancel", "lost"}
        # What is at its supplier waits for nobody here.
        here = {
            line.state
            for line in self.line_ids
            if line.state in ("received", "tested") and not line.is_at_supplier
        }
        if "received" in here:
            return "test"
        if "tested" in here:
            return "settle"
        if "expected" in states:
            return "awaited" if states == {"expected"} else "part"
        return "running"

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for rma in self:
            rma.display_name = rma.name if rma.name != "/" else self.env._("New Return")

    @api.model_create_multi
    def create(self, vals_list):
        Company = self.env["res.company"]
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company = Company.browse(vals.get("company_id")) or self.env.company
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(company)
                    .next_by_code("aftersales.return")
                )
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_request(self):
        kept = self.filtered(lambda rma: rma.state not in ("draft", "cancel"))
        if kept or self.picking_ids:
            raise UserError(
                self.env._(
                    "%(returns)s was accepted and stays on record. Cancel it instead.",
                    returns=", ".join((kept or self).mapped("name")),
                )
            )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"open", "refused", "cancel"},
            "refused": {"draft"},
            "open": {"done", "cancel"},
            "done": {"open"},
            "cancel": {"open"},
        }

    # Steps

    def action_accept(self):
        """Accept the goods back: they get their transfer, the customer the number.

        Lines without an operation, or that may not come back, are refused with all
        of the call.

        :raises UserError: naming the line, and what to do
        """
        returns = self._lock()
        returns._check_running()
        todo = returns.filtered(lambda rma: rma.state != "open")
        todo._check_transition("open")
        # Also what was written down after the return was accepted.
        lines = returns.line_ids.filtered(lambda line: line.state == "draft")
        todo._check_has_lines()
        lines._check_ready()
        todo._set_state("open", date_accepted=fields.Datetime.now())
        lines._set_state("expected")
        lines._create_receipts()
        # What is given before the goods are here, or when they arrive, is granted by
        # who accepts it.
        lines.with_env(self.env)._keep_grant()
        lines.with_env(self.env)._settle_in_advance()
        return True

    def _check_running(self):
        ended = self.filtered(lambda rma: rma.state in ("done", "cancel"))
        if ended:
            raise UserError(
                self.env._(
                    "%(returns)s is closed or cancelled. Reopen it, and write down "
                    "what else comes back.",
                    returns=", ".join(ended.mapped("name")),
                )
            )

    def _check_has_lines(self):
        empty = self.filtered(lambda rma: not rma.line_ids)
        if empty:
            raise UserError(
                self.env._(
                    "%(returns)s: write down what comes back first.",
                    returns=", ".join(empty.mapped("name")),
                )
            )

    def action_refuse(self, reason=None):
        """Say that the goods don't come back.

        :param str reason: why, as the customer is told; required
        """
        self._check_reason(reason)
        todo = self._lock().filtered(lambda rma: rma.state != "refused")
        todo._check_transition("refused")
        todo.line_ids._set_state("cancel")
        todo._set_state("refused", answer=reason)
        return True

    def action_reopen(self):
        """Take a refusal back, or open a closed return again.

        :raises UserError: for requests: they are accepted
        """
        returns = self._lock()
        returns.filtered(lambda rma: rma.state == "draft")._check_open()
        refused = returns.filtered(lambda rma: rma.state == "refused")
        refused.line_ids._set_state("draft")
        refused._set_state("draft", answer=False)
        (returns - refused)._set_state("open", date_done=False)
        return True

    def action_close(self):
        """Close returns that were opened again, and of which nothing is left to do.

        :raises UserError: if something is left to do
        """
        returns = self._lock()
        returns._close_finished()
        for rma in returns.filtered(lambda rma: rma.state in ("draft", "open")):
            raise UserError(
                self.env._(
                    "%(number)s can't be closed yet. %(step)s",
                    number=rma.name,
                    step=rma.next_step or "",
                )
            )
        return True

    def action_cancel(self, reason=None):
        """Call off what has not arrived yet.

        :param str reason: why; required
        :raises UserError: if goods are here already, or money was given
        """
        self._check_reason(reason)
        todo = self._lock().filtered(lambda rma: rma.state != "cancel")
        todo._check_transition("cancel")
        todo.line_ids.filtered(lambda line: line.state != "cancel").action_cancel()
        todo._set_state("cancel")
        for rma in todo:
            rma.message_post(body=self.env._("Cancelled: %(reason)s", reason=reason))
        return True

    def _check_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(returns)s: say why.", returns=", ".join(self.mapped("name"))
                )
            )

    def _check_open(self):
        stopped = self.filtered(lambda rma: rma.state != "open")
        if stopped:
            raise UserError(
                self.env._(
                    "%(returns)s is not accepted. Accept it first.",
                    returns=", ".join(stopped.mapped("name")),
                )
            )

    def _is_finished(self):
        """Whether every line has come to its end."""
        self.ensure_one()
        return (
            all(line.state in ("done", "cancel", "lost") for line in self.line_ids)
            # Of what got lost on its way to us, the new one may still leave.
            and not self.line_ids.filtered(
                lambda line: line.state == "lost"
            )._get_open_moves()
        )

    def _close_finished(self):
        """Close the returns of which every line has come to its end."""
        finished = self.filtered(lambda rma: rma.state == "open" and rma._is_finished())
        called_off = finished.filtered(
            lambda rma: set(rma.line_ids.mapped("state")) == {"cancel"}
        )
        called_off._set_state("cancel")
        (finished - called_off)._set_state("done", date_done=fields.Datetime.now())
        return finished
