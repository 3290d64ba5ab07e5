from markupsafe import Markup

from odoo import api, fields, models


class AftersalesReturnSettle(models.TransientModel):
    """Say what settling will do before it is done, or ask whoever may grant it."""

    _name = "aftersales.return.settle"
    _description = "Settle Returned Goods"

    line_ids = fields.Many2many(
        "aftersales.return.line", string="Goods", required=True, readonly=True
    )
    forecast = fields.Html(compute="_compute_forecast", sanitize=False)
    roles = fields.Char("Granted By", compute="_compute_roles")
    needs_approval = fields.Boolean(compute="_compute_roles")
    reason = fields.Char("Why the Customer Should Have It")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        values["line_ids"] = [fields.Command.set(self.env.context["active_ids"])]
        return values

    @api.depends("line_ids")
    def _compute_forecast(self):
        for settle in self:
            items = Markup().join(
                Markup("<li>%s</li>") % sentence
                for sentence in settle.line_ids._origin._get_forecast()
            )
            settle.forecast = Markup("<ul class='mb-0'>%s</ul>") % items

    @api.depends("line_ids")
    def _compute_roles(self):
        for settle in self:
            missing = settle.line_ids._origin._get_insufficient()
            settle.needs_approval = bool(missing)
            groups = self.env["res.groups"].union(
                *[limits.sudo().group_id for limits in missing.values()]
            )
            settle.roles = ", ".join(groups.mapped("name"))

    def action_apply(self):
        """Settle the goods."""
        self.ensure_one()
        self.line_ids.action_settle()
        return {"type": "ir.actions.act_window_close"}

    def action_ask(self):
        """Ask those who may grant it."""
        self.ensure_one()
        self.line_ids.action_request_approval(reason=self.reason)
        return {"type": "ir.actions.act_window_close"}
