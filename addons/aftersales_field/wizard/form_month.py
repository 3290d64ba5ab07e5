from datetime import datetime, time

import pytz

from odoo import api, fields, models


class AftersalesFormMonth(models.TransientModel):
    """Ask which month the follow-up record is about."""

    _name = "aftersales.form.month"
    _description = "Monthly Follow-up Record"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    month = fields.Date(
        "A Day of the Month",
        required=True,
        default=lambda self: fields.Date.subtract(
            fields.Date.start_of(fields.Date.context_today(self), "month"), months=1
        ),
    )
    team_id = fields.Many2one(
        "aftersales.team",
        domain="[('company_id', '=', company_id)]",
        help="Empty: all teams.",
    )

    def action_print(self):
        """Issue the record of that month, or print it again."""
        self.ensure_one()
        return self.company_id._print_month(self.month, self.team_id)

    @api.model
    def _to_utc(self, day, zone):
        """Return when a day begins in a time zone, in UTC."""
        local = pytz.timezone(zone).localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)


class AftersalesFormVoid(models.TransientModel):
    """Ask why a paper is void."""

    _name = "aftersales.form.void"
    _description = "Void a Paper"

    issue_ids = fields.Many2many(
        "aftersales.form.issue",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    reason = fields.Char(required=True)

    def action_void(self):
        """Void the papers; their numbers stay in the register."""
        for wizard in self:
            wizard.issue_ids.action_void(reason=wizard.reason)
        return {"type": "ir.actions.act_window_close"}
