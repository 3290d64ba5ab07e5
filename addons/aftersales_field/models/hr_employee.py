from odoo import api, fields, models

# What dispatch and the technician app know of an engineer.
FIELDS = {
    "territories": (
        "aftersales.territory",
        "aftersales_territory_employee_rel",
        "employee_id",
        "territory_id",
    )
}


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    aftersales_territory_ids = fields.Many2many(
        *FIELDS["territories"],
        string="Territories",
        groups="aftersales.aftersales_group_technician",
    )
    # Not read along with names: people outside of HR read public profiles only.
    aftersales_start_id = fields.Many2one(
        "res.partner",
        "Starts From",
        prefetch=False,
        groups="aftersales.aftersales_group_user",
        help="Where the engineer's day of visits begins and ends. Empty: at the "
        "warehouse of the team.",
    )

    @api.model
    def _get_own(self):
        """Return who the user is in each of their companies, as superuser.

        Also in those that are not in front: ``employee_ids`` of the user names only
        the employees of the companies that were chosen.
        """
        user = self.env.user.sudo()
        return self.sudo().search(
            [("user_id", "=", user.id), ("company_id", "in", user.company_ids.ids)]
        )


class HrEmployeePublic(models.Model):
    _inherit = "hr.employee.public"

    aftersales_territory_ids = fields.Many2many(
        *FIELDS["territories"],
        string="Territories",
        readonly=True,
        groups="aftersales.aftersales_group_technician",
    )
