from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesGatePass(models.Model):
    """The paper without which a vehicle does not leave (A27).

    It says whether it was paid, has leave to go on account, or who released it and
    why; and when it went out of the gate, and with whom at the wheel.
    """

    _name = "aftersales.gate.pass"
    _description = "Gate Pass"
    _inherit = [
        "aftersales.state.mixin",
        "aftersales.record.mixin",
        "aftersales.code.mixin",
        "mail.thread",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char("Number", default="/", readonly=True, copy=False, index=True)
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    asset_id = fields.Many2one(related="order_id.asset_id")
    partner_id = fields.Many2one(related="order_id.partner_id")
    plate = fields.Char(readonly=True, help="As it was when the pass was made out.")
    state = fields.Selection(
        [("open", "May leave"), ("out", "Left"), ("cancel", "Withdrawn")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        tracking=True,
    )
    basis = fields.Selection(
        [
            ("paid", "Paid"),
            ("nothing", "Nothing to pay"),
            ("account", "On account"),
            ("released", "Released unpaid"),
        ],
        required=True,
        readonly=True,
    )
    amount_due = fields.Monetary("Not Paid", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Made Out By",
        default=lambda self: self.env.user,
        readonly=True,
        required=True,
    )
    reason = fields.Char(readonly=True, help="Why it was released unpaid.")
    date = fields.Datetime(
        "Made Out On", default=fields.Datetime.now, readonly=True, required=True
    )
    driver = fields.Char(help="Who drives it away.")
    date_out = fields.Datetime("Left On", readonly=True, copy=False)
    user_out_id = fields.Many2one("res.users", "Let Out By", readonly=True, copy=False)

    _one_open = models.UniqueIndex(
        "(order_id) WHERE state != 'cancel'",
        "This work order has a gate pass already.",
    )

    @api.model
    def _get_transitions(self):
        return {**super()._get_transitions(), "open": {"out", "cancel"}}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self.env["ir.sequence"].next_by_code(
                    "aftersales.gate.pass"
                )
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_own_fields(vals, {"driver"})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "%(passes)s stays on record. Withdraw it instead.",
                passes=", ".join(self.mapped("name")),
            )
        )

    def action_out(self, driver=None):
        """Let the vehicle out of the gate; said twice, it left once.

        :param str driver: who drives it, if it was not written yet
        :raises UserError: for a pass that was withdrawn, or a payment that was
        """
        waiting = self._lock().filtered(lambda item: item.state != "out")
        waiting._check_still_clear()
        for gate_pass in waiting:
            gate_pass._set_state(
                "out",
                date_out=fields.Datetime.now(),
                user_out_id=self.env.user.id,
                driver=driver or gate_pass.driver or gate_pass.partner_id.name,
            )
        return True

    def _check_still_clear(self):
        """Refuse when what was paid is not paid any more, or more is owed since."""
        for gate_pass in self.filtered(lambda item: item.state == "open"):
            if gate_pass.basis in ("paid", "nothing"):
                order = gate_pass.order_id
                amount, owed, unbilled = order._get_customer_debt()
                if unbilled or order.currency_id.compare_amounts(amount, 0) > 0:
                    order._raise_not_paid(amount, owed, unbilled)

    def action_withdraw(self):
        """Keep the vehicle here after all, for instance when a payment bounced."""
        self.order_id._check_decides()
        self._lock()._set_state("cancel")
        return True


