from odoo import fields, models


class AftersalesTeam(models.Model):
    _inherit = "aftersales.team"

    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        check_company=True,
        help="Takes an analytic line for each time entry on this team's work orders.",
    )


class AftersalesOrder(models.Model):
    """Time on a work order, of all its jobs."""

    _inherit = "aftersales.order"

    clocked_hours = fields.Float(
        compute="_compute_clocked_hours",
        compute_sudo=True,
        help="Hours worked on its jobs; running time counts until now.",
    )
    stay_hours = fields.Float(
        "Stay",
        compute="_compute_stay_hours",
        help="Hours from the start of the work to the hand-over, or until now.",
    )

    def _compute_clocked_hours(self):
        for order in self:
            order.clocked_hours = sum(order.job_ids.mapped("clocked_hours"))

    def _compute_stay_hours(self):
        now = fields.Datetime.now()
        for order in self:
            entered = order._get_date_entered()
            left = order.date_out or now
            order.stay_hours = (
                (left - entered).total_seconds() / 3600 if entered else 0.0
            )

    def _get_date_entered(self):
        """Return when the asset came in."""
        self.ensure_one()
        return self.date_in

    def _get_clock_analytic_account(self):
        """Return the account time on this order is booked on; may be empty."""
        return self.team_id.analytic_account_id

    def action_view_clock_entries(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_planning.clock_entry_action"
        )
        action["domain"] = [("order_id", "in", self.ids)]
        action["context"] = {}
        return action
