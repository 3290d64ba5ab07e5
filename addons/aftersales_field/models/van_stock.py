from odoo import api, models
from odoo.exceptions import AccessError

from odoo.addons.aftersales.models.rights import PRICE_GROUPS


class AftersalesVisit(models.Model):
    """What the engineer has along, for the phone."""

    _inherit = "aftersales.visit"

    def get_van_stock(self):
        """Return what is in the van of this visit's engineer, or in the user's own.

        :return: list of dicts: ``id, name, barcode, code, uom, tracking,
            van_quantity`` (in the van), ``free_quantity`` (promised to no visit),
            ``lots`` as list of ``{"name", "quantity", "free"}``, and ``price`` where
            the user may see prices: this customer's, or the list price
        :raises AccessError: for visits of somebody else
        """
        if self:
            self.ensure_one()
            visit = self._check_is_own()
            van = visit._get_van()
        else:
            visit = self.sudo()
            van = self._get_own_employee().aftersales_van_id
        prices = self._can_see_prices()
        return visit._get_van_stock(van, prices) if van else []

    @api.model
    def _get_own_employee(self):
        """Return the user as an engineer of the current company, as superuser."""
        return (
            self.env.user.sudo()
            .employee_ids.filtered(lambda each: each.company_id == self.env.company)
            .sudo()[:1]
        )

    @api.model
    def _can_see_prices(self):
        """Whether the user may know what parts cost the customer."""
        return self.env.su or self.env.user.has_groups(PRICE_GROUPS)

    def _get_van_stock(self, van, prices):
        groups = self.env["stock.quant"]._read_group(
            [
                ("location_id", "child_of", van.id),
                ("quantity", ">", 0),
                ("owner_id", "in", (False, van.company_id.partner_id.id)),
            ],
            ["product_id", "lot_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        )
        rows = {}
        for product, lot, quantity, reserved in groups:
            row = rows.setdefault(product, {"van": 0.0, "free": 0.0, "lots": []})
            row["van"] += quantity
            row["free"] += quantity - reserved
            if lot:
                row["lots"].append(
                    {
                        "name": lot.name,
                        "quantity": quantity,
                        "free": quantity - reserved,
                    }
                )
        products = self.env["product.product"].union(*rows)
        price_by_product = self._get_part_prices(products, van) if prices else {}
        return [
            {
                "id": product.id,
                "name": product.display_name,
                "barcode": product.barcode or False,
                "code": product.default_code or False,
                "uom": product.uom_id.name,
                "tracking": product.tracking,
                "van_quantity": rows[product]["van"],
                "free_quantity": rows[product]["free"],
                "lots": rows[product]["lots"],
                **({"price": price_by_product[product]} if prices else {}),
            }
            for product in products.sorted("display_name")
        ]

    def _get_part_prices(self, products, van):
        """Return ``{product: price}`` in the company's currency."""
        company = van.company_id
        partner = self.order_id.partner_id.with_company(company)
        pricelist = partner.property_product_pricelist
        products = products.with_company(company)
        if not pricelist:
            return {product: product.lst_price for product in products}
        prices = pricelist._get_products_price(
            products, 1.0, currency=company.currency_id
        )
        return {product: prices[product.id] for product in products}

    @api.model
    def _check_van_of(self, employee):
        """Return the van to speak of: the user's own, or any for the store.

        :raises AccessError: for somebody else's van
        """
        own = self._get_own_employee()
        if employee and not isinstance(employee, models.BaseModel):
            employee = self.env["hr.employee"].sudo().browse(employee).exists()
        chosen = (employee or own).sudo()
        if chosen != own and not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(
                self.env._("This is not your van. The store can do that for you.")
            )
        if chosen.company_id not in self.env.companies:
            chosen = chosen.browse()
        return chosen.aftersales_van_id
