from odoo import Command, api, fields, models
from odoo.exceptions import AccessError


class AftersalesReturnApproval(models.Model):
    """What a return gives the customer, proposed by one person and granted by another.

    Whose limits reach so far settles the goods himself; others ask here.
    """

    _name = "aftersales.return.approval"
    _description = "Approval of a Return"
    _inherit = ["aftersales.decision.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char("Number", default="/", readonly=True, copy=False)
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
    reason = fields.Text(required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary("At Stake", readonly=True)
    has_right = fields.Boolean("By Right", readonly=True)
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


class AftersalesReturnLine(models.Model):
    """Who may grant it: advisors, or the roles whose limits reach so far."""

    _inherit = "aftersales.return.line"

    approval_ids = fields.Many2many("aftersales.return.approval", string="Approvals")

    def _get_limit_amount(self):
        """Return what is at stake in company currency: what was paid, else the price."""
        self.ensure_one()
        items = self._get_invoice_items()
        if items:
            item = items[-1]
            unit = item.price_total / item.quantity if item.quantity else 0.0
            quantity = self.product_uom_id._compute_quantity(
                self.quantity, item.product_uom_id
            )
            return item.currency_id._convert(
                unit * quantity,
                self.company_id.currency_id,
                self.company_id,
                item.date,
            )
        quantity = self.product_uom_id._compute_quantity(
            self.quantity, self.product_id.uom_id
        )
        return self.product_id.with_company(self.company_id).lst_price * quantity

    def _is_by_right(self):
        """Whether the customer may have it without anybody's favour: in time."""
        self.ensure_one()
        days = self.operation_id.days
        return bool(self.move_id) and (not days or self.days_since_delivery <= days)

    def _get_insufficient(self):
        """Return ``{line: limits that would reach}`` of what the user may not grant."""
        if self.env.su:
            return {}
        Limit = self.env["aftersales.warranty.limit"]
        groups = self.env.user.sudo().all_group_ids
        result = {}
        for line in self.sudo().filtered("operation_id.limit_kind"):
            granted = line.approval_ids.filtered(
                lambda approval, line=line: (
                    approval.state == "approved"
                    and approval.operation_id == line.operation_id
                )
            )
            if granted:
                continue
            limits = Limit._get_limits(line.company_id, line.operation_id.limit_kind)
            enough = limits._filter_sufficient(
                line._get_limit_amount(), line._is_by_right()
            )
            if not enough.group_id & groups:
                result[line] = enough
        return result

    def _check_approved(self):
        """Refuse what the user may not grant, naming who may."""
        for line, enough in self._get_insufficient().items():
            raise AccessError(
                self.env._(
                    "%(line)s: %(operation)s of %(amount)s is granted by: %(roles)s. "
                    "Request the approval on the return.",
                    line=line.display_name,
                    operation=line.operation_id.name,
                    amount=line.company_id.currency_id.format(line._get_limit_amount()),
                    roles=", ".join(enough.group_id.mapped("name")) or "–",
                )
            )

    def action_request_approval(self, reason=None):
        """Ask those whose limits reach so far to grant these goods.

        :param str reason: why the customer should have it; required
        :return: the requests, one per return and operation
        """
        self.check_access("write")
        self.return_id._check_reason(reason)
        asked = self.browse().concat(*self._get_insufficient())
        groups = asked.grouped(lambda line: (line.return_id, line.operation_id))
        return self.env["aftersales.return.approval"].create(
            [
                {
                    "return_id": rma.id,
                    "operation_id": operation.id,
                    "line_ids": [Command.set(lines.ids)],
                    "amount": sum(line._get_limit_amount() for line in lines),
                    "has_right": all(line._is_by_right() for line in lines),
                    "reason": reason,
                }
                for (rma, operation), lines in groups.items()
            ]
        )
