from odoo import api, fields, models
from odoo.exceptions import AccessError

# Who sees what the customer pays. Technicians and the store see work and parts.
PRICE_GROUPS = ",".join(
    [
        "aftersales.aftersales_group_user",
        "account.group_account_invoice",
        "account.group_account_readonly",
        "sales_team.group_sale_salesman",
        "base.group_portal",
    ]
)


class AftersalesOrder(models.Model):
    """Whose order it is: of the team, the advisor and the technicians on its jobs."""

    _inherit = "aftersales.order"

    # The rule for technicians asks this field and not the jobs: rules are weighed as
    # superuser, and the jobs they look through stay in the cache for everybody.
    technician_user_ids = fields.Many2many(
        "res.users",
        string="Technicians",
        compute="_compute_technician_user_ids",
        search="_search_technician_user_ids",
        compute_sudo=True,
    )

    def write(self, vals):
        self._check_technician_writes(vals)
        return super().write(vals)

    def _check_technician_writes(self, vals):
        """A technician reads the meter; what was promised to whom is the advisor's."""
        if self.env.su or self.env.user.has_group("aftersales.aftersales_group_user"):
            return
        allowed = ("meter_in", "meter_out", "message_", "activity_", "website_message_")
        if any(not field.startswith(allowed) for field in vals):
            raise AccessError(
                self.env._(
                    "%(orders)s: as a technician you record the meter and your jobs. "
                    "Ask the advisor to change the rest.",
                    orders=", ".join(self.mapped("name")),
                )
            )

    @api.depends("job_ids.technician_id.user_id")
    def _compute_technician_user_ids(self):
        jobs = self.env["aftersales.job"].search_fetch(
            [("order_id", "in", self.ids)], ["order_id", "technician_id"]
        )
        by_order = jobs.grouped("order_id")
        for order in self:
            own_jobs = by_order.get(order._origin, jobs.browse())
            order.technician_user_ids = own_jobs.technician_id.user_id

    @api.model
    def _search_technician_user_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("job_ids", "any!", [("technician_id.user_id", "in", value)])]
