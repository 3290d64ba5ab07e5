from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesJobLine(models.Model):
    """Labour takes its hours and its cost from the clock, where there was one."""

    _inherit = "aftersales.job.line"

    is_clocked = fields.Boolean(related="job_id.is_clocked")

    def write(self, vals):
        if "hours_clocked" in vals and not self.env.su:
            self._check_hours_not_clocked(vals["hours_clocked"])
        return super().write(vals)

    def _check_hours_not_clocked(self, hours):
        """Refuse to type hours beside the clock that recorded them."""
        clocked = self.filtered(
            lambda line: line.job_id.is_clocked and line.hours_clocked != hours
        )
        if clocked:
            raise UserError(
                self.env._(
                    "%(jobs)s: the hours come from the clock. An advisor corrects the "
                    "time entries, with a reason.",
                    jobs=", ".join(clocked.job_id.mapped("name")),
                )
            )

    def _share_clocked_hours(self, hours):
        """Split the hours of a job over its labour, by the standard times."""
        for line, share in zip(self, self._get_shares_of_hours(), strict=True):
            quantity = line._convert_hours(hours * share)
            if line.hours_clocked != quantity:
                line.hours_clocked = quantity

    def _get_shares_of_hours(self):
        """Return what part of their job's time each of these lines takes; sum one."""
        standard = [line._get_standard_hours() for line in self]
        total = sum(standard)
        return [hours / total if total else 1 / len(self) for hours in standard]

    def _get_standard_hours(self):
        """Return the standard time of this labour, in hours."""
        self.ensure_one()
        hour = self.env.ref("uom.product_uom_hour")
        unit = self.product_uom_id
        if not unit._has_common_reference(hour):
            return 0.0
        return unit._compute_quantity(self.product_uom_qty, hour, round=False)

    def _convert_hours(self, hours):
        """Return ``hours`` in the unit of this line; other units count one an hour."""
        self.ensure_one()
        hour = self.env.ref("uom.product_uom_hour")
        unit = self.product_uom_id
        if not unit._has_common_reference(hour):
            return hours
        return hour._compute_quantity(hours, unit, round=False)

    def _get_cost(self):
        """Labour that was clocked costs what the technicians' time cost."""
        if self.kind == "labour" and self.job_id.is_clocked:
            costs = self.job_id._get_clocked_labour_costs()
            if self in costs:
                return costs[self]
        return super()._get_cost()
