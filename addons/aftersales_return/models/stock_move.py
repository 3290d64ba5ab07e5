from odoo import api, fields, models
from odoo.fields import Domain


class StockMove(models.Model):
    """Goods of a return, on their way in, about or out."""

    _inherit = "stock.move"

    aftersales_return_line_id = fields.Many2one(
        "aftersales.return.line",
        "Return",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    aftersales_return_direction = fields.Selection(
        [
            ("in", "From the customer"),
            ("own", "Change of owner"),
            ("place", "Put away"),
            ("out", "To the customer"),
            ("supplier", "Supplier"),
            ("new", "Replacement"),
        ],
        copy=True,
    )

    @api.model
    def _prepare_merge_moves_distinct_fields(self):
        return super()._prepare_merge_moves_distinct_fields() + [
            "aftersales_return_line_id"
        ]

    @api.model
    def _search_newest(self, domain, products):
        """Return the moves of the products within ``domain``, newest first.

        Of one product no more than anybody would choose from.
        """
        limit = 80 * len(products)
        moves = self.search(
            domain & Domain("product_id", "in", products.ids),
            order="date desc, id desc",
            limit=limit,
        )
        if len(products) > 1 and len(moves) == limit:
            # Those of one may hide those of another.
            return self.union(
                *[self._search_newest(domain, product) for product in products]
            )
        return moves

    def _is_delivery_of(self, partner):
        """Whether the company of ``partner`` got these goods, bought or pays them."""
        self.ensure_one()
        customer = partner.commercial_partner_id
        if self._get_receiver().commercial_partner_id == customer:
            return True
        order = self.sale_line_id.order_id
        buyers = order.partner_id | order.partner_invoice_id
        return customer in buyers.commercial_partner_id

    def _get_returnable(self, except_lines=None):
        """Return ``{delivery move: quantity that may still come back}``.

        In the product's unit. Taken off are return transfers of Odoo's own, done or
        open, and the lines of all returns, but for what did not come or went back.

        :param except_lines: return lines to leave out
        """
        except_lines = except_lines or self.env["aftersales.return.line"]
        taken = dict.fromkeys(self, 0.0)
        Line = self.env["aftersales.return.line"].sudo()
        for line in Line.search(
            Line._get_holding_domain()
            & Domain("move_id", "in", self.ids)
            & Domain("id", "not in", except_lines.ids)
        ):
            taken[line.move_id] += line.product_uom_id._compute_quantity(
                line.quantity, line.product_id.uom_id
            )
        for back in self.sudo().search(
            [
                ("origin_returned_move_id", "in", self.ids),
                ("aftersales_return_line_id", "=", False),
                ("state", "!=", "cancel"),
            ]
        ):
            taken[back.origin_returned_move_id] += back.product_uom._compute_quantity(
                back.quantity if back.state == "done" else back.product_uom_qty,
                back.product_id.uom_id,
            )
        return {
            move: move.product_uom._compute_quantity(
                move.quantity, move.product_id.uom_id
            )
            - taken[move]
            for move in self
        }

    # What it is worth

    def _get_value_from_returns(self, quantity, at_date=None):
        """At standard cost goods are worth the cost of today, also when they return."""
        if self.aftersales_return_line_id and self.product_id.cost_method == "standard":
            return {"value": 0, "quantity": 0, "description": False}
        return super()._get_value_from_returns(quantity, at_date)

    def _is_unbooked_scrap(self):
        """Whether scrapping returned goods books a loss that no location has."""
        return bool(
            self.aftersales_return_line_id
            and self.location_dest_usage == "inventory"
            and not self.location_dest_id.valuation_account_id
        )

    def _should_create_account_move(self):
        return super()._should_create_account_move() or bool(
            self._is_unbooked_scrap()
            and not self.account_move_id
            and self.product_id.is_storable
            and self.is_valued
            and self.product_id.valuation == "real_time"
        )

    def _get_account_move_line_vals(self):
        values_list = super()._get_account_move_line_vals()
        if self._is_unbooked_scrap():
            # Where the closing of the stock would book it.
            _stock, loss = self.product_id._get_aftersales_revaluation_accounts()
            for values in values_list:
                values["account_id"] = values["account_id"] or loss.id
        return values_list

    def _compute_reference(self):
        """What changes hands on paper only has no transfer and is of its return."""
        result = super()._compute_reference()
        for move in self:
            if not move.picking_id and (line := move.aftersales_return_line_id):
                move.reference = line.return_id.name
        return result

    def _get_new_picking_values(self):
        values = super()._get_new_picking_values()
        if rma := self.aftersales_return_line_id.return_id[:1]:
            values["aftersales_return_id"] = rma.id
        return values

    def _get_source_document(self):
        return (
            self.aftersales_return_line_id.return_id or super()._get_source_document()
        )
