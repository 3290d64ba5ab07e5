from typing import NamedTuple

from odoo import fields, models


class SupplierWarranty(NamedTuple):
    """What a supplier answers for, and how it is known.

    ``state``: ``valid``, ``unproven`` (no receipt says when it began), ``over`` or
    ``none``. ``note`` says it in words.
    """

    state: str
    seller: models.BaseModel
    partner: models.BaseModel
    receipt: models.BaseModel
    date_end: object
    note: str

    @property
    def is_claimable(self):
        """Whether the supplier can be asked."""
        return self.state in ("valid", "unproven")


class ProductSupplierinfo(models.Model):
    _inherit = "product.supplierinfo"

    aftersales_warranty_months = fields.Integer(
        "Warranty (Months)",
        help="How long after the receipt the vendor answers for the product.",
    )
    aftersales_warranty_labour = fields.Boolean(
        "Labour Too", help="The vendor pays for the work of exchanging it as well."
    )


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_supplier_warranty(self, company, lot=None, before=None, failed=None):
        """Return the supplier's own warranty of one thing of this product.

        :param company: the company that bought it
        :param lot: its serial or lot, whose own receipt counts
        :param before: without a lot, the last receipt before this moment counts
        :param failed: the day it failed; today without it
        :return: a ``SupplierWarranty``
        """
        self.ensure_one()
        failed = fields.Date.to_date(failed) or fields.Date.context_today(self)
        receipt = self._get_supplier_receipt(company, lot, before)
        vendor = receipt.purchase_line_id.order_id.partner_id or (
            receipt.picking_id.partner_id
        )
        seller = self._get_warranting_seller(company, vendor)
        partner = vendor or seller.partner_id
        end = None
        if receipt and seller:
            received = fields.Date.to_date(receipt.date)
            end = fields.Date.add(received, months=seller.aftersales_warranty_months)
        if not seller:
            state = "none"
        elif not receipt:
            state = "unproven"
        else:
            state = "over" if end < failed else "valid"
        note = self._get_supplier_warranty_words(state, seller, receipt, end, lot)
        return SupplierWarranty(state, seller, partner, receipt, end, note)

    def _get_warranting_seller(self, company, vendor):
        """Return the vendor line whose warranty counts: of ``vendor``, if known."""
        self.ensure_one()
        # Whoever is at the dock need not have a right to vendors.
        sellers = self.sudo().seller_ids.filtered(
            lambda seller: (
                seller.aftersales_warranty_months
                and seller.company_id in (company, company.browse())
                and (not seller.product_id or seller.product_id == self)
            )
        )
        if vendor:
            sellers = sellers.filtered(
                lambda seller: (
                    seller.partner_id.commercial_partner_id
                    == vendor.commercial_partner_id
                )
            )
        return sellers[:1]

    def _get_supplier_receipt(self, company, lot=None, before=None):
        """Return the move by which a thing came from its supplier.

        Of a serial its own receipt; of another thing the last one, before a moment
        if given.
        """
        self.ensure_one()
        domain = self._get_supplier_receipt_domain(company, lot, before)
        return (
            self.env["stock.move"]
            .sudo()
            .search(domain, order="date desc, id desc", limit=1)
        )

    def _get_supplier_receipt_domain(self, company, lot=None, before=None):
        self.ensure_one()
        domain = [
            ("product_id", "=", self.id),
            ("company_id", "=", company.id),
            ("state", "=", "done"),
            ("location_id.usage", "=", "supplier"),
            ("location_dest_id.usage", "!=", "supplier"),
        ]
        if lot:
            domain.append(("move_line_ids.lot_id", "=", lot.id))
        elif before:
            domain.append(("date", "<", before))
        return domain

    def _get_supplier_warranty_words(self, state, seller, receipt, end, lot):
        """Say it in words: who, since when, until when."""
        self.ensure_one()
        if state == "unproven":
            return self.env._(
                "No receipt of %(product)s is known, so it is not proven that the "
                "supplier's %(months)s months still run.",
                product=(lot or self).display_name,
                months=seller.aftersales_warranty_months,
            )
        if state == "none":
            return self.env._("No warranty of a supplier is known.")
        values = {
            "received": fields.Date.to_string(fields.Date.to_date(receipt.date)),
            "document": receipt.reference or receipt.display_name,
            "end": fields.Date.to_string(end),
        }
        if state == "over":
            return self.env._(
                "Received %(received)s with %(document)s; the supplier's warranty "
                "ended on %(end)s.",
                **values,
            )
        return self.env._(
            "Received %(received)s with %(document)s; the supplier answers for it "
            "until %(end)s.",
            **values,
        )


class StockLot(models.Model):
    _inherit = "stock.lot"

    def _get_supplier_warranty(self, company=None, failed=None):
        """Return the supplier's own warranty of this serial or lot.

        :param company: the company that bought it; that of the lot without it
        :param failed: the day it failed; today without it
        :return: a ``SupplierWarranty``
        """
        self.ensure_one()
        company = company or self.company_id or self.env.company
        return self.product_id._get_supplier_warranty(company, lot=self, failed=failed)
