from odoo import api, fields, models


class AftersalesCorrectPayer(models.TransientModel):
    """Let somebody else pay what was invoiced."""

    _name = "aftersales.correct.payer"
    _description = "Change Payer After Invoicing"

    order_id = fields.Many2one("aftersales.order", required=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    from_payer_id = fields.Many2one(
        "aftersales.payer",
        "Billed To",
        required=True,
        compute="_compute_from_payer_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', billed_payer_ids)]",
    )
    billed_payer_ids = fields.Many2many(
        "aftersales.payer", compute="_compute_billed_payer_ids"
    )
    payer_id = fields.Many2one(
        "aftersales.payer",
        "Borne By",
        domain="[('company_id', '=', company_id), ('id', '!=', from_payer_id)]",
    )
    line_ids = fields.Many2many(
        "aftersales.job.line",
        string="Lines",
        domain="[('order_id', '=', order_id), ('job_state', '=', 'done')]",
        help="Empty: everything that was billed to this payer.",
    )
    mode = fields.Selection(
        [("percent", "Percent"), ("fixed", "Amount, taxes included")],
        required=True,
        default="percent",
    )
    percentage = fields.Float(digits="Discount", default=100.0)
    amount = fields.Monetary()
    reason = fields.Char(required=True)

    @api.depends("order_id")
    def _compute_billed_payer_ids(self):
        for wizard in self:
            wizard.billed_payer_ids = wizard._get_bills().aftersales_payer_id

    @api.depends("order_id")
    def _compute_from_payer_id(self):
        for wizard in self:
            wizard.from_payer_id = wizard.billed_payer_ids[:1]

    @api.depends("from_payer_id")
    def _compute_currency_id(self):
        for wizard in self:
            bills = wizard._get_bills().filtered(
                lambda move, payer=wizard.from_payer_id._origin: (
                    move.aftersales_payer_id == payer
                )
            )
            wizard.currency_id = bills.currency_id[:1] or wizard.order_id.currency_id

    def _get_bills(self):
        return self.order_id.sudo().invoice_ids.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )

    def action_apply(self):
        self.ensure_one()
        self.order_id.action_correct_payer(
            lines=self.line_ids or None,
            payer=self.payer_id,
            percentage=self.percentage if self.mode == "percent" else None,
            amount=self.amount if self.mode == "fixed" else None,
            reason=self.reason,
            from_payer=self.from_payer_id,
        )
        self.order_id.invalidate_recordset(["invoice_ids", "invoice_count"])
        return self.order_id.action_view_invoices()


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    can_correct_payer = fields.Boolean(
        compute="_compute_can_correct_payer", compute_sudo=True
    )

    @api.depends("invoice_ids.state")
    def _compute_can_correct_payer(self):
        for order in self:
            order.can_correct_payer = any(
                move.state == "posted" and move.move_type == "out_invoice"
                for move in order.invoice_ids
            )

    def action_open_correct_payer(self):
        self.ensure_one()
        self._check_corrects()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change Payer"),
            "res_model": "aftersales.correct.payer",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_order_id": self.id},
        }
