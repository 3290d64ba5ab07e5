from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

# A van is counted once a month, unless said otherwise on it.
COUNT_DAYS = 30


class StockLocation(models.Model):
    """A van or a bag: the parts that an engineer has along."""

    _inherit = "stock.location"

    aftersales_is_van = fields.Boolean("Van or Bag", copy=True)
    aftersales_van_employee_ids = fields.One2many(
        "hr.employee.public", "aftersales_van_id", "Engineers", readonly=True
    )
    aftersales_orderpoint_count = fields.Integer(
        "Minimum Levels", compute="_compute_aftersales_van_figures"
    )
    aftersales_load_count = fields.Integer(
        "To Load", compute="_compute_aftersales_van_figures"
    )
    aftersales_is_count_due = fields.Boolean(
        "Count Due",
        compute="_compute_aftersales_is_count_due",
        search="_search_aftersales_is_count_due",
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if values.get("aftersales_is_van"):
            warehouse = self.env["stock.warehouse"].search(
                [("company_id", "=", self.env.company.id)], limit=1
            )
            values.setdefault("usage", "internal")
            values["location_id"] = warehouse.aftersales_vans_loc_id.id
            values["cyclic_inventory_frequency"] = COUNT_DAYS
        return values

    def _compute_aftersales_van_figures(self):
        orderpoints = dict(
            self.env["stock.warehouse.orderpoint"]._read_group(
                [("location_id", "in", self.ids)], ["location_id"], ["__count"]
            )
        )
        loads = dict(
            self.env["stock.picking"]._read_group(
                [
                    ("location_dest_id", "in", self.ids),
                    ("picking_type_id.aftersales_is_van", "=", True),
                    ("state", "not in", ("draft", "done", "cancel")),
                ],
                ["location_dest_id"],
                ["__count"],
            )
        )
        for location in self:
            location.aftersales_orderpoint_count = orderpoints.get(location._origin, 0)
            location.aftersales_load_count = loads.get(location._origin, 0)

    @api.depends("next_inventory_date")
    def _compute_aftersales_is_count_due(self):
        soon = self._get_count_horizon()
        for location in self:
            due = location.next_inventory_date
            location.aftersales_is_count_due = bool(due) and due <= soon

    def _search_aftersales_is_count_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("next_inventory_date", "<=", self._get_count_horizon())]

    @api.model
    def _get_count_horizon(self):
        """Until when a count is called due: tomorrow's visits begin early."""
        return fields.Date.context_today(self) + timedelta(days=1)

    @api.constrains("aftersales_is_van", "location_id", "usage")
    def _check_aftersales_van(self):
        """Parts in a van are on hand, and no delivery takes them."""
        for van in self.filtered("aftersales_is_van"):
            vans = van.location_id.sudo().warehouse_id.aftersales_vans_loc_id
            if van.usage != "internal" or not vans or van.location_id != vans:
                raise ValidationError(
                    self.env._(
                        "%(van)s: a van or bag is an internal location below “Vans” of "
                        "a warehouse, beside its stock. Choose that as its parent.",
                        van=van.name,
                    )
                )

    def _check_is_van(self):
        others = self.filtered(lambda location: not location.aftersales_is_van)
        if others:
            raise UserError(
                self.env._(
                    "%(locations)s is no van. Make one under Field Service / Vans.",
                    locations=", ".join(others.mapped("display_name")),
                )
            )

    def action_top_up(self):
        """Ask the store for what these vans have less of than their minimum levels.

        The scheduler does the same each day; the storekeeper sees one transfer for
        each van in Inventory.
        """
        self._check_is_van()
        orderpoints = self.env["stock.warehouse.orderpoint"].search(
            [("location_id", "in", self.ids)]
        )
        if not orderpoints:
            raise UserError(
                self.env._(
                    "%(vans)s has no minimum levels yet. Set them first: which parts, "
                    "and how many of each.",
                    vans=", ".join(self.mapped("display_name")),
                )
            )
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(
                self.env._(
                    "The store tops up %(vans)s: ask the storekeeper, or wait for the "
                    "scheduler.",
                    vans=", ".join(self.mapped("display_name")),
                )
            )
        # Levels are set by managers; asking for what they say is the store's work.
        orderpoints = orderpoints.sudo()
        for company, group in orderpoints.grouped("company_id").items():
            group._procure_orderpoint_confirm(company_id=company)
        orderpoints._compute_qty_to_order()
        return self.action_view_loads()

    def action_view_loads(self):
        """Open the transfers that load these vans."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_field.van_load_action"
        )
        return {
            **action,
            "domain": [
                ("picking_type_id.aftersales_is_van", "=", True),
                ("location_dest_id", "in", self.ids),
            ],
            "context": {"search_default_open": 1},
        }

    def action_view_minimums(self):
        """Open the minimum levels of this van."""
        self.ensure_one()
        self._check_is_van()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_field.van_minimum_action"
        )
        return {
            **action,
            "domain": [("location_id", "=", self.id)],
            "context": {
                "default_location_id": self.id,
                "default_warehouse_id": self.warehouse_id.id,
                "default_company_id": self.company_id.id,
                "default_trigger": "auto",
            },
        }

    def action_view_contents(self):
        """Open what is in these vans, to be counted or looked at."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_field.van_content_action"
        )
        return {**action, "domain": [("location_id", "in", self.ids)]}


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    aftersales_van_id = fields.Many2one(
        "stock.location",
        "Van or Bag",
        domain="[('aftersales_is_van', '=', True)]",
        check_company=True,
        index="btree_not_null",
        groups="aftersales.aftersales_group_technician,stock.group_stock_user",
        help="Parts for this engineer's visits are loaded here, and used from here.",
    )

    @api.constrains("aftersales_van_id", "company_id")
    def _check_aftersales_van(self):
        employees = self.sudo()
        employees.aftersales_van_id._check_is_van()
        for employee in employees.filtered("aftersales_van_id"):
            van = employee.aftersales_van_id
            if van.company_id != employee.company_id:
                raise ValidationError(
                    self.env._(
                        "%(van)s is of %(other)s, and %(employee)s works for "
                        "%(company)s. Choose a van of the same company.",
                        van=van.display_name,
                        other=van.company_id.name,
                        employee=employee.name,
                        company=employee.company_id.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if "aftersales_van_id" in vals:
            # Whoever sets up the engineer need not have Inventory rights.
            self.env["aftersales.visit"].sudo().search(
                [("technician_id", "in", self.ids), ("state", "=", "planned")]
            )._route_parts()
        return result


class HrEmployeePublic(models.Model):
    _inherit = "hr.employee.public"

    aftersales_van_id = fields.Many2one("stock.location", "Van or Bag", readonly=True)
