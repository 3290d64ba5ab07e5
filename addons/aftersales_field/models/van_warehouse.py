from odoo import fields, models


class StockPickingType(models.Model):
    _inherit = "stock.picking.type"

    aftersales_is_van = fields.Boolean(
        "Van Loading",
        readonly=True,
        help="Transfers of this operation load the vans, or bring parts back.",
    )


class StockWarehouse(models.Model):
    """Vans and bags are places of a warehouse beside its stock.

    What is in them is on hand, but no delivery takes it: deliveries take from the
    stock, and the vans are not in there.
    """

    _inherit = "stock.warehouse"

    aftersales_vans_loc_id = fields.Many2one(
        "stock.location", "Vans", check_company=True, copy=False
    )
    aftersales_van_type_id = fields.Many2one(
        "stock.picking.type", "Van Loading Type", check_company=True, copy=False
    )
    aftersales_van_route_id = fields.Many2one(
        "stock.route", "Van Loading Route", ondelete="restrict", copy=False
    )

    def _get_locations_values(self, vals, code=False):
        values = super()._get_locations_values(vals, code=code)
        code = (vals.get("code") or code or "").replace(" ", "").upper()
        company_id = vals.get(
            "company_id", self.default_get(["company_id"])["company_id"]
        )
        values["aftersales_vans_loc_id"] = {
            # Odoo names what is below it by this alone, without the warehouse.
            "name": self.env._("Vans %(warehouse)s", warehouse=code).strip(),
            "active": True,
            "usage": "view",
            "barcode": self._valid_barcode(code + "VANS", company_id),
        }
        return values

    def _get_sequence_values(self, name=False, code=False):
        values = super()._get_sequence_values(name=name, code=code)
        name, code = name or self.name, code or self.code
        values["aftersales_van_type_id"] = {
            "name": self.env._("%(name)s Sequence van loading", name=name),
            "prefix": f"{code}/VAN/",
            "padding": 5,
            "company_id": self.company_id.id,
        }
        return values

    def _get_picking_type_create_values(self, max_sequence):
        values, max_sequence = super()._get_picking_type_create_values(max_sequence)
        values["aftersales_van_type_id"] = {
            "name": self.env._("Van Loading"),
            "code": "internal",
            "aftersales_is_van": True,
            "use_create_lots": False,
            "use_existing_lots": True,
            "default_location_src_id": self.lot_stock_id.id,
            "default_location_dest_id": self.aftersales_vans_loc_id.id,
            "sequence": max_sequence + 1,
            "sequence_code": "VAN",
            "company_id": self.company_id.id,
        }
        return values, max_sequence + 2

    def _get_picking_type_update_values(self):
        values = super()._get_picking_type_update_values()
        code = self.code.replace(" ", "").upper()
        values["aftersales_van_type_id"] = {
            "active": self.active,
            "barcode": f"{code}VAN",
        }
        return values

    def _get_routes_values(self):
        values = super()._get_routes_values()
        values["aftersales_van_route_id"] = {
            "routing_key": "aftersales_vans",
            "depends": [],
            "route_update_values": {
                "name": self._format_routename(route_type="aftersales_vans"),
                "active": self.active,
            },
            # Of the warehouse: minimum levels of a van find it by themselves.
            "route_create_values": {
                "product_selectable": False,
                "product_categ_selectable": False,
                "warehouse_selectable": True,
                "company_id": self.company_id.id,
                "sequence": 60,
            },
            "rules_values": {"active": True, "propagate_cancel": False},
        }
        return values

    def get_rules_dict(self):
        rules = super().get_rules_dict()
        for warehouse in self:
            rules[warehouse.id]["aftersales_vans"] = [
                self.Routing(
                    warehouse.lot_stock_id,
                    warehouse.aftersales_vans_loc_id,
                    warehouse.aftersales_van_type_id,
                    "pull",
                )
            ]
        return rules

    def _get_route_name(self, route_type):
        if route_type == "aftersales_vans":
            return self.env._("Load vans from stock")
        return super()._get_route_name(route_type)

    def _create_missing_van_places(self):
        """Make place, operation type and route of warehouses that were there before."""
        for warehouse in self:
            warehouse._create_missing_locations({})
            warehouse.write(warehouse._create_or_update_sequences_and_picking_types())
            warehouse.write(warehouse._create_or_update_route())

    def _retire_van_places(self):
        """Archive what only the vans used but Inventory's history refers to."""
        routes = self.aftersales_van_route_id
        routes.rule_ids.active = False
        routes.active = False
        types = self.aftersales_van_type_id
        groups = self.env["stock.picking"]._read_group(
            [
                ("picking_type_id", "in", types.ids),
                ("state", "not in", ("done", "cancel")),
            ],
            ["picking_type_id"],
        )
        for (busy,) in groups:
            types -= busy
        types.active = False
