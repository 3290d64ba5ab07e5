from collections import defaultdict

from odoo import api, models


class AftersalesWarrantyEngine(models.AbstractModel):
    """The component groups that products belong to."""

    _inherit = "aftersales.warranty.engine"

    def _get_groups(self, products):
        """Return a function ``(product, asset) -> codes`` of component groups."""
        Group = self.env["aftersales.component.group"]
        # Some dozens to hundreds; a line of any kind may belong to any of them.
        groups = Group.sudo().search([("active", "=", True)])
        by_product, by_category = defaultdict(list), defaultdict(list)
        for group in groups:
            for product in group.product_ids:
                by_product[product.id].append(group)
            for category in group.product_categ_ids:
                by_category[category.id].append(group)
        products = self._fetch(products, ["product_tmpl_id"])
        self._fetch(products.product_tmpl_id, ["categ_id"])
        self._fetch(products.categ_id, ["parent_path"])
        known, codes_of_ids = {}, {}

        def get_codes_of(found):
            ids = frozenset(group.id for group in found)
            if ids not in codes_of_ids:
                codes_of_ids[ids] = Group.browse(ids)._get_with_parents()._get_codes()
            return codes_of_ids[ids]

        def get_codes(product, asset):
            model = asset.product_id
            key = product.id, model.id
            if key not in known:
                category = product.categ_id
                path = (category.parent_path or "").split("/")
                found = [
                    group
                    for group in by_product[product.id]
                    + [g for part in path if part for g in by_category[int(part)]]
                    if group._applies_to(self._get_maker(asset), model)
                ]
                known[key] = get_codes_of(found)
            return known[key]

        get_codes.of_groups = get_codes_of
        return get_codes

    def _get_maker(self, asset):
        """Return the maker of an asset, whose component lists hold for it."""
        return asset.product_id.aftersales_maker_payer_id.partner_id

    @api.model
    def _get_swapped_groups(self, lines, asset):
        """Return ``{product: group}`` of assemblies and main parts among ``lines``."""
        get_codes = self._get_groups(lines.product_id)
        Group = self.env["aftersales.component.group"].sudo()
        swapped = {}
        for product in lines.product_id:
            codes = get_codes(product, asset)
            groups = Group.search(
                [("code", "in", codes), ("kind", "in", ("main", "assembly"))]
            )
            own = groups.filtered(
                lambda group, product=product: (
                    product in group.product_ids
                    or product.categ_id in group.product_categ_ids
                )
            )
            if own:
                swapped[product] = own[:1]
        return swapped
