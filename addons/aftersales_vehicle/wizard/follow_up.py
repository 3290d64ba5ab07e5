from odoo import api, fields, models


class AftersalesFollowUp(models.TransientModel):
    """The call after a visit: what to ask, and what the customer answered."""

    _name = "aftersales.follow.up"
    _description = "Follow-up Call"

    order_ids = fields.Many2many(
        "aftersales.order",
        string="Work Orders",
        default=lambda self: self.env.context.get("active_ids"),
    )
    partner_id = fields.Many2one("res.partner", compute="_compute_order")
    phone = fields.Char(compute="_compute_order")
    asset_id = fields.Many2one("aftersales.asset", compute="_compute_order")
    work = fields.Text("What Was Done", compute="_compute_order")
    result = fields.Selection(
        selection=lambda self: [
            *self.env["aftersales.order"]
            ._fields["follow_up_result"]
            ._description_selection(self.env),
            ("later", self.env._("Call later")),
        ],
        required=True,
    )
    note = fields.Text("What the Customer Said")
    date = fields.Date(
        "Call Again On",
        default=lambda self: self.env["aftersales.order"]._get_next_call_day(),
    )

    @api.depends("order_ids")
    def _compute_order(self):
        for call in self:
            order = call.order_ids[:1]
            call.partner_id = order.partner_id
            call.phone = order.follow_up_phone
            call.asset_id = order.asset_id
            call.work = "\n".join(
                order.job_ids.filtered(lambda job: job.state == "done").mapped("name")
            )

    def action_apply(self):
        """Record the call on its orders."""
        self.ensure_one()
        if self.result == "later":
            return self.order_ids.action_call_later(date=self.date)
        return self.order_ids.action_follow_up(
            result=self.result, note=self.note, date=self.date
        )
