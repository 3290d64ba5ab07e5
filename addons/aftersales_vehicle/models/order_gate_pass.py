from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

RELEASE_ACTIVITY = "aftersales_vehicle.activity_type_release"


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
    gate_hold = fields.Selection(
        [("invoice", "Not invoiced"), ("payment", "Not paid")],
        "Held at the Gate",
        compute="_compute_gate_hold",
        compute_sudo=True,
        help="Why a vehicle that is ready may not leave yet.",
    )
    gate_due = fields.Monetary(
        "Due at the Gate", compute="_compute_gate_hold", compute_sudo=True
    )
    release_user_id = fields.Many2one(
        "res.users", "Release Asked Of", compute="_compute_release_user_id"
    )

    @api.depends("gate_pass_ids.state")
    def _compute_gate_pass_id(self):
        for order in self:
            order.gate_pass_id = order.gate_pass_ids.filtered(
                lambda item: item.state != "cancel"
            )[:1]

    @api.depends("state", "gate_pass_ids.state")
    def _compute_gate_hold(self):
        self.gate_hold = False
        self.gate_due = 0.0
        waiting = self.filtered(lambda order: order.state == "ready")._filter_gated()
        for order in waiting.filtered(lambda order: not order.gate_pass_id):
            if order.partner_id.commercial_partner_id.aftersales_on_account:
                continue
            amount, _owed, unbilled = order._get_customer_debt()
            if unbilled:
                order.gate_hold = "invoice"
            elif order.currency_id.compare_amounts(amount, 0) > 0:
                order.gate_hold = "payment"
                order.gate_due = amount

    @api.depends("activity_ids")
    def _compute_release_user_id(self):
        for order in self:
            asked = order._get_release_activities()
            order.release_user_id = asked[:1].user_id

    def _get_release_activities(self):
        return self.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref(RELEASE_ACTIVITY, raise_if_not_found=False)
            )
        )

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
                    "Unpaid Vehicles”. Take the payment, or request a release.",
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
        orders.activity_feedback([RELEASE_ACTIVITY], feedback=reason.strip())
        return True

    def action_request_release(self, reason=None):
        """Ask somebody with the right to let these vehicles leave unpaid.

        It becomes an activity of the team's leader, or of whoever has the right in
        the company. Asked twice, it is asked once.

        :param str reason: who promised what; required
        :raises UserError: for an order that nothing holds, or if nobody has the right
        """
        self._check_decides()
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(orders)s: say why it may leave unpaid.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        orders = self._lock()
        free = orders.filtered(lambda order: not order.gate_hold)
        if free:
            raise UserError(
                self.env._(
                    "%(orders)s: no payment holds the vehicle. A release is asked for "
                    "when the order is ready and not paid.",
                    orders=", ".join(free.mapped("name")),
                )
            )
        for order in orders.filtered(lambda order: not order.release_user_id):
            order.activity_schedule(
                RELEASE_ACTIVITY,
                summary=self.env._("Release the vehicle unpaid?"),
                note=reason.strip(),
                user_id=order._get_releaser().id,
            )
        return True

    def _get_releaser(self):
        """Return who is asked to release the vehicle.

        :raises UserError: if nobody of the company has the right
        """
        self.ensure_one()
        group = "aftersales_vehicle.vehicle_group_release"
        users = self.env.ref(group).sudo().all_user_ids
        users = users.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        leader = self.team_id.sudo().user_id
        if not users:
            raise UserError(
                self.env._(
                    "%(order)s: nobody of %(company)s has the right “Release Unpaid "
                    "Vehicles”. Take the payment, or have a manager given the right.",
                    order=self.name,
                    company=self.company_id.name,
                )
            )
        return leader if leader in users else users[:1]

    def action_register_payment(self):
        """Open the payment of what the customer owes; first the bills not posted.

        :raises UserError: if nothing is to be paid
        :raises AccessError: without the right to invoices
        """
        self.check_access("read")
        self.env["account.move"].check_access("write")
        _amounts, owed, _unbilled = zip(
            *(order._get_customer_debt() for order in self), strict=True
        )
        # As the user: the payment is theirs to take.
        invoices = self.env["account.move"].union(*owed).sudo(False)
        if not invoices:
            raise UserError(
                self.env._(
                    "%(orders)s: nothing is to be paid. Invoice first, or hand over.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        if drafts := invoices.filtered(lambda move: move.state == "draft"):
            return drafts._get_records_action(name=self.env._("Invoices to Post"))
        return invoices.action_register_payment()

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
                    "%(order)s is not invoiced yet. Invoice it and take the payment, "
                    "or request a release from a manager.",
                    order=self.name,
                )
            )
        raise UserError(
            self.env._(
                "%(order)s: %(amount)s of %(invoices)s is not paid. Take the payment, "
                "or request a release from a manager.",
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
        if self.gate_hold == "invoice":
            missing.append(self.env._("Invoice, before the vehicle may leave"))
        elif self.gate_hold:
            missing.append(
                self.env._(
                    "Payment of %(amount)s, or a release, before the vehicle may leave",
                    amount=self.currency_id.format(self.gate_due),
                )
            )
        return missing

    def _get_next_step(self):
        self.ensure_one()
        if self.gate_hold != "payment":
            return super()._get_next_step()
        values = {
            "amount": self.currency_id.format(self.gate_due),
            "user": self.release_user_id.name,
        }
        if self.release_user_id:
            return self.env._(
                "Payment: take %(amount)s. %(user)s was asked to release the vehicle.",
                **values,
            )
        return self.env._(
            "Payment: take %(amount)s, or request a release. Then hand over.", **values
        )
