from odoo import api, fields, models
from odoo.tools import SQL


class StockLocation(models.Model):
    _inherit = "stock.location"

    aftersales_is_return = fields.Boolean(
        "Returned Goods",
        compute="_compute_aftersales_is_return",
        store=True,
        readonly=False,
        recursive=True,
        help="What lies here goes back to customers with its return only.",
    )
    aftersales_supplier_id = fields.Many2one(
        "res.partner",
        "At Supplier",
        index="btree_not_null",
        help="Goods that were sent to this supplier for repair or exchange lie here.",
    )

    _aftersales_supplier_once = models.UniqueIndex(
        "(aftersales_supplier_id, company_id) "
        "WHERE aftersales_supplier_id IS NOT NULL AND active",
        "There is a place for what is at that supplier already.",
    )

    @api.depends("location_id.aftersales_is_return")
    def _compute_aftersales_is_return(self):
        for place in self:
            place.aftersales_is_return = (
                place.aftersales_is_return or place.location_id.aftersales_is_return
            )

    @api.model
    def _get_aftersales_supplier_location(self, partner, company):
        """Return the place for what is at ``partner``, made at the first shipment."""
        supplier = partner.commercial_partner_id
        locations = self.sudo()
        location = locations.search(
            [
                ("aftersales_supplier_id", "=", supplier.id),
                ("company_id", "=", company.id),
            ],
            limit=1,
        )
        if location:
            return location
        # Of two who send the first ones at once, one waits and finds the place.
        self.env.cr.execute(
            SQL("UPDATE res_partner SET active = active WHERE id = %s", supplier.id)
        )
        return locations.create(
            {
                "name": self.env._("At %(supplier)s", supplier=supplier.name),
                "usage": "internal",
                "company_id": company.id,
                "aftersales_supplier_id": supplier.id,
            }
        )
