from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .resource_type import ROLES


class ResourceResource(models.Model):
    """Bays, tools, technicians and loaner cars that work orders take time of."""

    _inherit = "resource.resource"

    aftersales_role = fields.Selection(
        ROLES,
        "Role",
        index="btree_not_null",
        help="What it is to the workshop. Technicians are employees; their skills are "
        "kept there.",
    )
    aftersales_type_ids = fields.Many2many(
        "aftersales.resource.type",
        "aftersales_resource_type_rel",
        "resource_id",
        "type_id",
        string="Types",
        domain="[('role', '=', aftersales_role)]",
        help="What it can do. A job that needs an alignment bench gets a bay of that "
        "type.",
    )
    aftersales_location_id = fields.Many2one(
        "stock.location",
        "Location of the Bay",
        domain="[('usage', '=', 'internal'), "
        "('company_id', 'in', [False, company_id])]",
        help="Where the parts of an order in this bay are staged.",
    )
    aftersales_warehouse_id = fields.Many2one(
        "stock.warehouse",
        "Warehouse",
        domain="[('company_id', '=', company_id)]",
        index="btree_not_null",
        help="Only orders of this warehouse use it. Empty: every order of the company.",
    )
    aftersales_team_id = fields.Many2one(
        "aftersales.team",
        "Service Team",
        domain="[('company_id', '=', company_id)]",
        index="btree_not_null",
        help="Only orders of this team use it. Empty: every order of the company.",
    )
    aftersales_booking_ids = fields.One2many(
        "aftersales.booking", "resource_id", "Bookings"
    )

    @api.onchange("aftersales_role")
    def _onchange_aftersales_role(self):
        if self.aftersales_role in ("bay", "tool", "loaner"):
            self.resource_type = "material"

    @api.onchange("calendar_id")
    def _onchange_aftersales_calendar_id(self):
        # A bay stands where its opening hours are read, not where its record is made.
        if self.calendar_id and self.resource_type == "material":
            self.tz = self.calendar_id.tz

    @api.constrains("aftersales_role", "company_id", "aftersales_type_ids")
    def _check_aftersales_role(self):
        for resource in self.filtered("aftersales_role"):
            if not resource.company_id:
                raise ValidationError(
                    self.env._(
                        "%(resource)s: choose the company whose orders use it.",
                        resource=resource.name,
                    )
                )
            wrong = resource.aftersales_type_ids.filtered(
                lambda kind, resource=resource: kind.role != resource.aftersales_role
            )
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(resource)s can't be of type %(types)s, which is for "
                        "another role. Choose types of its own role.",
                        resource=resource.name,
                        types=", ".join(wrong.mapped("name")),
                    )
                )

    @api.constrains(
        "company_id",
        "aftersales_location_id",
        "aftersales_warehouse_id",
        "aftersales_team_id",
    )
    def _check_aftersales_company(self):
        for resource in self:
            for place in (
                resource.aftersales_location_id,
                resource.aftersales_warehouse_id,
                resource.aftersales_team_id,
            ):
                if place.company_id and place.company_id != resource.company_id:
                    raise ValidationError(
                        self.env._(
                            "%(resource)s and %(place)s belong to different "
                            "companies. Choose one of %(company)s.",
                            resource=resource.name,
                            place=place.display_name,
                            company=resource.company_id.name,
                        )
                    )

    def write(self, vals):
        if self._is_planning_write(vals):
            # Whoever plans the workshop says which of the employees are technicians,
            # and need not have rights in Employees for that.
            self.check_access("read")
            return super(ResourceResource, self.sudo()).write(vals)
        return super().write(vals)

    def _is_planning_write(self, vals):
        return (
            not self.env.su
            and bool(vals)
            and all(field.startswith("aftersales_") for field in vals)
            and "aftersales_booking_ids" not in vals
            and self.env.user.has_group("aftersales.aftersales_group_manager")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        booked = self.env["aftersales.booking"].search(
            [("resource_id", "in", self.ids)], limit=1
        )
        if booked:
            raise UserError(
                self.env._(
                    "%(resource)s has bookings. Archive it, so that what was done "
                    "there stays known.",
                    resource=booked.resource_id.name,
                )
            )

    def action_view_aftersales_bookings(self):
        """Open the bookings of these resources."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_planning.booking_action"
        )
        return {
            **action,
            "domain": [("resource_id", "in", self.ids)],
            "context": {
                "search_default_active": 1,
                "default_resource_id": self.id if len(self) == 1 else False,
            },
        }
