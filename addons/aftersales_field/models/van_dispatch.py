from collections import defaultdict

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
                ["quantity:sum", "reserved_quantity:sum"],
            )
        )
        parts = {}
        for place, product, quantity, reserved in groups:
            free = quantity - reserved
            if product.uom_id.compare(free, 0) > 0:
                parts.setdefault(place, {})[product.id] = free
        return {employee.id: parts.get(van, {}) for employee, van in vans.items()}

    @api.model
    def _get_loaded_parts(self, visits):
        lines = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("move_id.aftersales_visit_id", "in", visits.ids),
                    ("location_id.aftersales_is_van", "=", True),
                    ("state", "in", ("assigned", "partially_available")),
                ]
            )
        )
        loaded = defaultdict(float, super()._get_loaded_parts(visits))
        for line in lines:
            for employee in line.location_id.aftersales_van_employee_ids:
                key = (
                    line.move_id.aftersales_visit_id.id,
                    employee.id,
                    line.product_id.id,
                )
                loaded[key] += line.quantity_product_uom
        return loaded
