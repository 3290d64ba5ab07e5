from odoo import api, fields, models
from odoo.exceptions import UserError


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