class AftersalesOrder(models.Model):
    """A vehicle is handed over when it is paid, or when somebody answers for it."""

    _inherit = "aftersales.order"

    is_gated = fields.Boolean(
        "Needs a Gate Pass", related="asset_id.category_id.gate_pass_required"
    )
    gate_pass_ids = fields.One2many("aftersales.gate.pass", "order_id", "Gate Passes")
    gate_pass_id = fields.Many2one(
        "aftersales.gate.pass", compute="_compute_gate_pass_id", compute_sudo=True
    )

    @api.depends("gate_pass_ids.state")
    def _compute_gate_pass_id(self):
        for order in self:
            order.gate_pass_id = order.gate_pass_ids.filtered(
                lambda item: item.state != "cancel"
            )[:1]

    def _get_customer_debt(self):
        """Return what the customer owes for this order, and why it is not clear.

        Only the customer's own bills count: what the maker or an insurer pays does
        not hold the customer's car. A payment on its way to the bank is a payment.

        :return: ``(amount in company currency, [invoices], bool not invoiced)``
        """
        self.ensure_one()
        order = self.sudo()
        invoices = order._get_paper_invoices()
        owed = invoices.filtered(
            lambda move: (
                move.state == "draft"
                or move.payment_state in ("not_paid", "partial", "blocked")
            )
        )
        amount = sum(
            move.amount_total_signed
            if move.state == "draft"
            else move.amount_residual_signed
            for move in owed
        )
        unbilled = order.sale_order_ids.filtered(
            lambda sale: (
                sale.invoice_status == "to invoice"
                and order._is_billed_to_customer(sale.aftersales_payer_id)
            )
        )
        return amount, owed, bool(unbilled)

    def _filter_gated(self):
        """Return the orders whose vehicle may not leave without a pass."""
        return self.filtered(
            lambda order: (
                order.is_vehicle and order.asset_id.category_id.gate_pass_required
            )
        )

    def action_gate_pass(self, driver=None):
        """Make out the passes of orders that are ready and paid; once per order.

        :param str driver: who drives the vehicle away
        :return: True
        :raises UserError: naming what is not billed or not paid
        """
        self._check_decides()
        orders = self._lock()
        orders._make_gate_passes(driver=driver)
        return True

    def action_release(self, reason=None, driver=None):
        """Let the vehicles of these orders leave unpaid; by name, with a reason.

        :param str reason: who promised what; required
        :raises AccessError: without the right *Release Unpaid Vehicles*
        """
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(orders)s: say why it may leave unpaid.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        group = "aftersales_vehicle.vehicle_group_release"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "%(orders)s: releasing an unpaid vehicle needs the right “Release "
                    "Unpaid Vehicles”. Take the payment, or ask a manager.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        orders = self._lock()
        # A pass whose payment bounced gives way to one with a name on it.
        paid = orders.gate_pass_id.filtered(
            lambda item: item.state == "open" and item.basis in ("paid", "nothing")
        )
        paid._set_state("cancel").flush_recordset(["state"])
        orders._make_gate_passes(driver=driver, reason=reason.strip())
        return True

    def _make_gate_passes(self, driver=None, reason=None):
        early = self.filtered(lambda order: order.state not in ("ready", "done"))
        if early:
            raise UserError(
                self.env._(
                    "%(orders)s: the work has not passed its check. A gate pass is "
                    "made out when the order is ready.",
                    orders=", ".join(early.mapped("name")),
                )
            )
        values_list = []
        for order in self.filtered(lambda order: not order.gate_pass_id):
            amount, owed, unbilled = order._get_customer_debt()
            clear = not unbilled and order.currency_id.compare_amounts(amount, 0) <= 0
            on_account = order.partner_id.commercial_partner_id.aftersales_on_account
            if not clear and not reason and not on_account:
                order._raise_not_paid(amount, owed, unbilled)
            if clear:
                basis = "paid" if order._get_paper_invoices() else "nothing"
            else:
                basis = "released" if reason else "account"
            values_list.append(
                {
                    "order_id": order.id,
                    "plate": order.asset_id.plate,
                    "basis": basis,
                    "amount_due": max(amount, 0.0),
                    "reason": reason if basis == "released" else False,
                    "driver": driver,
                }
            )
        return self.env["aftersales.gate.pass"].sudo().create(values_list)

    def _raise_not_paid(self, amount, owed, unbilled):
        self.ensure_one()
        if unbilled:
            raise UserError(
                self.env._(
                    "%(order)s is not invoiced yet. Invoice it and take the payment; a "
                    "manager may release the vehicle with a reason.",
                    order=self.name,
                )
            )
        raise UserError(
            self.env._(
                "%(order)s: %(amount)s of %(invoices)s is not paid. Take the payment; "
                "a manager may release the vehicle with a reason.",
                order=self.name,
                amount=self.currency_id.format(amount),
                invoices=", ".join(owed.mapped("display_name")),
            )
        )

    def action_deliver(self, meter_out=None, signer=None, signature=None):
        gated = self.filtered(lambda order: order.state == "ready")._filter_gated()
        if gated:
            gated.sudo().gate_pass_id._check_still_clear()
            gated.action_gate_pass(driver=signer)
        return super().action_deliver(
            meter_out=meter_out, signer=signer, signature=signature
        )

    def _get_missing(self):
        missing = super()._get_missing()
        if self.state == "ready" and self._filter_gated() and not self.gate_pass_id:
            amount, _owed, unbilled = self._get_customer_debt()
            account = self.partner_id.commercial_partner_id.sudo().aftersales_on_account
            if unbilled:
                missing.append(self.env._("Invoice, before the vehicle may leave"))
            elif amount > 0 and not account:
                missing.append(
                    self.env._(
                        "Payment of %(amount)s, or a release, before the vehicle may "
                        "leave",
                        amount=self.currency_id.format(amount),
                    )
                )
        return missing
