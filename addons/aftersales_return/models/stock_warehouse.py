from odoo import fields, models


class StockPickingType(models.Model):
    _inherit = "stock.picking.type"

    aftersales_is_return = fields.Boolean(
        "Returned Goods",
        readonly=True,
        help="What arrives with this operation is compared with the returns that were "
        "accepted.",
    )


class StockWarehouse(models.Model):
    """Returned goods have their own place and operation types, outside the stock."""

    _inherit = "stock.warehouse"

    aftersales_return_loc_id = fields.Many2one(
        "stock.location", "Returns Location", check_company=True, copy=False
    )
    aftersales_return_type_id = fields.Many2one(
        "stock.picking.type", "Returns Type", check_company=True, copy=False
    )
    aftersales_return_out_type_id = fields.Many2one(
        "stock.picking.type", "Return Shipments Type", check_company=True, copy=False
    )

    def _get_sequence_values(self, name=False, code=False):
        values = super()._get_sequence_values(name=name, code=code)
        name, code = name or self.name, code or self.code
        for field, words, prefix in (
            ("aftersales_return_type_id", self.env._("returns"), "RET"),
            ("aftersales_return_out_type_id", self.env._("return shipments"), "RSHIP"),
        ):
            values[field] = {
                "name": self.env._(
                    "%(name)s Sequence %(operation)s", name=name, operation=words
                ),
                "prefix": f"{code}/{prefix}/",
                "padding": 5,
                "company_id": self.company_id.id,
            }
        return values

    def _get_picking_type_create_values(self, max_sequence):
        values, max_sequence = super()._get_picking_type_create_values(max_sequence)
        customers, _suppliers = self._get_partner_locations()
        place = self._get_return_location()
        common = {
            "use_create_lots": False,
            "use_existing_lots": True,
            "company_id": self.company_id.id,
        }
        values["aftersales_return_type_id"] = {
            **common,
            # A serial that nobody has seen yet is written down as it is found.
            "use_create_lots": True,
            "aftersales_is_return": True,
            "name": self.env._("Returns"),
            "code": "incoming",
            "default_location_src_id": customers.id,
            "default_location_dest_id": place.id,
            "sequence": max_sequence + 1,
            "sequence_code": "RET",
        }
        values["aftersales_return_out_type_id"] = {
            **common,
            "name": self.env._("Return Shipments"),
            "code": "outgoing",
            "default_location_src_id": place.id,
            "default_location_dest_id": customers.id,
            "sequence": max_sequence + 2,
            "sequence_code": "RSHIP",
        }
        return values, max_sequence + 3

    def _get_picking_type_update_values(self):
        values = super()._get_picking_type_update_values()
        code = self.code.replace(" ", "").upper()
        values["aftersales_return_type_id"] = {
            "active": self.active,
            "barcode": f"{code}RET",
        }
        values["aftersales_return_out_type_id"] = {
            "active": self.active,
            "barcode": f"{code}RSHIP",
        }
        return values

    def _get_return_location(self):
        """Return where returned goods wait: outside the warehouse, so that nothing
        there counts as on hand, is sold or reserved."""
        self.ensure_one()
        if not self.aftersales_return_loc_id:
            self.aftersales_return_loc_id = (
                self.env["stock.location"]
                .sudo()
                .create(
                    {
                        "name": self.env._(
                            "Returns %(warehouse)s", warehouse=self.code
                        ),
                        "usage": "internal",
                        "company_id": self.company_id.id,
                        "aftersales_is_return": True,
                    }
                )
            )
        return self.aftersales_return_loc_id

    def _create_missing_return_places(self):
        """Make location and operation types of warehouses that were there before."""
        for warehouse in self:
            warehouse._get_return_location()
            warehouse.write(warehouse._create_or_update_sequences_and_picking_types())
