from odoo import api, models


class AftersalesDispatch(models.AbstractModel):
    _inherit = "aftersales.dispatch"

    @api.model
    def _get_van_parts(self, employees):
        """What each has along and is promised to nobody yet."""
        vans = {
            employee: employee.sudo().aftersales_van_id
            for employee in employees
            if employee.sudo().aftersales_van_id
        }
        if not vans:
            return super()._get_van_parts(employees)
        places = employees.env["stock.location"].sudo().union(*vans.values())
        groups = (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [("location_id", "in", places.ids), ("quantity", ">", 0)],
                ["location_id", "product_id"],
                ["quantity:sum"],
            )
        )
        parts = {}
        for place, product, quantity in groups:
            parts.setdefault(place, {})[product.id] = quantity
        return {employee.id: parts.get(van, {}) for employee, van in vans.items()}
