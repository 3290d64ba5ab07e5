import re

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# As it is printed below the bars: (01)09521234543213(21)ABC
PRINTED_IDENTIFIER = re.compile(r"\((\d{2,4})\)")


class AftersalesReturnDock(models.AbstractModel):
    """GS1 codes: product and serial in one, read by the company's nomenclature."""

    _inherit = "aftersales.return.dock"

    def _identify_gs1(self, text, lot_id):
        """A GS1 code with the product (01), its serial (21) or lot (10)."""
        units = self._parse_gs1(text)
        number = units.get("21") or units.get("10")
        products = self._find_gs1_product(units.get("01") or units.get("02"))
        if number:
            return self._identify_serial(number, lot_id, products)
        return self._identify_product(products.barcode, lot_id) if products else None

    @api.model
    def _parse_gs1(self, text):
        """Return ``{application identifier: value}``; empty if it is no GS1 code."""
        nomenclature = self.env.company.sudo().nomenclature_id
        if not nomenclature.is_gs1_nomenclature:
            return {}
        if text.startswith("("):
            text = PRINTED_IDENTIFIER.sub("\x1d\\1", text)
        try:
            units = nomenclature.parse_barcode(text)
        except (ValidationError, ValueError):
            return {}
        return {unit["ai"]: unit["value"] for unit in units or ()}

    @api.model
    def _find_gs1_product(self, number):
        """Return the product of a GTIN, which is kept with or without its zeros."""
        Product = self.env["product.product"].with_context(skip_preprocess_gs1=True)
        if not number:
            return Product
        padded = [
            number[zeros:] for zeros in (0, 1, 2, 6) if not number[:zeros].strip("0")
        ]
        return Product.search(Domain("barcode", "in", padded), limit=1)
