from odoo import api, models
from odoo.tools import SQL

# What a phone keeps for the search without a network; the van comes first.
MAX_PRODUCTS = 2000


class AftersalesFieldApp(models.AbstractModel):
    """What every visit needs: parts of the van and the catalogue, reasons, people."""

    _inherit = "aftersales.field.app"

    @api.model
    def _get_van(self):
        """Return the location of the user's van or bag, or none; as superuser."""
        employees = self._get_own_employees()
        own = employees.filtered(lambda each: each.company_id == self.env.company)
        return own.aftersales_van_id.sudo()[:1]

    @api.model
    def _get_colleagues(self, company):
        """Return who else makes visits for ``company``."""
        return (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("resource_id.aftersales_role", "=", "technician"),
                ]
            )
        )

    @api.model
    def _get_clock_reasons(self, company):
        return (
            self.env["aftersales.clock.reason"]
            .sudo()
            .search([("company_id", "in", (False, company.id))])
        )

    @api.model
    def _get_products(self):
        """Return what may be fitted: goods that are sold, those of the van first."""
        if not self._is_engineer():
            return self.env["product.product"]
        domain = [
            ("type", "=", "consu"),
            ("sale_ok", "=", True),
            ("company_id", "in", (False, self.env.company.id)),
        ]
        Product = self.env["product.product"].sudo()
        quants = self._get_van_quants()
        stocked = quants.product_id
        others = Product.search(domain, limit=MAX_PRODUCTS, order="default_code, id")
        return (stocked | others)[:MAX_PRODUCTS]

    @api.model
    def _get_van_quants(self):
        """Return what lies in the user's van, as superuser."""
        Quant = self.env["stock.quant"].sudo()
        van = self._get_van()
        if not van:
            return Quant
        return Quant.search(
            [("location_id", "child_of", van.ids), ("quantity", ">", 0)]
        )

    @api.model
    def _get_reference_version(self):
        """Return what changes when any of the reference data does.

        Told by counts and last changes, since the data itself may be thousands of
        products, and every sync asks.
        """
        tables = (
            "product_product", "product_template", "aftersales_clock_reason",
            "hr_employee", "resource_resource", "aftersales_visit_payment_method",
        )  # fmt: skip
        stamps = [
            SQL(
                "SELECT %s, count(*), max(write_date), 0 FROM %s",
                table,
                SQL.identifier(table),
            )
            for table in tables
        ]
        van = self._get_van()
        if van:
            stamps.append(
                SQL(
                    "SELECT 'van', count(*), max(quant.write_date), sum(quant.quantity)"
                    " FROM stock_quant quant"
                    " JOIN stock_location place ON place.id = quant.location_id"
                    " WHERE place.parent_path LIKE %s",
                    f"{van.parent_path}%",
                )
            )
        self.env.flush_all()
        rows = self.env.execute_query(SQL(" UNION ALL ").join(stamps))
        rights = (self._is_engineer(), self.env["aftersales.visit"]._can_see_prices())
        return self._get_version(
            [rows, self.env.company.id, self.env.lang, van.id, MAX_PRODUCTS, rights]
        )

    @api.model
    def _prepare_reference(self):
        """Return what every visit needs; who makes none sees no catalogue, no names."""
        company = self.env.company
        colleagues = self._get_colleagues(company) - self._get_own_employees()
        return {
            "products": self._prepare_products(),
            "has_van": bool(self._get_van()),
            "pause_reasons": self._get_pause_reasons(),
            "clock_reasons": [
                {"id": reason.id, "name": reason.name, "kind": reason.kind}
                for reason in self._get_clock_reasons(company)
            ],
            "colleagues": [
                {"id": employee.id, "name": employee.name}
                for employee in (colleagues if self._is_engineer() else ())
            ],
            "payment_methods": [
                {"id": method.id, "name": method.name, "received": method.is_received}
                for method in self.env["aftersales.visit"]._get_payment_methods(company)
            ],
            "opinions": [
                {"value": value, "label": label}
                for value, label in self.env["aftersales.visit"]
                ._fields["opinion"]
                ._description_selection(self.env)
            ],
            "labels": {
                "kinds": self._get_kinds(),
                "states": dict(
                    self.env["aftersales.visit"]
                    ._fields["state"]
                    ._description_selection(self.env)
                ),
            },
            "currency": company.currency_id.symbol,
        }

    @api.model
    def _prepare_products(self):
        """Return the catalogue of the phone, with what the van has of it.

        Prices are list prices, for who may see them.
        """
        prices = self.env["aftersales.visit"]._can_see_prices()
        stock, lots = {}, {}
        for quant in self._get_van_quants():
            product = quant.product_id.id
            stock[product] = stock.get(product, 0.0) + quant.quantity
            if quant.lot_id:
                lots.setdefault(product, []).append(
                    {"name": quant.lot_id.name, "quantity": quant.quantity}
                )
        return [
            {
                "id": product.id,
                "name": product.name,
                "barcode": product.barcode or "",
                "code": product.default_code or "",
                "uom": product.uom_id.name,
                "tracking": product.tracking,
                "van_quantity": stock.get(product.id, 0.0),
                "lots": lots.get(product.id, []),
                **({"price": product.lst_price} if prices else {}),
            }
            for product in self._get_products()
        ]

    @api.model
    def _get_pause_reasons(self):
        """Return usual words for a break, to be chosen or changed."""
        return [
            self.env._("Lunch"),
            self.env._("Fetching a part"),
            self.env._("Waiting for the customer"),
            self.env._("Agreed with the customer to go on later"),
        ]
