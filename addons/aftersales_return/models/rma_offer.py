from odoo import api, fields, models
from odoo.fields import Domain

OFFER_LIMIT = 40


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_returnable_parts(self):
        """Return ``[(delivery, lot or none, quantity)]`` that may still come back.

        In the product's unit; serials and lots one by one.
        """
        left = self._get_returnable()
        taken = self._get_returned_by_lot()
        parts = []
        for move in self:
            unit = move.product_id.uom_id
            rest = left[move]
            if move.product_id.tracking == "none":
                if unit.compare(rest, 0) > 0:
                    parts.append((move, self.env["stock.lot"], rest))
                continue
            for lot, items in move.move_line_ids.grouped("lot_id").items():
                shipped = sum(items.mapped("quantity_product_uom"))
                quantity = min(shipped - taken.get((move, lot), 0.0), rest)
                if unit.compare(quantity, 0) > 0:
                    parts.append((move, lot, quantity))
                    rest -= quantity
        return parts

    def _get_returned_by_lot(self):
        """Return ``{(delivery, lot): quantity}`` that came back or is announced."""
        taken = {}
        Line = self.env["aftersales.return.line"].sudo()
        for line in Line.search(
            Domain("move_id", "in", self.ids)
            & Domain("lot_id", "!=", False)
            & Line._get_holding_domain()
        ):
            key = (line.move_id, line.lot_id)
            taken[key] = taken.get(key, 0.0) + line.product_uom_id._compute_quantity(
                line.quantity, line.product_id.uom_id
            )
        for item in (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("move_id.origin_returned_move_id", "in", self.ids),
                    ("move_id.aftersales_return_line_id", "=", False),
                    ("lot_id", "!=", False),
                    ("state", "!=", "cancel"),
                ]
            )
        ):
            key = (item.move_id.origin_returned_move_id, item.lot_id)
            taken[key] = taken.get(key, 0.0) + item.quantity_product_uom
        return taken

    def _is_named(self, search):
        """Whether product, delivery or order has ``search`` in its name."""
        self.ensure_one()
        names = (
            self.product_id.display_name,
            self.picking_id.name,
            self.sale_line_id.order_id.name,
        )
        return any(search.lower() in name.lower() for name in names if name)


class AftersalesReturn(models.Model):
    """What a customer can send back, and what may be asked for each thing."""

    _inherit = "aftersales.return"

    @api.model
    def _get_portal_offer(self, partner, company, search=None, limit=OFFER_LIMIT):
        """Return what ``partner`` may send back today.

        Deliveries to the whole own company, the newest first; and, for a serial that
        was typed, own things we know but did not deliver.

        :param str search: serial, product, order or delivery; without it everything
        :return: ``(items, whether there are more)``; see ``_prepare_offer_item``
        """
        search = (search or "").strip()[:100]
        moves = self.env["stock.move"].sudo()
        domain = self._get_offer_domain(partner, company, search)
        moves = moves.search(domain, order="date desc, id desc", limit=limit + 1)
        items = self._get_offer_items(partner, company, moves[:limit], search)
        if search:
            items += self._get_offer_assets(partner, company, search)
        return items, len(moves) > limit

    @api.model
    def _get_offer_domain(self, partner, company, search=""):
        Line = self.env["aftersales.return.line"]
        domain = Line._get_delivery_domain(partner, company)
        if search:
            domain &= Domain.OR(
                Domain(name, "ilike", search)
                for name in (
                    "product_id",
                    "move_line_ids.lot_id.name",
                    "picking_id.name",
                    "sale_line_id.order_id.name",
                )
            )
        return domain

    @api.model
    def _get_offer_items(self, partner, company, moves, search=""):
        """Return the items of these deliveries; of serials, those looked for."""
        parts = moves._get_returnable_parts()
        if search:
            # Of a delivery that a serial led to, the others are not asked for.
            parts = [
                (move, lot, quantity)
                for move, lot, quantity in parts
                if search.lower() in (lot.name or "").lower() or move._is_named(search)
            ]
        lots = self.env["stock.lot"].concat(*[lot for _move, lot, _qty in parts])
        assets = self._get_own_assets(
            partner, company, Domain("lot_id", "in", lots.ids)
        )
        by_lot = assets.grouped("lot_id")
        return self._prepare_offer_items(
            company,
            [
                (move, lot, by_lot.get(lot, assets.browse())[:1], quantity)
                for move, lot, quantity in parts
            ],
        )

    @api.model
    def _get_own_assets(self, partner, company, domain):
        owner = partner.commercial_partner_id
        return (
            self.env["aftersales.asset"]
            .sudo()
            .search(
                domain
                & Domain("company_id", "=", company.id)
                & Domain("partner_id", "child_of", owner.ids)
                & Domain("product_id.type", "=", "consu")
            )
        )

    @api.model
    def _get_offer_assets(self, partner, company, serial):
        """Return the items of own things with that serial that we did not deliver."""
        assets = self._get_own_assets(
            partner, company, Domain("serial", "=ilike", serial)
        )
        Line = self.env["aftersales.return.line"].sudo()
        delivered = (
            self.env["stock.move"]
            .sudo()
            .search(
                self._get_offer_domain(partner, company)
                & Domain("move_line_ids.lot_id", "in", assets.lot_id.ids)
            )
        )
        under_way = Line.search(
            Domain("asset_id", "in", assets.ids)
            & Domain("state", "not in", ("done", "cancel", "lost"))
        )
        known = delivered.move_line_ids.lot_id
        return self._prepare_offer_items(
            company,
            [
                (self.env["stock.move"], asset.lot_id, asset, 1.0)
                for asset in assets - under_way.asset_id
                if not asset.lot_id or asset.lot_id not in known
            ],
        )

    @api.model
    def _prepare_offer_items(self, company, things):
        """Return the items of these things, weighed together.

        :param things: ``[(delivery, lot, asset, quantity)]``
        """
        Engine = self.env["aftersales.warranty.engine"].sudo()
        today = fields.Date.context_today(self)
        by_asset = Engine._get_standings(
            self.env["aftersales.asset"].union(*(asset for _m, _l, asset, _q in things))
        )
        sales = {
            move: (
                move.product_id,
                move.company_id,
                move._get_receiver(),
                fields.Date.context_today(self, move.date),
                today,
            )
            for move, _lot, asset, _quantity in things
            if move and not asset
        }
        by_sale = Engine._get_product_standings(set(sales.values())) if sales else {}
        operations = self.env["aftersales.return.operation"].sudo()
        operations = operations._get_portal_operations(company)
        return [
            self._prepare_offer_item(
                operations,
                *thing,
                by_asset.get(thing[2].id) or by_sale.get(sales.get(thing[0])),
            )
            for thing in things
        ]

    @api.model
    def _prepare_offer_item(self, operations, move, lot, asset, quantity, standing):
        """Return a thing that may come back, and what may be asked for it today.

        ``key`` names it in a form; it opens nothing by itself, since the request
        looks for it among the customer's own again.
        """
        product = move.product_id or asset.product_id
        delivered = move.date and fields.Date.context_today(self, move.date)
        return {
            "key": f"{move.id}-{lot.id}" if move else f"asset-{asset.id}",
            "move": move,
            "lot": lot,
            "asset": asset,
            "product": product,
            "serial": lot.name or asset.serial or "",
            "quantity": quantity,
            "unit": product.uom_id,
            "date": delivered,
            "reference": move.sale_line_id.order_id.name or move.picking_id.name or "",
            "verdicts": operations._get_portal_verdicts(delivered, standing),
        }
