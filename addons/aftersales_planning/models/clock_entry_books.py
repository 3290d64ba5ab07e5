from datetime import timedelta

from odoo import fields, models


class AftersalesClockEntry(models.Model):
    """What follows from recorded time: daily figures and analytic lines."""

    _inherit = "aftersales.clock.entry"

    def _get_dates(self):
        """Return the days these entries touch: ``{(employee, date), …}``."""
        now = fields.Datetime.now()
        days = set()
        for entry in self:
            day = entry._get_local_date(entry.start)
            last = entry._get_local_date(entry.stop or max(now, entry.start))
            while day <= last:
                days.add((entry.employee_id, day))
                day += timedelta(days=1)
        return days

    def _restate_days(self):
        """Mark daily figures that these entries, or the jobs they share, change."""
        days = self._get_dates() | self.job_id._get_clock_days()
        self.env["aftersales.clock.day"]._mark_stale(days)

    def _sync_analytic_lines(self):
        """Keep one analytic line per stopped entry, where an account is set."""
        hour = self.env.ref("uom.product_uom_hour")
        for entry in self.sudo():
            account = entry._get_analytic_account()
            line = entry.analytic_line_id
            if not account or not entry.hours or entry.kind == "pause":
                line.unlink()
                continue
            values = entry._prepare_analytic_line_values(account, hour)
            if line:
                line.write(values)
            else:
                entry.analytic_line_id = line.create(values)

    def _get_analytic_account(self):
        """Return the account this time is booked on: the order's, else the team's."""
        self.ensure_one()
        order = self.current_order_id
        if order:
            return order._get_clock_analytic_account()
        team = self.employee_id.sudo().resource_id.aftersales_team_id
        return team.analytic_account_id

    def _prepare_analytic_line_values(self, account, hour):
        self.ensure_one()
        order = self.current_order_id
        purpose = self.job_id.name or self.reason_id.name
        return {
            "name": f"{order.name}: {purpose}" if order else purpose,
            "date": self.date,
            account.plan_id._column_name(): account.id,
            "amount": -self.cost,
            "unit_amount": self.hours,
            "product_uom_id": hour.id,
            "partner_id": order.partner_id.id,
            "user_id": self.employee_id.user_id.id,
            "company_id": self.company_id.id,
        }
