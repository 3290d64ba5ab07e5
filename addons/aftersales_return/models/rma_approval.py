from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesReturnApproval(models.Model):
    """What a return gives the customer, proposed by one person and granted by another.

    Whose limits reach so far settles the goods himself; others ask here. A yes is for
    the goods as they were: changed, they need another one.
    """

    _name = "aftersales.return.approval"
    _description = "Approval of a Return"
    _inherit = ["aftersales.decision.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["return_id.name"]

    return_id = fields.Many2one(
        "aftersales.return",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="return_id.company_id", store=True)
    partner_id = fields.Many2one(related="return_id.partner_id", string="Customer")
    # The mixin tells the work order too, where there is one.
    order_id = fields.Many2one("aftersales.order", compute="_compute_order_id")
    line_ids = fields.Many2many(
        "aftersales.return.line", string="Goods", required=True, readonly=True
    )
    operation_id = fields.Many2one(
        "aftersales.return.operation", required=True, readonly=True
    )
    reason = fields.Text(required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        "At Stake",
        readonly=True,
        help="All goods of the return that need the same kind of approval: what was "
        "paid for them, else their price.",
    )
    has_right = fields.Boolean(
        "By Right", readonly=True, help="In time, or under a guarantee."
    )
    state = fields.Selection(
        [
            ("proposed", "To Decide"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("cancel", "Withdrawn"),
        ],
        required=True,
        default="proposed",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )

    @api.depends("line_ids.order_id")
    def _compute_order_id(self):
        for approval in self:
            approval.order_id = approval.line_ids.order_id[:1]

    @api.depends("return_id.name", "operation_id.name")
    def _compute_display_name(self):
        for approval in self:
            names = (approval.return_id.name, approval.operation_id.name)
            approval.display_name = " · ".join(filter(None, names))

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "proposed": {"approved", "refused", "cancel"},
            "approved": {"cancel"},
        }

    def _get_limit_kind(self):
        return self.operation_id.limit_kind

    def _get_limit_amount(self):
        return self.amount

    def _has_right(self):
        return self.has_right

    def _follow_approval(self):
        result = super()._follow_approval()
        self.line_ids._go_on()
        return result

    def _undo_approval(self):
        given = self.filtered(lambda approval: approval.state == "approved")
        given = given.line_ids.filtered("date_given")
        if given:
            raise UserError(
                self.env._(
                    "%(lines)s: the customer has it already. The approval stays.",
                    lines=", ".join(given.mapped("display_name")),
                )
            )
        return super()._undo_approval()

    def _expire(self, reason):
        """Withdraw what was asked or granted for goods that are others now."""
        todo = self.sudo().filtered(
            lambda approval: approval.state in ("proposed", "approved")
        )
        todo._set_state("cancel", answer=reason)
        todo.activity_unlink(["aftersales_warranty.activity_decide"])
        todo._tell(reason)
