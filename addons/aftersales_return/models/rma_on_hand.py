from odoo import models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """What changes hands on paper has to lie where its return says.

    Inventory scraps, counts and moves what it likes; the stock would go below zero.
    """

    _inherit = "aftersales.return.line"

    def _check_on_hand(self):
        """Refuse goods that are not where their last transfer took them."""
        wanted = {}
        for line in self:
            product = line.product_id
            if not product.is_storable or not line._get_last_move():
                continue
            key = (
                line._get_place(),
                product,
                line._get_received_lot()
                if product.tracking == "serial"
                else line.lot_id.browse(),
                line.partner_id.commercial_partner_id
                if line._is_customers()
                else line.partner_id.browse(),
            )
            wanted.setdefault(key, self.browse())
            wanted[key] |= line
        if not wanted:
            return
        places, products, _lots, _owners = (
            self.env[name].union(*records)
            for name, records in zip(
                ("stock.location", "product.product", "stock.lot", "res.partner"),
                zip(*wanted, strict=True),
                strict=True,
            )
        )
        quants = (
            self.env["stock.quant"]
            .sudo()
            .search(
                [("location_id", "in", places.ids), ("product_id", "in", products.ids)]
            )
        )
        for (place, product, lot, owner), lines in wanted.items():
            here = quants.filtered(
                lambda quant, place=place, product=product, lot=lot, owner=owner: (
                    quant.location_id == place
                    and quant.product_id == product
                    and quant.owner_id == owner
                    and (not lot or quant.lot_id == lot)
                )
            )
            needed = sum(
                line.product_uom_id._compute_quantity(line.quantity, product.uom_id)
                for line in lines
            )
            if product.uom_id.compare(sum(here.mapped("quantity")), needed) < 0:
                raise UserError(
                    self.env._(
                        "%(lines)s is not in %(place)s any more: somebody moved, "
                        "counted or scrapped it in Inventory. Put it back there first.",
                        lines=", ".join(lines.mapped("display_name")),
                        place=place.display_name,
                    )
                )

    def _take_over(self, place, **returned):
        self.filtered(lambda line: line._is_customers())._check_on_hand()
        return super()._take_over(place, **returned)

    def _scrap(self):
        self.filtered(
            lambda line: line._get_place().usage == "internal"
        )._check_on_hand()
        return super()._scrap()


class AftersalesSupplierTrip(models.Model):
    _inherit = "aftersales.supplier.trip"

    def _transfer_together(self, *args, **kwargs):
        self.line_id._check_on_hand()
        return super()._transfer_together(*args, **kwargs)

    def _replace(self, serial):
        self.line_id._check_on_hand()
        return super()._replace(serial)

    def _lose(self, reason):
        self.line_id._check_on_hand()
        return super()._lose(reason)
