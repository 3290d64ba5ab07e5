from odoo import fields, models


class StockWarehouse(models.Model):
    """Parts for work orders leave in one step or two, built like deliveries."""

    _inherit = "stock.warehouse"

    aftersales_steps = fields.Selection(
        [
            ("one_step", "Issue from stock (1 step)"),
            ("two_steps", "Stage in the workshop, then issue (2 steps)"),
        ],
        "Parts for Work Orders",
        default="one_step",
        required=True,
    )
    aftersales_workshop_loc_id = fields.Many2one(
        "stock.location", "Workshop", check_company=True, copy=False
    )
    aftersales_staging_type_id = fields.Many2one(
        "stock.picking.type", "Parts Staging Type", check_company=True, copy=False
    )
    aftersales_issue_type_id = fields.Many2one(
        "stock.picking.type", "Parts Issue Type", check_company=True, copy=False
    )
    aftersales_route_id = fields.Many2one(
        "stock.route", "Work Order Route", ondelete="restrict", copy=False
    )

    def _get_locations_values(self, vals, code=False):
        values = super()._get_locations_values(vals, code=code)
        steps = vals.get("aftersales_steps") or self[:1].aftersales_steps
        code = (vals.get("code") or code or "").replace(" ", "").upper()
        company_id = vals.get(
            "company_id", self.default_get(["company_id"])["company_id"]
        )
        values["aftersales_workshop_loc_id"] = {
            "name": self.env._("Workshop"),
            "active": steps == "two_steps",
            "usage": "internal",
            "barcode": self._valid_barcode(code + "WORKSHOP", company_id),
        }
        return values

    def _get_sequence_values(self, name=False, code=False):
        values = super()._get_sequence_values(name=name, code=code)
        name, code = name or self.name, code or self.code
        company_id = self.company_id.id
        values["aftersales_staging_type_id"] = {
            "name": self.env._("%(name)s Sequence parts staging", name=name),
            "prefix": f"{code}/STAGE/",
            "padding": 5,
            "company_id": company_id,
        }
        values["aftersales_issue_type_id"] = {
            "name": self.env._("%(name)s Sequence parts issue", name=name),
            "prefix": f"{code}/ISSUE/",
            "padding": 5,
            "company_id": company_id,
        }
        return values

    def _get_picking_type_create_values(self, max_sequence):
        values, max_sequence = super()._get_picking_type_create_values(max_sequence)
        customers, _suppliers = self._get_partner_locations()
        common = {
            "use_create_lots": False,
            "use_existing_lots": True,
            "company_id": self.company_id.id,
        }
        values["aftersales_staging_type_id"] = {
            **common,
            "name": self.env._("Parts Staging"),
            "code": "internal",
            "default_location_src_id": self.lot_stock_id.id,
            "default_location_dest_id": self.aftersales_workshop_loc_id.id,
            "sequence": max_sequence + 1,
            "sequence_code": "STAGE",
        }
        values["aftersales_issue_type_id"] = {
            **common,
            "name": self.env._("Parts Issue"),
            "code": "outgoing",
            "default_location_src_id": self.lot_stock_id.id,
            "default_location_dest_id": customers.id,
            "sequence": max_sequence + 2,
            "sequence_code": "ISSUE",
        }
        return values, max_sequence + 3

    def _get_picking_type_update_values(self):
        values = super()._get_picking_type_update_values()
        code = self.code.replace(" ", "").upper()
        two_steps = self.aftersales_steps == "two_steps"
        source = self.aftersales_workshop_loc_id if two_steps else self.lot_stock_id
        values["aftersales_staging_type_id"] = {
            "active": self.active and two_steps,
            "barcode": f"{code}STAGE",
            "default_location_dest_id": self.aftersales_workshop_loc_id.id,
        }
        values["aftersales_issue_type_id"] = {
            "active": self.active,
            "barcode": f"{code}ISSUE",
            "default_location_src_id": source.id,
        }
        return values

    def _get_routes_values(self):
        values = super()._get_routes_values()
        values["aftersales_route_id"] = {
            "routing_key": f"aftersales_{self.aftersales_steps}",
            "depends": ["aftersales_steps"],
            "route_update_values": {
                "name": self._format_routename(
                    route_type=f"aftersales_{self.aftersales_steps}"
                ),
                "active": self.active,
            },
            # Only work orders ask for this route: it must not answer deliveries.
            "route_create_values": {
                "product_selectable": False,
                "product_categ_selectable": False,
                "warehouse_selectable": False,
                "company_id": self.company_id.id,
                "sequence": 70,
            },
            "rules_values": {"active": True, "propagate_cancel": True},
        }
        return values

    def get_rules_dict(self):
        rules = super().get_rules_dict()
        customers, _suppliers = self._get_partner_locations()
        for warehouse in self:
            stock = warehouse.lot_stock_id
            workshop = warehouse.aftersales_workshop_loc_id
            issue = warehouse.aftersales_issue_type_id
            rules[warehouse.id].update(
                {
                    "aftersales_one_step": [
                        self.Routing(stock, customers, issue, "pull")
                    ],
                    "aftersales_two_steps": [
                        self.Routing(
                            stock,
                            workshop,
                            warehouse.aftersales_staging_type_id,
                            "pull",
                        ),
                        self.Routing(workshop, customers, issue, "pull"),
                    ],
                }
            )
        return rules

    def _get_route_name(self, route_type):
        names = {
            "aftersales_one_step": self.env._("Parts for work orders (1 step)"),
            "aftersales_two_steps": self.env._("Parts for work orders (2 steps)"),
        }
        return names.get(route_type) or super()._get_route_name(route_type)

    def write(self, vals):
        if "aftersales_steps" in vals:
            self._create_missing_locations(vals)
            self.with_context(active_test=False).aftersales_workshop_loc_id.write(
                {"active": vals["aftersales_steps"] == "two_steps"}
            )
        return super().write(vals)
